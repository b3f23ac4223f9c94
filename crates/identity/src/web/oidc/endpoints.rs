//! The endpoints that programs call. None reads a cookie.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::called::{Call, answered, public, refused};
use crate::clients::Client;
use crate::oidc::device::DeviceCall;
use crate::oidc::discovery::{document, paths};
use crate::oidc::exchange::Exchange;
use crate::oidc::proof::Proving;
use crate::oidc::refusal::{Code, Refusal};
use crate::oidc::request::{AuthorizationRequest, ReturnTo, once};
use crate::oidc::waiting::PUSHED_LIVES_FOR;
use crate::web::Auth;

/// What is served here.
pub(super) async fn discovery(State(auth): State<Arc<Auth>>) -> Response {
    let mut response = answered(document(&auth.issuer()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=900"));
    response
}

/// Whether a page of another origin may call (Fetch, 3.2.2).
pub(super) async fn preflight() -> Response {
    let mut response = public(StatusCode::NO_CONTENT.into_response());
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, dpop"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A provider at which people sign in says that a sign-in there has ended (OpenID Connect Back-Channel Logout 1.0, 2.8).
pub(super) async fn provider_logout(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let refuse = |why: &str| refused(&Refusal::new(Code::InvalidRequest, why));
    let Ok(Some(token)) = once(&call.form.0, "logout_token") else {
        return refuse("`logout_token` is missing");
    };
    let ended = async {
        let left = match auth.federation.left(token).await? {
            Ok(left) => left,
            Err(why) => {
                tracing::info!(why, "a logout token of an identity provider was not believed");
                return Ok(None);
            }
        };
        let sign_ins = auth.flow.sign_ins();
        let begun = sign_ins.begun_by(&left).await?;
        let author = format!("provider:{}", left.provider);
        sign_ins.end(&begun, "provider_logout", &author).await.map(Some)
    };
    match ended.await {
        Ok(Some(_)) => public(StatusCode::OK.into_response()),
        Ok(None) => refuse("the `logout_token` is not believed"),
        Err(error) => refused(&Refusal::from(error)),
    }
}

/// Tokens for a code or a refresh token.
pub(super) async fn token(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let issuer = auth.issuer();
    let url = format!("{issuer}{}", paths::TOKEN);
    let given = async {
        let client = client(&auth, &call, &issuer, &url).await?;
        let jkt = proof(&auth, &call.headers, Proving { method: "POST", url: &url, token: None })?;
        let exchange = Exchange {
            issuer: &issuer,
            client: &client,
            jkt: jkt.as_deref(),
            form: &call.form.0,
            caller: &call.caller,
        };
        auth.provider.exchange(&exchange).await
    };
    closed(&auth, &call, finished(given.await))
}

/// Codes for a device that has no browser (RFC 8628, 3.1).
pub(super) async fn begin_device(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let issuer = auth.issuer();
    let url = format!("{issuer}{}", paths::DEVICE_AUTHORIZATION);
    let begun = async {
        let client = client(&auth, &call, &issuer, &url).await?;
        let jkt = proof(&auth, &call.headers, Proving { method: "POST", url: &url, token: None })?;
        let device = DeviceCall {
            issuer: &issuer,
            client: &client,
            jkt: jkt.as_deref(),
            form: &call.form.0,
            caller: &call.caller,
        };
        auth.provider.begin_device(&device).await
    };
    closed(&auth, &call, finished(begun.await))
}

/// Who the person behind an access token is.
pub(super) async fn userinfo(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let issuer = auth.issuer();
    let url = format!("{issuer}{}", paths::USERINFO);
    let Some((scheme, token)) = shown(&call.headers) else {
        // RFC 6750, 3.1: whoever shows nothing is told how to.
        return challenge(StatusCode::UNAUTHORIZED, Scheme::Bearer, None);
    };
    let told = async {
        let access = auth.provider.access(token, &issuer).await?.ok_or_else(bad_token)?;
        let proving = Proving { method: call.method.as_str(), url: &url, token: Some(token) };
        let proved = match scheme {
            Scheme::Dpop => proof(&auth, &call.headers, proving)?,
            Scheme::Bearer => None,
        };
        // A token that is bound to a key is good with a proof of that key only, and a proof makes no other good.
        if proved != access.jkt {
            return Err(bad_token());
        }
        auth.provider.userinfo(&access, &issuer).await.map(Value::Object)
    };
    let response = match told.await {
        Ok(value) => answered(value),
        Err(refusal) => match refusal.code {
            Code::TemporarilyUnavailable | Code::ServerError => refused(&refusal),
            Code::InsufficientScope => challenge(StatusCode::FORBIDDEN, scheme, Some(&refusal)),
            _ => challenge(StatusCode::UNAUTHORIZED, scheme, Some(&refusal)),
        },
    };
    closed(&auth, &call, response)
}

/// What is to be known of a token.
pub(super) async fn introspect(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let issuer = auth.issuer();
    let told = async {
        let client = client(&auth, &call, &issuer, &format!("{issuer}{}", paths::INTROSPECT)).await?;
        auth.provider.introspect(&client, named(&call)?, &issuer).await
    };
    let mut response = closed(&auth, &call, finished(told.await));
    // Servers ask this, never pages.
    response.headers_mut().remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    response
}

/// A token is not needed any more.
pub(super) async fn revoke(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let issuer = auth.issuer();
    let done = async {
        let client = client(&auth, &call, &issuer, &format!("{issuer}{}", paths::REVOKE)).await?;
        auth.provider.revoke(&client, named(&call)?, &issuer).await
    };
    let response = match done.await {
        Ok(()) => public(StatusCode::OK.into_response()),
        Err(refusal) => refused(&refusal),
    };
    closed(&auth, &call, response)
}

/// A client says what it will ask a person for, where nobody between can change or read it (RFC 9126).
pub(super) async fn push(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    let issuer = auth.issuer();
    let url = format!("{issuer}{}", paths::PAR);
    let pushed = async {
        let client = client(&auth, &call, &issuer, &url).await?;
        let proved = proof(&auth, &call.headers, Proving { method: "POST", url: &url, token: None })?;
        let form = &call.form.0;
        if once(form, "request_uri")?.is_some() {
            return Err(Refusal::new(Code::InvalidRequest, "`request_uri` cannot be pushed"));
        }
        let unknown = || {
            Refusal::new(Code::InvalidRequest, "`redirect_uri` is none that is registered for this client")
        };
        let to = ReturnTo::of(form, &client).ok_or_else(unknown)?;
        let asked: Vec<(String, String)> =
            form.iter().filter(|(name, _)| !name.starts_with("client_")).cloned().collect();
        let mut request = AuthorizationRequest::parse(&asked, &client, to)?;
        match (&request.jkt, proved) {
            (Some(named), Some(proved)) if *named != proved => {
                return Err(Refusal::new(Code::InvalidDpopProof, "`dpop_jkt` is of another key"));
            }
            // RFC 9449, 10.1: the proof binds the code as the parameter would.
            (_, Some(proved)) => request.jkt = Some(proved),
            (_, None) => {}
        }
        Ok(auth.provider.push(request)?)
    };
    let response = match pushed.await {
        Ok(request_uri) => {
            let expires_in = PUSHED_LIVES_FOR.as_secs();
            let mut response = answered(json!({ "request_uri": request_uri, "expires_in": expires_in }));
            *response.status_mut() = StatusCode::CREATED;
            response
        }
        Err(refusal) => refused(&refusal),
    };
    closed(&auth, &call, response)
}

/// The client that calls. An assertion may be made for the issuer, for the token endpoint or for this one (RFC 7523, 3;
/// RFC 9126, 2).
async fn client(auth: &Auth, call: &Call, issuer: &str, url: &str) -> Result<Client, Refusal> {
    let token = format!("{issuer}{}", paths::TOKEN);
    auth.provider.calling_client(&call.headers, &call.form.0, &[issuer, &token, url]).await
}

fn proof(auth: &Auth, headers: &HeaderMap, of: Proving<'_>) -> Result<Option<String>, Refusal> {
    auth.provider.proved(headers, of)
}

fn named(call: &Call) -> Result<&str, Refusal> {
    once(&call.form.0, "token")?.ok_or_else(|| Refusal::new(Code::InvalidRequest, "`token` is missing"))
}

fn finished(answer: Result<Value, Refusal>) -> Response {
    match answer {
        Ok(value) => answered(value),
        Err(refusal) => refused(&refusal),
    }
}

/// How an access token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// The access token that is shown. In a form it is not taken, nor in an address, where others see it.
fn shown(headers: &HeaderMap) -> Option<(Scheme, &str)> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let scheme = match scheme {
        _ if scheme.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
        _ if scheme.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
        _ => return None,
    };
    Some((scheme, token.trim()))
}

fn bad_token() -> Refusal {
    Refusal::new(
        Code::InvalidToken,
        "the token is unknown, over, revoked, or shown without the proof that it needs",
    )
}

/// RFC 6750, 3; RFC 9449, 7.1.
fn challenge(status: StatusCode, scheme: Scheme, refusal: Option<&Refusal>) -> Response {
    let name = match scheme {
        Scheme::Bearer => "Bearer",
        Scheme::Dpop => "DPoP",
    };
    let said = refusal.map(|refusal| {
        let why = refusal.why.replace(['"', '\\'], "'");
        format!(" error=\"{}\", error_description=\"{why}\"", refusal.code.as_str())
    });
    let mut response = public(status.into_response());
    if let Ok(value) = HeaderValue::try_from(format!("{name}{}", said.unwrap_or_default())) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// The answer with what belongs to how it was asked for: the nonce for the next proof of who has brought one (RFC 9449, 8.2),
/// and the challenge for who has tried to prove itself in `Authorization` (RFC 6749, 5.2).
fn closed(auth: &Auth, call: &Call, mut response: Response) -> Response {
    let status = response.status();
    let headers = response.headers_mut();
    if call.headers.contains_key("dpop")
        && let Ok(nonce) = auth.provider.nonce()
        && let Ok(value) = HeaderValue::try_from(nonce)
    {
        headers.insert(HeaderName::from_static("dpop-nonce"), value);
    }
    let tried = call.headers.contains_key(header::AUTHORIZATION);
    if status == StatusCode::UNAUTHORIZED && tried && !headers.contains_key(header::WWW_AUTHENTICATE) {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"clients\""));
    }
    response
}
