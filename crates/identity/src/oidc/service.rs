//! Tokens that a program gets for itself (RFC 6749, 4.4).
//!
//! They hang on a sign-in as those of people do: on a session of the service, which begins with the first token, is met by the
//! enforcement point like any other, and is used for all that follow. So thousands of tokens a second write nothing, and
//! whoever ends the session ends them all.

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_enforce::Caller;
use bartizan_model::{AppName, PresentedCredential, Revision, SessionFacts, SessionId, Subject};
use bartizan_pki::credential_digest;
use serde_json::{Value, json};

use super::Provider;
use super::exchange::{Exchange, denied, narrowed};
use super::issue::{ACCESS_TOKEN, AccessToken, scope_text};
use super::refusal::{Code, Refusal};
use super::request::{once, resources};
use crate::clients::{Client, ClientAuth};
use crate::error::Error;
use crate::token::TokenRequest;

/// The session under which a service gets its tokens, in this process.
#[derive(Debug, Clone)]
pub(super) struct Held {
    session: SessionId,
    /// By it the enforcement point meets the session; it is good at no app.
    credential: PresentedCredential,
    /// The client as it was then: one that was changed begins anew.
    revision: Revision,
}

impl Provider {
    /// A token for the client itself.
    pub(super) async fn client_credentials(&self, exchange: &Exchange<'_>) -> Result<Value, Refusal> {
        let client = exchange.client;
        if client.spec.auth == ClientAuth::None {
            let why = "a client that does not prove who it is cannot act for itself";
            return Err(Refusal::new(Code::UnauthorizedClient, why));
        }
        let app = self.app_asked_for(exchange)?;
        let scopes = own_scopes(client, once(exchange.form, "scope")?)?;
        let resources = match app {
            Some(_) => BTreeSet::new(),
            None => resources(exchange.form, &client.spec.audiences)?,
        };
        let (held, session) = self.service_session(client).await?;
        let caller = self.met(credential_digest(&held.credential), &session, exchange.caller).await?;
        if let Some(app) = app {
            return self.app_token(exchange, &caller, app, &session).await;
        }
        let live = self.may_issue(&caller, &client.name).await?;
        let lasts = self.lasts(&session);
        let token = self.make_access_token(AccessToken {
            issuer: exchange.issuer,
            client: &client.name,
            session: &session,
            grant: None,
            scopes: &scopes,
            resources: &resources,
            jkt: exchange.jkt,
            lasts,
            act: None,
        });
        let token = token.await?;
        drop(live);
        Ok(json!({
            "access_token": token,
            "token_type": if exchange.jkt.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": lasts.as_secs(),
            "scope": scope_text(&scopes),
        }))
    }

    /// The app of ours for which a token is asked, by the address at which people reach it.
    fn app_asked_for(&self, exchange: &Exchange<'_>) -> Result<Option<AppName>, Refusal> {
        let resource = exchange.form.iter().filter(|(name, _)| name == "resource").map(|(_, value)| value);
        let asked: BTreeSet<&String> = resource.collect();
        let (Some(world), Some(ports)) = (self.enforcer.world(), self.ports.read().clone()) else {
            return Ok(None);
        };
        let is_asked = |host: &str| asked.iter().any(|asked| **asked == ports.origin_of(host));
        let app = world.apps().find(|app| is_asked(&app.host)).map(|app| app.name.clone());
        match (app, asked.len()) {
            (Some(_), 2..) => {
                let why =
                    "a token for an app of this deployment is for that app alone: name no other `resource`";
                Err(Refusal::new(Code::InvalidTarget, why))
            }
            (app, _) => Ok(app),
        }
    }

