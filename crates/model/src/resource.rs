//! What is asked for.

use crate::{AppName, ClientName};

/// What the subject wants to reach.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// An application behind the gateway, or one of our own hosts (`auth`, `portal`, `console`).
    App(AppName),
    /// A program that people sign in to with us: what is issued to it tells who they are.
    Client(ClientName),
    /// A part of our own administration.
    Admin(AdminArea),
}

impl Resource {
    /// The type as it is written in policies and events.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::App(_) => "App",
            Self::Client(_) => "Client",
            Self::Admin(_) => "Admin",
        }
    }

    /// The name as it is written in policies and events.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::App(name) => name.as_str(),
            Self::Client(name) => name.as_str(),
            Self::Admin(area) => area.as_str(),
        }
    }
}

/// A text that names no part of the administration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a part of the administration (they are objects, people, sessions, log)")]
pub struct UnknownAdminArea(String);

/// The parts into which rights over the deployment are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdminArea {
    /// Apps, groups, policies and settings.
    Objects,
    /// People and their factors.
    People,
    /// Sessions and their end.
    Sessions,
    /// The evidence log and explanations of decisions.
    Log,
}

impl AdminArea {
    /// Every area.
    pub const ALL: [Self; 4] = [Self::Objects, Self::People, Self::Sessions, Self::Log];

    /// The area as it is written in policies and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::People => "people",
            Self::Sessions => "sessions",
            Self::Log => "log",
        }
    }
}

impl std::str::FromStr for AdminArea {
    type Err = UnknownAdminArea;
    fn from_str(text: &str) -> Result<Self, UnknownAdminArea> {
        Self::ALL
            .into_iter()
            .find(|area| area.as_str() == text)
            .ok_or_else(|| UnknownAdminArea(text.chars().take(64).collect()))
    }
}
