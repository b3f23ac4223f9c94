//! Passkeys, made and used by an authenticator that others wrote, and by one that lies.

use std::sync::Arc;
use std::time::Duration;

use bartizan_identity::{
    Attempt, CodePurpose, Confirmation, Error, FactorChange, PasskeyKey, RelyingParty, SignedIn, Step, Wrong,
};
use bartizan_model::{SessionId, UserId, UserState};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::SecretKeyT as _;
use passkey::crypto::rust_crypto::{RustCryptoBackend, RustCryptoSecretKey};
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::Url;

use crate::rig::{Rig, Somebody, is_over};

const HOST: &str = "auth.example.org";
const ORIGIN: &str = "https://auth.example.org:8443";

/// Flags of authenticator data (Web Authentication, 6.1).
pub(crate) const PRESENT: u8 = 1;
pub(crate) const VERIFIED: u8 = 4;
pub(crate) const ELIGIBLE: u8 = 8;
pub(crate) const BACKED_UP: u8 = 16;

pub(crate) fn party() -> RelyingParty {
    RelyingParty::new("Rowing Club", HOST, ORIGIN).unwrap()
}

/// Whoever sits at the authenticator is there, and shows their finger if it has a reader.
#[derive(Clone, Copy)]
struct Finger(bool);

#[async_trait::async_trait]
impl UserValidationMethod for Finger {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Self::PasskeyItem>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification: verification && self.0 })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        self.0.then_some(true)
    }
}

/// A device with an authenticator in it.
#[derive(Clone)]
pub(crate) struct Device {
    finger: Finger,
    held: Option<Passkey>,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self { finger: Finger(true), held: None }
    }

    fn without_reader() -> Self {
        Self { finger: Finger(false), held: None }
    }

    pub(crate) async fn create(&mut self, options: &str) -> Value {
        let public_key: Value = serde_json::from_str(options).unwrap();
        let request = json!({ "publicKey": public_key });
        let request: CredentialCreationOptions = serde_json::from_value(request).unwrap();
        let origin = Url::parse(ORIGIN).unwrap();
        let store = self.held.clone();
        let mut client =
            Client::new(Authenticator::new(Aaguid::new_empty(), store, self.finger, RustCryptoBackend))
                .user_verification_when_preferred(self.finger.0);
        let made = client.register(&origin, request, DefaultClientData).await.unwrap();
        self.held.clone_from(client.authenticator().store());
        as_browsers_write(serde_json::to_value(made).unwrap())
    }

    async fn show(&mut self, options: &str) -> String {
        let mut public_key: Value = serde_json::from_str(options).unwrap();
        if public_key["allowCredentials"] == json!([]) {
            public_key.as_object_mut().unwrap().remove("allowCredentials");
        }
        let request = json!({ "publicKey": public_key });
        let request: CredentialRequestOptions = serde_json::from_value(request).unwrap();
        let origin = Url::parse(ORIGIN).unwrap();
        let store = self.held.clone();
        let mut client =
            Client::new(Authenticator::new(Aaguid::new_empty(), store, self.finger, RustCryptoBackend))
                .user_verification_when_preferred(self.finger.0);
        let shown = client.authenticate(&origin, request, DefaultClientData).await.unwrap();
        self.held.clone_from(client.authenticator().store());
        as_browsers_write(serde_json::to_value(&shown).unwrap()).to_string()
    }

    /// What an authenticator would say that says whatever one likes.
    pub(crate) fn say(&self, options: &str, lie: &Lie) -> String {
        let held = self.held.as_ref().unwrap();
        let options: Value = serde_json::from_str(options).unwrap();
        let challenge =
            lie.challenge.clone().unwrap_or_else(|| options["challenge"].as_str().unwrap().into());
        let mut client_data = json!({ "type": lie.kind, "challenge": challenge, "origin": lie.origin, "crossOrigin": lie.crossed });
        if lie.crossed {
            client_data["topOrigin"] = json!("https://evil.example");
        }
        let client_data = client_data.to_string();
        let mut data = bartizan_pki::sha256(lie.host.as_bytes()).to_vec();
        data.push(lie.flags);
        data.extend(lie.counter.to_be_bytes());
        let mut key = RustCryptoSecretKey::from_cose_key(&held.key).unwrap();
        let mut signed = data.clone();
        signed.extend(bartizan_pki::sha256(client_data.as_bytes()));
        let mut signature = key.sign(&signed);
        if lie.forged {
            signature = key.sign(b"something else");
        }
        let id = URL_SAFE_NO_PAD.encode(&*held.credential_id);
        json!({
            "id": id, "rawId": id, "type": lie.what,
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature),
                "userHandle": lie.handle.map(|user| URL_SAFE_NO_PAD.encode(user.as_bytes())),
            },
        })
        .to_string()
    }
}

