//! Enrolling factors: a password that is acceptable, and an app that shows the right code.

use bartizan_model::{Entropy, ObjectKind, Secret, UserId};
use bartizan_store::{ChangeSet, Expect};

use super::Factors;
use super::proof::{PasskeyProof, PasswordProof, SecondProof};
use super::stored::{FactorSecrets, FactorsSpec, read_spec};
use crate::error::Error;
use crate::passkeys::Passkey;
use crate::passwords::PasswordProblem;
use crate::recovery::RecoveryCodes;
use crate::totp::{TotpCheck, TotpSecret, TotpStep};

/// What a person chose and showed.
#[derive(Debug)]
pub struct Enrolment {
    /// The password.
    pub password: Secret<String>,
    /// Texts that others know of them: login, names, organisation.
    pub about: Vec<String>,
    /// The secret that their app was given.
    pub totp_secret: TotpSecret,
    /// The code that it shows. It is used up by this.
    pub first_code: Secret<String>,
}

/// Why nothing was enrolled, for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnrolProblem {
    /// The password is not accepted.
    #[error(transparent)]
    Password(#[from] PasswordProblem),
    /// The app does not show the right code.
    #[error(
        "This is not the code that the app should show. Look at the clock of your phone, and type the newest code."
    )]
    FirstCode,
}

/// Factors that are in force now, and the proofs that come with having set them.
#[derive(Debug)]
pub struct NewFactors {
    /// The recovery codes, to be shown once.
    pub codes: RecoveryCodes,
    /// That the person knows the password.
    pub password: PasswordProof,
    /// That their app shows the right code.
    pub totp: SecondProof,
}

/// A password that was found acceptable, in its stored form, with a secret for an app.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) password: Secret<String>,
    pub(crate) totp: TotpSecret,
}

impl Factors {
    /// The generation of a person's factors. Who signs in elsewhere may have none: then that is written down, so that what
    /// they prove hangs on it as anybody's does.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`].
    pub(crate) async fn generation_or_none(&self, user: UserId) -> Result<u64, Error> {
        for _ in 0..super::TRIES {
            if let Some(enrolled) = self.enrolled(user).await? {
                return Ok(enrolled.generation);
            }
            let generation = first_generation(self.entropy.as_ref());
            let spec = FactorsSpec {
                password_set: None,
                totp_enrolled: None,
                totp_step: 0,
                recovery_left: 0,
                passkeys: 0,
                generation,
            };
            let secrets = FactorSecrets {
                generation,
                password: None,
                totp: None,
                recovery: Vec::new(),
                spent: Vec::new(),
                passkeys: Vec::new(),
            };
            let mut change = ChangeSet::new(user.to_string(), self.clock.now());
            change.writes.push(spec.write(user, Expect::Absent, &[]));
            change.secrets.push(secrets.write(user));
            if self.committed(change).await? {
                return Ok(generation);
            }
        }
        Err(Error::Busy)
    }

    /// Gives a person a password, an authenticator app and recovery codes, in the place of all that they had.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`].
    pub async fn enrol(
        &self,
        user: UserId,
        enrolment: Enrolment,
        author: &str,
    ) -> Result<Result<NewFactors, EnrolProblem>, Error> {
        let password = match self.choose_password(&enrolment.password, enrolment.about).await? {
            Ok(password) => password,
            Err(problem) => return Ok(Err(problem.into())),
        };
        let chosen = Chosen { password, totp: enrolment.totp_secret };
        let Some(step) = self.first_step(&chosen.totp, &enrolment.first_code) else {
            return Ok(Err(EnrolProblem::FirstCode));
        };
        for _ in 0..super::TRIES {
            let mut change = ChangeSet::new(author, self.clock.now());
            let new = self.put_new(user, &chosen, step, &mut change).await?;
            if self.committed(change).await? {
                return Ok(Ok(new));
            }
        }
        Err(Error::Busy)
    }

    /// The stored form of a password, if it is acceptable.
    pub(crate) async fn choose_password(
        &self,
        password: &Secret<String>,
        about: Vec<String>,
    ) -> Result<Result<Secret<String>, PasswordProblem>, Error> {
        self.passwords.choose(password, about).await
    }

