//! What the log holds, and what it gives away.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::cookies::Browser;
use crate::demo::{Demo, binary};
use crate::http::{Answer, Client, block_on};

fn lines(demo: &Demo, args: &[&str]) -> Vec<Value> {
    let output = demo.cli(&[&["log", "search", "--json"], args].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Asks until the index has caught up, as `log search` does not wait.
fn eventually(demo: &Demo, args: &[&str], enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    for _ in 0..100 {
        let found = lines(demo, args);
        if enough(&found) {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{args:?} finds nothing: {:?}", lines(demo, &["--limit", "5"]))
}

fn verify(dir: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let output = Command::new(binary())
        .args(["log", "verify", "--json", "--dir"])
        .arg(dir.join("log"))
        .arg("--key")
        .arg(dir.join("keys/log.vkey"))
        .args(more)
        .output()
        .unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

#[test]
fn each_request_is_in_the_log_with_its_end() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let (permitted, denied) = block_on(async {
        let wiki = client.get("wiki", "/page?secret=1", Some(&demo.token("bob"))).await;
        let payroll = client.get("payroll", "/", Some(&demo.token("eve"))).await;
        (wiki.request_id().to_owned(), payroll.request_id().to_owned())
    });
    let found = eventually(&demo, &["--request", &permitted], |found| found.len() == 2);
    let (decision, end) = (&found[0], &found[1]);
    assert_eq!((decision["kind"].clone(), decision["outcome"].clone()), ("decision".into(), "permit".into()));
    assert_eq!((end["kind"].clone(), end["outcome"].clone()), ("grant.end".into(), "ok".into()));
    assert_eq!(end["decision_id"], decision["decision_id"]);
    assert_eq!(decision["policies"], serde_json::json!(["wiki-everybody"]));
    assert_eq!(decision["subject"]["name"], "bob");
    assert_eq!(decision["request"]["path"], "/page", "the query is never recorded");
    assert_eq!(decision["source"], "127.0.0.1");
    assert!(end["bytes_out"].as_u64().unwrap() > 0);
    assert!(decision["log_index"].as_u64() < end["log_index"].as_u64());

    let found = eventually(&demo, &["--request", &denied], |found| !found.is_empty());
    assert_eq!(
        (found[0]["outcome"].clone(), found[0]["reason"].clone()),
        ("deny".into(), "denied_by_policy".into())
    );
    let denials =
        eventually(&demo, &["--user", "eve", "--app", "payroll", "--outcome", "deny"], |f| !f.is_empty());
    assert!(denials.iter().all(|event| event["subject"]["name"] == "eve"));
}

#[test]
fn administration_is_on_record_and_so_is_what_it_cut() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        let request = client.request("pulse", "/sse", Some(&demo.token("bob")));
        let _open = client.send("pulse", request).await;
        demo.json(&["user", "disable", "bob"]);
    });
    let of_people =
        |found: &[serde_json::Value]| found.iter().find(|change| change["object"]["kind"] == "user").cloned();
    let changes = eventually(&demo, &["--kind", "admin.change"], |found| of_people(found).is_some());
    assert_eq!(of_people(&changes).unwrap()["subject"]["name"], "ada");
    let cuts = eventually(&demo, &["--outcome", "cut"], |found| !found.is_empty());
    assert_eq!(
        (cuts[0]["kind"].clone(), cuts[0]["reason"].clone()),
        ("grant.end".into(), "subject_disabled".into())
    );
}

#[test]
fn the_log_verifies_online_offline_and_since_an_earlier_checkpoint() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let earlier = demo.dir.join("earlier");
    eventually(&demo, &[], |found| !found.is_empty());
    std::fs::copy(demo.dir.join("log/checkpoint"), &earlier).unwrap();
    block_on(async {
        for _ in 0..20 {
            client.get("wiki", "/", Some(&demo.token("bob"))).await;
        }
    });
    let decisions = eventually(&demo, &["--user", "bob", "--kind", "decision"], |found| found.len() >= 20);
    let online = demo.json(&["log", "verify"]);
    assert_eq!(online["ok"], true);
    assert!(online["size"].as_u64().unwrap() > 40);
    let (code, offline) = verify(&demo.dir, &["--since", earlier.to_str().unwrap()]);
    assert_eq!((code, offline["ok"].clone()), (Some(0), true.into()), "{offline}");
    let proof = demo.cli(&["log", "prove", decisions[0]["id"].as_str().unwrap()]);
    let proof = String::from_utf8(proof.stdout).unwrap();
    let key = std::fs::read_to_string(demo.dir.join("keys/log.vkey")).unwrap();
    let verifier = bartizan_pki::NoteVerifier::parse(&key).unwrap();
    let proven = bartizan_evidence::verify_proof(&format!("{}\n", proof.trim_end()), &verifier).unwrap();
    assert!(String::from_utf8_lossy(&proven.entry).contains(decisions[0]["id"].as_str().unwrap()));
}

