//! Which files it may reach (Landlock).

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};

use crate::config::Config;

/// What a long-running command reaches; everything else of the machine does not exist for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Files {
    /// Written and read, with all that is below.
    pub(crate) written: Vec<PathBuf>,
    /// Read, with all that is below.
    pub(crate) read: Vec<PathBuf>,
    /// Folders that an empty folder may be removed from.
    pub(crate) emptied: Vec<PathBuf>,
}

impl Files {
    /// What a deployment needs: its data, the folders that its configuration and the files named in it are in, and what the
    /// system has for everybody. A configuration that is read again names files in these folders, or there they are not.
    pub(crate) fn of(config: &Config, file: &Path) -> Self {
        let named = config.tls.certificates.iter().flat_map(|files| [&files.chain.path, &files.key.path]);
        let named = named.chain(config.tls.acme.iter().filter_map(|acme| Some(&acme.ca.as_ref()?.path)));
        let sent = config.telemetry.iter().flat_map(|sent| [&sent.ca, &sent.headers]);
        let named = named.chain(sent.filter_map(|file| Some(&file.as_ref()?.path)));
        let mut read = vec![folder_of(file)];
        for path in named {
            read.push(folder_of(path));
            // What renews certificates often leaves links to where they really are.
            read.extend(path.canonicalize().ok().map(|real| folder_of(&real)));
        }
        read.sort();
        read.dedup();
        Self { written: vec![config.data_dir.clone()], read, emptied: Vec::new() }.with_system()
    }

    /// With what the C library reads to look up names, and TLS to know authorities.
    pub(crate) fn with_system(mut self) -> Self {
        self.read.extend(SYSTEM.iter().map(PathBuf::from));
        for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            let named = std::env::var_os(variable);
            self.read.extend(named.iter().flat_map(std::env::split_paths).filter(|path| path.is_absolute()));
        }
        self.written.push(PathBuf::from("/dev/null"));
        self
    }

    /// Confines this thread, and those that it starts, to them.
    pub(super) fn confine(&self) -> Result<(), String> {
        supported()?;
        let error = |error: RulesetError| error.to_string();
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(NEWEST))
            .map_err(error)?
            // It ends no process of others, either.
            .scope(Scope::Signal)
            .map_err(error)?
            .create()
            .map_err(error)?;
        let all = AccessFs::from_all(NEWEST) & !BitFlags::from(AccessFs::Execute);
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let allowed = [(&self.written, all), (&self.read, read), (&self.emptied, AccessFs::RemoveDir.into())];
        for (paths, access) in allowed {
            for path in paths {
                // What is not there needs no leave; whoever wants it says so better.
                let Ok(file) = PathFd::new(path) else { continue };
                let access = if path.is_dir() { access } else { access & AccessFs::from_file(NEWEST) };
                rules = rules.add_rule(PathBeneath::new(file, access)).map_err(error)?;
            }
        }
        let status = rules.restrict_self().map_err(error)?;
        if status.ruleset == RulesetStatus::NotEnforced {
            return Err(String::from(UNSUPPORTED));
        }
        Ok(())
    }
}

fn folder_of(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

/// Whether the kernel has as much of Landlock as is needed. A set of rules is made, and not entered.
pub(super) fn supported() -> Result<(), String> {
    let made = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(OLDEST))
        .and_then(Ruleset::create);
    made.map(drop).map_err(|_not| String::from(UNSUPPORTED))
}

/// The first version of it refuses to move a file from one folder to another, which the evidence log has to do.
const OLDEST: ABI = ABI::V2;

/// From 5.19 on, if it is among the kernel's `lsm=`, and unless something outside refuses the calls.
const UNSUPPORTED: &str = "this kernel has no Landlock, or does not let it be used";

/// What is asked for; of older kernels, what they have of it.
const NEWEST: ABI = ABI::V7;

/// Files and folders that every user may read, and that the C library, TLS and the runtime do.
const SYSTEM: [&str; 34] = [
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/localtime",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    // The certificates, and not the keys beside them.
    "/etc/ssl/certs",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/ca-trust/extracted",
    "/etc/ca-certificates",
    // What /etc/resolv.conf leads to where something else writes it.
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/usr/share/zoneinfo",
    "/usr/share/locale",
    // Modules of the C library for looking up names are loaded when the first name is.
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/dev/urandom",
    "/proc/self",
    "/proc/sys/kernel",
    "/proc/sys/net",
    "/sys/fs/cgroup",
];
