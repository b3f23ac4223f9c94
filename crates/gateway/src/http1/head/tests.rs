use proptest::prelude::*;

use super::*;

/// What our reader makes of these bytes, given all at once.
fn read(bytes: &[u8]) -> Result<Option<(Parts, Framing)>, BadRequest> {
    let mut buffer = BytesMut::from(bytes);
    Scan::default().take(&mut buffer)?.map(|head| parse(&head)).transpose()
}

fn refused(bytes: &[u8]) -> BadRequest {
    match read(bytes) {
        Err(bad) => bad,
        Ok(read) => panic!("{:?} was read: {read:?}", String::from_utf8_lossy(bytes)),
    }
}

#[test]
fn an_ordinary_request_is_read() {
    let bytes = b"POST /a?b=c HTTP/1.1\r\nHost: wiki.test\r\nX-Empty:\r\nX-Two: \t a b\t \r\nx-two: c\r\n\
        Content-Length: 5\r\n\r\nhello";
    let (head, framing) = read(bytes).unwrap().unwrap();
    assert_eq!((head.method.as_str(), head.uri.to_string()), ("POST", String::from("/a?b=c")));
    assert_eq!(head.headers["host"], "wiki.test");
    assert_eq!(head.headers["x-empty"], "");
    assert_eq!(head.headers.get_all("x-two").iter().collect::<Vec<_>>(), ["a b", "c"]);
    assert_eq!(framing, Framing::Length(5));
}

#[test]
fn what_is_behind_a_head_stays_where_it_is() {
    let mut buffer = BytesMut::from(&b"\r\nGET / HTTP/1.1\r\n\r\nGET /next"[..]);
    let head = Scan::default().take(&mut buffer).unwrap().unwrap();
    assert_eq!(head, "GET / HTTP/1.1\r\n\r\n");
    assert_eq!(buffer, "GET /next");
}

#[test]
fn what_two_readers_could_read_in_two_ways_is_refused() {
    let line = |line: &str| refused(format!("{line}\r\nHost: a\r\n\r\n").as_bytes());
    for bad in [
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        " GET / HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET /",
        "GET",
        "GET / http/1.1",
        "GET\t/\tHTTP/1.1",
        "GET / a HTTP/1.1",
        "GET /x HTTP/1.1\0",
    ] {
        let why = line(bad);
        assert!(matches!(why, BadRequest::RequestLine | BadRequest::Version), "{bad:?}: {why:?}");
    }
    for bad in [
        "GET / HTTP/1.2",
        "GET / HTTP/2.0",
        "GET / HTTP/0.9",
        "GET / HTTP/1.10",
        "GET / HTTP/01.1",
        "GET / HTTP/1.1.1",
    ] {
        assert_eq!(line(bad), BadRequest::Version, "{bad}");
    }
    assert_eq!(line("G\"T / HTTP/1.1"), BadRequest::Method);
    assert_eq!(line(" / HTTP/1.1"), BadRequest::Method);
    assert_eq!(line("GET /a#b HTTP/1.1"), BadRequest::PathFragment);
    assert_eq!(line("GET /\u{e4} HTTP/1.1"), BadRequest::PathEncoding);
    assert_eq!(line("GET /a\x01 HTTP/1.1"), BadRequest::PathControl);
    assert_eq!(line("GET /a\tb HTTP/1.1"), BadRequest::PathControl);

    let field = |bytes: &[u8]| refused(&[b"GET / HTTP/1.1\r\nHost: a\r\n", bytes, b"\r\n\r\n"].concat());
    for bad in [
        &b"X-A : b"[..],
        b"X-A\t: b",
        b" X-A: b",
        b"X-A: b\r\n folded",
        b"X-A: b\r\n\tfolded",
        b"X-A: b\r\n : c",
        b"X-A",
        b": b",
        b"X A: b",
        b"X-A: b\0c",
        b"X-A: b\x7f",
        b"X-A: b\x01",
        b"X-A: a\rb",
        b"X-\xc3\xa4: b",
        b"X(A): b",
        b"X-A: b\r",
    ] {
        assert_eq!(field(bad), BadRequest::Field, "{:?}", String::from_utf8_lossy(bad));
    }
    for bad in [
        &b"GET / HTTP/1.1\nHost: a\n\n"[..],
        b"GET / HTTP/1.1\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\n",
        b"\nGET / HTTP/1.1\r\n\r\n",
    ] {
        assert_eq!(refused(bad), BadRequest::LineEnd, "{:?}", String::from_utf8_lossy(bad));
    }
    assert_eq!(refused(b"\r\n\r\nGET / HTTP/1.1\r\n\r\n"), BadRequest::RequestLine);
}

