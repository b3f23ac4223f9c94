//! A person's own password and authenticator app: set, put in the place of another, taken away.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use bartizan_model::{SessionId, UserId};
use http::StatusCode;

use super::Auth;
use super::account::{own, page as account_page};
use super::answer::{Onward, Shown};
use super::asked::{Asked, Fields};
use super::broken::Broken;
use super::cookies;
use super::open::keep;
use super::passkeys::changed;
use super::sign_in::login;
use crate::attempt::Attempt;
use crate::flow::{FactorChange, Wrong};
use crate::pages::account::Done;
use crate::pages::claim::authenticator;
use crate::pages::{Form, password_new, refusal};

pub(super) fn routes() -> Router<Arc<Auth>> {
    Router::new()
        .route(PASSWORD, get(ask_password).post(set_password))
        .route("/password/remove", post(remove_password))
        .route(APP, get(ask_app).post(set_app))
        .route("/authenticator/remove", post(remove_app))
}

/// Asks for a password, where one can be set.
async fn ask_password(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let Some((session, user)) = asked.signed_in else {
        return Ok(Onward::to("/sign-in").into_response());
    };
    if !auth.flow.permitted(user).await?.set_password {
        return Ok(Onward::to("/").into_response());
    }
    if !auth.flow.is_fresh(session).await? {
        return Ok(Onward::to(CONFIRM_PASSWORD).into_response());
    }
    Ok(password_page(&auth, &asked, (session, user), None).await?.into_response())
}

async fn set_password(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let who = own(&auth, &asked, &fields)?;
    let change = auth.flow.set_password(who, &fields.secret("password"), &asked.visit).await?;
    let done = match change {
        FactorChange::NotFresh => return Ok(Onward::to(CONFIRM_PASSWORD).into_response()),
        FactorChange::Wrong(wrong @ Wrong::NewPassword(_)) => {
            let problem = refusal::wrong(asked.reader.words, wrong);
            let page = password_page(&auth, &asked, who, Some(&problem)).await?;
            return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response());
        }
        FactorChange::OthersEnded => Done::PasswordChanged,
        FactorChange::Made | FactorChange::Wrong(_) | FactorChange::Late => Done::PasswordSet,
    };
    changed(&auth, &asked, who, change, done, PASSWORD).await
}

async fn remove_password(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let who = own(&auth, &asked, &fields)?;
    let change = auth.flow.remove_password(who, &asked.visit).await?;
    changed(&auth, &asked, who, change, Done::PasswordRemoved, "/").await
}

/// Shows a secret for an app. It stays the same when the page is loaded again, since an app may have it by then: so the page
/// is at an address that names its attempt.
async fn ask_app(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let Some((session, user)) = asked.signed_in else {
        return Ok(Onward::to("/sign-in").into_response());
    };
    if !auth.flow.is_fresh(session).await? {
        return Ok(Onward::to(CONFIRM_APP).into_response());
    }
    match asked.attempt.as_ref().filter(|attempt| attempt.added_in(session).is_some()) {
        Some(attempt) => Ok(app_page(&auth, &asked, (session, user), attempt, None).await?.into_response()),
        None => {
            let attempt = auth.flow.new_app(session);
            let cookie = keep(&auth, asked.place, &attempt)?;
            if asked.parameter("a").is_none() {
                return Ok(Onward::to(asked.here(APP)).cookie(cookie).into_response());
            }
            let page = app_page(&auth, &asked, (session, user), &attempt, None).await?;
            Ok(page.cookie(cookie).into_response())
        }
    }
}

async fn set_app(State(auth): State<Arc<Auth>>, asked: Asked, fields: Fields) -> Result<Response, Broken> {
    let Some(who) = asked.signed_in else { return Ok(Onward::to("/sign-in").into_response()) };
    let stale = || Broken::stale(String::from(APP)).of(&asked.caller);
    let attempt = asked.attempt.as_ref().filter(|attempt| fields.is_of(attempt)).ok_or_else(stale)?;
    let change = auth.flow.set_app(who, attempt, &fields.secret("code"), &asked.visit).await?;
    let done = match change {
        FactorChange::NotFresh => return Ok(Onward::to(CONFIRM_APP).into_response()),
        FactorChange::Late => return Ok(Onward::to(APP).into_response()),
        FactorChange::Wrong(wrong @ Wrong::FirstCode) => {
            let problem = refusal::wrong(asked.reader.words, wrong);
            let page = app_page(&auth, &asked, who, attempt, Some(&problem)).await?;
            return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response());
        }
        FactorChange::Wrong(_) => return changed(&auth, &asked, who, change, Done::AppAdded, APP).await,
        FactorChange::OthersEnded => Done::AppReplaced,
        FactorChange::Made => Done::AppAdded,
    };
    let page = account_page(&auth, asked.reader, who.0, who.1, Some(done)).await?;
    // The app has its secret; the browser needs it no more.
    Ok(page.cookie(cookies::remove(&cookies::attempt(asked.place))).into_response())
}

async fn remove_app(State(auth): State<Arc<Auth>>, asked: Asked, fields: Fields) -> Result<Response, Broken> {
    let who = own(&auth, &asked, &fields)?;
    let change = auth.flow.remove_app(who, &asked.visit).await?;
    changed(&auth, &asked, who, change, Done::AppRemoved, "/").await
}

async fn password_page(
    auth: &Auth,
    asked: &Asked,
    (session, user): (SessionId, UserId),
    problem: Option<&str>,
) -> Result<Shown, Broken> {
    let enrolled = auth.flow.factors().enrolled(user).await?;
    let is_set = enrolled.is_some_and(|enrolled| enrolled.password_set.is_some());
    let (csrf, login) = (auth.flow.form_token(session)?, login(auth, user).await?);
    let view = password_new::View {
        form: Form { action: PASSWORD, csrf: &csrf, onward: &[] },
        now: if is_set { password_new::Now::Set } else { password_new::Now::None },
        login: &login,
        problem,
    };
    Ok(Shown::new(password_new::page(&view, asked.reader)))
}

async fn app_page(
    auth: &Auth,
    asked: &Asked,
    (session, user): (SessionId, UserId),
    attempt: &Attempt,
    problem: Option<&str>,
) -> Result<Shown, Broken> {
    let stale = || Broken::stale(String::from(APP)).of(&asked.caller);
    let totp = attempt.added_in(session).ok_or_else(stale)?;
    let enrolled = auth.flow.factors().enrolled(user).await?;
    let occasion = if enrolled.is_some_and(|enrolled| enrolled.totp_enrolled.is_some()) {
        authenticator::Occasion::Replacement
    } else {
        authenticator::Occasion::Another
    };
    let login = login(auth, user).await?;
    let (base32, url) = (totp.base32(), totp.url(auth.flow.organisation(), &login));
    let action = asked.here(APP);
    let page = |csrf: &str, secret: &str, otpauth_url: &str| {
        let form = Form { action: &action, csrf, onward: &[] };
        let view = authenticator::View { form, occasion, secret, otpauth_url, problem };
        authenticator::page(&view, asked.reader)
    };
    let page =
        attempt.csrf().expose(|csrf| base32.expose(|secret| url.expose(|url| page(csrf, secret, url))));
    Ok(Shown::new(page))
}

const PASSWORD: &str = "/password";
const APP: &str = "/authenticator";
const CONFIRM_PASSWORD: &str = "/confirm?then=password";
const CONFIRM_APP: &str = "/confirm?then=app";
