//! Which header fields of a client an upstream may see.
//!
//! An upstream believes some fields because a gateway wrote them: who asks, from where, for which host. Such a field from
//! a client is dropped in every spelling. Peers needed several fixes for one such field (letter case, then `_`, then `.`;
//! `reference/mission.md`, 4), because servers that follow CGI (RFC 3875, 4.1.18) read `X-User`, `X_User` and `x.user` as
//! one name. So a name that is not letters, digits and hyphens does not pass at all, and the list is compared in lower case.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::BadRequest;

/// Keeps of a client's header fields those that an upstream may see.
///
/// # Errors
/// When a field cannot be read in one way only.
pub(super) fn keep_forwardable(headers: &mut HeaderMap) -> Result<(), BadRequest> {
    let named = connection_options(headers)?;
    let drop: Vec<HeaderName> = headers
        .keys()
        .filter(|name| !is_forwardable(name.as_str()) || (named.contains(name) && may_be_hop_by_hop(name)))
        .cloned()
        .collect();
    for name in drop {
        headers.remove(name);
    }
    Ok(())
}

/// Keeps of trailer fields those that may pass. A trailer field never says what a header field has to say (RFC 9110, 6.5.1).
pub(crate) fn keep_trailers(trailers: &mut HeaderMap) {
    let drop: Vec<HeaderName> = trailers
        .keys()
        .filter(|name| {
            !is_forwardable(name.as_str()) || !may_be_hop_by_hop(name) || *name == header::SET_COOKIE
        })
        .cloned()
        .collect();
    for name in drop {
        trailers.remove(name);
    }
}

/// The fields that `Connection` names as meant for the next hop only (RFC 9110, 7.6.1).
pub(crate) fn connection_options(headers: &HeaderMap) -> Result<Vec<HeaderName>, BadRequest> {
    let mut names = Vec::new();
    for value in headers.get_all(header::CONNECTION) {
        let text = value.to_str().map_err(|_not_text| BadRequest::Connection)?;
        for option in text.split(',').map(str::trim).filter(|option| !option.is_empty()) {
            names.push(HeaderName::try_from(option).map_err(|_not_a_name| BadRequest::Connection)?);
        }
    }
    Ok(names)
}

/// Whether a field of this name (in lower case, as [`HeaderName`] has it) may pass from a client to an upstream.
pub(crate) fn is_forwardable(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    plain
        && !HOP_BY_HOP.contains(&name)
        && !OURS_TO_SAY.contains(&name)
        && !OURS_TO_SAY_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// `Connection` may drop what is an option. What says who asks, for what, or how long the body is, it cannot take away: that
/// would let a client choose what a server behind the gateway does not see.
fn may_be_hop_by_hop(name: &HeaderName) -> bool {
    const ALWAYS: [HeaderName; 14] = [
        header::HOST,
        header::AUTHORIZATION,
        header::COOKIE,
        header::ORIGIN,
        header::REFERER,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        header::CONTENT_RANGE,
        header::EXPECT,
        header::RANGE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::SEC_WEBSOCKET_KEY,
    ];
    !ALWAYS.contains(name) && !name.as_str().starts_with("sec-") && !name.as_str().starts_with("bartizan-")
}

/// Whether a response may carry this field from an upstream to a client.
pub(crate) fn is_returnable(name: &str) -> bool {
    !HOP_BY_HOP.contains(&name) && !name.starts_with("bartizan-") && !BEYOND_THE_APP.contains(&name)
}

/// Where a request's body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is no body.
    None,
    /// After so many bytes.
    Length(u64),
    /// With its last chunk.
    Chunked,
}

/// Reads the fields that say where a request ends, of which there is one at most (RFC 9112, 6.1 to 6.3).
pub(crate) fn framing(headers: &HeaderMap, version: http::Version) -> Result<Framing, BadRequest> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let chunked = match (codings.next(), codings.next()) {
        (None, None) => false,
        (Some(value), None) if value.as_bytes().eq_ignore_ascii_case(b"chunked") => true,
        (Some(_), None) | (_, Some(_)) => return Err(BadRequest::Framing),
    };
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let length = match (lengths.next(), lengths.next()) {
        (None, None) => None,
        (Some(value), None) => Some(length(value).ok_or(BadRequest::Framing)?),
        (_, Some(_)) => return Err(BadRequest::Framing),
    };
    match (chunked, length) {
        (true, None) if version == http::Version::HTTP_11 => Ok(Framing::Chunked),
        (true, _) => Err(BadRequest::Framing),
        (false, None) => Ok(Framing::None),
        (false, Some(length)) => Ok(Framing::Length(length)),
    }
}

fn length(value: &HeaderValue) -> Option<u64> {
    let digits = value.as_bytes();
    let plain = (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()
}

/// Fields of one connection (RFC 9110, 7.6.1), in both directions. `TE` and `Trailer` concern the body, which passes whole.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "proxy",
];

/// Fields of an answer that reach beyond the app: to another port, to the whole domain for months, to everybody's cookies
/// under it (Clear Site Data, 4.2.2: the registrable domain's, our sign-in among them).
const BEYOND_THE_APP: [&str; 3] = ["alt-svc", "strict-transport-security", "clear-site-data"];

/// Fields that are written from what was decided, and those by which servers are known to believe a proxy: where a
/// request came from, who made it, what it was before it was rewritten.
const OURS_TO_SAY: [&str; 30] = [
    "host",
    "content-length",
    "expect",
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "fastly-client-ip",
    "x-host",
    "x-scheme",
    "x-url-scheme",
    "x-protocol",
    "front-end-https",
    "base-url",
    "request-uri",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-http-host-override",
    "x-http-path-override",
    "x-http-destinationurl",
    "x-proxy-url",
    "x-proxy-user",
    "x-custom-ip-authorization",
    "x-goog-iap-jwt-assertion",
];

