//! What the demo hands out: passwords, codes, links, tokens. It lies in a folder of this user's alone, outside the data
//! directory (in which no credential is ever in clear), and goes when the demo ends.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use bartizan_identity::{TotpSecret, TotpStep};
use bartizan_model::Clock as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::people::Account;
use crate::output::{Ended, FAILED, Failure, NOT_FOUND, data};
use crate::system::SystemClock;

/// The files of one running demo; they are deleted when it is dropped.
#[derive(Debug)]
pub(super) struct Handout {
    folder: PathBuf,
}

impl Handout {
    /// Writes down what is handed out by the demo that keeps its data in `dir`.
    pub(super) fn write<'a>(
        dir: &Path,
        people: impl Iterator<Item = (&'a String, &'a Account)>,
        admin: &str,
    ) -> anyhow::Result<Self> {
        let home = home();
        private_folder(&home)?;
        let folder = home.join(name_of(dir));
        // Left behind by a demo that was killed.
        let _ = std::fs::remove_dir_all(&folder);
        private_folder(&folder)?;
        let handout = Self { folder };
        let mut secrets = serde_json::Map::new();
        for (name, account) in people {
            handout.put(&format!("{name}.token"), &account.token)?;
            let secret = account.totp.to_bytes().expose(|bytes| URL_SAFE_NO_PAD.encode(bytes));
            secrets.insert(name.clone(), Value::String(secret));
        }
        handout.put("admin.token", admin)?;
        handout.put(CODES, &json!({ "dir": dir, "totp": secrets }).to_string())?;
        // Another demo may start at the same time: the last one there is is one of them, and none is in the other's way.
        let (last, new) = (home.join(LAST), home.join(format!(".{LAST}-{}", std::process::id())));
        let _ = std::fs::remove_file(&new);
        put(&new, &name_of(dir))?;
        std::fs::rename(&new, &last).with_context(|| format!("cannot write `{}`", last.display()))?;
        Ok(handout)
    }

    /// A file that was handed out.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn put(&self, name: &str, text: &str) -> anyhow::Result<()> {
        put(&self.folder.join(name), text)
    }
}

impl Drop for Handout {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `demo code NAME`: the code that the person's authenticator app shows now.
pub(crate) fn code(name: &str, dir: Option<&Path>) -> Ended {
    let none = || {
        Failure::new(
            NOT_FOUND,
            "no demo of yours is running (start one with `bartizan demo`, in another terminal)",
        )
    };
    let home = home();
    let folder = match dir {
        Some(dir) => name_of(&dir.canonicalize().map_err(|_gone| none())?),
        None => std::fs::read_to_string(home.join(LAST)).map_err(|_gone| none())?.trim().to_owned(),
    };
    let text = std::fs::read_to_string(home.join(folder).join(CODES)).map_err(|_gone| none())?;
    let handed: Value = serde_json::from_str(&text).context("what the demo handed out cannot be read")?;
    let people = handed.get("totp").and_then(Value::as_object).cloned().unwrap_or_default();
    let Some(secret) = people.get(name).and_then(Value::as_str) else {
        let names: Vec<&str> = people.keys().map(String::as_str).collect();
        return Err(Failure::new(
            NOT_FOUND,
            format!("there is no `{name}` in the demo; there are {}", names.join(", ")),
        ));
    };
    let bytes = URL_SAFE_NO_PAD.decode(secret).context("what the demo handed out cannot be read")?;
    let secret = TotpSecret::from_bytes(&bytes)
        .ok_or_else(|| Failure::new(FAILED, "what the demo handed out cannot be read"))?;
    let code = secret.code(TotpStep::at(SystemClock.now()));
    data(&code.expose(Clone::clone))?;
    Ok(())
}

/// The folder of this user. The name can be guessed, so whose it is, is looked at.
pub(super) fn home() -> PathBuf {
    std::env::temp_dir().join(format!("bartizan-demo-{}", rustix::process::getuid().as_raw()))
}

/// Makes it, if it is not there.
pub(super) fn make_home() -> anyhow::Result<()> {
    private_folder(&home())
}

fn private_folder(folder: &Path) -> anyhow::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| format!("cannot make `{}`", folder.display()));
        }
        Ok(()) | Err(_) => {}
    }
    let found = std::fs::symlink_metadata(folder)?;
    let mine = found.is_dir()
        && found.uid() == rustix::process::getuid().as_raw()
        && found.mode().trailing_zeros() >= 6;
    if !mine {
        bail!(
            "`{}` is not a folder of yours alone: delete it, or set TMPDIR to another place",
            folder.display()
        );
    }
    Ok(())
}

fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = options.open(path).with_context(|| format!("cannot write `{}`", path.display()))?;
    writeln!(file, "{text}")?;
    Ok(())
}

/// One folder for each data directory.
fn name_of(dir: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let digest = bartizan_pki::sha256(dir.as_os_str().as_bytes());
    URL_SAFE_NO_PAD.encode(digest.get(..12).unwrap_or(&digest))
}

const CODES: &str = "codes.json";
const LAST: &str = "last";
