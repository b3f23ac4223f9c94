//! The revocation clock: for each way in which access ends, and each kind of stream, when the last byte passes and when the
//! end is there; while control is reached, while it is dead, and while nothing passes between it and the gateways.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::Gate;
use super::hosts::{Host, Hosts};
use super::spread::Spread;
use super::streams::{Open, Opener};
use crate::cookies::Browser;
use crate::http::{Client, block_on};

/// Something that ends access of one token at one app, and what the next request meets.
struct Trigger {
    what: &'static str,
    /// What an administrator does; nothing where only time passes.
    command: Vec<String>,
    token: String,
    app: &'static str,
    gateway: Gateway,
    then: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gateway {
    One,
    Two,
}

/// The deployment in which all of that is measured. At the app `pulse` everybody of a group works, and the other apps are
/// copies of it, each for a trigger of its own.
struct Bench {
    gates: [Gate; 2],
    spread: Spread,
    /// A token of bob's from another sign-in, which nothing takes away.
    other: String,
    /// The session of bob's first token.
    session: String,
    files: tempfile::TempDir,
}

impl Bench {
    fn start(hosts: Hosts) -> Self {
        let spread = Spread::start(hosts, &["pulse", "wiki", "payroll", "mine"].map(|app| (app, "pulse")));
        let policy = |id: &str, group: &str, app: &str| {
            format!(
                "@id(\"{id}\")\npermit (principal in Group::\"{group}\", action in Action::\"http\", resource == App::\"{app}\");\n"
            )
        };
        spread.apply("group.toml", "[[group]]\nname = \"testers\"\nmembers = [\"ada\", \"bob\", \"eve\"]\n");
        let policies = policy("pulse-everybody", "testers", "pulse")
            + &policy("payroll-finance", "everybody", "payroll");
        spread.apply("policies.cedar", &policies);
        let files = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let folder = files.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join(name), text).unwrap();
        };
        file("group.toml", "[[group]]\nname = \"testers\"\nmembers = [\"bob\", \"eve\"]\n");
        file("policy.cedar", &policy("wiki-everybody", "contractors", "wiki"));
        let session =
            spread.admin(&["session", "list", "--user", "bob"])[0]["id"].as_str().unwrap().to_owned();
        let gates = [spread.gate(&spread.hosts.one, &[]), spread.gate(&spread.hosts.two, &[])];
        let mut bench = Self { gates, spread, other: String::new(), session, files };
        bench.other = bench.spread.hosts.lan.inside(|| block_on(bench.sign_in()));
        bench
    }

    async fn sign_in(&self) -> String {
        let mut browser = Browser::new(self.client(Gateway::One));
        let control = &self.spread.control;
        let page = browser.go("auth", "/sign-in").await;
        let page = browser.sign_in(&page, "bob", &control.password("bob"), &control.code("bob", 0)).await;
        assert_eq!(page.answer.status, 200, "{}", page.text());
        browser.token("pulse").await
    }

    fn host(&self, gateway: Gateway) -> &Host {
        match gateway {
            Gateway::One => &self.spread.hosts.one,
            Gateway::Two => &self.spread.hosts.two,
        }
    }

    fn client(&self, gateway: Gateway) -> Client {
        let host = self.host(gateway);
        self.spread.client(&["pulse", "wiki", "payroll", "mine"].map(|app| (app, host)))
    }

    fn triggers(&self) -> Vec<Trigger> {
        let folder = |name: &str| self.files.path().join(name).to_str().unwrap().to_owned();
        let point = self.gates[1].ready["point"].as_str().unwrap();
        let trigger = |what, person: &str, app, then, command: &[&str]| Trigger {
            what,
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            token: self.spread.control.token(person),
            app,
            gateway: Gateway::One,
            then,
        };
        vec![
            trigger(
                "session revoked",
                "bob",
                "pulse",
                Some(401),
                &["session", "revoke", &self.session, "--wait"],
            ),
            trigger("person disabled", "eve", "pulse", Some(403), &["user", "disable", "eve"]),
            trigger("group left", "ada", "pulse", Some(403), &["apply", "-f", &folder("group.toml")]),
            trigger("policy edited", "ada", "wiki", Some(403), &["apply", "-f", &folder("policy.cedar")]),
            trigger("app removed", "ada", "payroll", None, &["delete", "app", "payroll"]),
            trigger(TIME, "ada", "mine", Some(403), &[]),
            Trigger {
                gateway: Gateway::Two,
                token: self.other.clone(),
                ..trigger("point removed", "bob", "pulse", Some(503), &["point", "remove", point, "--wait"])
            },
        ]
    }

    fn run(&self, trigger: &Trigger) -> serde_json::Value {
        self.spread.admin(&trigger.command.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// From now on `mine` is permitted for so long and no longer; until when.
    fn limit(&self, after: Duration) -> Instant {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let limit = (now + after).as_secs();
        let at = Instant::now() + (Duration::from_secs(limit) - now);
        self.spread.apply(
            "mine.cedar",
            &format!(
                "@id(\"mine-everybody\")\npermit (principal in Group::\"everybody\", action in Action::\"http\", resource == App::\"mine\")\n\
                 when {{ context.time.epoch < {limit} }};\n"
            ),
        );
        at
    }

    async fn open(&self, trigger: &Trigger) -> Vec<Open> {
        let (client, token) = (self.client(trigger.gateway), &trigger.token);
        let opener = Opener { client: &client, app: trigger.app, token, tap: &self.spread.tap };
        opener.everything(&trigger.what.replace(' ', "-")).await
    }

    /// What stays permitted, opened.
    async fn open_other(&self) -> Vec<Open> {
        let client = self.client(Gateway::One);
        let opener = Opener { client: &client, app: "pulse", token: &self.other, tap: &self.spread.tap };
        opener.everything("other").await
    }

    /// What a request for it is answered; nothing if the host is not there.
    async fn answer(&self, trigger: &Trigger) -> Option<u16> {
        let (client, token) = (self.client(trigger.gateway), &trigger.token);
        client.try_tls(&format!("{}.bartizan.localhost", trigger.app), b"http/1.1").await.ok()?;
        Some(client.get(trigger.app, "/", Some(token)).await.status)
    }

    async fn other_answer(&self) -> u16 {
        self.client(Gateway::One).get("pulse", "/", Some(&self.other)).await.status
    }

    /// How these ended, and when after something began; none of it so that it looks complete. The latest end.
    async fn ended(&self, about: &str, began: Instant, bound: Duration, open: Vec<Open>) -> Instant {
        let mut latest = began;
        for open in open {
            let end = open.end(began + bound + Duration::from_secs(5), &self.spread.tap).await;
            let after = |at: Instant| at.saturating_duration_since(began);
            println!(
                "MEASURED apart · {about} · {}: last byte {:.1} ms, end {:.1} ms after; {}",
                end.what,
                after(end.last_byte).as_secs_f64() * 1000.0,
                after(end.at).as_secs_f64() * 1000.0,
                plainly(&end.how)
            );
            assert_ne!(end.how, "complete", "{about}: {} looks complete", end.what);
            assert!(!end.how.contains("400"), "{about}: {} is blamed on the client", end.what);
            assert!(after(end.at) < bound && after(end.last_byte) < bound, "{about}: {end:?}");
            latest = latest.max(end.at);
        }
        latest
    }

    /// Waits until what is permitted is served again; says how long that took.
    async fn back(&self, about: &str, meanwhile: &[&Trigger]) {
        let began = Instant::now();
        while self.other_answer().await != 200 {
            for trigger in meanwhile {
                assert_ne!(self.answer(trigger).await, Some(200), "{about}: {} is forgotten", trigger.what);
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{about}: it does not come back");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        println!(
            "MEASURED apart · {about} · served again {:.1} ms after",
            began.elapsed().as_secs_f64() * 1000.0
        );
        for trigger in meanwhile {
            assert_eq!(self.answer(trigger).await, trigger.then, "{about}: {}", trigger.what);
        }
    }
}

#[test]
fn each_end_of_access_cuts_within_a_second_and_within_the_lease_when_control_is_dead() {
    let Some(hosts) = Hosts::or_skipped("the revocation clock") else { return };
    let mut bench = Bench::start(hosts);
    let hosts = Arc::clone(&bench.spread.hosts);
    hosts.lan.inside(|| {
        block_on(async {
            connected(&bench).await;
            dead(&mut bench).await;
        });
    });
}

async fn connected(bench: &Bench) {
    let other = bench.open_other().await;
    for trigger in bench.triggers() {
        let limit = (trigger.what == TIME).then(|| bench.limit(Duration::from_secs(4)));
        let open = bench.open(&trigger).await;
        let began = Instant::now();
        if limit.is_none() {
            tokio::task::block_in_place(|| bench.run(&trigger));
        }
        let began = limit.unwrap_or(began);
        assert!(limit.is_none() || Instant::now() < began, "the limit is over before all is open");
        let about = format!("connected · {}", trigger.what);
        bench.ended(&about, began, SECOND, open).await;
        assert_eq!(bench.answer(&trigger).await, trigger.then, "{about}");
    }
    assert!(other.iter().all(Open::is_open), "what nobody ended was cut, too");
}

/// Nobody can end anything; the lease does. What only time ends needs no control.
async fn dead(bench: &mut Bench) {
    let timed = bench.triggers().into_iter().find(|trigger| trigger.what == TIME).unwrap();
    let limit = bench.limit(Duration::from_secs(8));
    let (other, open) = (bench.open_other().await, bench.open(&timed).await);
    tokio::task::block_in_place(|| bench.spread.control.power_off());
    let began = Instant::now();
    assert!(began < limit, "the limit is over before all is open");
    bench.ended("control dead · time condition", limit, SECOND, open).await;
    assert_eq!(
        (bench.answer(&timed).await, bench.other_answer().await),
        (Some(403), 200),
        "within the lease"
    );
    assert!(other.iter().all(Open::is_open), "cut before the lease was over");
    bench.ended("control dead · lease over", began, LEASE, other).await;
    assert_eq!((bench.answer(&timed).await, bench.other_answer().await), (Some(503), 503));
    tokio::task::block_in_place(|| {
        let hosts = Arc::clone(&bench.spread.hosts);
        hosts.control.inside(|| bench.spread.control.again());
    });
    let triggers = bench.triggers();
    bench.back("control dead · started again", &triggers.iter().collect::<Vec<_>>()).await;
}

#[test]
fn what_ends_while_gateways_are_cut_off_is_cut_within_the_lease_and_whoever_waits_is_told_then() {
    let Some(hosts) = Hosts::or_skipped("the revocation clock of gateways that are cut off") else { return };
    let bench = Bench::start(hosts);
    bench.spread.hosts.lan.inside(|| block_on(cut_off(&bench)));
    let verified = bench.spread.admin(&["log", "verify"]);
    assert_eq!(verified["ok"], true, "{verified}");
}

async fn cut_off(bench: &Bench) {
    let hosts = &bench.spread.hosts;
    let triggers = bench.triggers();
    let limit = bench.limit(Duration::from_secs(20));
    let other = bench.open_other().await;
    let mut open = Vec::new();
    for trigger in &triggers {
        open.push((trigger, bench.open(trigger).await));
    }
    let began = Instant::now();
    hosts.one.part_from(&hosts.control);
    hosts.two.part_from(&hosts.control);
    assert!(began < limit, "the limit is over before all is open");
    let within = bench.client(Gateway::One).get("pulse", "/echo", Some(&bench.other)).await;
    assert_eq!(within.status, 200, "within the lease");
    // All of them at control, which is well; each returns when it is true.
    let told: Vec<(&str, Instant)> = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let commands: Vec<_> = triggers
                .iter()
                .filter(|trigger| !trigger.command.is_empty())
                .map(|trigger| scope.spawn(|| (trigger.what, bench.run(trigger), Instant::now())))
                .collect();
            std::thread::sleep(Duration::from_secs(5));
            assert!(commands.iter().all(|command| !command.is_finished()), "somebody is told too early");
            let done = commands.into_iter().map(|command| command.join().unwrap());
            done.map(|(what, _, at)| (what, at)).collect()
        })
    });
    for (trigger, open) in open {
        let about = format!("cut off · {}", trigger.what);
        let (from, bound) = if trigger.what == TIME { (limit, SECOND) } else { (began, LEASE) };
        let latest = bench.ended(&about, from, bound, open).await;
        if let Some((_, at)) = told.iter().find(|(what, _)| *what == trigger.what) {
            println!("MEASURED apart · {about} · told {:.1} ms after", (*at - began).as_secs_f64() * 1000.0);
            assert!(*at >= latest, "{about}: said to be over before it was");
            assert!(*at < began + LEASE + Duration::from_secs(2), "{about}: told too late");
        }
    }
    bench.ended("cut off · lease over", began, LEASE, other).await;
    for trigger in &triggers {
        assert!(matches!(bench.answer(trigger).await, None | Some(503)), "after the lease: {}", trigger.what);
    }
    hosts.one.heal();
    hosts.two.heal();
    bench.back("cut off · joined again", &triggers.iter().collect::<Vec<_>>()).await;
    // What was recorded meanwhile arrives.
    let request = within.request_id().to_owned();
    let why = tokio::task::block_in_place(|| {
        let asked = || hosts.control.inside(|| bench.spread.control.cli(&["why", &request, "--json"]));
        let told = (0..100).map(|_| asked()).find(|output| output.status.success());
        String::from_utf8(told.expect("it never arrives").stdout).unwrap()
    });
    assert!(why.contains("permit"), "{why}");
}

/// What a library's words for an end mean on the wire.
fn plainly(how: &str) -> &str {
    match how {
        _ if how.contains("without sending TLS close_notify") => "closed in the middle",
        _ if how.contains("stream no longer needed") => "reset (CANCEL)",
        _ => how,
    }
}

/// When nobody does anything.
const TIME: &str = "time condition";

const SECOND: Duration = Duration::from_secs(1);

/// The lease of a gateway, with what a heartbeat may take on top.
const LEASE: Duration = Duration::from_secs(30 + 1);
