//! Backups: taken while others write, opened by others' tools, brought back elsewhere, and of no use to anybody else.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::deployment::{Served, bartizan, config_for, demo_in, keys, state, told};
use crate::cookies::Browser;
use crate::demo::Demo;
use crate::http::{Client, block_on};
use crate::outside::have;

/// Goes on writing until it is told to stop; how many people were made.
fn writing(demo: &Demo, stop: &AtomicBool) -> u32 {
    let mut made = 0;
    while !stop.load(Ordering::Relaxed) {
        demo.json(&["user", "invite", &format!("p{made}")]);
        made += 1;
    }
    made
}

#[test]
fn what_is_backed_up_while_others_write_comes_back_elsewhere_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (demo, data, config) = demo_in(folder.path());
    let (identity, recipient) = keys(folder.path());
    let client = Client::new(&demo);
    let stop = Arc::new(AtomicBool::new(false));
    let backups: Vec<Value> = std::thread::scope(|scope| {
        let writer = scope.spawn(|| writing(&demo, &stop));
        let backups = (0..5)
            .map(|number| {
                std::thread::sleep(std::time::Duration::from_millis(150));
                block_on(async { client.get("wiki", "/", Some(&demo.token("bob"))).await });
                let file = folder.path().join(format!("{number}.age"));
                told(&[
                    "backup",
                    "--config",
                    &config,
                    "--to",
                    file.to_str().unwrap(),
                    "--recipient",
                    &recipient,
                ])
            })
            .collect();
        stop.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() > 3);
        backups
    });
    let (password, code) = (demo.password("bob"), demo.code("bob", 1));
    let (token, admin) = (demo.token("bob"), demo.ready["admin_token"].as_str().unwrap().to_owned());
    assert!(demo.interrupt());

    for (number, backup) in backups.iter().enumerate() {
        let file = backup["file"].as_str().unwrap();
        assert_eq!(backup["evidence_complete"], true, "{backup}");
        assert!(told(&["backup", "check", file, "--identity", &identity])["ok"] == true);
        let back = folder.path().join(format!("back{number}"));
        let restored = told(&["restore", file, "--identity", &identity, "--to", back.to_str().unwrap()]);
        let revision = backup["revision"].as_u64().unwrap();
        assert_eq!(restored["backup"]["revision"].as_u64(), Some(revision));
        assert!(restored["revision"].as_u64().unwrap() > revision + 1_000_000, "no revision is used twice");
        block_on(async {
            let (was, is) = (
                state(&data.join("bartizan.db"), revision).await,
                state(&back.join("bartizan.db"), revision).await,
            );
            assert!(was == is && !was.is_empty(), "{} and {} changes", was.len(), is.len());
        });
        let verify = |since: &Path| {
            let (log, key, since) =
                (back.join("log"), back.join("keys/log.vkey"), since.to_str().unwrap().to_owned());
            told(&[
                "log",
                "verify",
                "--dir",
                log.to_str().unwrap(),
                "--key",
                key.to_str().unwrap(),
                "--since",
                &since,
            ])
        };
        // It goes on, so the checkpoint that it came with is an earlier one of it.
        assert_eq!(verify(&back.join("log/checkpoint"))["ok"], true);
    }

    let back = folder.path().join("back4");
    let config = config_for(&back, "127.0.0.1:0", &folder.path().join("back.toml"));
    // The authority of a demo lasts a week.
    assert_eq!(crate::running::doctor(&config), ["authority.expires"]);
    let served = Served::start(&config, &back);
    // What may have been ended since does not come back; who has factors signs in with them.
    assert_eq!(served.cli(&admin, &["session", "list"]).0, 4);
    block_on(async {
        assert_eq!(served.client.get("wiki", "/", Some(&token)).await.status, 401);
        let mut browser = Browser::new(served.client.clone());
        let page = browser.go("auth", "/").await;
        let page = browser.sign_in(&page, "bob", &password, &code).await;
        assert_eq!((page.host.as_str(), page.answer.status), ("portal", 200), "{}", page.text());
    });
    served.stop();
}

