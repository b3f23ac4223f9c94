//! The moment in which access ends: no more payload, and nothing that looks complete.

use std::io::ErrorKind;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bartizan_enforce::Scope;
use bartizan_policy::Delta;
use bytes::Bytes;
use http::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::client::{Tls, connect, drain, http2, http2_get, http2_open, read_head, request};
use crate::rig::{Person, Rig, WIKI, eventually};

/// What a cut may take from its cause to the last byte, on a busy machine. The target is 100 ms.
const SOON: Duration = Duration::from_millis(1000);

#[expect(clippy::disallowed_methods, reason = "what is measured is real time")]
fn now() -> Instant {
    Instant::now()
}

async fn open(rig: &Rig, person: &Person, path: &str) -> Tls {
    let mut stream = connect(rig, WIKI).await;
    let ask = request("GET", path, &format!("Bartizan-Token: {}\r\n", person.token));
    stream.write_all(ask.as_bytes()).await.unwrap();
    let (head, _) = read_head(&mut stream).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let mut some = [0; 20];
    stream.read_exact(&mut some).await.unwrap();
    stream
}

#[tokio::test]
async fn a_chunked_stream_ends_without_its_last_chunk() {
    let rig = Rig::new().await;
    let (ada, bob) = (rig.sign_in(), rig.sign_in());
    let mut stream = open(&rig, &ada, "/stream").await;
    let mut other = open(&rig, &bob, "/stream").await;
    let began = now();
    assert_eq!(rig.revoke(&ada), 1);
    let (rest, _) = drain(&mut stream).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(!String::from_utf8_lossy(&rest).contains("0\r\n\r\n"), "a last chunk came");
    eventually("the upstream is told", || rig.app.seen.broken.load(Ordering::Relaxed) == 1).await;
    let mut more = [0; 50];
    other.read_exact(&mut more).await.unwrap();
    eventually("the end is recorded as a cut", || {
        rig.events("grant.end")
            .iter()
            .any(|event| event["outcome"] == "cut" && event["bytes_out"].as_u64() > Some(0))
    })
    .await;
}

#[tokio::test]
async fn a_download_of_known_length_ends_short() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let mut stream = open(&rig, &ada, "/length").await;
    rig.revoke(&ada);
    let (rest, _) = drain(&mut stream).await;
    assert!(rest.len() < 1_000_000);
}

