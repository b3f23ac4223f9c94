//! The one host that a request is for.

use http::header::{self, HeaderMap};
use http::uri::Uri;

use super::BadRequest;

/// A host name in lower case and the port that the client wrote behind it, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

impl Authority {
    /// Host and port as the client means them; 443 is not written.
    pub(crate) fn text(&self) -> String {
        match self.port {
            None | Some(443) => self.host.clone(),
            Some(port) => format!("{}:{port}", self.host),
        }
    }

    /// Reads `HOST[:PORT]`.
    pub(crate) fn parse(text: &str) -> Result<Self, BadRequest> {
        let (host, port) = match text.split_once(':') {
            None => (text, None),
            Some((host, port)) => (host, Some(self::port(port)?)),
        };
        // Our hosts are DNS names of letters, digits and hyphens; user information, addresses in brackets, lists and
        // a dot at the end are other spellings of something, and none of them is ours.
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        if host.len() > 253 || !host.split('.').all(label) {
            return Err(BadRequest::Host);
        }
        Ok(Self { host: host.to_ascii_lowercase(), port })
    }
}

fn port(digits: &str) -> Result<u16, BadRequest> {
    if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadRequest::Host);
    }
    digits.parse().map_err(|_out_of_range| BadRequest::Host)
}

/// The host of a request: of its `Host` field (exactly one), its `:authority` or its absolute target, which agree
/// (RFC 9112, 3.2; RFC 9113, 8.3.1).
pub(crate) fn authority(uri: &Uri, headers: &HeaderMap) -> Result<Authority, BadRequest> {
    let mut fields = headers.get_all(header::HOST).iter();
    let field = match (fields.next(), fields.next()) {
        (Some(value), None) => {
            let text = value.to_str().map_err(|_not_text| BadRequest::Host)?;
            Some(Authority::parse(text)?)
        }
        (None, None) => None,
        (_, Some(_)) => return Err(BadRequest::Host),
    };
    if uri.scheme_str().is_some_and(|scheme| scheme != "https") {
        return Err(BadRequest::Target);
    }
    let target = uri.authority().map(|authority| Authority::parse(authority.as_str())).transpose()?;
    match (field, target) {
        (Some(field), Some(target)) if field == target => Ok(field),
        (Some(_), Some(_)) | (None, None) => Err(BadRequest::Host),
        (Some(one), None) | (None, Some(one)) => Ok(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_perhaps_a_port() {
        for (text, host, port) in [
            ("wiki.example.org", "wiki.example.org", None),
            ("WIKI.Example.org:8443", "wiki.example.org", Some(8443)),
            ("a:1", "a", Some(1)),
            ("a:65535", "a", Some(65535)),
        ] {
            assert_eq!(Authority::parse(text), Ok(Authority { host: host.into(), port }), "{text}");
        }
        for bad in [
            "",
            ":",
            "a:",
            "a:0",
            "a:080",
            "a:65536",
            "a:+1",
            "a:1:2",
            "a b",
            "a, b",
            "u@a",
            "a.",
            ".a",
            "a..b",
            "[::1]",
            "[::1]:443",
            "a/b",
            "a#b",
            "a?b",
            "ä",
            "a%2eb",
            "a\0b",
            "*",
        ] {
            assert_eq!(Authority::parse(bad), Err(BadRequest::Host), "{bad}");
        }
    }

    #[test]
    fn target_and_field_agree() {
        let read = |target: &str, hosts: &[&str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            authority(&target.parse().unwrap(), &headers).map(|authority| authority.text())
        };
        assert_eq!(read("/x", &["Wiki.test:8443"]), Ok("wiki.test:8443".into()));
        assert_eq!(read("https://wiki.test/x", &["wiki.test"]), Ok("wiki.test".into()));
        assert_eq!(read("https://wiki.test/x", &[]), Ok("wiki.test".into()));
        for (target, hosts) in [
            ("/x", &[][..]),
            ("/x", &["a.test", "a.test"]),
            ("/x", &["a.test, b.test"]),
            ("https://b.test/x", &["a.test"]),
            ("https://a.test:444/x", &["a.test"]),
            ("https://u@a.test/x", &["a.test"]),
        ] {
            assert_eq!(read(target, hosts), Err(BadRequest::Host), "{target} {hosts:?}");
        }
        assert_eq!(read("http://a.test/x", &["a.test"]), Err(BadRequest::Target));
    }
}
