//! What networks, and people in between, can do to the connections between a gateway and control.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::proxy::{Mode, Proxy, Side};
use super::{Apart, Gate, ended, everything};
use crate::http::{Client, block_on};
use crate::ports::free_port;

/// A gateway that reaches control through a relay.
struct Rig {
    gate: Gate,
    apart: Apart,
    proxy: Proxy,
    /// Where control is for gateways, without the relay.
    port: u16,
}

impl Rig {
    fn start() -> Self {
        let port = free_port();
        let proxy = Proxy::start(port);
        let apart = Apart::start_at(port, &format!("public_address = \"{}\"\n", proxy.address));
        let gate = Gate::join(&apart.token(&["app:pulse"]));
        Self { gate, apart, proxy, port }
    }

    fn client(&self) -> Client {
        self.gate.client(&self.apart)
    }

    /// That what control says reaches the gateway, and what the gateway says reaches control; how long that took.
    async fn is_well(&self, client: &Client, eve: &str, after: &str) {
        let began = Instant::now();
        tokio::task::block_in_place(|| self.apart.control.json(&["user", "disable", "eve"]));
        let took = began.elapsed();
        assert!(took < WELL, "{after}: it does not recover: {took:?}");
        assert_eq!(client.get("pulse", "/echo", Some(eve)).await.status, 403, "{after}");
        tokio::task::block_in_place(|| self.apart.control.json(&["user", "enable", "eve"]));
        assert_eq!(client.get("pulse", "/echo", Some(eve)).await.status, 200, "{after}");
        // Nobody's token, which control has to be asked about.
        static ASKED: AtomicU32 = AtomicU32::new(0);
        let unknown = format!("bzn_{:0>42}A", ASKED.fetch_add(1, Ordering::Relaxed));
        assert_eq!(client.get("pulse", "/echo", Some(&unknown)).await.status, 401, "{after}");
        println!(
            "MEASURED apart · {after} · a change is applied {:.1} ms after",
            took.as_secs_f64() * 1000.0
        );
    }

    /// A connection to control's port for gateways, from somebody who is none.
    fn stranger(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        stream
    }
}

