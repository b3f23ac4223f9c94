//! `bartizan login`, `logout` and `whoami`: by a browser on this machine, and by one elsewhere.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::demo::{Demo, binary};

/// A terminal of somebody's: a home, and no other ways to a deployment.
struct Terminal {
    home: tempfile::TempDir,
    console: String,
    ca: String,
}

impl Terminal {
    fn of(demo: &Demo) -> Self {
        let text = |name: &str| demo.ready[name].as_str().unwrap().to_owned();
        Self { home: tempfile::tempdir().unwrap(), console: text("console"), ca: text("ca") }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(args).env("HOME", self.home.path()).stdin(Stdio::null());
        for name in ["XDG_CONFIG_HOME", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY"] {
            command.env_remove(name);
        }
        for name in ["BARTIZAN_SERVER", "BARTIZAN_CA", "BARTIZAN_TOKEN_FILE"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        told(&self.command(args).output().unwrap())
    }

    fn whoami(&self) -> Value {
        let (code, out, err) = self.run(&["whoami", "--json"]);
        assert_eq!(code, Some(0), "{err}");
        serde_json::from_str(&out).unwrap()
    }

    fn kept(&self) -> PathBuf {
        self.home.path().join(".config/bartizan/login.json")
    }

    fn token(&self) -> String {
        let kept: Value = serde_json::from_slice(&std::fs::read(self.kept()).unwrap()).unwrap();
        kept["token"].as_str().unwrap().to_owned()
    }
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn scripts() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    let node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    if !node {
        println!("SKIPPED bartizan login: node is not installed");
    }
    node.then_some(folder)
}

fn given(demo: &Demo, name: &str, steps: i64) -> Value {
    json!({
        "issuer": format!("https://auth.bartizan.localhost:{}", demo.port()), "ca": demo.ready["ca"],
        "name": name, "person": demo.ready["people"][name], "steps": steps, "agree": true,
    })
}

#[test]
fn a_terminal_is_signed_in_by_a_browser_elsewhere_and_signs_out() {
    let Some(folder) = scripts() else { return };
    let demo = Demo::start();
    let terminal = Terminal::of(&demo);
    assert_eq!(terminal.run(&["whoami"]).0, Some(2), "nobody has said which deployment");
    let (code, _, err) = terminal.run(&["logout"]);
    assert!(code == Some(4) && err.contains("bartizan login"), "{err}");

    // There is no screen, so it prints where to go.
    let mut login = terminal
        .command(&["login", "--server", &terminal.console, "--ca", &terminal.ca])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(login.stderr.take().unwrap()).lines().map_while(Result::ok);
    let code = lines.by_ref().map(|line| line.trim().to_owned()).find(|line| {
        line.len() == 9
            && line.as_bytes()[4] == b'-'
            && line.bytes().all(|b| b == b'-' || b.is_ascii_uppercase())
    });
    let mut about = given(&demo, "ada", 0);
    about["code"] = code.unwrap().into();
    let typed = Command::new("node")
        .arg(folder.join("login-typed.mjs"))
        .env("BARTIZAN_E2E", about.to_string())
        .output()
        .unwrap();
    assert!(typed.status.success(), "{}", String::from_utf8_lossy(&typed.stderr));
    let said: Vec<String> = lines.collect();
    assert!(login.wait().unwrap().success(), "{said:?}");
    assert!(said.last().unwrap().contains("Signed in to"), "{said:?}");

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&terminal.kept()), mode(terminal.kept().parent().unwrap())), (0o600, 0o700));
    let me = terminal.whoami();
    assert_eq!(
        (&me["user"], &me["admin"], &me["session"]["level"]),
        (&json!("ada"), &json!(true), &json!("strong"))
    );
    // Every command works as it is said, and options win.
    assert_eq!(terminal.run(&["user", "list"]).0, Some(0));
    let wrong = terminal.home.path().join("wrong");
    std::fs::write(&wrong, format!("bzn_{}", "A".repeat(43))).unwrap();
    let (code, _, err) = terminal.run(&["user", "list", "--token-file", wrong.to_str().unwrap()]);
    assert!(code == Some(4) && !err.contains("bartizan login"), "{err}");
    // The token goes to no other server.
    let (code, _, err) =
        terminal.run(&["user", "list", "--server", "https://console.example.org", "--ca", &terminal.ca]);
    assert!(code == Some(2) && err.contains("--token-file"), "{err}");

    // It is one for the console and for nothing else, under the sign-in of that person.
    let token = terminal.token();
    let listed = demo.json(&["session", "list", "--user", "ada"]);
    let sessions: Vec<&Value> = listed.as_array().unwrap().iter().map(|session| &session["id"]).collect();
    assert!(sessions.contains(&&me["session"]["id"]), "{listed}");
    let at = |host: &str| {
        let client = crate::http::Client::new(&demo);
        crate::http::block_on(async { client.get(host, "/api/v1/whoami", Some(&token)).await.status })
    };
    assert_eq!(at("console"), 200);
    assert!([401, 403].contains(&at("pulse")), "{}", at("pulse"));

    std::fs::set_permissions(terminal.kept(), PermissionsExt::from_mode(0o644)).unwrap();
    let (code, _, err) = terminal.run(&["user", "list"]);
    assert!(code == Some(1) && err.contains("others can read"), "{err}");
    std::fs::set_permissions(terminal.kept(), PermissionsExt::from_mode(0o600)).unwrap();

    let (code, _, err) = terminal.run(&["logout"]);
    assert!(code == Some(0) && err.contains("Signed out"), "{err}");
    assert!(!terminal.kept().exists());
    assert_eq!(at("console"), 401, "the token is worth nothing any more");
    let search = ["log", "search", "--kind", "signin.step", "--reason", "revoked"];
    assert!(String::from_utf8_lossy(&demo.cli(&search).stdout).contains("bartizan-cli"));
}

