//! `Feed`: from control to the enforcement point.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{PointId, Revision, SealingKeyId, SessionId, Timestamp};
use bartizan_policy::{Delta, PolicySource};
use tokio::sync::mpsc;

use crate::sessions::Ticket;

/// Whether a message replaces what the point knows, or changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything of the point's scope: what it knew before is gone.
    Snapshot,
    /// What changed since the message before.
    Changes,
}

/// One stream of the feed, from its snapshot on. Each has a number of its own, also among those of a control plane that was
/// started again: what is said of one, or was learnt beside one, is not taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Subscription(u64);

impl Subscription {
    /// The one with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// One step of the world, whole: a point applies it at once or not at all.
#[derive(Debug, Clone)]
pub struct FeedMessage {
    /// The stream that it is a message of.
    pub subscription: Subscription,
    /// The revision that the point is at when it has applied this.
    pub revision: Revision,
    /// Whether it replaces or changes.
    pub scope: Scope,
    /// The facts, in the order in which they came to be.
    pub facts: Vec<Delta>,
    /// All policies, if any of them changed.
    pub policies: Option<Arc<[PolicySource]>>,
    /// The key to which events of nobody in particular are sealed, if it changed.
    pub anonymous_key: Option<(SealingKeyId, [u8; 32])>,
}

impl FeedMessage {
    /// Takes in the message that came next: both are one step then. Who waited for the first one waits for no more, and what
    /// lies between the two is decided on by nobody, as if control had read both changes at once.
    ///
    /// # Errors
    /// The other message, if that begins anew or this does, if it is of another stream, or if both are too much for one step.
    pub(crate) fn absorb(&mut self, next: Self) -> Result<(), Self> {
        let changes = self.scope == Scope::Changes && next.scope == Scope::Changes;
        let room = self.facts.len().saturating_add(next.facts.len()) <= TOGETHER;
        if !changes || self.subscription != next.subscription || next.revision < self.revision || !room {
            return Err(next);
        }
        self.revision = next.revision;
        self.facts.extend(next.facts);
        self.policies = next.policies.or_else(|| self.policies.take());
        self.anonymous_key = next.anonymous_key.or(self.anonymous_key);
        Ok(())
    }
}

/// Facts of messages that are put together.
const TOGETHER: usize = 10_000;

/// What a point says of itself when it subscribes.
#[derive(Debug, Clone, Default)]
pub struct Standpoint {
    /// The newest revision that it decides on; 0 if it has none.
    pub revision: Revision,
    /// The release that it runs, such as `0.1.0`.
    pub version: String,
    /// The sessions that it has met, each with the proof that it was told of it: what it is told of from now on.
    pub interest: Vec<(SessionId, Ticket)>,
}

/// What control answers to a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// How long ago the oldest change was sent to the point that it has not applied; zero if it has applied all. The lease
    /// counts from when the point was last up to date, or one whose feed is stuck would hold it by its heartbeats alone.
    pub behind: Duration,
    /// Control's time. Points decide by it, so that a wrong clock of theirs lets nobody in.
    pub now: Timestamp,
}

/// What a point has done with the feed.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// The stream that this is said of. Who is not on it any more does not renew its lease by it.
    pub subscription: Subscription,
    /// The newest revision that it decides on.
    pub revision: Revision,
    /// How many live grants it cut in applying the newest message; zero in a plain heartbeat.
    pub cut: u64,
    /// How long applying took, from the message's arrival to the last cut signalled; zero in a plain heartbeat.
    pub took: Duration,
    /// How many grants are live under each session; `None` where nothing is said of it.
    pub live: Option<BTreeMap<SessionId, u64>>,
    /// How many events wait in its spool; `None` where nothing is said of it.
    pub backlog: Option<u64>,
}

