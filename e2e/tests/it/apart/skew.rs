//! Clocks that are wrong: everybody's time is control's.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{Apart, Gate, ended};
use crate::http::{Client, block_on};
use crate::live::{open, watch};
use crate::outage::faketime;

/// What a process is shown whose machine's clock is off by so much, and whose boot clock is not.
fn off_by(library: &str, offset: &str) -> Vec<(&'static str, String)> {
    vec![
        ("LD_PRELOAD", library.to_owned()),
        ("FAKETIME", offset.to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", String::from("1")),
    ]
}

/// Pulse is for who signed in less than five minutes ago, and until some time.
fn limit(apart: &Apart, until: u64) {
    let files = tempfile::tempdir().unwrap();
    let policy = format!(
        "@id(\"pulse-everybody\")\npermit (principal in Group::\"everybody\", action in Action::\"http\", resource == App::\"pulse\")\n\
         when {{ context.session.age < 300 && context.time.epoch < {until} }};\n"
    );
    std::fs::write(files.path().join("pulse.cedar"), policy).unwrap();
    apart.control.json(&["apply", "-f", files.path().to_str().unwrap()]);
}

async fn answers(clients: &[(Client, Gate)], bob: &str) -> Vec<u16> {
    let mut answers = Vec::new();
    for (client, _) in clients {
        answers.push(client.get("pulse", "/echo", Some(bob)).await.status);
    }
    answers
}

#[test]
fn whatever_the_clocks_of_gateways_show_access_ends_by_that_of_control() {
    let Some(library) = faketime() else {
        println!("SKIPPED clocks that are wrong: libfaketime is not installed (Debian: faketime)");
        return;
    };
    let mut apart = Apart::start();
    let gates = ["+10m", "-10m"].map(|offset| {
        let gate = Gate::join_under(&apart.token(&["app:pulse"]), "127.0.0.1:0", off_by(&library, offset));
        (gate.client(&apart), gate)
    });
    let bob = apart.control.token("bob");
    block_on(async {
        // To the one the time is long over, and bob has been here for ten minutes; to the other there is much time left.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let until = now.as_secs() + 5;
        let at = Instant::now() + (Duration::from_secs(until) - now);
        limit(&apart, until);
        assert_eq!(answers(&gates, &bob).await, [200, 200]);
        let mut streams = Vec::new();
        for (what, (client, _)) in ["ten minutes ahead", "ten minutes behind"].into_iter().zip(&gates) {
            streams.push(watch(what, open(client, "/sse", &bob).await));
        }
        assert!(Instant::now() < at, "the limit is over before all is open");
        tokio::time::sleep_until((at - Duration::from_millis(200)).into()).await;
        assert!(streams.iter().all(|stream| !stream.is_finished()), "cut too early");
        ended("time of control", at, Duration::from_secs(1), streams).await;
        assert_eq!(answers(&gates, &bob).await, [403, 403]);
    });
    // Control's own clock is wrong: it is the one that counts.
    limit(&apart, u64::from(u32::MAX));
    block_on(async {
        assert_eq!(answers(&gates, &bob).await, [200, 200]);
        let mut streams = Vec::new();
        for (client, _) in &gates {
            streams.push(watch("sse", open(client, "/sse", &bob).await));
        }
        for (offset, expected) in [("+10m", 401), ("-10m", 200)] {
            apart.control.environment = off_by(&library, offset);
            tokio::task::block_in_place(|| apart.control.restart());
            let began = Instant::now();
            while answers(&gates, &bob).await != [expected; 2] {
                assert!(
                    began.elapsed() < Duration::from_secs(10),
                    "control {offset}: {:?}",
                    answers(&gates, &bob).await
                );
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            println!(
                "MEASURED apart · control's clock {offset} · counts {:.1} ms after",
                began.elapsed().as_secs_f64() * 1000.0
            );
            ended("control's clock set forward", began, Duration::from_secs(2), std::mem::take(&mut streams))
                .await;
        }
    });
}
