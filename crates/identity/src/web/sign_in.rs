//! Login and password, then a second factor.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bartizan_model::{Secret, UserId};
use http::StatusCode;

use super::answer::{Onward, Shown};
use super::asked::{Asked, Fields};
use super::broken::Broken;
use super::cookies::{self, Lasts};
use super::open::{back, keep};
use super::provider::way_to;
use super::{Auth, oidc};
use crate::attempt::{Asks, Attempt, Opening};
use crate::error::Error;
use crate::federation::IdentityProvider;
use crate::flow::{Over, PasskeyAsk, SignedIn, Step};
use crate::pages::claim::recovery_codes;
use crate::pages::sign_in::Offer;
use crate::pages::{self, Form, Passkey, Way, recovery_code, refusal, second_factor};

/// The first page. Who is signed in already goes on to where they were going.
pub(super) async fn ask(State(auth): State<Arc<Auth>>, mut asked: Asked) -> Result<Response, Broken> {
    if let Some((session, _)) = asked.signed_in {
        let opening = asked.attempt.as_ref().and_then(Attempt::opening);
        return Ok(match opening {
            Some(opening) => {
                let done = cookies::remove(&cookies::attempt(asked.place));
                back(&auth, session, opening).await?.cookie(done).into_response()
            }
            None => Onward::to("/apps").into_response(),
        });
    }
    let renewed = renewed(&auth, &mut asked)?;
    let providers = auth.federation.providers().await?;
    match &asked.attempt {
        Some(attempt) if attempt.asks() == Asks::First => {
            let page = first_page(&auth, &asked, attempt, hinted(attempt), &providers, None)?;
            Ok(page.cookies(renewed).into_response())
        }
        Some(attempt) => Ok(Onward::to(asked.here(page_of(attempt))).into_response()),
        None => {
            let attempt = auth.flow.attempts().start(None);
            let cookie = keep(&auth, asked.place, &attempt)?;
            let page = first_page(&auth, &asked, &attempt, "", &providers, None)?;
            Ok(page.cookie(cookie).into_response())
        }
    }
}

pub(super) async fn check(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let attempt = under_way(&asked, &fields)?;
    let login = fields.text("login");
    let step = auth.flow.password(attempt, &login, &fields.secret("password"), &asked.visit).await?;
    let providers = auth.federation.providers().await?;
    follow(&auth, &asked, attempt, step, |problem| {
        first_page(&auth, &asked, attempt, &login, &providers, Some((problem, Way::Typed)))
    })
    .await
}

/// Gives the attempt that a page is shown for a challenge with time left, and the browser the attempt as it is then.
pub(super) fn renewed(auth: &Auth, asked: &mut Asked) -> Result<Option<http::HeaderValue>, Error> {
    let place = asked.place;
    let Some(attempt) = &mut asked.attempt else { return Ok(None) };
    if auth.flow.attempts().renew_challenge(attempt) { keep(auth, place, attempt) } else { Ok(None) }
}

/// The code of an authenticator app.
pub(super) async fn ask_code(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    ask_second(&auth, asked, Second::Code).await
}

pub(super) async fn check_code(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let attempt = under_way(&asked, &fields)?;
    let who = Who::of(&auth, attempt).await?;
    let step = auth.flow.second_totp(attempt, &fields.secret("code"), &asked.visit).await?;
    follow(&auth, &asked, attempt, step, |problem| {
        Ok(second_page(&auth, &asked, attempt, &who, Second::Code, Some((problem, Way::Typed))))
    })
    .await
}

/// A recovery code in its place.
pub(super) async fn ask_recovery(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    ask_second(&auth, asked, Second::Recovery).await
}

pub(super) async fn check_recovery(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let attempt = under_way(&asked, &fields)?;
    let who = Who::of(&auth, attempt).await?;
    let step = auth.flow.second_recovery(attempt, &fields.secret("recovery_code"), &asked.visit).await?;
    follow(&auth, &asked, attempt, step, |problem| {
        Ok(second_page(&auth, &asked, attempt, &who, Second::Recovery, Some((problem, Way::Typed))))
    })
    .await
}

/// The attempt that a form is of.
pub(super) fn under_way<'a>(asked: &'a Asked, fields: &Fields) -> Result<&'a Attempt, Broken> {
    let attempt = asked.attempt.as_ref().filter(|attempt| fields.is_of(attempt));
    attempt.ok_or_else(|| Broken::stale(asked.here("/sign-in")).of(&asked.caller))
}

