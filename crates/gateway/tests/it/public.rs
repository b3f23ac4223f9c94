//! Certificates of a public authority: what is asked for, what is kept, and what happens while there is none.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::Scope;
use bartizan_gateway::{HostKeys, HostKeysError, Order, Plain, Recalled};
use bartizan_model::Secret;
use bartizan_policy::Delta;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::client::connect;
use crate::rig::{AUTH, OTHER, PORTAL, Rig, WIKI, app_facts, eventually};

#[derive(Debug, Default)]
struct Kept {
    values: Mutex<HashMap<String, Secret<Vec<u8>>>>,
    down: Mutex<bool>,
}

#[async_trait]
impl HostKeys for Kept {
    async fn kept(&self, host: &str) -> Result<Option<Secret<Vec<u8>>>, HostKeysError> {
        if *self.down.lock() {
            return Err(HostKeysError("down".into()));
        }
        Ok(self.values.lock().get(host).cloned())
    }

    async fn keep(&self, host: &str, value: Secret<Vec<u8>>) -> Result<(), HostKeysError> {
        self.values.lock().insert(host.to_owned(), value);
        Ok(())
    }
}

async fn rig() -> Rig {
    let rig = Rig::with(|config| config.public_authority = true, [].into()).await;
    *rig.keys.lifetime.lock() = Duration::from_secs(36_000);
    rig
}

fn start(rig: &Rig, kept: &Arc<Kept>) -> CancellationToken {
    let stop = rig.stop.child_token();
    let kept = Arc::clone(kept) as Arc<dyn HostKeys>;
    rig.served.spawn(Arc::clone(&rig.gateway).certify_hosts(kept, Recalled::default(), stop.clone()));
    stop
}

fn ordered(rig: &Rig) -> Vec<String> {
    let mut ordered = rig.keys.ordered.lock().clone();
    ordered.sort();
    ordered
}

