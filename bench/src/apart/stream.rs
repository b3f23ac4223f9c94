//! Changes without pause: whether all points keep up with them, and where that ends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bartizan_control::{Hub, PointStatuses as _};
use bartizan_model::Revision;
use parking_lot::Mutex;
use tokio::task::JoinSet;

use super::fill::changes;
use super::fleet::{Fleet, On};
use crate::table::{Spread, Table, Times, number};
use crate::{Options, cpu};

/// How changes come.
#[derive(Debug, Clone, Copy)]
struct Pace {
    what: &'static str,
    on: On,
    /// Changes in a commit.
    together: usize,
    /// Changes in a second; none is as many as there can be with so many commits that are not applied yet.
    offered: Option<usize>,
}

/// Commits that may be underway where nothing else bounds them.
const UNDERWAY: usize = 16;

/// Commits that may wait for the store at once.
const WAITING: usize = 256;

/// How often the points are looked at.
const LOOK: Duration = Duration::from_millis(2);

const PACES: [Pace; 5] = [
    Pace { what: "2,000/s, commits of 100", on: On::Disk, together: 100, offered: Some(2_000) },
    Pace { what: "2,000/s, commits of one", on: On::Disk, together: 1, offered: Some(2_000) },
    Pace {
        what: "2,000/s, commits of one, store in memory",
        on: On::Memory,
        together: 1,
        offered: Some(2_000),
    },
    Pace { what: "as many as can be, commits of 100", on: On::Disk, together: 100, offered: None },
    Pace {
        what: "as many as can be, commits of 100, store in memory",
        on: On::Memory,
        together: 100,
        offered: None,
    },
];

/// Revisions that are not applied everywhere yet, with when their commit was called; and what became of the others.
#[derive(Debug, Default)]
struct Waiting {
    open: VecDeque<(Revision, Instant)>,
    /// When its commit was called, and how long it took from then.
    done: Vec<(Instant, Duration)>,
}

pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let (points, people) = options.size((50, 200), (5, 20));
    let length = options.size(Duration::from_secs(12), Duration::from_secs(1));
    let rounds = options.rounds().min(3);
    let runtime = super::runtime()?;
    let mut rows: [[Vec<f64>; 7]; PACES.len()] = Default::default();
    runtime.block_on(async {
        let mut disk = Fleet::start(points, people, On::Disk).await?;
        let mut memory = Fleet::start(points, people, On::Memory).await?;
        for _ in 0..rounds {
            for (pace, row) in PACES.iter().zip(&mut rows) {
                let fleet = if pace.on == On::Disk { &mut disk } else { &mut memory };
                for (cell, value) in row.iter_mut().zip(one(fleet, *pace, points, length).await?) {
                    cell.push(value);
                }
            }
        }
        disk.control.stop().await;
        memory.control.stop().await;
        anyhow::Ok(())
    })?;
    println!(
        "{points} points, all of which have met the {people} people whose sessions change, for {} s. Lag: from the call of commit until \
         it is applied everywhere.\n",
        number(length.as_secs_f64())
    );
    let table = Table::new(&[
        "changes",
        "reached, changes/s",
        "lag p50, ms",
        "p99 in the first half, ms",
        "p99 in the second half, ms",
        "max, ms",
        "points that started over",
        "processor time of both sides, µs for each change and point",
    ]);
    for (pace, row) in PACES.iter().zip(&rows) {
        let mut cells = vec![pace.what.to_owned()];
        cells.extend(row[..6].iter().map(|values| Spread::of(values.iter().copied()).to_string()));
        cells.push(Spread::of(row[6].iter().copied()).to_string());
        table.row(&cells);
    }
    table.end();
    Ok(())
}

async fn one(fleet: &mut Fleet, pace: Pace, points: usize, length: Duration) -> anyhow::Result<[f64; 7]> {
    let (waiting, open) = (Arc::new(Mutex::new(Waiting::default())), Arc::new(AtomicBool::new(true)));
    let looking =
        tokio::task::spawn(look(Arc::clone(&fleet.control.hub), Arc::clone(&waiting), Arc::clone(&open)));
    let before = fleet.points.subscribed()?;
    let used = (cpu::own(), cpu::Cpu::of(fleet.points.pid()).all);
    let began = Instant::now();
    let mut underway = JoinSet::new();
    let mut made = 0;
    while began.elapsed() < length {
        let due = match pace.offered {
            Some(offered) => {
                let due = began + Duration::from_secs_f64(made as f64 / offered as f64);
                tokio::time::sleep(due.saturating_duration_since(Instant::now())).await;
                while underway.len() >= WAITING {
                    let _ = underway.join_next().await;
                }
                due
            }
            None => {
                while underway.len() + waiting.lock().open.len() >= UNDERWAY {
                    tokio::time::sleep(LOOK).await;
                    while underway.try_join_next().is_some() {}
                }
                Instant::now()
            }
        };
        let writes = (0..pace.together).map(|_| fleet.session()).collect();
        made += pace.together;
        let (store, waiting) = (Arc::clone(&fleet.control.store), Arc::clone(&waiting));
        underway.spawn(async move {
            let committed = store.commit(changes(writes)).await.unwrap();
            let mut waiting = waiting.lock();
            let after = waiting.open.partition_point(|(revision, _)| *revision < committed.revision);
            waiting.open.insert(after, (committed.revision, due));
        });
        while underway.try_join_next().is_some() {}
    }
    while underway.join_next().await.is_some() {}
    while !waiting.lock().open.is_empty() {
        anyhow::ensure!(
            began.elapsed() < length + Duration::from_secs(60),
            "the points do not keep up at all"
        );
        tokio::time::sleep(LOOK).await;
    }
    let took = began.elapsed();
    let all = (made * points) as f64;
    let control = (cpu::own() - used.0) / all;
    let there = (cpu::Cpu::of(fleet.points.pid()).all - used.1) / all;
    open.store(false, Ordering::Relaxed);
    looking.await?;
    let done = std::mem::take(&mut waiting.lock().done);
    // Those that were to be made in the first half of the time, and those after it.
    let middle = done.iter().map(|(at, _)| at.saturating_duration_since(began)).max().unwrap_or_default() / 2;
    let half = |first: bool| {
        let mut times = Times::default();
        let chosen = done.iter().filter(|(at, _)| (at.saturating_duration_since(began) < middle) == first);
        chosen.for_each(|(_, took)| times.add(*took));
        times.quantiles().p99 / 1000.0
    };
    let mut whole = Times::with_room_for(done.len());
    done.iter().for_each(|(_, took)| whole.add(*took));
    let whole = whole.quantiles();
    Ok([
        made as f64 / took.as_secs_f64(),
        whole.p50 / 1000.0,
        half(true),
        half(false),
        whole.max / 1000.0,
        (fleet.points.subscribed()? - before) as f64,
        control + there,
    ])
}

/// Notes, of what waits, what all points have confirmed.
async fn look(hub: Arc<Hub>, waiting: Arc<Mutex<Waiting>>, open: Arc<AtomicBool>) {
    while open.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK).await;
        let everywhere = hub.statuses().values().map(|status| status.revision).min().unwrap_or_default();
        let now = Instant::now();
        let mut waiting = waiting.lock();
        while let Some((revision, began)) = waiting.open.front().copied()
            && revision <= everywhere
        {
            waiting.open.pop_front();
            waiting.done.push((began, now.saturating_duration_since(began)));
        }
    }
}
