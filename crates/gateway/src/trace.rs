//! Which requests are traced, and where in their traces they are (W3C Trace Context).
//!
//! What is traced becomes spans of `tracing`, under a target of their own; whoever subscribes to it sends them somewhere.
//! Spans carry their ids as fields, so that none has to be entered, and a request that is not traced has no span at all.
//! A span says what happened, never what was asked for: no path, no query, no header field, nobody's name.

use bartizan_enforce::about::{self, TraceContext};
use bartizan_model::{AppFacts, Denial, Entropy, Outcome, RequestId, Upstream};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Response, StatusCode, Version};
use tracing::Span;
use tracing::field::Empty;

use crate::gateway::Gateway;
use crate::relay::Relay;
use crate::request::{Connection, registered};

/// The share of requests that are traced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(f64);

impl Share {
    /// None of them.
    pub const NONE: Self = Self(0.0);

    /// So many of them, from 0 to 1.
    #[must_use]
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    fn is_none(self) -> bool {
        self.0 <= 0.0
    }

    /// The end of an id is random, so that nobody needs to throw dice again.
    fn includes(self, id: RequestId) -> bool {
        let [.., a, b, c, d] = *id.as_bytes();
        f64::from(u32::from_be_bytes([a, b, c, d])) < self.0 * ALL
    }
}

/// The span of a request, if it is traced.
#[derive(Debug)]
pub(crate) struct Traced(Span);

impl Traced {
    /// Of a request whose head has been read. What a stranger says of traces does not count; of a trace that is not gone
    /// on with, nothing goes on to the app.
    pub(crate) fn begin(gateway: &Gateway, connection: &Connection, head: &mut Parts, id: RequestId) -> Self {
        let share = gateway.config().traces;
        if share.is_none() {
            return Self(Span::none());
        }
        let believed = connection.proxies.relay(connection.source);
        let parent = believed.then(|| Parent::read(&head.headers)).flatten();
        if !parent.as_ref().map_or_else(|| share.includes(id), |parent| parent.sampled) {
            return Self(Span::none());
        }
        let traced = Self::new(gateway, id, parent.as_ref());
        if traced.0.is_disabled() {
            return traced;
        }
        if parent.is_none() {
            head.headers.remove(TRACESTATE);
        }
        let method = registered(&head.method);
        traced.0.record("otel.name", method.unwrap_or("HTTP"));
        traced.0.record("http.request.method", method.unwrap_or("_OTHER"));
        traced.0.record("server.address", &*connection.tls_host);
        let version = if head.version == Version::HTTP_2 { "2" } else { "1.1" };
        traced.0.record("network.protocol.version", version);
        traced
    }

    /// Of what could not be read as a request.
    pub(crate) fn unread(gateway: &Gateway, connection: &Connection, id: RequestId) -> Self {
        if !gateway.config().traces.includes(id) {
            return Self(Span::none());
        }
        let traced = Self::new(gateway, id, None);
        traced.0.record("otel.name", "HTTP");
        traced.0.record("http.request.method", "_OTHER");
        traced.0.record("server.address", &*connection.tls_host);
        traced
    }

    fn new(gateway: &Gateway, id: RequestId, parent: Option<&Parent>) -> Self {
        let entropy = gateway.enforcer().entropy();
        let context = TraceContext {
            trace: parent.map_or_else(|| drawn(entropy.as_ref()), |parent| parent.context.trace),
            span: drawn(entropy.as_ref()),
        };
        let span = tracing::info_span!(
            target: TARGET,
            parent: None,
            "request",
            trace_id = u128::from_be_bytes(context.trace),
            span_id = u64::from_be_bytes(context.span),
            parent_id = parent.map(|parent| u64::from_be_bytes(parent.context.span)),
            otel.kind = "server",
            otel.name = Empty,
            otel.status_code = Empty,
            http.request.method = Empty,
            http.response.status_code = Empty,
            url.scheme = "https",
            server.address = Empty,
            network.protocol.name = "http",
            network.protocol.version = Empty,
            error.type = Empty,
            bartizan.app = Empty,
            bartizan.outcome = Empty,
            bartizan.reason = Empty,
            bartizan.decision_id = Empty,
            bartizan.request_id = %id,
            bartizan.revision = Empty,
        );
        if !span.is_disabled() {
            about::traced(context);
        }
        Self(span)
    }

