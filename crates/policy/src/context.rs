//! The circumstances of a request: the values that the context of a policy has, from what the world knows.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use bartizan_model::{AccessRequest, AuthLevel, DeviceFacts, SessionFacts, Timestamp};
use cedar_policy::{Context, RestrictedExpression};

use crate::reads::{Attribute, Reads};

/// The age of what never happened: ten years, older than any policy asks for. What is unknown is never fresh.
pub(crate) const NEVER: i64 = 10 * 365 * 24 * 60 * 60;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_HOUR: i64 = 3_600;
const SECONDS_PER_DAY: i64 = 86_400;

/// Every value of the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Circumstances<'a> {
    pub(crate) level: AuthLevel,
    pub(crate) age: i64,
    pub(crate) mfa_age: i64,
    pub(crate) amr: Cow<'a, BTreeSet<String>>,
    pub(crate) known: bool,
    pub(crate) compliant: bool,
    pub(crate) managed: bool,
    pub(crate) risk: u8,
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) source: IpAddr,
    pub(crate) now: Timestamp,
}

impl<'a> Circumstances<'a> {
    /// Those of this request, of which session, device and risk were found in the world.
    pub(crate) fn of(
        request: &'a AccessRequest,
        session: Option<&'a SessionFacts>,
        device: Option<&'a DeviceFacts>,
        risk: u8,
    ) -> Self {
        let http = request.http.as_deref();
        Self {
            level: session.map_or(AuthLevel::None, |session| session.level),
            age: session.map_or(NEVER, |session| age(session.auth_time, request.now)),
            mfa_age: session
                .and_then(|session| session.mfa_time)
                .map_or(NEVER, |mfa_time| age(mfa_time, request.now)),
            amr: session.map_or_else(|| Cow::Owned(BTreeSet::new()), |session| Cow::Borrowed(&session.amr)),
            known: device.is_some(),
            compliant: device.is_some_and(|device| device.compliant),
            managed: device.is_some_and(|device| device.managed),
            risk,
            method: http.map_or("", |http| http.method.as_str()),
            host: http.map_or("", |http| http.host.as_str()),
            path: http.map_or("", |http| http.path.as_str()),
            source: request.source,
            now: request.now,
        }
    }

    /// The Cedar context with these attributes. Built from typed values: JSON costs ten times as much.
    pub(crate) fn context(&self, reads: Reads) -> Result<Context, String> {
        let mut top: Vec<(String, RestrictedExpression)> = Vec::new();
        let mut record: Vec<(String, RestrictedExpression)> = Vec::new();
        let mut open = "";
        let close = |name: &str, record: &mut Vec<(String, RestrictedExpression)>, top: &mut Vec<_>| {
            if record.is_empty() {
                return Ok(());
            }
            let fields = std::mem::take(record);
            let value = RestrictedExpression::new_record(fields).map_err(|error| error.to_string())?;
            top.push((name.to_owned(), value));
            Ok::<(), String>(())
        };
        for attribute in reads.iter() {
            let (name, field) = attribute.path();
            if name != open {
                close(open, &mut record, &mut top)?;
                open = name;
            }
            let value = self.value(attribute);
            match field {
                Some(field) => record.push((field.to_owned(), value)),
                None => top.push((name.to_owned(), value)),
            }
        }
        close(open, &mut record, &mut top)?;
        Context::from_pairs(top).map_err(|error| error.to_string())
    }

    fn value(&self, attribute: Attribute) -> RestrictedExpression {
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        match attribute {
            Attribute::Level => text(self.level.as_str()),
            Attribute::Age => RestrictedExpression::new_long(self.age),
            Attribute::MfaAge => RestrictedExpression::new_long(self.mfa_age),
            Attribute::Amr => RestrictedExpression::new_set(self.amr.iter().map(|method| text(method))),
            Attribute::Known => RestrictedExpression::new_bool(self.known),
            Attribute::Compliant => RestrictedExpression::new_bool(self.compliant),
            Attribute::Managed => RestrictedExpression::new_bool(self.managed),
            Attribute::Risk => RestrictedExpression::new_long(self.risk.into()),
            Attribute::Method => text(self.method),
            Attribute::Host => text(self.host),
            Attribute::Path => text(self.path),
            Attribute::Source => RestrictedExpression::new_ip(self.source.to_string()),
            Attribute::Now => RestrictedExpression::new_datetime(to_millis(self.now)),
            Attribute::Epoch => RestrictedExpression::new_long(self.now.as_secs()),
            Attribute::Hour => RestrictedExpression::new_long(self.hour()),
            Attribute::Weekday => RestrictedExpression::new_long(self.weekday()),
        }
    }

