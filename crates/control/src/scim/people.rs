//! People: who is found, made, changed, and whose access ends.

use bartizan_enforce::Caller;
use bartizan_identity::scim::{
    Condition, Edit, Exact, Found, Kept, Kind, Record, Refusal, ScimType, Search, User,
};
use bartizan_identity::{NewPerson, Person};
use bartizan_model::{ObjectKind, Revision, SessionId, UserId, UserState};
use bartizan_store::{Expect, Write};

use super::{Provisioning, provisioner, told};
use crate::api::objects::left_by;
use crate::call::{Admitted, ReadPeople, WritePeople};
use crate::error::Error;
use crate::plan::Verb;
use crate::proposal::Proposal;
use crate::register::{Entries, Entry, Known, Roll, Says};

impl Provisioning {
    pub(super) async fn find_people(&self, caller: &Caller, search: &Search) -> Result<Found, Refusal> {
        self.admitted::<ReadPeople>(caller).await?;
        let provisioner = provisioner(caller);
        if let Some(exact) = search.exact() {
            let people = &self.api.people;
            let id = match exact {
                Exact::Id(id) => as_shown(id),
                Exact::UserName(name) => people.find(name).await.map_err(told::identity)?,
                Exact::ExternalId(id) => {
                    people.find_external(&provisioner, id).await.map_err(told::identity)?
                }
            };
            let kept = match id {
                Some(id) => self.kept_person(id, &provisioner).await?,
                None => None,
            };
            let found = kept.filter(|kept| search.takes(kept, &self.base()));
            let total = usize::from(found.is_some());
            let page = found.into_iter().skip(search.skip).take(search.count).collect();
            return Ok(Found { total, page });
        }
        let entries = self.roll(Roll::People, search).await?;
        let (search, base) = (search.clone(), self.base());
        // Asking a filter of everybody takes a while: not where others wait for their answers.
        let found = tokio::task::spawn_blocking(move || chosen(&entries, &search, &provisioner, &base)).await;
        let mut found = found.map_err(|error| {
            told::failed(&Error::Invalid(format!("the search could not be made: {error}")))
        })?;
        for kept in &mut found.page {
            kept.created = self.created(&kept.id).await?;
        }
        Ok(found)
    }

    /// All objects of a kind, if not too many would have to be looked at.
    pub(super) async fn roll(&self, roll: Roll, search: &Search) -> Result<Entries, Refusal> {
        let entries = match self.api.register.of(roll).await.map_err(|error| told::failed(&error))? {
            Known::All(entries) => entries,
            Known::Reading(read) => {
                return Err(Refusal::new(
                    503,
                    format!("{read} are read so far, and more are coming: try again"),
                ));
            }
        };
        if search.filter.is_some() && entries.len() > MAX_LOOKED_AT {
            return Err(Refusal::bad(
                ScimType::TooMany,
                format!(
                    "there are more than {MAX_LOOKED_AT} to look at: search by `userName eq`, `externalId eq` or `id eq`"
                ),
            ));
        }
        Ok(entries)
    }

    pub(super) async fn person(&self, caller: &Caller, id: &str) -> Result<Kept, Refusal> {
        self.admitted::<ReadPeople>(caller).await?;
        let user = as_shown(id).ok_or_else(|| Refusal::missing(Kind::User, id))?;
        let kept = self.kept_person(user, &provisioner(caller)).await?;
        kept.ok_or_else(|| Refusal::missing(Kind::User, id))
    }

    /// A person as this provisioner is told of them.
    async fn kept_person(&self, id: UserId, provisioner: &str) -> Result<Option<Kept>, Refusal> {
        let name = id.to_string();
        let Some(object) = self.api.store.get(ObjectKind::User, &name).await.map_err(told::store)? else {
            return Ok(None);
        };
        let person = self.api.people.of_spec(id, &object.spec).await.map_err(told::identity)?;
        let Some(user) = User::of_person(&person, provisioner) else { return Ok(None) };
        let created = self.created(&name).await?;
        let (record, revision, modified) = (Record::User(Box::new(user)), object.revision, object.time);
        Ok(Some(Kept { id: name, record, revision, created, modified }))
    }

    pub(super) async fn create_person(&self, caller: &Caller, user: &User) -> Result<Kept, Refusal> {
        let admitted = self.admitted::<WritePeople>(caller).await?;
        let (api, provisioner) = (&self.api, provisioner(caller));
        let id = UserId::random(api.enforcer.entropy().as_ref());
        // Nobody becomes an administrator by what a directory sends.
        let person = NewPerson { attributes: user.onto(None, &provisioner)?, admin: false };
        let turn = api.hub.turn().await;
        let (write, secret) = api.people.prepare_new(id, &person, user.state()).map_err(told::identity)?;
        let proposal =
            Proposal { writes: vec![(Verb::Create, write)], secrets: vec![secret], ..Proposal::default() };
        self.made(&admitted, proposal).await?;
        drop(turn);
        let kept = self.kept_person(id, &provisioner).await?;
        kept.ok_or_else(|| Refusal::missing(Kind::User, &id.to_string()))
    }

