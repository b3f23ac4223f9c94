//! The one way from the wire to anything else.
//!
//! A request is read once, by [`canonical`], into a [`Head`] of which there is one reading; what could be read in two ways
//! is a [`BadRequest`]. With whose credential it carries, a head becomes a [`CanonicalRequest`]: that is what is decided
//! on, and the upstream's request is written from it and from nothing else. So the decider and the server behind it
//! cannot see different requests, which is what the known bypasses of this class of product come down to
//! (`reference/reliability.md`, 6.3).

mod credentials;
mod headers;
mod host;
mod path;

use std::net::IpAddr;
use std::sync::Arc;

use bartizan_enforce::{Ask, Caller};
use bartizan_model::{AccessRequest, RequestId, WireRules};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Version};

use crate::proxies::Proxies;

pub(crate) use credentials::{COOKIE, Presented, StateCookie, is_our_cookie};
pub(crate) use headers::{Framing, connection_options, framing, is_returnable, keep_trailers};
use host::Authority;
pub(crate) use path::CanonicalPath;

/// What is known of the connection that a request came on.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The name in the TLS handshake, in lower case: the host that the connection's certificate is for.
    pub tls_host: Arc<str>,
    /// The address at its other end, or the one that a proxy announced.
    pub source: IpAddr,
    /// The proxies that are believed.
    pub proxies: Arc<Proxies>,
    /// Whether its certificate is one that browsers trust anyway, so that they are told to come over TLS only.
    pub strict_transport: bool,
}

/// A request of which there is one reading; nobody knows yet whose.
#[derive(Debug, Clone)]
pub struct Head {
    request_id: RequestId,
    source: IpAddr,
    method: Method,
    authority: Authority,
    path: CanonicalPath,
    query: Option<String>,
    headers: HeaderMap,
    presented: Option<Presented>,
    state: Vec<StateCookie>,
    /// What a script of our own pages proves itself with. Like every field of ours it reaches no upstream.
    page_proof: Option<HeaderValue>,
    websocket: bool,
    navigation: bool,
    user_agent: Option<Arc<str>>,
}

/// Reads a request to an app that takes so much beyond the usual.
///
/// # Errors
/// [`BadRequest`] when there is none, or more than one, way to read it.
pub fn canonical(
    head: Parts,
    connection: &Connection,
    rules: &WireRules,
    request_id: RequestId,
) -> Result<Head, BadRequest> {
    let Parts { method, uri, version, mut headers, .. } = head;
    // HTTP/1.0 ends a body of unknown length by closing, so one that was cut would look complete.
    if version != Version::HTTP_11 && version != Version::HTTP_2 {
        return Err(BadRequest::Version);
    }
    if !METHODS.contains(&method.as_str()) && !rules.methods.contains(method.as_str()) {
        return Err(BadRequest::Method);
    }
    check_sizes(&uri, &headers)?;
    let authority = host::authority(&uri, &headers)?;
    if authority.host != *connection.tls_host {
        return Err(BadRequest::WrongHost);
    }
    let query = uri.query().map(str::to_owned);
    let path = match uri.path() {
        // About the server itself (RFC 9112, 3.2.4).
        "*" if method == Method::OPTIONS && query.is_none() => CanonicalPath::asterisk(),
        path => CanonicalPath::parse(path, &rules.relax)?,
    };
    framing(&headers, version)?;
    let websocket = wishes_websocket(&method, version, &headers)?;
    let navigation = is_navigation(&method, &headers);
    let source = connection.proxies.source(connection.source, &headers)?;
    let credentials::Taken { presented, state } = credentials::take(&mut headers)?;
    let page_proof = headers.get(PAGE_PROOF).cloned();
    headers::keep_forwardable(&mut headers)?;
    let user_agent = headers.get(header::USER_AGENT).map(|value| clipped(value.as_bytes()));
    Ok(Head {
        request_id,
        source,
        method,
        authority,
        path,
        query,
        headers,
        presented,
        state,
        page_proof,
        websocket,
        navigation,
        user_agent,
    })
}

