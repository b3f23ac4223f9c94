mod delivery;

use bartizan_testkit::SeededEntropy;

use super::*;
use crate::testing::{MemFiles, ORIGIN, key, point, record, records};
use crate::{Checkpoint, DirSource, EntryError, LogReader, TilePath, TileSource, verify};

fn again(key: &NoteKey) -> NoteKey {
    NoteKey::from_secret(&key.to_secret().unwrap()).unwrap()
}

fn open(files: &Arc<MemFiles>, key: &NoteKey) -> Result<LogWriter, Error> {
    LogWriter::open_files(Arc::clone(files) as Arc<dyn Files>, again(key), ORIGIN)
}

/// The points and sequence numbers of all entries.
fn content(source: &impl TileSource, key: &NoteKey) -> Vec<(PointId, u64)> {
    let reader = LogReader::new(DynSource(source), key.verifier().clone());
    let size = reader.checkpoint().unwrap().checkpoint.size;
    let entries = reader.entries(0..size).unwrap();
    let read = entries.iter().map(|entry| StoredEntry::parse(entry).unwrap());
    read.map(|entry| (entry.point, entry.sequence)).collect()
}

struct DynSource<'a, S>(&'a S);

impl<S: TileSource> TileSource for DynSource<'_, S> {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        self.0.read(path)
    }
}

fn assert_verifies(source: &dyn TileSource, key: &NoteKey, since: Option<&Checkpoint>) {
    let report = verify(source, key.verifier(), since);
    assert!(report.ok, "{report:?}");
}

/// The files that a log of this size has, and no others.
fn expected_files(size: u64) -> Vec<String> {
    let mut names = vec![String::from("checkpoint")];
    for number in 0..=size / 256 {
        names.extend(TilePath::entries(number, size).map(|path| path.to_string()));
        for level in 0..8 {
            names.extend(TilePath::hashes(level, number, size).map(|path| path.to_string()));
        }
    }
    names.sort();
    names
}

#[test]
fn a_log_grows_and_holds_exactly_the_files_of_its_size() {
    let (files, key) = (Arc::new(MemFiles::default()), key());
    let mut writer = open(&files, &key).unwrap();
    assert_eq!(writer.size(), 0);
    assert_verifies(&*files, &key, None);
    let mut earlier = writer.checkpoint().checkpoint.clone();
    let mut next = 1;
    for count in [1, 1, 100, 153, 1, 1, 254, 1, 600] {
        let result = writer.append(records(1, next..=next + count - 1)).unwrap();
        assert_eq!((result.first_index, result.size), (next - 1, next - 1 + count));
        next += count;
        assert_eq!(result.acknowledged, BTreeMap::from([(point(1), next - 1)]));
        let names: Vec<String> = files.all().into_keys().collect();
        assert_eq!(names, expected_files(next - 1));
        assert_verifies(&*files, &key, Some(&earlier));
        earlier = writer.checkpoint().checkpoint.clone();
    }
    for left in ["tile/0/000.p", "tile/entries/003.p"] {
        assert!(!files.folders().contains(&left.to_owned()), "{left}");
    }
    let expected: Vec<_> = (1..next).map(|sequence| (point(1), sequence)).collect();
    assert_eq!(content(&*files, &key), expected);
}

#[test]
fn a_log_in_a_folder_is_opened_again_and_goes_on() {
    let (folder, key) = (tempfile::tempdir().unwrap(), key());
    let dir = folder.path().join("log");
    let mut earlier = None;
    for round in 0..5 {
        let mut writer = LogWriter::open(&dir, again(&key), ORIGIN).unwrap();
        assert_eq!(writer.size(), round * 150);
        assert_eq!(writer.newest().get(&point(1)).copied().unwrap_or(0), round * 100);
        writer.append(records(1, round * 100 + 1..=round * 100 + 100)).unwrap();
        writer.append(records(2, round * 50 + 1..=round * 50 + 50)).unwrap();
        assert_verifies(&DirSource::new(dir.clone()), &key, earlier.as_ref());
        earlier = Some(writer.checkpoint().checkpoint.clone());
    }
    let names = DirSource::new(dir).list().unwrap().unwrap();
    assert_eq!(names, expected_files(750));
}

#[test]
fn duplicates_are_passed_over_and_acknowledged() {
    let (files, key) = (Arc::new(MemFiles::default()), key());
    let mut writer = open(&files, &key).unwrap();
    writer.append(records(1, 1..=5)).unwrap();
    let checkpoint = writer.checkpoint().clone();
    let same = writer.append(records(1, 2..=4)).unwrap();
    assert_eq!((same.size, same.acknowledged), (5, BTreeMap::from([(point(1), 5)])));
    assert_eq!(*writer.checkpoint(), checkpoint);
    let overlapping = writer.append(records(1, 4..=8)).unwrap();
    assert_eq!((overlapping.first_index, overlapping.size), (5, 8));
    let twice = vec![record(2, 1), record(2, 1), record(2, 2)];
    assert_eq!(writer.append(twice).unwrap().size, 10);
    drop(writer);
    let mut writer = open(&files, &key).unwrap();
    assert_eq!(writer.append(records(1, 1..=8)).unwrap().size, 10);
}

