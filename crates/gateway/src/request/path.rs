//! The path of a request: decoded once, normal, and written again from what was decoded.
//!
//! A server behind the gateway may decode, split and clean a path in its own way. So a path in which two readers could
//! see different resources is refused, and the upstream never gets the client's spelling: it gets ours, made from the
//! text that was decided on.
//!
//! Some apps need forms that are refused elsewhere ([`Relaxation`]). Such a form is not decoded: it is decided on as it is
//! written, and forwarded as it was decided on. What it would lead to, were it resolved, is looked at all the same.

use std::collections::BTreeSet;

use bartizan_model::Relaxation;

use super::BadRequest;

/// A path of which there is one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CanonicalPath {
    decoded: String,
    encoded: String,
    reserved: bool,
}

/// One byte of a path; if it is kept, it stays escaped wherever it goes.
#[derive(Debug, Clone, Copy)]
struct Unit {
    byte: u8,
    kept: bool,
}

impl CanonicalPath {
    /// Reads the path of a request target (RFC 3986, 3.3), without its query.
    pub(crate) fn parse(raw: &str, relax: &BTreeSet<Relaxation>) -> Result<Self, BadRequest> {
        if !raw.starts_with('/') {
            return Err(BadRequest::Target);
        }
        let mut units = read(raw, relax)?;
        check_text(&units, relax)?;
        keep_double_escapes(&mut units, relax)?;
        let resolved = resolved(&units, relax)?;
        check_segments(&units, &resolved, relax)?;
        let first = resolved.split(SEPARATORS).find(|segment| !segment.is_empty()).unwrap_or_default();
        let reserved = without_parameters(first).eq_ignore_ascii_case(".bartizan");
        Ok(Self { decoded: decoded(&units)?, encoded: encoded(&units), reserved })
    }

    /// `*`, which names the server itself (RFC 9112, 3.2.4).
    pub(crate) fn asterisk() -> Self {
        Self { decoded: String::from("*"), encoded: String::from("*"), reserved: false }
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
    pub(crate) const fn is_reserved(&self) -> bool {
        self.reserved
    }
}

fn read(raw: &str, relax: &BTreeSet<Relaxation>) -> Result<Vec<Unit>, BadRequest> {
    let mut units = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        let (byte, kept) = match byte {
            b'%' => {
                let value = hex(bytes.next())? << 4 | hex(bytes.next())?;
                let kept = match value {
                    // What separates segments when it is written plainly must not come in by an escape: some readers
                    // split before they decode, some after.
                    b'/' if relax.contains(&Relaxation::EncodedSlash) => true,
                    b'\\' if relax.contains(&Relaxation::EncodedBackslash) => true,
                    b'/' | b'\\' => return Err(BadRequest::PathSeparator),
                    0..0x20 | 0x7f => return Err(BadRequest::PathControl),
                    b';' => relax.contains(&Relaxation::PathParameter),
                    _ => false,
                };
                (value, kept)
            }
            b'\\' => return Err(BadRequest::PathSeparator),
            // `http::Uri` cuts a fragment off silently, and a reader of raw bytes shows it: refused where seen.
            b'#' => return Err(BadRequest::PathFragment),
            b'?' => return Err(BadRequest::Target),
            0..=0x20 | 0x7f => return Err(BadRequest::PathControl),
            // Not allowed in a URI at all (RFC 3986, 2); how it is read is anybody's guess.
            0x80.. => return Err(BadRequest::PathEncoding),
            _ => (byte, false),
        };
        units.push(Unit { byte, kept });
    }
    Ok(units)
}

fn hex(digit: Option<u8>) -> Result<u8, BadRequest> {
    digit
        .and_then(|digit| char::from(digit).to_digit(16))
        .and_then(|value| u8::try_from(value).ok())
        .ok_or(BadRequest::PathEscape)
}

fn check_text(units: &[Unit], relax: &BTreeSet<Relaxation>) -> Result<(), BadRequest> {
    let text: Vec<u8> = units.iter().map(|unit| unit.byte).collect();
    let text = String::from_utf8(text).map_err(|_not_utf8| BadRequest::PathEncoding)?;
    // `;` begins parameters that some servers cut off before they look a path up ("/admin;x" is "/admin").
    if text.contains(';') && !relax.contains(&Relaxation::PathParameter) {
        return Err(BadRequest::PathParameter);
    }
    if text.chars().any(char::is_control) {
        return Err(BadRequest::PathControl);
    }
    Ok(())
}

