//! Where traces and logs are sent, if they are.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use bartizan_control::files::{Located, Place, Table, short};
use bartizan_gateway::Share;
use bartizan_policy::Finding;
use http::Uri;

use super::tls::LocatedPath;

/// What `[telemetry]` says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Telemetry {
    /// The collector, without a path.
    pub(crate) endpoint: Uri,
    /// What its certificate is checked against in the place of the machine's roots.
    pub(crate) ca: Option<LocatedPath>,
    /// Fields that each request to it carries, such as a vendor's token.
    pub(crate) headers: Option<LocatedPath>,
    /// How many requests are traced.
    pub(crate) traces: Share,
    /// Whether lines of the log are sent.
    pub(crate) logs: bool,
}

impl Telemetry {
    /// What it comes to. Where something stands in a file says nothing about what it means.
    pub(crate) fn asked(&self) -> (&Uri, [Option<&PathBuf>; 2], Share, bool) {
        let files = [&self.ca, &self.headers].map(|file| file.as_ref().map(|file| &file.path));
        (&self.endpoint, files, self.traces, self.logs)
    }
}

/// Whether this binary can send anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    With,
    Without,
}

impl Build {
    pub(super) const THIS: Self = if cfg!(feature = "otel") { Self::With } else { Self::Without };
}

/// `[telemetry]` as it stands there.
#[derive(Debug)]
pub(super) struct RawTelemetry {
    place: Place,
    endpoint: Option<Located<String>>,
    ca: Option<Located<String>>,
    headers_file: Option<Located<String>>,
    traces: Option<Located<f64>>,
    logs: Option<Located<bool>>,
}

impl RawTelemetry {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let read = Self {
            place: table.place(),
            endpoint: table.text("endpoint"),
            ca: table.text("ca"),
            headers_file: table.text("headers_file"),
            traces: table.decimal("traces"),
            logs: table.boolean("logs"),
        };
        if !table.has("endpoint") {
            let help = "endpoint = \"https://collector.example:4317\", or leave [telemetry] out";
            table.report(table.place().error_with_help("[telemetry] has no `endpoint`", help));
        }
        table.finish();
        read
    }
}

/// What is meant. Paths are relative to `folder`.
pub(super) fn checked(
    raw: RawTelemetry,
    folder: &Path,
    build: Build,
    findings: &mut Vec<Finding>,
) -> Option<Telemetry> {
    let before = findings.len();
    if build == Build::Without {
        findings.push(raw.place.error_with_help(
            "this bartizan was built without the feature `otel`, so it sends no telemetry",
            "leave [telemetry] out, or build it with `cargo build --release --features otel -p bartizan`",
        ));
    }
    let endpoint = raw.endpoint.and_then(|endpoint| checked_endpoint(&endpoint, findings));
    let traces = match raw.traces {
        None => Share::new(TRACES),
        Some(Located { value, place }) => {
            let share = Share::new(value);
            if share.is_none() {
                let help = "0 traces none, 0.1 every tenth, 1 all of them";
                findings.push(place.error_with_help("`traces` is a share from 0 to 1", help));
            }
            share
        }
    };
    let (traces, logs) = (traces?, raw.logs.is_none_or(|logs| logs.value));
    if traces == Share::NONE && !logs {
        let help = "set `traces` or `logs`, or leave [telemetry] out";
        findings.push(raw.place.error_with_help("neither traces nor logs are to be sent", help));
    }
    let located = |text: Located<String>| LocatedPath { path: folder.join(text.value), place: text.place };
    let (ca, headers) = (raw.ca.map(located), raw.headers_file.map(located));
    let endpoint = endpoint?;
    if let Some(ca) = ca.as_ref().filter(|_| endpoint.scheme_str() == Some("http")) {
        findings
            .push(ca.place.error("nothing is checked against `ca`: the endpoint is not reached over TLS"));
    }
    (findings.len() == before).then_some(Telemetry { endpoint, ca, headers, traces, logs })
}

