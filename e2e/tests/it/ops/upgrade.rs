//! What an earlier release wrote, this one goes on with: data and configuration of each are kept in `e2e/fixtures`.
//!
//! `BARTIZAN_FIXTURE=0.1.0 cargo test -p e2e --test it upgrade` makes the one of a release, with the binary of that release.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::deployment::{Served, bartizan, told};
use crate::cookies::Browser;
use crate::demo::totp;
use crate::http::block_on;

const PASSWORD: &str = "vier Tassen Kaffee im Regen";

const KINDS: [&str; 4] = ["app", "group", "policy", "user"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn shell(script: &str) {
    assert!(
        Command::new("sh").args(["-ec", script]).stdin(Stdio::null()).status().unwrap().success(),
        "{script}"
    );
}

/// Everything that is stored, as commands print it.
fn stored(served: &Served, token: &str) -> Value {
    let lists = KINDS.map(|kind| {
        let (code, out, err) = served.cli(token, &["list", kind, "--json"]);
        assert_eq!(code, 0, "{err}");
        (kind.to_owned(), serde_json::from_str::<Value>(&out).unwrap())
    });
    Value::Object(lists.into_iter().collect())
}

/// A configuration on ports that are free here. What else it says stays as it is.
fn on_free_ports(config: &Path) {
    let text = std::fs::read_to_string(config).unwrap();
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            if line.starts_with("address = ") {
                String::from("address = \"127.0.0.1:0\"")
            } else {
                line.to_owned()
            }
        })
        .collect();
    std::fs::write(config, lines.join("\n")).unwrap();
}

const OBJECTS: &str = r#"
[[user]]
name = "ann"
display = "Ann Ödegård"
mail = "ann@example.com"
[[user]]
name = "ben"
disabled = true
[[group]]
name = "finance"
members = ["ann"]
[[group]]
name = "staff"
members = ["ben", "group:finance"]
[[app]]
name = "ledger"
host = "ledger.bartizan.localhost"
upstream = "http://127.0.0.1:9"
audit = "strict"
groups = ["finance"]
relax = ["encoded_slash"]
methods = ["PROPFIND"]
max_body = 1000000
pass_host = false
"#;

const POLICIES: &str = r#"
@id("ledger-finance") @reason("Finance staff")
permit (principal in Group::"finance", action in Action::"http", resource == App::"ledger")
when { context.session.level == "strong" && context.session.mfa_age < 28800 && context.risk < 40 };
@id("ledger-never-at-noon")
forbid (principal, action in Action::"http", resource == App::"ledger") when { context.time.hour == 25 };
"#;

/// A deployment with something of everything, as this binary writes it.
fn make(release: &str) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("deployment");
    let dir = root.to_str().unwrap();
    let made = told(&[
        "init",
        "--dir",
        dir,
        "--domain",
        "bartizan.localhost",
        "--listen",
        "127.0.0.1:8443",
        "--admin",
        "root",
    ]);
    let (config, data) = (root.join("bartizan.toml"), root.join("data"));
    let served_by = folder.path().join("bartizan.toml");
    let text = std::fs::read_to_string(&config)
        .unwrap()
        .replace("data_dir = \"data\"", &format!("data_dir = {data:?}"));
    std::fs::write(&served_by, text).unwrap();
    on_free_ports(&served_by);
    let served = Served::start(served_by.to_str().unwrap(), &data);
    let files = folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("objects.toml"), OBJECTS).unwrap();
    std::fs::write(files.join("policies.cedar"), POLICIES).unwrap();
    let code = made["admin"]["link"].as_str().unwrap().split_once("?t=").unwrap().1.to_owned();
    let (mut secrets, token) = block_on(async {
        let mut browser = Browser::new(served.client.clone());
        let secret = browser.claim(&code, PASSWORD).await;
        (json!({ "root": secret }), browser.token("console").await)
    });
    let cli = |args: &[&str]| {
        let (code, out, err) = served.cli(&token, args);
        assert_eq!(code, 0, "{args:?}: {err}");
        out
    };
    cli(&["apply", "-f", files.to_str().unwrap()]);
    std::fs::write(files.join("policies.cedar"), POLICIES.replace("28800", "14400")).unwrap();
    cli(&["apply", "-f", files.to_str().unwrap()]);
    let link: Value = serde_json::from_str(&cli(&["user", "link", "ann", "--json"])).unwrap();
    assert!(link["url"].is_string());
    let invited: Value = serde_json::from_str(&cli(&["user", "invite", "ann", "--json"])).unwrap();
    let code = invited["url"].as_str().unwrap().split_once("?t=").unwrap().1.to_owned();
    block_on(async {
        let mut browser = Browser::new(served.client.clone());
        secrets["ann"] = browser.claim(&code, PASSWORD).await.into();
        // 502: nobody is behind it. It was permitted, which is what is looked at here.
        assert_eq!(browser.go("ledger", "/a%2Fb").await.answer.status, 502);
        for number in 0..40 {
            served.client.get("ledger", &format!("/{number}"), None).await;
        }
    });
    let stored = stored(&served, &token);
    served.stop();
    let out = fixtures().join(release);
    std::fs::create_dir_all(&out).unwrap();
    let about = json!({ "release": release, "password": PASSWORD, "totp": secrets, "stored": stored });
    std::fs::write(out.join("about.json"), serde_json::to_string_pretty(&about).unwrap()).unwrap();
    // The index is made anew from the log.
    let archive = out.join("deployment.tar.gz");
    shell(&format!(
        "rm -f {0}/data/index.db* {0}/data/lock && tar --create --gzip --file {1} --directory {0} --sort=name \
         --owner=0 --group=0 --numeric-owner bartizan.toml data",
        dir,
        archive.display()
    ));
}

