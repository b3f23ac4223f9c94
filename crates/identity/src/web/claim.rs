//! An invitation: a passkey, or a password and an authenticator app; then recovery codes. The person is signed in by that.

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
use crate::flow::{Claimant, PasskeyAsk, Step};
use crate::pages::claim::{authenticator, password};
use crate::pages::{Form, Passkey, link_unusable};

/// Shows whose account it is, and asks for a password.
pub(super) async fn look(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let Some(claimant) = claimant(&auth, &asked).await? else { return Ok(gone(&asked)) };
    let attempt = auth.flow.attempts().start(None);
    let cookie = keep(&auth, asked.place, &attempt)?;
    let page = first_page(&auth, &asked, &attempt, &claimant, Problems::default()).await?;
    Ok(page.cookie(cookie).into_response())
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
            let ask = auth.flow.ask_first_passkey(attempt, &auth.party()?, &claimant).await?;
            follow(&auth, &asked, attempt, step, |problem| {
                let problems = Problems { password: Some(problem), passkey: None };
                Ok(page_of(&auth, &asked, attempt, &claimant, ask.as_ref(), problems))
            })
            .await
        }
    }
}

/// A passkey, and nothing else: the other way to set up an account.
pub(super) async fn make(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let attempt = under_way(&asked, &fields)?;
    let (Some(code), Some(claimant)) = (asked.code(), claimant(&auth, &asked).await?) else {
        return Ok(gone(&asked));
    };
    let name = asked.visit.device_name();
    let (party, brought) = (auth.party()?, fields.text("passkey"));
    let step = auth.flow.claim_passkey(attempt, &code, &party, (&brought, &name), &asked.visit).await?;
    match step {
        Step::StartOver(_) => Ok(gone(&asked)),
        step => {
            // What was asked for before is worth nothing now.
            let attempt = auth.flow.attempts().start(None);
            let cookie = keep(&auth, asked.place, &attempt)?;
            let ask = auth.flow.ask_first_passkey(&attempt, &party, &claimant).await?;
            follow(&auth, &asked, &attempt, step, |problem| {
                let problems = Problems { password: None, passkey: Some(problem) };
                Ok(page_of(&auth, &asked, &attempt, &claimant, ask.as_ref(), problems).cookie(cookie))
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

/// What was wrong with the last try, by the way that was tried.
#[derive(Debug, Clone, Copy, Default)]
struct Problems<'a> {
    password: Option<&'a str>,
    passkey: Option<&'a str>,
}

async fn first_page(
    auth: &Auth,
    asked: &Asked,
    attempt: &Attempt,
    claimant: &Claimant,
    problems: Problems<'_>,
) -> Result<Shown, Broken> {
    let ask = auth.flow.ask_first_passkey(attempt, &auth.party()?, claimant).await?;
    Ok(page_of(auth, asked, attempt, claimant, ask.as_ref(), problems))
}

fn page_of(
    auth: &Auth,
    asked: &Asked,
    attempt: &Attempt,
    claimant: &Claimant,
    ask: Option<&PasskeyAsk>,
    problems: Problems<'_>,
) -> Shown {
    let (action, passkey_action) = (action(asked, "/claim"), action(asked, "/claim/passkey"));
    let attributes = claimant.attributes.as_ref();
    let portal = auth.portal();
    let page = |csrf: &str| {
        let view = password::View {
            form: Form { action: &action, csrf, onward: &[&portal] },
            who: attributes.map_or("", |attributes| &attributes.display),
            login: attributes.map_or("", |attributes| &attributes.login),
            problem: problems.password,
            passkey: ask.map(|ask| Passkey { action: &passkey_action, ask }),
            passkey_problem: problems.passkey,
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
        let occasion = authenticator::Occasion::Claim;
        let view = authenticator::View { form, occasion, secret, otpauth_url, problem };
        authenticator::page(&view, asked.reader)
    };
    let page =
        attempt.csrf().expose(|csrf| base32.expose(|secret| url.expose(|url| page(csrf, secret, url))));
    Ok(Shown::new(page))
}
