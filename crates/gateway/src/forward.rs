//! To the app's server, and back.
//!
//! What is sent is written from the request that was decided on, to the server of the app that was decided on: `forward`
//! takes the live grant and the body, and nothing else says where or what.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::{LiveGrant, about};
use bartizan_model::{AppFacts, GroupName, SessionFacts, Upstream};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request, Response, StatusCode, Uri, Version};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::local::{BoxError, empty};
use crate::pace::Pace;
use crate::problem::{Problem, Reader};
use crate::relay::{Downstream, Progress, Relay, Upgrade, Upload};
use crate::request::{CanonicalRequest, Head};
use crate::response::keep_passable;
use crate::serve::cut_before_answer;
use crate::trace::Asking;
use crate::upstream::{Answer, NoAnswer, Pool, Upstreams};
use crate::websocket;

impl Upstreams {
    /// Sends what was permitted to where it was permitted, and returns the answer, which passes under the same grant.
    ///
    /// Cancel safe: yes; a request that nobody waits for any more is given up, and its connection not used again.
    pub async fn forward(&self, live: LiveGrant<CanonicalRequest>, body: Downstream) -> Response<Relay> {
        let head = live.asked().head();
        let (id, reader) = (head.request_id(), Reader::of(head.is_navigation(), head.headers()));
        let (body, upgrade) = body.into_parts();
        let stop = live.cut().child_token();
        let sent = self.send(&live, body, &stop).await;
        let guard = stop.drop_guard();
        match sent {
            Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                self.switch(live, response, upgrade)
            }
            Ok(response) => relay(live, response, guard),
            Err(Failure::Cut) => cut_before_answer(live, id, reader),
            Err(Failure::Problem(problem)) => {
                live.fail(problem.reason());
                self.counters.count_upstream(problem.reason());
                let access = bartizan_enforce::Ask::access_request(live.asked());
                let problem = problem.about(access.subject.clone(), access.resource.clone());
                drop(live);
                problem.into_response(id, reader).map(Relay::ours)
            }
        }
    }

    async fn send(
        &self,
        live: &LiveGrant<CanonicalRequest>,
        body: crate::local::Body,
        stop: &CancellationToken,
    ) -> Result<Response<Answer>, Failure> {
        let app = live.app().ok_or_else(|| no_upstream("upstream-no-app-why"))?;
        let upstream = app.upstream.as_ref().ok_or_else(|| no_upstream("upstream-no-server-why"))?;
        let pool = self.pool(app, upstream).map_err(|error| {
            tracing::error!(%error, app = %app.name, "an app's server cannot be reached safely");
            Problem::new(StatusCode::BAD_GATEWAY, "upstream_tls", "upstream-unsafe", "upstream-roots-why")
        })?;
        let cut = live.cut();
        let asking = Asking::begin(self.enforcer.entropy().as_ref(), upstream, live.asked().head().method());
        let work = async {
            let head = live.asked().head();
            let mut fields = self.fields(live, app, upstream).await?;
            asking.tell(&mut fields);
            let repeatable = matches!(*head.method(), Method::GET | Method::HEAD | Method::OPTIONS)
                && body.is_end_stream();
            let limit = app.wire.max_body;
            if limit.is_some_and(|limit| body.size_hint().lower() > limit) {
                return Err(too_large());
            }
            let (upload, progress) = Upload::new(body, stop.clone(), Arc::clone(live.meter()));
            let request = write(head, fields.clone(), upload.of_at_most(limit))?;
            match self.exchange(&pool, request, &progress).await {
                // A server may close a connection in the moment in which it is used again. Nothing was answered, and
                // nothing changes if it is asked once more (RFC 9110, 9.2.2).
                Err(Broken::Closed(_)) if repeatable => {
                    let (upload, progress) = Upload::new(empty(), stop.clone(), Arc::clone(live.meter()));
                    let request = write(head, fields, upload)?;
                    self.exchange(&pool, request, &progress).await.map_err(|broken| broken.into_problem(app))
                }
                Err(_) if progress.is_too_large() => Err(too_large()),
                other => other.map_err(|broken| broken.into_problem(app)),
            }
        };
        let done = tokio::select! {
            biased;
            () = cut.cancelled() => Err(Failure::Cut),
            done = work => match done {
                // The cut ended the upload, and what came of that was known before the cut was.
                _ if cut.is_cancelled() => Err(Failure::Cut),
                done => done.map_err(Failure::Problem),
            },
        };
        match &done {
            Ok(response) => asking.answered(response.status()),
            Err(Failure::Cut) => asking.failed("cut"),
            Err(Failure::Problem(problem)) => asking.failed(problem.reason()),
        }
        done
    }

    /// Sends one request and waits for the head of its answer, as long as there is progress.
    async fn exchange(
        &self,
        pool: &Pool,
        request: Request<Upload>,
        progress: &Progress,
    ) -> Result<Response<Answer>, Broken> {
        let mut answer = pin!(pool.send(request, progress));
        let mut pace = Pace::new(progress, self.body_timeout.min(self.answer_timeout));
        let (mut before, mut quiet) = (progress.frames(), Duration::ZERO);
        loop {
            match tokio::time::timeout(pace.window, &mut answer).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => return Err(Broken::from(error)),
                Err(_late) if pace.is_too_slow() => return Err(Broken::ClientSilent),
                Err(_late) => {
                    let frames = progress.frames();
                    quiet = if frames == before { quiet + pace.window } else { Duration::ZERO };
                    before = frames;
                    if quiet >= self.answer_timeout {
                        return Err(Broken::UpstreamSilent);
                    }
                }
            }
        }
    }

    /// The header fields of the upstream's request: the client's that may pass, and what we say.
    async fn fields(
        &self,
        live: &LiveGrant<CanonicalRequest>,
        app: &AppFacts,
        upstream: &Upstream,
    ) -> Result<HeaderMap, Problem> {
        let head = live.asked().head();
        let mut fields = head.headers().clone();
        let host = if app.pass_host { head.authority() } else { upstream.authority() };
        fields.insert(header::HOST, value(host)?);
        fields.insert(X_FORWARDED_FOR, value(head.source().to_string())?);
        fields.insert(X_FORWARDED_HOST, value(head.authority())?);
        fields.insert(X_FORWARDED_PROTO, HeaderValue::from_static("https"));
        trailers_wish(&mut fields);
        if head.is_websocket() {
            fields.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            fields.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        if let Some(session) = self.session(live)? {
            let mut groups = session.user().map(|user| self.enforcer.groups_of(user)).unwrap_or_default();
            groups.retain(|group| app.groups.contains(group));
            fields.insert(BARTIZAN_USER, value(session.subject.distinct_id())?);
            fields.insert(BARTIZAN_GROUPS, self.groups(app, &groups)?);
            let assertion = self.assertions.for_session(&session, app, groups).await.map_err(|error| {
                tracing::error!(%error, cause = error.source(), app = %app.name, "no assertion for an upstream");
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "assertion_unavailable",
                    "assertion-unavailable",
                    "assertion-unavailable-why",
                )
                .retry_after(2)
            })?;
            fields.insert(BARTIZAN_ASSERTION, assertion);
        }
        Ok(fields)
    }

    /// The sign-in that the request was decided under; nobody's request has none.
    fn session(&self, live: &LiveGrant<CanonicalRequest>) -> Result<Option<Arc<SessionFacts>>, Problem> {
        let Some(id) = live.asked().caller().session else { return Ok(None) };
        // It was there when it was decided; if it is gone, the cut is on its way.
        let gone =
            || Problem::new(StatusCode::UNAUTHORIZED, "session_ended", "session-ended", "session-gone-why");
        self.enforcer.session(id).map(Some).ok_or_else(gone)
    }

    fn groups(&self, app: &AppFacts, groups: &BTreeSet<GroupName>) -> Result<HeaderValue, Problem> {
        let names: Vec<&str> = groups.iter().map(GroupName::as_str).collect();
        let text = names.join(",");
        if text.len() > MAX_GROUPS {
            tracing::error!(app = %app.name, bytes = text.len(), "an app lists more groups than a header field holds");
            return Err(Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "groups_too_large",
                "groups-too-large",
                "groups-too-large-why",
            ));
        }
        value(text)
    }

    /// The upstream speaks WebSocket from here on, if that was asked for.
    fn switch(
        &self,
        live: LiveGrant<CanonicalRequest>,
        response: Response<Answer>,
        upgrade: Option<Upgrade>,
    ) -> Response<Relay> {
        let head = live.asked().head();
        let (id, reader) = (head.request_id(), Reader::of(head.is_navigation(), head.headers()));
        let (mut parts, answer) = response.into_parts();
        let both = upgrade.filter(|_| head.is_websocket()).zip(answer.into_switched());
        let Some((upgrade, upstream)) = both else {
            live.fail("upstream_unreachable");
            self.counters.count_upstream("upstream_unreachable");
            let problem = Problem::new(
                StatusCode::BAD_GATEWAY,
                "upstream_unreachable",
                "upstream-unusable",
                "upstream-unusable-why",
            );
            return problem.into_response(id, reader).map(Relay::ours);
        };
        keep_passable(&mut parts.headers);
        parts.headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        parts.headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        self.tasks.spawn(about::begun(about::now(), websocket::relay(live, upgrade, upstream)));
        Response::from_parts(parts, Relay::nothing())
    }
}

