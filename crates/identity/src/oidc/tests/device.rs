//! What a device holds is worth as much as whoever allowed it may at that moment; and it is worth it once.

use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use super::rig::{ISSUER, Rig};
use super::{STATES, State, form};
use crate::oidc::device::{Allowing, DeviceCall, Pending, Typed};
use crate::oidc::exchange::Exchange;
use crate::oidc::refusal::{Code, Refusal};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a device was told.
struct Shown {
    device_code: String,
    user_code: String,
}

impl Rig {
    async fn begin_device(&self, fields: &[(&str, &str)], jkt: Option<&str>) -> Result<Value, Refusal> {
        let client = self.provider.client(&self.client).await.unwrap().unwrap();
        let (form, caller) = (form(fields), self.caller());
        let call = DeviceCall { issuer: ISSUER, client: &client, jkt, form: &form, caller: &caller };
        self.provider.begin_device(&call).await
    }

    async fn device(&self) -> Shown {
        let told = self.begin_device(&[("scope", "openid")], None).await.unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Shown { device_code: text("device_code"), user_code: text("user_code") }
    }

    async fn typed(&self, user_code: &str) -> Typed {
        self.provider.typed(user_code, self.user, self.caller().source).await.unwrap()
    }

    async fn pending(&self, user_code: &str) -> Pending {
        match self.typed(user_code).await {
            Typed::Waits(pending) => *pending,
            other => panic!("{other:?}"),
        }
    }

    async fn allow(&self, user_code: &str) -> Allowing {
        let pending = self.pending(user_code).await;
        self.provider.allow_device(pending, &self.caller(), (self.session, self.user)).await.unwrap()
    }

    async fn polls(&self, client: &str, device_code: &str, jkt: Option<&str>) -> Result<Value, Refusal> {
        let unknown = || Refusal::new(Code::InvalidClient, "");
        let client = self.provider.client(&client.parse().unwrap()).await.unwrap().ok_or_else(unknown)?;
        let form = form(&[("grant_type", GRANT), ("device_code", device_code)]);
        let caller = self.caller();
        let exchange = Exchange { issuer: ISSUER, client: &client, jkt, form: &form, caller: &caller };
        self.provider.exchange(&exchange).await
    }

    async fn poll(&self, device_code: &str) -> Result<Value, Code> {
        self.polls("web", device_code, None).await.map_err(|refusal| refusal.code)
    }
}

#[tokio::test]
async fn classes_9_and_10_whoever_may_not_any_more_gives_a_device_nothing() {
    for state in STATES {
        let rig = Rig::new().await;
        let allowed = rig.device().await;
        assert!(matches!(rig.allow(&allowed.user_code).await, Allowing::Allowed), "{state:?}");
        let waits = rig.device().await;
        let pending = rig.pending(&waits.user_code).await;
        rig.become_(state).await;

        let as_before = state == State::AsBefore;
        let got = rig.poll(&allowed.device_code).await;
        assert_eq!(got.is_ok(), as_before, "{state:?}: allowed before: {got:?}");
        let allowing =
            rig.provider.allow_device(pending, &rig.caller(), (rig.session, rig.user)).await.unwrap();
        // Whose factors change is signed out by that, where it is done; the session by itself says nothing of factors.
        let may = as_before || state == State::FactorsChanged;
        // A code is over before a session is.
        let is_allowed = matches!(allowing, Allowing::Allowed);
        assert_eq!(is_allowed, may, "{state:?}: allowed after: {allowing:?}");
        assert_eq!(rig.poll(&waits.device_code).await.is_ok(), may, "{state:?}: after");
    }
}

