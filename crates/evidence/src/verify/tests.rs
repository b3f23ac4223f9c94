use std::collections::BTreeMap;
use std::sync::Arc;

use bartizan_pki::NoteKey;
use bartizan_testkit::SeededEntropy;

use super::*;
use crate::files::Files;
use crate::testing::{MapSource, MemFiles, ORIGIN, key, log_of, point, records, some_bytes};
use crate::{LogReader, LogWriter, SignedCheckpoint, StoredEntry, prove, verify_proof};

/// A log, its key, and a checkpoint from when it was smaller.
struct Sample {
    source: MapSource,
    key: NoteKey,
    since: Checkpoint,
}

fn sample(sizes: &[u64]) -> Sample {
    let (files, key) = (Arc::new(MemFiles::default()), key());
    let kept = NoteKey::from_secret(&key.to_secret().unwrap()).unwrap();
    let mut writer = LogWriter::open_files(Arc::clone(&files) as Arc<dyn Files>, key, ORIGIN).unwrap();
    let mut since = writer.checkpoint().checkpoint.clone();
    let mut next = 1;
    for count in sizes {
        since = writer.checkpoint().checkpoint.clone();
        for half in [1, 2] {
            writer.append(records(half, next..=next + count / 2 - 1)).unwrap();
        }
        next += count / 2;
    }
    Sample { source: MapSource(files.all()), key: kept, since }
}

/// Changes a file in some way; what it did.
fn damage(
    files: &mut BTreeMap<String, Vec<u8>>,
    name: &str,
    chance: &SeededEntropy,
) -> (String, Option<usize>) {
    let bytes = files.get_mut(name).unwrap();
    let at = chance.below(bytes.len());
    match chance.below(6) {
        0 => {
            files.remove(name);
            (String::from("deleted"), None)
        }
        1 => {
            bytes.truncate(at);
            (format!("truncated at {at}"), None)
        }
        2 => {
            bytes[at] ^= 1 << chance.below(8);
            (format!("a bit changed at {at}"), Some(at))
        }
        3 => {
            let value = some_bytes(chance, 1)[0];
            bytes[at] = if bytes[at] == value { value ^ 0xff } else { value };
            (format!("a byte changed at {at}"), Some(at))
        }
        4 => {
            let len = 1 + chance.below(64);
            let end = bytes.len().min(at + len);
            let new = some_bytes(chance, end - at);
            if bytes[at..end] == new {
                bytes[at] ^= 1;
            } else {
                bytes[at..end].copy_from_slice(&new);
            }
            (format!("{len} bytes changed at {at}"), None)
        }
        _ => {
            let value = some_bytes(chance, 1)[0];
            bytes.insert(at, value);
            (format!("a byte inserted at {at}"), None)
        }
    }
}

fn damage_is_found_and_located(sample: &Sample, rounds: std::ops::Range<u64>) {
    let verifier = sample.key.verifier();
    let whole = verify(&sample.source, verifier, Some(&sample.since));
    assert!(whole.ok, "{whole:?}");
    let names: Vec<&String> = sample.source.0.keys().collect();
    let mut source = sample.source.clone();
    for round in rounds {
        let chance = SeededEntropy::new(round);
        let name = names[chance.below(names.len())].as_str();
        let (what, at) = damage(&mut source.0, name, &chance);
        let report = verify(&source, verifier, Some(&sample.since));
        let context = || format!("round {round}, {name} {what}: {report:?}");
        assert!(!report.ok && !report.problems.is_empty(), "{}", context());
        assert!(report.problems.iter().all(|problem| problem.file == name), "{}", context());
        if let Some(at) = at {
            located(&sample.source, name, at, &report, &context);
        }
        source.0.insert(name.to_owned(), sample.source.0[name].clone());
    }
}