/// The feed could not be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FeedError {
    /// The control plane did not answer.
    #[error("the control plane cannot be reached: {0}")]
    Unreachable(String),
    /// The point is not subscribed, or has been since by another stream.
    #[error("the control plane does not know of this subscription")]
    Unknown,
    /// The point was removed: it must not decide anything any more.
    #[error("this enforcement point was removed")]
    Removed,
    /// The control plane is at an older revision than the point has seen: it was set back, and may have forgotten what it
    /// had forbidden. The point must not follow it.
    #[error(
        "the control plane is at revision {there}, this enforcement point has seen {here}: it was set back to an older \
         state"
    )]
    Older {
        /// What the point has seen.
        here: Revision,
        /// What the control plane is at.
        there: Revision,
    },
}

/// Snapshots, changes and heartbeats. The point acknowledges the revision that it applied.
#[async_trait]
pub trait Feed: Send + Sync + std::fmt::Debug {
    /// Starts over: the first message is a snapshot. A closed receiver means that the point must subscribe again.
    ///
    /// # Errors
    /// [`FeedError`]; the caller backs off and tries again, and its lease runs meanwhile.
    async fn subscribe(
        &self,
        point: PointId,
        standpoint: Standpoint,
    ) -> Result<mpsc::Receiver<FeedMessage>, FeedError>;

    /// Says what the point has applied. Success renews its lease, counted from when this was sent less what it is behind.
    ///
    /// # Errors
    /// [`FeedError`]; the lease is not renewed.
    async fn heartbeat(&self, point: PointId, applied: Applied) -> Result<Acknowledged, FeedError>;
}

#[cfg(test)]
mod tests {
    use bartizan_model::UserId;

    use super::*;

    fn message(revision: u64, people: u8) -> FeedMessage {
        FeedMessage {
            subscription: Subscription::new(7),
            revision: Revision::new(revision),
            scope: Scope::Changes,
            facts: (0..people).map(|person| Delta::UserGone(UserId::from_bytes([person; 16]))).collect(),
            policies: None,
            anonymous_key: None,
        }
    }

    #[test]
    fn two_steps_are_one_with_the_facts_of_both_in_their_order_and_the_newer_policies() {
        let policy = |name: &str| [PolicySource::new(name.parse().unwrap(), "p.cedar", "")].into();
        let mut first = message(3, 2);
        first.policies = Some(policy("old"));
        first.anonymous_key = Some((SealingKeyId::from_bytes([1; 16]), [1; 32]));
        let mut second = message(5, 1);
        second.policies = Some(policy("new"));
        first.absorb(second).unwrap();
        assert_eq!(first.revision, Revision::new(5));
        let people = [0, 1, 0].map(|person| Delta::UserGone(UserId::from_bytes([person; 16])));
        assert_eq!(first.facts, people);
        assert_eq!(first.anonymous_key.unwrap().1, [1; 32]);
        first.absorb(message(5, 0)).unwrap();
        let ids: Vec<String> = first.policies.unwrap().iter().map(|policy| policy.id.to_string()).collect();
        assert_eq!(ids, ["new"]);
    }

    #[test]
    fn what_is_no_next_step_of_the_same_stream_stays_apart() {
        let mut first = message(3, 1);
        assert!(first.absorb(FeedMessage { scope: Scope::Snapshot, ..message(4, 1) }).is_err());
        assert!(first.absorb(FeedMessage { subscription: Subscription::new(8), ..message(4, 1) }).is_err());
        assert!(first.absorb(message(2, 1)).is_err());
        let many = (0..TOGETHER).map(|_| Delta::UserGone(UserId::from_bytes([9; 16]))).collect();
        assert!(first.absorb(FeedMessage { facts: many, ..message(4, 0) }).is_err());
        let mut snapshot = FeedMessage { scope: Scope::Snapshot, ..message(3, 1) };
        assert!(snapshot.absorb(message(4, 1)).is_err());
        assert_eq!((first.revision, first.facts.len()), (Revision::new(3), 1));
    }
}