/// The library writes bytes as lists of numbers, browsers write them in base64url.
fn as_browsers_write(value: Value) -> Value {
    match value {
        Value::Array(list) if list.iter().all(Value::is_number) && !list.is_empty() => {
            let bytes: Vec<u8> =
                list.iter().map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap()).collect();
            json!(URL_SAFE_NO_PAD.encode(bytes))
        }
        Value::Object(fields) => {
            fields.into_iter().map(|(name, field)| (name, as_browsers_write(field))).collect()
        }
        other => other,
    }
}

/// What is said by an authenticator that need not tell the truth.
#[derive(Clone)]
pub(crate) struct Lie {
    pub(crate) what: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) origin: &'static str,
    pub(crate) host: &'static str,
    pub(crate) challenge: Option<String>,
    pub(crate) crossed: bool,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    pub(crate) forged: bool,
    pub(crate) handle: Option<UserId>,
}

impl Lie {
    pub(crate) fn none() -> Self {
        Self {
            what: "public-key",
            kind: "webauthn.get",
            origin: ORIGIN,
            host: HOST,
            challenge: None,
            crossed: false,
            flags: PRESENT | VERIFIED | ELIGIBLE | BACKED_UP,
            counter: 0,
            forged: false,
            handle: None,
        }
    }
}

/// Changes the flags of what an authenticator said of itself when it made a passkey, which nobody signs.
fn with_flags(mut made: Value, flags: u8) -> Value {
    let object = made["response"]["attestationObject"].as_str().unwrap().to_owned();
    let mut bytes = URL_SAFE_NO_PAD.decode(object).unwrap();
    let hash = bartizan_pki::sha256(HOST.as_bytes());
    let at = bytes.windows(32).position(|part| part == hash).unwrap();
    bytes[at + 32] = flags;
    made["response"]["attestationObject"] = json!(URL_SAFE_NO_PAD.encode(bytes));
    made
}

/// With attested credential data (Web Authentication, 6.1).
const ATTESTED: u8 = 64;

impl Rig {
    /// A fresh session of somebody, to change things with.
    async fn own(&self, who: &Somebody) -> (SessionId, UserId) {
        (self.signed_in(who, self.step()).await.session, who.user)
    }

    fn start(&self) -> Attempt {
        self.flow.attempts().start(None)
    }

    /// Adds the passkey that a device makes; what it made goes through `lie` first.
    async fn add(
        &self,
        own: (SessionId, UserId),
        device: &mut Device,
        lie: impl FnOnce(Value) -> Value,
    ) -> FactorChange {
        let attempt = self.start();
        let ask = self.flow.ask_another_passkey(&attempt, &party(), own.1).await.unwrap().unwrap();
        let made = lie(device.create(&ask.options).await).to_string();
        self.flow.add_passkey(own, &attempt, &party(), (&made, "Phone"), &self.visit()).await.unwrap()
    }

    /// A passkey of somebody, who signs in for that with the code of this step.
    pub(crate) async fn enrol_passkey(&self, who: &Somebody) -> Device {
        let (own, mut device) = (self.own(who).await, Device::new());
        assert_eq!(self.add(own, &mut device, |made| made).await, FactorChange::Made);
        self.sign_ins.end(&[own.0], "signed_out", "test").await.unwrap();
        device
    }

    /// Somebody with password, app, and a passkey on a device.
    async fn with_passkey(&self, login: &str) -> (Somebody, Device) {
        let who = self.somebody(login).await;
        let device = self.enrol_passkey(&who).await;
        (who, device)
    }

