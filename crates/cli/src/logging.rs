//! What the process writes on stderr while it runs: one line for each event, for people or for programs.
//!
//! A line is never what somebody outside makes of it: whatever could begin another line or steer a terminal is escaped, and
//! a value is cut where it gets long. Lines about a request say which (`about`), without the code that writes them having to.

mod flood;
mod line;

use std::io::IsTerminal as _;
use std::sync::Arc;

use rustix::fs::fstat;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;
#[cfg(feature = "otel")]
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _};

use self::line::Line;
use crate::telemetry::Pipeline;

/// How lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// An object for each.
    Json,
}

impl Format {
    /// All of them, as they are written in the configuration.
    pub(crate) const ALL: [(&'static str, Self); 2] = [("text", Self::Text), ("json", Self::Json)];
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logging {
    /// How lines look.
    pub(crate) format: Format,
    /// What is logged, in the syntax of [`filter`].
    pub(crate) level: String,
}

impl Default for Logging {
    fn default() -> Self {
        Self { format: Format::Text, level: String::from(LEVEL) }
    }
}

/// Begins to log. What `BARTIZAN_LOG` says counts more than what is configured.
pub(crate) fn start(logging: &Logging, telemetry: Option<&Arc<Pipeline>>) {
    let said = std::env::var_os(VARIABLE).map(|said| said.to_string_lossy().into_owned());
    let (wanted, wrong) = match said.as_deref().map(filter) {
        Some(Ok(wanted)) => (wanted, None),
        Some(Err(why)) => (configured(logging), Some(why)),
        None => (configured(logging), None),
    };
    let line = Line {
        format: logging.format,
        journal: is_journal(),
        colours: std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        flood: flood::Flood::default(),
        telemetry: telemetry.cloned(),
    };
    subscribe(wanted, line, telemetry);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let what = panic.payload_as_str().unwrap_or("it did not say why");
        let trace = std::backtrace::Backtrace::capture();
        let trace = (trace.status() == std::backtrace::BacktraceStatus::Captured).then(|| trace.to_string());
        tracing::error!(target: "bartizan", place, what, trace, "a thread panicked: this is a bug");
    }));
    if let Some(why) = wrong {
        tracing::error!(why, "{VARIABLE} is not followed");
    }
}

fn subscribe(wanted: EnvFilter, line: Line, telemetry: Option<&Arc<Pipeline>>) {
    // A second time there is nothing to do: what was said first counts.
    #[cfg(feature = "otel")]
    if let Some(telemetry) = telemetry {
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .log_internal_errors(false)
            .event_format(line)
            .with_filter(wanted);
        let subscriber = tracing_subscriber::registry().with(lines).with(telemetry.layer());
        let _second = tracing::subscriber::set_global_default(subscriber);
        return;
    }
    #[cfg(not(feature = "otel"))]
    let _none = telemetry;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(wanted)
        .with_writer(std::io::stderr)
        // A line that cannot be written is not reported by another one.
        .log_internal_errors(false)
        .event_format(line)
        .finish();
    let _second = tracing::subscriber::set_global_default(subscriber);
}

/// Says what is not an event but an answer to who started the process; among lines for programs it is one of them.
pub(crate) fn say(format: Format, text: &str) {
    match format {
        Format::Text => crate::output::talk(text),
        Format::Json => tracing::info!(target: "bartizan", "{text}"),
    }
}

/// What a filter means: `warn`, or `warn,bartizan_gateway=debug`.
///
/// # Errors
/// What is wrong with it. What stands alone is a level, so that a misspelt one is not the name of a module.
pub(crate) fn filter(text: &str) -> Result<EnvFilter, String> {
    for directive in text.split(',').map(str::trim) {
        let alone = !directive.contains(['=', '[']);
        let level = directive.parse::<tracing::level_filters::LevelFilter>().is_ok();
        if directive.is_empty() || (alone && !level) {
            let directive = bartizan_control::files::short(directive);
            return Err(format!("`{directive}` is neither a level nor MODULE=LEVEL"));
        }
    }
    let filter = EnvFilter::builder().parse(text).map_err(|error| error.to_string())?;
    if text.contains(BY_STRANGERS) {
        return Ok(filter);
    }
    let silent = format!("{BY_STRANGERS}=off").parse::<Directive>().map_err(|error| error.to_string())?;
    Ok(filter.add_directive(silent))
}

/// What was checked when it was read; if it were not in order after all, the default counts.
fn configured(logging: &Logging) -> EnvFilter {
    filter(&logging.level).unwrap_or_else(|_checked_before| EnvFilter::new(LEVEL))
}

/// Whether stderr is the journal's (systemd.exec(5), `JOURNAL_STREAM`), which adds times by itself.
fn is_journal() -> bool {
    let Some(stream) = std::env::var_os("JOURNAL_STREAM") else { return false };
    let Some((device, inode)) = stream.to_str().and_then(|stream| stream.split_once(':')) else {
        return false;
    };
    // A child of a service may inherit the variable and write elsewhere.
    let Ok(stderr) = fstat(std::io::stderr()) else { return false };
    device.parse() == Ok(stderr.st_dev) && inode.parse() == Ok(stderr.st_ino)
}

/// What is logged if nobody says.
const LEVEL: &str = "warn";

/// Reads what strangers send, and calls it an error of ours where it is wrong: anybody could fill the log with lines that nobody
/// has to act upon. What was wrong is on record. Heard all the same if it is named.
const BY_STRANGERS: &str = "webauthn_rs_core";

/// Where somebody may say for one run.
pub(crate) const VARIABLE: &str = "BARTIZAN_LOG";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_of_levels_and_of_modules_with_levels() {
        for good in [
            "warn",
            "off",
            "WARN",
            "info,bartizan_gateway=debug",
            "bartizan_gateway::forward=trace",
            "[x]=info",
        ] {
            assert!(filter(good).is_ok(), "{good}");
        }
        for bad in ["", "wran", "bartizan_gateway", "info,", "info,x", "x=loud", "x=[", "info\nwarn"] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }
}
