//! `bartizan.toml`: what boots a process. Everything else is an object in the store.
//!
//! It is read in two steps: what stands there, and what it means. All that is wrong is found at once, and a key that
//! nobody knows is an error, because what is ignored is what somebody believes to be in force.

mod raw;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use bartizan_control::files::Located;
use bartizan_policy::Finding;

use self::raw::{Raw, RawListener, Service};

/// A configuration in which nothing is left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// The domain under which the own hosts are.
    pub(crate) domain: String,
    /// Where everything is kept.
    pub(crate) data_dir: PathBuf,
    /// Where apps and own hosts are served.
    pub(crate) listen: SocketAddr,
    /// The port that clients use, if something in front translates it.
    pub(crate) public_port: u16,
}

impl Config {
    /// Reads a configuration that stands in `folder`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn read(file: &str, text: &str, folder: &Path) -> Result<Self, Vec<Finding>> {
        let (raw, mut findings) = Raw::read(file, text);
        let listen = listener(&raw, &mut findings);
        let start = raw.start.clone();
        let missing = |key: &str| start.error(format!("there is no `{key}`"));
        let domain = raw.domain.and_then(|domain| checked_domain(domain, &mut findings));
        if domain.is_none() && !raw.has_domain {
            let help = "domain = \"access.example.com\": own hosts are auth. and console. below it";
            findings.push(Finding { help: Some(help.to_owned()), ..missing("domain") });
        }
        let data_dir = raw.data_dir.map_or_else(|| PathBuf::from(DATA_DIR), |dir| PathBuf::from(dir.value));
        let public_port = match &raw.public_port {
            None => listen.map(|listen| listen.port()),
            Some(port) => match u16::try_from(port.value) {
                Ok(number) if number > 0 => Some(number),
                _ => {
                    findings.push(port.place.error("`public_port` is a number from 1 to 65535"));
                    None
                }
            },
        };
        findings.sort();
        match (domain, listen, public_port) {
            (Some(domain), Some(listen), Some(public_port)) if findings.is_empty() => {
                Ok(Self { domain, data_dir: folder.join(data_dir), listen, public_port })
            }
            _ => Err(findings),
        }
    }
}

/// The one listener. Several, each serving some of the hosts, would need a gateway that keeps a host off a listener; as
/// long as there is none, a configuration that believes so is refused.
fn listener(raw: &Raw, findings: &mut Vec<Finding>) -> Option<SocketAddr> {
    let [first, more @ ..] = raw.listeners.as_slice() else {
        if !raw.has_listener {
            let help = "[[listener]] address = \"0.0.0.0:8443\", serves = [\"apps\", \"auth\", \"console\"]";
            findings.push(raw.start.error_with_help("there is no [[listener]]", help));
        }
        return None;
    };
    for listener in more {
        findings.push(listener.place.error_with_help(
            "more than one [[listener]] is not supported yet",
            "let one listener serve everything",
        ));
    }
    serves_everything(first, findings);
    let address = first.address.as_ref()?;
    match address.value.parse() {
        Ok(address) => Some(address),
        Err(_form) => {
            findings.push(address.place.error_with_help(
                format!("`{}` is not an address to listen on", address.value),
                "write ADDRESS:PORT, such as 0.0.0.0:8443 or [::]:8443",
            ));
            None
        }
    }
}

fn serves_everything(listener: &RawListener, findings: &mut Vec<Finding>) {
    let Some(serves) = &listener.serves else { return };
    let all = Service::ALL.iter().all(|(_, service)| serves.value.contains(service));
    if !all {
        let names: Vec<&str> = Service::ALL.iter().map(|(name, _)| *name).collect();
        findings.push(serves.place.error_with_help(
            "a listener that does not serve everything is not supported yet",
            format!("serves = [\"{}\"]", names.join("\", \"")),
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
