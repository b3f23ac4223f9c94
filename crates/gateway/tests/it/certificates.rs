//! Certificates that were supplied: for whom they are used, how they are replaced, and what else changes while it serves.

use std::sync::Arc;
use std::time::Duration;

use bartizan_gateway::{Certificates, Serves};
use bartizan_model::{Clock as _, Secret, Timestamp};
use bartizan_pki::Supplied;
use rcgen::{CertificateParams, KeyPair};
use rustls::HandshakeKind;
use rustls_pki_types::CertificateDer;
use tokio::io::AsyncReadExt as _;

use crate::client::{Tls, config, connect, exchange, tls};
use crate::rig::{OTHER, Rig, WIKI, eventually};

/// A certificate that is its own issuer.
fn supplied(rig: &Rig, names: &[&str], lasts: Duration) -> (Arc<Supplied>, CertificateDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    let at = |time: Timestamp| {
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(time.as_secs().try_into().unwrap())
    };
    (params.not_before, params.not_after) = (at(rig.clock.now()), at(rig.clock.now().plus(lasts)));
    let certificate = params.self_signed(&key).unwrap();
    let key = Secret::new(key.serialize_pem().into_bytes());
    let supplied = Supplied::from_pem(certificate.pem().as_bytes(), &key, rig.clock.now()).unwrap();
    (Arc::new(supplied), certificate.der().clone())
}

/// A client that trusts these, too.
async fn trusting(rig: &Rig, host: &str, extra: &[&CertificateDer<'static>]) -> std::io::Result<Tls> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in extra.iter().copied().chain([rig.keys.authority.certificate()]) {
        roots.add(certificate.clone()).unwrap();
    }
    let mut config = config(rig, &["http/1.1"], rustls::ALL_VERSIONS);
    let provider = Arc::clone(config.crypto_provider());
    let time = Arc::clone(&config.time_provider);
    let mut own = rustls::ClientConfig::builder_with_details(provider, time)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    own.alpn_protocols = std::mem::take(&mut config.alpn_protocols);
    tls(rig.address, host, own).await
}

fn leaf(stream: &Tls) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

