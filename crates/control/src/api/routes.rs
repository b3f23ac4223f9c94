//! The calls of the API, one by one: where each is, what serves it, and what the document says of it. The router and the
//! document are both made of this table, so neither has a call that the other lacks.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, post};
use bartizan_model::Problem;
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, HttpMethod, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{IntoParams, ToSchema};

use super::described;
use super::{
    Api, apply, clients, erase, keys, links, log, objects, openapi, people, points, providers, service_keys,
    sessions, whoami, why,
};
use crate::call::{
    ReadLog, ReadObjects, ReadPeople, ReadSessions, Right, WriteObjects, WritePeople, WriteSessions,
};

/// All calls.
pub(super) fn all() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/api/v1/openapi.json", openapi::show, "This document.").answers_with("application/json", any()),
        Route::get("/api/v1/whoami", whoami::show, "Says whose credential was presented.")
            .answers::<whoami::Shown>()
            .fails(&[404]),
        Route::get("/api/v1/why", why::asked, "Explains how a request would be decided now.")
            .needs::<ReadLog>()
            .asks::<why::Supposed>()
            .answers::<crate::why::Explanation>()
            .fails(&[404, 422]),
        Route::get("/api/v1/why/{id}", why::recorded, "Explains a recorded request or decision.")
            .needs::<ReadLog>()
            .named("id", "The id of a request or of a decision.")
            .answers::<crate::why::Explanation>()
            .fails(&[404, 422]),
        Route::get("/api/v1/sessions", sessions::list, "Lists sessions, of one person or of all.")
            .needs::<ReadSessions>()
            .asks::<sessions::Filter>()
            .lists::<sessions::Shown>()
            .fails(&[404, 422]),
        Route::post("/api/v1/sessions/revoke", sessions::revoke, "Ends a session, or all of a person.")
            .needs::<WriteSessions>()
            .takes::<sessions::Revoke>()
            .answers::<sessions::Revoked>()
            .fails(&[404, 409, 413, 422]),
        Route::get("/api/v1/users", people::list, "Lists people, in the order of their ids.")
            .needs::<ReadPeople>()
            .asks::<people::Page>()
            .lists::<people::Shown>()
            .fails(&[404, 422]),
        Route::post("/api/v1/users/{name}/disable", people::disable, "Disables a person and cuts what they have open.")
            .needs::<WritePeople>()
            .named("name", PERSON)
            .answers::<people::Changed>()
            .fails(&[404, 409, 422]),
        Route::post("/api/v1/users/{name}/enable", people::enable, "Lets a person act again.")
            .needs::<WritePeople>()
            .named("name", PERSON)
            .answers::<people::Changed>()
            .fails(&[404, 409, 422]),
        Route::post(
            "/api/v1/users/{name}/erase",
            erase::erase,
            "Erases a person for good: nothing that was sealed to them opens any more, wherever a copy of it is.",
        )
        .needs::<WritePeople>()
        .named("name", "The login name; of somebody who was deleted, the id.")
        .answers::<erase::Erased>()
        .fails(&[404, 409, 422]),
        Route::post(
            "/api/v1/users/{name}/invite",
            links::invite,
            "Makes a link with which a person sets password and second factor, and the person, if they are not there yet.",
        )
        .needs::<WritePeople>()
        .named("name", "The login name.")
        .takes::<links::Invited>()
        .answers::<links::Link>()
        .fails(&[404, 409, 413, 422]),
        Route::post(
            "/api/v1/users/{name}/link",
            links::link,
            "Makes a link that stands for a person's password once.",
        )
        .needs::<WritePeople>()
        .named("name", PERSON)
        .answers::<links::Link>()
        .fails(&[404, 409, 422]),
        Route::post(
            "/api/v1/clients/{name}/secret",
            clients::secret,
            "Gives a client a new secret in the place of the one that it had.",
        )
        .needs::<WriteObjects>()
        .named("name", "The name of the client.")
        .answers::<clients::NewSecret>()
        .fails(&[404, 409, 422]),
        Route::get(
            "/api/v1/providers/{name}",
            providers::check,
            "Asks an identity provider what it publishes, and says what has to be registered there.",
        )
        .needs::<ReadObjects>()
        .named("name", "The name of the provider.")
        .answers::<providers::Checked>()
        .fails(&[404]),
        Route::post(
            "/api/v1/providers/{name}/secret",
            providers::secret,
            "Stores the secret by which we prove ourselves at an identity provider.",
        )
        .needs::<WriteObjects>()
        .named("name", "The name of the provider.")
        .takes::<providers::Given>()
        .answers::<providers::SecretKept>()
        .fails(&[404, 409, 413, 422]),
        Route::post("/api/v1/apply", apply::apply, "Makes the deployment what object files say, all of it or nothing.")
            .needs::<WriteObjects>()
            .needs::<WritePeople>()
            .up_to(apply::MAX_FOLDER)
            .takes::<apply::Folder>()
            .answers::<apply::Outcome>()
            .fails(&[404, 409, 413, 422]),
        Route::get("/api/v1/log/search", log::search, "Finds events of the evidence log, oldest first.")
            .needs::<ReadLog>()
            .asks::<log::Filter>()
            .lists::<log::Shown>()
            .fails(&[404, 422]),
        Route::get("/api/v1/log/key", log::key, "Gives the key that verifies the log's checkpoints.")
            .needs::<ReadLog>()
            .answers_with("text/plain; charset=utf-8", text()),
        Route::get("/api/v1/log/file/{*path}", log::file, "Gives a file of the log, for who verifies it themselves.")
            .needs::<ReadLog>()
            .named("path", "`checkpoint`, or a file below `tile/`; its slashes are written as they are.")
            .answers_with("application/octet-stream", bytes())
            .fails(&[404]),
    ];
    routes.extend(points::routes());
    routes.extend(keys::routes());
    routes.extend(service_keys::routes());
    routes.extend(objects::routes());
    routes
}

