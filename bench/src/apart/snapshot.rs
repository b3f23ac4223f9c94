//! A snapshot: how long it takes from the question to a lease, and what a point has to remember then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::control::{Control, DOMAIN, store};
use super::elsewhere::Elsewhere;
use super::fill::fill;
use super::fleet::On;
use crate::table::{Spread, Table, number};
use crate::{Options, cpu};

const MIB: f64 = 1024.0 * 1024.0;

pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let (people, apps) = options.size((100_000, 1_000), (500, 20));
    let rounds = options.rounds();
    let runtime = super::runtime()?;
    let folder = On::Disk.folder()?;
    let mut rows: [[Vec<f64>; 3]; 3] = Default::default();
    let (loaded, met) = runtime.block_on(async {
        let store = store(folder.path()).await?;
        fill(&store, people, apps).await?;
        store.close().await;
        let began = Instant::now();
        let control = Control::open(folder.path()).await?;
        let loaded = began.elapsed();
        let (one, all) = (json!(["a0"]), json!("apps"));
        for _ in 0..rounds {
            for (row, scope) in rows.iter_mut().zip([&one, &all]) {
                let mut point = joined(&control, scope).await?;
                add(row, began_after(&control, &mut point)?);
            }
        }
        let mut point = joined(&control, &one).await?;
        let before = cpu::resident(point.pid());
        point.begin()?;
        let met = point.meet(people)?;
        for _ in 0..rounds {
            // It knows them all already, and is told of all of them anew.
            let [took, _, held] = began_after(&control, &mut point)?;
            add(&mut rows[2], [took, (cpu::resident(point.pid()) - before) / MIB, held]);
        }
        control.stop().await;
        anyhow::Ok((loaded, met))
    })?;
    println!(
        "{people} people, each with a session and a token, and in ten of 200 groups; {apps} apps, each with ten policies. Control opened all of \
         it in {} s. The point met {people} people at {} a second.\n",
        number(loaded.as_secs_f64()),
        number(people as f64 / met)
    );
    let table = Table::new(&[
        "point",
        "from subscribing to a lease, ms",
        "the longest that control's state was held meanwhile, ms",
        "the point's memory has grown by, MiB",
    ]);
    let kinds = [
        String::from("one app, nobody met"),
        String::from("all apps, nobody met"),
        format!("one app, subscribes again with {people} sessions met"),
    ];
    for (kind, [took, grown, held]) in kinds.iter().zip(&rows) {
        let spread = |values: &[f64]| Spread::of(values.iter().copied()).to_string();
        table.row(&[kind.clone(), spread(took), spread(held), spread(grown)]);
    }
    table.end();
    Ok(())
}

fn add(row: &mut [Vec<f64>; 3], values: [f64; 3]) {
    for (row, value) in row.iter_mut().zip(values) {
        row.push(value);
    }
}

async fn joined(control: &Control, scope: &Value) -> anyhow::Result<Elsewhere> {
    let mut point = Elsewhere::start(1)?;
    point.join(&control.store, DOMAIN, scope, control.address).await?;
    // Until control knows of it, it is refused and would wait before it comes again.
    let revision = control.store.revision().await?;
    while control.hub.world().revision() < revision {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(point)
}

/// Starts the point: milliseconds until it has a lease, MiB that it takes for it, milliseconds that others waited.
fn began_after(control: &Control, point: &mut Elsewhere) -> anyhow::Result<[f64; 3]> {
    let before = cpu::resident(point.pid());
    let (hub, open) = (Arc::clone(&control.hub), Arc::new(AtomicBool::new(true)));
    let looking = Arc::clone(&open);
    let looked = std::thread::spawn(move || {
        let mut longest = Duration::ZERO;
        while looking.load(Ordering::Relaxed) {
            let began = Instant::now();
            drop(hub.world());
            longest = longest.max(began.elapsed());
            std::thread::sleep(Duration::from_millis(1));
        }
        longest.as_secs_f64() * 1000.0
    });
    let moments = point.begin();
    open.store(false, Ordering::Relaxed);
    let held = looked.join().unwrap();
    let moments = moments?[0];
    std::thread::sleep(Duration::from_millis(300));
    Ok([moments.leased - moments.asked, (cpu::resident(point.pid()) - before) / MIB, held])
}
