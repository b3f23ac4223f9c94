//! The token endpoint (RFC 6749, 3.2): a code, a refresh token, the code of a device, or a token of another client, for tokens. Each time is a decision of its own.

use std::collections::BTreeSet;

use bartizan_enforce::{Caller, LiveGrant};
use bartizan_model::{
    ClientGrantId, ClientName, CredentialDigest, Denial, ObjectKind, PresentedCredential, Secret,
    SessionFacts, Timestamp,
};
use bartizan_pki::{credential_digest, sha256};
use bartizan_store::{ChangeSet, Expect, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::Provider;
use super::authorization::Authorization;
use super::grants::{Ending, Generation, Grant, GrantSpec, credential_of};
use super::issue::Making;
use super::refusal::{Code, Refusal};
use super::request::{Parameters, once, resources};
use super::standing::{HangsOn, Stands};
use crate::clients::{Client, GrantType, is_cli};
use crate::codes::{CodePurpose, CodeSpec, Found, Spending};
use crate::error::Error;
use crate::people::to_value;
use crate::token::TokenRequest;

/// A call of the token endpoint whose client has proved itself. Its form holds secrets, so it is not printed.
pub(crate) struct Exchange<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client: &'a Client,
    /// The thumbprint of the key that the call proves, if it proves one.
    pub(crate) jkt: Option<&'a str>,
    pub(crate) form: &'a Parameters,
    /// Who called the endpoint: the client's machine.
    pub(crate) caller: &'a Caller,
}

/// A code that is good, and what it is good for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent<'a> {
    pub(super) code: &'a PresentedCredential,
    pub(super) spending: &'a Spending,
    /// Until when it would have lived.
    pub(super) ends: Timestamp,
    pub(super) on: HangsOn<'a>,
    pub(super) scopes: &'a BTreeSet<String>,
    /// For which servers tokens may be asked for.
    pub(super) resources: &'a BTreeSet<String>,
}

impl Provider {
    /// The tokens, or why not.
    pub(crate) async fn exchange(&self, exchange: &Exchange<'_>) -> Result<Value, Refusal> {
        let spec = &exchange.client.spec;
        let unauthorised = || Refusal::new(Code::UnauthorizedClient, "this client may not use this grant");
        if spec.require_dpop && exchange.jkt.is_none() {
            return Err(Refusal::new(Code::InvalidDpopProof, "this client has to prove a key (RFC 9449)"));
        }
        match once(exchange.form, "grant_type")? {
            Some("authorization_code") if spec.grants.contains(&GrantType::AuthorizationCode) => {
                self.redeem(exchange).await
            }
            Some("refresh_token") if spec.grants.contains(&GrantType::RefreshToken) => {
                self.refresh(exchange).await
            }
            Some("client_credentials") if spec.grants.contains(&GrantType::ClientCredentials) => {
                self.client_credentials(exchange).await
            }
            Some(device) if device == GrantType::DeviceCode.asked_as() => {
                if spec.grants.contains(&GrantType::DeviceCode) {
                    self.poll(exchange).await
                } else {
                    Err(unauthorised())
                }
            }
            Some(exchanged) if exchanged == GrantType::TokenExchange.asked_as() => {
                if spec.grants.contains(&GrantType::TokenExchange) {
                    self.delegate(exchange).await
                } else {
                    Err(unauthorised())
                }
            }
            Some("authorization_code" | "refresh_token" | "client_credentials") => Err(unauthorised()),
            Some(_) => Err(Refusal::new(Code::UnsupportedGrantType, "there is no such grant here")),
            None => Err(Refusal::new(Code::InvalidRequest, "`grant_type` is missing")),
        }
    }

