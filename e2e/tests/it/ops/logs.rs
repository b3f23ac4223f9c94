//! What is logged: which request a line is about, nothing that is secret, and no line that somebody else wrote.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use bytes::Bytes;
use http::{HeaderValue, Method};
use http_body_util::Full;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::cookies::Browser;
use crate::demo::{Demo, binary};
use crate::http::{Answer, Client, block_on};

/// What is in requests and answers of these tests and nowhere else.
const CANARIES: [&str; 7] = [
    "Stachelbeere-path-1",
    "Stachelbeere-query-2",
    "Stachelbeere-authorization-3",
    "Stachelbeere-cookie-4",
    "Stachelbeere-body-5",
    "Stachelbeere-answer-6",
    "Stachelbeere-agent-7",
];

/// A server behind the app `mine`: hands out a cookie and a body, again and again.
pub(crate) fn upstream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let _gone = stream.write_all(
                b"HTTP/1.1 200 OK\r\nSet-Cookie: app=Stachelbeere-answer-6; Path=/\r\nContent-Length: 21\r\n\
                  Connection: close\r\n\r\nStachelbeere-answer-6",
            );
        }
    });
    format!("http://{address}")
}

/// Sign-ins that succeed and fail, apps that answer and do not, calls of the API, bytes that are no request. Returns what was
/// secret in all of that, and the ids of requests that failed.
pub(crate) async fn traffic(demo: &Demo) -> (Vec<String>, Vec<String>) {
    let client = Client::new(demo);
    let mut browser = Browser::new(client.clone());
    let (password, code) = (demo.password("eve"), demo.code("eve", 1));
    let page = browser.go("mine", "/Stachelbeere-path-1?q=Stachelbeere-query-2").await;
    browser.send(&page, &[("login", "eve"), ("password", "Stachelbeere-body-5")]).await;
    let page = browser.sign_in(&page, "eve", &password, &code).await;
    assert_eq!((page.host.as_str(), page.answer.status), ("mine", 200), "{}", page.text());
    let more =
        [("authorization", "Bearer Stachelbeere-authorization-3"), ("user-agent", "Stachelbeere-agent-7")];
    let answer =
        browser.ask(Method::POST, "mine", "/?t=Stachelbeere-query-2", &more, Some(CANARIES[4].into())).await;
    assert_eq!(answer.status, 200);
    let account = browser.go("auth", "/").await;
    assert_eq!(account.answer.status, 200);
    let link = demo.json(&["user", "link", "bob"])["url"].as_str().unwrap().to_owned();
    let link = link.rsplit_once("/link").unwrap().1.to_owned();
    let mut linked = Browser::new(client.clone());
    let page = linked.go("auth", &format!("/link{link}")).await;
    linked.send(&page, &[]).await;

    let mut failed = Vec::new();
    for token in [demo.token("bob"), format!("bzn_{}", "A".repeat(43)), String::from(CANARIES[2])] {
        for protocol in [b"h2".as_slice(), b"http/1.1"] {
            for app in ["wiki", "mine", "payroll"] {
                let mut request =
                    client.request(app, "/Stachelbeere-path-1?q=Stachelbeere-query-2", Some(&token));
                *request.body_mut() = Full::new(Bytes::from(CANARIES[4]));
                *request.method_mut() = Method::POST;
                request.headers_mut().insert("cookie", HeaderValue::from_static("x=Stachelbeere-cookie-4"));
                request.headers_mut().insert("authorization", HeaderValue::from_static(CANARIES[2]));
                let answer = if protocol == b"h2" {
                    *request.uri_mut() =
                        format!("https://{}{}", client.host(app), request.uri()).parse().unwrap();
                    request.headers_mut().remove("host");
                    Answer::read(client.send2(app, request).await).await
                } else {
                    Answer::read(client.send(app, request).await).await
                };
                if answer.status == 502 {
                    failed.push(answer.request_id().to_owned());
                }
            }
        }
    }
    assert!(failed.len() >= 2, "wiki ended with the demo");
    for bytes in [
        "GET /Stachelbeere-path-1\u{1b}[2J HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: mine.bartizan.localhost\r\nCookie: Stachelbeere-cookie-4\nERROR forged=1\r\n\r\n",
        "PRI Stachelbeere-path-1 HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = client.tls("mine", b"http/1.1").await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _cut = stream.read_to_end(&mut answer).await;
    }
    assert!(demo.cli(&["log", "search", "--limit", "5"]).status.success());
    demo.json(&["session", "revoke", "--user", "eve"]);

    let mut secrets: Vec<String> =
        [&browser, &linked].iter().flat_map(|browser| browser.secret_cookies()).collect();
    let asked = [&browser, &linked].into_iter().flat_map(|browser| browser.visited.iter());
    let asked = asked.flat_map(|address| address.split(['?', '&', '=']));
    secrets.extend(asked.filter(|part| part.starts_with("bz")).map(str::to_owned));
    for person in ["ada", "bob", "eve"] {
        let text = |field: &str| demo.ready["people"][person][field].as_str().unwrap().to_owned();
        secrets.extend([text("password"), text("totp_secret"), text("token")]);
    }
    secrets.push(demo.ready["admin_token"].as_str().unwrap().to_owned());
    secrets.push(link.trim_start_matches("?t=").to_owned());
    secrets.extend(CANARIES.map(str::to_owned));
    assert!(secrets.len() >= 20, "{secrets:?}");
    (secrets, failed)
}

