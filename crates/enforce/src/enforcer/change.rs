//! When something changes: the view is swapped, what it touches is decided again, and what is denied now is cut.

use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{BootTime, DecisionId, Denial, DenyReason, Resource, Timestamp};
use bartizan_policy::{Decision, Engine, Finding, Key, World};

use super::{Enforcer, View};
use crate::feed::{Acknowledged, Applied, FeedError, FeedMessage, Scope};
use crate::lease::{Over, Terms};
use crate::table::Entry;

/// How long grants are decided again before those that are denied are signalled.
const BATCH: Duration = Duration::from_millis(30);

impl Enforcer {
    /// Decides these grants again on the current view and cuts those that are now denied. The caller holds `changing`.
    ///
    /// Who is signalled wakes, and takes the processor from what is still to be decided: so a batch is decided before any
    /// of it is signalled.
    fn redecide(&self, entries: &[Arc<Entry>]) -> u64 {
        let Some(view) = self.view.load_full() else { return 0 };
        let (mut cut, mut denied, mut began) = (0, Vec::new(), self.clock.boot());
        for entry in entries {
            if entry.cut.is_cancelled() {
                continue;
            }
            let now = self.clock.now();
            let mut request = entry.request.clone();
            request.now = now;
            request.decision_id = DecisionId::ordered(now, self.entropy.as_ref());
            match self.decide(&view, &request) {
                Decision::Permit(grant) => self.decided(entry, grant, Some(view.world.keys(&request))),
                Decision::Deny(refusal) => denied.push((entry, refusal.denial)),
            }
            if self.clock.boot().since(began) >= BATCH {
                cut += self.cut(&mut denied);
                began = self.clock.boot();
            }
        }
        cut + self.cut(&mut denied)
    }

    /// Signals these grants their end, and forgets them. Returns how many.
    fn cut(&self, denied: &mut Vec<(&Arc<Entry>, Denial)>) -> u64 {
        let entries = denied.drain(..).map(|(entry, denial)| {
            self.counters().count_cut(denial.reason);
            // The reason is there before the signal, so that who is woken finds it.
            let _ = entry.denial.set(denial);
            entry.cut.cancel();
            entry.id
        });
        let signalled: Vec<u64> = entries.collect();
        for id in &signalled {
            self.table.lock().remove(*id);
        }
        u64::try_from(signalled.len()).unwrap_or(u64::MAX)
    }

    /// Applies one feed message, whole: swaps the view, then decides again what it touches, and cuts.
    ///
    /// # Errors
    /// The policies do not compile. They were checked before they were stored, so this point and its control plane
    /// disagree on what is valid; the view is left as it was and the lease must end.
    pub fn apply(&self, message: &FeedMessage) -> Result<Applied, Vec<Finding>> {
        let began = self.clock.boot();
        let before = self.view.load_full();
        let engine = match (&message.policies, &before) {
            (None, Some(before)) => Arc::clone(&before.engine),
            (policies, before) => {
                // Outside `changing`: compiling takes long, and there is one feed.
                let sources = policies.as_deref().unwrap_or_default();
                let previous = before.as_ref().map(|view| view.engine.as_ref());
                Arc::new(Engine::compile(message.revision, sources, previous)?)
            }
        };
        let _changing = self.changing.lock();
        // Read again: what credentials brought in meanwhile is part of it.
        let before = self.view.load_full();
        let base = match (&before, message.scope) {
            (Some(view), Scope::Changes) => view.world.clone(),
            (Some(_) | None, Scope::Snapshot) | (None, Scope::Changes) => World::new(),
        };
        let (world, touched) = base.apply(message.revision, &message.facts);
        let anonymous_key =
            message.anonymous_key.or_else(|| before.as_ref().and_then(|view| view.anonymous_key));
        let everything = message.policies.is_some() || message.scope == Scope::Snapshot;
        let of_apps = |key: &Key| matches!(key, Key::Resource(Resource::App(_)));
        let terms = match &before {
            Some(view) if message.scope == Scope::Changes && !touched.keys.iter().any(of_apps) => {
                Arc::clone(&view.terms)
            }
            Some(_) | None => Arc::new(Terms::new(self.config.lease, &world)),
        };
        let subscription = message.subscription;
        self.view.store(Some(Arc::new(View { subscription, engine, world, terms, anonymous_key })));
        self.moved.notify_waiters();
        let entries = if everything {
            self.verdicts.clear();
            self.table.lock().all()
        } else if touched.keys.is_empty() {
            Vec::new()
        } else {
            self.table.lock().touched(&touched.keys)
        };
        // Where an app's lease is shorter now, it may be over already.
        let cut = self.redecide(&entries) + self.cut_over();
        self.shortened.notify_one();
        Ok(Applied {
            subscription,
            revision: message.revision,
            cut,
            took: self.clock.boot().since(began),
            ..Applied::default()
        })
    }