#[tokio::test]
async fn every_cause_cuts() {
    let rig = Rig::new().await;
    for cause in ["disabled", "left the group", "policy"] {
        let ada = rig.sign_in();
        let mut stream = open(&rig, &ada, "/stream").await;
        let disabled = |groups: &[&str], state| {
            vec![Delta::User(bartizan_model::UserFacts {
                id: ada.user,
                state,
                groups: groups.iter().map(|name| crate::rig::group(name)).collect(),
                sealing_key: Some((
                    bartizan_model::SealingKeyId::random(rig.entropy.as_ref()),
                    bartizan_pki::SealingKeyPair::generate().unwrap().public(),
                )),
            })]
        };
        let cut = match cause {
            "disabled" => rig.apply(Scope::Changes, disabled(&["staff"], bartizan_model::UserState::Disabled), None),
            "left the group" => rig.apply(Scope::Changes, disabled(&[], bartizan_model::UserState::Active), None),
            _ => rig.apply(
                Scope::Changes,
                Vec::new(),
                Some("@id(\"none\") permit (principal in Group::\"none\", action in Action::\"http\", resource);"),
            ),
        };
        assert_eq!(cut, 1, "{cause}");
        let (rest, _) = tokio::time::timeout(SOON, drain(&mut stream)).await.unwrap();
        assert!(!String::from_utf8_lossy(&rest).contains("0\r\n\r\n"), "{cause}");
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_reset_and_what_waits_is_thrown_away() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let mut stream = open(&rig, &ada, "/flood").await;
    // Until everything between the app and this client is full.
    tokio::time::sleep(Duration::from_millis(300)).await;
    rig.revoke(&ada);
    eventually("the app is told", || rig.app.seen.broken.load(Ordering::Relaxed) == 1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (_, end) = drain(&mut stream).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_slow_client_gets_no_byte_long_after_the_cut() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let mut stream = open(&rig, &ada, "/flood").await;
    let mut piece = [0; 4096];
    for _ in 0..20 {
        stream.read_exact(&mut piece).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    rig.revoke(&ada);
    tokio::time::sleep(Duration::from_millis(300)).await;
    // From here on only what this machine's kernel had already taken for the client can come.
    let (rest, end) = drain(&mut stream).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(rest.len() < 8 << 20, "{} bytes", rest.len());
}

#[tokio::test]
async fn an_http2_stream_is_cancelled_and_its_neighbours_go_on() {
    let rig = Rig::new().await;
    let (ada, bob) = (rig.sign_in(), rig.sign_in());
    let client = http2(&rig, WIKI, 65_535).await;
    let mut hers = http2_open(&client, http2_get(&ada, "/stream")).await.into_body();
    let mut his = http2_open(&client, http2_get(&bob, "/stream")).await.into_body();
    hers.data().await.unwrap().unwrap();
    his.data().await.unwrap().unwrap();
    let began = now();
    rig.revoke(&ada);
    let reason = loop {
        match hers.data().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error.reason(),
            None => panic!("the stream ended as if it were complete"),
        }
    };
    assert_eq!(reason, Some(h2::Reason::CANCEL));
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    for _ in 0..20 {
        let data = his.data().await.unwrap().unwrap();
        his.flow_control().release_capacity(data.len()).unwrap();
    }
}

#[tokio::test]
async fn a_stalled_http2_stream_is_cancelled_alone_and_gets_nothing_more() {
    let rig = Rig::new().await;
    let (ada, bob) = (rig.sign_in(), rig.sign_in());
    let client = http2(&rig, WIKI, 10_000).await;
    let mut hers = http2_open(&client, http2_get(&ada, "/flood")).await.into_body();
    let mut his = http2_open(&client, http2_get(&bob, "/stream")).await.into_body();
    // Her window is used up and never given back.
    let mut came = 0;
    while came < 10_000 {
        came += hers.data().await.unwrap().unwrap().len();
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    rig.revoke(&ada);
    let end = tokio::time::timeout(SOON, hers.data()).await.unwrap();
    assert_eq!(end.unwrap().unwrap_err().reason(), Some(h2::Reason::CANCEL));
    tokio::time::sleep(Duration::from_millis(150)).await;
    for _ in 0..20 {
        let data = his.data().await.unwrap().unwrap();
        his.flow_control().release_capacity(data.len()).unwrap();
    }
}

#[tokio::test]
async fn an_http2_connection_that_is_not_read_is_reset() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let stream =
        crate::client::tls(rig.address, WIKI, crate::client::config(&rig, &["h2"], rustls::ALL_VERSIONS));
    let (mut send, connection) = h2::client::Builder::new()
        .initial_window_size(1 << 30)
        .initial_connection_window_size(1 << 30)
        .handshake::<_, Bytes>(stream.await.unwrap())
        .await
        .unwrap();
    let mut connection = Box::pin(connection);
    let (response, _) = send.send_request(http2_get(&ada, "/flood"), true).unwrap();
    tokio::select! {
        response = response => assert_eq!(response.unwrap().status(), 200),
        _ = &mut connection => panic!("the connection ended"),
    }
    // From here on nobody reads.
    tokio::time::sleep(Duration::from_millis(300)).await;
    rig.revoke(&ada);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let end = tokio::time::timeout(Duration::from_secs(5), connection).await.unwrap();
    assert!(end.is_err(), "the connection goes on");
}

#[tokio::test]
async fn an_upload_is_cut_and_nothing_of_it_goes_on() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let client = http2(&rig, WIKI, 65_535).await;
    let ask = Request::post(format!("https://{WIKI}/upload"))
        .header("bartizan-token", &ada.token)
        .body(())
        .unwrap();
    let mut ready = client.send.clone().ready().await.unwrap();
    let (response, mut send) = ready.send_request(ask, false).unwrap();
    send.send_data(Bytes::from_static(&[1; 1000]), false).unwrap();
    eventually("the app gets some", || rig.app.seen.uploaded.load(Ordering::Relaxed) >= 1000).await;
    rig.revoke(&ada);
    // Nothing was answered yet, so the client can be told.
    let answer = tokio::time::timeout(SOON, response).await.unwrap().unwrap();
    assert_eq!(answer.status(), 401);
    eventually("the app's side is torn", || rig.app.seen.torn.load(Ordering::Relaxed) == 1).await;
    let before = rig.app.seen.uploaded.load(Ordering::Relaxed);
    let _ = send.send_data(Bytes::from_static(&[2; 1000]), false);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(rig.app.seen.uploaded.load(Ordering::Relaxed), before);
}

/// What ends the upload may be seen before what it is ended by, on another thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_uploads_each_is_told_why_it_was_cut() {
    let rig = Rig::new().await;
    for _ in 0..20 {
        let ada = rig.sign_in();
        let client = http2(&rig, WIKI, 65_535).await;
        let (mut answers, mut sends) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let ask = Request::post(format!("https://{WIKI}/upload"))
                .header("bartizan-token", &ada.token)
                .body(())
                .unwrap();
            let mut ready = client.send.clone().ready().await.unwrap();
            let (answer, send) = ready.send_request(ask, false).unwrap();
            answers.push(answer);
            sends.push(send);
        }
        eventually("all are under way", || rig.enforcer.live() == 40).await;
        for send in &mut sends {
            send.send_data(Bytes::from_static(&[1; 100]), false).unwrap();
        }
        rig.revoke(&ada);
        for answer in answers {
            let answer = tokio::time::timeout(SOON, answer).await.unwrap().unwrap();
            assert_eq!(answer.status(), 401);
        }
    }
    eventually("each is recorded as a cut", || {
        let ends = rig.events("grant.end");
        ends.len() == 20 * 40 && ends.iter().all(|end| end["outcome"] == "cut")
    })
    .await;
}

#[tokio::test]
async fn an_upload_does_not_outlive_its_answer() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let client = http2(&rig, WIKI, 65_535).await;
    let mut response = http2_open(&client, http2_get(&ada, "/stream")).await.into_body();
    response.data().await.unwrap().unwrap();
    eventually("one grant is live", || rig.enforcer.live() == 1).await;
    drop(response);
    eventually("nothing is live when the client has gone", || rig.enforcer.live() == 0).await;
    eventually("and the app is told", || rig.app.seen.broken.load(Ordering::Relaxed) == 1).await;
}

#[tokio::test]
async fn who_still_waits_for_a_page_is_shown_the_way_on() {
    let rig = Rig::new().await;
    let ada = rig.sign_in();
    let mut stream = connect(&rig, WIKI).await;
    let fields = format!(
        "Cookie: __Host-bartizan={}\r\nAccept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\nConnection: close\r\n",
        ada.cookie
    );
    stream.write_all(request("GET", "/silent", &fields).as_bytes()).await.unwrap();
    eventually("it is under way", || rig.enforcer.live() == 1).await;
    rig.revoke(&ada);
    let (head, mut page) = read_head(&mut stream).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    page.extend(drain(&mut stream).await.0);
    let page = String::from_utf8_lossy(&page);
    assert!(page.contains("Your sign-in has ended") && page.contains("/.bartizan/start?again="), "{page}");
}
