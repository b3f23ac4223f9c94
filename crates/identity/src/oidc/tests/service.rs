//! Programs that get tokens for themselves.

use bartizan_policy::Delta;

use super::*;
use crate::clients::{ClientAuth, GrantType};

const PERMIT: &str = r#"@id("s") permit (principal == Service::"web", action == Action::"token:issue", resource == Client::"web");"#;

impl Rig {
    async fn own_token(&self, scope: &str) -> Result<Value, Refusal> {
        self.exchange(&[("grant_type", "client_credentials"), ("scope", scope)]).await
    }

    /// The sign-ins of services come to the enforcement point, as they do from control.
    pub(super) async fn tell_of_services(&self) {
        let sessions = self.store.list(ObjectKind::Session, None, 100).await.unwrap();
        let facts = sessions.iter().filter_map(|object| session_facts(&object.name, &object.spec));
        self.also(facts.map(Delta::Session).collect());
    }

    /// A token of its own, once the enforcement point knows of the sign-in.
    async fn first_own_token(&self) -> Result<Value, Refusal> {
        self.decide_by(PERMIT);
        let client = self.provider.client(&self.client).await.unwrap().unwrap();
        self.provider.service_session(&client).await.unwrap();
        self.tell_of_services().await;
        self.own_token("").await
    }
}

#[tokio::test]
async fn a_service_gets_tokens_for_itself_and_nothing_that_is_a_persons() {
    let rig = Rig::new().await;
    rig.put_client_with(&["ledger", "profile"], &["https://api.example.org"]).await;
    let tokens = rig.first_own_token().await.unwrap();
    assert_eq!(tokens["scope"], "ledger");
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none(), "{tokens}");
    let token = tokens["access_token"].as_str().unwrap();
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!((&claims["sub"], &claims["client_id"]), (&"service:web".into(), &"web".into()), "{claims}");
    assert_eq!(rig.own_token("openid").await.unwrap_err().code, Code::InvalidScope);
    assert_eq!(rig.own_token("profile").await.unwrap_err().code, Code::InvalidScope);
    // It is nobody, and tells of nobody.
    let access = rig.provider.access(token, ISSUER).await.unwrap().unwrap();
    assert_eq!(rig.provider.userinfo(&access, ISSUER).await.unwrap_err().code, Code::InsufficientScope);
    assert!(rig.introspect(token).await);
    // All of them come of one sign-in, and what is written is written once.
    let before = rig.store.revision().await.unwrap();
    for _ in 0..20 {
        rig.own_token("ledger").await.unwrap();
    }
    assert_eq!(rig.store.revision().await.unwrap(), before);
}

#[tokio::test]
async fn classes_9_and_10_a_service_that_may_not_any_more_gets_and_has_nothing() {
    for state in [State::AsBefore, State::ClientDisabled, State::ClientDeleted, State::PolicyGone] {
        let rig = Rig::new().await;
        let tokens = rig.first_own_token().await.unwrap();
        let token = tokens["access_token"].as_str().unwrap();
        rig.become_(state).await;
        let good = matches!(state, State::AsBefore | State::PolicyGone);
        assert_eq!(rig.provider.access(token, ISSUER).await.unwrap().is_some(), good, "{state:?}");
        assert_eq!(rig.introspect(token).await, good, "{state:?}");
        assert_eq!(rig.own_token("").await.is_ok(), state == State::AsBefore, "{state:?}");
    }
}

#[tokio::test]
async fn a_service_may_only_what_its_client_may() {
    let rig = Rig::new().await;
    let tokens = rig.first_own_token().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    // Whoever may not act for itself any more has no such token either.
    let of_people = [GrantType::AuthorizationCode, GrantType::RefreshToken];
    rig.put_client_that(ClientAuth::ClientSecretBasic, &of_people).await;
    assert_eq!(rig.own_token("").await.unwrap_err().code, Code::UnauthorizedClient);
    assert!(rig.provider.access(token, ISSUER).await.unwrap().is_none());
    // What proves nothing is nobody.
    rig.put_client_that(ClientAuth::None, GrantType::ALL).await;
    assert_eq!(rig.own_token("").await.unwrap_err().code, Code::UnauthorizedClient);
}

#[tokio::test]
async fn tokens_of_a_service_end_with_its_sign_in() {
    let rig = Rig::new().await;
    let tokens = rig.first_own_token().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let server = rig.provider.client(&"server".parse().unwrap()).await.unwrap().unwrap();
    // Another client's is not ended by who happens to see it.
    assert_eq!(rig.provider.revoke(&server, token, ISSUER).await.unwrap_err().code, Code::InvalidGrant);
    assert!(rig.introspect(token).await);
    let own = rig.provider.client(&rig.client).await.unwrap().unwrap();
    rig.provider.revoke(&own, token, ISSUER).await.unwrap();
    assert!(!rig.introspect(token).await);
    // The next begins another.
    rig.provider.service_session(&own).await.unwrap();
    rig.tell_of_services().await;
    let next = rig.own_token("").await.unwrap();
    assert!(rig.introspect(next["access_token"].as_str().unwrap()).await);
    assert!(!rig.introspect(token).await);
}