    async fn by_passkey(&self, device: &mut Device) -> Step {
        let attempt = self.start();
        let ask = self.flow.ask_any_passkey(&attempt, &party()).unwrap().unwrap();
        let shown = device.show(&ask.options).await;
        self.flow.passkey(&attempt, &party(), &shown, &self.visit()).await.unwrap()
    }

    /// What comes of something said in the place of a passkey's word.
    async fn by_lie(&self, device: &Device, lie: &Lie) -> Step {
        let attempt = self.start();
        let ask = self.flow.ask_any_passkey(&attempt, &party()).unwrap().unwrap();
        let said = device.say(&ask.options, lie);
        self.flow.passkey(&attempt, &party(), &said, &self.visit()).await.unwrap()
    }

    async fn keys(&self, user: UserId) -> Vec<PasskeyKey> {
        self.flow.factors().passkeys(user).await.unwrap().iter().map(|passkey| passkey.key()).collect()
    }
}

fn signed_in(step: Step) -> SignedIn {
    let Step::SignedIn(signed_in) = step else { panic!("{step:?}") };
    signed_in
}

fn is_refused(step: &Step) -> bool {
    matches!(step, Step::Wrong(Wrong::Passkey))
}

#[tokio::test]
async fn a_passkey_alone_begins_a_strong_session_that_says_so() {
    let rig = Rig::new().await;
    let (ada, mut device) = rig.with_passkey("ada").await;
    let done = signed_in(rig.by_passkey(&mut device).await);
    assert_eq!((done.user, done.by_passkey), (ada.user, true));
    let session = &rig.sign_ins.list(Some(ada.user)).await.unwrap()[0];
    assert_eq!(session.facts.amr, ["swk", "user"].map(String::from).into());
    assert_eq!((session.facts.level.as_str(), session.facts.mfa_time), ("strong", Some(session.created)));
    assert_eq!(rig.last_step(), ("signin:passkey".into(), "ok".into()));
    let passkeys = rig.flow.factors().passkeys(ada.user).await.unwrap();
    assert_eq!((passkeys[0].name.as_str(), passkeys[0].used), ("Phone", Some(session.created)));
    assert!(passkeys[0].stands_alone() && passkeys[0].is_synced());
    assert_eq!(rig.flow.factors().enrolled(ada.user).await.unwrap().unwrap().passkeys, 1);
}

#[tokio::test]
async fn a_login_name_asks_for_its_passkeys_and_tells_nobody_who_exists() {
    let rig = Rig::new().await;
    let (_, mut device) = rig.with_passkey("ada").await;
    rig.somebody("bob").await;
    let attempt = rig.start();
    let ask = async |login| {
        let ask = rig.flow.ask_passkey_of(&attempt, &party(), login).await.unwrap().unwrap();
        let options: Value = serde_json::from_str(&ask.options).unwrap();
        let ids = options["allowCredentials"].as_array().unwrap();
        let fields: Vec<_> = ids.iter().flat_map(|id| id.as_object().unwrap().keys()).collect();
        assert!(
            (1..=2).contains(&ids.len()) && fields.iter().all(|it| ["id", "type"].contains(&it.as_str()))
        );
        (options["allowCredentials"][0]["id"].clone(), ask.options)
    };
    let (ids, options) = ask(" Ada ").await;
    let shown = device.show(&options).await;
    assert!(shown.contains(ids.as_str().unwrap()));
    signed_in(rig.flow.passkey(&attempt, &party(), &shown, &rig.visit()).await.unwrap());
    // Nobody of that name, and somebody without a passkey: an id that is always the same.
    for login in ["nobody", "bob"] {
        assert_eq!(ask(login).await.0, ask(login).await.0);
    }
    assert_ne!(ask("nobody").await.0, ask("bob").await.0);
}

