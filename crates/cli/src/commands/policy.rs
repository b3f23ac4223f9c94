//! `bartizan policy`: checks and tests that need no running deployment.

use std::collections::BTreeMap;
use std::path::Path;

use bartizan_control::files::{Files, policy_cases, renamed, suppose};
use bartizan_model::Revision;
use bartizan_policy::{Engine, Finding, PolicySource, Severity};

use super::folder::{self, Texts};
use crate::args::{Global, Policy};
use crate::deployment::OWN_POLICIES;
use crate::output::{Ended, Failure, INVALID, PROBLEMS, USAGE, data};

pub(super) fn run(global: &Global, policy: &Policy) -> Ended {
    match policy {
        Policy::Check { path } => check(global, path),
        Policy::Test { folder } => test(global, folder),
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

fn test(global: &Global, folder: &Path) -> Ended {
    let texts = folder::read(folder, &[".toml", ".cedar"])?;
    let (tests, objects): (Texts, Texts) =
        texts.into_iter().partition(|(name, _)| name.ends_with(".test.toml"));
    if tests.is_empty() {
        let message = format!("there is no policy test (`*.test.toml`) in `{}`", folder.display());
        return Err(Failure::new(USAGE, message));
    }
    let all: Texts = tests.iter().chain(&objects).cloned().collect();
    let invalid = |findings: Vec<Finding>| -> Ended {
        folder::print_findings(global, &findings, &all)?;
        Err(Failure::new(INVALID, "the folder is not in order, so nothing was tested"))
    };
    let mut findings = Vec::new();
    let mut cases = Vec::new();
    for (name, text) in &tests {
        match policy_cases(name, text) {
            Ok(read) => cases.extend(read),
            Err(found) => findings.extend(found),
        }
    }
    let (files, found) = Files::read_what_is_right(&with_own(&objects));
    findings.extend(found);
    let supposed = suppose(&files);
    let people = supposed.as_ref().map(|supposed| &supposed.people).ok().into_iter().flatten();
    let ids: BTreeMap<String, String> = people.map(|(login, id)| (login.clone(), id.to_string())).collect();
    let stored = |source: &PolicySource| PolicySource { text: renamed(&source.text, &ids), ..source.clone() };
    let sources: Vec<PolicySource> = files.policies.values().map(stored).collect();
    let engine = Engine::compile(Revision::new(1), &sources, None);
    let (engine, supposed) = match (engine, supposed) {
        (Ok(engine), Ok(supposed)) if findings.is_empty() => (engine, supposed),
        (engine, supposed) => {
            findings.extend(engine.err().unwrap_or_default());
            findings.extend(supposed.err().unwrap_or_default());
            return invalid(findings);
        }
    };
    let failed: Vec<Finding> = cases.iter().filter_map(|case| case.run(&engine, &supposed)).collect();
    folder::print_findings(global, &failed, &all)?;
    let passed = cases.len().saturating_sub(failed.len());
    if !failed.is_empty() {
        return Err(Failure::new(PROBLEMS, format!("{passed} passed, {} failed", failed.len())));
    }
    if global.is_json() { Ok(()) } else { data(&format!("{passed} passed, 0 failed")) }
}

/// The files, and those of the policies that every deployment begins with that they do not replace.
fn with_own(objects: &Texts) -> Texts {
    let (files, _) = Files::read_what_is_right(objects);
    let own = bartizan_policy::split_file("own.cedar", OWN_POLICIES).unwrap_or_default();
    let kept = own.iter().filter(|policy| !files.policies.contains_key(&policy.id));
    let text: Vec<&str> = kept.map(|policy| policy.text.as_str()).collect();
    let mut all = objects.clone();
    all.push((String::from("own.cedar"), text.join("\n")));
    all
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
