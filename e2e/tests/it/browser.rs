//! People in a real browser: Debian's Chromium, driven by a script.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::demo::{Demo, binary};

/// Runs a script of `e2e/node` against this demo; what it measured is printed.
fn run(demo: &Demo, script: &str) {
    run_with(demo, script, json!({}));
}

/// The same, with more to know for the script: `rules`, where hosts are that are not on this machine, and `through`, what
/// commands of ours are run by.
pub(crate) fn run_with(demo: &Demo, script: &str, more: Value) {
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), demo.ready["admin_token"].as_str().unwrap()).unwrap();
    let mut given = json!({
        "domain": demo.ready["domain"], "port": demo.port(), "appsPort": demo.apps_port(), "console": demo.ready["console"], "ca": demo.ready["ca"],
        "people": demo.ready["people"], "adminToken": token.path(),
    });
    let Value::Object(more) = more else { panic!("not an object: {more}") };
    given.as_object_mut().unwrap().extend(more);
    run_script(script, given);
}

/// Runs a script of `e2e/node` that is to know this.
pub(crate) fn run_script(script: &str, given: Value) {
    drive(script, given, |asked| panic!("{script} asks for {asked}"));
}

/// Runs a script with what it has to know of a deployment. Where it prints a line `ASK …`, it is told what `answer` says.
pub(crate) fn drive(script: &str, mut given: Value, mut answer: impl FnMut(&str) -> String) {
    let chromium = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(which);
    let node = concat!(env!("CARGO_MANIFEST_DIR"), "/node");
    let missing = [
        ("Chromium", chromium.is_none()),
        ("node", which("node").is_none()),
        ("certutil", which("certutil").is_none()),
        ("playwright-core", !std::path::Path::new(node).join("node_modules/playwright-core").exists()),
    ];
    let missing: Vec<&str> = missing.into_iter().filter(|(_, is)| *is).map(|(what, _)| what).collect();
    if !missing.is_empty() {
        println!("SKIPPED {script} in a browser: there is no {}", missing.join(", "));
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let own = json!({ "binary": binary(), "scratch": scratch.path(), "chromium": chromium });
    let Value::Object(own) = own else { panic!("not an object: {own}") };
    given.as_object_mut().unwrap().extend(own);
    let failed = scratch.path().join("stderr");
    let mut child = Command::new("node")
        .arg(format!("{node}/{script}.mjs"))
        .env("BARTIZAN_E2E", given.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&failed).unwrap())
        .spawn()
        .unwrap();
    let mut tell = child.stdin.take().unwrap();
    let mut last = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        match line.strip_prefix("ASK ") {
            Some(asked) => writeln!(tell, "{}", json!(answer(asked))).unwrap(),
            None => println!("{line}"),
        }
        last = line;
    }
    let well = child.wait().unwrap().success() && last == "DONE";
    assert!(well, "{script}: {}", std::fs::read_to_string(failed).unwrap());
}

fn which(program: &str) -> Option<String> {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().ok()?;
    let path = String::from_utf8(found.stdout).ok()?.trim().to_owned();
    (!path.is_empty()).then_some(path)
}

#[test]
fn a_person_is_denied_with_a_way_out_and_cut_when_access_ends() {
    run(&Demo::start(), "cut");
}

#[test]
fn an_invitation_is_claimed_and_the_account_seen_to() {
    run(&Demo::start(), "claim");
}
