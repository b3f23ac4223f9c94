//! Objects: applied from files, looked at, deleted, brought back, and never so that nobody gets in any more.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::demo::{Demo, binary};
use crate::http::{Client, block_on};

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn apply(demo: &Demo, files: &[(&str, &str)], more: &[&str]) -> Value {
    let folder = folder(files);
    demo.json(&[&["apply", "-f", path(folder.path())], more].concat())
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs a command that fails: its exit code, what it printed, what it said.
fn fails(demo: &Demo, args: &[&str]) -> (i32, String, String) {
    let output = demo.cli(args);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn fails_to_apply(demo: &Demo, files: &[(&str, &str)], more: &[&str]) -> (i32, String, String) {
    let folder = folder(files);
    fails(demo, &[&["apply", "-f", path(folder.path())], more].concat())
}

fn revision(demo: &Demo) -> u64 {
    apply(demo, &[("e.toml", "[[user]]\nname = \"eve\"\n")], &["--dry-run"])["revision"].as_u64().unwrap()
}

const TEAM: &[(&str, &str)] = &[
    (
        "team.toml",
        "[[user]]\nname = \"zoe\"\ndisplay = \"Zoë Ortega\"\nmail = \"zoe@example.com\"\n\
         [[group]]\nname = \"writers\"\nmembers = [\"zoe\", \"bob\", \"group:finance\"]\n\
         [[app]]\nname = \"notes\"\nhost = \"notes.bartizan.localhost\"\nupstream = \"http://127.0.0.1:9\"\n",
    ),
    (
        "notes.cedar",
        "@id(\"notes-writers\")\npermit (principal in Group::\"writers\", action in Action::\"http\", resource == App::\"notes\");\n",
    ),
];

#[test]
fn a_folder_is_applied_once_and_then_unchanged_and_a_dry_run_changes_nothing() {
    let demo = Demo::start();
    let before = revision(&demo);
    let created = json!(["app/notes", "group/writers", "policy/notes-writers", "user/zoe"]);
    let dry = apply(&demo, TEAM, &["--dry-run"]);
    assert_eq!((&dry["created"], &dry["revision"]), (&created, &json!(before)));
    assert_eq!(revision(&demo), before);
    assert_eq!(demo.cli(&["get", "group", "writers"]).status.code(), Some(6));

    let done = apply(&demo, TEAM, &[]);
    assert_eq!(done["created"], created);
    assert_eq!(done["revision"], json!(before + 4));
    let again = apply(&demo, TEAM, &[]);
    assert_eq!((&again["unchanged"], &again["revision"]), (&created, &done["revision"]));
    assert_eq!(
        (&again["created"], &again["changed"], &again["deleted"]),
        (&json!([]), &json!([]), &json!([]))
    );

    let group = demo.json(&["get", "group", "writers"]);
    assert_eq!(group["spec"]["members"], json!(["bob", "zoe", "group:finance"]));
    assert_eq!(group["author"], "ada", "authors are shown by login name");
    let zoe = demo.json(&["get", "user", "zoe"]);
    assert_eq!(
        (&zoe["kind"], &zoe["name"], &zoe["spec"]),
        (
            &json!("user"),
            &json!("zoe"),
            &json!({"name": "zoe", "display": "Zoë Ortega", "mail": "zoe@example.com", "admin": false, "disabled": false})
        )
    );
    let why = demo.json(&["why", "--user", "bob", "--app", "notes"]);
    assert_eq!(why["outcome"], "permit");
    let changes =
        String::from_utf8(demo.cli(&["log", "search", "--kind", "admin.change", "--json"]).stdout).unwrap();
    assert!(changes.contains("\"kind\":\"app\"") && changes.contains("\"change\":\"created\""), "{changes}");
}

#[test]
fn what_is_not_in_order_is_shown_with_its_place_and_changes_nothing() {
    let demo = Demo::start();
    let before = revision(&demo);
    let files = [
        ("a.toml", "[[group]]\nname = \"extra\"\nmembers = [\"bobb\"]\n"),
        (
            "b.toml",
            "[[app]]\nname = \"notes\"\nhost = \"notes.example.com\"\nusptream = \"https://10.0.0.1\"\n",
        ),
        (
            "c.cedar",
            "@id(\"c\")\npermit (principal, action in Action::\"http\", resource) when { context.rsk < 4 };\n",
        ),
    ];
    let (code, out, err) = fails_to_apply(&demo, &files, &[]);
    assert_eq!(code, 3, "{err}");
    assert!(out.contains("b.toml:4:1") && out.contains("did you mean `upstream`?"), "{out}");
    assert!(out.contains(" 4 | usptream = ") && out.contains("c.cedar:2:"), "{out}");
    assert!(err.contains("nothing was changed"), "{err}");
    let (code, out, _) = fails_to_apply(&demo, &files[..1], &["--json"]);
    let findings: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 3);
    assert_eq!(
        findings,
        json!([{"file": "a.toml", "line": 3, "column": 12, "severity": "error",
            "message": "there is no person or group `bobb`", "help": "did you mean `bob`?"}])
    );
    for (reserved, what) in [
        ("[[app]]\nname = \"auth\"\nhost = \"x.example.com\"\n", "is reserved"),
        ("[[app]]\nname = \"x\"\nhost = \"x.example.com\"\nupstream = \"http://10.0.0.1\"\n", "plain http"),
        (
            "[[app]]\nname = \"x\"\nhost = \"wiki.bartizan.localhost\"\nupstream = \"https://10.0.0.1\"\n",
            "app `wiki`",
        ),
        (
            "[[app]]\nname = \"x\"\nhost = \"auth.bartizan.localhost\"\nupstream = \"https://10.0.0.1\"\n",
            "itself",
        ),
        ("[[app]]\nname = \"wiki\"\nclient_cert = \"x\"\n", "not supported yet"),
    ] {
        let (code, out, _) = fails_to_apply(&demo, &[("x.toml", reserved)], &[]);
        assert!(code == 3 && out.contains(what), "{reserved}: {out}");
    }
    let large = format!("# {}\n", "x".repeat(1 << 20));
    let (code, _, err) = fails_to_apply(&demo, &[("x.toml", &large)], &[]);
    assert!(code == 3 && err.contains("larger than 1 MiB"), "{code} {err}");
    assert_eq!(revision(&demo), before);
}

#[test]
fn a_policy_that_names_a_person_holds_their_id() {
    let demo = Demo::start();
    let text = "@id(\"eve-payroll\") permit (principal == User::\"eve\", action in Action::\"http\", resource == App::\"pulse\");";
    let done = apply(&demo, &[("p.cedar", text)], &[]);
    assert_eq!(done["created"], json!(["policy/eve-payroll"]));
    assert!(done["findings"].to_string().contains("this policy names a person"), "{done}");
    assert_eq!(apply(&demo, &[("p.cedar", text)], &[])["unchanged"], json!(["policy/eve-payroll"]));
    assert_eq!(demo.json(&["get", "policy", "eve-payroll"])["spec"]["text"], text);
    let why = demo.json(&["why", "--user", "eve", "--app", "pulse"]);
    let found = why["policies"].as_array().unwrap().iter().find(|policy| policy["id"] == "eve-payroll");
    assert_eq!(found.unwrap()["satisfied"], true);
}

#[test]
fn nobody_locks_everybody_out() {
    let demo = Demo::start();
    let before = revision(&demo);
    let last = [("a.toml", "[[user]]\nname = \"ada\"\nadmin = false\n")];
    let disabled = [("a.toml", "[[user]]\nname = \"ada\"\ndisabled = true\n")];
    let closed = [(
        "c.cedar",
        "@id(\"c\") forbid (principal, action in Action::\"admin\", resource == Admin::\"people\");",
    )];
    let no_sign_in =
        [("c.cedar", "@id(\"c\") forbid (principal is Anonymous, action, resource == App::\"auth\");")];
    for files in [&last[..], &disabled, &closed, &no_sign_in] {
        for more in [&[][..], &["--dry-run"]] {
            let (code, _, err) = fails_to_apply(&demo, files, more);
            assert!(code == 7 && err.contains("refused_for_safety"), "{files:?}: {code} {err}");
        }
    }
    for args in [
        &["delete", "policy", "own-sign-in"][..],
        &["delete", "policy", "own-administration"],
        &["delete", "policy", "own-console"],
        &["rollback", "policy", "own-sign-in", "--to", "0"],
        &["delete", "app", "auth"],
        &["delete", "app", "console"],
        &["delete", "user", "ada"],
        &["user", "disable", "ada"],
    ] {
        let (code, _, err) = fails(&demo, args);
        assert!(code == 7 && err.contains("refused_for_safety"), "{args:?}: {code} {err}");
    }
    assert_eq!(revision(&demo), before);
    // With a second administrator the first can go. Tried only: done, it cuts the very call that does it.
    apply(&demo, &[("a.toml", "[[user]]\nname = \"bob\"\nadmin = true\n")], &[]);
    for files in [&last[..], &disabled] {
        assert_eq!(apply(&demo, files, &["--dry-run"])["changed"], json!(["user/ada"]));
    }
}

#[test]
fn an_edited_policy_cuts_what_it_no_longer_permits_and_rolled_back_permits_again() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let bob = demo.token("bob");
    let pulse = "@id(\"pulse-everybody\")\npermit (principal in Group::\"contractors\", action in Action::\"http\", resource == App::\"pulse\");\n";
    block_on(async {
        let response = client.send("pulse", client.request("pulse", "/sse", Some(&bob))).await;
        assert_eq!(response.status(), 200);
        let mut body = response.into_body();
        body.frame().await.unwrap().unwrap();
        let done = tokio::task::block_in_place(|| apply(&demo, &[("p.cedar", pulse)], &[]));
        assert_eq!((&done["changed"], &done["cut"]), (&json!(["policy/pulse-everybody"]), &json!(1)));
        let ended = tokio::time::timeout(Duration::from_secs(1), async {
            while let Some(frame) = body.frame().await {
                if frame.is_err() {
                    return "cut";
                }
            }
            "complete"
        });
        assert_eq!(ended.await.expect("the stream stays open"), "cut");
        assert_eq!(client.get("pulse", "/", Some(&bob)).await.status, 403);
    });
    let history = demo.json(&["history", "policy", "pulse-everybody"]);
    let authors: Vec<&str> =
        history.as_array().unwrap().iter().map(|change| change["author"].as_str().unwrap()).collect();
    assert_eq!(authors, ["ada", "system"]);
    let first = history[1]["revision"].to_string();
    let back = demo.json(&["rollback", "policy", "pulse-everybody", "--to", &first]);
    assert_eq!(back["change"], "changed");
    assert_eq!(block_on(client.get("pulse", "/echo", Some(&bob))).status, 200);
    assert_eq!(demo.json(&["get", "policy", "pulse-everybody"])["spec"], history[1]["spec"]);
}

