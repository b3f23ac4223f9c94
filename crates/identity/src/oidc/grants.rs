//! What a person's sign-in has given to a client: the family of all tokens that come of one code.
//!
//! A refresh token is `bzr_HANDLE.GENERATION.MAC`. The handle, 256 random bits, is that of the family, and stored by its
//! digest. The generation is a number that goes up by one with each refresh, never a time: so which token is newer does
//! not depend on clocks, and fifty refreshes within a second are fifty. The MAC makes one out of each generation that
//! nobody can make who has another. A token that is not the newest was used already: somebody else has it, and the whole
//! family ends. The newest but one is an exception for half a minute, for a client whose answer was lost or that asked
//! twice at once: it gets the same successor again.

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_model::{
    ClientGrantId, ClientName, CredentialDigest, CredentialKind, EventKind, ObjectKind, Outcome, Personal,
    PresentedCredential, Resource, ResourceRef, Revision, Secret, SessionId, Subject, SubjectRef, Timestamp,
    UserId,
};
use bartizan_pki::{credential_digest, keyed_digest, new_credential};
use bartizan_store::{ChangeSet, Expect, Lookup, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::Provider;
use crate::credentials::OF_CLIENT;
use crate::error::Error;
use crate::people::to_value;
use crate::spec::{CredentialSpec, read};

/// A family as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GrantSpec {
    pub(crate) client: ClientName,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    /// Which factors the person had.
    pub(crate) factors: u64,
    pub(crate) scopes: BTreeSet<String>,
    /// For which servers tokens may be asked for.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) resources: BTreeSet<String>,
    /// The thumbprint of the key that whoever refreshes has to prove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jkt: Option<String>,
    /// Which refresh token is the newest.
    pub(crate) generation: u64,
    /// Since when.
    pub(crate) refreshed: Timestamp,
    /// The digest of the handle, by which the credential is found that brings the session to the enforcement point.
    pub(crate) handle: String,
}

/// A family at the revision that was read.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) id: ClientGrantId,
    pub(crate) revision: Revision,
    pub(crate) spec: GrantSpec,
}

/// A refresh token that was made here, for all that its form tells.
#[derive(Debug)]
pub(crate) struct RefreshToken {
    handle: Secret<String>,
    generation: u64,
}

/// Why a family ends before its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Its client said so.
    Revoked,
    /// Its code came a second time.
    CodeReused,
    /// A refresh token came a second time, or from another client.
    RefreshReused,
    /// Nothing could be issued under it.
    NotIssued,
}

impl Ending {
    /// As events spell it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::CodeReused => "code_reused",
            Self::RefreshReused => "refresh_reused",
            Self::NotIssued => "not_issued",
        }
    }
}

/// What a generation is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    /// It is the newest: the next one takes its place.
    Newest,
    /// It was followed a moment ago: its successor is told once more.
    JustFollowed,
    /// It was used before.
    Reused,
}

impl GrantSpec {
    pub(crate) fn generation(&self, shown: u64, now: Timestamp) -> Generation {
        if shown == self.generation {
            Generation::Newest
        } else if shown.checked_add(1) == Some(self.generation) && now.since(self.refreshed) <= GRACE {
            Generation::JustFollowed
        } else {
            Generation::Reused
        }
    }
}

impl RefreshToken {
    /// The credential that stands for the family. It is good at no app: only to say whose session it hangs on.
    pub(crate) fn credential(&self) -> Option<PresentedCredential> {
        credential_of(&self.handle)
    }

    pub(crate) const fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) const fn handle(&self) -> &Secret<String> {
        &self.handle
    }
}

/// The credential with this handle.
pub(crate) fn credential_of(handle: &Secret<String>) -> Option<PresentedCredential> {
    let text = handle.expose(|handle| Secret::new(format!("{}{handle}", CredentialKind::Token.prefix())));
    text.expose(|text| PresentedCredential::parse(text)).ok()
}

/// A family that is about to begin: what is written for it, and the handle.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) id: ClientGrantId,
    pub(crate) handle: Secret<String>,
    pub(crate) writes: [Write; 2],
}

impl Provider {
    /// A new family. Nothing of it is stored before the writes are committed, with the code that is spent for it.
    pub(crate) fn begin_grant(&self, mut spec: GrantSpec) -> Begun {
        let (text, digest) = new_credential(CredentialKind::Token, self.entropy.as_ref());
        let prefix = CredentialKind::Token.prefix();
        let handle =
            text.expose(|text| Secret::new(text.strip_prefix(prefix).unwrap_or_default().to_owned()));
        let id = ClientGrantId::random(self.entropy.as_ref());
        spec.handle = digest.to_hex();
        let credential = CredentialSpec {
            session: spec.session,
            kind: CredentialKind::Token,
            host: None,
            apps: BTreeSet::new(),
            ends: None,
            grant: None,
        };
        let writes = [
            Write::Put {
                kind: ObjectKind::ClientGrant,
                name: id.to_string(),
                lookups: vec![Lookup::new(HANDLE, spec.handle.clone())],
                spec: to_value(&spec),
                expect: Expect::Absent,
            },
            Write::Put {
                kind: ObjectKind::Credential,
                name: digest.to_hex(),
                spec: to_value(&credential),
                lookups: Vec::new(),
                expect: Expect::Absent,
            },
        ];
        Begun { id, handle, writes }
    }

