//! What `bartizan login` keeps, and other commands use: a file in a folder that nobody else may look into.

use std::ffi::OsString;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use bartizan_model::{Clock as _, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

use crate::client::Trust;
use crate::output::{FAILED, Failure, NOT_SIGNED_IN};
use crate::system::SystemClock;

/// A sign-in to one deployment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Its console.
    pub(crate) server: String,
    /// Who issued the token, and takes it back.
    pub(crate) issuer: String,
    /// Whom its certificates chain to (PEM); what the machine trusts, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca: Option<String>,
    /// When the token ends at the latest.
    pub(crate) expires: Timestamp,
    token: String,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.token.zeroize();
    }
}

impl Kept {
    /// What is to be kept.
    pub(crate) fn new(
        server: String,
        issuer: String,
        trust: &Trust,
        token: &Secret<String>,
        expires: Timestamp,
    ) -> Self {
        let ca = match trust {
            Trust::These(pem) => Some(String::from_utf8_lossy(pem).into_owned()),
            Trust::Machine => None,
        };
        Self { server, issuer, ca, expires, token: token.expose(Clone::clone) }
    }

    /// What is kept for this user, if anything is.
    pub(crate) fn read() -> Result<Option<Self>, Failure> {
        Folder::of_user().map_or(Ok(None), |folder| folder.read())
    }

    /// Whom to trust that its servers are who they say.
    pub(crate) fn trust(&self) -> Trust {
        self.ca.as_ref().map_or(Trust::Machine, |pem| Trust::These(pem.clone().into_bytes()))
    }

    /// The token, as long as it may be good.
    pub(crate) fn token(&self) -> Result<Secret<String>, Failure> {
        if self.expires <= SystemClock.now() {
            let why = "the sign-in of this terminal has ended: sign in again with `bartizan login`";
            return Err(Failure::new(NOT_SIGNED_IN, why));
        }
        Ok(self.any_token())
    }

    /// The token, although its time may be over.
    pub(crate) fn any_token(&self) -> Secret<String> {
        Secret::new(self.token.clone())
    }
}