/// A changed byte is located to its hash or its entry.
fn located(good: &MapSource, name: &str, at: usize, report: &Report, context: &dyn Fn() -> String) {
    let problem = &report.problems[0];
    match TilePath::parse(name).unwrap() {
        TilePath::Checkpoint => {}
        TilePath::Hashes { .. } => {
            assert_eq!(problem.offset, Some(u64::try_from(at / 32 * 32).unwrap()), "{}", context());
        }
        path @ TilePath::Entries { number, .. } => {
            let bundle = crate::parse_bundle(&good.0[name], path.width()).unwrap();
            let place = bundle.iter().rposition(|(offset, _)| *offset <= at).unwrap();
            // A changed length is noticed where the entries that it makes no longer fit.
            if at >= bundle[place].0 + 2 {
                assert_eq!(problem.index, Some(number * 256 + place as u64), "{}", context());
                assert_eq!(problem.offset, Some(bundle[place].0 as u64), "{}", context());
            }
        }
    }
}

#[test]
fn ten_thousand_changes_deletions_and_truncations_are_found_and_located() {
    let sample = sample(&[140, 300, 150]);
    std::thread::scope(|scope| {
        scope.spawn(|| damage_is_found_and_located(&sample, 0..5_000));
        damage_is_found_and_located(&sample, 5_000..10_000);
    });
}

#[test]
fn damage_is_found_and_located_for_every_shape_of_the_right_edge() {
    for sizes in [&[2, 2][..], &[200, 56], &[200, 58], &[256, 256], &[256, 258]] {
        damage_is_found_and_located(&sample(sizes), 0..120);
    }
}

#[test]
fn a_checkpoint_of_an_earlier_state_is_found_given_the_later_one() {
    let Sample { source, key, since } = sample(&[10, 290, 300]);
    let later = sample_checkpoint(&source, &key);
    let old = SignedCheckpoint::sign(since, &key).unwrap();
    let mut files = source.0.clone();
    files.insert(String::from("checkpoint"), old.note.into_bytes());
    // Cut back to how it was: the tiles as they were then.
    for (name, bytes) in sample_like(&source, &key, 300).0 {
        files.insert(name, bytes);
    }
    let report = verify(&MapSource(files), key.verifier(), Some(&later));
    assert!(!report.ok);
    assert_eq!(report.problems[0].file, "checkpoint");
    assert!(report.problems[0].what.contains("fewer than the 600"), "{report:?}");
}

fn sample_checkpoint(source: &MapSource, key: &NoteKey) -> Checkpoint {
    read_checkpoint(source, key.verifier()).unwrap().checkpoint
}

/// The first entries of a log as a log of the same key.
fn sample_like(source: &MapSource, key: &NoteKey, size: u64) -> MapSource {
    let reader = LogReader::new(source.clone(), key.verifier().clone());
    let entries = reader.entries(0..size).unwrap();
    rewritten(&entries, key)
}

/// A log that whoever has the key makes of these entries.
fn rewritten(entries: &[Vec<u8>], key: &NoteKey) -> MapSource {
    let files = Arc::new(MemFiles::default());
    let key = NoteKey::from_secret(&key.to_secret().unwrap()).unwrap();
    let mut writer = LogWriter::open_files(Arc::clone(&files) as Arc<dyn Files>, key, ORIGIN).unwrap();
    let records: Vec<crate::Record> = entries
        .iter()
        .map(|bytes| {
            let StoredEntry { point, sequence, event } = StoredEntry::parse(bytes).unwrap();
            crate::Record::parse(point, sequence, event.to_vec()).unwrap()
        })
        .collect();
    writer.append(records).unwrap();
    MapSource(files.all())
}

#[test]
fn a_log_made_anew_with_the_stolen_key_is_found_given_an_earlier_checkpoint() {
    let Sample { source, key, since } = sample(&[300, 300]);
    let reader = LogReader::new(source.clone(), key.verifier().clone());
    let mut entries = reader.entries(0..600).unwrap();
    let forged = String::from_utf8(entries[17].clone()).unwrap().replace("permit", "deny");
    entries[17] = forged.into_bytes();
    let anew = rewritten(&entries, &key);
    assert!(verify(&anew, key.verifier(), None).ok);
    let report = verify(&anew, key.verifier(), Some(&since));
    assert!(!report.ok);
    assert!(report.problems[0].what.contains("not those of the earlier checkpoint"), "{report:?}");
    let other = Checkpoint { origin: String::from("example.org/other"), ..since };
    assert!(!verify(&source, key.verifier(), Some(&other)).ok);
}

