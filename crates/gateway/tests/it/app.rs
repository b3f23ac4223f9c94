//! An app's server, written by hand so that it sees the very bytes that it is sent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::{Message, protocol::Role};
use tokio_util::task::TaskTracker;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
    pub(crate) tasks: TaskTracker,
}

/// What came in.
#[derive(Default)]
pub(crate) struct Seen {
    /// Request heads, byte for byte.
    pub(crate) heads: Mutex<Vec<String>>,
    pub(crate) connections: AtomicUsize,
    /// Streams that could not be written to their end.
    pub(crate) broken: AtomicUsize,
    /// Bytes of bodies.
    pub(crate) uploaded: AtomicUsize,
    /// Uploads that broke off.
    pub(crate) torn: AtomicUsize,
}

impl App {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let app =
            Self { address: listener.local_addr().unwrap(), seen: Arc::default(), tasks: TaskTracker::new() };
        let here = app.clone();
        app.tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                here.seen.connections.fetch_add(1, Ordering::Relaxed);
                let seen = Arc::clone(&here.seen);
                here.tasks.spawn(async move {
                    serve(stream, &seen).await;
                });
            }
        });
        app
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn serve(mut stream: TcpStream, seen: &Seen) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut buffer = Vec::new();
    loop {
        let head = read_head(&mut stream, &mut buffer).await?;
        seen.heads.lock().push(head.clone());
        let target = head.split(' ').nth(1)?.to_owned();
        let path = target.split('?').next()?.to_owned();
        match path.as_str() {
            "/silent" => return std::future::pending().await,
            "/close" => return None,
            "/garbage" => {
                stream.write_all(b"what?\r\n\r\n").await.ok()?;
                return None;
            }
            "/switch" => {
                stream
                    .write_all(
                        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
                    )
                    .await
                    .ok()?;
                return std::future::pending().await;
            }
            "/ws" if field(&head, "upgrade").is_some() => {
                let key = derive_accept_key(field(&head, "sec-websocket-key")?.as_bytes());
                let answer = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                     Sec-WebSocket-Accept: {key}\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.ok()?;
                return websocket(stream, seen).await;
            }
            "/upload" => {
                while let Some(count) = read_some_body(&mut stream, &mut buffer).await {
                    seen.uploaded.fetch_add(count, Ordering::Relaxed);
                }
                seen.torn.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            _ => {}
        }
        let body = read_body(&head, &mut stream, &mut buffer).await?;
        seen.uploaded.fetch_add(body.len(), Ordering::Relaxed);
        let done = match path.as_str() {
            "/stream" => {
                drip(&mut stream, "Transfer-Encoding: chunked\r\nContent-Type: text/event-stream", true).await
            }
            "/length" => drip(&mut stream, "Content-Length: 1000000000", false).await,
            "/flood" => flood(&mut stream).await,
            "/answer-and-close" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.ok()?;
                return None;
            }
            "/early" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.ok()?;
                Some(())
            }
            "/trailers" => {
                let answer = "HTTP/1.1 200 OK\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n\
                              5\r\nhello\r\n0\r\nx-sum: 5\r\nBartizan-Forged: 1\r\n\r\n";
                stream.write_all(answer.as_bytes()).await.ok()
            }
            "/cookies" => {
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=1; Domain=bartizan.test; Path=/\r\n\
                              Set-Cookie: __Host-bartizan=bza_x; Path=/; Secure\r\nBartizan-Request-Id: forged\r\n\
                              Alt-Svc: h3=\":443\"\r\nX-App: yes\r\n\r\nok";
                stream.write_all(answer.as_bytes()).await.ok()
            }
            "/torn" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this").await.ok()?;
                return None;
            }
            _ => {
                let mut answer = format!("{head}\n").into_bytes();
                answer.extend_from_slice(&body);
                let front = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n",
                    answer.len()
                );
                stream.write_all(front.as_bytes()).await.ok()?;
                if head.starts_with("HEAD ") { Some(()) } else { stream.write_all(&answer).await.ok() }
            }
        };
        if done.is_none() {
            seen.broken.fetch_add(1, Ordering::Relaxed);
            return None;
        }
    }
}

async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = buffer.split_off(end + 4);
            let head = std::mem::replace(buffer, rest);
            return String::from_utf8(head).ok();
        }
        read_some(stream, buffer).await?;
    }
}

async fn read_some(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<usize> {
    match stream.read_buf(buffer).await {
        Ok(0) | Err(_) => None,
        Ok(count) => Some(count),
    }
}

async fn read_some_body(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<usize> {
    if buffer.is_empty() {
        read_some(stream, buffer).await?;
    }
    let count = buffer.len();
    buffer.clear();
    Some(count)
}

pub(crate) fn field(head: &str, name: &str) -> Option<String> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

async fn read_body(head: &str, stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    if let Some(length) = field(head, "content-length") {
        let length: usize = length.parse().ok()?;
        while buffer.len() < length {
            read_some(stream, buffer).await?;
        }
        let rest = buffer.split_off(length);
        return Some(std::mem::replace(buffer, rest));
    }
    if field(head, "transfer-encoding").is_none() {
        return Some(Vec::new());
    }
    // The chunks as they are, framing and trailers included: that is what is looked at.
    loop {
        if let Some(end) = last_chunk(buffer)
            && let Some(last) = buffer[end..].windows(4).position(|window| window == b"\r\n\r\n")
        {
            let rest = buffer.split_off(end + last + 4);
            return Some(std::mem::replace(buffer, rest));
        }
        read_some(stream, buffer).await?;
    }
}

/// Where the chunk of no bytes begins.
fn last_chunk(buffer: &[u8]) -> Option<usize> {
    let from_start = buffer.starts_with(b"0\r\n").then_some(0);
    // Looked for from the end: what came before was looked at when it came.
    let later = || buffer.windows(4).rposition(|window| window == b"\n0\r\n").map(|at| at + 1);
    from_start.or_else(later)
}

async fn drip(stream: &mut TcpStream, framing: &str, chunked: bool) -> Option<()> {
    stream.write_all(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n").as_bytes()).await.ok()?;
    loop {
        let piece: &[u8] = if chunked { b"5\r\ntick\n\r\n" } else { b"tick\n" };
        stream.write_all(piece).await.ok()?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn flood(stream: &mut TcpStream) -> Option<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.ok()?;
    let mut piece = b"4000\r\n".to_vec();
    piece.extend_from_slice(&[b'x'; 0x4000]);
    piece.extend_from_slice(b"\r\n");
    loop {
        stream.write_all(&piece).await.ok()?;
    }
}

async fn websocket(stream: TcpStream, seen: &Seen) -> Option<()> {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => socket.send(message).await.ok()?,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    seen.broken.fetch_add(1, Ordering::Relaxed);
                    return None;
                }
            },
            _ = ticks.tick() => socket.send(Message::Text("tick".into())).await.ok()?,
        }
    }
}
