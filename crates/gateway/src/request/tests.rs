use super::*;
use http::Request;
use proptest::prelude::*;

const ID: RequestId = RequestId::from_bytes([7; 16]);

fn connection() -> Connection {
    Connection {
        tls_host: "wiki.test".into(),
        source: IpAddr::from([127, 0, 0, 1]),
        proxies: Arc::default(),
        strict_transport: false,
    }
}

fn parts(method: &str, target: &str, fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn read(method: &str, target: &str, fields: &[(&str, &str)]) -> Result<Head, BadRequest> {
    canonical(parts(method, target, fields), &connection(), &WireRules::default(), ID)
}

const HOST: (&str, &str) = ("host", "wiki.test");

#[test]
fn an_ordinary_request_is_read() {
    let head = read("GET", "/a%20b?x=%2F;#", &[HOST, ("accept", "text/html"), ("user-agent", "curl/8")]);
    let head = head.unwrap();
    assert_eq!(head.host(), "wiki.test");
    assert_eq!(head.path(), "/a b");
    assert_eq!(head.target(), "/a%20b?x=%2F;", "a query passes byte for byte");
    assert!(head.is_navigation() && !head.is_websocket());
    assert_eq!(head.user_agent().map(|agent| &**agent), Some("curl/8"));
}

#[test]
fn requests_with_two_readings_are_refused() {
    let long = format!("/{}", "a".repeat(MAX_TARGET));
    let many: Vec<(String, String)> = (0..200)
        .map(|at| (format!("x-{at}"), String::from("1")))
        .chain([("host".into(), "wiki.test".into())])
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let big = "a".repeat(MAX_FIELD_BYTES);
    for (method, target, fields, why) in [
        ("TRACE", "/", &[HOST][..], BadRequest::Method),
        ("CONNECT", "/", &[HOST], BadRequest::Method),
        ("get", "/", &[HOST], BadRequest::Method),
        ("FROB", "/", &[HOST], BadRequest::Method),
        ("GET", "*", &[HOST], BadRequest::Target),
        ("GET", "/", &[], BadRequest::Host),
        ("GET", "/", &[HOST, HOST], BadRequest::Host),
        ("GET", "/", &[("host", "other.test")], BadRequest::WrongHost),
        ("GET", "https://other.test/", &[HOST], BadRequest::Host),
        ("GET", "https://other.test/", &[("host", "other.test")], BadRequest::WrongHost),
        ("GET", "/a/../b", &[HOST], BadRequest::PathDotSegment),
        ("GET", "//x", &[HOST], BadRequest::PathEmptySegment),
        ("GET", &long, &[HOST], BadRequest::TargetTooLong),
        ("GET", "/", &many, BadRequest::HeadersTooLarge),
        ("GET", "/", &[HOST, ("x-big", &big)], BadRequest::HeadersTooLarge),
        ("POST", "/", &[HOST, ("transfer-encoding", "chunked, chunked")], BadRequest::Framing),
        ("GET", "/", &[HOST, ("connection", "a b")], BadRequest::Connection),
        ("GET", "/", &[HOST, ("upgrade", "h2c"), ("connection", "upgrade")], BadRequest::Upgrade),
        (
            "GET",
            "/",
            &[HOST, ("authorization", "Basic a"), ("authorization", "Basic a")],
            BadRequest::Authorization,
        ),
        ("GET", "/", &[HOST, ("bartizan-token", "x")], BadRequest::Credentials),
    ] {
        assert_eq!(read(method, target, fields).err(), Some(why), "{method} {target} {fields:?}");
        assert_eq!(why.status() / 100, 4);
    }
    let mut old = parts("GET", "/", &[HOST]);
    old.version = Version::HTTP_10;
    assert_eq!(canonical(old, &connection(), &WireRules::default(), ID).err(), Some(BadRequest::Version));
}

#[test]
fn a_websocket_handshake_is_read_or_refused() {
    let good = [
        HOST,
        ("upgrade", "WebSocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
    ];
    let head = read("GET", "/ws", &good).unwrap();
    assert!(head.is_websocket());
    assert!(!head.headers().contains_key("upgrade") && !head.headers().contains_key("connection"));
    assert!(head.headers().contains_key("sec-websocket-key"));
    for without in 1..good.len() {
        let fields: Vec<_> =
            good.iter().enumerate().filter(|(at, _)| *at != without).map(|(_, field)| *field).collect();
        let result = read("GET", "/ws", &fields).map(|head| head.is_websocket());
        assert!(matches!(result, Ok(false) | Err(BadRequest::Upgrade)), "{fields:?}");
    }
    assert_eq!(read("POST", "/ws", &good).err(), Some(BadRequest::Upgrade));
}

#[test]
fn only_the_same_origin_is_the_same_origin() {
    let same = |host: &str, fields: &[(&str, &str)]| {
        let mut all = vec![("host", host)];
        all.extend_from_slice(fields);
        read("POST", "/", &all).unwrap().is_same_origin()
    };
    assert!(same("wiki.test", &[("origin", "https://wiki.test")]));
    assert!(same("wiki.test:443", &[("origin", "https://wiki.test"), ("sec-fetch-site", "same-origin")]));
    assert!(same("Wiki.test:8443", &[("origin", "https://wiki.test:8443"), ("sec-fetch-site", "none")]));
    for fields in [
        &[][..],
        &[("origin", "null")],
        &[("origin", "http://wiki.test")],
        &[("origin", "https://wiki.test:8443")],
        &[("origin", "https://evil.test")],
        &[("origin", "https://wiki.test.evil.test")],
        &[("origin", "https://wiki.test"), ("origin", "https://evil.test")],
        &[("origin", "https://wiki.test"), ("sec-fetch-site", "same-site")],
        &[("origin", "https://wiki.test"), ("sec-fetch-site", "cross-site")],
    ] {
        assert!(!same("wiki.test", fields), "{fields:?}");
    }
}

#[test]
fn a_page_is_for_people_who_navigate() {
    let navigates = |method: &str, fields: &[(&str, &str)]| {
        is_navigation(&method.parse().unwrap(), &parts(method, "/", fields).headers)
    };
    assert!(navigates("GET", &[("accept", "text/html,*/*;q=0.8")]));
    assert!(navigates("POST", &[("accept", "text/html"), ("sec-fetch-mode", "navigate")]));
    assert!(!navigates("GET", &[("accept", "*/*")]));
    assert!(!navigates("GET", &[("accept", "text/html"), ("sec-fetch-mode", "cors")]));
    assert!(!navigates("POST", &[("accept", "text/html")]));
}

proptest! {
    #[test]
    fn what_is_read_reads_the_same_again(
        method in "(GET|POST|PUT|HEAD|TRACE|get)",
        target in "/[a-zA-Z0-9%._~;/é-]{0,20}(\\?[a-z0-9&=%+;]{0,10})?",
        names in proptest::collection::vec("(x-[a-z_.]{1,6}|cookie|connection|upgrade|bartizan-user|x_user|forwarded)", 0..6),
        value in "[ -~]{0,16}",
    ) {
        let mut fields = vec![HOST];
        fields.extend(names.iter().map(|name| (name.as_str(), value.as_str())));
        // What `http` itself does not take never gets as far as this.
        prop_assume!(target.parse::<http::Uri>().is_ok());
        let built = parts(&method, &target, &fields);
        if let Ok(head) = canonical(built, &connection(), &WireRules::default(), ID) {
            for name in head.headers().keys() {
                prop_assert!(headers::is_forwardable(name.as_str()), "{name}");
            }
            let mut again: Vec<(&str, &str)> = vec![HOST];
            for (name, value) in head.headers() {
                again.push((name.as_str(), value.to_str().unwrap_or_default()));
            }
            let target = head.target();
            let second = read(head.method().as_str(), &target, &again).unwrap();
            prop_assert_eq!(second.target(), target);
            prop_assert_eq!(second.path(), head.path());
            prop_assert_eq!(second.headers(), head.headers());
        }
    }
}