#[test]
fn a_changed_log_is_found_out() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(client.get("wiki", "/", Some(&demo.token("bob"))));
    eventually(&demo, &["--user", "bob", "--kind", "decision"], |found| !found.is_empty());
    let dir = demo.dir.clone();
    let copy = tempfile::tempdir().unwrap();
    assert!(demo.interrupt_keeping(&dir, copy.path()));
    let entries = find(&copy.path().join("log/tile/entries"));
    let bundle = entries.first().unwrap();
    let mut bytes = std::fs::read(bundle).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(bundle, bytes).unwrap();
    let (code, report) = verify(copy.path(), &[]);
    assert_eq!(code, Some(9));
    assert_eq!(report["ok"], false);
    assert!(report["problems"][0]["file"].as_str().unwrap().contains("entries"), "{report}");
}

fn find(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(find(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn nothing_personal_and_no_secret_lies_in_the_data_directory_in_clear() {
    let demo = Demo::start();
    let mut client = Client::new(&demo);
    client.from = std::net::Ipv4Addr::new(127, 83, 91, 17);
    let (bob, eve) = (demo.token("bob"), demo.token("eve"));
    block_on(async {
        client.get("wiki", "/Zwiebelkuchen-page?Quittengelee=1", Some(&bob)).await;
        client.get("payroll", "/Zwiebelkuchen-page", Some(&eve)).await;
        let mut request = client.request("pulse", "/echo", Some(&eve));
        request.headers_mut().insert("user-agent", "Rhabarber/7".parse().unwrap());
        request.headers_mut().insert("x-private", "Holunder".parse().unwrap());
        Answer::read(client.send("pulse", request).await).await;
        client.get("wiki", "/Zwiebelkuchen-page", None).await;
    });
    // The same person in a browser: password, code, cookies, the codes in addresses.
    let mut browser = Browser::new(client);
    block_on(async {
        let page = browser.go("wiki", "/Zwiebelkuchen-page?Quittengelee=2").await;
        let wrong = browser.send(&page, &[("login", "eve"), ("password", "Stachelbeere-1")]).await;
        assert_eq!(wrong.answer.status, 422);
        let page = browser.sign_in(&page, "eve", &demo.password("eve"), &demo.code("eve", 0)).await;
        assert_eq!((page.host.as_str(), page.answer.status), ("wiki", 200), "{}", page.text());
        let link = demo.ready["people"]["bob"]["link"].as_str().unwrap().rsplit_once("/link").unwrap().1;
        let page = browser.go("auth", &format!("/link{link}")).await;
        browser.send(&page, &[]).await;
    });
    let mut secrets = browser.secret_cookies();
    let asked = browser.visited.iter().flat_map(|address| address.split(['?', '&', '=']));
    secrets.extend(asked.filter(|part| part.starts_with("bz")).map(str::to_owned));
    assert!(secrets.len() >= 6, "cookies and codes of all kinds: {secrets:?}");
    for person in ["ada", "bob", "eve"] {
        let text = |field: &str| demo.ready["people"][person][field].as_str().unwrap().to_owned();
        secrets.extend([text("password"), text("totp_secret"), text("token")]);
    }
    secrets.push(demo.ready["admin_token"].as_str().unwrap().to_owned());
    secrets.push(String::from("Stachelbeere-1"));
    eventually(&demo, &["--user", "eve", "--app", "pulse", "--kind", "grant.end"], |found| !found.is_empty());
    // It is there for who may read it, …
    let shown = lines(&demo, &["--user", "eve", "--app", "payroll", "--kind", "decision"]);
    assert_eq!(shown.last().unwrap()["source"], "127.83.91.17");
    let personal = [
        "Lindgren",
        "Castellano",
        "Marten",
        "bob@bartizan",
        "127.83.91.17",
        "Zwiebelkuchen",
        "Rhabarber",
        "Holunder",
        "Quittengelee",
    ];
    let mut looked = 0;
    for file in find(&demo.dir) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        // A partial tile may have given way to a longer one.
        let Ok(bytes) = std::fs::read(&file) else { continue };
        looked += bytes.len();
        let has = |needle: &str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
        // … and in the disposable index, which is deleted with the key.
        if !name.starts_with("index.db") {
            for needle in personal {
                assert!(!has(needle), "{needle} is in clear in {}", file.display());
            }
        }
        for needle in ["Holunder", "Quittengelee"] {
            assert!(!has(needle), "{needle} was never to be recorded, and is in {}", file.display());
        }
        for secret in &secrets {
            assert!(!has(secret), "{secret} is in {}", file.display());
        }
    }
    assert!(looked > 10_000, "there was something to look at");
}

#[test]
fn a_killed_deployment_serves_again_and_its_log_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut requests = Vec::new();
    for round in 0..4 {
        let demo = Demo::start_in(dir.path(), &[]);
        let client = Client::new(&demo);
        block_on(async {
            for _ in 0..10 {
                let wiki = client.get("wiki", "/", Some(&demo.token("bob"))).await;
                assert_eq!(wiki.status, 200, "round {round}");
                requests.push(wiki.request_id().to_owned());
            }
        });
        demo.kill();
    }
    let demo = Demo::start_in(dir.path(), &[]);
    // Every request that was answered is on record: it was handed to the kernel before.
    for request in &requests {
        eventually(&demo, &["--request", request, "--kind", "decision"], |found| found.len() == 1);
    }
    assert_eq!(demo.json(&["log", "verify"])["ok"], true);
    assert_eq!(verify(&demo.dir, &[]).0, Some(0));
}