#[test]
fn a_terminal_is_signed_in_by_a_browser_that_it_opens() {
    let Some(folder) = scripts() else { return };
    let demo = Demo::start();
    let terminal = Terminal::of(&demo);
    let opener = terminal.home.path().join("browser");
    let script = folder.join("login-opened.mjs");
    let log = terminal.home.path().join("opened.log");
    std::fs::write(
        &opener,
        format!("#!/bin/sh\nexec node {} \"$1\" 2>{}\n", script.display(), log.display()),
    )
    .unwrap();
    std::fs::set_permissions(&opener, PermissionsExt::from_mode(0o755)).unwrap();
    let login = |about: &Value| {
        let file = terminal.home.path().join("about.json");
        std::fs::write(&file, about.to_string()).unwrap();
        let output = terminal
            .command(&["login", "--server", &terminal.console, "--ca", &terminal.ca, "--json"])
            .env("BROWSER", &opener)
            .env("BARTIZAN_OPENED", &file)
            .output()
            .unwrap();
        told(&output)
    };
    let mut about = given(&demo, "ada", 0);
    let (code, out, err) = login(&about);
    let opened = std::fs::read_to_string(&log).unwrap_or_default();
    assert_eq!(code, Some(0), "{err}\n{opened}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["server"], terminal.console.as_str());
    let me = terminal.whoami();
    assert_eq!(me["user"], "ada");

    // Signing out where one signed in signs the terminal out, too, and it says what to do.
    let session = me["session"]["id"].as_str().unwrap();
    demo.json(&["session", "revoke", session, "--wait"]);
    let (code, _, err) = terminal.run(&["user", "list"]);
    assert!(code == Some(4) && err.contains("bartizan login"), "{err}");

    about["agree"] = false.into();
    about["steps"] = 1.into();
    let (code, _, err) = login(&about);
    let opened = std::fs::read_to_string(&log).unwrap_or_default();
    assert!(code == Some(5) && err.contains("does not agree"), "{err}\n{opened}");
}

#[test]
fn the_command_is_a_client_that_nobody_can_change() {
    let demo = Demo::start();
    let listed = demo.json(&["list", "client"]);
    assert_eq!(listed[0]["name"], "bartizan-cli");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.toml"), "[[client]]\nname = \"bartizan-cli\"\nconsent = false\n")
        .unwrap();
    let applied = demo.cli(&["apply", "-f", folder.path().to_str().unwrap()]);
    assert_eq!(applied.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&applied.stdout).contains("reserved"), "{applied:?}");
    assert_eq!(demo.cli(&["delete", "client", "bartizan-cli"]).status.code(), Some(3));
    assert_eq!(demo.cli(&["rollback", "client", "bartizan-cli", "--to", "1"]).status.code(), Some(3));
    assert_eq!(demo.cli(&["client", "secret", "bartizan-cli"]).status.code(), Some(3));
    std::fs::write(folder.path().join("a.toml"), "[[group]]\nname = \"finance\"\n").unwrap();
    demo.cli(&["apply", "-f", folder.path().to_str().unwrap(), "--prune"]);
    assert_eq!(demo.json(&["list", "client"])[0]["name"], "bartizan-cli");
}
