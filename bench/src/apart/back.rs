//! Control is started again, and all points come back at once.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use serde_json::json;

use super::elsewhere::Elsewhere;
use super::{control, since_boot};
use crate::demo::Demo;
use crate::load::{self, Exchange, Target};
use crate::table::{Spread, Table};
use crate::upstream::Upstream;
use crate::{Options, cpu};

const MIB: f64 = 1024.0 * 1024.0;

const NAMES: [&str; 10] = [
    "control is away (from being told to end until it says that it is ready), ms",
    "half of the points have a lease again after it is ready, ms",
    "all of them, ms",
    "all of them after control was told to end, ms",
    "the least that was left of any lease meanwhile, ms",
    "`point list`, from starting the command: with all points there, median, ms",
    "the longest while they come back, ms",
    "a request with a token that is looked up anew, its handshake included: the longest while they come back, ms",
    "memory of control before it ends, MiB",
    "memory of control at its highest after it has come back, MiB",
];

/// An address that nobody listens at. It is none that is given to who connects: a point that looks for control there while
/// there is none could otherwise find itself.
pub(super) fn free() -> anyhow::Result<SocketAddr> {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let given = GIVEN.fetch_add(1, Ordering::Relaxed);
    let first = 20_000 + u16::try_from(std::process::id() % 10_000)? + given * 10;
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let found = (first..32_000).map(address).find(|address| std::net::TcpListener::bind(address).is_ok());
    found.context("no port is free")
}

pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let number = options.size(1_000, 10);
    let upstream = Upstream::start()?;
    let mut demo = Demo::start_at(free()?, upstream.address)?;
    demo.stop();
    let runtime = super::runtime()?;
    let (address, mut points) = (free()?, Elsewhere::start(number)?);
    runtime.block_on(async {
        let store = control::store(&demo.data()).await?;
        points.join(&store, demo.running.text("/domain")?, &json!("apps"), address).await?;
        store.close().await;
        anyhow::Ok(())
    })?;
    demo.serve(address)?;
    points.begin()?;
    let mut rows: [Vec<f64>; NAMES.len()] = Default::default();
    for _ in 0..options.rounds() {
        for (row, value) in rows.iter_mut().zip(round(&mut demo, &mut points, address)?) {
            row.push(value);
        }
    }
    println!(
        "{number} points with a lease, in one process; `bartizan serve` is told to end, and started again.\n"
    );
    let table = Table::new(&["", "median (min–max)"]);
    for (what, row) in NAMES.iter().zip(&rows) {
        table.row(&[(*what).to_owned(), Spread::of(row.iter().copied()).to_string()]);
    }
    table.end();
    Ok(())
}

fn round(demo: &mut Demo, points: &mut Elsewhere, address: SocketAddr) -> anyhow::Result<[f64; NAMES.len()]> {
    let mut usual: Vec<f64> = (0..10).map(|_| list(demo)).collect::<anyhow::Result<_>>()?;
    usual.sort_by(f64::total_cmp);
    let before = cpu::resident(demo.running.pid());
    let told = since_boot();
    points.say(&json!({ "do": "leased", "since": told }))?;
    demo.stop();
    demo.serve(address)?;
    let ready = since_boot();
    let (open, here) = (AtomicBool::new(true), &*demo);
    let target = Target {
        address: here.running.address()?,
        host: format!("{}:{}", here.host()?, here.running.address()?.port()),
        tls: load::tls(&here.authority()?, b"http/1.1", Exchange::Classic)?,
        token: Some(here.bob()?.to_owned()),
    };
    let (moments, listing, asking) = std::thread::scope(|scope| {
        let listing = scope.spawn(|| longest(&open, || list(here)));
        let asking = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            longest(&open, || {
                let began = Instant::now();
                runtime.block_on(async {
                    let mut stream = target.connect().await?;
                    load::ask(&mut stream, &target.request("/small", true), &mut Vec::new()).await
                })?;
                Ok(milliseconds(began))
            })
        });
        let moments = points.moments();
        open.store(false, Ordering::Relaxed);
        (moments, listing.join().unwrap(), asking.join().unwrap())
    });
    let moments = moments?;
    let mut leased: Vec<f64> = moments.iter().map(|point| point.leased).collect();
    leased.sort_by(f64::total_cmp);
    let last = leased[leased.len() - 1];
    let least = moments.iter().map(|point| point.least).fold(f64::INFINITY, f64::min);
    Ok([
        ready - told,
        leased[leased.len() / 2] - ready,
        last - ready,
        last - told,
        least,
        usual[usual.len() / 2],
        listing?,
        asking?,
        before / MIB,
        cpu::highest(demo.running.pid()) / MIB,
    ])
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

/// Asks again and again.
fn longest(open: &AtomicBool, mut ask: impl FnMut() -> anyhow::Result<f64>) -> anyhow::Result<f64> {
    let mut longest: f64 = 0.0;
    while open.load(Ordering::Relaxed) {
        longest = longest.max(ask()?);
    }
    Ok(longest)
}

fn list(demo: &Demo) -> anyhow::Result<f64> {
    let began = Instant::now();
    demo.command(&["point", "list"])?;
    Ok(milliseconds(began))
}