    async fn redeem(&self, exchange: &Exchange<'_>) -> Result<Value, Refusal> {
        let form = exchange.form;
        let missing = |name: &str| Refusal::new(Code::InvalidRequest, format!("`{name}` is missing"));
        let code = once(form, "code")?.ok_or_else(|| missing("code"))?;
        let verifier = once(form, "code_verifier")?.ok_or_else(|| missing("code_verifier"))?;
        let code = PresentedCredential::parse(code).map_err(|_form| Refusal::grant())?;
        let (CodePurpose::Client(authorization), ends, spending) = self.brought(&code).await? else {
            return Err(Refusal::grant());
        };
        let matches = authorization.client == exchange.client.name
            && once(form, "redirect_uri")?.is_some_and(|uri| uri == authorization.redirect_uri)
            && is_verifier(verifier)
            && Secret::new(URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())))
                == Secret::new(authorization.challenge.clone())
            && authorization.jkt.as_deref().is_none_or(|jkt| exchange.jkt == Some(jkt));
        if !matches {
            // Brought by another client, or by somebody who does not know what its client knows: it has been seen by
            // others, and is worth nothing any more.
            self.flow.codes().commit(spending.write(), "system").await?;
            return Err(Refusal::grant());
        }
        let asked = resources(form, &authorization.resources)?;
        let Authorization { client, user, session, factors, scopes, nonce, .. } = &*authorization;
        let on = HangsOn { client, user: *user, session: *session, factors: Some(*factors) };
        let stands = self.standing(on).await?.map_err(|_falls| Refusal::grant())?;
        let nonce = nonce.as_deref();
        let spent =
            Spent { code: &code, spending: &spending, ends, on, scopes, resources: &authorization.resources };
        self.spend(exchange, &stands, spent, &asked, nonce).await
    }

    /// What a code that a client brings is for, and until when. One that was spent before takes back what it gave: whoever was
    /// first may have stolen it (RFC 6749, 4.1.2).
    pub(super) async fn brought(
        &self,
        code: &PresentedCredential,
    ) -> Result<(CodePurpose, Timestamp, Spending), Refusal> {
        match self.flow.codes().found(code).await? {
            Found::Live(CodePurpose::Redeemed { grant }, ..) => Err(self.replayed(grant).await),
            Found::Live(purpose, ends, spending) => Ok((purpose, ends, spending)),
            Found::Ended | Found::Outdated | Found::Unknown => Err(Refusal::grant()),
        }
    }

    /// Spends a code, exactly once, for a new family and its first tokens.
    pub(super) async fn spend(
        &self,
        exchange: &Exchange<'_>,
        stands: &Stands,
        spent: Spent<'_>,
        asked: &BTreeSet<String>,
        nonce: Option<&str>,
    ) -> Result<Value, Refusal> {
        let Spent { code, spending, ends, on, scopes, resources } = spent;
        let begun = self.begin_grant(GrantSpec {
            client: on.client.clone(),
            user: on.user,
            session: on.session,
            factors: stands.factors,
            scopes: scopes.clone(),
            resources: resources.clone(),
            jkt: exchange.jkt.map(str::to_owned),
            generation: 0,
            refreshed: self.clock.now(),
            handle: String::new(),
        });
        let mut change = ChangeSet::new(on.user.to_string(), self.clock.now());
        change.writes.push(redeemed(spending, begun.id, ends));
        change.writes.extend(begun.writes.iter().cloned());
        match self.store.commit(change).await {
            Ok(_) => {}
            // Somebody else was faster with the same code: both have it, so neither keeps what it gave.
            Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {
                return match self.flow.codes().found(code).await? {
                    Found::Live(CodePurpose::Redeemed { grant }, ..) => Err(self.replayed(grant).await),
                    _ => Err(Refusal::grant()),
                };
            }
            Err(error) => return Err(Error::from(error).into()),
        }
        let resources = if asked.is_empty() { resources } else { asked };
        let issued = self.issue(exchange, stands, &begun.handle, begun.id, scopes, resources, nonce, 0).await;
        if issued.is_err() {
            self.end_grant(begun.id, Ending::NotIssued, "system").await?;
        }
        issued
    }

    /// A code came a second time.
    pub(super) async fn replayed(&self, grant: ClientGrantId) -> Refusal {
        tracing::warn!(%grant, "a code was spent twice: the tokens that it gave are worth nothing any more");
        match self.end_grant(grant, Ending::CodeReused, "system").await {
            Ok(()) => Refusal::grant(),
            Err(error) => error.into(),
        }
    }

    async fn refresh(&self, exchange: &Exchange<'_>) -> Result<Value, Refusal> {
        let form = exchange.form;
        let text = once(form, "refresh_token")?
            .ok_or_else(|| Refusal::new(Code::InvalidRequest, "`refresh_token` is missing"))?;
        let token = self.read_refresh_token(&Secret::new(text.to_owned())).ok_or_else(Refusal::grant)?;
        for _ in 0..TRIES {
            let grant = self.grant_of(&token).await?.ok_or_else(Refusal::grant)?;
            if grant.spec.client != exchange.client.name {
                // Another client has it.
                return Err(self.reused(&grant).await);
            }
            if grant.spec.jkt.as_deref() != exchange.jkt {
                return Err(Refusal::grant());
            }
            let generation = grant.spec.generation(token.generation(), self.clock.now());
            if generation == Generation::Reused {
                return Err(self.reused(&grant).await);
            }
            let GrantSpec { client, user, session, factors, .. } = &grant.spec;
            let on = HangsOn { client, user: *user, session: *session, factors: Some(*factors) };
            let stands = self.standing(on).await?.map_err(|_falls| Refusal::grant())?;
            let scopes = narrowed(once(form, "scope")?, &grant.spec.scopes)?;
            let asked = resources(form, &grant.spec.resources)?;
            let resources = if asked.is_empty() { &grant.spec.resources } else { &asked };
            let next = match generation {
                Generation::Newest => grant.spec.generation.saturating_add(1),
                Generation::JustFollowed | Generation::Reused => grant.spec.generation,
            };
            let issued = self
                .issue(exchange, &stands, token.handle(), grant.id, &scopes, resources, None, next)
                .await?;
            // The successor is stored before it is told; whoever lost against another asks again as one that was just
            // followed.
            if generation == Generation::JustFollowed || self.advance(&grant).await? {
                return Ok(issued);
            }
        }
        Err(Error::Busy.into())
    }

    /// A refresh token came a second time: one of two who have it is not who it was given to, and nobody knows which.
    async fn reused(&self, grant: &Grant) -> Refusal {
        tracing::warn!(client = %grant.spec.client, grant = %grant.id, "a refresh token was used twice: all tokens of its family are worth nothing any more");
        match self.end_grant(grant.id, Ending::RefreshReused, "system").await {
            Ok(()) => Refusal::grant(),
            Err(error) => error.into(),
        }
    }

    /// Asks whether the person may have tokens for this client now, and makes them.
    #[expect(clippy::too_many_arguments, reason = "each is a thing of its own that tokens are made of")]
    async fn issue(
        &self,
        exchange: &Exchange<'_>,
        stands: &Stands,
        handle: &Secret<String>,
        grant: ClientGrantId,
        scopes: &BTreeSet<String>,
        resources: &BTreeSet<String>,
        nonce: Option<&str>,
        generation: u64,
    ) -> Result<Value, Refusal> {
        let (scopes, resources) = still_allowed(&stands.client, scopes, resources)?;
        let credential = credential_of(handle).ok_or_else(Refusal::grant)?;
        let caller = self.met(credential_digest(&credential), &stands.session, exchange.caller).await?;
        let live = self.may_issue(&caller, &stands.client.name).await?;
        if is_cli(&stands.client.name) {
            return self.console_token(exchange, stands, &caller, grant, &resources).await;
        }
        let making = Making {
            issuer: exchange.issuer,
            client: &stands.client,
            session: &stands.session,
            grant,
            scopes: &scopes,
            resources: &resources,
            nonce,
            jkt: exchange.jkt,
        };
        let refreshes = stands.client.spec.grants.contains(&GrantType::RefreshToken);
        let refresh = refreshes.then(|| self.refresh_token(handle, generation));
        let tokens = self.tokens(&making, refresh).await?;
        drop(live);
        Ok(tokens)
    }
}

