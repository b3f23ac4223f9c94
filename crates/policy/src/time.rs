//! How long a verdict holds: until the earliest instant at which time alone can change it.

use std::time::Duration;

use bartizan_model::{SessionFacts, Timestamp};

use crate::context::{at_second, next_hour, next_midnight};
use crate::reads::Flip;

/// How long a verdict is kept that watches a clock in a way of which no flip can be told.
const UNKNOWN_FLIP: Duration = Duration::from_secs(1);

/// The instant after `now` at which this flip happens, if it ever does.
pub(crate) fn instant(flip: Flip, session: Option<&SessionFacts>, now: Timestamp) -> Option<Timestamp> {
    let at = match flip {
        Flip::Age(seconds) => becomes(session.map(|session| session.auth_time), seconds)?,
        Flip::MfaAge(seconds) => becomes(session.and_then(|session| session.mfa_time), seconds)?,
        Flip::Epoch(seconds) => at_second(seconds),
        Flip::NowMillis(millis) => Timestamp::from_micros(millis.saturating_mul(1_000)),
        Flip::Hour => next_hour(now),
        Flip::Midnight => next_midnight(now),
        Flip::AnyTime => now.plus(UNKNOWN_FLIP),
    };
    (at > now).then_some(at)
}

/// When the age of what happened at `since` becomes this. The age of what never happened stays the same, and an age
/// is never below zero.
fn becomes(since: Option<Timestamp>, seconds: i64) -> Option<Timestamp> {
    let seconds = u64::try_from(seconds).ok()?;
    since.map(|since| since.plus(Duration::from_secs(seconds)))
}

/// The earliest instant after `now` at which one of the flips happens.
pub(crate) fn next_flip<'a>(
    flips: impl IntoIterator<Item = &'a Flip>,
    session: Option<&SessionFacts>,
    now: Timestamp,
) -> Timestamp {
    flips.into_iter().filter_map(|flip| instant(*flip, session, now)).min().unwrap_or(Timestamp::MAX)
}
