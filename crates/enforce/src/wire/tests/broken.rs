//! What comes over the wire when the other side, or what lies between, is broken or lies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use proptest::prelude::*;
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_util::sync::CancellationToken;

use super::super::feed::{Assembler, Cutter};
use super::super::generated as pb;
use super::control::{Control, POINT, snapshot};
use crate::wire::{Connection, Dial, Peer, Remote, Server, serve_connection};
use crate::{Feed as _, FeedMessage, Scope, Sessions as _, Standpoint};

/// A stream: a snapshot in several frames, and two changes.
fn stream() -> (Vec<pb::Frame>, Vec<FeedMessage>) {
    let mut messages = vec![snapshot(1, 9_000, 2), snapshot(2, 1, 0), snapshot(3, 2, 1)];
    for change in &mut messages[1..] {
        change.scope = Scope::Changes;
    }
    let mut cutter = Cutter::new(1);
    let frames: Vec<pb::Frame> = messages.iter().flat_map(|message| cutter.cut(message)).collect();
    assert!(frames.len() > 4, "{}", frames.len());
    (frames, messages)
}

/// What comes out of these frames, up to the first that is refused.
fn assembled(frames: impl IntoIterator<Item = pb::Frame>) -> (Vec<FeedMessage>, bool) {
    let (mut assembler, mut got) = (Assembler::default(), Vec::new());
    for frame in frames {
        match assembler.take(frame) {
            Ok(message) => got.extend(message),
            Err(_refused) => return (got, true),
        }
    }
    (got, false)
}

fn same(one: &FeedMessage, other: &FeedMessage) -> bool {
    (one.revision, one.scope, &one.facts, &one.policies)
        == (other.revision, other.scope, &other.facts, &other.policies)
}

