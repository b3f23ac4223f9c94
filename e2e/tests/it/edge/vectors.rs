//! Requests over HTTP/1.1, byte by byte, with what has to become of each: those that fooled a reader once, and those that
//! could. The classes are those of `reference/mission.md`, 4 and `reference/reliability.md`, 6.2.

/// One request, and what has to become of it.
#[derive(Debug, Clone)]
pub(super) struct Vector {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) expect: Expect,
}

#[derive(Debug, Clone)]
pub(super) enum Expect {
    /// Refused with a reason that begins so, and nothing of it reaches the app.
    Refused(&'static str),
    /// Reaches the app, with this target.
    Reaches(String),
}

/// Makes vectors with the fields that an admitted request has. Each carries its number, by which the app's server knows it.
pub(super) struct Vectors {
    host: String,
    token: String,
    all: Vec<Vector>,
}

impl Vectors {
    pub(super) fn new(host: &str, token: &str) -> Self {
        Self { host: host.to_owned(), token: token.to_owned(), all: Vec::new() }
    }

    pub(super) fn all(mut self) -> Vec<Vector> {
        self.request_lines();
        self.paths();
        self.hosts();
        self.fields();
        self.framing();
        self.chunks();
        self.identity();
        self.credentials();
        self.all
    }

    /// The fields that make it an admitted request, ended by the empty line.
    fn usual(&self) -> String {
        format!("Host: {}\r\n{}X-Vector: {}\r\n", self.host, self.presented(), self.all.len())
    }

    fn presented(&self) -> String {
        if self.token.is_empty() { String::new() } else { format!("Bartizan-Token: {}\r\n", self.token) }
    }

    fn push(&mut self, name: &str, bytes: impl Into<Vec<u8>>, expect: Expect) {
        self.all.push(Vector { name: name.to_owned(), bytes: bytes.into(), expect });
    }

    fn line(&mut self, line: &str, expect: Expect) {
        let bytes = format!("{line}\r\n{}\r\n", self.usual());
        self.push(&format!("line {line:?}"), bytes, expect);
    }

    fn with(&mut self, name: &str, line: &str, more: &[u8], expect: Expect) {
        let mut bytes = format!("{line} HTTP/1.1\r\n{}", self.usual()).into_bytes();
        bytes.extend_from_slice(more);
        self.push(name, bytes, expect);
    }

    fn refused_line(&mut self, line: &str, reason: &'static str) {
        self.line(line, Expect::Refused(reason));
    }

