//! What a browser brings: a new passkey, or what a known one signed. Hostile until it is verified.

use bartizan_model::{Timestamp, UserId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationFormat, AuthenticatorTransport, ParsedAttestation, PublicKeyCredential,
    RegisterPublicKeyCredential, UserVerificationPolicy,
};

use super::{Fault, MAX_BROUGHT, Passkey, RelyingParty, Verification, handle};
use crate::attempt::Challenge;

/// What a passkey is said to have signed. Only its form was looked at.
#[derive(Debug)]
pub(crate) struct Shown(PublicKeyCredential);

impl Shown {
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        if text.len() > MAX_BROUGHT {
            return Err(Fault::Form);
        }
        let read: PublicKeyCredential = serde_json::from_str(text).map_err(|_form| Fault::Form)?;
        let is_one = read.type_ == "public-key" && read.raw_id.len() <= MAX_CREDENTIAL_ID;
        is_one.then_some(Self(read)).ok_or(Fault::Form)
    }

    /// The credential that it names.
    pub(crate) fn credential(&self) -> &[u8] {
        &self.0.raw_id
    }
}

/// What a passkey said of itself when it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) counter: u32,
    pub(crate) is_synced: bool,
    /// Whether it stood alone: it does by itself, and has just seen its owner.
    pub(crate) stood_alone: bool,
}

impl RelyingParty {
    /// A new passkey, if this is an answer to the challenge.
    pub(crate) fn created(
        &self,
        text: &str,
        challenge: &Challenge,
        verification: Verification,
        name: String,
        now: Timestamp,
    ) -> Result<Passkey, Fault> {
        if text.len() > MAX_BROUGHT {
            return Err(Fault::Form);
        }
        let read: RegisterPublicKeyCredential = serde_json::from_str(text).map_err(|_form| Fault::Form)?;
        let state = self.creating(challenge, verification).ok_or(Fault::Form)?;
        let mut credential = self.core.register_credential(&read, &state, None).map_err(|why| fault(&why))?;
        // Web Authentication, 7.1: an id is at most 1023 bytes. That outside has to be the one that was signed for.
        let is_one = read.type_ == "public-key"
            && credential.cred_id == read.raw_id
            && !credential.cred_id.is_empty()
            && credential.cred_id.len() <= MAX_CREDENTIAL_ID;
        if !is_one {
            return Err(Fault::Form);
        }
        // Nobody asked who made the authenticator, so nothing of it is kept.
        credential.attestation = ParsedAttestation::default();
        credential.attestation_format = AttestationFormat::None;
        let mut transports = read.response.transports.unwrap_or_default();
        transports.retain(|transport| *transport != AuthenticatorTransport::Unknown);
        transports.truncate(MAX_TRANSPORTS);
        Ok(Passkey { credential, name, made: now, used: None, transports })
    }

    /// What this passkey of this person said of itself, if it signed the challenge.
    pub(crate) fn shown(
        &self,
        Shown(read): &Shown,
        challenge: &Challenge,
        (user, passkey): (UserId, &Passkey),
        verification: Verification,
    ) -> Result<Use, Fault> {
        if read.response.user_handle.as_ref().is_some_and(|whose| whose.as_slice() != handle(&user)) {
            return Err(Fault::Mismatch);
        }
        // The library looks at this where a passkey is made, and not where one is used.
        let seen: Seen =
            serde_json::from_slice(&read.response.client_data_json).map_err(|_form| Fault::Form)?;
        if seen.cross_origin || seen.top_origin.is_some() {
            return Err(Fault::Origin);
        }
        let state = self.showing(challenge, verification).ok_or(Fault::Form)?;
        let mut known = passkey.credential.clone();
        // What is required depends on what the passkey is used for, not on what it was once made for.
        known.registration_policy = match verification {
            Verification::Required => UserVerificationPolicy::Required,
            Verification::Preferred => UserVerificationPolicy::Discouraged_DO_NOT_USE,
        };
        // Copies of a passkey that is on several devices count for themselves, or not at all: nothing follows from it.
        if known.backup_eligible {
            known.counter = 0;
        }
        let result =
            self.core.authenticate_single_credential(read, &state, &known).map_err(|why| fault(&why))?;
        if verification == Verification::Required && !passkey.stands_alone() {
            return Err(Fault::Unverified);
        }
        Ok(Use {
            counter: result.counter(),
            is_synced: result.backup_state(),
            stood_alone: passkey.stands_alone() && result.user_verified(),
        })
    }
}

/// What the browser saw around the page (Web Authentication, 5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<IgnoredAny>,
}

/// What the library says, as far as it makes a difference to who reads the record.
fn fault(error: &WebauthnError) -> Fault {
    match error {
        WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => Fault::Origin,
        WebauthnError::InvalidRPIDHash => Fault::Host,
        WebauthnError::MismatchedChallenge => Fault::Challenge,
        WebauthnError::UserNotPresent | WebauthnError::UserNotVerified => Fault::Unverified,
        WebauthnError::CredentialPossibleCompromise => Fault::Counter,
        WebauthnError::AuthenticationFailure
        | WebauthnError::SignatureInvalid
        | WebauthnError::CredentialNotFound
        | WebauthnError::CredentialMayNotBeHardwareBound
        | WebauthnError::CredentialBackupEligibilityInconsistent
        | WebauthnError::CredentialAlteredAlgFromRequest => Fault::Mismatch,
        // All the rest is about the form, of which there are eighty ways to be wrong.
        _ => Fault::Form,
    }
}

const MAX_CREDENTIAL_ID: usize = 1023;

/// There are six.
const MAX_TRANSPORTS: usize = 8;
