//! WebSockets, through to the close frame.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, frame::coding::CloseCode};

use crate::client::{Tls, connect, exchange, send};
use crate::rig::{Person, Rig, WIKI, eventually};

fn handshake(fields: &str) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nHost: {WIKI}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n"
    )
}

async fn open(rig: &Rig, person: &Person) -> WebSocketStream<Tls> {
    let mut stream = connect(rig, WIKI).await;
    let fields = format!("Bartizan-Token: {}\r\n", person.token);
    let answer = exchange(&mut stream, handshake(&fields).as_bytes()).await.unwrap();
    assert_eq!(answer.status, 101, "{answer:?}");
    assert_eq!(answer.field("sec-websocket-accept").as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    WebSocketStream::from_raw_socket(stream, Role::Client, None).await
}

#[tokio::test]
async fn messages_pass_both_ways() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let mut socket = open(&rig, &ada).await;
    let long = "x".repeat(100_000);
    socket.send(Message::Text(long.clone().into())).await.unwrap();
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) if text.as_str() == long => break,
            Message::Text(text) => assert_eq!(text.as_str(), "tick"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(rig.enforcer.live(), 1);
    socket.close(None).await.unwrap();
    drop(socket);
    eventually("the grant ends with the connection", || rig.enforcer.live() == 0).await;
}

#[tokio::test]
async fn a_cut_says_policy_violation_at_a_frame_border() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let mut socket = open(&rig, &ada).await;
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))));
    rig.revoke(&ada);
    let closed = tokio::time::timeout(Duration::from_secs(1), async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return frame,
                Some(Ok(_)) => {}
                other => panic!("no close frame but {other:?}"),
            }
        }
    })
    .await
    .unwrap();
    let Some(CloseFrame { code, reason }) = closed else { panic!("an empty close frame") };
    assert_eq!(code, CloseCode::Policy);
    assert_eq!(reason.as_str(), "session_ended");
    eventually("the app is told", || rig.app.seen.broken.load(Ordering::Relaxed) == 1).await;
    assert_eq!(rig.enforcer.live(), 0);
}

#[tokio::test]
async fn with_a_cookie_only_the_apps_own_pages_may_open_one() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let cookie = format!("Cookie: __Host-bartizan={}\r\n", ada.cookie);
    let own = format!("{cookie}Origin: https://{WIKI}\r\nSec-Fetch-Site: same-origin\r\n");
    assert_eq!(send(&rig, WIKI, &handshake(&own)).await.status, 101);
    for origin in ["", "Origin: https://evil.test\r\n", "Origin: null\r\n"] {
        let answer = send(&rig, WIKI, &handshake(&format!("{cookie}{origin}"))).await;
        assert_eq!((answer.status, answer.reason().as_str()), (403, "cross_site"), "{origin}");
    }
    let denied = send(&rig, WIKI, &handshake("")).await;
    assert_eq!(denied.status, 401);
}
