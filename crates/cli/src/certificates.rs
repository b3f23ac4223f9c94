//! Certificates that were supplied, from files: read when they are named, and looked at again while they are served.

use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;

use bartizan_model::{Secret, Timestamp};
use bartizan_pki::{AcmeDirectory, Supplied, SuppliedError, sha256};
use bartizan_policy::Finding;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::config::{Acme, CertificateFiles, LocatedPath, Tls};

/// A certificate that is served, and the files that it came from.
#[derive(Debug, Clone)]
pub(crate) struct FromFiles {
    files: CertificateFiles,
    supplied: Arc<Supplied>,
    /// Of both files as they were then.
    digest: [u8; 32],
    /// What was wrong with the files when they were last looked at, so that it is said once.
    complaint: Option<String>,
}

/// Why a certificate cannot be served.
#[derive(Debug)]
pub(crate) struct Unusable {
    /// A stable name for it.
    pub(crate) code: &'static str,
    /// What is wrong, and where the file was named.
    pub(crate) finding: Finding,
}

/// Reads all certificates that a configuration names.
///
/// # Errors
/// Everything that is wrong with them.
pub(crate) fn read_all(tls: &Tls, now: Timestamp) -> Result<Vec<FromFiles>, Vec<Finding>> {
    let (mut read, mut findings) = (Vec::new(), Vec::new());
    for files in &tls.certificates {
        match FromFiles::read(files, now) {
            Ok(one) => read.push(one),
            Err(unusable) => findings.push(unusable.finding),
        }
    }
    if findings.is_empty() { Ok(read) } else { Err(findings) }
}

/// The public authority, with what its own certificate is checked against.
///
/// # Errors
/// What is wrong with that file.
pub(crate) fn directory(acme: &Acme) -> Result<AcmeDirectory, Vec<Finding>> {
    let ca = acme.ca.as_ref().map(authorities).transpose()?;
    Ok(AcmeDirectory { url: acme.directory.clone(), contact: acme.contact.clone(), ca })
}

/// The certificates in a file that somebody's own certificate is checked against.
///
/// # Errors
/// What is wrong with that file.
pub(crate) fn authorities(
    LocatedPath { path, place }: &LocatedPath,
) -> Result<Vec<CertificateDer<'static>>, Vec<Finding>> {
    let wrong = |why: String| vec![place.error(format!("`{}` {why}", path.display()))];
    let pem = contents(path).map_err(wrong)?;
    let ca: Result<Vec<CertificateDer<'static>>, _> =
        pem.expose(|pem| CertificateDer::pem_slice_iter(pem).collect());
    match ca {
        Ok(ca) if !ca.is_empty() => Ok(ca),
        Ok(_) => Err(wrong(String::from("holds no certificate"))),
        Err(error) => Err(wrong(format!("is not PEM: {error}"))),
    }
}

impl FromFiles {
    /// Reads one, or finds why it is of no use.
    pub(crate) fn read(files: &CertificateFiles, now: Timestamp) -> Result<Self, Box<Unusable>> {
        let wrong = |LocatedPath { path, place }: &LocatedPath, code, why: &str, help: &str| {
            let finding = place.error_with_help(format!("`{}`: {why}", path.display()), help);
            Box::new(Unusable { code, finding })
        };
        let unreadable = "tls.unreadable";
        let chain =
            contents(&files.chain.path).map_err(|why| wrong(&files.chain, unreadable, &why, READABLE))?;
        let key = contents(&files.key.path).map_err(|why| wrong(&files.key, unreadable, &why, READABLE))?;
        if let Some((why, help)) = open_to_others(&files.key.path) {
            return Err(wrong(&files.key, "tls.key_open", &why, &help));
        }
        let supplied = chain.expose(|chain| Supplied::from_pem(chain, &key, now)).map_err(|error| {
            let (file, code) = match &error {
                SuppliedError::Chain { .. } => (&files.chain, "tls.unusable"),
                SuppliedError::Expired { .. } => (&files.chain, "tls.expired"),
                SuppliedError::Key { .. } => (&files.key, "tls.unusable"),
            };
            wrong(file, code, &error.to_string(), error.help())
        })?;
        let digest = digest(&chain, &key);
        Ok(Self { files: files.clone(), supplied: Arc::new(supplied), digest, complaint: None })
    }

