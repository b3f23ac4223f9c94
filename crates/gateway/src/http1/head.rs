//! Heads of HTTP/1.1 requests, read strictly (RFC 9112).
//!
//! What two readers could take for two things is refused: a line that ends in a bare LF, a folded field, a blank before a
//! colon, a second length. So whatever passes, every other reader reads alike; `tests` hold it against one.

use bytes::{Buf as _, Bytes, BytesMut};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Uri, Version};

use crate::request::{BadRequest, Framing, MAX_FIELD_BYTES, MAX_FIELDS, MAX_TARGET, framing};

/// Looks for the end of a head as its bytes come in, and refuses at once what has none.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Up to where it has looked.
    at: usize,
    /// Where the line begins that it is in.
    line: usize,
    /// Whether the request line is over.
    begun: bool,
    /// Whether an empty line was passed over.
    skipped: bool,
}

impl Scan {
    /// Takes a whole head, with the empty line behind it, out of the buffer; `None` while it is not all there.
    ///
    /// # Errors
    /// [`BadRequest`] when a line does not end in CRLF, or the head is longer than is read.
    pub(crate) fn take(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, BadRequest> {
        while let Some(found) = buffer.get(self.at..).and_then(|rest| rest.iter().position(|b| *b == b'\n')) {
            let end = self.at + found;
            let text = end.checked_sub(1).filter(|cr| *cr >= self.line && buffer.get(*cr) == Some(&b'\r'));
            let Some(text) = text else { return Err(BadRequest::LineEnd) };
            self.at = end + 1;
            if text == self.line && !self.begun {
                // One empty line before a request is passed over (RFC 9112, 2.2), and no more.
                if self.skipped {
                    return Err(BadRequest::RequestLine);
                }
                buffer.advance(self.at);
                *self = Self { skipped: true, ..Self::default() };
                continue;
            }
            if self.at > MAX_HEAD {
                return Err(BadRequest::HeadersTooLarge);
            }
            if text == self.line {
                let head = buffer.split_to(self.at).freeze();
                *self = Self::default();
                return Ok(Some(head));
            }
            self.line = self.at;
            self.begun = true;
        }
        self.at = buffer.len();
        if !self.begun && self.at > MAX_TARGET + AROUND_TARGET {
            return Err(BadRequest::TargetTooLong);
        }
        if self.at > MAX_HEAD {
            return Err(BadRequest::HeadersTooLarge);
        }
        Ok(None)
    }

    /// Whether a byte of the head was seen.
    pub(crate) const fn has_begun(&self) -> bool {
        self.at > 0
    }
}

/// Reads a head that [`Scan`] found: the request line, the fields, and where the body ends.
///
/// # Errors
/// [`BadRequest`] when it is not spelled as RFC 9112 says, or its framing can be read in two ways.
pub(crate) fn parse(head: &Bytes) -> Result<(Parts, Framing), BadRequest> {
    let (line, rest) = split_line(head).ok_or(BadRequest::RequestLine)?;
    let mut words = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(BadRequest::RequestLine);
    };
    let method = Method::from_bytes(method).map_err(|_no_token| BadRequest::Method)?;
    let version = match version {
        b"HTTP/1.1" => Version::HTTP_11,
        b"HTTP/1.0" => Version::HTTP_10,
        other if other.starts_with(b"HTTP/") => return Err(BadRequest::Version),
        _ => return Err(BadRequest::RequestLine),
    };
    let uri = read_target(head, target)?;
    let headers = fields(head, rest)?;
    let framing = framing(&headers, version)?;
    let mut parts = Request::new(()).into_parts().0;
    (parts.method, parts.uri, parts.version, parts.headers) = (method, uri, version, headers);
    Ok((parts, framing))
}

fn read_target(head: &Bytes, target: &[u8]) -> Result<Uri, BadRequest> {
    if target.len() > MAX_TARGET {
        return Err(BadRequest::TargetTooLong);
    }
    for byte in target {
        match byte {
            // `http::Uri` would cut it off silently.
            b'#' => return Err(BadRequest::PathFragment),
            0..=0x20 | 0x7f => return Err(BadRequest::PathControl),
            0x80.. => return Err(BadRequest::PathEncoding),
            _ => {}
        }
    }
    Uri::from_maybe_shared(head.slice_ref(target)).map_err(|_not_a_target| BadRequest::Target)
}

/// Reads field lines up to the empty one, which ends the bytes (RFC 9112, 5; for trailers: 7.1.2).
pub(super) fn fields(all: &Bytes, mut rest: &[u8]) -> Result<HeaderMap, BadRequest> {
    let mut headers = HeaderMap::with_capacity(TYPICAL_FIELDS);
    loop {
        let (line, after) = split_line(rest).ok_or(BadRequest::Field)?;
        if line.is_empty() {
            return if after.is_empty() { Ok(headers) } else { Err(BadRequest::Field) };
        }
        if headers.len() >= MAX_FIELDS {
            return Err(BadRequest::HeadersTooLarge);
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or(BadRequest::Field)?;
        let (name, value) = line.split_at_checked(colon).ok_or(BadRequest::Field)?;
        // A name is a token: so nothing is folded, and no blank stands before a colon.
        let name = HeaderName::from_bytes(name).map_err(|_no_token| BadRequest::Field)?;
        let value = trimmed(value.get(1..).unwrap_or_default());
        let value =
            HeaderValue::from_maybe_shared(all.slice_ref(value)).map_err(|_control| BadRequest::Field)?;
        headers.append(name, value);
        rest = after;
    }
}

/// A line without its CRLF, and what follows it.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((bytes.get(..end)?.strip_suffix(b"\r")?, bytes.get(end + 1..)?))
}

/// Without blanks and tabs around it (RFC 9110, 5.6.3: OWS), and no others.
fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// A method, blanks, a version and a line end.
const AROUND_TARGET: usize = 64;

/// The longest head that is read.
const MAX_HEAD: usize = MAX_TARGET + AROUND_TARGET + MAX_FIELD_BYTES;

/// As many as a browser sends.
const TYPICAL_FIELDS: usize = 24;

#[cfg(test)]
mod tests;
