//! What a person can prove: a password, the codes of an authenticator app, recovery codes, passkeys. None of them is a must,
//! but who may sign in always has a way to a strong session: a passkey that stands alone, or a password with an app or with a
//! passkey of any kind, or an identity provider of somebody else, with one of them if it asks for one factor only. Recovery
//! codes are no such way, since they are used up. What would take the last way away is refused: see [`change`].
//!
//! An object of kind `factors` says which of them there are and how far they are used up; the secrets are one secret of
//! the store beside it, written in the same set. Every change expects the revision that was read, so that of two who
//! bring the same code at once exactly one is right.

mod change;
mod enrol;
mod passkeys;
mod proof;
mod stored;

use std::sync::Arc;

use bartizan_model::{Clock, Entropy, ObjectKind, Secret, Timestamp, UserId};
use bartizan_store::{ChangeSet, Expect, SecretWrite, Store, Write};

pub use change::NotChanged;
pub(crate) use change::{Change, Effect, Elsewhere, Permitted};
pub(crate) use enrol::Chosen;
pub use enrol::{EnrolProblem, Enrolment, NewFactors};
pub(crate) use passkeys::Known;
pub use passkeys::NotAdded;
pub use proof::{FirstProof, LinkProof, PasskeyProof, PasswordProof, SecondProof};
pub(crate) use proof::{ProviderProof, StrongProof};
use stored::Current;
pub(crate) use stored::{FactorSecrets, factor_secrets};

use crate::error::Error;
use crate::passwords::{Checked, Passwords};
use crate::recovery::{RecoveryCodes, RecoveryDigest};
use crate::totp::{TotpCheck, TotpStep};

/// Which factors a person has. Nothing in it is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    /// When the password was set, if there is one.
    pub password_set: Option<Timestamp>,
    /// When the authenticator app was enrolled, if there is one.
    pub totp_enrolled: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_left: u8,
    /// How many passkeys there are.
    pub passkeys: u8,
    /// Another number whenever what was proved before must count no more: when a factor is replaced or taken away. Not when
    /// one is added: those from before prove what they proved, and a sign-in that is under way, or a link that was sent,
    /// is as good as it was.
    pub generation: u64,
}

/// Why something that was presented proves nothing. To the person all of these are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoProof {
    /// It is wrong, or the person has nothing that it could be compared with.
    Wrong,
    /// It was right once, and was used.
    Used,
    /// It is a passkey whose counter went back: there is a copy of it.
    Copied,
}

/// The factors of everybody.
#[derive(Debug, Clone)]
pub struct Factors {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    passwords: Arc<Passwords>,
}

impl Factors {
    /// The factors that are kept in this store.
    #[must_use]
    pub fn open(store: Arc<dyn Store>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let passwords = Arc::new(Passwords::new(Arc::clone(&entropy)));
        Self { store, clock, entropy, passwords }
    }

