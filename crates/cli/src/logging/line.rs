//! How an event becomes a line.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use bartizan_enforce::about;
use bartizan_model::Clock as _;
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::Format;
use super::flood::Flood;
use crate::system::SystemClock;
use crate::telemetry::{self, Pipeline};

/// The form of all lines.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) format: Format,
    /// The journal reads them: it has the time, and wants the level as a number in front (sd-daemon(3)).
    pub(super) journal: bool,
    /// A person reads them.
    pub(super) colours: bool,
    pub(super) flood: Flood,
    /// Where else they go.
    pub(super) telemetry: Option<Arc<Pipeline>>,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _spans: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        let left_out = match level {
            Level::DEBUG | Level::TRACE => 0,
            _ => match self.flood.passes(event.metadata().callsite(), SystemClock.boot()) {
                Some(left_out) => left_out,
                None => return Ok(()),
            },
        };
        let mut said = Said::default();
        event.record(&mut said);
        let about = about::now();
        said.add_request(about);
        if left_out > 0 {
            said.fields.push(("left_out", Value::from(left_out)));
        }
        let time = SystemClock.now();
        if let Some(telemetry) = &self.telemetry {
            let (message, fields) = (said.message.as_str(), said.fields.as_slice());
            telemetry.log(telemetry::Line { level, target, time, message, fields, trace: about.trace });
        }
        let now = time.to_string();
        let line = match self.format {
            Format::Text => self.text(level, target, &now, &said),
            Format::Json => json(level, target, &now, &said),
        };
        if self.journal {
            write!(writer, "<{}>", priority(level))?;
        }
        writeln!(writer, "{line}")
    }
}

impl Line {
    fn text(&self, level: Level, target: &str, now: &str, said: &Said) -> String {
        let mut line = String::new();
        if !self.journal {
            let (on, off) = if self.colours { (colour(level), "\u{1b}[0m") } else { ("", "") };
            let _ = write!(line, "{now} {on}{level:>5}{off} ");
        }
        let _ = write!(line, "{target}: {}", escaped(&said.message));
        for (name, value) in &said.fields {
            let _ = write!(line, " {name}=");
            match value {
                Value::String(text) => line.push_str(&quoted(text)),
                other => {
                    let _ = write!(line, "{other}");
                }
            }
        }
        line
    }
}

/// One object. Keys that come first are first, for people who read it after all.
fn json(level: Level, target: &str, now: &str, said: &Said) -> String {
    let mut line = String::from("{");
    let fixed = [
        ("timestamp", Value::from(now)),
        ("level", Value::from(level.as_str())),
        ("target", Value::from(target)),
        ("message", Value::from(said.message.as_str())),
    ];
    let fields = said.fields.iter().map(|(name, value)| (*name, value));
    for (number, (name, value)) in fixed.iter().map(|(name, value)| (*name, value)).chain(fields).enumerate()
    {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(line, "{comma}{}:{value}", Value::from(name));
    }
    line.push('}');
    // Inside of strings alone there can be such a character, and JSON leaves some of them as they are.
    let mut safe = String::with_capacity(line.len());
    for character in line.chars() {
        if steers(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

/// What an event says.
#[derive(Debug, Default)]
struct Said {
    message: String,
    fields: Vec<(&'static str, Value)>,
}

impl Said {
    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            // Each key once: an object with two of a name is read in two ways.
            (name, _) if self.has(name) || FIXED.contains(&name) => {}
            (name, value) => self.fields.push((name, value)),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| *known == name)
    }

    /// The request that is being answered, unless the event says so itself.
    fn add_request(&mut self, about: about::About) {
        let known = [
            ("request_id", about.request.map(|id| Value::from(id.to_string()))),
            ("decision_id", about.decision.map(|id| Value::from(id.to_string()))),
            ("revision", about.revision.map(|revision| Value::from(revision.get()))),
        ];
        for (name, value) in known {
            if let Some(value) = value.filter(|_| !self.has(name)) {
                self.fields.push((name, value));
            }
        }
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = Bounded::default();
        // It stops where there is enough of it.
        let _enough = write!(text, "{value:?}");
        self.add(field, Value::String(text.0));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let mut text = Bounded::default();
        let _enough = text.write_str(value);
        self.add(field, Value::String(text.0));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::from(value));
    }
}

/// A text that does not get longer than anybody reads.
#[derive(Debug, Default)]
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.0.len() >= LONGEST {
                if !self.0.ends_with('…') {
                    self.0.push('…');
                }
                return Err(fmt::Error);
            }
            self.0.push(character);
        }
        Ok(())
    }
}

