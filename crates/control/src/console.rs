//! The console on `console.<domain>`: pages for administrators, made on the server, whole without a script.
//!
//! A page is a pure function of a view; what it shows comes from the functions that the API calls, under the same
//! proofs. Nothing changes by following a link: a change is a form, after a page that shows its effect.

mod access;
mod account;
mod activity;
mod apps;
mod assets;
mod attention;
mod called;
mod clients;
mod columns;
mod confirm;
mod decision;
mod decisions;
pub(crate) mod failure;
mod find;
pub(crate) mod frame;
mod groups;
mod history;
mod join;
mod list;
pub(crate) mod live;
mod overview;
mod people;
mod person;
mod points;
mod policies;
mod policy;
mod session;
mod sessions;
mod standing;
mod start;
mod texts;
mod views;
pub(crate) mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use self::history::Drawn;
pub(crate) use self::texts::CATALOG;
use crate::api::Api;
use crate::api::objects::{Apps, Clients, Groups, Policies, Users};

/// The pages.
pub(crate) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/", get(overview::show))
        .route("/assets/{name}", get(assets::show))
        .route("/start", get(start::show).post(start::skip))
        .route("/decisions", get(decisions::show))
        .route("/decisions/{id}", get(decision::show))
        .route("/find", get(find::show))
        .route("/views", post(views::change))
        .route("/access", get(access::show))
        .route("/sessions", get(sessions::show))
        .route("/sessions/end", get(sessions::ask).post(sessions::end))
        .route("/sessions/{id}", get(session::show))
        .route("/policies", get(policies::show).post(policy::new::create))
        .route("/policies/{name}", get(policy::show).post(policy::save))
        .route("/policies/{name}/check", post(policy::check::check))
        .route("/people", get(people::show))
        .route("/people/invite", post(people::invite_new))
        .route("/people/{name}", get(person::show))
        .route("/people/{name}/disable", get(account::ask_disable).post(account::disable))
        .route("/people/{name}/enable", get(account::ask_enable).post(account::enable))
        .route("/people/{name}/invite", get(account::ask_invite).post(account::invite))
        .route("/people/{name}/link", get(account::ask_link).post(account::link))
        .route("/apps", get(apps::show))
        .route("/apps/new", get(apps::protect::ask).post(apps::protect::make))
        .route("/apps/new/look", post(apps::protect::look))
        .route("/apps/{name}", get(apps::show_one))
        .route("/apps/{name}/try", get(apps::attempt::show))
        .route("/groups", get(groups::show))
        .route("/groups/{name}", get(groups::show_one))
        .route("/clients", get(clients::show))
        .route("/clients/{name}", get(clients::one::show))
        .route("/clients/{name}/secret", get(clients::secret::ask).post(clients::secret::make))
        .route("/clients/{name}/keys", get(clients::keys::ask).post(clients::keys::make))
        .route("/clients/{name}/keys/{id}/end", get(clients::keys::ask_end).post(clients::keys::end))
        .merge(rollback::<Apps>())
        .merge(rollback::<Clients>())
        .merge(rollback::<Groups>())
        .merge(rollback::<Policies>())
        .merge(rollback::<Users>())
        .route("/points", get(points::show))
        .route("/points/join", get(join::ask).post(join::make))
        .route("/points/remove", get(points::ask).post(points::remove))
}

/// The page that asks before a kind of object is rolled back.
fn rollback<D: Drawn>() -> Router<Arc<Api>> {
    let path = format!("{}/{{name}}/rollback", D::PLACE);
    Router::new().route(&path, get(history::ask_back::<D>).post(history::back::<D>))
}

/// The fields of a form or of a query.
pub(crate) type Fields = BTreeMap<String, String>;

/// What a field says, if it says something.
pub(crate) fn said<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
