//! People who arrive from identity providers: their account, its link and its groups, written like every other change.
//!
//! The administrator who declared the provider has said what its word counts for; so a change is made on the provider's word,
//! and the record says so. Nobody becomes an administrator by it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bartizan_identity::{Arrival, Arrivals, Error as IdentityError, NewPerson, Who};
use bartizan_model::{
    DecisionId, GroupName, ObjectKind, ProviderName, RequestId, SessionId, Subject, UserId, UserState,
};
use bartizan_store::{Expect, Write};

use crate::api::{Api, Failure};
use crate::call::Author;
use crate::error::Error;
use crate::plan::Verb;
use crate::proposal::Proposal;
use crate::spec::GroupSpec;

/// Writes down who arrives.
#[derive(Debug)]
pub struct Arriving {
    api: Arc<Api>,
}

/// A provider, on whose word something is written.
struct OnWordOf<'a> {
    provider: &'a ProviderName,
    source: IpAddr,
    request_id: RequestId,
}

impl Author for OnWordOf<'_> {
    fn author(&self) -> String {
        format!("{}:{}", ObjectKind::Provider, self.provider)
    }

    fn source(&self) -> IpAddr {
        self.source
    }

    fn under(&self) -> (Option<RequestId>, Option<DecisionId>) {
        (Some(self.request_id), None)
    }

    fn subject(&self) -> Option<(&Subject, Option<SessionId>)> {
        None
    }
}

impl Arriving {
    /// Over this deployment.
    #[must_use]
    pub fn new(api: Arc<Api>) -> Arc<Self> {
        Arc::new(Self { api })
    }

    /// What is to be written, and of whom; none if it is not theirs.
    async fn proposal(&self, arrival: &Arrival) -> Result<Option<(UserId, Proposal)>, Error> {
        let people = &self.api.people;
        let mut proposal = Proposal::default();
        let user = match &arrival.who {
            Who::Linked(user) => *user,
            Who::ToLink { user, issuer, subject } => {
                let Some(stored) = people.stored(*user).await? else { return Ok(None) };
                let mut person = stored.person.clone();
                let Some(attributes) = &mut person.attributes else { return Ok(None) };
                let external = &mut attributes.profile.get_or_insert_default().external;
                if external.contains_key(issuer) || external.len() >= MOST_LINKS {
                    return Ok(None);
                }
                external.insert(issuer.clone(), subject.clone());
                proposal.writes.push((Verb::Change, people.prepare_change(&stored, &person).await?));
                *user
            }
            Who::ToPart { user, issuer } => {
                let Some(stored) = people.stored(*user).await? else { return Ok(None) };
                let mut person = stored.person.clone();
                let profile = person.attributes.as_mut().and_then(|attributes| attributes.profile.as_mut());
                if profile.is_some_and(|profile| profile.external.remove(issuer).is_some()) {
                    proposal.writes.push((Verb::Change, people.prepare_change(&stored, &person).await?));
                }
                *user
            }
            Who::New(attributes) => {
                let id = UserId::random(self.api.enforcer.entropy().as_ref());
                let person = NewPerson { attributes: (**attributes).clone(), admin: false };
                let (write, secret) = people.prepare_new(id, &person, UserState::Active)?;
                proposal.writes.push((Verb::Create, write));
                proposal.secrets.push(secret);
                id
            }
        };
        let belongs = arrival.joins.iter().map(|group| (group, true));
        let belongs: BTreeMap<&GroupName, bool> =
            belongs.chain(arrival.leaves.iter().map(|group| (group, false))).collect();
        for (group, belongs) in belongs {
            proposal
                .writes
                .extend(self.member(group, user, belongs).await?.map(|write| (Verb::Change, write)));
        }
        Ok(Some((user, proposal)))
    }

    /// The write by which somebody is in a group, or not; none if they are so already, or there is no such group.
    async fn member(&self, group: &GroupName, user: UserId, belongs: bool) -> Result<Option<Write>, Error> {
        let Some(object) = self.api.store.get(ObjectKind::Group, group.as_str()).await? else {
            tracing::warn!(%group, "a rule of an identity provider names a group that is not there any more");
            return Ok(None);
        };
        let (kind, name) = (ObjectKind::Group, object.name.clone());
        let mut spec: GroupSpec = serde_json::from_value(object.spec).map_err(|error| Error::Damaged {
            kind,
            name: name.clone(),
            why: error.to_string(),
        })?;
        let changed = if belongs { spec.users.insert(user) } else { spec.users.remove(&user) };
        let spec = serde_json::to_value(&spec).unwrap_or_default();
        let expect = Expect::Revision(object.revision);
        Ok(changed.then_some(Write::Put { kind, name, spec, lookups: Vec::new(), expect }))
    }
}

#[async_trait]
impl Arrivals for Arriving {
    async fn arrived(&self, arrival: &Arrival) -> Result<Option<UserId>, IdentityError> {
        let (provider, source, request_id) = (&arrival.provider, arrival.source, arrival.request_id);
        let by = OnWordOf { provider, source, request_id };
        let turn = self.api.hub.turn().await;
        let Some((user, proposal)) = self.proposal(arrival).await.map_err(not_written)? else {
            return Ok(None);
        };
        if proposal.writes.is_empty() {
            return Ok(Some(user));
        }
        let sound = proposal.tried(&self.api, &by).await.map_err(failed)?;
        let committed = match sound.commit(&self.api, &by).await {
            Ok(committed) => committed,
            // Somebody else has the login name, or the link, by now.
            Err(Failure::Failed(Error::Store(bartizan_store::Error::LookupTaken { .. }))) => return Ok(None),
            Err(failure) => return Err(failed(failure)),
        };
        drop(turn);
        // What they may is decided on right after this.
        self.api.hub.applied(committed.revision).await;
        Ok(Some(user))
    }
}

fn failed(failure: Failure) -> IdentityError {
    match failure {
        Failure::Failed(error) => not_written(error),
        Failure::Denied(denial) => IdentityError::NotWritten(denial.reason.to_string()),
        Failure::Findings(findings) => {
            let first = findings.into_iter().next().map(|finding| finding.message);
            IdentityError::NotWritten(first.unwrap_or_default())
        }
    }
}

fn not_written(error: Error) -> IdentityError {
    match error {
        Error::Store(error) => IdentityError::Store(error),
        Error::Identity(error) => error,
        Error::Unrecorded(error) => IdentityError::Evidence(error),
        Error::Behind => IdentityError::Busy,
        other => IdentityError::NotWritten(other.to_string()),
    }
}

/// 16: directories and providers together.
const MOST_LINKS: usize = 16;