/// Whether a character begins a line, steers a terminal, or makes a line read otherwise than it is written.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if steers(character) { safe.extend(character.escape_default()) } else { safe.push(character) }
    }
    safe
}

/// As it is if it is one word, else in quotes, so that what is inside is no field of its own.
fn quoted(text: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !steers(c) && !matches!(c, '"' | '=' | '\\');
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut safe = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => safe.extend(['\\', character]),
            _ if steers(character) => safe.extend(character.escape_default()),
            _ => safe.push(character),
        }
    }
    safe.push('"');
    safe
}

/// syslog(3) has no level below debugging.
const fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\u{1b}[31m",
        Level::WARN => "\u{1b}[33m",
        Level::INFO => "\u{1b}[32m",
        Level::DEBUG | Level::TRACE => "\u{1b}[2m",
    }
}

/// Keys that are there always.
const FIXED: [&str; 4] = ["timestamp", "level", "target", "message"];

/// More than any text of ours; what is longer comes from outside.
const LONGEST: usize = 2048;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(message: &str, value: &str) -> Said {
        let mut text = Bounded::default();
        let _enough = text.write_str(value);
        Said { message: message.to_owned(), fields: vec![("error", Value::String(text.0))] }
    }

    fn line(journal: bool) -> Line {
        Line { format: Format::Text, journal, colours: false, flood: Flood::default(), telemetry: None }
    }

    #[test]
    fn a_line_reads_as_it_looks() {
        let said = said("an app's server cannot be reached", "no route to \"host\"");
        let text = line(false).text(Level::WARN, "x::y", "NOW", &said);
        let as_said = "an app's server cannot be reached error=\"no route to \\\"host\\\"\"";
        assert_eq!(text, format!("NOW  WARN x::y: {as_said}"));
        assert_eq!(line(true).text(Level::WARN, "x::y", "NOW", &said), format!("x::y: {as_said}"));
        assert_eq!(
            json(Level::WARN, "x::y", "NOW", &said),
            r#"{"timestamp":"NOW","level":"WARN","target":"x::y","message":"an app's server cannot be reached","error":"no route to \"host\""}"#
        );
    }

    proptest! {
        #[test]
        fn whatever_comes_is_one_line_and_steers_nothing(
            value in "(\\PC|[\u{0}-\u{a0}]|[\u{2000}-\u{2070}]|request_id=){0,40}"
        ) {
            let said = said(&value, &value);
            let text = line(false).text(Level::WARN, "x", "NOW", &said);
            let object = json(Level::WARN, "x", "NOW", &said);
            prop_assert!(!text.chars().chain(object.chars()).any(steers));
            let read: Value = serde_json::from_str(&object).unwrap();
            prop_assert_eq!(read["error"].as_str(), Some(value.as_str()));
            prop_assert_eq!(read.as_object().unwrap().len(), 5);
        }

        #[test]
        fn a_value_is_cut_where_it_gets_long(value in "\\PC{0,3000}") {
            let Said { fields, .. } = said("", &value);
            let text = fields[0].1.as_str().unwrap();
            prop_assert!(text.len() < LONGEST + 8);
            prop_assert!(text == value || text.ends_with('…'));
        }
    }
}
