//! The server behind: as little as can be, so that it does not take the processor from what is measured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// A running server; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    _runtime: Runtime,
}

/// How often a stream of events has one.
pub(crate) const TICK: Duration = Duration::from_secs(5);

impl Upstream {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
        socket.listen(4096)?;
        socket.set_nonblocking(true)?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(socket.into())?
        };
        let address = listener.local_addr()?;
        runtime.spawn(serve(listener));
        Ok(Self { address, _runtime: runtime })
    }
}

#[derive(Debug)]
struct Answers {
    small: Vec<u8>,
    large: Vec<u8>,
}

async fn serve(listener: TcpListener) {
    let answer = |size: usize| {
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n")
                .into_bytes();
        answer.resize(answer.len() + size, b'x');
        answer
    };
    let answers = Arc::new(Answers { small: answer(1024), large: answer(1 << 20) });
    let mut tasks = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while tasks.try_join_next().is_some() {}
        let _ = stream.set_nodelay(true);
        let answers = Arc::clone(&answers);
        tasks.spawn(async move {
            let _ = connection(stream, &answers).await;
        });
    }
}

async fn connection(mut stream: TcpStream, answers: &Answers) -> std::io::Result<()> {
    let mut head = Vec::with_capacity(4096);
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let wants = |path: &str| head.starts_with(format!("GET {path} ").as_bytes());
        if wants("/small") {
            stream.write_all(&answers.small).await?;
        } else if wants("/large") {
            stream.write_all(&answers.large).await?;
        } else if wants("/socket") {
            // To the key of the specification's example (RFC 6455, 1.3). Then nothing is said.
            let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                          Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
            stream.write_all(answer.as_bytes()).await?;
            let _ended = stream.read(&mut [0]).await?;
            return Ok(());
        } else if wants("/events") {
            return events(stream, TICK, "data: tick\n\n").await;
        } else {
            return events(stream, Duration::ZERO, &format!("data: {}\n\n", "x".repeat(1000))).await;
        }
    }
}

/// Events without end, each a chunk, until the reader goes.
async fn events(mut stream: TcpStream, pause: Duration, event: &str) -> std::io::Result<()> {
    stream
        .write_all(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
        )
        .await?;
    let chunk = format!("{:x}\r\n{event}\r\n", event.len());
    let mut nothing = [0; 64];
    loop {
        stream.write_all(chunk.as_bytes()).await?;
        if !pause.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ended = stream.read(&mut nothing) => return Ok(()),
            }
        }
    }
}
