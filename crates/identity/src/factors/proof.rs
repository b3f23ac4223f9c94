//! Proofs: values that exist only because something was checked. There is no other way to one, and none to a copy.

use std::collections::BTreeSet;

use bartizan_model::{Timestamp, UserId};

use crate::error::Error;
use crate::federation::said::{FEDERATED, Said, SignedInBy};
use crate::passkeys::{Passkey, PasskeyKey, Use};

/// A password was right.
#[derive(Debug)]
#[must_use = "a proof that is not used lets nobody in"]
pub struct PasswordProof {
    user: UserId,
    generation: u64,
}

impl PasswordProof {
    /// For what has just compared the password, or has just set it.
    pub(super) const fn new(user: UserId, generation: u64) -> Self {
        Self { user, generation }
    }

    /// Whose password.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }
}

/// A sign-in link was spent.
#[derive(Debug)]
#[must_use = "a proof that is not used lets nobody in"]
pub struct LinkProof {
    user: UserId,
    generation: u64,
}

impl LinkProof {
    /// For what has just spent the link of this person.
    pub(crate) const fn new(user: UserId, generation: u64) -> Self {
        Self { user, generation }
    }
}

/// The first of two factors.
#[derive(Debug)]
#[must_use = "a proof that is not used lets nobody in"]
pub struct FirstProof {
    user: UserId,
    method: &'static str,
    generation: u64,
    by: Option<SignedInBy>,
}

impl FirstProof {
    pub(crate) const PASSWORD: &'static str = "pwd";
    pub(crate) const LINK: &'static str = "link";
    pub(crate) const PROVIDER: &'static str = FEDERATED;

    /// For a sealed attempt that was opened: it was sealed with a proof in it.
    pub(crate) const fn kept(
        user: UserId,
        method: &'static str,
        generation: u64,
        by: Option<SignedInBy>,
    ) -> Self {
        Self { user, method, generation, by }
    }

    /// By which provider, if it was one.
    pub(crate) const fn by(&self) -> Option<&SignedInBy> {
        self.by.as_ref()
    }

    /// Who.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// By which method (RFC 8176, and `link`).
    #[must_use]
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// With which of their factors.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }
}

impl From<PasswordProof> for FirstProof {
    fn from(proof: PasswordProof) -> Self {
        Self { user: proof.user, method: Self::PASSWORD, generation: proof.generation, by: None }
    }
}

impl From<LinkProof> for FirstProof {
    fn from(proof: LinkProof) -> Self {
        Self { user: proof.user, method: Self::LINK, generation: proof.generation, by: None }
    }
}

/// An identity provider said who it is, and that is linked with this person.
#[derive(Debug)]
#[must_use = "a proof that is not used lets nobody in"]
pub(crate) struct ProviderProof {
    user: UserId,
    generation: u64,
    amr: BTreeSet<String>,
    is_strong: bool,
    signed_in: Option<Timestamp>,
    by: SignedInBy,
    marker: [u8; 32],
}

impl ProviderProof {
    /// For what has just found whose account it is.
    pub(crate) fn new(user: UserId, generation: u64, said: &Said) -> Self {
        Self {
            user,
            generation,
            amr: said.amr(),
            is_strong: said.is_strong(),
            signed_in: said.signed_in(),
            by: said.by(),
            marker: said.marker(),
        }
    }

    /// Whether it is enough for a session.
    pub(crate) const fn is_strong(&self) -> bool {
        self.is_strong
    }
}

impl From<ProviderProof> for FirstProof {
    fn from(proof: ProviderProof) -> Self {
        let (user, generation, by) = (proof.user, proof.generation, Some(proof.by));
        Self { user, method: Self::PROVIDER, generation, by }
    }
}

/// The second factor: a code of the authenticator app, or a recovery code, was right and is used up; or a passkey was used,
/// which is written down along with what it permits.
#[derive(Debug)]
#[must_use = "a proof that is not used lets nobody in"]
pub struct SecondProof {
    user: UserId,
    methods: &'static [&'static str],
    generation: u64,
    used: Option<PasskeyUse>,
}

impl SecondProof {
    pub(super) const TOTP: &'static [&'static str] = &["otp"];
    pub(super) const RECOVERY: &'static [&'static str] = &["recovery"];
    const PROVIDER: &'static [&'static str] = &[FEDERATED];

    /// The word of a provider that has just asked for two factors.
    pub(crate) fn of_provider(proof: &ProviderProof) -> Option<Self> {
        let (user, generation) = (proof.user, proof.generation);
        proof.is_strong.then_some(Self { user, methods: Self::PROVIDER, generation, used: None })
    }

    /// For what has just used the code up.
    pub(super) const fn new(user: UserId, methods: &'static [&'static str], generation: u64) -> Self {
        Self { user, methods, generation, used: None }
    }

    /// Who.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// By which methods (RFC 8176, and `recovery`).
    #[must_use]
    pub const fn methods(&self) -> &'static [&'static str] {
        self.methods
    }

    /// With which of their factors.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// What has to be committed along with what this permits.
    pub(crate) const fn used(&self) -> Option<&PasskeyUse> {
        self.used.as_ref()
    }
}

