//! How long a decision takes, from building the question on.

use std::collections::HashMap;

use bartizan_model::{Action, Resource, SessionId, Subject};
use bartizan_policy::{Engine, Remembered, World};

use crate::Options;
use crate::fixture::{self, Dice, Point};
use crate::table::{Quantiles, Rounds, Table, Times};

const BATCH: usize = 5_000;

struct Case {
    policies: usize,
    people: usize,
    engine: usize,
    world: World,
    first: Rounds,
    again: Rounds,
    first_busy: Rounds,
    again_busy: Rounds,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let sizes: &[usize] = options.size(&[10, 1_000, 10_000], &[10, 100]);
    let crowds: &[usize] = options.size(&[10, 100_000], &[10, 1_000]);
    let batch = options.size(BATCH, 200);
    let sealing = fixture::Sealing::new();
    let engines: Vec<Engine> =
        sizes.iter().map(|size| fixture::compile(&fixture::policies(*size), None)).collect();
    let mut cases = Vec::new();
    for (engine, policies) in sizes.iter().enumerate() {
        for people in crowds {
            let world = fixture::world(*people, policies.div_ceil(10), sealing);
            cases.push(Case {
                policies: *policies,
                people: *people,
                engine,
                world,
                first: Rounds::default(),
                again: Rounds::default(),
                first_busy: Rounds::default(),
                again_busy: Rounds::default(),
            });
        }
    }
    let mut dice = Dice::new();
    for _ in 0..options.rounds() {
        for case in &mut cases {
            let engine = &engines[case.engine];
            let apps = case.policies.div_ceil(10);
            let (people, world) = (case.people, &case.world);
            let [wall, busy] = first(engine, world, &mut dice, people, apps, batch);
            case.first.add(wall);
            case.first_busy.add(busy);
            let [wall, busy] = again(engine, world, &mut dice, people, apps, batch);
            case.again.add(wall);
            case.again_busy.add(busy);
        }
    }
    let table = Table::new(&[
        "policies",
        "people",
        "decision",
        "p50 µs",
        "p99 µs",
        "max µs",
        "p99 of processor time, µs",
    ]);
    for case in &cases {
        for (what, rounds, busy) in
            [("first", &case.first, &case.first_busy), ("remembered", &case.again, &case.again_busy)]
        {
            let [p50, p99, max] = rounds.cells(1.0);
            let [_, busy, _] = busy.cells(1.0);
            table.row(&[
                case.policies.to_string(),
                case.people.to_string(),
                what.into(),
                p50,
                p99,
                max,
                busy,
            ]);
        }
    }
    table.end();
    admit(options)
}

fn first(
    engine: &Engine,
    world: &World,
    dice: &mut Dice,
    people: usize,
    apps: usize,
    batch: usize,
) -> [Quantiles; 2] {
    let (mut wall, mut busy) = (Times::with_room_for(batch), Times::with_room_for(batch));
    for turn in 0..batch * 2 {
        let (person, app) = fixture::pair(dice, people, apps);
        let decide = || engine.evaluate(world, &fixture::request(person, app));
        let verdict = if turn < batch { wall.time(decide) } else { busy.processor(decide) };
        assert_eq!(verdict.policies().len(), 9, "ten candidates, nine of which permit");
    }
    [wall.quantiles(), busy.quantiles()]
}

type Key = (Subject, Option<SessionId>, Resource, Action);

/// As an enforcement point remembers: by who asks under which session for what; at most 1,000 pairs in turn.
fn again(
    engine: &Engine,
    world: &World,
    dice: &mut Dice,
    people: usize,
    apps: usize,
    batch: usize,
) -> [Quantiles; 2] {
    let pairs: Vec<_> = (0..batch.min(1_000)).map(|_| fixture::pair(dice, people, apps)).collect();
    let key = |request: &bartizan_model::AccessRequest| -> Key {
        (request.subject.clone(), request.session, request.resource.clone(), request.action)
    };
    let mut memory: HashMap<Key, Remembered> = HashMap::new();
    for (person, app) in &pairs {
        let request = fixture::request(*person, *app);
        let (_, remembered) = engine.evaluate_and_remember(world, &request);
        memory.insert(key(&request), remembered.unwrap());
    }
    let (mut wall, mut busy) = (Times::with_room_for(batch), Times::with_room_for(batch));
    for turn in 0..batch * 2 {
        let (person, app) = pairs[turn % pairs.len()];
        let decide = || {
            let request = fixture::request(person, app);
            engine.evaluate_again(world, &request, &memory[&key(&request)])
        };
        let verdict = if turn < batch { wall.time(decide) } else { busy.processor(decide) };
        assert!(verdict.is_some(), "what was remembered answers");
    }
    [wall.quantiles(), busy.quantiles()]
}

/// The whole of an admission: register, decide, seal and record the event, and its end when it is dropped.
fn admit(options: &Options) -> anyhow::Result<()> {
    let (people, policies) = options.size((100_000, 10_000), (1_000, 100));
    let batch = options.size(3_000, 100);
    let point = Point::new(people, &fixture::policies(policies));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut first, mut again, mut end) = (Rounds::default(), Rounds::default(), Rounds::default());
    let mut dice = Dice::new();
    for _ in 0..options.rounds() {
        // Whoever asks for the first time of this session: swapping the policies forgets all verdicts.
        let pairs: Vec<_> = (0..batch).map(|_| fixture::pair(&mut dice, people, policies / 10)).collect();
        point.enforcer.safety_round();
        let mut ends = Times::with_room_for(batch * 2);
        for rounds in [&mut first, &mut again] {
            let mut times = Times::with_room_for(batch);
            for (person, app) in &pairs {
                let live = times.time(|| {
                    let request = fixture::request(*person, *app);
                    fixture::admit(&runtime, &point.enforcer, request)
                });
                let live = live.map_err(|reason| anyhow::anyhow!("denied: {reason}"))?;
                ends.time(|| drop(live));
            }
            rounds.add(times.quantiles());
        }
        end.add(ends.quantiles());
    }
    println!(
        "The same at an enforcement point, {policies} policies, {people} people: registered, decided, sealed, recorded.\n"
    );
    let table = Table::new(&["admission", "p50 µs", "p99 µs", "max µs"]);
    for (what, rounds) in [("first", &first), ("remembered", &again), ("end of a grant", &end)] {
        let [p50, p99, max] = rounds.cells(1.0);
        table.row(&[what.into(), p50, p99, max]);
    }
    table.end();
    Ok(())
}
