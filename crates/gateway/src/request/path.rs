//! The path of a request: decoded once, normal, and written again from what was decoded.
//!
//! A server behind the gateway may decode, split and clean a path in its own way. So a path in which two readers could
//! see different resources is refused, and the upstream never gets the client's spelling: it gets ours, made from the
//! text that was decided on.

use super::BadRequest;

/// A path of which there is one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CanonicalPath {
    decoded: String,
    encoded: String,
}

impl CanonicalPath {
    /// Reads the path of a request target (RFC 3986, 3.3), without its query.
    pub(crate) fn parse(raw: &str) -> Result<Self, BadRequest> {
        if !raw.starts_with('/') {
            return Err(BadRequest::Target);
        }
        let decoded = decode(raw)?;
        check(&decoded)?;
        let encoded = encode(&decoded);
        Ok(Self { decoded, encoded })
    }

    /// What decisions read.
    pub(crate) fn decoded(&self) -> &str {
        &self.decoded
    }

    /// What upstreams read: RFC 3986 spelling of [`Self::decoded`], and nothing else.
    pub(crate) fn encoded(&self) -> &str {
        &self.encoded
    }

    /// Whether it lies under `/.bartizan`, which is ours on every host. Letter case does not matter, since it may not
    /// matter to the upstream.
    pub(crate) fn is_reserved(&self) -> bool {
        let first = self.decoded.split('/').nth(1).unwrap_or_default();
        first.eq_ignore_ascii_case(".bartizan")
    }
}

fn decode(raw: &str) -> Result<String, BadRequest> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let value = hex(bytes.next())? << 4 | hex(bytes.next())?;
                match value {
                    // What separates segments when it is written plainly must not come in by an escape: some readers
                    // split before they decode, some after.
                    b'/' | b'\\' => return Err(BadRequest::PathSeparator),
                    0..0x20 | 0x7f => return Err(BadRequest::PathControl),
                    _ => decoded.push(value),
                }
            }
            b'\\' => return Err(BadRequest::PathSeparator),
            // `http::Uri` cuts a fragment off silently, and a reader of raw bytes shows it: refused where seen.
            b'#' => return Err(BadRequest::PathFragment),
            b'?' => return Err(BadRequest::Target),
            0..=0x20 | 0x7f => return Err(BadRequest::PathControl),
            // Not allowed in a URI at all (RFC 3986, 2); how it is read is anybody's guess.
            0x80.. => return Err(BadRequest::PathEncoding),
            _ => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).map_err(|_not_utf8| BadRequest::PathEncoding)
}

fn hex(digit: Option<u8>) -> Result<u8, BadRequest> {
    digit
        .and_then(|digit| char::from(digit).to_digit(16))
        .and_then(|value| u8::try_from(value).ok())
        .ok_or(BadRequest::PathEscape)
}

fn check(decoded: &str) -> Result<(), BadRequest> {
    // `;` begins parameters that some servers cut off before they look a path up ("/admin;x" is "/admin").
    if decoded.contains(';') {
        return Err(BadRequest::PathParameter);
    }
    if decoded.chars().any(char::is_control) {
        return Err(BadRequest::PathControl);
    }
    // An escape that is left after decoding once: a server that decodes twice would see another path.
    for (at, _) in decoded.match_indices('%') {
        let rest = decoded.get(at + 1..).unwrap_or_default().as_bytes();
        if let [first, second, ..] = rest
            && first.is_ascii_hexdigit()
            && second.is_ascii_hexdigit()
        {
            return Err(BadRequest::PathDoubleEncoding);
        }
    }
    let mut segments = decoded.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "" if !last => return Err(BadRequest::PathEmptySegment),
            "." | ".." => return Err(BadRequest::PathDotSegment),
            _ => {}
        }
        // Windows servers drop dots and blanks at the end of a name: "..." and ".. " are ways to write "..".
        if segment.starts_with("..") && segment.trim_end_matches(['.', ' ']).is_empty() {
            return Err(BadRequest::PathDotSegment);
        }
    }
    Ok(())
}