fn relay(
    live: LiveGrant<CanonicalRequest>,
    response: Response<Answer>,
    upload: DropGuard,
) -> Response<Relay> {
    let (mut parts, body) = response.into_parts();
    keep_passable(&mut parts.headers);
    parts.version = Version::default();
    parts.extensions.clear();
    let body = body.map_err(BoxError::from).boxed_unsync();
    Response::from_parts(parts, Relay::under(live, body, upload))
}

/// Writes the upstream's request from the canonical one.
fn write(head: &Head, fields: HeaderMap, body: Upload) -> Result<Request<Upload>, Problem> {
    let bug = |error: &dyn StdError| {
        tracing::error!(%error, "a canonical request cannot be written: this is a bug");
        no_upstream("upstream-unwritable-why")
    };
    let mut request = Request::new(body);
    *request.method_mut() = head.method().clone();
    let target = PathAndQuery::try_from(head.target()).map_err(|error| bug(&error))?;
    *request.uri_mut() = Uri::from(target);
    *request.headers_mut() = fields;
    Ok(request)
}

/// `TE: trailers` says that the client takes trailers (RFC 9110, 10.1.4); other codings are between neighbours.
fn trailers_wish(fields: &mut HeaderMap) {
    let takes = fields
        .get_all(header::TE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|text| text.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("trailers")));
    fields.remove(header::TE);
    if takes {
        fields.insert(header::TE, HeaderValue::from_static("trailers"));
        fields.insert(header::CONNECTION, HeaderValue::from_static("TE"));
    }
}

