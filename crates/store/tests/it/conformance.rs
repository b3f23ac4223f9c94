//! What every store must do, whichever database it is made of.

use std::sync::Arc;

use bartizan_model::{ObjectKind, Revision, Secret};
use bartizan_store::{
    ChangeSet, Error, Expect, Lookup, MAX_NAME, MAX_SECRET, MAX_SPEC, SecretWrite, Store, Write, rollback,
};
use serde_json::json;
use tokio::task::JoinSet;

use crate::engine::{Engine, at, delete, expecting, put, set, with_lookups};

/// Runs everything here on an engine.
macro_rules! suite {
    ($module:ident: $engine:ty) => {
        crate::conformance::suite!(@tests $module $engine:
            revisions_increase_without_a_gap_and_each_write_has_its_own
            what_is_written_is_read_back_as_it_was
            lists_are_in_byte_order_and_paged
            a_watcher_that_follows_misses_no_revision
            a_write_with_another_expectation_is_refused
            of_racing_writers_one_wins_each_round
            nothing_remains_of_a_set_in_which_one_write_fails
            a_set_that_fails_does_not_spoil_those_beside_it
            a_precondition_on_the_whole_store_holds
            objects_are_found_by_their_lookups_and_no_two_by_the_same
            secrets_come_back_and_are_nowhere_in_clear
            what_was_committed_is_there_after_reopening
            the_past_is_read_as_it_was
            the_future_cannot_be_read
            compaction_takes_what_nobody_can_ask_for_any_more
            after_compaction_the_past_is_known_from_where_all_that_went_was_superseded
            compaction_never_uses_a_revision_twice
            rollback_writes_the_old_state_anew
            rollback_is_refused_if_somebody_was_faster
            what_is_beyond_the_limits_is_refused
            a_probe_says_that_changes_are_taken_and_makes_none
            a_closed_store_refuses_and_has_kept_everything
        );
        mod $module {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn random_histories_agree_with_the_model() {
                crate::model::random_histories_agree_with_the_model::<$engine>(40);
            }
        }
    };
    (@tests $module:ident $engine:ty: $($name:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            crate::conformance::$name(&mut <$engine>::default()).await;
        }
    )*};
}
pub(crate) use suite;

const APP: ObjectKind = ObjectKind::App;
const SESSION: ObjectKind = ObjectKind::Session;

fn revision(number: u64) -> Revision {
    Revision::new(number)
}

pub(crate) async fn revisions_increase_without_a_gap_and_each_write_has_its_own(engine: &mut impl Engine) {
    let store = engine.open().await;
    assert_eq!(store.revision().await.unwrap(), revision(0));
    let first = store.commit(set(vec![put(APP, "a", json!(1)), put(SESSION, "a", json!(2))])).await.unwrap();
    assert_eq!(first.revisions, [revision(1), revision(2)]);
    let second = store.commit(set(vec![delete(APP, "a"), put(APP, "a", json!(1))])).await.unwrap();
    assert_eq!(second.revisions, [revision(3), revision(4)]);
    assert_eq!((second.revision, store.revision().await.unwrap()), (revision(4), revision(4)));
    let none = store.commit(set(Vec::new())).await.unwrap();
    assert_eq!((none.revision, none.revisions.len()), (revision(4), 0));

    // Under concurrency, too: each set has consecutive revisions, and all together are 5 to 124.
    let mut writers = JoinSet::new();
    for writer in 0..40 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let name = format!("n{writer}");
            let writes = (0..3).map(|n| put(APP, &name, json!(n))).collect();
            store.commit(set(writes)).await.unwrap().revisions
        });
    }
    let mut all = Vec::new();
    for revisions in writers.join_all().await {
        assert!(revisions.windows(2).all(|pair| pair[0].next() == pair[1]), "{revisions:?}");
        all.extend(revisions);
    }
    all.sort_unstable();
    assert_eq!(all, (5..125).map(revision).collect::<Vec<_>>());
}