    /// It is for this app.
    pub(crate) fn app(&self, app: &AppFacts, head: &Parts) {
        if self.0.is_disabled() {
            return;
        }
        self.0.record("bartizan.app", app.name.as_str());
        let method = registered(&head.method).unwrap_or("HTTP");
        self.0.record("otel.name", format!("{method} {}", app.name).as_str());
    }

    /// It was permitted, or this is why not.
    pub(crate) fn decided(&self, denial: Option<&Denial>) {
        match denial {
            None => self.record(Outcome::Permit, None),
            Some(denial) => self.record(Outcome::Deny, Some(denial.reason.as_str())),
        }
        decision(&self.0);
    }

    /// This is its answer, and it ends with it.
    pub(crate) fn answer(self, response: &mut Response<Relay>) {
        if self.0.is_disabled() {
            return;
        }
        if let Some(Told { outcome, reason }) = response.extensions().get() {
            self.record(*outcome, Some(reason));
        }
        status(&self.0, response.status());
        if response.status().is_server_error() {
            self.0.record("otel.status_code", "ERROR");
        }
        response.body_mut().traced(self);
    }

    /// The part of it in which it is decided.
    pub(crate) fn deciding(&self, entropy: &dyn Entropy) -> Self {
        let Some(parent) = about::now().trace.filter(|_| !self.0.is_disabled()) else {
            return Self(Span::none());
        };
        let span_id: [u8; 8] = drawn(entropy);
        Self(tracing::info_span!(
            target: TARGET,
            parent: None,
            "decide",
            trace_id = u128::from_be_bytes(parent.trace),
            span_id = u64::from_be_bytes(span_id),
            parent_id = u64::from_be_bytes(parent.span),
            otel.kind = "internal",
            bartizan.outcome = Empty,
            bartizan.reason = Empty,
            bartizan.decision_id = Empty,
            bartizan.revision = Empty,
        ))
    }

    /// What its answer ended with, instead of its end.
    pub(crate) fn ended(&self, outcome: Outcome, reason: &'static str) {
        self.record(outcome, Some(reason));
        self.0.record("error.type", reason);
        if outcome == Outcome::Failed {
            self.0.record("otel.status_code", "ERROR");
        }
    }

    fn record(&self, outcome: Outcome, reason: Option<&'static str>) {
        self.0.record("bartizan.outcome", outcome.as_str());
        if let Some(reason) = reason {
            self.0.record("bartizan.reason", reason);
        }
    }
}

/// The part of a traced request in which the app's server is asked.
#[derive(Debug)]
pub(crate) struct Asking {
    span: Span,
    context: Option<TraceContext>,
}

impl Asking {
    /// Begins with the request to this server. Nothing, if the request is not traced.
    pub(crate) fn begin(entropy: &dyn Entropy, upstream: &Upstream, method: &http::Method) -> Self {
        let Some(parent) = about::now().trace else { return Self { span: Span::none(), context: None } };
        let context = TraceContext { trace: parent.trace, span: drawn(entropy) };
        let method = registered(method);
        let span = tracing::info_span!(
            target: TARGET,
            parent: None,
            "upstream",
            trace_id = u128::from_be_bytes(context.trace),
            span_id = u64::from_be_bytes(context.span),
            parent_id = u64::from_be_bytes(parent.span),
            otel.kind = "client",
            otel.name = method.unwrap_or("HTTP"),
            otel.status_code = Empty,
            http.request.method = method.unwrap_or("_OTHER"),
            http.response.status_code = Empty,
            server.address = upstream.host(),
            server.port = upstream.port(),
            error.type = Empty,
        );
        let context = (!span.is_disabled()).then_some(context);
        Self { span, context }
    }

    /// Tells the app's server where in the trace it is.
    pub(crate) fn tell(&self, fields: &mut HeaderMap) {
        if let Some(TraceContext { trace, span }) = self.context {
            let (trace, span) = (u128::from_be_bytes(trace), u64::from_be_bytes(span));
            if let Ok(value) = HeaderValue::try_from(format!("00-{trace:032x}-{span:016x}-01")) {
                fields.insert(TRACEPARENT, value);
            }
        }
    }

