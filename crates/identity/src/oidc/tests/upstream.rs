//! What identity providers of others say, as far as it is believed.

use std::sync::Arc;

use async_trait::async_trait;
use bartizan_pki::{SigningAlgorithm, SigningKey};
use bartizan_store::{ChangeSet, Expect, SecretWrite, Write};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::*;
use crate::federation::away::{Away, Toward};
use crate::federation::said::{Brought, Said, Unsaid};
use crate::federation::{Federation, IdentityProvider, secret_of_provider};
use crate::issuers::{Fetch, Question};
use crate::jose::{Typ, sign};

const CONTOSO: &str = "https://login.contoso.example";

type Answer = Result<(u16, Vec<u8>), String>;

/// An identity provider, and what it was asked for.
#[derive(Debug)]
struct Contoso {
    key: SigningKey,
    about: Mutex<Value>,
    token: Mutex<String>,
    more: Mutex<Value>,
    forms: Mutex<Vec<(String, Option<String>)>>,
    /// What is answered in the place of tokens.
    instead: Mutex<Option<Answer>>,
}

impl Contoso {
    fn new() -> Arc<Self> {
        let about = json!({
            "issuer": CONTOSO,
            "jwks_uri": format!("{CONTOSO}/keys"),
            "authorization_endpoint": format!("{CONTOSO}/authorize?tenant=7"),
            "token_endpoint": format!("{CONTOSO}/token"),
            "userinfo_endpoint": format!("{CONTOSO}/me"),
            "authorization_response_iss_parameter_supported": true,
        });
        Arc::new(Self {
            key: SigningKey::generate(SigningAlgorithm::Rs256).unwrap(),
            about: Mutex::new(about),
            token: Mutex::default(),
            more: Mutex::new(json!({ "sub": "ida-7" })),
            forms: Mutex::default(),
            instead: Mutex::default(),
        })
    }
}

#[async_trait]
impl Fetch for Contoso {
    async fn ask(&self, question: &Question<'_>) -> Result<(u16, Vec<u8>), String> {
        let answer = match question.url.strip_prefix(CONTOSO) {
            Some("/.well-known/openid-configuration") => self.about.lock().clone(),
            Some("/keys") => json!({ "keys": [self.key.public_jwk()] }),
            Some("/token") => {
                if let Some(instead) = self.instead.lock().clone() {
                    return instead;
                }
                let said = |secret: Option<&Secret<String>>| secret.map(|secret| secret.expose(Clone::clone));
                self.forms.lock().push((said(question.form).unwrap(), said(question.authorization)));
                json!({ "id_token": *self.token.lock(), "access_token": "at", "token_type": "Bearer" })
            }
            Some("/me") => self.more.lock().clone(),
            _ => return Ok((404, Vec::new())),
        };
        Ok((200, answer.to_string().into_bytes()))
    }
}

struct Upstream {
    rig: Rig,
    contoso: Arc<Contoso>,
    federation: Federation,
    away: Away,
    provider: IdentityProvider,
}

impl Upstream {
    async fn new(more: Value) -> Self {
        let (rig, contoso) = (Rig::new().await, Contoso::new());
        rig.provider.asks_by(contoso.clone());
        let federation = Federation::new(&rig.provider);
        let mut spec = json!({ "issuer": CONTOSO, "client_id": "bartizan", "auth": "client_secret_basic" });
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let name: bartizan_model::ProviderName = "contoso".parse().unwrap();
        let mut change = ChangeSet::new("test", bartizan_model::Clock::now(rig.clock.as_ref()));
        let (kind, lookups, expect) = (ObjectKind::Provider, Vec::new(), Expect::Absent);
        change.writes.push(Write::Put { kind, name: name.to_string(), spec, lookups, expect });
        let value = Secret::new(b"s3cret:/+".to_vec());
        change.secrets.push(SecretWrite::Put { name: secret_of_provider(&name), value });
        rig.store.commit(change).await.unwrap();
        let provider = federation.provider(&name).await.unwrap().unwrap();
        let away = Away::new(name, Toward::SignIn, &bartizan_testkit::SeededEntropy::new(5));
        Self { rig, contoso, federation, away, provider }
    }

