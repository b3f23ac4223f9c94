//! What a token says (RFC 7519), and to whom and until when.

use std::time::Duration;

use bartizan_model::Timestamp;
use bartizan_pki::SigningKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::json;
use super::jws::Jws;
use super::key::{KeySet, VerifyingKey};
use super::refused::Refused;

/// What kind of token it is (RFC 8725, 3.11): one is never taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typ {
    /// An ID token of ours.
    IdToken,
    /// An ID token of somebody else. Many give no type (OpenID Connect Core 1.0, 2, asks for none).
    ForeignIdToken,
    /// An access token of ours (RFC 9068).
    AccessToken,
    /// A client says who it is (RFC 7523). Most give no type; the successor of that RFC asks for one.
    ClientAssertion,
    /// A proof that a client has a key (RFC 9449).
    DpopProof,
    /// That a sign-in has ended (OpenID Connect Back-Channel Logout 1.0).
    LogoutToken,
    /// The same of somebody else. The type is recommended only (2.4).
    ForeignLogoutToken,
}

impl Typ {
    fn is(self, header: &Map<String, Value>) -> bool {
        let typ = match header.get("typ") {
            None => None,
            Some(Value::String(typ)) => Some(typ.as_str()),
            Some(_) => return false,
        };
        match self {
            Self::IdToken | Self::AccessToken | Self::DpopProof | Self::LogoutToken => {
                typ == Some(self.as_str())
            }
            Self::ForeignIdToken => matches!(typ, None | Some("JWT")),
            Self::ForeignLogoutToken => matches!(typ, None | Some("JWT" | "logout+jwt")),
            Self::ClientAssertion => matches!(typ, None | Some("JWT" | "client-authentication+jwt")),
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::IdToken | Self::ForeignIdToken => "JWT",
            Self::AccessToken => "at+jwt",
            Self::ClientAssertion => "client-authentication+jwt",
            Self::DpopProof => "dpop+jwt",
            Self::LogoutToken | Self::ForeignLogoutToken => "logout+jwt",
        }
    }
}

/// For how long a token may be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// Until its own end.
    Own,
    /// Until its own end, which is at most so far away.
    AtMost(Duration),
    /// An old one is as good: it is only to tell whom it was about.
    Whenever,
}

/// What a token must be to be believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) typ: Typ,
    pub(crate) issuer: &'a str,
    /// It is said to one of these; whoever it is said to if there are none.
    pub(crate) audiences: &'a [&'a str],
    pub(crate) now: Timestamp,
    pub(crate) life: Life,
}

