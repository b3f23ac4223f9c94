//! Where it listens: what is served there, who in front is believed, and that no two want the same address.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use bartizan_control::files::{Located, short};
use bartizan_gateway::Proxies;
use bartizan_policy::Finding;
use ipnet::IpNet;

use super::raw::{HEALTH, RawListener, Service};

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

pub(super) fn checked_listener(raw: &RawListener, findings: &mut Vec<Finding>) -> Option<Listener> {
    let address_written = raw.address.as_ref()?;
    let parsed = address(address_written, "ADDRESS:PORT, such as 0.0.0.0:8443 or [::]:8443", findings)?;
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
            format!("`{}` {problem}", short(value)),
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

pub(super) fn checked_redirect(
    written: &Located<String>,
    listeners: &[Listener],
    findings: &mut Vec<Finding>,
) -> Option<SocketAddr> {
    let parsed = address(written, "ADDRESS:PORT, such as 0.0.0.0:80 or [::]:80", findings)?;
    if parsed.port() != 0 && listeners.iter().any(|listener| listener.address == parsed) {
        findings.push(written.place.error_with_help(
            format!("the listener on {parsed} speaks TLS there"),
            "plain HTTP needs a port of its own, such as 80",
        ));
        return None;
    }
    Some(parsed)
}

/// Health is plain HTTP and tells whoever asks, so it is not for other machines.
pub(super) fn checked_health(
    written: &Located<String>,
    listeners: &[Listener],
    findings: &mut Vec<Finding>,
) -> Option<SocketAddr> {
    let parsed = address(written, &format!("{HEALTH} or [::1]:9464"), findings)?;
    if !parsed.ip().to_canonical().is_loopback() {
        findings.push(written.place.error_with_help(
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
        findings.push(written.place.error_with_help(
            format!("the listener on {} has this port", taken.address),
            "write another port: what is served to clients and what is told the operator are apart",
        ));
        return None;
    }
    Some(parsed)
}

/// An address to listen on; `example` says how one is written.
pub(super) fn address(
    written: &Located<String>,
    example: &str,
    findings: &mut Vec<Finding>,
) -> Option<SocketAddr> {
    let parsed = written.value.parse().ok();
    if parsed.is_none() {
        let message = format!("`{}` is not an address to listen on", short(&written.value));
        findings.push(written.place.error_with_help(message, format!("write {example}")));
    }
    parsed
}

/// Looks at the listeners together: no address twice, and a place to sign in for what wants a sign-in.
pub(super) fn apart(listeners: &[RawListener], findings: &mut Vec<Finding>) {
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
