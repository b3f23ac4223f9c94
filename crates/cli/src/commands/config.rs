//! `bartizan config`, and how other commands read the file.

use std::path::Path;

use bartizan_policy::Finding;
use serde_json::{Value, json};

use super::folder::{self, Texts, rendered};
use crate::args::{ConfigCommand, Global};
use crate::config::Config;
use crate::output::{Ended, Failure, INVALID, data, talk};

pub(super) fn run(global: &Global, command: &ConfigCommand) -> Ended {
    let ConfigCommand::Check { file } = command;
    let (name, text) = folder::read_file(file)?;
    let findings = Config::read(&name, &text, folder_of(file)).err().unwrap_or_default();
    let texts: Texts = vec![(name, text)];
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

/// The configuration in this file, or all that is wrong with it on stderr and exit code 3.
pub(super) fn load(file: &Path) -> Result<Config, Failure> {
    let (name, text) = folder::read_file(file)?;
    Config::read(&name, &text, folder_of(file)).map_err(|findings| {
        let texts: Texts = vec![(name, text)];
        for finding in &findings {
            talk(&rendered(finding, &texts));
        }
        invalid(findings.len())
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
