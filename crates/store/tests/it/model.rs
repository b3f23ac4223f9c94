//! A store in sixty lines, and random histories that it and the real one must tell alike.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_model::{ObjectKind, Revision, Secret, Timestamp};
use bartizan_store::{
    Change, ChangeSet, Committed, Error, Expect, Lookup, Object, SecretWrite, Store, Write, rollback,
};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::json;

use crate::engine::{Engine, at};

/// What may be refused, without the particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Conflict(Option<Revision>),
    Moved,
    NotFound,
    Taken,
    Compacted(Revision),
}

type Key = (ObjectKind, String);

#[derive(Debug, Clone, Default)]
struct Model {
    /// Every change there ever was, compacted or not: the truth. Revision n is at n - 1.
    log: Vec<Change>,
    compacted: BTreeSet<Revision>,
    oldest: Revision,
    objects: BTreeMap<Key, Revision>,
    lookups: BTreeMap<Lookup, Key>,
    secrets: BTreeMap<String, Vec<u8>>,
}

impl Model {
    fn newest(&self) -> Revision {
        self.log.last().map_or(Revision::new(0), |change| change.revision)
    }

    fn commit(&mut self, set: &ChangeSet) -> Result<Committed, Refusal> {
        let mut after = self.clone();
        if set.if_revision.is_some_and(|expected| expected != self.newest()) {
            return Err(Refusal::Moved);
        }
        let mut revisions = Vec::new();
        for write in &set.writes {
            after.write(write, set)?;
            revisions.push(after.newest());
        }
        for secret in &set.secrets {
            match secret {
                SecretWrite::Put { name, value } => {
                    after.secrets.insert(name.clone(), value.expose(Clone::clone))
                }
                SecretWrite::Delete { name } => after.secrets.remove(name),
            };
        }
        *self = after;
        Ok(Committed { revision: self.newest(), revisions })
    }

    fn write(&mut self, write: &Write, set: &ChangeSet) -> Result<(), Refusal> {
        let (key, expect, put) = match write {
            Write::Put { kind, name, expect, spec, lookups } => {
                ((*kind, name.clone()), *expect, Some((spec, lookups)))
            }
            Write::Delete { kind, name, expect } => ((*kind, name.clone()), *expect, None),
        };
        let found = self.objects.get(&key).copied();
        match expect {
            Expect::Absent if found.is_some() => return Err(Refusal::Conflict(found)),
            Expect::Revision(revision) if found != Some(revision) => return Err(Refusal::Conflict(found)),
            _ if put.is_none() && found.is_none() => return Err(Refusal::NotFound),
            _ => {}
        }
        let revision = self.newest().next();
        self.log.push(Change {
            revision,
            kind: key.0,
            name: key.1.clone(),
            author: set.author.clone(),
            time: set.time,
            spec: put.map(|(spec, _)| spec.clone()),
        });
        self.lookups.retain(|_, owner| *owner != key);
        self.objects.remove(&key);
        if let Some((_, lookups)) = put {
            for lookup in lookups {
                if self.lookups.get(lookup).is_some_and(|owner| *owner != key) {
                    return Err(Refusal::Taken);
                }
                self.lookups.insert(lookup.clone(), key.clone());
            }
            self.objects.insert(key, revision);
        }
        Ok(())
    }

    /// What is still in the log of the object, oldest first.
    fn kept(&self, key: &Key) -> Vec<&Change> {
        let of_object = self.log.iter().filter(|change| (change.kind, &change.name) == (key.0, &key.1));
        of_object.filter(|change| !self.compacted.contains(&change.revision)).collect()
    }

