//! When which grant has to be decided again.

use std::collections::BTreeSet;

use bartizan_model::Timestamp;

/// Deadlines in order. One grant has at most one; ended grants have none, so memory follows what is live.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    due: BTreeSet<(Timestamp, u64)>,
}

impl Timer {
    /// Sets a grant's deadline in the place of the one it had. `Timestamp::MAX` is none.
    pub(crate) fn set(&mut self, grant: u64, before: Option<Timestamp>, deadline: Timestamp) {
        if let Some(before) = before {
            self.due.remove(&(before, grant));
        }
        if deadline != Timestamp::MAX {
            self.due.insert((deadline, grant));
        }
    }

    pub(crate) fn remove(&mut self, grant: u64, deadline: Timestamp) {
        self.due.remove(&(deadline, grant));
    }

    /// The grants whose deadline has come; their deadlines are gone.
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<u64> {
        let mut due = Vec::new();
        while let Some((deadline, grant)) = self.due.first().copied() {
            if deadline > now {
                break;
            }
            self.due.pop_first();
            due.push(grant);
        }
        due
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.due.first().map(|(deadline, _)| *deadline)
    }
}
