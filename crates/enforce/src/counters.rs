//! What an enforcement point counts of itself, for whoever watches over it.
//!
//! Counting is an addition to an atomic and takes no lock, so it may stand in the path of every request. Nothing here says
//! whose request it was, or for what.

use std::sync::atomic::{AtomicU64, Ordering};

use bartizan_model::{DenyReason, EventKind, Outcome};

/// Numbers that only grow, from the start of the process on.
#[derive(Debug, Default)]
pub struct Counters {
    permitted: AtomicU64,
    denied: ByReason,
    cut: ByReason,
    missed: AtomicU64,
    steps: [AtomicU64; 2],
    sessions: AtomicU64,
}

/// How a step of a sign-in came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The person proved what was asked for.
    Ok,
    /// They did not.
    Failed,
}

impl Counters {
    /// Questions that were answered with a grant.
    #[must_use]
    pub fn permitted(&self) -> u64 {
        self.permitted.load(Ordering::Relaxed)
    }

    /// Questions that were answered with no, for this reason.
    #[must_use]
    pub fn denied(&self, reason: DenyReason) -> u64 {
        self.denied.read(reason)
    }

    /// Live grants that were ended, for this reason.
    #[must_use]
    pub fn cut(&self, reason: DenyReason) -> u64 {
        self.cut.read(reason)
    }

    /// Grants that the safety round found live and that should have been cut before: each is a bug.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    /// Steps of sign-ins that came out so.
    #[must_use]
    pub fn sign_in_steps(&self, step: Step) -> u64 {
        let [ok, failed] = &self.steps;
        match step {
            Step::Ok => ok,
            Step::Failed => failed,
        }
        .load(Ordering::Relaxed)
    }

    /// Sessions that began.
    #[must_use]
    pub fn sessions_begun(&self) -> u64 {
        self.sessions.load(Ordering::Relaxed)
    }

    pub(crate) fn count_permitted(&self) {
        add(&self.permitted, 1);
    }

    pub(crate) fn count_denied(&self, reason: DenyReason) {
        self.denied.add(reason);
    }

    pub(crate) fn count_cut(&self, reason: DenyReason) {
        self.cut.add(reason);
    }

    pub(crate) fn count_missed(&self, grants: u64) {
        add(&self.missed, grants);
    }

    /// Something other than a decision is on record.
    pub(crate) fn count_recorded(&self, kind: EventKind, outcome: Outcome) {
        let [ok, failed] = &self.steps;
        match (kind, outcome) {
            (EventKind::SigninStep, Outcome::Ok | Outcome::Permit) => add(ok, 1),
            (EventKind::SigninStep, Outcome::Failed | Outcome::Deny | Outcome::Cut) => add(failed, 1),
            (EventKind::SessionStart, _) => add(&self.sessions, 1),
            (
                EventKind::Decision
                | EventKind::GrantEnd
                | EventKind::SessionEnd
                | EventKind::AdminChange
                | EventKind::SystemStart
                | EventKind::SystemRestore,
                _,
            ) => {}
        }
    }
}

/// One number for each reason.
#[derive(Debug, Default)]
struct ByReason([AtomicU64; DenyReason::ALL.len()]);

impl ByReason {
    fn add(&self, reason: DenyReason) {
        if let Some(count) = self.0.get(reason as usize) {
            add(count, 1);
        }
    }

    fn read(&self, reason: DenyReason) -> u64 {
        self.0.get(reason as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

fn add(count: &AtomicU64, by: u64) {
    // Nothing else is ordered by it.
    count.fetch_add(by, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_number_of_its_own() {
        let counters = Counters::default();
        for (place, reason) in DenyReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, place, "{reason} is where it is looked for");
            for _ in 0..=place {
                counters.count_denied(reason);
            }
        }
        counters.count_cut(DenyReason::SessionEnded);
        for (place, reason) in (1..).zip(DenyReason::ALL) {
            assert_eq!(counters.denied(reason), place, "{reason}");
            assert_eq!(counters.cut(reason), u64::from(reason == DenyReason::SessionEnded), "{reason}");
        }
    }

    #[test]
    fn of_what_is_recorded_sign_ins_are_counted() {
        let counters = Counters::default();
        counters.count_recorded(EventKind::SigninStep, Outcome::Ok);
        counters.count_recorded(EventKind::SigninStep, Outcome::Failed);
        counters.count_recorded(EventKind::SigninStep, Outcome::Failed);
        counters.count_recorded(EventKind::SessionStart, Outcome::Ok);
        counters.count_recorded(EventKind::AdminChange, Outcome::Ok);
        assert_eq!((counters.sign_in_steps(Step::Ok), counters.sign_in_steps(Step::Failed)), (1, 2));
        assert_eq!(counters.sessions_begun(), 1);
    }
}
