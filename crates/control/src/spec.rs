//! The stored forms of apps, groups and policies.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bartizan_model::{
    AppFacts, AppName, Audit, GroupName, Relaxation, Timestamp, Upstream, UserId, WireRules,
};
use serde::{Deserialize, Serialize};

/// An app as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSpec {
    /// The host name that it is reached by.
    pub host: String,
    /// Where its server listens; absent for our own hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
    /// PEM certificates that its server's certificate must chain to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Whether its server sees the public host name.
    #[serde(default = "yes")]
    pub pass_host: bool,
    /// How durable its evidence is before a request takes effect.
    #[serde(default)]
    pub audit: Audit,
    /// The groups that its server is told of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<GroupName>,
    /// Whether somebody accepted that plain HTTP leaves this machine on the way to its server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_plaintext: Option<Plaintext>,
    /// Forms of paths that it takes although servers read them in different ways.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub relax: BTreeSet<Relaxation>,
    /// Methods that it takes although they are in no registry.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub methods: BTreeSet<String>,
    /// The largest body of a request, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_body: Option<u64>,
    /// For how many seconds points decide on it without hearing from us, where that is not as long as on others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_seconds: Option<u64>,
}

/// What an administrator says to plain HTTP on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plaintext {
    /// The network between gateway and server is trusted to keep it to itself.
    Accepted,
}

const fn yes() -> bool {
    true
}

impl AppSpec {
    /// The facts that decisions and the gateway read.
    #[must_use]
    pub fn facts(&self, name: AppName) -> AppFacts {
        AppFacts {
            name,
            host: self.host.clone(),
            upstream: self.upstream.clone(),
            ca: self.ca.clone(),
            pass_host: self.pass_host,
            audit: self.audit,
            groups: self.groups.clone(),
            wire: WireRules {
                relax: self.relax.clone(),
                methods: self.methods.clone(),
                max_body: self.max_body,
            },
            lease: self.lease_seconds.map(|seconds| {
                Duration::from_secs(seconds).clamp(*AppFacts::LEASES.start(), *AppFacts::LEASES.end())
            }),
        }
    }
}

/// A group as stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    /// The people in it.
    #[serde(default)]
    pub users: BTreeSet<UserId>,
    /// The groups in it.
    #[serde(default)]
    pub groups: BTreeSet<GroupName>,
    /// What a directory says of it beyond that, if one keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned: Option<Box<Provisioned>>,
}

/// What directories say of a group (RFC 7643, 4.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provisioned {
    /// The subject that made it over SCIM, and keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When: its history is as long as people come and go, and is not read for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// What it is called there, if not by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// What each directory calls it, by the subject that writes for it. It is no key of ours.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub external: BTreeMap<String, String>,
}

/// A policy as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySpec {
    /// Its text in Cedar.
    pub text: String,
}
