//! Public keys with which tokens of others, and our own, are verified (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use super::refused::Refused;

/// One key, and the one algorithm that it is for.
#[derive(Debug, Clone)]
pub(crate) struct VerifyingKey {
    id: Option<String>,
    algorithm: Algorithm,
    /// How headers spell the algorithm.
    names: &'static [&'static str],
    key: DecodingKey,
    thumbprint: String,
}

impl VerifyingKey {
    /// The key of this JWK.
    ///
    /// # Errors
    /// [`Refused::Key`] if it is symmetric, private, weak, for something else than to verify, or not in order.
    pub(crate) fn of(jwk: &Map<String, Value>) -> Result<Self, Refused> {
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            if jwk.contains_key(private) {
                return Err(Refused::Key("it is private or symmetric"));
            }
        }
        check_use(jwk)?;
        let id = match jwk.get("kid") {
            None => None,
            Some(Value::String(id)) if id.len() <= MAX_ID => Some(id.clone()),
            Some(_) => return Err(Refused::Key("`kid` is no text, or too long")),
        };
        let alg = match jwk.get("alg") {
            None => None,
            Some(Value::String(alg)) => Some(alg.as_str()),
            Some(_) => return Err(Refused::Key("`alg` is no text")),
        };
        match text(jwk, "kty")? {
            "EC" => Self::ec(jwk, id, alg),
            "OKP" => Self::okp(jwk, id, alg),
            "RSA" => Self::rsa(jwk, id, alg),
            _ => Err(Refused::Key("`kty` is none of EC, OKP, RSA")),
        }
    }

    fn ec(jwk: &Map<String, Value>, id: Option<String>, alg: Option<&str>) -> Result<Self, Refused> {
        let (algorithm, names, length): (_, &[&str], _) = match text(jwk, "crv")? {
            "P-256" => (Algorithm::ES256, &["ES256"], 32),
            "P-384" => (Algorithm::ES384, &["ES384"], 48),
            _ => return Err(Refused::Key("`crv` is neither P-256 nor P-384")),
        };
        if alg.is_some_and(|alg| !names.contains(&alg)) {
            return Err(Refused::Key("`alg` is not that of the curve"));
        }
        let (crv, x, y) = (text(jwk, "crv")?, text(jwk, "x")?, text(jwk, "y")?);
        if bytes(x)?.len() != length || bytes(y)?.len() != length {
            return Err(Refused::Key("a coordinate has the wrong length"));
        }
        let key = DecodingKey::from_ec_components(x, y).map_err(|_form| Refused::Key("it is no point"))?;
        let thumbprint = thumbprint(&format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#));
        Ok(Self { id, algorithm, names, key, thumbprint })
    }

    fn okp(jwk: &Map<String, Value>, id: Option<String>, alg: Option<&str>) -> Result<Self, Refused> {
        if alg.is_some_and(|alg| !ED25519.contains(&alg)) || text(jwk, "crv")? != "Ed25519" {
            return Err(Refused::Key("`crv` and `alg` are not those of Ed25519"));
        }
        let x = text(jwk, "x")?;
        if bytes(x)?.len() != 32 {
            return Err(Refused::Key("a coordinate has the wrong length"));
        }
        let key = DecodingKey::from_ed_components(x).map_err(|_form| Refused::Key("it is no point"))?;
        let thumbprint = thumbprint(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        Ok(Self { id, algorithm: Algorithm::EdDSA, names: ED25519, key, thumbprint })
    }

    fn rsa(jwk: &Map<String, Value>, id: Option<String>, alg: Option<&str>) -> Result<Self, Refused> {
        let (algorithm, names): (_, &[&str]) = match alg {
            // One key, one algorithm, also where the key does not say which.
            None | Some("RS256") => (Algorithm::RS256, &["RS256"]),
            Some("RS384") => (Algorithm::RS384, &["RS384"]),
            Some("RS512") => (Algorithm::RS512, &["RS512"]),
            Some("PS256") => (Algorithm::PS256, &["PS256"]),
            Some("PS384") => (Algorithm::PS384, &["PS384"]),
            Some("PS512") => (Algorithm::PS512, &["PS512"]),
            Some(_) => return Err(Refused::Key("`alg` is none of RSA")),
        };
        let (n, e) = (text(jwk, "n")?, text(jwk, "e")?);
        let (modulus, exponent) = (bytes(n)?, bytes(e)?);
        let first = modulus.first().copied().unwrap_or_default();
        let bits = (modulus.len() * 8).saturating_sub(usize::try_from(first.leading_zeros()).unwrap_or(8));
        // The thumbprint needs one spelling: RFC 7518, 6.3.1.1, has no zeros in front.
        if first == 0 || !(MIN_RSA..=MAX_RSA).contains(&bits) {
            return Err(Refused::Key("an RSA key has 2048 to 8192 bits here"));
        }
        let odd = exponent.last().is_some_and(|last| last % 2 == 1);
        if exponent.first() == Some(&0) || exponent.len() > 8 || !odd || exponent.as_slice() == [1] {
            return Err(Refused::Key("its exponent is none"));
        }
        let key = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
        let thumbprint = thumbprint(&format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#));
        Ok(Self { id, algorithm, names, key, thumbprint })
    }

    /// Whether a header that names this algorithm means the one of the key.
    pub(super) fn names_algorithm(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// Whether this is a signature (in base64url) of this key over the bytes.
    pub(super) fn verifies(&self, signature: &str, message: &[u8]) -> bool {
        jsonwebtoken::crypto::verify(signature, message, &self.key, self.algorithm).unwrap_or(false)
    }

    /// The thumbprint (RFC 7638).
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

/// Keys, of which a token names one.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeySet(Vec<VerifyingKey>);

impl KeySet {
    /// The keys of this JWK set.
    ///
    /// # Errors
    /// [`Refused`]: one key that is not in order spoils the set, for nobody would see that it is left out.
    pub(crate) fn of(set: &Value) -> Result<Self, Refused> {
        let keys =
            set.get("keys").and_then(Value::as_array).ok_or(Refused::Key("there is no array `keys`"))?;
        if keys.is_empty() || keys.len() > MAX_KEYS {
            return Err(Refused::Key("a set has 1 to 16 keys"));
        }
        let mut read: Vec<VerifyingKey> = Vec::new();
        for key in keys {
            let key = VerifyingKey::of(key.as_object().ok_or(Refused::Key("it is no object"))?)?;
            if read.iter().any(|other| other.id == key.id || other.thumbprint == key.thumbprint) {
                return Err(Refused::DuplicateKey);
            }
            read.push(key);
        }
        Ok(Self(read))
    }

    /// Those keys of a set of somebody else's that we verify with. What else stands there is for others, and nobody here could
    /// mend it.
    ///
    /// # Errors
    /// [`Refused`] if it is no set, or a large one, or two keys of it cannot be told apart.
    pub(crate) fn of_others(set: &Value) -> Result<Self, Refused> {
        let keys =
            set.get("keys").and_then(Value::as_array).ok_or(Refused::Key("there is no array `keys`"))?;
        if keys.len() > MAX_OTHERS {
            return Err(Refused::Key("a set has at most 64 keys"));
        }
        let mut read: Vec<VerifyingKey> = Vec::new();
        for key in keys.iter().filter_map(Value::as_object).filter_map(|key| VerifyingKey::of(key).ok()) {
            if read.iter().any(|other| other.id == key.id) {
                return Err(Refused::DuplicateKey);
            }
            read.push(key);
        }
        if read.is_empty() {
            Err(Refused::Key("none of the set is one that we verify with"))
        } else {
            Ok(Self(read))
        }
    }

    /// The one key that a header means: by its id, or the only one there is.
    pub(super) fn named(&self, id: Option<&str>) -> Result<&VerifyingKey, Refused> {
        let mut found = match id {
            Some(id) => self.0.iter().filter(|key| key.id.as_deref() == Some(id)).collect::<Vec<_>>(),
            None => self.0.iter().collect(),
        };
        match (found.pop(), found.pop()) {
            (Some(key), None) => Ok(key),
            (None, _) | (Some(_), Some(_)) => Err(Refused::NoSuchKey),
        }
    }
}

impl From<VerifyingKey> for KeySet {
    fn from(key: VerifyingKey) -> Self {
        Self(vec![key])
    }
}

/// A key that is for something else is not used to verify (RFC 7517, 4.2 and 4.3).
fn check_use(jwk: &Map<String, Value>) -> Result<(), Refused> {
    match jwk.get("use") {
        None => {}
        Some(Value::String(purpose)) if purpose == "sig" => {}
        Some(_) => return Err(Refused::Key("`use` is not `sig`")),
    }
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|operation| operation == "verify") => Ok(()),
        Some(_) => Err(Refused::Key("`key_ops` does not allow to verify")),
    }
}

fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refused> {
    jwk.get(name).and_then(Value::as_str).ok_or(Refused::Key("a member is missing, or no text"))
}

fn bytes(text: &str) -> Result<Vec<u8>, Refused> {
    if text.len() > MAX_NUMBER {
        return Err(Refused::Key("a number is too long"));
    }
    URL_SAFE_NO_PAD.decode(text).map_err(|_form| Refused::Key("a number is not in base64url"))
}

fn thumbprint(members: &str) -> String {
    URL_SAFE_NO_PAD.encode(bartizan_pki::sha256(members.as_bytes()))
}

/// The older name, and the one that RFC 9864 gives it.
const ED25519: &[&str] = &["EdDSA", "Ed25519"];

/// Clients have a few keys, while they rotate.
const MAX_KEYS: usize = 16;

/// Those who issue tokens to many have more.
const MAX_OTHERS: usize = 64;

/// A thumbprint has 43; people write names.
const MAX_ID: usize = 256;

/// 8192 bits in base64url.
const MAX_NUMBER: usize = 1366;

/// NIST SP 800-131A, 3, and what the library takes.
const MIN_RSA: usize = 2048;
const MAX_RSA: usize = 8192;