#[tokio::test]
async fn a_device_is_told_what_it_does_next() {
    let rig = Rig::new().await;
    let told = rig.begin_device(&[("scope", "openid")], None).await.unwrap();
    assert_eq!((&told["expires_in"], &told["interval"]), (&600.into(), &5.into()));
    assert_eq!(told["verification_uri"], format!("{ISSUER}/device"));
    let user_code = told["user_code"].as_str().unwrap();
    assert_eq!(told["verification_uri_complete"], format!("{ISSUER}/device?user_code={user_code}"));
    let device_code = told["device_code"].as_str().unwrap();
    assert_eq!(rig.poll(device_code).await, Err(Code::AuthorizationPending));
    assert_eq!(rig.poll(device_code).await, Err(Code::SlowDown));
    rig.clock.advance(std::time::Duration::from_secs(6));
    assert_eq!(rig.poll(device_code).await, Err(Code::SlowDown), "10 seconds by now");
    rig.clock.advance(std::time::Duration::from_secs(15));
    rig.renew();
    assert_eq!(rig.poll(device_code).await, Err(Code::AuthorizationPending));

    let pending = rig.pending(user_code).await;
    assert_eq!(pending.place.as_ref().unwrap().source, rig.caller().source);
    assert!(rig.provider.deny_device(pending, (rig.session, rig.user)).await.unwrap());
    for _ in 0..2 {
        assert_eq!(rig.poll(device_code).await, Err(Code::AccessDenied));
    }
    assert!(matches!(rig.typed(user_code).await, Typed::Unknown), "decided, so it leads nowhere");

    let late = rig.device().await;
    let pending = rig.pending(&late.user_code).await;
    rig.clock.advance(std::time::Duration::from_secs(600));
    rig.renew();
    assert_eq!(rig.poll(&late.device_code).await, Err(Code::ExpiredToken));
    assert!(matches!(rig.typed(&late.user_code).await, Typed::Unknown));
    drop(pending);
    rig.clock.advance(std::time::Duration::from_secs(600));
    assert_eq!(rig.poll(&late.device_code).await, Err(Code::InvalidGrant));
}