pub(crate) async fn what_is_written_is_read_back_as_it_was(engine: &mut impl Engine) {
    let store = engine.open().await;
    let spec = json!({
        "text": "ä\u{0}\n\"", "big": u64::MAX, "low": i64::MIN, "none": null, "list": [true, {"x": ""}]
    });
    let mut change = ChangeSet::new("Bö b", at(-3));
    change.writes.push(put(APP, "wiki", spec.clone()));
    store.commit(change).await.unwrap();
    let object = store.get(APP, "wiki").await.unwrap().unwrap();
    assert_eq!((object.kind, object.name.as_str(), object.revision), (APP, "wiki", revision(1)));
    assert_eq!((object.author.as_str(), object.time, object.spec), ("Bö b", at(-3), spec));
    assert_eq!(store.get(SESSION, "wiki").await.unwrap(), None, "another kind is another object");
    assert_eq!(store.get(APP, "Wiki").await.unwrap(), None);
    assert_eq!(store.get(APP, "' OR 1=1 --").await.unwrap(), None);
}

pub(crate) async fn lists_are_in_byte_order_and_paged(engine: &mut impl Engine) {
    let store = engine.open().await;
    let names = ["B", "a", "a-", "a.b", "ab", "b", "é"];
    let mut writes: Vec<Write> = names.iter().rev().map(|name| put(APP, name, json!(name))).collect();
    writes.push(put(SESSION, "aa", json!(0)));
    writes.extend([put(APP, "gone", json!(0)), delete(APP, "gone")]);
    store.commit(set(writes)).await.unwrap();
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.list(APP, after.as_deref(), 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.name.clone());
        seen.extend(page.into_iter().map(|object| object.name));
    }
    assert_eq!(seen, names);
    assert!(store.list(APP, None, 0).await.unwrap().is_empty());
    let at_head = store.list_at(APP, store.revision().await.unwrap()).await.unwrap();
    assert_eq!(at_head, store.list(APP, None, 100).await.unwrap());
}

pub(crate) async fn a_watcher_that_follows_misses_no_revision(engine: &mut impl Engine) {
    const SETS: u64 = 60;
    let store = engine.open().await;
    let mut newest = store.watch();
    assert_eq!(*newest.borrow_and_update(), revision(0));
    let mut tasks = JoinSet::new();
    let watched = Arc::clone(&store);
    tasks.spawn(async move {
        let (mut seen, mut at) = (Vec::new(), revision(0));
        while at < revision(SETS * 2) {
            newest.changed().await.unwrap();
            let told = *newest.borrow_and_update();
            assert!(told > at, "it tells only of what is newer");
            loop {
                let page = watched.changes(at, 7).await.unwrap();
                let Some(last) = page.last() else { break };
                at = last.revision;
                seen.extend(page);
            }
            assert!(at >= told, "what it tells of can be read");
        }
        assert_eq!(seen.len(), usize::try_from(SETS * 2).unwrap());
        for (change, number) in seen.iter().zip(1..) {
            assert_eq!(change.revision, revision(number));
        }
    });
    for writer in 0..SETS {
        let (store, newest) = (Arc::clone(&store), store.watch());
        tasks.spawn(async move {
            let name = format!("n{writer}");
            let set = set(vec![put(APP, &name, json!(0)), delete(APP, &name)]);
            let done = store.commit(set).await.unwrap();
            assert!(*newest.borrow() >= done.revision, "told before it is answered");
        });
    }
    tasks.join_all().await;
    let deleted = store.changes(revision(1), 1).await.unwrap();
    assert_eq!(deleted[0].spec, None);
}

pub(crate) async fn a_write_with_another_expectation_is_refused(engine: &mut impl Engine) {
    let store = engine.open().await;
    let one = async |write: Write, expect| store.commit(set(vec![expecting(write, expect)])).await;
    let conflict = |result: Result<_, Error>, at: Option<u64>| match result {
        Err(Error::Conflict { kind: APP, name, found, .. }) => {
            assert_eq!((name.as_str(), found), ("a", at.map(revision)));
        }
        other => panic!("no conflict: {other:?}"),
    };
    let write = || put(APP, "a", json!(1));
    conflict(one(write(), Expect::Revision(revision(1))).await, None);
    conflict(one(delete(APP, "a"), Expect::Revision(revision(1))).await, None);
    for expect in [Expect::Any, Expect::Absent] {
        let missing = one(delete(APP, "a"), expect).await;
        assert!(matches!(&missing, Err(Error::NotFound { kind: APP, name }) if name == "a"), "{missing:?}");
    }
    assert_eq!(store.revision().await.unwrap(), revision(0), "nothing was written");

    one(write(), Expect::Absent).await.unwrap();
    conflict(one(write(), Expect::Absent).await, Some(1));
    conflict(one(write(), Expect::Revision(revision(2))).await, Some(1));
    one(write(), Expect::Revision(revision(1))).await.unwrap();
    conflict(one(write(), Expect::Revision(revision(1))).await, Some(2));
    conflict(one(delete(APP, "a"), Expect::Revision(revision(1))).await, Some(2));
    conflict(one(delete(APP, "a"), Expect::Absent).await, Some(2));
    one(delete(APP, "a"), Expect::Revision(revision(2))).await.unwrap();
    one(write(), Expect::Absent).await.unwrap();
    assert_eq!(store.revision().await.unwrap(), revision(4));
}

