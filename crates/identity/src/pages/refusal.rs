//! Why a step led nowhere, in words.

use std::time::Duration;

use bartizan_ui::{Words, wait};

use crate::flow::{Over, Wrong};
use crate::passkeys::MAX_PASSKEYS;
use crate::passwords::{MAX_CHARS, MIN_CHARS, PasswordProblem};

/// What was wrong with what was typed.
pub(crate) fn wrong(words: Words, wrong: Wrong) -> String {
    let count = |characters: usize| u64::try_from(characters).unwrap_or(u64::MAX).into();
    match wrong {
        Wrong::Password => words.say("wrong-password"),
        Wrong::Code => words.say("wrong-code"),
        Wrong::UsedCode => words.say("used-code"),
        Wrong::FirstCode => words.say("wrong-first-code"),
        Wrong::Passkey => words.say("wrong-passkey"),
        Wrong::NewPasskey => words.say("wrong-new-passkey"),
        Wrong::TooManyPasskeys => words.with("too-many-passkeys", &[("count", count(MAX_PASSKEYS))]),
        Wrong::LastWay => words.say("last-way"),
        Wrong::LastFactor => words.say("last-factor"),
        Wrong::NoSecondFactor => words.say("password-needs-second"),
        Wrong::PasswordAlone => words.say("password-left-alone"),
        Wrong::Provider => words.say("provider-not-now"),
        Wrong::LastProvider => words.say("last-provider"),
        Wrong::NewPassword(PasswordProblem::TooShort) => {
            words.with("password-too-short", &[("count", count(MIN_CHARS))])
        }
        Wrong::NewPassword(PasswordProblem::TooLong) => {
            words.with("password-too-long", &[("count", count(MAX_CHARS))])
        }
        Wrong::NewPassword(PasswordProblem::AboutYou) => words.say("password-about-you"),
        Wrong::NewPassword(PasswordProblem::Guessable) => words.say("password-guessable"),
    }
}

/// Why an attempt is over, and what to do.
pub(crate) fn over(words: Words, over: Over) -> String {
    words.say(match over {
        Over::Late => "took-too-long",
        Over::DeadLink => "dead-link",
        Over::Answered => "passkey-answered",
        Over::NotVouchedFor => "not-vouched-for",
        Over::NoAccount => "no-account-here",
        Over::NoSecondFactor => "no-second-factor",
        Over::Changed => "something-changed",
    })
}

/// What a person reads who has to wait before the next try.
pub(crate) fn too_many(words: Words, left: Duration) -> String {
    words.with("too-many-codes", &[("wait", (&wait(left, words.language())).into())])
}

#[cfg(test)]
mod tests {
    use bartizan_ui::Language;

    use super::*;
    use crate::texts::CATALOG;

    #[test]
    fn who_has_to_wait_is_told_how_long() {
        let left = Duration::from_millis(39_100);
        let said = |language| too_many(CATALOG.words(language), left);
        assert_eq!(said(Language::English), "Too many wrong codes. Try again in 40 seconds.");
        assert_eq!(
            said(Language::German),
            "Zu viele falsche Codes. Warten Sie 40 Sekunden, bevor Sie es erneut versuchen."
        );
    }

    #[test]
    fn a_password_that_is_refused_is_refused_with_its_bounds() {
        let said = |problem| wrong(CATALOG.words(Language::French), Wrong::NewPassword(problem));
        assert_eq!(said(PasswordProblem::TooShort), "Utilisez au moins 8 caractères.");
        assert_eq!(said(PasswordProblem::TooLong), "Utilisez au plus 128 caractères.");
    }
}
