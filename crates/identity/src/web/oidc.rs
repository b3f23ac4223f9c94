//! The endpoints of the OpenID provider: those to which a person's browser comes, and those that clients call themselves.

mod authorize;
mod called;
mod endpoints;
mod logout;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::Auth;
pub(super) use authorize::{back, led_out, origin, refused};

use crate::oidc::discovery::paths;

/// The endpoints that are called from anywhere, by programs: our cookies mean nothing there, and each proves its caller its
/// own way (DESIGN.md, "Credentials and hosts"). The enforcement point is told of them, since everything else that is posted
/// to this host has to come from a page of ours.
pub const CALLED_FROM_ANYWHERE: [&str; 10] = [
    paths::OPENID_CONFIGURATION,
    paths::AUTHORIZATION_SERVER,
    paths::JWKS,
    paths::PAR,
    paths::DEVICE_AUTHORIZATION,
    paths::TOKEN,
    paths::USERINFO,
    paths::INTROSPECT,
    paths::REVOKE,
    paths::PROVIDER_LOGOUT,
];

/// All of them.
pub(super) fn routes() -> Router<Arc<Auth>> {
    let called = Router::new()
        .route(paths::OPENID_CONFIGURATION, get(endpoints::discovery).options(endpoints::preflight))
        .route(paths::AUTHORIZATION_SERVER, get(endpoints::discovery).options(endpoints::preflight))
        .route(paths::JWKS, get(super::jwks::signing_keys).options(endpoints::preflight))
        .route(paths::PAR, post(endpoints::push).options(endpoints::preflight))
        .route(paths::DEVICE_AUTHORIZATION, post(endpoints::begin_device).options(endpoints::preflight))
        .route(paths::TOKEN, post(endpoints::token).options(endpoints::preflight))
        .route(
            paths::USERINFO,
            get(endpoints::userinfo).post(endpoints::userinfo).options(endpoints::preflight),
        )
        .route(paths::INTROSPECT, post(endpoints::introspect))
        .route(paths::PROVIDER_LOGOUT, post(endpoints::provider_logout))
        .route(paths::REVOKE, post(endpoints::revoke).options(endpoints::preflight))
        .layer(DefaultBodyLimit::max(MAX_CALL));
    Router::new()
        .route(paths::AUTHORIZE, get(authorize::authorize))
        .route("/oauth2/again", get(authorize::again))
        .route("/oauth2/consent", post(authorize::agree))
        .route(paths::LOGOUT, get(logout::logout))
        .merge(called)
}

/// A token of 16 KiB, an assertion, and what else there is.
const MAX_CALL: usize = 64 * 1024;
