//! What the doctor finds on a machine that is not as it should be.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::demo::binary;
use crate::outside::have;
use crate::running::{doctor, init};

/// A stopped deployment: its data directory and its configuration.
fn deployment(dir: &Path) -> (PathBuf, String) {
    let (made, config) = init(dir);
    (PathBuf::from(made["data_dir"].as_str().unwrap()), config.to_str().unwrap().to_owned())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

#[test]
fn a_database_with_a_damaged_page_is_found_before_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let (data, config) = deployment(dir.path());
    assert_eq!(doctor(&config), Vec::<String>::new());
    let path = data.join("bartizan.db");
    let pages = std::fs::metadata(&path).unwrap().len() / 4096;
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    // The first pages have the schema and what is read at every start.
    file.seek(SeekFrom::Start((pages - 1) * 4096)).unwrap();
    file.write_all(&[0xff; 64]).unwrap();
    let found = doctor(&config);
    assert!(found.contains(&String::from("store.damaged")), "{found:?}");
}

#[test]
fn what_belongs_to_somebody_else_is_found() {
    if !is_root() {
        println!("SKIPPED owners: giving files away needs root");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (data, config) = deployment(dir.path());
    std::os::unix::fs::chown(data.join("keys").join("master"), Some(12345), None).unwrap();
    assert_eq!(doctor(&config), ["data.owner"]);
}

#[test]
fn damaged_evidence_in_the_spool_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (data, config) = deployment(dir.path());
    std::fs::write(data.join("spool").join("99999999999999999999.seg"), "not ours").unwrap();
    assert_eq!(doctor(&config), Vec::<String>::new(), "no segment has such a number");
    std::fs::write(data.join("spool").join("00000000000000999999.seg"), "not ours").unwrap();
    assert_eq!(doctor(&config), ["spool.broken"]);
}

#[test]
fn a_file_system_that_is_not_for_a_database_and_has_no_files_left_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (data, config) = deployment(dir.path());
    // In a mount namespace of its own: nothing of this machine is touched, and nothing is left mounted.
    let script = "mount -t tmpfs -o size=64m,nr_inodes=2000 none \"$0\" && cp -a \"$1\"/. \"$0\" && mount --move \"$0\" \"$1\" \
                  && chmod 700 \"$1\" && exec \"$2\" doctor --json --config \"$3\"";
    let beside = tempfile::tempdir().unwrap();
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", script])
        .args([beside.path(), &data, &binary(), Path::new(&config)])
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        println!("SKIPPED unfit file system: unshare is not installed (Debian: util-linux)");
        return;
    };
    let Ok(found) = serde_json::from_slice::<Value>(&output.stdout) else {
        println!(
            "SKIPPED unfit file system: mounting needs root ({})",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        assert!(!is_root(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    };
    let codes: Vec<&str> =
        found.as_array().unwrap().iter().filter_map(|found| found["code"].as_str()).collect();
    for code in ["disk.full", "disk.unfit", "disk.inodes"] {
        assert!(codes.contains(&code), "{code} is not in {codes:?}");
    }
}

#[test]
fn a_clock_that_nobody_sets_and_names_that_lead_nowhere_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (_, config) = deployment(dir.path());
    let programs = tempfile::tempdir().unwrap();
    let fake = programs.path().join("timedatectl");
    std::fs::write(&fake, "#!/bin/sh\necho no\n").unwrap();
    std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    let output = Command::new(binary())
        .args(["doctor", "--json", "--config", &config])
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(9));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = found.as_array().unwrap();
    let of = |code: &str| found.iter().filter(|found| found["code"] == code).count();
    assert_eq!((of("clock.unsynchronised"), of("dns.missing")), (1, 3), "{found:?}");
}

/// What the doctor finds at another time.
fn at(offset: &str, config: &str) -> Option<Vec<String>> {
    let output = Command::new("faketime")
        .args(["-f", offset])
        .arg(binary())
        .args(["doctor", "--json", "--config", config])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let found: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(found.as_array()?.iter().filter_map(|found| Some(found["code"].as_str()?.to_owned())).collect())
}

