//! The path of one request, from top to bottom.

use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::{Ask as _, LiveGrant, ResolveError, about};
use bartizan_model::{
    AccessRequest, Action, AdminArea, AppFacts, BootTime, Denial, DenyReason, Outcome, Remedy, RemedyKind,
    RequestId, Resource, Way,
};
use http::header::{HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use crate::authenticate::{HostKind, SIGN_IN, Unauthenticated, authenticate};
use crate::counters::Class;
use crate::forward::unfinished;
use crate::gateway::Gateway;
use crate::local::{Body, LocalService};
use crate::pace::Pace;
use crate::problem::{Problem, Reader};
use crate::relay::{Downstream, Relay, Upload};
use crate::request::{BadRequest, CanonicalRequest, Connection, Head, PAGE_PROOF, canonical, is_navigation};
use crate::sign_in::{Again, START, called, encoded};
use crate::trace::{Told, Traced};

impl Gateway {
    /// Answers one request; on a `crowded` connection, for administration only. Every answer, ours or relayed, says which request it is for.
    pub(crate) async fn answer(
        &self,
        connection: &Connection,
        crowded: bool,
        mut head: Parts,
        body: Downstream,
    ) -> Response<Relay> {
        let counted = Counted::new(self);
        let now = self.enforcer().clock().now();
        let request_id = RequestId::ordered(now, self.enforcer().entropy().as_ref());
        about::request(request_id);
        let traced = Traced::begin(self, connection, &mut head, request_id);
        let reader = Reader::of(is_navigation(&head.method, &head.headers), &head.headers);
        let mut response = match self.admit(connection, crowded, head, request_id, &traced).await {
            Ok(live) => self.pass(live, body).await,
            Err(Turned::Refused(problem)) => problem.into_response(request_id, reader).map(Relay::ours),
            Err(Turned::Answered(response)) => response.map(Relay::ours),
        };
        sign(&mut response, request_id, connection);
        traced.answer(&mut response);
        counted.answered(response.status());
        response
    }

    /// Answers what cannot even be read as a request.
    pub(crate) fn turn_away(&self, connection: &Connection, bad: BadRequest) -> Response<Relay> {
        let now = self.enforcer().clock().now();
        let request_id = RequestId::ordered(now, self.enforcer().entropy().as_ref());
        about::request(request_id);
        let traced = Traced::unread(self, connection, request_id);
        let mut response = Problem::from(bad).into_response(request_id, Reader::Program).map(Relay::ours);
        sign(&mut response, request_id, connection);
        traced.answer(&mut response);
        self.counters().count_request(Class::from(response.status()));
        response
    }

    /// Read it, say whose it is, decide and record.
    async fn admit(
        &self,
        connection: &Connection,
        crowded: bool,
        head: Parts,
        request_id: RequestId,
        traced: &Traced,
    ) -> Result<LiveGrant<CanonicalRequest>, Turned> {
        let app = self.enforcer().app_by_host(&connection.tls_host).ok_or(BadRequest::WrongHost)?;
        traced.app(&app, &head);
        if crowded && app.name.as_str() != ADMINISTRATION {
            return Err(Turned::Refused(overloaded()));
        }
        let head = Arc::new(canonical(head, connection, &app.wire, request_id)?);
        if head.is_reserved() {
            // Ours on every host, and never forwarded.
            return Err(Turned::Answered(self.reserved(&head, &app).await?));
        }
        let kind = match self.local(&app.name) {
            Some(service) if service.is_called_from_anywhere(head.path()) => HostKind::OwnCalled,
            Some(service) if service.is_called_with_a_token(head.path()) => HostKind::OwnWithToken,
            Some(_) => HostKind::Own,
            None => HostKind::App,
        };
        let asked = authenticate(Arc::clone(&head), &app, kind, self.enforcer()).await?;
        // Whom to tell more, if it is refused, is asked only of what a person looks at.
        let curious = head.is_navigation().then(|| asked.access_request().clone());
        let deciding = traced.deciding(self.enforcer().entropy().as_ref());
        let decided = self.enforcer().admit(asked).await;
        deciding.decided(decided.as_ref().err());
        traced.decided(decided.as_ref().err());
        let live = match decided {
            Ok(live) => live,
            Err(denial) => return Err(self.refused(&head, &app, denial, curious)),
        };
        // The world may have gone on since the host was looked up: what was decided on has to be what was asked for.
        match live.app() {
            Some(decided) if decided.host == live.asked().head().host() && decided.wire == app.wire => {
                Ok(live)
            }
            Some(_) | None => {
                live.fail(BadRequest::WrongHost.reason());
                Err(BadRequest::WrongHost.into())
            }
        }
    }

    /// A person who only has to sign in is sent to do so; everybody else is told why not, and what would help.
    fn refused(
        &self,
        head: &Head,
        app: &AppFacts,
        mut denial: Denial,
        curious: Option<AccessRequest>,
    ) -> Turned {
        let sign_in = matches!(denial.reason, DenyReason::SignInRequired | DenyReason::SessionEnded);
        if app.name.as_str() == SIGN_IN {
            denial.remedies.clear();
        } else if sign_in && head.is_navigation() && *head.method() == Method::GET {
            return match self.leave(head, &head.target(), Again::Nothing) {
                Ok(response) => Turned::Answered(response),
                Err(problem) => Turned::Refused(problem),
            };
        }
        let known = denial.subject.user().is_some();
        if known && app.name.as_str() != SIGN_IN && !denial.reason.is_outage() {
            denial.remedies.push(Remedy::new(Way::SwitchAccount, None));
        }
        denial.remedies.retain_mut(|remedy| lead(remedy, head));
        let issuer = self.issuer();
        let home = known && ![SIGN_IN, PORTAL].contains(&app.name.as_str());
        let home = home.then(|| format!("{issuer}/apps"));
        let why = curious.is_some_and(|asked| known && self.may_see_why(asked));
        let why = why.then(|| format!("{issuer}/why?request={}", head.request_id()));
        let problem = Problem::from(denial).called(called(head).filter(|_| known));
        Turned::Refused(problem.onward(home, why))
    }

    /// A service of ours asked for more than to be reached, and was denied it: the person is told as of any other denial. The
    /// service knows where each way out leads.
    fn denied_within(&self, head: &Head, denial: Denial) -> Response<Relay> {
        let known = denial.subject.user().is_some();
        let issuer = self.issuer();
        let home = known.then(|| format!("{issuer}/apps"));
        let problem = Problem::from(denial).called(called(head).filter(|_| known)).onward(home, None);
        let reader = Reader::of(head.is_navigation(), head.headers());
        problem.into_response(head.request_id(), reader).map(Relay::ours)
    }

    /// Whether whoever asked may read the log, at once or after a better sign-in: asked of the engine, and recorded nowhere,
    /// since nothing of it is shown.
    fn may_see_why(&self, mut asked: AccessRequest) -> bool {
        asked.resource = Resource::Admin(AdminArea::Log);
        asked.action = Action::AdminRead;
        asked.http = None;
        let verdict = self.enforcer().would(&asked);
        verdict.is_some_and(|verdict| matches!(verdict.reason(), None | Some(DenyReason::StepUpRequired)))
    }

    /// To one of our own services, or to the app's server.
    async fn pass(&self, live: LiveGrant<CanonicalRequest>, body: Downstream) -> Response<Relay> {
        match live.app().and_then(|app| self.local(&app.name)) {
            Some(service) => call(self, live, body, &service).await,
            None => self.upstreams().forward(live, body).await,
        }
    }
}

/// A request whose head has been read, counted when it is answered, and when nobody waits for the answer any more.
struct Counted<'a> {
    gateway: &'a Gateway,
    began: BootTime,
    class: Class,
}

