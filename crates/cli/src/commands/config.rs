//! `bartizan config`, and how other commands read the file.

use std::path::Path;
use std::sync::Arc;

use bartizan_model::Clock as _;
use bartizan_pki::AcmeDirectory;
use bartizan_policy::Finding;
use serde_json::{Value, json};

use super::folder::{self, Texts, rendered};
use crate::args::{ConfigCommand, Global};
use crate::certificates::{self, FromFiles};
use crate::config::Config;
use crate::output::{Ended, Failure, INVALID, data, talk};
use crate::system::SystemClock;
use crate::telemetry::Pipeline;

pub(super) fn run(global: &Global, command: &ConfigCommand) -> Ended {
    let ConfigCommand::Check { file } = command;
    let (findings, texts) = match Whole::read(file) {
        Ok(_whole) => (Vec::new(), Texts::new()),
        Err(Wrong::Found(findings, texts)) => (findings, texts),
        Err(Wrong::Unreadable(failure)) => return Err(failure),
    };
    if global.is_json() {
        data(&Value::from(findings.iter().map(coded).collect::<Vec<_>>()).to_string())?;
    } else {
        folder::print_findings(global, &findings, &texts)?;
        if findings.is_empty() {
            data("the configuration is valid")?;
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(invalid(findings.len())) }
}

/// A finding with a code, and what to do about it.
pub(crate) fn coded(finding: &Finding) -> Value {
    let mut coded = json!(finding);
    if let Some(fields) = coded.as_object_mut() {
        let help = finding.help.as_deref().map(|help| format!(": {help}")).unwrap_or_default();
        let mend = format!("edit {} line {}{help}", finding.file, finding.line);
        fields.insert(String::from("code"), Value::from("config.invalid"));
        fields.insert(String::from("mend"), Value::from(mend));
    }
    coded
}

/// A configuration with what is in the files that it names.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) config: Config,
    pub(crate) certificates: Vec<FromFiles>,
    /// The public authority, if one is asked.
    pub(crate) authority: Option<AcmeDirectory>,
    /// What sends traces and logs, if they are sent.
    pub(crate) telemetry: Option<Arc<Pipeline>>,
}

/// Why there is no configuration.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// The file cannot be read.
    Unreadable(Failure),
    /// What is wrong with it, and its text.
    Found(Vec<Finding>, Texts),
}

impl Whole {
    /// Reads it, or finds all that is wrong with it.
    pub(crate) fn read(file: &Path) -> Result<Self, Wrong> {
        read(file, Self::with_files)
    }

    fn with_files(config: Config) -> Result<Self, Vec<Finding>> {
        let certificates = certificates::read_all(&config.tls, SystemClock.now());
        let authority = config.tls.acme.as_ref().map(certificates::directory).transpose();
        let telemetry = config.telemetry.as_ref().map(Pipeline::read).transpose();
        match (certificates, authority, telemetry) {
            (Ok(certificates), Ok(authority), Ok(telemetry)) => {
                Ok(Self { config, certificates, authority, telemetry })
            }
            (certificates, authority, telemetry) => {
                let mut findings = certificates.err().unwrap_or_default();
                findings.extend(authority.err().unwrap_or_default());
                findings.extend(telemetry.err().unwrap_or_default());
                findings.sort();
                Err(findings)
            }
        }
    }
}

fn read<T>(file: &Path, then: impl FnOnce(Config) -> Result<T, Vec<Finding>>) -> Result<T, Wrong> {
    let (name, text) = folder::read_file(file).map_err(Wrong::Unreadable)?;
    let read = Config::read(&name, &text, folder_of(file)).and_then(then);
    read.map_err(|findings| Wrong::Found(findings, vec![(name, text)]))
}

/// The configuration in this file, or all that is wrong with it on stderr and exit code 3.
pub(super) fn load(file: &Path) -> Result<Whole, Failure> {
    or_talk(Whole::read(file))
}

/// The same, for who does not serve: files that it names may be missing or out of date.
pub(super) fn load_alone(file: &Path) -> Result<Config, Failure> {
    or_talk(read(file, Ok))
}

fn or_talk<T>(read: Result<T, Wrong>) -> Result<T, Failure> {
    read.map_err(|wrong| match wrong {
        Wrong::Unreadable(failure) => failure,
        Wrong::Found(findings, texts) => {
            for finding in &findings {
                talk(&rendered(finding, &texts));
            }
            invalid(findings.len())
        }
    })
}

fn invalid(count: usize) -> Failure {
    let problems = if count == 1 { "problem" } else { "problems" };
    Failure::new(INVALID, format!("the configuration has {count} {problems}"))
}

/// Where the file stands: what is relative in it is relative to this.
pub(super) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}
