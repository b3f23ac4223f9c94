//! Where the body of an HTTP/1.1 request ends: by its length, or in chunks (RFC 9112, 6 and 7.1).

use bytes::{Buf as _, Bytes, BytesMut};
use http::HeaderMap;

use super::head::fields;
use crate::request::Framing;

/// A body that does not follow its framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// Not chunks as RFC 9112, 7.1 spells them. Extensions are refused, too: nobody needs them, and readers differ in them.
    #[error("the body is not in chunks as its head says")]
    Chunk,
    /// Trailer fields that cannot be read.
    #[error("the fields behind the body cannot be read")]
    Trailers,
    /// The connection ended before the body did.
    #[error("the client ended the connection in the middle of the body")]
    Torn,
}

/// What came out of the buffer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Data(Bytes),
    Trailers(HeaderMap),
    End,
    /// The buffer has to hold more before there is another piece.
    More,
}

/// Takes a body out of a buffer, and nothing that is behind it.
#[derive(Debug)]
pub(crate) struct Decoder(State);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many bytes are left of a body with a length.
    Length(u64),
    /// A line with the size of a chunk.
    Size,
    /// So many bytes are left of a chunk.
    Chunk(u64),
    /// The CRLF behind a chunk.
    Border,
    /// Trailer fields and the empty line; so many of the bytes were looked at.
    Trailers {
        looked: usize,
    },
    End,
}

impl Decoder {
    pub(crate) const fn new(framing: Framing) -> Self {
        Self(match framing {
            Framing::None | Framing::Length(0) => State::End,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Size,
        })
    }

    pub(crate) const fn is_over(&self) -> bool {
        matches!(self.0, State::End)
    }

    /// How many bytes are still to come, if that is known.
    pub(crate) const fn left(&self) -> Option<u64> {
        match self.0 {
            State::Length(left) => Some(left),
            State::End => Some(0),
            State::Size | State::Chunk(_) | State::Border | State::Trailers { .. } => None,
        }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// [`BodyError`] when the bytes are not such a body; then nothing behind them can be trusted either.
    pub(crate) fn next(&mut self, buffer: &mut BytesMut) -> Result<Piece, BodyError> {
        loop {
            match self.0 {
                State::End => return Ok(Piece::End),
                State::Length(left) => {
                    return Ok(take(buffer, left).map_or(Piece::More, |data| {
                        let left = left.saturating_sub(length(&data));
                        self.0 = if left == 0 { State::End } else { State::Length(left) };
                        Piece::Data(data)
                    }));
                }
                State::Chunk(left) => {
                    return Ok(take(buffer, left).map_or(Piece::More, |data| {
                        let left = left.saturating_sub(length(&data));
                        self.0 = if left == 0 { State::Border } else { State::Chunk(left) };
                        Piece::Data(data)
                    }));
                }
                State::Border => {
                    if buffer.len() < 2 && b"\r\n".starts_with(buffer) {
                        return Ok(Piece::More);
                    }
                    if !buffer.starts_with(b"\r\n") {
                        return Err(BodyError::Chunk);
                    }
                    buffer.advance(2);
                    self.0 = State::Size;
                }
                State::Size => match size(buffer)? {
                    None => return Ok(Piece::More),
                    Some((used, size)) => {
                        buffer.advance(used);
                        self.0 = if size == 0 { State::Trailers { looked: 0 } } else { State::Chunk(size) };
                    }
                },
                State::Trailers { looked } => {
                    if buffer.starts_with(b"\r\n") {
                        buffer.advance(2);
                        self.0 = State::End;
                        return Ok(Piece::End);
                    }
                    let from = looked.saturating_sub(3);
                    let end =
                        buffer.get(from..).and_then(|rest| rest.windows(4).position(|w| w == b"\r\n\r\n"));
                    let Some(end) = end else {
                        if buffer.len() > MAX_TRAILERS {
                            return Err(BodyError::Trailers);
                        }
                        self.0 = State::Trailers { looked: buffer.len() };
                        return Ok(Piece::More);
                    };
                    let block = buffer.split_to(from + end + 4).freeze();
                    let trailers = fields(&block, &block).map_err(|_why| BodyError::Trailers)?;
                    self.0 = State::End;
                    return Ok(Piece::Trailers(trailers));
                }
            }
        }
    }
}

/// What the buffer has of the next so many bytes; `None` if it is empty.
fn take(buffer: &mut BytesMut, left: u64) -> Option<Bytes> {
    let here = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
    (here > 0).then(|| buffer.split_to(here).freeze())
}

/// Reads `1*HEXDIG CRLF`: how long it is, and the number.
fn size(buffer: &[u8]) -> Result<Option<(usize, u64)>, BodyError> {
    let digits = buffer.iter().take(MAX_SIZE_DIGITS + 1).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits > MAX_SIZE_DIGITS {
        return Err(BodyError::Chunk);
    }
    match (digits, buffer.get(digits..).unwrap_or_default()) {
        (_, []) | (1.., [b'\r']) => Ok(None),
        (1.., [b'\r', b'\n', ..]) => {
            let text = buffer.get(..digits).and_then(|digits| str::from_utf8(digits).ok());
            let size = text.and_then(|text| u64::from_str_radix(text, 16).ok()).ok_or(BodyError::Chunk)?;
            Ok(Some((digits + 2, size)))
        }
        _ => Err(BodyError::Chunk),
    }
}

fn length(data: &Bytes) -> u64 {
    u64::try_from(data.len()).unwrap_or(u64::MAX)
}

/// 2^60 bytes: no overflow in any reader that counts with signed 64 bits.
const MAX_SIZE_DIGITS: usize = 15;

/// Far more than anybody sends behind a body.
const MAX_TRAILERS: usize = 8 * 1024;

#[cfg(test)]
mod tests;