impl<'a> Counted<'a> {
    fn new(gateway: &'a Gateway) -> Self {
        Self { gateway, began: gateway.enforcer().clock().boot(), class: Class::Gone }
    }

    fn answered(mut self, status: StatusCode) {
        self.class = Class::from(status);
        let took = self.gateway.enforcer().clock().boot().since(self.began);
        self.gateway.counters().durations().add(took);
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.gateway.counters().count_request(self.class);
    }
}

/// What every answer says, ours or relayed: which request it is for, and whether to come over TLS only from now on.
fn sign<B>(response: &mut Response<B>, request_id: RequestId, connection: &Connection) {
    if connection.strict_transport {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if let Ok(value) = HeaderValue::try_from(request_id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
}

/// Why a request goes no further than this.
enum Turned {
    Refused(Problem),
    /// With an answer of the gateway's own.
    Answered(Response<Body>),
}

impl<T: Into<Problem>> From<T> for Turned {
    fn from(problem: T) -> Self {
        Self::Refused(problem.into())
    }
}

/// Leads to the page where a remedy is to be had; one that is to be had nowhere is not offered.
fn lead(remedy: &mut Remedy, head: &Head) -> bool {
    let again = match remedy.kind {
        RemedyKind::SignIn => Again::Nothing,
        RemedyKind::StepUp => Again::SecondFactor,
        RemedyKind::Reauthenticate | RemedyKind::SwitchAccount => Again::Everything,
        RemedyKind::Wait => return true,
        RemedyKind::EnrolDevice | RemedyKind::MendDevice | RemedyKind::RequestAccess => return false,
    };
    let to = if *head.method() == Method::GET { head.target() } else { String::from("/") };
    let (host, again, to) = (head.authority(), again.as_str(), encoded(&to));
    remedy.url = Some(format!("https://{host}{START}?again={again}&to={to}"));
    true
}

/// Has a service of ours answer. It runs under the grant as an upstream does: what is cut, ends.
async fn call(
    gateway: &Gateway,
    live: LiveGrant<CanonicalRequest>,
    body: Downstream,
    service: &LocalService,
) -> Response<Relay> {
    let patience = gateway.config().body_timeout;
    let (head, caller) = (live.asked().head(), live.asked().caller());
    let (id, reader) = (head.request_id(), Reader::of(head.is_navigation(), head.headers()));
    let stop = live.cut().child_token();
    let (upload, progress) =
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
    if let Some(proof) = head.page_proof() {
        request.headers_mut().insert(PAGE_PROOF, proof.clone());
    }
    // Of cookies it sees those of sign-ins under way, and nobody's else: an app could set them under this domain.
    request.headers_mut().remove(http::header::COOKIE);
    let state: Vec<String> =
        head.state_cookies().iter().map(|c| c.value.expose(|v| format!("{}={v}", c.name))).collect();
    if let Ok(mut cookies) = HeaderValue::try_from(state.join("; "))
        && !state.is_empty()
    {
        cookies.set_sensitive(true);
        request.headers_mut().insert(http::header::COOKIE, cookies);
    }
    request.extensions_mut().insert(caller.clone());
    let cut = live.cut();
    let guard = stop.drop_guard();
    let signs_in = live.app().is_some_and(|app| app.name.as_str() == SIGN_IN);
    let mut answer = service.call(request);
    let mut pace = Pace::new(&progress, patience);
    let response = loop {
        tokio::select! {
            biased;
            () = cut.cancelled() => break None,
            response = &mut answer => break Some(response),
            () = tokio::time::sleep(patience) => {
                if pace.is_too_slow() {
                    live.fail("bad_request.body");
                    return unfinished().into_response(id, reader).map(Relay::ours);
                }
            }
        }
    };
    let mut response = match response {
        // Who signs out ends the very session that they ask under.
        None if signs_in => {
            timeout(PARTING, answer).await.ok().filter(|response| response.status().is_redirection())
        }
        response => response,
    };
    if let Some(denial) = response.as_mut().and_then(|response| response.extensions_mut().remove::<Denial>())
    {
        return gateway.denied_within(live.asked().head(), denial);
    }
    match response {
        // Where to go on from the sign-in pages says nothing about anybody, so no cut keeps it back.
        Some(response) if signs_in && response.status().is_redirection() => {
            response.map(|_| Relay::nothing())
        }
        Some(response) => response.map(|body| Relay::under(live, body, guard)),
        None => cut_before_answer(live, id, reader),
    }
}

/// Nothing has been sent yet, so the person can be told why, and what helps.
pub(crate) fn cut_before_answer(
    live: LiveGrant<CanonicalRequest>,
    id: RequestId,
    reader: Reader,
) -> Response<Relay> {
    let head = live.asked().head();
    let denial = live.cut_reason().map(|mut denial| {
        let ended = matches!(denial.reason, DenyReason::SignInRequired | DenyReason::SessionEnded);
        if ended && denial.remedies.is_empty() {
            denial.remedies.push(Remedy::new(Way::SignIn, None));
        }
        denial.remedies.retain_mut(|remedy| lead(remedy, head));
        denial
    });
    let who = called(head).filter(|_| denial.as_ref().is_some_and(|denial| denial.subject.user().is_some()));
    drop(live);
    let reason = denial.as_ref().map_or(DenyReason::DeniedByPolicy, |denial| denial.reason).as_str();
    let mut response = denial
        .map_or_else(
            || {
                Problem::new(
                    StatusCode::FORBIDDEN,
                    "denied_by_policy",
                    "denied-by-policy",
                    "access-ended-why",
                )
            },
            |denial| Problem::from(denial).called(who),
        )
        .into_response(id, reader)
        .map(Relay::ours);
    response.extensions_mut().insert(Told { outcome: Outcome::Cut, reason });
    response
}

impl From<Unauthenticated> for Problem {
    fn from(problem: Unauthenticated) -> Self {
        match problem {
            Unauthenticated::Bad(bad) => bad.into(),
            Unauthenticated::CrossSite => {
                Self::new(StatusCode::FORBIDDEN, "cross_site", "cross-site", "cross-site-why")
            }
            Unauthenticated::Unresolved(error) => error.into(),
        }
    }
}

impl From<ResolveError> for Problem {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Throttled => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "throttled", "throttled", "throttled-why")
                    .retry_after(5)
            }
            ResolveError::Unavailable(why) => {
                tracing::warn!(why, "a credential could not be looked up");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "sessions_unavailable",
                    "sessions-unavailable",
                    "sessions-unavailable-why",
                )
                .retry_after(2)
            }
        }
    }
}

pub(crate) fn overloaded() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "crowded", "crowded-why").retry_after(5)
}

/// The app whose connections are served even then: sessions are ended and people disabled there.
pub(crate) const ADMINISTRATION: &str = "console";

/// The app where people see what they may open.
const PORTAL: &str = "portal";

/// How long the sign-in pages may take to say where to go on after the session has ended.
const PARTING: Duration = Duration::from_secs(5);

/// For a year (RFC 6797, 6.1). Never for subdomains: they are not all ours.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The identifier of the request, on every answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("bartizan-request-id");
