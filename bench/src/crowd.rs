//! Many at once: what those take who only wait, and what is left for the others while a crowd stands in the door.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use http::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;

use crate::demo::Demo;
use crate::load::{self, Exchange, Target, Use};
use crate::streams::raise_files;
use crate::table::{Spread, Table, number};
use crate::upstream::Upstream;
use crate::{Options, cpu};

/// From each address, fewer than the gateway takes from one.
const PER_SOURCE: usize = 1_500;

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let files = usize::try_from(raise_files()).unwrap_or(usize::MAX);
    // A WebSocket takes two files of the gateway: one to the client, one to the app.
    let waiting = options.size(10_000, 50).min(files.saturating_sub(500) / 2);
    let crowd = options.size(20_000, 100).min(files.saturating_sub(500));
    let length = options.size(Duration::from_secs(3), Duration::from_millis(200));
    waiting_ones(waiting)?;
    let mut rounds = Vec::new();
    for _ in 0..options.rounds().min(3) {
        rounds.push(in_the_door(crowd, options.size(1_900, 50), length)?);
    }
    println!(
        "{crowd} connections in the door: a third says nothing, a third half of a TLS greeting, a third half of a request.\n"
    );
    let table = Table::new(&["", "median (min–max)"]);
    for (number, what) in In::NAMES.into_iter().enumerate() {
        table.row(&[what.to_owned(), Spread::of(rounds.iter().map(|round| round.0[number])).to_string()]);
    }
    table.end();
    Ok(())
}

fn target(demo: &Demo, protocol: &[u8]) -> anyhow::Result<Target> {
    Ok(Target {
        address: demo.running.address()?,
        host: format!("{}:{}", demo.host()?, demo.running.address()?.port()),
        tls: load::tls(&demo.authority()?, protocol, Exchange::Classic)?,
        token: Some(demo.bob()?.to_owned()),
    })
}

/// A connection from one of many addresses.
async fn from(number: usize, to: SocketAddr) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let last = u8::try_from(number / PER_SOURCE + 2)?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 9, last), 0)))?;
    Ok(socket.connect(to).await?)
}

/// What those take who have asked once, and wait.
fn waiting_ones(count: usize) -> anyhow::Result<()> {
    println!("Connections that have had one answer, and wait.\n");
    let table = Table::new(&["kind", "connections", "memory of each, KiB", "to open them all, s"]);
    for kind in ["HTTP/2", "WebSocket"] {
        let upstream = Upstream::start()?;
        let demo = Demo::start(upstream.address)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (one, two) = (target(&demo, b"http/1.1")?, target(&demo, b"h2")?);
        runtime.block_on(async {
            // What is made once is not counted for each.
            load::ask(&mut one.connect().await?, &one.request("/small", true), &mut Vec::new()).await
        })?;
        std::thread::sleep(Duration::from_secs(1));
        let before = cpu::resident(demo.running.pid());
        let began = Instant::now();
        let mut driven = JoinSet::new();
        let (mut connections, mut sockets) = (Vec::new(), Vec::new());
        runtime.block_on(async {
            for number in 0..count {
                match kind {
                    "HTTP/2" => connections.push(http2(&two, number, &mut driven).await?),
                    _ => sockets.push(websocket(&one, number).await?),
                }
            }
            Ok::<_, anyhow::Error>(())
        })?;
        let took = began.elapsed().as_secs_f64();
        std::thread::sleep(Duration::from_secs(2));
        let each = (cpu::resident(demo.running.pid()) - before) / 1024.0 / count as f64;
        table.row(&[kind.to_owned(), count.to_string(), number(each), number(took)]);
        drop((connections, sockets));
    }
    table.end();
    Ok(())
}

async fn http2(
    target: &Target,
    number: usize,
    driven: &mut JoinSet<()>,
) -> anyhow::Result<h2::client::SendRequest<bytes::Bytes>> {
    let stream = target.secure(from(number, target.address).await?).await?;
    let (mut client, connection) = h2::client::handshake(stream).await?;
    driven.spawn(async move {
        let _ = connection.await;
    });
    let request = Request::get(format!("https://{}/small", target.host));
    let request = request.header("bartizan-token", target.token.as_deref().unwrap_or_default()).body(())?;
    let (answer, _) = client.send_request(request, true)?;
    let answer = answer.await?;
    if answer.status() != 200 {
        bail!("not answered with 200: {}", answer.status());
    }
    let mut body = answer.into_body();
    while let Some(data) = body.data().await {
        let length = data?.len();
        body.flow_control().release_capacity(length)?;
    }
    Ok(client)
}

