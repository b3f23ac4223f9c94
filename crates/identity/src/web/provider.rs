//! To an identity provider of somebody else, and back: to sign in, to confirm, or to sign in there from now on.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use bartizan_model::{ProviderName, Secret, UserId};
use http::{HeaderMap, StatusCode};

use super::Auth;
use super::account::{own, page as account_page};
use super::answer::Onward;
use super::asked::{Asked, Fields};
use super::broken::{Broken, Cause};
use super::open::{confirmed, keep};
use super::passkeys::changed;
use super::sign_in::{first_page, follow, wait};
use crate::attempt::{Attempt, Stage};
use crate::federation::IdentityProvider;
use crate::federation::SecondFactor;
use crate::federation::away::{Toward, place_of};
use crate::federation::said::Brought;
use crate::flow::{Bond, Linking, Visit, Wrong};
use crate::pages::Way;
use crate::pages::account::Done;
use crate::pages::sign_in::Offer;

pub(super) fn routes() -> Router<Arc<Auth>> {
    Router::new()
        .route("/provider/{name}", get(leave))
        .route("/provider/{name}/callback", get(come_back))
        .route("/provider/{name}/part", post(part))
}

/// Where a page of the sign-in leads for this provider.
pub(super) fn way_to(asked: &Asked, provider: &IdentityProvider) -> String {
    asked.here(&format!("/provider/{}", provider.name))
}

/// Providers at which a person who is signed in may prove anew who they are.
pub(super) async fn confirming(auth: &Auth, user: UserId) -> Result<Vec<IdentityProvider>, Broken> {
    let known = auth.flow.providers_of(&auth.federation, user).await?.into_iter();
    let may = |(provider, bond): &(IdentityProvider, Bond)| {
        *bond == Bond::Linked && provider.spec.second_factor != SecondFactor::Here
    };
    Ok(known.filter(may).map(|(provider, _)| provider).collect())
}

/// Where the page leads on which they do so.
pub(super) fn way_to_confirm<'a>(asked: &Asked, provider: &'a IdentityProvider) -> Offer<'a> {
    Offer { title: provider.title(), url: format!("{}&for={CONFIRM}", way_to(asked, provider)) }
}