fn value(text: String) -> Result<HeaderValue, Problem> {
    HeaderValue::try_from(text).map_err(|error| {
        tracing::error!(%error, "a field for an upstream cannot be written: this is a bug");
        no_upstream("upstream-unwritable-why")
    })
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "content_too_large",
        "content-too-large",
        "content-too-large-why",
    )
}

fn no_upstream(why: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, "upstream_unreachable", "upstream-unreachable", why)
}

/// Why there is no answer to pass on.
enum Failure {
    /// Access ended meanwhile.
    Cut,
    Problem(Problem),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// What went wrong between us and the upstream.
enum Broken {
    /// As many connections as may be open are open.
    Crowded,
    /// No connection.
    Unreachable(BoxError),
    /// A connection, but its TLS is not in order.
    Tls(BoxError),
    /// The connection ended before an answer began.
    Closed(BoxError),
    /// The answer is not HTTP.
    Garbled(BoxError),
    /// The client's body did not come.
    ClientGone,
    ClientSilent,
    UpstreamSilent,
}

impl From<NoAnswer> for Broken {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Crowded => Self::Crowded,
            NoAnswer::Unreachable(error) if is_tls(error.as_ref()) => Self::Tls(error),
            NoAnswer::Unreachable(error) => Self::Unreachable(error),
            NoAnswer::Broken(error) if error.is_user() => Self::ClientGone,
            NoAnswer::Broken(error) if is_tls(&error) => Self::Tls(error.into()),
            NoAnswer::Broken(error) if is_closed(&error) => Self::Closed(error.into()),
            NoAnswer::Broken(error) => Self::Garbled(error.into()),
        }
    }
}

/// An error and what caused it, outermost first.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}

fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>())
    })
}

fn is_closed(error: &hyper::Error) -> bool {
    let io = causes(error).find_map(|cause| cause.downcast_ref::<std::io::Error>());
    let ended = io.is_some_and(|io| {
        matches!(
            io.kind(),
            std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::BrokenPipe
                | std::io::ErrorKind::ConnectionAborted
                | std::io::ErrorKind::NotConnected
        )
    });
    ended || error.is_incomplete_message() || error.is_closed() || error.is_canceled()
}

impl Broken {
    /// Says which side failed: to the client in general words, to the operator with the cause.
    fn into_problem(self, app: &AppFacts) -> Problem {
        let log = |error: &BoxError, what: &'static str| {
            let (mut causes, mut cause) = (Vec::new(), error.source());
            while let Some(at) = cause {
                causes.push(at.to_string());
                cause = at.source();
            }
            tracing::warn!(app = %app.name, %error, causes = causes.join(": "), "{what}");
        };
        match self {
            Self::Crowded => {
                tracing::warn!(app = %app.name, "too many connections to apps' servers are open");
                crate::serve::overloaded()
            }
            Self::Unreachable(error) => {
                log(&error, "an app's server cannot be reached");
                no_upstream("upstream-no-connection-why")
            }
            Self::Closed(error) => {
                log(&error, "an app's server closed the connection without an answer");
                no_upstream("upstream-closed-why")
            }
            Self::Garbled(error) => {
                log(&error, "an app's server gave an answer that is not HTTP");
                no_upstream("upstream-garbled-why")
            }
            Self::Tls(error) => {
                log(&error, "the TLS of an app's server is not in order");
                Problem::new(StatusCode::BAD_GATEWAY, "upstream_tls", "upstream-unsafe", "upstream-tls-why")
            }
            Self::UpstreamSilent => Problem::new(
                StatusCode::GATEWAY_TIMEOUT,
                "upstream_timeout",
                "upstream-timeout",
                "upstream-timeout-why",
            ),
            Self::ClientGone | Self::ClientSilent => unfinished(),
        }
    }
}

/// A client that does not send what it announced.
pub(crate) fn unfinished() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_request.body", "body-unfinished", "body-unfinished-why")
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const BARTIZAN_USER: HeaderName = HeaderName::from_static("bartizan-user");
const BARTIZAN_GROUPS: HeaderName = HeaderName::from_static("bartizan-groups");
const BARTIZAN_ASSERTION: HeaderName = HeaderName::from_static("bartizan-assertion");

/// CONTRACT.md, "HTTP".
const MAX_GROUPS: usize = 4 * 1024;
