//! What a shell and a terminal show: completions, with the names of objects, and the manual.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::demo::{Demo, binary};
use crate::outside::have;

/// Completes a line in a bash process that has loaded our script.
fn complete(line: &[&str], environment: &[(&str, &str)]) -> (Vec<String>, Output) {
    // The function is called as bash itself calls it.
    let script = "source <(bartizan completions bash) || exit 9\n\
                  COMP_WORDS=(\"$@\"); COMP_CWORD=$(( $# - 1 )); COMP_TYPE=9\n\
                  _clap_complete_bartizan bartizan \"${@: -1}\" \"${@: -2:1}\"\n\
                  printf '%s\\n' \"${COMPREPLY[@]}\"";
    let path = format!("{}:{}", binary().parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["--norc", "-c", script, "bash"])
        .args(line)
        .env("PATH", path)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(), output)
}

#[test]
fn bash_completes_commands_options_and_names_of_objects() {
    let demo = Demo::start();
    let (console, ca) = (demo.ready["console"].as_str().unwrap(), demo.ready["ca"].as_str().unwrap());
    let mut token = tempfile::NamedTempFile::new().unwrap();
    token.write_all(demo.ready["admin_token"].as_str().unwrap().as_bytes()).unwrap();
    let token = token.path().to_str().unwrap();
    let signed_in = [("BARTIZAN_SERVER", console), ("BARTIZAN_CA", ca), ("BARTIZAN_TOKEN_FILE", token)];
    let found = |line: &[&str]| {
        let (found, output) = complete(line, &signed_in);
        assert!(output.status.success() && output.stderr.is_empty(), "{line:?}: {output:?}");
        found
    };
    assert_eq!(found(&["bartizan", "get", "app", "wi"]), ["wiki"]);
    let apps = found(&["bartizan", "delete", "app", ""]);
    assert!(["payroll", "pulse", "console"].iter().all(|app| apps.contains(&(*app).to_owned())), "{apps:?}");
    assert_eq!(found(&["bartizan", "user", "disable", "b"]), ["bob"]);
    assert_eq!(found(&["bartizan", "why", "--user", "ev"]), ["eve"]);
    assert_eq!(found(&["bartizan", "log", "search", "--app", "pay"]), ["payroll"]);
    assert_eq!(found(&["bartizan", "get", "gr"]), ["group"]);
    assert_eq!(found(&["bartizan", "sess"]), ["session"]);
    assert!(
        found(&["bartizan", "session", "revoke", ""]).iter().any(|word| word.len() == 36),
        "ids of sessions"
    );
    // The environment says it for the command itself, too.
    let output =
        Command::new(binary()).args(["get", "app", "wiki", "--json"]).envs(signed_in).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn who_is_not_signed_in_or_reaches_nobody_gets_no_names_and_no_error() {
    let dir = tempfile::tempdir().unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("https://console.bartizan.localhost:{}", silent.local_addr().unwrap().port());
    let (ca, token) = (dir.path().join("ca.pem"), dir.path().join("token"));
    std::fs::write(&ca, a_certificate()).unwrap();
    std::fs::write(&token, "bzn_none").unwrap();
    let environment = [
        ("BARTIZAN_SERVER", server.as_str()),
        ("BARTIZAN_CA", ca.to_str().unwrap()),
        ("BARTIZAN_TOKEN_FILE", token.to_str().unwrap()),
    ];
    let began = Instant::now();
    for environment in [&environment[..], &[]] {
        let (found, output) = complete(&["bartizan", "get", "app", ""], environment);
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        assert!(!found.iter().any(|word| word == "wiki"), "{found:?}");
    }
    // A hang would be as long as the test's own patience; nobody who presses a key waits for that.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

/// A certificate that some deployment could have.
fn a_certificate() -> Vec<u8> {
    let demo = Demo::start();
    demo.ca()
}

#[test]
fn zsh_and_fish_read_their_scripts() {
    for shell in ["zsh", "fish"] {
        let script = Command::new(binary()).args(["completions", shell]).output().unwrap();
        assert!(script.status.success() && script.stdout.len() > 100, "{script:?}");
        if !have(shell) {
            println!("SKIPPED completions of {shell}: it is not installed (Debian: {shell})");
            continue;
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &script.stdout).unwrap();
        let read = Command::new(shell).arg("-n").arg(file.path()).stdin(Stdio::null()).output().unwrap();
        assert!(read.status.success() && read.stderr.is_empty(), "{read:?}");
    }
    let unknown = Command::new(binary()).args(["completions", "tcsh"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn every_page_of_the_manual_is_read_without_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let written = Command::new(binary()).arg("man").arg("--dir").arg(dir.path()).output().unwrap();
    assert!(written.status.success(), "{written:?}");
    let mut pages: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    for command in ["bartizan", "bartizan-serve", "bartizan-session-revoke", "bartizan-demo-code"] {
        assert!(pages.contains(&dir.path().join(format!("{command}.1"))), "{command} has no page");
    }
    assert!(
        !pages.contains(&dir.path().join("bartizan-man.1")),
        "who writes pages is no command for operators"
    );
    if !have("man") || !have("groff") {
        println!("SKIPPED manual: man or groff are not installed (Debian: man-db, groff)");
        return;
    }
    for page in pages {
        let mut man = Command::new("man");
        man.args(["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"])
            .env("LC_ALL", "C.UTF-8")
            .env("MANWIDTH", "80");
        let mut groff = Command::new("groff");
        groff.args(["-man", "-ww", "-z", "-Kutf8"]);
        for mut reader in [man, groff] {
            let read = reader.arg(&page).stdin(Stdio::null()).output().unwrap();
            assert!(read.status.success() && read.stderr.is_empty(), "{}: {read:?}", page.display());
        }
    }
}
