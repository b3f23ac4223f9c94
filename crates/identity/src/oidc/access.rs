//! Access tokens that come back: at the userinfo endpoint, and for introspection (RFC 7662) and revocation (RFC 7009).

use std::collections::BTreeSet;

use bartizan_model::{
    ClientGrantId, ClientName, CredentialKind, ObjectKind, PresentedCredential, Secret, SessionFacts,
    SessionId, Subject,
};
use bartizan_pki::credential_digest;
use serde_json::{Map, Value, json};

use super::Provider;
use super::chain::Chain;
use super::grants::{Ending, Generation, Grant, PREFIX};
use super::issue::scope_text;
use super::refusal::{Code, Refusal};
use super::request::OPENID;
use super::standing::{HangsOn, Stands};
use crate::clients::{Client, ClientAuth, GrantType};
use crate::error::Error;
use crate::jose::{self, Claims, Expected, Life, Typ};
use crate::spec::{CredentialSpec, read};

/// An access token that is good now.
#[derive(Debug)]
pub(crate) struct Access {
    pub(super) claims: Claims,
    /// Who holds it.
    pub(super) client: Client,
    pub(super) session: SessionFacts,
    pub(super) scopes: BTreeSet<String>,
    pub(super) of: Of,
    /// Who acts by it.
    pub(super) chain: Chain,
    /// The thumbprint of the key to which it is bound.
    pub(crate) jkt: Option<String>,
}

/// What a token hangs on.
#[derive(Debug)]
pub(super) enum Of {
    /// What a person's sign-in has given to a client.
    Family(Grant),
    /// The sign-in of a service.
    Service(ClientName, SessionId),
}

/// An access token of ours, whether or not what it hangs on stands.
struct Known {
    claims: Claims,
    of: Of,
    chain: Chain,
}

impl Provider {
    /// An access token of ours, if it is good now. Its signature and its end are one half of that; what it hangs on is the
    /// other, and is looked up each time.
    pub(crate) async fn access(&self, token: &str, issuer: &str) -> Result<Option<Access>, Error> {
        let Some(Known { claims, of, chain }) = self.read_access_token(token, issuer, Life::Own).await?
        else {
            return Ok(None);
        };
        let stands = match &of {
            Of::Family(grant) => {
                let on = HangsOn {
                    client: &grant.spec.client,
                    user: grant.spec.user,
                    session: grant.spec.session,
                    factors: Some(grant.spec.factors),
                };
                self.standing(on).await?.map(|Stands { client, session, .. }| (client, session))
            }
            Of::Service(client, session) => self.service_standing(client, *session).await?,
        };
        let Ok((first, session)) = stands else { return Ok(None) };
        let Some(actors) = self.acting(&chain, &first.name).await? else { return Ok(None) };
        let scopes = claims.text("scope").ok().flatten().unwrap_or_default();
        let allowed = |scope: &&str| first.allows(scope) && actors.iter().all(|actor| actor.allows(scope));
        let scopes = scopes.split(' ').filter(allowed).map(str::to_owned).collect();
        let jkt = claims.within("cnf", "jkt").ok().flatten().map(str::to_owned);
        let client = actors.into_iter().next().unwrap_or(first);
        Ok(Some(Access { claims, client, session, scopes, of, chain, jkt }))
    }

    /// What an access token of ours says, and what it hangs on.
    async fn read_access_token(&self, token: &str, issuer: &str, life: Life) -> Result<Option<Known>, Error> {
        let expected =
            Expected { typ: Typ::AccessToken, issuer, audiences: &[], now: self.clock.now(), life };
        let keys = self.keys.verifying().await?;
        let claims = match jose::read(token, &expected, &keys) {
            Ok(claims) => claims,
            Err(why) => {
                tracing::debug!(%why, "an access token is not accepted");
                return Ok(None);
            }
        };
        let Some(chain) = Chain::of(&claims) else { return Ok(None) };
        // Who holds it is who acts by it, or else who it was first given to.
        let held_by = |first: &ClientName| {
            claims.text("client_id") == Ok(Some(chain.holder().unwrap_or(first).as_str()))
        };
        if let Some(client) = claims.text("sub").ok().flatten().and_then(Subject::service_of) {
            let session = claims.text("sid").ok().flatten().and_then(|session| session.parse().ok());
            let of = session.filter(|_| held_by(&client)).map(|session| Of::Service(client, session));
            return Ok(of.map(|of| Known { claims, of, chain }));
        }
        let id = claims.text("jti").ok().flatten().and_then(|id| id.split_once('.')).map(|(grant, _)| grant);
        let Some(id) = id.and_then(|id| id.parse::<ClientGrantId>().ok()) else { return Ok(None) };
        let Some(grant) = self.grant(id).await? else { return Ok(None) };
        let same = held_by(&grant.spec.client)
            && claims.text("sub") == Ok(Some(grant.spec.user.to_string().as_str()));
        Ok(same.then_some(Known { claims, of: Of::Family(grant), chain }))
    }

    /// What the person behind an access token is called, for who may ask that with it (OIDC Core, 5.3).
    pub(crate) async fn userinfo(
        &self,
        access: &Access,
        issuer: &str,
    ) -> Result<Map<String, Value>, Refusal> {
        if !access.claims.is_for(issuer) {
            let why = "the token is for another server: ask for one without `resource`";
            return Err(Refusal::new(Code::InvalidToken, why));
        }
        if !access.scopes.contains(OPENID) {
            return Err(Refusal::new(
                Code::InsufficientScope,
                "the token was not asked for with the scope `openid`",
            ));
        }
        let user = access.session.user().ok_or_else(Refusal::grant)?;
        Ok(self.about(user, &access.client, &access.scopes).await?)
    }

