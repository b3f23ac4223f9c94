//! `bartizan.toml`: what boots a process. Everything else is an object in the store.
//!
//! It is read in two steps: what stands there, and what it means. All that is wrong is found at once, and a key that
//! nobody knows is an error, because what is ignored is what somebody believes to be in force.

mod listener;
mod points;
mod raw;
mod telemetry;
mod tls;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use bartizan_control::files::Located;
use bartizan_policy::Finding;

use self::listener::{apart, checked_health, checked_listener, checked_redirect};
use self::raw::Raw;
use crate::logging::{self, Format, Logging};

pub(crate) use self::listener::Listener;
pub(crate) use self::points::Points;
pub(crate) use self::raw::{HEALTH, Service};
pub(crate) use self::telemetry::Telemetry;
pub(crate) use self::tls::{Acme, CertificateFiles, LocatedPath, Tls};

/// A configuration in which nothing is left open.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Config {
    /// The domain under which the own hosts are.
    pub(crate) domain: String,
    /// Where everything is kept.
    pub(crate) data_dir: PathBuf,
    /// Where apps and own hosts are served; at least one.
    pub(crate) listeners: Vec<Listener>,
    /// Where the operator asks how it is doing; an address of this machine only.
    pub(crate) health: Option<SocketAddr>,
    /// Where plain HTTP is answered by the way to the same page over TLS.
    pub(crate) redirect: Option<SocketAddr>,
    /// Who vouches for hosts.
    pub(crate) tls: Tls,
    /// What is logged while it runs, and how.
    pub(crate) log: Logging,
    /// Where traces and logs are sent.
    pub(crate) telemetry: Option<Telemetry>,
    /// Where enforcement points on other machines reach it.
    pub(crate) points: Option<Points>,
}

impl Config {
    /// Reads a configuration that stands in `folder`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn read(file: &str, text: &str, folder: &Path) -> Result<Self, Vec<Finding>> {
        let (raw, mut findings) = Raw::read(file, text);
        let start = raw.start.clone();
        let missing = |key: &str| start.error(format!("there is no `{key}`"));
        let listeners: Vec<Listener> =
            raw.listeners.iter().filter_map(|listener| checked_listener(listener, &mut findings)).collect();
        if !raw.has_listener {
            let help = "[[listener]] address = \"0.0.0.0:8443\", serves = [\"apps\", \"auth\", \"console\"]";
            findings.push(raw.start.error_with_help("there is no [[listener]]", help));
        }
        apart(&raw.listeners, &mut findings);
        let health = raw.health.and_then(|address| checked_health(&address, &listeners, &mut findings));
        let has_redirect = raw.redirect.is_some();
        let redirect = raw.redirect.and_then(|address| checked_redirect(&address, &listeners, &mut findings));
        let tls = tls::checked(raw.tls, folder, has_redirect, &mut findings);
        let log = checked_log(raw.log_format, raw.log_level, &mut findings);
        let telemetry = raw
            .telemetry
            .and_then(|raw| telemetry::checked(raw, folder, telemetry::Build::THIS, &mut findings));
        let points = raw.points;
        let domain = raw.domain.and_then(|domain| checked_domain(domain, &mut findings));
        if domain.is_none() && !raw.has_domain {
            let help = "domain = \"access.example.com\": own hosts are auth. and console. below it";
            findings.push(Finding { help: Some(help.to_owned()), ..missing("domain") });
        }
        let points =
            points.and_then(|raw| points::checked(&raw, domain.as_deref(), &listeners, &mut findings));
        let data_dir = raw.data_dir.map_or_else(|| PathBuf::from(DATA_DIR), |dir| PathBuf::from(dir.value));
        findings.sort();
        match domain {
            Some(domain) if findings.is_empty() => {
                let data_dir = folder.join(data_dir);
                Ok(Self { domain, data_dir, listeners, health, redirect, tls, log, telemetry, points })
            }
            _ => Err(findings),
        }
    }

    /// The port that clients use for a service: that of the first listener that serves it.
    pub(crate) fn port_of(&self, service: Service) -> u16 {
        let serving = self.listeners.iter().find(|listener| listener.serves.contains(&service));
        serving.map_or(443, |listener| listener.public_port)
    }
}

fn checked_log(
    format: Option<Format>,
    level: Option<Located<String>>,
    findings: &mut Vec<Finding>,
) -> Logging {
    let mut log = Logging { format: format.unwrap_or_default(), ..Logging::default() };
    if let Some(level) = level {
        match logging::filter(&level.value) {
            Ok(_filter) => log.level = level.value,
            Err(why) => findings.push(level.place.error_with_help(
                why,
                "write off, error, warn, info, debug or trace, and MODULE=LEVEL after a comma for a part of it, such as \
                 \"warn,bartizan_gateway=debug\"",
            )),
        }
    }
    log
}

fn checked_domain(domain: Located<String>, findings: &mut Vec<Finding>) -> Option<String> {
    let label = |label: &str| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(inner) && !label.starts_with('-')
    };
    // The longest of our own labels and its dot come in front.
    let fits = domain.value.len() <= 253 - "console.".len();
    let named = domain.value.contains('.') && domain.value.parse::<std::net::IpAddr>().is_err();
    if fits && named && domain.value.split('.').all(label) {
        return Some(domain.value);
    }
    findings.push(domain.place.error_with_help(
        format!("`{}` is not a domain", bartizan_control::files::short(&domain.value)),
        "write a domain of your own in lower case, such as access.example.com",
    ));
    None
}

/// Where data is kept if the file does not say: beside it.
const DATA_DIR: &str = "data";

#[cfg(test)]
mod tests;