    /// 0 to 23, UTC.
    const fn hour(&self) -> i64 {
        self.now.as_secs().div_euclid(SECONDS_PER_HOUR).rem_euclid(24)
    }

    /// 1 (Monday) to 7 (Sunday), UTC.
    const fn weekday(&self) -> i64 {
        // 1970-01-01 was a Thursday, the fourth day.
        self.now.as_secs().div_euclid(SECONDS_PER_DAY).saturating_add(3).rem_euclid(7).saturating_add(1)
    }

    /// The values of these attributes as events record them.
    pub(crate) fn texts(&self, reads: Reads) -> BTreeMap<String, String> {
        reads.iter().map(|attribute| (attribute.name().to_owned(), self.text(attribute))).collect()
    }

    /// The value of one attribute, as events record it.
    pub(crate) fn text(&self, attribute: Attribute) -> String {
        match attribute {
            Attribute::Level => self.level.as_str().to_owned(),
            Attribute::Age => self.age.to_string(),
            Attribute::MfaAge => self.mfa_age.to_string(),
            Attribute::Amr => self.amr.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
            Attribute::Known => self.known.to_string(),
            Attribute::Compliant => self.compliant.to_string(),
            Attribute::Managed => self.managed.to_string(),
            Attribute::Risk => self.risk.to_string(),
            Attribute::Method => self.method.to_owned(),
            Attribute::Host => self.host.to_owned(),
            Attribute::Path => self.path.to_owned(),
            Attribute::Source => self.source.to_string(),
            Attribute::Now => self.now.to_string(),
            Attribute::Epoch => self.now.as_secs().to_string(),
            Attribute::Hour => self.hour().to_string(),
            Attribute::Weekday => self.weekday().to_string(),
        }
    }

    /// Whether these attributes have the same values here and there. Clocks are left out: they differ by nature, and
    /// `valid_until` says how long that makes no difference.
    pub(crate) fn agrees(&self, other: &Seen, reads: Reads) -> bool {
        reads.iter().all(|attribute| match attribute {
            Attribute::Method => self.method == other.method,
            Attribute::Host => self.host == other.host,
            Attribute::Path => self.path == other.path,
            Attribute::Source => self.source == other.source,
            Attribute::Risk => self.risk == other.risk,
            // Of the very same session and device, which the caller compares.
            Attribute::Level
            | Attribute::Amr
            | Attribute::Known
            | Attribute::Compliant
            | Attribute::Managed => true,
            Attribute::Age
            | Attribute::MfaAge
            | Attribute::Now
            | Attribute::Epoch
            | Attribute::Hour
            | Attribute::Weekday => true,
        })
    }

    /// What of these values must be kept to compare with later ones.
    pub(crate) fn seen(&self, reads: Reads) -> Seen {
        let keep = |attribute, text: &str| {
            if reads.contains(attribute) { text.to_owned() } else { String::new() }
        };
        Seen {
            risk: self.risk,
            method: keep(Attribute::Method, self.method),
            host: keep(Attribute::Host, self.host),
            path: keep(Attribute::Path, self.path),
            source: self.source,
        }
    }
}

/// Values that a verdict was based on and that are neither clocks nor facts of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    risk: u8,
    method: String,
    host: String,
    path: String,
    source: IpAddr,
}

/// Whole seconds between two instants, rounded down; 0 if the first is yet to come, as two clocks may have it.
fn age(since: Timestamp, now: Timestamp) -> i64 {
    now.as_micros().saturating_sub(since.as_micros()).max(0).div_euclid(MICROS_PER_SECOND)
}

