//! Where enforcement points on other machines reach control.

use std::net::SocketAddr;

use bartizan_control::files::{Located, short};
use bartizan_policy::Finding;

use super::listener::{Listener, address};
use super::raw::RawPoints;

/// The listener for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Points {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Where points find it, `HOST:PORT`: it stands in join tokens.
    pub(crate) public_address: String,
    /// The port at which people reach apps that are served elsewhere, if nothing here serves apps.
    pub(crate) apps_port: Option<u16>,
}

pub(super) fn checked(
    raw: &RawPoints,
    domain: Option<&str>,
    listeners: &[Listener],
    findings: &mut Vec<Finding>,
) -> Option<Points> {
    let written = raw.address.as_ref()?;
    let parsed = address(written, "ADDRESS:PORT, such as 0.0.0.0:8444", findings)?;
    if parsed.port() != 0 && listeners.iter().any(|listener| listener.address == parsed) {
        findings.push(written.place.error_with_help(
            format!("the listener on {parsed} serves people there"),
            "points need a port of their own, such as 8444",
        ));
        return None;
    }
    let public_address = match &raw.public_address {
        Some(named) => reachable(named, findings)?,
        // Of port 0 nobody elsewhere can know what it came to be.
        None if parsed.port() == 0 => {
            let help = "public_address = \"points.example.com:8444\"";
            findings.push(raw.place.error_with_help("[points] on port 0 needs a `public_address`", help));
            return None;
        }
        None if parsed.ip().is_unspecified() => format!("points.{}:{}", domain?, parsed.port()),
        None => parsed.to_string(),
    };
    let apps_port = match &raw.apps_port {
        None => None,
        Some(port) => match u16::try_from(port.value).ok().filter(|port| *port != 0) {
            Some(number) => Some(number),
            None => {
                findings.push(port.place.error(format!("{} is not a port (1 to 65535)", port.value)));
                return None;
            }
        },
    };
    Some(Points { address: parsed, public_address, apps_port })
}

/// `HOST:PORT`, with a host that can be looked up or is an address.
fn reachable(named: &Located<String>, findings: &mut Vec<Finding>) -> Option<String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
    let parts = named.value.rsplit_once(':');
    let good = parts.is_some_and(|(host, port)| {
        !host.is_empty()
            && host.len() <= 253
            && host.bytes().all(allowed)
            && port.parse::<u16>().is_ok_and(|port| port != 0)
    });
    if good {
        return Some(named.value.clone());
    }
    findings.push(named.place.error_with_help(
        format!("`{}` is not where something is reached", short(&named.value)),
        "write HOST:PORT, such as points.example.com:8444",
    ));
    None
}
