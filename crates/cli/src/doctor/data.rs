//! The data directory: private, whole, and of this release.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bartizan_control::AppSpec;
use bartizan_model::{Clock as _, ObjectKind, Timestamp};
use bartizan_store::{Error, MasterKey, SqliteStore};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::Complaint;
use crate::deployment::domain_of;
use crate::system::{SystemClock, SystemEntropy};

/// Nobody else can look into it.
pub(super) fn private(dir: &Path) -> Vec<Complaint> {
    if !dir.is_dir() {
        return vec![Complaint::error(
            "data.missing",
            format!("there is no data directory `{}`", dir.display()),
            "bartizan init, or set `data_dir` to where it is",
        )];
    }
    let mut complaints = Vec::new();
    let mut open = |path: &Path, mode: u32| {
        let Ok(metadata) = std::fs::metadata(path) else { return };
        let found = metadata.permissions().mode() & 0o777;
        if found & 0o077 != 0 {
            complaints.push(Complaint::error(
                "data.open_to_others",
                format!("`{}` can be read or changed by others (mode {found:03o})", path.display()),
                format!("chmod {mode:o} {}", path.display()),
            ));
        }
    };
    open(dir, 0o700);
    open(&dir.join("keys"), 0o700);
    open(&dir.join("bartizan.db"), 0o600);
    for entry in std::fs::read_dir(dir.join("keys")).into_iter().flatten().flatten() {
        // The one key that is for everybody.
        if entry.file_name() != "log.vkey" {
            open(&entry.path(), 0o600);
        }
    }
    complaints.extend(owner(dir, rustix::process::geteuid().as_raw()));
    complaints
}

/// All of it belongs to the one user that serves: what somebody else put there, that user cannot read.
fn owner(dir: &Path, me: u32) -> Option<Complaint> {
    let whose = |path: &Path| std::fs::symlink_metadata(path).ok().map(|metadata| metadata.uid());
    let user = whose(dir)?;
    if me != 0 && user != me {
        let message = format!("`{}` belongs to user {user}, and this is user {me}", dir.display());
        return Some(Complaint::error(
            "data.owner",
            message,
            format!("runuser -u '#{user}' -- bartizan doctor, or run it as root"),
        ));
    }
    let entries = |folder: &Path| {
        std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect::<Vec<_>>()
    };
    let folders = ["keys", "log", "spool"].map(|name| entries(&dir.join(name)));
    let mut files = entries(dir).into_iter().chain(folders.into_iter().flatten());
    let (file, other) =
        files.find_map(|path| whose(&path).filter(|other| *other != user).map(|other| (path, other)))?;
    Some(Complaint::error(
        "data.owner",
        format!(
            "`{}` belongs to user {other}, and the data directory to user {user}, who serves it",
            file.display()
        ),
        format!("chown -R --reference={0} {0}", dir.display()),
    ))
}

/// What is wrong with the file of the store, and the apps in it. One that cannot be opened is complained about elsewhere.
pub(super) async fn inside(dir: &Path) -> (Vec<Complaint>, Vec<AppSpec>) {
    let (file, key) = (dir.join("bartizan.db"), dir.join("keys").join("master"));
    if !file.is_file() || !key.is_file() {
        return (Vec::new(), Vec::new());
    }
    let looked = async {
        let master = MasterKey::load_or_create(&key, &SystemEntropy)?;
        let mut glance = SqliteStore::glance(&file, &master, Arc::new(SystemEntropy)).await?;
        let apps = if glance.migrates() { Vec::new() } else { glance.list(ObjectKind::App, APPS).await? };
        Ok::<_, Error>((glance.faults().await, apps))
    };
    let apps_of = |objects: Vec<bartizan_store::Object>| {
        objects.into_iter().filter_map(|object| serde_json::from_value(object.spec).ok()).collect()
    };
    let (said, apps) = match tokio::time::timeout(CHECK, looked).await {
        Ok(Ok((Ok(faults), apps))) => (faults, apps_of(apps)),
        Ok(Ok((Err(error), apps))) => (vec![error.to_string()], apps_of(apps)),
        // What cannot be opened is the complaint of `store`; a file that takes longer to read is not known to be damaged.
        Ok(Err(_)) | Err(_) => return (Vec::new(), Vec::new()),
    };
    let complaint = said.first().map(|first| {
        Complaint::error(
            "store.damaged",
            format!("`{}` is damaged: {}", file.display(), first.lines().next().unwrap_or_default()),
            "stop bartizan serve, keep a copy, and restore the data directory from a backup",
        )
    });
    (complaint.into_iter().collect(), apps)
}