    /// What a client is told about a token (RFC 7662, 2.2). Of one that is not good, or not its to ask about: only that it
    /// is not active.
    pub(crate) async fn introspect(
        &self,
        caller: &Client,
        token: &str,
        issuer: &str,
    ) -> Result<Value, Refusal> {
        if caller.spec.auth == ClientAuth::None {
            let why = "only a client that proves itself may ask about tokens";
            return Err(Refusal::new(Code::InvalidClient, why));
        }
        let inactive = json!({ "active": false });
        if token.starts_with(PREFIX) {
            return Ok(self.introspect_refresh(caller, token).await?.unwrap_or(inactive));
        }
        let Some(access) = self.access(token, issuer).await? else { return Ok(inactive) };
        let own = access.client.name == caller.name;
        // A client that has no way to tokens but by those of others is a server that is shown them.
        let server = caller.spec.grants.iter().all(|grant| *grant == GrantType::TokenExchange)
            && caller.spec.audiences.iter().any(|audience| access.claims.is_for(audience));
        if !own && !server {
            return Ok(inactive);
        }
        let mut answer = access.claims.into_members();
        answer.insert("active".into(), true.into());
        let kind = if access.jkt.is_some() { "DPoP" } else { "Bearer" };
        answer.insert("token_type".into(), kind.into());
        Ok(Value::Object(answer))
    }

    async fn introspect_refresh(&self, caller: &Client, token: &str) -> Result<Option<Value>, Error> {
        let Some(token) = self.read_refresh_token(&Secret::new(token.to_owned())) else { return Ok(None) };
        let Some(Grant { spec, .. }) = self.grant_of(&token).await? else { return Ok(None) };
        let newest = spec.generation(token.generation(), self.clock.now()) == Generation::Newest;
        if spec.client != caller.name || !newest {
            return Ok(None);
        }
        let on = HangsOn {
            client: &spec.client,
            user: spec.user,
            session: spec.session,
            factors: Some(spec.factors),
        };
        let Ok(stands) = self.standing(on).await? else { return Ok(None) };
        Ok(Some(json!({
            "active": true,
            "client_id": spec.client.as_str(),
            "sub": spec.user.to_string(),
            "scope": scope_text(&spec.scopes),
            "exp": stands.session.absolute_end.as_secs(),
            "token_type": "refresh_token",
        })))
    }

    /// Ends the family of a token. One that is none, or over, is as good as ended (RFC 7009, 2.2).
    pub(crate) async fn revoke(&self, caller: &Client, token: &str, issuer: &str) -> Result<(), Refusal> {
        if let Some(token) =
            PresentedCredential::parse(token).ok().filter(|token| token.kind() == CredentialKind::Token)
        {
            return self.revoke_console_token(caller, &token).await;
        }
        let of = match self.read_refresh_token(&Secret::new(token.to_owned())) {
            Some(refresh) => self.grant_of(&refresh).await?.map(Of::Family),
            None => match self.read_access_token(token, issuer, Life::Whenever).await? {
                Some(Known { chain, .. }) if !chain.is_empty() => return Err(not_alone(&chain, caller)),
                known => known.map(|known| known.of),
            },
        };
        let grant = match of {
            None => return Ok(()),
            Some(Of::Family(grant)) => grant,
            Some(Of::Service(client, _)) if client != caller.name => return Err(Refusal::grant()),
            // It is worth nothing by itself but what the session is, and so are the others: the next one is for the asking.
            Some(Of::Service(client, session)) => {
                let author = Subject::Service(client).distinct_id();
                self.flow.sign_ins().end(&[session], Ending::Revoked.as_str(), &author).await?;
                return Ok(());
            }
        };
        if grant.spec.client != caller.name {
            return Err(Refusal::grant());
        }
        Ok(self.end_grant(grant.id, Ending::Revoked, &grant.spec.user.to_string()).await?)
    }

    /// Ends the family of a token for the console.
    async fn revoke_console_token(
        &self,
        caller: &Client,
        token: &PresentedCredential,
    ) -> Result<(), Refusal> {
        let name = credential_digest(token).to_hex();
        let object = self.store.get(ObjectKind::Credential, &name).await.map_err(Error::from)?;
        let spec: Option<CredentialSpec> = object.map(|object| read("credential", &object)).transpose()?;
        let Some(id) = spec.and_then(|spec| spec.grant) else { return Ok(()) };
        let Some(grant) = self.grant(id).await? else { return Ok(()) };
        if grant.spec.client != caller.name {
            return Err(Refusal::grant());
        }
        Ok(self.end_grant(id, Ending::Revoked, &grant.spec.user.to_string()).await?)
    }

    /// Whose ID token this is, and for which client, whether or not its time is over: the hint of who signs out.
    pub(crate) async fn hinted(&self, token: &str, issuer: &str) -> Result<Option<(String, String)>, Error> {
        let (now, life) = (self.clock.now(), Life::Whenever);
        let expected = Expected { typ: Typ::IdToken, issuer, audiences: &[], now, life };
        let keys = self.keys.verifying().await?;
        let Ok(claims) = jose::read(token, &expected, &keys) else { return Ok(None) };
        let (client, session) = (claims.audience(), claims.text("sid").ok().flatten());
        Ok(client.zip(session).map(|(client, session)| (client.to_owned(), session.to_owned())))
    }
}

/// Why a token that was got for another is not revoked (RFC 7009, 2.2.1): it hangs on what that one hangs on, which is not its
/// holder's to end.
fn not_alone(chain: &Chain, caller: &Client) -> Refusal {
    if chain.holder() != Some(&caller.name) {
        return Refusal::grant();
    }
    let why = "it ends with the token that it was got for, and cannot be revoked by itself";
    Refusal::new(Code::UnsupportedTokenType, why)
}