pub(crate) async fn of_racing_writers_one_wins_each_round(engine: &mut impl Engine) {
    let store = engine.open().await;
    store.commit(set(vec![put(APP, "a", json!("start"))])).await.unwrap();
    for round in 1..=20_u64 {
        let read = store.get(APP, "a").await.unwrap().unwrap().revision;
        let mut racers = JoinSet::new();
        for racer in 0..4 {
            let store = Arc::clone(&store);
            racers.spawn(async move {
                let write = put(APP, "a", json!({"round": round, "racer": racer}));
                (racer, store.commit(set(vec![expecting(write, Expect::Revision(read))])).await)
            });
        }
        let results = racers.join_all().await;
        let (winners, losers): (Vec<_>, Vec<_>) = results.into_iter().partition(|(_, result)| result.is_ok());
        assert_eq!(winners.len(), 1, "{winners:?}");
        let now = store.get(APP, "a").await.unwrap().unwrap();
        assert_eq!(now.spec, json!({"round": round, "racer": winners[0].0}));
        for (_, loser) in losers {
            assert!(
                matches!(loser, Err(Error::Conflict { found: Some(found), .. }) if found == now.revision)
            );
        }
    }
    assert_eq!(store.revision().await.unwrap(), revision(21));
}

pub(crate) async fn nothing_remains_of_a_set_in_which_one_write_fails(engine: &mut impl Engine) {
    let store = engine.open().await;
    let keep = with_lookups(put(APP, "keep", json!(1)), &[("host", "keep")]);
    let mut change = set(vec![keep]);
    change.secrets.push(secret("s", b"old"));
    change.secrets.push(secret("kept", b"kept"));
    store.commit(change).await.unwrap();
    let newest = store.watch();

    type IsRight = fn(&Error) -> bool;
    let failures: [(Write, IsRight); 3] = [
        (delete(APP, "missing"), |error| matches!(error, Error::NotFound { .. })),
        (expecting(put(APP, "keep", json!(3)), Expect::Absent), |error| {
            matches!(error, Error::Conflict { .. })
        }),
        (
            with_lookups(put(APP, "c", json!(3)), &[("host", "keep")]),
            |error| matches!(error, Error::LookupTaken { space } if space == "host"),
        ),
    ];
    for (failing, as_it_should) in failures {
        let mut change = set(vec![
            with_lookups(put(APP, "new", json!(2)), &[("host", "new")]),
            with_lookups(put(SESSION, "s", json!(2)), &[("host", "s")]),
            failing,
            put(APP, "after", json!(2)),
        ]);
        change.secrets.extend([secret("s", b"new"), secret("t", b"new")]);
        change.secrets.push(SecretWrite::Delete { name: String::from("kept") });
        let error = store.commit(change).await.unwrap_err();
        assert!(as_it_should(&error), "{error:?}");

        assert_eq!(store.revision().await.unwrap(), revision(1));
        assert_eq!(*newest.borrow(), revision(1));
        assert_eq!(store.changes(revision(0), 10).await.unwrap().len(), 1);
        assert_eq!(store.list(APP, None, 10).await.unwrap().len(), 1);
        assert_eq!(store.list(SESSION, None, 10).await.unwrap().len(), 0);
        assert_eq!(store.find("host", "new").await.unwrap(), None);
        assert_eq!(store.find("host", "keep").await.unwrap().unwrap().spec, json!(1));
        assert_eq!(read_secret(&*store, "s").await.as_deref(), Some(&b"old"[..]));
        assert_eq!(read_secret(&*store, "kept").await.as_deref(), Some(&b"kept"[..]));
        assert_eq!(read_secret(&*store, "t").await, None);
    }
}