    /// The certificate.
    pub(crate) const fn supplied(&self) -> &Arc<Supplied> {
        &self.supplied
    }

    /// Looks at the files again; whether there is another certificate now. One that is of no use is logged once, and what
    /// was read last stays.
    pub(crate) fn look_again(&mut self, now: Timestamp) -> bool {
        let same = contents(&self.files.chain.path)
            .and_then(|chain| Ok(digest(&chain, &contents(&self.files.key.path)?) == self.digest));
        if same == Ok(true) {
            self.complaint = None;
            return false;
        }
        match Self::read(&self.files, now) {
            Ok(new) => {
                tracing::info!(names = ?new.supplied.names(), ends = %new.supplied.ends(), "a certificate was renewed");
                *self = new;
                true
            }
            Err(unusable) => {
                let complaint = unusable.finding.to_string();
                if self.complaint.as_ref() != Some(&complaint) {
                    tracing::error!(
                        finding = complaint,
                        ends = %self.supplied.ends(),
                        "the file of a certificate has changed and is of no use; the one that was read before is still served"
                    );
                    self.complaint = Some(complaint);
                }
                false
            }
        }
    }
}

/// What is in a file; why it cannot be read.
pub(crate) fn contents(path: &Path) -> Result<Secret<Vec<u8>>, String> {
    let read = || {
        // What is no file is not waited for.
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).map_err(std::io::Error::other)?;
        let mut file = std::fs::File::options().read(true).custom_flags(flags).open(path)?;
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("it is not a file"));
        }
        let mut bytes = vec![0; MAX_FILE];
        let mut len = 0;
        // Into one buffer: what grows would leave copies of a key behind.
        while let Some(room) = bytes.get_mut(len..).filter(|room| !room.is_empty()) {
            match file.read(room)? {
                0 => break,
                count => len = len.saturating_add(count),
            }
        }
        let full = len == MAX_FILE;
        bytes.truncate(len);
        let bytes = Secret::new(bytes);
        if full { Err(std::io::Error::other("it is too large for what it is to be")) } else { Ok(bytes) }
    };
    read().map_err(|error| format!("cannot be read: {error}"))
}

/// A key that others can read is theirs, too: what is wrong with its mode, and what mends it.
fn open_to_others(path: &Path) -> Option<(String, String)> {
    let mode = open_mode(path)?;
    let why = format!("this private key is open to others (mode {mode:03o})");
    let help = "(640 if its group is to read it too), and have the certificate issued anew for another key if somebody else could have read this one";
    Some((why, format!("chmod 600 {} {help}", path.display())))
}

/// The mode of a file that others can read or its group can change.
pub(crate) fn open_mode(path: &Path) -> Option<u32> {
    let mode = std::fs::metadata(path).map_or(0o777, |metadata| metadata.mode());
    (mode & OTHERS != 0).then_some(mode & 0o777)
}

fn digest(chain: &Secret<Vec<u8>>, key: &Secret<Vec<u8>>) -> [u8; 32] {
    let parts = [chain, key].map(|part| part.expose(|part| sha256(part)));
    sha256(parts.as_flattened())
}

/// Everything of everybody else, and that the group can change it.
const OTHERS: u32 = 0o027;

/// 256 KiB: a chain of ten large certificates is a tenth.
const MAX_FILE: usize = 256 << 10;

