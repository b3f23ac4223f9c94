//! Names that people give to objects.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A text that cannot name an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a name (use 1 to 63 of a-z, 0-9, `-`, `_` and `.`, beginning with a letter or a digit)"
)]
pub struct NameError(String);

/// The longest name, that of a DNS label (RFC 1035, 2.3.4), since an app's name is often its host's first label.
const MAX_NAME: usize = 63;

fn check(text: &str) -> Result<(), NameError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if first && text.len() <= MAX_NAME && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err(NameError(text.chars().take(MAX_NAME + 1).collect()))
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
}

names! {
    /// The name of an application.
    AppName;
    /// The name of a program that people sign in to with us: its `client_id` (RFC 6749, 2.2).
    ClientName;
    /// The name of a group of people or of groups.
    GroupName;
    /// The `@id` of a policy.
    PolicyId;
    /// What people call an enforcement point.
    PointName;
    /// The name of an identity provider at which people of ours sign in.
    ProviderName;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_labels() {
        for good in ["wiki", "a", "team-1", "k8s.prod_eu", "0x"] {
            assert!(good.parse::<AppName>().is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "-a", "Wiki", "a b", "a/b", "ä", "a\0", ".a", long.as_str()] {
            assert!(bad.parse::<AppName>().is_err(), "{bad}");
        }
    }
}
