//! What the doctor finds on a machine that is not as it should be.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::demo::binary;
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
    assert_eq!((of("clock.unsynchronised"), of("dns.missing")), (1, 2), "{found:?}");
}
