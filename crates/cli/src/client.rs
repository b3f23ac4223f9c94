//! The client of a running deployment: HTTPS with the deployment's own certificate authority.

mod endpoint;

use std::time::Duration;

use bartizan_model::{AppFacts, Secret};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;

pub(crate) use endpoint::{Endpoint, Trust, read};

use crate::args::Global;
use crate::login::Kept;
use crate::output::{CONFLICT, DENIED, FAILED, Failure, INVALID, NOT_FOUND, NOT_SIGNED_IN, USAGE};

/// The API of a running deployment, and what to present there.
#[derive(Debug)]
pub(crate) struct Client {
    at: Endpoint,
    token: Secret<String>,
    /// Where the token is from, for who is to get another.
    from: From,
}

/// Where a token is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// From a file that was named.
    File,
    /// From `bartizan login`.
    Login,
}

impl Client {
    /// The client that the global options describe; what they leave out is that of the sign-in that is kept.
    pub(crate) fn from_options(global: &Global) -> Result<Self, Failure> {
        let kept = match (&global.server, &global.ca, &global.token_file) {
            (Some(_), Some(_), Some(_)) => None,
            _ => Kept::read()?,
        };
        // A token goes to the deployment that made it and nowhere else.
        let kept =
            kept.filter(|kept| global.server.as_deref().is_none_or(|server| same(server, &kept.server)));
        let missing = |what: &str| {
            let how =
                "sign in with `bartizan login --server URL`, or say --server URL --ca FILE --token-file FILE";
            Failure::new(USAGE, format!("say which deployment: {what} is missing ({how})"))
        };
        let server = global.server.as_deref().or(kept.as_ref().map(|kept| kept.server.as_str()));
        let server = server.ok_or_else(|| missing("--server"))?;
        let trust = match (&global.ca, &kept) {
            (Some(file), _) => Trust::of_file(file)?,
            (None, Some(kept)) => kept.trust(),
            (None, None) => return Err(missing("--ca")),
        };
        let (token, from) = match (&global.token_file, &kept) {
            (Some(file), _) => {
                (Secret::new(String::from_utf8_lossy(&read(file)?).trim().to_owned()), From::File)
            }
            (None, Some(kept)) => (kept.token()?, From::Login),
            (None, None) => return Err(missing("--token-file")),
        };
        Ok(Self { at: Endpoint::new(server, &trust)?, token, from })
    }

    /// Reads JSON from a path below the API.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        let (_, body) = self.call(Method::GET, path, None).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Sends JSON to a path below the API.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let (_, body) = self.call(Method::POST, path, Some(body)).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Deletes what is at a path below the API.
    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Failure> {
        let (_, body) = self.call(Method::DELETE, path, None).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Reads bytes; `None` if there are none at that path.
    pub(crate) async fn bytes(&self, path: &str) -> Result<Option<Bytes>, Failure> {
        match self.call(Method::GET, path, None).await {
            Ok((_, body)) => Ok(Some(body)),
            Err(failure) if failure.code == NOT_FOUND => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let patience = if method == Method::GET { PATIENCE } else { FOR_A_CHANGE };
        let bytes = body.map(serde_json::to_vec).transpose()?;
        let token = self.token.expose(|token| HeaderValue::try_from(token.as_str()));
        let mut fields =
            vec![(HeaderName::from_static("bartizan-token"), token.map_err(|_form| not_a_token())?)];
        if bytes.is_some() {
            fields.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
        }
        let answer = self.at.send(method, path, fields, bytes.unwrap_or_default(), patience).await?;
        let (status, body) = (answer.status(), answer.into_body());
        if status.is_success() {
            return Ok((status, body));
        }
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |field: &str| problem.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let code = match status.as_u16() {
            401 => NOT_SIGNED_IN,
            403 => DENIED,
            404 => NOT_FOUND,
            409 => CONFLICT,
            400 | 413 | 422 => INVALID,
            _ => FAILED,
        };
        let (detail, reason) = (text("detail"), text("reason"));
        let mut said = if detail.is_empty() { status.to_string() } else { format!("{detail} ({reason})") };
        if code == NOT_SIGNED_IN && self.from == From::Login {
            said.push_str(": sign in again with `bartizan login`");
        }
        let findings = problem.get("findings").cloned().unwrap_or_default();
        let findings = serde_json::from_value(findings).unwrap_or_default();
        Err(Failure { findings, ..Failure::new(code, said) })
    }
}

/// Whether two addresses are of one server.
fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

fn not_a_token() -> Failure {
    Failure::new(USAGE, "what is in the file of --token-file is no token")
}

/// For what waits for nobody else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);

/// Longer than what waits for an enforcement point that is away: the longest lease that an app can have, and a little.
const FOR_A_CHANGE: Duration = Duration::from_secs(AppFacts::LEASES.end().as_secs() * 31 / 30 + 15);