    /// How many password hashes were computed since the start.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.passwords.hashes()
    }

    /// Which factors a person has; `None` if they have none yet.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn enrolled(&self, user: UserId) -> Result<Option<Enrolled>, Error> {
        let Some(object) = self.store.get(ObjectKind::Factors, &user.to_string()).await? else {
            return Ok(None);
        };
        stored::read_spec(&object).map(|spec| Some(spec.enrolled()))
    }

    /// Checks a password. For nobody, and for a person without one, the work is the same and the answer `None`.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many are being checked; [`Error::Store`], [`Error::Damaged`].
    pub async fn check_password(
        &self,
        user: Option<UserId>,
        password: &Secret<String>,
    ) -> Result<Option<PasswordProof>, Error> {
        let secrets = match user {
            Some(user) => self.secrets(user).await?,
            None => None,
        };
        let stored = secrets.as_ref().and_then(|secrets| secrets.password.clone());
        let checked = self.passwords.check(stored, password).await?;
        let (Some(user), Some(secrets), Checked::Right(renewed)) = (user, secrets, checked) else {
            return Ok(None);
        };
        if let Some(renewed) = renewed {
            self.renew_password(user, secrets.generation, &renewed).await?;
        }
        Ok(Some(PasswordProof::new(user, secrets.generation)))
    }

    /// Checks a code of the authenticator app and uses its step up.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`]; [`Error::Busy`] if others change the same factors all the time.
    pub async fn check_totp(
        &self,
        user: UserId,
        code: &Secret<String>,
    ) -> Result<Result<SecondProof, NoProof>, Error> {
        for _ in 0..TRIES {
            let Some(mut current) = self.current(user).await? else { return Ok(Err(NoProof::Wrong)) };
            let used = TotpStep::from_number(current.spec.totp_step);
            let Some(totp) = &current.secrets.totp else { return Ok(Err(NoProof::Wrong)) };
            let step = match totp.check(code, self.clock.now(), used) {
                TotpCheck::Right(step) => step,
                TotpCheck::Used => return Ok(Err(NoProof::Used)),
                TotpCheck::Wrong => return Ok(Err(NoProof::Wrong)),
            };
            current.spec.totp_step = step.number();
            let change = self.change(user, &current, None, &user.to_string());
            if self.committed(change).await? {
                return Ok(Ok(SecondProof::new(user, SecondProof::TOTP, current.spec.generation)));
            }
        }
        Err(Error::Busy)
    }

    /// Checks a recovery code and uses it up; says how many are left.
    ///
    /// # Errors
    /// As [`check_totp`](Self::check_totp).
    pub async fn spend_recovery(
        &self,
        user: UserId,
        code: &Secret<String>,
    ) -> Result<Result<(SecondProof, u8), NoProof>, Error> {
        let Some(digest) = RecoveryDigest::typed(code) else { return Ok(Err(NoProof::Wrong)) };
        for _ in 0..TRIES {
            let Some(mut current) = self.current(user).await? else { return Ok(Err(NoProof::Wrong)) };
            if current.secrets.spent.contains(&digest) {
                return Ok(Err(NoProof::Used));
            }
            let Some(place) = current.secrets.recovery.iter().position(|kept| *kept == digest) else {
                return Ok(Err(NoProof::Wrong));
            };
            current.secrets.recovery.remove(place);
            current.secrets.spent.push(digest);
            current.spec.recovery_left = u8::try_from(current.secrets.recovery.len()).unwrap_or(u8::MAX);
            let change = self.change(user, &current, Some(&current.secrets), &user.to_string());
            if self.committed(change).await? {
                let proof = SecondProof::new(user, SecondProof::RECOVERY, current.spec.generation);
                return Ok(Ok((proof, current.spec.recovery_left)));
            }
        }
        Err(Error::Busy)
    }

    /// Ten new recovery codes in the place of those that are left; `None` if the person has no factors.
    ///
    /// # Errors
    /// As [`check_totp`](Self::check_totp).
    pub async fn new_recovery_codes(
        &self,
        user: UserId,
        author: &str,
    ) -> Result<Option<RecoveryCodes>, Error> {
        for _ in 0..TRIES {
            let Some(mut current) = self.current(user).await? else { return Ok(None) };
            let (codes, digests) = RecoveryCodes::generate(self.entropy.as_ref());
            current.spec.recovery_left = u8::try_from(digests.len()).unwrap_or(u8::MAX);
            current.secrets.recovery = digests;
            current.secrets.spent.clear();
            let change = self.change(user, &current, Some(&current.secrets), author);
            if self.committed(change).await? {
                return Ok(Some(codes));
            }
        }
        Err(Error::Busy)
    }

    /// Takes all factors from a person, who then cannot sign in. Says whether there were any.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn remove(&self, user: UserId, author: &str) -> Result<bool, Error> {
        let name = user.to_string();
        let mut change = ChangeSet::new(author, self.clock.now());
        change.writes.push(Write::Delete { kind: ObjectKind::Factors, name, expect: Expect::Any });
        change.secrets.push(SecretWrite::Delete { name: factor_secrets(user) });
        match self.store.commit(change).await {
            Ok(_) => Ok(true),
            Err(bartizan_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a password in today's form. If the factors changed meanwhile, the next right password does it.
    async fn renew_password(
        &self,
        user: UserId,
        generation: u64,
        password: &Secret<String>,
    ) -> Result<(), Error> {
        let Some(mut current) = self.current(user).await? else { return Ok(()) };
        if current.secrets.generation == generation && current.spec.generation == generation {
            current.secrets.password = Some(password.clone());
            let change = self.change(user, &current, Some(&current.secrets), &user.to_string());
            self.committed(change).await?;
        }
        Ok(())
    }

    async fn secrets(&self, user: UserId) -> Result<Option<FactorSecrets>, Error> {
        let name = factor_secrets(user);
        let secret = self.store.secret(&name).await?;
        secret.map(|secret| FactorSecrets::read(&name, &secret)).transpose()
    }

    /// The object, and then the secrets: if they are of a newer revision, what is written for the older is refused.
    async fn current(&self, user: UserId) -> Result<Option<Current>, Error> {
        let Some(object) = self.store.get(ObjectKind::Factors, &user.to_string()).await? else {
            return Ok(None);
        };
        let spec = stored::read_spec(&object)?;
        let secrets = self.secrets(user).await?;
        Ok(secrets.map(|secrets| Current { spec, secrets, expect: Expect::Revision(object.revision) }))
    }

    fn change(
        &self,
        user: UserId,
        current: &Current,
        secrets: Option<&FactorSecrets>,
        author: &str,
    ) -> ChangeSet {
        let mut change = ChangeSet::new(author, self.clock.now());
        change.writes.push(current.spec.write(user, current.expect, &current.secrets.passkeys));
        change.secrets.extend(secrets.map(|secrets| secrets.write(user)));
        change
    }

    /// Whether the set was committed; not, if somebody was faster.
    async fn committed(&self, change: ChangeSet) -> Result<bool, Error> {
        match self.store.commit(change).await {
            Ok(_) => Ok(true),
            Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Each try fails only because somebody else changed the same factors; ten recovery codes can do so ten times.
const TRIES: usize = 16;