    /// Decides again the grants whose time has come. Returns how many were cut.
    pub fn tick(&self) -> u64 {
        let _changing = self.changing.lock();
        let due = self.table.lock().due(self.clock.now());
        self.redecide(&due)
    }

    /// When [`Enforcer::tick`] is next needed.
    #[must_use]
    pub fn next_tick(&self) -> Option<Timestamp> {
        self.table.lock().next_due()
    }

    /// The safety net: decides everything from nothing. What it cuts should have been cut before, and is counted.
    pub fn safety_round(&self) -> u64 {
        let _changing = self.changing.lock();
        self.verdicts.clear();
        let due = self.table.lock().due(self.clock.now());
        self.redecide(&due);
        let all = self.table.lock().all();
        let missed = self.redecide(&all);
        if missed > 0 {
            self.counters().count_missed(missed);
            tracing::error!(missed, "grants were live that should have been cut: this is a bug");
        }
        missed
    }

    /// A message has been applied to its end: control is to be told.
    pub fn applied(&self, applied: &Applied) {
        self.progress.applied(applied);
    }

    /// What the next heartbeat says of the feed; nothing if nothing has been applied yet.
    #[must_use]
    pub fn report(&self) -> Option<Applied> {
        self.progress.report()
    }

    /// What control answered to a heartbeat that was sent at `sent`. What is final is obeyed at once; anything else may be over
    /// in a moment, and the lease runs.
    pub fn answered(&self, sent: BootTime, said: &Applied, answer: &Result<Acknowledged, FeedError>) {
        match answer {
            Ok(acknowledged) => {
                self.progress.heard(said);
                // What lies before the boot of this machine is no time that it was up to date at.
                if acknowledged.behind <= sent.since(BootTime::default()) {
                    self.renew_lease(sent.back(acknowledged.behind));
                }
            }
            Err(error) => self.refused(error),
        }
    }

    /// The feed was refused.
    pub fn refused(&self, error: &FeedError) {
        match error {
            FeedError::Removed | FeedError::Older { .. } => {
                // Said once, however often it is heard.
                let held = self.lease_left().is_some();
                self.end_lease();
                let cut = self.enforce_lease();
                if held {
                    tracing::error!(%error, cut, "nothing is permitted here any more");
                }
            }
            FeedError::Unreachable(_) | FeedError::Unknown => {}
        }
    }

    /// A heartbeat that was sent at `sent` has been acknowledged.
    pub fn renew_lease(&self, sent: BootTime) {
        self.lease.renew(sent);
    }

    /// Ends the lease at once, on everything: nothing more is admitted until it is renewed.
    pub fn end_lease(&self) {
        self.lease.end();
        self.shortened.notify_one();
    }

    /// How long it is until [`Enforcer::enforce_lease`] may have more to cut, if the lease is not renewed; nothing if it is
    /// over on everything.
    pub(crate) fn next_lease_end(&self) -> Option<Duration> {
        let age = self.lease.age(self.clock.boot())?;
        self.view.load().as_ref()?.terms.next(age)
    }

    /// The shortest lease that anything here has.
    pub(crate) fn shortest_lease(&self) -> Duration {
        self.view.load().as_ref().map_or(self.config.lease, |view| view.terms.shortest())
    }

    /// Cuts the live grants of each app whose lease has run out. Returns how many were cut.
    pub fn enforce_lease(&self) -> u64 {
        if self.lease.age(self.clock.boot()).is_some_and(|age| age < self.shortest_lease()) {
            return 0;
        }
        let _changing = self.changing.lock();
        self.cut_over()
    }

    /// Cuts what the lease no longer covers. The caller holds `changing`.
    fn cut_over(&self) -> u64 {
        let over = match (self.lease.age(self.clock.boot()), self.view.load().as_ref()) {
            (Some(age), Some(view)) => view.terms.over(&view.world, age),
            (None, _) | (_, None) => Over::Everything,
        };
        let entries = match over {
            Over::Nothing => return 0,
            Over::Under(keys) => self.table.lock().touched(&keys),
            Over::Everything => self.table.lock().all(),
        };
        let denied =
            entries.iter().map(|entry| (entry, self.refuse(&entry.request, DenyReason::LeaseExpired)));
        self.cut(&mut denied.collect())
    }
}