/// What a verified token says. The registered claims have their types.
#[derive(Debug, Clone)]
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// A claim that is text.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, Refused> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refused::WrongType(name)),
        }
    }

    /// A claim by a name that somebody chose, if it is text.
    pub(crate) fn says(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    /// A claim that is text and must be there.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Refused> {
        self.text(name)?.ok_or(Refused::Missing(name))
    }

    /// A claim that is an instant, in seconds (RFC 7519, 2, "NumericDate").
    pub(crate) fn instant(&self, name: &'static str) -> Result<Option<Timestamp>, Refused> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let seconds = value.as_f64().filter(|_| value.is_number()).ok_or(Refused::WrongType(name))?;
        if !(0.0..=LATEST).contains(&seconds) {
            return Err(Refused::WrongType(name));
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most LATEST times a million, which fits")]
        let micros = (seconds * 1_000_000.0) as i64;
        Ok(Some(Timestamp::from_micros(micros)))
    }

    /// A member of an object that is a claim, if both are there: `cnf.jkt`.
    pub(crate) fn within(&self, name: &'static str, member: &str) -> Result<Option<&str>, Refused> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let object = value.as_object().ok_or(Refused::WrongType(name))?;
        match object.get(member) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or(Refused::WrongType(name)),
        }
    }

    /// Whether a claim is an object that has this member, whatever is in that.
    pub(crate) fn holds(&self, name: &str, member: &str) -> bool {
        self.0.get(name).and_then(Value::as_object).is_some_and(|object| object.contains_key(member))
    }

    /// Whether it is said to this audience, among others perhaps.
    pub(crate) fn is_for(&self, audience: &str) -> bool {
        self.audiences().is_ok_and(|audiences| audiences.contains(&audience))
    }

    /// To whom alone it is said.
    pub(crate) fn audience(&self) -> Option<&str> {
        let audiences = self.audiences().ok()?;
        audiences.first().copied().filter(|_| audiences.len() == 1)
    }

    /// All of it.
    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.0
    }

    fn audiences(&self) -> Result<Vec<&str>, Refused> {
        match self.0.get("aud") {
            None => Err(Refused::Missing("aud")),
            Some(Value::String(one)) => Ok(vec![one]),
            Some(Value::Array(many)) => {
                many.iter().map(|one| one.as_str().ok_or(Refused::WrongType("aud"))).collect()
            }
            Some(_) => Err(Refused::WrongType("aud")),
        }
    }

    fn parse(payload: &[u8]) -> Result<Self, Refused> {
        let claims = Self(json::object(payload)?);
        // Also of claims that nobody asks for: one that is malformed is not one that is absent.
        for name in ["iss", "sub", "jti", "nonce"] {
            claims.text(name)?;
        }
        for name in ["exp", "nbf", "iat", "auth_time"] {
            claims.instant(name)?;
        }
        if claims.0.contains_key("aud") {
            claims.audiences()?;
        }
        Ok(claims)
    }

    fn check(&self, expected: &Expected<'_>) -> Result<(), Refused> {
        if self.required("iss")? != expected.issuer {
            return Err(Refused::Issuer);
        }
        let audiences = self.audiences()?;
        if !expected.audiences.is_empty() && !audiences.iter().any(|aud| expected.audiences.contains(aud)) {
            return Err(Refused::Audience);
        }
        let exp = self.instant("exp")?.ok_or(Refused::Missing("exp"))?;
        let soon = expected.now.plus(SKEW);
        for name in ["nbf", "iat"] {
            if self.instant(name)?.is_some_and(|instant| instant > soon) {
                return Err(Refused::TooEarly);
            }
        }
        match expected.life {
            Life::Whenever => Ok(()),
            Life::Own | Life::AtMost(_) if exp <= expected.now => Err(Refused::Expired),
            Life::AtMost(most) if exp > soon.plus(most) => Err(Refused::TooLongLived),
            Life::Own | Life::AtMost(_) => Ok(()),
        }
    }
}

/// What a token says, if it is what is expected and signed with the one key of these that it names.
pub(crate) fn read(text: &str, expected: &Expected<'_>, keys: &KeySet) -> Result<Claims, Refused> {
    let jws = Jws::parse(text)?;
    if !expected.typ.is(&jws.header) {
        return Err(Refused::Type);
    }
    let claims = Claims::parse(&jws.verify(keys)?)?;
    claims.check(expected)?;
    Ok(claims)
}

/// What a proof of possession says, and the key that it proves: the only token that brings its own (RFC 9449, 4.2).
pub(crate) fn read_proof(text: &str) -> Result<(Claims, VerifyingKey), Refused> {
    let jws = Jws::parse(text)?;
    if !Typ::DpopProof.is(&jws.header) {
        return Err(Refused::Type);
    }
    let jwk =
        jws.header.get("jwk").and_then(Value::as_object).ok_or(Refused::Key("the proof brings none"))?;
    let key = VerifyingKey::of(jwk)?;
    let claims = Claims::parse(&jws.verify_by(&key)?)?;
    Ok((claims, key))
}

/// A token of ours.
///
/// # Errors
/// When the system has no randomness.
pub(crate) fn sign(key: &SigningKey, typ: Typ, claims: &impl Serialize) -> Result<String, crate::Error> {
    let header = json!({ "alg": key.algorithm().as_str(), "kid": key.id(), "typ": typ.as_str() });
    // INVARIANT: plain data with string keys always has a JSON form.
    let payload = serde_json::to_vec(claims).unwrap_or_default();
    let signed =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// How far the clocks of others may be ahead of ours.
const SKEW: Duration = Duration::from_secs(30);

/// The year 9999, in seconds: whoever means later means nothing.
const LATEST: f64 = 253_402_300_799.0;
