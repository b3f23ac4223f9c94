//! Tokens that a service gets for a token that it was called with (RFC 8693), to call the next one for the same person.
//!
//! The new token is about the same subject, under the same sign-in, and says who acts (`act`): nobody gets one that looks as if
//! the person had called by themselves. It hangs on what the first one hangs on, and on each client on the way being one that
//! may still do this; so nothing of it is stored, and whatever ends the first ends it. Whose tokens a client may bring is written
//! down at that client (`exchanges_from`), and whether it gets anything for this person now is a decision like any other.

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_model::{
    CredentialDigest, EventKind, Outcome, Personal, Resource, ResourceRef, SubjectRef, Timestamp,
};
use serde_json::{Value, json};

use super::Provider;
use super::access::{Access, Of};
use super::exchange::{Exchange, narrowed};
use super::issue::{AccessToken, scope_text};
use super::refusal::{Code, Refusal};
use super::request::{Parameters, once, resources};
use crate::clients::ClientAuth;
use crate::error::Error;

/// Why a token that is good gives nothing to who brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfit {
    /// It was given to a client whose tokens this one may not bring.
    NotListed,
    /// It is said to somebody else.
    Audience,
    /// It is bound to another key than the call proves.
    Key,
    /// It has gone through too many services.
    Chain,
    /// Who is to act is not who calls.
    Actor,
}

impl Unfit {
    /// As events spell it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::NotListed => "not_listed",
            Self::Audience => "other_audience",
            Self::Key => "other_key",
            Self::Chain => "chain_too_long",
            Self::Actor => "other_actor",
        }
    }

    /// RFC 8693, 2.2.2: a token that is not accepted for whatever reason is `invalid_request`. Whoever has it can read it, so
    /// nothing is told by these words that they could not know.
    fn refusal(self) -> Refusal {
        let why = match self {
            Self::NotListed => {
                "the subject token is of a client whose tokens this one may not bring: its administrator lists them in `exchanges_from`"
            }
            Self::Audience => {
                "the subject token is not said to this client: it has to be for one of its `audiences`"
            }
            Self::Key => "a token is bound to a key, which the call does not prove (RFC 9449)",
            Self::Chain => "the subject token has gone through as many services as it may",
            Self::Actor => {
                "the actor token is none that this client got for itself: leave it out, and it acts anyhow"
            }
        };
        Refusal::new(Code::InvalidRequest, why)
    }
}

impl Provider {
    /// A token for the client, in the name of whoever it was called by.
    pub(super) async fn delegate(&self, exchange: &Exchange<'_>) -> Result<Value, Refusal> {
        let (client, form) = (exchange.client, exchange.form);
        if client.spec.auth == ClientAuth::None || client.spec.consent {
            let why = "a client that proves nothing, or that people have to agree to first, acts for nobody";
            return Err(Refusal::new(Code::UnauthorizedClient, why));
        }
        let subject = required(form, "subject_token")?;
        typed(required(form, "subject_token_type")?)?;
        let actor = once(form, "actor_token")?;
        match (actor, once(form, "actor_token_type")?) {
            (Some(_), Some(of)) => _ = typed(of)?,
            (None, None) => {}
            _ => return Err(invalid("`actor_token` and `actor_token_type` go together")),
        }
        let issued_type = once(form, "requested_token_type")?.map(typed).transpose()?.unwrap_or(ACCESS_TOKEN);
        let resources = targets(form, &client.spec.audiences)?;

        let access = self.access(subject, exchange.issuer).await?;
        let access =
            access.ok_or_else(|| invalid("the subject token is no access token that is good now"))?;
        let unfit = match self.unfit(exchange, &access) {
            None => self.unfit_actor(exchange, actor).await?,
            found => found,
        };
        let chain = access.chain.with(&client.name).ok_or(Unfit::Chain);
        let chain = match (unfit, chain) {
            (None, Ok(chain)) => chain,
            (Some(unfit), _) | (None, Err(unfit)) => {
                self.record_delegation(exchange, &access, Some(unfit)).await?;
                return Err(unfit.refusal());
            }
        };
        let allowed = access.scopes.iter().filter(|scope| client.allows(scope)).cloned().collect();
        let scopes = narrowed(once(form, "scope")?, &allowed)?;

        let credential = self.credential_behind(&access.of).await?.ok_or_else(Refusal::grant)?;
        let caller = self.met(credential, &access.session, exchange.caller).await?;
        let live = self.may_issue(&caller, &client.name).await?;
        self.record_delegation(exchange, &access, None).await?;
        let lasts = self.lasts(&access.session).min(left(&access, self.clock.now()));
        let token = self.make_access_token(AccessToken {
            issuer: exchange.issuer,
            client: &client.name,
            session: &access.session,
            grant: match &access.of {
                Of::Family(grant) => Some(grant.id),
                Of::Service(..) => None,
            },
            scopes: &scopes,
            resources: &resources,
            jkt: exchange.jkt,
            lasts,
            act: chain.claim(),
        });
        let token = token.await?;
        drop(live);
        Ok(json!({
            "access_token": token,
            "issued_token_type": issued_type,
            "token_type": if exchange.jkt.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": lasts.as_secs(),
            "scope": scope_text(&scopes),
        }))
    }

