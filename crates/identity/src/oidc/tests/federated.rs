//! Clients that prove themselves by tokens of others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bartizan_pki::{SigningAlgorithm, SigningKey};
use parking_lot::Mutex;
use serde_json::json;

use super::*;
use crate::clients::{Client, ClientAuth, ClientSpec, GrantType, Trust};
use crate::issuers::{Fetch, Question};
use crate::jose::{Typ, sign};

const OTHER: &str = "https://tokens.example.net";

/// What another issuer publishes.
#[derive(Debug, Default)]
struct Other {
    documents: Mutex<std::collections::HashMap<String, Value>>,
    asked: AtomicUsize,
}

impl Other {
    fn publishes(&self, path: &str, document: Value) {
        self.documents.lock().insert(format!("{OTHER}{path}"), document);
    }

    fn with_keys(&self, keys: &[&SigningKey]) {
        self.publishes(
            "/.well-known/openid-configuration",
            json!({ "issuer": OTHER, "jwks_uri": format!("{OTHER}/keys") }),
        );
        let keys: Vec<Value> = keys.iter().map(|key| key.public_jwk().clone()).collect();
        self.publishes("/keys", json!({ "keys": keys }));
    }
}

#[async_trait]
impl Fetch for Other {
    async fn ask(&self, question: &Question<'_>) -> Result<(u16, Vec<u8>), String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        let found = self.documents.lock().get(question.url).cloned();
        Ok(found.map_or((404, Vec::new()), |document| (200, document.to_string().into_bytes())))
    }
}

impl Rig {
    fn trust(claims: &[(&str, &str)]) -> Trust {
        let claims = claims.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Trust { issuer: OTHER.parse().unwrap(), audience: None, jwks: None, claims }
    }

    async fn federated(&self, trust: Vec<Trust>) -> Client {
        let spec = ClientSpec {
            auth: ClientAuth::FederatedJwt,
            grants: [GrantType::ClientCredentials].into(),
            trust,
            ..ClientSpec::default()
        };
        self.put("web", spec).await;
        self.provider.client(&self.client).await.unwrap().unwrap()
    }

    /// Whether the token endpoint takes this client for the one that it says.
    async fn calls(&self, assertion: &str) -> bool {
        let form = form(&[
            ("client_id", "web"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ]);
        self.provider.calling_client(&http::HeaderMap::new(), &form, &[ISSUER]).await.is_ok()
    }

    fn says(&self, key: &SigningKey, changed: &[(&str, Value)]) -> String {
        let now = bartizan_model::Clock::now(self.clock.as_ref()).as_secs();
        let mut claims = json!({
            "iss": OTHER, "aud": ISSUER, "sub": "repo:acme/infra", "ref": "refs/heads/main", "iat": now, "exp": now + 300,
        });
        for (name, value) in changed {
            claims[name] = value.clone();
        }
        sign(key, Typ::ClientAssertion, &claims).unwrap()
    }
}

#[tokio::test]
async fn a_client_is_who_the_token_of_another_issuer_says() {
    let (rig, other) = (Rig::new().await, Arc::new(Other::default()));
    rig.provider.asks_by(other.clone());
    let key = SigningKey::generate(SigningAlgorithm::Rs256).unwrap();
    other.with_keys(&[&key]);
    rig.federated(vec![Rig::trust(&[("sub", "repo:acme/infra"), ("ref", "refs/heads/main")])]).await;
    let good = rig.says(&key, &[]);
    assert!(rig.calls(&good).await);
    assert!(rig.calls(&good).await, "a pod has the same one until it ends");
    let now = bartizan_model::Clock::now(rig.clock.as_ref()).as_secs();
    for (name, value) in [
        ("sub", json!("repo:evil/infra")),
        ("ref", json!("refs/heads/other")),
        ("ref", json!(["refs/heads/main"])),
        ("ref", Value::Null),
        ("aud", json!("https://elsewhere.example.org")),
        ("iss", json!("https://tokens.example.net/")),
        ("exp", json!(now - 60)),
        ("exp", json!(now + 25 * 3600)),
        ("nbf", json!(now + 600)),
    ] {
        assert!(!rig.calls(&rig.says(&key, &[(name, value.clone())])).await, "{name} {value}");
    }
    let foreign = SigningKey::generate(SigningAlgorithm::Rs256).unwrap();
    assert!(!rig.calls(&rig.says(&foreign, &[])).await);
    for nonsense in ["", ".", "..", "a.b.c", &good.replace('.', ""), &format!("{good}.x")] {
        assert!(!rig.calls(nonsense).await, "{nonsense}");
    }
    // The word of this issuer is taken for this client, and for no other.
    rig.put_client(false).await;
    assert!(!rig.calls(&good).await);
    rig.federated(vec![Trust { claims: [].into(), ..Rig::trust(&[]) }]).await;
    assert!(!rig.calls(&good).await, "whoever the issuer gives tokens to is not this client");
}

#[tokio::test]
async fn keys_that_are_followed_by_others_are_found_and_nobody_is_asked_more_than_once_a_minute() {
    let (rig, other) = (Rig::new().await, Arc::new(Other::default()));
    rig.provider.asks_by(other.clone());
    let keys = [0, 1].map(|_| SigningKey::generate(SigningAlgorithm::Es256).unwrap());
    other.with_keys(&[&keys[0]]);
    rig.federated(vec![Rig::trust(&[("sub", "repo:acme/infra")])]).await;
    let tokens = [rig.says(&keys[0], &[]), rig.says(&keys[1], &[])];
    let mut calls = tokio::task::JoinSet::new();
    let rig = Arc::new(rig);
    for _ in 0..50 {
        let (rig, token) = (Arc::clone(&rig), tokens[0].clone());
        calls.spawn(async move { rig.calls(&token).await });
    }
    assert!(calls.join_all().await.into_iter().all(|taken| taken));
    assert_eq!(other.asked.load(Ordering::Relaxed), 2, "what it is, and its keys");
    for _ in 0..20 {
        assert!(!rig.calls(&tokens[1]).await);
    }
    assert_eq!(other.asked.load(Ordering::Relaxed), 2);
    other.with_keys(&[&keys[0], &keys[1]]);
    rig.clock.advance(std::time::Duration::from_secs(61));
    let token = rig.says(&keys[1], &[]);
    assert!(rig.calls(&token).await);
    assert_eq!(other.asked.load(Ordering::Relaxed), 4);
    // What cannot be read goes on as it was; what never could be is refused.
    other.documents.lock().clear();
    rig.clock.advance(std::time::Duration::from_secs(3601));
    assert!(rig.calls(&rig.says(&keys[1], &[])).await);
    // But not for ever: they may be withdrawn.
    rig.clock.advance(std::time::Duration::from_secs(24 * 3600));
    assert!(!rig.calls(&rig.says(&keys[1], &[])).await);
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_holds_up_no_other() {
    let clock = Arc::new(bartizan_testkit::FakeClock::default());
    let issuers = Arc::new(crate::issuers::Issuers::new(clock));
    issuers.asks_by(Arc::new(Silent));
    let waits = Arc::clone(&issuers);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move { waits.published("https://silent.example.net", false).await });
    tokio::task::yield_now().await;
    let answered = issuers.published(OTHER, false).await;
    assert!(answered.unwrap_err().ends_with("answers 404"));
    assert!(tasks.try_join_next().is_none());
}

/// Where one never answers.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl Fetch for Silent {
    async fn ask(&self, question: &Question<'_>) -> Result<(u16, Vec<u8>), String> {
        if question.url.starts_with(OTHER) {
            return Ok((404, Vec::new()));
        }
        std::future::pending().await
    }
}