pub(crate) async fn a_set_that_fails_does_not_spoil_those_beside_it(engine: &mut impl Engine) {
    let store = engine.open().await;
    let mut writers = JoinSet::new();
    for writer in 0..60 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let mut writes = vec![put(APP, &format!("n{writer}"), json!(writer))];
            if writer % 3 == 0 {
                writes.push(delete(APP, "missing"));
            }
            (writer, store.commit(set(writes)).await)
        });
    }
    for (writer, result) in writers.join_all().await {
        let object = store.get(APP, &format!("n{writer}")).await.unwrap();
        assert_eq!(result.is_ok(), writer % 3 != 0, "{result:?}");
        assert_eq!(object.map(|object| object.revision), result.ok().map(|done| done.revision));
    }
    assert_eq!(store.revision().await.unwrap(), revision(40), "what failed used up no revision");
}

pub(crate) async fn a_precondition_on_the_whole_store_holds(engine: &mut impl Engine) {
    let store = engine.open().await;
    let at_revision = |number, write| {
        let mut set = set(vec![write]);
        set.if_revision = Some(revision(number));
        set
    };
    store.commit(at_revision(0, put(APP, "a", json!(1)))).await.unwrap();
    for wrong in [0, 2] {
        let error = store.commit(at_revision(wrong, put(APP, "b", json!(1)))).await.unwrap_err();
        let Error::Moved { expected, found } = error else { panic!("{error:?}") };
        assert_eq!((expected, found), (revision(wrong), revision(1)));
    }
    assert_eq!(store.get(APP, "b").await.unwrap(), None);
    store.commit(at_revision(1, put(APP, "b", json!(1)))).await.unwrap();

    let mut racers = JoinSet::new();
    for racer in 0..8 {
        let (store, set) = (Arc::clone(&store), at_revision(2, put(APP, &format!("r{racer}"), json!(1))));
        racers.spawn(async move { store.commit(set).await.is_ok() });
    }
    assert_eq!(racers.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

pub(crate) async fn objects_are_found_by_their_lookups_and_no_two_by_the_same(engine: &mut impl Engine) {
    let store = engine.open().await;
    let found = async |space: &str, key: &str| {
        store.find(space, key).await.unwrap().map(|object| (object.kind, object.name))
    };
    let a = Some((APP, String::from("a")));
    // The same lookup listed twice is one.
    let lookups = [("login", "1"), ("login", "2"), ("login", "1"), ("other", "1")];
    store.commit(set(vec![with_lookups(put(APP, "a", json!(1)), &lookups)])).await.unwrap();
    for (space, key) in lookups {
        assert_eq!(found(space, key).await, a);
    }
    assert_eq!(found("other", "2").await, None);
    let listed = store.lookups(APP, "a").await.unwrap();
    assert_eq!(listed, [("login", "1"), ("login", "2"), ("other", "1")].map(|(s, k)| Lookup::new(s, k)));
    assert_eq!(store.lookups(APP, "b").await.unwrap(), []);

    // Taken, by an object of another kind, too; what is refused changes nothing.
    for (kind, name) in [(APP, "b"), (SESSION, "a")] {
        let taken = with_lookups(put(kind, name, json!(1)), &[("mine", name), ("login", "2")]);
        let error = store.commit(set(vec![taken])).await.unwrap_err();
        assert!(matches!(&error, Error::LookupTaken { space } if space == "login"), "{error:?}");
        assert!(!error.to_string().contains('2'), "the key is not repeated");
        assert_eq!(found("mine", name).await, None);
    }

    // A put replaces them; what is given up can be taken in the same set, in the order of its writes.
    let without = with_lookups(put(APP, "a", json!(2)), &[("login", "1"), ("login", "3")]);
    let with = with_lookups(put(APP, "b", json!(2)), &[("login", "2")]);
    let error = store.commit(set(vec![with.clone(), without.clone()])).await.unwrap_err();
    assert!(matches!(error, Error::LookupTaken { .. }));
    store.commit(set(vec![without, with])).await.unwrap();
    assert_eq!(found("login", "2").await, Some((APP, String::from("b"))));
    assert_eq!((found("login", "1").await, found("login", "3").await), (a.clone(), a));
    assert_eq!(found("other", "1").await, None);

    // A deletion removes them.
    store.commit(set(vec![delete(APP, "a")])).await.unwrap();
    assert_eq!(found("login", "1").await, None);
    store.commit(set(vec![with_lookups(put(APP, "c", json!(1)), &[("login", "1")])])).await.unwrap();
    assert_eq!(found("login", "1").await, Some((APP, String::from("c"))));
}

fn secret(name: &str, value: &[u8]) -> SecretWrite {
    SecretWrite::Put { name: name.to_owned(), value: Secret::new(value.to_vec()) }
}

async fn read_secret(store: &dyn Store, name: &str) -> Option<Vec<u8>> {
    store.secret(name).await.unwrap().map(|value| value.expose(Clone::clone))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

pub(crate) async fn secrets_come_back_and_are_nowhere_in_clear(engine: &mut impl Engine) {
    let store = engine.open().await;
    let value = b"a key that is nowhere to be seen";
    let mut change = set(vec![put(APP, "visible-name", json!("visible-spec"))]);
    change.secrets.extend([secret("tls/wiki", value), secret("empty", b"")]);
    let done = store.commit(change).await.unwrap();
    assert_eq!(done.revisions.len(), 1, "a secret has no revision");
    assert_eq!(read_secret(&*store, "tls/wiki").await.as_deref(), Some(&value[..]));
    assert_eq!(read_secret(&*store, "empty").await, Some(Vec::new()));
    assert_eq!(read_secret(&*store, "other").await, None);
    let printed = format!("{:?} {:?}", store.changes(revision(0), 10).await.unwrap(), store);
    assert!(!printed.contains("tls/wiki"), "no trace in the log: {printed}");

    let open = engine.at_rest();
    store.close().await;
    for bytes in [open, engine.at_rest()] {
        assert!(contains(&bytes, b"visible-spec"), "the bytes are those of the database");
        assert!(!contains(&bytes, value));
        assert!(!contains(&bytes, &value[..8]));
    }

    // Replaced, destroyed, and destroyed again.
    let store = engine.open().await;
    let mut change = set(Vec::new());
    change.secrets.push(secret("tls/wiki", b"another"));
    assert_eq!(store.commit(change).await.unwrap().revision, revision(1));
    assert_eq!(read_secret(&*store, "tls/wiki").await.as_deref(), Some(&b"another"[..]));
    for _ in 0..2 {
        let mut change = set(Vec::new());
        change.secrets.push(SecretWrite::Delete { name: String::from("tls/wiki") });
        store.commit(change).await.unwrap();
        assert_eq!(read_secret(&*store, "tls/wiki").await, None);
    }
}

pub(crate) async fn what_was_committed_is_there_after_reopening(engine: &mut impl Engine) {
    let store = engine.open().await;
    let mut change = set(vec![
        with_lookups(put(APP, "a", json!(1)), &[("host", "a")]),
        put(APP, "b", json!(1)),
        delete(APP, "b"),
    ]);
    change.secrets.push(secret("s", b"value"));
    store.commit(change).await.unwrap();
    let before = (store.list(APP, None, 10).await.unwrap(), store.changes(revision(0), 10).await.unwrap());
    store.close().await;
    let store = engine.open().await;
    let after = (store.list(APP, None, 10).await.unwrap(), store.changes(revision(0), 10).await.unwrap());
    assert_eq!(before, after);
    assert_eq!(store.find("host", "a").await.unwrap().unwrap().name, "a");
    assert_eq!(read_secret(&*store, "s").await.as_deref(), Some(&b"value"[..]));
    assert_eq!(*store.watch().borrow(), revision(3));
    let next = store.commit(set(vec![put(APP, "c", json!(1))])).await.unwrap();
    assert_eq!(next.revision, revision(4));
}

pub(crate) async fn the_past_is_read_as_it_was(engine: &mut impl Engine) {
    let store = engine.open().await;
    let steps = [
        put(APP, "a", json!(1)),
        put(APP, "b", json!(2)),
        put(APP, "a", json!(3)),
        delete(APP, "b"),
        put(SESSION, "a", json!(5)),
        put(APP, "b", json!(6)),
    ];
    store.commit(set(steps.to_vec())).await.unwrap();
    let expected: [&[(&str, i64)]; 7] = [
        &[],
        &[("a", 1)],
        &[("a", 1), ("b", 2)],
        &[("a", 3), ("b", 2)],
        &[("a", 3)],
        &[("a", 3)],
        &[("a", 3), ("b", 6)],
    ];
    for (then, number) in expected.into_iter().zip(0..) {
        let listed = store.list_at(APP, revision(number)).await.unwrap();
        let listed: Vec<_> =
            listed.iter().map(|object| (object.name.as_str(), object.spec.as_i64().unwrap())).collect();
        assert_eq!(listed, then, "at {number}");
        for name in ["a", "b"] {
            let got = store.get_at(APP, name, revision(number)).await.unwrap();
            let there = then.iter().find(|(known, _)| *known == name).map(|(_, value)| json!(value));
            assert_eq!(got.map(|object| object.spec), there, "{name} at {number}");
        }
    }
    let history = store.history(APP, "b", 10).await.unwrap();
    let told: Vec<_> = history.iter().map(|change| (change.revision.get(), change.spec.clone())).collect();
    assert_eq!(told, [(6, Some(json!(6))), (4, None), (2, Some(json!(2)))]);
    assert_eq!(store.history(APP, "b", 1).await.unwrap(), history[..1]);
    let recent = store.recent(APP, 3).await.unwrap();
    let of_b = store.recent(APP, 100).await.unwrap().into_iter().filter(|change| change.name == "b");
    assert!(recent.is_sorted_by(|one, other| one.revision > other.revision) && recent.len() == 3);
    assert_eq!(of_b.collect::<Vec<_>>(), history);
}

pub(crate) async fn the_future_cannot_be_read(engine: &mut impl Engine) {
    let store = engine.open().await;
    store.commit(set(vec![put(APP, "a", json!(1))])).await.unwrap();
    for asked in [2, u64::MAX] {
        let errors = [
            store.changes(revision(asked), 1).await.unwrap_err(),
            store.list_at(APP, revision(asked)).await.unwrap_err(),
            store.get_at(APP, "a", revision(asked)).await.unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, Error::Ahead { newest, .. } if newest == revision(1)), "{error:?}");
        }
    }
    assert!(store.changes(revision(1), 1).await.unwrap().is_empty());
}

pub(crate) async fn compaction_takes_what_nobody_can_ask_for_any_more(engine: &mut impl Engine) {
    let store = engine.open().await;
    let steps = [
        (1, put(SESSION, "s", json!(1))),
        (2, put(SESSION, "s", json!(2))),
        (3, put(SESSION, "t", json!(3))),
        (4, put(APP, "a", json!(4))),
        (5, put(APP, "a", json!(5))),
        (6, delete(APP, "a")),
        (7, delete(SESSION, "t")),
        (8, put(SESSION, "s", json!(8))),
        (9, delete(SESSION, "s")),
    ];
    for (second, write) in steps {
        let mut change = set(vec![write]);
        change.time = at(second);
        store.commit(change).await.unwrap();
    }
    let left = async || {
        let mut left = Vec::new();
        for (kind, name) in [(SESSION, "s"), (SESSION, "t"), (APP, "a")] {
            let history = store.history(kind, name, 20).await.unwrap();
            left.extend(history.into_iter().map(|change| change.revision.get()));
        }
        left.sort_unstable();
        left
    };
    assert_eq!(store.compact(at(2)).await.unwrap(), 0, "1 was superseded at 2, not before");
    assert_eq!(store.changes(revision(0), 20).await.unwrap().len(), 9);
    assert_eq!(store.compact(at(8)).await.unwrap(), 3);
    assert_eq!(left().await, [2, 4, 5, 6, 8, 9], "2 stood until 8; t is gone; the app keeps its history");

    // The past of what keeps its history is whole; of the rest, from where it is known.
    let compacted =
        |error: Error, at: u64| matches!(error, Error::Compacted { oldest } if oldest == revision(at));
    for number in 0..=9 {
        let app = store.get_at(APP, "a", revision(number)).await.unwrap();
        assert_eq!(app.map(|app| app.spec), (4..6).contains(&number).then(|| json!(number)));
        let (listed, changes) =
            (store.list_at(SESSION, revision(number)).await, store.changes(revision(number), 20).await);
        if number < 7 {
            assert!(compacted(listed.unwrap_err(), 7) && compacted(changes.unwrap_err(), 7), "{number}");
            assert!(compacted(store.get_at(SESSION, "s", revision(number)).await.unwrap_err(), 7));
        } else {
            let expected = [Some(json!(2)), Some(json!(8)), None];
            let specs: Vec<_> = listed.unwrap().into_iter().map(|object| object.spec).collect();
            assert_eq!(specs.first(), expected[usize::try_from(number).unwrap() - 7].as_ref());
            assert_eq!(changes.unwrap().len(), usize::try_from(9 - number).unwrap());
        }
    }
    assert_eq!(store.compact(at(8)).await.unwrap(), 0, "nothing is left to take");
    assert_eq!(store.compact(at(100)).await.unwrap(), 3);
    assert_eq!(left().await, [4, 5, 6]);
    assert_eq!(store.get(SESSION, "s").await.unwrap(), None);
}

pub(crate) async fn after_compaction_the_past_is_known_from_where_all_that_went_was_superseded(
    engine: &mut impl Engine,
) {
    let store = engine.open().await;
    let writes = [put(SESSION, "s", json!(1)), put(SESSION, "t", json!(2)), put(SESSION, "s", json!(3))];
    store.commit(set(writes.to_vec())).await.unwrap();
    assert_eq!(store.compact(at(2)).await.unwrap(), 1);
    // At 2, `s` said 1; nobody knows it any more, and nobody is told otherwise.
    let error = store.get_at(SESSION, "s", revision(2)).await.unwrap_err();
    assert!(matches!(error, Error::Compacted { oldest } if oldest == revision(3)), "{error:?}");
    let known = store.list_at(SESSION, revision(3)).await.unwrap();
    assert_eq!(known.iter().map(|object| &object.spec).collect::<Vec<_>>(), [&json!(3), &json!(2)]);
}

pub(crate) async fn compaction_never_uses_a_revision_twice(engine: &mut impl Engine) {
    let store = engine.open().await;
    // More than compaction does in one step.
    let mut writes: Vec<Write> = (0..1100).map(|n| put(SESSION, &format!("s{}", n % 50), json!(n))).collect();
    writes.extend((0..50).map(|n| delete(SESSION, &format!("s{n}"))));
    store.commit(set(writes)).await.unwrap();
    assert_eq!(store.compact(at(2)).await.unwrap(), 1150);
    assert!(store.changes(revision(1150), 10).await.unwrap().is_empty(), "the log is empty");
    store.close().await;
    let store = engine.open().await;
    assert_eq!((store.revision().await.unwrap(), *store.watch().borrow()), (revision(1150), revision(1150)));
    let next = store.commit(set(vec![put(SESSION, "s", json!(1))])).await.unwrap();
    assert_eq!(next.revision, revision(1151));
}

pub(crate) async fn rollback_writes_the_old_state_anew(engine: &mut impl Engine) {
    let store = engine.open().await;
    store.commit(set(vec![with_lookups(put(APP, "a", json!(1)), &[("host", "old")])])).await.unwrap();
    store.commit(set(vec![with_lookups(put(APP, "a", json!(2)), &[("host", "new")])])).await.unwrap();
    let back = async |to: u64, expect| rollback(&*store, APP, "a", revision(to), "bob", at(9), expect).await;

    assert_eq!(back(1, Expect::Revision(revision(2))).await.unwrap().revision, revision(3));
    let now = store.get(APP, "a").await.unwrap().unwrap();
    assert_eq!((now.spec, now.author.as_str(), now.time), (json!(1), "bob", at(9)));
    assert!(store.find("host", "new").await.unwrap().is_some(), "its lookups stay");
    assert!(store.find("host", "old").await.unwrap().is_none());

    assert_eq!(back(0, Expect::Any).await.unwrap().revision, revision(4));
    assert_eq!(store.get(APP, "a").await.unwrap(), None, "there was none at 0");
    assert!(matches!(back(0, Expect::Any).await, Err(Error::NotFound { .. })));

    assert_eq!(back(2, Expect::Absent).await.unwrap().revision, revision(5));
    assert_eq!(store.get(APP, "a").await.unwrap().unwrap().spec, json!(2));
    assert_eq!(store.lookups(APP, "a").await.unwrap(), [], "a deletion took its lookups");
    assert_eq!(store.history(APP, "a", 10).await.unwrap().len(), 5, "going back is one more step forward");
    assert!(matches!(back(6, Expect::Any).await, Err(Error::Ahead { .. })));
}

pub(crate) async fn rollback_is_refused_if_somebody_was_faster(engine: &mut impl Engine) {
    let store = engine.open().await;
    store.commit(set(vec![put(APP, "a", json!(1)), put(APP, "a", json!(2))])).await.unwrap();
    for (expect, found) in [(Expect::Revision(revision(1)), 2), (Expect::Absent, 2)] {
        let error = rollback(&*store, APP, "a", revision(1), "bob", at(9), expect).await.unwrap_err();
        assert!(matches!(error, Error::Conflict { found: Some(at), .. } if at == revision(found)));
    }
    // Racing: each that succeeds goes back from what it has read.
    let mut racers = JoinSet::new();
    for _ in 0..8 {
        let store = Arc::clone(&store);
        racers.spawn(async move {
            rollback(&*store, APP, "a", revision(1), "bob", at(9), Expect::Revision(revision(2)))
                .await
                .is_ok()
        });
    }
    assert_eq!(racers.join_all().await.into_iter().filter(|won| *won).count(), 1);
    assert_eq!(store.revision().await.unwrap(), revision(3));
}

pub(crate) async fn what_is_beyond_the_limits_is_refused(engine: &mut impl Engine) {
    let store = engine.open().await;
    let long = |length| "x".repeat(length);
    let bad_secret = |name: &str, length| {
        let mut change = set(Vec::new());
        change.secrets.push(secret(name, &vec![0; length]));
        change
    };
    let mut nameless = set(vec![put(APP, "a", json!(1))]);
    nameless.author = String::new();
    let refused = [
        set(vec![put(APP, "", json!(1))]),
        set(vec![put(APP, "a\0b", json!(1))]),
        set(vec![put(APP, &long(MAX_NAME + 1), json!(1))]),
        set(vec![delete(APP, &long(MAX_NAME + 1))]),
        // With its quotes, one byte too long.
        set(vec![put(APP, "a", json!(long(MAX_SPEC - 1)))]),
        set(vec![put(APP, "a", json!(long(MAX_SPEC - 2))); 33]),
        set(vec![delete(APP, "a"); 10_001]),
        set(vec![with_lookups(put(APP, "a", json!(1)), &[("", "k")])]),
        set(vec![with_lookups(put(APP, "a", json!(1)), &[("s", "")])]),
        set(vec![with_lookups(put(APP, "a", json!(1)), &[("s", &long(201))])]),
        set(vec![with_lookups(put(APP, "a", json!(1)), &[("s", "k"); 65])]),
        bad_secret("", 1),
        bad_secret("s", MAX_SECRET + 1),
        nameless,
    ];
    for (change, number) in refused.into_iter().zip(0..) {
        let error = store.commit(change).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "number {number}: {error:?}");
    }
    assert_eq!(store.revision().await.unwrap(), revision(0));
    store.commit(set(vec![put(APP, &long(MAX_NAME), json!(long(MAX_SPEC - 2)))])).await.unwrap();
    store.commit(bad_secret("s", MAX_SECRET)).await.unwrap();
    assert_eq!(read_secret(&*store, "s").await.unwrap().len(), MAX_SECRET);
}