/// A passkey signed a challenge of ours. As a second factor that is enough; alone it is if it saw its owner.
#[derive(Debug)]
#[must_use = "a proof that is not used lets nobody in"]
pub struct PasskeyProof {
    user: UserId,
    generation: u64,
    stands_alone: bool,
    methods: &'static [&'static str],
    used: Option<PasskeyUse>,
}

/// Which passkey was used and for which challenge: each is good for one use.
#[derive(Debug, Clone)]
pub(crate) struct PasskeyUse {
    pub(crate) user: UserId,
    pub(crate) key: PasskeyKey,
    pub(crate) challenge: [u8; 32],
    pub(crate) said: Use,
}

impl PasskeyProof {
    /// For what has just verified the signature.
    pub(super) const fn new(passkey: &Passkey, used: PasskeyUse, generation: u64) -> Self {
        let (user, stands_alone) = (used.user, used.said.stood_alone);
        Self { user, generation, stands_alone, methods: methods(passkey), used: Some(used) }
    }

    /// For what has just verified that it was made, and commits that.
    pub(super) const fn of_new(user: UserId, passkey: &Passkey, generation: u64) -> Self {
        let stands_alone = passkey.stands_alone();
        Self { user, generation, stands_alone, methods: methods(passkey), used: None }
    }

    /// Who.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// As the second of two factors.
    pub(crate) fn second(self) -> SecondProof {
        SecondProof { user: self.user, methods: self.methods, generation: self.generation, used: self.used }
    }
}

/// RFC 8176: a key in hardware or one that software moves about, and that somebody was present.
const fn methods(passkey: &Passkey) -> &'static [&'static str] {
    if passkey.may_be_synced() { &["swk", "user"] } else { &["hwk", "user"] }
}

/// Enough for a session: two factors, or a passkey that saw its owner.
#[derive(Debug)]
#[must_use = "a proof that is not used lets nobody in"]
pub(crate) struct StrongProof {
    user: UserId,
    amr: BTreeSet<String>,
    generation: u64,
    used: Option<PasskeyUse>,
    is_passkey: bool,
    there: Option<There>,
    by: Option<SignedInBy>,
}

/// What is known of a sign-in that took place elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct There {
    /// When it was, as far as the provider says.
    pub(crate) signed_in: Option<Timestamp>,
    /// What it is known by, so that it counts once.
    pub(crate) marker: [u8; 32],
}

impl StrongProof {
    /// Two factors of one person, of the same generation.
    pub(crate) fn of_two(first: &FirstProof, second: SecondProof) -> Result<Self, Error> {
        if second.user != first.user || second.generation != first.generation {
            return Err(Error::Proofs);
        }
        let amr = [first.method].iter().chain(second.methods).map(|method| (*method).to_owned()).collect();
        let (user, generation, by) = (first.user, first.generation, first.by.clone());
        Ok(Self { user, amr, generation, used: second.used, is_passkey: false, there: None, by })
    }

    /// The word of a provider that has asked for two factors.
    pub(crate) fn of_provider(proof: ProviderProof) -> Result<Self, Error> {
        if !proof.is_strong {
            return Err(Error::Proofs);
        }
        let ProviderProof { user, generation, amr, signed_in, by, marker, .. } = proof;
        let there = Some(There { signed_in, marker });
        Ok(Self { user, amr, generation, used: None, is_passkey: false, there, by: Some(by) })
    }

    /// A passkey alone.
    pub(crate) fn of_passkey(proof: PasskeyProof) -> Result<Self, Error> {
        if !proof.stands_alone {
            return Err(Error::Proofs);
        }
        let amr = proof.methods.iter().map(|method| (*method).to_owned()).collect();
        let (user, generation, used) = (proof.user, proof.generation, proof.used);
        Ok(Self { user, amr, generation, used, is_passkey: true, there: None, by: None })
    }

    pub(crate) const fn user(&self) -> UserId {
        self.user
    }

    pub(crate) const fn amr(&self) -> &BTreeSet<String> {
        &self.amr
    }

    pub(crate) const fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether it is a passkey alone.
    pub(crate) const fn is_passkey(&self) -> bool {
        self.is_passkey
    }

    /// What has to be committed along with the session.
    pub(crate) const fn used(&self) -> Option<&PasskeyUse> {
        self.used.as_ref()
    }

    /// What is known of it, if it took place elsewhere.
    pub(crate) const fn there(&self) -> Option<There> {
        self.there
    }

    /// By which provider, if one had a part in it.
    pub(crate) const fn by(&self) -> Option<&SignedInBy> {
        self.by.as_ref()
    }
}