#[tokio::test]
async fn nothing_that_can_be_typed_or_sent_stands_in_the_store() {
    let rig = Rig::new().await;
    let shown = rig.device().await;
    let codes = rig.store.list(bartizan_model::ObjectKind::Code, None, 10).await.unwrap();
    let text = format!("{codes:?}");
    let letters = shown.user_code.replace('-', "");
    for secret in [&shown.device_code, &shown.user_code, &letters, "192.0.2.1"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn who_decides_late_or_twice_decides_nothing() {
    let rig = Rig::new().await;
    let shown = rig.device().await;
    let (first, second) = (rig.pending(&shown.user_code).await, rig.pending(&shown.user_code).await);
    let here = (rig.session, rig.user);
    let form = rig.provider.show_device(&second, rig.session).unwrap();
    let stranger = bartizan_model::SessionId::from_bytes([9; 16]);
    assert!(rig.provider.shown_device(&form, rig.session).await.unwrap().is_some());
    assert!(rig.provider.shown_device(&form, stranger).await.unwrap().is_none(), "of another session");
    assert!(rig.provider.shown_device(&shown.user_code, rig.session).await.unwrap().is_none());
    assert!(rig.provider.deny_device(first, here).await.unwrap());
    assert!(rig.provider.shown_device(&form, rig.session).await.unwrap().is_none(), "decided");
    let late = rig.provider.allow_device(second, &rig.caller(), here).await.unwrap();
    assert!(matches!(late, Allowing::Over));
    assert_eq!(rig.poll(&shown.device_code).await, Err(Code::AccessDenied));

    let shown = rig.device().await;
    let pending = rig.pending(&shown.user_code).await;
    rig.decide_by("");
    let denied = rig.provider.allow_device(pending, &rig.caller(), here).await.unwrap();
    assert!(matches!(denied, Allowing::Denied(_)));
    assert_eq!(rig.poll(&shown.device_code).await, Err(Code::AuthorizationPending));
}

#[tokio::test]
async fn class_12_the_code_of_another_client_is_worth_nothing_to_anybody() {
    let rig = Rig::new().await;
    let shown = rig.device().await;
    rig.allow(&shown.user_code).await;
    rig.put_other_client().await;
    let refused = rig.polls("other", &shown.device_code, None).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidGrant);
    assert_eq!(rig.poll(&shown.device_code).await, Err(Code::InvalidGrant));

    let told = rig.begin_device(&[], Some("a-key")).await.unwrap();
    rig.allow(told["user_code"].as_str().unwrap()).await;
    let device_code = told["device_code"].as_str().unwrap();
    assert_eq!(rig.polls("web", device_code, Some("another")).await.unwrap_err().code, Code::InvalidGrant);
    assert_eq!(rig.polls("web", device_code, Some("a-key")).await.unwrap_err().code, Code::InvalidGrant);

    let told = rig.begin_device(&[], Some("a-key")).await.unwrap();
    rig.allow(told["user_code"].as_str().unwrap()).await;
    let given = rig.polls("web", told["device_code"].as_str().unwrap(), Some("a-key")).await.unwrap();
    assert_eq!(given["token_type"], "DPoP");
}

#[tokio::test]
async fn a_client_asks_for_what_it_may() {
    let rig = Rig::new().await;
    let refused =
        |fields: &'static [(&str, &str)]| async { rig.begin_device(fields, None).await.unwrap_err().code };
    assert_eq!(refused(&[("scope", "openid admin")]).await, Code::InvalidScope);
    assert_eq!(refused(&[("resource", "https://api.example.org")]).await, Code::InvalidTarget);
    rig.put_client_without_devices().await;
    assert_eq!(refused(&[]).await, Code::UnauthorizedClient);
    assert_eq!(rig.poll("bzc_x").await, Err(Code::UnauthorizedClient));
}

#[tokio::test]
async fn of_two_hundred_at_once_one_gets_tokens_and_loses_them_to_the_others() {
    let rig = Arc::new(Rig::new().await);
    let shown = rig.device().await;
    rig.allow(&shown.user_code).await;
    let mut polls = JoinSet::new();
    for _ in 0..200 {
        let (rig, code) = (Arc::clone(&rig), shown.device_code.clone());
        polls.spawn(async move { rig.poll(&code).await });
    }
    let mut given = Vec::new();
    while let Some(polled) = polls.join_next().await {
        match polled.unwrap() {
            Ok(tokens) => given.push(tokens),
            Err(code) => assert_eq!(code, Code::InvalidGrant),
        }
    }
    assert!(given.len() <= 1, "{}", given.len());
    for tokens in given {
        let access = tokens["access_token"].as_str().unwrap();
        assert!(rig.provider.access(access, ISSUER).await.unwrap().is_none());
    }
    assert!(rig.reasons().contains(&String::from("code_reused")));
}

#[tokio::test]
async fn what_was_allowed_outlasts_a_restart_and_is_spent_once() {
    let mut rig = Rig::new().await;
    let shown = rig.device().await;
    rig.allow(&shown.user_code).await;
    rig.restart().await;
    let tokens = rig.poll(&shown.device_code).await.unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    assert!(rig.provider.access(access, ISSUER).await.unwrap().is_some());
    assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string());
    rig.restart().await;
    assert_eq!(rig.poll(&shown.device_code).await, Err(Code::InvalidGrant));
    assert!(rig.provider.access(access, ISSUER).await.unwrap().is_none(), "replayed");
}

#[tokio::test]
async fn who_guesses_codes_waits() {
    let rig = Rig::new().await;
    let shown = rig.device().await;
    let mut waited = 0;
    for _ in 0..20 {
        match rig.typed("BCDF-GHJK").await {
            Typed::Unknown => {}
            Typed::Wait(seconds) => waited = seconds,
            Typed::Waits(pending) => panic!("{pending:?}"),
        }
    }
    assert!(waited > 0);
    assert!(matches!(rig.typed(&shown.user_code).await, Typed::Wait(_)), "a right one is not told either");
    assert!(matches!(rig.typed("no code at all").await, Typed::Unknown), "no guess");
    rig.clock.advance(std::time::Duration::from_secs(60));
    rig.renew();
    assert!(matches!(rig.typed(&shown.user_code).await, Typed::Waits(_)));
    assert!(rig.reasons().contains(&String::from("wrong_code")));
}

#[tokio::test]
async fn one_address_asks_for_few_codes_at_a_time() {
    let rig = Rig::new().await;
    let mut refused = 0;
    for _ in 0..40 {
        if let Err(refusal) = rig.begin_device(&[], None).await {
            assert_eq!(refusal.code, Code::TemporarilyUnavailable);
            refused += 1;
        }
    }
    assert_eq!(refused, 10);
}
