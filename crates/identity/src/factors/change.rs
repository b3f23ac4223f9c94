//! What a person has is changed later: a password or an app is set, put in the place of another, or taken away; a passkey is
//! taken away. This is the one place where that is done, and where it is said what is refused:
//!
//! - what would leave its owner without a way to a strong session, here or at identity providers (see [`Elsewhere`]);
//! - a password without a second factor beside it. Nothing begins by a password alone, and it is on that ground that eight
//!   characters are enough (see [`passwords`](crate::passwords)).
//!
//! The generation moves when something is put in the place of another or taken away, and not when something is added: see
//! [`Enrolled`](super::Enrolled).

use std::collections::BTreeSet;

use bartizan_model::{Secret, Timestamp, UserId};
use bartizan_store::ChangeSet;

use super::Factors;
use super::stored::Current;
use crate::error::Error;
use crate::passkeys::{Passkey, PasskeyKey};
use crate::totp::{TotpSecret, TotpStep};

/// What is to become of somebody's factors.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    /// This password, in its stored form, in the place of the one that there may be.
    SetPassword(&'a Secret<String>),
    /// No password any more.
    RemovePassword,
    /// An app with this secret, whose code of this step was right, in the place of the one that there may be.
    SetApp(&'a TotpSecret, TotpStep),
    /// No app any more.
    RemoveApp,
    /// This passkey no more.
    RemovePasskey(PasskeyKey),
}

/// What a change does, once it is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing: it is so already.
    None,
    /// There is something that was not there.
    Added,
    /// Something is gone, or another is in its place: what was proved before counts no more.
    Replaced,
}

/// Why factors are left as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotChanged {
    /// The person could not sign in any more.
    LastWay,
    /// A password would be set, and there would be no second factor beside it.
    NoSecondFactor,
    /// A password would be left, and no second factor beside it.
    PasswordAlone,
    /// The person has nothing that could be changed.
    NoFactors,
}

/// What a person can prove at the identity providers with which they are linked; the most, of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Elsewhere {
    /// Nothing: they are linked with none.
    Nothing,
    /// One factor, with which a second one here is a way to a strong session.
    OneFactor,
    /// Two, which are one.
    TwoFactors,
}

/// What would not be refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Permitted {
    /// To set a password, or another.
    pub(crate) set_password: bool,
    /// To take the password away.
    pub(crate) remove_password: bool,
    /// To take the app away.
    pub(crate) remove_app: bool,
    /// To take these passkeys away.
    pub(crate) remove_passkeys: BTreeSet<PasskeyKey>,
}

impl Factors {
    /// Adds the writes by which somebody's factors change, and says what that does; or why it may not be. What would do
    /// nothing adds no writes. The writes expect the factors as they were read: whoever is refused them looks again.
    pub(crate) async fn prepare(
        &self,
        user: UserId,
        change: Change<'_>,
        elsewhere: Elsewhere,
        set: &mut ChangeSet,
    ) -> Result<Result<Effect, NotChanged>, Error> {
        let Some(mut current) = self.current(user).await? else {
            return Ok(match change {
                Change::SetPassword(_) | Change::SetApp(..) => Err(NotChanged::NoFactors),
                Change::RemovePassword | Change::RemoveApp | Change::RemovePasskey(_) => Ok(Effect::None),
            });
        };
        if let Err(refusal) = Has::of(&current).after(change, elsewhere) {
            return Ok(Err(refusal));
        }
        let effect = current.apply(change, self.clock.now());
        match effect {
            Effect::None => return Ok(Ok(effect)),
            Effect::Added => {}
            Effect::Replaced => current.move_generation(),
        }
        set.writes.push(current.spec.write(user, current.expect, &current.secrets.passkeys));
        set.secrets.push(current.secrets.write(user));
        Ok(Ok(effect))
    }