    fn request_lines(&mut self) {
        for method in ["GET", "HEAD", "OPTIONS", "DELETE", "PROPFIND", "QUERY", "PATCH", "REPORT"] {
            self.line(&format!("{method} /line HTTP/1.1"), Expect::Reaches("/line".into()));
        }
        self.line("OPTIONS * HTTP/1.1", Expect::Reaches("*".into()));
        for (line, reason) in [
            ("GET  /a HTTP/1.1", "bad_request.request_line"),
            ("GET /a  HTTP/1.1", "bad_request.request_line"),
            (" GET /a HTTP/1.1", "bad_request."),
            ("GET /a HTTP/1.1 ", "bad_request.request_line"),
            ("GET\t/a HTTP/1.1", "bad_request.request_line"),
            ("GET /a\tHTTP/1.1", "bad_request.request_line"),
            ("GET /a\u{b}HTTP/1.1", "bad_request.request_line"),
            ("GET /a HTTP/1.1\0", "bad_request.version"),
            ("GET /a", "bad_request.request_line"),
            ("GET", "bad_request.request_line"),
            ("GET /a HTTP/1.0", "bad_request.version"),
            ("GET /a HTTP/0.9", "bad_request.version"),
            ("GET /a HTTP/1.2", "bad_request.version"),
            ("GET /a HTTP/2", "bad_request.version"),
            ("GET /a HTTP/2.0", "bad_request.version"),
            ("GET /a HTTP/1.10", "bad_request.version"),
            ("GET /a HTTP/01.1", "bad_request.version"),
            ("GET /a HTTP/1.1.1", "bad_request.version"),
            ("GET /a HTTP/11", "bad_request.version"),
            ("GET /a http/1.1", "bad_request.request_line"),
            ("GET /a HTTPS/1.1", "bad_request.request_line"),
            ("GET /a ICAP/1.0", "bad_request.request_line"),
            ("get /a HTTP/1.1", "bad_request.method"),
            ("Get /a HTTP/1.1", "bad_request.method"),
            ("TRACE /a HTTP/1.1", "bad_request.method"),
            ("TRACK /a HTTP/1.1", "bad_request.method"),
            ("CONNECT /a HTTP/1.1", "bad_request.method"),
            ("CONNECT a:443 HTTP/1.1", "bad_request.method"),
            ("PRI * HTTP/2.0", "bad_request.version"),
            ("FROB /a HTTP/1.1", "bad_request.method"),
            ("GE\0T /a HTTP/1.1", "bad_request.method"),
            ("G(T /a HTTP/1.1", "bad_request.method"),
            ("GET /a HTTP/1.1\r", "bad_request."),
            ("GET * HTTP/1.1", "bad_request.target"),
            ("OPTIONS *?a HTTP/1.1", "bad_request."),
            ("GET a HTTP/1.1", "bad_request."),
            ("GET ?a HTTP/1.1", "bad_request."),
            ("GET #a HTTP/1.1", "bad_request.path_fragment"),
            ("GET file:///etc/passwd HTTP/1.1", "bad_request."),
            ("GET javascript:x HTTP/1.1", "bad_request."),
        ] {
            self.refused_line(line, reason);
        }
        for (name, head) in [
            ("bare LF everywhere", "GET /a HTTP/1.1\n{fields}\n"),
            ("bare LF behind the request line", "GET /a HTTP/1.1\n{fields}\r\n"),
            ("bare LF behind the last field", "GET /a HTTP/1.1\r\n{fields}X: y\n\r\n"),
            ("bare LF as the last line", "GET /a HTTP/1.1\r\n{fields}\n"),
            ("two empty lines before", "\r\n\r\nGET /a HTTP/1.1\r\n{fields}\r\n"),
            ("a bare LF before", "\nGET /a HTTP/1.1\r\n{fields}\r\n"),
        ] {
            let bytes = head.replace("{fields}", &self.usual());
            self.push(name, bytes, Expect::Refused("bad_request."));
        }
        let bytes = format!("\r\nGET /line HTTP/1.1\r\n{}\r\n", self.usual());
        self.push("one empty line before", bytes, Expect::Reaches("/line".into()));
        let long = format!("GET /{} HTTP/1.1", "a".repeat(9000));
        self.refused_line(&long, "uri_too_long");
    }

