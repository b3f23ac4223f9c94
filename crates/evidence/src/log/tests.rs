use std::path::Path;

use bartizan_model::{Personal, Sealed};
use bartizan_pki::{Sealer, SealingKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::testing::{ORIGIN, event, key, point, record, records};
use crate::{verify, verify_proof};

/// Keys as a store has them: some exist, some are destroyed.
#[derive(Default)]
struct KeyRing(Mutex<HashMap<SealingKeyId, Arc<SealingKeyPair>>>);

impl Opener for KeyRing {
    fn key(&self, key: SealingKeyId) -> Option<Arc<SealingKeyPair>> {
        self.0.lock().get(&key).cloned()
    }
}

fn again(key: &NoteKey) -> NoteKey {
    NoteKey::from_secret(&key.to_secret().unwrap()).unwrap()
}

async fn open(folder: &Path, key: &NoteKey, ring: &Arc<KeyRing>) -> Log {
    let config = LogConfig {
        dir: folder.join("log"),
        index_path: folder.join("index.db"),
        key: again(key),
        origin: ORIGIN.into(),
    };
    Log::open(config, Arc::clone(ring) as Arc<dyn Opener>).await.unwrap()
}

/// A record whose event has a personal part that is sealed to a new key.
fn sealed_record(ring: &KeyRing, sequence: u64, path: &str) -> (Record, SealingKeyId) {
    let pair = SealingKeyPair::generate().unwrap();
    let id = SealingKeyId::from_bytes([u8::try_from(sequence).unwrap(); 16]);
    let mut event = event(sequence);
    let personal = Personal { path: Some(path.into()), ..Personal::default() };
    let boxed = Sealer::new(&pair.public())
        .unwrap()
        .seal(event.id.as_bytes(), &serde_json::to_vec(&personal).unwrap())
        .unwrap();
    event.sealed = Some(Sealed { key: id, bytes: URL_SAFE_NO_PAD.encode(boxed) });
    ring.0.lock().insert(id, Arc::new(pair));
    (Record::parse(point(1), sequence, serde_json::to_vec(&event).unwrap()).unwrap(), id)
}

const SOON: Duration = Duration::from_secs(20);

async fn all(log: &Log) -> Vec<Found> {
    assert!(log.wait_indexed(SOON).await);
    log.search(&Query { limit: Some(10_000), ..Query::default() }).await.unwrap()
}

#[tokio::test]
async fn what_is_delivered_is_durable_acknowledged_found_and_proved() {
    let (folder, key, ring) = (tempfile::tempdir().unwrap(), key(), Arc::new(KeyRing::default()));
    let log = open(folder.path(), &key, &ring).await;
    assert_eq!(log.position(point(1)), 0);
    let (record, _) = sealed_record(&ring, 1, "/salaries");
    assert_eq!(log.deliver(vec![record]).await.unwrap(), 1);
    assert_eq!(log.deliver(records(1, 2..=300)).await.unwrap(), 300);
    assert_eq!(log.deliver(records(1, 200..=250)).await.unwrap(), 300);
    assert_eq!(log.position(point(1)), 300);
    assert_eq!(log.checkpoint().checkpoint.size, 300);
    assert!(verify(&log.source(), key.verifier(), None).ok);

    let found = all(&log).await;
    assert_eq!(found.len(), 300);
    assert_eq!(found[0].personal.as_ref().unwrap().path.as_deref(), Some("/salaries"));
    assert_eq!(found[0].event.sealed, None);
    let proof = log.prove(found[17].event.id).await.unwrap().unwrap();
    let proven = verify_proof(&proof, log.verifier()).unwrap();
    assert_eq!(proven.index, 17);
    assert_eq!(crate::StoredEntry::parse(&proven.entry).unwrap().event().unwrap(), found[17].event);
    assert_eq!(log.prove(event(9999).id).await.unwrap(), None);
    log.close().await;
    assert!(matches!(log.deliver(records(1, 301..=301)).await, Err(Error::Closed)));
}

#[tokio::test]
async fn many_points_deliver_at_once_and_a_wrong_one_fails_alone() {
    let (folder, key, ring) = (tempfile::tempdir().unwrap(), key(), Arc::new(KeyRing::default()));
    let log = Arc::new(open(folder.path(), &key, &ring).await);
    let mut tasks = JoinSet::new();
    for of in 1..=8 {
        let log = Arc::clone(&log);
        tasks.spawn(async move {
            for part in 0..10 {
                let batch = records(of, part * 10 + 1..=part * 10 + 10);
                assert_eq!(log.deliver(batch).await.unwrap(), part * 10 + 10);
            }
        });
    }
    let wrong = Arc::clone(&log);
    tasks.spawn(async move {
        for _ in 0..20 {
            let numberless = vec![record(9, 1), record(9, 0)];
            assert!(matches!(wrong.deliver(numberless).await, Err(Error::Delivery)));
        }
        let mixed = vec![record(9, 1), record(10, 1)];
        assert!(matches!(wrong.deliver(mixed).await, Err(Error::Delivery)));
        assert!(matches!(wrong.deliver(Vec::new()).await, Err(Error::Delivery)));
    });
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert_eq!(log.checkpoint().checkpoint.size, 800);
    assert_eq!(log.position(point(9)), 0);
    assert!(verify(&log.source(), key.verifier(), None).ok);
    log.close().await;
}

#[tokio::test]
async fn an_index_made_anew_equals_the_one_that_grew() {
    let (folder, key, ring) = (tempfile::tempdir().unwrap(), key(), Arc::new(KeyRing::default()));
    let log = open(folder.path(), &key, &ring).await;
    for part in 0..2 {
        let (record, _) = sealed_record(&ring, part * 100 + 1, &format!("/path-{part}"));
        log.deliver(vec![record]).await.unwrap();
        assert!(log.wait_indexed(SOON).await);
        log.deliver(records(1, part * 100 + 2..=part * 100 + 100)).await.unwrap();
    }
    let grown = all(&log).await;
    log.close().await;
    std::fs::remove_file(folder.path().join("index.db")).unwrap();
    let log = open(folder.path(), &key, &ring).await;
    assert_eq!(all(&log).await, grown);
    log.close().await;
    // One that is behind catches up; one of another log is made anew.
    std::fs::copy(folder.path().join("index.db"), folder.path().join("kept.db")).unwrap();
    let log = open(folder.path(), &key, &ring).await;
    log.deliver(records(1, 201..=333)).await.unwrap();
    let grown = all(&log).await;
    assert_eq!(grown.len(), 333);
    log.close().await;
    std::fs::rename(folder.path().join("kept.db"), folder.path().join("index.db")).unwrap();
    let log = open(folder.path(), &key, &ring).await;
    assert_eq!(all(&log).await, grown);
    log.close().await;

    let other = tempfile::tempdir().unwrap();
    let log = open(other.path(), &key, &ring).await;
    log.deliver(records(2, 1..=400)).await.unwrap();
    log.close().await;
    std::fs::copy(folder.path().join("index.db"), other.path().join("index.db")).unwrap();
    let log = open(other.path(), &key, &ring).await;
    let found = all(&log).await;
    assert_eq!(found.len(), 400);
    assert!(found.iter().all(|found| found.personal.is_none()));
    log.close().await;
}

#[tokio::test]
async fn an_erased_person_is_in_no_index_and_the_log_still_verifies() {
    let (folder, key, ring) = (tempfile::tempdir().unwrap(), key(), Arc::new(KeyRing::default()));
    let log = open(folder.path(), &key, &ring).await;
    let (first, erased) = sealed_record(&ring, 1, "/of-the-erased");
    let (second, _) = sealed_record(&ring, 2, "/of-another");
    log.deliver(vec![first, second]).await.unwrap();
    let before = log.checkpoint().checkpoint.clone();
    assert!(all(&log).await.iter().all(|found| found.personal.is_some()));

    ring.0.lock().remove(&erased);
    assert_eq!(log.forget(erased).await.unwrap(), 1);
    let paths = |found: Vec<Found>| -> Vec<Option<String>> {
        found.into_iter().map(|found| found.personal.and_then(|personal| personal.path)).collect()
    };
    let expected = vec![None, Some(String::from("/of-another"))];
    assert_eq!(paths(all(&log).await), expected);
    log.close().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(14).any(|window| window == b"/of-the-erased"), "{}", path.display());
        }
    }
    std::fs::remove_file(folder.path().join("index.db")).unwrap();
    let log = open(folder.path(), &key, &ring).await;
    assert_eq!(paths(all(&log).await), expected, "an index made anew");
    assert!(verify(&log.source(), key.verifier(), Some(&before)).ok);
    log.close().await;
}

