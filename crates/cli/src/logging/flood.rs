//! Nobody fills the disk through the log: of what is said again and again, some lines stand for the rest.
//!
//! Who sends enough of what is worth a warning writes a line with each of it. From one place in the code so many lines pass
//! in a while; the first one after it says how many were left out. What is logged below `info` is for whoever asked for it,
//! and passes.

use std::collections::HashMap;
use std::time::Duration;

use bartizan_model::BootTime;
use parking_lot::Mutex;
use tracing::callsite::Identifier;

/// What every place has said of late. There are as many as there are places in the code.
#[derive(Debug, Default)]
pub(super) struct Flood(Mutex<HashMap<Identifier, While>>);

#[derive(Debug, Clone, Copy)]
struct While {
    began: BootTime,
    said: u32,
    left_out: u64,
}

impl Flood {
    /// Whether a line of this place passes now, and how many did not before it.
    pub(super) fn passes(&self, place: Identifier, now: BootTime) -> Option<u64> {
        let mut places = self.0.lock();
        let current = places.entry(place).or_insert(While { began: now, said: 0, left_out: 0 });
        if now.since(current.began) >= A_WHILE {
            let left_out = current.left_out;
            *current = While { began: now, said: 1, left_out: 0 };
            return Some(left_out);
        }
        if current.said < MOST {
            current.said += 1;
            return Some(0);
        }
        current.left_out = current.left_out.saturating_add(1);
        None
    }
}

/// As long as somebody who watches waits for the next line.
const A_WHILE: Duration = Duration::from_secs(10);

/// Ten lines a second are more than anybody reads; at 300 bytes each, a day of it is 250 MB from one place.
const MOST: u32 = 100;

#[cfg(test)]
mod tests {
    use tracing::Callsite as _;

    use super::*;

    fn place() -> Identifier {
        tracing::callsite! { name: "place", kind: tracing::metadata::Kind::EVENT, fields: message }
            .metadata()
            .callsite()
    }

    fn other_place() -> Identifier {
        tracing::callsite! { name: "other", kind: tracing::metadata::Kind::EVENT, fields: message }
            .metadata()
            .callsite()
    }

    #[test]
    fn some_lines_stand_for_the_rest_and_other_places_are_not_affected() {
        let flood = Flood::default();
        let at = |millis| BootTime::from_duration(Duration::from_millis(millis));
        let passed = (0..1000).filter(|_| flood.passes(place(), at(5)).is_some()).count();
        assert_eq!(passed, 100);
        assert_eq!(flood.passes(other_place(), at(6)), Some(0));
        assert_eq!(flood.passes(place(), at(10_004)), None);
        assert_eq!(flood.passes(place(), at(10_005)), Some(901));
        assert_eq!(flood.passes(place(), at(10_006)), Some(0));
    }
}