#[tokio::test]
async fn a_passkey_is_a_second_factor_and_confirms() {
    let rig = Rig::new().await;
    let (ada, mut device) = rig.with_passkey("ada").await;
    let attempt = rig.after_password(&ada).await;
    let ask = rig.flow.ask_their_passkey(&attempt, &party(), ada.user).await.unwrap().unwrap();
    let shown = device.show(&ask.options).await;
    let step = rig.flow.second_passkey(&attempt, &party(), &shown, &rig.visit()).await.unwrap();
    let session = signed_in(step).session;
    let facts = &rig.sign_ins.list(Some(ada.user)).await.unwrap()[0].facts;
    assert_eq!(facts.amr, ["pwd", "swk", "user"].map(String::from).into());

    rig.clock.advance(Duration::from_secs(700));
    let own = (session, ada.user);
    assert!(!rig.flow.is_fresh(session).await.unwrap());
    let attempt = rig.start();
    let ask = rig.flow.ask_their_passkey(&attempt, &party(), ada.user).await.unwrap().unwrap();
    let shown = device.show(&ask.options).await;
    let confirm =
        async || rig.flow.confirm_by_passkey(own, &attempt, &party(), &shown, &rig.visit()).await.unwrap();
    assert!(matches!(confirm().await, Confirmation::Confirmed));
    assert!(rig.flow.is_fresh(session).await.unwrap());
    assert!(matches!(confirm().await, Confirmation::Wrong(Wrong::Passkey)), "once");
    assert_eq!(rig.last_step(), ("signin:confirm_passkey".into(), "used_challenge".into()));
}

#[tokio::test]
async fn a_key_that_never_saw_its_owner_is_a_second_factor_and_nothing_more() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let (own, mut device) = (rig.own(&ada).await, Device::without_reader());
    assert_eq!(rig.add(own, &mut device, |made| made).await, FactorChange::Made);
    assert!(!rig.flow.factors().passkeys(ada.user).await.unwrap()[0].stands_alone());
    // Alone it does not do, even when somebody has set a PIN since.
    for flags in [PRESENT, PRESENT | VERIFIED] {
        let lie = Lie { flags: flags | ELIGIBLE | BACKED_UP, ..Lie::none() };
        assert!(is_refused(&rig.by_lie(&device, &lie).await));
        assert_eq!(rig.last_step(), ("signin:passkey".into(), "not_verified".into()));
    }
    // With the password it does.
    let attempt = rig.after_password(&ada).await;
    let ask = rig.flow.ask_their_passkey(&attempt, &party(), ada.user).await.unwrap().unwrap();
    let shown = device.show(&ask.options).await;
    signed_in(rig.flow.second_passkey(&attempt, &party(), &shown, &rig.visit()).await.unwrap());
}

#[tokio::test]
async fn class_16_what_is_wrong_with_an_assertion_is_told_to_the_record_only() {
    let rig = Rig::new().await;
    let (ada, device) = rig.with_passkey("ada").await;
    let eve = rig.somebody("eve").await;
    let none = Lie::none;
    let cases = [
        ("unreadable_passkey", Lie { what: "password", ..none() }),
        ("unreadable_passkey", Lie { kind: "webauthn.create", ..none() }),
        ("wrong_origin", Lie { origin: "https://auth.example.org", ..none() }),
        ("wrong_origin", Lie { origin: "http://auth.example.org:8443", ..none() }),
        ("wrong_origin", Lie { origin: "https://wiki.example.org:8443", ..none() }),
        ("wrong_origin", Lie { origin: "https://evil.auth.example.org:8443", ..none() }),
        ("wrong_origin", Lie { crossed: true, ..none() }),
        ("wrong_relying_party", Lie { host: "example.org", ..none() }),
        ("wrong_challenge", Lie { challenge: Some("A".repeat(43)), ..none() }),
        ("not_verified", Lie { flags: VERIFIED | ELIGIBLE | BACKED_UP, ..none() }),
        ("not_verified", Lie { flags: PRESENT | ELIGIBLE | BACKED_UP, ..none() }),
        ("wrong_signature", Lie { flags: PRESENT | VERIFIED | BACKED_UP, ..none() }),
        ("wrong_signature", Lie { flags: PRESENT | VERIFIED, ..none() }),
        ("wrong_signature", Lie { forged: true, ..none() }),
        ("wrong_signature", Lie { handle: Some(eve.user), ..none() }),
    ];
    for (reason, lie) in cases {
        assert!(is_refused(&rig.by_lie(&device, &lie).await), "{reason}");
        assert_eq!(rig.last_step(), ("signin:passkey".into(), reason.into()));
        // So many wrong ones from one address would have to wait.
        rig.clock.advance(Duration::from_secs(20));
    }
    assert_eq!(rig.sessions(ada.user).await, 0);
    signed_in(rig.by_lie(&device, &Lie { handle: Some(ada.user), ..none() }).await);
}

