//! The API as a document for tools: OpenAPI 3.1, made of the table that the router is made of.

use axum::Json;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathsBuilder};

use super::routes::{self, BEARER, COOKIE, CSRF, TOKEN};

/// The document. It takes no right beyond what the gateway has decided, that the caller may open the console: it says
/// nothing of this deployment, which is why it is the same everywhere, and whoever has one right needs to read it as much
/// as who has another.
pub(super) async fn show() -> Json<OpenApi> {
    Json(document())
}

/// What is served at `/api/v1/`, described.
fn document() -> OpenApi {
    let (mut paths, mut components) = (PathsBuilder::new(), ComponentsBuilder::new());
    for route in routes::all() {
        let template = route.template();
        components = components.schemas_from_iter(route.schemas);
        paths = paths.path(template, PathItem::new(route.method, route.operation.build()));
    }
    for (name, scheme) in schemes() {
        components = components.security_scheme(name, scheme);
    }
    let info = InfoBuilder::new()
        .title("Bartizan")
        .description(Some(ABOUT))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).build()));
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build()
}

fn schemes() -> [(&'static str, SecurityScheme); 4] {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The same token, as programs send one."))
        .build();
    [
        (TOKEN, SecurityScheme::ApiKey(ApiKey::Header(key("Bartizan-Token", "A token, `bzn_…`.")))),
        (BEARER, SecurityScheme::Http(bearer)),
        (
            COOKIE,
            SecurityScheme::ApiKey(ApiKey::Cookie(key(
                "__Host-bartizan",
                "A sign-in of a person, in a browser.",
            ))),
        ),
        (CSRF, SecurityScheme::ApiKey(ApiKey::Header(key("Bartizan-Csrf", PROOF)))),
    ]
}

fn key(name: &str, description: &str) -> ApiKeyValue {
    ApiKeyValue::with_description(name, description)
}

const ABOUT: &str = "The administration of a deployment. Each call is decided by policy as every request is; what is \
                     refused or fails is answered with a problem document. The request id is in the header \
                     `Bartizan-Request-Id` of every answer.";

const PROOF: &str =
    "The token of the session, as the forms of the console carry it: a change by cookie needs it.";

#[cfg(test)]
mod tests;
