//! Evidence on its way: from the spools of points into control's log.

use std::time::{Duration, Instant};

use bartizan_identity::user_key_secret;
use bartizan_model::SealingKeyId;
use bartizan_pki::SealingKeyPair;
use bartizan_store::SecretWrite;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::control::{Control, DOMAIN};
use super::elsewhere::Elsewhere;
use super::fill::changes;
use super::fleet::On;
use crate::fixture::RealEntropy;
use crate::table::{Spread, Table, number};
use crate::{Options, cpu};

/// How many points deliver at once.
const POINTS: [usize; 2] = [1, 4];

pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let events = options.size(100_000, 2_000);
    let runtime = super::runtime()?;
    let mut rows: [[Vec<f64>; 4]; POINTS.len()] = Default::default();
    let mut bytes = 0.0;
    for _ in 0..options.rounds() {
        for (points, row) in POINTS.iter().zip(&mut rows) {
            let (values, each) = runtime.block_on(one(*points, events / points))?;
            bytes = each;
            for (row, value) in row.iter_mut().zip(values) {
                row.push(value);
            }
        }
    }
    println!(
        "{events} events of {} bytes, in the spools of points that find control: until all are in the log. Its index takes them in at the same \
         time, and is behind.\n",
        number(bytes)
    );
    let table = Table::new(&[
        "points",
        "events/s into the log",
        "processor time of control, µs an event",
        "of the points, µs an event",
        "events/s, into the index, too",
    ]);
    for (points, row) in POINTS.iter().zip(&rows) {
        let mut cells = vec![points.to_string()];
        cells.extend(row.iter().map(|values| Spread::of(values.iter().copied()).to_string()));
        table.row(&cells);
    }
    table.end();
    Ok(())
}

async fn one(number: usize, each: usize) -> anyhow::Result<([f64; 4], f64)> {
    let folder = On::Disk.folder()?;
    let control = Control::open(folder.path()).await?;
    let pair = SealingKeyPair::generate()?;
    let key = SealingKeyId::random(&RealEntropy);
    let mut change = changes(Vec::new());
    change.secrets.push(SecretWrite::Put { name: user_key_secret(key), value: pair.to_secret() });
    control.store.commit(change).await?;
    let mut points = Elsewhere::start(number)?;
    points.join(&control.store, DOMAIN, &json!("apps"), control.address).await?;
    let recorded = points.ask(&json!({
        "do": "record", "events": each, "key": key, "public": STANDARD.encode(pair.public()),
    }))?;
    let all = (number * each) as f64;
    let bytes = recorded["bytes"].as_f64().unwrap_or(f64::NAN) / all;
    let ids: Vec<_> = points.requests.iter().map(|(id, _)| *id).collect();
    let used = (cpu::own(), cpu::Cpu::of(points.pid()).all);
    let began = Instant::now();
    points.ask(&json!({ "do": "start" }))?;
    while ids.iter().any(|id| control.log.position(*id) < each as u64) {
        anyhow::ensure!(began.elapsed() < Duration::from_secs(120), "events do not arrive");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = began.elapsed().as_secs_f64();
    let (here, there) = (cpu::own() - used.0, cpu::Cpu::of(points.pid()).all - used.1);
    anyhow::ensure!(control.log.wait_indexed(Duration::from_secs(300)).await, "the index has not everything");
    let indexed = began.elapsed().as_secs_f64();
    drop(points);
    control.stop().await;
    Ok(([all / took, here / all, there / all, all / indexed], bytes))
}