const OURS_TO_SAY_PREFIXES: [&str; 27] = [
    "bartizan-",
    "x-bartizan-",
    "x-forwarded",
    "x-forward-",
    "x-original",
    "x-rewrite",
    "x-envoy-",
    "x-auth-request-",
    "x-authenticated-",
    "x-authentik-",
    "x-authelia-",
    "x-pomerium-",
    "x-teleport-",
    "x-webauth-",
    "x-remote-",
    "remote-",
    "auth-user",
    "auth-type",
    "cf-access-",
    "tailscale-",
    "x-goog-authenticated-user-",
    "x-amzn-oidc-",
    "x-ms-client-principal",
    "x-ms-token-",
    "x-client-cert",
    "x-ssl-",
    "ssl-client-",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn kept(pairs: &[(&str, &str)]) -> Vec<String> {
        let mut headers = fields(pairs);
        keep_forwardable(&mut headers).unwrap();
        let mut names: Vec<String> = headers.keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_gateway_says_is_dropped_in_every_spelling() {
        for name in [
            "Bartizan-User",
            "BARTIZAN-USER",
            "bartizan_user",
            "Bartizan.User",
            "Bartizan-Assertion",
            "X-Bartizan-User",
            "X-Forwarded-For",
            "x_forwarded_for",
            "X.Forwarded.For",
            "X-Forwarded_Proto",
            "X-Forwarded-Prefix",
            "X-Forwarded",
            "Forwarded",
            "X-Real-IP",
            "X_Real_IP",
            "X-Original-URL",
            "X-Original_URL",
            "X-Rewrite-URL",
            "X-HTTP-Method",
            "X-HTTP-Method-Override",
            "X-Method-Override",
            "X_HTTP_Method_Override",
            "Remote-User",
            "Remote_User",
            "X-Remote-User",
            "X-Auth-Request-Email",
            "X-WebAuth-User",
            "X-Authentik-Username",
            "CF-Access-Authenticated-User-Email",
            "X-Amzn-Oidc-Identity",
            "X-MS-Client-Principal-Name",
            "Proxy",
            "Proxy-Authorization",
            "X_User",
            "Content_Length",
            "Transfer_Encoding",
            "a!b",
            "a~b",
        ] {
            assert_eq!(kept(&[(name, "x"), ("accept", "y")]), ["accept"], "{name}");
        }
    }

    #[test]
    fn what_an_app_and_its_client_say_to_each_other_passes() {
        let pairs = [
            ("authorization", "Basic dTpw"),
            ("cookie", "a=b"),
            ("x-csrf-token", "t"),
            ("x-requested-with", "XMLHttpRequest"),
            ("hx-request", "true"),
            ("x-user-id", "7"),
            ("origin", "https://a.test"),
            ("sec-fetch-site", "same-origin"),
            ("te", "trailers"),
            ("x-auth-token", "t"),
        ];
        assert_eq!(kept(&pairs).len(), pairs.len());
    }

    #[test]
    fn connection_drops_options_and_nothing_that_matters() {
        let pairs = [
            ("connection", "close, X-Option,  authorization, Cookie, host, sec-fetch-site, Bartizan-User"),
            ("x-option", "1"),
            ("authorization", "Basic dTpw"),
            ("cookie", "a=b"),
            ("sec-fetch-site", "cross-site"),
        ];
        assert_eq!(kept(&pairs), ["authorization", "cookie", "sec-fetch-site"]);
        let mut bad = fields(&[("connection", "a b")]);
        assert_eq!(keep_forwardable(&mut bad), Err(BadRequest::Connection));
    }

    #[test]
    fn trailers_say_nothing_that_a_header_has_to_say() {
        let mut trailers = fields(&[
            ("x-checksum", "1"),
            ("grpc-status", "0"),
            ("authorization", "x"),
            ("cookie", "x"),
            ("bartizan-user", "x"),
            ("content-length", "1"),
            ("transfer-encoding", "chunked"),
            ("x_user", "x"),
            ("set-cookie", "a=b"),
        ]);
        keep_trailers(&mut trailers);
        let kept: Vec<&str> = trailers.keys().map(HeaderName::as_str).collect();
        assert_eq!(kept, ["x-checksum", "grpc-status"]);
    }

    #[test]
    fn a_body_has_one_length() {
        let check = |pairs: &[(&str, &str)]| framing(&fields(pairs), http::Version::HTTP_11);
        assert_eq!(check(&[]), Ok(Framing::None));
        assert_eq!(check(&[("content-length", "12")]), Ok(Framing::Length(12)));
        assert_eq!(check(&[("transfer-encoding", "Chunked")]), Ok(Framing::Chunked));
        for bad in [
            &[("transfer-encoding", "chunked, chunked")][..],
            &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "gzip, chunked")],
            &[("transfer-encoding", "identity")],
            &[("transfer-encoding", "")],
            &[("transfer-encoding", "chunked"), ("content-length", "5")],
            &[("content-length", "5"), ("content-length", "5")],
            &[("content-length", "5, 5")],
            &[("content-length", "+5")],
            &[("content-length", "-1")],
            &[("content-length", "0x5")],
            &[("content-length", "")],
            &[("content-length", "99999999999999999999")],
        ] {
            assert_eq!(check(bad), Err(BadRequest::Framing), "{bad:?}");
        }
        let h2 = fields(&[("transfer-encoding", "chunked")]);
        assert_eq!(framing(&h2, http::Version::HTTP_2), Err(BadRequest::Framing));
    }
}
