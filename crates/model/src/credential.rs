//! Credentials of ours: 256 random bits behind a prefix that says what they are good for.

use serde::{Deserialize, Serialize};

use crate::Secret;

/// What a credential is, by its prefix. One kind is refused in the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// `bzs_`: the sign-in cookie, on `auth.<domain>` only.
    SignIn,
    /// `bza_`: the cookie of one app host.
    App,
    /// `bzc_`: a code, spent once.
    Code,
    /// `bzn_`: a token for clients that are not browsers; names its audiences.
    Token,
}

impl CredentialKind {
    /// The prefix of this kind.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::SignIn => "bzs_",
            Self::App => "bza_",
            Self::Code => "bzc_",
            Self::Token => "bzn_",
        }
    }

    const ALL: [Self; 4] = [Self::SignIn, Self::App, Self::Code, Self::Token];
}

/// A text that is not a credential of ours. It does not repeat the text, which may be somebody else's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// No prefix of ours: the text belongs to somebody else.
    #[error("no credential of ours")]
    Foreign,
    /// A prefix of ours and then something that we never made.
    #[error("not a well-formed credential (expected the prefix and 43 characters of base64url)")]
    Malformed,
}

/// How the secrets of clients and refresh tokens begin, which are shown to the token endpoint alone, in its own form: anywhere
/// else they are ours, good for nothing, and not to be passed on.
const SHOWN_ELSEWHERE: [&str; 2] = ["bzk_", "bzr_"];

/// 256 bits in base64url without padding.
const BODY_LEN: usize = 43;

/// A credential as somebody presented it; nothing is known of it but its form.
#[derive(Debug, Clone)]
pub struct PresentedCredential {
    kind: CredentialKind,
    text: Secret<String>,
}

impl PresentedCredential {
    /// Reads a credential.
    ///
    /// # Errors
    /// [`CredentialError::Foreign`] if the text does not begin with a prefix of ours; `Malformed` if it does and
    /// the rest is not 256 bits in base64url.
    pub fn parse(text: &str) -> Result<Self, CredentialError> {
        let (kind, body) = CredentialKind::ALL
            .into_iter()
            .find_map(|kind| text.strip_prefix(kind.prefix()).map(|body| (kind, body)))
            .ok_or(if SHOWN_ELSEWHERE.iter().any(|prefix| text.starts_with(prefix)) {
                CredentialError::Malformed
            } else {
                CredentialError::Foreign
            })?;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        // 43 characters carry 258 bits: the last may only be one whose two low bits are zero, else two texts would
        // mean the same 256 bits (RFC 4648, 3.5).
        let canonical_end = body.bytes().last().is_some_and(|b| b"AEIMQUYcgkosw048".contains(&b));
        if body.len() == BODY_LEN && body.bytes().all(allowed) && canonical_end {
            Ok(Self { kind, text: Secret::new(text.to_owned()) })
        } else {
            Err(CredentialError::Malformed)
        }
    }

    /// What it is by its prefix.
    #[must_use]
    pub const fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// The text, for digesting.
    #[must_use]
    pub const fn text(&self) -> &Secret<String> {
        &self.text
    }
}

/// The SHA-256 of a credential's text. It may travel and be stored; the credential may not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CredentialDigest([u8; 32]);

impl CredentialDigest {
    /// The digest with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest that is written so in the store.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let (mut bytes, mut digits) = ([0; 32], text.bytes());
        for byte in &mut bytes {
            let mut digit =
                || char::from(digits.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = digit()? << 4 | digit()?;
        }
        digits.next().is_none().then_some(Self(bytes))
    }

    /// Lower-case hexadecimal, as the store keeps it.
    #[must_use]
    pub fn to_hex(&self) -> String {
        use std::fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl std::fmt::Debug for CredentialDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CredentialDigest(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest =
            CredentialDigest::from_bytes(std::array::from_fn(|at| u8::try_from(at * 8).unwrap_or(0)));
        assert_eq!(CredentialDigest::from_hex(&digest.to_hex()), Some(digest));
        for other in ["", "0g", &"0".repeat(63), &"0".repeat(65), &"\u{e4}".repeat(32)] {
            assert_eq!(CredentialDigest::from_hex(other), None, "{other}");
        }
    }

    #[test]
    fn prefix_and_form_decide() {
        let body = "A".repeat(43);
        assert_eq!(
            PresentedCredential::parse(&format!("bzn_{body}")).map(|c| c.kind()),
            Ok(CredentialKind::Token)
        );
        for foreign in ["", "ghp_abc", "BZN_x", " bzn_"] {
            assert!(
                matches!(PresentedCredential::parse(foreign), Err(CredentialError::Foreign)),
                "{foreign}"
            );
        }
        let wrong_end = format!("bza_{}B", "A".repeat(42));
        for bad in [
            "bzn_",
            "bzs_short",
            "bzk_x",
            "bzr_x.1.y",
            wrong_end.as_str(),
            &format!("bzc_{}=", "A".repeat(42)),
        ] {
            assert!(matches!(PresentedCredential::parse(bad), Err(CredentialError::Malformed)), "{bad}");
        }
    }
}