    fn paths(&mut self) {
        for (target, reaches) in [
            ("/", "/"),
            ("/a/", "/a/"),
            ("/%61%2d%7e", "/a-~"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/a%20b", "/a%20b"),
            ("/100%25", "/100%25"),
            ("/%e2%82%ac", "/%E2%82%AC"),
            ("/a+b", "/a+b"),
            ("/a&b=c", "/a&b=c"),
            ("/...a", "/...a"),
            ("/.hidden", "/.hidden"),
            ("/a?x=../..&y=%2f%00;#".trim_end_matches('#'), "/a?x=../..&y=%2f%00;"),
            ("/a??", "/a??"),
            ("/a?", "/a?"),
            ("/a?b?c", "/a?b?c"),
            ("/x|y", "/x%7Cy"),
            ("/[a]", "/%5Ba%5D"),
        ] {
            self.line(&format!("GET {target} HTTP/1.1"), Expect::Reaches(reaches.into()));
        }
        let forms = [
            ("..", "path_dot_segment"),
            (".", "path_dot_segment"),
            ("%2e", "path_dot_segment"),
            ("%2e%2e", "path_dot_segment"),
            ("%2E.", "path_dot_segment"),
            (".%2e", "path_dot_segment"),
            ("...", "path_dot_segment"),
            ("..%20", "path_dot_segment"),
            ("..;", "path_"),
            ("..;x=y", "path_"),
            ("", "path_empty_segment"),
            ("a;b", "path_parameter"),
            (";", "path_parameter"),
            ("a%3bb", "path_parameter"),
            ("a%2fb", "path_separator"),
            ("a%2Fb", "path_separator"),
            ("%2f", "path_separator"),
            ("a%5cb", "path_separator"),
            ("a\\b", "path_separator"),
            ("..\\", "path_"),
            ("a%00", "path_control"),
            ("%00", "path_control"),
            ("a%0a", "path_control"),
            ("a%0d%0aX:%20y", "path_control"),
            ("a%7f", "path_control"),
            ("a%c2%80", "path_control"),
            ("a%ff", "path_encoding"),
            ("a%c0%af", "path_encoding"),
            ("%c0%ae%c0%ae", "path_encoding"),
            ("%e0%80%af", "path_encoding"),
            ("a%ed%a0%80", "path_encoding"),
            ("a%u002f", "path_escape"),
            ("a%", "path_escape"),
            ("a%2", "path_escape"),
            ("a%zz", "path_escape"),
            ("a% 2f", "request_line"),
            ("%252e%252e", "path_double_encoding"),
            ("a%252fb", "path_double_encoding"),
            ("a%25%32%66b", "path_double_encoding"),
            ("a%2500", "path_double_encoding"),
            ("a#b", "path_fragment"),
            ("#", "path_fragment"),
        ];
        for (form, reason) in forms {
            let reason: &'static str = Box::leak(format!("bad_request.{reason}").into_boxed_str());
            for target in [format!("/{form}/x"), format!("/public/{form}/admin"), format!("/x/{form}/")] {
                self.refused_line(&format!("GET {target} HTTP/1.1"), reason);
            }
        }
        for byte in (0_u8..=0x20).chain(0x7f..=0xff) {
            let mut bytes = b"GET /a".to_vec();
            bytes.push(byte);
            bytes.extend_from_slice(format!("b HTTP/1.1\r\n{}\r\n", self.usual()).as_bytes());
            self.push(&format!("byte {byte:#04x} in a path"), bytes, Expect::Refused("bad_request."));
        }
    }

    fn hosts(&mut self) {
        let (name, port) = {
            let (name, port) = self.host.split_once(':').unwrap();
            (name.to_owned(), port.to_owned())
        };
        let own = self.host.clone();
        let field = |this: &mut Self, what: &str, line: &str, hosts: &str, expect: Expect| {
            let number = this.all.len();
            let token = this.presented();
            let bytes = format!("{line} HTTP/1.1\r\n{hosts}{token}X-Vector: {number}\r\n\r\n");
            this.push(what, bytes, expect);
        };
        for (host, reason) in [
            (String::new(), "bad_request.host"),
            (format!("{name}."), "bad_request.host"),
            (format!("{name}:"), "bad_request.host"),
            (format!("{name}:0"), "bad_request.host"),
            (format!("{name}:0{port}"), "bad_request.host"),
            (format!("{name}:+{port}"), "bad_request.host"),
            (format!("{name}:65536"), "bad_request.host"),
            (format!("{name}:{port}:1"), "bad_request.host"),
            (format!("{name}:http"), "bad_request.host"),
            (format!("{name}, {name}"), "bad_request.host"),
            (format!("u@{name}"), "bad_request.host"),
            (format!("u:p@{name}"), "bad_request.host"),
            (format!("{name}/x"), "bad_request.host"),
            (format!("{name}?x"), "bad_request.host"),
            (format!("{name}#x"), "bad_request.host"),
            (format!("{name} x"), "bad_request.host"),
            (format!("{name}%00"), "bad_request.host"),
            (format!("http://{name}"), "bad_request.host"),
            ("[::1]".into(), "bad_request.host"),
            ("127.0.0.1".into(), "wrong_host"),
            ("localhost".into(), "wrong_host"),
            ("wiki.bartizan.localhost".into(), "wrong_host"),
            (format!("x.{name}"), "wrong_host"),
            (format!("{name}x"), "wrong_host"),
            ("bartizan.localhost".into(), "wrong_host"),
        ] {
            let refused = Expect::Refused(reason);
            field(self, &format!("host {host:?}"), "GET /host", &format!("Host: {host}\r\n"), refused);
        }
        let reaches = || Expect::Reaches("/host".into());
        field(self, "no host", "GET /host", "", Expect::Refused("bad_request.host"));
        let twice = format!("Host: {own}\r\nHost: {own}\r\n");
        field(self, "the same host twice", "GET /host", &twice, Expect::Refused("bad_request.host"));
        let other = format!("Host: {own}\r\nHost: wiki.bartizan.localhost\r\n");
        field(self, "two hosts", "GET /host", &other, Expect::Refused("bad_request.host"));
        let upper = format!("hOsT: {}\r\n", own.to_uppercase());
        field(self, "a host in capitals", "GET /host", &upper, reaches());
        let blank = format!("Host:\t {own} \t\r\n");
        field(self, "blanks around a host", "GET /host", &blank, reaches());
        let absolute = format!("GET https://{own}/host");
        field(self, "an absolute target", &absolute, &format!("Host: {own}\r\n"), reaches());
        for (target, host) in [
            ("https://wiki.bartizan.localhost/host".to_owned(), own.clone()),
            (format!("https://{own}/host"), "wiki.bartizan.localhost".into()),
            (format!("http://{own}/host"), own.clone()),
            (format!("https://u@{own}/host"), own.clone()),
            (format!("https://{name}:1/host"), own.clone()),
            (format!("https:///{own}/host"), own.clone()),
            (format!("//{own}/host"), own.clone()),
            (format!("ws://{own}/host"), own.clone()),
            (own.clone(), own),
        ] {
            let host = format!("Host: {host}\r\n");
            let refused = Expect::Refused("bad_request.");
            field(self, &format!("target {target:?}"), &format!("GET {target}"), &host, refused);
        }
    }

    fn fields(&mut self) {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        for byte in (0_u8..=0xff).filter(|byte| !is_token(*byte) && *byte != b':') {
            let more = [b"X", &[byte][..], b"Y: z\r\n\r\n"].concat();
            self.with(
                &format!("byte {byte:#04x} in a field name"),
                "GET /f",
                &more,
                Expect::Refused("bad_request."),
            );
        }
        for byte in (0_u8..0x20).chain([0x7f]).filter(|byte| *byte != b'\t') {
            let more = [b"X-Y: a", &[byte][..], b"b\r\n\r\n"].concat();
            self.with(
                &format!("byte {byte:#04x} in a value"),
                "GET /f",
                &more,
                Expect::Refused("bad_request."),
            );
        }
        for (name, more) in [
            ("a blank before a colon", "X-Y : z\r\n\r\n"),
            ("a tab before a colon", "X-Y\t: z\r\n\r\n"),
            ("a folded value", "X-Y: z\r\n folded\r\n\r\n"),
            ("a value folded with a tab", "X-Y: z\r\n\tfolded\r\n\r\n"),
            ("a folded host", "X-Y: z\r\n Host: other\r\n\r\n"),
            ("no colon", "X-Y\r\n\r\n"),
            ("no name", ": z\r\n\r\n"),
            ("a bare CR in a value", "X-Y: a\rHost: other\r\n\r\n"),
            ("two CR", "X-Y: a\r\r\n\r\n"),
        ] {
            self.with(name, "GET /f", more.as_bytes(), Expect::Refused("bad_request.field"));
        }
        let many = "A: b\r\n".repeat(140) + "\r\n";
        self.with("too many fields", "GET /f", many.as_bytes(), Expect::Refused("headers_too_large"));
        let large = format!("A: {}\r\n\r\n", "b".repeat(70_000));
        self.with(
            "fields that are too long",
            "GET /f",
            large.as_bytes(),
            Expect::Refused("headers_too_large"),
        );
        for more in ["X-Y:\r\n\r\n", "X-Y: \u{e9}\r\n\r\n", "X-Y: a\tb\r\n\r\n", "x-y:z\r\n\r\n"] {
            self.with(&format!("field {more:?}"), "GET /f", more.as_bytes(), Expect::Reaches("/f".into()));
        }
    }

    fn framing(&mut self) {
        for more in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
            "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
            "Content-Length: 5, 5\r\n\r\nhello",
            "Content-Length: 5,6\r\n\r\nhello",
            "Content-Length: +5\r\n\r\nhello",
            "Content-Length: -5\r\n\r\nhello",
            "Content-Length: 0x5\r\n\r\nhello",
            "Content-Length: 5.0\r\n\r\nhello",
            "Content-Length: 5 5\r\n\r\nhello",
            "Content-Length: 5;\r\n\r\nhello",
            "Content-Length: five\r\n\r\nhello",
            "Content-Length:\r\n\r\nhello",
            "Content-Length: \"5\"\r\n\r\nhello",
            "Content-Length: 18446744073709551621\r\n\r\nhello",
            "Content-Length: 9999999999999999999\r\n\r\nhello",
            "Content_Length : 5\r\n\r\nhello",
            "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: identity\r\n\r\nhello",
            "Transfer-Encoding: gzip\r\n\r\nhello",
            "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding:\r\n\r\nhello",
            "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n \r\n0\r\n\r\n",
            "Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding\0: chunked\r\n\r\n0\r\n\r\n",
            "X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ] {
            let hidden = format!("{more}GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n");
            self.with(
                &format!("framing {more:?}"),
                "POST /f",
                hidden.as_bytes(),
                Expect::Refused("bad_request."),
            );
        }
        for more in [
            "Content-Length: 5\r\n\r\nhello",
            "content-length:05\r\n\r\nhello",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "transfer-encoding:\tChunked \r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n00005\r\nhello\r\n000\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Length: 3\r\n\r\n",
            // A name that some servers read as `Content-Length`: it does not pass, and says nothing here.
            "Content-Length: 5\r\nContent_Length: 7\r\n\r\nhello",
            "Content-Length: 5\r\nTransfer_Encoding: chunked\r\n\r\nhello",
        ] {
            self.with(&format!("framing {more:?}"), "POST /f", more.as_bytes(), Expect::Reaches("/f".into()));
        }
    }

