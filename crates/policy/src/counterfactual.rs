//! What if: changes of the circumstances that would make a denial another answer, for its reason.

use std::borrow::Cow;

use bartizan_model::AuthLevel;

use crate::context::Circumstances;
use crate::reads::{Attribute, Reads};

/// The methods that a strong sign-in of ours adds (RFC 8176).
pub(crate) const STRONG_METHODS: [&str; 2] = ["otp", "pwd"];

/// A change of the circumstances, all else being equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// The person has just signed in with two factors.
    StepUp,
    /// Nothing speaks against the person.
    Calm,
    /// The device is all that can be asked of one.
    Trust,
}

impl Change {
    /// The attributes whose values it changes.
    pub(crate) const fn touches(self) -> Reads {
        match self {
            Self::StepUp => Reads::of(&[Attribute::Level, Attribute::Age, Attribute::MfaAge, Attribute::Amr]),
            Self::Calm => Reads::of(&[Attribute::Risk]),
            Self::Trust => Reads::of(&[Attribute::Known, Attribute::Compliant, Attribute::Managed]),
        }
    }

    /// The circumstances with this change.
    pub(crate) fn apply<'a>(self, circumstances: &Circumstances<'a>) -> Circumstances<'a> {
        let mut changed = circumstances.clone();
        match self {
            Self::StepUp => {
                changed.level = AuthLevel::Strong;
                changed.age = 0;
                changed.mfa_age = 0;
                let mut amr = changed.amr.into_owned();
                amr.extend(STRONG_METHODS.map(String::from));
                changed.amr = Cow::Owned(amr);
            }
            Self::Calm => changed.risk = 0,
            Self::Trust => (changed.known, changed.compliant, changed.managed) = (true, true, true),
        }
        changed
    }
}
