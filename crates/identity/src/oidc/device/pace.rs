//! How often devices ask, and how many at a time. It is in memory: what a restart forgets makes nobody wait longer.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bartizan_model::{BootTime, CredentialDigest};
use parking_lot::Mutex;

use super::{INTERVAL, LIVES_FOR};

/// What is remembered of devices that wait.
#[derive(Debug, Default)]
pub(in crate::oidc) struct Pace(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// When each code that may be waited for was made, in that order.
    begun: VecDeque<BootTime>,
    /// By device code, when its device asked last and how long it has to wait since.
    polls: HashMap<CredentialDigest, (BootTime, Duration)>,
}

impl Pace {
    /// Whether one more device may begin to wait.
    pub(super) fn begin(&self, now: BootTime) -> bool {
        let mut known = self.0.lock();
        while known.begun.front().is_some_and(|since| now.since(*since) >= LIVES_FOR) {
            known.begun.pop_front();
        }
        if known.begun.len() >= AT_A_TIME {
            return false;
        }
        known.begun.push_back(now);
        true
    }

    /// Whether a device that waits asks at its time. If it does not, it has to wait five seconds longer from now on (RFC 8628,
    /// 3.5).
    pub(super) fn is_kept(&self, device: CredentialDigest, now: BootTime) -> bool {
        let mut known = self.0.lock();
        if known.polls.len() >= AT_A_TIME && !known.polls.contains_key(&device) {
            known.polls.retain(|_, (last, _)| now.since(*last) < LIVES_FOR);
            // There are no more that wait than this, but for those that were made before a restart: who asked longest ago is
            // forgotten, which lets it ask once more.
            if known.polls.len() >= AT_A_TIME
                && let Some(oldest) =
                    known.polls.iter().min_by_key(|(_, (last, _))| *last).map(|(key, _)| *key)
            {
                known.polls.remove(&oldest);
            }
        }
        let Some((last, wait)) = known.polls.get_mut(&device) else {
            known.polls.insert(device, (now, INTERVAL));
            return true;
        };
        let kept = now.since(*last).saturating_add(LENIENCE) >= *wait;
        *last = now;
        if !kept {
            *wait = wait.saturating_add(INTERVAL).min(LIVES_FOR);
        }
        kept
    }
}

/// Devices that may wait at a time: a small object each, and one in twelve million guesses at a user code is right.
const AT_A_TIME: usize = 2000;

/// Timers of devices are not exact, and neither is the network.
const LENIENCE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> BootTime {
        BootTime::from_duration(Duration::from_secs(seconds))
    }

    fn device(number: u8) -> CredentialDigest {
        CredentialDigest::from_bytes([number; 32])
    }

    #[test]
    fn who_asks_too_often_waits_longer_each_time() {
        let pace = Pace::default();
        assert!(pace.is_kept(device(1), at(100)));
        assert!(!pace.is_kept(device(1), at(101)), "5 seconds");
        assert!(!pace.is_kept(device(1), at(107)), "10 seconds by now");
        assert!(pace.is_kept(device(2), at(107)), "another does not wait for it");
        assert!(pace.is_kept(device(1), at(122)), "15 seconds by now");
        assert!(!pace.is_kept(device(1), at(132)), "they stay");
    }

    #[test]
    fn no_more_wait_at_a_time_than_there_is_room_for() {
        let pace = Pace::default();
        assert!((0..AT_A_TIME).all(|_| pace.begin(at(10))));
        assert!(!pace.begin(at(609)));
        assert!(pace.begin(at(610)));
        for number in 0..=u16::try_from(AT_A_TIME).unwrap() {
            let mut bytes = [0; 32];
            bytes[..2].copy_from_slice(&number.to_be_bytes());
            assert!(pace.is_kept(CredentialDigest::from_bytes(bytes), at(u64::from(number) / 10)));
        }
        assert_eq!(pace.0.lock().polls.len(), AT_A_TIME);
    }
}
