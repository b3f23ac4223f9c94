//! A control, and many points that all have met the same people: whatever becomes of these concerns every point.

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::control::{Control, DOMAIN, store};
use super::elsewhere::Elsewhere;
use super::fill::{Sealed, fill, put, session, user};
use bartizan_model::ObjectKind;
use bartizan_store::Write;

/// Control and its points.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) control: Control,
    pub(super) points: Elsewhere,
    pub(super) people: usize,
    key: Sealed,
    turn: usize,
    _folder: TempDir,
}

/// Where the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    /// A disk, as ever.
    Disk,
    /// Memory, so that a commit waits for no disk.
    Memory,
}

impl On {
    pub(super) fn folder(self) -> anyhow::Result<TempDir> {
        let memory = Path::new("/dev/shm");
        if self == Self::Memory && memory.exists() {
            return Ok(tempfile::tempdir_in(memory)?);
        }
        Ok(tempfile::tempdir()?)
    }
}

impl Fleet {
    /// So many points of all apps, each of which has met so many people.
    pub(super) async fn start(number: usize, people: usize, on: On) -> anyhow::Result<Self> {
        let folder = on.folder()?;
        let store = store(folder.path()).await?;
        fill(&store, people, 10).await?;
        let mut points = Elsewhere::start(number)?;
        store.close().await;
        let control = Control::open(folder.path()).await?;
        points.join(&control.store, DOMAIN, &json!("apps"), control.address).await?;
        points.begin()?;
        points.meet(people)?;
        Ok(Self { control, points, people, key: Sealed::new(), turn: 0, _folder: folder })
    }

    /// The next write of a session that all points have met.
    pub(super) fn session(&mut self) -> Write {
        self.turn += 1;
        session(self.turn % self.people, self.turn)
    }

    /// The next write of a person that all points have met.
    pub(super) fn person(&mut self) -> Write {
        self.turn += 1;
        user(self.turn % self.people, &self.key, self.turn)
    }

    /// The next write of a group, which concerns every point.
    pub(super) fn group(&mut self) -> Write {
        self.turn += 1;
        let inner = format!("g{}", self.turn % 100);
        put(ObjectKind::Group, String::from("changing"), json!({ "groups": [inner] }))
    }
}
