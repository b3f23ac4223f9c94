//! WebSocket: bytes both ways, and a close frame where one may stand.
//!
//! What an app and its client say to each other is theirs. Only the borders between the frames that go downstream are
//! followed (RFC 6455, 5.2), so that a cut can say 1008 instead of just ending: a close frame in the middle of another
//! frame would be read as its payload.

use std::io::{self, Cursor};
use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::{LiveGrant, Meter};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::relay::Upgrade;
use crate::request::CanonicalRequest;
use crate::upstream::Switched;

/// Relays until either side ends or the grant is cut.
pub(crate) async fn relay(live: LiveGrant<CanonicalRequest>, downstream: Upgrade, upstream: Box<Switched>) {
    let Upgrade { stream, line } = downstream;
    let cut = live.cut();
    let downstream = tokio::select! {
        biased;
        () = cut.cancelled() => return line.end().await,
        stream = stream => match stream {
            Ok(stream) => stream,
            Err(error) => {
                tracing::debug!(%error, "a WebSocket did not begin");
                return;
            }
        },
    };
    let (from_client, mut to_client) = tokio::io::split(downstream);
    let Switched { early, stream, place: _place } = *upstream;
    let (from_app, to_app) = tokio::io::split(stream);
    let from_app = Cursor::new(early).chain(from_app);
    let mut frames = Frames::default();
    let ended = {
        let up = copy(from_client, to_app, Direction::Up(live.meter()));
        let down = copy(from_app, &mut to_client, Direction::Down(live.meter(), &mut frames));
        tokio::select! {
            biased;
            () = cut.cancelled() => Ended::Cut,
            result = async { tokio::try_join!(up, down) } => Ended::Over(result.map(|((), ())| ())),
        }
    };
    match ended {
        Ended::Cut => {
            if frames.at_border() {
                let reason = live.cut_reason().map_or("access ended", |denial| denial.reason.as_str());
                let close = close_frame(reason);
                let said = async {
                    to_client.write_all(&close).await?;
                    to_client.flush().await
                };
                if !matches!(tokio::time::timeout(CLOSE_WITHIN, said).await, Ok(Ok(()))) {
                    tracing::debug!("a WebSocket client could not be told that access ended");
                }
            }
            drop(live);
            line.end().await;
        }
        Ended::Over(Ok(())) => {}
        Ended::Over(Err(error)) => tracing::debug!(%error, "a WebSocket broke off"),
    }
}

enum Ended {
    Cut,
    Over(io::Result<()>),
}

enum Direction<'a> {
    Up(&'a Arc<Meter>),
    Down(&'a Arc<Meter>, &'a mut Frames),
}

/// Copies until the end, and passes the end on.
async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut direction: Direction<'_>,
) -> io::Result<()> {
    let mut buffer = vec![0; SMALL];
    loop {
        let count = from.read(&mut buffer).await?;
        let Some(mut rest) = buffer.get(..count).filter(|read| !read.is_empty()) else {
            return to.shutdown().await;
        };
        while !rest.is_empty() {
            // One write at a time, so that what is counted and followed is what was taken.
            let taken = to.write(rest).await?;
            let (done, left) = rest.split_at_checked(taken).ok_or(io::ErrorKind::WriteZero)?;
            if done.is_empty() {
                return Err(io::ErrorKind::WriteZero.into());
            }
            let bytes = u64::try_from(done.len()).unwrap_or(u64::MAX);
            match &mut direction {
                Direction::Up(meter) => meter.received(bytes),
                Direction::Down(meter, frames) => {
                    meter.sent(bytes);
                    frames.follow(done);
                }
            }
            rest = left;
        }
        to.flush().await?;
        if count == buffer.len() && count < LARGE {
            buffer.resize(LARGE, 0);
        }
    }
}

/// Where in a stream of frames we are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frames {
    place: Place,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Place {
    /// Between frames.
    #[default]
    Border,
    /// In a header: its first byte was read.
    Length,
    /// In the bytes of a longer length, which then are followed by a mask or not.
    Longer { left: u8, length: u64, masked: bool },
    /// This many bytes before the border.
    Inside { left: u64 },
    /// A close frame went by: nothing may follow it (RFC 6455, 5.5.1).
    Closed,
    /// Not frames at all.
    Lost,
}

impl Frames {
    /// Whether a frame of ours may stand here.
    pub(crate) fn at_border(&self) -> bool {
        self.place == Place::Border
    }

