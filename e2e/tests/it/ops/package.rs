//! The Debian package on a machine: installed, used, upgraded, removed, purged.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::outside::have;
use crate::ports::free_port;

/// The packages that `cargo xtask deb --rehearsal` has made, the older first.
fn packages() -> Option<[PathBuf; 2]> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debian-rehearsal");
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.try_into().ok()
}

#[test]
fn the_package_installs_starts_upgrades_and_leaves_nothing_when_it_is_purged() {
    let Some([old, new]) = packages() else {
        println!("SKIPPED package: there is none; `cargo xtask deb --rehearsal` makes two");
        return;
    };
    if let Some(missing) =
        ["dpkg", "unshare", "systemd-sysusers", "setpriv", "curl"].into_iter().find(|tool| !have(tool))
    {
        println!("SKIPPED package: {missing} is not installed (Debian: dpkg, util-linux, systemd, curl)");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/package/rehearse.sh");
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "sh", script])
        .args([old.as_os_str(), new.as_os_str()])
        .args([free_port().to_string(), free_port().to_string()])
        .arg(scratch.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (said, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !said.contains("STEP install") {
        println!(
            "SKIPPED package: a copy of this machine cannot be made ({}): it needs root, and overlayfs",
            err.trim()
        );
        return;
    }
    assert!(output.status.success() && said.contains("STEP end"), "{said}\n{err}");
    let step = |name: &str| {
        let rest =
            said.split(&format!("STEP {name}\n")).nth(1).unwrap_or_else(|| panic!("no {name}: {said}"));
        rest.split("STEP ").next().unwrap().to_owned()
    };
    let (install, init, upgrade) = (step("install"), step("init"), step("upgrade"));
    for expected in [
        "VERSION 0.1.0-0~1 install ok installed",
        ":/var/lib/bartizan:",
        "MODE /etc/bartizan root 755",
        "MODE /var/lib/bartizan bartizan 700",
        "UNITS in order",
        "MANUAL in order",
        "nothing is served yet",
        "_clap_complete_bartizan bartizan",
    ] {
        assert!(install.contains(expected), "{expected}: {install}");
    }
    assert!(!install.contains("ENABLED"), "without a domain there is nothing to start: {install}");
    assert!(!init.contains("NOT THEIRS"), "{init}");
    assert!(!said.contains("NOT READY") && !said.contains("ENDED with"), "{said}");
    assert!(init.contains("READY {\"ready\":true") && init.contains("ENDED in order"), "{init}");
    // The machine is what it is (memory, DNS, an overlay for the copy); what is of the package is in order.
    for area in
        ["\"config.", "\"data.", "\"store.", "\"spool.", "\"log.", "\"listener.", "\"authority.", "\"unit."]
    {
        assert!(!init.contains(&format!("\"code\":{area}")), "{area}: {init}");
    }
    assert!(upgrade.contains("VERSION 0.1.0-0~2 install ok installed"), "{upgrade}");
    assert!(upgrade.contains("READY {\"ready\":true") && upgrade.contains("ENDED in order"), "{upgrade}");
    let key = |text: &str| text.lines().find(|line| line.starts_with("KEY ")).map(str::to_owned);
    assert!(key(&init).is_some() && key(&init) == key(&upgrade), "the data is the same");
    let left: Vec<String> =
        step("remove").lines().filter(|line| line.starts_with("LEFT /")).map(str::to_owned).collect();
    assert_eq!(left, ["LEFT /etc/bartizan/bartizan.toml", "LEFT /var/lib/bartizan/bartizan.db"]);
    assert!(!step("purge").contains("LEFT "), "{}", step("purge"));
}
