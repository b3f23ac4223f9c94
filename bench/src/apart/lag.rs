//! From a commit to every point: how long a single change takes.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::fill::changes;
use super::fleet::{Fleet, On};
use crate::Options;
use crate::table::{Rounds, Table, Times};

/// How far apart changes are.
const APART: Duration = Duration::from_millis(20);

pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let (points, people) = options.size((50, 200), (5, 20));
    let commits = options.size(500, 20);
    let runtime = super::runtime()?;
    let mut stored: [Rounds; 3] = Default::default();
    let mut applied: [Rounds; 3] = Default::default();
    runtime.block_on(async {
        let mut fleet = Fleet::start(points, people, On::Disk).await?;
        for _ in 0..options.rounds() {
            for kind in 0..3 {
                let (mut commit, mut whole) = (Times::with_room_for(commits), Times::with_room_for(commits));
                for _ in 0..commits {
                    let write = match kind {
                        0 => fleet.session(),
                        1 => fleet.person(),
                        _ => fleet.group(),
                    };
                    let began = Instant::now();
                    let committed = fleet.control.store.commit(changes(vec![write])).await?;
                    commit.add(began.elapsed());
                    let everywhere = fleet.control.hub.applied(committed.revision).await;
                    whole.add(began.elapsed());
                    ensure!(everywhere.confirmed, "a point did not confirm a change");
                    tokio::time::sleep(APART.saturating_sub(began.elapsed())).await;
                }
                stored[kind].add(commit.quantiles());
                applied[kind].add(whole.quantiles());
            }
        }
        fleet.control.stop().await;
        anyhow::Ok(())
    })?;
    println!(
        "From the call of commit, until it has returned and until control has heard of {points} points that they applied it. A change each \
         {} ms, {commits} of a kind in a round.\n",
        APART.as_millis()
    );
    let table = Table::new(&[
        "change",
        "committed: p50, ms",
        "p99, ms",
        "applied everywhere: p50, ms",
        "p99, ms",
        "max, ms",
    ]);
    for ((kind, stored), applied) in ["a session", "a person", "a group"].iter().zip(&stored).zip(&applied) {
        let [first, second, _] = stored.cells(1000.0);
        let [p50, p99, max] = applied.cells(1000.0);
        table.row(&[(*kind).to_owned(), first, second, p50, p99, max]);
    }
    table.end();
    Ok(())
}
