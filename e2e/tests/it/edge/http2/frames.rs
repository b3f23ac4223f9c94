//! Frames as they are on the wire, written and read by hand.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::http::Client;

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// Field lines as literals that nobody indexes or shortens (RFC 7541, 6.2.2).
pub(super) fn block(fields: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let text = |text: &[u8], bytes: &mut Vec<u8>| {
        match u8::try_from(text.len()) {
            Ok(short @ 0..=126) => bytes.push(short),
            _ => {
                // RFC 7541, 5.1, with a prefix of seven bits.
                bytes.push(127);
                let mut left = text.len() - 127;
                while left >= 128 {
                    bytes.push(u8::try_from(left % 128).unwrap() | 128);
                    left /= 128;
                }
                bytes.push(u8::try_from(left).unwrap());
            }
        }
        bytes.extend_from_slice(text);
    };
    for (name, value) in fields {
        bytes.push(0);
        text(name, &mut bytes);
        text(value, &mut bytes);
    }
    bytes
}

/// What became of a stream, or of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Status(u16),
    Reset(u32),
    Gone(u32),
    Closed,
}

pub(super) struct Raw {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
}

impl Raw {
    pub(super) async fn connect(client: &Client) -> Self {
        let mut stream = client.tls("mine", b"h2").await;
        let hello = [PREFACE, &frame(SETTINGS, 0, 0, &[]), &frame(SETTINGS, 1, 0, &[])].concat();
        stream.write_all(&hello).await.unwrap();
        Self { stream, buffer: Vec::new() }
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok() && self.stream.flush().await.is_ok()
    }

    /// The end of this stream, or of the connection.
    pub(super) async fn end(&mut self, of: u32) -> End {
        let read = async {
            loop {
                while let Some((kind, stream, payload)) = self.frame() {
                    let code = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
                    match kind {
                        HEADERS if stream == of => return End::Status(status(&payload)),
                        RST_STREAM if stream == of => return End::Reset(code(0)),
                        GOAWAY if code(4) != 0 => return End::Gone(code(4)),
                        _ => {}
                    }
                }
                if !matches!(self.stream.read_buf(&mut self.buffer).await, Ok(1..)) {
                    return End::Closed;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), read).await.expect("an end")
    }

    pub(super) fn frame(&mut self) -> Option<(u8, u32, Vec<u8>)> {
        let length =
            u32::from_be_bytes([0, *self.buffer.first()?, *self.buffer.get(1)?, *self.buffer.get(2)?]);
        let whole = 9 + usize::try_from(length).unwrap();
        if self.buffer.len() < whole {
            return None;
        }
        let frame: Vec<u8> = self.buffer.drain(..whole).collect();
        Some((frame[3], u32::from_be_bytes(frame[5..9].try_into().unwrap()), frame[9..].to_vec()))
    }
}

/// The status at the front of a field block (RFC 7541, appendices A and B, as far as digits go).
pub(super) fn status(block: &[u8]) -> u16 {
    match block[0] {
        indexed @ 0x88..=0x8e => [200, 204, 206, 304, 400, 404, 500][usize::from(indexed - 0x88)],
        0x08 | 0x18 | 0x48 => {
            let length = usize::from(block[1] & 0x7f);
            let text = &block[2..2 + length];
            if block[1] & 0x80 == 0 {
                return std::str::from_utf8(text).unwrap().parse().unwrap();
            }
            let bits: Vec<u16> = text
                .iter()
                .flat_map(|byte| (0..8).rev().map(move |bit| u16::from(byte >> bit & 1)))
                .collect();
            let number = |bits: &[u16]| bits.iter().fold(0, |number, bit| number << 1 | bit);
            let (mut at, mut status) = (0, 0);
            for _ in 0..3 {
                let (digit, used) = match number(&bits[at..at + 5]) {
                    short @ 0..=2 => (short, 5),
                    _ => (number(&bits[at..at + 6]) - 22, 6),
                };
                (status, at) = (status * 10 + digit, at + used);
            }
            status
        }
        other => panic!("not a status: {other:#x}"),
    }
}