/// Where it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// That of who runs this (XDG Base Directory Specification); none, if they have no home.
    pub(crate) fn of_user() -> Option<Self> {
        Self::of(std::env::var_os("XDG_CONFIG_HOME"), std::env::var_os("HOME"))
    }

    fn of(config: Option<OsString>, home: Option<OsString>) -> Option<Self> {
        let absolute = |path: PathBuf| path.is_absolute().then_some(path);
        let config = config.map(PathBuf::from).and_then(absolute);
        let config = config.or_else(|| Some(absolute(home?.into())?.join(".config")))?;
        Some(Self(config.join("bartizan")))
    }

    /// The file.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join(FILE)
    }

    /// What is kept there. What others could have read or written is not taken: it is not known any more whose it is.
    pub(crate) fn read(&self) -> Result<Option<Kept>, Failure> {
        let file = self.file();
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(FAILED, format!("`{}` cannot be read: {error}", file.display()))
        };
        let mut opened = match std::fs::File::open(&file) {
            Ok(opened) => opened,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(failed(&error)),
        };
        private(&self.0, &std::fs::metadata(&self.0).map_err(|error| failed(&error))?)?;
        // Asked of what was opened, so that it is what is read.
        private(&file, &opened.metadata().map_err(|error| failed(&error))?)?;
        let mut text = String::new();
        let read = std::io::Read::read_to_string(&mut std::io::Read::take(&mut opened, LONGEST), &mut text);
        read.map_err(|error| failed(&error))?;
        let kept = serde_json::from_str(&text);
        text.zeroize();
        kept.map(Some).map_err(|error| {
            let again = "delete it, and sign in again with `bartizan login`";
            Failure::new(FAILED, format!("`{}` is damaged ({error}): {again}", file.display()))
        })
    }

    /// Keeps this in the place of what there was: whole, or not at all.
    pub(crate) fn write(&self, kept: &Kept) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(FAILED, format!("the sign-in cannot be kept in `{}`: {error}", self.0.display()))
        };
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .map_err(|error| failed(&error))?;
        let own = std::fs::metadata(&self.0).map_err(|error| failed(&error))?;
        if own.mode() & OTHERS != 0 && own.uid() == rustix::process::geteuid().as_raw() {
            let closed = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(&self.0, closed).map_err(|error| failed(&error))?;
        }
        private(&self.0, &std::fs::metadata(&self.0).map_err(|error| failed(&error))?)?;
        let mut text = serde_json::to_vec_pretty(kept)?;
        // A file of its own until it is whole; made readable by its owner alone.
        let written = (|| {
            let mut draft = tempfile::NamedTempFile::new_in(&self.0)?;
            draft.write_all(&text)?;
            draft.as_file().sync_all()?;
            draft.persist(self.file()).map(drop).map_err(|error| error.error)
        })();
        text.zeroize();
        written.map_err(|error| failed(&error))
    }

    /// Keeps nothing any more.
    pub(crate) fn remove(&self) -> Result<(), Failure> {
        match std::fs::remove_file(self.file()) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let file = self.file();
                Err(Failure::new(FAILED, format!("`{}` cannot be removed: {error}", file.display())))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Nobody else may read or change it.
fn private(path: &Path, found: &std::fs::Metadata) -> Result<(), Failure> {
    let path = path.display();
    if found.uid() != rustix::process::geteuid().as_raw() {
        let why = "it belongs to somebody else, so the token in it is not used";
        return Err(Failure::new(FAILED, format!("`{path}`: {why}")));
    }
    if found.mode() & OTHERS != 0 {
        let why = "others can read or change it, so the token in it is not used";
        let mend = format!("`chmod go= {path}`, then `bartizan logout` and `bartizan login`");
        return Err(Failure::new(FAILED, format!("`{path}`: {why}: {mend}")));
    }
    Ok(())
}

const FILE: &str = "login.json";

/// What group and others may.
const OTHERS: u32 = 0o077;

/// A token, addresses, and certificates.
const LONGEST: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(server: &str) -> Kept {
        let (issuer, trust) = (String::from("https://auth.example.org"), Trust::These(b"PEM".to_vec()));
        let ends = SystemClock.now().plus(std::time::Duration::from_secs(60));
        Kept::new(server.into(), issuer, &trust, &Secret::new("bzn_x".into()), ends)
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn what_is_kept_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::of(None, Some(home.path().into())).unwrap();
        assert!(folder.read().unwrap().is_none());
        folder.write(&kept("https://console.example.org")).unwrap();
        folder.write(&kept("https://console.example.com")).unwrap();
        assert_eq!((mode(&folder.0), mode(&folder.file())), (0o700, 0o600));
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1, "no draft is left");
        let read = folder.read().unwrap().unwrap();
        assert_eq!(read.server, "https://console.example.com");
        assert_eq!(read.trust(), Trust::These(b"PEM".to_vec()));
        assert!(!format!("{read:?}").contains("bzn_"));
        folder.remove().unwrap();
        folder.remove().unwrap();
        assert!(folder.read().unwrap().is_none());
    }

    #[test]
    fn what_others_can_read_is_not_used() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::of(Some(home.path().into()), None).unwrap();
        folder.write(&kept("https://console.example.org")).unwrap();
        for (path, wrong, right) in
            [(folder.file(), 0o640, 0o600), (folder.file(), 0o602, 0o600), (folder.0.clone(), 0o750, 0o700)]
        {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(wrong)).unwrap();
            let refused = folder.read().unwrap_err();
            assert!(refused.message.contains("others can read"), "{}", refused.message);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(right)).unwrap();
            assert!(folder.read().unwrap().is_some());
        }
        std::fs::write(folder.file(), "{").unwrap();
        assert!(folder.read().unwrap_err().message.contains("damaged"));
    }

    #[test]
    fn a_token_whose_time_is_over_is_not_sent() {
        let mut kept = kept("https://console.example.org");
        assert!(kept.token().is_ok());
        kept.expires = Timestamp::from_micros(0);
        let refused = kept.token().unwrap_err();
        assert_eq!(refused.code, NOT_SIGNED_IN);
        assert!(refused.message.contains("bartizan login"), "{}", refused.message);
    }

    #[test]
    fn it_is_kept_where_the_user_keeps_such_things() {
        let of = |config: Option<&str>, home: Option<&str>| {
            Folder::of(config.map(OsString::from), home.map(OsString::from)).map(|folder| folder.0)
        };
        assert_eq!(of(Some("/c"), Some("/h")), Some("/c/bartizan".into()));
        assert_eq!(
            of(Some("c"), Some("/h")),
            Some("/h/.config/bartizan".into()),
            "relative ones are ignored"
        );
        assert_eq!(of(None, Some("h")), None);
        assert_eq!(of(None, None), None);
    }
}