#[tokio::test]
async fn an_event_that_is_not_there_yet_is_waited_for() {
    let (folder, key, ring) = (tempfile::tempdir().unwrap(), key(), Arc::new(KeyRing::default()));
    let log = Arc::new(open(folder.path(), &key, &ring).await);
    let wanted = Query { event: Some(event(3).id), ..Query::default() };
    assert_eq!(log.wait_for(&wanted, Duration::from_millis(20), Duration::ZERO).await.unwrap(), []);
    let waiting = Arc::clone(&log);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { waiting.wait_for(&wanted, SOON, Duration::ZERO).await.unwrap() });
    log.deliver(records(1, 1..=2)).await.unwrap();
    log.deliver(records(1, 3..=4)).await.unwrap();
    let found = tasks.join_next().await.unwrap().unwrap();
    assert_eq!(found[0].log_index, 2);
    log.close().await;
}

#[tokio::test]
async fn who_waits_for_others_is_not_answered_for_our_own_hosts_and_not_for_what_was() {
    let (folder, key, ring) = (tempfile::tempdir().unwrap(), key(), Arc::new(KeyRing::default()));
    let log = Arc::new(open(folder.path(), &key, &ring).await);
    log.deliver(records(1, 1..=2)).await.unwrap();
    assert!(log.wait_indexed(SOON).await);
    let wanted = Query { without_own: true, from: Some(2), ..Query::default() };
    let within = Duration::from_millis(20);
    assert_eq!(log.wait_for(&wanted, within, Duration::ZERO).await.unwrap(), []);
    let all = Query { without_own: false, ..wanted.clone() };
    let (waiting, pace) = (Arc::clone(&log), Duration::ZERO);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { waiting.wait_for(&wanted, SOON, pace).await.unwrap() });
    let own = |number| {
        let mut event = event(number);
        event.resource = Some(bartizan_model::ResourceRef { kind: "Admin".into(), name: "log".into() });
        Record::parse(point(1), number, serde_json::to_vec(&event).unwrap()).unwrap()
    };
    log.deliver(vec![own(3), own(4)]).await.unwrap();
    assert_eq!(log.wait_for(&all, SOON, pace).await.unwrap().len(), 2);
    assert!(tasks.try_join_next().is_none());
    log.deliver(records(1, 5..=5)).await.unwrap();
    let found = tasks.join_next().await.unwrap().unwrap();
    assert_eq!(found.iter().map(|found| found.log_index).collect::<Vec<_>>(), [4]);
    log.close().await;
}

