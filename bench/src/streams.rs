//! Ten thousand streams that last: what each takes, and how long it takes to end them all.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use parking_lot::Mutex;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::demo::{Demo, Running};
use crate::load::{self, Exchange, Target};
use crate::table::{Spread, Table, Times, number};
use crate::upstream::{TICK, Upstream};
use crate::{Options, cpu};

const PER_CONNECTION: usize = 100;
const FILES: u64 = 65_536;
/// One in twenty streams has a connection of its own, over HTTP/1.1.
const ALONE: usize = 20;

/// When a client saw the last byte, and when it saw the end.
#[derive(Debug, Clone, Copy)]
struct End {
    last_byte: Instant,
    end: Instant,
}

type Ends = Arc<Mutex<Vec<End>>>;

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    measured(options, options.rounds().min(5), |streams| {
        let upstream = Upstream::start()?;
        let demo = Demo::start(upstream.address)?;
        round(&demo, &demo.running, streams)
    })
}

/// The table of this many rounds.
pub(crate) fn measured(
    options: &Options,
    rounds: u32,
    round: impl Fn(usize) -> anyhow::Result<[f64; 9]>,
) -> anyhow::Result<()> {
    let wanted = options.size(10_000, 200);
    let files = raise_files();
    // Each takes a file of the gateway to the app, and it keeps as many for who comes.
    let most = usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(500) / 2;
    let streams = wanted.min(most) / PER_CONNECTION * PER_CONNECTION;
    let mut rows: [Vec<f64>; 9] = Default::default();
    for _ in 0..rounds {
        let measured = round(streams)?;
        for (row, value) in rows.iter_mut().zip(measured) {
            row.push(value);
        }
    }
    println!(
        "{streams} streams of events (one each {} s) of one session, 1 in {ALONE} over HTTP/1.1, the others {PER_CONNECTION} to an HTTP/2 \
         connection; then `session revoke`. At most {files} open files.\n",
        TICK.as_secs()
    );
    let table = Table::new(&["", "median (min–max)"]);
    for (what, row) in [
        "memory of each stream, KiB",
        "end at the clients after the command began: p50, ms",
        "p99, ms",
        "max, ms",
        "of it until the command had its answer, ms",
        "of it at the enforcement point, ms (its own count, to the last signal)",
        "last byte at any client after the command began, ms",
        "slow reader (1 KB/s, 8 KiB of window): the connection is reset after, ms",
        "slow reader: it has read what had reached its machine after, ms",
    ]
    .iter()
    .zip(&rows)
    {
        table.row(&[(*what).to_owned(), Spread::of(row.iter().copied()).to_string()]);
    }
    table.end();
    println!(
        "Every stream that was open ended, none of them as if it were complete ({} rounds).\n",
        number(f64::from(rounds))
    );
    Ok(())
}

