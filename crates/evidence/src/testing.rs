//! What this crate's tests share: events, and files that lose power.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use bartizan_model::{Entropy as _, Event, EventId, EventKind, Outcome, PointId, Timestamp};
use bartizan_pki::NoteKey;
use bartizan_testkit::SeededEntropy;
use parking_lot::Mutex;

use crate::files::Files;
use crate::{LogWriter, Record, TileSource};

pub(crate) const ORIGIN: &str = "example.org/log";

pub(crate) fn key() -> NoteKey {
    NoteKey::generate(ORIGIN).unwrap()
}

pub(crate) fn point(number: u8) -> PointId {
    PointId::from_bytes([number; 16])
}

/// An event whose id and time follow from a number.
pub(crate) fn event(number: u64) -> Event {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    let time = Timestamp::from_micros(1_795_507_200_000_000 + i64::try_from(number).unwrap());
    Event::new(EventId::from_bytes(id), time, EventKind::Decision, Outcome::Permit)
}

/// A record whose event's id is its sequence number.
pub(crate) fn record(of: u8, sequence: u64) -> Record {
    Record::parse(point(of), sequence, serde_json::to_vec(&event(sequence)).unwrap()).unwrap()
}

pub(crate) fn records(of: u8, sequences: std::ops::RangeInclusive<u64>) -> Vec<Record> {
    sequences.map(|sequence| record(of, sequence)).collect()
}

/// A file system in memory that forgets, when its power fails, what was not brought to disk, and as much of the rest as
/// chance wants. It is worse than real ones: each name and each content that was not synced is lost or kept on its own.
#[derive(Debug, Default)]
pub(crate) struct MemFiles {
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone)]
struct State {
    contents: Vec<Content>,
    /// Names as the running system sees them, and as they are on disk.
    seen: BTreeMap<String, Node>,
    disk: BTreeMap<String, Node>,
    operations: usize,
    cut: Option<Cut>,
}

#[derive(Debug, Clone, Default)]
struct Content {
    seen: Vec<u8>,
    disk: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Folder,
    File(usize),
}

#[derive(Debug, Clone, Copy)]
enum Cut {
    /// From this operation on, nothing works.
    Power(usize),
    /// This operation fails, and only this one.
    Once(usize),
}

impl MemFiles {
    /// A copy in which from the n-th operation on nothing works.
    pub(crate) fn with_power_for(&self, operations: usize) -> Self {
        self.with_cut(Cut::Power(operations))
    }

    /// A copy in which the n-th operation fails, and the others do not.
    pub(crate) fn failing_once_at(&self, operation: usize) -> Self {
        self.with_cut(Cut::Once(operation))
    }

    fn with_cut(&self, cut: Cut) -> Self {
        let mut state = self.state.lock().clone();
        (state.operations, state.cut) = (0, Some(cut));
        Self { state: Mutex::new(state) }
    }

    /// How many operations there were that change something.
    pub(crate) fn operations(&self) -> usize {
        self.state.lock().operations
    }

    /// What is found after the power has failed.
    pub(crate) fn after_power_failure(&self, chance: &SeededEntropy) -> Self {
        let state = self.state.lock();
        let mut names = BTreeMap::new();
        for name in state.seen.keys().chain(state.disk.keys()) {
            let (seen, disk) = (state.seen.get(name), state.disk.get(name));
            if let Some(node) = if chance.below(2) == 0 { seen } else { disk } {
                names.insert(name.clone(), *node);
            }
        }
        let whole: BTreeMap<String, Node> = names
            .iter()
            .filter(|(name, _)| {
                name.match_indices('/').all(|(end, _)| names.get(name.split_at(end).0) == Some(&Node::Folder))
            })
            .map(|(name, node)| (name.clone(), *node))
            .collect();
        let contents = state
            .contents
            .iter()
            .map(|content| {
                let kept = match (&content.disk, chance.below(4)) {
                    (Some(disk), _) if *disk == content.seen => disk.clone(),
                    (disk, 0) => disk.clone().unwrap_or_default(),
                    (_, 1) => content.seen.clone(),
                    (_, 2) => content.seen[..chance.below(content.seen.len() + 1)].to_vec(),
                    _ => vec![0; content.seen.len()],
                };
                Content { seen: kept.clone(), disk: Some(kept) }
            })
            .collect();
        let state = State { contents, seen: whole.clone(), disk: whole, operations: 0, cut: None };
        Self { state: Mutex::new(state) }
    }

    /// All files.
    pub(crate) fn all(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state.lock();
        let file = |(name, node): (&String, &Node)| match node {
            Node::Folder => None,
            Node::File(number) => Some((name.clone(), state.contents[*number].seen.clone())),
        };
        state.seen.iter().filter_map(file).collect()
    }