#[tokio::test]
async fn class_17_an_origin_that_ends_like_ours_is_not_ours() {
    let rig = Rig::new().await;
    let (_, device) = rig.with_passkey("ada").await;
    for origin in ["https://badauth.example.org:8443", "https://auth.example.org.evil.test:8443"] {
        assert!(is_refused(&rig.by_lie(&device, &Lie { origin, ..Lie::none() }).await), "{origin}");
        assert_eq!(rig.last_step().1, "wrong_origin");
    }
    for (host, origin) in [
        ("example.org", "https://auth.example.org"),
        ("auth.example.org", "http://auth.example.org"),
        ("auth.example.org", "auth.example.org"),
    ] {
        assert!(matches!(RelyingParty::new("x", host, origin), Err(Error::Origin { .. })), "{origin}");
    }
}

#[tokio::test]
async fn class_16_what_is_wrong_with_a_new_passkey_is_refused() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let own = rig.own(&ada).await;
    let client_data = |field: &'static str, value: Value| {
        move |mut made: Value| {
            let text = made["response"]["clientDataJSON"].as_str().unwrap().to_owned();
            let mut data: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
            data[field] = value;
            made["response"]["clientDataJSON"] = json!(URL_SAFE_NO_PAD.encode(data.to_string()));
            made
        }
    };
    let object = |change: fn(Vec<u8>) -> Vec<u8>| {
        move |mut made: Value| {
            let text = made["response"]["attestationObject"].as_str().unwrap().to_owned();
            let bytes = change(URL_SAFE_NO_PAD.decode(text).unwrap());
            made["response"]["attestationObject"] = json!(URL_SAFE_NO_PAD.encode(bytes));
            made
        }
    };
    type Change = Box<dyn FnOnce(Value) -> Value>;
    let cases: Vec<(&str, Change)> = vec![
        ("unreadable_passkey", Box::new(client_data("type", json!("webauthn.get")))),
        ("wrong_origin", Box::new(client_data("origin", json!("https://badauth.example.org:8443")))),
        ("wrong_origin", Box::new(client_data("crossOrigin", json!(true)))),
        ("wrong_challenge", Box::new(client_data("challenge", json!("A".repeat(43))))),
        ("not_verified", Box::new(|made| with_flags(made, ATTESTED | VERIFIED | ELIGIBLE))),
        ("wrong_signature", Box::new(|made| with_flags(made, ATTESTED | PRESENT | VERIFIED | BACKED_UP))),
        (
            "wrong_relying_party",
            Box::new(object(|mut bytes| {
                let hash = bartizan_pki::sha256(HOST.as_bytes());
                let at = bytes.windows(32).position(|part| part == hash).unwrap();
                bytes[at] ^= 1;
                bytes
            })),
        ),
        // Trailing bytes behind the CBOR.
        (
            "unreadable_passkey",
            Box::new(object(|mut bytes| {
                bytes.push(0);
                bytes
            })),
        ),
        ("unreadable_passkey", Box::new(object(|bytes| bytes[..bytes.len() - 1].to_vec()))),
        (
            "unreadable_passkey",
            Box::new(|mut made: Value| {
                made["rawId"] = json!("AAAA");
                made
            }),
        ),
        ("unreadable_passkey", Box::new(|_| json!({ "padding": "x".repeat(20_000) }))),
    ];
    for (place, (reason, change)) in cases.into_iter().enumerate() {
        let refused = rig.add(own, &mut Device::new(), change).await;
        assert_eq!(refused, FactorChange::Wrong(Wrong::NewPasskey), "{place} {reason}");
        assert_eq!(rig.last_step(), ("passkey:add".into(), reason.into()), "{place}");
    }
    assert!(rig.keys(ada.user).await.is_empty());
}