/// Finds escapes that are left after decoding once: a server that decodes twice would see another path.
fn keep_double_escapes(units: &mut [Unit], relax: &BTreeSet<Relaxation>) -> Result<(), BadRequest> {
    for at in 0..units.len() {
        if let Some([percent, first, second]) = units.get_mut(at..at + 3)
            && percent.byte == b'%'
            && first.byte.is_ascii_hexdigit()
            && second.byte.is_ascii_hexdigit()
        {
            if !relax.contains(&Relaxation::DoubleEncoding) {
                return Err(BadRequest::PathDoubleEncoding);
            }
            percent.kept = true;
        }
    }
    Ok(())
}

/// The path as the most eager reader would see it: every escape decoded, as often as it can be.
fn resolved(units: &[Unit], relax: &BTreeSet<Relaxation>) -> Result<String, BadRequest> {
    let mut bytes: Vec<u8> = units.iter().map(|unit| unit.byte).collect();
    if relax.contains(&Relaxation::DoubleEncoding) {
        for _ in 0..MAX_DEPTH {
            let decoded = decoded_once(&bytes);
            if decoded.len() == bytes.len() {
                break;
            }
            bytes = decoded;
        }
        if decoded_once(&bytes).len() != bytes.len() {
            return Err(BadRequest::PathDoubleEncoding);
        }
    }
    let text = String::from_utf8(bytes).map_err(|_not_utf8| BadRequest::PathEncoding)?;
    if text.chars().any(char::is_control) { Err(BadRequest::PathControl) } else { Ok(text) }
}

