//! What the gateway counts of connections and requests.

use std::collections::BTreeMap;
use std::time::Duration;

use bartizan_gateway::{Class, Handshake, Limit, UpstreamFailure};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::client::{config, connect, get, request, send, tls};
use crate::rig::{Rig, WIKI, eventually};

#[tokio::test]
async fn every_request_is_counted_once_by_how_it_was_answered() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    assert_eq!(get(&rig, &ada, "/").await.status, 200);
    assert_eq!(send(&rig, WIKI, &request("GET", "/", "")).await.status, 401);
    assert_eq!(send(&rig, WIKI, "GET / HTTP/1.1\nHost: x\r\n\r\n").await.status, 400);
    assert_eq!(get(&rig, &ada, "/close").await.status, 502);
    let counted = |class| rig.counters.requests(class);
    assert_eq!(Class::ALL.map(counted), [0, 1, 0, 2, 1, 0]);
    assert_eq!(rig.counters.upstream_failures(UpstreamFailure::Unreachable), 1);
    assert_eq!(rig.counters.durations().at_most().1, 3, "what cannot be read has no duration");

    // Who goes away before there is an answer is counted, too.
    let mut stream = connect(&rig, WIKI).await;
    let ask = request("GET", "/silent", &format!("Bartizan-Token: {}\r\n", ada.token));
    stream.write_all(ask.as_bytes()).await.unwrap();
    eventually("the request is under way", || rig.enforcer.live() == 1).await;
    drop(stream);
    eventually("it is counted as gone", || rig.counters.requests(Class::Gone) == 1).await;
    eventually("all connections are closed", || rig.counters.open_connections() == 0).await;
}

#[tokio::test]
async fn connections_and_handshakes_are_counted_by_how_they_ended() {
    let limits = |config: &mut bartizan_gateway::GatewayConfig| {
        config.max_connections_per_source = 2;
        config.handshake_timeout = Duration::from_millis(300);
    };
    let rig = Rig::with(limits, BTreeMap::new()).await;
    let counted = |outcome| rig.counters.handshakes(outcome);
    let open = connect(&rig, WIKI).await;
    let trusting = || config(&rig, &["http/1.1"], rustls::ALL_VERSIONS);
    assert!(tls(rig.address, "nowhere.test", trusting()).await.is_err());
    eventually("the refusal is counted", || counted(Handshake::UnknownHost) == 1).await;
    eventually("its place is given back", || rig.counters.open_connections() == 1).await;
    let silent = TcpStream::connect(rig.address).await.unwrap();
    eventually("both are open", || rig.counters.open_connections() == 2).await;
    let third = TcpStream::connect(rig.address).await.unwrap();
    eventually("the third is refused", || rig.counters.refused_connections(Limit::Source) == 1).await;
    eventually("the silent one is late", || counted(Handshake::Late) == 1).await;
    let mut garbage = TcpStream::connect(rig.address).await.unwrap();
    garbage.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    eventually("what is not TLS fails", || counted(Handshake::Failed) == 1).await;
    assert_eq!(Handshake::ALL.map(counted), [1, 1, 0, 1, 1, 0]);
    assert_eq!(rig.counters.refused_connections(Limit::All), 0);
    drop((open, silent, third));
}
