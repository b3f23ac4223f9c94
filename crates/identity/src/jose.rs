//! JSON Web Tokens (RFC 7515, 7517, 7519): the one place where identity makes and reads them.
//!
//! A library verifies the signature; everything else that RFC 8725 asks for is here, because the library leaves it to its
//! callers, and a caller that forgets one check is the classic hole. So the algorithm is a property of the key that *we*
//! hold, never of the header; there are no symmetric keys at all; a header that brings or names a key of its own is
//! refused; one member twice is refused; and a claim of the wrong type is refused, rather than taken for absent.

mod claims;
pub(crate) mod json;
mod jws;
mod key;
mod refused;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

pub(crate) use claims::{Claims, Expected, Life, Typ, read, read_proof, sign};
pub(crate) use key::KeySet;
pub(crate) use refused::Refused;

/// Reads a token as if a client had sent it with these keys, which may be anything: for the fuzzer, which sees nothing of
/// this crate but that it neither panics nor hangs.
#[doc(hidden)]
pub fn read_anything(token: &str, keys: &str) {
    let set = json::object(keys.as_bytes()).map(serde_json::Value::Object).and_then(|keys| KeySet::of(&keys));
    let expected = Expected {
        typ: Typ::ClientAssertion,
        issuer: "client",
        audiences: &["https://auth.example.org"],
        now: bartizan_model::Timestamp::from_micros(1_795_507_200_000_000),
        life: Life::AtMost(std::time::Duration::from_secs(600)),
    };
    if let Ok(set) = set {
        let _refused = read(token, &expected, &set);
    }
    let _refused = read_proof(token);
}