/// A scheme and an authority: what is asked for there is the protocol's to say.
fn checked_endpoint(endpoint: &Located<String>, findings: &mut Vec<Finding>) -> Option<Uri> {
    let Located { value, place } = endpoint;
    let help = "write its URL for OTLP over gRPC, such as https://collector.example:4317";
    let mut wrong = |message: String| {
        findings.push(place.error_with_help(message, help));
        None
    };
    let uri = value.parse::<Uri>().ok().filter(|uri| {
        let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        plain && uri.path() == "/" && uri.query().is_none() && !value.contains('#')
    });
    // What could be a token is not repeated.
    let Some(uri) = uri else {
        return wrong(String::from(
            "`endpoint` is not the URL of a collector, without a path and a password",
        ));
    };
    match uri.scheme_str() {
        Some("https") => Some(uri),
        Some("http") if uri.host().is_some_and(is_this_machine) => Some(uri),
        Some("http") => wrong(format!(
            "`{}` would be sent what happens here without encryption: http:// is for a collector on this machine only",
            short(value)
        )),
        Some(_) | None => wrong(format!("`{}` is not the URL of a collector", short(value))),
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The share of requests that are traced if nobody says.
const TRACES: f64 = 0.1;

#[cfg(test)]
mod tests {
    use bartizan_control::files::Document;

    use super::*;

    fn read(text: &str, build: Build) -> Result<Telemetry, String> {
        let document = Document::parse("b.toml", text);
        let raw = RawTelemetry::read(document.root());
        let mut findings = document.into_findings();
        let read = checked(raw, Path::new("/etc/bartizan"), build, &mut findings);
        match read.filter(|_| findings.is_empty()) {
            Some(read) => Ok(read),
            None => Err(findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
        }
    }

    #[test]
    fn a_whole_table_and_a_short_one() {
        let whole = "endpoint = \"https://collector.example:4317\"\nca = \"ca.pem\"\nheaders_file = \"token\"\n\
                     traces = 1\nlogs = false\n";
        let whole = read(whole, Build::With).unwrap();
        assert_eq!(whole.endpoint.to_string(), "https://collector.example:4317/");
        assert_eq!(whole.ca.unwrap().path, Path::new("/etc/bartizan/ca.pem"));
        assert_eq!(whole.headers.unwrap().path, Path::new("/etc/bartizan/token"));
        assert_eq!((whole.traces, whole.logs), (Share::new(1.0).unwrap(), false));
        for here in ["http://127.0.0.1:4317", "http://[::1]:4317/", "http://localhost:4317"] {
            let short = read(&format!("endpoint = \"{here}\""), Build::With).unwrap();
            assert_eq!((short.traces, short.logs), (Share::new(0.1).unwrap(), true), "{here}");
        }
    }

    #[test]
    fn what_is_wrong_is_found() {
        let good = "endpoint = \"https://c.example:4317\"\n";
        for (text, expected) in [
            ("", "[telemetry] has no `endpoint`"),
            ("endpoint = \"collector:4317\"", "is not the URL of a collector"),
            ("endpoint = \"grpc://collector:4317\"", "is not the URL of a collector"),
            ("endpoint = \"https://u:secret@c.example\"", "without a path and a password"),
            ("endpoint = \"https://c.example/v1/traces\"", "without a path and a password"),
            ("endpoint = \"https://c.example/?token=1\"", "without a path and a password"),
            ("endpoint = \"http://collector.example:4317\"", "without encryption"),
            ("endpoint = \"http://10.0.0.1:4317\"", "without encryption"),
            ("endpoint = \"http://localhost.example:4317\"", "without encryption"),
            ("endpoint = \"http://127.0.0.1:4317\"\nca = \"x\"", "is not reached over TLS"),
            (&format!("{good}traces = 1.5"), "a share from 0 to 1"),
            (&format!("{good}traces = -0.5"), "a share from 0 to 1"),
            (&format!("{good}traces = nan"), "a share from 0 to 1"),
            (&format!("{good}traces = \"all\""), "must be a number"),
            (&format!("{good}traces = 0\nlogs = false"), "neither traces nor logs"),
            (&format!("{good}token = \"x\""), "unknown key `token`"),
        ] {
            let found = read(text, Build::With).unwrap_err();
            assert!(found.contains(expected) && !found.contains("secret"), "{text}: {found}");
        }
    }

    #[test]
    fn a_build_that_cannot_send_says_so() {
        let found = read("endpoint = \"https://c.example:4317\"", Build::Without).unwrap_err();
        assert!(found.contains("without the feature `otel`") && found.contains("--features otel"), "{found}");
    }
}