    pub(super) async fn change_person(
        &self,
        caller: &Caller,
        id: &str,
        edit: Edit<'_>,
    ) -> Result<Kept, Refusal> {
        let admitted = self.admitted::<WritePeople>(caller).await?;
        let (api, provisioner) = (&self.api, provisioner(caller));
        let missing = || Refusal::missing(Kind::User, id);
        let user = as_shown(id).ok_or_else(missing)?;
        let turn = api.hub.turn().await;
        let kept = self.kept_person(user, &provisioner).await?.ok_or_else(missing)?;
        let stored = api.people.stored(user).await.map_err(told::identity)?.ok_or_else(missing)?;
        let to = match edit(&kept)? {
            // Nothing is written where nothing changes: directories send the same again and again.
            same if same == kept.record => return Ok(kept),
            Record::User(to) => to,
            Record::Group(_) => return Err(missing()),
        };
        let attributes = to.onto(stored.person.attributes.as_ref(), &provisioner)?;
        let person = Person { attributes: Some(attributes), state: to.state(), ..stored.person.clone() };
        let write = api.people.prepare_change(&stored, &person).await.map_err(told::identity)?;
        let proposal = Proposal { writes: vec![(Verb::Change, write)], ..Proposal::default() };
        let mut revision = self.made(&admitted, proposal).await?;
        if stored.person.state == UserState::Active && person.state == UserState::Disabled {
            revision = revision.max(self.end_sessions(&admitted, user).await?);
        }
        drop(turn);
        api.hub.applied(revision).await;
        self.kept_person(user, &provisioner).await?.ok_or_else(missing)
    }

    /// Ends what somebody signed in to, whom a directory lets go: should they come back, they sign in anew. That they may do
    /// nothing any more is committed already, so nothing of theirs is permitted meanwhile.
    async fn end_sessions(
        &self,
        admitted: &Admitted<WritePeople>,
        user: UserId,
    ) -> Result<Revision, Refusal> {
        let sign_ins = &self.api.sign_ins;
        let sessions = sign_ins.list(Some(user)).await.map_err(told::identity)?;
        let sessions: Vec<SessionId> = sessions.into_iter().map(|session| session.facts.id).collect();
        let ended = sign_ins.end(&sessions, "user_disabled", &admitted.author()).await;
        Ok(ended.map_err(told::identity)?.revision)
    }

    pub(super) async fn delete_person(
        &self,
        caller: &Caller,
        id: &str,
        condition: &Condition,
    ) -> Result<(), Refusal> {
        let admitted = self.admitted::<WritePeople>(caller).await?;
        let api = &self.api;
        let missing = || Refusal::missing(Kind::User, id);
        let user = as_shown(id).ok_or_else(missing)?;
        let turn = api.hub.turn().await;
        let kept = self.kept_person(user, &provisioner(caller)).await?.ok_or_else(missing)?;
        condition.check(&kept)?;
        let object =
            api.store.get(ObjectKind::User, &kept.id).await.map_err(told::store)?.ok_or_else(missing)?;
        let expect = Expect::Revision(object.revision);
        let write = Write::Delete { kind: ObjectKind::User, name: kept.id, expect };
        let mut proposal = Proposal { writes: vec![(Verb::Delete, write)], ..Proposal::default() };
        proposal.writes.extend(left_by(api, &object).await.map_err(told::failure)?);
        let revision = self.made(&admitted, proposal).await?;
        drop(turn);
        api.hub.applied(revision).await;
        Ok(())
    }

    /// Tries and makes a change. The caller holds the turn.
    pub(super) async fn made<R>(
        &self,
        admitted: &Admitted<R>,
        proposal: Proposal,
    ) -> Result<Revision, Refusal> {
        let sound = proposal.tried(&self.api, admitted).await.map_err(told::failure)?;
        Ok(sound.commit(&self.api, admitted).await.map_err(told::failure)?.revision)
    }
}

/// The person of this id, in the one spelling in which it is shown (RFC 7643, 3.1: case counts).
pub(super) fn as_shown(id: &str) -> Option<UserId> {
    id.parse().ok().filter(|user: &UserId| user.to_string() == id)
}

/// Those that are searched for, a page of them.
fn chosen(entries: &Entries, search: &Search, provisioner: &str, base: &str) -> Found {
    let known = |entry: &Entry| match &entry.says {
        Says::Person(person) if person.attributes.is_some() => true,
        Says::Person(_)
        | Says::App(_)
        | Says::Client(_)
        | Says::Group(_)
        | Says::Policy(_)
        | Says::Damaged(_) => false,
    };
    let kept = |entry: &Entry| {
        let Says::Person(person) = &entry.says else { return None };
        Some(Kept {
            id: entry.name.to_string(),
            record: Record::User(Box::new(User::of_person(person, provisioner)?)),
            revision: entry.revision,
            created: None,
            modified: entry.time,
        })
    };
    let mut found = Found::default();
    for entry in entries.values().filter(|entry| known(entry)) {
        let place = found.total;
        let on_page = place >= search.skip && found.page.len() < search.count;
        if search.filter.is_none() && !on_page {
            found.total += 1;
            continue;
        }
        let Some(kept) = kept(entry).filter(|kept| search.takes(kept, base)) else { continue };
        found.total += 1;
        if on_page {
            found.page.push(kept);
        }
    }
    found
}

/// 50,000: each is put together anew for a filter to be asked of.
const MAX_LOOKED_AT: usize = 50_000;