/// Everything that may stand in a segment stands for itself (RFC 3986, 3.3: pchar), the rest is escaped in upper case.
fn encode(decoded: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| HEX.get(usize::from(value & 15)).copied().unwrap_or('0');
    let mut encoded = String::with_capacity(decoded.len());
    for byte in decoded.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,=:@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(digit(byte >> 4));
            encoded.push(digit(byte));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_paths_are_read_and_written_in_one_spelling() {
        for (raw, decoded, encoded) in [
            ("/", "/", "/"),
            ("/a/b.html", "/a/b.html", "/a/b.html"),
            ("/a/", "/a/", "/a/"),
            ("/%41%7e", "/A~", "/A~"),
            ("/caf%c3%a9", "/café", "/caf%C3%A9"),
            ("/C%23/what%3F", "/C#/what?", "/C%23/what%3F"),
            ("/100%25", "/100%", "/100%25"),
            ("/a%20b", "/a b", "/a%20b"),
            ("/x|y[1]", "/x|y[1]", "/x%7Cy%5B1%5D"),
            ("/.well-known/acme", "/.well-known/acme", "/.well-known/acme"),
            ("/..a/...b", "/..a/...b", "/..a/...b"),
        ] {
            let path = CanonicalPath::parse(raw).unwrap();
            assert_eq!((path.decoded(), path.encoded()), (decoded, encoded), "{raw}");
        }
    }

    #[test]
    fn paths_with_two_readings_are_refused() {
        for (raw, why) in [
            ("", BadRequest::Target),
            ("*", BadRequest::Target),
            ("a", BadRequest::Target),
            ("/a%2fb", BadRequest::PathSeparator),
            ("/a%2Fb", BadRequest::PathSeparator),
            ("/a%5cb", BadRequest::PathSeparator),
            ("/a\\b", BadRequest::PathSeparator),
            ("/a%00", BadRequest::PathControl),
            ("/a%0a", BadRequest::PathControl),
            ("/a%7f", BadRequest::PathControl),
            ("/a%c2%85", BadRequest::PathControl),
            ("/a\tb", BadRequest::PathControl),
            ("/a b", BadRequest::PathControl),
            ("/.", BadRequest::PathDotSegment),
            ("/..", BadRequest::PathDotSegment),
            ("/a/../b", BadRequest::PathDotSegment),
            ("/a/./b", BadRequest::PathDotSegment),
            ("/a/%2e%2e/b", BadRequest::PathDotSegment),
            ("/a/.%2E/b", BadRequest::PathDotSegment),
            ("/a/.../b", BadRequest::PathDotSegment),
            ("/a/..%20/b", BadRequest::PathDotSegment),
            ("//evil/x", BadRequest::PathEmptySegment),
            ("/a//b", BadRequest::PathEmptySegment),
            ("/a//", BadRequest::PathEmptySegment),
            ("/a;x=1", BadRequest::PathParameter),
            ("/a%3bx", BadRequest::PathParameter),
            ("/..;/b", BadRequest::PathParameter),
            ("/a#b", BadRequest::PathFragment),
            ("/a%", BadRequest::PathEscape),
            ("/a%4", BadRequest::PathEscape),
            ("/a%zz", BadRequest::PathEscape),
            ("/a%+1", BadRequest::PathEscape),
            ("/%252e%252e/a", BadRequest::PathDoubleEncoding),
            ("/a%252fb", BadRequest::PathDoubleEncoding),
            ("/a%ff", BadRequest::PathEncoding),
            ("/a%c0%af", BadRequest::PathEncoding),
            ("/ä", BadRequest::PathEncoding),
        ] {
            assert_eq!(CanonicalPath::parse(raw), Err(why), "{raw}");
        }
    }

    #[test]
    fn our_own_corner_is_recognised_in_any_case() {
        for ours in ["/.bartizan", "/.bartizan/", "/.bartizan/callback", "/.Bartizan/x", "/%2ebartizan/x"] {
            assert!(CanonicalPath::parse(ours).unwrap().is_reserved(), "{ours}");
        }
        for theirs in ["/", "/.bartizanx", "/a/.bartizan", "/bartizan"] {
            assert!(!CanonicalPath::parse(theirs).unwrap().is_reserved(), "{theirs}");
        }
    }

    /// A reader that shares no code with ours: RFC 3986 decoding as a server would do it.
    fn independent(encoded: &str) -> Vec<u8> {
        let bytes = encoded.as_bytes();
        let (mut out, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            if bytes[at] == b'%' {
                out.push(u8::from_str_radix(encoded.get(at + 1..at + 3).unwrap(), 16).unwrap());
                at += 3;
            } else {
                out.push(bytes[at]);
                at += 1;
            }
        }
        out
    }

    proptest! {
        #[test]
        fn whatever_comes_in_is_refused_or_means_the_same_to_every_reader(
            raw in "/([a-zA-Z0-9%._~;#?\\\\/ é|-]|%[0-9a-fA-F]{2}|%2e|%2f|%25|\\.\\.){0,24}"
        ) {
            if let Ok(path) = CanonicalPath::parse(&raw) {
                // What the upstream decodes is what was decided on.
                prop_assert_eq!(independent(path.encoded()), path.decoded().as_bytes());
                // Once more changes nothing.
                prop_assert_eq!(CanonicalPath::parse(path.encoded()), Ok(path.clone()));
                // A reader that resolves dot segments and merges slashes, before or after decoding, moves nowhere.
                for text in [path.decoded(), path.encoded()] {
                    prop_assert!(!text.contains("//") && !text.contains("/../") && !text.contains("/./"));
                    prop_assert!(!text.ends_with("/..") && !text.ends_with("/."));
                }
                // Decoding twice finds no separator or dot that was not there.
                prop_assert_eq!(independent(path.encoded()).len(), path.decoded().len());
            }
        }

        #[test]
        fn no_text_makes_it_panic(raw in any::<String>()) {
            let _ = CanonicalPath::parse(&raw);
        }
    }
}