    /// Follows bytes on their way, in pieces of any size.
    pub(crate) fn follow(&mut self, bytes: &[u8]) {
        let mut bytes = bytes.iter();
        while let Some(&byte) = bytes.next() {
            self.place = match std::mem::take(&mut self.place) {
                // A close frame's own bytes are of no interest any more.
                Place::Border if byte & OPCODE == CLOSE => Place::Closed,
                Place::Border => Place::Length,
                Place::Length => {
                    let masked = byte & MASKED != 0;
                    match byte & !MASKED {
                        126 => Place::Longer { left: 2, length: 0, masked },
                        127 => Place::Longer { left: 8, length: 0, masked },
                        length => inside(u64::from(length), masked),
                    }
                }
                Place::Longer { left, length, masked } => {
                    let length = length << 8 | u64::from(byte);
                    match left {
                        0 | 1 if length >> 63 == 1 => Place::Lost,
                        0 | 1 => inside(length, masked),
                        more => Place::Longer { left: more - 1, length, masked },
                    }
                }
                Place::Inside { left } => {
                    // This byte and as many of the others as belong to the frame.
                    let after = left.saturating_sub(1);
                    let here = u64::try_from(bytes.len()).unwrap_or(u64::MAX).min(after);
                    if let Some(skip) = usize::try_from(here).ok().and_then(|here| here.checked_sub(1)) {
                        bytes.nth(skip);
                    }
                    let left = after - here;
                    if left == 0 { Place::Border } else { Place::Inside { left } }
                }
                end @ (Place::Closed | Place::Lost) => end,
            };
        }
    }
}

fn inside(length: u64, masked: bool) -> Place {
    let left = length.saturating_add(if masked { MASK_LEN } else { 0 });
    if left == 0 { Place::Border } else { Place::Inside { left } }
}

/// A close frame of a server: unmasked, code 1008 (policy violation; RFC 6455, 7.4.1) and a reason.
fn close_frame(reason: &str) -> Vec<u8> {
    let reason: Vec<u8> = reason.bytes().take(MAX_REASON).collect();
    let length = u8::try_from(reason.len() + 2).unwrap_or(2);
    let mut frame = vec![0x80 | CLOSE, length];
    frame.extend_from_slice(&1008_u16.to_be_bytes());
    frame.extend_from_slice(&reason);
    frame
}

const OPCODE: u8 = 0x0f;
const CLOSE: u8 = 0x08;
const MASKED: u8 = 0x80;
const MASK_LEN: u64 = 4;

/// A control frame holds 125 bytes (RFC 6455, 5.5), two of them the code.
const MAX_REASON: usize = 123;

/// A stream that says little holds little; one that fills its buffer gets a larger one.
const SMALL: usize = 2 * 1024;
const LARGE: usize = 32 * 1024;

/// DESIGN.md, "Cut".
const CLOSE_WITHIN: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(opcode: u8, payload: &[u8], masked: bool) -> Vec<u8> {
        let mask_bit = if masked { MASKED } else { 0 };
        let mut bytes = vec![0x80 | opcode];
        match payload.len() {
            short @ 0..=125 => bytes.push(mask_bit | u8::try_from(short).unwrap()),
            medium @ 126..=65535 => {
                bytes.push(mask_bit | 126);
                bytes.extend_from_slice(&u16::try_from(medium).unwrap().to_be_bytes());
            }
            long => {
                bytes.push(mask_bit | 127);
                bytes.extend_from_slice(&u64::try_from(long).unwrap().to_be_bytes());
            }
        }
        if masked {
            bytes.extend_from_slice(&[1, 2, 3, 4]);
        }
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn a_close_frame_says_policy_violation_and_why() {
        assert_eq!(close_frame("no"), [0x88, 4, 0x03, 0xf0, b'n', b'o']);
        assert_eq!(close_frame(&"x".repeat(500)).len(), 2 + 125);
    }

    #[test]
    fn no_border_is_seen_after_a_close_frame_or_in_what_is_no_frame() {
        let mut frames = Frames::default();
        frames.follow(&frame(CLOSE, &[3, 232], false));
        assert!(!frames.at_border());
        frames.follow(&frame(1, b"", false));
        assert!(!frames.at_border());
        let mut frames = Frames::default();
        frames.follow(&[0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0]);
        assert!(!frames.at_border());
        frames.follow(&[0; 100]);
        assert!(!frames.at_border());
    }

    proptest! {
        #[test]
        fn borders_are_found_whatever_the_pieces(
            payloads in proptest::collection::vec((prop_oneof![0_usize..200, 120..130_usize, 65530..65540_usize], any::<bool>()), 1..4),
            cuts in proptest::collection::vec(1_usize..5000, 1..40),
        ) {
            let mut stream = Vec::new();
            let mut borders = std::collections::BTreeSet::from([0]);
            for (length, masked) in payloads {
                stream.extend(frame(2, &vec![0x88; length], masked));
                borders.insert(stream.len());
            }
            let (mut frames, mut at) = (Frames::default(), 0);
            let mut cuts = cuts.into_iter().cycle();
            while at < stream.len() {
                let next = (at + cuts.next().unwrap()).min(stream.len());
                frames.follow(&stream[at..next]);
                at = next;
                prop_assert_eq!(frames.at_border(), borders.contains(&at), "at {}", at);
            }
        }
    }
}
