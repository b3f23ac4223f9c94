//! What the log takes in, and how long it takes to find something in it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bartizan_evidence::{Found, Index, Log, LogConfig, LogWriter, MAX_COMMIT, Opener, Query, Record};
use bartizan_model::{
    Clock as _, DecisionId, Event, EventId, EventKind, Outcome, Personal, PointId, RequestId, RequestRef,
    ResourceRef, Revision, Sealed, SealingKeyId, SubjectRef, Timestamp,
};
use bartizan_pki::{NoteKey, Sealer, SealingKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::fixture::{self, Dice, RealClock, RealEntropy};
use crate::table::{Rounds, Spread, Table, Times, number};
use crate::{Options, cpu};

const ORIGIN: &str = "example.org/log";
const PEOPLE: usize = 1_000;
const APPS: usize = 50;
/// As many as the spool hands over at once: about a megabyte.
const DELIVERY: usize = 1_000;
/// As many as the index takes at once when it is behind the log.
const BEHIND: u64 = 4_096;
/// One event in so many is the end of a grant that was cut.
const CUTS: usize = 10_000;

struct OneKey(Arc<SealingKeyPair>);

impl Opener for OneKey {
    fn key(&self, _key: SealingKeyId) -> Option<Arc<SealingKeyPair>> {
        Some(Arc::clone(&self.0))
    }
}

/// Decisions as an enforcement point records them, one in twenty denied, and a few grants that were cut; one event in a
/// millisecond.
pub(crate) struct Maker {
    sealer: Sealer,
    key: SealingKeyId,
    point: PointId,
    start: Timestamp,
    dice: Dice,
}

impl Maker {
    fn new(pair: &SealingKeyPair) -> Self {
        Self::sealing_to(SealingKeyId::random(&RealEntropy), &pair.public())
    }

    /// One that seals to this key.
    pub(crate) fn sealing_to(key: SealingKeyId, public: &[u8; 32]) -> Self {
        Self {
            sealer: Sealer::new(public).unwrap(),
            key,
            point: PointId::random(&RealEntropy),
            start: RealClock.now(),
            dice: Dice::new(),
        }
    }

    /// An event and its personal part, which is not sealed yet.
    fn event(&mut self, number: u64) -> (Event, Personal) {
        let time = self.start.plus(Duration::from_millis(number));
        let person = self.dice.below(PEOPLE);
        let request = fixture::request(person, self.dice.below(APPS));
        let (kind, outcome) = match (self.dice.below(CUTS), self.dice.below(20)) {
            (0, _) => (EventKind::GrantEnd, Outcome::Cut),
            (_, 0) => (EventKind::Decision, Outcome::Deny),
            _ => (EventKind::Decision, Outcome::Permit),
        };
        let mut event = Event::new(EventId::ordered(time, &RealEntropy), time, kind, outcome);
        event.reason = (outcome != Outcome::Permit).then(|| String::from("not_permitted"));
        event.request_id = Some(RequestId::ordered(time, &RealEntropy));
        event.decision_id = Some(DecisionId::ordered(time, &RealEntropy));
        event.revision = Some(Revision::new(17));
        event.policies = vec!["wiki-everybody".parse().unwrap()];
        event.subject = Some(SubjectRef::from(&request.subject));
        event.session = request.session;
        event.device = request.device;
        event.resource = Some(ResourceRef::from(&request.resource));
        event.action = Some(String::from("http:read"));
        event.request = request
            .http
            .as_ref()
            .map(|http| RequestRef { method: http.method.clone(), host: http.host.clone() });
        event.latency_us = Some(12);
        let personal = Personal {
            path: Some(format!("/page/{number}")),
            source: Some(request.source.to_string()),
            user_agent: Some(String::from(
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            )),
            ..Personal::default()
        };
        (event, personal)
    }

    /// The spool's entries of this many events.
    pub(crate) fn entries(&mut self, number: u64) -> Vec<Vec<u8>> {
        (1..=number)
            .map(|sequence| {
                let (mut event, personal) = self.event(sequence);
                let plain = serde_json::to_vec(&personal).unwrap();
                let boxed = self.sealer.seal(event.id.as_bytes(), &plain).unwrap();
                event.sealed = Some(Sealed { key: self.key, bytes: URL_SAFE_NO_PAD.encode(boxed) });
                serde_json::to_vec(&event).unwrap()
            })
            .collect()
    }

    /// What the index is given of an event that was read from the log and opened; each person has a key.
    fn found(&mut self, log_index: u64) -> Found {
        let (mut event, personal) = self.event(log_index);
        let mut key = [0; 16];
        for (byte, of) in key.iter_mut().zip(event.subject.iter().flat_map(|subject| subject.id.bytes())) {
            *byte = of;
        }
        event.sealed = Some(Sealed { key: SealingKeyId::from_bytes(key), bytes: String::new() });
        Found { log_index, event, personal: Some(personal) }
    }
}

fn config(folder: &std::path::Path) -> LogConfig {
    LogConfig {
        dir: folder.join("log"),
        index_path: folder.join("index.db"),
        key: NoteKey::generate(ORIGIN).unwrap(),
        origin: ORIGIN.into(),
    }
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    append(options, &runtime)?;
    let many = if options.long { 10_000_000 } else { options.size(100_000, 2_000) };
    search(options, &runtime, many)
}

fn append(options: &Options, runtime: &tokio::runtime::Runtime) -> anyhow::Result<()> {
    let number: u64 = options.size(65_536, 2_000);
    let pair = SealingKeyPair::generate()?;
    let mut maker = Maker::new(&pair);
    let (point, entries) = (maker.point, maker.entries(number));
    let bytes: usize = entries.iter().map(Vec::len).sum();
    // What comes is parsed as the receiving end does it.
    let records = |first: usize, entries: Vec<Vec<u8>>| -> Result<Vec<Record>, bartizan_evidence::Error> {
        let parse = |(sequence, entry)| Record::parse(point, sequence, entry);
        (first as u64 + 1..).zip(entries).map(parse).collect()
    };
    let parts = |size: usize| -> Vec<(usize, Vec<Vec<u8>>)> {
        let part = |(number, part): (usize, &[Vec<u8>])| (number * size, part.to_vec());
        entries.chunks(size).enumerate().map(part).collect()
    };
    let opener = Arc::new(OneKey(Arc::new(pair)));
    let names = [
        format!("log, commits of {MAX_COMMIT}"),
        format!("log, commits of {DELIVERY}"),
        String::from("log and index, deliveries of the spool's size"),
    ];
    let mut rows: [[Vec<f64>; 2]; 3] = Default::default();
    for _ in 0..options.rounds() {
        for (which, row) in rows.iter_mut().enumerate() {
            let folder = tempfile::tempdir()?;
            let config = config(folder.path());
            let rates = |began: Instant, used: f64| {
                let (number, used) = (number as f64, (cpu::own() - used) / 1e6);
                [number / began.elapsed().as_secs_f64(), number / used]
            };
            let measured = if which < 2 {
                let mut writer = LogWriter::open(&config.dir, config.key, &config.origin)?;
                let parts = parts([MAX_COMMIT, DELIVERY][which]);
                let (began, used) = (Instant::now(), cpu::own());
                for (first, part) in parts {
                    writer.append(records(first, part)?)?;
                }
                rates(began, used)
            } else {
                let log = runtime.block_on(Log::open(config, Arc::clone(&opener) as Arc<dyn Opener>))?;
                let parts = parts(DELIVERY);
                let (began, used) = (Instant::now(), cpu::own());
                runtime.block_on(async {
                    for (first, part) in parts {
                        log.deliver(records(first, part)?).await?;
                    }
                    assert!(log.wait_indexed(Duration::from_secs(300)).await, "the index has everything");
                    Ok::<_, bartizan_evidence::Error>(())
                })?;
                let rates = rates(began, used);
                runtime.block_on(log.close());
                rates
            };
            row[0].push(measured[0]);
            row[1].push(measured[1]);
        }
    }
    println!(
        "{number} events of {} bytes, sealed personal part included, each on disk and in the tree.\n",
        bytes as u64 / number
    );
    let table = Table::new(&["into", "events/s", "events per second of processor time"]);
    for (name, [wall, busy]) in names.iter().zip(&rows) {
        let spread = |values: &[f64]| Spread::of(values.iter().copied()).to_string();
        table.row(&[name.clone(), spread(wall), spread(busy)]);
    }
    table.end();
    Ok(())
}

/// Searches in an index that is filled without a log: sealing and opening ten million personal parts takes longer than
/// all that is measured here.
fn search(options: &Options, runtime: &tokio::runtime::Runtime, many: u64) -> anyhow::Result<()> {
    let mut maker = Maker::new(&SealingKeyPair::generate()?);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("index.db");
    let index = runtime.block_on(Index::open(&path))?;
    let mut requests = Vec::new();
    let mut adding = Duration::ZERO;
    for first in (0..many).step_by(BEHIND as usize) {
        let events: Vec<Found> =
            (first..many.min(first + BEHIND)).map(|number| maker.found(number)).collect();
        requests.extend(events[0].event.request_id);
        let began = Instant::now();
        runtime.block_on(index.add(events))?;
        adding += began.elapsed();
    }
    let bytes = std::fs::metadata(&path)?.len();
    let batch = options.size(100, 10);
    let mut dice = Dice::new();
    let user = |dice: &mut Dice| Some(fixture::user_id(dice.below(PEOPLE)).to_string());
    let app = |dice: &mut Dice| Some(format!("a{}", dice.below(APPS)));
    let start = maker.start;
    let past = |dice: &mut Dice| {
        let since = start.plus(Duration::from_millis(dice.below(many as usize / 2) as u64));
        (Some(since), Some(since.plus(Duration::from_secs(3600))))
    };
    let names = [
        "newest 100",
        "one person",
        "denials of one app",
        "one person and one app",
        "denials in an hour of the past",
        "a rare outcome in an hour of the past",
        "one person in an hour of the past",
        "one request",
        "a reason that never was",
    ];
    let deny = Some(Outcome::Deny);
    let mut rounds: [Rounds; 9] = Default::default();
    for _ in 0..options.rounds() {
        for (which, rounds) in rounds.iter_mut().enumerate() {
            let mut times = Times::with_room_for(batch);
            for _ in 0..batch {
                let query = match which {
                    0 => Query::default(),
                    1 => Query { user: user(&mut dice), ..Query::default() },
                    2 => Query { app: app(&mut dice), outcome: deny, ..Query::default() },
                    3 => Query { user: user(&mut dice), app: app(&mut dice), ..Query::default() },
                    4..7 => {
                        let (since, until) = past(&mut dice);
                        let outcome = [deny, Some(Outcome::Cut), None][which - 4];
                        let user = if which == 6 { user(&mut dice) } else { None };
                        Query { user, outcome, since, until, ..Query::default() }
                    }
                    7 => {
                        let request = requests[dice.below(requests.len())];
                        Query { request: Some(request), ..Query::default() }
                    }
                    _ => Query { reason: Some(String::from("never")), ..Query::default() },
                };
                let found = times.time(|| runtime.block_on(index.search(&query)))?;
                assert!(which != 7 || found.len() == 1, "the request is found");
            }
            rounds.add(times.quantiles());
        }
    }
    runtime.block_on(index.close());
    println!(
        "Searches over {many} events of {PEOPLE} people and {APPS} apps, at most 100 results each. The index took them in \
         at {} a second and is {} bytes for each.\n",
        number(many as f64 / adding.as_secs_f64()),
        bytes / many
    );
    let table = Table::new(&["search", "p50 ms", "p99 ms", "max ms"]);
    for (name, rounds) in names.iter().zip(&rounds) {
        let [p50, p99, max] = rounds.cells(1000.0);
        table.row(&[(*name).to_owned(), p50, p99, max]);
    }
    table.end();
    Ok(())
}