#[test]
fn tiles_and_entries_that_were_changed_together_are_found() {
    let Sample { source, key, since } = sample(&[300, 300]);
    let mut files = source.0;
    let bundle = files.get_mut("tile/entries/000").unwrap();
    let place = bundle.windows(6).rposition(|window| window == b"permit").unwrap();
    bundle[place..place + 6].copy_from_slice(b"failed");
    let bundle = bundle.clone();
    let leaves: Vec<Hash> =
        crate::parse_bundle(&bundle, 256).unwrap().iter().map(|(_, entry)| crate::leaf_hash(entry)).collect();
    files.insert(String::from("tile/0/000"), crate::tree::tile_bytes(&leaves));
    let report = verify(&MapSource(files), key.verifier(), Some(&since));
    let named: Vec<&str> = report.problems.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(named, ["tile/entries/000", "tile/0/000"], "{report:?}");
}

#[test]
fn entries_that_are_no_events_are_found_although_their_hashes_are_in_order() {
    // A writer of ours refuses these; so the tree is made by hand.
    let key = key();
    let event = serde_json::to_vec(&crate::testing::event(1)).unwrap();
    let entry = |sequence, event: &[u8]| StoredEntry { point: point(1), sequence, event }.encode();
    let entries =
        [entry(1, &event), b"nothing".to_vec(), entry(2, b"{}"), entry(4, &event), entry(4, &event)];
    let mut bundle = Vec::new();
    let mut edge = crate::merkle::Edge::default();
    for entry in &entries {
        assert!(crate::bundle::push_entry(&mut bundle, entry));
        edge.push(crate::leaf_hash(entry), |_, _, _| {});
    }
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 5, root: edge.root() };
    let note = SignedCheckpoint::sign(checkpoint, &key).unwrap().note;
    let files = BTreeMap::from([
        (String::from("checkpoint"), note.into_bytes()),
        (String::from("tile/0/000.p/5"), crate::tree::tile_bytes(&edge.levels()[0])),
        (String::from("tile/entries/000.p/5"), bundle),
    ]);
    let report = verify(&MapSource(files), key.verifier(), None);
    let found: Vec<(Option<u64>, bool)> = report
        .problems
        .iter()
        .map(|problem| (problem.index, problem.file == "tile/entries/000.p/5"))
        .collect();
    assert_eq!(found, [(Some(1), true), (Some(2), true), (Some(3), true), (Some(4), true)], "{report:?}");
}

#[test]
fn foreign_files_are_named_and_leftovers_are_not() {
    let (mut source, key) = log_of(300);
    for leftover in ["tile/0/001", "tile/0/001.p/77", "tile/entries/000.p/3", ".tmp/4"] {
        source.0.insert(leftover.to_owned(), b"leftover".to_vec());
    }
    assert!(verify(&source, key.verifier(), None).ok);
    source.0.insert(String::from("tile/0/notes.txt"), Vec::new());
    let report = verify(&source, key.verifier(), None);
    assert_eq!(report.problems.len(), 1);
    assert_eq!(report.problems[0].file, "tile/0/notes.txt");
}

#[test]
fn a_size_that_nothing_backs_ends_the_search_soon() {
    let key = key();
    for size in [1 << 60, (1 << 60) - 1, (1 << 40) + 12_345] {
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: crate::empty_root() };
        let note = SignedCheckpoint::sign(checkpoint, &key).unwrap().note;
        let source = MapSource(BTreeMap::from([(String::from("checkpoint"), note.into_bytes())]));
        let report = verify(&source, key.verifier(), None);
        assert!(!report.ok);
        assert_eq!(report.problems.len(), MAX_PROBLEMS + 1);
    }
}

