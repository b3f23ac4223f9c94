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
    /// The account, or what the attempt was about, is not as it was when it began.
    Changed,
}