impl Head {
    /// The host, in lower case, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.authority.host
    }

    /// The path, decoded once; forms that are relaxed for the app stay escaped. `*` if it is about the server itself.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path.decoded()
    }

    /// Path and query as an upstream gets them.
    #[must_use]
    pub fn target(&self) -> String {
        match &self.query {
            None => self.path.encoded().to_owned(),
            Some(query) => format!("{}?{query}", self.path.encoded()),
        }
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The client's fields that an upstream may see.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) const fn request_id(&self) -> RequestId {
        self.request_id
    }

    pub(crate) const fn source(&self) -> IpAddr {
        self.source
    }

    pub(crate) const fn presented(&self) -> Option<&Presented> {
        self.presented.as_ref()
    }

    /// Our cookies that are no credentials; no upstream sees them.
    pub(crate) fn state_cookies(&self) -> &[StateCookie] {
        &self.state
    }

    /// What a script of our own pages proves itself with, for our own services.
    pub(crate) const fn page_proof(&self) -> Option<&HeaderValue> {
        self.page_proof.as_ref()
    }

    /// The query, byte for byte.
    pub(crate) fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    pub(crate) const fn user_agent(&self) -> Option<&Arc<str>> {
        self.user_agent.as_ref()
    }

    pub(crate) const fn is_websocket(&self) -> bool {
        self.websocket
    }

    /// Whether a person in a browser will read the answer.
    pub(crate) const fn is_navigation(&self) -> bool {
        self.navigation
    }

    pub(crate) fn is_reserved(&self) -> bool {
        self.path.is_reserved()
    }

    /// Host and port as the client wrote them, the usual port left out.
    pub(crate) fn authority(&self) -> String {
        self.authority.text()
    }

    /// Whether the page that made the request is of this very host (RFC 6454; Fetch, 3.2).
    pub(crate) fn is_same_origin(&self) -> bool {
        let mut origins = self.headers.get_all(header::ORIGIN).iter();
        let own = format!("https://{}", self.authority.text());
        let origin = match (origins.next(), origins.next()) {
            (Some(origin), None) => origin.as_bytes() == own.as_bytes(),
            (None, _) | (_, Some(_)) => false,
        };
        let mut sites = self.headers.get_all(&SEC_FETCH_SITE).iter();
        let site = match (sites.next(), sites.next()) {
            (None, _) => true,
            (Some(site), None) => matches!(site.as_bytes(), b"same-origin" | b"none"),
            (Some(_), Some(_)) => false,
        };
        origin && site
    }
}

/// A request and whose it is: what is decided on, and all that an upstream's request is made from.
///
/// Made from a [`Head`] by authenticating it, and in no other way.
#[derive(Debug)]
pub struct CanonicalRequest {
    head: Arc<Head>,
    access: AccessRequest,
    caller: Caller,
}

impl CanonicalRequest {
    /// Only `authenticate` calls this.
    pub(crate) const fn new(head: Arc<Head>, access: AccessRequest, caller: Caller) -> Self {
        Self { head, access, caller }
    }

    /// The request as it was read.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Whose it is.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }
}

impl Ask for CanonicalRequest {
    fn access_request(&self) -> &AccessRequest {
        &self.access
    }
}

