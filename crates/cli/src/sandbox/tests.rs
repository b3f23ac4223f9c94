//! A process that is confined cannot take it back, so the test that tries is a process of its own.

#![expect(
    clippy::print_stdout,
    reason = "a skipped test is shown, and the process says that it got to its end"
)]

use std::net::{TcpListener, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;

/// Tells the test below that it is the process to be confined, and where its data is.
const CONFINED: &str = "BARTIZAN_TEST_CONFINED";

#[test]
fn inside_nothing_is_executed_or_read_that_is_not_needed() {
    if missing() != Missing::default() {
        println!("SKIPPED sandbox: {:?}", missing());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("outside"), "x").unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sandbox::tests::confined", "--nocapture", "--test-threads", "1"])
        .env(CONFINED, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("all of it was tried"), "{output:?}");
}

#[test]
fn confined() {
    let Some(dir) = std::env::var_os(CONFINED).map(PathBuf::from) else { return };
    let data = dir.join("data");
    let can = |path: &Path| std::fs::read(path).is_ok();
    assert!(
        can(Path::new("/etc/passwd")) && Command::new("/bin/true").status().is_ok(),
        "before it all goes"
    );
    assert_eq!(
        enter(&Files { written: vec![data.clone()], ..Files::default() }.with_system()),
        Missing::default()
    );

    for path in ["/etc/shadow", "/etc/passwd", "/root", "/home", "/tmp", "/proc/1/environ", "/usr/bin/true"] {
        let refused = std::fs::File::open(path).and_then(|file| file.metadata()).is_err()
            || std::fs::read_dir(path).is_err() && std::fs::read(path).is_err();
        assert!(refused, "{path}");
    }
    assert!(!can(&dir.join("outside")));
    assert!(std::fs::write(dir.join("other"), "x").is_err());
    assert!(Command::new("/bin/true").status().is_err());
    std::fs::write(data.join("program"), "#!/bin/sh\n").unwrap();
    assert!(Command::new(data.join("program")).status().is_err());
    let errno = |result: std::io::Result<()>| result.unwrap_err().raw_os_error();
    assert_eq!(errno(rustix::process::chroot("/").map_err(Into::into)), Some(libc::EPERM));
    let other = rustix::net::socket(rustix::net::AddressFamily::PACKET, rustix::net::SocketType::RAW, None);
    assert_eq!(errno(other.map(drop).map_err(Into::into)), Some(libc::EPERM));

    // What it needs, it has: threads, its data, the network, names.
    let name = data.join("a").join("b");
    std::fs::create_dir(data.join("a")).unwrap();
    std::fs::write(&name, "x").unwrap();
    std::fs::rename(&name, data.join("c")).unwrap();
    std::fs::remove_file(data.join("c")).unwrap();
    let thread = std::thread::spawn(move || std::fs::read(dir.join("outside")).is_err());
    assert!(thread.join().unwrap(), "threads are confined, too");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    assert!(("localhost", 1).to_socket_addrs().unwrap().next().is_some());
    assert!(can(Path::new("/etc/hosts")));
    println!("all of it was tried");
}