#[test]
fn what_earlier_releases_wrote_is_gone_on_with() {
    if let Some(release) = std::env::var_os("BARTIZAN_FIXTURE") {
        make(release.to_str().unwrap());
    }
    let mut releases: Vec<PathBuf> =
        std::fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    releases.sort();
    assert!(!releases.is_empty());
    for release in releases {
        goes_on(&release);
    }
}

fn goes_on(release: &Path) {
    let about: Value = serde_json::from_slice(&std::fs::read(release.join("about.json")).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    shell(&format!(
        "tar --extract --gzip --file {} --directory {}",
        release.join("deployment.tar.gz").display(),
        root.display()
    ));
    let (config, data) = (root.join("bartizan.toml"), root.join("data"));
    let checked = bartizan(&["config", "check", config.to_str().unwrap()]);
    assert_eq!(checked.0, 0, "{}: {}", release.display(), checked.2);
    on_free_ports(&config);
    let checkpoint = root.join("checkpoint");
    std::fs::copy(data.join("log/checkpoint"), &checkpoint).unwrap();

    let served = Served::start(config.to_str().unwrap(), &data);
    let now = block_on(async {
        let sign_in = async |name: &str, app: &str| {
            let mut browser = Browser::new(served.client.clone());
            let page = browser.go(app, "/").await;
            // The step of now may have been used when the fixture was made, a moment ago.
            let code = totp(about["totp"][name].as_str().unwrap(), 1);
            let page = browser.sign_in(&page, name, about["password"].as_str().unwrap(), &code).await;
            (browser, page)
        };
        let (mut browser, page) = sign_in("root", "auth").await;
        assert_eq!(page.answer.status, 200, "{}", page.text());
        let now = stored(&served, &browser.token("console").await);
        let (_, page) = sign_in("ann", "ledger").await;
        assert_eq!(
            (page.host.as_str(), page.answer.status),
            ("ledger", 502),
            "what was permitted is permitted"
        );
        assert_eq!(browser.go("ledger", "/").await.answer.status, 403, "what was denied is denied");
        now
    });
    served.stop();
    // What it says and who said so: all of it, and more only where this release knows more.
    for kind in KINDS {
        let was = about["stored"][kind].as_array().unwrap();
        for object in was {
            let found = now[kind].as_array().unwrap().iter().find(|found| found["name"] == object["name"]);
            let found = found.unwrap_or_else(|| panic!("{kind} {} is gone", object["name"]));
            // Policies of our own that nobody has touched follow the release.
            let own = kind == "policy" && object["name"].as_str().unwrap().starts_with("own-");
            if own && found["spec"] != object["spec"] {
                assert_eq!((&found["author"], &object["author"]), (&"system".into(), &"system".into()));
                continue;
            }
            for field in ["kind", "name", "author", "time", "revision"] {
                assert_eq!(found[field], object[field], "{kind} {}", object["name"]);
            }
            for (key, value) in object["spec"].as_object().unwrap() {
                assert_eq!(&found["spec"][key], value, "{kind} {} {key}", object["name"]);
            }
        }
    }
    let (log, key) = (data.join("log"), data.join("keys/log.vkey"));
    let verified = told(&[
        "log",
        "verify",
        "--dir",
        log.to_str().unwrap(),
        "--key",
        key.to_str().unwrap(),
        "--since",
        checkpoint.to_str().unwrap(),
    ]);
    assert_eq!(verified["ok"], true);
}
