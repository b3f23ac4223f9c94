//! What was seen once and is worth nothing a second time: the ids of proofs and of assertions.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bartizan_model::BootTime;
use parking_lot::Mutex;

/// Ids that were seen within a time, in memory. What they belong to is bound to this run of the process by other means
/// (a nonce, the time of its start), so a restart forgets nothing that matters.
#[derive(Debug)]
pub(crate) struct Replays {
    remembers: Duration,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    ids: HashMap<[u8; 32], BootTime>,
    /// In the order in which they came.
    order: VecDeque<[u8; 32]>,
}

/// Whether an id is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seeing {
    First,
    Again,
    /// So many came that nobody can say.
    Full,
}

impl Replays {
    pub(crate) fn new(remembers: Duration) -> Self {
        Self { remembers, seen: Mutex::default() }
    }

    /// Remembers an id (`what` of `whom`), and says whether it is new. When there is no room for it, it is not: forgetting
    /// others in its favour is what somebody would want who replays one of them.
    pub(crate) fn see(&self, whom: &str, what: &str, now: BootTime) -> Seeing {
        let mut bytes = whom.as_bytes().to_vec();
        bytes.push(0);
        bytes.extend_from_slice(what.as_bytes());
        let id = bartizan_pki::sha256(&bytes);
        let mut seen = self.seen.lock();
        while let Some(oldest) = seen.order.front().copied() {
            let over = seen.ids.get(&oldest).is_none_or(|since| now.since(*since) > self.remembers);
            if !over {
                break;
            }
            seen.order.pop_front();
            seen.ids.remove(&oldest);
        }
        if seen.ids.contains_key(&id) {
            return Seeing::Again;
        }
        if seen.ids.len() >= MAX_IDS {
            return Seeing::Full;
        }
        seen.ids.insert(id, now);
        seen.order.push_back(id);
        Seeing::First
    }
}

/// 400 a second for five minutes, of 100 bytes each.
const MAX_IDS: usize = 120_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> BootTime {
        BootTime::from_duration(Duration::from_secs(seconds))
    }

    #[test]
    fn an_id_is_new_once_within_the_time() {
        let replays = Replays::new(Duration::from_secs(300));
        assert_eq!(replays.see("a", "1", at(0)), Seeing::First);
        assert_eq!(replays.see("a", "1", at(300)), Seeing::Again);
        assert_eq!(replays.see("b", "1", at(300)), Seeing::First, "of another");
        assert_eq!(replays.see("a", "1", at(301)), Seeing::First, "what it belonged to is over");
    }

    #[test]
    fn a_flood_makes_nothing_be_forgotten_early() {
        let replays = Replays::new(Duration::from_secs(300));
        assert_eq!(replays.see("victim", "1", at(0)), Seeing::First);
        for flood in 1..MAX_IDS {
            assert_eq!(replays.see("flood", &flood.to_string(), at(1)), Seeing::First);
        }
        assert_eq!(replays.see("flood", "more", at(2)), Seeing::Full);
        assert_eq!(replays.see("victim", "1", at(2)), Seeing::Again);
        assert_eq!(replays.see("flood", "later", at(302)), Seeing::First);
        assert_eq!(replays.seen.lock().ids.len(), 1);
    }
}