#[test]
fn a_backup_is_a_file_that_tools_of_others_open() {
    if !have("age") {
        println!("SKIPPED age: it is not installed (Debian: age)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (demo, _, config) = demo_in(folder.path());
    let theirs = folder.path().join("theirs");
    let made = Command::new("age-keygen").arg("-o").arg(&theirs).stderr(Stdio::null()).status().unwrap();
    assert!(made.success());
    let text = std::fs::read_to_string(&theirs).unwrap();
    let recipient = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let (ours, our_recipient) = keys(folder.path());
    let file = folder.path().join("b.age");
    let file = file.to_str().unwrap();
    told(&[
        "backup",
        "--config",
        &config,
        "--to",
        file,
        "--recipient",
        recipient,
        "--recipient",
        &our_recipient,
    ]);
    drop(demo);
    // Each key opens it: theirs with our command, ours with theirs.
    assert_eq!(told(&["backup", "check", file, "--identity", theirs.to_str().unwrap()])["ok"], true);
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let shell = format!("age --decrypt -i {ours} {file} | tar --extract --directory {}", out.display());
    assert!(Command::new("sh").args(["-ec", &shell]).status().unwrap().success());
    for name in ["manifest.json", "bartizan.toml", "keys/master", "bartizan.db", "log/checkpoint"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    // What they seal, we open: a backup that somebody packed again.
    let again = folder.path().join("again.age");
    let shell = format!(
        "cd {} && tar --create --format=ustar manifest.json bartizan.toml keys/master bartizan.db $(find log -type f) \
         | age --encrypt -r {recipient} > {}",
        out.display(),
        again.display()
    );
    assert!(Command::new("sh").args(["-ec", &shell]).status().unwrap().success());
    let again = again.to_str().unwrap();
    assert_eq!(told(&["backup", "check", again, "--identity", theirs.to_str().unwrap()])["ok"], true);
}

#[test]
fn what_is_damaged_cut_off_or_for_others_brings_nothing_back() {
    let folder = tempfile::tempdir().unwrap();
    let (demo, data, config) = demo_in(folder.path());
    let (identity, recipient) = keys(folder.path());
    let file = folder.path().join("b.age");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let taken = told(&["backup", "--config", &config, "--to", &text(&file), "--recipient", &recipient]);
    // Sealed: nothing of the deployment shows.
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(bytes.len() as u64, taken["bytes"].as_u64().unwrap());
    let master = std::fs::read(data.join("keys/master")).unwrap();
    for secret in [b"bartizan.localhost".as_slice(), b"SQLite format", &master] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
    let again = bartizan(&["backup", "--config", &config, "--to", &text(&file), "--recipient", &recipient]);
    assert!(again.0 == 7 && again.2.contains("is there already"), "{again:?}");
    let nobody = bartizan(&["backup", "--config", &config, "--to", &text(&folder.path().join("c.age"))]);
    assert_eq!(nobody.0, 2, "{nobody:?}");
    drop(demo);

    let to = folder.path().join("back");
    let fails = |file: &Path, identity: &str, what: &str| {
        let (code, out, err) =
            bartizan(&["restore", &text(file), "--identity", identity, "--to", &text(&to)]);
        assert!(code == 9 && out.is_empty() && err.contains(what), "{code} {err} (not {what})");
        assert!(!to.exists());
        let left = std::fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".bartizan"));
        assert_eq!(left.count(), 0, "something is left behind");
    };
    let changed = folder.path().join("changed.age");
    for (at, what) in [
        (10, "age format"),
        (60, "sealed to other keys"),
        (bytes.len() / 2, "changed or is damaged"),
        (bytes.len() - 1, "changed or is damaged"),
    ] {
        let mut other = bytes.clone();
        // Of the header a letter that it may have: what stands there still is a share, and another.
        other[at] = match (at, other[at]) {
            (60, b'A') => b'B',
            (60, _) => b'A',
            (_, byte) => byte ^ 1,
        };
        std::fs::write(&changed, other).unwrap();
        fails(&changed, &identity, what);
    }
    for length in [0, 100, 300, 70_000, bytes.len() - 1] {
        std::fs::write(&changed, &bytes[..length]).unwrap();
        fails(&changed, &identity, "nothing was restored");
    }
    let others = tempfile::tempdir().unwrap();
    fails(&file, &keys(others.path()).0, "sealed to other keys");

    // What is there is never replaced.
    std::fs::create_dir(&to).unwrap();
    std::fs::write(to.join("precious"), "x").unwrap();
    let refused = bartizan(&["restore", &text(&file), "--identity", &identity, "--to", &text(&to)]);
    assert!(refused.0 == 7 && refused.2.contains("--log"), "{refused:?}");
    assert_eq!(std::fs::read_dir(&to).unwrap().count(), 1);
}

#[test]
fn who_was_erased_stays_so_and_the_log_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (demo, data, config) = demo_in(folder.path());
    let (identity, recipient) = keys(folder.path());
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let file = text(&folder.path().join("b.age"));
    demo.json(&["user", "invite", "zoe"]);
    told(&["backup", "--config", &config, "--to", &file, "--recipient", &recipient]);

    // Nobody is asked where there is no terminal, and nothing is done.
    let (code, err) = {
        let output = demo.cli(&["user", "erase", "eve"]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert!(code == Some(2) && err.contains("--yes"), "{err}");
    let eve = demo.json(&["user", "erase", "eve", "--yes"])["id"].as_str().unwrap().to_owned();
    let people = demo.json(&["user", "list"]);
    let zoe = people.as_array().unwrap().iter().find(|person| person["name"] == "zoe").unwrap();
    let zoe = zoe["id"].as_str().unwrap().to_owned();
    demo.json(&["delete", "user", "zoe"]);
    demo.json(&["user", "disable", "bob"]);
    let people = demo.json(&["user", "list"]);
    assert!(!people.to_string().contains("eve"), "{people}");
    // Erased, they cannot be brought back: what they were called nobody knows.
    let history = demo.json(&["history", "user", &eve]);
    let last = history[history.as_array().unwrap().len() - 1]["revision"].to_string();
    let back = demo.json(&["rollback", "user", &eve, "--to", &last]);
    assert_eq!(back["change"], "created", "{back}");
    assert!(!demo.json(&["user", "list"]).to_string().contains("\"eve\""));
    demo.json(&["user", "erase", &eve, "--yes"]);
    assert_eq!(demo.cli(&["user", "erase", "nobody", "--yes"]).status.code(), Some(6));
    let own = demo.cli(&["user", "erase", "ada", "--yes"]);
    assert_eq!(own.status.code(), Some(7), "{}", String::from_utf8_lossy(&own.stderr));
    assert!(demo.interrupt());

    let (to, log) = (text(&folder.path().join("back")), text(&data.join("log")));
    let restored = told(&["restore", &file, "--identity", &identity, "--to", &to, "--log", &log]);
    assert_eq!((&restored["erased"], &restored["deleted"]), (&1.into(), &1.into()), "{restored}");
    assert!(restored["lost"].as_u64().unwrap() >= 1, "that bob was disabled is lost, and said: {restored}");
    // The log goes on from where it was last seen, not from where it was backed up.
    let key = format!("{to}/keys/log.vkey");
    let verified = told(&[
        "log",
        "verify",
        "--dir",
        &format!("{to}/log"),
        "--key",
        &key,
        "--since",
        &format!("{log}/checkpoint"),
    ]);
    assert_eq!(verified["ok"], true);
    block_on(async {
        let rows = state(&folder.path().join("back/bartizan.db"), 10_000_000).await;
        let last = |id: &str| rows.iter().rfind(|row| row.contains(&format!(" user {id} "))).unwrap().clone();
        for gone in [&eve, &zoe] {
            assert!(last(gone).ends_with(" -"), "{}", last(gone));
        }
    });
    // A log of another deployment, or one that was cut back, is none that this one goes on with.
    let other = folder.path().join("other");
    let (stranger, other_data, _) = demo_in(&other);
    drop(stranger);
    let to = text(&folder.path().join("nowhere"));
    let refused = bartizan(&[
        "restore",
        &file,
        "--identity",
        &identity,
        "--to",
        &to,
        "--log",
        &text(&other_data.join("log")),
    ]);
    assert!(refused.0 == 9 && refused.2.contains("cannot take the place"), "{refused:?}");
    assert!(!Path::new(&to).exists());
}

#[test]
fn a_full_disk_leaves_no_half_of_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let (demo, _, config) = demo_in(folder.path());
    let (_, recipient) = keys(folder.path());
    let small = folder.path().join("small");
    std::fs::create_dir(&small).unwrap();
    let small_text = small.to_str().unwrap();
    let Some(_disk) = crate::health::SmallDisk::mount(small_text, "64k") else {
        println!("SKIPPED full disk: it takes root to mount a small one");
        return;
    };
    let (code, _, err) =
        bartizan(&["backup", "--config", &config, "--to", small_text, "--recipient", &recipient]);
    assert!(code == 1 && err.contains("No space left"), "{code} {err}");
    assert_eq!(std::fs::read_dir(&small).unwrap().count(), 0);
    assert!(demo.interrupt());
}
