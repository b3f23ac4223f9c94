//! One of the two halves goes away, and comes back.

use std::time::{Duration, Instant};

use super::{Apart, Gate, ended, everything};
use crate::health::readiness;
use crate::http::block_on;
use crate::live::watch;

/// Says something of objects.
fn say(apart: &Apart, text: &str) {
    let files = tempfile::tempdir().unwrap();
    std::fs::write(files.path().join("more.toml"), text).unwrap();
    apart.control.json(&["apply", "-f", files.path().to_str().unwrap()]);
}

/// The lease of a point, with what a heartbeat may take on top.
const LEASE: Duration = Duration::from_secs(30 + 2);

#[test]
fn without_control_a_gateway_goes_on_for_its_lease_and_no_longer() {
    let apart = Apart::start();
    let upstream = &apart.control.json(&["get", "app", "pulse"])["spec"]["upstream"];
    say(&apart, &format!("[[app]]\nname = \"wiki\"\nupstream = {upstream}\nlease = 5\n"));
    assert_eq!(apart.control.json(&["get", "app", "wiki"])["spec"]["lease_seconds"], 5);
    let gate = Gate::join(&apart.token(&[]));
    let client = gate.client(&apart);
    let bob = apart.control.token("bob");
    block_on(async {
        let open = everything(&client, &bob).await;
        let quick = client.send("wiki", client.request("wiki", "/sse", Some(&bob))).await;
        assert_eq!(quick.status(), 200);
        let quick = watch("sse of an app with a lease of 5 s", quick.into_body());
        let began = Instant::now();
        let Apart { control, _apps, _files } = apart;
        tokio::task::block_in_place(|| control.kill());
        assert_eq!(client.get("pulse", "/echo", Some(&bob)).await.status, 200, "within the lease");
        assert_eq!(client.get("wiki", "/echo", Some(&bob)).await.status, 200, "within that of the app");
        // It counts from the last heartbeat, one of which is sent each second.
        ended("control killed", began, Duration::from_secs(5 + 1), vec![quick]).await;
        assert!(began.elapsed() > Duration::from_millis(3_500), "cut before the lease of the app was over");
        let answer = client.get("wiki", "/echo", Some(&bob)).await;
        assert_eq!((answer.status, &answer.json()["reason"]), (503, &"lease_expired".into()));
        tokio::time::sleep(Duration::from_secs(15).saturating_sub(began.elapsed())).await;
        assert!(open.iter().all(|open| !open.is_finished()), "cut before the lease was over");
        assert_eq!(client.get("pulse", "/echo", Some(&bob)).await.status, 200, "within the lease");
        ended("control killed", began, LEASE, open).await;
        let answer = client.get("pulse", "/echo", Some(&bob)).await;
        assert_eq!((answer.status, &answer.json()["reason"]), (503, &"lease_expired".into()));
    });
}

#[test]
fn a_restart_of_either_half_loses_nothing() {
    let mut apart = Apart::start();
    let mut gate = Gate::join(&apart.token(&["app:pulse"]));
    let bob = apart.control.token("bob");
    let first = block_on(gate.client(&apart).get("pulse", "/echo", Some(&bob)));
    assert_eq!(first.status, 200);
    // Killed: what it had recorded is delivered when it is there again.
    gate.kill();
    gate.again();
    let client = gate.client(&apart);
    let second = block_on(client.get("pulse", "/echo", Some(&bob)));
    assert_eq!(second.status, 200);
    for answer in [&first, &second] {
        assert_eq!(apart.control.json(&["why", answer.request_id()])["outcome"], "permit");
    }
    // Control restarts within the lease: what is open stays open, since the point says whom it serves.
    block_on(async {
        let open = everything(&client, &bob).await;
        tokio::task::block_in_place(|| apart.control.restart());
        tokio::time::sleep(Duration::from_secs(8)).await;
        assert!(open.iter().all(|open| !open.is_finished()), "a restart of control cut something");
        let began = Instant::now();
        let revoked = tokio::task::block_in_place(|| {
            apart.control.json(&["session", "revoke", "--user", "bob", "--wait"])
        });
        assert_eq!(revoked["cut"], 5, "control has not learnt what is open there");
        ended("after control restarted", began, Duration::from_secs(1), open).await;
    });
    // One that stops in order is waited for no more.
    gate.stop();
    let began = Instant::now();
    apart.control.json(&["user", "disable", "eve"]);
    assert!(began.elapsed() < Duration::from_secs(5), "a point that has left is waited for");
}

#[test]
fn a_control_that_was_set_back_is_not_followed_until_it_has_gone_on() {
    let mut apart = Apart::start();
    let gate = Gate::join(&apart.token(&["app:pulse"]));
    let client = gate.client(&apart);
    let bob = apart.control.token("bob");
    let was = tempfile::tempdir().unwrap();
    let was = was.path().join("was");
    block_on(async {
        assert_eq!(client.get("pulse", "/echo", Some(&bob)).await.status, 200);
        tokio::task::block_in_place(|| apart.control.copied(&was));
        // What is forbidden from here on, a control that is set back knows nothing of.
        for verb in ["disable", "enable", "disable"] {
            tokio::task::block_in_place(|| apart.control.json(&["user", verb, "eve"]));
        }
        let open = everything(&client, &bob).await;
        let began = Instant::now();
        tokio::task::block_in_place(|| apart.control.set_back(&was));
        ended("control set back", began, Duration::from_secs(10), open).await;
        let answer = client.get("pulse", "/echo", Some(&bob)).await;
        assert_eq!((answer.status, &answer.json()["reason"]), (503, &"lease_expired".into()));
        let (ready, wrong) = readiness(gate.health());
        assert!(!ready && wrong.contains_key("lease"), "{wrong:?}");
        // Past all that the gateway has seen, control is followed again.
        let disable = ["user", "disable", "eve"];
        for _ in 0..4 {
            tokio::task::block_in_place(|| apart.control.json(&disable));
            tokio::task::block_in_place(|| apart.control.json(&["user", "enable", "eve"]));
        }
        let again = async {
            while client.get("pulse", "/echo", Some(&bob)).await.status != 200 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), again).await.expect("it is not followed again");
    });
}