fn decoded_once(bytes: &[u8]) -> Vec<u8> {
    let (mut decoded, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let [byte, after @ ..] = rest {
        if let [b'%', first, second, after @ ..] = rest
            && let (Ok(first), Ok(second)) = (hex(Some(*first)), hex(Some(*second)))
        {
            decoded.push(first << 4 | second);
            rest = after;
        } else {
            decoded.push(*byte);
            rest = after;
        }
    }
    decoded
}

fn check_segments(units: &[Unit], resolved: &str, relax: &BTreeSet<Relaxation>) -> Result<(), BadRequest> {
    let empty = units
        .windows(2)
        .any(|pair| matches!(pair, [Unit { byte: b'/', kept: false }, Unit { byte: b'/', kept: false }]));
    if empty && !relax.contains(&Relaxation::EmptySegment) {
        return Err(BadRequest::PathEmptySegment);
    }
    for segment in resolved.split(SEPARATORS) {
        let segment = without_parameters(segment);
        // Windows servers drop dots and blanks at the end of a name: "..." and ".. " are ways to write "..".
        let dots = segment.starts_with("..") && segment.trim_end_matches(['.', ' ']).is_empty();
        if segment == "." || dots {
            return Err(BadRequest::PathDotSegment);
        }
    }
    Ok(())
}

fn without_parameters(segment: &str) -> &str {
    segment.split(';').next().unwrap_or_default()
}

fn decoded(units: &[Unit]) -> Result<String, BadRequest> {
    let mut bytes = Vec::with_capacity(units.len());
    for unit in units {
        if unit.kept {
            bytes.extend(escape(unit.byte));
        } else {
            bytes.push(unit.byte);
        }
    }
    String::from_utf8(bytes).map_err(|_not_utf8| BadRequest::PathEncoding)
}

/// Everything that may stand in a segment stands for itself (RFC 3986, 3.3: pchar), the rest is escaped in upper case.
fn encoded(units: &[Unit]) -> String {
    let mut encoded = String::with_capacity(units.len());
    for Unit { byte, kept } in units {
        if !kept && (byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,=:@;".contains(byte)) {
            encoded.push(char::from(*byte));
        } else {
            encoded.extend(escape(*byte).map(char::from));
        }
    }
    encoded
}

fn escape(byte: u8) -> [u8; 3] {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| HEX.get(usize::from(value & 15)).copied().unwrap_or(b'0');
    [b'%', digit(byte >> 4), digit(byte)]
}

/// What some reader splits a path at.
const SEPARATORS: [char; 2] = ['/', '\\'];

/// How many times something may be encoded where it may be encoded twice.
const MAX_DEPTH: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn strict(raw: &str) -> Result<CanonicalPath, BadRequest> {
        CanonicalPath::parse(raw, &BTreeSet::new())
    }

    fn relaxed(raw: &str, relax: &[Relaxation]) -> Result<CanonicalPath, BadRequest> {
        CanonicalPath::parse(raw, &relax.iter().copied().collect())
    }

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
            let path = strict(raw).unwrap();
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
            assert_eq!(strict(raw), Err(why), "{raw}");
        }
    }

    #[test]
    fn a_relaxed_form_is_decided_on_as_it_is_forwarded() {
        use Relaxation::*;
        for (raw, relax, spelled) in [
            ("/api/group%2fproject", EncodedSlash, "/api/group%2Fproject"),
            ("/fetch/https%3A%2F%2Fa.org%2F", EncodedSlash, "/fetch/https:%2F%2Fa.org%2F"),
            ("/a%5cb", EncodedBackslash, "/a%5Cb"),
            ("/a;x=1/b;y", PathParameter, "/a;x=1/b;y"),
            ("/a%3bx", PathParameter, "/a%3Bx"),
            ("/a//b/", EmptySegment, "/a//b/"),
            ("/job/x%252Fy", DoubleEncoding, "/job/x%252Fy"),
            ("/job/x%252fy%2541", DoubleEncoding, "/job/x%252fy%2541"),
        ] {
            let path = relaxed(raw, &[relax]).unwrap();
            assert_eq!((path.decoded(), path.encoded()), (spelled, spelled), "{raw}");
            let others: Vec<Relaxation> =
                Relaxation::ALL.into_iter().filter(|other| *other != relax).collect();
            assert!(relaxed(raw, &others).is_err(), "{raw} needs {relax:?}");
        }
    }

    #[test]
    fn nothing_that_leads_elsewhere_hides_in_a_relaxed_form() {
        for (raw, why) in [
            ("/a/../b", BadRequest::PathDotSegment),
            ("/a/..;x/b", BadRequest::PathDotSegment),
            ("/a/.;/b", BadRequest::PathDotSegment),
            ("/a%2F..%2Fb", BadRequest::PathDotSegment),
            ("/a%2f%2e%2e%2fb", BadRequest::PathDotSegment),
            ("/a%5c..%5cb", BadRequest::PathDotSegment),
            ("/a/%252e%252e/b", BadRequest::PathDotSegment),
            ("/a/%25252e./b", BadRequest::PathDotSegment),
            ("/a/..%253bx/b", BadRequest::PathDotSegment),
            ("/a%252f..%252fb", BadRequest::PathDotSegment),
            ("/a%2500", BadRequest::PathControl),
            ("/a%250d%250ax", BadRequest::PathControl),
            ("/a%25ff", BadRequest::PathEncoding),
            ("/a%25252525252541", BadRequest::PathDoubleEncoding),
            ("/a\\b", BadRequest::PathSeparator),
            ("/a%00", BadRequest::PathControl),
        ] {
            assert_eq!(relaxed(raw, &Relaxation::ALL), Err(why), "{raw}");
        }
        for ours in [
            "/.bartizan/x",
            "//.bartizan/x",
            "/.bartizan;x/y",
            "/.bartizan%2Fx",
            "/%252ebartizan/x",
            "/%2F.bartizan",
        ] {
            assert!(relaxed(ours, &Relaxation::ALL).unwrap().is_reserved(), "{ours}");
        }
    }

    #[test]
    fn our_own_corner_is_recognised_in_any_case() {
        for ours in ["/.bartizan", "/.bartizan/", "/.bartizan/callback", "/.Bartizan/x", "/%2ebartizan/x"] {
            assert!(strict(ours).unwrap().is_reserved(), "{ours}");
        }
        for theirs in ["/", "/.bartizanx", "/a/.bartizan", "/bartizan"] {
            assert!(!strict(theirs).unwrap().is_reserved(), "{theirs}");
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
            if let Ok(path) = strict(&raw) {
                // What the upstream decodes is what was decided on.
                prop_assert_eq!(independent(path.encoded()), path.decoded().as_bytes());
                // Once more changes nothing.
                prop_assert_eq!(strict(path.encoded()), Ok(path.clone()));
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
        fn what_is_relaxed_has_one_spelling_and_leads_nowhere_else(
            raw in "/([a-z%.;/é|-]|%[0-9a-fA-F]{2}|%2e|%2f|%5c|%25|%252e|%252f|%3b|\\.\\.|//){0,16}",
            relax in proptest::sample::subsequence(Relaxation::ALL.to_vec(), 0..=5),
        ) {
            if let Ok(path) = relaxed(&raw, &relax) {
                prop_assert_eq!(relaxed(path.encoded(), &relax), Ok(path.clone()));
                // However often a reader decodes, and at whatever it splits: it finds no dot segment and no control.
                let mut seen = path.encoded().as_bytes().to_vec();
                for _ in 0..6 {
                    let text = String::from_utf8_lossy(&seen).into_owned();
                    prop_assert!(!text.contains(['\0', '\r', '\n']), "{text:?}");
                    for segment in text.split(['/', '\\']) {
                        let name = segment.split(';').next().unwrap();
                        prop_assert!(name != "." && name != "..", "{text}");
                    }
                    seen = decoded_once(&seen);
                }
                // More is not permitted by more being relaxed elsewhere: what needs nothing reads the same.
                if let Ok(plain) = strict(&raw) {
                    prop_assert_eq!(plain, path);
                }
            }
        }

        #[test]
        fn no_text_makes_it_panic(raw in any::<String>()) {
            let _ = strict(&raw);
            let _ = relaxed(&raw, &Relaxation::ALL);
        }
    }
}