    /// What of a person's factors could be changed now: nothing else is to be offered.
    pub(crate) async fn permitted(&self, user: UserId, elsewhere: Elsewhere) -> Result<Permitted, Error> {
        let Some(current) = self.current(user).await? else { return Ok(Permitted::default()) };
        let has = Has::of(&current);
        let may = |change| has.after(change, elsewhere).is_ok();
        let keys = current.secrets.passkeys.iter().map(Passkey::key);
        Ok(Permitted {
            set_password: has.second_factor(),
            remove_password: has.password && may(Change::RemovePassword),
            remove_app: has.app && may(Change::RemoveApp),
            remove_passkeys: keys.filter(|key| may(Change::RemovePasskey(*key))).collect(),
        })
    }

    /// Whether a person's factors are a way to a strong session, beside what they can prove elsewhere.
    pub(crate) async fn have_a_way(&self, user: UserId, elsewhere: Elsewhere) -> Result<bool, Error> {
        let current = self.current(user).await?;
        let has = current.as_ref().map(Has::of).unwrap_or_default();
        Ok(has.a_way(elsewhere))
    }
}

impl Current {
    fn apply(&mut self, change: Change<'_>, now: Timestamp) -> Effect {
        let (spec, secrets) = (&mut self.spec, &mut self.secrets);
        match change {
            Change::SetPassword(password) => {
                spec.password_set = Some(now);
                effect_of_setting(secrets.password.replace(password.clone()).is_some())
            }
            Change::RemovePassword => {
                spec.password_set = None;
                effect_of_removing(secrets.password.take().is_some())
            }
            // What is brought again, as by a button that was pressed twice, must not make a used code a new one.
            Change::SetApp(totp, _)
                if secrets.totp.as_ref().is_some_and(|there| there.to_bytes() == totp.to_bytes()) =>
            {
                Effect::None
            }
            Change::SetApp(totp, step) => {
                (spec.totp_enrolled, spec.totp_step) = (Some(now), step.number());
                effect_of_setting(secrets.totp.replace(totp.clone()).is_some())
            }
            Change::RemoveApp => {
                (spec.totp_enrolled, spec.totp_step) = (None, i64::MIN);
                effect_of_removing(secrets.totp.take().is_some())
            }
            Change::RemovePasskey(key) => {
                let before = secrets.passkeys.len();
                secrets.passkeys.retain(|passkey| passkey.key() != key);
                let removed = secrets.passkeys.len() < before;
                self.count();
                effect_of_removing(removed)
            }
        }
    }

    /// Writes down how many passkeys there are.
    pub(super) fn count(&mut self) {
        self.spec.passkeys = u8::try_from(self.secrets.passkeys.len()).unwrap_or(u8::MAX);
    }

    fn move_generation(&mut self) {
        self.spec.generation = self.spec.generation.wrapping_add(1);
        self.secrets.generation = self.spec.generation;
    }
}

const fn effect_of_setting(there_was_one: bool) -> Effect {
    if there_was_one { Effect::Replaced } else { Effect::Added }
}

const fn effect_of_removing(there_was_one: bool) -> Effect {
    if there_was_one { Effect::Replaced } else { Effect::None }
}

/// What there is, as far as ways to a session depend on it.
#[derive(Debug, Clone, Default)]
struct Has {
    password: bool,
    app: bool,
    /// Each passkey, and whether it stands alone.
    passkeys: Vec<(PasskeyKey, bool)>,
}

impl Has {
    fn of(current: &Current) -> Self {
        let secrets = &current.secrets;
        let passkeys = secrets.passkeys.iter().map(|passkey| (passkey.key(), passkey.stands_alone()));
        Self {
            password: secrets.password.is_some(),
            app: secrets.totp.is_some(),
            passkeys: passkeys.collect(),
        }
    }

