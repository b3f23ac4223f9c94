//! What stands in the file: each key that there is, and where.

use bartizan_control::files::{Document, Located, Place, Table, list, suggestion};
use bartizan_policy::Finding;

use super::telemetry::RawTelemetry;
use super::tls::RawTls;
use crate::logging::Format;

/// The keys as they stand there.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) start: Place,
    pub(super) has_domain: bool,
    pub(super) domain: Option<Located<String>>,
    pub(super) data_dir: Option<Located<String>>,
    pub(super) has_listener: bool,
    pub(super) listeners: Vec<RawListener>,
    pub(super) health: Option<Located<String>>,
    pub(super) redirect: Option<Located<String>>,
    pub(super) tls: RawTls,
    pub(super) log_format: Option<Format>,
    pub(super) log_level: Option<Located<String>>,
    pub(super) telemetry: Option<RawTelemetry>,
    pub(super) points: Option<RawPoints>,
}

/// Where enforcement points elsewhere reach control, as it stands there.
#[derive(Debug)]
pub(super) struct RawPoints {
    pub(super) place: Place,
    pub(super) address: Option<Located<String>>,
    pub(super) public_address: Option<Located<String>>,
    pub(super) apps_port: Option<Located<u64>>,
}

/// A listener as it stands there.
#[derive(Debug)]
pub(super) struct RawListener {
    pub(super) address: Option<Located<String>>,
    pub(super) serves: Option<Located<Vec<Service>>>,
    pub(super) public_port: Option<Located<u64>>,
    pub(super) trusted_proxies: Option<Located<Vec<Located<String>>>>,
    pub(super) proxy_protocol: Option<Located<bool>>,
}

/// What a listener can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    /// The hosts of apps.
    Apps,
    /// Where people sign in, and their portal.
    Auth,
    /// Where the deployment is administered.
    Console,
}

impl Service {
    /// All of them, as they are written.
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("apps", Self::Apps), ("auth", Self::Auth), ("console", Self::Console)];

    /// The apps of our own that it is.
    pub(crate) const fn own_apps(self) -> &'static [&'static str] {
        match self {
            Self::Apps => &[],
            // The pages of a person are on both of these hosts.
            Self::Auth => &["auth", "portal"],
            Self::Console => &["console"],
        }
    }
}

impl Raw {
    /// Reads the file; what is wrong with its form and keys is among the findings.
    pub(super) fn read(file: &str, text: &str) -> (Self, Vec<Finding>) {
        let document = Document::parse(file, text);
        let mut root = document.root();
        let mut raw = Self {
            start: root.place(),
            has_domain: root.has("domain"),
            domain: root.text("domain"),
            data_dir: root.text("data_dir"),
            has_listener: root.has("listener"),
            listeners: root.tables("listener").into_iter().map(RawListener::read).collect(),
            health: None,
            redirect: None,
            tls: RawTls::default(),
            log_format: None,
            log_level: None,
            telemetry: None,
            points: None,
        };
        if let Some(mut health) = root.table("health") {
            raw.health = health.text("address");
            if !health.has("address") {
                let help = format!("address = \"{HEALTH}\", or leave [health] out");
                health.report(health.place().error_with_help("[health] has no `address`", help));
            }
            health.finish();
        }
        if let Some(mut redirect) = root.table("redirect") {
            raw.redirect = redirect.text("address");
            if !redirect.has("address") {
                let help = "address = \"0.0.0.0:80\", or leave [redirect] out";
                redirect.report(redirect.place().error_with_help("[redirect] has no `address`", help));
            }
            redirect.finish();
        }
        if let Some(mut log) = root.table("log") {
            raw.log_format = log.word("format", &Format::ALL).map(|format| format.value);
            raw.log_level = log.text("level");
            log.finish();
        }
        if let Some(tls) = root.table("tls") {
            raw.tls = RawTls::read(tls);
        }
        raw.telemetry = root.table("telemetry").map(RawTelemetry::read);
        raw.points = root.table("points").map(RawPoints::read);
        root.finish();
        let findings = document.into_findings();
        (raw, findings)
    }
}

/// Where health is asked for, unless something else has that port.
pub(crate) const HEALTH: &str = "127.0.0.1:9464";

impl RawPoints {
    fn read(mut table: Table<'_>) -> Self {
        let place = table.place();
        let address = table.text("address");
        if !table.has("address") {
            let help = "address = \"0.0.0.0:8444\", or leave [points] out";
            table.report(place.error_with_help("[points] has no `address`", help));
        }
        let public_address = table.text("public_address");
        let apps_port = table.number("apps_port");
        table.finish();
        Self { place, address, public_address, apps_port }
    }
}

impl RawListener {
    fn read(mut table: Table<'_>) -> Self {
        let address = table.text("address");
        let serves = table.texts("serves").map(|serves| {
            let names = Service::ALL.map(|(name, _)| name);
            let mut services = Vec::new();
            for Located { value, place } in serves.value {
                match Service::ALL.iter().find(|(name, _)| *name == value) {
                    Some((_, service)) => services.push(*service),
                    None => {
                        let help = suggestion(&value, &names)
                            .unwrap_or_else(|| format!("a listener serves {}", list(&names)));
                        table
                            .report(place.error_with_help(format!("nothing here is called `{value}`"), help));
                    }
                }
            }
            Located { value: services, place: serves.place }
        });
        for key in ["address", "serves"] {
            if !table.has(key) {
                table.report(table.place().error(format!("this listener has no `{key}`")));
            }
        }
        let public_port = table.number("public_port");
        let trusted_proxies = table.texts("trusted_proxies");
        let proxy_protocol = table.boolean("proxy_protocol");
        table.finish();
        Self { address, serves, public_port, trusted_proxies, proxy_protocol }
    }
}
