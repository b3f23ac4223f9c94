//! What passkeys bring, on every page that asks for one; and a person's own passkeys.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use bartizan_model::{SessionId, UserId};
use http::StatusCode;

use super::account::{own, page as account_page};
use super::answer::{Onward, Shown};
use super::asked::{Asked, Fields};
use super::broken::Broken;
use super::open::{confirmed, keep};
use super::sign_in::{Second, Who, first_page, follow, onward, renewed, second_page, under_way};
use super::{Auth, claim};
use crate::attempt::Attempt;
use crate::flow::FactorChange;
use crate::pages::account::Done;
use crate::pages::{Form, Passkey, Way, passkey_new, passkey_of, refusal};
use crate::passkeys::PasskeyKey;

/// The addresses that forms with a passkey post to, which are larger than others.
pub(super) fn router() -> Router<Arc<Auth>> {
    Router::new()
        .route("/sign-in/passkey", post(sign_in))
        .route("/code/passkey", post(second))
        .route("/confirm/passkey", post(confirm))
        .route("/claim/passkey", post(claim::make))
        .route("/passkeys/new", get(ask_new).post(add))
        .route("/passkeys/rename", post(rename))
        .route("/passkeys/remove", post(remove))
        .layer(DefaultBodyLimit::max(MAX_FORM))
}

/// A passkey in the place of login and password. Without one, the page for those of the login name that was typed.
async fn sign_in(State(auth): State<Arc<Auth>>, asked: Asked, fields: Fields) -> Result<Response, Broken> {
    let attempt = under_way(&asked, &fields)?;
    let (brought, login) = (fields.text("passkey"), fields.text("login"));
    if brought.is_empty() && !login.trim().is_empty() {
        return theirs(&auth, asked, &login).await;
    }
    let step = auth.flow.passkey(attempt, &auth.party()?, &brought, &asked.visit).await?;
    let providers = auth.federation.providers().await?;
    follow(&auth, &asked, attempt, step, |problem| {
        first_page(&auth, &asked, attempt, "", &providers, Some((problem, Way::Passkey)))
    })
    .await
}

async fn theirs(auth: &Auth, mut asked: Asked, login: &str) -> Result<Response, Broken> {
    let kept = renewed(auth, &mut asked)?;
    let stale = || Broken::stale(asked.here("/sign-in")).of(&asked.caller);
    let attempt = asked.attempt.as_ref().ok_or_else(stale)?;
    let ask = auth.flow.ask_passkey_of(attempt, &auth.party()?, login).await?.ok_or_else(stale)?;
    let (action, password_url) = (asked.here("/sign-in/passkey"), asked.here("/sign-in"));
    let (onward, shown) = (onward(auth, attempt), login.trim().chars().take(64).collect::<String>());
    let page = |csrf: &str| {
        let view = passkey_of::View {
            form: Form { action: &action, csrf, onward: &[&onward] },
            ask: &ask,
            login: &shown,
            password_url: &password_url,
        };
        passkey_of::page(&view, asked.reader)
    };
    Ok(Shown::new(attempt.csrf().expose(|csrf| page(csrf))).cookies(kept).into_response())
}

/// A passkey as the second factor.
async fn second(State(auth): State<Arc<Auth>>, asked: Asked, fields: Fields) -> Result<Response, Broken> {
    let attempt = under_way(&asked, &fields)?;
    let who = Who::of(&auth, attempt).await?;
    let (party, brought) = (auth.party()?, fields.text("passkey"));
    let step = auth.flow.second_passkey(attempt, &party, &brought, &asked.visit).await?;
    follow(&auth, &asked, attempt, step, |problem| {
        Ok(second_page(&auth, &asked, attempt, &who, Second::Code, Some((problem, Way::Passkey))))
    })
    .await
}

/// A passkey of somebody who is signed in already.
async fn confirm(State(auth): State<Arc<Auth>>, asked: Asked, fields: Fields) -> Result<Response, Broken> {
    let Some(own) = asked.signed_in else {
        return Ok(Onward::to(asked.here("/sign-in")).into_response());
    };
    let stale = || Broken::stale(String::from("/")).of(&asked.caller);
    let attempt = asked.attempt.as_ref().filter(|attempt| fields.is_of(attempt)).ok_or_else(stale)?;
    let (party, brought) = (auth.party()?, fields.text("passkey"));
    let confirmation = auth.flow.confirm_by_passkey(own, attempt, &party, &brought, &asked.visit).await?;
    confirmed(&auth, &asked, own, attempt, confirmation).await
}