    fn claims(&self) -> Value {
        let now = bartizan_model::Clock::now(self.rig.clock.as_ref()).as_secs();
        json!({
            "iss": CONTOSO, "aud": "bartizan", "sub": "ida-7", "nonce": self.away.nonce(),
            "iat": now, "exp": now + 300, "auth_time": now - 40,
        })
    }

    /// What is made of a token that says this.
    async fn says(&self, changed: &[(&str, Value)]) -> Result<Said, Unsaid> {
        let mut claims = self.claims();
        for (name, value) in changed {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        self.gives(sign(&self.contoso.key, Typ::IdToken, &claims).unwrap()).await
    }

    async fn gives(&self, token: String) -> Result<Said, Unsaid> {
        *self.contoso.token.lock() = token;
        let brought = Brought { code: Some("c0de"), iss: Some(CONTOSO), error: None };
        self.brings(brought).await
    }

    async fn brings(&self, brought: Brought<'_>) -> Result<Said, Unsaid> {
        self.federation.said(self.provider.clone(), &self.away, brought).await.unwrap()
    }
}

#[tokio::test]
async fn what_a_provider_says_is_believed_if_it_is_all_that_it_must_be() {
    let upstream = Upstream::new(json!({})).await;
    let now = bartizan_model::Clock::now(upstream.rig.clock.as_ref());
    let said = upstream.says(&[]).await.unwrap();
    assert_eq!((said.subject(), said.signed_in().map(|at| now.since(at).as_secs())), ("ida-7", Some(40)));
    assert!(!said.is_strong(), "unless somebody says so");
    // What it was asked for, and with what.
    let (form, authorization) = upstream.contoso.forms.lock().pop().unwrap();
    let verifier = upstream.away.verifier().expose(Clone::clone);
    for part in ["grant_type=authorization_code", "code=c0de", &format!("code_verifier={verifier}")] {
        assert!(form.split('&').any(|pair| pair == part), "{part} is in {form}");
    }
    // Each half is escaped before both are put together (RFC 6749, 2.3.1).
    assert_eq!(authorization.as_deref(), Some("Basic YmFydGl6YW46czNjcmV0JTNBJTJGJTJC"));
    // One of a provider whose clock says that they sign in later is of now.
    let later = upstream.says(&[("auth_time", json!(now.as_secs() + 20))]).await.unwrap();
    assert_eq!(later.signed_in(), Some(now));
    assert_eq!(upstream.says(&[("auth_time", Value::Null)]).await.unwrap().signed_in(), None);
    assert!(upstream.says(&[("aud", json!(["bartizan", "else"])), ("azp", json!("bartizan"))]).await.is_ok());
    let secs = now.as_secs();
    for (name, value) in [
        ("iss", json!("https://login.contoso.example/")),
        ("iss", json!([CONTOSO])),
        ("aud", json!("else")),
        ("aud", json!(["bartizan", "else"])),
        ("azp", json!("else")),
        ("azp", json!(7)),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!("x".repeat(256))),
        ("nonce", Value::Null),
        ("nonce", json!("another")),
        ("nonce", json!([upstream.away.nonce()])),
        ("exp", Value::Null),
        ("exp", json!(secs - 1)),
        ("exp", json!(secs + 25 * 3600)),
        ("iat", Value::Null),
        ("iat", json!(secs + 120)),
        ("nbf", json!(secs + 120)),
        ("auth_time", json!("now")),
    ] {
        let made = upstream.says(&[(name, value.clone())]).await;
        assert_eq!(made.err(), Some(Unsaid::NotBelieved), "{name} {value}");
    }
}

