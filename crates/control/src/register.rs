//! All objects of a kind as lists need them: in memory, to be searched and sorted, as the change log tells them.
//!
//! A register is read when somebody first looks at a list, and follows the log whenever somebody looks again; who never
//! looks pays nothing. People are opened in it, since they are found by what is sealed in the log. Whoever is deleted
//! or erased is no longer in it, by the same change.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bartizan_identity::{ClientSpec, People, Person};
use bartizan_model::{AppName, ClientName, ObjectKind, PolicyId, Revision, Timestamp, UserId};
use bartizan_policy::{About, Addressed, Head, PolicySource};
use bartizan_store::{Change, Object, Store};
use futures_util::{StreamExt as _, TryStreamExt as _};
use imbl::OrdMap;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

use crate::error::Error;
use crate::spec::{AppSpec, GroupSpec, PolicySpec};

/// An object in a register.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its stored name.
    pub(crate) name: Box<str>,
    /// What it is sorted by: what it is called, in small letters.
    pub(crate) label: Box<str>,
    /// What a search looks in, in small letters.
    searched: Box<str>,
    /// The change that made it so, and by whom.
    pub(crate) revision: Revision,
    pub(crate) time: Timestamp,
    pub(crate) author: Box<str>,
    pub(crate) says: Says,
}

/// What an object says.
#[derive(Debug)]
pub(crate) enum Says {
    App(Box<AppSpec>),
    Client(Box<ClientSpec>),
    Group(GroupSpec),
    Policy(Box<Policy>),
    Person(Person),
    /// It cannot be read; why.
    Damaged(String),
}

/// A policy, and what its head says: read when somebody first asks.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) source: PolicySource,
    head: OnceLock<Head>,
}

impl Policy {
    pub(crate) fn head(&self) -> &Head {
        self.head.get_or_init(|| self.source.head())
    }

    /// Whether it can be about this client, or about what the client does for itself.
    pub(crate) fn concerns_client(&self, client: &ClientName) -> bool {
        if matches!(&self.head().whom, Addressed::Service(one) if one == client) {
            return true;
        }
        match &self.head().about {
            About::Anything | About::Clients => true,
            About::Client(one) => one == client,
            About::Apps | About::App(_) | About::Administration => false,
        }
    }

    /// Whether it can be about this app.
    pub(crate) fn concerns(&self, app: &AppName) -> bool {
        match &self.head().about {
            About::Anything | About::Apps => true,
            About::App(one) => one == app,
            About::Clients | About::Client(_) | About::Administration => false,
        }
    }
}

/// A kind that has a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Roll {
    Apps,
    Clients,
    Groups,
    Policies,
    People,
}

impl Roll {
    const fn kind(self) -> ObjectKind {
        match self {
            Self::Apps => ObjectKind::App,
            Self::Clients => ObjectKind::Client,
            Self::Groups => ObjectKind::Group,
            Self::Policies => ObjectKind::Policy,
            Self::People => ObjectKind::User,
        }
    }
}

/// All objects of a kind, by stored name.
pub(crate) type Entries = OrdMap<Box<str>, Arc<Entry>>;

/// What a register knows.
#[derive(Debug)]
pub(crate) enum Known {
    /// All of it.
    All(Entries),
    /// It is still being read: this many so far.
    Reading(usize),
}

/// The registers of the kinds that have lists.
#[derive(Debug)]
pub struct Register {
    store: Arc<dyn Store>,
    people: People,
    tasks: TaskTracker,
    apps: Kept,
    clients: Kept,
    groups: Kept,
    policies: Kept,
    users: Kept,
}

/// The register of a kind.
#[derive(Debug, Default)]
struct Kept {
    held: Mutex<Option<Held>>,
    /// How many have been read by who is reading.
    read: AtomicUsize,
}

#[derive(Debug, Clone)]
struct Held {
    revision: Revision,
    entries: Entries,
}

#[cfg(test)]
impl Says {
    pub(crate) fn policy_for_test(text: &str) -> Self {
        let source = PolicySource::new("p".parse().unwrap(), "", text);
        Self::Policy(Box::new(Policy { source, head: OnceLock::new() }))
    }
}