#[test]
fn a_gap_is_refused_once_then_recorded_and_reported_by_verification() {
    let (files, key) = (Arc::new(MemFiles::default()), key());
    let mut writer = open(&files, &key).unwrap();
    writer.append(records(1, 1..=3)).unwrap();
    let late = records(1, 6..=7);
    assert!(matches!(writer.append(late), Err(Error::Gap { expected: 4, found: 6, .. })));
    // What was held back comes after all.
    assert_eq!(writer.append(records(1, 4..=7)).unwrap().gaps, []);
    assert_verifies(&*files, &key, None);

    let lost = records(1, 10..=11);
    assert!(matches!(writer.append(lost.clone()), Err(Error::Gap { expected: 8, found: 10, .. })));
    let gap = Gap { point: point(1), expected: 8, found: 10 };
    assert_eq!(writer.append(lost).unwrap().gaps, [gap]);
    let report = verify(&*files, key.verifier(), None);
    assert_eq!(report.problems.len(), 1, "{report:?}");
    assert_eq!(report.problems[0].index, Some(7));
    assert_eq!(report.problems[0].file, "tile/entries/000.p/9");
    assert!(report.problems[0].what.contains("records 8 to 9 of point"));
}

#[test]
fn what_is_no_event_or_has_no_number_is_refused_whole() {
    let (files, key) = (Arc::new(MemFiles::default()), key());
    let mut writer = open(&files, &key).unwrap();
    let no_event = Record::parse(point(1), 3, b"{}".to_vec());
    assert!(matches!(no_event, Err(Error::Record { sequence: 3, source: EntryError::Event { .. }, .. })));
    let too_long = Record::parse(point(1), 3, vec![b' '; crate::MAX_EVENT + 1]);
    assert!(matches!(too_long, Err(Error::Record { source: EntryError::TooLong { .. }, .. })));
    assert!(matches!(writer.append(vec![record(1, 1), record(1, 2), record(1, 0)]), Err(Error::Delivery)));
    assert_eq!(writer.size(), 0);
    assert_eq!(writer.append(records(1, 1..=3)).unwrap().size, 3);
}

#[test]
fn only_the_log_s_own_key_opens_it_and_a_missing_checkpoint_is_no_new_log() {
    let (files, key) = (Arc::new(MemFiles::default()), key());
    open(&files, &key).unwrap().append(records(1, 1..=300)).unwrap();
    assert!(matches!(open(&files, &self::key()), Err(Error::Note { .. })));
    let other = LogWriter::open_files(Arc::clone(&files) as Arc<dyn Files>, again(&key), "example.org/other");
    assert!(matches!(other, Err(Error::Origin { .. })));
    for (name, what) in
        [("checkpoint", "missing"), ("tile/0/001.p/44", "missing"), ("tile/entries/001.p/44", "missing")]
    {
        let copy = Arc::new(files.with_power_for(usize::MAX));
        copy.remove_file(name).unwrap();
        assert!(open(&copy, &key).unwrap_err().to_string().contains(what), "{name}");
    }
    for name in ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"] {
        let copy = Arc::new(files.with_power_for(usize::MAX));
        let mut bytes = Files::read(&*copy, name).unwrap().unwrap();
        bytes[9] ^= 1;
        copy.write(name, &bytes).unwrap();
        assert!(matches!(open(&copy, &key), Err(Error::Damaged { .. })), "{name}");
    }
}

#[test]
fn the_newest_records_are_remembered_and_found_without_it_too() {
    let (files, key) = (Arc::new(MemFiles::default()), key());
    let mut writer = open(&files, &key).unwrap();
    writer.append(records(1, 1..=300)).unwrap();
    assert!(!files.all().contains_key(".points"), "too few entries");
    writer.remember_points_now();
    writer.append(records(2, 1..=100)).unwrap();
    let expected = writer.newest().clone();
    drop(writer);
    assert!(files.all().contains_key(".points"));
    assert_verifies(&*files, &key, None);
    assert_eq!(*open(&files, &key).unwrap().newest(), expected);
    for damage in [None, Some(Vec::new()), Some(b"x\n\n".to_vec())] {
        let copy = Arc::new(files.with_power_for(usize::MAX));
        match damage {
            Some(bytes) => copy.write(".points", &bytes).unwrap(),
            None => copy.remove_file(".points").unwrap(),
        }
        assert_eq!(*open(&copy, &key).unwrap().newest(), expected);
    }
    // One of another log that the same key signed.
    let other = Arc::new(MemFiles::default());
    let mut writer = open(&other, &key).unwrap();
    writer.append(records(3, 1..=200)).unwrap();
    writer.remember_points_now();
    let copy = Arc::new(files.with_power_for(usize::MAX));
    copy.write(".points", &other.all()[".points"]).unwrap();
    assert_eq!(*open(&copy, &key).unwrap().newest(), expected);
    assert!(!verify(&*copy, key.verifier(), None).ok);
}

