//! One sync of the disk serves all who wait.

use std::sync::Arc;

use bartizan_model::ObjectKind;
use bartizan_store::Store as _;
use serde_json::json;
use tokio::task::JoinSet;

use crate::engine::{Sqlite, put, set};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_concurrent_commits_need_few_transactions() {
    let mut engine = Sqlite::default();
    let store = Arc::new(engine.open_sqlite().await);
    assert_eq!((store.stats().transactions, store.stats().changes), (0, 0));
    let mut writers = JoinSet::new();
    for writer in 0..200 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            store.commit(set(vec![put(ObjectKind::App, &format!("n{writer}"), json!(1))])).await.unwrap()
        });
    }
    writers.join_all().await;
    let stats = store.stats();
    assert_eq!(stats.changes, 200);
    assert!(stats.transactions <= 40, "{stats:?}");
}

#[tokio::test]
async fn a_lone_commit_is_one_transaction() {
    let mut engine = Sqlite::default();
    let store = engine.open_sqlite().await;
    for number in 1..=3 {
        store.commit(set(vec![put(ObjectKind::App, "a", json!(number))])).await.unwrap();
        assert_eq!(store.stats().transactions, number);
    }
}
