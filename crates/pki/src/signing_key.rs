//! Keys that sign what the OpenID provider issues (RFC 7515), in the algorithms that clients ask for.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use bartizan_model::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::RSAPublicKey;

use crate::{Error, sha256};

/// How a key signs (RFC 7518, 3.1; RFC 8037, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSA with PKCS #1 v1.5 padding and SHA-256, which OIDC Core, 15.1, has every provider speak. It signs sixty times
    /// slower than Ed25519.
    #[serde(rename = "RS256")]
    Rs256,
}

impl SigningAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The algorithm as headers and key sets spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }
}

impl std::fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A private key and what is published of it.
pub struct SigningKey {
    pair: Pair,
    pkcs8: Secret<Vec<u8>>,
    id: String,
    public: Value,
}

/// aws-lc wipes the memory of a key when it is freed.
enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// A new key. One for RSA (2048 bits) takes a tenth of a second.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Self, Error> {
        let random = SystemRandom::new();
        let library = |source| Error::Library { doing: "make a signing key", source };
        let pkcs8 = match algorithm {
            SigningAlgorithm::Es256 => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
                made.map_err(library)?.as_ref().to_vec()
            }
            SigningAlgorithm::EdDsa => {
                Ed25519KeyPair::generate_pkcs8(&random).map_err(library)?.as_ref().to_vec()
            }
            SigningAlgorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(library)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(library)?;
                der.as_ref().to_vec()
            }
        };
        Self::from_secret(algorithm, &Secret::new(pkcs8))
    }

    /// The key that was kept.
    ///
    /// # Errors
    /// When the secret is not what [`to_secret`](Self::to_secret) gave.
    pub fn from_secret(algorithm: SigningAlgorithm, secret: &Secret<Vec<u8>>) -> Result<Self, Error> {
        let rejected = |source| Error::StoredKey { what: KEY, source };
        let pair = match algorithm {
            SigningAlgorithm::Es256 => Pair::Ec(
                secret
                    .expose(|der| EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der))
                    .map_err(rejected)?,
            ),
            SigningAlgorithm::EdDsa => {
                Pair::Ed(secret.expose(|der| Ed25519KeyPair::from_pkcs8(der)).map_err(rejected)?)
            }
            SigningAlgorithm::Rs256 => {
                Pair::Rsa(secret.expose(|der| RsaKeyPair::from_pkcs8(der)).map_err(rejected)?)
            }
        };
        let members = members(&pair).ok_or(Error::StoredForm { what: KEY })?;
        let id = thumbprint(&members);
        let mut public = json!({ "kid": id, "alg": algorithm.as_str(), "use": "sig" });
        if let Some(object) = public.as_object_mut() {
            object.extend(members.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))));
        }
        Ok(Self { pair, pkcs8: secret.clone(), id, public })
    }

    /// The key, for keeping.
    #[must_use]
    pub fn to_secret(&self) -> Secret<Vec<u8>> {
        self.pkcs8.clone()
    }

    /// The key's id: its thumbprint (RFC 7638).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How it signs.
    #[must_use]
    pub const fn algorithm(&self) -> SigningAlgorithm {
        match self.pair {
            Pair::Ec(_) => SigningAlgorithm::Es256,
            Pair::Ed(_) => SigningAlgorithm::EdDsa,
            Pair::Rsa(_) => SigningAlgorithm::Rs256,
        }
    }

    /// The public key (RFC 7517), for the key set that clients read.
    #[must_use]
    pub const fn public_jwk(&self) -> &Value {
        &self.public
    }

    /// Signs bytes.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let random = SystemRandom::new();
        let library = |source| Error::Library { doing: "sign", source };
        match &self.pair {
            Pair::Ec(pair) => Ok(pair.sign(&random, message).map_err(library)?.as_ref().to_vec()),
            Pair::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(library)?;
                Ok(signature)
            }
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The required members of the public key, in the order of their names (RFC 7638, 3.2; RFC 8037, 2).
fn members(pair: &Pair) -> Option<Vec<(&'static str, String)>> {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    match pair {
        Pair::Ec(pair) => {
            // An uncompressed point (SEC 1, 2.3.3): 4, x, y.
            let point = pair.public_key().as_ref().strip_prefix(&[4]).filter(|point| point.len() == 64)?;
            let (x, y) = point.split_at_checked(32)?;
            Some(vec![("crv", "P-256".into()), ("kty", "EC".into()), ("x", text(x)), ("y", text(y))])
        }
        Pair::Ed(pair) => {
            let x = text(pair.public_key().as_ref());
            Some(vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", x)])
        }
        Pair::Rsa(pair) => {
            let (_, key) = RSAPublicKey::from_der(pair.public_key().as_ref()).ok()?;
            // DER puts a zero before what would look negative; RFC 7518, 6.3.1.1, does not.
            let trimmed = |bytes: &[u8]| {
                let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                text(bytes.get(zeros..).unwrap_or_default())
            };
            Some(vec![("e", trimmed(key.exponent)), ("kty", "RSA".into()), ("n", trimmed(key.modulus))])
        }
    }
}

/// RFC 7638, 3: the required members in the order of their names, without white space.
fn thumbprint(members: &[(&'static str, String)]) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    URL_SAFE_NO_PAD.encode(sha256(format!("{{{}}}", members.join(",")).as_bytes()))
}

const KEY: &str = "signing key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_as_it_was_kept_and_publishes_no_secret() {
        for algorithm in SigningAlgorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let again = SigningKey::from_secret(algorithm, &key.to_secret()).unwrap();
            assert_eq!((again.id(), again.public_jwk()), (key.id(), key.public_jwk()));
            assert_eq!(again.algorithm(), algorithm);
            let members: Vec<&str> =
                key.public_jwk().as_object().unwrap().keys().map(String::as_str).collect();
            for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                assert!(!members.contains(&private), "{algorithm} publishes `{private}`");
            }
            assert_eq!(format!("{key:?}"), format!("SigningKey {{ id: {:?}, .. }}", key.id()));
            let other = SigningAlgorithm::ALL.into_iter().find(|other| *other != algorithm).unwrap();
            assert!(SigningKey::from_secret(other, &key.to_secret()).is_err(), "{algorithm} as {other}");
        }
    }

    #[test]
    fn the_thumbprint_is_that_of_rfc_7638() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let members = [("e", "AQAB".to_owned()), ("kty", "RSA".to_owned()), ("n", n.to_owned())];
        assert_eq!(thumbprint(&members), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        // RFC 8037, A.3.
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned();
        let members = [("crv", "Ed25519".to_owned()), ("kty", "OKP".to_owned()), ("x", x)];
        assert_eq!(thumbprint(&members), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