/// What was acknowledged, and the checkpoint at that time.
#[derive(Default)]
struct Acknowledged {
    newest: u64,
    checkpoint: Option<Checkpoint>,
}

/// Opens the log and appends some records in several commits, as far as the power lasts.
fn work(files: &Arc<MemFiles>, key: &NoteKey, acknowledged: &mut Acknowledged) -> Result<(), Error> {
    let mut writer = open(files, key)?;
    for last in [252, 255, 256, 258, 270] {
        let first = writer.newest().get(&point(1)).copied().unwrap_or(0) + 1;
        if first > last {
            continue;
        }
        let result = writer.append(records(1, first..=last))?;
        acknowledged.newest = result.acknowledged[&point(1)];
        acknowledged.checkpoint = Some(writer.checkpoint().checkpoint.clone());
    }
    Ok(())
}

#[test]
fn no_acknowledged_record_is_lost_wherever_the_power_fails() {
    let (base, key) = (Arc::new(MemFiles::default()), key());
    open(&base, &key).unwrap().append(records(1, 1..=250)).unwrap();
    let whole = Arc::new(base.with_power_for(usize::MAX));
    work(&whole, &key, &mut Acknowledged::default()).unwrap();
    let operations = whole.operations();
    assert!(operations > 60, "{operations}");

    for cut in 0..=operations {
        for seed in 0..SEEDS {
            let chance = SeededEntropy::new(seed * 10_007 + cut as u64);
            let mut acknowledged = Acknowledged { newest: 250, checkpoint: None };
            let files = Arc::new(base.with_power_for(cut));
            let ended = work(&files, &key, &mut acknowledged);
            // The last operations remove what is superseded, and may fail.
            assert!(ended.is_ok() || cut < operations);
            let mut files = Arc::new(files.after_power_failure(&chance));
            // The log verifies as the crash left it, before anybody mends anything.
            assert_verifies(&*files, &key, acknowledged.checkpoint.as_ref());
            // The power fails while the log is opened, too.
            for _ in 0..chance.below(3) {
                let cut = Arc::new(files.with_power_for(chance.below(12)));
                let _ = open(&cut, &key);
                files = Arc::new(cut.after_power_failure(&chance));
            }
            let writer = open(&files, &key).unwrap();
            let newest = writer.newest()[&point(1)];
            assert!(newest >= acknowledged.newest, "cut at {cut}, seed {seed}");
            drop(writer);
            // The point sends everything again.
            work(&files, &key, &mut acknowledged).unwrap();
            assert_verifies(&*files, &key, acknowledged.checkpoint.as_ref());
            let expected: Vec<_> = (1..=270).map(|sequence| (point(1), sequence)).collect();
            assert_eq!(content(&*files, &key), expected, "cut at {cut}, seed {seed}");
            let names: Vec<String> = files.all().into_keys().collect();
            assert_eq!(names, expected_files(270), "cut at {cut}, seed {seed}");
        }
    }
}

/// Each place is cut several times, with other chances for what was not synced.
const SEEDS: u64 = 2;

#[test]
fn a_failed_write_may_be_tried_again_and_a_failed_sync_may_not() {
    for before in [0, 250] {
        let (base, key) = (Arc::new(MemFiles::default()), key());
        let mut writer = open(&base, &key).unwrap();
        writer.append(records(1, 1..=before)).unwrap();
        one_operation_fails(&base, &key, before);
    }
}

/// Appends ten records, each time with another operation that fails, and tries again.
fn one_operation_fails(base: &Arc<MemFiles>, key: &NoteKey, before: u64) {
    let more = || records(1, before + 1..=before + 10);
    let probe = Arc::new(base.with_power_for(usize::MAX));
    let mut writer = open(&probe, key).unwrap();
    let opened = probe.operations();
    writer.append(more()).unwrap();
    let (mut syncs, mut writes) = (0, 0);
    for failing in opened..probe.operations() {
        let files = Arc::new(base.failing_once_at(failing));
        let mut writer = open(&files, key).unwrap();
        match writer.append(more()) {
            // Removing what is superseded may fail.
            Ok(result) => assert_eq!(result.size, before + 10),
            Err(Error::Sync { .. }) => {
                syncs += 1;
                assert!(matches!(writer.append(more()), Err(Error::Stopped { .. })));
                drop(writer);
                let mut writer = open(&files, key).unwrap();
                assert_eq!(writer.append(more()).unwrap().size, before + 10);
            }
            Err(Error::Write { .. }) => {
                writes += 1;
                assert_eq!(writer.size(), before);
                assert_verifies(&*files, key, None);
                assert_eq!(writer.append(more()).unwrap().size, before + 10);
                // What was made before the failure is durable now, too.
                let crashed = files.after_power_failure(&SeededEntropy::new(failing as u64));
                assert_eq!(content(&crashed, key).len() as u64, before + 10);
            }
            Err(other) => panic!("{other:?}"),
        }
        assert_verifies(&*files, key, None);
        assert_eq!(content(&*files, key).len() as u64, before + 10);
    }
    assert!(syncs >= 6 && writes >= 6, "{syncs} {writes}");
}
