//! What fails, and what goes on meanwhile.

use std::time::Duration;

use sqlx::{Connection as _, SqliteConnection};

use crate::cookies::Browser;
use crate::demo::Demo;
use crate::http::{Client, block_on};
use crate::ports::free_port;

#[test]
fn an_app_that_is_down_is_said_to_be_the_side_that_failed() {
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start_in(dir.path(), &["--upstream", &format!("http://127.0.0.1:{}", free_port())]);
    let client = Client::new(&demo);
    let mut browser = Browser::new(client.clone());
    block_on(async {
        let program = client.get("mine", "/", Some(&demo.token("bob"))).await;
        assert_eq!((program.status, program.json()["reason"].clone()), (502, "upstream_unreachable".into()));
        let page = browser.go("mine", "/").await;
        let page = browser.sign_in(&page, "bob", &demo.password("bob"), &demo.code("bob", 0)).await;
        assert_eq!(page.answer.status, 502);
        let text = page.text();
        assert!(text.contains("Nothing is wrong with your account"), "{text}");
        assert!(text.contains(page.answer.request_id()), "the request id is there to be quoted");
    });
}

/// Somebody holds the database, so that nothing can be written to it.
async fn hold(demo: &Demo) -> SqliteConnection {
    let url = format!("sqlite://{}", demo.dir.join("bartizan.db").display());
    let mut held = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut held).await.unwrap();
    held
}

#[test]
fn while_the_store_cannot_be_written_nobody_signs_in_and_decisions_go_on() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let mut browser = Browser::new(client.clone());
    block_on(async {
        let page = browser.go("wiki", "/").await;
        let fields = [("login", "eve"), ("password", &demo.password("eve"))];
        let second = browser.send(&page, &fields.map(|(name, value)| (name, value as &str))).await;
        // The key that signs assertions is published with the first request that needs one.
        assert_eq!(client.get("wiki", "/", Some(&demo.token("bob"))).await.status, 200);
        let held = hold(&demo).await;
        let code = demo.code("eve", 0);
        let refused = browser.send(&second, &[("code", &code)]).await;
        assert_eq!(refused.answer.status, 503, "{}", refused.text());
        assert!(refused.text().contains("Signing in is paused"), "{}", refused.text());
        assert!(!browser.jar["auth"].contains_key("__Host-bartizan"));
        // Decisions read no database.
        for _ in 0..20 {
            assert_eq!(client.get("wiki", "/", Some(&demo.token("bob"))).await.status, 200);
            assert_eq!(client.get("payroll", "/", Some(&demo.token("eve"))).await.status, 403);
        }
        let written = tokio::task::block_in_place(|| demo.cli(&["user", "disable", "eve"]));
        assert!(!written.status.success());
        let said = String::from_utf8_lossy(&written.stderr).into_owned();
        assert!(said.contains("store"), "a write fails with a reason: {said}");
        drop(held);
        // The code was not used up, so it works now.
        let mut page = browser.send(&second, &[("code", &code)]).await;
        for _ in 0..20 {
            if page.host == "wiki" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            page = browser.send(&second, &[("code", &code)]).await;
        }
        assert_eq!(page.host, "wiki", "{}", page.text());
    });
}

