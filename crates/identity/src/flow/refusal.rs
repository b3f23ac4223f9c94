//! Why a step led nowhere, as far as it is told to the person. A page finds the words for it.

use crate::passwords::PasswordProblem;

/// What is wrong with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Login name and password do not belong together, or nobody of that name may sign in.
    Password,
    /// The password that was chosen is not accepted.
    NewPassword(PasswordProblem),
    /// A code proves nothing.
    Code,
    /// A code was used already.
    UsedCode,
    /// A code is not one of the secret that the app was just given.
    FirstCode,
    /// What a passkey showed proves nothing; whyever.
    Passkey,
    /// A new passkey is not taken; whyever.
    NewPasskey,
    /// A person has as many passkeys as one may have.
    TooManyPasskeys,
    /// Without this passkey its owner could not sign in.
    LastWay,
    /// Without this password or app its owner could not sign in.
    LastFactor,
    /// There is no second factor that a password could go with.
    NoSecondFactor,
    /// It is the second factor that the password goes with.
    PasswordAlone,
    /// An identity provider does not say what it would have to; whyever.
    Provider,
    /// Without this identity provider its owner could not sign in.
    LastProvider,
}

/// Why an attempt is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It took too long.
    Late,
    /// A link does nothing any more.
    DeadLink,
    /// What a passkey signed was brought before.
    Answered,
    /// An identity provider did not sign anybody in, or not so that it is believed.
    NotVouchedFor,
    /// Whoever signed in at an identity provider has no account here.
    NoAccount,
    /// An identity provider has asked for one factor, and there is no second one here.
    NoSecondFactor,
    /// The account, or what the attempt was about, is not as it was when it began.
    Changed,
}
