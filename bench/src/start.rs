//! From nothing to the first answer, and what a deployment takes while nothing happens.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::demo::{self, Running};
use crate::load::{self, Exchange, Target};
use crate::table::{Spread, Table};
use crate::{Options, cpu};

const DOMAIN: &str = "access.example.com";
const MIB: f64 = 1_048_576.0;

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let idle = options.size(Duration::from_secs(5), Duration::from_millis(200));
    let connections = options.size(1_000, 20);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut rows: [Vec<f64>; 6] = Default::default();
    for _ in 0..options.rounds() {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let config = init(&folder.path().join("d"), address)?;
        for (ready_row, first_row) in [(0, 1), (2, 3)] {
            let began = Instant::now();
            let running =
                Running::start(&["serve", "--json", "--config", config.to_str().context("not text")?])?;
            rows[ready_row].push(began.elapsed().as_secs_f64() * 1000.0);
            let data = config.with_file_name("data").join("ca.pem");
            let target = Target {
                address,
                host: format!("auth.{DOMAIN}:{}", address.port()),
                tls: load::tls(&std::fs::read(data)?, b"http/1.1", Exchange::PostQuantum)?,
                token: None,
            };
            runtime.block_on(async {
                visit(&mut target.connect().await?).await?;
                Ok::<_, anyhow::Error>(())
            })?;
            rows[first_row].push(began.elapsed().as_secs_f64() * 1000.0);
            if first_row == 3 {
                std::thread::sleep(idle);
                let before = cpu::resident(running.pid());
                rows[4].push(before / MIB);
                let open = runtime.block_on(async {
                    let mut open = Vec::new();
                    for _ in 0..connections {
                        let mut stream = target.connect().await?;
                        visit(&mut stream).await?;
                        open.push(stream);
                    }
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    Ok::<_, anyhow::Error>(open)
                })?;
                rows[5].push((cpu::resident(running.pid()) - before) / 1024.0 / f64::from(connections));
                drop(open);
            }
        }
    }
    let table = Table::new(&["`bartizan serve`", ""]);
    for (what, row) in [
        String::from("first start: it says that it is ready, ms"),
        String::from("first start: the first answer (TLS, HTTP/1.1) is read, ms"),
        String::from("a later start: it says that it is ready, ms"),
        String::from("a later start: the first answer is read, ms"),
        format!("resident after {} s without requests, MiB", idle.as_secs_f64()),
        format!("each of {connections} idle connections that had a request, KiB"),
    ]
    .into_iter()
    .zip(rows)
    {
        table.row(&[what, Spread::of(row).to_string()]);
    }
    table.end();
    Ok(())
}

fn init(dir: &Path, address: SocketAddr) -> anyhow::Result<PathBuf> {
    let listen = address.to_string();
    let status = Command::new(demo::binary()?)
        .args(["init", "--json", "--domain", DOMAIN, "--listen", &listen, "--admin", "root", "--dir"])
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("init failed");
    }
    Ok(dir.join("bartizan.toml"))
}

/// Any answer will do: that of the front page is a page or a way to it.
async fn visit(stream: &mut TlsStream<TcpStream>) -> anyhow::Result<()> {
    let request = format!(
        "GET /sign-in HTTP/1.1\r\nHost: auth.{DOMAIN}:{}\r\n\r\n",
        stream.get_ref().0.peer_addr()?.port()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::with_capacity(16 << 10);
    let head = loop {
        if stream.read_buf(&mut buffer).await? == 0 {
            bail!("closed before an answer");
        }
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
    let length: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .with_context(|| format!("an answer without length: {text}"))?;
    while buffer.len() < head + length {
        if stream.read_buf(&mut buffer).await? == 0 {
            bail!("cut in the middle of an answer");
        }
    }
    Ok(())
}