/// As many as the system lets us.
pub(crate) fn raise_files() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    // Whoever may, raises what is allowed, too.
    let more = rustix::process::Rlimit { current: Some(FILES), maximum: Some(FILES) };
    if limit.maximum.is_some_and(|most| most < FILES) && setrlimit(Resource::Nofile, more).is_ok() {
        return FILES;
    }
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// One round with streams through this gateway of the demo, whether in its process or not.
pub(crate) fn round(demo: &Demo, gateway: &Running, streams: usize) -> anyhow::Result<[f64; 9]> {
    let target = |protocol: &[u8]| -> anyhow::Result<Target> {
        Ok(Target {
            address: gateway.address()?,
            host: format!("{}:{}", demo.host()?, gateway.address()?.port()),
            tls: load::tls(&demo.authority()?, protocol, Exchange::PostQuantum)?,
            token: Some(demo.bob()?.to_owned()),
        })
    };
    let (one, two) = (target(b"http/1.1")?, target(b"h2")?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let ends: Ends = Arc::default();
    let mut tasks = JoinSet::new();
    // It is the first stream, too, so that what is made once is not counted for each.
    let slow = runtime.block_on(slow_reader(&one))?;
    std::thread::sleep(Duration::from_millis(500));
    let before = cpu::resident(gateway.pid());
    let alone = streams / ALONE;
    runtime.block_on(async {
        for _ in 0..alone {
            open_one(&one, &ends, &mut tasks).await?;
        }
        let mut left = streams - alone;
        while left > 0 {
            let here = left.min(PER_CONNECTION);
            open_two(&two, here, &ends, &mut tasks).await?;
            left -= here;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    std::thread::sleep(Duration::from_secs(2));
    let each = (cpu::resident(gateway.pid()) - before) / 1024.0 / streams as f64;
    let slow_end = runtime.spawn(read_slowly(slow));
    std::thread::sleep(Duration::from_secs(2));
    if !ends.lock().is_empty() {
        bail!("{} streams ended before they were to", ends.lock().len());
    }
    let start = Instant::now();
    let revoked = demo.command(&["session", "revoke", "--user", "bob", "--wait"])?;
    let answered = start.elapsed();
    let cut = revoked.pointer("/cut").and_then(serde_json::Value::as_u64).context("no count")?;
    if cut != streams as u64 + 1 {
        println!("The command says that {cut} of {} streams were cut: {revoked}\n", streams + 1);
    }
    let (reset, drained) = runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(20), async {
            while let Some(task) = tasks.join_next().await {
                task.unwrap();
            }
        })
        .await
        .context("a stream stays open")?;
        tokio::time::timeout(Duration::from_secs(60), slow_end).await??
    })?;
    let ends = ends.lock();
    if ends.len() < streams {
        bail!("only {} of {streams} ends were seen", ends.len());
    }
    let mut times = Times::with_room_for(streams);
    for end in ends.iter() {
        times.add(end.end.saturating_duration_since(start));
    }
    let last_byte =
        ends.iter().map(|end| end.last_byte.saturating_duration_since(start)).max().unwrap_or_default();
    let quantiles = times.quantiles();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let applied = revoked.pointer("/applied_ms").and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
    runtime.shutdown_background();
    Ok([
        each,
        quantiles.p50 / 1000.0,
        quantiles.p99 / 1000.0,
        quantiles.max / 1000.0,
        milliseconds(answered),
        applied,
        milliseconds(last_byte),
        milliseconds(reset.saturating_duration_since(start)),
        milliseconds(drained.saturating_duration_since(start)),
    ])
}

async fn open_one(target: &Target, ends: &Ends, tasks: &mut JoinSet<()>) -> anyhow::Result<()> {
    let mut stream = target.connect().await?;
    stream.write_all(&target.request("/events", false)).await?;
    let mut buffer = vec![0; 2048];
    let read = stream.read(&mut buffer).await?;
    if !buffer[..read].starts_with(b"HTTP/1.1 200") {
        bail!("no stream: {}", String::from_utf8_lossy(&buffer[..read]));
    }
    let ends = Arc::clone(ends);
    tasks.spawn(async move {
        let mut last_byte = Instant::now();
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => {
                    assert!(!buffer[..read].ends_with(b"0\r\n\r\n"), "it looks complete");
                    last_byte = Instant::now();
                }
            }
        }
        ends.lock().push(End { last_byte, end: Instant::now() });
    });
    Ok(())
}

async fn open_two(
    target: &Target,
    number: usize,
    ends: &Ends,
    tasks: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    let (send, connection) = h2::client::handshake(target.connect().await?).await?;
    tasks.spawn(async move {
        let _ = connection.await;
    });
    let mut bodies = Vec::new();
    for _ in 0..number {
        let request = http::Request::get(format!("https://{}/events", target.host))
            .header("bartizan-token", target.token.as_deref().unwrap_or_default())
            .body(())?;
        let (response, _) = send.clone().ready().await?.send_request(request, true)?;
        let response = response.await?;
        if response.status() != 200 {
            bail!("no stream: {}", response.status());
        }
        bodies.push(response.into_body());
    }
    for mut body in bodies {
        // The connection stays as long as there is somebody who could ask.
        let (ends, keep) = (Arc::clone(ends), send.clone());
        tasks.spawn(async move {
            let mut last_byte = Instant::now();
            let complete = loop {
                match body.data().await {
                    Some(Ok(data)) => {
                        let data: Bytes = data;
                        last_byte = Instant::now();
                        let _ = body.flow_control().release_capacity(data.len());
                    }
                    Some(Err(_)) => break false,
                    None => break true,
                }
            };
            ends.lock().push(End { last_byte, end: Instant::now() });
            assert!(!complete, "it looks complete");
            drop(keep);
        });
    }
    Ok(())
}

/// A client with a small window, to whom more is sent than it reads.
async fn slow_reader(target: &Target) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let stream = socket.connect(target.address).await?;
    let mut stream = target.secure(stream).await?;
    stream.write_all(&target.request("/flood", false)).await?;
    let mut first = [0; 512];
    stream.read_exact(&mut first).await?;
    // From here on it is counted in bytes as they come, sealed in TLS.
    Ok(stream.into_inner().0)
}

/// Reads a kilobyte each second. When the connection was reset, and when the last byte was read.
async fn read_slowly(mut stream: TcpStream) -> anyhow::Result<(Instant, Instant)> {
    let mut reset = None;
    let mut last = Instant::now();
    let mut buffer = [0; 1024];
    let mut next = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(1)).await;
        if reset.is_none() {
            let ready = stream.ready(Interest::READABLE | Interest::WRITABLE | Interest::ERROR).await?;
            if ready.is_error() || ready.is_read_closed() || ready.is_write_closed() {
                reset = Some(Instant::now());
            }
        }
        if Instant::now() >= next {
            next += Duration::from_secs(1);
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return Ok((reset.unwrap_or_else(Instant::now), last)),
                Ok(_) => last = Instant::now(),
            }
        }
    }
}