/// One call of the API.
pub(super) struct Route {
    /// Where it is, as the router writes it.
    pub(super) path: String,
    pub(super) method: HttpMethod,
    serve: MethodRouter<Arc<Api>>,
    pub(super) operation: OperationBuilder,
    /// The types that it names, and those that they name.
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
    rights: Vec<String>,
}

impl Route {
    /// A call that reads.
    pub(super) fn get<H: Handler<T, Arc<Api>>, T: 'static>(
        path: impl Into<String>,
        handler: H,
        summary: &str,
    ) -> Self {
        Self::new(HttpMethod::Get, path.into(), get(handler), summary)
    }

    /// A call that changes.
    pub(super) fn post<H: Handler<T, Arc<Api>>, T: 'static>(
        path: impl Into<String>,
        handler: H,
        summary: &str,
    ) -> Self {
        Self::new(HttpMethod::Post, path.into(), post(handler), summary)
    }

    /// A call that takes away.
    pub(super) fn delete<H: Handler<T, Arc<Api>>, T: 'static>(
        path: impl Into<String>,
        handler: H,
        summary: &str,
    ) -> Self {
        Self::new(HttpMethod::Delete, path.into(), delete(handler), summary)
    }

    fn new(method: HttpMethod, path: String, serve: MethodRouter<Arc<Api>>, summary: &str) -> Self {
        let mut operation =
            OperationBuilder::new().summary(Some(summary)).operation_id(Some(operation_id(&method, &path)));
        for scheme in [TOKEN, BEARER] {
            operation = operation.security(SecurityRequirement::new(scheme, NO_SCOPES));
        }
        let cookie = SecurityRequirement::new(COOKIE, NO_SCOPES);
        // What a browser sends by itself proves nothing about who made it send it (see `forgery`).
        operation = operation.security(match method {
            HttpMethod::Get => cookie,
            _ => cookie.add(CSRF, NO_SCOPES),
        });
        Self { path, method, serve, operation, schemas: Vec::new(), rights: Vec::new() }
            .fails(&[400, 401, 403, 500, 503])
    }

    /// A right that it takes.
    pub(super) fn needs<R: Right>(mut self) -> Self {
        let (area, action) = R::RIGHT;
        self.rights.push(format!("`{}` on `Admin::\"{}\"`", action.as_str(), area.as_str()));
        self.operation = self.operation.description(Some(format!("Takes {}.", self.rights.join(" and "))));
        self
    }

    /// A part of its path.
    pub(super) fn named(mut self, name: &str, description: &str) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(text()));
        self.operation = self.operation.parameter(parameter);
        self
    }

    /// The parameters of its query.
    pub(super) fn asks<P: IntoParams>(mut self) -> Self {
        for parameter in P::into_params(|| Some(ParameterIn::Query)) {
            self.operation = self.operation.parameter(parameter);
        }
        self
    }

    /// Its body.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        let content = Content::new(Some(self.schema::<T>()));
        let body =
            RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
        self.operation = self.operation.request_body(Some(body.build()));
        self
    }

    /// What it answers.
    pub(super) fn answers<T: ToSchema>(mut self) -> Self {
        let schema = self.schema::<T>();
        self.answers_with("application/json", schema)
    }

    /// What it answers, several of them.
    pub(super) fn lists<T: ToSchema>(mut self) -> Self {
        let schema = ArrayBuilder::new().items(self.schema::<T>());
        self.answers_with("application/json", schema)
    }

    fn answers_with(mut self, media_type: &str, schema: impl Into<RefOr<Schema>>) -> Self {
        let content = Content::new(Some(schema));
        let response = ResponseBuilder::new().description("It is done.").content(media_type, content);
        self.operation = self.operation.response("200", response);
        self
    }

    /// Statuses with which it refuses or fails.
    pub(super) fn fails(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            let content = Content::new(Some(self.schema::<described::Problem>()));
            let response = ResponseBuilder::new()
                .description(described::status(*status))
                .content(Problem::MEDIA_TYPE, content);
            self.operation = self.operation.response(status.to_string(), response);
        }
        self
    }

    /// The longest body that is read, if it is not the usual one.
    fn up_to(mut self, bytes: usize) -> Self {
        self.serve = self.serve.layer(DefaultBodyLimit::max(bytes));
        self
    }

    fn schema<T: ToSchema>(&mut self) -> Ref {
        let name = T::name().into_owned();
        T::schemas(&mut self.schemas);
        self.schemas.push((name.clone(), T::schema()));
        Ref::from_schema_name(name)
    }

    /// The router with this call.
    pub(super) fn onto(self, router: Router<Arc<Api>>) -> Router<Arc<Api>> {
        router.route(&self.path, self.serve)
    }

    /// The path as the document writes it: the rest of a path is a parameter like any other there.
    pub(super) fn template(&self) -> String {
        self.path.replace("{*", "{")
    }
}

