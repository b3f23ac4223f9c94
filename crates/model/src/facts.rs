//! What is known of the parties to a request: the immutable facts that a decision reads.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AppName, DeviceId, GroupName, SealingKeyId, SessionId, Subject, Timestamp, UserId, WireRules};

/// Whether a person may act at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// May act, as far as policy permits.
    Active,
    /// May not act.
    Disabled,
}

/// A person, as decisions see them: no name, no mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFacts {
    /// Who.
    pub id: UserId,
    /// Whether they may act.
    pub state: UserState,
    /// The groups that list this person themselves; groups of groups follow from [`GroupFacts`].
    pub groups: BTreeSet<GroupName>,
    /// The public key to which the personal parts of their events are sealed.
    pub sealing_key: Option<(SealingKeyId, [u8; 32])>,
}

/// A group and the groups that list it as a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFacts {
    /// Which.
    pub name: GroupName,
    /// The groups of which this group is a member.
    pub parents: BTreeSet<GroupName>,
}

/// How well a sign-in proved who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthLevel {
    /// Nobody signed in.
    None,
    /// One factor.
    Basic,
    /// Two factors of different kinds, or one that is both.
    Strong,
}

impl AuthLevel {
    /// The level as policies spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "basic",
            Self::Strong => "strong",
        }
    }
}

/// One sign-in of one person, or one credential of a program that acts for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFacts {
    /// Which.
    pub id: SessionId,
    /// Whose. Never nobody's.
    pub subject: Subject,
    /// The device that it was made on, if it is enrolled.
    pub device: Option<DeviceId>,
    /// When they signed in.
    pub auth_time: Timestamp,
    /// When they last proved a second factor.
    pub mfa_time: Option<Timestamp>,
    /// The methods used (RFC 8176), such as `pwd` and `otp`.
    pub amr: BTreeSet<String>,
    /// How well it proved who they are.
    pub level: AuthLevel,
    /// When it was last seen in use, to the minute.
    pub last_seen: Timestamp,
    /// How long it may lie unused; at least 5 minutes.
    pub idle_timeout: Duration,
    /// When it ends in any case.
    pub absolute_end: Timestamp,
}

impl SessionFacts {
    /// The person whose it is, if it is a person's.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        self.subject.user()
    }

    /// When it ends if it is not used again.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.last_seen.plus(self.idle_timeout).min(self.absolute_end)
    }
}

/// An enrolled device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFacts {
    /// Which.
    pub id: DeviceId,
    /// Whether its posture meets what the organisation asks.
    pub compliant: bool,
    /// Whether the organisation manages it.
    pub managed: bool,
    /// Until when its certificate is valid.
    pub valid_until: Timestamp,
}

/// How durable an app's evidence is before a request takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audit {
    /// Handed to the kernel before, on disk within 50 ms.
    #[default]
    Normal,
    /// On disk before.
    Strict,
}

/// A text that is not the address of an upstream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an upstream (expected http://HOST[:PORT] or https://HOST[:PORT], without path or user)"
)]
pub struct UpstreamError(String);

/// Where an app's server listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Upstream {
    tls: bool,
    host: String,
    port: u16,
}

impl Upstream {
    /// Whether it speaks TLS.
    #[must_use]
    pub const fn tls(&self) -> bool {
        self.tls
    }

    /// Its host name or address; an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as they stand in a URL.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Whether it names this machine itself, so that plaintext does not leave it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for Upstream {
    type Err = UpstreamError;
    fn from_str(text: &str) -> Result<Self, UpstreamError> {
        let error = || UpstreamError(text.chars().take(128).collect());
        let (tls, rest) = text
            .strip_prefix("https://")
            .map(|rest| (true, rest))
            .or_else(|| text.strip_prefix("http://").map(|rest| (false, rest)))
            .ok_or_else(error)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']').ok_or_else(error)?;
                host.parse::<std::net::Ipv6Addr>().ok().ok_or_else(error)?;
                (host, if after.is_empty() { None } else { Some(after.strip_prefix(':').ok_or_else(error)?) })
            }
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':');
        if host.is_empty() || host.len() > 253 || !host.bytes().all(allowed) {
            return Err(error());
        }
        let port = match port {
            None => {
                if tls {
                    443
                } else {
                    80
                }
            }
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0') => {
                digits.parse().ok().ok_or_else(error)?
            }
            Some(_) => return Err(error()),
        };
        Ok(Self { tls, host: host.to_ascii_lowercase(), port })
    }
}

impl TryFrom<String> for Upstream {
    type Error = UpstreamError;
    fn try_from(text: String) -> Result<Self, UpstreamError> {
        text.parse()
    }
}

impl From<Upstream> for String {
    fn from(upstream: Upstream) -> String {
        upstream.to_string()
    }
}

impl std::fmt::Display for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", if self.tls { "https" } else { "http" }, self.authority())
    }
}

/// An application, or one of our own hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppFacts {
    /// Which.
    pub name: AppName,
    /// The one host name that it is reached by, in lower case, without port.
    pub host: String,
    /// Where its server listens; `None` for our own hosts.
    pub upstream: Option<Upstream>,
    /// PEM certificates that its server's certificate must chain to, in the place of the system's.
    pub ca: Option<String>,
    /// Whether its server sees the public host name (else the upstream's).
    pub pass_host: bool,
    /// How durable its evidence is.
    pub audit: Audit,
    /// The groups that its server is told of.
    pub groups: BTreeSet<GroupName>,
    /// What of a request's wire form it takes beyond the usual.
    #[serde(default)]
    pub wire: WireRules,
    /// How long points decide on it without hearing from their control plane, where that is not as long as on what says
    /// nothing of it. One of [`AppFacts::LEASES`].
    #[serde(default)]
    pub lease: Option<Duration>,
}

impl AppFacts {
    /// What an app's lease may be. Shorter, and a single answer that is late would cut; longer, and nobody would wait for it.
    pub const LEASES: RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(3600);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_are_scheme_host_and_port() {
        for (text, shown) in [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("https://wiki.internal", "https://wiki.internal:443"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("http://LOCALHOST", "http://localhost:80"),
        ] {
            assert_eq!(text.parse::<Upstream>().unwrap().to_string(), shown);
        }
        for bad in [
            "",
            "ftp://x",
            "http://",
            "http://a/b",
            "http://u@a",
            "http://a:0",
            "http://a:070",
            "http://[::1",
            "http://a:99999",
            "http://a?b",
        ] {
            assert!(bad.parse::<Upstream>().is_err(), "{bad}");
        }
    }

    #[test]
    fn loopback_is_recognised() {
        assert!("http://127.8.0.1".parse::<Upstream>().unwrap().is_loopback());
        assert!("http://[::1]".parse::<Upstream>().unwrap().is_loopback());
        assert!(!"http://10.0.0.1".parse::<Upstream>().unwrap().is_loopback());
    }
}