async fn status(stream: &mut Tls, host: &str) -> (u16, String) {
    let ask = format!("GET /public HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let answer = exchange(stream, ask.as_bytes()).await.unwrap();
    assert!(!answer.head.to_lowercase().contains("strict-transport-security"), "{}", answer.head);
    (answer.status, answer.reason())
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_host_has_the_certificate_of_its_name_then_a_wildcard_then_the_own_authority() {
    let rig = Rig::new().await;
    let (exact, exact_der) = supplied(&rig, &[WIKI], DAY);
    let (wild, wild_der) = supplied(&rig, &["*.bartizan.test"], DAY);
    rig.gateway.supply(Certificates::new([Arc::clone(&wild), exact], true));
    let known = [&exact_der, &wild_der];
    let mut wiki = trusting(&rig, WIKI, &known).await.unwrap();
    assert_eq!(leaf(&wiki), exact_der);
    let mut other = trusting(&rig, OTHER, &known).await.unwrap();
    assert_eq!(leaf(&other), wild_der);
    assert!(rig.keys.certified.lock().is_empty(), "nobody was asked");
    assert_eq!(status(&mut wiki, WIKI).await.0, 200);
    // The certificate names it; the connection does not.
    assert_eq!(status(&mut other, WIKI).await, (421, "wrong_host".into()));

    rig.gateway.supply(Certificates::default());
    let own = connect(&rig, OTHER).await;
    assert!(leaf(&own) != wild_der && *rig.keys.certified.lock() == [OTHER]);
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_new_connections_and_open_ones_go_on() {
    let rig = Rig::new().await;
    let (old, old_der) = supplied(&rig, &[WIKI], DAY);
    rig.gateway.supply(Certificates::new([old], true));
    let mut open = trusting(&rig, WIKI, &[&old_der]).await.unwrap();
    assert_eq!(status(&mut open, WIKI).await.0, 200);
    let (new, new_der) = supplied(&rig, &[WIKI], DAY);
    rig.gateway.supply(Certificates::new([new], true));
    let fresh = trusting(&rig, WIKI, &[&old_der, &new_der]).await.unwrap();
    assert_eq!(leaf(&fresh), new_der);
    assert_eq!(status(&mut open, WIKI).await.0, 200);
}

#[tokio::test]
async fn one_that_has_expired_gives_way_to_the_own_authority() {
    let rig = Rig::new().await;
    let (short, short_der) = supplied(&rig, &[WIKI], Duration::from_secs(3600));
    rig.gateway.supply(Certificates::new([short], true));
    assert_eq!(leaf(&trusting(&rig, WIKI, &[&short_der]).await.unwrap()), short_der);
    rig.later(Duration::from_secs(3601));
    assert_ne!(leaf(&connect(&rig, WIKI).await), short_der);
}

#[tokio::test]
async fn tickets_stay_at_their_host_though_the_certificate_is_for_both() {
    let rig = Rig::new().await;
    let (wild, wild_der) = supplied(&rig, &["*.bartizan.test"], DAY);
    rig.gateway.supply(Certificates::new([wild], true));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(wild_der).unwrap();
    let usual = config(&rig, &["http/1.1"], rustls::ALL_VERSIONS);
    let (provider, time) = (Arc::clone(usual.crypto_provider()), Arc::clone(&usual.time_provider));
    let client = rustls::ClientConfig::builder_with_details(provider, time)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let kind = async |host: &str| {
        let mut stream = tls(rig.address, host, client.clone()).await.unwrap();
        status(&mut stream, host).await;
        stream.get_ref().1.handshake_kind()
    };
    assert_eq!(kind(WIKI).await, Some(HandshakeKind::Full));
    assert_eq!(kind(OTHER).await, Some(HandshakeKind::Full));
    assert_eq!(kind(WIKI).await, Some(HandshakeKind::Resumed));
}

#[tokio::test]
async fn when_what_is_served_changes_new_connections_meet_it_and_open_ones_end_in_order() {
    let rig = Rig::new().await;
    let mut open = connect(&rig, WIKI).await;
    assert_eq!(status(&mut open, WIKI).await.0, 200);
    // Somebody is in the middle of a long answer.
    let person = rig.sign_in();
    let mut streaming = connect(&rig, WIKI).await;
    let ask = crate::client::request("GET", "/stream", &format!("Bartizan-Token: {}\r\n", person.token));
    tokio::io::AsyncWriteExt::write_all(&mut streaming, ask.as_bytes()).await.unwrap();
    assert!(crate::client::read_head(&mut streaming).await.unwrap().0.starts_with("HTTP/1.1 200"));
    rig.rules.send_replace(Serves::new(false, ["portal".parse().unwrap()]));
    let refused =
        async || tls(rig.address, WIKI, config(&rig, &["http/1.1"], rustls::ALL_VERSIONS)).await.is_err();
    for _ in 0..1000 {
        if refused().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(refused().await, "the host does not exist here any more");
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), open.read_to_end(&mut rest)).await;
    assert!(ended.is_ok_and(|read| read.is_ok()) && rest.is_empty(), "an idle connection ends in order");
    let mut more = [0; 64];
    for _ in 0..5 {
        let read = tokio::time::timeout(Duration::from_secs(5), streaming.read(&mut more)).await;
        assert!(read.is_ok_and(|read| read.is_ok_and(|len| len > 0)), "what is under way goes on");
    }
    drop(streaming);
    // The same again changes nothing.
    rig.rules.send_replace(Serves::new(true, []));
    let mut served = None;
    for _ in 0..1000 {
        served = tls(rig.address, WIKI, config(&rig, &["http/1.1"], rustls::ALL_VERSIONS)).await.ok();
        if served.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut served = served.expect("it is served again");
    rig.rules.send_replace(Serves::new(true, []));
    assert_eq!(status(&mut served, WIKI).await.0, 200);
    eventually("one connection is open", || rig.counters.open_connections() == 1).await;
    assert_eq!(status(&mut served, WIKI).await.0, 200);
}
