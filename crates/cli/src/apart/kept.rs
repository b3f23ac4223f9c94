//! What a gateway elsewhere keeps of having joined: whose point it is, its key and its certificate.

use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use bartizan_enforce::PointIdentity;
use bartizan_model::{PointId, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::lock::Lock;

/// Everything of it.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// Where control is reached: `HOST:PORT`.
    pub(super) address: String,
    /// The deployment's domain.
    pub(super) domain: String,
    /// Where people sign in.
    pub(super) issuer: String,
    /// Which point this is.
    pub(super) point: PointId,
    /// The private key (PKCS #8, DER). It was made here and goes nowhere.
    pub(super) key: Secret<Vec<u8>>,
    /// The certificate, and what control's is checked against.
    pub(super) identity: PointIdentity,
}

/// The form in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    address: String,
    domain: String,
    issuer: String,
    point: String,
    key: String,
    chain: Vec<String>,
    authority: String,
}

/// Makes the folder private, and takes it.
pub(super) fn open(dir: &Path) -> anyhow::Result<Lock> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
    crate::lock::as_owner(dir)?;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
        .with_context(|| format!("cannot make `{}` private", dir.display()))?;
    crate::lock::take(dir)
}

impl Kept {
    /// What this folder keeps; nothing if it has not joined.
    pub(super) fn read(dir: &Path) -> anyhow::Result<Option<Self>> {
        let path = dir.join(NAME);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        };
        let read = || -> anyhow::Result<Self> {
            let file: File = serde_json::from_slice(&text)?;
            let chain = file.chain.iter().map(|der| STANDARD.decode(der)).collect::<Result<Vec<_>, _>>()?;
            if chain.is_empty() {
                bail!("it has no certificate");
            }
            let identity = PointIdentity { chain, authority: STANDARD.decode(&file.authority)? };
            Ok(Self {
                address: file.address,
                domain: file.domain,
                issuer: file.issuer,
                point: file.point.parse()?,
                key: Secret::new(STANDARD.decode(&file.key)?),
                identity,
            })
        };
        let damaged = || format!("`{}` is damaged: join anew, in another folder", path.display());
        read().with_context(damaged).map(Some)
    }

    /// Keeps it: whole, or as it was before.
    pub(super) fn write(&self, dir: &Path) -> anyhow::Result<()> {
        let file = File {
            address: self.address.clone(),
            domain: self.domain.clone(),
            issuer: self.issuer.clone(),
            point: self.point.to_string(),
            key: self.key.expose(|key| STANDARD.encode(key)),
            chain: self.identity.chain.iter().map(|der| STANDARD.encode(der)).collect(),
            authority: STANDARD.encode(&self.identity.authority),
        };
        let (path, new) = (dir.join(NAME), dir.join(format!("{NAME}.new")));
        let write = || -> std::io::Result<()> {
            let _old = std::fs::remove_file(&new);
            let mut to = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
            to.write_all(&serde_json::to_vec_pretty(&file)?)?;
            to.sync_all()?;
            std::fs::rename(&new, &path)?;
            std::fs::File::open(dir)?.sync_all()
        };
        write().with_context(|| format!("cannot write `{}`", path.display()))
    }
}

const NAME: &str = "point.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Kept::read(dir.path()).unwrap().is_none());
        let kept = Kept {
            address: "points.example.com:8444".into(),
            domain: "example.com".into(),
            issuer: "https://auth.example.com".into(),
            point: PointId::from_bytes([7; 16]),
            key: Secret::new(vec![1, 2, 3]),
            identity: PointIdentity { chain: vec![vec![4]], authority: vec![5] },
        };
        kept.write(dir.path()).unwrap();
        kept.write(dir.path()).unwrap();
        let read = Kept::read(dir.path()).unwrap().unwrap();
        assert_eq!((read.point, &read.address, &read.identity), (kept.point, &kept.address, &kept.identity));
        assert!(read.key.expose(|key| key == &[1, 2, 3]));
        let mode = std::fs::metadata(dir.path().join(NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(dir.path().join(NAME), b"{}").unwrap();
        assert!(format!("{:#}", Kept::read(dir.path()).unwrap_err()).contains("join anew"));
    }
}
