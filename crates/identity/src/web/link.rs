//! A sign-in link: opening it changes nothing, its button spends it. It is the first factor only.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::Auth;
use super::answer::Shown;
use super::asked::{Asked, Fields};
use super::broken::{Broken, Cause};
use super::open::keep;
use super::sign_in::{called, follow, under_way};
use crate::attempt::Attempt;
use crate::codes::CodePurpose;
use crate::pages::{Form, link, link_unusable};

pub(super) async fn look(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let code = asked.code();
    let found = match &code {
        Some(code) => auth.flow.codes().look(code).await?,
        None => None,
    };
    let Some((CodePurpose::SignIn { user }, _)) = found else {
        return Ok(unusable(&asked, link_unusable::Kind::SignIn).into_response());
    };
    let who = called(&auth, user).await?;
    let attempt = auth.flow.attempts().start(None);
    let cookie = keep(&auth, asked.place, &attempt)?;
    Ok(page(&asked, &attempt, &who).cookie(cookie).into_response())
}

pub(super) async fn spend(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let attempt = under_way(&asked, &fields)?;
    let Some(code) = asked.code() else {
        return Ok(unusable(&asked, link_unusable::Kind::SignIn).into_response());
    };
    let step = auth.flow.link(attempt, &code, &asked.visit).await?;
    follow(&auth, &asked, attempt, step, |problem| {
        Err(Broken::bad(Cause::LinkNotNow { why: problem.to_owned() }).of(&asked.caller))
    })
    .await
}

fn page(asked: &Asked, attempt: &Attempt, who: &str) -> Shown {
    let action = action(asked, "/link");
    let page = |csrf: &str| {
        let view = link::View { form: Form { action: &action, csrf, onward: &[] }, who };
        link::page(&view, asked.reader)
    };
    Shown::new(attempt.csrf().expose(|csrf| page(csrf)))
}

/// The link is in the address still, so that a page that is loaded again is the same page.
pub(super) fn action(asked: &Asked, path: &str) -> String {
    format!("{}&t={}", asked.here(path), asked.parameter("t").unwrap_or_default())
}

pub(super) fn unusable(asked: &Asked, kind: link_unusable::Kind) -> Shown {
    let here = match kind {
        link_unusable::Kind::SignIn => action(asked, "/link"),
        link_unusable::Kind::Invitation => action(asked, "/claim"),
    };
    let sign_in_url = asked.here("/sign-in");
    let page = link_unusable::page(
        &link_unusable::View { kind, here: &here, sign_in_url: &sign_in_url },
        asked.reader,
    );
    Shown::new(page).status(StatusCode::GONE)
}
