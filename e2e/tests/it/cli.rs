//! Commands, their output and their exit codes.

use std::process::Command;

use crate::demo::{Demo, binary};

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
