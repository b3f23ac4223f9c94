//! `bartizan.toml`: what boots a process. Everything else is an object in the store.
//!
//! It is read in two steps: what stands there, and what it means. All that is wrong is found at once, and a key that
//! nobody knows is an error, because what is ignored is what somebody believes to be in force.

mod raw;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use bartizan_control::files::Located;
use bartizan_gateway::Proxies;
use bartizan_policy::Finding;
use ipnet::IpNet;

use self::raw::{Raw, RawListener};
use crate::logging::{self, Format, Logging};

pub(crate) use self::raw::{HEALTH, Service};

/// A configuration in which nothing is left open.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// What is logged while it runs, and how.
    pub(crate) log: Logging,
}

/// An address, and what is served there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listener {
    /// Where to listen.
    pub(crate) address: SocketAddr,
    /// What is served. What is not, does not exist there.
    pub(crate) serves: BTreeSet<Service>,
    /// The port that clients use, if something in front translates it.
    pub(crate) public_port: u16,
    /// The proxies in front of it that are believed.
    pub(crate) proxies: Proxies,
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
        let redirect = raw.redirect.and_then(|address| checked_redirect(&address, &listeners, &mut findings));
        let log = checked_log(raw.log_format, raw.log_level, &mut findings);
        let domain = raw.domain.and_then(|domain| checked_domain(domain, &mut findings));
        if domain.is_none() && !raw.has_domain {
            let help = "domain = \"access.example.com\": own hosts are auth. and console. below it";
            findings.push(Finding { help: Some(help.to_owned()), ..missing("domain") });
        }
        let data_dir = raw.data_dir.map_or_else(|| PathBuf::from(DATA_DIR), |dir| PathBuf::from(dir.value));
        findings.sort();
        match domain {
            Some(domain) if findings.is_empty() => {
                Ok(Self { domain, data_dir: folder.join(data_dir), listeners, health, redirect, log })
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

fn checked_listener(raw: &RawListener, findings: &mut Vec<Finding>) -> Option<Listener> {
    let address = raw.address.as_ref()?;
    let Ok(parsed) = address.value.parse::<SocketAddr>() else {
        findings.push(address.place.error_with_help(
            format!("`{}` is not an address to listen on", bartizan_control::files::short(&address.value)),
            "write ADDRESS:PORT, such as 0.0.0.0:8443 or [::]:8443",
        ));
        return None;
    };
    let public_port = match &raw.public_port {
        None => parsed.port(),
        Some(port) => match u16::try_from(port.value) {
            Ok(number) if number > 0 => number,
            _ => {
                findings.push(port.place.error("`public_port` is a number from 1 to 65535"));
                return None;
            }
        },
    };
    let proxies = checked_proxies(raw, findings)?;
    let serves = raw.serves.as_ref()?;
    if serves.value.is_empty() {
        let help = "serves = [\"apps\", \"auth\", \"console\"], or some of them";
        findings.push(serves.place.error_with_help("this listener serves nothing", help));
        return None;
    }
    Some(Listener { address: parsed, serves: serves.value.iter().copied().collect(), public_port, proxies })
}

/// Who is believed about who asks: nobody, unless somebody was named.
fn checked_proxies(raw: &RawListener, findings: &mut Vec<Finding>) -> Option<Proxies> {
    let mut networks = Vec::new();
    for Located { value, place } in raw.trusted_proxies.iter().flat_map(|networks| &networks.value) {
        let network = value.parse::<IpNet>().or_else(|_none| value.parse::<IpAddr>().map(IpNet::from));
        let problem = match network {
            // Whoever connects could say who they are.
            Ok(network) if network.prefix_len() == 0 => "is everybody",
            Ok(network) if network.trunc() != network => "has bits behind its prefix",
            Ok(network) => {
                networks.push(network);
                continue;
            }
            Err(_neither) => "is not a network",
        };
        findings.push(place.error_with_help(
            format!("`{}` {problem}", bartizan_control::files::short(value)),
            "name the addresses of your proxies and no others, such as 10.0.0.7 or 10.0.0.0/29",
        ));
    }
    match &raw.proxy_protocol {
        Some(announce) if announce.value && raw.trusted_proxies.is_none() => {
            findings.push(announce.place.error_with_help(
                "nobody would be believed: there is no `trusted_proxies`",
                "trusted_proxies = [\"10.0.0.7\"]: from where connections come that begin with a PROXY header",
            ));
            None
        }
        announce => Some(Proxies::new(networks, announce.as_ref().is_some_and(|announce| announce.value))),
    }
}

fn checked_redirect(
    address: &Located<String>,
    listeners: &[Listener],
    findings: &mut Vec<Finding>,
) -> Option<SocketAddr> {
    let Ok(parsed) = address.value.parse::<SocketAddr>() else {
        findings.push(address.place.error_with_help(
            format!("`{}` is not an address to listen on", bartizan_control::files::short(&address.value)),
            "write ADDRESS:PORT, such as 0.0.0.0:80 or [::]:80",
        ));
        return None;
    };
    if parsed.port() != 0 && listeners.iter().any(|listener| listener.address == parsed) {
        findings.push(address.place.error_with_help(
            format!("the listener on {parsed} speaks TLS there"),
            "plain HTTP needs a port of its own, such as 80",
        ));
        return None;
    }
    Some(parsed)
}

/// Health is plain HTTP and tells whoever asks, so it is not for other machines.
fn checked_health(
    address: &Located<String>,
    listeners: &[Listener],
    findings: &mut Vec<Finding>,
) -> Option<SocketAddr> {
    let Ok(parsed) = address.value.parse::<SocketAddr>() else {
        findings.push(address.place.error_with_help(
            format!("`{}` is not an address to listen on", bartizan_control::files::short(&address.value)),
            format!("write {HEALTH} or [::1]:9464"),
        ));
        return None;
    };
    if !parsed.ip().to_canonical().is_loopback() {
        findings.push(address.place.error_with_help(
            format!(
                "health and metrics are plain HTTP for this machine only, and {} is not loopback",
                parsed.ip()
            ),
            format!(
                "write {HEALTH}; a collector elsewhere reads it through an agent or a proxy on this machine"
            ),
        ));
        return None;
    }
    let same = |listener: &&Listener| {
        let (ip, port) = (listener.address.ip(), listener.address.port());
        // Of port 0 each is another port.
        port == parsed.port() && port != 0 && (ip == parsed.ip() || ip.is_unspecified())
    };
    if let Some(taken) = listeners.iter().find(same) {
        findings.push(address.place.error_with_help(
            format!("the listener on {} has this port", taken.address),
            "write another port: what is served to clients and what is told the operator are apart",
        ));
        return None;
    }
    Some(parsed)
}

/// Looks at the listeners together: no address twice, and a place to sign in for what wants a sign-in.
fn apart(listeners: &[RawListener], findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for address in listeners.iter().filter_map(|listener| listener.address.as_ref()) {
        // Of port 0 each is another port.
        if !address.value.ends_with(":0") && !seen.insert(&address.value) {
            findings.push(address.place.error(format!("two listeners have the address `{}`", address.value)));
        }
    }
    let serves = |service| {
        listeners
            .iter()
            .any(|listener| listener.serves.as_ref().is_some_and(|serves| serves.value.contains(&service)))
    };
    let last = listeners.iter().rev().find_map(|listener| listener.serves.as_ref());
    if let Some(last) = last
        && !serves(Service::Auth)
        && (serves(Service::Apps) || serves(Service::Console))
    {
        findings.push(last.place.error_with_help(
            "nobody could sign in: no listener serves `auth`",
            "add \"auth\" to a listener that people reach",
        ));
    }
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