    fn compact(&mut self, before: Timestamp) -> u64 {
        let keys: BTreeSet<Key> = self.log.iter().map(|change| (change.kind, change.name.clone())).collect();
        let already = self.compacted.len();
        for key in keys.iter().filter(|key| !key.0.keeps_history()) {
            let superseded: Vec<_> = self
                .kept(key)
                .windows(2)
                .filter(|pair| pair[0].time < before && pair[1].time < before)
                .map(|pair| (pair[0].revision, pair[1].revision))
                .collect();
            for (gone, by) in superseded {
                self.compacted.insert(gone);
                self.oldest = self.oldest.max(by);
            }
            if let [only] = self.kept(key)[..]
                && only.spec.is_none()
                && only.time < before
            {
                let revision = only.revision;
                self.compacted.insert(revision);
                self.oldest = self.oldest.max(revision);
            }
        }
        (self.compacted.len() - already) as u64
    }

    fn object_at(&self, key: &Key, revision: Revision) -> Option<Object> {
        let mut changes = self.log.iter().rev().filter(|change| change.revision <= revision);
        let change = changes.find(|change| (change.kind, &change.name) == (key.0, &key.1))?.clone();
        let Change { revision, kind, name, author, time, spec } = change;
        spec.map(|spec| Object { kind, name, revision, author, time, spec })
    }

    fn known(&self, kind: ObjectKind, revision: Revision) -> Result<(), Refusal> {
        let gone = !kind.keeps_history() && revision < self.oldest;
        if gone { Err(Refusal::Compacted(self.oldest)) } else { Ok(()) }
    }

    fn rollback(&mut self, key: &Key, to: Revision, time: Timestamp) -> Result<Committed, Refusal> {
        self.known(key.0, to)?;
        let (kind, name) = key.clone();
        let lookups = self.lookups.iter().filter(|(_, owner)| *owner == key);
        let lookups = lookups.map(|(lookup, _)| lookup.clone()).collect();
        let write = match self.object_at(key, to) {
            Some(then) => Write::Put { kind, name, spec: then.spec, lookups, expect: Expect::Any },
            None => Write::Delete { kind, name, expect: Expect::Any },
        };
        let mut set = ChangeSet::new("roller", time);
        set.writes.push(write);
        self.commit(&set)
    }
}

fn refusal(error: &Error) -> Refusal {
    match error {
        Error::Conflict { found, .. } => Refusal::Conflict(*found),
        Error::Moved { .. } => Refusal::Moved,
        Error::NotFound { .. } => Refusal::NotFound,
        Error::LookupTaken { .. } => Refusal::Taken,
        Error::Compacted { oldest } => Refusal::Compacted(*oldest),
        other => panic!("not to be expected: {other:?}"),
    }
}

/// One step of a history. Revisions and times are relative to where the history stands.
#[derive(Debug, Clone)]
enum Step {
    Commit { writes: Vec<Draft>, secrets: Vec<(u8, Option<u8>)>, precondition: Belief, clock: i8 },
    Compact { age: i8 },
    Rollback { kind: usize, name: usize, back: u8 },
    Reopen,
}

#[derive(Debug, Clone)]
struct Draft {
    kind: usize,
    name: usize,
    /// The value and the lookups, as a bit each; `None` deletes.
    put: Option<(u8, u8)>,
    belief: Belief,
}

#[derive(Debug, Clone, Copy)]
enum Belief {
    None,
    Right,
    Absent,
    Stale,
}

/// One that keeps its history and two that do not.
const KINDS: [ObjectKind; 3] = [ObjectKind::App, ObjectKind::Session, ObjectKind::Credential];
const NAMES: [&str; 4] = ["b", "B", "a.b", "é"];
const LOOKUPS: [(&str, &str); 4] = [("x", "1"), ("x", "2"), ("y", "1"), ("y", "2")];

