//! A person's browser comes with what a client asks for, and goes back with a code once the person is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bartizan_model::{Denial, Remedy, RemedyKind, Timestamp, Way};
use http::{HeaderMap, StatusCode};

use crate::attempt::{Coming, Opening};
use crate::clients::{Client, is_cli};
use crate::error::Error;
use crate::oidc::authorization::{Next, Progress};
use crate::oidc::refusal::{Code, Refusal};
use crate::oidc::request::{AuthorizationRequest, ReturnTo, once};
use crate::pages::{Form, consent};
use crate::web::Auth;
use crate::web::answer::{Onward, Shown};
use crate::web::asked::{Asked, Fields};
use crate::web::broken::{Broken, Cause};
use crate::web::open::keep;
use crate::web::sign_in::called;

/// From the client: what it asks for, in the address or pushed before.
pub(super) async fn authorize(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, Broken> {
    // As for an app: no page has codes made as pictures or in frames, which the person's cookie comes along with.
    if headers.get("sec-fetch-dest").is_some_and(|destination| destination != "document") {
        return Err(Broken::bad(Cause::NotHowOpened).of(&asked.caller));
    }
    let (request, began) = match read(&auth, &asked).await? {
        Ok(read) => read,
        Err(answer) => return Ok(answer.into_response()),
    };
    go(&auth, &asked, request, began, false).await
}

/// Something was asked of the person, which they have done or want to do: a newer proof, or another account.
pub(super) async fn again(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let (request, began) = match read(&auth, &asked).await? {
        Ok(read) => read,
        Err(answer) => return Ok(answer.into_response()),
    };
    let path = if asked.parameter("how") == Some("second_factor") { "/confirm" } else { "/switch" };
    under_way(&auth, &asked, request, began, path).await
}

/// The person agrees that the client learns what it asks for.
pub(super) async fn agree(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let (_, user) = crate::web::account::own(&auth, &asked, &fields)?;
    let (request, began) = match read(&auth, &asked).await? {
        Ok(read) => read,
        Err(answer) => return Ok(answer.into_response()),
    };
    auth.provider.agree(user, &request).await?;
    go(&auth, &asked, request, began, true).await
}

/// The request, and since when the person works on it; or the answer to one that is not in order. Before client and address
/// are known to belong together, nothing is sent to that address: the person is told.
async fn read(
    auth: &Auth,
    asked: &Asked,
) -> Result<Result<(AuthorizationRequest, Option<Timestamp>), Onward>, Broken> {
    let parameters = asked.parameters();
    let nobody = || Broken::bad(Cause::NoSuchClient).of(&asked.caller);
    let name = once(parameters, "client_id").ok().flatten().and_then(|name| name.parse().ok());
    let client: Client = match name {
        Some(name) => auth.provider.client(&name).await?.ok_or_else(nobody)?,
        None => return Err(nobody()),
    };
    if let Some(request_uri) = asked.parameter("request_uri") {
        // Where to say so is in the request that cannot be read.
        let stale = |_refusal| Broken::bad(Cause::RequestOver).of(&asked.caller);
        let waiting = auth.provider.waiting(request_uri).map_err(stale)?;
        let known = client.spec.redirect_uris.iter().any(|known| known.admits(&waiting.request.to.uri));
        if waiting.request.client != client.name || !known {
            return Err(nobody());
        }
        return Ok(Ok((waiting.request, waiting.began)));
    }
    let to = ReturnTo::of(parameters, &client).ok_or_else(nobody)?;
    let request = if client.spec.require_par {
        Err(Refusal::new(Code::InvalidRequest, "this client has to push what it asks for (RFC 9126)"))
    } else {
        AuthorizationRequest::parse(parameters, &client, to.clone())
    };
    Ok(match request {
        Ok(request) => Ok((request, None)),
        Err(refusal) => Err(Onward::to(to.refused(&refusal, &auth.issuer()))),
    })
}

/// As far as it goes now.
async fn go(
    auth: &Auth,
    asked: &Asked,
    request: AuthorizationRequest,
    began: Option<Timestamp>,
    agreed: bool,
) -> Result<Response, Broken> {
    let progress = Progress { caller: &asked.caller, signed_in: asked.signed_in, began, agreed };
    let issuer = auth.issuer();
    match auth.provider.authorize(&request, progress).await? {
        Next::Code(code) => {
            let to = code.expose(|code| request.to.with(&[("code", code)], &issuer));
            Ok(Onward::to(to).into_response())
        }
        Next::Refused(refusal) => Ok(Onward::to(request.to.refused(&refusal, &issuer)).into_response()),
        Next::Denied(denial) => denied(auth, &request, began, *denial),
        Next::SignIn => under_way(auth, asked, request, began, "/sign-in").await,
        Next::SignInAgain => under_way(auth, asked, request, began, "/switch").await,
        Next::Consent => Ok(ask_consent(auth, asked, &request, began).await?.into_response()),
    }
}

/// Keeps what the client asks for with the browser, and shows the page.
async fn under_way(
    auth: &Auth,
    asked: &Asked,
    request: AuthorizationRequest,
    began: Option<Timestamp>,
    path: &str,
) -> Result<Response, Broken> {
    let title = title(auth, &request).await?;
    let began = began.unwrap_or_else(|| auth.clock.now());
    let opening = Opening::Client(Box::new(Coming { request, began, title }));
    let attempt = auth.flow.attempts().start(Some(opening));
    let cookie = keep(auth, asked.place, &attempt)?;
    Ok(Onward::to(asked.here(path)).cookie(cookie).into_response())
}

/// The enforcement point says why, as it does of what it denies itself; here is only known where each way out leads.
fn denied(
    auth: &Auth,
    request: &AuthorizationRequest,
    began: Option<Timestamp>,
    denial: Denial,
) -> Result<Response, Broken> {
    let began = began.unwrap_or_else(|| auth.clock.now());
    let (client, request) = (request.client.clone(), auth.provider.wait(request.clone(), began)?);
    let issuer = auth.issuer();
    let again =
        |how: &str| format!("{issuer}{}&how={how}", resume("/oauth2/again", client.as_str(), &request));
    Ok(led_out(denial, again))
}

/// A denial for the enforcement point to show, with where each way out leads: `again` says where who comes proves
/// `second_factor`, or `everything`.
pub(in crate::web) fn led_out(mut denial: Denial, again: impl Fn(&str) -> String) -> Response {
    if !denial.reason.is_outage() {
        denial.remedies.push(Remedy::new(Way::SwitchAccount, None));
    }
    denial.remedies.retain_mut(|remedy| {
        let to = match remedy.kind {
            RemedyKind::StepUp => again("second_factor"),
            RemedyKind::SignIn | RemedyKind::Reauthenticate | RemedyKind::SwitchAccount => {
                again("everything")
            }
            RemedyKind::Wait => return true,
            RemedyKind::EnrolDevice | RemedyKind::MendDevice | RemedyKind::RequestAccess => return false,
        };
        remedy.url = Some(to);
        true
    });
    let status = StatusCode::from_u16(denial.reason.status()).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = status.into_response();
    response.extensions_mut().insert(denial);
    response
}

async fn ask_consent(
    auth: &Auth,
    asked: &Asked,
    request: &AuthorizationRequest,
    began: Option<Timestamp>,
) -> Result<Shown, Broken> {
    let Some((session, user)) = asked.signed_in else {
        return Err(Broken::stale(String::from("/")).of(&asked.caller));
    };
    let began = began.unwrap_or_else(|| auth.clock.now());
    let waiting = auth.provider.wait(request.clone(), began)?;
    let client = request.client.as_str();
    let refusal = Refusal::new(Code::AccessDenied, "the person does not agree");
    let view = consent::View {
        form: Form {
            action: &resume("/oauth2/consent", client, &waiting),
            csrf: &auth.flow.form_token(session)?,
            onward: &[&origin(&request.to.uri)],
        },
        here: &resume("/oauth2/authorize", client, &waiting),
        client: &title(auth, request).await?,
        who: &called(auth, user).await?,
        what: if is_cli(&request.client) { consent::Asks::ToAct } else { consent::Asks::ToKnow },
        scopes: &request.scopes,
        refuse_url: &request.to.refused(&refusal, &auth.issuer()),
    };
    Ok(Shown::new(consent::page(&view, asked.reader)))
}

/// What people call the client.
async fn title(auth: &Auth, request: &AuthorizationRequest) -> Result<String, Error> {
    let client = auth.provider.client(&request.client).await?;
    Ok(client.and_then(|client| client.spec.title).unwrap_or_else(|| request.client.to_string()))
}

/// Where a browser goes that comes back with a request.
pub(in crate::web) fn back(auth: &Auth, coming: &Coming) -> Result<String, Error> {
    let waiting = auth.provider.wait(coming.request.clone(), coming.began)?;
    Ok(resume("/oauth2/authorize", coming.request.client.as_str(), &waiting))
}

/// Where a browser goes with a request that is given up.
pub(in crate::web) fn refused(auth: &Auth, coming: &Coming) -> String {
    let refusal = Refusal::new(Code::AccessDenied, "the person went back");
    coming.request.to.refused(&refusal, &auth.issuer())
}

fn resume(path: &str, client: &str, request_uri: &str) -> String {
    use crate::oidc::request::encoded;
    format!("{path}?client_id={}&request_uri={}", encoded(client), encoded(request_uri))
}

/// The origin of an address of a client, for the policy of a page that leads there; of a scheme of its own the scheme.
pub(in crate::web) fn origin(uri: &str) -> String {
    match uri.split_once("://") {
        Some((scheme @ ("https" | "http"), rest)) => {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            format!("{scheme}://{}", rest.get(..end).unwrap_or_default())
        }
        Some(_) | None => format!("{}:", uri.split(':').next().unwrap_or_default()),
    }
}
