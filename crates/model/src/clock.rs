//! Time as a parameter: wall-clock instants for what people and certificates mean, boot time for time-outs and leases.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where the time comes from. Passed in, never read globally.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The wall-clock time. It may jump in either direction.
    fn now(&self) -> Timestamp;
    /// The time since boot, suspend included. It never goes back.
    fn boot(&self) -> BootTime;
}

/// Time since this machine's boot, suspend included (`CLOCK_BOOTTIME`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BootTime(Duration);

impl BootTime {
    /// The instant that lies `since_boot` after boot.
    #[must_use]
    pub const fn from_duration(since_boot: Duration) -> Self {
        Self(since_boot)
    }

    /// The instant that lies so long before this one; the boot itself if that is later.
    #[must_use]
    pub const fn back(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by))
    }

    /// How much time has passed since `earlier`; zero if none has.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// A text that is not an RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time (expected RFC 3339 such as 2026-11-24T08:30:00Z)")]
pub struct TimestampError(String);

/// A wall-clock instant: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

impl Timestamp {
    /// Later than any instant that is represented, for deadlines that do not exist.
    pub const MAX: Self = Self(i64::MAX);

    /// The instant this many microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This instant moved forward; saturates.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Time from `earlier` to this instant; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        #[expect(clippy::map_err_ignore, reason = "the cause adds nothing to the text that was read")]
        text.parse::<jiff::Timestamp>()
            .map(|instant| Self(instant.as_microsecond()))
            .map_err(|_| TimestampError(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;
    fn try_from(text: String) -> Result<Self, TimestampError> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(instant: Timestamp) -> String {
        instant.to_string()
    }
}

impl std::fmt::Display for Timestamp {
    /// RFC 3339 in UTC with microseconds, always of the same width, so that texts sort as instants do.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant:.6}"),
            Err(_) => f.write_str("9999-12-30T22:00:00.000000Z"),
        }
    }
}

impl std::fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_rfc_3339_with_microseconds() {
        let instant = Timestamp::from_micros(1_764_000_000_000_001);
        assert_eq!(instant.to_string(), "2025-11-24T16:00:00.000001Z");
        assert_eq!("2025-11-24T16:00:00.000001Z".parse(), Ok(instant));
        assert_eq!("2025-11-24T17:00:00.000001+01:00".parse(), Ok(instant));
        assert!("yesterday".parse::<Timestamp>().is_err());
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Timestamp::MAX.plus(Duration::from_secs(1)), Timestamp::MAX);
        assert_eq!(Timestamp::from_micros(5).since(Timestamp::from_micros(9)), Duration::ZERO);
        assert!(!Timestamp::MAX.to_string().is_empty());
    }
}
