//! Mending a deployment that nobody can administer any more, from the machine on which it is kept.
//!
//! No call is decided here: whoever can read the keys of the deployment can do all of this by hand. What is done is on
//! record before it is done, as every change is.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bartizan_enforce::{Enforcer, Recorder};
use bartizan_identity::{Attributes, CodePurpose, Flow, NewPerson, People, Person, SignIns, built_in_client};
use bartizan_model::{
    EventKind, ObjectKind, ObjectRef, Outcome, Personal, Revision, Secret, Timestamp, UserId, UserState,
};
use bartizan_policy::Engine;
use bartizan_store::{Change, ChangeSet, Expect, Object, Store, Write};

use crate::error::Error;
use crate::files::RESERVED;
use crate::hub::Hub;
use crate::lockout::keep_the_door_open;
use crate::plan::OWN_POLICY;

/// A deployment that runs and serves nobody.
#[derive(Debug)]
pub struct Recovery {
    /// The objects.
    pub store: Arc<dyn Store>,
    /// What they come to.
    pub hub: Arc<Hub>,
    /// The people.
    pub people: People,
    /// Their sign-ins.
    pub sign_ins: SignIns,
    /// Makes links for people to sign in with.
    pub flow: Arc<Flow>,
    /// Has the clock, and the recorder of what is done.
    pub enforcer: Arc<Enforcer>,
}

/// What going back changed.
#[derive(Debug)]
pub struct RolledBack {
    /// The revision at which the deployment is as it was.
    pub revision: Revision,
    /// What became another, as `kind/name`.
    pub changed: Vec<String>,
    /// Why nobody could administer it even so, if nobody could.
    pub shut: Option<String>,
}

/// Somebody who administers the deployment again.
#[derive(Debug)]
pub struct Administrator {
    /// Who.
    pub id: UserId,
    /// Whether they are new.
    pub created: bool,
    /// How many of their sessions were ended.
    pub sessions_ended: usize,
    /// The code of a link with which they choose password and second factor, and until when it works; none if they keep
    /// those that they have.
    pub code: Option<(Secret<String>, Timestamp)>,
    /// Why nobody could administer the deployment even so, if nobody could.
    pub shut: Option<String>,
}

impl Recovery {
    /// The newest changes of configuration and people, newest first, to find the revision to which to go back.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn changes(&self, limit: u32) -> Result<Vec<Change>, Error> {
        let mut found = Vec::new();
        for kind in CONFIGURATION.into_iter().chain([ObjectKind::User]) {
            found.extend(self.store.recent(kind, limit).await?);
        }
        found.sort_by_key(|change| std::cmp::Reverse(change.revision));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Makes apps, groups and policies what they were at a revision. People and what they sign in with stay as they are.
    ///
    /// # Errors
    /// [`Error::Invalid`] if there is no such revision yet, or its policies are none any more; [`Error::Store`],
    /// [`Error::Unrecorded`].
    pub async fn roll_back(&self, to: Revision) -> Result<RolledBack, Error> {
        let newest = self.store.revision().await?;
        if to > newest {
            return Err(Error::Invalid(format!("there is no revision {to} yet: the newest is {newest}")));
        }
        let mut writes = Vec::new();
        for kind in CONFIGURATION {
            let then = self.store.list_at(kind, to).await?;
            let mut now = all(self.store.as_ref(), kind).await?;
            for object in then {
                let stands = now.remove(&object.name);
                if stands.as_ref().is_some_and(|stands| stands.spec == object.spec) {
                    continue;
                }
                let expect = stands.map_or(Expect::Absent, |stands| Expect::Revision(stands.revision));
                let (name, spec, lookups) = (object.name, object.spec, Vec::new());
                writes.push(Write::Put { kind, name, spec, lookups, expect });
            }
            // What came later goes, but for what no deployment can be without.
            for (name, object) in now.into_iter().filter(|(name, _)| !is_own(kind, name)) {
                writes.push(Write::Delete { kind, name, expect: Expect::Revision(object.revision) });
            }
        }
        let mut directory = self.hub.current().await?;
        for write in &writes {
            directory.write(write)?;
        }
        let policies = directory.policies();
        Engine::compile(to, &policies, None).map_err(|findings| {
            let first = findings.first().map_or_else(String::new, |finding| finding.message.clone());
            Error::Invalid(format!("the policies of revision {to} are not valid any more: {first}"))
        })?;
        let mut changed = Vec::new();
        for write in &writes {
            let (Write::Put { kind, name, .. } | Write::Delete { kind, name, .. }) = write;
            self.record(*kind, name, "rolled_back").await?;
            changed.push(format!("{kind}/{name}"));
        }
        let mut revision = newest;
        if !writes.is_empty() {
            let mut change = ChangeSet::new(AUTHOR, self.enforcer.clock().now());
            change.writes = writes;
            revision = self.store.commit(change).await?.revision;
        }
        Ok(RolledBack { revision, changed, shut: self.shut().await? })
    }