/// Asks for a new passkey of who is signed in.
async fn ask_new(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let Some((session, user)) = asked.signed_in else {
        return Ok(Onward::to(asked.here("/sign-in")).into_response());
    };
    if !auth.flow.is_fresh(session).await? {
        return Ok(Onward::to(CONFIRM_FIRST).into_response());
    }
    new_page(&auth, &asked, user, None, StatusCode::OK).await
}

/// The page, with an attempt of its own: what was asked for before is worth nothing once it is shown.
async fn new_page(
    auth: &Auth,
    asked: &Asked,
    user: UserId,
    problem: Option<&str>,
    status: StatusCode,
) -> Result<Response, Broken> {
    let attempt: Attempt = auth.flow.attempts().start(None);
    let cookie = keep(auth, asked.place, &attempt)?;
    let Some(ask) = auth.flow.ask_another_passkey(&attempt, &auth.party()?, user).await? else {
        return Ok(Onward::to("/").into_response());
    };
    let (action, name) = (asked.here("/passkeys/new"), asked.visit.device_name());
    let page = |csrf: &str| {
        let passkey = Passkey { action: &action, ask: &ask };
        passkey_new::page(&passkey_new::View { csrf, passkey, name: &name, problem }, asked.reader)
    };
    let shown = Shown::new(attempt.csrf().expose(|csrf| page(csrf)));
    Ok(shown.cookie(cookie).status(status).into_response())
}

async fn add(State(auth): State<Arc<Auth>>, asked: Asked, fields: Fields) -> Result<Response, Broken> {
    let Some(who) = asked.signed_in else {
        return Ok(Onward::to(asked.here("/sign-in")).into_response());
    };
    let stale = || Broken::stale(String::from("/")).of(&asked.caller);
    let attempt = asked.attempt.as_ref().filter(|attempt| fields.is_of(attempt)).ok_or_else(stale)?;
    let (brought, name) = (fields.text("passkey"), fields.text("name"));
    let party = auth.party()?;
    let change = auth.flow.add_passkey(who, attempt, &party, (&brought, &name), &asked.visit).await?;
    if let FactorChange::Wrong(wrong) = change {
        let problem = refusal::wrong(asked.reader.words, wrong);
        return new_page(&auth, &asked, who.1, Some(&problem), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    changed(&auth, &asked, who, change, Done::PasskeyAdded, "/passkeys/new").await
}

async fn rename(State(auth): State<Arc<Auth>>, asked: Asked, fields: Fields) -> Result<Response, Broken> {
    let (who, key) = (own(&auth, &asked, &fields)?, key(&asked)?);
    let change = auth.flow.rename_passkey(who, key, &fields.text("name"), &asked.visit).await?;
    changed(&auth, &asked, who, change, Done::PasskeyRenamed, "/").await
}

async fn remove(State(auth): State<Arc<Auth>>, asked: Asked, fields: Fields) -> Result<Response, Broken> {
    let (who, key) = (own(&auth, &asked, &fields)?, key(&asked)?);
    let change = auth.flow.remove_passkey(who, key, &asked.visit).await?;
    changed(&auth, &asked, who, change, Done::PasskeyRemoved, "/").await
}

/// The account as it is after a change, or what has to come before it.
pub(super) async fn changed(
    auth: &Auth,
    asked: &Asked,
    (session, user): (SessionId, UserId),
    change: FactorChange,
    done: Done,
    late: &str,
) -> Result<Response, Broken> {
    let (done, status) = match change {
        FactorChange::Made | FactorChange::OthersEnded => (done, StatusCode::OK),
        FactorChange::Wrong(wrong) => (Done::Refused(wrong), StatusCode::UNPROCESSABLE_ENTITY),
        FactorChange::NotFresh => return Ok(Onward::to("/confirm").into_response()),
        FactorChange::Late => return Ok(Onward::to(late).into_response()),
    };
    let page = account_page(auth, asked.reader, session, user, Some(done)).await?;
    Ok(page.status(status).into_response())
}

/// Which passkey a form is about.
fn key(asked: &Asked) -> Result<PasskeyKey, Broken> {
    let stale = || Broken::stale(String::from("/")).of(&asked.caller);
    asked.parameter("key").and_then(|text| text.parse().ok()).ok_or_else(stale)
}

const CONFIRM_FIRST: &str = "/confirm?then=passkey";

/// 64 KB: what a passkey brings is at most 16 KB, each of which may be written as three.
const MAX_FORM: usize = 64 * 1024;
