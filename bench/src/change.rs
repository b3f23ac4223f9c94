//! What a change costs: of the world, of the policies, and in deciding again what is live.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bartizan_enforce::Scope;
use bartizan_model::{Clock as _, Revision};
use bartizan_policy::Delta;

use crate::Options;
use crate::fixture::{self, Dice, Point, RealClock};
use crate::table::{Rounds, Spread, Table, Times};

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    world(options);
    reload(options)?;
    live(options)
}

fn world(options: &Options) {
    let people = options.size(100_000, 1_000);
    let batch = options.size(2_000, 100);
    let sealing = fixture::Sealing::new();
    let began = Instant::now();
    let mut world = fixture::world(people, 100, sealing);
    let built = began.elapsed();
    let mut dice = Dice::new();
    let kinds = ["one person", "one group", "one session"];
    let mut rounds = [Rounds::default(), Rounds::default(), Rounds::default()];
    let mut revision = 1;
    for round in 0..options.rounds() {
        for (kind, rounds) in rounds.iter_mut().enumerate() {
            let mut times = Times::with_room_for(batch);
            for turn in 0..batch {
                let person = dice.below(people);
                let delta = match kind {
                    0 => {
                        let mut facts = fixture::user(person, sealing);
                        facts.groups.insert(format!("extra{round}-{turn}").parse().unwrap());
                        Delta::User(facts)
                    }
                    1 => Delta::Group(fixture::group_facts(dice.below(100), &[100 + dice.below(100)])),
                    _ => Delta::Session(fixture::session(person, RealClock.now())),
                };
                revision += 1;
                let (next, _) =
                    times.time(|| world.apply(Revision::new(revision), std::slice::from_ref(&delta)));
                world = next;
            }
            rounds.add(times.quantiles());
        }
    }
    println!(
        "A world of {people} people, each with a session and a device, built in {:.1} s.\n",
        built.as_secs_f64()
    );
    let table = Table::new(&["change", "p50 µs", "p99 µs", "max µs"]);
    for (kind, rounds) in kinds.iter().zip(&rounds) {
        let [p50, p99, max] = rounds.cells(1.0);
        table.row(&[(*kind).to_owned(), p50, p99, max]);
    }
    table.end();
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

/// Compiling alone, then the whole of it at a point that admits meanwhile.
fn reload(options: &Options) -> anyhow::Result<()> {
    let sizes: &[usize] = options.size(&[10, 1_000, 10_000], &[10, 100]);
    let people = options.size(10_000, 100);
    let mut rows: Vec<[Vec<f64>; 5]> = sizes.iter().map(|_| Default::default()).collect();
    for _ in 0..options.rounds() {
        for (size, row) in sizes.iter().zip(&mut rows) {
            let sources = fixture::policies(*size);
            let began = Instant::now();
            let engine = fixture::compile(&sources, None);
            row[0].push(milliseconds(began));
            let changed = fixture::with_one_changed(&sources);
            let began = Instant::now();
            let engine = fixture::compile(&changed, Some(&engine));
            row[1].push(milliseconds(began));
            drop(engine);

            let mut point = Point::new(people, &sources);
            let message =
                point.message(Scope::Changes, Vec::new(), Some(&fixture::with_all_changed(&sources)));
            let (enforcer, open) = (Arc::clone(&point.enforcer), Arc::new(AtomicBool::new(true)));
            let (asking, apps) = (Arc::clone(&open), size.div_ceil(10));
            let asker = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let (mut times, mut dice) = (Times::default(), Dice::new());
                loop {
                    let (person, app) = fixture::pair(&mut dice, people, apps);
                    let request = fixture::request(person, app);
                    drop(times.time(|| fixture::admit(&runtime, &enforcer, request)).unwrap());
                    if !asking.load(Ordering::Relaxed) {
                        break;
                    }
                }
                times.quantiles()
            });
            let began = Instant::now();
            point.enforcer.apply(&message).map_err(|findings| anyhow::anyhow!("{findings:?}"))?;
            row[2].push(milliseconds(began));
            open.store(false, Ordering::Relaxed);
            let asked = asker.join().unwrap();
            row[3].push(asked.p99);
            row[4].push(asked.max / 1000.0);
        }
    }
    println!(
        "Policies. `apply`: all of them changed, at a point of {people} people that another thread asks without pause.\n"
    );
    let table = Table::new(&[
        "policies",
        "compile all, ms",
        "compile, one changed, ms",
        "apply, all changed, ms",
        "admissions meanwhile, p99 µs",
        "slowest, ms",
    ]);
    for (size, row) in sizes.iter().zip(&rows) {
        let mut cells = vec![size.to_string()];
        cells.extend(row.iter().map(|values| Spread::of(values.iter().copied()).to_string()));
        table.row(&cells);
    }
    table.end();
    Ok(())
}

