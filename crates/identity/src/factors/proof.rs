//! Proofs: values that exist only because something was checked. There is no other way to one, and none to a copy.

use bartizan_model::UserId;

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
}

impl FirstProof {
    pub(crate) const PASSWORD: &'static str = "pwd";
    pub(crate) const LINK: &'static str = "link";

    /// For a sealed attempt that was opened: it was sealed with a proof in it.
    pub(crate) const fn kept(user: UserId, method: &'static str, generation: u64) -> Self {
        Self { user, method, generation }
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
        Self { user: proof.user, method: Self::PASSWORD, generation: proof.generation }
    }
}

impl From<LinkProof> for FirstProof {
    fn from(proof: LinkProof) -> Self {
        Self { user: proof.user, method: Self::LINK, generation: proof.generation }
    }
}

/// The second factor: a code of the authenticator app, or a recovery code, was right and is used up.
#[derive(Debug)]
#[must_use = "a proof that is not used lets nobody in"]
pub struct SecondProof {
    user: UserId,
    method: &'static str,
    generation: u64,
}

impl SecondProof {
    pub(super) const TOTP: &'static str = "otp";
    pub(super) const RECOVERY: &'static str = "recovery";

    /// For what has just used the code up.
    pub(super) const fn new(user: UserId, method: &'static str, generation: u64) -> Self {
        Self { user, method, generation }
    }

    /// Who.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// By which method (RFC 8176, and `recovery`).
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
