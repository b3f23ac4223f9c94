//! What is issued: ID tokens (OIDC Core, 2), access tokens (RFC 9068), and the answer that holds them (RFC 6749, 5.1).

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_model::{ClientGrantId, ClientName, GroupName, Secret, SessionFacts, UserId};
use bartizan_pki::{SigningAlgorithm, sha256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::Provider;
use super::request::OPENID;
use crate::clients::{Client, IdTokenAlg};
use crate::error::Error;
use crate::jose::{self, Typ};

/// For whom and what tokens are made.
#[derive(Debug)]
pub(crate) struct Making<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client: &'a Client,
    pub(crate) session: &'a SessionFacts,
    pub(crate) grant: ClientGrantId,
    pub(crate) scopes: &'a BTreeSet<String>,
    /// The servers for which the access token is; ours alone, if there are none.
    pub(crate) resources: &'a BTreeSet<String>,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) jkt: Option<&'a str>,
}

/// An access token that is to be made.
#[derive(Debug)]
pub(super) struct AccessToken<'a> {
    pub(super) issuer: &'a str,
    /// Who holds it.
    pub(super) client: &'a ClientName,
    /// The sign-in, whose subject it is about.
    pub(super) session: &'a SessionFacts,
    /// The family on which it hangs; none, if it is the sign-in of a service.
    pub(super) grant: Option<ClientGrantId>,
    pub(super) scopes: &'a BTreeSet<String>,
    /// As in [`Making`].
    pub(super) resources: &'a BTreeSet<String>,
    /// The thumbprint of the key to which it is bound.
    pub(super) jkt: Option<&'a str>,
    pub(super) lasts: Duration,
    /// Who acts by it.
    pub(super) act: Option<Value>,
}

impl Provider {
    /// The answer with new tokens.
    pub(crate) async fn tokens(
        &self,
        making: &Making<'_>,
        refresh: Option<Secret<String>>,
    ) -> Result<Value, Error> {
        let access = self.access_token(making).await?;
        let mut answer = Map::new();
        if making.scopes.contains(OPENID) {
            answer.insert("id_token".into(), self.id_token(making, &access).await?.into());
        }
        answer.insert("access_token".into(), access.into());
        answer.insert("token_type".into(), if making.jkt.is_some() { "DPoP" } else { "Bearer" }.into());
        answer.insert("expires_in".into(), self.lasts(making.session).as_secs().into());
        answer.insert("scope".into(), scope_text(making.scopes).into());
        if let Some(refresh) = refresh {
            answer.insert("refresh_token".into(), refresh.expose(Clone::clone).into());
        }
        Ok(Value::Object(answer))
    }

    async fn access_token(&self, making: &Making<'_>) -> Result<String, Error> {
        self.make_access_token(AccessToken {
            issuer: making.issuer,
            client: &making.client.name,
            session: making.session,
            grant: Some(making.grant),
            scopes: making.scopes,
            resources: making.resources,
            jkt: making.jkt,
            lasts: self.lasts(making.session),
            act: None,
        })
        .await
    }

    /// How long an access token under this sign-in lasts: not longer than that can.
    pub(super) fn lasts(&self, session: &SessionFacts) -> Duration {
        ACCESS_TOKEN.min(session.absolute_end.since(self.clock.now()))
    }

    /// An access token (RFC 9068, 2.2).
    pub(super) async fn make_access_token(&self, token: AccessToken<'_>) -> Result<String, Error> {
        let AccessToken { issuer, client, session, grant, scopes, resources, jkt, lasts, act } = token;
        let mut random = [0; 16];
        self.entropy.fill(&mut random);
        let random = URL_SAFE_NO_PAD.encode(random);
        let now = self.clock.now();
        let mut claims = json!({
            "iss": issuer,
            "sub": session.subject.distinct_id(),
            "aud": if resources.is_empty() { json!(issuer) } else { json!(resources) },
            "client_id": client.as_str(),
            "iat": now.as_secs(),
            "exp": now.plus(lasts).as_secs(),
            // What it hangs on, by which its state is looked up; and which it is.
            "jti": grant.map_or_else(|| random.clone(), |grant| format!("{grant}.{random}")),
            "scope": scope_text(scopes),
            "sid": session.id.to_string(),
        });
        if let Some(object) = claims.as_object_mut() {
            // A service signs in with nothing that would say more than its name does.
            if session.user().is_some() {
                object.extend(how_signed_in(session));
            }
            object.extend(jkt.map(|jkt| ("cnf".to_owned(), json!({ "jkt": jkt }))));
            object.extend(act.map(|act| ("act".to_owned(), act)));
        }
        let key = self.keys.signing(SigningAlgorithm::Es256).await?;
        jose::sign(&key, Typ::AccessToken, &claims)
    }

