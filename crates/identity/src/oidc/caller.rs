//! Which client calls: each proves itself in the one way that was agreed with it (OIDC Core, 9; RFC 7523; RFC 6749, 2.3).

use std::time::Duration;

use bartizan_model::{ClientName, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::Provider;
use super::refusal::{Code, Refusal};
use super::replays::Seeing;
use super::request::{Parameters, once};
use crate::clients::{Client, ClientAuth};
use crate::error::Error;
use crate::jose::{self, Expected, KeySet, Life, Typ};
use crate::web::unescaped;

/// How a client says who it is, before it is believed.
enum Claimed<'a> {
    Basic(Secret<String>),
    Post(&'a str),
    Assertion(&'a str),
    Nothing,
}

impl Provider {
    /// The client that makes this call.
    ///
    /// # Errors
    /// The refusal, which is `invalid_client` whatever is wrong: nobody learns which clients there are.
    pub(crate) async fn calling_client(
        &self,
        headers: &HeaderMap,
        form: &Parameters,
        audiences: &[&str],
    ) -> Result<Client, Refusal> {
        let (name, claimed) = claimed(headers, form)?;
        let known = match name.parse::<ClientName>() {
            Ok(name) => self.client(&name).await?,
            Err(_form) => None,
        };
        let client = known.ok_or_else(invalid)?;
        let proved = match (client.spec.auth, &claimed) {
            (ClientAuth::None, Claimed::Nothing) => true,
            (ClientAuth::ClientSecretBasic, Claimed::Basic(secret)) => {
                self.clients.check_secret(&client, secret).await?
            }
            (ClientAuth::ClientSecretPost, Claimed::Post(secret)) => {
                self.clients.check_secret(&client, &Secret::new((*secret).to_owned())).await?
            }
            (ClientAuth::PrivateKeyJwt, Claimed::Assertion(assertion)) => {
                self.asserted(&client, assertion, audiences)?
            }
            (ClientAuth::FederatedJwt, Claimed::Assertion(assertion)) => {
                self.vouched(&client, assertion, audiences).await?
            }
            (
                ClientAuth::None
                | ClientAuth::ClientSecretBasic
                | ClientAuth::ClientSecretPost
                | ClientAuth::PrivateKeyJwt
                | ClientAuth::FederatedJwt,
                _,
            ) => false,
        };
        if proved { Ok(client) } else { Err(invalid()) }
    }

    /// Whether an assertion is of this client, for us, and new.
    fn asserted(&self, client: &Client, assertion: &str, audiences: &[&str]) -> Result<bool, Refusal> {
        let refused = |why: &dyn std::fmt::Display| {
            tracing::info!(client = %client.name, %why, "the assertion of a client was refused");
            false
        };
        let Some(jwks) = &client.spec.jwks else { return Ok(refused(&"it has no keys")) };
        let expected = Expected {
            typ: Typ::ClientAssertion,
            issuer: client.name.as_str(),
            audiences,
            now: self.clock.now(),
            life: Life::AtMost(LONGEST_ASSERTION),
        };
        let keys = match KeySet::of(jwks) {
            Ok(keys) => keys,
            Err(why) => return Ok(refused(&why)),
        };
        let read = jose::read(assertion, &expected, &keys).and_then(|claims| {
            let same = claims.required("sub")? == client.name.as_str();
            let made = claims.instant("iat")?.ok_or(jose::Refused::Missing("iat"))?;
            Ok((same, made, claims.required("jti")?.to_owned()))
        });
        let (same, made, id) = match read {
            Ok(read) => read,
            Err(why) => return Ok(refused(&why)),
        };
        if !same {
            return Ok(refused(&"its subject is another"));
        }
        // What came to an earlier run of this process is not remembered, so it is not believed.
        if made.plus(Duration::from_secs(1)) < self.started {
            return Ok(refused(&"it was made before this process started"));
        }
        match self.assertions.see(client.name.as_str(), &id, self.clock.boot()) {
            Seeing::First => Ok(true),
            Seeing::Again => Ok(refused(&"it was used before")),
            Seeing::Full => Err(Refusal::from(Error::Busy)),
        }
    }
}

/// Who the client says that it is, and with what. Two ways at once are refused (RFC 6749, 2.3).
fn claimed<'a>(headers: &HeaderMap, form: &'a Parameters) -> Result<(String, Claimed<'a>), Refusal> {
    let named = once(form, "client_id")?;
    let secret = once(form, "client_secret")?;
    let assertion = once(form, "client_assertion")?;
    let basic = match headers.get(AUTHORIZATION) {
        Some(value) => basic(value.to_str().unwrap_or_default())?,
        None => None,
    };
    let ways = [basic.is_some(), secret.is_some(), assertion.is_some()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return Err(Refusal::new(Code::InvalidRequest, "a client proves itself in one way at a time"));
    }
    let (name, claimed) = match (basic, secret, assertion) {
        (Some((name, secret)), ..) => (name, Claimed::Basic(secret)),
        (None, _, Some(assertion)) => {
            if once(form, "client_assertion_type")? != Some(ASSERTION_TYPE) {
                return Err(Refusal::new(Code::InvalidRequest, "`client_assertion_type` is another"));
            }
            // Who made it is in it; a name beside it only has to agree. It is believed once the signature is.
            let name =
                named.map(str::to_owned).or_else(|| claimed_member(assertion, "sub")).ok_or_else(invalid)?;
            return Ok((name, Claimed::Assertion(assertion)));
        }
        (None, Some(secret), None) => (named.ok_or_else(invalid)?.to_owned(), Claimed::Post(secret)),
        (None, None, None) => (named.ok_or_else(invalid)?.to_owned(), Claimed::Nothing),
    };
    if named.is_some_and(|named| named != name) {
        return Err(Refusal::new(Code::InvalidRequest, "`client_id` is another than in `Authorization`"));
    }
    Ok((name, claimed))
}

/// Name and secret of `Authorization: Basic`, each encoded as in a form (RFC 6749, 2.3.1).
fn basic(value: &str) -> Result<Option<(String, Secret<String>)>, Refusal> {
    let Some((scheme, text)) = value.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let decoded = STANDARD.decode(text.trim()).ok().map(Secret::new).ok_or_else(invalid)?;
    let pair = decoded.expose(|bytes| {
        let (name, secret) = std::str::from_utf8(bytes).ok()?.split_once(':')?;
        Some((unescaped(name)?, Secret::new(unescaped(secret)?)))
    });
    pair.map(Some).ok_or_else(invalid)
}

/// What an assertion says of itself, before it is believed.
pub(crate) fn claimed_member(assertion: &str, name: &str) -> Option<String> {
    let payload = assertion.split('.').nth(1).filter(|payload| payload.len() <= 16 * 1024)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    claims.get(name)?.as_str().map(str::to_owned)
}

fn invalid() -> Refusal {
    Refusal::new(
        Code::InvalidClient,
        "the client is unknown, disabled, or did not prove itself in the way agreed with it",
    )
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Clients make one for each call.
const LONGEST_ASSERTION: Duration = Duration::from_secs(600);

/// For how long ids of assertions are remembered: longer than one may be good.
pub(crate) const REMEMBERS: Duration = Duration::from_secs(LONGEST_ASSERTION.as_secs() + 60);