/// It opens with its key and has a schema that this release knows.
pub(super) async fn store(dir: &Path, domain: &str) -> Vec<Complaint> {
    let (file, key) = (dir.join("bartizan.db"), dir.join("keys").join("master"));
    for (path, code) in [(&file, "store.missing"), (&key, "store.key_missing")] {
        if !path.is_file() {
            let message = format!("there is no `{}`", path.display());
            return vec![Complaint::error(code, message, "restore the data directory from a backup")];
        }
    }
    let looked = async {
        let master = MasterKey::load_or_create(&key, &SystemEntropy)?;
        let mut glance = SqliteStore::glance(&file, &master, Arc::new(SystemEntropy)).await?;
        let auth = if glance.migrates() { None } else { glance.get(ObjectKind::App, "auth").await? };
        Ok(domain_of(auth.as_ref()))
    };
    let error = match looked.await {
        Ok(Some(stored)) if stored != domain => {
            let message =
                format!("the data directory was made for `{stored}`, and the configuration says `{domain}`");
            return vec![Complaint::error(
                "store.other_domain",
                message,
                format!("set domain = \"{stored}\""),
            )];
        }
        Ok(_) => return Vec::new(),
        Err(error) => error,
    };
    let (code, mend) = match &error {
        Error::Newer { release, .. } => ("store.newer", format!("install release {release} or a later one")),
        Error::WrongMasterKey | Error::MasterKey { .. } => {
            ("store.key", format!("put the master key of this store at {}", key.display()))
        }
        _ => ("store.unreadable", String::from("restore the data directory from a backup")),
    };
    vec![Complaint::error(code, error.to_string(), mend)]
}

/// The authority can still vouch for hosts.
pub(super) fn authority(dir: &Path) -> Vec<Complaint> {
    let path = dir.join("ca.pem");
    let not_read = |why: String| {
        let message = format!("`{}` {why}", path.display());
        vec![Complaint::error(
            "authority.unreadable",
            message,
            "restart bartizan serve: it writes the file anew",
        )]
    };
    let certificate = match CertificateDer::from_pem_file(&path) {
        Ok(certificate) => certificate,
        Err(error) => return not_read(format!("cannot be read: {error}")),
    };
    let Ok((_, parsed)) = X509Certificate::from_der(&certificate) else {
        return not_read(String::from("holds no certificate"));
    };
    let until = parsed.validity().not_after.timestamp().saturating_mul(1_000_000);
    let (until, now) = (Timestamp::from_micros(until), SystemClock.now());
    let mend = "plan a new authority: everybody who trusts this one must get it";
    if until <= now {
        let message = format!("the certificate authority expired on {until}");
        vec![Complaint::error("authority.expired", message, mend)]
    } else if until.since(now) < SOON {
        let message = format!("the certificate authority expires on {until}");
        vec![Complaint::warning("authority.expires", message, mend)]
    } else {
        Vec::new()
    }
}

/// The names of more are not looked up.
const APPS: u32 = 200;

/// Reading a file of some GB takes longer: then nothing is said about it.
const CHECK: Duration = Duration::from_secs(10);

/// Long enough to bring a new authority to every machine.
const SOON: Duration = Duration::from_secs(60 * 24 * 3600);