#[test]
fn objects_are_deleted_at_the_revision_that_was_read_and_come_back() {
    let demo = Demo::start();
    apply(&demo, TEAM, &[]);
    let at = |kind: &str, name: &str| demo.json(&["get", kind, name])["revision"].to_string();
    let (code, _, err) = fails(&demo, &["delete", "group", "writers", "--if-revision", "1"]);
    assert!(code == 7 && err.contains("changed by somebody else"), "{err}");
    let (finance, zoe) = (at("group", "finance"), at("user", "zoe"));
    // Whoever is deleted leaves the groups that listed them.
    assert_eq!(demo.json(&["delete", "group", "finance", "--if-revision", &finance])["change"], "deleted");
    assert_eq!(demo.json(&["delete", "user", "zoe"])["change"], "deleted");
    assert_eq!(demo.json(&["get", "group", "writers"])["spec"]["members"], json!(["bob"]));
    assert_eq!(demo.cli(&["get", "user", "zoe"]).status.code(), Some(6));
    let id = demo.json(&["list", "user"]);
    assert!(!id.to_string().contains("zoe"));
    for args in [
        &["delete", "user", "zoe"][..],
        &["delete", "app", "nothing"],
        &["get", "policy", "nothing"],
        &["history", "group", "nothing"],
        &["rollback", "app", "nothing", "--to", "1"],
    ] {
        assert_eq!(fails(&demo, args).0, 6, "{args:?}");
    }
    assert_eq!(fails(&demo, &["rollback", "app", "notes", "--to", "999999"]).0, 3);
    assert_eq!(
        fails(&demo, &["get", "credential", "x"]).0,
        2,
        "what proves something is no object to look at"
    );
    let back = demo.json(&["rollback", "group", "finance", "--to", &finance]);
    assert_eq!(back["change"], "created");
    // The same login name is free again: somebody else may come.
    assert_eq!(apply(&demo, TEAM, &[])["created"], json!(["user/zoe"]));
    let _ = zoe;
}

