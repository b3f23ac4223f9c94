//! Services that bring a token to get one of their own for it (RFC 8693).

use bartizan_model::{ClientName, Outcome};
use bartizan_policy::Delta;

use super::*;
use crate::clients::{ClientAuth, ClientSpec, GrantType};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ORDERS: &str = "https://orders.example.org";
const LEDGER: &str = "https://ledger.example.org";

const PERMIT: &str = r#"
@id("p") permit (principal is User, action == Action::"token:issue", resource == Client::"web");
@id("o") permit (principal is User, action == Action::"token:issue", resource == Client::"orders");
@id("l") permit (principal is User, action == Action::"token:issue", resource == Client::"ledger");
"#;

/// A service that is called with tokens of others, and calls on.
fn service(from: &[&str], scopes: &[&str]) -> ClientSpec {
    ClientSpec {
        grants: [GrantType::TokenExchange].into(),
        exchanges_from: from.iter().map(|name| name.parse().unwrap()).collect(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        audiences: [ORDERS.to_owned(), LEDGER.to_owned()].into(),
        ..ClientSpec::default()
    }
}

fn claims(answer: &Value) -> Value {
    let token = answer["access_token"].as_str().unwrap();
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn token(answer: &Value) -> &str {
    answer["access_token"].as_str().unwrap()
}

impl Rig {
    /// A web shop that people sign in to, the service that it calls, and the service that this calls.
    pub(super) async fn with_services() -> Self {
        let rig = Self::new().await;
        rig.put_client_with(&["order", "pay"], &[ORDERS]).await;
        rig.put("orders", service(&["web"], &["order", "pay"])).await;
        rig.put("ledger", service(&["orders"], &["pay"])).await;
        let clients = ["orders", "ledger"].map(|name| Delta::Client(name.parse().unwrap()));
        rig.also(clients.to_vec());
        rig.decide_by(PERMIT);
        rig
    }

    /// What the web shop got for somebody, to call the first service with.
    pub(super) async fn of_web(&self) -> Value {
        self.redeem(&self.code_for("openid order pay", ORDERS).await).await.unwrap()
    }

    async fn asks(&self, client: &str, jkt: Option<&str>, fields: &[(&str, &str)]) -> Result<Value, Refusal> {
        let unknown = || Refusal::new(Code::InvalidClient, "");
        let name: ClientName = client.parse().unwrap();
        let client = self.provider.client(&name).await.unwrap().ok_or_else(unknown)?;
        let (form, caller) = (form(fields), self.caller());
        self.provider
            .exchange(&Exchange { issuer: ISSUER, client: &client, jkt, form: &form, caller: &caller })
            .await
    }

    pub(super) async fn brings(
        &self,
        client: &str,
        token: &str,
        more: &[(&str, &str)],
    ) -> Result<Value, Refusal> {
        self.proves(client, None, token, more).await
    }

    async fn proves(
        &self,
        client: &str,
        jkt: Option<&str>,
        token: &str,
        more: &[(&str, &str)],
    ) -> Result<Value, Refusal> {
        let fields = [("grant_type", GRANT), ("subject_token", token), ("subject_token_type", ACCESS_TOKEN)];
        self.asks(client, jkt, &[&fields[..], more].concat()).await
    }

    async fn refused(&self, client: &str, token: &str, more: &[(&str, &str)]) -> Code {
        self.brings(client, token, more).await.unwrap_err().code
    }

    async fn stands(&self, token: &str) -> bool {
        self.provider.access(token, ISSUER).await.unwrap().is_some()
    }

    async fn told(&self, client: &str, token: &str) -> Value {
        let Some(client) = self.provider.client(&client.parse().unwrap()).await.unwrap() else {
            return Value::Null;
        };
        self.provider.introspect(&client, token, ISSUER).await.unwrap()
    }
}

#[tokio::test]
async fn a_service_gets_a_token_for_the_person_that_says_who_acts() {
    let rig = Rig::with_services().await;
    let given = rig.of_web().await;
    let first = claims(&given);
    rig.clock.advance(std::time::Duration::from_secs(60));
    rig.renew();
    let answer =
        rig.brings("orders", token(&given), &[("resource", LEDGER), ("scope", "pay")]).await.unwrap();
    assert_eq!(answer["issued_token_type"], ACCESS_TOKEN);
    assert_eq!((&answer["token_type"], &answer["scope"]), (&"Bearer".into(), &"pay".into()));
    assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none(), "{answer}");
    assert_eq!(answer["expires_in"], 540, "not past the end of the first");

    let second = claims(&answer);
    for kept in ["iss", "sub", "sid", "acr", "amr", "auth_time", "exp"] {
        assert_eq!(second[kept], first[kept], "{kept}");
    }
    assert_eq!(second["aud"], serde_json::json!([LEDGER]));
    assert_eq!((&second["client_id"], &second["scope"]), (&"orders".into(), &"pay".into()));
    assert_eq!(second["act"], serde_json::json!({ "sub": "service:orders" }));

    // The next one on the way, which is told by introspection who has acted before it.
    let answer = rig.brings("ledger", token(&answer), &[("requested_token_type", JWT)]).await.unwrap();
    assert_eq!(answer["issued_token_type"], JWT);
    let told = rig.told("ledger", token(&answer)).await;
    let both = serde_json::json!({ "sub": "service:ledger", "act": { "sub": "service:orders" } });
    assert_eq!((&told["active"], &told["act"], &told["sub"]), (&true.into(), &both, &first["sub"]));
    // Without a server it is for us; who it is about is told as far as its scopes go.
    let access = rig.provider.access(token(&answer), ISSUER).await.unwrap().unwrap();
    assert_eq!(rig.provider.userinfo(&access, ISSUER).await.unwrap_err().code, Code::InsufficientScope);

    let steps = rig.events();
    let mut steps = steps.iter().filter(|event| event.action.as_deref() == Some("client:exchange"));
    let step = steps.next().unwrap();
    assert_eq!((step.outcome, step.session), (Outcome::Ok, Some(rig.session)));
    assert_eq!(step.resource.as_ref().unwrap().name, "orders");
    assert_eq!(steps.count(), 1);
}

#[tokio::test]
async fn classes_9_and_10_a_token_that_was_got_for_another_is_worth_what_that_one_is() {
    for state in STATES {
        let rig = Rig::with_services().await;
        let given = rig.of_web().await;
        let second = rig.brings("orders", token(&given), &[("resource", LEDGER)]).await.unwrap();
        let third = rig.brings("ledger", token(&second), &[]).await.unwrap();
        rig.become_(state).await;
        let given_now = state == State::AsBefore;
        let good = given_now || state == State::PolicyGone;
        for one in [&second, &third] {
            assert_eq!(rig.stands(token(one)).await, good, "{state:?}");
        }
        assert_eq!(rig.told("ledger", token(&third)).await["active"] == true, good, "{state:?}");
        let again = rig.brings("orders", token(&given), &[("resource", LEDGER)]).await;
        assert_eq!(again.is_ok(), given_now, "{state:?}: {again:?}");
        let on = rig.brings("ledger", token(&second), &[]).await;
        assert_eq!(on.is_ok(), given_now, "{state:?}: {on:?}");
    }
}

#[tokio::test]
async fn a_token_ends_with_each_client_on_its_way() {
    let off = |spec: ClientSpec| ClientSpec { disabled: true, ..spec };
    for (name, spec) in [
        ("orders", off(service(&["web"], &["order", "pay"]))),
        ("orders", service(&[], &["order", "pay"])),
        ("orders", ClientSpec { grants: [].into(), ..service(&["web"], &["order", "pay"]) }),
        ("orders", ClientSpec { auth: ClientAuth::None, ..service(&["web"], &["order", "pay"]) }),
        ("orders", ClientSpec { consent: true, ..service(&["web"], &["order", "pay"]) }),
        ("ledger", off(service(&["orders"], &["pay"]))),
        ("ledger", service(&["web"], &["pay"])),
    ] {
        let rig = Rig::with_services().await;
        let given = rig.of_web().await;
        let second = rig.brings("orders", token(&given), &[("resource", LEDGER)]).await.unwrap();
        let third = rig.brings("ledger", token(&second), &[]).await.unwrap();
        rig.put(name, spec.clone()).await;
        assert!(!rig.stands(token(&third)).await, "{name} {spec:?}");
        assert_eq!(rig.stands(token(&second)).await, name == "ledger", "{name} {spec:?}");
        assert!(rig.stands(token(&given)).await, "the person's own is as good as before");
        assert!(rig.brings("ledger", token(&second), &[]).await.is_err(), "{name} {spec:?}");
    }
}

#[tokio::test]
async fn whatever_ends_the_family_ends_what_was_got_for_it() {
    let rig = Rig::with_services().await;
    let given = rig.of_web().await;
    let second = rig.brings("orders", token(&given), &[("resource", LEDGER)]).await.unwrap();
    // Its holder cannot end what a person gave to another client, nor this by itself; nobody else can do anything.
    let named = |name: &str| name.parse::<ClientName>().unwrap();
    for (name, code) in
        [("orders", Code::UnsupportedTokenType), ("ledger", Code::InvalidGrant), ("web", Code::InvalidGrant)]
    {
        let client = rig.provider.client(&named(name)).await.unwrap().unwrap();
        assert_eq!(
            rig.provider.revoke(&client, token(&second), ISSUER).await.unwrap_err().code,
            code,
            "{name}"
        );
    }
    assert!(rig.stands(token(&second)).await && rig.stands(token(&given)).await);
    let web = rig.provider.client(&rig.client).await.unwrap().unwrap();
    rig.provider.revoke(&web, token(&given), ISSUER).await.unwrap();
    assert!(!rig.stands(token(&second)).await);
    assert_eq!(rig.refused("orders", token(&given), &[]).await, Code::InvalidRequest);
    // Also a code that comes again.
    let code = rig.code_for("openid order", ORDERS).await;
    let given = rig.redeem(&code).await.unwrap();
    let second = rig.brings("orders", token(&given), &[]).await.unwrap();
    assert!(rig.redeem(&code).await.is_err());
    assert!(!rig.stands(token(&second)).await);
}

#[tokio::test]
async fn nothing_but_an_access_token_of_ours_that_is_said_to_the_client_gives_anything() {
    let mut rig = Rig::with_services().await;
    let given = rig.of_web().await;
    let text = |name: &str| given[name].as_str().unwrap().to_owned();
    for wrong in [text("id_token"), text("refresh_token"), format!("{}x", token(&given)), "x".into()] {
        assert_eq!(rig.refused("orders", &wrong, &[]).await, Code::InvalidRequest);
    }
    // Of another deployment, or under a name of another issuer.
    let other = Rig::with_services().await;
    assert_eq!(rig.refused("orders", token(&other.of_web().await), &[]).await, Code::InvalidRequest);
    let client = rig.provider.client(&"orders".parse().unwrap()).await.unwrap().unwrap();
    let fields =
        [("grant_type", GRANT), ("subject_token", token(&given)), ("subject_token_type", ACCESS_TOKEN)];
    let (form, caller) = (form(&fields), rig.caller());
    let (issuer, jkt) = ("https://auth.example.com", None);
    let elsewhere = Exchange { issuer, client: &client, jkt, form: &form, caller: &caller };
    assert_eq!(rig.provider.exchange(&elsewhere).await.unwrap_err().code, Code::InvalidRequest);
    // Said to somebody else: to us, for userinfo.
    let own = rig.redeem(&rig.code_for("openid order", "").await).await.unwrap();
    assert_eq!(rig.refused("orders", token(&own), &[]).await, Code::InvalidRequest);
    // Of a client whose tokens it may not bring, also if it is said to it, and its own.
    assert_eq!(rig.refused("ledger", token(&given), &[]).await, Code::InvalidRequest);
    let second = rig.brings("orders", token(&given), &[("audience", ORDERS)]).await.unwrap();
    assert_eq!(rig.refused("orders", token(&second), &[]).await, Code::InvalidRequest);
    // Who may not at all, whatever it brings.
    rig.put("orders", ClientSpec { grants: [GrantType::ClientCredentials].into(), ..service(&["web"], &[]) })
        .await;
    assert_eq!(rig.refused("orders", token(&given), &[]).await, Code::UnauthorizedClient);
    rig.put("orders", ClientSpec { auth: ClientAuth::None, ..service(&["web"], &[]) }).await;
    assert_eq!(rig.refused("orders", token(&given), &[]).await, Code::UnauthorizedClient);
    rig.put("orders", service(&["web"], &[])).await;
    rig.restart().await;
    assert!(rig.brings("orders", token(&given), &[]).await.is_ok());
    rig.clock.advance(std::time::Duration::from_secs(600));
    rig.renew();
    assert_eq!(rig.refused("orders", token(&given), &[]).await, Code::InvalidRequest, "it is over");
    let recorded = rig.reasons();
    for reason in ["not_listed", "other_audience"] {
        assert!(recorded.iter().any(|known| known == reason), "{reason}: {recorded:?}");
    }
}

#[tokio::test]
async fn an_exchange_gives_less_and_never_more() {
    let rig = Rig::with_services().await;
    let given = rig.redeem(&rig.code_for("openid order", ORDERS).await).await.unwrap();
    // What the first has not, and what the client may not, are both too much.
    for scope in ["pay", "order pay", "profile", "admin"] {
        assert_eq!(
            rig.refused("orders", token(&given), &[("scope", scope)]).await,
            Code::InvalidScope,
            "{scope}"
        );
    }
    assert_eq!(rig.brings("orders", token(&given), &[]).await.unwrap()["scope"], "openid order");
    let second =
        rig.brings("orders", token(&given), &[("scope", "order"), ("resource", LEDGER)]).await.unwrap();
    assert_eq!(second["scope"], "order");
    assert_eq!(rig.brings("ledger", token(&second), &[]).await.unwrap()["scope"], "", "it may only `pay`");
    for resource in ["https://elsewhere.example.org", "https://orders.example.org/", "orders"] {
        for name in ["resource", "audience"] {
            let code = rig.refused("orders", token(&given), &[(name, resource)]).await;
            assert_eq!(code, Code::InvalidTarget, "{name}={resource}");
        }
    }
    // What a client may not any more, no token on the way gives it.
    rig.put_client_with(&[], &[ORDERS]).await;
    assert_eq!(rig.brings("orders", token(&given), &[]).await.unwrap()["scope"], "openid");
}

#[tokio::test]
async fn a_chain_that_goes_round_ends() {
    let rig = Rig::with_services().await;
    rig.put("orders", service(&["web", "ledger"], &["pay"])).await;
    let mut now = token(&rig.of_web().await).to_owned();
    for actor in ["orders", "ledger", "orders", "ledger"] {
        let answer = rig.brings(actor, &now, &[("resource", LEDGER)]).await.unwrap();
        now = token(&answer).to_owned();
        assert!(rig.stands(&now).await);
    }
    assert_eq!(rig.refused("orders", &now, &[("resource", LEDGER)]).await, Code::InvalidRequest);
    assert!(rig.reasons().iter().any(|reason| reason == "chain_too_long"));
}

#[tokio::test]
async fn a_bound_token_is_brought_by_who_proves_its_key() {
    let rig = Rig::with_services().await;
    let code = rig.code_for("openid order", ORDERS).await;
    let fields = [("code", code.as_str()), ("code_verifier", VERIFIER), ("redirect_uri", REDIRECT)];
    let redeem = [&[("grant_type", "authorization_code")], &fields[..]].concat();
    let bound = rig.asks("web", Some("a-key"), &redeem).await.unwrap();
    assert_eq!(rig.refused("orders", token(&bound), &[]).await, Code::InvalidRequest);
    let other = rig.proves("orders", Some("another"), token(&bound), &[]).await.unwrap_err();
    assert_eq!(other.code, Code::InvalidRequest);
    let second = rig.proves("orders", Some("a-key"), token(&bound), &[]).await.unwrap();
    assert_eq!((&second["token_type"], &claims(&second)["cnf"]["jkt"]), (&"DPoP".into(), &"a-key".into()));
    // Who proves a key of its own has the new one bound to that.
    let free = rig.of_web().await;
    let second = rig.proves("orders", Some("own"), token(&free), &[]).await.unwrap();
    assert_eq!(claims(&second)["cnf"]["jkt"], "own");
    assert!(rig.reasons().iter().any(|reason| reason == "other_key"));
}

#[tokio::test]
async fn what_is_asked_for_has_its_form() {
    let rig = Rig::with_services().await;
    let given = rig.of_web().await;
    let kind = ("subject_token_type", ACCESS_TOKEN);
    let subject = ("subject_token", token(&given));
    for fields in [
        vec![kind],
        vec![subject],
        vec![subject, ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token")],
        vec![subject, subject, kind],
        vec![subject, kind, ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")],
        vec![subject, kind, ("requested_token_type", "urn:ietf:params:oauth:token-type:saml2")],
        vec![subject, kind, ("actor_token_type", ACCESS_TOKEN)],
        vec![subject, kind, ("actor_token", token(&given))],
    ] {
        let fields = [&[("grant_type", GRANT)], &fields[..]].concat();
        assert_eq!(
            rig.asks("orders", None, &fields).await.unwrap_err().code,
            Code::InvalidRequest,
            "{fields:?}"
        );
    }
    let jwt = [("grant_type", GRANT), subject, ("subject_token_type", JWT)];
    assert!(rig.asks("orders", None, &jwt).await.is_ok());
}

#[tokio::test]
async fn who_acts_is_who_calls_and_a_service_stays_a_service() {
    let rig = Rig::with_services().await;
    let own = [GrantType::TokenExchange, GrantType::ClientCredentials];
    rig.put("orders", ClientSpec { grants: own.into(), ..service(&["web"], &["order", "pay"]) }).await;
    rig.put("ledger", ClientSpec { grants: own.into(), ..service(&["orders"], &["pay"]) }).await;
    rig.decide_by(&format!(
        "{PERMIT}\n@id(\"s\") permit (principal is Service, action == Action::\"token:issue\", resource);"
    ));
    for name in ["orders", "ledger"] {
        let client = rig.provider.client(&name.parse().unwrap()).await.unwrap().unwrap();
        rig.provider.service_session(&client).await.unwrap();
    }
    rig.tell_of_services().await;
    let of = |name: &'static str| {
        rig.asks(name, None, &[("grant_type", "client_credentials"), ("resource", LEDGER)])
    };
    let (orders, ledger) = (of("orders").await.unwrap(), of("ledger").await.unwrap());
    let given = rig.of_web().await;
    let by = |actor: &Value| {
        let (actor, kind) = (token(actor).to_owned(), ACCESS_TOKEN.to_owned());
        [("actor_token", actor), ("actor_token_type", kind)]
    };
    for (actor, good) in [(&orders, true), (&ledger, false), (&given, false)] {
        let by = by(actor);
        let more: Vec<(&str, &str)> = by.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = rig.brings("orders", token(&given), &more).await;
        assert_eq!(answer.is_ok(), good, "{answer:?}");
        if let Ok(answer) = answer {
            assert_eq!(claims(&answer)["act"], serde_json::json!({ "sub": "service:orders" }));
        }
    }
    // A service in whose name another acts is no person, and is as good as its sign-in.
    let second = rig.brings("ledger", token(&orders), &[]).await.unwrap();
    let second_claims = claims(&second);
    assert_eq!(
        (&second_claims["sub"], &second_claims["client_id"]),
        (&"service:orders".into(), &"ledger".into())
    );
    assert_eq!(second_claims["act"], serde_json::json!({ "sub": "service:ledger" }));
    assert!(second_claims.get("amr").is_none());
    assert_eq!(rig.refused("orders", token(&ledger), &[]).await, Code::InvalidRequest, "it is not listed");
    assert!(rig.stands(token(&second)).await);
    rig.put("orders", service(&["web"], &["order", "pay"])).await;
    assert!(!rig.stands(token(&second)).await, "it has no sign-in of its own any more");
}
