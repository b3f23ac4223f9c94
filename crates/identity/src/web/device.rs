//! A person connects a device that has no browser (RFC 8628, 3.3). Nothing is decided by coming here: an address can be sent
//! to anybody. The code is looked at once a form of ours brings it, and what it stands for is shown before it is allowed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bartizan_model::{ClientName, Denial, SessionId, UserId};
use http::StatusCode;

use super::Auth;
use super::answer::{Onward, Shown};
use super::asked::{Asked, Fields};
use super::broken::Broken;
use super::oidc::led_out;
use super::open::keep;
use super::sign_in::{called, wait};
use crate::attempt::Opening;
use crate::clients::is_cli;
use crate::error::Error;
use crate::oidc::device::{Allowing, Pending, Typed, UserCode};
use crate::oidc::discovery::paths::DEVICE;
use crate::oidc::request::encoded;
use crate::oidc::standing::Falls;
use crate::pages::Form;
use crate::pages::consent::Asks;
use crate::pages::device::{self, AskView, CodeView, End};

/// The page for this code, for who comes back.
pub(super) fn page_for(user_code: Option<&str>) -> String {
    match user_code {
        Some(code) => format!("{DEVICE}?user_code={}", encoded(code)),
        None => String::from(DEVICE),
    }
}

/// The code that somebody came with, in its one spelling. Anything else is as none.
fn brought(asked: &Asked) -> Option<String> {
    asked.parameter("user_code").and_then(UserCode::parse).map(|code| code.to_string())
}

/// Asks for the code. Who is not signed in is, first.
pub(super) async fn ask(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let code = brought(&asked);
    match asked.signed_in {
        Some(here) => {
            Ok(code_page(&auth, &asked, here, &code.unwrap_or_default(), None).await?.into_response())
        }
        None => under_way(&auth, &asked, code, None, "/sign-in"),
    }
}

/// A newer proof is wanted, or another account.
pub(super) async fn again(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let client = asked.parameter("client_id").and_then(|name| name.parse::<ClientName>().ok());
    let title = match client {
        Some(client) => Some(title(&auth, &client).await?),
        None => None,
    };
    let path = if asked.parameter("how") == Some("second_factor") { "/confirm" } else { "/switch" };
    under_way(&auth, &asked, brought(&asked), title, path)
}

fn under_way(
    auth: &Auth,
    asked: &Asked,
    user_code: Option<String>,
    title: Option<String>,
    path: &str,
) -> Result<Response, Broken> {
    let attempt = auth.flow.attempts().start(Some(Opening::Device { user_code, title }));
    let cookie = keep(auth, asked.place, &attempt)?;
    Ok(Onward::to(asked.here(path)).cookie(cookie).into_response())
}

/// Shows what the code stands for, and asks.
pub(super) async fn look(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let here = own(&auth, &asked, &fields)?;
    let typed = fields.text("user_code");
    let words = asked.reader.words;
    let (problem, status) = match auth.provider.typed(&typed, here.1, asked.caller.source).await? {
        Typed::Waits(pending) => {
            let code = UserCode::parse(&typed).map(|code| code.to_string()).unwrap_or_default();
            return Ok(ask_page(&auth, &asked, here, &code, &pending).await?.into_response());
        }
        Typed::Unknown => (words.say("device-code-wrong"), StatusCode::UNPROCESSABLE_ENTITY),
        Typed::Wait(seconds) => (wait(&asked, seconds), StatusCode::TOO_MANY_REQUESTS),
    };
    let shown: String = typed.trim().chars().take(16).collect();
    let page = code_page(&auth, &asked, here, &shown, Some(&problem)).await?;
    Ok(page.status(status).into_response())
}