#[tokio::test]
async fn class_16_a_credential_is_one_persons_and_is_added_once() {
    let rig = Rig::new().await;
    let (ada, mut device) = rig.with_passkey("ada").await;
    let eve = rig.somebody("eve").await;
    let own = rig.own(&eve).await;
    let attempt = rig.start();
    let ask = rig.flow.ask_another_passkey(&attempt, &party(), eve.user).await.unwrap().unwrap();
    let made = Device::new().create(&ask.options).await;
    let stolen = device.held.as_ref().unwrap().credential_id.to_vec();
    // The id of Ada's in the place of the new one: it has the same length.
    let mut bytes = URL_SAFE_NO_PAD.decode(made["response"]["attestationObject"].as_str().unwrap()).unwrap();
    let new = URL_SAFE_NO_PAD.decode(made["rawId"].as_str().unwrap()).unwrap();
    let at = bytes.windows(new.len()).position(|part| part == new).unwrap();
    bytes[at..at + new.len()].copy_from_slice(&stolen);
    let mut twin = made.clone();
    twin["response"]["attestationObject"] = json!(URL_SAFE_NO_PAD.encode(bytes));
    twin["rawId"] = json!(URL_SAFE_NO_PAD.encode(&stolen));
    let (twin, made) = (twin.to_string(), made.to_string());
    let add = async |text: &str| {
        rig.flow.add_passkey(own, &attempt, &party(), (text, "Mine"), &rig.visit()).await.unwrap()
    };
    assert_eq!(add(&twin).await, FactorChange::Wrong(Wrong::NewPasskey));
    assert_eq!(rig.last_step(), ("passkey:add".into(), "passkey_taken".into()));
    assert_eq!(add(&made).await, FactorChange::Made);
    assert_eq!(add(&made).await, FactorChange::Wrong(Wrong::NewPasskey), "a challenge is answered once");
    assert_eq!(rig.last_step(), ("passkey:add".into(), "used_challenge".into()));
    assert_eq!(signed_in(rig.by_passkey(&mut device).await).user, ada.user);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_where_there_is_one_key_only() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let (own, mut device) = (rig.own(&ada).await, Device::new());
    let bound = |made| with_flags(made, ATTESTED | PRESENT | VERIFIED);
    assert_eq!(rig.add(own, &mut device, bound).await, FactorChange::Made);
    let say = |counter| Lie { flags: PRESENT | VERIFIED, counter, ..Lie::none() };
    signed_in(rig.by_lie(&device, &say(7)).await);
    let amr = rig.sign_ins.list(Some(ada.user)).await.unwrap();
    assert!(amr.iter().any(|session| session.facts.amr == ["hwk", "user"].map(String::from).into()));
    for counter in [7, 6, 0] {
        assert!(is_refused(&rig.by_lie(&device, &say(counter)).await));
        assert_eq!(rig.last_step(), ("signin:passkey".into(), "counter_went_back".into()));
    }
    signed_in(rig.by_lie(&device, &say(8)).await);
    // What is on several devices counts for itself on each.
    let (eve, synced) = rig.with_passkey("eve").await;
    for counter in [5, 3, 0] {
        signed_in(rig.by_lie(&synced, &Lie { counter, ..Lie::none() }).await);
    }
    assert_eq!(rig.sessions(eve.user).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_who_bring_one_answer_one_is_signed_in() {
    let rig = Arc::new(Rig::new().await);
    let (ada, mut device) = rig.with_passkey("ada").await;
    let attempt = rig.start();
    let ask = rig.flow.ask_any_passkey(&attempt, &party()).unwrap().unwrap();
    let shown = device.show(&ask.options).await;
    let sealed = rig.flow.attempts().seal(&attempt).unwrap();
    let mut tasks = JoinSet::new();
    for last in 0..200 {
        let (rig, shown, sealed) = (rig.clone(), shown.clone(), sealed.clone());
        tasks.spawn(async move {
            let attempt = sealed.expose(|text| rig.flow.attempts().open(text)).unwrap();
            let visit = rig.visit_from([198, 51, 100, last]);
            rig.flow.passkey(&attempt, &party(), &shown, &visit).await.unwrap()
        });
    }
    let steps = tasks.join_all().await;
    assert_eq!(steps.iter().filter(|step| matches!(step, Step::SignedIn(_))).count(), 1);
    assert_eq!(steps.iter().filter(|step| is_over(step)).count(), 199);
    assert_eq!(rig.sessions(ada.user).await, 1);
    // Also for another process over the same store, and for nobody later.
    let flow = rig.reopened().await;
    let attempt = sealed.expose(|text| flow.attempts().open(text)).unwrap();
    assert!(is_over(&flow.passkey(&attempt, &party(), &shown, &rig.visit()).await.unwrap()));
    assert_eq!(rig.last_step(), ("signin:passkey".into(), "used_challenge".into()));
}

#[tokio::test]
async fn what_is_asked_for_is_answered_within_five_minutes() {
    let rig = Rig::new().await;
    let (_, mut device) = rig.with_passkey("ada").await;
    let mut attempt = rig.start();
    let ask = rig.flow.ask_any_passkey(&attempt, &party()).unwrap().unwrap();
    assert_eq!(ask.seconds, 300);
    let shown = device.show(&ask.options).await;
    rig.clock.advance(Duration::from_secs(300));
    assert_eq!(rig.flow.ask_any_passkey(&attempt, &party()).unwrap(), None);
    assert!(is_over(&rig.flow.passkey(&attempt, &party(), &shown, &rig.visit()).await.unwrap()));
    assert_eq!(rig.last_step(), ("signin:passkey".into(), "expired".into()));
    // A page that is shown again asks for something else; what was proved ends when it would have.
    let ends = attempt.ends();
    assert!(rig.flow.attempts().renew_challenge(&mut attempt));
    assert_eq!(attempt.ends(), ends);
    assert!(is_refused(&rig.flow.passkey(&attempt, &party(), &shown, &rig.visit()).await.unwrap()));
    assert_eq!(rig.last_step().1, "wrong_challenge");
}

#[tokio::test]
async fn whoever_is_disabled_or_has_taken_the_passkey_away_is_not_signed_in() {
    let rig = Rig::new().await;
    let (ada, mut device) = rig.with_passkey("ada").await;
    rig.people.set_state(ada.user, UserState::Disabled, "test").await.unwrap();
    assert!(is_refused(&rig.by_passkey(&mut device).await));
    assert_eq!(rig.last_step().1, "disabled");
    rig.people.set_state(ada.user, UserState::Active, "test").await.unwrap();
    rig.clock.advance(Duration::from_secs(60));
    let (own, key) = (rig.own(&ada).await, rig.keys(ada.user).await[0]);
    // What was proved with it before counts no more.
    let under_way = rig.after_password(&ada).await;
    assert_eq!(rig.flow.remove_passkey(own, key, &rig.visit()).await.unwrap(), FactorChange::OthersEnded);
    assert!(is_refused(&rig.by_passkey(&mut device).await));
    assert_eq!(rig.last_step().1, "unknown_passkey");
    rig.clock.advance(Duration::from_secs(60));
    let code = ada.totp.code(rig.step());
    assert!(is_over(&rig.flow.second_totp(&under_way, &code, &rig.visit()).await.unwrap()));
    assert_eq!(rig.last_step().1, "factors_changed");
}

#[tokio::test]
async fn an_invitation_is_claimed_by_a_passkey_alone_and_the_last_way_in_stays() {
    let rig = Rig::new().await;
    let user = rig.newcomer("new").await;
    let link = rig.code(CodePurpose::Claim { user }).await;
    let claimant = rig.flow.claim_look(&link).await.unwrap().unwrap();
    let claim = async |device: &mut Device, lie: fn(Value) -> Value| {
        let attempt = rig.start();
        let ask = rig.flow.ask_first_passkey(&attempt, &party(), &claimant).await.unwrap().unwrap();
        let made = lie(device.create(&ask.options).await).to_string();
        let step = rig.flow.claim_passkey(&attempt, &link, &party(), (&made, "Laptop"), &rig.visit()).await;
        step.unwrap()
    };
    // It has to stand alone.
    let unverified = |made| with_flags(made, ATTESTED | PRESENT | ELIGIBLE);
    let step = claim(&mut Device::new(), unverified).await;
    assert!(matches!(step, Step::Wrong(Wrong::NewPasskey)), "{step:?}");
    assert_eq!(rig.last_step(), ("claim:passkey".into(), "not_verified".into()));
    let mut device = Device::new();
    let done = signed_in(claim(&mut device, |made| made).await);
    assert_eq!(done.recovery_codes.unwrap().codes().len(), 10);
    // Class 15: whoever has the same link enrols nothing.
    assert!(is_over(&claim(&mut Device::new(), |made| made).await));
    assert_eq!(rig.keys(user).await.len(), 1);
    assert_eq!(signed_in(rig.by_passkey(&mut device).await).user, user);

    let (own, key) = ((done.session, user), rig.keys(user).await[0]);
    let last = rig.flow.remove_passkey(own, key, &rig.visit()).await.unwrap();
    assert_eq!(last, FactorChange::Wrong(Wrong::LastWay));
    assert_eq!(rig.last_step(), ("passkey:remove".into(), "last_way".into()));
    // A second factor alone is no way in, another passkey is.
    assert_eq!(rig.add(own, &mut Device::without_reader(), |made| made).await, FactorChange::Made);
    let last = rig.flow.remove_passkey(own, key, &rig.visit()).await.unwrap();
    assert_eq!(last, FactorChange::Wrong(Wrong::LastWay));
    assert_eq!(rig.add(own, &mut Device::new(), |made| made).await, FactorChange::Made);
    assert_eq!(rig.flow.remove_passkey(own, key, &rig.visit()).await.unwrap(), FactorChange::OthersEnded);
    assert_eq!(rig.keys(user).await.len(), 2);
}

#[tokio::test]
async fn passkeys_are_changed_by_who_has_just_proved_who_they_are() {
    let rig = Rig::new().await;
    let (ada, _) = rig.with_passkey("ada").await;
    rig.clock.advance(Duration::from_secs(60));
    let (own, key) = (rig.own(&ada).await, rig.keys(ada.user).await[0]);
    let renamed = rig.flow.rename_passkey(own, key, "  Blue\nlanyard ", &rig.visit()).await.unwrap();
    assert_eq!(renamed, FactorChange::Made);
    assert_eq!(rig.flow.factors().passkeys(ada.user).await.unwrap()[0].name, "Bluelanyard");
    for _ in 1..10 {
        assert_eq!(rig.add(own, &mut Device::new(), |made| made).await, FactorChange::Made);
    }
    let eleventh = rig.add(own, &mut Device::new(), |made| made).await;
    assert_eq!(eleventh, FactorChange::Wrong(Wrong::TooManyPasskeys));
    rig.clock.advance(Duration::from_secs(700));
    assert_eq!(rig.add(own, &mut Device::new(), |made| made).await, FactorChange::NotFresh);
    assert_eq!(rig.flow.remove_passkey(own, key, &rig.visit()).await.unwrap(), FactorChange::NotFresh);
    assert_eq!(rig.keys(ada.user).await.len(), 10);
}

#[tokio::test]
async fn adding_a_passkey_disturbs_nothing_that_is_under_way() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let own = rig.own(&ada).await;
    let link = rig.code(CodePurpose::SignIn { user: ada.user }).await;
    assert_eq!(rig.add(own, &mut Device::new(), |made| made).await, FactorChange::Made);
    assert!(matches!(rig.flow.link(&rig.start(), &link, &rig.visit()).await.unwrap(), Step::Next(_)));
}

#[tokio::test]
async fn whatever_is_brought_is_refused_and_never_more() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let own = rig.own(&ada).await;
    let deep = format!("{}{}", "[".repeat(8_000), "]".repeat(8_000));
    let cbor = URL_SAFE_NO_PAD.encode([0x81; 6_000]);
    let nested = json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key",
        "response": { "clientDataJSON": "e30", "attestationObject": cbor, "authenticatorData": cbor, "signature": "" },
    });
    for text in ["", "{}", "null", &deep, &nested.to_string(), &"x".repeat(100_000)] {
        assert!(is_refused(&rig.flow.passkey(&rig.start(), &party(), text, &rig.visit()).await.unwrap()));
        let added = rig.flow.add_passkey(own, &rig.start(), &party(), (text, ""), &rig.visit()).await;
        assert_eq!(added.unwrap(), FactorChange::Wrong(Wrong::NewPasskey));
    }
}