#[test]
fn the_report_is_json_as_the_contract_has_it() {
    let (mut source, key) = log_of(300);
    let json = |source: &MapSource| serde_json::to_value(verify(source, key.verifier(), None)).unwrap();
    let root = sample_checkpoint(&source, &key).root.to_string();
    assert_eq!(json(&source), serde_json::json!({"ok": true, "size": 300, "root": root, "problems": []}));
    source.0.get_mut("tile/0/000").unwrap()[40] ^= 1;
    let what = "a hash that is not that of its entry";
    assert_eq!(
        json(&source)["problems"],
        serde_json::json!([{"file": "tile/0/000", "offset": 32, "index": 1, "what": what}])
    );
    source.0.clear();
    let report = json(&source);
    assert_eq!((&report["ok"], &report["size"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!(report["problems"][0]["file"], "checkpoint");
}

#[test]
fn every_entry_is_proved_and_no_proof_holds_for_another_tree() {
    let (source, key) = log_of(600);
    let verifier = key.verifier();
    let reader = LogReader::new(source.clone(), verifier.clone());
    let (other, _) = log_of(600);
    for index in (0..600).step_by(37).chain([255, 256, 511, 512, 599]) {
        let text = prove(&reader, verifier, index).unwrap();
        let proven = verify_proof(&text, verifier).unwrap();
        assert_eq!((proven.index, proven.entry), (index, reader.entry(index).unwrap()));
        assert_eq!(proven.checkpoint, sample_checkpoint(&source, &key));
        let proof = crate::Proof::parse(&text).unwrap();
        let another = reader.entry((index + 1) % 600).unwrap();
        assert!(matches!(proof.verify(verifier, Some(&another)), Err(Error::ProofFails)));
        // The same entries under another key, so with another checkpoint.
        let foreign =
            crate::Proof { checkpoint: String::from_utf8(other.0["checkpoint"].clone()).unwrap(), ..proof };
        assert!(foreign.verify(verifier, None).is_err());
    }
    assert!(matches!(prove(&reader, verifier, 600), Err(Error::NoEntry { .. })));
    // A smaller tree of the same log.
    let smaller = sample_like(&source, &key, 500);
    let text = prove(&reader, verifier, 100).unwrap();
    let signed = String::from_utf8(smaller.0["checkpoint"].clone()).unwrap();
    let proof = crate::Proof { checkpoint: signed, ..crate::Proof::parse(&text).unwrap() };
    assert!(matches!(proof.verify(verifier, None), Err(Error::ProofFails)));
}

#[test]
fn a_damaged_log_hands_out_no_proof() {
    let (mut source, key) = log_of(300);
    source.0.get_mut("tile/entries/000").unwrap()[30] ^= 1;
    let reader = LogReader::new(source, key.verifier().clone());
    assert!(matches!(prove(&reader, key.verifier(), 0), Err(Error::ProofFails)));
}

/// A source that grows while it is read.
struct Growing {
    states: Vec<MapSource>,
    reads: std::sync::atomic::AtomicUsize,
}

impl TileSource for Growing {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        let read = self.reads.fetch_add(1, Ordering::Relaxed);
        self.states[(read / 2).min(self.states.len() - 1)].read(path)
    }
}

#[test]
fn a_log_that_grows_while_it_is_read_verifies() {
    let (last, key) = log_of(600);
    let sizes = [250, 255, 257, 300, 420];
    let states: Vec<MapSource> =
        sizes.iter().map(|size| sample_like(&last, &key, *size)).chain([last.clone()]).collect();
    let growing = Growing { states, reads: std::sync::atomic::AtomicUsize::new(0) };
    let report = verify(&growing, key.verifier(), None);
    assert!(report.ok, "{report:?}");
}

#[test]
fn damage_is_found_in_a_log_of_three_levels() {
    let Sample { source, key, since } = sample(&[300, 65_400]);
    let verifier = key.verifier();
    for (name, at) in [
        ("tile/2/000.p/1", 5),
        ("tile/1/000", 32 * 77 + 3),
        ("tile/1/001.p/0", 0),
        ("tile/0/077", 32 * 9),
        ("tile/0/256.p/164", 32 * 163),
        ("tile/entries/255", 0),
        ("tile/entries/256.p/164", 900),
    ] {
        let mut changed = source.clone();
        let Some(bytes) = changed.0.get_mut(name) else { continue };
        bytes[at] ^= 1;
        let report = verify(&changed, verifier, Some(&since));
        assert!(
            !report.ok && report.problems.iter().all(|problem| problem.file == name),
            "{name}: {report:?}"
        );
    }
}
