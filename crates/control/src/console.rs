//! The console on `console.<domain>`: pages for administrators, made on the server, whole without a script.
//!
//! A page is a pure function of a view; what it shows comes from the functions that the API calls, under the same
//! proofs. Nothing changes by following a link: a change is a form, after a page that shows its effect.

mod called;
mod decision;
mod decisions;
pub(crate) mod failure;
mod frame;
mod join;
mod objects;
mod overview;
mod people;
mod points;
mod policies;
mod policy;
mod sessions;
mod standing;
mod texts;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::api::Api;

/// The pages.
pub(crate) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/", get(overview::show))
        .route("/decisions", get(decisions::show))
        .route("/decisions/{id}", get(decision::show))
        .route("/sessions", get(sessions::show))
        .route("/sessions/end", get(sessions::ask).post(sessions::end))
        .route("/policies", get(policies::show))
        .route("/policies/{name}", get(policy::show).post(policy::save))
        .route("/policies/{name}/rollback", get(policy::ask_back).post(policy::back))
        .route("/people", get(people::show))
        .route("/people/invite", post(people::invite_new))
        .route("/people/{id}/disable", get(people::ask_disable).post(people::disable))
        .route("/people/{id}/enable", get(people::ask_enable).post(people::enable))
        .route("/people/{id}/invite", get(people::ask_invite).post(people::invite))
        .route("/people/{id}/link", get(people::ask_link).post(people::link))
        .route("/apps", get(objects::apps))
        .route("/groups", get(objects::groups))
        .route("/points", get(points::show))
        .route("/points/join", get(join::ask).post(join::make))
        .route("/points/remove", get(points::ask).post(points::remove))
}

/// The fields of a form or of a query.
type Fields = BTreeMap<String, String>;

/// What a field says, if it says something.
fn said<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