    async fn id_token(&self, making: &Making<'_>, access: &str) -> Result<String, Error> {
        let Making { issuer, client, session, nonce, .. } = making;
        let now = self.clock.now();
        let mut claims = json!({
            "iss": issuer,
            "sub": session.subject.distinct_id(),
            "aud": client.name.as_str(),
            "iat": now.as_secs(),
            "exp": now.plus(ID_TOKEN).as_secs(),
            "sid": session.id.to_string(),
        });
        let algorithm = algorithm_of(client.spec.id_token_alg);
        if let Some(object) = claims.as_object_mut() {
            object.extend(how_signed_in(session));
            if let Some(nonce) = nonce {
                object.insert("nonce".into(), (*nonce).into());
            }
            // OIDC Core, 3.1.3.6: half of the hash of the algorithm. Ed25519's is SHA-512, and readers do not agree on it; in
            // this flow the claim may be left out.
            if algorithm != SigningAlgorithm::EdDsa {
                let digest = sha256(access.as_bytes());
                let half = digest.get(..16).unwrap_or_default();
                object.insert("at_hash".into(), URL_SAFE_NO_PAD.encode(half).into());
            }
        }
        let key = self.keys.signing(algorithm).await?;
        jose::sign(&key, Typ::IdToken, &claims)
    }

    /// What a client is told about a person (OIDC Core, 5.4): as much as its scopes say.
    pub(crate) async fn about(
        &self,
        user: UserId,
        client: &Client,
        scopes: &BTreeSet<String>,
    ) -> Result<Map<String, Value>, Error> {
        let mut claims = Map::new();
        claims.insert("sub".into(), user.to_string().into());
        let attributes = self.flow.people().get(user).await?.and_then(|person| person.attributes);
        if let Some(attributes) = attributes {
            if scopes.contains("profile") {
                claims.insert("name".into(), attributes.display.into());
                claims.insert("preferred_username".into(), attributes.login.into());
            }
            if let Some(mail) = attributes.mail.filter(|_| scopes.contains("email")) {
                claims.insert("email".into(), mail.into());
                // An administrator typed it; nobody has proved that mail to it arrives.
                claims.insert("email_verified".into(), false.into());
            }
        }
        if scopes.contains("groups") {
            let of_person = self.enforcer.groups_of(user);
            let told: Vec<&GroupName> = of_person.intersection(&client.spec.groups).collect();
            claims.insert("groups".into(), told.iter().map(|group| group.as_str()).collect());
        }
        Ok(claims)
    }
}

/// When and how somebody signed in (OIDC Core, 2; RFC 8176).
fn how_signed_in(session: &SessionFacts) -> [(String, Value); 3] {
    [
        ("auth_time".into(), session.auth_time.as_secs().into()),
        ("acr".into(), session.level.as_str().into()),
        ("amr".into(), session.amr.iter().map(String::as_str).collect()),
    ]
}

/// How a client's tokens are signed.
pub(super) const fn algorithm_of(alg: IdTokenAlg) -> SigningAlgorithm {
    match alg {
        IdTokenAlg::Es256 => SigningAlgorithm::Es256,
        IdTokenAlg::EdDsa => SigningAlgorithm::EdDsa,
        IdTokenAlg::Rs256 => SigningAlgorithm::Rs256,
    }
}

/// Scopes as they stand in tokens and answers.
pub(crate) fn scope_text(scopes: &BTreeSet<String>) -> String {
    scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Whoever verifies a token without asking us learns of a change this late.
pub(crate) const ACCESS_TOKEN: Duration = Duration::from_secs(600);

/// Read once, when it arrives.
const ID_TOKEN: Duration = Duration::from_secs(600);

const _: () = assert!(ACCESS_TOKEN.as_secs() <= crate::signing_keys::LONGEST_TOKEN.as_secs());
const _: () = assert!(ID_TOKEN.as_secs() <= crate::signing_keys::LONGEST_TOKEN.as_secs());
