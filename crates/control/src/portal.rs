//! The portal on `<domain>`: what a person may open, and what was done in their name lately.
//!
//! It shows each visitor what is theirs and nothing else, and changes nothing. Their sign-ins are on `auth.<domain>`, as one
//! of the same pages.

mod activity;
mod apps;
mod deed;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use bartizan_enforce::{Caller, Enforcer};
use bartizan_evidence::Log;
use bartizan_identity::People;
use bartizan_identity::web::{Ports, choose_language, language};
use bartizan_model::{Timestamp, UserId};
use bartizan_ui::{Emphasis, Home, HomePlace, Page, Rendered, Words, id_whole, languages, link_button};
use http::request::Parts;
use maud::{Markup, html};

use crate::api::Failure;
use crate::api::failure::{Told, no_such_call};
use crate::console::CATALOG;
use crate::console::failure::said;
use crate::console::frame::Shown;

/// What the pages work with.
#[derive(Debug)]
pub struct Portal {
    /// Knows what opens to whom.
    pub enforcer: Arc<Enforcer>,
    /// What people are called.
    pub people: People,
    /// What was done.
    pub log: Arc<Log>,
    /// Where people sign in: `https://auth.<domain>[:PORT]`.
    pub auth_origin: String,
    /// The ports that browsers use.
    pub ports: Ports,
}

/// The router of `<domain>`.
pub fn router(portal: Arc<Portal>) -> Router {
    Router::new()
        .route("/", get(apps::show))
        .route("/activity", get(activity::show))
        .fallback(no_such_call)
        .layer(from_fn_with_state(Arc::clone(&portal), in_words))
        .layer(from_fn(choose_language))
        .with_state(portal)
}

/// Who looks at a page. All that it shows is theirs.
#[derive(Debug)]
struct Visitor {
    caller: Caller,
    user: UserId,
    words: Words,
    now: Timestamp,
}

impl FromRequestParts<Arc<Portal>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, portal: &Arc<Portal>) -> Result<Self, Response> {
        // The plane puts the caller there; without one, somebody wired this service past the enforcement point.
        let Some(caller) = parts.extensions.get::<Caller>().cloned() else {
            tracing::error!("a page of the portal was asked for without a caller");
            return Err(Failure::internal().into_response());
        };
        // A policy may let strangers come here, too; there is nothing of theirs to show.
        let user = caller.subject.user().ok_or_else(|| Redirect::to(SIGN_IN).into_response())?;
        let words = CATALOG.words(language(&parts.headers));
        Ok(Self { caller, user, words, now: portal.enforcer.clock().now() })
    }
}

/// The document around a page, one of those whose sign-ins are at `auth`.
fn document(auth: &str, words: Words, here: HomePlace, title: &str, content: &Markup) -> Page {
    let language = words.language();
    let home = Home { language, portal: "", account: auth, here };
    let address = if here == HomePlace::Activity { "/activity" } else { "/" };
    Page::new(title, home.markup(content, &languages(language, address))).language(language)
}

/// Makes the page of what was refused or went wrong.
async fn in_words(State(portal): State<Arc<Portal>>, request: Request, next: Next) -> Response {
    let words = CATALOG.words(language(request.headers()));
    let id = request.extensions().get::<Caller>().map(|caller| caller.request_id.to_string());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Told>() {
        Some(told) => {
            let page = failed(&portal.auth_origin, words, &told, id.as_deref());
            Shown::from(page).status(response.status()).into_response()
        }
        None => response,
    }
}

fn failed(auth: &str, words: Words, told: &Told, id: Option<&str>) -> Rendered {
    let (title, detail) = said(words, told);
    let content = html! {
        h1 { (title) }
        p .lead { (detail) }
        (link_button(&words.say("portal-apps"), "/", Emphasis::Primary))
        @if let Some(id) = id {
            dl .facts { dt { (words.say("decisions-request")) } dd { (id_whole(id, words.language())) } }
        }
    };
    document(auth, words, HomePlace::Apps, &title, &content).copies().render()
}

/// The way to the sign-in, on every host that is served.
const SIGN_IN: &str = "/.bartizan/start?to=/";

#[cfg(test)]
mod tests;