#[tokio::test]
async fn an_event_is_kept_as_its_point_spelled_it() {
    let (folder, key, ring) = (tempfile::tempdir().unwrap(), key(), Arc::new(KeyRing::default()));
    let log = open(folder.path(), &key, &ring).await;
    let spelled = serde_json::to_vec_pretty(&event(1)).unwrap();
    let known = String::from_utf8(spelled).unwrap();
    let later = known.replacen('{', "{\n  \"of_a_later_version\": [1, 2],", 1).into_bytes();
    log.deliver(vec![Record::parse(point(1), 1, later.clone()).unwrap()]).await.unwrap();
    let found = all(&log).await;
    assert_eq!(found.iter().map(|found| &found.event).collect::<Vec<_>>(), [&event(1)]);
    let entry = LogReader::new(log.source(), log.verifier().clone()).entry(0).unwrap();
    assert_eq!(crate::StoredEntry::parse(&entry).unwrap().event, later);
    log.close().await;
}

#[tokio::test]
async fn a_log_that_verifies_itself_finds_what_was_changed_under_it() {
    let (folder, key, ring) = (tempfile::tempdir().unwrap(), key(), Arc::new(KeyRing::default()));
    let log = open(folder.path(), &key, &ring).await;
    let (at, stop) = (|seconds: i64| Timestamp::from_micros(seconds * 1_000_000), CancellationToken::new());
    assert_eq!(log.checked(), None);
    log.deliver(records(1, 1..=300)).await.unwrap();
    let whole = Checked { at: at(1), size: Some(300), problems: 0 };
    assert_eq!(log.check(at(1), &stop).await.unwrap(), Some(whole.clone()));
    log.deliver(records(1, 301..=310)).await.unwrap();
    assert_eq!(log.check(at(2), &stop).await.unwrap().unwrap().size, Some(310));

    let bundle = folder.path().join("log/tile/entries/000");
    let bytes = std::fs::read(&bundle).unwrap();
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&bundle, changed).unwrap();
    assert!(log.check(at(3), &stop).await.unwrap().unwrap().problems > 0);
    assert_eq!(log.checked().map(|checked| (checked.at, checked.problems > 0)), Some((at(3), true)));
    // What was whole stays what it has to go on from.
    std::fs::write(&bundle, bytes).unwrap();
    assert_eq!(log.check(at(4), &stop).await.unwrap().unwrap().problems, 0);

    stop.cancel();
    assert_eq!(log.check(at(5), &stop).await.unwrap(), None);
    assert_eq!(log.checked().unwrap().at, at(4));
    log.close().await;
}