#[test]
fn a_clock_that_is_behind_and_an_authority_that_ends_are_found() {
    if !have("faketime") {
        println!("SKIPPED times: faketime is not installed (Debian: faketime)");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (_, config) = deployment(dir.path());
    for (offset, code) in
        [("-2d", "clock.behind"), ("+3620d", "authority.expires"), ("+3700d", "authority.expired")]
    {
        let found = at(offset, &config).unwrap();
        assert!(found.contains(&String::from(code)), "{offset}: {found:?}");
    }
    let now = at("+0", &config).unwrap();
    assert!(!now.iter().any(|code| code.starts_with("clock.") || code.starts_with("authority.")), "{now:?}");
}

#[test]
fn each_thing_that_is_missing_or_another_is_called_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let (data, config) = deployment(dir.path());
    let away = dir.path().join("away");
    let file = |name: &str| data.join(name);
    for (name, content, code) in [
        ("bartizan.db", None, "store.missing"),
        (
            "bartizan.db",
            Some("no database, but long enough to have a head of a hundred bytes ".repeat(4)),
            "store.unreadable",
        ),
        ("keys/master", None, "store.key_missing"),
        ("keys/log.vkey", None, "log.key"),
        ("keys/log.vkey", Some(String::from("no key")), "log.key"),
        ("ca.pem", None, "authority.unreadable"),
    ] {
        std::fs::rename(file(name), &away).unwrap();
        if let Some(content) = &content {
            std::fs::write(file(name), content).unwrap();
            std::fs::set_permissions(file(name), std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let found = doctor(&config);
        assert!(found.contains(&String::from(code)), "{name} {content:?}: {found:?}");
        let mended = std::fs::rename(&away, file(name));
        assert!(mended.is_ok() && doctor(&config).is_empty(), "{name}");
    }
    // The key of another deployment.
    let other = tempfile::tempdir().unwrap();
    let (others, _) = deployment(other.path());
    std::fs::copy(others.join("keys").join("master"), file("keys/master")).unwrap();
    assert_eq!(doctor(&config), ["store.key"]);
}

#[test]
fn an_address_that_nobody_here_can_listen_on_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (_, config) = deployment(dir.path());
    let text = std::fs::read_to_string(&config).unwrap();
    let listen = text.lines().find(|line| line.starts_with("address = \"127.0.0.1:")).unwrap();
    // RFC 5737: an address of documentation, which no machine has.
    std::fs::write(&config, text.replacen(listen, "address = \"192.0.2.1:8443\"", 1)).unwrap();
    assert_eq!(doctor(&config), ["listener.unusable"]);
}

#[test]
fn init_takes_no_folder_that_has_other_things_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let full = dir.path().join("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("letter"), "x").unwrap();
    std::fs::set_permissions(&full, std::fs::Permissions::from_mode(0o755)).unwrap();
    let init = |data: &Path| {
        let output = Command::new(binary())
            .args(["init", "--domain", "access.localhost", "--admin", "root", "--listen", "127.0.0.1:8443"])
            .arg("--dir")
            .arg(dir.path())
            .arg("--data-dir")
            .arg(data)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, err) = init(&full);
    assert!(code == Some(7) && err.contains("has other things"), "{err}");
    assert_eq!(std::fs::metadata(&full).unwrap().permissions().mode() & 0o777, 0o755, "nothing was changed");
    assert_eq!(std::fs::read_dir(&full).unwrap().count(), 1);
    let (code, err) = init(&dir.path().join("a \"quote\""));
    assert!(code == Some(2) && err.contains("no path for a configuration"), "{err}");
    let (code, err) = init(&dir.path().join("data of my own"));
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(doctor(dir.path().join("bartizan.toml").to_str().unwrap()), Vec::<String>::new());
}
