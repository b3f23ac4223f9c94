//! SCIM 2.0: people and groups as the directory of an organisation keeps them here (RFC 7643, RFC 7644).
//!
//! Three rules make the whole:
//!
//! 1. **What comes is first made ours.** Names are compared without regard to case, what we do not keep is left out, types are
//!    looked at (`read`); from then on everything works on one spelling.
//! 2. **A change is tried on the whole.** PATCH and PUT make a new object of the old one, and that is read as if it were to be
//!    created, so no way into a resource passes by what creating it would have refused.
//! 3. **Whoever writes is asked for elsewhere.** This module has no store: a [`Directory`] decides each call, and writes.
//!
//! What this module must not know: the store, who may do what, the wire.

mod attribute;
mod bulk;
mod directory;
mod documents;
mod filter;
mod list;
mod patch;
mod path;
mod read;
mod record;
mod refusal;

pub use bulk::{Bulk, MAX_OPERATIONS, Operation, Step};
pub use directory::{Condition, Directory, Edit, Found, Kept};
pub use documents::{resource_type, resource_types, schema, schemas, service_provider_config};
pub use filter::Filter;
pub use list::{Exact, Fields, MAX_COUNT, Projection, Search, answer, base, listed, location};
pub use patch::Patch;
pub use path::Path;
pub use read::{MAX_BODY, json};
pub use record::{Group, Member, Name, Record, User, group_name};
pub use refusal::{Refusal, ScimType};

/// A canonical resource: attributes in the spelling of their schema, and none that we do not keep.
pub type Object = serde_json::Map<String, serde_json::Value>;

/// A type of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// People.
    User,
    /// Groups.
    Group,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::User, Self::Group];

    /// The name of the resource type (RFC 7643, 6).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// Where resources of this type are, below the base.
    #[must_use]
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    /// The schema of the resource (RFC 7643, 8.7.1).
    #[must_use]
    pub const fn schema(self) -> &'static str {
        match self {
            Self::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Self::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }
}

/// The media type of everything here (RFC 7644, 8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// Where all of it is, on the host on which people sign in.
pub const BASE: &str = "/scim/v2";

/// Reads whatever somebody sends as a filter and as a path of a PATCH, for who tries to break the parsers: what is read reads
/// the same again.
pub fn read_anything(text: &str) {
    for kind in Kind::ALL {
        if let Ok(filter) = Filter::parse(text, kind) {
            let again = Filter::parse(&filter.to_string(), kind);
            assert_eq!(again.as_ref().map(ToString::to_string).ok(), Some(filter.to_string()), "{text:?}");
        }
        if let Ok(path) = Path::parse(text, kind) {
            let again = Path::parse(&path.to_string(), kind);
            assert_eq!(again.as_ref().map(ToString::to_string).ok(), Some(path.to_string()), "{text:?}");
        }
    }
}

#[cfg(test)]
mod tests;
