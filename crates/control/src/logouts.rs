//! Clients are told when a sign-in ends that they got tokens by (OpenID Connect Back-Channel Logout 1.0): at once, by whatever
//! it ended.
//!
//! What there is to tell stands in the store: a family of tokens whose sign-in is gone, or whose person may not act. So what
//! ended while this process did not run is told when it does. It is told at least once, and a few times in vain.

mod index;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_identity::{Family, Provider, user_state};
use bartizan_model::{ClientGrantId, ClientName, ObjectKind, Revision, SessionId, UserState};
use bartizan_store::{Change, Store};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::error::Error;
use index::Index;

/// Reaches clients from this machine. Certificates are verified, and no redirect is followed.
#[async_trait]
pub trait Tell: Send + Sync + std::fmt::Debug {
    /// Posts a logout token to this address; the status that it answers, or why it does not.
    async fn tell(&self, uri: &str, token: &str) -> Result<u16, String>;
}

/// Tells clients.
#[derive(Debug)]
pub struct Logouts {
    store: Arc<dyn Store>,
    provider: Arc<Provider>,
    tell: Arc<dyn Tell>,
    /// Calls at once.
    all: Semaphore,
    /// Calls of one client at once, so that one that does not answer holds up no other.
    each: Mutex<HashMap<ClientName, Arc<Semaphore>>>,
    /// What waits to be told.
    room: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Logouts {
    /// Tells by `tell` what has ended in this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, provider: Arc<Provider>, tell: Arc<dyn Tell>) -> Arc<Self> {
        let (all, room) = (Semaphore::new(AT_ONCE), Arc::new(Semaphore::new(MOST_WAITING)));
        Arc::new(Self { store, provider, tell, all, each: Mutex::default(), room, tasks: TaskTracker::new() })
    }

    /// Follows the change log until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut newest = self.store.watch();
        let mut held: Option<(Index, Revision)> = None;
        loop {
            let now = *newest.borrow_and_update();
            let step = match held.take() {
                Some((index, revision)) if revision >= now => Ok((index, revision)),
                Some((index, revision)) => self.advance(index, revision, &stop).await,
                None => self.load(&stop).await,
            };
            match step {
                Ok((index, revision)) if revision < now => held = Some((index, revision)),
                Ok(step) => {
                    held = Some(step);
                    tokio::select! {
                        () = stop.cancelled() => break,
                        changed = newest.changed() => if changed.is_err() { break },
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the change log cannot be followed; clients are not told of ended sign-ins");
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = tokio::time::sleep(RETRY) => (),
                    }
                }
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Everything anew. What has ended by now is told.
    async fn load(self: &Arc<Self>, stop: &CancellationToken) -> Result<(Index, Revision), Error> {
        let revision = self.store.revision().await?;
        let (mut index, mut ended) = (Index::default(), Vec::new());
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::ClientGrant, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.name.clone());
            for family in page.iter().filter_map(|object| Family::read(&object.name, &object.spec)) {
                if self.has_ended(&family).await? {
                    ended.push(family);
                } else {
                    index.put(family);
                }
            }
        }
        self.begin(ended, stop).await?;
        Ok((index, revision))
    }

    async fn has_ended(&self, family: &Family) -> Result<bool, Error> {
        if self.store.get(ObjectKind::Session, &family.session.to_string()).await?.is_none() {
            return Ok(true);
        }
        let user = self.store.get(ObjectKind::User, &family.user.to_string()).await?;
        Ok(!may_act(user.as_ref().map(|user| &user.spec)))
    }