    /// Whether a change may be made of this.
    fn after(&self, change: Change<'_>, elsewhere: Elsewhere) -> Result<(), NotChanged> {
        let mut after = self.clone();
        match change {
            Change::SetPassword(_) if self.second_factor() => return Ok(()),
            Change::SetPassword(_) => return Err(NotChanged::NoSecondFactor),
            Change::SetApp(..) => return Ok(()),
            Change::RemovePassword => after.password = false,
            Change::RemoveApp => after.app = false,
            Change::RemovePasskey(gone) => after.passkeys.retain(|(key, _)| *key != gone),
        }
        if !after.a_way(elsewhere) {
            return Err(NotChanged::LastWay);
        }
        if after.password && !after.second_factor() {
            return Err(NotChanged::PasswordAlone);
        }
        Ok(())
    }

    /// A second factor that is always there. Recovery codes are not: they are used up.
    fn second_factor(&self) -> bool {
        self.app || !self.passkeys.is_empty()
    }

    fn a_way(&self, elsewhere: Elsewhere) -> bool {
        let first = self.password || elsewhere >= Elsewhere::OneFactor;
        let alone = self.passkeys.iter().any(|(_, stands_alone)| *stands_alone);
        alone || elsewhere == Elsewhere::TwoFactors || (first && self.second_factor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> PasskeyKey {
        PasskeyKey::of(b"a credential")
    }

    fn has(password: bool, app: bool, passkeys: &[bool]) -> Has {
        Has { password, app, passkeys: passkeys.iter().map(|alone| (key(), *alone)).collect() }
    }

    #[test]
    fn nobody_is_left_without_a_way_nor_with_a_password_alone() {
        use Change::{RemoveApp, RemovePasskey, RemovePassword};
        use Elsewhere::{Nothing, OneFactor, TwoFactors};
        use NotChanged::{LastWay, PasswordAlone};
        for (before, change, elsewhere, expected) in [
            (has(true, true, &[]), RemovePassword, Nothing, Err(LastWay)),
            (has(true, true, &[]), RemoveApp, Nothing, Err(LastWay)),
            (has(true, true, &[false]), RemoveApp, Nothing, Ok(())),
            (has(true, true, &[false]), RemovePassword, Nothing, Err(LastWay)),
            (has(true, true, &[true]), RemovePassword, Nothing, Ok(())),
            (has(true, true, &[true]), RemovePasskey(key()), Nothing, Ok(())),
            (has(true, false, &[true]), RemovePasskey(key()), Nothing, Err(LastWay)),
            (has(false, false, &[true]), RemovePasskey(key()), Nothing, Err(LastWay)),
            (has(false, true, &[true]), RemovePasskey(key()), Nothing, Err(LastWay)),
            // One factor elsewhere is as good as a password.
            (has(true, true, &[]), RemovePassword, OneFactor, Ok(())),
            (has(true, true, &[]), RemoveApp, OneFactor, Err(LastWay)),
            (has(false, true, &[true]), RemovePasskey(key()), OneFactor, Ok(())),
            // Two are a way; but then no password stays here that no second factor goes with.
            (has(true, true, &[]), RemovePassword, TwoFactors, Ok(())),
            (has(true, true, &[]), RemoveApp, TwoFactors, Err(PasswordAlone)),
            (has(true, false, &[true]), RemovePasskey(key()), TwoFactors, Err(PasswordAlone)),
            (has(false, true, &[]), RemoveApp, TwoFactors, Ok(())),
            (has(false, false, &[true]), RemovePasskey(key()), TwoFactors, Ok(())),
        ] {
            assert_eq!(before.after(change, elsewhere), expected, "{before:?} {change:?} {elsewhere:?}");
        }
    }

    #[test]
    fn a_password_is_set_beside_a_second_factor_only() {
        let password = Secret::new(String::from("$argon2id$"));
        let change = Change::SetPassword(&password);
        for elsewhere in [Elsewhere::Nothing, Elsewhere::OneFactor, Elsewhere::TwoFactors] {
            let refused = has(false, false, &[]).after(change, elsewhere);
            assert_eq!(refused, Err(NotChanged::NoSecondFactor), "{elsewhere:?}");
            assert_eq!(has(false, true, &[]).after(change, elsewhere), Ok(()));
            assert_eq!(has(false, false, &[false]).after(change, elsewhere), Ok(()));
        }
    }
}