/// The instant with milliseconds, the resolution of Cedar's `datetime`, rounded down.
fn to_millis(instant: Timestamp) -> String {
    // RFC 3339 with microseconds, always of one width: `2026-11-24T08:30:00.123456Z`.
    let text = instant.to_string();
    let cut = text.len().saturating_sub("456Z".len());
    format!("{}Z", text.get(..cut).unwrap_or_default())
}

/// The next full hour after this instant.
pub(crate) fn next_hour(now: Timestamp) -> Timestamp {
    next_multiple(now, SECONDS_PER_HOUR)
}

/// The next midnight (UTC) after this instant.
pub(crate) fn next_midnight(now: Timestamp) -> Timestamp {
    next_multiple(now, SECONDS_PER_DAY)
}

/// The first full minute that is not before this instant.
pub(crate) fn next_minute(instant: Timestamp) -> Timestamp {
    next_multiple(Timestamp::from_micros(instant.as_micros().saturating_sub(1)), 60)
}

fn next_multiple(now: Timestamp, seconds: i64) -> Timestamp {
    let whole = now.as_secs().div_euclid(seconds).saturating_add(1).saturating_mul(seconds);
    at_second(whole)
}

/// The instant that lies so many seconds after the epoch; saturates.
pub(crate) const fn at_second(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds.saturating_mul(MICROS_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Circumstances<'static> {
        Circumstances {
            level: AuthLevel::None,
            age: NEVER,
            mfa_age: NEVER,
            amr: Cow::Owned(BTreeSet::new()),
            known: false,
            compliant: false,
            managed: false,
            risk: 0,
            method: "",
            host: "",
            path: "",
            source: IpAddr::from([0, 0, 0, 0]),
            now: text.parse().unwrap(),
        }
    }

    #[test]
    fn hours_and_weekdays_are_those_of_the_calendar() {
        for (text, hour, weekday) in [
            ("1970-01-01T00:00:00Z", 0, 4),
            ("1969-12-31T23:59:59Z", 23, 3),
            ("2026-11-22T23:59:59.999999Z", 23, 7),
            ("2026-11-23T00:00:00Z", 0, 1),
            ("2024-02-29T12:00:00Z", 12, 4),
        ] {
            let circumstances = at(text);
            assert_eq!((circumstances.hour(), circumstances.weekday()), (hour, weekday), "{text}");
        }
    }

    #[test]
    fn hours_days_and_minutes_end_when_they_end() {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = instant("2026-11-24T08:30:00Z");
        assert_eq!(next_hour(now), instant("2026-11-24T09:00:00Z"));
        assert_eq!(next_hour(next_hour(now)), instant("2026-11-24T10:00:00Z"));
        assert_eq!(next_midnight(now), instant("2026-11-25T00:00:00Z"));
        assert_eq!(next_minute(now), now);
        assert_eq!(next_minute(instant("2026-11-24T08:30:00.000001Z")), instant("2026-11-24T08:31:00Z"));
        assert!(next_hour(Timestamp::MAX) <= Timestamp::MAX);
    }

    #[test]
    fn an_age_is_whole_seconds_and_never_below_zero() {
        let instant = Timestamp::from_micros;
        assert_eq!(age(instant(0), instant(1_999_999)), 1);
        assert_eq!(age(instant(5_000_000), instant(0)), 0);
        assert_eq!(age(instant(i64::MIN), instant(i64::MAX)), i64::MAX / MICROS_PER_SECOND);
    }

    #[test]
    fn the_context_has_what_is_read_and_nothing_else() {
        let circumstances = at("2026-11-24T08:30:00.123999Z");
        let context = circumstances.context(Reads::of(&[Attribute::Now, Attribute::Risk])).unwrap();
        let names: Vec<String> = context.clone().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["risk", "time"]);
        let time = context.get("time").unwrap().to_string();
        assert!(time.contains("now") && !time.contains("epoch"), "{time}");
        assert_eq!(to_millis(circumstances.now), "2026-11-24T08:30:00.123Z");
        assert!(circumstances.context(Reads::default()).unwrap().into_iter().next().is_none());
    }
}