    /// The text of a refresh token.
    pub(crate) fn refresh_token(&self, handle: &Secret<String>, generation: u64) -> Secret<String> {
        handle.expose(|handle| {
            let body = format!("{handle}.{generation}");
            Secret::new(format!("{PREFIX}{body}.{}", URL_SAFE_NO_PAD.encode(self.mac(&body))))
        })
    }

    /// A refresh token that somebody shows; `None` if it is none of ours.
    pub(crate) fn read_refresh_token(&self, text: &Secret<String>) -> Option<RefreshToken> {
        text.expose(|text| {
            let (body, mac) =
                text.strip_prefix(PREFIX).filter(|_| text.len() <= MAX_TOKEN)?.rsplit_once('.')?;
            let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
            if Secret::new(mac) != Secret::new(self.mac(body).to_vec()) {
                return None;
            }
            let (handle, generation) = body.split_once('.')?;
            Some(RefreshToken {
                handle: Secret::new(handle.to_owned()),
                generation: generation.parse().ok()?,
            })
        })
    }

    fn mac(&self, body: &str) -> [u8; 32] {
        keyed_digest(&self.refresh_key, "refresh", body.as_bytes())
    }

    /// The family of a refresh token.
    pub(crate) async fn grant_of(&self, token: &RefreshToken) -> Result<Option<Grant>, Error> {
        let Some(credential) = token.credential() else { return Ok(None) };
        let found = self.store.find(HANDLE, &credential_digest(&credential).to_hex()).await?;
        found.filter(|object| object.kind == ObjectKind::ClientGrant).map(|object| grant(&object)).transpose()
    }

    /// A family by its id.
    pub(crate) async fn grant(&self, id: ClientGrantId) -> Result<Option<Grant>, Error> {
        let object = self.newest.get(ObjectKind::ClientGrant, &id.to_string()).await?;
        object.map(|object| grant(&object)).transpose()
    }

    /// Goes on to the next generation. Says whether it did: not if somebody else was faster.
    pub(crate) async fn advance(&self, grant: &Grant) -> Result<bool, Error> {
        let now = self.clock.now();
        let spec = GrantSpec {
            generation: grant.spec.generation.saturating_add(1),
            refreshed: now,
            ..grant.spec.clone()
        };
        let mut change = ChangeSet::new(grant.spec.user.to_string(), now);
        change.writes.push(Write::Put {
            kind: ObjectKind::ClientGrant,
            name: grant.id.to_string(),
            lookups: vec![Lookup::new(HANDLE, spec.handle.clone())],
            spec: to_value(&spec),
            expect: Expect::Revision(grant.revision),
        });
        match self.store.commit(change).await {
            Ok(_) => Ok(true),
            Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends a family: none of its tokens is worth anything from now on, which is on record before. One that has ended already
    /// stays so.
    pub(crate) async fn end_grant(&self, id: ClientGrantId, why: Ending, author: &str) -> Result<(), Error> {
        let Some(grant) = self.grant(id).await? else { return Ok(()) };
        self.record_end(&grant.spec, why).await?;
        let mut change = ChangeSet::new(author, self.clock.now());
        let delete = |kind, name| Write::Delete { kind, name, expect: Expect::Any };
        change.writes.push(delete(ObjectKind::ClientGrant, id.to_string()));
        let token = self.store.find(OF_CLIENT, &id.to_string()).await?;
        let token = token.filter(|token| token.kind == ObjectKind::Credential);
        if let Some(token) = &token {
            change.writes.push(delete(ObjectKind::Credential, token.name.clone()));
        }
        let committed = self.store.commit(change).await;
        // The console is on this machine, and so is all that knows of a token for it.
        if let Some(digest) = token.and_then(|token| CredentialDigest::from_hex(&token.name)) {
            self.enforcer.forget(digest);
        }
        match committed {
            // Its credential is good for nothing by itself, and is swept away with the session.
            Ok(_) | Err(bartizan_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Provider {
    async fn record_end(&self, spec: &GrantSpec, why: Ending) -> Result<(), Error> {
        let outcome = if why == Ending::Revoked { Outcome::Ok } else { Outcome::Failed };
        let recorder = self.enforcer.recorder();
        let mut event = recorder.event(EventKind::SigninStep, outcome);
        event.subject = Some(SubjectRef::from(&Subject::User(spec.user)));
        event.session = Some(spec.session);
        event.resource = Some(ResourceRef::from(&Resource::Client(spec.client.clone())));
        event.action = Some(String::from("client:end"));
        event.reason = Some(why.as_str().to_owned());
        Ok(recorder.record(event, &Personal::default(), None).await?)
    }
}

fn grant(object: &bartizan_store::Object) -> Result<Grant, Error> {
    let damaged = |_form| Error::Damaged { what: "client grant", name: object.name.clone() };
    Ok(Grant {
        id: object.name.parse().map_err(damaged)?,
        revision: object.revision,
        spec: read("client grant", object)?,
    })
}

/// The space of lookups in which families are found by their handle.
const HANDLE: &str = "client-grant";

/// How refresh tokens begin.
pub(crate) const PREFIX: &str = "bzr_";

/// Prefix, handle, 20 digits, MAC, and the points between.
const MAX_TOKEN: usize = 4 + 43 + 1 + 20 + 1 + 43;

/// Tabs that refresh at once, and answers that were lost on the way.
const GRACE: Duration = Duration::from_secs(30);
