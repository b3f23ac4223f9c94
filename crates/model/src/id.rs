//! Identifiers: random or time-ordered 128-bit values, one type for each thing, so that none stands for another.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Entropy, Timestamp};

/// A text that is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an identifier (expected a UUID such as 0192f0c1-2b3c-7d4e-8f50-112233445566)")]
pub struct IdError(String);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $version:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The identifier with these 16 bytes, for reading stored forms.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes of this identifier.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            ids!(@make $version);
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                // The hyphenated form only: one thing, one spelling.
                if text.len() != 36 {
                    return Err(IdError(text.chars().take(48).collect()));
                }
                Uuid::try_parse(text).map(Self).map_err(|_| IdError(text.chars().take(48).collect()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
    (@make random) => {
        /// A new random identifier (RFC 9562, UUID version 4).
        #[must_use]
        pub fn random(entropy: &dyn Entropy) -> Self {
            let mut bytes = [0; 16];
            entropy.fill(&mut bytes);
            Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
        }
    };
    (@make ordered) => {
        /// A new identifier that sorts by time (RFC 9562, UUID version 7).
        #[must_use]
        pub fn ordered(now: Timestamp, entropy: &dyn Entropy) -> Self {
            let mut bytes = [0; 10];
            entropy.fill(&mut bytes);
            let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
            Self(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
        }
    };
}

ids! {
    /// A person. Random, so that it says nothing about them; the login name is a sealed attribute.
    UserId: random;
    /// A device, enrolled by its own key.
    DeviceId: random;
    /// One sign-in of one person on one device.
    SessionId: ordered;
    /// One request as it arrived; returned as `Bartizan-Request-Id`.
    RequestId: ordered;
    /// One decision. A request has one or more.
    DecisionId: ordered;
    /// One entry of the evidence log.
    EventId: ordered;
    /// An enforcement point.
    PointId: random;
    /// A public key to which personal parts of events are sealed.
    SealingKeyId: random;
    /// What one sign-in has given to one client: all tokens that come of one code.
    ClientGrantId: random;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Counter;
    impl Entropy for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xa5);
        }
    }

    #[test]
    fn text_form_round_trips() {
        let id = RequestId::ordered(Timestamp::from_micros(1_700_000_000_000_000), &Counter);
        assert_eq!(id.to_string().parse::<RequestId>(), Ok(id));
        assert_eq!(id.to_string().as_bytes()[14], b'7');
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["", "x", "0192f0c12b3c7d4e8f50112233445566", "{0192f0c1-2b3c-7d4e-8f50-112233445566}"] {
            assert!(text.parse::<UserId>().is_err(), "{text}");
        }
    }

    #[test]
    fn ordered_ids_sort_by_time() {
        let earlier = RequestId::ordered(Timestamp::from_micros(1_000_000), &Counter);
        let later = RequestId::ordered(Timestamp::from_micros(2_000_000), &Counter);
        assert!(earlier < later);
    }
}
