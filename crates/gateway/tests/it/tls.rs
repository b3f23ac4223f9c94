//! One certificate for each host, and no connection without one.

use std::time::Duration;

use rustls::{AlertDescription, Error, NamedGroup, ProtocolVersion};
use rustls_pki_types::CertificateDer;

use crate::client::{config, connect, tls};
use crate::rig::{OTHER, Rig, WIKI};

fn alert(error: &std::io::Error) -> Option<AlertDescription> {
    match error.get_ref()?.downcast_ref::<Error>()? {
        Error::AlertReceived(alert) => Some(*alert),
        _ => None,
    }
}

#[tokio::test]
async fn a_host_is_served_with_tls_1_3_and_a_certificate_of_its_own() {
    let rig = Rig::new().await;
    let stream = connect(&rig, WIKI).await;
    let session = stream.get_ref().1;
    assert_eq!(session.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    let group = session.negotiated_key_exchange_group().map(|group| group.name());
    assert_eq!(group, Some(NamedGroup::X25519MLKEM768));
    let wiki: CertificateDer<'static> = session.peer_certificates().unwrap()[0].clone().into_owned();
    let stream = connect(&rig, OTHER).await;
    assert_ne!(wiki, stream.get_ref().1.peer_certificates().unwrap()[0]);
    let _again = connect(&rig, WIKI).await;
    assert_eq!(*rig.keys.certified.lock(), [WIKI, OTHER], "each is asked for once");
}

#[tokio::test]
async fn an_unknown_name_ends_the_handshake_and_asks_nobody() {
    let rig = Rig::new().await;
    for host in ["unknown.bartizan.test", "127.0.0.1", "bartizan.test"] {
        let refused = tls(rig.address, host, config(&rig, &["h2"], rustls::ALL_VERSIONS)).await.unwrap_err();
        assert_eq!(alert(&refused), Some(AlertDescription::AccessDenied), "{host}: {refused}");
    }
    assert!(rig.keys.certified.lock().is_empty());
}

#[tokio::test]
async fn a_host_on_the_wrong_listener_does_not_exist_there() {
    let portal = bartizan_gateway::LocalService::new(tower::service_fn(
        |_request: http::Request<bartizan_gateway::Body>| async {
            Ok::<_, std::convert::Infallible>(http::Response::new(http_body_util::Full::new(
                bytes::Bytes::from("inside"),
            )))
        },
    ));
    let rig = Rig::with(|_| (), [("portal".parse().unwrap(), portal)].into()).await;
    let h1 = || config(&rig, &["http/1.1"], rustls::ALL_VERSIONS);
    for host in [WIKI, crate::rig::AUTH] {
        let refused = tls(rig.inner_address, host, h1()).await.unwrap_err();
        assert_eq!(alert(&refused), Some(AlertDescription::AccessDenied), "{host}: {refused}");
    }
    let mut stream = tls(rig.inner_address, crate::rig::PORTAL, h1()).await.unwrap();
    // Nor by its name on a connection that is there.
    let ask = crate::client::request("GET", "/x", "");
    let answer = crate::client::exchange(&mut stream, ask.as_bytes()).await.unwrap();
    assert_eq!((answer.status, answer.reason().as_str()), (421, "wrong_host"));
}

#[tokio::test]
async fn older_versions_of_tls_and_unknown_protocols_are_refused() {
    let rig = Rig::new().await;
    let old = config(&rig, &[], &[&rustls::version::TLS12]);
    let refused = tls(rig.address, WIKI, old).await.unwrap_err();
    assert_eq!(alert(&refused), Some(AlertDescription::ProtocolVersion));
    let refused = tls(rig.address, WIKI, config(&rig, &["spdy/3"], rustls::ALL_VERSIONS)).await.unwrap_err();
    assert_eq!(alert(&refused), Some(AlertDescription::NoApplicationProtocol));
}

#[tokio::test]
async fn a_certificate_is_renewed_before_it_ends_and_many_ask_once() {
    let rig = Rig::new().await;
    let opening: Vec<_> = (0..8).map(|_| connect(&rig, WIKI)).collect();
    futures_util::future::join_all(opening).await;
    assert_eq!(rig.keys.certified.lock().len(), 1);
    rig.clock.advance(Duration::from_secs(2500));
    let _served_from_the_old = connect(&rig, WIKI).await;
    crate::rig::eventually("it is renewed meanwhile", || rig.keys.certified.lock().len() == 2).await;
    *rig.keys.down.lock() = true;
    rig.clock.advance(Duration::from_secs(2500));
    let _still_good = connect(&rig, WIKI).await;
    rig.clock.advance(Duration::from_secs(2500));
    let expired = tls(rig.address, WIKI, config(&rig, &["h2"], rustls::ALL_VERSIONS)).await;
    assert!(expired.is_err(), "an expired certificate is not served");
    *rig.keys.down.lock() = false;
    rig.clock.advance(Duration::from_secs(2));
    let _back = connect(&rig, WIKI).await;
}

#[tokio::test]
async fn no_ticket_is_good_at_another_host() {
    let rig = Rig::new().await;
    // Two connections to each: the second resumes, and only at its own host.
    let config = config(&rig, &["http/1.1"], rustls::ALL_VERSIONS);
    let resumed = async |host: &str| {
        let mut stream = tls(rig.address, host, config.clone()).await.unwrap();
        let ask = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        crate::client::exchange(&mut stream, ask.as_bytes()).await.unwrap();
        stream.get_ref().1.handshake_kind()
    };
    use rustls::HandshakeKind::{Full, Resumed};
    assert_eq!(resumed(WIKI).await, Some(Full));
    assert_eq!(resumed(OTHER).await, Some(Full));
    assert_eq!(resumed(WIKI).await, Some(Resumed));
    assert_eq!(resumed(OTHER).await, Some(Resumed));
}

#[tokio::test]
async fn a_certificate_from_the_future_is_made_anew_when_the_clock_is_set_right() {
    let rig = Rig::new().await;
    let right = bartizan_model::Clock::now(rig.clock.as_ref());
    rig.clock.advance(Duration::from_secs(43_200));
    // The clock is ahead when the host is asked for for the first time: its certificate begins in twelve hours.
    let _ahead = connect(&rig, WIKI).await;
    rig.clock.jump_to(right);
    let _right_again = connect(&rig, WIKI).await;
    assert_eq!(rig.keys.certified.lock().len(), 2);
}
