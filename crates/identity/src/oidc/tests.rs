//! Whoever may not any more gets nothing, on whichever path: CVE classes 9 and 10, with the state changed between what is
//! given and what is made of it.

mod console_token;
mod delegation;
mod device;
mod federated;
mod rig;
mod service;
mod upstream;

use bartizan_model::{ObjectKind, Secret, UserState};
use bartizan_pki::sha256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::authorization::{Next, Progress};
use super::exchange::Exchange;
use super::refusal::{Code, Refusal};
use super::request::{AuthorizationRequest, ReturnTo};
use crate::Rotation;
use crate::spec::session_facts;
use rig::{ISSUER, Rig};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "https://app.example.org/cb";

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Rig {
    async fn request(&self) -> Option<AuthorizationRequest> {
        self.request_for("openid", "").await
    }

    async fn request_for(&self, scope: &str, resource: &str) -> Option<AuthorizationRequest> {
        let client = self.provider.client(&self.client).await.unwrap()?;
        let challenge = URL_SAFE_NO_PAD.encode(sha256(VERIFIER.as_bytes()));
        let mut parameters = form(&[
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", scope),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", resource),
        ]);
        parameters.retain(|(_, value)| !value.is_empty());
        let to = ReturnTo::of(&parameters, &client).unwrap();
        Some(AuthorizationRequest::parse(&parameters, &client, to).unwrap())
    }

    /// What the authorization endpoint answers to a request that was in order once.
    async fn comes(&self, request: &AuthorizationRequest) -> Next {
        let caller = self.caller();
        let signed_in = Some((self.session, self.user));
        let progress = Progress { caller: &caller, signed_in, began: None, agreed: false };
        self.provider.authorize(request, progress).await.unwrap()
    }

    async fn code(&self) -> String {
        self.code_for("openid", "").await
    }

    async fn code_for(&self, scope: &str, resource: &str) -> String {
        match self.comes(&self.request_for(scope, resource).await.unwrap()).await {
            Next::Code(code) => code.expose(Clone::clone),
            other => panic!("{other:?}"),
        }
    }

    async fn exchange(&self, fields: &[(&str, &str)]) -> Result<Value, Refusal> {
        let unknown = || Refusal::new(Code::InvalidClient, "");
        let client = self.provider.client(&self.client).await.unwrap().ok_or_else(unknown)?;
        let (form, caller) = (form(fields), self.caller());
        let exchange = Exchange { issuer: ISSUER, client: &client, jkt: None, form: &form, caller: &caller };
        self.provider.exchange(&exchange).await
    }

    async fn redeem(&self, code: &str) -> Result<Value, Refusal> {
        let fields = [("code", code), ("code_verifier", VERIFIER), ("redirect_uri", REDIRECT)];
        self.exchange(&[&[("grant_type", "authorization_code")], &fields[..]].concat()).await
    }

    async fn refresh(&self, token: &str) -> Result<Value, Refusal> {
        self.exchange(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn introspect(&self, token: &str) -> bool {
        let resource = self.provider.client(&"server".parse().unwrap()).await.unwrap().unwrap();
        let own = self.provider.client(&self.client).await.unwrap();
        let asks = own.unwrap_or(resource);
        self.provider.introspect(&asks, token, ISSUER).await.unwrap()["active"] == true
    }
}

/// What has become of the one or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    AsBefore,
    PersonDisabled,
    PersonDeleted,
    SessionEnded,
    SessionOver,
    FactorsChanged,
    ClientDisabled,
    ClientDeleted,
    PolicyGone,
}

const STATES: [State; 9] = [
    State::AsBefore,
    State::PersonDisabled,
    State::PersonDeleted,
    State::SessionEnded,
    State::SessionOver,
    State::FactorsChanged,
    State::ClientDisabled,
    State::ClientDeleted,
    State::PolicyGone,
];

impl Rig {
    async fn become_(&self, state: State) {
        match state {
            State::AsBefore => {}
            State::PersonDisabled => {
                self.people.set_state(self.user, UserState::Disabled, "test").await.unwrap();
            }
            State::PersonDeleted => self.delete(ObjectKind::User, &self.user.to_string()).await,
            State::SessionEnded => {
                self.flow.sign_ins().end(&[self.session], "test", "test").await.unwrap();
            }
            State::SessionOver => self.clock.advance(std::time::Duration::from_secs(3600)),
            State::FactorsChanged => self.enrol_again().await,
            State::ClientDisabled => self.put_client(true).await,
            State::ClientDeleted => self.delete(ObjectKind::Client, self.client.as_str()).await,
            State::PolicyGone => self.decide_by(""),
        }
    }
}

#[tokio::test]
async fn classes_9_and_10_whoever_may_not_any_more_gets_nothing_on_any_path() {
    for state in STATES {
        let rig = Rig::with_services().await;
        let of_web = rig.of_web().await;
        let first = of_web["access_token"].as_str().unwrap();
        let request = rig.request().await.unwrap();
        let code = rig.code().await;
        let tokens = rig.redeem(&rig.code().await).await.unwrap();
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        let (access, refresh) = (text("access_token"), text("refresh_token"));
        rig.become_(state).await;

        // Tokens that are there are good or not by what they hang on; policy is asked where something is given.
        let given = state == State::AsBefore;
        let good = given || state == State::PolicyGone;
        assert_eq!(
            rig.provider.access(&access, ISSUER).await.unwrap().is_some(),
            good,
            "{state:?}: userinfo"
        );
        assert_eq!(rig.introspect(&access).await, good, "{state:?}: introspection");
        assert_eq!(rig.introspect(&refresh).await, good, "{state:?}: introspection of a refresh token");
        let pushes = !matches!(state, State::ClientDisabled | State::ClientDeleted);
        assert_eq!(rig.request().await.is_some(), pushes, "{state:?}: PAR");
        // Whose factors change is signed out by that, where it is done; the session by itself says nothing of factors.
        let quietly = given || state == State::FactorsChanged;
        let comes = rig.comes(&request).await;
        assert_eq!(matches!(comes, Next::Code(_)), quietly, "{state:?}: who is signed in already: {comes:?}");
        assert_eq!(rig.refresh(&refresh).await.is_ok(), given, "{state:?}: refresh");
        assert_eq!(rig.brings("orders", first, &[]).await.is_ok(), given, "{state:?}: exchange");
        assert_eq!(rig.redeem(&code).await.is_ok(), given, "{state:?}: code");
    }
}