/// A name for who generates clients: `post_users_by_name_disable`.
fn operation_id(method: &HttpMethod, path: &str) -> String {
    let mut id = String::from(method_name(method));
    for part in path.trim_start_matches("/api/v1/").split('/') {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => id.push_str(&format!("_by_{}", name.trim_start_matches('*'))),
            None => id.push_str(&format!("_{}", part.replace('.', "_"))),
        }
    }
    id
}

/// The methods that the calls have.
pub(super) fn method_name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Post => "post",
        HttpMethod::Delete => "delete",
        _ => "get",
    }
}

fn any() -> Schema {
    ObjectBuilder::new().schema_type(Type::Object).into()
}

fn text() -> Schema {
    ObjectBuilder::new().schema_type(Type::String).into()
}

fn bytes() -> Schema {
    let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
    ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).into()
}

/// What a person is called in an address.
pub(super) const PERSON: &str = "The login name, or the id of a person.";

/// What an enforcement point is called in an address.
pub(super) const POINT: &str = "The name, or the id of a point.";

/// The names of the security schemes.
pub(super) const TOKEN: &str = "token";
pub(super) const BEARER: &str = "bearer";
pub(super) const COOKIE: &str = "cookie";
pub(super) const CSRF: &str = "csrf";

const NO_SCOPES: [&str; 0] = [];
