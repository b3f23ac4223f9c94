//! Clients that hold on to connections, and the end of the gateway itself.

use std::collections::BTreeMap;
use std::time::Duration;

use bartizan_gateway::GatewayConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{connect, drain, exchange, http2, http2_get, http2_open, read_head, request};
use crate::rig::{Rig, WIKI};

async fn rig(change: impl FnOnce(&mut GatewayConfig)) -> Rig {
    Rig::with(change, BTreeMap::new()).await
}

/// Waits until the other side ends the connection.
async fn ends(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> bool {
    let mut sink = [0; 1024];
    let end = async {
        loop {
            match stream.read(&mut sink).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(3), end).await.is_ok()
}

#[tokio::test]
async fn whoever_says_nothing_is_let_go_at_every_stage() {
    let rig = rig(|config| {
        config.handshake_timeout = Duration::from_millis(200);
        config.head_timeout = Duration::from_millis(200);
        config.idle_timeout = Duration::from_millis(200);
    })
    .await;
    let mut silent = TcpStream::connect(rig.address).await.unwrap();
    assert!(ends(&mut silent).await, "no byte of TLS");
    let mut partial = TcpStream::connect(rig.address).await.unwrap();
    partial.write_all(&[22, 3, 1]).await.unwrap();
    assert!(ends(&mut partial).await, "half a hello");
    let mut quiet = connect(&rig, WIKI).await;
    assert!(ends(&mut quiet).await, "no request");
    let mut half = connect(&rig, WIKI).await;
    half.write_all(b"GET / HTTP/1.1\r\nHost: wi").await.unwrap();
    assert!(ends(&mut half).await, "half a head");
    let mut idle = connect(&rig, WIKI).await;
    exchange(&mut idle, request("GET", "/", "").as_bytes()).await.unwrap();
    assert!(ends(&mut idle).await, "no second request");
    let h2 = crate::client::config(&rig, &["h2"], rustls::ALL_VERSIONS);
    let mut wordless = crate::client::tls(rig.address, WIKI, h2).await.unwrap();
    assert!(ends(&mut wordless).await, "no HTTP/2 preface");
    let client = http2(&rig, WIKI, 65_535).await;
    client.tasks.close();
    tokio::time::timeout(Duration::from_secs(3), client.tasks.wait()).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_is_open_is_not_idle() {
    let rig = rig(|config| {
        config.head_timeout = Duration::from_millis(100);
        config.idle_timeout = Duration::from_millis(100);
    })
    .await;
    let ada = rig.sign_in();
    let client = http2(&rig, WIKI, 65_535).await;
    let mut recv = http2_open(&client, http2_get(&ada, "/stream")).await.into_body();
    let mut stream = connect(&rig, WIKI).await;
    let ask = request("GET", "/stream", &format!("Bartizan-Token: {}\r\n", ada.token));
    stream.write_all(ask.as_bytes()).await.unwrap();
    for _ in 0..100 {
        let data = recv.data().await.unwrap().unwrap();
        recv.flow_control().release_capacity(data.len()).unwrap();
        stream.read_exact(&mut [0; 5]).await.unwrap();
    }
}

#[tokio::test]
async fn a_source_has_its_share_of_connections_and_gets_it_back() {
    let rig = rig(|config| config.max_connections_per_source = 2).await;
    let (first, _second) = (connect(&rig, WIKI).await, connect(&rig, WIKI).await);
    let mut third = TcpStream::connect(rig.address).await.unwrap();
    assert!(ends(&mut third).await);
    drop(first);
    for _ in 0..200 {
        let config = crate::client::config(&rig, &["http/1.1"], rustls::ALL_VERSIONS);
        if crate::client::tls(rig.address, WIKI, config).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the place was not given back");
}

#[tokio::test]
async fn stopping_lets_requests_end_and_then_ends_the_rest() {
    let rig = rig(|config| config.drain_timeout = Duration::from_millis(500)).await;
    let ada = rig.sign_in();
    let token = format!("Bartizan-Token: {}\r\n", ada.token);
    let mut upload = connect(&rig, WIKI).await;
    let ask = request("POST", "/echo", &format!("{token}Content-Length: 5\r\n"));
    upload.write_all(ask.as_bytes()).await.unwrap();
    let mut stream = connect(&rig, WIKI).await;
    stream.write_all(request("GET", "/stream", &token).as_bytes()).await.unwrap();
    read_head(&mut stream).await.unwrap();
    let client = http2(&rig, WIKI, 65_535).await;
    let mut recv = http2_open(&client, http2_get(&ada, "/stream")).await.into_body();
    recv.data().await.unwrap().unwrap();
    rig.stop.cancel();
    crate::rig::eventually("the listener is closed", || std::net::TcpStream::connect(rig.address).is_err())
        .await;
    let answer = exchange(&mut upload, b"hello").await.unwrap();
    assert!(answer.text().ends_with("hello"), "a request under way comes to its end");
    let (rest, _) = tokio::time::timeout(Duration::from_secs(3), drain(&mut stream)).await.unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("0\r\n\r\n"), "what is ended does not look complete");
    let complete = loop {
        match recv.data().await {
            None => break true,
            Some(Err(_)) => break false,
            Some(Ok(_)) => {}
        }
    };
    assert!(!complete);
    rig.served.close();
    tokio::time::timeout(Duration::from_secs(3), rig.served.wait()).await.unwrap();
    assert_eq!(rig.enforcer.live(), 0);
}

#[tokio::test]
async fn what_comes_on_an_open_connection_while_stopping_is_answered_once_more() {
    let rig = rig(|_| ()).await;
    let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
    let mut used = connect(&rig, WIKI).await;
    exchange(&mut used, request("GET", "/a", &token).as_bytes()).await.unwrap();
    let mut fresh = connect(&rig, WIKI).await;
    let mut idle = connect(&rig, WIKI).await;
    rig.stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    for stream in [&mut used, &mut fresh] {
        let answer = exchange(stream, request("GET", "/a", &token).as_bytes()).await.unwrap();
        assert_eq!((answer.status, answer.field("connection").as_deref()), (200, Some("close")));
        assert!(matches!(drain(stream).await, (rest, Ok(())) if rest.is_empty()));
    }
    assert!(ends(&mut idle).await);
    rig.served.close();
    tokio::time::timeout(Duration::from_secs(5), rig.served.wait()).await.unwrap();
}

#[tokio::test]
async fn who_takes_nothing_of_an_answer_is_let_go() {
    let rig = rig(|config| config.write_timeout = Duration::from_millis(300)).await;
    let ada = rig.sign_in();
    let before = rig.enforcer.live();
    let mut lazy = connect(&rig, WIKI).await;
    let ask = request("GET", "/flood", &format!("Bartizan-Token: {}\r\n", ada.token));
    lazy.write_all(ask.as_bytes()).await.unwrap();
    let client = http2(&rig, WIKI, 65_535).await;
    let recv = http2_open(&client, http2_get(&ada, "/flood")).await.into_body();
    crate::rig::eventually("both are open", || rig.enforcer.live() == before + 2).await;
    crate::rig::eventually("both have ended", || rig.enforcer.live() == before).await;
    drop((lazy, recv));
    // An answer that says little is not one that is not taken.
    let mut patient = connect(&rig, WIKI).await;
    let quiet = request("GET", "/stream", &format!("Bartizan-Token: {}\r\n", ada.token));
    patient.write_all(quiet.as_bytes()).await.unwrap();
    for _ in 0..200 {
        patient.read_exact(&mut [0; 5]).await.unwrap();
    }
}

#[tokio::test]
async fn when_all_places_are_taken_administration_goes_on_and_others_are_told_to_come_back() {
    let service = tower::service_fn(|_| async {
        Ok::<_, std::convert::Infallible>(http::Response::new(http_body_util::Full::new(bytes::Bytes::from(
            "console",
        ))))
    });
    let local = BTreeMap::from([("console".parse().unwrap(), bartizan_gateway::LocalService::new(service))]);
    let rig = Rig::with(|config| config.max_connections = 10, local).await;
    let console = "console.bartizan.test";
    rig.apply(
        bartizan_enforce::Scope::Changes,
        vec![bartizan_policy::Delta::App(crate::rig::app_facts("console", console, None))],
        None,
    );
    let ada = rig.sign_in();
    let token = format!("Bartizan-Token: {}\r\n", ada.token);
    let mut open = Vec::new();
    for _ in 0..10 {
        let mut stream = connect(&rig, WIKI).await;
        stream.write_all(request("GET", "/stream", &token).as_bytes()).await.unwrap();
        read_head(&mut stream).await.unwrap();
        open.push(stream);
    }
    let mut late = connect(&rig, WIKI).await;
    let answer = exchange(&mut late, request("GET", "/a", &token).as_bytes()).await.unwrap();
    assert_eq!((answer.status, answer.reason().as_str()), (503, "overloaded"));
    assert_eq!(answer.field("retry-after").as_deref(), Some("5"));
    assert!(drain(&mut late).await.1.is_ok(), "and the place in the lobby is free again");
    let h2 = http2(&rig, WIKI, 65_535).await;
    assert_eq!(http2_open(&h2, http2_get(&ada, "/a")).await.status(), 503);
    let mut admin = connect(&rig, console).await;
    let ask = format!("GET / HTTP/1.1\r\nHost: {console}\r\n\r\n");
    // Nobody is signed in there, and that is what they are told.
    assert_eq!(exchange(&mut admin, ask.as_bytes()).await.unwrap().status, 401);
    drop(open);
    let mut again = connect(&rig, WIKI).await;
    for _ in 0..100 {
        if exchange(&mut again, request("GET", "/a", &token).as_bytes())
            .await
            .is_some_and(|a| a.status == 200)
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        again = connect(&rig, WIKI).await;
    }
    panic!("there is room again");
}

#[tokio::test]
async fn where_places_are_scarce_strangers_give_theirs_back() {
    let rig = rig(|config| config.max_connections = 10).await;
    let token = format!("Bartizan-Token: {}\r\n", rig.sign_in().token);
    let mut member = connect(&rig, WIKI).await;
    let mut stranger = connect(&rig, WIKI).await;
    let mut filling = Vec::new();
    for _ in 0..7 {
        filling.push(connect(&rig, WIKI).await);
    }
    let welcome = exchange(&mut member, request("GET", "/a", &token).as_bytes()).await.unwrap();
    assert_eq!((welcome.status, welcome.field("connection")), (200, None));
    let asked = exchange(&mut stranger, request("GET", "/a", "").as_bytes()).await.unwrap();
    assert_eq!((asked.status, asked.field("connection").as_deref()), (401, Some("close")));
    assert!(exchange(&mut member, request("GET", "/a", &token).as_bytes()).await.is_some());
}

#[tokio::test]
async fn one_client_does_not_take_all_connections_to_the_apps() {
    let rig = rig(|config| config.max_connections = 10).await;
    let ada = rig.sign_in();
    let client = http2(&rig, WIKI, 65_535).await;
    let mut open = Vec::new();
    for _ in 0..10 {
        let response = http2_open(&client, http2_get(&ada, "/stream")).await;
        assert_eq!(response.status(), 200);
        open.push(response);
    }
    assert_eq!(http2_open(&client, http2_get(&ada, "/stream")).await.status(), 503);
    drop(open);
    for _ in 0..100 {
        if http2_open(&client, http2_get(&ada, "/a")).await.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("their places are given back");
}