/// Why a request was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// A line that does not end in CRLF.
    #[error("a line of the head does not end in CRLF")]
    LineEnd,
    /// Not a method, a target and a version.
    #[error("the request line is not a method, a target and a version")]
    RequestLine,
    /// Not a name, a colon and a value; or folded.
    #[error("a line of the head is not a header field")]
    Field,
    /// Neither HTTP/1.1 nor HTTP/2.
    #[error("only HTTP/1.1 and HTTP/2 are spoken here")]
    Version,
    /// An unregistered method, or one that no proxy should pass on.
    #[error("the method is not one that passes here")]
    Method,
    /// The request target is not a path.
    #[error("the request target is not a path on this host")]
    Target,
    /// No host, two, or not a host name.
    #[error("the request does not name one host")]
    Host,
    /// Another host than that of the TLS connection.
    #[error("this connection is for another host")]
    WrongHost,
    /// `%` without two digits behind it.
    #[error("the path has a broken escape")]
    PathEscape,
    /// An escaped slash, or a backslash in any form.
    #[error("the path has a separator that servers read in different ways")]
    PathSeparator,
    /// A control character or a blank.
    #[error("the path has a control character or a blank in it")]
    PathControl,
    /// Not UTF-8.
    #[error("the path is not UTF-8 in percent-encoding")]
    PathEncoding,
    /// An escape of an escape.
    #[error("the path is encoded twice")]
    PathDoubleEncoding,
    /// `.` or `..`.
    #[error("the path has a dot segment")]
    PathDotSegment,
    /// `//`.
    #[error("the path has an empty segment")]
    PathEmptySegment,
    /// `;`.
    #[error("the path has a parameter")]
    PathParameter,
    /// `#`.
    #[error("the request target has a fragment")]
    PathFragment,
    /// Lengths that contradict each other.
    #[error("the length of the body can be read in different ways")]
    Framing,
    /// A `Connection` field that is not a list of names.
    #[error("the `Connection` field cannot be read")]
    Connection,
    /// What a proxy in front says of the client is no address.
    #[error("the proxy in front does not say who asks")]
    Forwarded,
    /// More than one `Authorization`.
    #[error("there is more than one `Authorization` field")]
    Authorization,
    /// Credentials that disagree, or a kind in the place of another.
    #[error("the credentials contradict each other, or are of the wrong kind for their place")]
    Credentials,
    /// A change to a protocol other than WebSocket, or a WebSocket handshake that is not in order.
    #[error("the connection cannot change to that protocol")]
    Upgrade,
    /// A target longer than is read.
    #[error("the request target is too long")]
    TargetTooLong,
    /// More fields, or longer ones, than are read.
    #[error("there are too many header fields, or they are too long")]
    HeadersTooLarge,
}

impl BadRequest {
    /// The reason as problem documents spell it.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::LineEnd => "bad_request.line_end",
            Self::RequestLine => "bad_request.request_line",
            Self::Field => "bad_request.field",
            Self::Version => "bad_request.version",
            Self::Method => "bad_request.method",
            Self::Target => "bad_request.target",
            Self::Host => "bad_request.host",
            Self::WrongHost => "wrong_host",
            Self::PathEscape => "bad_request.path_escape",
            Self::PathSeparator => "bad_request.path_separator",
            Self::PathControl => "bad_request.path_control",
            Self::PathEncoding => "bad_request.path_encoding",
            Self::PathDoubleEncoding => "bad_request.path_double_encoding",
            Self::PathDotSegment => "bad_request.path_dot_segment",
            Self::PathEmptySegment => "bad_request.path_empty_segment",
            Self::PathParameter => "bad_request.path_parameter",
            Self::PathFragment => "bad_request.path_fragment",
            Self::Framing => "bad_request.framing",
            Self::Connection => "bad_request.connection",
            Self::Forwarded => "bad_request.forwarded",
            Self::Authorization => "bad_request.authorization",
            Self::Credentials => "bad_request.credentials",
            Self::Upgrade => "bad_request.upgrade",
            Self::TargetTooLong => "uri_too_long",
            Self::HeadersTooLarge => "headers_too_large",
        }
    }

    /// The status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::WrongHost => 421,
            Self::TargetTooLong => 414,
            Self::HeadersTooLarge => 431,
            Self::LineEnd
            | Self::RequestLine
            | Self::Field
            | Self::Version
            | Self::Method
            | Self::Target
            | Self::Host
            | Self::PathEscape
            | Self::PathSeparator
            | Self::PathControl
            | Self::PathEncoding
            | Self::PathDoubleEncoding
            | Self::PathDotSegment
            | Self::PathEmptySegment
            | Self::PathParameter
            | Self::PathFragment
            | Self::Framing
            | Self::Connection
            | Self::Forwarded
            | Self::Authorization
            | Self::Credentials
            | Self::Upgrade => 400,
        }
    }
}

