//! Requests over HTTP/1.1, byte by byte, with what has to become of each: those that fooled a reader once, and those that
//! could. The classes are those of `reference/mission.md`, 4 and `reference/reliability.md`, 6.2.

mod fields;

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
}