const READABLE: &str =
    "name a file that whoever runs bartizan can read; systemd hands files of root over with LoadCredential=";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    use bartizan_model::Clock as _;
    use rcgen::{CertificateParams, KeyPair};

    use super::*;
    use crate::system::SystemClock;

    fn write(folder: &Path, name: &str) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let now = rcgen::date_time_ymd(1970, 1, 1)
            + Duration::from_secs(SystemClock.now().as_secs().try_into().unwrap());
        (params.not_before, params.not_after) =
            (now - Duration::from_secs(60), now + Duration::from_secs(3600));
        std::fs::write(folder.join("chain.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
        mode(&folder.join("key.pem"), 0o600);
    }

    fn mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn configured(folder: &Path) -> Tls {
        let text = "domain = \"a.b\"\n[[listener]]\naddress = \"0.0.0.0:1\"\nserves = [\"auth\"]\n\
                    [[tls.certificate]]\nchain = \"chain.pem\"\nkey = \"key.pem\"\n";
        crate::config::Config::read("b.toml", text, folder).unwrap().tls
    }

    #[test]
    fn what_is_wrong_is_said_of_the_line_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (tls, now) = (configured(folder.path()), SystemClock.now());
        let found = || read_all(&tls, now).map(drop).unwrap_err()[0].to_string();
        assert!(
            found().starts_with("b.toml:6:9: ") && found().contains("cannot be read: No such file"),
            "{}",
            found()
        );
        write(folder.path(), "wiki.test");
        assert_eq!(read_all(&tls, now).unwrap()[0].supplied().names(), ["wiki.test"]);
        let key = folder.path().join("key.pem");
        for open in [0o644, 0o604, 0o620, 0o601] {
            mode(&key, open);
            assert!(found().starts_with("b.toml:7:7: ") && found().contains("open to others"), "{}", found());
        }
        for closed in [0o600, 0o400, 0o640, 0o440] {
            mode(&key, closed);
            read_all(&tls, now).unwrap();
        }
        assert!(
            read_all(&tls, now.plus(Duration::from_secs(7200)))
                .is_err_and(|found| found[0].message.contains("it expired"))
        );
        std::fs::write(&key, vec![b'x'; MAX_FILE + 1]).unwrap();
        assert!(found().contains("too large"), "{}", found());
        std::fs::remove_file(&key).unwrap();
        std::fs::create_dir(&key).unwrap();
        assert!(found().contains("cannot be read"), "{}", found());
        std::fs::remove_dir(&key).unwrap();
        // Nobody writes to it: reading it would never end.
        assert!(std::process::Command::new("mkfifo").arg(&key).status().unwrap().success());
        assert!(found().contains("it is not a file"), "{}", found());
    }

    #[test]
    fn a_renewed_certificate_is_taken_up_and_one_of_no_use_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (tls, now) = (configured(folder.path()), SystemClock.now());
        write(folder.path(), "one.test");
        let mut read = read_all(&tls, now).unwrap();
        let one = &mut read[0];
        assert!(!one.look_again(now), "nothing has changed");
        write(folder.path(), "two.test");
        assert!(one.look_again(now));
        assert_eq!(one.supplied().names(), ["two.test"]);
        // Half renewed: the key is that of another certificate.
        let before = std::fs::read(folder.path().join("key.pem")).unwrap();
        write(folder.path(), "three.test");
        let after = std::fs::read(folder.path().join("key.pem")).unwrap();
        std::fs::write(folder.path().join("key.pem"), before).unwrap();
        assert!(!one.look_again(now) && !one.look_again(now));
        assert_eq!(one.supplied().names(), ["two.test"]);
        assert!(one.complaint.as_ref().unwrap().contains("not the one of the certificate"));
        std::fs::write(folder.path().join("key.pem"), after).unwrap();
        assert!(one.look_again(now) && one.complaint.is_none());
        std::fs::remove_file(folder.path().join("chain.pem")).unwrap();
        assert!(!one.look_again(now) && one.supplied().names() == ["three.test"]);
    }
}