fn history() -> impl Strategy<Value = Vec<Step>> {
    let belief = || {
        prop_oneof![
            12 => Just(Belief::None), 6 => Just(Belief::Right), 1 => Just(Belief::Absent), 1 => Just(Belief::Stale)
        ]
    };
    // Few lookups, or most writes would find theirs taken.
    let lookups = prop_oneof![6 => Just(0), 2 => (0..4_u8).prop_map(|bit| 1 << bit), 1 => 0..16_u8];
    let put = prop_oneof![4 => (any::<u8>(), lookups).prop_map(Some), 1 => Just(None)];
    // Few objects, so that they are written often; most of a short-lived kind, for these are compacted.
    let kind = prop_oneof![2 => Just(0_usize), 4 => Just(1), 1 => Just(2)];
    let name = prop_oneof![5 => 0..2_usize, 1 => 2..NAMES.len()];
    let draft =
        (kind, name, put, belief()).prop_map(|(kind, name, put, belief)| Draft { kind, name, put, belief });
    let secrets = prop::collection::vec((0..3_u8, any::<Option<u8>>()), 0..2);
    let commit = (prop::collection::vec(draft, 0..4), secrets, belief(), -2..4_i8).prop_map(
        |(writes, secrets, precondition, clock)| Step::Commit { writes, secrets, precondition, clock },
    );
    let back = (0..KINDS.len(), 0..NAMES.len(), 0..12_u8).prop_map(|(kind, name, back)| Step::Rollback {
        kind,
        name,
        back,
    });
    let compact = (-2..8_i8).prop_map(|age| Step::Compact { age });
    let step = prop_oneof![16 => commit, 3 => compact, 2 => back, 1 => Just(Step::Reopen)];
    prop::collection::vec(step, 5..40)
}

impl Draft {
    fn write(&self, model: &Model) -> Write {
        let (kind, name) = (KINDS[self.kind], NAMES[self.name].to_owned());
        let current = model.objects.get(&(kind, name.clone())).copied();
        let expect = match self.belief {
            Belief::None => Expect::Any,
            Belief::Right => current.map_or(Expect::Absent, Expect::Revision),
            Belief::Absent => Expect::Absent,
            Belief::Stale => Expect::Revision(Revision::new(model.newest().get() / 2)),
        };
        match self.put {
            Some((value, bits)) => {
                let chosen = (0..4).filter(|bit| bits & (1 << bit) != 0).map(|bit| LOOKUPS[bit]);
                let lookups = chosen.map(|(space, key)| Lookup::new(space, key)).collect();
                Write::Put { kind, name, spec: json!({ "value": value }), lookups, expect }
            }
            None => Write::Delete { kind, name, expect },
        }
    }
}

/// Plays random histories on the model and on a store, and compares all that can be asked.
pub(crate) fn random_histories_agree_with_the_model<E: Engine + Default>(cases: u32) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let run = |steps: Vec<Step>| {
        let play = async {
            let mut engine = E::default();
            play(&mut engine, steps).await
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(play))
    };
    if let Err(error) = TestRunner::new(config).run(&history(), run) {
        panic!("{error}");
    }
}

async fn play(engine: &mut impl Engine, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut store = engine.open().await;
    let mut model = Model::default();
    let mut now = 1000;
    for step in steps {
        match step {
            Step::Commit { writes, secrets, precondition, clock } => {
                now += i64::from(clock);
                let mut set = ChangeSet::new(format!("author-{}", now % 3), at(now));
                set.writes = writes.iter().map(|draft| draft.write(&model)).collect();
                set.secrets = secrets.into_iter().map(|(name, value)| secret(name, value)).collect();
                set.if_revision = match precondition {
                    Belief::None | Belief::Absent => None,
                    Belief::Right => Some(model.newest()),
                    Belief::Stale => Some(Revision::new(model.newest().get() / 2)),
                };
                let expected = model.commit(&set);
                let got = store.commit(set).await.map_err(|error| refusal(&error));
                prop_assert_eq!(got, expected);
            }
            Step::Compact { age } => {
                let before = at(now - i64::from(age));
                let forgotten = store.compact(before).await.map_err(|error| refusal(&error));
                prop_assert_eq!(forgotten, Ok(model.compact(before)));
            }
            Step::Rollback { kind, name, back } => {
                let to = Revision::new(model.newest().get().saturating_sub(u64::from(back)));
                let key = (KINDS[kind], NAMES[name].to_owned());
                let expected = model.rollback(&key, to, at(now));
                let got = rollback(&*store, key.0, &key.1, to, "roller", at(now), Expect::Any).await;
                prop_assert_eq!(got.map_err(|error| refusal(&error)), expected);
            }
            Step::Reopen => {
                store.close().await;
                store = engine.open().await;
            }
        }
        prop_assert_eq!(store.revision().await.unwrap(), model.newest());
        prop_assert_eq!(*store.watch().borrow(), model.newest());
    }
    compare_present(&*store, &model).await?;
    compare_past(&*store, &model).await
}