#[test]
fn pruning_deletes_what_no_file_declares_and_nothing_else_does() {
    let demo = Demo::start();
    apply(&demo, TEAM, &[]);
    let keep = [(
        "all.toml",
        "[[group]]\nname = \"everybody\"\nmembers = [\"ada\", \"bob\"]\n[[app]]\nname = \"wiki\"\n",
    )];
    assert_eq!(apply(&demo, &keep, &[])["deleted"], json!([]));
    let dry = apply(&demo, &keep, &["--prune", "--dry-run"]);
    let done = apply(&demo, &keep, &["--prune"]);
    assert_eq!(dry["deleted"], done["deleted"]);
    let deleted: Vec<&str> =
        done["deleted"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(deleted.contains(&"app/notes") && deleted.contains(&"policy/notes-writers"), "{deleted:?}");
    for spared in ["app/auth", "app/console", "policy/own-sign-in", "user/ada", "user/zoe"] {
        assert!(!deleted.contains(&spared), "{deleted:?}");
    }
    // People only when a file declares some; never who asks.
    let people = [("all.toml", "[[user]]\nname = \"bob\"\n")];
    let done = apply(&demo, &people, &["--prune"]);
    assert!(
        done["deleted"].to_string().contains("user/zoe") && !done["deleted"].to_string().contains("user/ada")
    );
}

#[test]
fn apply_does_not_undo_a_disabled_account() {
    let demo = Demo::start();
    demo.json(&["user", "disable", "eve"]);
    let files = [("e.toml", "[[user]]\nname = \"eve\"\ndisplay = \"Eve C.\"\n")];
    assert_eq!(apply(&demo, &files, &[])["changed"], json!(["user/eve"]));
    let eve = demo.json(&["get", "user", "eve"]);
    assert_eq!((&eve["spec"]["disabled"], &eve["spec"]["display"]), (&json!(true), &json!("Eve C.")));
}

#[test]
fn policies_are_checked_and_tested_without_a_deployment() {
    let run = |args: &[&str]| {
        let output = Command::new(binary()).args(args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let right = folder(TEAM);
    assert_eq!(run(&["policy", "check", path(right.path())]).0, 0);
    let wrong = folder(&[("p.cedar", "@id(\"p\")\npermit (principal, action, resoruce);\n")]);
    let (code, out, _) = run(&["policy", "check", path(wrong.path()), "-o", "json"]);
    let findings: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &findings[0]["file"], &findings[0]["line"]), (3, &json!("p.cedar"), &json!(2)));

    let test = |expect: &str| format!("[[case]]\nuser = \"zoe\"\napp = \"notes\"\nexpect = \"{expect}\"\n");
    for (expect, code) in [("permit", 0), ("deny", 9)] {
        std::fs::write(right.path().join("notes.test.toml"), test(expect)).unwrap();
        let (found, out, err) = run(&["policy", "test", path(right.path())]);
        assert_eq!(found, code, "{out}{err}");
    }
    std::fs::write(right.path().join("notes.test.toml"), "[[case]]\nusr = 1\n").unwrap();
    assert_eq!(run(&["policy", "test", path(right.path())]).0, 3);
    assert_eq!(run(&["policy", "test", path(wrong.path())]).0, 2);
}