    fn chunks(&mut self) {
        for body in [
            "5;a=b\r\nhello\r\n0\r\n\r\n",
            "5;\r\nhello\r\n0\r\n\r\n",
            "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n",
            "5 \r\nhello\r\n0\r\n\r\n",
            " 5\r\nhello\r\n0\r\n\r\n",
            "5\nhello\r\n0\r\n\r\n",
            "5\rhello\r\n0\r\n\r\n",
            "5\r\nhello0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5\r\nhello!\r\n0\r\n\r\n",
            "0x5\r\nhello\r\n0\r\n\r\n",
            "+5\r\nhello\r\n0\r\n\r\n",
            "-1\r\nhello\r\n0\r\n\r\n",
            "\r\nhello\r\n0\r\n\r\n",
            "g\r\nhello\r\n0\r\n\r\n",
            "5_0\r\nhello\r\n0\r\n\r\n",
            "ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
            "10000000000000005\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\r\nX\r\n\r\n",
            "5\r\nhello\r\n0\r\nX : y\r\n\r\n",
            "5\r\nhello\r\n0\r\nX: y\n\r\n\r\n",
            "5\r\nhello\r\n0\r\n X: y\r\n\r\n",
        ] {
            let more =
                format!("Transfer-Encoding: chunked\r\n\r\n{body}GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n");
            self.with(
                &format!("chunks {body:?}"),
                "POST /f",
                more.as_bytes(),
                Expect::Refused("bad_request.body"),
            );
        }
    }