/// Leads to the provider. Nothing is changed by it but what the browser keeps, so it may be a link.
async fn leave(
    State(auth): State<Arc<Auth>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, Broken> {
    only_navigation(&asked, &headers)?;
    let toward = match asked.parameter("for") {
        Some(CONFIRM) => Toward::Confirm,
        Some(LINK) => Toward::Link,
        Some(_) | None => Toward::SignIn,
    };
    // Who is signed in does not sign in; and nobody else confirms or links anything.
    if asked.signed_in.is_some() == (toward == Toward::SignIn) {
        return Ok(Onward::to(asked.here("/sign-in")).into_response());
    }
    if toward == Toward::Link
        && let Some((session, _)) = asked.signed_in
    {
        // Only from a page of ours: another could have signed this browser in there as somebody else before, whose account
        // there would open this one here from then on.
        if headers.get("sec-fetch-site").is_none_or(|site| site != "same-origin") {
            return Ok(Onward::to("/").into_response());
        }
        if !auth.flow.is_fresh(session).await? {
            return Ok(Onward::to("/confirm").into_response());
        }
    }
    let Some(provider) = named(&auth, &name).await? else {
        return Ok(Onward::to(asked.here("/sign-in")).into_response());
    };
    let begun = match &asked.attempt {
        Some(attempt) if toward != Toward::Link && !matches!(attempt.stage, Stage::Claiming { .. }) => None,
        Some(_) | None => Some(auth.flow.attempts().start(None)),
    };
    let attempt = begun.as_ref().or(asked.attempt.as_ref()).ok_or_else(|| stale(&asked))?;
    let gone = auth.flow.leave(attempt, &provider.name, toward);
    let away = gone.away().ok_or_else(|| stale(&asked))?;
    let language = asked.reader.language().tag();
    match auth.federation.way_there(&provider, away, asked.place, language).await {
        Ok(there) => Ok(Onward::to(there).cookie(keep(&auth, asked.place, &gone)?).into_response()),
        Err(why) => {
            tracing::warn!(provider = %provider.name, why, "nobody can be led to an identity provider");
            Err(Broken::unreachable(provider.title(), asked.here("/sign-in")).of(&asked.caller))
        }
    }
}

/// A browser comes back with what the provider gave it.
async fn come_back(
    State(auth): State<Arc<Auth>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, Broken> {
    only_navigation(&asked, &headers)?;
    let state = asked.parameter("state").unwrap_or_default().to_owned();
    let asked = match place_of(&state) {
        Some(place) => asked.at(place, &headers, &auth),
        None => asked,
    };
    let attempt = asked.attempt.as_ref().filter(|attempt| is_of(attempt, &name, &state, asked.place));
    let attempt = attempt.ok_or_else(|| stale(&asked))?;
    let toward = attempt.away().map(|away| away.toward).unwrap_or_default();
    let brought = Brought {
        code: asked.parameter("code"),
        error: asked.parameter("error"),
        iss: asked.parameter("iss"),
    };
    let provider = attempt.away().map(|away| away.provider.clone());
    let visit = &Visit { provider, ..asked.visit.clone() };
    let (flow, federation) = (&auth.flow, &auth.federation);
    match (toward, asked.signed_in) {
        (Toward::SignIn, None) => {
            let step = flow.come_back(federation, attempt, brought, visit).await?;
            let providers = federation.providers().await?;
            follow(&auth, &asked, attempt, step, |problem| {
                first_page(&auth, &asked, attempt, "", &providers, Some((problem, Way::Provider)))
            })
            .await
        }
        (Toward::Confirm, Some(who)) => {
            let confirmation = flow.confirm_by_provider(federation, who, attempt, brought, visit).await?;
            confirmed(&auth, &asked, who, attempt, confirmation).await
        }
        (Toward::Link, Some((session, user))) => {
            let done = match flow.link_provider(federation, (session, user), attempt, brought, visit).await? {
                Linking::Linked => Done::ProviderLinked,
                Linking::Not => Done::Refused(Wrong::Provider),
                Linking::Wait(seconds) => {
                    let why = wait(&asked, seconds);
                    return Err(Broken::bad(Cause::LinkNotNow { why }).of(&asked.caller));
                }
                Linking::StartOver => return Ok(Onward::to("/confirm").into_response()),
            };
            let status =
                if done == Done::ProviderLinked { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            let page = account_page(&auth, asked.reader, session, user, Some(done)).await?;
            Ok(page.status(status).into_response())
        }
        (Toward::SignIn, Some(_)) | (Toward::Confirm | Toward::Link, None) => {
            Ok(Onward::to(asked.here("/sign-in")).into_response())
        }
    }
}

/// Somebody does not want to sign in there any more.
async fn part(
    State(auth): State<Arc<Auth>>,
    Path(name): Path<String>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let who = own(&auth, &asked, &fields)?;
    let provider = named(&auth, &name).await?.ok_or_else(|| stale(&asked))?;
    let visit = &Visit { provider: Some(provider.name.clone()), ..asked.visit.clone() };
    let change = auth.flow.part_from_provider(&auth.federation, who, &provider, visit).await?;
    changed(&auth, &asked, who, change, Done::ProviderUnlinked, "/").await
}

/// Nobody is signed in, nor anything begun, by where a page of somebody else leads a picture or a frame to.
fn only_navigation(asked: &Asked, headers: &HeaderMap) -> Result<(), Broken> {
    if headers.get("sec-fetch-dest").is_some_and(|destination| destination != "document") {
        return Err(Broken::bad(Cause::NotHowOpened).of(&asked.caller));
    }
    Ok(())
}

/// Whether this attempt left with this state, for this provider: whoever is led here by somebody else has not left.
fn is_of(attempt: &Attempt, provider: &str, state: &str, place: u8) -> bool {
    attempt.away().is_some_and(|away| {
        away.provider.as_str() == provider && Secret::new(away.state(place)) == Secret::new(state.to_owned())
    })
}

async fn named(auth: &Auth, name: &str) -> Result<Option<IdentityProvider>, Broken> {
    match name.parse::<ProviderName>() {
        Ok(name) => Ok(auth.federation.provider(&name).await?),
        Err(_form) => Ok(None),
    }
}

fn stale(asked: &Asked) -> Broken {
    Broken::stale(asked.here("/sign-in")).of(&asked.caller)
}

/// What one goes there for, as addresses of ours say it.
const CONFIRM: &str = "confirm";
pub(super) const LINK: &str = "link";
