//! What of a request's wire form one app takes beyond what all apps take.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A form of a path that servers read in different ways, and that an app needs all the same.
///
/// Where it is relaxed, the form stays as it is: what is decided on is spelled as what is forwarded. Forms that lead
/// elsewhere (dot segments, control characters) can hide in none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relaxation {
    /// `%2F`: GitLab and many registries name things so.
    EncodedSlash,
    /// `%5C`.
    EncodedBackslash,
    /// `;`: servers in Java put parameters behind it.
    PathParameter,
    /// `//`.
    EmptySegment,
    /// `%25` before two digits: Jenkins names branches so.
    DoubleEncoding,
}

impl Relaxation {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::EncodedSlash,
        Self::EncodedBackslash,
        Self::PathParameter,
        Self::EmptySegment,
        Self::DoubleEncoding,
    ];

    /// As files spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EncodedSlash => "encoded_slash",
            Self::EncodedBackslash => "encoded_backslash",
            Self::PathParameter => "path_parameter",
            Self::EmptySegment => "empty_segment",
            Self::DoubleEncoding => "double_encoding",
        }
    }
}

/// What of a request's wire form an app takes beyond the usual, and how much.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireRules {
    /// Forms of paths that are otherwise refused.
    pub relax: BTreeSet<Relaxation>,
    /// Methods that are in no registry, in upper case.
    pub methods: BTreeSet<String>,
    /// The largest body of a request, in bytes; without it there is no limit.
    pub max_body: Option<u64>,
}

impl WireRules {
    /// Whether a text may name a method: capitals, digits and hyphens, and none of those that no proxy passes on.
    #[must_use]
    pub fn is_method(text: &str) -> bool {
        let plain =
            text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
        (1..=24).contains(&text.len())
            && plain
            && text.starts_with(|first: char| first.is_ascii_uppercase())
            && !["TRACE", "TRACK", "CONNECT", "PRI"].contains(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relaxations_are_stored_as_they_are_spelled() {
        for relaxation in Relaxation::ALL {
            let stored = serde_json::to_value(relaxation).unwrap();
            assert_eq!(stored, relaxation.as_str());
        }
    }

    #[test]
    fn a_method_is_in_capitals_and_harmless() {
        for method in ["PURGE", "M-SEARCH", "BAN2"] {
            assert!(WireRules::is_method(method), "{method}");
        }
        for bad in ["", "purge", "TRACE", "TRACK", "CONNECT", "PRI", "A B", "-A", "Ä", "A\r", &"A".repeat(25)]
        {
            assert!(!WireRules::is_method(bad), "{bad}");
        }
    }
}
