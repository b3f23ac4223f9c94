//! The OpenID provider of a deployment, as its own command uses it.

use std::time::Duration;

use bartizan_identity::CLI_CLIENT;
use bartizan_model::{Clock as _, Secret, Timestamp};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use serde_json::Value;

use crate::client::{Endpoint, PATIENCE, Trust};
use crate::output::{DENIED, FAILED, Failure, NOT_SIGNED_IN};
use crate::system::SystemClock;

/// The provider, and what a token is asked for at it.
#[derive(Debug)]
pub(crate) struct Provider {
    /// The console, as the provider spells it.
    pub(crate) resource: String,
    pub(crate) issuer: String,
    at: Endpoint,
}

/// A token.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) token: Secret<String>,
    pub(crate) expires: Timestamp,
}

/// How the provider answers who may not have what they ask for.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) error: String,
    pub(super) why: String,
}

impl Provider {
    /// The provider to which the console sends people who are not signed in.
    pub(crate) async fn of(server: &str, trust: &Trust) -> Result<Self, Failure> {
        let console = Endpoint::new(server, trust)?;
        let fields = vec![
            (HeaderName::from_static("sec-fetch-mode"), HeaderValue::from_static("navigate")),
            (HeaderName::from_static("sec-fetch-dest"), HeaderValue::from_static("document")),
            (http::header::ACCEPT, HeaderValue::from_static("text/html")),
        ];
        let answer = console.send(Method::GET, "/", fields, Vec::new(), PATIENCE).await?;
        let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()?.parse::<Uri>().ok());
        let authority = to.as_ref().and_then(Uri::authority);
        let Some(authority) = authority else {
            let why = "it does not send anybody to sign in: name the console of a deployment, such as https://console.example.com";
            return Err(Failure::new(FAILED, format!("{server}: {why}")));
        };
        let issuer = format!("https://{authority}");
        Ok(Self { resource: console.origin(), at: Endpoint::new(&issuer, trust)?, issuer })
    }

    /// The provider of a sign-in that is kept.
    pub(crate) fn kept(server: &str, issuer: &str, trust: &Trust) -> Result<Self, Failure> {
        Ok(Self { resource: server.to_owned(), issuer: issuer.to_owned(), at: Endpoint::new(issuer, trust)? })
    }

    /// Calls an endpoint as our client; what it answers, or why not.
    pub(super) async fn call(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Result<Value, Refused>, Failure> {
        let mut form = form(&[("client_id", CLI_CLIENT)]);
        form.push('&');
        form.push_str(&self::form(fields));
        let kind = (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let answer = self.at.send(Method::POST, path, vec![kind], form.into_bytes(), PATIENCE).await?;
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match answer.status() {
            StatusCode::OK => Ok(Ok(body)),
            status if !text("error").is_empty() => {
                tracing::debug!(%status, "the provider refused");
                Ok(Err(Refused { error: text("error"), why: text("error_description") }))
            }
            status => Err(Failure::new(FAILED, format!("{}{path}: {status}", self.issuer))),
        }
    }

    /// Ends a token.
    pub(crate) async fn revoke(&self, token: &Secret<String>) -> Result<(), Failure> {
        let token = token.expose(Clone::clone);
        self.call("/oauth2/revoke", &[("token", &token)]).await?.map(drop).map_err(Refused::failure)
    }
}

impl Given {
    /// What is in an answer of the token endpoint.
    pub(super) fn read(answer: &Value) -> Result<Self, Failure> {
        let token =
            answer.get("access_token").and_then(Value::as_str).filter(|text| text.starts_with("bzn_"));
        let seconds = answer.get("expires_in").and_then(Value::as_u64);
        let (Some(token), Some(seconds)) = (token, seconds) else {
            return Err(Failure::new(FAILED, "the provider gave no token for the console"));
        };
        let expires = SystemClock.now().plus(Duration::from_secs(seconds));
        Ok(Self { token: Secret::new(token.to_owned()), expires })
    }
}

impl Refused {
    pub(super) fn failure(self) -> Failure {
        let code = match self.error.as_str() {
            "access_denied" => DENIED,
            "invalid_grant" | "expired_token" | "login_required" => NOT_SIGNED_IN,
            _ => FAILED,
        };
        Failure::new(code, format!("the sign-in was refused: {} ({})", self.why, self.error))
    }
}

/// Fields as a form (WHATWG URL, 5.2).
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
