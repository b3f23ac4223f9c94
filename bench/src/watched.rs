//! What it costs that consoles show the newest decisions while somebody looks at them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;

use crate::cpu::Cpu;
use crate::load::{Target, ask};

/// Open consoles, and how soon each asks again (`console::live`).
const CONSOLES: u32 = 50;
const EVERY: Duration = Duration::from_secs(3);

/// Requests to an app each second, where something is to come.
const COMES: u32 = 5;

/// Measures it while nothing comes, and while something does: beside what the same requests take with nobody looking.
pub(crate) async fn run(
    console: &Target,
    app: &Target,
    pid: u32,
    (length, rounds): (Duration, u32),
) -> anyhow::Result<()> {
    for _ in 0..rounds {
        let quiet = used(console, app, pid, (CONSOLES, 0), length).await?;
        let alone = used(console, app, pid, (0, COMES), length).await?;
        let busy = used(console, app, pid, (CONSOLES, COMES), length).await?;
        println!(
            "{CONSOLES} consoles that show the newest decisions use {:.1} % of a core while nothing comes. While {COMES} \
             requests come each second they use {:.1} %: {:.1} % with them, {:.1} % without.\n",
            quiet * 100.0,
            (busy - alone) * 100.0,
            busy * 100.0,
            alone * 100.0,
        );
    }
    Ok(())
}

/// The part of a core that the server uses.
async fn used(
    console: &Target,
    app: &Target,
    pid: u32,
    (consoles, comes): (u32, u32),
    length: Duration,
) -> anyhow::Result<f64> {
    let mut tasks = JoinSet::new();
    let mut opened = Vec::new();
    for number in 0..consoles {
        let mut watcher = Watcher { stream: console.connect().await?, after: None, buffer: Vec::new() };
        // Opening the page is not what is measured.
        watcher.ask(console).await?;
        opened.push((number, watcher));
    }
    let mut stream = app.connect().await?;
    let (began, before) = (Instant::now(), Cpu::of(pid));
    for (number, mut watcher) in opened {
        let console = console.clone();
        tasks.spawn(async move {
            // They were not opened all at once.
            tokio::time::sleep(EVERY.mul_f64(f64::from(number) / f64::from(consoles))).await;
            let mut pause = EVERY;
            while began.elapsed() < length {
                let asked = Instant::now();
                watcher.ask(&console).await?;
                // As the page does (`live.js`).
                pause = if asked.elapsed() < EVERY { (pause * 2).min(EVERY * 4) } else { EVERY };
                tokio::time::sleep(pause).await;
            }
            Ok::<(), anyhow::Error>(())
        });
    }
    let (request, mut buffer) = (app.request("/small", false), Vec::new());
    while began.elapsed() < length {
        if comes > 0 {
            ask(&mut stream, &request, &mut buffer).await?;
        }
        tokio::time::sleep(Duration::from_secs(1) / comes.max(1)).await;
    }
    let used = Cpu::of(pid).since(before).all / 1_000_000.0 / began.elapsed().as_secs_f64();
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(used)
}

/// A console that shows what comes.
struct Watcher {
    stream: TlsStream<TcpStream>,
    /// The entry of the log from which on something is new to it.
    after: Option<String>,
    buffer: Vec<u8>,
}

impl Watcher {
    /// Asks, and waits for the answer, as the page does.
    async fn ask(&mut self, console: &Target) -> anyhow::Result<()> {
        let after = self.after.as_ref().map(|after| format!("&after={after}")).unwrap_or_default();
        let request = console.request(&format!("/decisions?live=1{after}"), false);
        self.stream.write_all(&request).await?;
        self.buffer.clear();
        let body = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("closed before an answer");
            }
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = std::str::from_utf8(&self.buffer[..body])?.to_ascii_lowercase();
        if head.starts_with("http/1.1 204") {
            return Ok(());
        }
        if !head.starts_with("http/1.1 200") {
            bail!("not answered with 200 or 204: {head}");
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.context("an answer without length")?.trim().parse()?;
        while self.buffer.len() < body + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("cut in the middle of an answer");
            }
        }
        let text = std::str::from_utf8(&self.buffer[body..])?;
        let (_, after) = text.split_once("data-rows=\"").context("an answer without rows")?;
        self.after = Some(after.split('"').next().unwrap_or_default().to_owned());
        Ok(())
    }
}
