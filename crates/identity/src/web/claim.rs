//! An invitation: a password, an authenticator app, recovery codes. Then the person is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::Auth;
use super::answer::{Onward, Shown};
use super::asked::{Asked, Fields};
use super::broken::Broken;
use super::link::{action, unusable};
use super::open::keep;
use super::sign_in::{follow, login, under_way};
use crate::attempt::{Asks, Attempt};
use crate::flow::{Claimant, Step};
use crate::pages::claim::{authenticator, password};
use crate::pages::{Form, link_unusable};

/// Shows whose account it is, and asks for a password.
pub(super) async fn look(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let Some(claimant) = claimant(&auth, &asked).await? else { return Ok(gone(&asked)) };
    let attempt = auth.flow.attempts().start(None);
    let cookie = keep(&auth, asked.place, &attempt)?;
    Ok(password_page(&asked, &attempt, &claimant, None).cookie(cookie).into_response())
}

pub(super) async fn choose(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let attempt = under_way(&asked, &fields)?;
    let (Some(code), Some(claimant)) = (asked.code(), claimant(&auth, &asked).await?) else {
        return Ok(gone(&asked));
    };
    match auth.flow.claim_password(attempt, &code, &fields.secret("password"), &asked.visit).await? {
        Step::StartOver(_) => Ok(gone(&asked)),
        step => {
            follow(&auth, &asked, attempt, step, |problem| {
                Ok(password_page(&asked, attempt, &claimant, Some(problem)))
            })
            .await
        }
    }
}

/// Shows the secret for the app, and asks for a code that proves that it arrived there.
pub(super) async fn ask_app(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    match &asked.attempt {
        Some(attempt) if attempt.asks() == Asks::FirstCode => {
            let login = login_of(&auth, attempt).await?;
            Ok(app_page(&auth, &asked, attempt, &login, None)?.into_response())
        }
        Some(_) | None => Ok(Onward::to(asked.here("/sign-in")).into_response()),
    }
}

pub(super) async fn finish(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let attempt = under_way(&asked, &fields)?;
    let login = login_of(&auth, attempt).await?;
    match auth.flow.claim_finish(attempt, &fields.secret("code"), &asked.visit).await? {
        Step::StartOver(_) => Ok(gone(&asked)),
        step => {
            follow(&auth, &asked, attempt, step, |problem| {
                app_page(&auth, &asked, attempt, &login, Some(problem))
            })
            .await
        }
    }
}

async fn claimant(auth: &Auth, asked: &Asked) -> Result<Option<Claimant>, Broken> {
    match asked.code() {
        Some(code) => Ok(auth.flow.claim_look(&code).await?),
        None => Ok(None),
    }
}

async fn login_of(auth: &Auth, attempt: &Attempt) -> Result<String, Broken> {
    match attempt.user() {
        Some(user) => Ok(login(auth, user).await?),
        None => Ok(String::new()),
    }
}

fn gone(asked: &Asked) -> Response {
    unusable(asked, link_unusable::Kind::Invitation).into_response()
}

fn password_page(asked: &Asked, attempt: &Attempt, claimant: &Claimant, problem: Option<&str>) -> Shown {
    let action = action(asked, "/claim");
    let attributes = claimant.attributes.as_ref();
    let page = |csrf: &str| {
        let view = password::View {
            form: Form { action: &action, csrf, onward: &[] },
            who: attributes.map_or("", |attributes| &attributes.display),
            login: attributes.map_or("", |attributes| &attributes.login),
            problem,
        };
        password::page(&view, asked.reader)
    };
    Shown::new(attempt.csrf().expose(|csrf| page(csrf)))
}

fn app_page(
    auth: &Auth,
    asked: &Asked,
    attempt: &Attempt,
    login: &str,
    problem: Option<&str>,
) -> Result<Shown, Broken> {
    let stale = || Broken::stale(asked.here("/sign-in")).of(&asked.caller);
    let totp = attempt.totp_secret().ok_or_else(stale)?;
    let action = asked.here("/claim/app");
    let (base32, url) = (totp.base32(), totp.url(auth.flow.organisation(), login));
    let page = |csrf: &str, secret: &str, otpauth_url: &str| {
        let form = Form { action: &action, csrf, onward: &[] };
        authenticator::page(&authenticator::View { form, secret, otpauth_url, problem }, asked.reader)
    };
    let page =
        attempt.csrf().expose(|csrf| base32.expose(|secret| url.expose(|url| page(csrf, secret, url))));
    Ok(Shown::new(page))
}