#[test]
fn whatever_happens_to_its_connections_a_gateway_recovers_and_nothing_that_was_recorded_is_lost() {
    let rig = Rig::start();
    let client = rig.client();
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| rig.apart.control.token(name));
    let permitted = block_on(async {
        rig.is_well(&client, &eve, "nothing").await;
        // People go on working all the while: no fault here lasts for as long as a lease.
        let over = Arc::new(AtomicBool::new(false));
        let working = tokio::task::spawn({
            let (client, bob, over) = (client.clone(), bob.clone(), Arc::clone(&over));
            async move {
                let mut permitted = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let answer = client.get("pulse", "/echo", Some(&bob)).await;
                    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
                    permitted.push(answer.request_id().to_owned());
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                permitted
            }
        });
        // Each time the oldest that is open, so that every one has its turn.
        for fault in [Fault::Reset, Fault::Garbage(Side::Control), Fault::Garbage(Side::Gateway)] {
            for turn in 1..=rig.proxy.open() {
                match fault {
                    Fault::Reset => rig.proxy.reset_oldest(),
                    Fault::Garbage(side) => {
                        // What looks like a record, and what looks like nothing.
                        let record = [b"\x17\x03\x03\x00\x20" as &[u8], &[b'a'; 32]].concat();
                        rig.proxy.inject_oldest(side, if turn % 2 == 0 { &record } else { &[0xff; 300] });
                    }
                }
                rig.is_well(&client, &eve, &format!("{fault:?}, {turn}")).await;
            }
        }
        rig.proxy.reset_all();
        rig.is_well(&client, &eve, "all reset").await;
        for (mode, name) in [(Mode::Silent, "silence"), (Mode::Drip, "dripping")] {
            rig.proxy.set(mode);
            let began = Instant::now();
            if mode == Mode::Silent {
                // Somebody whom the gateway has not met, and cannot ask about.
                let answer = client.get("pulse", "/echo", Some(&ada)).await;
                assert_eq!(answer.status, 503, "{}", String::from_utf8_lossy(&answer.body));
                assert!(began.elapsed() < Duration::from_secs(7), "kept waiting for {:?}", began.elapsed());
            }
            tokio::time::sleep_until((began + Duration::from_secs(6)).into()).await;
            rig.proxy.set(Mode::Pass);
            rig.is_well(&client, &eve, &format!("6 s of {name}")).await;
            assert_eq!(client.get("pulse", "/echo", Some(&ada)).await.status, 200, "after {name}");
        }
        over.store(true, Ordering::Relaxed);
        working.await.unwrap()
    });
    // Whatever got 200 was recorded, and is in the log, once.
    let args = [
        "log", "search", "--json", "--kind", "decision", "--app", "pulse", "--user", "bob", "--limit", "1000",
    ];
    let mut logged = BTreeMap::new();
    for _ in 0..100 {
        logged.clear();
        for line in String::from_utf8(rig.apart.control.cli(&args).stdout).unwrap().lines() {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["outcome"], "permit", "{line}");
            // The token itself was a decision, too.
            if event["action"] == "token:issue" {
                continue;
            }
            *logged.entry(event["request_id"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
        if permitted.iter().all(|request| logged.contains_key(request)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(permitted.len() > 100, "{}", permitted.len());
    assert!(permitted.iter().all(|request| logged.get(request) == Some(&1)), "lost, or there twice");
    assert_eq!(logged.len(), permitted.len());
    let verified = rig.apart.control.json(&["log", "verify"]);
    assert_eq!(verified["ok"], true, "{verified}");
    println!(
        "MEASURED apart · through all faults · {} requests permitted, each in the log once",
        permitted.len()
    );
}

#[test]
fn of_a_link_that_only_drips_nothing_is_believed_for_longer_than_the_lease() {
    let rig = Rig::start();
    let client = rig.client();
    let (bob, eve) = (rig.apart.control.token("bob"), rig.apart.control.token("eve"));
    block_on(async {
        let open = everything(&client, &bob).await;
        let began = Instant::now();
        rig.proxy.set(Mode::Drip);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(client.get("pulse", "/echo", Some(&bob)).await.status, 200, "within the lease");
        ended("dripping", began, Duration::from_secs(30 + 2), open).await;
        assert_eq!(client.get("pulse", "/echo", Some(&bob)).await.status, 503);
        rig.proxy.set(Mode::Pass);
        rig.is_well(&client, &eve, "a lease of dripping").await;
        assert_eq!(client.get("pulse", "/echo", Some(&bob)).await.status, 200);
    });
}

#[test]
fn strangers_at_the_port_for_gateways_get_nothing_and_cost_little() {
    let rig = Rig::start();
    let client = rig.client();
    let eve = rig.apart.control.token("eve");
    block_on(rig.is_well(&client, &eve, "nothing"));
    let before = (rig.apart.control.files_open(), rig.apart.control.resident());
    let silent: Vec<TcpStream> = (0..200).map(|_| rig.stranger()).collect();
    // What a gateway said, word by word, and other things that are not for it.
    let recorded = rig.proxy.recorded();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    let request = b"GET / HTTP/1.1\r\nHost: points\r\n\r\n".to_vec();
    let said: Vec<Vec<u8>> =
        recorded.into_iter().chain([preface, request, vec![0x16; 4096], vec![0xff; 4096]]).collect();
    assert!(said.len() >= 4 + 3, "{}", said.len());
    for said in said.iter().cycle().take(200) {
        let mut stream = rig.stranger();
        let _gone = stream.write_all(said);
        let mut answer = Vec::new();
        // To a handshake that is said again there is an answer that nobody can use.
        let _reset = stream.read_to_end(&mut answer);
        assert!(answer.len() < 8 << 10, "{} bytes for a stranger", answer.len());
    }
    block_on(rig.is_well(&client, &eve, "200 strangers"));
    for mut stream in silent {
        let ended = stream.read(&mut [0]);
        assert!(
            matches!(ended, Ok(0))
                || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
        );
    }
    let after = (rig.apart.control.files_open(), rig.apart.control.resident());
    println!(
        "MEASURED apart · 400 strangers at control · files {} then {}, memory {} then {} KiB",
        before.0,
        after.0,
        before.1 >> 10,
        after.1 >> 10
    );
    assert!(after.0 <= before.0 + 10, "connections stay open");
    assert!(after.1 < before.1 + (64 << 20), "they cost memory");
    assert_eq!(rig.apart.listed()["connected"], true);
}

/// What is done to one connection.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Reset,
    Garbage(Side),
}

/// How long a fault that is over may be felt.
const WELL: Duration = Duration::from_secs(12);