async fn plain(rig: &Rig, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(rig.plain_address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    all
}

#[tokio::test]
async fn each_host_of_an_app_is_certified_once_and_kept_over_restarts() {
    let (rig, kept) = (rig().await, Arc::<Kept>::default());
    let stop = start(&rig, &kept);
    eventually("four are asked for", || ordered(&rig).len() == 4).await;
    // Nobody is locked out meanwhile.
    let _own = connect(&rig, WIKI).await;
    assert_eq!(rig.keys.certified.lock().len(), 1);
    rig.keys.gate.add_permits(100);
    eventually("all have one", || rig.counters.public_certificates() == (4, 0)).await;
    assert_eq!(ordered(&rig), [AUTH, OTHER, PORTAL, WIKI]);
    let shown =
        |stream: &crate::client::Tls| stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned();
    let before = shown(&connect(&rig, OTHER).await);
    assert_eq!(rig.keys.certified.lock().len(), 1, "the own authority was not asked for this one");
    assert_eq!((rig.counters.orders(Order::Ok), rig.counters.orders(Order::Failed)), (4, 0));
    // A new app is seen by itself; one that is named in a handshake only is not.
    rig.apply(Scope::Changes, vec![Delta::App(app_facts("new", "new.bartizan.test", None))], None);
    eventually("the new one has one, too", || rig.counters.public_certificates() == (5, 0)).await;
    stop.cancel();

    let again = self::rig().await;
    *again.keys.down.lock() = true;
    let recalled = again.gateway.recall(kept.as_ref()).await;
    // Before anything else has begun.
    let stream = crate::client::tls(again.address, OTHER, trusting(&again, &rig)).await.unwrap();
    assert_eq!(shown(&stream), before, "it is what was shown before");
    let served = Arc::clone(&kept) as Arc<dyn HostKeys>;
    again.served.spawn(Arc::clone(&again.gateway).certify_hosts(served, recalled, again.stop.clone()));
    eventually("all have what was kept", || again.counters.public_certificates() == (4, 0)).await;
    assert!(again.keys.ordered.lock().is_empty(), "nothing was ordered");
    assert_eq!(kept.values.lock().len(), 5);
}

/// A client of one that trusts the authority of another.
fn trusting(rig: &Rig, other: &Rig) -> rustls::ClientConfig {
    let usual = crate::client::config(rig, &["http/1.1"], rustls::ALL_VERSIONS);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(other.keys.authority.certificate().clone()).unwrap();
    let (provider, time) = (Arc::clone(usual.crypto_provider()), Arc::clone(&usual.time_provider));
    rustls::ClientConfig::builder_with_details(provider, time)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[tokio::test]
async fn a_certificate_is_renewed_in_the_last_third_of_its_life_and_the_old_one_stays_until_then() {
    let (rig, kept) = (rig().await, Arc::<Kept>::default());
    rig.keys.gate.add_permits(100);
    start(&rig, &kept);
    eventually("all have one", || rig.counters.public_certificates() == (4, 0)).await;
    rig.later(Duration::from_secs(23_000));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(ordered(&rig).len(), 4, "it is too early");
    *rig.keys.public_down.lock() = true;
    // Two thirds and a twelfth.
    rig.later(Duration::from_secs(4_100));
    eventually("the authority is asked", || rig.counters.orders(Order::Failed) == 4).await;
    assert_eq!(rig.counters.public_certificates(), (4, 0), "what is there is good");
    *rig.keys.public_down.lock() = false;
    rig.gateway.retry_orders();
    eventually("all are renewed", || rig.counters.orders(Order::Ok) == 8).await;
}

#[tokio::test]
async fn what_fails_is_left_alone_for_minutes_and_what_is_unknown_is_not_ordered() {
    let (rig, kept) = (rig().await, Arc::<Kept>::default());
    (*kept.down.lock(), *rig.keys.public_down.lock()) = (true, true);
    rig.keys.gate.add_permits(100);
    start(&rig, &kept);
    eventually("it is seen that they are unknown", || {
        rig.counters.orders(Order::Failed) == 0 && rig.counters.public_certificates() == (0, 4)
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(ordered(&rig).is_empty());
    *kept.down.lock() = false;
    rig.gateway.retry_orders();
    eventually("all fail", || rig.counters.orders(Order::Failed) == 4).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(ordered(&rig).len(), 4, "nobody is asked again so soon");
    rig.later(Duration::from_secs(376));
    eventually("all are asked for again", || rig.counters.orders(Order::Failed) == 8).await;
    *rig.keys.public_down.lock() = false;
    rig.later(Duration::from_secs(751));
    eventually("all have one", || rig.counters.public_certificates() == (4, 0)).await;
}

#[tokio::test]
async fn a_challenge_is_answered_while_its_order_is_open_and_for_its_host_only() {
    let (rig, kept) = (rig().await, Arc::<Kept>::default());
    const PATH: &str = "/.well-known/acme-challenge/token";
    let none = plain(&rig, WIKI, PATH).await;
    assert!(none.starts_with("HTTP/1.1 404 "), "no order is open: {none}");
    start(&rig, &kept);
    eventually("four are asked for", || ordered(&rig).len() == 4).await;
    let told = plain(&rig, &format!("{WIKI}:80"), PATH).await;
    assert!(
        told.starts_with("HTTP/1.1 200 ") && told.ends_with(&format!("\r\n\r\ntoken.for.{WIKI}")),
        "{told}"
    );
    for (host, path) in [
        (WIKI, "/.well-known/acme-challenge/other"),
        (WIKI, "/.well-known/acme-challenge/"),
        (WIKI, "/.well-known/acme-challenge/../acme-challenge/token"),
        ("evil.test", PATH),
    ] {
        let none = plain(&rig, host, path).await;
        assert!(none.starts_with("HTTP/1.1 404 "), "{host}{path}: {none}");
    }
    assert!(plain(&rig, WIKI, "/.well-known/other").await.starts_with("HTTP/1.1 308 "));
    rig.keys.gate.add_permits(100);
    eventually("all have one", || rig.counters.public_certificates() == (4, 0)).await;
    assert!(plain(&rig, WIKI, PATH).await.starts_with("HTTP/1.1 404 "), "no order is open any more");
    assert_eq!(Plain::ALL.map(|outcome| rig.counters.plain(outcome)), [1, 1, 6]);

    let without = Rig::new().await;
    assert!(plain(&without, WIKI, PATH).await.starts_with("HTTP/1.1 308 "), "there is no public authority");
}
