//! One person's day on three hosts: signs in at control, works at apps that two gateways serve, and is sent away.

use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use serde_json::json;

use super::hosts::Hosts;
use super::link::{Capture, holds, records};
use super::spread::Spread;
use crate::cookies::Browser;
use crate::http::block_on;

const APPS: [(&str, &str); 3] = [("wiki", "wiki"), ("payroll", "payroll"), ("pulse", "pulse")];

#[test]
fn the_story_over_three_hosts_and_nothing_of_it_can_be_read_on_the_link() {
    let test = "the story over three hosts";
    let Some(hosts) = Hosts::or_skipped(test) else { return };
    let spread = Spread::start(hosts, &APPS);
    let hosts = &spread.hosts;
    let capture = Capture::start(hosts);
    let one = spread.gate(&hosts.one, &["app:wiki"]);
    let two = spread.gate(&hosts.two, &["app:pulse", "app:payroll"]);
    for gate in [&one, &two] {
        let status = std::fs::read_to_string(format!("/proc/{}/status", gate.child.id())).unwrap();
        assert!(
            status.contains("Seccomp:\t2"),
            "a gateway on a host of its own is confined as everywhere: {status}"
        );
    }
    let client = spread.client(&[("wiki", &hosts.one), ("payroll", &hosts.two), ("pulse", &hosts.two)]);
    let (password, code) = (spread.control.password("bob"), spread.control.code("bob", 0));
    let eve = spread.control.token("eve");
    let cookies = hosts.lan.inside(|| {
        block_on(async {
            let mut browser = Browser::new(client.clone());
            let page = browser.go("wiki", "/page?x=1").await;
            assert_eq!((page.host.as_str(), page.answer.status), ("auth", 200), "{}", page.text());
            let page = browser.sign_in(&page, "bob", &password, &code).await;
            assert_eq!(
                (page.host.as_str(), page.target.as_str(), page.answer.status),
                ("wiki", "/page?x=1", 200)
            );
            assert!(page.text().contains("Welcome to the team's wiki"), "{}", page.text());
            // Signed in once, the app at the other gateway opens by itself.
            let page = browser.go("payroll", "/").await;
            assert_eq!((page.host.as_str(), page.answer.status), ("payroll", 200));
            let page = browser.go("pulse", "/echo").await;
            assert_eq!((page.host.as_str(), page.answer.status), ("pulse", 200));
            assert!(
                !page.text().contains("bza_") && !page.text().contains("__Host-bartizan"),
                "{}",
                page.text()
            );
            assert_eq!(client.get("pulse", "/echo", Some(&eve)).await.status, 200);

            let cookie = browser.jar["pulse"]["__Host-bartizan"].clone();
            let mut request = client.request("pulse", "/sse", None);
            request.headers_mut().insert("cookie", format!("__Host-bartizan={cookie}").parse().unwrap());
            let mut stream = client.send("pulse", request).await.into_body();
            stream.frame().await.unwrap().unwrap();
            let began = Instant::now();
            let disabled = tokio::task::block_in_place(|| spread.admin(&["user", "disable", "bob"]));
            let cut = async { while let Some(Ok(_)) = stream.frame().await {} };
            assert!(tokio::time::timeout(Duration::from_secs(1), cut).await.is_ok(), "a stream goes on");
            println!(
                "MEASURED apart · three hosts, person disabled · sse by cookie: end {:.1} ms after",
                began.elapsed().as_secs_f64() * 1000.0
            );
            assert!(disabled["cut"].as_u64().unwrap() >= 1, "{disabled}");
            for app in ["pulse", "wiki"] {
                let denied = browser.go(app, "/").await;
                assert_eq!((denied.host.as_str(), denied.answer.status), (app, 403), "{}", denied.text());
                assert!(denied.plain().contains("This account is disabled"), "{}", denied.plain());
            }
            browser.secret_cookies()
        })
    });
    // What both recorded is in one log, before they are stopped.
    for (app, outcome) in [("wiki", "permit"), ("wiki", "deny"), ("pulse", "permit"), ("pulse", "deny")] {
        let search = ["log", "search", "--app", app, "--outcome", outcome, "--user", "bob", "--json"];
        let found = (0..100).any(|_| {
            let output = hosts.control.inside(|| spread.control.cli(&search));
            let found = !output.stdout.is_empty();
            if !found {
                std::thread::sleep(Duration::from_millis(50));
            }
            found
        });
        assert!(found, "nothing is in the log of what was {outcome} of {app}");
    }
    let joined = [&one, &two].map(|gate| std::fs::read_to_string(gate.dir.path().join("token")).unwrap());
    drop((one, two));
    let Some(capture) = capture else {
        println!("SKIPPED what can be read on the link: there is no tcpdump");
        return;
    };
    let streams = capture.streams();
    let control = hosts.control.address;
    let (mut bytes, mut count) = (0, 0);
    for gateway in [hosts.one.address, hosts.two.address] {
        for pair in [(gateway, control), (control, gateway)] {
            let of = streams.iter().filter(|stream| (*stream.from.ip(), *stream.to.ip()) == pair);
            assert!(of.count() >= 5, "five connections at least pass between {pair:?}: {}", streams.len());
        }
    }
    let secrets: Vec<&str> =
        cookies.iter().chain(&joined).map(String::as_str).chain([eve.as_str(), &password]).collect();
    assert!(secrets.len() > 5 && secrets.iter().all(|secret| secret.len() > 6), "{}", secrets.len());
    let digest = bartizan_pki::sha256(eve.as_bytes());
    for stream in &streams {
        let about = format!("{} to {}", stream.from, stream.to);
        count += records(&stream.bytes).unwrap_or_else(|wrong| panic!("{about}: {wrong}"));
        bytes += stream.bytes.len();
        for needle in PLAIN.iter().chain(&secrets) {
            assert!(!holds(&stream.bytes, needle.as_bytes()), "{about}: `{needle}` can be read");
        }
        assert!(!holds(&stream.bytes, &digest), "{about}: the digest of a token can be read");
    }
    println!(
        "MEASURED apart · the link to control: {} streams, {count} records of TLS, {bytes} bytes, and nothing else",
        streams.len()
    );
}

