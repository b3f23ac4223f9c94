//! What an SQLite file is opened with, and what it is refused for.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use bartizan_model::{ObjectKind, Revision, Secret};
use bartizan_store::{Error, MasterKey, SecretWrite, SqliteStore, Store as _};
use bartizan_testkit::SeededEntropy;
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::engine::{Sqlite, put, set};

async fn open(path: &Path, master: [u8; 32]) -> Result<SqliteStore, Error> {
    SqliteStore::open(path, MasterKey::from_bytes(master), Arc::new(SeededEntropy::new(99))).await
}

async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

#[tokio::test]
async fn an_older_binary_refuses_a_newer_schema_and_leaves_it_alone() {
    let mut engine = Sqlite::default();
    let store = engine.open_sqlite().await;
    store.commit(set(vec![put(ObjectKind::App, "a", json!(1))])).await.unwrap();
    store.close().await;
    // What a later release would leave behind, having changed what this one reads.
    let newer = "UPDATE meta SET schema_version = 9, oldest_reader = 8, oldest_release = '0.7.0'";
    tamper(&engine.path(), newer).await;
    let before = engine_bytes(&engine);
    let error = open(&engine.path(), Sqlite::MASTER).await.unwrap_err();
    assert!(matches!(error, Error::Newer { found: 9, known: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("use release 0.7.0 or a later one"), "{error}");
    assert_eq!(engine_bytes(&engine), before);
}

#[tokio::test]
async fn a_newer_schema_that_this_binary_may_still_read_is_opened_as_it_is() {
    let mut engine = Sqlite::default();
    engine.open_sqlite().await.close().await;
    let newer = "UPDATE meta SET schema_version = 2, oldest_reader = 1";
    tamper(&engine.path(), newer).await;
    engine.open_sqlite().await.close().await;
    let mut connection = raw(&engine.path()).await;
    let query = sqlx::query_as("SELECT schema_version FROM meta");
    let version: (i64,) = query.fetch_one(&mut connection).await.unwrap();
    assert_eq!(version.0, 2);
}

/// Does this to the file behind the store's back, and leaves nothing open.
async fn tamper(path: &Path, statements: &'static str) {
    let mut connection = raw(path).await;
    sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

fn engine_bytes(engine: &Sqlite) -> Vec<u8> {
    std::fs::read(engine.path()).unwrap()
}

#[tokio::test]
async fn another_master_key_is_refused_and_does_no_harm() {
    let mut engine = Sqlite::default();
    let store = engine.open_sqlite().await;
    let mut change = set(Vec::new());
    change.secrets.push(SecretWrite::Put { name: String::from("s"), value: Secret::new(b"v".to_vec()) });
    store.commit(change).await.unwrap();
    store.close().await;
    let error = open(&engine.path(), [8; 32]).await.unwrap_err();
    assert!(matches!(error, Error::WrongMasterKey), "{error:?}");
    let store = engine.open_sqlite().await;
    assert!(store.secret("s").await.unwrap() == Some(Secret::new(b"v".to_vec())));
}

#[tokio::test]
async fn after_the_master_key_was_changed_only_the_new_one_opens() {
    let mut engine = Sqlite::default();
    let store = engine.open_sqlite().await;
    let mut change = set(Vec::new());
    change.secrets.push(SecretWrite::Put { name: String::from("s"), value: Secret::new(b"v".to_vec()) });
    store.commit(change).await.unwrap();
    store.change_master_key(&MasterKey::from_bytes([8; 32])).await.unwrap();
    assert!(store.secret("s").await.unwrap().is_some());
    store.close().await;
    let refused = open(&engine.path(), Sqlite::MASTER).await.unwrap_err();
    assert!(matches!(refused, Error::WrongMasterKey), "{refused:?}");
    let store = open(&engine.path(), [8; 32]).await.unwrap();
    assert!(store.secret("s").await.unwrap() == Some(Secret::new(b"v".to_vec())));
}

#[tokio::test]
async fn a_secret_that_was_moved_or_changed_in_the_file_is_not_given_out() {
    let mut engine = Sqlite::default();
    let store = engine.open_sqlite().await;
    let mut change = set(Vec::new());
    for name in ["a", "b", "c"] {
        let value = Secret::new(name.as_bytes().to_vec());
        change.secrets.push(SecretWrite::Put { name: name.to_owned(), value });
    }
    store.commit(change).await.unwrap();
    store.close().await;
    let changed = "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'b') WHERE name = 'a'; \
         UPDATE secrets SET sealed = x'01' WHERE name = 'c'";
    tamper(&engine.path(), changed).await;
    let store = engine.open_sqlite().await;
    for name in ["a", "c"] {
        let error = store.secret(name).await.unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{name}: {error:?}");
    }
    assert!(store.secret("b").await.unwrap().is_some());
}

#[tokio::test]
async fn a_destroyed_secret_is_not_left_in_the_file() {
    let mut engine = Sqlite::default();
    let store = engine.open_sqlite().await;
    let mut change = set(Vec::new());
    change.secrets.push(SecretWrite::Put { name: String::from("s"), value: Secret::new(vec![9; 3000]) });
    store.commit(change).await.unwrap();
    let mut connection = raw(&engine.path()).await;
    let row: (Vec<u8>,) =
        sqlx::query_as("SELECT sealed FROM secrets").fetch_one(&mut connection).await.unwrap();
    // While somebody else has the file open, closing the store leaves the write-ahead log as it is.
    connection.close().await.unwrap();
    let sealed = &row.0[1000..1032];
    let left = |engine: &Sqlite| engine_bytes(engine).windows(32).any(|window| window == sealed);
    store.close().await;
    assert!(left(&engine), "it is in the file before");
    let store = engine.open_sqlite().await;
    let mut change = set(Vec::new());
    change.secrets.push(SecretWrite::Delete { name: String::from("s") });
    store.commit(change).await.unwrap();
    store.close().await;
    assert!(!left(&engine));
}

#[tokio::test]
async fn what_is_not_a_store_is_refused_as_damaged() {
    let mut engine = Sqlite::default();
    std::fs::write(engine.path(), [b'x'; 8192]).unwrap();
    let error = open(&engine.path(), Sqlite::MASTER).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { source: Some(_), .. }), "{error:?}");
    assert_eq!(engine_bytes(&engine), [b'x'; 8192]);

    std::fs::remove_file(engine.path()).unwrap();
    let store = engine.open_sqlite().await;
    store
        .commit(set(vec![put(ObjectKind::App, "a", json!(1)), put(ObjectKind::App, "b", json!(1))]))
        .await
        .unwrap();
    let changed =
        "UPDATE changes SET spec = '{' WHERE revision = 1; UPDATE changes SET kind = 'x' WHERE revision = 2";
    tamper(&engine.path(), changed).await;
    assert!(matches!(store.get(ObjectKind::App, "a").await, Err(Error::Corrupt { .. })));
    assert!(matches!(store.changes(Revision::new(1), 9).await, Err(Error::Corrupt { .. })));
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named_as_the_reason() {
    let error = open(Path::new("/nowhere/at/all.db"), Sqlite::MASTER).await.unwrap_err();
    assert_eq!(error.to_string(), "the store cannot be written: the file cannot be opened");
}

#[tokio::test]
async fn the_files_are_the_owners_alone() {
    let mut engine = Sqlite::default();
    let store = engine.open_sqlite().await;
    store.commit(set(vec![put(ObjectKind::App, "a", json!(1))])).await.unwrap();
    let files = std::fs::read_dir(engine.path().parent().unwrap()).unwrap();
    let modes: Vec<u32> = files.map(|file| file.unwrap().metadata().unwrap().mode() & 0o777).collect();
    assert_eq!(modes, [0o600; 3]);
}

#[tokio::test]
async fn what_stands_cannot_be_taken_out_of_the_log() {
    let mut engine = Sqlite::default();
    let store = engine.open_sqlite().await;
    store.commit(set(vec![put(ObjectKind::App, "a", json!(1))])).await.unwrap();
    let taken = sqlx::query("DELETE FROM changes").execute(&mut raw(&engine.path()).await).await.unwrap_err();
    assert!(taken.to_string().contains("FOREIGN KEY"), "{taken}");
}
