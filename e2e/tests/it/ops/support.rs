//! What is packed for somebody who helps: enough to help with, and nothing that is anybody's.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::demo::{Demo, binary};
use crate::http::block_on;
use crate::ops::logs::{traffic, upstream};
use crate::outside::have;
use crate::running::init;

fn bundle(config: &Path, more: &[&str]) -> (i32, String, String) {
    let output = Command::new(binary())
        .args(["support", "bundle", "--config"])
        .arg(config)
        .args(more)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// What the program that everybody unpacks with finds in it.
fn unpacked(file: &Path) -> BTreeMap<String, Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let done = Command::new("tar").arg("-xzf").arg(file).arg("-C").arg(dir.path()).status().unwrap();
    assert!(done.success());
    let files = std::fs::read_dir(dir.path().join("bartizan-support")).unwrap();
    files
        .map(|file| file.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn a_bundle_helps_and_has_nothing_in_it_that_is_anybodys() {
    if !have("tar") {
        println!("SKIPPED bundle: tar is not installed (Debian: tar)");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (data, log, to) = (dir.path().join("data"), dir.path().join("log"), dir.path().join("b.tar.gz"));
    let mut demo = Demo::start_in(&data, &["--upstream", &upstream()]);
    let health =
        demo.go_on_served_with("[log]\nlevel = \"trace\"\n", Stdio::from(File::create(&log).unwrap()));
    let (mut secrets, failed) = block_on(traffic(&demo));
    let config = demo.config();
    let text = std::fs::read_to_string(&config).unwrap();
    let mut text =
        text.replace("[health]\naddress = \"127.0.0.1:0\"", &format!("[health]\naddress = \"{health}\""));
    text.push_str("# Stachelbeere-comment-8\n");
    std::fs::write(&config, text).unwrap();

    let (to_text, log_text) = (to.to_str().unwrap(), log.to_str().unwrap());
    let (code, out, err) = bundle(&config, &["--to", to_text, "--log", log_text, "--yes"]);
    assert_eq!((code, out.trim()), (0, to_text), "{err}");
    assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    let files = unpacked(&to);
    for (name, bytes) in &files {
        // All of it was shown before, with its size.
        assert!(
            err.lines()
                .any(|line| line.starts_with(name.as_str()) && line.contains(&bytes.len().to_string())),
            "{name}: {err}"
        );
    }
    assert!(err.contains("left out: what objects hold, people"), "{err}");

    // It helps: …
    let json = |name: &str| serde_json::from_slice::<Value>(&files[name]).unwrap();
    assert_eq!(json("version.json")["release"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json("readyz.json")["ready"], true);
    assert_eq!(json("data.json")["objects"]["user"], 3);
    assert!(json("data.json")["sizes"]["bartizan.db"].as_u64().unwrap() > 0);
    assert!(json("doctor.json").is_array());
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    assert!(text("metrics.txt").contains("bartizan_enforce_decisions_total"));
    assert!(text("checkpoint.txt").starts_with("bartizan.localhost/log\n"));
    assert!(text("configuration.toml").contains("domain = \"bartizan.localhost\""));
    assert!(failed.iter().all(|id| text("log.txt").contains(id.as_str())), "ids of requests that failed");

    // … and nothing of anybody's is in it.
    secrets.extend(
        ["Lindgren", "Castellano", "Marten", "@bartizan", "Rhabarber", "Stachelbeere"].map(str::to_owned),
    );
    let master = std::fs::read(data.join("keys").join("master")).unwrap();
    for (name, bytes) in &files {
        let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!has(master.trim_ascii()), "the master key is in {name}");
        for secret in &secrets {
            assert!(!has(secret.as_bytes()), "{secret} is in {name}");
        }
    }
    let people = demo.json(&["user", "list"]);
    let all: String = files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    for person in people.as_array().unwrap() {
        for field in ["id", "mail"] {
            let value = person[field].as_str().unwrap_or("bob@bartizan");
            assert!(!all.contains(value), "{field} {value}");
        }
    }
}

#[test]
fn nothing_is_written_without_a_word_nor_over_something_and_what_is_broken_is_packed_too() {
    let dir = tempfile::tempdir().unwrap();
    let (made, config) = init(dir.path());
    let to = dir.path().join("b.tar.gz");
    let to_text = to.to_str().unwrap();
    let (code, out, err) = bundle(&config, &["--to", to_text]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("doctor.json") && err.contains("say --yes"), "{err}");
    assert!(!to.exists());

    // Nothing of the deployment is left, and the configuration cannot be read.
    std::fs::remove_dir_all(made["data_dir"].as_str().unwrap()).unwrap();
    let (code, out, _) = bundle(&config, &["--to", to_text, "--yes", "--json"]);
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, said["bundle"].as_str()), (0, Some(to_text)));
    assert!(said["contents"].as_array().unwrap().len() >= 8, "{said}");
    let (code, _, err) = bundle(&config, &["--to", to_text, "--yes"]);
    assert!(code == 7 && err.contains("is there already"), "{err}");
    std::fs::write(&config, "domain = [").unwrap();
    let other = dir.path().join("c.tar.gz");
    let (code, _, err) = bundle(&config, &["--to", other.to_str().unwrap(), "--yes"]);
    assert_eq!(code, 0, "{err}");
    let files = unpacked(&other);
    assert!(String::from_utf8_lossy(&files["doctor.json"]).contains("config.invalid"));
    assert!(bundle(Path::new("/nowhere/b.toml"), &["--yes"]).0 == 1);
    assert_eq!(bundle(&config, &["--to", "/nowhere/x/c.tar.gz", "--yes"]).0, 1);
}
