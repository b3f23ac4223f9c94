//! What `doctor` looks at: each check is a function from the deployment on this machine to what is wrong with it.
//!
//! Nothing is changed and nothing is mended, so it can be run beside a deployment that serves.

mod data;
mod host;
mod log;
mod tls;

use serde::Serialize;

use crate::config::Config;
use crate::lock::Claim;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    /// It does not work, or is not safe.
    Error,
    /// It will not work for long.
    Warning,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Complaint {
    /// A stable name for it.
    pub(crate) code: &'static str,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What is wrong.
    pub(crate) message: String,
    /// The command, or the act, that mends it.
    pub(crate) mend: String,
}

impl Complaint {
    fn error(code: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), mend: mend.into() }
    }

    fn warning(code: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, mend) }
    }
}

/// What the checks found: what they are of, and what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Examination {
    /// What was looked at, in order, with the number of complaints.
    pub(crate) checks: Vec<(&'static str, usize)>,
    /// What is wrong.
    pub(crate) complaints: Vec<Complaint>,
}

impl Examination {
    fn add(&mut self, check: &'static str, complaints: Vec<Complaint>) {
        self.checks.push((check, complaints.len()));
        self.complaints.extend(complaints);
    }
}

/// Looks at everything.
pub(crate) async fn examine(config: &Config) -> Examination {
    let mut examination = Examination::default();
    let dir = &config.data_dir;
    examination.add("data directory", data::private(dir));
    if !dir.is_dir() {
        examination.add("listener", host::listeners(config, false));
        return examination;
    }
    examination.add("disk space", host::space(dir));
    let claim = crate::lock::claim(dir);
    let running = matches!(claim, Ok(Claim::Theirs(_)));
    if !running {
        // Whoever serves has opened it; whether others can says nothing more.
        examination.add("store", data::store(dir, &config.domain).await);
    }
    examination.add("evidence log", log::whole(dir));
    examination.add("clock", log::clock(dir));
    examination.add("listener", host::listeners(config, running));
    examination.add("certificates", tls::certificates(config, running).await);
    examination.add("certificate authority", data::authority(dir));
    examination.add("open files", host::files());
    drop(claim);
    examination
}