    /// Makes somebody an administrator who may act; makes them, if there is nobody of that login name. Unless they keep
    /// their factors these are taken from them, their sessions end, and a link to choose others is made.
    ///
    /// # Errors
    /// [`Error::Identity`], [`Error::Store`], [`Error::Unrecorded`].
    pub async fn administrator(&self, login: &str, keep_factors: bool) -> Result<Administrator, Error> {
        let (id, created) = match self.people.find(login).await? {
            Some(id) => (id, false),
            None => {
                let login = bartizan_identity::login_name(login)?;
                let attributes = Attributes { display: login.clone(), login, mail: None, profile: None };
                let id = UserId::random(self.enforcer.entropy().as_ref());
                let person = NewPerson { attributes, admin: true };
                let (write, secret) = self.people.prepare_new(id, &person, UserState::Active)?;
                self.record(ObjectKind::User, &id.to_string(), "created").await?;
                let mut change = ChangeSet::new(AUTHOR, self.enforcer.clock().now());
                (change.writes, change.secrets) = (vec![write], vec![secret]);
                self.store.commit(change).await?;
                (id, true)
            }
        };
        let name = id.to_string();
        if let Some(stored) = self.people.stored(id).await?
            && !(stored.person.admin && stored.person.state == UserState::Active)
        {
            let to = Person { admin: true, state: UserState::Active, ..stored.person.clone() };
            self.record(ObjectKind::User, &name, "changed").await?;
            let mut change = ChangeSet::new(AUTHOR, self.enforcer.clock().now());
            change.writes.push(self.people.prepare_change(&stored, &to).await?);
            self.store.commit(change).await?;
        }
        let (mut sessions_ended, mut code) = (0, None);
        if !keep_factors {
            self.record(ObjectKind::Factors, &name, "deleted").await?;
            self.flow.factors().remove(id, AUTHOR).await?;
            let sessions = self.sign_ins.list(Some(id)).await?;
            let sessions: Vec<_> = sessions.into_iter().map(|session| session.facts.id).collect();
            sessions_ended = self.sign_ins.end(&sessions, "recovered", AUTHOR).await?.sessions.len();
            let purpose = CodePurpose::Claim { user: id };
            let lives_for = purpose.lives_for();
            self.record(ObjectKind::User, &name, "invited").await?;
            let issued = self.flow.codes().issue(purpose, lives_for, AUTHOR).await?;
            code = Some((issued.text, self.enforcer.clock().now().plus(lives_for)));
        }
        Ok(Administrator { id, created, sessions_ended, code, shut: self.shut().await? })
    }

    /// Why nobody could sign in and administer the deployment from this machine, if nobody could.
    async fn shut(&self) -> Result<Option<String>, Error> {
        let directory = self.hub.current().await?;
        let policies = directory.policies();
        let engine = match Engine::compile(directory.world().revision(), &policies, None) {
            Ok(engine) => engine,
            Err(_findings) => return Ok(Some(String::from("the policies are not valid"))),
        };
        let now = self.enforcer.clock().now();
        match keep_the_door_open(&engine, directory.world(), now, HERE) {
            Ok(()) => Ok(None),
            Err(Error::RefusedForSafety(why)) => Ok(Some(why)),
            Err(other) => Err(other),
        }
    }

    async fn record(&self, kind: ObjectKind, name: &str, change: &str) -> Result<(), Error> {
        let recorder: &Arc<Recorder> = self.enforcer.recorder();
        let mut event = recorder.event(EventKind::AdminChange, Outcome::Ok);
        event.reason = Some(String::from("recovery"));
        event.object =
            Some(ObjectRef { kind: kind.as_str().into(), name: name.into(), change: change.into() });
        Ok(recorder.record(event, &Personal::default(), None).await?)
    }
}

fn is_own(kind: ObjectKind, name: &str) -> bool {
    (kind == ObjectKind::App && RESERVED.contains(&name))
        || (kind == ObjectKind::Client && built_in_client(name).is_some())
        || (kind == ObjectKind::Policy && name.starts_with(OWN_POLICY))
}

/// All objects of a kind, by name.
async fn all(store: &dyn Store, kind: ObjectKind) -> Result<BTreeMap<String, Object>, Error> {
    let mut found = BTreeMap::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.list(kind, after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.name.clone());
        found.extend(page.into_iter().map(|object| (object.name.clone(), object)));
    }
}

/// Who writes what is done here.
const AUTHOR: &str = "recovery";

const CONFIGURATION: [ObjectKind; 5] =
    [ObjectKind::App, ObjectKind::Client, ObjectKind::Provider, ObjectKind::Group, ObjectKind::Policy];

/// Whoever recovers a deployment sits at it.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const PAGE: u32 = 1000;
