//! SCIM 2.0 as programs call it (RFC 7644): where each call is, and what it is made of. Who may what is the directory's to
//! decide, which asks for each call.

mod bulk;
mod called;
mod resources;

use std::future::{Ready, ready};
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::Response;
use axum::routing::{any, get, post};
use http::StatusCode;
use http::header::{self, HeaderValue};

use self::called::{Call, answered, refused};
use super::Auth;
use crate::scim::{self, Kind, Refusal};

/// Below these paths of this host a caller proves itself by a token of ours and by nothing else: what a browser brings along
/// says nothing there, and nobody has to come from a page of ours (DESIGN.md, "Credentials and hosts"). The enforcement point
/// is told of them.
pub const CALLED_WITH_A_TOKEN: [&str; 1] = [scim::BASE];

/// All of it.
pub(super) fn routes() -> Router<Arc<Auth>> {
    let at = |path: &str| format!("{}{path}", scim::BASE);
    let mut router = Router::new()
        .route(&at("/ServiceProviderConfig"), get(service_provider_config).fallback(only("GET, HEAD")))
        .route(&at("/ResourceTypes"), get(resource_types).fallback(only("GET, HEAD")))
        .route(&at("/ResourceTypes/{name}"), get(resource_type).fallback(only("GET, HEAD")))
        .route(&at("/Schemas"), get(schemas).fallback(only("GET, HEAD")))
        .route(&at("/Schemas/{urn}"), get(schema).fallback(only("GET, HEAD")))
        .route(&at("/Bulk"), post(bulk::run).fallback(only("POST")))
        .route(&at("/Me"), any(not_offered))
        .route(&at("/Me/{*rest}"), any(not_offered))
        .route(&at("/.search"), post(resources::search_all).fallback(only("POST")))
        .route(&at("/"), get(resources::list_all).fallback(only("GET, HEAD")))
        .route(scim::BASE, get(resources::list_all).fallback(only("GET, HEAD")))
        .route(&at("/{*rest}"), any(nothing_here));
    for kind in Kind::ALL {
        let (all, one) = (at(kind.endpoint()), at(&format!("{}/{{id}}", kind.endpoint())));
        let list = move |state, call| resources::list(kind, state, call);
        let create = move |state, call| resources::create(kind, state, call);
        let search = move |state, call| resources::search(kind, state, call);
        let show = move |state, id, call| resources::show(kind, state, id, call);
        let replace = move |state, id, call| resources::replace(kind, state, id, call);
        let change = move |state, id, call| resources::change(kind, state, id, call);
        let delete = move |state, id, call| resources::delete(kind, state, id, call);
        router = router
            .route(&all, get(list).post(create).fallback(only("GET, HEAD, POST")))
            .route(&format!("{all}/.search"), post(search).fallback(only("POST")))
            .route(
                &one,
                get(show)
                    .put(replace)
                    .patch(change)
                    .delete(delete)
                    .fallback(only("GET, HEAD, PUT, PATCH, DELETE")),
            );
    }
    router.layer(DefaultBodyLimit::max(scim::MAX_BODY))
}

impl Auth {
    /// What everything here lies below.
    fn scim_base(&self) -> String {
        scim::base(&self.issuer())
    }
}

async fn service_provider_config(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    document(&auth, &call, scim::service_provider_config(&auth.scim_base())).await
}

async fn resource_types(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    document(&auth, &call, scim::resource_types(&auth.scim_base())).await
}

async fn resource_type(State(auth): State<Arc<Auth>>, Path(name): Path<String>, call: Call) -> Response {
    match scim::resource_type(&name, &auth.scim_base()) {
        Some(found) => document(&auth, &call, found).await,
        None => refused(&no_such()),
    }
}

async fn schemas(State(auth): State<Arc<Auth>>, call: Call) -> Response {
    document(&auth, &call, scim::schemas(&auth.scim_base())).await
}

async fn schema(State(auth): State<Arc<Auth>>, Path(urn): Path<String>, call: Call) -> Response {
    match scim::schema(&urn, &auth.scim_base()) {
        Some(found) => document(&auth, &call, found).await,
        None => refused(&no_such()),
    }
}

/// One of the documents about this server, for who may see what they are about.
async fn document(auth: &Auth, call: &Call, document: serde_json::Value) -> Response {
    let shown = async {
        // RFC 7644, 4: filters are not for these, and an answer that ignored them would tell something else than was asked.
        if call.fields()?.has_filter() {
            return Err(Refusal::new(403, "what this server is cannot be filtered"));
        }
        auth.scim.may_see(&call.caller).await
    };
    match shown.await {
        Ok(()) => answered(StatusCode::OK, document),
        Err(refusal) => refused(&refusal),
    }
}

async fn nothing_here(_call: Call) -> Response {
    refused(&no_such())
}

fn no_such() -> Refusal {
    Refusal::new(404, "nothing is at this address")
}

/// What is answered to other methods than these (RFC 9110, 15.5.6).
fn only(methods: &'static str) -> impl Fn(Call) -> Ready<Response> + Clone {
    move |_call| {
        let mut response = refused(&Refusal::new(405, format!("this address takes {methods}")));
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
        ready(response)
    }
}

/// RFC 7644, 3.11: who calls is a program, and no resource of ours.
async fn not_offered(_call: Call) -> Response {
    refused(&Refusal::new(501, "`/Me` is not offered: people see to their account on the pages of this host"))
}
