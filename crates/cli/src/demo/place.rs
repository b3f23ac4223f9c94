//! Where the demo keeps its data, made before it is confined to it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;

use super::handout;
use crate::sandbox::Files;

/// A folder of its own: the one that somebody named, or one that goes with the demo.
#[derive(Debug)]
pub(crate) struct Place {
    pub(super) dir: PathBuf,
    temporary: Option<TempDir>,
}

impl Place {
    /// Makes it.
    pub(crate) fn make(named: Option<&Path>) -> anyhow::Result<Self> {
        let (dir, temporary) = match named {
            Some(dir) => (dir.to_owned(), None),
            None => {
                let temporary = tempfile::Builder::new().prefix("bartizan-demo-").tempdir()?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
        handout::make_home()?;
        Ok(Self { dir: dir.canonicalize()?, temporary })
    }

    /// What the demo reaches.
    pub(crate) fn files(&self) -> Files {
        let above = self.temporary.as_ref().and_then(|temporary| temporary.path().parent());
        let written = vec![self.dir.clone(), handout::home()];
        Files { written, read: Vec::new(), emptied: above.map(Path::to_owned).into_iter().collect() }
            .with_system()
    }
}