/// What follows on a step: the next page, the same with what was wrong, or the way on.
pub(super) async fn follow(
    auth: &Auth,
    asked: &Asked,
    attempt: &Attempt,
    step: Step,
    again: impl FnOnce(&str) -> Result<Shown, Broken>,
) -> Result<Response, Broken> {
    match step {
        Step::Next(next) => {
            let cookie = keep(auth, asked.place, &next)?;
            Ok(Onward::to(asked.here(page_of(&next))).cookie(cookie).into_response())
        }
        Step::SignedIn(signed_in) => arrive(auth, asked, attempt, signed_in).await,
        Step::Wrong(wrong) => {
            let problem = refusal::wrong(asked.reader.words, wrong);
            Ok(again(&problem)?.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Step::Wait(seconds) => {
            let shown = again(&wait(asked, seconds))?.status(StatusCode::TOO_MANY_REQUESTS);
            Ok(shown.retry_after(seconds).into_response())
        }
        Step::StartOver(over) => {
            let anew = auth.flow.attempts().start(attempt.opening().cloned());
            let cookie = keep(auth, asked.place, &anew)?;
            let problem = refusal::over(asked.reader.words, over);
            let tried = match over {
                Over::NotVouchedFor | Over::NoAccount | Over::NoSecondFactor => Way::Provider,
                Over::Late | Over::DeadLink | Over::Answered | Over::Changed => Way::Typed,
            };
            let providers = auth.federation.providers().await?;
            let page = first_page(auth, asked, &anew, "", &providers, Some((&problem, tried)))?;
            Ok(page.cookie(cookie).status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
    }
}

/// Somebody is signed in: their browser gets the cookie, and goes where it was going.
async fn arrive(
    auth: &Auth,
    asked: &Asked,
    attempt: &Attempt,
    signed_in: SignedIn,
) -> Result<Response, Broken> {
    let SignedIn { session, user, device_mark, recovery_codes, recovery_left: _, by_passkey, provider } =
        signed_in;
    let issued = auth.flow.sign_ins().issue_sign_in(session, &auth.host).await?;
    let last = Secret::new(match provider {
        Some(provider) => format!("{}{provider}", cookies::LAST_PROVIDER),
        None if by_passkey => String::from(cookies::LAST_PASSKEY),
        None => String::from("password"),
    });
    let cookies = [
        cookies::set(cookies::SIGN_IN, &issued.text, Lasts::Session),
        cookies::set(cookies::DEVICE, &device_mark, Lasts::Mark),
        cookies::set(cookies::LAST, &last, Lasts::Mark),
        cookies::remove(&cookies::attempt(asked.place)),
    ];
    if let Some(codes) = recovery_codes {
        let codes: Vec<String> = codes.codes().iter().map(|code| code.expose(Clone::clone)).collect();
        let (login, portal) = (login(auth, user).await?, auth.portal());
        let view = recovery_codes::View {
            form: Form { action: "/apps", csrf: &auth.flow.form_token(session)?, onward: &[&portal] },
            occasion: if by_passkey {
                recovery_codes::Occasion::Passkey
            } else {
                recovery_codes::Occasion::Claim
            },
            login: &login,
            codes: &codes,
        };
        let page = recovery_codes::page(&view, asked.reader);
        return Ok(cookies.into_iter().fold(Shown::new(page), Shown::cookie).into_response());
    }
    let onward = match attempt.opening() {
        Some(opening) => back(auth, session, opening).await?,
        None => Onward::to("/apps"),
    };
    Ok(cookies.into_iter().fold(onward, Onward::cookie).into_response())
}

const fn page_of(attempt: &Attempt) -> &'static str {
    match attempt.asks() {
        Asks::First => "/sign-in",
        Asks::Second => "/code",
        Asks::FirstCode => "/claim/app",
    }
}

pub(super) fn first_page(
    auth: &Auth,
    asked: &Asked,
    attempt: &Attempt,
    login: &str,
    providers: &[IdentityProvider],
    problem: Option<(&str, Way)>,
) -> Result<Shown, Broken> {
    let offer = |provider| Offer { title: IdentityProvider::title(provider), url: way_to(asked, provider) };
    let offers: Vec<Offer<'_>> = providers.iter().map(offer).collect();
    let preferred = asked.prefers_provider.as_ref();
    let (problem, tried) = problem.unzip();
    let tried = tried.unwrap_or(Way::Typed);
    let app = app_of(auth, attempt);
    let (action, passkey_action) = (asked.here("/sign-in"), asked.here("/sign-in/passkey"));
    let ask = auth.flow.ask_any_passkey(attempt, &auth.party()?)?;
    // With a passkey, the app is opened by the answer to this very page.
    let onward = onward(auth, attempt);
    let page = |csrf: &str| {
        let view = pages::sign_in::View {
            form: Form { action: &action, csrf, onward: &[&onward] },
            app: app.as_deref(),
            login,
            problem,
            tried,
            passkey: ask.as_ref().map(|ask| Passkey { action: &passkey_action, ask }),
            first: if asked.prefers_passkeys { Way::Passkey } else { Way::Typed },
            providers: &offers,
            first_provider: providers.iter().position(|provider| Some(&provider.name) == preferred),
        };
        pages::sign_in::page(&view, asked.reader)
    };
    Ok(Shown::new(attempt.csrf().expose(|csrf| page(csrf))))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Second {
    Code,
    Recovery,
}

async fn ask_second(auth: &Auth, mut asked: Asked, second: Second) -> Result<Response, Broken> {
    let renewed = renewed(auth, &mut asked)?;
    match &asked.attempt {
        Some(attempt) if asked.signed_in.is_none() && attempt.asks() == Asks::Second => {
            let who = Who::of(auth, attempt).await?;
            Ok(second_page(auth, &asked, attempt, &who, second, None).cookies(renewed).into_response())
        }
        Some(_) | None => Ok(Onward::to(asked.here("/sign-in")).into_response()),
    }
}

pub(super) fn second_page(
    auth: &Auth,
    asked: &Asked,
    attempt: &Attempt,
    who: &Who,
    second: Second,
    problem: Option<(&str, Way)>,
) -> Shown {
    let (problem, tried) = problem.unzip();
    let tried = tried.unwrap_or(Way::Typed);
    let onward = onward(auth, attempt);
    let onward = [onward.as_str()];
    let (code, recovery) = (asked.here("/code"), asked.here("/recovery"));
    let passkey_action = asked.here("/code/passkey");
    let passkey = who.ask.as_ref().map(|ask| Passkey { action: &passkey_action, ask });
    let (app, who) = (who.app, who.called.as_str());
    Shown::new(attempt.csrf().expose(|csrf| {
        let form = |action| Form { action, csrf, onward: &onward };
        match second {
            Second::Code => {
                let form = form(&code);
                let view =
                    second_factor::View { form, who, problem, tried, passkey, app, recovery_url: &recovery };
                second_factor::page(&view, asked.reader)
            }
            Second::Recovery => {
                let form = form(&recovery);
                let view = recovery_code::View { form, who, problem, authenticator_url: &code };
                recovery_code::page(&view, asked.reader)
            }
        }
    }))
}

/// Where the last form of an attempt leads: the browser has to know before it posts.
pub(super) fn onward(auth: &Auth, attempt: &Attempt) -> String {
    match attempt.opening() {
        Some(Opening::App { host, .. }) => auth.origin_of(host),
        Some(Opening::Client(coming)) => oidc::origin(&coming.request.to.uri),
        Some(Opening::Device { .. }) => auth.origin_of(&auth.host),
        None => auth.portal(),
    }
}

/// Who a client thinks that they are: they need not type it.
fn hinted(attempt: &Attempt) -> &str {
    match attempt.opening() {
        Some(Opening::Client(coming)) => coming.request.login_hint.as_deref().unwrap_or_default(),
        Some(Opening::App { .. } | Opening::Device { .. }) | None => "",
    }
}

/// The app that is being opened, as people call it.
pub(super) fn app_of(auth: &Auth, attempt: &Attempt) -> Option<String> {
    match attempt.opening()? {
        Opening::App { host, .. } => Some(auth.enforcer.app_by_host(host)?.name.to_string()),
        Opening::Client(coming) => Some(coming.title.clone()),
        Opening::Device { title, .. } => title.clone(),
    }
}

/// Whose second factor is asked for, and which they have.
#[derive(Debug)]
pub(super) struct Who {
    called: String,
    ask: Option<PasskeyAsk>,
    app: second_factor::App,
}

impl Who {
    pub(super) async fn of(auth: &Auth, attempt: &Attempt) -> Result<Self, Error> {
        match attempt.user() {
            Some(user) => Self::who(auth, attempt, user).await,
            None => Ok(Self { called: String::new(), ask: None, app: second_factor::App::Enrolled }),
        }
    }

    async fn who(auth: &Auth, attempt: &Attempt, user: UserId) -> Result<Self, Error> {
        let enrolled = auth.flow.factors().enrolled(user).await?;
        let app = if enrolled.is_some_and(|enrolled| enrolled.totp_enrolled.is_none()) {
            second_factor::App::None
        } else {
            second_factor::App::Enrolled
        };
        let ask = auth.flow.ask_their_passkey(attempt, &auth.party()?, user).await?;
        Ok(Self { called: called(auth, user).await?, ask, app })
    }
}

/// What a person is called. Of somebody who was erased nobody knows it any more.
pub(super) async fn called(auth: &Auth, user: UserId) -> Result<String, Error> {
    let attributes = auth.flow.people().get(user).await?.and_then(|person| person.attributes);
    Ok(attributes.map(|attributes| attributes.display).unwrap_or_default())
}

/// The login name of a person.
pub(super) async fn login(auth: &Auth, user: UserId) -> Result<String, Error> {
    let attributes = auth.flow.people().get(user).await?.and_then(|person| person.attributes);
    Ok(attributes.map(|attributes| attributes.login).unwrap_or_default())
}

/// What a person reads who has to wait.
pub(super) fn wait(asked: &Asked, seconds: u64) -> String {
    refusal::too_many(asked.reader.words, Duration::from_secs(seconds))
}
