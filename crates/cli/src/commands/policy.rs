//! `bartizan policy`: checks and tests that need no running deployment.

use std::path::Path;

use bartizan_control::files::Files;
use bartizan_model::Revision;
use bartizan_policy::{Engine, Finding, PolicySource, Severity};

use super::folder::{self, Texts};
use crate::args::{Global, Policy};
use crate::output::{Ended, Failure, INVALID, USAGE, data};

pub(super) fn run(global: &Global, policy: &Policy) -> Ended {
    match policy {
        Policy::Check { path } => check(global, path),
        Policy::Test { folder } => {
            let _folder = folder;
            Err(Failure::new(USAGE, "not yet"))
        }
    }
}

fn check(global: &Global, path: &Path) -> Ended {
    let texts: Texts =
        if path.is_dir() { folder::read(path, &[".cedar"])? } else { vec![folder::read_file(path)?] };
    if texts.is_empty() {
        return Err(Failure::new(USAGE, format!("there is no `.cedar` file in `{}`", path.display())));
    }
    let named: Texts = texts
        .iter()
        .map(|(name, text)| {
            let cedar = name.ends_with(".cedar");
            (if cedar { name.clone() } else { format!("{name}.cedar") }, text.clone())
        })
        .collect();
    let (findings, count) = findings(&named);
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    folder::print_findings(global, &findings, &named)?;
    if errors > 0 {
        let errors = if errors == 1 { String::from("1 error") } else { format!("{errors} errors") };
        return Err(Failure::new(INVALID, errors));
    }
    if global.is_json() {
        return Ok(());
    }
    data(&format!("{count} {} valid", if count == 1 { "policy is" } else { "policies are" }))
}

/// Everything to be said of these policies, and how many there are.
fn findings(texts: &Texts) -> (Vec<Finding>, usize) {
    let (files, mut findings) = Files::read_what_is_right(texts);
    let sources: Vec<PolicySource> = files.policies.into_values().collect();
    match Engine::compile(Revision::default(), &sources, None) {
        Ok(engine) => findings.extend(engine.findings().iter().cloned()),
        Err(found) => findings.extend(found),
    }
    findings.sort();
    (findings, sources.len())
}
