//! The connection to a client as the kernel has it, and how it ends.
//!
//! "No more payload" has to hold for what was handed to the kernel, too. [`Wire`] is what TLS reads and writes; [`Line`] is
//! the same socket for whoever has to end it: it knows how much went out, whether writing is blocked, and, from the kernel,
//! how much is still unsent. What has not drained 50 ms after a cut is reset, so that a client which reads slowly does not
//! go on receiving for as long as it likes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::sockopt;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::places::Place;

/// One client connection; closed when the last handle to it is gone.
#[derive(Debug)]
pub(crate) struct Line {
    stream: TcpStream,
    /// Bytes that the kernel has taken.
    written: AtomicU64,
    /// Whether the kernel refused to take more.
    blocked: AtomicBool,
    /// Its place among the connections that may be open; given back when the line ends.
    place: Place,
}

/// A point in what was written to a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(u64);

impl Line {
    /// Takes over an accepted connection.
    pub(crate) fn new(stream: TcpStream, place: Place) -> io::Result<Arc<Self>> {
        sockopt::set_tcp_nodelay(&stream, true)?;
        // A peer that has vanished is noticed by the kernel, also under a stream that says nothing for hours.
        sockopt::set_socket_keepalive(&stream, true)?;
        sockopt::set_tcp_keepidle(&stream, KEEPALIVE_IDLE)?;
        sockopt::set_tcp_keepintvl(&stream, KEEPALIVE_INTERVAL)?;
        sockopt::set_tcp_keepcnt(&stream, KEEPALIVE_COUNT)?;
        SockRef::from(&stream).set_tcp_notsent_lowat(NOTSENT_LOWAT)?;
        Ok(Arc::new(Self { stream, written: AtomicU64::new(0), blocked: AtomicBool::new(false), place }))
    }

    /// Whether it came when there was no room.
    pub(crate) const fn is_crowded(&self) -> bool {
        self.place.is_crowded()
    }

    /// Something was asked for on it: it gives way to nobody.
    pub(crate) fn settle(&self) {
        self.place.settle();
    }

    /// Waits until the client has taken nothing for so long although there was something for it.
    pub(crate) async fn stalled(&self, limit: Duration) {
        let mut before = None;
        loop {
            let written = self.written.load(Ordering::Acquire);
            if before == Some(written) && self.blocked.load(Ordering::Acquire) {
                return;
            }
            before = Some(written);
            tokio::time::sleep(limit).await;
        }
    }

    /// What is behind this mark was written before now, or waits in user space.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.written.load(Ordering::Acquire))
    }

    /// Waits until everything before the mark has left this machine, for 50 ms at most.
    pub(crate) async fn drained(&self, mark: Mark) -> bool {
        for _ in 0..DRAIN_CHECKS {
            if self.is_past(mark) {
                return true;
            }
            tokio::time::sleep(DRAIN / DRAIN_CHECKS).await;
        }
        self.is_past(mark)
    }

    /// Waits until something was written behind the mark, for 50 ms at most.
    pub(crate) async fn moved(&self, mark: Mark) {
        for _ in 0..DRAIN_CHECKS {
            if self.written.load(Ordering::Acquire) > mark.0 {
                return;
            }
            tokio::time::sleep(DRAIN / DRAIN_CHECKS).await;
        }
    }

    /// Ends the connection after a cut: whoever wrote to it is gone. What drains is closed, what does not is reset.
    pub(crate) async fn end(&self) {
        if self.drained(self.mark()).await {
            // Plain TCP: without TLS's and HTTP's ways of saying that something is complete.
            if let Err(error) = rustix::net::shutdown(&self.stream, rustix::net::Shutdown::Both) {
                tracing::debug!(%error, "a client connection was already gone");
            }
        } else {
            tracing::debug!("a client did not take what was sent before a cut; connection reset");
            self.reset();
        }
    }

    /// Ends the connection at once: what is unsent is thrown away and the client is told so (RST).
    pub(crate) fn reset(&self) {
        if let Err(error) = rustix::net::connect_unspec(&self.stream) {
            tracing::debug!(%error, "a client connection was already gone");
        }
    }

    fn is_past(&self, mark: Mark) -> bool {
        let passed = self.written.load(Ordering::Acquire).saturating_sub(mark.0);
        if self.blocked.load(Ordering::Acquire) && passed < USER_SPACE {
            return false;
        }
        self.has_unsent_at_most(passed.saturating_sub(USER_SPACE))
    }

    /// Asks the kernel. A socket is writable when twice its unsent bytes are less than its low-water mark
    /// (`tcp_stream_memory_free` in Linux), so a mark chosen for the question turns "is it writable?" into the answer.
    fn has_unsent_at_most(&self, bytes: u64) -> bool {
        let socket = SockRef::from(&self.stream);
        let lowat = u32::try_from(bytes.saturating_mul(2).saturating_add(1)).unwrap_or(u32::MAX);
        let asked = socket.set_tcp_notsent_lowat(lowat.min(u32::MAX >> 1)).and_then(|()| {
            let mut polled = [PollFd::new(&self.stream, PollFlags::OUT)];
            rustix::event::poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
            let [polled] = polled;
            Ok(polled.revents().intersects(PollFlags::OUT | PollFlags::ERR | PollFlags::HUP))
        });
        let restored = socket.set_tcp_notsent_lowat(NOTSENT_LOWAT);
        match (asked, restored) {
            (Ok(past), Ok(())) => past,
            (Err(error), _) | (_, Err(error)) => {
                tracing::debug!(%error, "cannot ask how much is unsent");
                false
            }
        }
    }
}