impl Provider {
    /// Whoever's sign-in this is, as a caller from the client's machine. The enforcement point decides on sessions that it has
    /// met: it meets this one by the credential.
    pub(super) async fn met(
        &self,
        credential: CredentialDigest,
        session: &SessionFacts,
        caller: &Caller,
    ) -> Result<Caller, Refusal> {
        let met = self.enforcer.resolve_kept(credential, caller.source).await.map_err(|error| {
            tracing::warn!(%error, "a sign-in could not be looked up for a client");
            Refusal::new(Code::TemporarilyUnavailable, "the sign-in cannot be looked up: try again")
        })?;
        met.ok_or_else(Refusal::grant)?;
        Ok(Caller {
            subject: session.subject.clone(),
            session: Some(session.id),
            device: session.device,
            credential: None,
            credential_ends: None,
            ..caller.clone()
        })
    }

    /// Asks whether this caller may have tokens for this client now.
    pub(super) async fn may_issue(
        &self,
        caller: &Caller,
        client: &ClientName,
    ) -> Result<LiveGrant<TokenRequest>, Refusal> {
        let (clock, entropy) = (self.clock.as_ref(), self.entropy.as_ref());
        let request = TokenRequest::for_client(caller, client.clone(), clock, entropy);
        self.enforcer.admit(request).await.map_err(|denial| denied(&denial, client))
    }
}

