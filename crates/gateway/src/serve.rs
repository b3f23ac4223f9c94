//! The path of one request, from top to bottom.

use bartizan_enforce::{LiveGrant, ResolveError};
use bartizan_model::RequestId;
use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::BodyExt as _;

use crate::authenticate::{HostKind, Unauthenticated, authenticate};
use crate::gateway::Gateway;
use crate::local::LocalService;
use crate::problem::{Problem, Reader};
use crate::relay::{Downstream, Relay, Upload};
use crate::request::{BadRequest, CanonicalRequest, Connection, canonical, is_navigation};

impl Gateway {
    /// Answers one request. Every answer, ours or relayed, says which request it is for.
    pub(crate) async fn answer(
        &self,
        connection: &Connection,
        head: Parts,
        body: Downstream,
    ) -> Response<Relay> {
        let now = self.enforcer().clock().now();
        let request_id = RequestId::ordered(now, self.enforcer().entropy().as_ref());
        let reader = Reader::navigates(is_navigation(&head.method, &head.headers));
        let mut response = match self.admit(connection, head, request_id).await {
            Ok(live) => self.pass(live, body).await,
            Err(problem) => problem.into_response(request_id, reader).map(Relay::ours),
        };
        if let Ok(value) = HeaderValue::try_from(request_id.to_string()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }

    /// Read it, say whose it is, decide and record.
    async fn admit(
        &self,
        connection: &Connection,
        head: Parts,
        request_id: RequestId,
    ) -> Result<LiveGrant<CanonicalRequest>, Problem> {
        let head = canonical(head, connection, request_id)?;
        let app = self.enforcer().app_by_host(head.host()).ok_or(BadRequest::WrongHost)?;
        let kind = if self.local(&app.name).is_some() { HostKind::Own } else { HostKind::App };
        if head.is_reserved() {
            // Ours on every host, and never forwarded.
            return Err(Problem::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "There is nothing here",
                "This path is reserved.",
            ));
        }
        let asked = authenticate(head, &app, kind, self.enforcer()).await?;
        let live = self.enforcer().admit(asked).await?;
        // The world may have gone on since the host was looked up: what was decided on has to be what was asked for.
        match live.app() {
            Some(decided) if decided.host == live.asked().head().host() => Ok(live),
            Some(_) | None => {
                live.fail(BadRequest::WrongHost.reason());
                Err(BadRequest::WrongHost.into())
            }
        }
    }

    /// To one of our own services, or to the app's server.
    async fn pass(&self, live: LiveGrant<CanonicalRequest>, body: Downstream) -> Response<Relay> {
        match live.app().and_then(|app| self.local(&app.name)) {
            Some(service) => call(live, body, service).await,
            None => self.upstreams().forward(live, body).await,
        }
    }
}

/// Has a service of ours answer. It runs under the grant as an upstream does: what is cut, ends.
async fn call(
    live: LiveGrant<CanonicalRequest>,
    body: Downstream,
    service: &LocalService,
) -> Response<Relay> {
    let (head, caller) = (live.asked().head(), live.asked().caller());
    let (id, reader) = (head.request_id(), Reader::navigates(head.is_navigation()));
    let stop = live.cut().child_token();
    let (upload, _progress) =
        Upload::new(body.into_parts().0, stop.clone(), std::sync::Arc::clone(live.meter()));
    let mut request = Request::new(upload.boxed_unsync());
    *request.method_mut() = head.method().clone();
    match head.target().parse::<Uri>() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(error) => {
            tracing::error!(%error, "a canonical target is not a URI: this is a bug");
            return Problem::from(BadRequest::Target).into_response(id, reader).map(Relay::ours);
        }
    }
    *request.headers_mut() = head.headers().clone();
    if let Ok(host) = HeaderValue::try_from(head.authority()) {
        request.headers_mut().insert(http::header::HOST, host);
    }
    request.extensions_mut().insert(caller.clone());
    let cut = live.cut();
    let guard = stop.drop_guard();
    tokio::select! {
        biased;
        () = cut.cancelled() => cut_before_answer(live, id, reader),
        response = service.call(request) => response.map(|body| Relay::under(live, body, guard)),
    }
}

/// Nothing has been sent yet, so the person can be told why.
pub(crate) fn cut_before_answer(
    live: LiveGrant<CanonicalRequest>,
    id: RequestId,
    reader: Reader,
) -> Response<Relay> {
    let denial = live.cut_reason();
    drop(live);
    denial
        .map_or_else(
            || {
                Problem::new(
                    StatusCode::FORBIDDEN,
                    "denied_by_policy",
                    "You do not have access to this",
                    "Access has ended.",
                )
            },
            Problem::from,
        )
        .into_response(id, reader)
        .map(Relay::ours)
}

impl From<Unauthenticated> for Problem {
    fn from(problem: Unauthenticated) -> Self {
        match problem {
            Unauthenticated::Bad(bad) => bad.into(),
            Unauthenticated::CrossSite => Self::new(
                StatusCode::FORBIDDEN,
                "cross_site",
                "Another site asked for this",
                "A page of another site made your browser send this request, so it was not carried out.",
            ),
            Unauthenticated::Unresolved(ResolveError::Throttled) => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "throttled",
                "Too many unknown credentials",
                "Too many credentials that nobody knows came from this address.",
            )
            .retry_after(5),
            Unauthenticated::Unresolved(ResolveError::Unavailable(why)) => {
                tracing::warn!(why, "a credential could not be looked up");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "sessions_unavailable",
                    "Access is paused: sign-ins cannot be looked up",
                    "The gateway cannot ask its control plane whose credential this is.",
                )
                .retry_after(2)
            }
        }
    }
}

/// The identifier of the request, on every answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("bartizan-request-id");