/// The bytes of a line, for one reader and one writer.
#[derive(Debug)]
pub(crate) struct Wire(pub(crate) Arc<Line>);

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = &self.0.stream;
        loop {
            ready!(stream.poll_read_ready(cx))?;
            match stream.try_read(buf.initialize_unfilled()) {
                Ok(count) => {
                    buf.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl Wire {
    fn poll_with(
        &self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let line = &self.0;
        loop {
            match line.stream.poll_write_ready(cx) {
                Poll::Ready(ready) => ready?,
                Poll::Pending => {
                    line.blocked.store(true, Ordering::Release);
                    return Poll::Pending;
                }
            }
            match write(&line.stream) {
                Ok(count) => {
                    line.blocked.store(false, Ordering::Release);
                    line.written.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::AcqRel);
                    return Poll::Ready(Ok(count));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_with(cx, |stream| stream.try_write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(cx, |stream| stream.try_write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match rustix::net::shutdown(&self.0.stream, rustix::net::Shutdown::Write) {
            // The peer was faster.
            Ok(()) | Err(rustix::io::Errno::NOTCONN) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(error.into())),
        }
    }
}

/// What waits unsent in the kernel before writing is refused: bounds what a cut may still find there, and is more than a
/// client at 100 ms distance needs while the next piece is fetched.
const NOTSENT_LOWAT: u32 = 32 * 1024;

/// What waits in user space below HTTP: TLS records (limited in `handshake`) and one HTTP/2 frame.
const USER_SPACE: u64 = 40 * 1024;

/// DESIGN.md, "Cut".
const DRAIN: Duration = Duration::from_millis(50);
const DRAIN_CHECKS: u32 = 10;

const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_COUNT: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    async fn pair() -> (Arc<Line>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        (Line::new(server, Place::for_tests()).unwrap(), client)
    }

    async fn fill(wire: &mut Wire) -> usize {
        let mut total = 0;
        while let Ok(Ok(count)) =
            tokio::time::timeout(Duration::from_millis(100), wire.write(&[7; 16 * 1024])).await
        {
            total += count;
        }
        total
    }

    #[tokio::test]
    async fn what_a_client_reads_drains_and_the_connection_stays() {
        let (line, mut client) = pair().await;
        let mut wire = Wire(Arc::clone(&line));
        wire.write_all(b"hello").await.unwrap();
        let mut read = [0; 5];
        client.read_exact(&mut read).await.unwrap();
        assert!(line.drained(line.mark()).await);
        wire.write_all(b"again").await.unwrap();
        client.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"again");
    }

    #[tokio::test]
    async fn what_a_client_leaves_unread_does_not_drain_and_is_thrown_away() {
        let (line, mut client) = pair().await;
        let mut wire = Wire(Arc::clone(&line));
        let total = fill(&mut wire).await;
        assert!(!line.drained(line.mark()).await);
        line.end().await;
        let mut read = Vec::new();
        let end = client.read_to_end(&mut read).await;
        assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert!(read.len() < total, "{} of {total} bytes came", read.len());
        assert!(wire.write(b"x").await.is_err(), "nothing can be written any more");
    }

    #[tokio::test]
    async fn what_was_written_before_a_mark_drains_though_more_comes_after_it() {
        let (line, mut client) = pair().await;
        let mut wire = Wire(Arc::clone(&line));
        wire.write_all(&[1; 1000]).await.unwrap();
        let mark = line.mark();
        let mut sink = vec![0; 64 * 1024];
        let reading = async {
            loop {
                if client.read(&mut sink).await.unwrap() == 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let writing = async {
            loop {
                wire.write_all(&[2; 16 * 1024]).await.unwrap();
            }
        };
        let asking = async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            line.drained(mark).await
        };
        tokio::select! {
            () = reading => panic!("the connection ended"),
            () = writing => panic!("writing ended"),
            drained = asking => assert!(drained),
        }
    }
}
