//! What was just appended, on its way to the index.

use std::collections::VecDeque;
use std::ops::Range;

use bartizan_model::Event;
use parking_lot::Mutex;

use crate::writer::Appended;

/// The newest events of the log, as the writer had them. The index takes them from here, and need not read and parse again
/// what was parsed when it came; those that are not here, because it is behind or was only just opened, it reads from
/// the log.
#[derive(Debug)]
pub(super) struct Fresh {
    newest: Mutex<Newest>,
    /// How many bytes of entries there may be.
    room: usize,
}

/// Consecutive events.
#[derive(Debug)]
struct Newest {
    /// The log index of the first.
    first: u64,
    events: VecDeque<Appended>,
    bytes: usize,
}

impl Fresh {
    /// None yet, of a log of this size.
    pub(super) const fn new(size: u64, room: usize) -> Self {
        Self { newest: Mutex::new(Newest { first: size, events: VecDeque::new(), bytes: 0 }), room }
    }

    /// Adds what was appended to the log. If it is too much then, the oldest go.
    pub(super) fn add(&self, events: Vec<Appended>) {
        let mut newest = self.newest.lock();
        for event in events {
            newest.bytes += event.bytes;
            newest.events.push_back(event);
        }
        while newest.bytes > self.room && newest.pop().is_some() {}
    }

    /// Takes the events of these entries, and drops those before them; none if not all of them are here.
    pub(super) fn take(&self, entries: &Range<u64>) -> Option<Vec<Event>> {
        let mut newest = self.newest.lock();
        let end = newest.first + u64::try_from(newest.events.len()).unwrap_or(0);
        if entries.start < newest.first || entries.end > end {
            return None;
        }
        while newest.first < entries.start {
            newest.pop();
        }
        entries.clone().map(|_| newest.pop()).collect()
    }
}

impl Newest {
    fn pop(&mut self) -> Option<Event> {
        let Appended { event, bytes } = self.events.pop_front()?;
        self.first += 1;
        self.bytes -= bytes;
        Some(event)
    }
}

/// 8 MiB: what the spools of some points hand over while the index takes one batch.
pub(super) const ROOM: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::event;

    fn appended(numbers: Range<u64>) -> Vec<Appended> {
        numbers.map(|number| Appended { event: event(number), bytes: 10 }).collect()
    }

    fn check(fresh: &Fresh, entries: Range<u64>, expected: bool) {
        let events = expected.then(|| entries.clone().map(event).collect::<Vec<_>>());
        assert_eq!(fresh.take(&entries), events, "{entries:?}");
    }

    #[test]
    fn what_was_appended_is_taken_once_and_in_order() {
        let fresh = Fresh::new(7, 1000);
        check(&fresh, 7..8, false);
        fresh.add(appended(7..10));
        fresh.add(appended(10..20));
        check(&fresh, 6..9, false);
        check(&fresh, 7..21, false);
        check(&fresh, 7..12, true);
        check(&fresh, 7..12, false);
        // The index read some from the log.
        check(&fresh, 15..18, true);
        check(&fresh, 12..15, false);
        check(&fresh, 30..31, false);
        check(&fresh, 18..20, true);
        fresh.add(Vec::new());
        fresh.add(appended(20..21));
        check(&fresh, 20..21, true);
    }

    #[test]
    fn the_oldest_make_room() {
        let fresh = Fresh::new(0, 100);
        fresh.add(appended(0..8));
        fresh.add(appended(8..13));
        check(&fresh, 2..4, false);
        check(&fresh, 3..5, true);
        fresh.add(appended(13..33));
        check(&fresh, 22..24, false);
        check(&fresh, 23..33, true);
        fresh.add(vec![Appended { event: event(33), bytes: 101 }]);
        check(&fresh, 33..34, false);
        fresh.add(appended(34..35));
        check(&fresh, 34..35, true);
    }
}
