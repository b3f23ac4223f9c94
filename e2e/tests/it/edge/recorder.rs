//! An app's server that keeps every byte that it is sent.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What one connection brought, and the requests that it was read as.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    pub(super) heads: Vec<String>,
    /// Bytes that were no request that this server could read.
    pub(super) rest: Vec<u8>,
}

#[derive(Clone, Default)]
pub(super) struct Recorder {
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Recorder {
    /// Serves for as long as the returned set of tasks is kept.
    pub(super) async fn start() -> (Self, u16, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (recorder, mut tasks) = (Self::default(), JoinSet::new());
        let here = recorder.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let here = here.clone();
                connections.spawn(async move { here.serve(stream).await });
            }
        });
        (recorder, port, tasks)
    }

    pub(super) fn heads(&self) -> Vec<String> {
        self.heard.lock().iter().flat_map(|heard| heard.heads.clone()).collect()
    }

    pub(super) fn unread(&self) -> Vec<Vec<u8>> {
        let heard = self.heard.lock();
        heard.iter().map(|heard| heard.rest.clone()).filter(|rest| !rest.is_empty()).collect()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let number = {
            let mut heard = self.heard.lock();
            heard.push(Heard::default());
            heard.len() - 1
        };
        let mut buffer = Vec::new();
        loop {
            while let Some((used, head)) = request(&buffer) {
                buffer.drain(..used);
                self.heard.lock()[number].heads.push(head);
                if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.is_err() {
                    return;
                }
            }
            self.heard.lock()[number].rest.clone_from(&buffer);
            if !matches!(stream.read_buf(&mut buffer).await, Ok(1..)) {
                return;
            }
        }
    }
}

/// A whole request at the front of these bytes: how long it is, and its head. Framing as plain as can be, written apart
/// from the reader under test.
fn request(bytes: &[u8]) -> Option<(usize, String)> {
    let end = find(bytes, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    if let Some(length) = field(&head, "content-length") {
        let whole = end + length.parse::<usize>().ok()?;
        return (bytes.len() >= whole).then_some((whole, head));
    }
    if field(&head, "transfer-encoding").is_none() {
        return Some((end, head));
    }
    let mut at = end;
    loop {
        let line = at + find(&bytes[at..], b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[at..line]).ok()?, 16).ok()?;
        if size == 0 {
            let last = line + find(&bytes[line..], b"\r\n\r\n")? + 4;
            return Some((last, head));
        }
        at = line + 2 + size + 2;
        if at > bytes.len() {
            return None;
        }
    }
}

pub(super) fn field(head: &str, name: &str) -> Option<String> {
    head.split("\r\n").skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
