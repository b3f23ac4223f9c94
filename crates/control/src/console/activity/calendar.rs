//! Days and hours of a chart, in UTC, in the language of the reader.

use bartizan_ui::{Value, Words};

use super::{DAY, HOUR, seconds};

/// A day of the calendar, in UTC.
pub(super) struct Day {
    /// From 1, a Monday.
    weekday: usize,
    month: usize,
    day: u64,
}

impl Day {
    pub(super) fn of(at: i64) -> Self {
        // The first day was a Thursday.
        let weekday = (at.div_euclid(DAY) + 3).rem_euclid(7) + 1;
        let date = seconds(at).to_string();
        let mut parts = date.split(['-', 'T']).skip(1).map(|part| part.parse().unwrap_or(1));
        let (month, day) = (parts.next().unwrap_or(1), parts.next().unwrap_or(1));
        Self {
            weekday: usize::try_from(weekday).unwrap_or(1),
            month: usize::try_from(month).unwrap_or(1),
            day,
        }
    }

    /// "Mon 23".
    pub(super) fn named(&self, words: Words) -> String {
        let id = WEEKDAYS.get(self.weekday - 1).copied().unwrap_or("chart-monday");
        words.with("chart-weekday", &[("weekday", (&words.say(id)).into()), ("day", Value::Count(self.day))])
    }

    /// "23 Nov".
    pub(super) fn dated(&self, words: Words) -> String {
        let id = MONTHS.get(self.month - 1).copied().unwrap_or("chart-january");
        words.with("chart-date", &[("month", (&words.say(id)).into()), ("day", Value::Count(self.day))])
    }
}

/// "14:30".
pub(super) fn clock(at: i64) -> String {
    let within = at.rem_euclid(DAY);
    format!("{:02}:{:02}", within / HOUR, within % HOUR / 60)
}

const WEEKDAYS: [&str; 7] = [
    "chart-monday",
    "chart-tuesday",
    "chart-wednesday",
    "chart-thursday",
    "chart-friday",
    "chart-saturday",
    "chart-sunday",
];

const MONTHS: [&str; 12] = [
    "chart-january",
    "chart-february",
    "chart-march",
    "chart-april",
    "chart-may",
    "chart-june",
    "chart-july",
    "chart-august",
    "chart-september",
    "chart-october",
    "chart-november",
    "chart-december",
];