#[test]
fn in_a_browser_a_person_works_at_two_gateways_until_the_account_is_disabled() {
    let Some(hosts) = Hosts::or_skipped("three hosts in a browser") else { return };
    let spread = Spread::start(hosts, &APPS);
    let hosts = &spread.hosts;
    let _gates =
        [spread.gate(&hosts.one, &["app:wiki"]), spread.gate(&hosts.two, &["app:pulse", "app:payroll"])];
    let (control, one, two) = (hosts.control.address, hosts.one.address, hosts.two.address);
    let places = [("auth", control), ("portal", control), ("wiki", one), ("payroll", two), ("pulse", two)];
    let rules = places.map(|(name, address)| format!("MAP {} {address}", crate::http::name_of(name)));
    let more = json!({
        "rules": rules.join(", "),
        "through": ["ip", "netns", "exec", hosts.control.name()],
    });
    hosts.lan.inside(|| crate::browser::run_with(&spread.control, "apart", more));
}

/// What all of it is about: names, requests, decisions, policies, and how they are written.
const PLAIN: [&str; 20] = [
    "wiki",
    "payroll",
    "pulse",
    "Lindgren",
    "bob@bartizan",
    "auth.bartizan",
    "finance",
    "everybody",
    "principal",
    "permit",
    "decision",
    "outcome",
    "\"kind\":",
    "Rhabarber/7",
    "/page?x=1",
    "10.77.0.9",
    "HTTP/1.1",
    "HTTP/2.0",
    "application/grpc",
    "BEGIN CERTIFICATE",
];
