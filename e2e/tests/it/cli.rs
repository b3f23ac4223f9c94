//! Commands, their output and their exit codes.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::demo::{Demo, binary};
use crate::http::{Client, block_on};

fn bartizan(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(binary()).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_command_that_is_not_said_right_ends_with_2() {
    for args in [&["session"][..], &["session", "revoke"], &["why"], &["nonsense"], &["session", "list"]] {
        let (code, out, err) = bartizan(args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(out.is_empty() && !err.is_empty(), "{args:?}: talk belongs on stderr");
    }
    let (code, _, err) = bartizan(&["demo", "--listen", "0.0.0.0:0"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("loopback"), "{err}");
    let (code, _, err) = bartizan(&["demo", "--upstream", "http://10.0.0.1:80"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("this machine"), "{err}");
}

#[test]
fn what_is_not_there_ends_with_6_and_who_is_not_let_in_with_4() {
    let demo = Demo::start();
    for args in [
        &["session", "revoke", "--user", "nobody"][..],
        &["session", "revoke", "0192f0c1-2b3c-7d4e-8f50-112233445566"],
        &["user", "disable", "nobody"],
        &["log", "prove", "0192f0c1-2b3c-7d4e-8f50-112233445566"],
        &["why", "0192f0c1-2b3c-7d4e-8f50-112233445566"],
    ] {
        let output = demo.cli(args);
        assert_eq!(output.status.code(), Some(6), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let wrong = demo.dir.join("wrong.token");
    std::fs::write(&wrong, format!("bzn_{}", "A".repeat(43))).unwrap();
    let (console, ca) = (demo.ready["console"].as_str().unwrap(), demo.ready["ca"].as_str().unwrap());
    let with = |server: &str, token: &str| {
        bartizan(&["session", "list", "--server", server, "--ca", ca, "--token-file", token])
    };
    assert_eq!(with(console, wrong.to_str().unwrap()).0, Some(4));
    assert_eq!(with("https://console.bartizan.localhost:1", wrong.to_str().unwrap()).0, Some(8));
    assert_eq!(with("http://console.bartizan.localhost:1", wrong.to_str().unwrap()).0, Some(2));
}

#[test]
fn tables_are_for_people_and_json_for_programs() {
    let demo = Demo::start();
    let table = String::from_utf8(demo.cli(&["session", "list"]).stdout).unwrap();
    assert!(table.starts_with("ID ") && table.contains("LIVE") && table.contains("bob"), "{table}");
    let users = demo.json(&["user", "list"]);
    let ada = users.as_array().unwrap().iter().find(|user| user["name"] == "ada").unwrap();
    assert_eq!((ada["admin"].clone(), ada["state"].clone()), (true.into(), "active".into()));
    for session in demo.json(&["session", "list"]).as_array().unwrap() {
        for field in ["id", "user", "created", "last_seen", "amr", "live_grants"] {
            assert!(!session[field].is_null(), "{field}");
        }
        assert_eq!(session["amr"], serde_json::json!(["otp", "pwd"]));
    }
    let why = String::from_utf8(demo.cli(&["why", "--user", "eve", "--app", "payroll"]).stdout).unwrap();
    assert!(why.starts_with("Denied: denied_by_policy") && why.contains("payroll-no-contractors"), "{why}");
}

#[test]
fn the_ready_line_is_as_the_contract_says() {
    let demo = Demo::start();
    let ready = &demo.ready;
    assert_eq!(ready["domain"], "bartizan.localhost");
    assert!(ready["console"].as_str().unwrap().starts_with("https://console.bartizan.localhost:"));
    for app in ["wiki", "payroll", "pulse"] {
        assert!(
            ready["apps"][app].as_str().unwrap().starts_with(&format!("https://{app}.bartizan.localhost:"))
        );
    }
    for person in ["ada", "bob", "eve"] {
        assert!(demo.token(person).starts_with("bzn_"));
    }
    assert!(std::path::Path::new(ready["ca"].as_str().unwrap()).is_absolute());
    assert!(demo.interrupt(), "Ctrl-C is an ordinary end");
}

#[test]
fn what_is_watched_is_told_as_it_comes() {
    let demo = Demo::start();
    let watched = |args: &[&str]| {
        let child = demo.command(args).stdout(Stdio::piped()).spawn().unwrap();
        Watched { lines: None, child }
    };
    let mut log = watched(&["log", "search", "--outcome", "deny", "--watch", "--json"]);
    let mut sessions = watched(&["session", "list", "--user", "bob", "--watch", "--json"]);
    assert_eq!(sessions.line().as_array().unwrap().len(), 1);
    let denied = block_on(Client::new(&demo).get("payroll", "/", Some(&demo.token("eve"))));
    let event = log.line();
    assert_eq!((&event["request_id"], &event["outcome"]), (&denied.request_id().into(), &"deny".into()));
    demo.json(&["session", "revoke", "--user", "bob", "--wait"]);
    assert!((0..10).any(|_| sessions.line() == serde_json::json!([])), "the end of it is told");
    let again = block_on(Client::new(&demo).get("payroll", "/second", Some(&demo.token("eve"))));
    assert_eq!(log.line()["request_id"], again.request_id(), "each event once");
}

/// A command that goes on, killed when dropped.
struct Watched {
    lines: Option<std::io::Lines<BufReader<ChildStdout>>>,
    child: Child,
}

impl Watched {
    /// The next line that it prints.
    fn line(&mut self) -> serde_json::Value {
        let lines =
            self.lines.get_or_insert_with(|| BufReader::new(self.child.stdout.take().unwrap()).lines());
        serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
