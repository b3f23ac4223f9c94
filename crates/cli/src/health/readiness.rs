//! Whether the deployment can do what it is there for, and if not, why, in words for a person.

use std::time::Duration;

use bartizan_enforce::spool::Standing;
use serde::Serialize;

/// One thing that has to be in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) ok: bool,
    /// What is wrong, and what follows from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// What the checks look at.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Whether a first message of the feed has been applied.
    pub(super) fed: bool,
    pub(super) lease_left: Option<Duration>,
    /// For how long the store has been thinking, or why it takes no changes; nothing where there is none.
    pub(super) store: Option<Result<Duration, String>>,
    pub(super) spool: Standing,
    /// Records that the log does not have yet.
    pub(super) waiting: u64,
    /// For how long none of them has arrived there.
    pub(super) standing_still: Duration,
    pub(super) draining: bool,
}

/// The checks of a deployment that has started.
pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let fed = || String::from("nothing has come from the control plane yet, so every request is refused");
    let lease = || {
        String::from(
            "the control plane has not answered for too long, so every request is refused until it does",
        )
    };
    let mut checks = vec![
        check("start", None),
        check("feed", (!seen.fed).then(fed)),
        check("lease", seen.lease_left.is_none().then(lease)),
    ];
    checks.extend(seen.store.as_ref().map(|seen| check("store", store(seen))));
    checks.extend([
        check("spool", spool(&seen.spool)),
        check("log", log(seen.waiting, seen.standing_still)),
        draining(seen.draining),
    ]);
    checks
}

/// The checks of a deployment of which there is nothing to look at yet.
pub(super) fn while_starting(told_to_stop: bool) -> Vec<Check> {
    let starting = String::from("the deployment is still starting: nothing is served yet");
    vec![check("start", Some(starting)), draining(told_to_stop)]
}

fn check(name: &'static str, wrong: Option<String>) -> Check {
    Check { name, ok: wrong.is_none(), reason: wrong }
}

fn draining(draining: bool) -> Check {
    let told =
        || String::from("the process was told to stop: open requests may end, and no new ones are taken");
    check("draining", draining.then(told))
}

fn store(store: &Result<Duration, String>) -> Option<String> {
    let follows = "nobody can sign in and nothing can be changed; who is signed in goes on";
    match store {
        Ok(thinking) if *thinking < SLOW => None,
        Ok(thinking) => Some(format!(
            "the store has not answered for {} s, so {follows} (does another process hold `bartizan.db`?)",
            thinking.as_secs()
        )),
        Err(why) => Some(format!("{why}, so {follows}")),
    }
}

fn spool(spool: &Standing) -> Option<String> {
    if let Some(why) = &spool.failure {
        return Some(format!("evidence cannot be written ({why}), so every request is refused"));
    }
    let full = spool.used.saturating_add(ROOM) > spool.limit;
    full.then(|| {
        let (used, limit) = (spool.used >> 20, spool.limit >> 20);
        format!("the spool is full ({used} of {limit} MiB), so requests are refused until the log takes evidence again")
    })
}

/// An index that is behind is no reason not to serve: it is made anew from the log, and only searches wait for it.
fn log(waiting: u64, standing_still: Duration) -> Option<String> {
    if standing_still >= STILL {
        let seconds = standing_still.as_secs();
        return Some(format!(
            "the log has taken no evidence for {seconds} s, and {waiting} records wait in the spool"
        ));
    }
    (waiting > BEHIND)
        .then(|| format!("the log is {waiting} records behind: evidence comes faster than it is taken"))
}

/// A commit takes milliseconds; a store that thinks for so long has others wait, too.
const SLOW: Duration = Duration::from_secs(2);

/// 1 MiB, about two thousand events: before the first request is refused.
const ROOM: u64 = 1 << 20;

/// Evidence is in the log 50 to 100 ms after it came about; the longest wait between two tries is 5 s.
const STILL: Duration = Duration::from_secs(10);

/// What the log takes in some seconds at its best, and about a tenth of what the spool holds.
const BEHIND: u64 = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Seen {
        Seen {
            fed: true,
            lease_left: Some(Duration::from_secs(29)),
            store: Some(Ok(Duration::ZERO)),
            spool: Standing { newest: 7, waiting: 0, used: 9 << 20, limit: 496 << 20, failure: None },
            waiting: 3,
            standing_still: Duration::from_millis(600),
            draining: false,
        }
    }

    #[test]
    fn what_is_well_has_no_reason() {
        let checks = checks(&well());
        let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
        assert_eq!(names, ["start", "feed", "lease", "store", "spool", "log", "draining"]);
        assert!(checks.iter().all(|check| check.ok && check.reason.is_none()));
        let elsewhere = self::checks(&Seen { store: None, ..well() });
        assert!(elsewhere.iter().all(|check| check.name != "store"), "a gateway elsewhere has none");
    }

    #[test]
    fn each_thing_that_is_wrong_is_said_under_its_own_name() {
        type Change = fn(&mut Seen);
        let failing = |change: Change| {
            let mut seen = well();
            change(&mut seen);
            let mut wrong: Vec<Check> = checks(&seen).into_iter().filter(|check| !check.ok).collect();
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            let wrong = wrong.remove(0);
            (wrong.name, wrong.reason.unwrap())
        };
        let cases: [(Change, &str, &str); 9] = [
            (|seen| seen.fed = false, "feed", "nothing has come from the control plane yet"),
            (|seen| seen.lease_left = None, "lease", "has not answered for too long"),
            (|seen| seen.store = Some(Ok(Duration::from_secs(3))), "store", "has not answered for 3 s"),
            (
                |seen| seen.store = Some(Err(String::from("the store cannot be written: the disk is full"))),
                "store",
                "the disk is full, so nobody can sign in",
            ),
            (
                |seen| seen.spool.failure = Some(String::from("No space left on device")),
                "spool",
                "evidence cannot be written (No space left on device), so every request is refused",
            ),
            (|seen| seen.spool.used = seen.spool.limit - 5, "spool", "the spool is full (495 of 496 MiB)"),
            (
                |seen| (seen.waiting, seen.standing_still) = (340, Duration::from_secs(12)),
                "log",
                "the log has taken no evidence for 12 s, and 340 records wait in the spool",
            ),
            (|seen| seen.waiting = 100_001, "log", "100001 records behind"),
            (|seen| seen.draining = true, "draining", "told to stop"),
        ];
        for (change, name, words) in cases {
            let (found, reason) = failing(change);
            assert_eq!(found, name);
            assert!(reason.contains(words), "{reason}");
        }
    }

    #[test]
    fn before_the_start_is_over_it_is_not_ready() {
        let found = serde_json::to_value(while_starting(false)).unwrap();
        let reason = "the deployment is still starting: nothing is served yet";
        assert_eq!(
            found,
            serde_json::json!([{"name": "start", "ok": false, "reason": reason}, {"name": "draining", "ok": true}])
        );
    }
}
