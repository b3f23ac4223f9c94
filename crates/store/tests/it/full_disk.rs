//! What happens when the file system takes no more.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bartizan_model::{ObjectKind, Revision};
use bartizan_store::{Error, MasterKey, SqliteStore, Store as _};
use bartizan_testkit::SeededEntropy;
use serde_json::json;

use crate::engine::{put, set};

/// A file system of one mebibyte; gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "none"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mount.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let done = Command::new("umount").arg("-l").arg(self.path()).status();
        assert!(std::thread::panicking() || done.is_ok_and(|status| status.success()), "not unmounted");
    }
}

/// Fills the disk to the last byte.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("ballast");
    let mut ballast = std::fs::File::create(&path).unwrap();
    while ballast.write_all(&[0; 512]).is_ok() {}
    path
}

fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_commits_fail_with_the_reason_and_reads_go_on() {
    let Some(disk) = SmallDisk::mount() else { return skipped("a small file system needs root") };
    let (path, master) = (disk.path().join("bartizan.db"), MasterKey::from_bytes([7; 32]));
    let store = SqliteStore::open(&path, master.clone(), Arc::new(SeededEntropy::new(1))).await.unwrap();
    store.commit(set(vec![put(ObjectKind::App, "a", json!("before"))])).await.unwrap();
    let mut newest = store.watch();
    newest.mark_unchanged();

    for round in 0..3 {
        let ballast = fill(disk.path());
        for _ in 0..3 {
            let large = put(ObjectKind::App, "a", json!("x".repeat(100_000)));
            let error =
                store.commit(set(vec![put(ObjectKind::App, "b", json!(1)), large])).await.unwrap_err();
            assert_eq!(error.to_string(), "the store cannot be written: the disk is full", "{error:?}");
            assert!(matches!(error, Error::Unwritable(_)));
            let still = store.get(ObjectKind::App, "a").await.unwrap().unwrap();
            assert_eq!((still.revision, store.revision().await.unwrap()), (still.revision, still.revision));
            assert_eq!(store.get(ObjectKind::App, "b").await.unwrap(), None);
            assert!(!newest.has_changed().unwrap());
            let probed = store.probe().await.unwrap_err();
            assert_eq!(probed.to_string(), "the store cannot be written: the disk is full", "{probed:?}");
        }
        std::fs::remove_file(ballast).unwrap();
        store.probe().await.expect("the probe finds that there is room again");
        assert!(!newest.has_changed().unwrap(), "and changes nothing");
        let done = store.commit(set(vec![put(ObjectKind::App, "a", json!(round))])).await.unwrap();
        assert_eq!(
            done.revision,
            Revision::new(round + 2),
            "as soon as there is room, and no revision is lost"
        );
        assert_eq!(*newest.borrow_and_update(), done.revision);
    }
    store.close().await;
    let store = SqliteStore::open(&path, master, Arc::new(SeededEntropy::new(2))).await.unwrap();
    assert_eq!(store.revision().await.unwrap(), Revision::new(4));
    store.close().await;
}

#[tokio::test]
async fn a_store_on_a_full_disk_is_not_opened_half() {
    let Some(disk) = SmallDisk::mount() else { return skipped("a small file system needs root") };
    let (path, master) = (disk.path().join("bartizan.db"), MasterKey::from_bytes([7; 32]));
    let ballast = fill(disk.path());
    let error = SqliteStore::open(&path, master.clone(), Arc::new(SeededEntropy::new(1))).await.unwrap_err();
    assert_eq!(error.to_string(), "the store cannot be written: the disk is full", "{error:?}");
    std::fs::remove_file(ballast).unwrap();
    let store = SqliteStore::open(&path, master, Arc::new(SeededEntropy::new(1))).await.unwrap();
    store.commit(set(vec![put(ObjectKind::App, "a", json!(1))])).await.unwrap();
    store.close().await;
}