    /// Fields by which a server believes a gateway: in every spelling that some server reads as the same name.
    fn identity(&mut self) {
        for name in [
            "Bartizan-User",
            "Bartizan-Groups",
            "Bartizan-Assertion",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Proto",
            "X-Forwarded-Prefix",
            "X-Forwarded-Uri",
            "X-Forwarded-User",
            "X-Forwarded-Method",
            "Forwarded",
            "X-Real-IP",
            "X-Original-URL",
            "X-Rewrite-URL",
            "X-HTTP-Method-Override",
            "X-Method-Override",
            "X-Remote-User",
            "Remote-User",
            "X-Auth-Request-User",
            "X-Auth-Request-Email",
            "Cf-Connecting-IP",
            "True-Client-IP",
            "X-Client-Cert",
        ] {
            let spellings = [
                name.to_owned(),
                name.to_uppercase(),
                name.to_lowercase(),
                name.replace('-', "_"),
                name.replace('-', "."),
                name.replacen('-', "_", 1),
            ];
            for spelling in spellings {
                let more = format!("{spelling}: forged\r\n{spelling}: forged\r\n\r\n");
                self.with(
                    &format!("forged {spelling}"),
                    "GET /id",
                    more.as_bytes(),
                    Expect::Reaches("/id".into()),
                );
            }
            let named = format!("Connection: {name}, close\r\n\r\n");
            self.with(
                &format!("connection names {name}"),
                "GET /id",
                named.as_bytes(),
                Expect::Reaches("/id".into()),
            );
            let trailer = format!("Transfer-Encoding: chunked\r\n\r\n0\r\n{name}: forged\r\n\r\n");
            self.with(
                &format!("trailer {name}"),
                "POST /id",
                trailer.as_bytes(),
                Expect::Reaches("/id".into()),
            );
        }
        for more in ["Connection: X\u{e9}\r\n\r\n", "Connection: a b\r\n\r\n"] {
            let refused = Expect::Refused("bad_request.connection");
            self.with(&format!("field {more:?}"), "GET /id", more.as_bytes(), refused);
        }
    }

