//! What the log takes in, and how long it takes to find something in it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bartizan_evidence::{Log, LogConfig, LogWriter, MAX_COMMIT, Opener, Query, Record};
use bartizan_model::{
    AccessRequest, Clock as _, Event, EventId, EventKind, Outcome, Personal, PointId, RequestId, RequestRef,
    ResourceRef, Revision, Sealed, SealingKeyId, SubjectRef, Timestamp,
};
use bartizan_pki::{NoteKey, Sealer, SealingKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::fixture::{self, Dice, RealClock, RealEntropy};
use crate::table::{Rounds, Spread, Table, Times};
use crate::{Options, cpu};

const ORIGIN: &str = "example.org/log";
const PEOPLE: usize = 1_000;
const APPS: usize = 50;
/// As many as the spool hands over at once: about a megabyte.
const DELIVERY: usize = 1_000;

struct OneKey(Arc<SealingKeyPair>);

impl Opener for OneKey {
    fn key(&self, _key: SealingKeyId) -> Option<Arc<SealingKeyPair>> {
        Some(Arc::clone(&self.0))
    }
}

/// Decisions and ends of grants as an enforcement point records them, one in twenty denied.
struct Maker {
    sealer: Sealer,
    key: SealingKeyId,
    point: PointId,
    start: Timestamp,
    dice: Dice,
}

impl Maker {
    fn new(pair: &SealingKeyPair) -> Self {
        Self {
            sealer: Sealer::new(&pair.public()).unwrap(),
            key: SealingKeyId::random(&RealEntropy),
            point: PointId::random(&RealEntropy),
            start: RealClock.now(),
            dice: Dice::new(),
        }
    }

    fn event(&mut self, sequence: u64) -> (Event, AccessRequest) {
        let time = self.start.plus(Duration::from_millis(sequence));
        let request = fixture::request(self.dice.below(PEOPLE), self.dice.below(APPS));
        let denied = self.dice.below(20) == 0;
        let outcome = if denied { Outcome::Deny } else { Outcome::Permit };
        let mut event = Event::new(EventId::ordered(time, &RealEntropy), time, EventKind::Decision, outcome);
        event.reason = denied.then(|| String::from("not_permitted"));
        event.request_id = Some(RequestId::ordered(time, &RealEntropy));
        event.decision_id = Some(request.decision_id);
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
            path: Some(format!("/page/{sequence}")),
            source: Some(request.source.to_string()),
            user_agent: Some(String::from(
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            )),
            ..Personal::default()
        };
        let boxed = self.sealer.seal(event.id.as_bytes(), &serde_json::to_vec(&personal).unwrap()).unwrap();
        event.sealed = Some(Sealed { key: self.key, bytes: URL_SAFE_NO_PAD.encode(boxed) });
        (event, request)
    }

    fn records(&mut self, from: u64, number: u64) -> Vec<Record> {
        (from..from + number)
            .map(|sequence| {
                let entry = serde_json::to_vec(&self.event(sequence).0).unwrap();
                Record { point: self.point, sequence, entry }
            })
            .collect()
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
    let many = if options.long { 1_000_000 } else { options.size(100_000, 2_000) };
    search(options, &runtime, many)
}

fn append(options: &Options, runtime: &tokio::runtime::Runtime) -> anyhow::Result<()> {
    let number: u64 = options.size(65_536, 2_000);
    let pair = SealingKeyPair::generate()?;
    let records = Maker::new(&pair).records(1, number);
    let bytes: usize = records.iter().map(|record| record.entry.len()).sum();
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
                let (began, used) = (Instant::now(), cpu::own());
                for part in records.chunks([MAX_COMMIT, DELIVERY][which]) {
                    writer.append(part)?;
                }
                rates(began, used)
            } else {
                let log = runtime.block_on(Log::open(config, Arc::clone(&opener) as Arc<dyn Opener>))?;
                let parts: Vec<Vec<Record>> = records.chunks(DELIVERY).map(<[Record]>::to_vec).collect();
                let (began, used) = (Instant::now(), cpu::own());
                runtime.block_on(async {
                    for part in parts {
                        log.deliver(part).await?;
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

fn search(options: &Options, runtime: &tokio::runtime::Runtime, many: u64) -> anyhow::Result<()> {
    let pair = SealingKeyPair::generate()?;
    let mut maker = Maker::new(&pair);
    let folder = tempfile::tempdir()?;
    let opener: Arc<dyn Opener> = Arc::new(OneKey(Arc::new(pair)));
    let log = runtime.block_on(Log::open(config(folder.path()), opener))?;
    let mut next = 1;
    let mut requests = Vec::new();
    while next <= many {
        let records = maker.records(next, (many + 1 - next).min(DELIVERY as u64));
        next += records.len() as u64;
        requests.extend(serde_json::from_slice::<Event>(&records[0].entry)?.request_id);
        runtime.block_on(log.deliver(records))?;
    }
    assert!(runtime.block_on(log.wait_indexed(Duration::from_secs(600))), "the index has everything");
    let batch = options.size(100, 10);
    let mut dice = Dice::new();
    let user = |dice: &mut Dice| Some(fixture::user_id(dice.below(PEOPLE)).to_string());
    let app = |dice: &mut Dice| Some(format!("a{}", dice.below(APPS)));
    let start = maker.start;
    let names = [
        "newest 100",
        "one person",
        "denials of one app",
        "one person and one app",
        "denials in an hour of the past",
        "one request",
        "a reason that never was",
    ];
    let mut rounds: [Rounds; 7] = Default::default();
    for _ in 0..options.rounds() {
        for (which, rounds) in rounds.iter_mut().enumerate() {
            let mut times = Times::with_room_for(batch);
            for _ in 0..batch {
                let deny = Some(Outcome::Deny);
                let query = match which {
                    0 => Query::default(),
                    1 => Query { user: user(&mut dice), ..Query::default() },
                    2 => Query { app: app(&mut dice), outcome: deny, ..Query::default() },
                    3 => Query { user: user(&mut dice), app: app(&mut dice), ..Query::default() },
                    4 => {
                        let since = start.plus(Duration::from_millis(dice.below(many as usize / 2) as u64));
                        let until = Some(since.plus(Duration::from_secs(3600)));
                        Query { outcome: deny, since: Some(since), until, ..Query::default() }
                    }
                    5 => {
                        let request = requests[dice.below(requests.len())];
                        Query { request: Some(request), ..Query::default() }
                    }
                    _ => Query { reason: Some(String::from("never")), ..Query::default() },
                };
                let found = times.time(|| runtime.block_on(log.search(&query)))?;
                assert!(which != 5 || found.len() == 1, "the request is found");
            }
            rounds.add(times.quantiles());
        }
    }
    runtime.block_on(log.close());
    println!("Searches over {many} events of {PEOPLE} people and {APPS} apps, at most 100 results each.\n");
    let table = Table::new(&["search", "p50 ms", "p99 ms", "max ms"]);
    for (name, rounds) in names.iter().zip(&rounds) {
        let [p50, p99, max] = rounds.cells(1000.0);
        table.row(&[(*name).to_owned(), p50, p99, max]);
    }
    table.end();
    Ok(())
}