/// A method that is registered, as it is written.
pub(crate) fn registered(method: &Method) -> Option<&'static str> {
    METHODS.into_iter().find(|known| *known == method.as_str())
}

fn check_sizes(uri: &http::Uri, headers: &HeaderMap) -> Result<(), BadRequest> {
    let target = uri.path().len() + uri.query().map_or(0, str::len);
    if target > MAX_TARGET {
        return Err(BadRequest::TargetTooLong);
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if headers.len() > MAX_FIELDS || bytes > MAX_FIELD_BYTES {
        return Err(BadRequest::HeadersTooLarge);
    }
    Ok(())
}

/// Reads the WebSocket handshake (RFC 6455, 4.2.1). No other change of protocol passes: each would be a way around reading.
fn wishes_websocket(method: &Method, version: Version, headers: &HeaderMap) -> Result<bool, BadRequest> {
    let mut protocols = headers.get_all(header::UPGRADE).iter();
    let protocol = match (protocols.next(), protocols.next()) {
        (None, _) => return Ok(false),
        (Some(protocol), None) => protocol,
        (Some(_), Some(_)) => return Err(BadRequest::Upgrade),
    };
    let connection = connection_options(headers)?;
    let in_order = protocol.as_bytes().eq_ignore_ascii_case(b"websocket")
        && *method == Method::GET
        && version == Version::HTTP_11
        && connection.contains(&header::UPGRADE)
        && headers.get_all(header::SEC_WEBSOCKET_KEY).iter().count() == 1
        && headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|value| value == "13")
        && !headers.contains_key(header::TRANSFER_ENCODING)
        && headers.get(header::CONTENT_LENGTH).is_none_or(|value| value == "0");
    if in_order { Ok(true) } else { Err(BadRequest::Upgrade) }
}

/// Whether a person will read the answer: a browser says so (Fetch Metadata, 2.2), or it is a plain GET that asks for a page.
pub(crate) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let page = headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|value| value.as_bytes().windows(9).any(|window| window.eq_ignore_ascii_case(b"text/html")));
    let mode = headers.get(&SEC_FETCH_MODE).map(HeaderValue::as_bytes);
    page && mode.map_or(*method == Method::GET, |mode| mode == b"navigate")
}

fn clipped(bytes: &[u8]) -> Arc<str> {
    let text: String = String::from_utf8_lossy(bytes).chars().take(MAX_USER_AGENT).collect();
    text.into()
}

/// The field in which scripts of our own pages prove that they are such.
pub(crate) const PAGE_PROOF: HeaderName = HeaderName::from_static("bartizan-csrf");

/// The registered methods (IANA, HTTP Method Registry) but TRACE, which echoes credentials, CONNECT, which is a tunnel,
/// and PRI, which is none.
const METHODS: [&str; 37] = [
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "QUERY",
    "REBIND",
    "REPORT",
    "SEARCH",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

/// 8 KiB, which RFC 9110, 4.1 recommends at least, and what common servers stop at.
pub(crate) const MAX_TARGET: usize = 8 * 1024;

/// More than any browser sends.
pub(crate) const MAX_FIELDS: usize = 128;

/// 64 KiB: room for the cookies of a busy domain and a SPNEGO token, both seen near 32 KiB.
pub(crate) const MAX_FIELD_BYTES: usize = 64 * 1024;

/// Enough to recognise a client by; the rest is not worth recording.
const MAX_USER_AGENT: usize = 256;

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

#[cfg(test)]
mod tests;
