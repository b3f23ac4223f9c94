//! Objects that were read, kept as long as nothing has changed them.
//!
//! What hangs on a sign-in is looked up each time that a token is given or shown: client, session, person, factors. Read from
//! the store each time, that costs more than everything else about a token; and it changes seldom. So each object is kept until
//! the log of the store has a change of it.
//!
//! Whoever asks gets what stood when it asked, or something newer, as from the store itself: a commit tells its revision before
//! it returns ([`Store::watch`]), and before anything that is kept is given, all changes up to the newest revision are gone
//! through. This holds for all who write through this store. A process is the only one that writes its file (it holds a lock);
//! a store that several processes share would have to tell the revisions of all of them before their commits return, or what is
//! kept here would be as old as it is late.

use std::collections::HashMap;
use std::sync::Arc;

use bartizan_model::{ObjectKind, Revision};
use bartizan_store::{Error, Object, Store};
use parking_lot::Mutex;
use tokio::sync::watch;

/// The objects of a store, each as it is now.
#[derive(Debug, Clone)]
pub(crate) struct Newest(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn Store>,
    /// The newest revision of the store.
    newest: watch::Receiver<Revision>,
    held: Mutex<Held>,
    /// Held by whoever goes through the changes: of many who come at once, one reads them.
    turn: tokio::sync::Mutex<()>,
}

/// What stood at a revision; of some of it, that.
#[derive(Debug)]
struct Held {
    at: Revision,
    objects: HashMap<(ObjectKind, String), Arc<Object>>,
    lists: HashMap<ObjectKind, Arc<Vec<Object>>>,
}

