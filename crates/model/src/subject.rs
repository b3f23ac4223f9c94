//! Who asks.

use serde::{Deserialize, Serialize};

use crate::{ClientName, UserId};

/// Who asks for access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A person.
    User(UserId),
    /// A program that acts for itself, by the name of its client.
    Service(ClientName),
    /// Nobody that is known. What is public is permitted to it by a policy.
    Anonymous,
}

impl Subject {
    /// The person, if it is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(*user),
            Self::Service(_) | Self::Anonymous => None,
        }
    }

    /// The program, if it is one that acts for itself.
    #[must_use]
    pub const fn service(&self) -> Option<&ClientName> {
        match self {
            Self::Service(client) => Some(client),
            Self::User(_) | Self::Anonymous => None,
        }
    }

    /// The type as it is written in policies and events.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "User",
            Self::Service(_) => "Service",
            Self::Anonymous => "Anonymous",
        }
    }

    /// The identifier as it is written in policies and events.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Service(client) => client.to_string(),
            Self::Anonymous => String::from("anonymous"),
        }
    }

    /// The identifier as whoever only has a text tells it from all others: a service may be named as no person is, but
    /// nobody has to rely on that.
    #[must_use]
    pub fn distinct_id(&self) -> String {
        match self {
            Self::Service(client) => format!("{SERVICE}{client}"),
            Self::User(_) | Self::Anonymous => self.id(),
        }
    }

    /// The service that [`distinct_id`](Self::distinct_id) gives this text for.
    #[must_use]
    pub fn service_of(distinct: &str) -> Option<ClientName> {
        distinct.strip_prefix(SERVICE)?.parse().ok()
    }
}

/// No id of a person begins so.
const SERVICE: &str = "service:";