    pub(crate) fn answered(&self, answer: StatusCode) {
        if self.span.is_disabled() {
            return;
        }
        status(&self.span, answer);
        // To who asks, an error of the 400s is one, too (semantic conventions for HTTP spans).
        if answer.is_client_error() || answer.is_server_error() {
            self.span.record("error.type", answer.as_str());
            self.span.record("otel.status_code", "ERROR");
        }
    }

    pub(crate) fn failed(&self, reason: &'static str) {
        self.span.record("error.type", reason);
        self.span.record("otel.status_code", "ERROR");
    }
}

/// What an answer of ours says went wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    pub(crate) outcome: Outcome,
    pub(crate) reason: &'static str,
}

/// What a proxy in front says.
#[derive(Debug, PartialEq, Eq)]
struct Parent {
    context: TraceContext,
    sampled: bool,
}

impl Parent {
    /// `traceparent`, if there is one and it is in order (W3C Trace Context, 3.2).
    fn read(headers: &HeaderMap) -> Option<Self> {
        let mut fields = headers.get_all(TRACEPARENT).iter();
        let field = fields.next().filter(|_| fields.next().is_none())?;
        let text = field.to_str().ok()?;
        let lower = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let mut parts = text.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let sizes = [(version, 2), (trace, 32), (span, 16), (flags, 2)];
        if !sizes.iter().all(|(part, size)| part.len() == *size && lower(part)) || version == "ff" {
            return None;
        }
        // Later versions may say more.
        if version == "00" && parts.next().is_some() {
            return None;
        }
        let trace = u128::from_str_radix(trace, 16).ok().filter(|trace| *trace != 0)?;
        let span = u64::from_str_radix(span, 16).ok().filter(|span| *span != 0)?;
        let context = TraceContext { trace: trace.to_be_bytes(), span: span.to_be_bytes() };
        Some(Self { context, sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1 })
    }
}

fn status(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", u64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("error.type", status.as_str());
    }
}

fn decision(span: &Span) {
    if span.is_disabled() {
        return;
    }
    let about = about::now();
    if let Some(decision) = about.decision {
        span.record("bartizan.decision_id", tracing::field::display(decision));
    }
    if let Some(revision) = about.revision {
        span.record("bartizan.revision", revision.get());
    }
}

/// An id. One that is all zero would be none, so that the last byte never is.
fn drawn<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut id = [0; N];
    entropy.fill(&mut id);
    if let Some(last) = id.last_mut().filter(|last| **last == 0) {
        *last = 1;
    }
    id
}

/// How many ids there are, as [`Share::includes`] looks at them.
const ALL: f64 = 4_294_967_296.0;

/// Under which spans are found.
pub const TARGET: &str = "bartizan::trace";

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[&'static str]) -> Option<Parent> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(TRACEPARENT, HeaderValue::from_static(field));
        }
        Parent::read(&headers)
    }

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_parent_is_one_field_in_order() {
        let parent = read(&[GOOD]).unwrap();
        assert_eq!(parent.context.span, 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
        assert!(parent.sampled);
        assert!(!read(&["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"]).unwrap().sampled);
        assert!(read(&["01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-more"]).unwrap().sampled);
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[GOOD, GOOD]), None);
        for bad in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        ] {
            assert_eq!(read(&[bad]), None, "{bad}");
        }
    }

    #[test]
    fn a_share_includes_as_many_as_it_says() {
        let id = |end: u32| {
            let mut bytes = [7; 16];
            bytes[12..].copy_from_slice(&end.to_be_bytes());
            RequestId::from_bytes(bytes)
        };
        let included = |share: f64| {
            let share = Share::new(share).unwrap();
            (0..1000_u32).filter(|step| share.includes(id(step * 4_294_967))).count()
        };
        assert_eq!([0.0, 0.1, 0.5, 1.0].map(included), [0, 101, 501, 1000]);
        assert!(Share::new(1.0).unwrap().includes(id(u32::MAX)) && !Share::NONE.includes(id(0)));
        assert!([-0.1, 1.1, f64::NAN].iter().all(|share| Share::new(*share).is_none()));
    }
}