/// What a client is told that may not have tokens for this subject now.
pub(super) fn denied(denial: &Denial, client: &ClientName) -> Refusal {
    tracing::info!(reason = %denial.reason, %client, "tokens were denied to a client");
    if denial.reason.is_outage() {
        return Refusal::new(Code::TemporarilyUnavailable, "nothing can be decided at the moment: try again");
    }
    let id = denial.request_id;
    Refusal::new(Code::AccessDenied, format!("no policy permits it; `bartizan why {id}` says more"))
}

/// What of that which was given once the client may still ask for: its administrator may have taken something away since.
fn still_allowed(
    client: &Client,
    scopes: &BTreeSet<String>,
    resources: &BTreeSet<String>,
) -> Result<(BTreeSet<String>, BTreeSet<String>), Refusal> {
    let scopes = scopes.iter().filter(|scope| client.allows(scope)).cloned().collect();
    let left: BTreeSet<String> = resources.intersection(&client.spec.audiences).cloned().collect();
    // None left is not the same as none asked for, which is a token for us.
    if left.is_empty() && !resources.is_empty() {
        return Err(Refusal::new(
            Code::InvalidTarget,
            "this client may not ask for tokens for the resource any more",
        ));
    }
    Ok((scopes, left))
}

/// The write that makes a spent code of a live one, so that a second time is noticed as long as the code would have lived,
/// and longer.
fn redeemed(spending: &Spending, grant: ClientGrantId, ends: Timestamp) -> Write {
    let spec = CodeSpec::new(CodePurpose::Redeemed { grant }, ends.plus(REMEMBERED));
    Write::Put {
        kind: ObjectKind::Code,
        name: spending.name(),
        spec: to_value(&spec),
        lookups: Vec::new(),
        expect: Expect::Revision(spending.revision()),
    }
}

/// The scopes that are asked for, none of which may be more than was given (RFC 6749, 6).
pub(super) fn narrowed(asked: Option<&str>, given: &BTreeSet<String>) -> Result<BTreeSet<String>, Refusal> {
    let Some(asked) = asked else { return Ok(given.clone()) };
    let asked: BTreeSet<String> =
        asked.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    if asked.is_subset(given) {
        Ok(asked)
    } else {
        Err(Refusal::new(Code::InvalidScope, "a scope is none of those that were given to this client"))
    }
}

/// RFC 7636, 4.1.
fn is_verifier(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(allowed)
}

/// Each try fails only because somebody else refreshed the same family.
const TRIES: usize = 4;

/// How much longer than it lived a code that was spent is remembered: as long as access tokens live that it gave.
const REMEMBERED: std::time::Duration = std::time::Duration::from_secs(600);