impl Newest {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        let newest = store.watch();
        let at = *newest.borrow();
        let held = Held { at, objects: HashMap::new(), lists: HashMap::new() };
        Self(Arc::new(Inner { store, newest, held: Mutex::new(held), turn: tokio::sync::Mutex::default() }))
    }

    /// The store itself.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// The object of this name. That there is none is not kept: names that nobody has are for anybody to make up.
    ///
    /// # Errors
    /// Those of [`Store::get`].
    pub(crate) async fn get(&self, kind: ObjectKind, name: &str) -> Result<Option<Arc<Object>>, Error> {
        self.catch_up().await?;
        let key = (kind, name.to_owned());
        let at = {
            let held = self.0.held.lock();
            if let Some(object) = held.objects.get(&key) {
                return Ok(Some(Arc::clone(object)));
            }
            held.at
        };
        let Some(object) = self.0.store.get(kind, name).await?.map(Arc::new) else { return Ok(None) };
        self.keep(at, |held| {
            if held.objects.len() >= MOST_OBJECTS {
                held.objects.clear();
            }
            held.objects.insert(key, Arc::clone(&object));
        });
        Ok(Some(object))
    }

    /// At most `limit` objects of a kind of which there are few: the same list, as long as none of them has changed.
    ///
    /// # Errors
    /// Those of [`Store::list`].
    pub(crate) async fn list(&self, kind: ObjectKind, limit: u32) -> Result<Arc<Vec<Object>>, Error> {
        self.catch_up().await?;
        let at = {
            let held = self.0.held.lock();
            if let Some(list) = held.lists.get(&kind) {
                return Ok(Arc::clone(list));
            }
            held.at
        };
        let list = Arc::new(self.0.store.list(kind, None, limit).await?);
        self.keep(at, |held| _ = held.lists.insert(kind, Arc::clone(&list)));
        Ok(list)
    }

    /// Keeps what was read when everything stood as at this revision or later. If changes were gone through meanwhile, one of
    /// them may be of what was read before it.
    fn keep(&self, at: Revision, keep: impl FnOnce(&mut Held)) {
        let mut held = self.0.held.lock();
        if held.at == at {
            keep(&mut held);
        }
    }

    /// Lets go of everything that has changed by now.
    async fn catch_up(&self) -> Result<(), Error> {
        let newest = *self.0.newest.borrow();
        if self.0.held.lock().at >= newest {
            return Ok(());
        }
        let _turn = self.0.turn.lock().await;
        let at = self.0.held.lock().at;
        // Whoever had the turn before may have gone through all of it.
        if at >= newest {
            return Ok(());
        }
        let newest = *self.0.newest.borrow();
        let changes = match self.0.store.changes(at, MOST_CHANGES).await {
            Ok(changes) => changes,
            Err(Error::Compacted { .. } | Error::Ahead { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut held = self.0.held.lock();
        match changes.last() {
            // All that came up to then, and perhaps some more.
            Some(last) if last.revision >= newest => {
                for change in changes.iter() {
                    held.lists.remove(&change.kind);
                    held.objects.remove(&(change.kind, change.name.clone()));
                }
                held.at = last.revision;
            }
            // Too many, or not all of them are known any more.
            Some(_) | None => {
                held.objects.clear();
                held.lists.clear();
                held.at = newest;
            }
        }
        Ok(())
    }
}

/// As many sign-ins with their people as use tokens at a time in a large deployment: a few megabytes.
const MOST_OBJECTS: usize = 8192;

/// More at once, and what has not changed is read again.
const MOST_CHANGES: u32 = 256;

#[cfg(test)]
mod tests {
    use bartizan_model::{Clock as _, Timestamp};
    use bartizan_store::{ChangeSet, Expect, MasterKey, SqliteStore, Write};
    use bartizan_testkit::{FakeClock, SeededEntropy};
    use serde_json::{Value, json};
    use tokio::task::JoinSet;

    use super::*;

    const KIND: ObjectKind = ObjectKind::Session;

    struct Rig {
        _folder: tempfile::TempDir,
        store: Arc<dyn Store>,
        newest: Newest,
    }

    impl Rig {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (path, entropy) = (folder.path().join("bartizan.db"), Arc::new(SeededEntropy::new(3)));
            let store = SqliteStore::open(&path, MasterKey::from_bytes([7; 32]), entropy).await.unwrap();
            let store: Arc<dyn Store> = Arc::new(store);
            Self { _folder: folder, newest: Newest::new(Arc::clone(&store)), store }
        }

        async fn put(&self, kind: ObjectKind, name: &str, spec: Value) {
            self.write(vec![put(kind, name, spec)]).await;
        }

        async fn write(&self, writes: Vec<Write>) {
            let mut change = ChangeSet::new("test", FakeClock::default().now());
            change.writes = writes;
            self.store.commit(change).await.unwrap();
        }

        async fn says(&self, name: &str) -> Option<Value> {
            self.newest.get(KIND, name).await.unwrap().map(|object| object.spec.clone())
        }
    }

    fn put(kind: ObjectKind, name: &str, spec: Value) -> Write {
        Write::Put { kind, name: name.into(), spec, lookups: Vec::new(), expect: Expect::Any }
    }

    fn delete(name: &str) -> Write {
        Write::Delete { kind: KIND, name: name.into(), expect: Expect::Any }
    }

    #[tokio::test]
    async fn what_is_kept_is_what_stands() {
        let rig = Rig::new().await;
        assert_eq!(rig.says("a").await, None);
        rig.put(KIND, "a", json!(1)).await;
        rig.put(KIND, "b", json!("b")).await;
        for step in 2..5 {
            assert_eq!(rig.says("a").await, Some(json!(step - 1)));
            rig.put(KIND, "a", json!(step)).await;
        }
        let kept = rig.newest.get(KIND, "b").await.unwrap().unwrap();
        rig.put(KIND, "a", json!(9)).await;
        let again = rig.newest.get(KIND, "b").await.unwrap().unwrap();
        assert!(Arc::ptr_eq(&kept, &again), "the change of another is none of it");
        // The same name of another kind is another object.
        assert_eq!(rig.newest.get(ObjectKind::Client, "a").await.unwrap(), None);
        rig.write(vec![delete("a")]).await;
        assert_eq!(rig.says("a").await, None);
        rig.write(vec![put(KIND, "a", json!(1)), delete("b"), put(KIND, "b", json!(2))]).await;
        assert_eq!((rig.says("a").await, rig.says("b").await), (Some(json!(1)), Some(json!(2))));
    }

    #[tokio::test]
    async fn a_list_is_the_same_as_long_as_nothing_of_its_kind_changes() {
        let rig = Rig::new().await;
        let list = || async { rig.newest.list(ObjectKind::SigningKey, 16).await.unwrap() };
        let none = list().await;
        rig.put(KIND, "a", json!(1)).await;
        assert!(Arc::ptr_eq(&none, &list().await));
        rig.put(ObjectKind::SigningKey, "k", json!(1)).await;
        assert_eq!(list().await.len(), 1);
    }

    #[tokio::test]
    async fn more_changes_than_are_gone_through_and_changes_that_are_forgotten_leave_nothing_old() {
        let rig = Rig::new().await;
        for round in 0..3 {
            let name = |number: u32| format!("{number}");
            rig.write((0..100).map(|number| put(KIND, &name(number), json!(round))).collect()).await;
            for number in 0..100 {
                assert_eq!(rig.says(&name(number)).await, Some(json!(round)), "{round}");
            }
            for _ in 0..4 {
                rig.write((0..100).map(|number| put(KIND, &name(number), json!("x"))).collect()).await;
            }
            assert_eq!(rig.says("7").await, Some(json!("x")), "{round}");
            rig.put(KIND, "7", json!("y")).await;
            rig.write(vec![delete("8")]).await;
            rig.store.compact(Timestamp::from_micros(i64::MAX)).await.unwrap();
            assert_eq!((rig.says("7").await, rig.says("8").await), (Some(json!("y")), None), "{round}");
        }
    }

    #[tokio::test]
    async fn no_more_is_kept_than_there_is_room_for() {
        let rig = Rig::new().await;
        let names: Vec<String> = (0..MOST_OBJECTS + 10).map(|number| number.to_string()).collect();
        for some in names.chunks(500) {
            rig.write(some.iter().map(|name| put(KIND, name, json!(name))).collect()).await;
        }
        for name in &names {
            assert_eq!(rig.says(name).await, Some(json!(name)));
            assert!(rig.newest.0.held.lock().objects.len() <= MOST_OBJECTS);
        }
    }

    /// One reads, and is held up; meanwhile the object changes, and another goes through the changes.
    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_kept_after_it() {
        let rig = Rig::new().await;
        rig.put(KIND, "a", json!(1)).await;
        assert_eq!(rig.says("b").await, None);
        let at = rig.newest.0.held.lock().at;
        let read = Arc::new(rig.store.get(KIND, "a").await.unwrap().unwrap());
        let keep = |held: &mut Held| _ = held.objects.insert((KIND, "a".into()), Arc::clone(&read));
        rig.newest.keep(at, keep);
        assert!(Arc::ptr_eq(&read, &rig.newest.get(KIND, "a").await.unwrap().unwrap()));
        rig.put(KIND, "a", json!(2)).await;
        assert_eq!(rig.says("b").await, None);
        rig.newest.keep(at, keep);
        assert_eq!(rig.says("a").await, Some(json!(2)));
    }

    /// Whoever hears that something is written finds it, whoever else reads and writes at the time.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn whoever_hears_of_a_change_reads_it() {
        let rig = Arc::new(Rig::new().await);
        let mut tasks = JoinSet::new();
        for writer in 0..4 {
            let rig = Arc::clone(&rig);
            tasks.spawn(async move {
                let name = writer.to_string();
                for step in 0..150 {
                    rig.put(KIND, &name, json!(step)).await;
                    assert_eq!(rig.says(&name).await, Some(json!(step)));
                }
            });
        }
        for _ in 0..4 {
            let rig = Arc::clone(&rig);
            tasks.spawn(async move {
                let mut seen = [0; 4];
                for _ in 0..2_000 {
                    for (writer, seen) in seen.iter_mut().enumerate() {
                        let now =
                            rig.says(&writer.to_string()).await.and_then(|now| now.as_u64()).unwrap_or(0);
                        assert!(now >= *seen, "it went back from {seen} to {now}");
                        *seen = now;
                    }
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
    }
}