    fn credentials(&mut self) {
        let other = "bzn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let token = self.token.clone();
        for (name, more) in [
            ("another token", format!("Bartizan-Token: {other}\r\n\r\n")),
            ("another bearer", format!("Authorization: Bearer {other}\r\n\r\n")),
            (
                "a sign-in cookie as a token",
                format!("Authorization: Bearer {}\r\n\r\n", other.replace("bzn", "bzs")),
            ),
            ("two authorizations", "Authorization: Basic eA==\r\nAuthorization: Basic eQ==\r\n\r\n".into()),
        ] {
            self.with(name, "GET /c", more.as_bytes(), Expect::Refused("bad_request."));
        }
        for (name, more) in [
            ("the same token twice", format!("Bartizan-Token: {token}\r\n\r\n")),
            ("the same as a bearer", format!("Authorization: Bearer {token}\r\n\r\n")),
            ("the app's own authorization", "Authorization: Basic eA==\r\n\r\n".into()),
        ] {
            self.with(name, "GET /c", more.as_bytes(), Expect::Reaches("/c".into()));
        }
        for upgrade in ["h2c", "TLS/1.3", "websocket, h2c", "HTTP/2.0"] {
            let more = format!(
                "Upgrade: {upgrade}\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AA\r\n\r\n"
            );
            let refused = Expect::Refused("bad_request.upgrade");
            self.with(&format!("upgrade to {upgrade}"), "GET /c", more.as_bytes(), refused);
        }
    }
}
