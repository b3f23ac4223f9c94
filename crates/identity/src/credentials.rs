//! Credentials: ways to prove a session. Only their digests are stored.

use std::collections::BTreeSet;

use bartizan_enforce::{Audience, LiveGrant, Resolved};
use bartizan_model::{
    AppName, ClientGrantId, CredentialDigest, CredentialKind, ObjectKind, Resource, Secret, SessionId,
    Timestamp,
};
use bartizan_store::{ChangeSet, Expect, Lookup, Write};

use crate::error::Error;
use crate::people::to_value;
use crate::sessions::SignIns;
use crate::spec::{CredentialSpec, read, session_facts};
use crate::token::TokenRequest;

/// A credential that was just made. Its text is shown once.
#[derive(Debug)]
pub struct IssuedCredential {
    /// The text.
    pub text: Secret<String>,
}

impl SignIns {
    /// A sign-in credential (`bzs_`) for a session that has just begun; it works on `auth_host` alone.
    ///
    /// # Errors
    /// [`Error::NoSession`], [`Error::Store`].
    pub async fn issue_sign_in(
        &self,
        session: SessionId,
        auth_host: &str,
    ) -> Result<IssuedCredential, Error> {
        let spec = CredentialSpec {
            session,
            kind: CredentialKind::SignIn,
            host: Some(auth_host.to_owned()),
            apps: BTreeSet::new(),
            ends: None,
            grant: None,
        };
        self.issue(spec).await
    }

    /// A token (`bzn_`) for the apps that were granted, under the session that asked for them.
    ///
    /// # Errors
    /// [`Error::NoSession`] if the grants are none, of several sessions, or of one that has ended; [`Error::Store`].
    pub async fn issue_token(
        &self,
        granted: &[LiveGrant<TokenRequest>],
        ends: Option<Timestamp>,
    ) -> Result<IssuedCredential, Error> {
        self.issue_granted(granted, ends, None).await
    }

    /// The same for a client of the OpenID provider, under the family of what it was given: it ends with that, too.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn issue_client_token(
        &self,
        granted: &[LiveGrant<TokenRequest>],
        ends: Timestamp,
        grant: ClientGrantId,
    ) -> Result<IssuedCredential, Error> {
        self.issue_granted(granted, Some(ends), Some(grant)).await
    }

    async fn issue_granted(
        &self,
        granted: &[LiveGrant<TokenRequest>],
        ends: Option<Timestamp>,
        grant: Option<ClientGrantId>,
    ) -> Result<IssuedCredential, Error> {
        let requests: Vec<_> = granted.iter().map(|live| live.asked().request()).collect();
        let session = requests.first().and_then(|request| request.session).ok_or(Error::NoSession)?;
        if requests.iter().any(|request| request.session != Some(session)) {
            return Err(Error::NoSession);
        }
        let apps: BTreeSet<AppName> = requests
            .iter()
            .filter_map(|request| match &request.resource {
                Resource::App(app) => Some(app.clone()),
                Resource::Client(_) | Resource::Admin(_) => None,
            })
            .collect();
        let kind = CredentialKind::Token;
        self.issue(CredentialSpec { session, kind, host: None, apps, ends, grant }).await
    }

    async fn issue(&self, spec: CredentialSpec) -> Result<IssuedCredential, Error> {
        let (text, digest) = bartizan_pki::new_credential(spec.kind, self.entropy.as_ref());
        let session = spec.session.to_string();
        let object = self.store.get(ObjectKind::Session, &session).await?.ok_or(Error::NoSession)?;
        let facts = session_facts(&object.name, &object.spec).ok_or(Error::NoSession)?;
        let mut change = ChangeSet::new(facts.subject.distinct_id(), self.clock.now());
        change.writes.push(Write::Put {
            kind: ObjectKind::Credential,
            name: digest.to_hex(),
            spec: to_value(&spec),
            lookups: spec.grant.map(|grant| Lookup::new(OF_CLIENT, grant.to_string())).into_iter().collect(),
            expect: Expect::Absent,
        });
        self.store.commit(change).await?;
        Ok(IssuedCredential { text })
    }

    /// Whose credential this is. One whose session is gone, or whose own time is over, is nobody's.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn resolve(&self, digest: CredentialDigest) -> Result<Option<Resolved>, Error> {
        let Some(object) = self.store.get(ObjectKind::Credential, &digest.to_hex()).await? else {
            return Ok(None);
        };
        let spec: CredentialSpec = read("credential", &object)?;
        if spec.ends.is_some_and(|ends| ends <= self.clock.now()) {
            return Ok(None);
        }
        if let Some(grant) = spec.grant
            && self.store.get(ObjectKind::ClientGrant, &grant.to_string()).await?.is_none()
        {
            return Ok(None);
        }
        let name = spec.session.to_string();
        let Some(session) = self.store.get(ObjectKind::Session, &name).await? else { return Ok(None) };
        let damaged = || Error::Damaged { what: "session", name: session.name.clone() };
        let facts = session_facts(&session.name, &session.spec).ok_or_else(damaged)?;
        let audience = match spec.host {
            Some(host) => Audience::Host(host),
            None => Audience::Apps(spec.apps),
        };
        Ok(Some(Resolved {
            session: spec.session,
            subject: facts.subject,
            kind: spec.kind,
            audience,
            ends: spec.ends,
        }))
    }
}

/// The space of lookups in which the token of a client is found by its family.
pub(crate) const OF_CLIENT: &str = "client-token";
