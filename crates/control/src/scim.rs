//! People and groups kept by the directory of an organisation over SCIM: the store behind it.
//!
//! Each call is a decision, and each write takes the way of every other change ([`Proposal`]): nobody is locked out by it, it is
//! recorded, and what a person had open ends before the call is answered.
//!
//! **What it takes.** People are read and written under the rights over `Admin::"people"`. So are the groups that the caller
//! made itself: they say who people are, and a provisioner needs no more to do its work. Every other group is one of the
//! objects of the deployment, and takes the rights over `Admin::"objects"`; so does making one under a name that a policy or
//! an app uses already, for that would give rights away that nobody meant to give. Without them another's group is not there.

mod groups;
mod people;
mod told;

use std::sync::Arc;

use async_trait::async_trait;
use bartizan_enforce::Caller;
use bartizan_identity::scim::{self, Condition, Directory, Edit, Found, Kept, Kind, Record, Refusal, Search};
use bartizan_model::{ObjectKind, Outcome, Resource, Timestamp};
use bartizan_ui::Language;

use crate::api::Api;
use crate::call::{Admitted, ReadPeople, Right};

/// Keeps what provisioners send.
#[derive(Debug)]
pub struct Provisioning {
    api: Arc<Api>,
}

impl Provisioning {
    /// Over this deployment.
    #[must_use]
    pub fn new(api: Arc<Api>) -> Arc<Self> {
        Arc::new(Self { api })
    }

    /// The proof that the caller may do this.
    async fn admitted<R: Right>(&self, caller: &Caller) -> Result<Admitted<R>, Refusal> {
        // What programs read is English.
        Admitted::of(&self.api, caller, Language::English).await.map_err(|denial| told::denied(&denial))
    }

    /// Whether the caller would be permitted this. It is not on record, and proves nothing.
    fn would<R: Right>(&self, caller: &Caller) -> bool {
        let (area, action) = R::RIGHT;
        let enforcer = &self.api.enforcer;
        let resource = Resource::Admin(area);
        let request = caller.asks(resource, action, enforcer.clock().as_ref(), enforcer.entropy().as_ref());
        enforcer.would(&request).is_some_and(|verdict| verdict.outcome() == Outcome::Permit)
    }

    /// What everything lies below.
    fn base(&self) -> String {
        scim::base(&self.api.auth_origin)
    }

    /// When a person was made: where their newest life begins. Of one with a very long history it is not known.
    async fn created(&self, person: &str) -> Result<Option<Timestamp>, Refusal> {
        let history = self.api.store.history(ObjectKind::User, person, HISTORY).await.map_err(told::store)?;
        let whole = u32::try_from(history.len()).unwrap_or(u32::MAX) < HISTORY;
        let ended = history.iter().any(|change| change.spec.is_none());
        let life = history.iter().take_while(|change| change.spec.is_some());
        Ok(life.last().filter(|_| whole || ended).map(|change| change.time))
    }
}

/// By whom something is kept, and who calls it what: the subject, whatever its kind.
fn provisioner(caller: &Caller) -> String {
    format!("{}:{}", caller.subject.kind(), caller.subject.id())
}

#[async_trait]
impl Directory for Provisioning {
    async fn may_see(&self, caller: &Caller) -> Result<(), Refusal> {
        self.admitted::<ReadPeople>(caller).await.map(drop)
    }

    async fn find(&self, caller: &Caller, kind: Kind, search: &Search) -> Result<Found, Refusal> {
        match kind {
            Kind::User => self.find_people(caller, search).await,
            Kind::Group => self.find_groups(caller, search).await,
        }
    }

    async fn get(&self, caller: &Caller, kind: Kind, id: &str) -> Result<Kept, Refusal> {
        match kind {
            Kind::User => self.person(caller, id).await,
            Kind::Group => self.group(caller, id).await,
        }
    }

    async fn create(&self, caller: &Caller, record: Record) -> Result<Kept, Refusal> {
        match record {
            Record::User(user) => self.create_person(caller, &user).await,
            Record::Group(group) => self.create_group(caller, &group).await,
        }
    }

    async fn change(&self, caller: &Caller, kind: Kind, id: &str, edit: Edit<'_>) -> Result<Kept, Refusal> {
        match kind {
            Kind::User => self.change_person(caller, id, edit).await,
            Kind::Group => self.change_group(caller, id, edit).await,
        }
    }

    async fn delete(
        &self,
        caller: &Caller,
        kind: Kind,
        id: &str,
        condition: &Condition,
    ) -> Result<(), Refusal> {
        match kind {
            Kind::User => self.delete_person(caller, id, condition).await,
            Kind::Group => self.delete_group(caller, id, condition).await,
        }
    }
}

/// 200 changes are read to find the first, at some kilobytes each. A person has a few.
const HISTORY: u32 = 200;