    /// Why the client may not bring this token, if it may not.
    fn unfit(&self, exchange: &Exchange<'_>, access: &Access) -> Option<Unfit> {
        let client = exchange.client;
        let said_to = |audience: &str| access.claims.is_for(audience);
        if !client.brings(&access.client.name) {
            return Some(Unfit::NotListed);
        }
        if !client.spec.audiences.iter().any(|own| said_to(own)) && !said_to(client.name.as_str()) {
            return Some(Unfit::Audience);
        }
        (access.jkt.is_some() && access.jkt.as_deref() != exchange.jkt).then_some(Unfit::Key)
    }

    /// Why who is named to act may not, if somebody is: it has to be the client itself, by a token that it got for itself.
    async fn unfit_actor(
        &self,
        exchange: &Exchange<'_>,
        actor: Option<&str>,
    ) -> Result<Option<Unfit>, Error> {
        let Some(actor) = actor else { return Ok(None) };
        let Some(actor) = self.access(actor, exchange.issuer).await? else { return Ok(Some(Unfit::Actor)) };
        let itself = matches!(&actor.of, Of::Service(service, _) if *service == exchange.client.name);
        if !itself || !actor.chain.is_empty() {
            return Ok(Some(Unfit::Actor));
        }
        Ok((actor.jkt.is_some() && actor.jkt.as_deref() != exchange.jkt).then_some(Unfit::Key))
    }

    /// The credential by which the enforcement point meets the sign-in that a token hangs on.
    async fn credential_behind(&self, of: &Of) -> Result<Option<CredentialDigest>, Error> {
        match of {
            Of::Family(grant) => Ok(CredentialDigest::from_hex(&grant.spec.handle)),
            Of::Service(_, session) => self.flow.sign_ins().credential_of_service(*session).await,
        }
    }

    async fn record_delegation(
        &self,
        exchange: &Exchange<'_>,
        access: &Access,
        failed: Option<Unfit>,
    ) -> Result<(), Error> {
        let outcome = if failed.is_some() { Outcome::Failed } else { Outcome::Ok };
        tracing::info!(
            client = %exchange.client.name, from = %access.client.name, failed = failed.map(Unfit::as_str),
            "a client brought the token of another"
        );
        let recorder = self.enforcer.recorder();
        let mut event = recorder.event(EventKind::SigninStep, outcome);
        event.subject = Some(SubjectRef::from(&access.session.subject));
        event.session = Some(access.session.id);
        event.request_id = Some(exchange.caller.request_id);
        event.resource = Some(ResourceRef::from(&Resource::Client(exchange.client.name.clone())));
        event.action = Some(String::from("client:exchange"));
        event.reason = failed.map(|unfit| unfit.as_str().to_owned());
        Ok(recorder.record(event, &Personal::default(), None).await?)
    }
}

/// How long a token still lasts; what is got for it lasts no longer.
fn left(access: &Access, now: Timestamp) -> Duration {
    let ends = access.claims.instant("exp").ok().flatten();
    ends.map_or(Duration::ZERO, |ends| ends.since(now))
}

/// For which servers the token is to be: `resource` (RFC 8707) and `audience` mean the same here, since servers are named by
/// their address.
fn targets(form: &Parameters, allowed: &BTreeSet<String>) -> Result<BTreeSet<String>, Refusal> {
    let named = |(name, value): &(String, String)| match name.as_str() {
        "resource" | "audience" => Some(("resource".to_owned(), value.clone())),
        _ => None,
    };
    resources(&form.iter().filter_map(named).collect::<Vec<_>>(), allowed)
}

/// A type of token that is taken and given here (RFC 8693, 3): all are JWTs that are access tokens.
fn typed(of: &str) -> Result<&'static str, Refusal> {
    [ACCESS_TOKEN, JWT].into_iter().find(|known| *known == of).ok_or_else(|| {
        invalid("of tokens, `urn:ietf:params:oauth:token-type:access_token` and `…:jwt` are taken and given")
    })
}

fn required<'a>(form: &'a Parameters, name: &str) -> Result<&'a str, Refusal> {
    once(form, name)?.ok_or_else(|| invalid(format!("`{name}` is missing")))
}

fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::new(Code::InvalidRequest, why)
}

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
