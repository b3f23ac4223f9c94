//! Fields, framing, bodies, and who is said to ask.

use super::{Expect, Vectors};

impl Vectors {
    pub(super) fn fields(&mut self) {
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

    pub(super) fn framing(&mut self) {
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

    pub(super) fn chunks(&mut self) {
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
    pub(super) fn identity(&mut self) {
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

    pub(super) fn credentials(&mut self) {
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