/// Everything that a deployment logs about the traffic.
fn logged(format: &str) -> (String, Vec<String>, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("log");
    let data = dir.path().join("data");
    let mut demo = Demo::start_in(&data, &["--upstream", &upstream()]);
    let more = format!("[log]\nformat = \"{format}\"\nlevel = \"trace\"\n");
    demo.go_on_served_with(&more, Stdio::from(File::create(&file).unwrap()));
    let (secrets, failed) = block_on(traffic(&demo));
    demo.terminate();
    assert!(demo.wait());
    (std::fs::read_to_string(&file).unwrap(), secrets, failed)
}

fn nothing_secret(text: &str, secrets: &[String]) {
    for secret in secrets {
        let found = text.lines().find(|line| line.contains(secret.as_str()));
        assert!(found.is_none(), "{secret} is in {found:?}");
    }
}

#[test]
fn as_json_each_line_is_an_object_that_says_which_request_it_is_about() {
    let (text, secrets, failed) = logged("json");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    nothing_secret(&text, &secrets);
    let levels: BTreeSet<&str> = lines.iter().map(|line| line["level"].as_str().unwrap()).collect();
    assert!(levels.is_superset(&["TRACE", "DEBUG", "WARN"].into()), "{levels:?}");
    for line in &lines {
        let time = line["timestamp"].as_str().unwrap();
        assert!(time.len() == 27 && time.ends_with('Z'), "{time}");
        assert!(line["target"].is_string() && line["message"].is_string(), "{line}");
        assert!(!line["message"].as_str().unwrap().contains("forged"));
    }
    // What failed is found by the id that the client was told, with the decision that let it through.
    for id in failed {
        let about: Vec<&Value> = lines.iter().filter(|line| line["request_id"] == *id).collect();
        let warned =
            about.iter().find(|line| line["level"] == "WARN").unwrap_or_else(|| panic!("{id}: {about:?}"));
        assert!(["wiki", "payroll"].contains(&warned["app"].as_str().unwrap()), "{warned}");
        assert!(warned["decision_id"].is_string() && warned["revision"].is_u64(), "{warned}");
    }
}

#[test]
fn as_text_too_nothing_secret_is_logged_and_nobody_else_writes_a_line() {
    let (text, secrets, failed) = logged("text");
    nothing_secret(&text, &secrets);
    for line in text.lines() {
        // What is said to who started it has no time; the rest has.
        let said = ["Bartizan serves", "Console at", "Health at"].iter().any(|said| line.starts_with(said));
        assert!(said || (line.starts_with("20") && line.contains("Z ")), "{line}");
        assert!(!line.contains('\u{1b}') && !line.contains(" ERROR forged"), "{line}");
    }
    assert!(failed.iter().all(|id| text.contains(&format!(" request_id={id}"))));
}

/// What a process says that is told to follow a filter and to log to this file, as a service of systemd's would.
fn as_a_service(file: &Path, filter: &str, format: &str) -> String {
    let log = File::create(file).unwrap();
    let meta = log.metadata().unwrap();
    let dir = file.parent().unwrap();
    let (_, config) = crate::running::init(&dir.join("deployment"));
    let mut text = std::fs::read_to_string(&config).unwrap();
    text.push_str(&format!("\n[log]\nformat = \"{format}\"\n"));
    std::fs::write(&config, text).unwrap();
    let mut child = Command::new(binary())
        .args(["serve", "--json", "--config"])
        .arg(&config)
        .env("BARTIZAN_LOG", filter)
        .env("JOURNAL_STREAM", format!("{}:{}", meta.dev(), meta.ino()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut ready = [0; 1];
    child.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    crate::running::terminate(child);
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn the_journal_is_told_the_level_and_not_the_time() {
    for format in ["text", "json"] {
        let dir = tempfile::tempdir().unwrap();
        let text = as_a_service(&dir.path().join("log"), "debug", format);
        assert!(text.lines().count() > 3, "{text}");
        for line in text.lines() {
            let (priority, rest) = line.split_once('>').unwrap();
            assert!(["<3", "<4", "<6", "<7"].contains(&priority), "{line}");
            assert!(!rest.starts_with("20"), "{line}");
        }
        assert!(text.contains("<7>"));
    }
}

#[test]
fn a_filter_that_cannot_be_followed_is_said_and_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let text = as_a_service(&dir.path().join("log"), "wran", "text");
    assert!(
        text.contains("BARTIZAN_LOG is not followed") && text.contains("`wran` is neither a level"),
        "{text}"
    );
}
