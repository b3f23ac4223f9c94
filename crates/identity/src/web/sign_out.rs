//! Signing out: here, everywhere, or to become somebody else.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bartizan_model::SessionId;

use super::account::own;
use super::answer::{Onward, Shown};
use super::asked::{Asked, Fields};
use super::broken::Broken;
use super::cookies;
use super::sign_in::called;
use super::{Auth, device, oidc};
use crate::attempt::{Attempt, Opening};
use crate::pages::sign_out_confirm::{self, Next};
use crate::pages::{Form, signed_out};

/// A link changes nothing, so it only asks.
pub(super) async fn ask(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    confirm(&auth, &asked, "/sign-out", Next::SignedOut).await
}

pub(super) async fn ask_switch(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    confirm(&auth, &asked, "/switch", Next::SwitchAccount).await
}

async fn confirm(auth: &Auth, asked: &Asked, path: &str, next: Next) -> Result<Response, Broken> {
    let Some((session, user)) = asked.signed_in else {
        let to = if next == Next::SignedOut { String::from("/signed-out") } else { asked.here("/sign-in") };
        return Ok(Onward::to(to).into_response());
    };
    let back = match asked.attempt.as_ref().and_then(Attempt::opening) {
        Some(Opening::App { host, .. }) => format!("{}/", auth.origin_of(host)),
        // Whoever wants another account, and then does not, has none that would do.
        Some(Opening::Client(coming)) => oidc::refused(auth, coming),
        Some(Opening::Device { user_code, .. }) => device::page_for(user_code.as_deref()),
        None => String::from("/"),
    };
    let view = sign_out_confirm::View {
        form: Form { action: &asked.here(path), csrf: &auth.flow.form_token(session)?, onward: &[] },
        who: &called(auth, user).await?,
        next,
        back_url: &back,
    };
    Ok(Shown::new(sign_out_confirm::page(&view, asked.reader)).into_response())
}

/// Ends this session; everything that it has open is cut.
pub(super) async fn here(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let (session, _) = own(&auth, &asked, &fields)?;
    end(&auth, &asked, &[session], String::from("/signed-out")).await
}

pub(super) async fn everywhere(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let (_, user) = own(&auth, &asked, &fields)?;
    let all: Vec<SessionId> =
        auth.flow.sign_ins().list(Some(user)).await?.iter().map(|record| record.facts.id).collect();
    end(&auth, &asked, &all, String::from("/signed-out")).await
}

/// Ends this session, and asks who is there; what was being opened is opened for them.
pub(super) async fn switch(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let (session, _) = own(&auth, &asked, &fields)?;
    end(&auth, &asked, &[session], asked.here("/sign-in")).await
}

async fn end(auth: &Auth, asked: &Asked, sessions: &[SessionId], to: String) -> Result<Response, Broken> {
    let author = asked.caller.subject.id();
    auth.flow.sign_ins().end(sessions, "signed_out", &author).await?;
    Ok(Onward::to(to).cookie(cookies::remove(cookies::SIGN_IN)).into_response())
}

pub(super) async fn done(asked: Asked) -> Response {
    Shown::new(signed_out::page(
        &signed_out::View { here: "/signed-out", sign_in_url: "/sign-in" },
        asked.reader,
    ))
    .into_response()
}
