//! A browser arrives from an app's host, and goes back with a code once somebody is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bartizan_model::{SessionId, UserId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};

use super::answer::{Onward, Shown};
use super::asked::{Asked, Fields};
use super::broken::{Broken, Cause};
use super::cookies::{self, Lasts};
use super::provider::{confirming, way_to_confirm};
use super::{Auth, device, oidc, sign_in};
use crate::attempt::{Attempt, Opening};
use crate::error::Error;
use crate::flow::{Confirmation, Wrong};
use crate::pages::{Form, Passkey, Way, confirm_again, refusal, second_factor};

/// From the app's host: `host`, `n`, `challenge`, and what is to be proved `again`.
pub(super) async fn open(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, Broken> {
    // A browser says what for (Fetch Metadata, 2.1). A page of a neighbouring app must not have codes made by the
    // dozen as pictures, which the person's cookie comes along with.
    if headers.get("sec-fetch-dest").is_some_and(|destination| destination != "document") {
        return Err(Broken::bad(Cause::NotHowOpened).of(&asked.caller));
    }
    let no_such_app = || Broken::bad(Cause::NoSuchApp).of(&asked.caller);
    let opening = opening(&auth, &asked).ok_or_else(no_such_app)?;
    let again = asked.parameter("again").unwrap_or("nothing");
    match (asked.signed_in, again) {
        (Some((session, _)), "nothing") => Ok(back(&auth, session, &opening).await?.into_response()),
        (Some(_), "second_factor") => under_way(&auth, &asked, opening, "/confirm"),
        (Some(_), _) => under_way(&auth, &asked, opening, "/switch"),
        (None, _) => under_way(&auth, &asked, opening, "/sign-in"),
    }
}

fn opening(auth: &Auth, asked: &Asked) -> Option<Opening> {
    let app = auth.enforcer.app_by_host(asked.parameter("host")?)?;
    let n: u8 = asked.parameter("n")?.parse().ok()?;
    let challenge = URL_SAFE_NO_PAD.decode(asked.parameter("challenge")?).ok()?.try_into().ok()?;
    (app.host != auth.host && n < 100).then(|| Opening::App { host: app.host.clone(), n, challenge })
}

/// Keeps what is being opened with the browser, and shows the page.
fn under_way(auth: &Auth, asked: &Asked, opening: Opening, path: &str) -> Result<Response, Broken> {
    let attempt = auth.flow.attempts().start(Some(opening));
    let cookie = keep(auth, asked.place, &attempt)?;
    Ok(Onward::to(asked.here(path)).cookie(cookie).into_response())
}

/// The field that keeps an attempt with the browser.
pub(super) fn keep(auth: &Auth, place: u8, attempt: &Attempt) -> Result<Option<http::HeaderValue>, Error> {
    let sealed = auth.flow.attempts().seal(attempt)?;
    Ok(cookies::set(&cookies::attempt(place), &sealed, Lasts::Attempt))
}

/// Back to the app, with a code for the browser that came from there; or to what a client asks for.
pub(super) async fn back(auth: &Auth, session: SessionId, opening: &Opening) -> Result<Onward, Error> {
    let (host, n, challenge) = match opening {
        Opening::App { host, n, challenge } => (host, n, challenge),
        // What the client asks for is looked at anew, now that somebody is signed in.
        Opening::Client(coming) => return Ok(Onward::to(oidc::back(auth, coming)?)),
        Opening::Device { user_code, .. } => return Ok(Onward::to(device::page_for(user_code.as_deref()))),
    };
    let code = auth.flow.app_code(session, host, *challenge).await?;
    let origin = auth.origin_of(host);
    Ok(Onward::to(code.expose(|code| format!("{origin}/.bartizan/callback?code={code}&n={n}"))))
}

/// Who is signed in proves a second factor once more.
pub(super) async fn ask_again(State(auth): State<Arc<Auth>>, mut asked: Asked) -> Result<Response, Broken> {
    let Some((_, user)) = asked.signed_in else {
        return Ok(Onward::to(asked.here("/sign-in")).into_response());
    };
    let renewed = sign_in::renewed(&auth, &mut asked)?;
    match &asked.attempt {
        Some(attempt) => {
            Ok(confirm_page(&auth, &asked, user, attempt, None).await?.cookies(renewed).into_response())
        }
        None => {
            let attempt = auth.flow.attempts().start(None);
            let cookie = keep(&auth, asked.place, &attempt)?;
            Ok(confirm_page(&auth, &asked, user, &attempt, None).await?.cookie(cookie).into_response())
        }
    }
}

pub(super) async fn check_again(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let Some((session, user)) = asked.signed_in else {
        return Ok(Onward::to(asked.here("/sign-in")).into_response());
    };
    let stale = || Broken::stale(String::from("/")).of(&asked.caller);
    let attempt = asked.attempt.as_ref().filter(|attempt| fields.is_of(attempt)).ok_or_else(stale)?;
    let code = fields.secret("code");
    let confirmation = auth.flow.confirm_again(session, user, &code, &asked.visit).await?;
    confirmed(&auth, &asked, (session, user), attempt, confirmation).await
}

/// What follows on a confirmation: the way on, or the same page with what was wrong.
pub(super) async fn confirmed(
    auth: &Auth,
    asked: &Asked,
    (session, user): (SessionId, UserId),
    attempt: &Attempt,
    confirmation: Confirmation,
) -> Result<Response, Broken> {
    let mut tried = Way::Typed;
    let (problem, status) = match confirmation {
        Confirmation::Confirmed => {
            let onward = match attempt.opening() {
                Some(opening) => back(auth, session, opening).await?,
                None => Onward::to(After::of(asked).path()),
            };
            return Ok(onward.cookie(cookies::remove(&cookies::attempt(asked.place))).into_response());
        }
        Confirmation::Wrong(wrong) => {
            match wrong {
                Wrong::Passkey => tried = Way::Passkey,
                Wrong::Provider => tried = Way::Provider,
                _ => {}
            }
            (refusal::wrong(asked.reader.words, wrong), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Confirmation::Wait(seconds) => (sign_in::wait(asked, seconds), StatusCode::TOO_MANY_REQUESTS),
        Confirmation::StartOver => return Ok(Onward::to(asked.here("/sign-in")).into_response()),
    };
    let page = confirm_page(auth, asked, user, attempt, Some((&problem, tried))).await?;
    Ok(page.status(status).into_response())
}

/// Where somebody goes who has confirmed, unless an app is being opened. Of what stands in the address only this is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Account,
    NewPasskey,
    Password,
    App,
}

impl After {
    fn of(asked: &Asked) -> Self {
        match asked.parameter("then") {
            Some("passkey") => Self::NewPasskey,
            Some("password") => Self::Password,
            Some("app") => Self::App,
            Some(_) | None => Self::Account,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Account => "/",
            Self::NewPasskey => "/passkeys/new",
            Self::Password => "/password",
            Self::App => "/authenticator",
        }
    }

    const fn parameter(self) -> &'static str {
        match self {
            Self::Account => "",
            Self::NewPasskey => "&then=passkey",
            Self::Password => "&then=password",
            Self::App => "&then=app",
        }
    }
}

async fn confirm_page(
    auth: &Auth,
    asked: &Asked,
    user: UserId,
    attempt: &Attempt,
    problem: Option<(&str, Way)>,
) -> Result<Shown, Broken> {
    let (problem, tried) = problem.unzip();
    let who = sign_in::called(auth, user).await?;
    let app = sign_in::app_of(auth, attempt);
    let onward = sign_in::onward(auth, attempt);
    let after = After::of(asked).parameter();
    let here = |path: &str| format!("{}{after}", asked.here(path));
    let (action, passkey_action) = (here("/confirm"), here("/confirm/passkey"));
    let switch = asked.here("/switch");
    let ask = auth.flow.ask_their_passkey(attempt, &auth.party()?, user).await?;
    let enrolled = auth.flow.factors().enrolled(user).await?;
    let has_app = enrolled.is_none_or(|enrolled| enrolled.totp_enrolled.is_some());
    let providers = confirming(auth, user).await?;
    let providers: Vec<_> = providers.iter().map(|provider| way_to_confirm(asked, provider)).collect();
    let page = |csrf: &str| {
        let view = confirm_again::View {
            form: Form { action: &action, csrf, onward: &[&onward] },
            who: &who,
            app: app.as_deref(),
            problem,
            tried: tried.unwrap_or(Way::Typed),
            passkey: ask.as_ref().map(|ask| Passkey { action: &passkey_action, ask }),
            authenticator: if has_app { second_factor::App::Enrolled } else { second_factor::App::None },
            providers: &providers,
            switch_url: &switch,
        };
        confirm_again::page(&view, asked.reader)
    };
    Ok(Shown::new(attempt.csrf().expose(|csrf| page(csrf))))
}