#[test]
fn where_files_are_few_others_wait_and_who_is_there_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start_limited(dir.path(), "ulimit -n 300");
    let client = Client::new(&demo);
    block_on(async {
        let bob = demo.token("bob");
        let mut here = client.tls("wiki", b"http/1.1").await;
        let ask = format!("GET / HTTP/1.1\r\nHost: {}\r\nBartizan-Token: {bob}\r\n\r\n", client.host("wiki"));
        assert!(first_line(&mut here, &ask).await.starts_with("HTTP/1.1 200"));
        // More than there are files for, and they stay.
        let mut crowd = Vec::new();
        for _ in 0..400 {
            crowd.push(client.tcp().await);
        }
        let late = client.try_tls("wiki.bartizan.localhost", b"http/1.1").await;
        if let Ok(mut late) = late {
            assert!(first_line(&mut late, &ask).await.starts_with("HTTP/1.1 503"));
        }
        assert!(first_line(&mut here, &ask).await.starts_with("HTTP/1.1 200"), "who is there goes on");
        drop(crowd);
        let mut answered = false;
        for _ in 0..200 {
            if let Ok(mut again) = client.try_tls("wiki.bartizan.localhost", b"http/1.1").await
                && first_line(&mut again, &ask).await.starts_with("HTTP/1.1 200")
            {
                answered = true;
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(answered, "there is room again");
    });
    // Nothing of it was lost.
    let verified = demo.json(&["log", "verify"]);
    assert_eq!(verified["ok"], true, "{verified}");
}

/// A control group with a limit of memory; gone when dropped.
struct Narrow(std::path::PathBuf);

impl Narrow {
    fn make(bytes: u64) -> Option<Self> {
        let name = format!("bartizan-test-{}", std::process::id());
        let groups = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
        groups.into_iter().find_map(|(folder, file)| {
            let group = std::path::Path::new(folder).join(&name);
            std::fs::create_dir(&group).ok()?;
            let group = Self(group);
            std::fs::write(group.0.join(file), bytes.to_string()).is_ok().then_some(group)
        })
    }
}

impl Drop for Narrow {
    fn drop(&mut self) {
        // The last process in it may take a moment to be gone.
        for _ in 0..50 {
            if std::fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn where_memory_is_little_no_more_are_let_in_than_it_is_enough_for() {
    const MIB: u64 = 1 << 20;
    let Some(group) = Narrow::make(176 * MIB) else {
        println!("SKIPPED little memory: it takes root and a memory controller to limit it");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start_limited(dir.path(), &format!("echo $$ > {}/cgroup.procs", group.0.display()));
    let mut client = Client::new(&demo);
    block_on(async {
        let bob = demo.token("bob");
        let mut here = client.tls("wiki", b"http/1.1").await;
        let ask = format!("GET / HTTP/1.1\r\nHost: {}\r\nBartizan-Token: {bob}\r\n\r\n", client.host("wiki"));
        assert!(first_line(&mut here, &ask).await.starts_with("HTTP/1.1 200"));
        // Enough for 945 connections; far more come, and stay.
        let mut crowd = Vec::new();
        for number in 0..2_500_u32 {
            client.from = std::net::Ipv4Addr::new(127, 0, 8, u8::try_from(number / 400 + 1).unwrap());
            crowd.push(client.tcp().await);
        }
        assert!(first_line(&mut here, &ask).await.starts_with("HTTP/1.1 200"), "who is there goes on");
        client.from = std::net::Ipv4Addr::LOCALHOST;
        if let Ok(mut late) = client.try_tls("wiki.bartizan.localhost", b"http/1.1").await {
            assert!(first_line(&mut late, &ask).await.starts_with("HTTP/1.1 503"));
        }
        let people = tokio::task::block_in_place(|| demo.json(&["user", "list"]));
        assert!(people.as_array().is_some_and(|people| people.len() == 3), "administration goes on");
        drop(crowd);
    });
    // Pages of the binary are not counted against the limit, which the system keeps by ending the process.
    assert!(demo.interrupt(), "nobody killed it");
    drop(group);
}

/// What shows a process another time than there is, where it is installed.
pub(crate) fn faketime() -> Option<String> {
    ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        .map(|triplet| format!("/usr/lib/{triplet}/faketime/libfaketime.so.1"))
        .into_iter()
        .find(|library| std::path::Path::new(library).exists())
}

#[test]
fn when_the_wall_clock_jumps_sessions_end_by_it_and_the_lease_does_not() {
    let Some(library) = faketime() else {
        println!("SKIPPED clock jumps: libfaketime is not installed (Debian: faketime)");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    // The library reads it again and again from inside, where nothing but the data directory is to be had.
    let offset = dir.path().join("offset");
    std::fs::write(&offset, "+0").unwrap();
    let limit = format!(
        "export LD_PRELOAD={library} FAKETIME_TIMESTAMP_FILE={} FAKETIME_CACHE_DURATION=1 \
         FAKETIME_DONT_FAKE_MONOTONIC=1",
        offset.display()
    );
    let demo = Demo::start_limited(dir.path(), &limit);
    let client = Client::new(&demo);
    block_on(async {
        let bob = demo.token("bob");
        let ask = format!("GET / HTTP/1.1\r\nHost: {}\r\nBartizan-Token: {bob}\r\n\r\n", client.host("wiki"));
        // On one connection all the while: to a client whose clock is right, certificates of other days mean nothing.
        let mut here = client.tls("wiki", b"http/1.1").await;
        assert!(first_line(&mut here, &ask).await.starts_with("HTTP/1.1 200"));
        // A day back: nothing ends by it, and the lease, which another clock counts, is renewed all the while.
        std::fs::write(&offset, "-1d").unwrap();
        for _ in 0..40 {
            assert!(first_line(&mut here, &ask).await.starts_with("HTTP/1.1 200"), "set back");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // Two days on: the session is over, and what was open under it.
        std::fs::write(&offset, "+0").unwrap();
        tokio::time::sleep(Duration::from_millis(2500)).await;
        let mut stream = client.send("pulse", client.request("pulse", "/sse", Some(&bob))).await.into_body();
        assert!(http_body_util::BodyExt::frame(&mut stream).await.unwrap().is_ok());
        std::fs::write(&offset, "+2d").unwrap();
        let ended = async { while let Some(Ok(_)) = http_body_util::BodyExt::frame(&mut stream).await {} };
        assert!(tokio::time::timeout(Duration::from_secs(10), ended).await.is_ok(), "the stream is cut");
        assert!(first_line(&mut here, &ask).await.starts_with("HTTP/1.1 401"), "the session is over");
        // Set right again, hosts get certificates of today.
        std::fs::write(&offset, "+0").unwrap();
        let mut served = false;
        for _ in 0..100 {
            served |= client.try_tls("wiki.bartizan.localhost", b"http/1.1").await.is_ok();
            if served {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(served, "hosts are served again");
    });
    assert_eq!(demo_log_is_whole(&demo), 0);
}

/// What `log verify` says of the files, by its exit code: nobody's session is left to ask through.
fn demo_log_is_whole(demo: &Demo) -> i32 {
    let (log, key) = (demo.dir.join("log"), demo.dir.join("keys/log.vkey"));
    let mut verify = std::process::Command::new(crate::demo::binary());
    verify.args(["log", "verify", "--dir"]).arg(log).arg("--key").arg(key);
    verify.stdin(std::process::Stdio::null()).status().unwrap().code().unwrap()
}

async fn first_line(
    stream: &mut (impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin),
    ask: &str,
) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let _gone = stream.write_all(ask.as_bytes()).await;
    let mut answer = Vec::new();
    let read = async {
        loop {
            let text = String::from_utf8_lossy(&answer).into_owned();
            let length = text.to_lowercase().split_once("content-length: ").and_then(|(_, rest)| {
                rest.split_once("\r\n").and_then(|(digits, _)| digits.parse::<usize>().ok())
            });
            let head = text.find("\r\n\r\n").map(|at| at + 4);
            if let (Some(head), Some(length)) = (head, length)
                && answer.len() >= head + length
            {
                return;
            }
            if !matches!(stream.read_buf(&mut answer).await, Ok(1..)) {
                return;
            }
        }
    };
    let _late = tokio::time::timeout(std::time::Duration::from_secs(10), read).await;
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}
