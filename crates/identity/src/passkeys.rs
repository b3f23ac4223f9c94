//! Passkeys (Web Authentication, level 3): what a browser is asked for, and whether what it brings is the answer.
//!
//! Nothing here reads a clock or a store: the challenge and what is known of the passkey are arguments. What authenticators
//! write is read, and what they sign is verified, by `webauthn-rs-core`; the rules that it leaves to whoever calls it are
//! here, each with its reason.

mod asked;
mod brought;

use bartizan_model::{Timestamp, UserId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{AuthenticatorTransport, Credential, UserVerificationPolicy};

pub(crate) use asked::{Allowed, Creator};
pub(crate) use brought::{Shown, Use};

use crate::attempt::CHALLENGE_LIVES_FOR;
use crate::error::Error;

/// What a passkey is made for: the host of the sign-in pages, and their origin.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    host: String,
    core: WebauthnCore,
}

impl RelyingParty {
    /// Passkeys for this host alone: not for hosts above it, where every app would be under the same name, nor below.
    /// `origin` is that of the pages as browsers write it, and is compared whole, with its port.
    ///
    /// # Errors
    /// [`Error::Origin`] if the origin is none, or of another host.
    pub fn new(name: &str, host: &str, origin: &str) -> Result<Self, Error> {
        let wrong = || Error::Origin { host: host.to_owned(), origin: origin.to_owned() };
        let url = Url::parse(origin).map_err(|_form| wrong())?;
        // The library does not look whether the two belong together.
        if url.host_str() != Some(host) || url.scheme() != "https" {
            return Err(wrong());
        }
        let (subdomains, any_port) = (Some(false), Some(false));
        let core = WebauthnCore::new_unsafe_experts_only(
            name,
            host,
            vec![url],
            CHALLENGE_LIVES_FOR,
            subdomains,
            any_port,
        );
        Ok(Self { host: host.to_owned(), core })
    }

    /// The host, which passkeys know as the id of the relying party.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Whether the authenticator has to see that it is its owner who uses it, by a finger, a face or a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verification {
    /// It has to: the passkey stands alone.
    Required,
    /// It does if it can: the passkey is one factor of two.
    Preferred,
}

impl Verification {
    const fn policy(self) -> UserVerificationPolicy {
        match self {
            Self::Required => UserVerificationPolicy::Required,
            Self::Preferred => UserVerificationPolicy::Preferred,
        }
    }
}

/// Why what was brought is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It cannot be read, or is no answer to what was asked for.
    Form,
    /// It was made at another origin, or inside another page.
    Origin,
    /// It was made for another host.
    Host,
    /// It answers another challenge.
    Challenge,
    /// Nobody touched the authenticator, or it did not see that it was its owner.
    Unverified,
    /// The passkey was used more often than we know: there is a copy of it.
    Counter,
    /// It does not fit what is known of the passkey.
    Mismatch,
}

/// A passkey of a person. The key in it is the public one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Passkey {
    credential: Credential,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub made: Timestamp,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Timestamp>,
    /// How browsers reach it, as they say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transports: Vec<AuthenticatorTransport>,
}

impl Passkey {
    /// By what it is named in forms and found in the store.
    #[must_use]
    pub fn key(&self) -> PasskeyKey {
        PasskeyKey::of(&self.credential.cred_id)
    }

    /// The id of the credential.
    pub(crate) fn id(&self) -> &[u8] {
        &self.credential.cred_id
    }

    /// Whether it stands alone. That was settled when it was made: somebody who finds a key without a PIN could set one.
    #[must_use]
    pub const fn stands_alone(&self) -> bool {
        self.credential.user_verified
    }

    /// Whether it may be on several devices of its owner.
    #[must_use]
    pub const fn may_be_synced(&self) -> bool {
        self.credential.backup_eligible
    }

    /// Whether it is on several devices, or kept elsewhere, as it said last.
    #[must_use]
    pub const fn is_synced(&self) -> bool {
        self.credential.backup_state
    }

    /// Takes in what it said of itself when it was used. Not, if its counter has not moved since it was last looked at.
    pub(crate) fn take(&mut self, used: &Use, now: Timestamp) -> Result<(), Fault> {
        let known = self.credential.counter;
        let counts = known > 0 || used.counter > 0;
        if counts && used.counter <= known && !self.may_be_synced() {
            return Err(Fault::Counter);
        }
        self.credential.counter = known.max(used.counter);
        self.credential.backup_state = used.is_synced;
        self.used = Some(now);
        Ok(())
    }
}

/// The SHA-256 of the id of a credential: it is of one length, and cannot be confused with what is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PasskeyKey([u8; 32]);

impl PasskeyKey {
    pub(crate) fn of(credential: &[u8]) -> Self {
        Self(bartizan_pki::sha256(credential))
    }
}

impl std::fmt::Display for PasskeyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl std::str::FromStr for PasskeyKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_form| NotAKey)?;
        bytes.try_into().map(Self).map_err(|_length| NotAKey)
    }
}

/// A text names no passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this names no passkey")]
pub struct NotAKey;

/// What a person calls a passkey: one line, and not longer than a list can show.
pub(crate) fn name_of(text: &str) -> Option<String> {
    let line: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let line: String = line.trim().chars().take(MAX_NAME).collect();
    (!line.is_empty()).then_some(line)
}

/// Whose passkey this is, as the authenticator keeps it.
const fn handle(user: &UserId) -> &[u8; 16] {
    user.as_bytes()
}

/// 64 characters: "Security key on the blue lanyard" has 32.
const MAX_NAME: usize = 64;

/// How many passkeys a person may have: a phone, two computers, two keys, and as many again.
pub const MAX_PASSKEYS: usize = 10;

/// 16 KB: what the largest authenticators send is a few; an attestation that nobody asked for may be larger.
pub(crate) const MAX_BROUGHT: usize = 16 * 1024;