async fn websocket(target: &Target, number: usize) -> anyhow::Result<TlsStream<TcpStream>> {
    let mut stream = target.secure(from(number, target.address).await?).await?;
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: {}\r\nBartizan-Token: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        target.host,
        target.token.as_deref().unwrap_or_default()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut answer).await? == 0 {
            bail!("closed before an answer");
        }
    }
    if !answer.starts_with(b"HTTP/1.1 101") {
        bail!("not upgraded: {}", String::from_utf8_lossy(&answer));
    }
    Ok(stream)
}

/// One round in a crowd.
struct In([f64; 9]);

impl In {
    const NAMES: [&'static str; 9] = [
        "requests/s of 32 clients, with nobody in the door",
        "requests/s of the same, with the crowd in the door",
        "share of the first",
        "`session revoke --wait` meanwhile, over a connection that comes when all places are taken, ms",
        "requests/s of sixty times as many clients (overload), without the crowd",
        "share of the first",
        "`user disable` meanwhile, which waits, too, ms",
        "memory before, MiB",
        "memory at its highest, MiB",
    ];
}

fn in_the_door(crowd: usize, many: usize, length: Duration) -> anyhow::Result<In> {
    const MIB: f64 = 1_048_576.0;
    let upstream = Upstream::start()?;
    let demo = Demo::start(upstream.address)?;
    let one = target(&demo, b"http/1.1")?;
    let before = cpu::resident(demo.running.pid()) / MIB;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    // `ready` is what happens once the clients are connected.
    let rate = |clients: usize, ready: &mut (dyn FnMut() + Send)| -> anyhow::Result<f64> {
        let done = load::run(&one, "/small", Use::KeepAlive, clients, length, ready)?;
        Ok(done.requests as f64 / done.seconds)
    };
    rate(32, &mut || ())?;
    let peak = rate(32, &mut || ())?;
    let open = parking_lot::Mutex::new(Vec::new());
    let fill = || {
        // A runtime waits in a thread of its own.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                open.lock().extend(runtime.block_on(stand(crowd, one.address)).unwrap_or_default())
            });
        });
    };
    let command = |args: &[&str]| -> anyhow::Result<f64> {
        std::thread::sleep(length / 3);
        let began = Instant::now();
        demo.command(args).context("the revocation")?;
        Ok(began.elapsed().as_secs_f64() * 1000.0)
    };
    let (started, begun) = std::sync::mpsc::channel();
    let (crowded, in_crowd) = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            rate(32, &mut || {
                fill();
                let _ = started.send(());
            })
        });
        let _ = begun.recv();
        let revoked = command(&["session", "revoke", "--user", "eve", "--wait"]);
        (load.join().map_err(|_panicked| anyhow::anyhow!("the load failed")), revoked)
    });
    let (crowded, in_crowd) = (crowded??, in_crowd?);
    let mut highest = cpu::resident(demo.running.pid()) / MIB;
    open.lock().clear();
    std::thread::sleep(Duration::from_secs(1));
    let (started, begun) = std::sync::mpsc::channel();
    let (overloaded, in_overload) = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            rate(many, &mut || {
                let _ = started.send(());
            })
        });
        let _ = begun.recv();
        let revoked = command(&["user", "disable", "eve"]);
        (load.join().map_err(|_panicked| anyhow::anyhow!("the load failed")), revoked)
    });
    let (overloaded, in_overload) = (overloaded??, in_overload?);
    highest = highest.max(cpu::resident(demo.running.pid()) / MIB);
    let shares = [crowded / peak, overloaded / peak];
    Ok(In([peak, crowded, shares[0], in_crowd, overloaded, shares[1], in_overload, before, highest]))
}

/// Opens connections that ask for nothing. Those that find no place are closed, and come no more.
async fn stand(crowd: usize, address: SocketAddr) -> anyhow::Result<Vec<TcpStream>> {
    let mut open = Vec::new();
    for number in 0..crowd {
        let mut stream = from(number, address).await?;
        let sent = match number % 3 {
            0 => Ok(()),
            // A record of a greeting that says that more is to come.
            1 => stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await,
            _ => stream.write_all(b"GET / HTTP/1.1\r\nHost: ").await,
        };
        drop(sent);
        open.push(stream);
    }
    Ok(open)
}