#[test]
fn frames_that_are_lost_doubled_or_swapped_end_the_stream_before_anything_of_them_is_applied() {
    let (frames, messages) = stream();
    let (all, refused) = assembled(frames.clone());
    assert!(!refused && all.len() == 3 && all.iter().zip(&messages).all(|(got, sent)| same(got, sent)));
    for at in 0..frames.len() {
        let mut lost = frames.clone();
        lost.remove(at);
        let mut doubled = frames.clone();
        doubled.insert(at, frames[at].clone());
        let mut swapped = frames.clone();
        swapped.swap(at, (at + 1) % frames.len());
        for (what, broken) in [("lost", lost), ("doubled", doubled), ("swapped", swapped)] {
            let (got, refused) = assembled(broken);
            // Of the last frame nobody can tell that it was lost; its message is not there then.
            assert!(refused || what == "lost" && at + 1 == frames.len(), "{what} {at}");
            assert!(got.len() < 3 || what == "doubled", "{what} {at}");
            assert!(got.iter().zip(&messages).all(|(got, sent)| same(got, sent)), "{what} {at}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_what_is_taken_is_in_order(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(frame) = pb::Frame::decode(bytes.as_slice()) {
            let _any = assembled([frame]);
        }
        if let Ok(resolution) = pb::Resolution::decode(bytes.as_slice()) {
            let _any = super::questions::decode_resolution(resolution);
        }
        if let Ok(request) = pb::RedeemRequest::decode(bytes.as_slice()) {
            let _any = super::questions::decode_redemption(request);
        }
        if let Ok(request) = pb::SubscribeRequest::decode(bytes.as_slice()) {
            let _any = super::super::feed::decode_standpoint(request);
        }
        if let Ok(request) = pb::HeartbeatRequest::decode(bytes.as_slice()) {
            let _any = super::super::feed::decode_applied(request);
        }
    }

    #[test]
    fn frames_that_were_tampered_with_never_go_back_or_lose_count(
        changes in proptest::collection::vec((0..6_usize, 0..5_u64, any::<bool>()), 1..6)
    ) {
        let (mut frames, _) = stream();
        for (at, number, more) in changes {
            let at = at % frames.len();
            frames[at].number = number;
            frames[at].more = more;
            frames[at].revision = number;
        }
        let (got, _) = assembled(frames);
        prop_assert!(got.windows(2).all(|pair| pair[0].revision <= pair[1].revision));
        prop_assert!(got.iter().skip(1).all(|message| message.scope == Scope::Changes));
    }
}

/// Dials the server through something that cuts the first connection after so many bytes.
#[derive(Debug)]
struct Cut {
    server: Server,
    first: usize,
    dialed: AtomicUsize,
}

#[async_trait]
impl Dial for Cut {
    async fn dial(&self) -> Result<Box<dyn Connection>, String> {
        let (here, near) = tokio::io::duplex(64 << 10);
        let (far, there) = tokio::io::duplex(64 << 10);
        let server = self.server.clone();
        drop(tokio_util::task::TaskTracker::new().spawn(serve_connection(
            there,
            Peer::Point(POINT),
            server,
            CancellationToken::new(),
        )));
        let is_first = self.dialed.fetch_add(1, Ordering::Relaxed) == 0;
        cut_after(if is_first { self.first } else { usize::MAX }, near, far);
        Ok(Box::new(here))
    }
}

/// Passes on what the server says, until so many bytes of it.
fn cut_after(bytes: usize, mut near: DuplexStream, mut far: DuplexStream) {
    drop(tokio_util::task::TaskTracker::new().spawn(async move {
        let (mut near_read, mut near_write) = tokio::io::split(&mut near);
        let (mut far_read, mut far_write) = tokio::io::split(&mut far);
        let up = tokio::io::copy(&mut near_read, &mut far_write);
        let down = async {
            let (mut left, mut buffer) = (bytes, [0; 512]);
            while left > 0 {
                let want = left.min(buffer.len());
                let Ok(read @ 1..) = far_read.read(&mut buffer[..want]).await else { return };
                left -= read;
                if near_write.write_all(&buffer[..read]).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! { _ = up => (), () = down => () }
    }));
}

#[tokio::test]
async fn a_connection_that_is_cut_anywhere_is_made_anew_and_nothing_half_is_believed() {
    for bytes in (0..900).step_by(7) {
        let control = Control::new();
        let remote = {
            let dial: Arc<dyn Dial> =
                Arc::new(Cut { server: control.server(), first: bytes, dialed: AtomicUsize::new(0) });
            Remote::new(&dial)
        };
        let digest = bartizan_model::CredentialDigest::from_bytes([1; 32]);
        let mut tries = 0;
        // Each answer that comes is whole; the second connection is whole, too.
        let resolution = loop {
            tries += 1;
            match remote.resolve(POINT, digest).await {
                Ok(answer) => break answer.unwrap(),
                Err(_cut) => assert!(tries < 4, "cut after {bytes} bytes, and never again"),
            }
        };
        assert_eq!(resolution.resolved, super::control::resolved());
    }
}

/// Somebody who answers everything with the same bytes, or with nothing at all.
#[derive(Debug)]
struct Odd(&'static [u8]);

#[async_trait]
impl Dial for Odd {
    async fn dial(&self) -> Result<Box<dyn Connection>, String> {
        let (here, mut there) = tokio::io::duplex(64 << 10);
        let say = self.0;
        drop(tokio_util::task::TaskTracker::new().spawn(async move {
            let _ = there.write_all(say).await;
            let mut heard = [0; 1024];
            while there.read(&mut heard).await.is_ok_and(|read| read > 0) {}
        }));
        Ok(Box::new(here))
    }
}

#[tokio::test]
async fn who_is_no_control_is_given_up_in_bounded_time() {
    let digest = bartizan_model::CredentialDigest::from_bytes([1; 32]);
    for says in
        [&b""[..], b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"\0\0\0\x04\0\0\0\0\0", &[0xff; 512]]
    {
        let remote = Remote::new(&(Arc::new(Odd(says)) as Arc<dyn Dial>));
        let began = tokio::time::Instant::now();
        assert!(remote.resolve(POINT, digest).await.is_err());
        assert!(remote.subscribe(POINT, Standpoint::default()).await.is_err());
        assert!(began.elapsed() < std::time::Duration::from_secs(25), "{:?}", began.elapsed());
    }
}