    /// All folders.
    pub(crate) fn folders(&self) -> Vec<String> {
        let state = self.state.lock();
        state.seen.iter().filter(|(_, node)| **node == Node::Folder).map(|(name, _)| name.clone()).collect()
    }

    /// Does an operation, if there is power.
    fn operate<T>(&self, work: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state.lock();
        let number = state.operations;
        state.operations += 1;
        match state.cut {
            Some(Cut::Power(at)) if number >= at => Err(io::Error::other("no power")),
            Some(Cut::Once(at)) if number == at => Err(io::Error::other("an error")),
            _ => work(&mut state),
        }
    }
}

fn missing() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}

fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl State {
    fn folder(&self, name: &str) -> io::Result<()> {
        if name.is_empty() || self.seen.get(name) == Some(&Node::Folder) { Ok(()) } else { Err(missing()) }
    }
}

impl Files for MemFiles {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let state = self.state.lock();
        Ok(match state.seen.get(name) {
            Some(Node::File(number)) => Some(state.contents[*number].seen.clone()),
            Some(Node::Folder) | None => None,
        })
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let state = self.state.lock();
        let here = state.seen.keys().filter(|name| parent(name) == folder);
        Ok(here
            .map(|name| name.rsplit_once('/').map_or(name.as_str(), |(_, last)| last).to_owned())
            .collect())
    }

    fn make_dir(&self, folder: &str) -> io::Result<bool> {
        self.operate(|state| {
            state.folder(parent(folder))?;
            Ok(state.seen.insert(folder.to_owned(), Node::Folder).is_none())
        })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.operate(|state| {
            state.folder(parent(name))?;
            if let Some(Node::File(number)) = state.seen.get(name).copied() {
                state.contents[number].seen = bytes.to_vec();
            } else {
                state.contents.push(Content { seen: bytes.to_vec(), disk: None });
                state.seen.insert(name.to_owned(), Node::File(state.contents.len() - 1));
            }
            Ok(())
        })
    }

    fn sync(&self, names: &[String]) -> Result<(), (String, io::Error)> {
        for name in names {
            let done = self.operate(|state| {
                if let Some(Node::File(number)) = state.seen.get(name).copied() {
                    let content = &mut state.contents[number];
                    content.disk = Some(content.seen.clone());
                    return Ok(());
                }
                state.folder(name)?;
                state.disk.retain(|other, _| parent(other) != name);
                let here: Vec<_> = state.seen.iter().filter(|(other, _)| parent(other) == name).collect();
                let here: Vec<_> = here.into_iter().map(|(name, node)| (name.clone(), *node)).collect();
                state.disk.extend(here);
                Ok(())
            });
            done.map_err(|error| (name.clone(), error))?;
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.operate(|state| {
            state.folder(parent(to))?;
            let node = state.seen.remove(from).ok_or_else(missing)?;
            state.seen.insert(to.to_owned(), node);
            Ok(())
        })
    }

    fn remove_file(&self, name: &str) -> io::Result<()> {
        if !matches!(self.state.lock().seen.get(name), Some(Node::File(_))) {
            return Ok(());
        }
        self.operate(|state| {
            state.seen.remove(name);
            Ok(())
        })
    }

    fn remove_dir(&self, folder: &str) -> io::Result<()> {
        if self.state.lock().folder(folder).is_err() {
            return Ok(());
        }
        if !Files::list(self, folder)?.is_empty() {
            return Err(io::Error::from(io::ErrorKind::DirectoryNotEmpty));
        }
        self.operate(|state| {
            state.seen.remove(folder);
            Ok(())
        })
    }
}

impl TileSource for MemFiles {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Files::read(self, path)
    }

    fn list(&self) -> io::Result<Option<Vec<String>>> {
        Ok(Some(self.all().into_keys().collect()))
    }
}

/// A log as a map of files, for tests that change some.
#[derive(Debug, Clone)]
pub(crate) struct MapSource(pub(crate) BTreeMap<String, Vec<u8>>);

impl TileSource for MapSource {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).cloned())
    }

    fn list(&self) -> io::Result<Option<Vec<String>>> {
        Ok(Some(self.0.keys().cloned().collect()))
    }
}

/// A log of this many entries of two points, and its key.
pub(crate) fn log_of(size: u64) -> (MapSource, NoteKey) {
    let (files, key) = (Arc::new(MemFiles::default()), key());
    let kept = NoteKey::from_secret(&key.to_secret().unwrap()).unwrap();
    let mut writer = LogWriter::open_files(Arc::clone(&files) as Arc<dyn Files>, key, ORIGIN).unwrap();
    writer.append(records(1, 1..=size / 2)).unwrap();
    writer.append(records(2, 1..=size - size / 2)).unwrap();
    (MapSource(files.all()), kept)
}

/// Random bytes.
pub(crate) fn some_bytes(chance: &SeededEntropy, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    chance.fill(&mut bytes);
    bytes
}