#[tokio::test]
async fn what_an_issuer_publishes_is_believed_only_about_itself() {
    let (rig, other) = (Rig::new().await, Arc::new(Other::default()));
    rig.provider.asks_by(other.clone());
    let key = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    rig.federated(vec![Rig::trust(&[("sub", "repo:acme/infra")])]).await;
    let about = "/.well-known/openid-configuration";
    for document in [
        json!({ "issuer": "https://evil.example.net", "jwks_uri": format!("{OTHER}/keys") }),
        json!({ "issuer": OTHER, "jwks_uri": "http://127.0.0.1/keys" }),
        json!({ "issuer": OTHER, "jwks_uri": "file:///etc/passwd" }),
        json!({ "issuer": OTHER }),
        json!([]),
    ] {
        other.with_keys(&[&key]);
        other.publishes(about, document.clone());
        assert!(!rig.calls(&rig.says(&key, &[])).await, "{document}");
        rig.clock.advance(std::time::Duration::from_secs(61));
    }
    // Keys of other kinds beside it are for others.
    other.with_keys(&[&key]);
    let mixed =
        json!({ "keys": [{ "kty": "oct", "k": "x" }, { "kty": "EC", "crv": "P-521" }, key.public_jwk()] });
    other.publishes("/keys", mixed);
    assert!(rig.calls(&rig.says(&key, &[])).await);
    // Keys that were written down need nobody.
    let written = Trust {
        jwks: Some(json!({ "keys": [key.public_jwk()] })),
        ..Rig::trust(&[("sub", "repo:acme/infra")])
    };
    let other_audience = Trust { audience: Some(String::from("sts")), ..written.clone() };
    rig.federated(vec![written]).await;
    let before = other.asked.load(Ordering::Relaxed);
    assert!(rig.calls(&rig.says(&key, &[])).await);
    rig.federated(vec![other_audience]).await;
    assert!(!rig.calls(&rig.says(&key, &[])).await);
    assert!(rig.calls(&rig.says(&key, &[("aud", json!("sts"))])).await);
    assert_eq!(other.asked.load(Ordering::Relaxed), before);
}