pub(crate) async fn a_probe_says_that_changes_are_taken_and_makes_none(engine: &mut impl Engine) {
    let store = engine.open().await;
    let done = store.commit(set(vec![put(APP, "a", json!(1))])).await.unwrap();
    let mut newest = store.watch();
    newest.mark_unchanged();
    for _ in 0..3 {
        store.probe().await.unwrap();
    }
    assert_eq!(store.revision().await.unwrap(), done.revision);
    assert!(!newest.has_changed().unwrap());
    store.close().await;
    assert!(matches!(store.probe().await, Err(Error::Closed)));
}

pub(crate) async fn a_closed_store_refuses_and_has_kept_everything(engine: &mut impl Engine) {
    let store = engine.open().await;
    let mut writers = JoinSet::new();
    for writer in 0..50 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let name = format!("n{writer}");
            (name.clone(), store.commit(set(vec![put(APP, &name, json!(1))])).await)
        });
    }
    let closer = Arc::clone(&store);
    writers.spawn(async move {
        closer.close().await;
        (String::new(), Err(Error::Closed))
    });
    let results = writers.join_all().await;
    assert!(matches!(store.commit(set(vec![put(APP, "late", json!(1))])).await, Err(Error::Closed)));
    assert!(matches!(store.get(APP, "late").await, Err(Error::Closed)));
    store.close().await;
    drop(store);
    let store = engine.open().await;
    for (name, result) in results.into_iter().filter(|(name, _)| !name.is_empty()) {
        match result {
            Ok(done) => assert_eq!(store.get(APP, &name).await.unwrap().unwrap().revision, done.revision),
            Err(error) => assert!(matches!(error, Error::Closed), "{error:?}"),
        }
    }
}