fn live(options: &Options) -> anyhow::Result<()> {
    let (people, policies, grants) = options.size((10_000, 1_000, 10_000), (100, 100, 100));
    let sources = fixture::policies(policies);
    let mut point = Point::new(people, &sources);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut dice = Dice::new();
    let mut rows: [Vec<f64>; 5] = Default::default();
    let mut swap = false;
    for _ in 0..options.rounds() {
        let held = (0..grants)
            .map(|_| {
                let (person, app) = fixture::pair(&mut dice, people, policies / 10);
                fixture::admit(&runtime, &point.enforcer, fixture::request(person, app))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|reason| anyhow::anyhow!("denied: {reason}"))?;
        // The policies are compiled apart, so that this is deciding alone: one of them changes, which touches all.
        swap = !swap;
        let policies = if swap { fixture::with_one_changed(&sources) } else { sources.clone() };
        let person = |person: usize, extra: &str| {
            let mut facts = fixture::user(person, point.sealing);
            facts.groups.insert(extra.parse().unwrap());
            facts
        };
        let group = if swap { &[199][..] } else { &[][..] };
        let everyone: Vec<Delta> =
            (0..people).map(|number| Delta::User(person(number, if swap { "x" } else { "y" }))).collect();
        let one = vec![Delta::User(person(dice.below(people), "z"))];
        let sessions: Vec<Delta> =
            (0..people).map(|number| Delta::SessionGone(fixture::session_id(number))).collect();
        let changes = [
            point.message(Scope::Changes, one, None),
            point.message(Scope::Changes, vec![Delta::Group(fixture::group_facts(0, group))], None),
            point.message(Scope::Changes, everyone, None),
            point.message(Scope::Changes, Vec::new(), Some(&policies)),
            point.message(Scope::Changes, sessions, None),
        ];
        for (row, message) in rows.iter_mut().zip(&changes) {
            let began = Instant::now();
            let applied =
                point.enforcer.apply(message).map_err(|findings| anyhow::anyhow!("{findings:?}"))?;
            row.push(milliseconds(began));
            let cuts = message.facts.iter().any(|delta| matches!(delta, Delta::SessionGone(_)));
            assert_eq!(applied.cut, if cuts { grants as u64 } else { 0 });
        }
        drop(held);
        let now = RealClock.now();
        let back = (0..people).map(|number| Delta::Session(fixture::session(number, now))).collect();
        point.apply(Scope::Changes, back, None);
    }
    println!("{grants} live grants of {people} people, {policies} policies. The whole of `apply`.\n");
    let table = Table::new(&["change", "touches", "ms"]);
    let twentieth = format!("{}", grants / 20);
    for ((change, touches), row) in [
        ("one person", "about 1"),
        ("one group", &format!("about {twentieth}")),
        ("every person", "all"),
        ("one policy, which forgets every verdict", "all"),
        ("every session ends: all are cut", "all"),
    ]
    .iter()
    .zip(&rows)
    {
        table.row(&[
            (*change).to_owned(),
            (*touches).to_owned(),
            Spread::of(row.iter().copied()).to_string(),
        ]);
    }
    table.end();
    Ok(())
}