    /// A token for an app of ours: what it presents there is no JWT, since who decides there asks whose it is.
    async fn app_token(
        &self,
        exchange: &Exchange<'_>,
        caller: &Caller,
        app: AppName,
        session: &SessionFacts,
    ) -> Result<Value, Refusal> {
        if exchange.jkt.is_some() {
            let why = "tokens for apps of this deployment are not bound to keys: ask without a proof";
            return Err(Refusal::new(Code::InvalidDpopProof, why));
        }
        let asked = TokenRequest::new(caller, app, self.clock.as_ref(), self.entropy.as_ref());
        let admitted = self.enforcer.admit(asked).await;
        let live = admitted.map_err(|denial| denied(&denial, &exchange.client.name))?;
        let now = self.clock.now();
        let ends = now.plus(APP_TOKEN).min(session.absolute_end);
        let issued = self.flow.sign_ins().issue_token(&[live], Some(ends)).await?;
        Ok(json!({
            "access_token": issued.text.expose(Clone::clone),
            "token_type": "Bearer",
            "expires_in": ends.since(now).as_secs(),
            "scope": "",
        }))
    }

    /// The session under which a service gets its tokens: the one that it has, or a new one.
    ///
    /// That the client is still the same is looked at again once the session is stored: who changes its secret or deletes it
    /// either is seen here, or finds the session there to be ended.
    pub(super) async fn service_session(&self, client: &Client) -> Result<(Held, SessionFacts), Error> {
        if let Some(found) = self.held_session(client).await? {
            return Ok(found);
        }
        // Of many that come at once one begins it, and the others find it.
        let _turn = self.beginning.lock().await;
        if let Some(found) = self.held_session(client).await? {
            return Ok(found);
        }
        let (sign_ins, method) = (self.flow.sign_ins(), client.spec.auth.as_str());
        let author = Subject::Service(client.name.clone()).distinct_id();
        let (session, text) = sign_ins.begin_service(&client.name, method, None, SESSION, &author).await?;
        let now = self.client(&client.name).await?;
        if now.is_none_or(|now| now.revision != client.revision) {
            sign_ins.end(&[session], "changed_meanwhile", "system").await?;
            return Err(Error::Busy);
        }
        let damaged = |_form| Error::Damaged { what: "credential", name: client.name.to_string() };
        let credential = text.expose(|text| PresentedCredential::parse(text)).map_err(damaged)?;
        let facts = self.alive_service(&client.name, session).await?.ok_or(Error::NoSession)?;
        let held = Held { session, credential, revision: client.revision };
        self.services.lock().insert(client.name.clone(), held.clone());
        Ok((held, facts))
    }

    /// The session that a service has, if a token under it would last.
    async fn held_session(&self, client: &Client) -> Result<Option<(Held, SessionFacts)>, Error> {
        let held = self.services.lock().get(&client.name).cloned();
        let Some(held) = held.filter(|held| held.revision == client.revision) else { return Ok(None) };
        let facts = self.alive_service(&client.name, held.session).await?;
        let lasts = |facts: &SessionFacts| facts.ends() > self.clock.now().plus(ACCESS_TOKEN);
        Ok(facts.filter(lasts).map(|facts| (held, facts)))
    }
}

/// The scopes of a token for the client itself: all that it may ask for, unless it asks for fewer. What tells who somebody is
/// is not among them, since nobody is there.
fn own_scopes(client: &Client, asked: Option<&str>) -> Result<BTreeSet<String>, Refusal> {
    let own = |scope: &&String| !OF_PEOPLE.contains(&scope.as_str());
    let allowed: BTreeSet<String> = client.spec.scopes.iter().filter(own).cloned().collect();
    narrowed(asked, &allowed)
}

/// Scopes that say what is told about a person, and for how long.
const OF_PEOPLE: [&str; 5] = ["openid", "profile", "email", "groups", "offline_access"];

/// A job that runs for longer asks again.
const APP_TOKEN: Duration = Duration::from_secs(3600);

/// How long a session of a service is used for new tokens. It is no bound on anything: the next one begins by itself.
const SESSION: Duration = Duration::from_secs(12 * 3600);
