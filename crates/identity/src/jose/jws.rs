//! A signed token in its compact form (RFC 7515, 7.1), taken apart and verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::json;
use super::key::{KeySet, VerifyingKey};
use super::refused::Refused;

/// A token whose form is in order; nothing of it is believed yet.
#[derive(Debug)]
pub(super) struct Jws<'a> {
    pub(super) header: Map<String, Value>,
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Jws<'a> {
    /// Takes it apart. Its length is looked at before anything is decoded.
    pub(super) fn parse(text: &'a str) -> Result<Self, Refused> {
        if text.len() > MAX_TOKEN {
            return Err(Refused::TooLong);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refused::NotThreeParts);
        };
        let signed = text.rsplit_once('.').map(|(signed, _)| signed).ok_or(Refused::NotThreeParts)?;
        let header = json::object(&decoded(header)?)?;
        for name in ["crit", "b64", "enc", "zip"] {
            if header.contains_key(name) {
                return Err(Refused::Unsupported(name));
            }
        }
        for name in ["jku", "x5u", "x5c"] {
            if header.contains_key(name) {
                return Err(Refused::ForeignKey(name));
            }
        }
        Ok(Self { header, signed, payload, signature })
    }

    /// The content, if the one key that is named signed it.
    pub(super) fn verify(&self, keys: &KeySet) -> Result<Vec<u8>, Refused> {
        // Only a proof of possession brings its key, and that is read elsewhere.
        if self.header.contains_key("jwk") {
            return Err(Refused::ForeignKey("jwk"));
        }
        let id = match self.header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.as_str()),
            Some(_) => return Err(Refused::NoSuchKey),
        };
        self.verify_by(keys.named(id)?)
    }

    /// The content, if this key signed it.
    pub(super) fn verify_by(&self, key: &VerifyingKey) -> Result<Vec<u8>, Refused> {
        // The algorithm is the key's; the header may only agree.
        let name = self.header.get("alg").and_then(Value::as_str);
        if !name.is_some_and(|name| key.names_algorithm(name)) {
            return Err(Refused::Algorithm);
        }
        decoded(self.signature)?;
        if !key.verifies(self.signature, self.signed.as_bytes()) {
            return Err(Refused::Signature);
        }
        decoded(self.payload)
    }
}

/// Base64url without padding, in the one spelling that bytes have (RFC 4648, 3.5).
fn decoded(part: &str) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_form| Refused::Base64)
}

/// 16 KiB: eight times what a token with a long list of groups has.
const MAX_TOKEN: usize = 16 * 1024;
