//! Who asks.

use crate::UserId;

/// Who asks for access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A person.
    User(UserId),
    /// Nobody that is known. What is public is permitted to it by a policy.
    Anonymous,
}

impl Subject {
    /// The person, if it is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(*user),
            Self::Anonymous => None,
        }
    }

    /// The type as it is written in policies and events.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "User",
            Self::Anonymous => "Anonymous",
        }
    }

    /// The identifier as it is written in policies and events.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Anonymous => String::from("anonymous"),
        }
    }
}