    async fn advance(
        self: &Arc<Self>,
        mut index: Index,
        after: Revision,
        stop: &CancellationToken,
    ) -> Result<(Index, Revision), Error> {
        let changes = match self.store.changes(after, BATCH).await {
            Ok(changes) => changes,
            Err(bartizan_store::Error::Compacted { .. } | bartizan_store::Error::Ahead { .. }) => {
                return self.load(stop).await;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(last) = changes.last().map(|change| change.revision) else { return Ok((index, after)) };
        let ended = changes.iter().flat_map(|change| taken(&mut index, change)).collect();
        self.begin(ended, stop).await?;
        Ok((index, last))
    }

    /// Begins to tell of what has ended. One client is told once of one sign-in, however often it got tokens by it.
    async fn begin(self: &Arc<Self>, ended: Vec<Family>, stop: &CancellationToken) -> Result<(), Error> {
        let mut wants: HashMap<ClientName, bool> = HashMap::new();
        let mut told: BTreeMap<(ClientName, SessionId), (Family, Vec<ClientGrantId>)> = BTreeMap::new();
        for family in ended {
            let is_told = match wants.get(&family.client) {
                Some(known) => *known,
                None => self.provider.is_told(&family.client).await?,
            };
            wants.insert(family.client.clone(), is_told);
            // What is left of the others is swept away.
            if !is_told {
                continue;
            }
            let key = (family.client.clone(), family.session);
            told.entry(key).or_insert_with(|| (family.clone(), Vec::new())).1.push(family.id);
        }
        for (family, all) in told.into_values() {
            let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
                tracing::warn!(client = %family.client, "too much is told already: a client does not learn that a sign-in ended");
                self.record(&family, Some("overloaded")).await;
                continue;
            };
            let (this, stop) = (Arc::clone(self), stop.clone());
            self.tasks.spawn(async move {
                // What is cut short is told when this process runs again.
                tokio::select! {
                    () = stop.cancelled() => (),
                    () = this.see_to(&family, &all) => (),
                }
                drop(room);
            });
        }
        Ok(())
    }

    async fn see_to(&self, family: &Family, all: &[ClientGrantId]) {
        for (tries, wait) in WAITS.into_iter().enumerate() {
            tokio::time::sleep(wait).await;
            match self.once(family).await {
                Ended::Nothing => break,
                Ended::Told => {
                    self.record(family, None).await;
                    break;
                }
                Ended::Again(_) if tries + 1 < WAITS.len() => {}
                Ended::Again(why) | Ended::Never(why) => {
                    tracing::warn!(client = %family.client, %why, "a client does not learn that a sign-in has ended");
                    self.record(family, Some(&why)).await;
                    break;
                }
            }
        }
        if let Err(error) = self.provider.told(all).await {
            tracing::warn!(%error, "that a client was told cannot be kept: it is told once more after a restart");
        }
    }

    async fn once(&self, family: &Family) -> Ended {
        let notice = match self.provider.logout_notice(family).await {
            Ok(Some(notice)) => notice,
            Ok(None) => return Ended::Nothing,
            Err(error) => {
                tracing::warn!(%error, "a logout token cannot be made");
                return Ended::Again(String::from("not_signed"));
            }
        };
        let each = Arc::clone(
            self.each
                .lock()
                .entry(family.client.clone())
                .or_insert_with(|| Arc::new(Semaphore::new(EACH_AT_ONCE))),
        );
        // Closed by nobody.
        let (Ok(_each), Ok(_all)) = (each.acquire().await, self.all.acquire().await) else {
            return Ended::Again(String::from("stopped"));
        };
        match self.tell.tell(&notice.uri, &notice.token).await {
            Ok(200..300) => Ended::Told,
            // The client has read it, and does not take it: it would not the next time.
            Ok(status @ 300..500) => Ended::Never(format!("status_{status}")),
            Ok(status) => Ended::Again(format!("status_{status}")),
            Err(why) => {
                tracing::info!(client = %family.client, %why, "a client cannot be reached");
                Ended::Again(String::from("unreachable"))
            }
        }
    }

    async fn record(&self, family: &Family, failed: Option<&str>) {
        if let Err(error) = self.provider.record_logout(family, failed).await {
            tracing::error!(%error, "whether a client was told cannot be recorded");
        }
    }
}

/// How one try went.
#[derive(Debug)]
enum Ended {
    /// The client does not want to know.
    Nothing,
    Told,
    /// It may go well another time.
    Again(String),
    Never(String),
}

/// Takes a change in; which families have ended by it.
fn taken(index: &mut Index, change: &Change) -> Vec<Family> {
    match change.kind {
        ObjectKind::ClientGrant => {
            match change.spec.as_ref().and_then(|spec| Family::read(&change.name, spec)) {
                Some(family) => index.put(family),
                None => index.remove(&change.name),
            }
            Vec::new()
        }
        ObjectKind::Session if change.spec.is_none() => {
            change.name.parse().map(|session| index.take_of_session(session)).unwrap_or_default()
        }
        ObjectKind::User if !may_act(change.spec.as_ref()) => {
            change.name.parse().map(|user| index.take_of_user(user)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn may_act(user: Option<&serde_json::Value>) -> bool {
    user.and_then(user_state).is_some_and(|(state, ..)| state == UserState::Active)
}

/// Calls at once, and of one client.
const AT_ONCE: usize = 32;
const EACH_AT_ONCE: usize = 4;

/// What may wait to be told: all sign-ins of a large organisation at once, about 1 KiB each.
const MOST_WAITING: usize = 20_000;

/// Before each try. A client that starts again is back by the last of them.
const WAITS: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(25)];

/// How many changes, and how many families, are read at once.
const BATCH: u32 = 500;
const PAGE: u32 = 1000;

/// How long to wait with a store that does not answer.
const RETRY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use bartizan_model::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    const USER: &str = "0192f0c1-2b3c-4d4e-8f50-112233445566";
    const SESSION: &str = "0192f0c1-2b3c-4d4e-8f50-112233445577";

    fn change(kind: ObjectKind, name: &str, spec: Option<Value>) -> Change {
        let (revision, time) = (Revision::new(1), Timestamp::from_micros(0));
        Change { revision, kind, name: name.into(), author: "test".into(), time, spec }
    }

    fn person(state: &str) -> Option<Value> {
        let public = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        Some(json!({ "state": state, "key": USER, "public": public, "sealed": "" }))
    }

    #[test]
    fn whatever_ends_a_sign_in_ends_what_hangs_on_it_and_nothing_else_does() {
        let family = json!({
            "client": "web", "user": USER, "session": SESSION, "factors": 1, "scopes": [], "generation": 0,
            "refreshed": "2026-11-24T08:00:00Z", "handle": "00",
        });
        let id = "0192f0c1-2b3c-4d4e-8f50-112233445588";
        let begun = change(ObjectKind::ClientGrant, id, Some(family));
        assert!(Family::read(id, begun.spec.as_ref().unwrap()).is_some());
        for (what, ends) in [
            (change(ObjectKind::Session, SESSION, None), true),
            (change(ObjectKind::User, USER, person("disabled")), true),
            (change(ObjectKind::User, USER, None), true),
            (change(ObjectKind::User, USER, person("active")), false),
            (change(ObjectKind::Session, SESSION, Some(json!({}))), false),
            (change(ObjectKind::Session, USER, None), false),
            // By itself: its code came twice, or the client gave it back, and knows.
            (change(ObjectKind::ClientGrant, id, None), false),
            (change(ObjectKind::Client, "web", None), false),
        ] {
            let mut index = Index::default();
            assert!(taken(&mut index, &begun).is_empty());
            let ended = taken(&mut index, &what);
            assert_eq!(ended.len(), usize::from(ends), "{what:?}");
            assert!(taken(&mut index, &change(ObjectKind::Session, SESSION, None)).len() <= 1 - ended.len());
        }
    }
}