#[test]
fn a_body_has_one_end() {
    let framed = |fields: &str| read(format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n").as_bytes());
    let framing = |fields: &str| framed(fields).unwrap().unwrap().1;
    assert_eq!(framing(""), Framing::None);
    assert_eq!(framing("Transfer-Encoding: chunked\r\n"), Framing::Chunked);
    for bad in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 1 2\r\n",
        "Content-Length:\r\n",
        "Content-Length: 9999999999999999999\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: chunked;a=b\r\n",
        "Transfer-Encoding: \u{b}chunked\r\n",
    ] {
        let why = framed(bad).unwrap_err();
        assert!(matches!(why, BadRequest::Framing | BadRequest::Field), "{bad:?}: {why:?}");
    }
    let old = read(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap_err();
    assert_eq!(old, BadRequest::Framing);
}

#[test]
fn heads_are_bounded() {
    let line = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(MAX_TARGET));
    assert_eq!(refused(line.as_bytes()), BadRequest::TargetTooLong);
    assert!(read(line.replacen("/x", "/", 1).as_bytes()).unwrap().is_some());
    // Also while it is still coming in.
    assert_eq!(refused("x".repeat(MAX_TARGET + 100).as_bytes()), BadRequest::TargetTooLong);
    let endless = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(MAX_HEAD));
    assert_eq!(refused(endless.as_bytes()), BadRequest::HeadersTooLarge);
    let fields = |count: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(count));
    assert!(read(fields(MAX_FIELDS).as_bytes()).unwrap().is_some());
    assert_eq!(refused(fields(MAX_FIELDS + 1).as_bytes()), BadRequest::HeadersTooLarge);
}

#[test]
fn a_head_that_ends_in_the_middle_is_waited_for() {
    let whole = b"\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    for end in 0..whole.len() {
        assert!(matches!(read(&whole[..end]), Ok(None)), "{end}");
    }
}

/// A method, a target, and the fields in order.
type Heard = (String, String, Vec<(String, Vec<u8>)>);

/// What another reader makes of the same bytes.
fn independent(bytes: &[u8]) -> Option<Heard> {
    let mut fields = vec![httparse::EMPTY_HEADER; 256];
    let mut request = httparse::Request::new(&mut fields);
    let done = request.parse(bytes).ok()?.is_complete();
    let fields = request.headers.iter().map(|f| (f.name.to_ascii_lowercase(), f.value.to_vec())).collect();
    done.then(|| (request.method.unwrap().into(), request.path.unwrap().into(), fields))
}

/// Heads with what has fooled readers before in their places.
fn heads() -> impl Strategy<Value = Vec<u8>> {
    let end =
        prop_oneof![20 => Just("\r\n"), 1 => Just("\n"), 1 => Just("\r"), 1 => Just("\r\r\n"), 1 => Just("")];
    let line = prop_oneof![
        8 => "(GET|POST|get|M-SEARCH) (/[a-z%?&=/.;#~|]{0,12}|\\*|https://a/b|http://u@a:1/|a:80) HTTP/1\\.[01]",
        1 => "[A-Z ]{0,4} ?[ -~]{0,8} ?HTTP/[0-9.]{0,4}"
    ];
    let field = prop_oneof![
        6 => "(Host|X-A|x_a|Content-Length|Transfer-Encoding|Cookie|Connection):[ \t]{0,2}([a-z0-9,;=]{0,8}|chunked|[0-9]{1,3})[ \t]{0,2}",
        1 => "[ -~\t]{0,10}:?[ -~\t\u{0}\u{b}\u{7f}\u{80}é]{0,8}"
    ];
    (line, proptest::collection::vec((field, end.clone()), 0..5), end.clone(), end).prop_map(
        |(line, fields, after, last)| {
            let mut head = format!("{line}{after}");
            for (field, end) in fields {
                head.push_str(&field);
                head.push_str(end);
            }
            head.push_str(last);
            head.into_bytes()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn whatever_is_read_another_reader_reads_alike(bytes in heads()) {
        if let Ok(Some((ours, _))) = read(&bytes) {
            let (method, target, fields) = independent(&bytes).expect("the other reader refuses it");
            prop_assert_eq!(ours.method.as_str(), method);
            let uri = ours.uri.to_string();
            prop_assert_eq!(uri.trim_end_matches('/'), target.trim_end_matches('/'));
            prop_assert_eq!(ours.headers.len(), fields.len());
            for (name, _) in &fields {
                let theirs: Vec<&[u8]> =
                    fields.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_slice()).collect();
                let ours: Vec<&[u8]> = ours.headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
                prop_assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn a_head_is_the_same_in_whatever_pieces_it_comes(bytes in heads(), cuts in proptest::collection::vec(1_usize..20, 1..20)) {
        let whole = read(&bytes).map(|read| read.map(|(head, framing)| (format!("{head:?}"), framing)));
        let (mut scan, mut buffer, mut at) = (Scan::default(), BytesMut::new(), 0);
        let mut cuts = cuts.into_iter().cycle();
        let pieces = loop {
            match scan.take(&mut buffer) {
                Ok(None) if at < bytes.len() => {
                    let next = (at + cuts.next().unwrap()).min(bytes.len());
                    buffer.extend_from_slice(&bytes[at..next]);
                    at = next;
                }
                other => break other.and_then(|head| head.map(|head| parse(&head)).transpose()),
            }
        };
        prop_assert_eq!(pieces.map(|read| read.map(|(head, framing)| (format!("{head:?}"), framing))), whole);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }
}