/// The person allows it.
pub(super) async fn allow(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let here = own(&auth, &asked, &fields)?;
    let Some(pending) = auth.provider.shown_device(&fields.text("shown"), here.0).await? else {
        return Ok(end_page(&auth, &asked, End::Over, None).await?.into_response());
    };
    let client = pending.request.client.clone();
    let end = match auth.provider.allow_device(pending, &asked.caller, here).await? {
        Allowing::Allowed => End::Allowed,
        Allowing::Over | Allowing::Falls(Falls::Client) => End::Over,
        // Their sign-in ended on the way here.
        Allowing::Falls(Falls::Person | Falls::Session | Falls::Factors) => {
            return under_way(&auth, &asked, brought(&asked), None, "/sign-in");
        }
        Allowing::Denied(denial) => {
            return Ok(denied(&auth, &client, &brought(&asked).unwrap_or_default(), *denial));
        }
    };
    Ok(end_page(&auth, &asked, end, Some(&client)).await?.into_response())
}

/// The person does not.
pub(super) async fn deny(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let here = own(&auth, &asked, &fields)?;
    let denied = match auth.provider.shown_device(&fields.text("shown"), here.0).await? {
        Some(pending) => auth.provider.deny_device(pending, here).await?,
        None => false,
    };
    let end = if denied { End::Denied } else { End::Over };
    Ok(end_page(&auth, &asked, end, None).await?.into_response())
}

/// The session whose page the form is of.
fn own(auth: &Auth, asked: &Asked, fields: &Fields) -> Result<(SessionId, UserId), Broken> {
    let own = asked.signed_in.filter(|(session, _)| fields.is_of_session(auth, *session));
    own.ok_or_else(|| Broken::stale(String::from(DEVICE)).of(&asked.caller))
}

async fn code_page(
    auth: &Auth,
    asked: &Asked,
    (session, user): (SessionId, UserId),
    code: &str,
    problem: Option<&str>,
) -> Result<Shown, Error> {
    let view = CodeView {
        form: Form { action: DEVICE, csrf: &auth.flow.form_token(session)?, onward: &[] },
        who: &called(auth, user).await?,
        code,
        problem,
        switch_url: "/device/again",
    };
    Ok(Shown::new(device::ask(&view, asked.reader)))
}

async fn ask_page(
    auth: &Auth,
    asked: &Asked,
    (session, user): (SessionId, UserId),
    code: &str,
    pending: &Pending,
) -> Result<Shown, Error> {
    let request = &pending.request;
    let view = AskView {
        // The code goes along for the way back, if more is asked of the person first.
        allow: &format!("/device/allow?user_code={}", encoded(code)),
        deny: "/device/deny",
        csrf: &auth.flow.form_token(session)?,
        here: &page_for(Some(code)),
        shown: &auth.provider.show_device(pending, session)?,
        code,
        client: &title(auth, &request.client).await?,
        name: request.client.as_str(),
        who: &called(auth, user).await?,
        what: if is_cli(&request.client) { Asks::ToAct } else { Asks::ToKnow },
        scopes: &request.scopes,
        resources: &request.resources,
        place: pending.place.as_ref(),
        began: &request.began.to_string(),
        age: auth.clock.now().since(request.began),
    };
    Ok(Shown::new(device::confirm(&view, asked.reader)))
}

async fn end_page(auth: &Auth, asked: &Asked, end: End, client: Option<&ClientName>) -> Result<Shown, Error> {
    let client = match client {
        Some(client) => title(auth, client).await?,
        None => String::new(),
    };
    Ok(Shown::new(device::end(end, &client, DEVICE, asked.reader)))
}

/// What people call the client.
async fn title(auth: &Auth, name: &ClientName) -> Result<String, Error> {
    let client = auth.provider.client(name).await?;
    Ok(client.and_then(|client| client.spec.title).unwrap_or_else(|| name.to_string()))
}

/// The enforcement point says why; here is only known where each way out leads.
fn denied(auth: &Auth, client: &ClientName, code: &str, denial: Denial) -> Response {
    led_out(denial, |how| {
        let (client, code) = (encoded(client.as_str()), encoded(code));
        format!("{}/device/again?client_id={client}&user_code={code}&how={how}", auth.issuer())
    })
}
