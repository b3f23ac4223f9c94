//! Our own command gets a token for the console and for nothing else, which hangs on the sign-in like any other.

use bartizan_model::PresentedCredential;
use bartizan_pki::{credential_digest, sha256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::rig::{CONSOLE, ISSUER, PERMIT_CLI, Rig};
use super::{STATES, State, VERIFIER, form};
use crate::clients::CLI_CLIENT;
use crate::oidc::authorization::{Next, Progress};
use crate::oidc::device::{Allowing, DeviceCall, Typed};
use crate::oidc::exchange::Exchange;
use crate::oidc::refusal::{Code, Refusal};
use crate::oidc::request::{AuthorizationRequest, ReturnTo};

const CALLBACK: &str = "http://127.0.0.1:51234/callback";

impl Rig {
    async fn cli(&self) -> crate::Client {
        self.provider.client(&CLI_CLIENT.parse().unwrap()).await.unwrap().unwrap()
    }

    async fn cli_code(&self) -> String {
        let client = self.cli().await;
        let challenge = URL_SAFE_NO_PAD.encode(sha256(VERIFIER.as_bytes()));
        let parameters = form(&[
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", CONSOLE),
        ]);
        let to = ReturnTo::of(&parameters, &client).unwrap();
        let request = AuthorizationRequest::parse(&parameters, &client, to).unwrap();
        let caller = self.caller();
        let signed_in = Some((self.session, self.user));
        let progress = |agreed| Progress { caller: &caller, signed_in, began: None, agreed };
        let asked = self.provider.authorize(&request, progress(false)).await.unwrap();
        assert!(matches!(asked, Next::Consent), "the person is asked, each time: {asked:?}");
        self.provider.agree(self.user, &request).await.unwrap();
        let asked = self.provider.authorize(&request, progress(false)).await.unwrap();
        assert!(matches!(asked, Next::Consent), "{asked:?}");
        match self.provider.authorize(&request, progress(true)).await.unwrap() {
            Next::Code(code) => code.expose(Clone::clone),
            other => panic!("{other:?}"),
        }
    }

    async fn cli_redeems(&self, code: &str, resource: &str, jkt: Option<&str>) -> Result<Value, Refusal> {
        let unknown = || Refusal::new(Code::InvalidClient, "");
        let client = self.provider.client(&CLI_CLIENT.parse().unwrap()).await.unwrap().ok_or_else(unknown)?;
        let mut form = form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", CALLBACK),
            ("resource", resource),
        ]);
        form.retain(|(_, value)| !value.is_empty());
        let caller = self.caller();
        let exchange = Exchange { issuer: ISSUER, client: &client, jkt, form: &form, caller: &caller };
        self.provider.exchange(&exchange).await
    }

    /// Whether a token is one for the console alone, under this session.
    async fn is_good(&self, token: &Value) -> bool {
        let token = PresentedCredential::parse(token["access_token"].as_str().unwrap()).unwrap();
        let resolved = self.flow.sign_ins().resolve(credential_digest(&token)).await.unwrap();
        resolved.is_some_and(|resolved| {
            let audience = format!("{:?}", resolved.audience);
            assert!(audience.contains("console") && audience.starts_with("Apps({"), "{audience}");
            resolved.session == self.session
        })
    }
}

#[tokio::test]
async fn the_command_gets_a_token_for_the_console_once_the_person_agrees() {
    let rig = Rig::new().await;
    let code = rig.cli_code().await;
    let token = rig.cli_redeems(&code, "", None).await.unwrap();
    assert!(token["access_token"].as_str().unwrap().starts_with("bzn_"));
    assert!(token.get("refresh_token").is_none() && token.get("id_token").is_none(), "{token}");
    assert!(token["expires_in"].as_u64().unwrap() > 60, "{token}");
    assert!(rig.is_good(&token).await);

    // Brought again, the code takes the token back.
    assert_eq!(rig.cli_redeems(&code, "", None).await.unwrap_err().code, Code::InvalidGrant);
    assert!(!rig.is_good(&token).await);

    for (resource, jkt, refused) in [
        ("https://wiki.example.org", None, Code::InvalidTarget),
        ("https://api.example.org", None, Code::InvalidTarget),
        ("", Some("key"), Code::InvalidDpopProof),
    ] {
        let code = rig.cli_code().await;
        let answer = rig.cli_redeems(&code, resource, jkt).await.unwrap_err();
        assert_eq!(answer.code, refused, "{resource} {answer:?}");
    }
    // Nobody else gets one, whatever their administrator has listed.
    rig.put_client_with(&[], &[CONSOLE]).await;
    let tokens = rig.redeem(&rig.code_for("openid", CONSOLE).await).await.unwrap();
    assert!(!tokens["access_token"].as_str().unwrap().starts_with("bzn_"));
}

#[tokio::test]
async fn policy_decides_about_the_command_and_about_the_console() {
    let rig = Rig::new().await;
    for policies in [PERMIT_CLI.replace("App::\"console\"", "App::\"wiki\""), String::new()] {
        let code = rig.cli_code().await;
        rig.decide_by(&policies);
        assert_eq!(
            rig.cli_redeems(&code, "", None).await.unwrap_err().code,
            Code::AccessDenied,
            "{policies}"
        );
        rig.decide_by(PERMIT_CLI);
    }
}

#[tokio::test]
async fn classes_9_and_10_the_command_gets_nothing_from_whoever_may_not_any_more() {
    for state in STATES {
        // Nobody disables or deletes what is built in: those two states are of another client.
        let others = matches!(state, State::ClientDisabled | State::ClientDeleted);
        let rig = Rig::new().await;
        let code = rig.cli_code().await;
        rig.become_(state).await;
        let given = rig.cli_redeems(&code, "", None).await;
        assert_eq!(given.is_ok(), state == State::AsBefore || others, "{state:?}: {given:?}");
    }
}

#[tokio::test]
async fn its_token_ends_when_the_command_says_so_and_for_no_other_client() {
    let rig = Rig::new().await;
    let told = {
        let (client, caller) = (rig.cli().await, rig.caller());
        let form = form(&[("resource", CONSOLE)]);
        let call = DeviceCall { issuer: ISSUER, client: &client, jkt: None, form: &form, caller: &caller };
        rig.provider.begin_device(&call).await.unwrap()
    };
    let user_code = told["user_code"].as_str().unwrap();
    let Typed::Waits(pending) = rig.provider.typed(user_code, rig.user, rig.caller().source).await.unwrap()
    else {
        panic!("nobody waits")
    };
    let allowed = rig.provider.allow_device(*pending, &rig.caller(), (rig.session, rig.user)).await.unwrap();
    assert!(matches!(allowed, Allowing::Allowed), "{allowed:?}");
    let (client, caller) = (rig.cli().await, rig.caller());
    let form = form(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", told["device_code"].as_str().unwrap()),
    ]);
    let exchange = Exchange { issuer: ISSUER, client: &client, jkt: None, form: &form, caller: &caller };
    let token = rig.provider.exchange(&exchange).await.unwrap();
    assert!(rig.is_good(&token).await);

    let text = token["access_token"].as_str().unwrap();
    let web = rig.provider.client(&rig.client).await.unwrap().unwrap();
    assert!(rig.provider.revoke(&web, text, ISSUER).await.is_err());
    assert!(rig.is_good(&token).await);
    rig.provider.revoke(&client, text, ISSUER).await.unwrap();
    assert!(!rig.is_good(&token).await);
    rig.provider.revoke(&client, text, ISSUER).await.unwrap();
}
