//! What a browser is asked for, as the JSON that its interface takes.

use bartizan_model::UserId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use webauthn_rs_core::proto::{
    AllowCredentials, AttestationConveyancePreference, AuthenticationState, PublicKeyCredentialDescriptor,
    RegistrationState, ResidentKeyRequirement,
};

use super::{Passkey, RelyingParty, Verification, handle};
use crate::attempt::Challenge;
use crate::error::Error;

/// For whom a passkey is made, as their device will show it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Creator<'a> {
    pub(crate) user: UserId,
    pub(crate) login: &'a str,
    pub(crate) display: &'a str,
}

impl RelyingParty {
    /// Asks for a new passkey, on a device that has none of these.
    pub(crate) fn asks_to_create(
        &self,
        who: Creator<'_>,
        others: &[Passkey],
        challenge: &Challenge,
        verification: Verification,
    ) -> Result<Value, Error> {
        let builder = self.core.new_challenge_register_builder(handle(&who.user), who.login, who.display)?;
        let builder = builder
            .attestation(AttestationConveyancePreference::None)
            .user_verification_policy(verification.policy());
        let (mut asked, _) = self.core.generate_challenge_register(builder)?;
        let options = &mut asked.public_key;
        options.challenge = challenge.value.to_vec();
        // The library knows "required" and "discouraged" only. Without a resident key nobody could sign in without
        // saying who they are; but an old security key that has no room for one is a second factor still.
        if let Some(selection) = &mut options.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        let known = |passkey: &Passkey| PublicKeyCredentialDescriptor {
            type_: "public-key".to_owned(),
            id: passkey.credential.cred_id.clone(),
            transports: None,
        };
        options.exclude_credentials = Some(others.iter().map(known).collect());
        Ok(to_json(&asked.public_key))
    }

    /// Asks for a passkey of these, or, if none is named, for any of this host.
    pub(crate) fn asks_to_show(
        &self,
        allowed: Allowed<'_>,
        challenge: &Challenge,
        verification: Verification,
    ) -> Result<Value, Error> {
        let builder =
            self.core.new_challenge_authenticate_builder(Vec::new(), Some(verification.policy()))?;
        let (mut asked, _) = self.core.generate_challenge_authenticate(builder)?;
        let options = &mut asked.public_key;
        options.challenge = challenge.value.to_vec();
        let named =
            |id: Vec<u8>, transports| AllowCredentials { type_: "public-key".to_owned(), id, transports };
        options.allow_credentials = match allowed {
            Allowed::Any => Vec::new(),
            Allowed::These(passkeys) => passkeys
                .iter()
                .map(|passkey| {
                    let transports = Some(passkey.transports.clone()).filter(|list| !list.is_empty());
                    named(passkey.credential.cred_id.clone(), transports)
                })
                .collect(),
            Allowed::Ids(ids) => ids.iter().map(|id| named(id.clone(), None)).collect(),
        };
        Ok(to_json(&asked.public_key))
    }

    /// What the library compares a new passkey with.
    pub(super) fn creating(
        &self,
        challenge: &Challenge,
        verification: Verification,
    ) -> Option<RegistrationState> {
        // Names are not compared; they may only not be empty.
        let builder = self.core.new_challenge_register_builder(&[0], "-", "-").ok()?;
        let builder = builder.user_verification_policy(verification.policy());
        let (_, state) = self.core.generate_challenge_register(builder).ok()?;
        with_challenge(state, challenge)
    }

    /// What the library compares with what a passkey signed.
    pub(super) fn showing(
        &self,
        challenge: &Challenge,
        verification: Verification,
    ) -> Option<AuthenticationState> {
        let builder =
            self.core.new_challenge_authenticate_builder(Vec::new(), Some(verification.policy())).ok()?;
        let (_, state) = self.core.generate_challenge_authenticate(builder).ok()?;
        with_challenge(state, challenge)
    }
}

/// Which passkeys may answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Allowed<'a> {
    /// Whichever the person chooses.
    Any,
    /// One of these.
    These(&'a [Passkey]),
    /// One with an id of these, of which nothing else is told: anybody may ask.
    Ids(&'a [Vec<u8>]),
}

/// The state with our challenge in the place of the library's. Its challenges are random and its states are kept
/// whole, with all passkeys in them: too much for a cookie. So the challenge alone is kept, and the state, in the form in
/// which the library lets it be kept, is made anew around it.
fn with_challenge<S: Serialize + DeserializeOwned>(state: S, challenge: &Challenge) -> Option<S> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let mut form = serde_json::to_value(state).ok()?;
    let text = URL_SAFE_NO_PAD.encode(challenge.value);
    form.as_object_mut()?.insert(String::from("challenge"), Value::String(text))?;
    serde_json::from_value(form).ok()
}

fn to_json<T: Serialize>(options: &T) -> Value {
    // INVARIANT: plain data with string keys always has a JSON form.
    serde_json::to_value(options).unwrap_or_default()
}
