use std::sync::Arc;

use bartizan_model::{Clock as _, Entropy};
use bartizan_store::{ChangeSet, Expect, MasterKey, SqliteStore, Write};
use bartizan_testkit::{FakeClock, SeededEntropy};
use serde_json::json;

use super::*;

struct Rig {
    store: SqliteStore,
    clock: FakeClock,
    _dir: tempfile::TempDir,
}

impl Rig {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(5));
        let master = MasterKey::from_bytes([3; 32]);
        let store = SqliteStore::open(&dir.path().join("db"), master, entropy).await.unwrap();
        Self { store, clock: FakeClock::default(), _dir: dir }
    }

    /// The app says this of its lease; or is deleted.
    async fn write(&self, name: &str, lease: Option<Option<u64>>) {
        let (kind, name) = (ObjectKind::App, name.to_owned());
        let mut change = ChangeSet::new("ada", self.clock.now());
        change.writes.push(match lease {
            Some(lease) => {
                let mut spec = json!({"host": format!("{name}.test"), "upstream": "http://10.0.0.1:80"});
                if let Some(seconds) = lease {
                    spec["lease_seconds"] = seconds.into();
                }
                Write::Put { kind, name, spec, lookups: Vec::new(), expect: Expect::Any }
            }
            None => Write::Delete { kind, name, expect: Expect::Any },
        });
        self.store.commit(change).await.unwrap();
    }

    async fn formerly(&self) -> u64 {
        formerly(&self.store, self.clock.now()).await.unwrap().as_secs()
    }
}

#[tokio::test]
async fn a_control_that_starts_knows_the_leases_that_points_may_still_go_by() {
    let rig = Rig::new().await;
    assert_eq!(rig.formerly().await, 0);
    rig.write("wiki", Some(Some(3600))).await;
    rig.write("blog", Some(Some(900))).await;
    rig.write("shop", Some(None)).await;
    rig.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(rig.formerly().await, 0, "what is in force says the directory");
    // Shortened, and taken away: what stood until then was written long ago.
    rig.write("wiki", Some(Some(10))).await;
    assert_eq!(rig.formerly().await, 3600);
    rig.clock.advance(Duration::from_secs(1800));
    rig.write("blog", None).await;
    assert_eq!(rig.formerly().await, 3600);
    rig.clock.advance(Duration::from_secs(1919));
    assert_eq!(rig.formerly().await, 3600, "an hour, and two minutes for clocks that differ");
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(rig.formerly().await, 900);
    rig.clock.advance(Duration::from_secs(1800));
    assert_eq!(rig.formerly().await, 0);
    // A clock that was set back makes nothing old.
    rig.write("shop", Some(Some(120))).await;
    rig.write("shop", Some(None)).await;
    rig.clock.jump_to(Timestamp::from_micros(0));
    assert_eq!(rig.formerly().await, 3600, "as if all of it were new");
}
