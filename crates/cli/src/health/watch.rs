//! What takes time to see: whether the store takes changes, and whether evidence moves on to the log.

use std::time::Duration;

use bartizan_model::BootTime;

use super::{Health, Keeps, Parts};

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// The newest answer of the store.
    pub(super) stored: Option<Stored>,
    /// Since when the store has been asked and has not answered.
    pub(super) asked: Option<BootTime>,
    pub(super) delivery: Option<Delivery>,
}

/// What the store answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stored {
    Works,
    Fails(String),
}

/// How far evidence has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delivery {
    /// The newest record that the log has.
    position: u64,
    /// When the log had everything, or got something, for the last time.
    pub(super) moved: BootTime,
}

impl Delivery {
    /// The delivery at `now`, when the log is at `position` and the newest record is `newest`.
    fn next(before: Option<Self>, position: u64, newest: u64, now: BootTime) -> Self {
        match before {
            Some(before) if position < newest && position == before.position => before,
            Some(_) | None => Self { position, moved: now },
        }
    }
}

impl Health {
    /// Watches until it is dropped.
    pub(super) async fn watch(&self) {
        let mut ticks = tokio::time::interval(LOOK);
        let parts = loop {
            ticks.tick().await;
            if let Some(parts) = self.parts.get() {
                break parts;
            }
        };
        let watch_store = async {
            if let Some(kept) = &parts.kept {
                self.watch_store(parts, kept).await;
            }
        };
        tokio::join!(watch_store, self.watch_delivery(parts));
    }

    /// Asks the store again and again whether it would take changes, one question at a time.
    ///
    /// The outcome of the last commit would be cheaper, but it says nothing while nobody changes anything, and after a
    /// failure it would say "no" until somebody tries, whom a balancer then keeps away. So the store is asked: a question
    /// goes the way of a commit, through its queue and its connection, and takes the lock to write, but writes nothing unless
    /// the transaction before it failed (`Store::probe`). That finds a writer that hangs, a database that another process
    /// holds, and the end of a failure; a disk that is full is found by the first commit that meets it.
    async fn watch_store(&self, parts: &Parts, kept: &Keeps) {
        let clock = parts.enforcer.clock();
        loop {
            self.watched.send_modify(|watched| watched.asked = Some(clock.boot()));
            let answer = match kept.store.probe().await {
                Ok(()) => Stored::Works,
                Err(error) => Stored::Fails(error.to_string()),
            };
            let before = self.watched.borrow().stored.clone();
            match (&before, &answer) {
                (Some(Stored::Fails(_)), Stored::Works) => tracing::warn!("the store takes changes again"),
                (None | Some(Stored::Works), Stored::Fails(why)) => {
                    tracing::error!(why, "the store takes no changes");
                }
                (None | Some(Stored::Works), Stored::Works) | (Some(Stored::Fails(_)), Stored::Fails(_)) => {}
            }
            self.watched.send_modify(|watched| {
                (watched.stored, watched.asked) = (Some(answer), None);
            });
            tokio::time::sleep(ASK).await;
        }
    }

    async fn watch_delivery(&self, parts: &Parts) {
        let enforcer = &parts.enforcer;
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            ticks.tick().await;
            let newest = enforcer.recorder().spool().newest();
            let (position, now) = (newest.saturating_sub(parts.waiting()), enforcer.clock().boot());
            self.watched.send_modify(|watched| {
                watched.delivery = Some(Delivery::next(watched.delivery, position, newest, now));
            });
        }
    }
}

/// How often evidence is looked after.
const LOOK: Duration = Duration::from_millis(500);

/// From an answer of the store to the next question: a failure is known within two of them, and a lock that is taken so
/// rarely is in nobody's way.
const ASK: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_stands_still_only_while_some_waits_and_none_arrives() {
        let at = |seconds| BootTime::from_duration(Duration::from_secs(seconds));
        let first = Delivery::next(None, 5, 9, at(1));
        assert_eq!(first.moved, at(1), "what waits at first has only just been seen");
        let still = Delivery::next(Some(first), 5, 12, at(4));
        assert_eq!(still.moved, at(1));
        let moved = Delivery::next(Some(still), 6, 12, at(5));
        assert_eq!(moved.moved, at(5));
        let whole = Delivery::next(Some(moved), 12, 12, at(6));
        assert_eq!(Delivery::next(Some(whole), 12, 12, at(60)).moved, at(60), "nothing waits");
    }
}