fn secret(name: u8, value: Option<u8>) -> SecretWrite {
    let name = format!("secret-{name}");
    match value {
        Some(value) => SecretWrite::Put { name, value: Secret::new(vec![value; 40]) },
        None => SecretWrite::Delete { name },
    }
}

async fn compare_present(store: &dyn Store, model: &Model) -> Result<(), TestCaseError> {
    for kind in KINDS {
        let standing: Vec<Object> = model
            .objects
            .keys()
            .filter(|key| key.0 == kind)
            .map(|key| model.object_at(key, model.newest()).unwrap())
            .collect();
        prop_assert_eq!(store.list(kind, None, 100).await.unwrap(), standing);
        for name in NAMES {
            let key = (kind, name.to_owned());
            prop_assert_eq!(store.get(kind, name).await.unwrap(), model.object_at(&key, model.newest()));
            let mut kept: Vec<Change> = model.kept(&key).into_iter().cloned().collect();
            kept.reverse();
            prop_assert_eq!(store.history(kind, name, 1000).await.unwrap(), kept);
            let owned = model.lookups.iter().filter(|(_, owner)| **owner == key);
            let owned: Vec<Lookup> = owned.map(|(lookup, _)| lookup.clone()).collect();
            prop_assert_eq!(store.lookups(kind, name).await.unwrap(), owned);
        }
    }
    for (space, key) in LOOKUPS {
        let owner = model.lookups.get(&Lookup::new(space, key));
        let expected = owner.and_then(|owner| model.object_at(owner, model.newest()));
        prop_assert_eq!(store.find(space, key).await.unwrap(), expected);
    }
    for number in 0..3 {
        let name = format!("secret-{number}");
        let value = store.secret(&name).await.unwrap().map(|value| value.expose(Clone::clone));
        prop_assert_eq!(value.as_ref(), model.secrets.get(&name));
    }
    Ok(())
}

async fn compare_past(store: &dyn Store, model: &Model) -> Result<(), TestCaseError> {
    for (number, place) in (0..=model.newest().get()).zip(0_usize..) {
        let revision = Revision::new(number);
        for kind in KINDS {
            let keys = || {
                let mut keys: Vec<Key> = NAMES.iter().map(|name| (kind, (*name).to_owned())).collect();
                keys.sort();
                keys
            };
            let expected: Result<Vec<Object>, _> = model
                .known(kind, revision)
                .map(|()| keys().iter().filter_map(|key| model.object_at(key, revision)).collect());
            let listed = store.list_at(kind, revision).await.map_err(|error| refusal(&error));
            prop_assert_eq!(listed, expected);
        }
        let key = (KINDS[place % KINDS.len()], NAMES[place % NAMES.len()].to_owned());
        let expected = model.known(key.0, revision).map(|()| model.object_at(&key, revision));
        let got = store.get_at(key.0, &key.1, revision).await.map_err(|error| refusal(&error));
        prop_assert_eq!(got, expected);
        // Whoever is not told that something is gone gets everything.
        let expected = match revision < model.oldest {
            true => Err(Refusal::Compacted(model.oldest)),
            false => Ok(model.log.iter().filter(|change| change.revision > revision).cloned().collect()),
        };
        let got: Result<Vec<Change>, _> =
            store.changes(revision, 1000).await.map_err(|error| refusal(&error));
        prop_assert_eq!(got, expected);
    }
    Ok(())
}
