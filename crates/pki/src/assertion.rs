//! What an upstream is told about who asks, signed so that it can check: a JWT (RFC 7519) with ES256 (RFC 7518, 3.4).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Error, sha256};

/// What an assertion says. Names are those of RFC 7519, OIDC Core and RFC 8176.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionClaims {
    /// Who says it: the issuer, `https://auth.<domain>`.
    pub iss: String,
    /// Of whom: the person's random id.
    pub sub: String,
    /// To whom: the host of the app.
    pub aud: String,
    /// Since when, in seconds since the epoch.
    pub iat: i64,
    /// Until when, at most [`MAX_ASSERTION_LIFETIME`] later.
    pub exp: i64,
    /// Which assertion.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub jti: Option<String>,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<String>,
    /// The person's login name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub preferred_username: Option<String>,
    /// Those of the person's groups that the app lists.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The methods of the sign-in.
    #[serde(default)]
    pub amr: Vec<String>,
    /// How strong the sign-in was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acr: Option<String>,
    /// When the person signed in, in seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub auth_time: Option<i64>,
}

/// A key that signs assertions. It is made at the enforcement point and never leaves it.
pub struct AssertionKey {
    signing: EncodingKey,
    id: String,
    x: String,
    y: String,
}

impl AssertionKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<Self, Error> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|source| Error::Library { doing: "make an assertion key", source })?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())
            .map_err(|source| Error::StoredKey { what: "assertion key", source })?;
        // An uncompressed point (SEC 1, 2.3.3): 4, x, y.
        let form = || Error::StoredForm { what: "assertion key" };
        let (x, y) = pair
            .public_key()
            .as_ref()
            .strip_prefix(&[4])
            .filter(|point| point.len() == 64)
            .and_then(|point| point.split_at_checked(32))
            .ok_or_else(form)?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        // RFC 7638, 3: the required members in this order, without white space.
        let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let id = URL_SAFE_NO_PAD.encode(sha256(thumbprint.as_bytes()));
        Ok(Self { signing: EncodingKey::from_ec_der(pkcs8.as_ref()), id, x, y })
    }

    /// The key's id: its thumbprint (RFC 7638).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public key (RFC 7517), for the key set that upstreams read.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "x": self.x, "y": self.y,
            "kid": self.id, "alg": "ES256", "use": "sig",
        })
    }

    /// Signs an assertion.
    ///
    /// # Errors
    /// When it would be valid for longer than [`MAX_ASSERTION_LIFETIME`].
    pub fn sign(&self, claims: &AssertionClaims) -> Result<String, Error> {
        let seconds = claims.exp.saturating_sub(claims.iat);
        if seconds > MAX_ASSERTION_LIFETIME {
            return Err(Error::AssertionLifetime { seconds });
        }
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &self.signing).map_err(|source| Error::Assertion { source })
    }
}

impl std::fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AssertionKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An assertion is valid for this many seconds at most (CONTRACT.md, "HTTP").
pub const MAX_ASSERTION_LIFETIME: i64 = 120;

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};

    /// 2026-11-24T08:00:00Z; the library under test checks `exp` against the real clock, so it is switched off there
    /// and compared by hand.
    const NOW: i64 = 1_795_507_200;

    fn claims() -> AssertionClaims {
        AssertionClaims {
            iss: "https://auth.example.org".into(),
            sub: "0b5b6a3c-91f7-4a5e-8a8e-0c5b6b0f1a2b".into(),
            aud: "wiki.example.org".into(),
            iat: NOW,
            exp: NOW + 120,
            jti: None,
            sid: Some("s".into()),
            preferred_username: Some("ada".into()),
            groups: vec!["staff".into()],
            amr: vec!["pwd".into(), "otp".into()],
            acr: Some("strong".into()),
            auth_time: Some(NOW - 60),
        }
    }

    fn read(token: &str, key: &AssertionKey, aud: &str) -> jsonwebtoken::errors::Result<AssertionClaims> {
        let jwk: Jwk = serde_json::from_value(key.public_jwk()).unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.set_audience(&[aud]);
        validation.set_issuer(&["https://auth.example.org"]);
        validation.validate_exp = false;
        decode(token, &DecodingKey::from_jwk(&jwk)?, &validation).map(|data| data.claims)
    }

    #[test]
    fn an_assertion_verifies_with_the_published_key() {
        let key = AssertionKey::generate().unwrap();
        let token = key.sign(&claims()).unwrap();
        assert_eq!(read(&token, &key, "wiki.example.org").unwrap(), claims());
        let header = decode_header(&token).unwrap();
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        assert_eq!(header.kid.as_deref(), Some(key.id()));
        assert_eq!(header.alg, Algorithm::ES256);
    }

    #[test]
    fn it_does_not_verify_for_another_audience_with_another_key_or_when_changed() {
        let key = AssertionKey::generate().unwrap();
        let token = key.sign(&claims()).unwrap();
        assert!(read(&token, &key, "payroll.example.org").is_err());
        assert!(read(&token, &AssertionKey::generate().unwrap(), "wiki.example.org").is_err());
        let (head, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = head.split_once('.').unwrap();
        let mut forged = URL_SAFE_NO_PAD.decode(payload).unwrap();
        let place = forged.windows(5).position(|window| window == b"staff").unwrap();
        forged[place] = b'S';
        let forged = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(forged));
        assert!(read(&forged, &key, "wiki.example.org").is_err());
    }

    #[test]
    fn an_assertion_is_short_lived() {
        let key = AssertionKey::generate().unwrap();
        let long = AssertionClaims { exp: NOW + 121, ..claims() };
        assert!(matches!(key.sign(&long), Err(Error::AssertionLifetime { seconds: 121 })));
    }

    #[test]
    fn the_published_key_is_public_and_its_id_a_thumbprint() {
        let key = AssertionKey::generate().unwrap();
        let jwk = key.public_jwk();
        let mut members: Vec<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        assert_eq!(key.id().len(), 43);
        assert_eq!(format!("{key:?}"), format!("AssertionKey {{ id: {:?}, .. }}", key.id()));
    }
}