#[tokio::test]
async fn a_token_of_another_kind_or_key_is_no_sign_in() {
    let upstream = Upstream::new(json!({})).await;
    let (claims, key) = (upstream.claims(), &upstream.contoso.key);
    let good = sign(key, Typ::IdToken, &claims).unwrap();
    assert!(upstream.gives(good.clone()).await.is_ok());
    let foreign = SigningKey::generate(SigningAlgorithm::Rs256).unwrap();
    let (head, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let coded = |text: &str| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    };
    for bad in [
        sign(key, Typ::AccessToken, &claims).unwrap(),
        sign(key, Typ::LogoutToken, &claims).unwrap(),
        sign(&foreign, Typ::IdToken, &claims).unwrap(),
        format!("{}.{payload}.", coded(r#"{"alg":"none"}"#)),
        format!("{}.{payload}.{signature}", coded(&format!(r#"{{"alg":"HS256","kid":"{}"}}"#, key.id()))),
        format!("{head}.{}.{signature}", coded(&claims.to_string().replace("ida-7", "eve-1"))),
        format!("{head}.{payload}."),
        String::new(),
        "x".repeat(20_000),
    ] {
        let shown: String = bad.chars().take(80).collect();
        assert_eq!(upstream.gives(bad).await.err(), Some(Unsaid::NotBelieved), "{shown}");
    }
}

#[tokio::test]
async fn an_answer_of_one_provider_is_not_taken_for_that_of_another() {
    let upstream = Upstream::new(json!({})).await;
    *upstream.contoso.token.lock() = sign(&upstream.contoso.key, Typ::IdToken, &upstream.claims()).unwrap();
    let code = Some("c0de");
    let bring = async |iss, code, error| upstream.brings(Brought { code, error, iss }).await.map(drop);
    assert_eq!(bring(Some("https://evil.example"), code, None).await, Err(Unsaid::NotBelieved));
    assert_eq!(bring(None, code, None).await, Err(Unsaid::NotBelieved), "it says that it names itself");
    assert!(upstream.contoso.forms.lock().is_empty(), "no code was sent to anybody");
    assert_eq!(bring(Some(CONTOSO), None, Some("access_denied")).await, Err(Unsaid::Refused));
    assert_eq!(bring(Some(CONTOSO), None, None).await, Err(Unsaid::Refused));
    let long = "c".repeat(5000);
    assert_eq!(bring(Some(CONTOSO), Some(long.as_str()), None).await, Err(Unsaid::Refused));
    assert_eq!(bring(Some(CONTOSO), code, None).await, Ok(()));
}

#[tokio::test]
async fn a_provider_that_fails_signs_nobody_in_and_is_asked_again_the_next_time() {
    let upstream = Upstream::new(json!({})).await;
    for instead in [
        Err(String::from("it does not answer in time")),
        Ok((500, b"<html>".to_vec())),
        Ok((400, br#"{"error":"invalid_grant"}"#.to_vec())),
        Ok((200, Vec::new())),
        Ok((200, b"[]".to_vec())),
        Ok((200, br#"{"id_token":"a","id_token":"b"}"#.to_vec())),
        Ok((200, vec![b'['; 100_000])),
        Ok((302, Vec::new())),
    ] {
        *upstream.contoso.instead.lock() = Some(instead.clone());
        assert_eq!(upstream.says(&[]).await.err(), Some(Unsaid::Unreachable), "{instead:?}");
    }
    *upstream.contoso.instead.lock() = Some(Ok((200, br#"{"access_token":"at"}"#.to_vec())));
    assert_eq!(upstream.says(&[]).await.err(), Some(Unsaid::NotBelieved));
    *upstream.contoso.instead.lock() = None;
    assert!(upstream.says(&[]).await.is_ok());
}

#[tokio::test]
async fn what_is_told_beside_the_token_is_about_the_same_person_and_counts_less() {
    let rules = json!({
        "creates": true, "domains": ["contoso.example"],
        "groups": [{ "claim": "roles", "value": "boss", "group": "bosses" }, { "claim": "roles", "value": "clerk", "group": "clerks" }],
    });
    let upstream = Upstream::new(rules).await;
    *upstream.contoso.more.lock() = json!({ "sub": "eve-1", "roles": ["boss"] });
    assert_eq!(upstream.says(&[]).await.err(), Some(Unsaid::NotBelieved));
    *upstream.contoso.more.lock() =
        json!({ "sub": "ida-7", "roles": ["boss"], "preferred_username": "Ida", "name": "Mallory" });
    let said = upstream.says(&[("name", json!("Ida"))]).await.unwrap();
    let (joins, leaves) = said.groups();
    assert_eq!((joins.len(), leaves.len()), (1, 1));
    assert!(joins.contains(&"bosses".parse().unwrap()));
    let made = said.attributes().unwrap();
    assert_eq!((made.login.as_str(), made.display.as_str(), made.mail), ("ida", "Ida", None));
    let signed = upstream.says(&[("name", json!("Ida")), ("roles", json!("clerk"))]).await.unwrap();
    assert!(signed.groups().0.contains(&"clerks".parse().unwrap()), "what is signed counts");
}

#[tokio::test]
async fn nobody_is_named_by_an_address_that_is_not_the_providers_or_not_verified() {
    let rules = json!({ "creates": true, "login_claim": "email", "domains": ["contoso.example"], "short_login": true });
    let upstream = Upstream::new(rules).await;
    let name = |mail: &str, verified: Value| {
        let changed = [("email", json!(mail)), ("email_verified", verified), ("name", json!("N"))];
        let upstream = &upstream;
        async move { upstream.says(&changed).await.unwrap().login() }
    };
    assert_eq!(name("ida@contoso.example", json!(true)).await.as_deref(), Some("ida"));
    assert_eq!(name("ida@CONTOSO.example", json!(true)).await.as_deref(), Some("ida"));
    for (mail, verified) in [
        ("ida@contoso.example", json!(false)),
        ("ida@contoso.example", json!("true")),
        ("ida@contoso.example", Value::Null),
        ("ida@evil.example", json!(true)),
        ("ida@contoso.example@evil.example", json!(true)),
        ("@contoso.example", json!(true)),
        ("i da@contoso.example", json!(true)),
    ] {
        assert_eq!(name(mail, verified.clone()).await, None, "{mail} {verified}");
    }
    // One without a domain is not an address, so nobody can say whose it is.
    assert_eq!(name("ida", json!(true)).await.as_deref(), Some("ida"));
}

#[tokio::test]
async fn two_factors_are_two_if_an_administrator_says_by_what() {
    for (rule, claims, strong) in [
        (json!({ "second_factor": "here" }), json!(["mfa"]), false),
        (json!({ "second_factor": "there" }), json!([]), true),
        (json!({ "second_factor": "said", "amr": ["mfa", "hwk"] }), json!(["pwd", "mfa"]), true),
        (json!({ "second_factor": "said", "amr": ["mfa"] }), json!(["pwd"]), false),
        (json!({ "second_factor": "said", "amr": ["mfa"] }), json!("mfa"), true),
        (json!({ "second_factor": "said", "amr": ["mfa"] }), json!({ "mfa": true }), false),
        (json!({ "second_factor": "said", "amr": [] }), json!(["mfa"]), false),
    ] {
        let upstream = Upstream::new(rule.clone()).await;
        let said = upstream.says(&[("amr", claims.clone())]).await.unwrap();
        assert_eq!(said.is_strong(), strong, "{rule} {claims}");
        assert!(said.amr().contains("fed"));
    }
    let upstream = Upstream::new(json!({ "second_factor": "said", "acr": ["urn:2"] })).await;
    assert!(upstream.says(&[("acr", json!("urn:2"))]).await.unwrap().is_strong());
    assert!(!upstream.says(&[("acr", json!("urn:1"))]).await.unwrap().is_strong());
    // What is taken over into a session is bounded.
    let many: Vec<String> =
        (0..50).map(|n| format!("m{n}")).chain(["x".repeat(99), String::from("a b")]).collect();
    assert!(upstream.says(&[("amr", json!(many))]).await.unwrap().amr().len() <= 9);
}

#[tokio::test]
async fn a_browser_is_led_to_the_provider_with_what_only_we_can_answer_for() {
    let upstream = Upstream::new(json!({ "second_factor": "there", "scopes": ["profile"] })).await;
    let way = async |away: &Away| upstream.federation.way_there(&upstream.provider, away, 2, "de").await;
    let there = way(&upstream.away).await.unwrap();
    assert!(there.starts_with(&format!("{CONTOSO}/authorize?tenant=7&response_type=code&")), "{there}");
    for part in [
        "client_id=bartizan",
        "scope=openid%20profile",
        "code_challenge_method=S256",
        "ui_locales=de",
        "max_age=43200",
        &format!("state=2.{}", upstream.away.state(2).strip_prefix("2.").unwrap()),
        &format!("nonce={}", upstream.away.nonce()),
        &format!("code_challenge={}", upstream.away.challenge()),
    ] {
        assert!(there.split('&').any(|pair| pair == part), "{part} is in {there}");
    }
    let anew =
        Away::new("contoso".parse().unwrap(), Toward::Confirm, &bartizan_testkit::SeededEntropy::new(6));
    assert!(way(&anew).await.unwrap().contains("&prompt=login&max_age=0"));
    // One that does not say where people sign in leads nowhere.
    upstream.contoso.about.lock().as_object_mut().unwrap().remove("authorization_endpoint");
    upstream.rig.clock.advance(std::time::Duration::from_secs(3601));
    assert!(way(&upstream.away).await.is_err());
}

#[tokio::test]
async fn a_logout_token_ends_what_it_says_once_and_nothing_else() {
    let upstream = Upstream::new(json!({})).await;
    let now = bartizan_model::Clock::now(upstream.rig.clock.as_ref()).as_secs();
    let token = |changed: &[(&str, Value)]| {
        let mut claims = json!({
            "iss": CONTOSO, "aud": "bartizan", "sub": "ida-7", "sid": "there-1", "jti": "one", "iat": now, "exp": now + 120,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        for (name, value) in changed {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        sign(&upstream.contoso.key, Typ::LogoutToken, &claims).unwrap()
    };
    let left = async |token: String| upstream.federation.left(&token).await.unwrap();
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("else")),
        ("nonce", json!("a")),
        ("events", Value::Null),
        ("events", json!({})),
        ("events", json!("http://schemas.openid.net/event/backchannel-logout")),
        ("jti", Value::Null),
        ("iat", Value::Null),
        ("iat", json!(now - 3600)),
        ("exp", json!(now - 1)),
        ("exp", Value::Null),
        ("exp", json!(now + 3600)),
    ] {
        assert!(left(token(&[(name, value.clone())])).await.is_err(), "{name} {value}");
    }
    assert!(left(token(&[("sub", Value::Null), ("sid", Value::Null)])).await.is_err(), "it says nothing");
    assert!(left(String::from("x.y.z")).await.is_err());
    // An ID token is not a logout token, nor the other way round.
    let id = sign(&upstream.contoso.key, Typ::IdToken, &upstream.claims()).unwrap();
    assert!(left(id).await.is_err());
    let said = left(token(&[])).await.unwrap();
    let sign_in = upstream.says(&[("sid", json!("there-1"))]).await.unwrap().by();
    assert_eq!((said.subject.as_ref(), said.session), (Some(&sign_in.subject), sign_in.session));
    assert_eq!(left(token(&[])).await.unwrap_err(), "it came before");
    let of_all = left(token(&[("sid", Value::Null), ("jti", json!("two"))])).await.unwrap();
    assert_eq!((of_all.subject, of_all.session), (Some(sign_in.subject), None));
}

/// Where nothing has to be written.
#[derive(Debug)]
struct Nothing;

#[async_trait]
impl crate::Arrivals for Nothing {
    async fn arrived(
        &self,
        arrival: &crate::Arrival,
    ) -> Result<Option<bartizan_model::UserId>, crate::Error> {
        panic!("nothing is written of {arrival:?}")
    }
}

impl Upstream {
    /// A key for events of nobody.
    async fn record_strangers(&self) {
        let pair = bartizan_pki::SealingKeyPair::generate().unwrap();
        let spec = json!({ "public": URL_SAFE_NO_PAD.encode(pair.public()) });
        let name = bartizan_model::SealingKeyId::from_bytes([9; 16]).to_string();
        let mut change = ChangeSet::new("test", bartizan_model::Timestamp::from_micros(1));
        let (kind, lookups, expect) = (ObjectKind::SealingKey, Vec::new(), Expect::Absent);
        change.writes.push(Write::Put { kind, name, spec, lookups, expect });
        self.rig.store.commit(change).await.unwrap();
    }

    /// Ada is whom the provider calls `ida-7`.
    async fn link(&self) {
        let (people, user) = (&self.rig.people, self.rig.user);
        let stored = people.stored(user).await.unwrap().unwrap();
        let mut person = stored.person.clone();
        let profile = person.attributes.as_mut().unwrap().profile.get_or_insert_default();
        profile.external.insert(CONTOSO.to_owned(), String::from("ida-7"));
        let mut change = ChangeSet::new("test", bartizan_model::Clock::now(self.rig.clock.as_ref()));
        change.writes.push(people.prepare_change(&stored, &person).await.unwrap());
        self.rig.store.commit(change).await.unwrap();
    }

    /// Somebody leaves, and `meanwhile` something happens before they come back.
    async fn round<M: Future<Output = ()>>(&self, meanwhile: M) -> crate::Step {
        let flow = &self.rig.flow;
        let attempt = flow.leave(&flow.attempts().start(None), &self.provider.name, Toward::SignIn);
        self.back(&attempt, meanwhile).await
    }

    async fn back<M: Future<Output = ()>>(&self, attempt: &crate::Attempt, meanwhile: M) -> crate::Step {
        let mut claims = self.claims();
        claims["nonce"] = json!(attempt.away().unwrap().nonce());
        *self.contoso.token.lock() = sign(&self.contoso.key, Typ::IdToken, &claims).unwrap();
        meanwhile.await;
        let visit = crate::Visit {
            source: std::net::IpAddr::from([127, 0, 0, 1]),
            user_agent: None,
            request_id: bartizan_model::RequestId::from_bytes([3; 16]),
            device: None,
            provider: None,
        };
        let brought = Brought { code: Some("c0de"), iss: Some(CONTOSO), error: None };
        self.rig.flow.come_back(&self.federation, attempt, brought, &visit).await.unwrap()
    }
}

#[tokio::test]
async fn classes_9_and_10_by_a_provider_nobody_signs_in_who_may_not() {
    let upstream = Upstream::new(json!({ "second_factor": "there" })).await;
    upstream.federation.serves("https://auth.example.org", Arc::new(Nothing));
    upstream.record_strangers().await;
    let unlinked = upstream.round(async {}).await;
    assert!(matches!(unlinked, crate::Step::StartOver(crate::Over::NoAccount)), "{unlinked:?}");
    upstream.link().await;
    let people = &upstream.rig.people;
    let user = upstream.rig.user;
    let sessions = async || upstream.rig.flow.sign_ins().list(Some(user)).await.unwrap().len();
    let before = sessions().await;
    // Once, and not again by the same way there.
    let flow = &upstream.rig.flow;
    let left = flow.leave(&flow.attempts().start(None), &upstream.provider.name, Toward::SignIn);
    let first = upstream.back(&left, async {}).await;
    assert!(matches!(first, crate::Step::SignedIn(_)), "{first:?}");
    let again = upstream.back(&left, async {}).await;
    assert!(matches!(again, crate::Step::StartOver(crate::Over::Answered)), "{again:?}");
    assert_eq!(sessions().await, before + 1);
    let disable = async { drop(people.set_state(user, UserState::Disabled, "test").await.unwrap()) };
    assert!(matches!(upstream.round(disable).await, crate::Step::StartOver(_)));
    people.set_state(user, UserState::Active, "test").await.unwrap();
    assert!(matches!(upstream.round(async {}).await, crate::Step::SignedIn(_)));
    // The provider is not asked any more, though it could answer.
    let (store, name) = (&upstream.rig.store, upstream.provider.name.as_str());
    let mut spec = serde_json::to_value(&upstream.provider.spec).unwrap();
    spec["disabled"] = json!(true);
    let put = |spec: Value| async move {
        let mut change = ChangeSet::new("test", bartizan_model::Timestamp::from_micros(1));
        let (kind, lookups, expect) = (ObjectKind::Provider, Vec::new(), Expect::Any);
        change.writes.push(Write::Put { kind, name: name.to_owned(), spec, lookups, expect });
        store.commit(change).await.unwrap();
    };
    let asked = upstream.contoso.forms.lock().len();
    let refused = upstream.round(put(spec.clone())).await;
    assert!(matches!(refused, crate::Step::StartOver(crate::Over::NotVouchedFor)), "{refused:?}");
    assert_eq!(upstream.contoso.forms.lock().len(), asked);
    spec["disabled"] = json!(false);
    put(spec).await;
    upstream.rig.clock.advance(std::time::Duration::from_secs(601));
    let late = upstream.back(&left, async {}).await;
    assert!(matches!(late, crate::Step::StartOver(crate::Over::Late)), "{late:?}");
    // Deleted, with the link.
    let gone = async {
        let mut change = ChangeSet::new("test", bartizan_model::Timestamp::from_micros(1));
        let (kind, name, expect) = (ObjectKind::User, user.to_string(), Expect::Any);
        change.writes.push(Write::Delete { kind, name, expect });
        store.commit(change).await.unwrap();
    };
    assert!(matches!(upstream.round(gone).await, crate::Step::StartOver(crate::Over::NoAccount)));
}