    /// A secret for an app.
    pub(crate) fn new_totp(&self) -> TotpSecret {
        TotpSecret::generate(self.entropy.as_ref())
    }

    /// The step of the first code that an app shows, if it is right.
    pub(crate) fn first_step(&self, totp: &TotpSecret, code: &Secret<String>) -> Option<TotpStep> {
        match totp.check(code, self.clock.now(), TotpStep::from_number(i64::MIN)) {
            TotpCheck::Right(step) => Some(step),
            TotpCheck::Used | TotpCheck::Wrong => None,
        }
    }

    /// Adds the writes that put new factors in the place of the old. What it returns is true once `change` is
    /// committed.
    pub(crate) async fn put_new(
        &self,
        user: UserId,
        chosen: &Chosen,
        step: TotpStep,
        change: &mut ChangeSet,
    ) -> Result<NewFactors, Error> {
        let now = self.clock.now();
        let (generation, expect) = self.next_generation(user).await?;
        let (codes, recovery) = RecoveryCodes::generate(self.entropy.as_ref());
        let spec = FactorsSpec {
            password_set: Some(now),
            totp_enrolled: Some(now),
            totp_step: step.number(),
            recovery_left: u8::try_from(recovery.len()).unwrap_or(u8::MAX),
            passkeys: 0,
            generation,
        };
        let secrets = FactorSecrets {
            generation,
            password: Some(chosen.password.clone()),
            totp: Some(chosen.totp.clone()),
            recovery,
            spent: Vec::new(),
            passkeys: Vec::new(),
        };
        change.writes.push(spec.write(user, expect, &secrets.passkeys));
        change.secrets.push(secrets.write(user));
        Ok(NewFactors {
            codes,
            password: PasswordProof::new(user, generation),
            totp: SecondProof::new(user, SecondProof::TOTP, generation),
        })
    }

    /// The same with a passkey alone, which has just been made on the person's device.
    pub(crate) async fn put_passkey(
        &self,
        user: UserId,
        passkey: &Passkey,
        change: &mut ChangeSet,
    ) -> Result<FirstPasskey, Error> {
        let (generation, expect) = self.next_generation(user).await?;
        let (codes, recovery) = RecoveryCodes::generate(self.entropy.as_ref());
        let spec = FactorsSpec {
            password_set: None,
            totp_enrolled: None,
            totp_step: i64::MIN,
            recovery_left: u8::try_from(recovery.len()).unwrap_or(u8::MAX),
            passkeys: 1,
            generation,
        };
        let passkeys = vec![passkey.clone()];
        let secrets =
            FactorSecrets { generation, password: None, totp: None, recovery, spent: Vec::new(), passkeys };
        change.writes.push(spec.write(user, expect, &secrets.passkeys));
        change.secrets.push(secrets.write(user));
        Ok(FirstPasskey { codes, proof: PasskeyProof::of_new(user, passkey, generation) })
    }

    /// The generation that comes after that of the factors as they are, and what these are expected to be.
    async fn next_generation(&self, user: UserId) -> Result<(u64, Expect), Error> {
        Ok(match self.store.get(ObjectKind::Factors, &user.to_string()).await? {
            Some(object) => {
                (read_spec(&object)?.generation.wrapping_add(1), Expect::Revision(object.revision))
            }
            None => (first_generation(self.entropy.as_ref()), Expect::Absent),
        })
    }
}

/// Factors of which a passkey is the first, and the proof that comes with having made it.
#[derive(Debug)]
pub(crate) struct FirstPasskey {
    /// The recovery codes, to be shown once.
    pub(crate) codes: RecoveryCodes,
    /// That the person has it.
    pub(crate) proof: PasskeyProof,
}

/// Random, so that factors which were removed and made anew are not taken for the old; then counted on.
fn first_generation(entropy: &dyn Entropy) -> u64 {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    // Of 53 bits, which every reader of JSON reads exactly.
    u64::from_be_bytes(bytes) >> 11
}