impl Entry {
    #[cfg(test)]
    pub(crate) fn for_test(name: &str, says: Says, time: Timestamp) -> Self {
        let (name, author): (Box<str>, Box<str>) = (name.into(), "ada".into());
        let (label, searched) = (name.clone(), name.clone());
        Self { name, label, searched, revision: Revision::new(3), time, author, says }
    }

    /// Whether all of these words, in small letters, are found in it.
    pub(crate) fn has(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.searched.contains(word.as_str()))
    }
}

impl Register {
    /// Registers of this store, none of which has been read yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, people: People) -> Arc<Self> {
        let kept = Kept::default;
        let (apps, clients, groups) = (kept(), kept(), kept());
        let (policies, users) = (kept(), kept());
        Arc::new(Self { store, people, tasks: TaskTracker::new(), apps, clients, groups, policies, users })
    }

    /// The objects of a kind as they stand, or how far reading them is if that takes longer than a page may.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn of(self: &Arc<Self>, roll: Roll) -> Result<Known, Error> {
        let register = Arc::clone(self);
        // A task of its own: whoever goes away leaves to the next what has been read.
        let reading = self.tasks.spawn(async move { register.follow(roll).await });
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(Ok(known)) => known.map(Known::All),
            Ok(Err(error)) => Err(Error::Invalid(format!("the list could not be read: {error}"))),
            Err(_elapsed) => Ok(Known::Reading(self.kept(roll).read.load(Ordering::Relaxed))),
        }
    }

    /// The same, if they have been read already: nobody is made to read them.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn already(self: &Arc<Self>, roll: Roll) -> Result<Option<Entries>, Error> {
        if !self.kept(roll).held.try_lock().is_ok_and(|held| held.is_some()) {
            return Ok(None);
        }
        match self.of(roll).await? {
            Known::All(entries) => Ok(Some(entries)),
            Known::Reading(_) => Ok(None),
        }
    }

    const fn kept(&self, roll: Roll) -> &Kept {
        match roll {
            Roll::Apps => &self.apps,
            Roll::Clients => &self.clients,
            Roll::Groups => &self.groups,
            Roll::Policies => &self.policies,
            Roll::People => &self.users,
        }
    }

    async fn follow(&self, roll: Roll) -> Result<Entries, Error> {
        let kept = self.kept(roll);
        let mut held = kept.held.lock().await;
        let newest = self.store.revision().await?;
        let near = |known: &Held| newest.get().saturating_sub(known.revision.get()) <= FAR;
        let caught_up = match held.take() {
            Some(known) if near(&known) => match self.catch_up(roll, known.clone(), newest).await {
                // What lies between is no longer in the log.
                Err(Error::Store(
                    bartizan_store::Error::Compacted { .. } | bartizan_store::Error::Ahead { .. },
                )) => self.read(roll, newest, &known.entries).await?,
                other => other?,
            },
            Some(known) => self.read(roll, newest, &known.entries).await?,
            None => self.read(roll, newest, &Entries::new()).await?,
        };
        let entries = caught_up.entries.clone();
        *held = Some(caught_up);
        Ok(entries)
    }

    /// Reads all objects of a kind; those that are known at the same revision need not be opened again.
    async fn read(&self, roll: Roll, newest: Revision, known: &Entries) -> Result<Held, Error> {
        let kept = self.kept(roll);
        kept.read.store(0, Ordering::Relaxed);
        let mut entries = Entries::new();
        let mut after: Option<String> = None;
        loop {
            let objects = self.store.list(roll.kind(), after.as_deref(), PAGE).await?;
            let Some(last) = objects.last() else { break };
            after = Some(last.name.clone());
            let read: Vec<Arc<Entry>> = futures_util::stream::iter(objects)
                .map(|object| async {
                    match known.get(object.name.as_str()).filter(|entry| entry.revision == object.revision) {
                        Some(entry) => Ok(Arc::clone(entry)),
                        None => self.entry(object).await.map(Arc::new),
                    }
                })
                .buffered(AT_ONCE)
                .try_collect()
                .await?;
            kept.read.fetch_add(read.len(), Ordering::Relaxed);
            entries.extend(read.into_iter().map(|entry| (entry.name.clone(), entry)));
        }
        // What was changed meanwhile may be in it already, and is told once more.
        let revision = newest;
        let newest = self.store.revision().await?;
        self.catch_up(roll, Held { revision, entries }, newest).await
    }

    async fn catch_up(&self, roll: Roll, mut held: Held, newest: Revision) -> Result<Held, Error> {
        while held.revision < newest {
            let changes = self.store.changes(held.revision, PAGE).await?;
            let Some(last) = changes.last() else { break };
            held.revision = last.revision;
            for change in changes.into_iter().filter(|change| change.kind == roll.kind()) {
                let Change { kind, name, revision, author, time, spec } = change;
                match spec {
                    None => held.entries.remove(name.as_str()),
                    Some(spec) => {
                        let object = Object { kind, name, revision, author, time, spec };
                        let entry = self.entry(object).await?;
                        held.entries.insert(entry.name.clone(), Arc::new(entry))
                    }
                };
            }
        }
        Ok(held)
    }

    async fn entry(&self, object: Object) -> Result<Entry, Error> {
        let (says, label, searched) = match self.says(&object).await {
            Ok(said) => said,
            // That it cannot be read at the moment is not to be remembered.
            Err(error @ (Error::Store(_) | Error::Identity(bartizan_identity::Error::Store(_)))) => {
                return Err(error);
            }
            Err(error) => (Says::Damaged(error.to_string()), object.name.clone(), String::new()),
        };
        // By its name everything is found.
        let searched = format!("{} {searched}", object.name).to_lowercase().into();
        Ok(Entry {
            name: object.name.into(),
            label: label.to_lowercase().into(),
            searched,
            revision: object.revision,
            time: object.time,
            author: object.author.into(),
            says,
        })
    }

    /// What an object says, what it is called, and what else it is found by.
    async fn says(&self, object: &Object) -> Result<(Says, String, String), Error> {
        let (kind, name) = (object.kind, object.name.clone());
        let damaged = |why: String| Error::Damaged { kind, name: object.name.clone(), why };
        match kind {
            ObjectKind::App => {
                let app: AppSpec = read(object)?;
                let server = app.upstream.clone().map(String::from).unwrap_or_default();
                let searched = format!("{} {server}", app.host);
                Ok((Says::App(Box::new(app)), name, searched))
            }
            ObjectKind::Client => {
                let client: ClientSpec = read(object)?;
                let uris = client.redirect_uris.iter().map(|uri| uri.as_str());
                let searched = client.title.as_deref().into_iter().chain(uris).collect::<Vec<_>>().join(" ");
                Ok((Says::Client(Box::new(client)), name, searched))
            }
            ObjectKind::Group => Ok((Says::Group(read(object)?), name, String::new())),
            ObjectKind::Policy => {
                let id: PolicyId = name.parse().map_err(|error| damaged(format!("{error}")))?;
                let source = PolicySource::new(id, "", read::<PolicySpec>(object)?.text);
                let about = source.annotation("reason").unwrap_or_default();
                Ok((Says::Policy(Box::new(Policy { source, head: OnceLock::new() })), name, about))
            }
            ObjectKind::User => {
                let id: UserId = name.parse().map_err(|error| damaged(format!("{error}")))?;
                let person = self.people.of_spec(id, &object.spec).await?;
                let (label, searched) = match &person.attributes {
                    Some(known) => {
                        let mail = known.mail.as_deref().unwrap_or_default();
                        (known.display.clone(), format!("{} {} {mail}", known.display, known.login))
                    }
                    None => (name, String::new()),
                };
                Ok((Says::Person(person), label, searched))
            }
            _ => Err(damaged(String::from("it has no list"))),
        }
    }
}

fn read<T: DeserializeOwned>(object: &Object) -> Result<T, Error> {
    let damaged = |error: serde_json::Error| Error::Damaged {
        kind: object.kind,
        name: object.name.clone(),
        why: error.to_string(),
    };
    T::deserialize(&object.spec).map_err(damaged)
}

/// 700 ms: how long a page waits for a register that is being read. 5,000 people are opened in that time.
const PATIENCE: Duration = Duration::from_millis(700);

/// 1,000 objects or changes are read at once.
const PAGE: u32 = 1000;

/// 8 are opened at once: the store has four readers, and none is to wait for us.
const AT_ONCE: usize = 8;

/// 100,000 changes behind, all objects are read again rather than all changes.
const FAR: u64 = 100_000;

#[cfg(test)]
mod tests;
