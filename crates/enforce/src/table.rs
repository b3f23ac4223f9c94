//! The live grants, by every key that their decision could read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use bartizan_model::{AccessRequest, Denial, SessionId, Timestamp};
use bartizan_policy::{Grant, Key};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::live::Meter;
use crate::timer::Timer;

/// One grant that is live, or about to be.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) request: AccessRequest,
    /// The proof, renewed with each re-decision; `None` until the first decision.
    pub(crate) grant: Mutex<Option<Grant>>,
    /// Signalled once, when it is cut.
    pub(crate) cut: CancellationToken,
    /// Why it was cut.
    pub(crate) denial: OnceLock<Denial>,
    /// How much has passed.
    pub(crate) meter: Arc<Meter>,
}

#[derive(Debug)]
struct Place {
    entry: Arc<Entry>,
    keys: Vec<Key>,
    deadline: Option<Timestamp>,
}

/// All live grants of this point.
#[derive(Debug, Default)]
pub(crate) struct Table {
    next: u64,
    places: HashMap<u64, Place>,
    by_key: HashMap<Key, HashSet<u64>>,
    timer: Timer,
    /// Keys that a mutant does not index, to see that the tests would notice.
    #[cfg(test)]
    pub(crate) blind: Option<fn(&Key) -> bool>,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Puts a request in under the keys that its decision could read. It is decided afterwards.
    pub(crate) fn register(&mut self, request: AccessRequest, keys: Vec<Key>) -> Arc<Entry> {
        let id = self.next;
        self.next += 1;
        let entry = Arc::new(Entry {
            id,
            request,
            grant: Mutex::new(None),
            cut: CancellationToken::new(),
            denial: OnceLock::new(),
            meter: Arc::default(),
        });
        self.index(id, &keys);
        self.places.insert(id, Place { entry: Arc::clone(&entry), keys, deadline: None });
        entry
    }

    pub(crate) fn remove(&mut self, id: u64) {
        let Some(place) = self.places.remove(&id) else { return };
        self.unindex(id, &place.keys);
        if let Some(deadline) = place.deadline {
            self.timer.remove(id, deadline);
        }
    }

    fn unindex(&mut self, id: u64, keys: &[Key]) {
        for key in keys {
            if let Some(grants) = self.by_key.get_mut(key) {
                grants.remove(&id);
                if grants.is_empty() {
                    self.by_key.remove(key);
                }
            }
        }
    }

    /// A grant was decided (again): when it is due next and, if they are other than before, under which keys it is.
    pub(crate) fn decided(&mut self, id: u64, deadline: Timestamp, keys: Option<Vec<Key>>) {
        let Some(place) = self.places.get_mut(&id) else { return };
        self.timer.set(id, place.deadline, deadline);
        place.deadline = Some(deadline);
        let Some(keys) = keys.filter(|keys| *keys != place.keys) else { return };
        let before = std::mem::replace(&mut place.keys, keys.clone());
        self.unindex(id, &before);
        self.index(id, &keys);
    }

    fn index(&mut self, id: u64, keys: &[Key]) {
        for key in keys {
            #[cfg(test)]
            if self.blind.is_some_and(|blind| blind(key)) {
                continue;
            }
            self.by_key.entry(key.clone()).or_default().insert(id);
        }
    }

    /// The grants under any of these keys.
    pub(crate) fn touched(&self, keys: &BTreeSet<Key>) -> Vec<Arc<Entry>> {
        let mut ids: Vec<u64> =
            keys.iter().filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.iter().filter_map(|id| self.places.get(id)).map(|place| Arc::clone(&place.entry)).collect()
    }

    /// The grants whose deadline has come.
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<Arc<Entry>> {
        let due = self.timer.due(now);
        let mut entries = Vec::with_capacity(due.len());
        for id in due {
            if let Some(place) = self.places.get_mut(&id) {
                place.deadline = None;
                entries.push(Arc::clone(&place.entry));
            }
        }
        entries
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.timer.next()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Entry>> {
        self.places.values().map(|place| Arc::clone(&place.entry)).collect()
    }

    pub(crate) fn by_session(&self) -> BTreeMap<SessionId, u64> {
        let mut counts = BTreeMap::new();
        for place in self.places.values() {
            if let Some(session) = place.entry.request.session {
                *counts.entry(session).or_insert(0) += 1;
            }
        }
        counts
    }
}