#[tokio::test]
async fn a_denial_spends_no_refresh_token() {
    let rig = Rig::new().await;
    let tokens = rig.redeem(&rig.code().await).await.unwrap();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    rig.decide_by("");
    assert_eq!(rig.refresh(refresh).await.unwrap_err().code, Code::AccessDenied);
    rig.decide_by(rig::PERMIT);
    assert!(rig.refresh(refresh).await.is_ok());
}

#[tokio::test]
async fn what_a_client_may_not_ask_for_any_more_it_does_not_get_by_what_it_has() {
    let rig = Rig::new().await;
    rig.put_client_with(&["ledger"], &["https://api.example.org"]).await;
    let tokens = rig.redeem(&rig.code_for("openid ledger", "https://api.example.org").await).await.unwrap();
    assert_eq!(tokens["scope"], "ledger openid");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    rig.put_client_with(&[], &["https://api.example.org"]).await;
    let tokens = rig.refresh(refresh).await.unwrap();
    assert_eq!(tokens["scope"], "openid");
    // A token for a server that it may not ask for does not become one for us.
    rig.put_client_with(&[], &[]).await;
    let refused = rig.refresh(tokens["refresh_token"].as_str().unwrap()).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidTarget);
}

#[tokio::test]
async fn class_11_generations_are_numbers_and_outlast_a_restart() {
    let mut rig = Rig::new().await;
    let tokens = rig.redeem(&rig.code().await).await.unwrap();
    let first = tokens["refresh_token"].as_str().unwrap().to_owned();
    let mut newest = first.clone();
    // The clock stands still all the while.
    for _ in 0..50 {
        newest = rig.refresh(&newest).await.unwrap()["refresh_token"].as_str().unwrap().to_owned();
    }
    rig.restart().await;
    assert!(rig.introspect(&newest).await);
    assert_eq!(rig.refresh(&first).await.unwrap_err().code, Code::InvalidGrant);
    assert_eq!(rig.refresh(&newest).await.unwrap_err().code, Code::InvalidGrant);
}

#[tokio::test]
async fn the_one_before_the_newest_is_taken_for_half_a_minute_and_no_longer() {
    let rig = Rig::new().await;
    let tokens = rig.redeem(&rig.code().await).await.unwrap();
    let first = tokens["refresh_token"].as_str().unwrap();
    let second = rig.refresh(first).await.unwrap()["refresh_token"].clone();
    rig.clock.advance(std::time::Duration::from_secs(30));
    rig.renew();
    assert_eq!(rig.refresh(first).await.unwrap()["refresh_token"], second, "the same successor");
    rig.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(rig.refresh(first).await.unwrap_err().code, Code::InvalidGrant);
    assert_eq!(rig.refresh(second.as_str().unwrap()).await.unwrap_err().code, Code::InvalidGrant);
    let recorded = rig.reasons();
    assert!(recorded.contains(&String::from("refresh_reused")), "{recorded:?}");
}

#[tokio::test]
async fn a_key_that_is_withdrawn_takes_what_it_signed_along() {
    let rig = Rig::new().await;
    let tokens = rig.redeem(&rig.code().await).await.unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    assert!(rig.provider.access(access, ISSUER).await.unwrap().is_some());
    // One that is followed by another goes on to verify.
    rig.provider
        .keys
        .rotate(bartizan_pki::SigningAlgorithm::Es256, Rotation::Overlapping, "test")
        .await
        .unwrap();
    assert!(rig.provider.access(access, ISSUER).await.unwrap().is_some());
    rig.provider
        .keys
        .rotate(bartizan_pki::SigningAlgorithm::Es256, Rotation::Withdrawing, "test")
        .await
        .unwrap();
    assert!(rig.provider.access(access, ISSUER).await.unwrap().is_none());
}

#[tokio::test]
async fn tokens_of_one_kind_or_issuer_are_not_taken_for_another() {
    let rig = Rig::new().await;
    let tokens = rig.redeem(&rig.code().await).await.unwrap();
    let text = |name: &str| tokens[name].as_str().unwrap();
    assert!(rig.provider.access(text("id_token"), ISSUER).await.unwrap().is_none());
    assert!(rig.provider.access(text("refresh_token"), ISSUER).await.unwrap().is_none());
    assert!(rig.provider.access(text("access_token"), "https://auth.example.com").await.unwrap().is_none());
    assert!(rig.provider.hinted(text("access_token"), ISSUER).await.unwrap().is_none());
    assert!(rig.provider.hinted(text("id_token"), ISSUER).await.unwrap().is_some());
    assert!(rig.redeem(text("refresh_token")).await.is_err());
    assert!(rig.refresh(text("access_token")).await.is_err());
}
