//! A person changes what they sign in with: a password or an app is set, put in the place of another, or taken away, and
//! passkeys are taken away. Each is a step on record, and needs a newer proof of who is there.
//!
//! When something is put in the place of another or taken away, that is often because somebody else may have it: the
//! person's other sessions end in the same commit, and what applications hold by any of them counts no more.

use bartizan_model::{ObjectKind, Secret, SessionId, UserId};
use bartizan_store::{ChangeSet, Expect, Write};

use super::{Act, Concerns, Flow, Reason, Visit, Wrong};
use crate::attempt::Attempt;
use crate::error::Error;
use crate::factors::{Change, Effect, NotChanged, Permitted};
use crate::passkeys::PasskeyKey;
use crate::recovery::RecoveryCodes;

/// What came of a change of what one signs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the person is told"]
pub enum FactorChange {
    /// It is made.
    Made,
    /// It is made, and the person's other sessions have ended by it.
    OthersEnded,
    /// It needs a newer proof of who is there: whoever finds a browser open must not make themselves at home.
    NotFresh,
    /// It is refused, for this reason.
    Wrong(Wrong),
    /// It took too long.
    Late,
}

impl Flow {
    /// What of a person's factors could be changed now.
    pub(crate) async fn permitted(&self, user: UserId) -> Result<Permitted, Error> {
        self.factors.permitted(user, self.elsewhere(user, None).await?).await
    }

    /// Sets a password, or puts another in its place.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn set_password(
        &self,
        (session, user): (SessionId, UserId),
        password: &Secret<String>,
        visit: &Visit,
    ) -> Result<FactorChange, Error> {
        const ACT: Act = Act::SetPassword;
        let concerns = Concerns { user: Some(user), session: Some(session) };
        // Before there is work to do for it.
        if !self.is_fresh(session).await? {
            return Ok(FactorChange::NotFresh);
        }
        let about = self.known_of(user).await?;
        let password = match self.factors.choose_password(password, about).await? {
            Ok(password) => password,
            Err(problem) => {
                return self
                    .refuse(ACT, Reason::WeakPassword, Wrong::NewPassword(problem), concerns, visit)
                    .await;
            }
        };
        self.change_factors(ACT, (session, user), Change::SetPassword(&password), visit).await
    }

    /// Takes the password away.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn remove_password(
        &self,
        own: (SessionId, UserId),
        visit: &Visit,
    ) -> Result<FactorChange, Error> {
        self.change_factors(Act::RemovePassword, own, Change::RemovePassword, visit).await
    }

    /// An attempt in which an app is given a secret. It counts for nothing until [`set_app`](Self::set_app) has seen a code.
    #[must_use]
    pub fn new_app(&self, session: SessionId) -> Attempt {
        self.attempts.add_app(session, self.factors.new_totp())
    }

    /// The first code of an app: from now on its codes are asked for, and not those of another.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn set_app(
        &self,
        (session, user): (SessionId, UserId),
        attempt: &Attempt,
        first_code: &Secret<String>,
        visit: &Visit,
    ) -> Result<FactorChange, Error> {
        const ACT: Act = Act::AddApp;
        let concerns = Concerns { user: Some(user), session: Some(session) };
        if !self.is_fresh(session).await? {
            return Ok(FactorChange::NotFresh);
        }
        let Some(totp) = attempt.added_in(session).filter(|_| !self.attempts.is_over(attempt)) else {
            self.ledger.failed(ACT, Reason::Expired, concerns, visit).await?;
            return Ok(FactorChange::Late);
        };
        // The code is of a secret that this browser was shown: there is nothing to guess.
        let Some(step) = self.factors.first_step(totp, first_code) else {
            return self.refuse(ACT, Reason::WrongCode, Wrong::FirstCode, concerns, visit).await;
        };
        self.change_factors(ACT, (session, user), Change::SetApp(totp, step), visit).await
    }

    /// Takes the app away.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn remove_app(&self, own: (SessionId, UserId), visit: &Visit) -> Result<FactorChange, Error> {
        self.change_factors(Act::RemoveApp, own, Change::RemoveApp, visit).await
    }

    /// New recovery codes in the place of those that are left. `None` if that needs a newer proof of who is there.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn new_codes(
        &self,
        (session, user): (SessionId, UserId),
        visit: &Visit,
    ) -> Result<Option<RecoveryCodes>, Error> {
        let concerns = Concerns { user: Some(user), session: Some(session) };
        if !self.is_fresh(session).await? {
            return Ok(None);
        }
        self.ledger.ok(Act::NewCodes, concerns, visit).await?;
        self.factors.new_recovery_codes(user, &user.to_string()).await
    }

    /// Takes a passkey away. One that is gone already is gone.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn remove_passkey(
        &self,
        own: (SessionId, UserId),
        key: PasskeyKey,
        visit: &Visit,
    ) -> Result<FactorChange, Error> {
        self.change_factors(Act::RemovePasskey, own, Change::RemovePasskey(key), visit).await
    }

    /// Makes a change, once it is on record; or says why not.
    async fn change_factors(
        &self,
        act: Act,
        (session, user): (SessionId, UserId),
        change: Change<'_>,
        visit: &Visit,
    ) -> Result<FactorChange, Error> {
        let concerns = Concerns { user: Some(user), session: Some(session) };
        let mut is_on_record = false;
        for _ in 0..TRIES {
            let mut set = ChangeSet::new(user.to_string(), self.clock.now());
            let elsewhere = self.elsewhere(user, None).await?;
            // The factors are read before the session is looked at: a change that ends it either has done so by then, or is
            // newer than what was read, and then the set is refused.
            let prepared = self.factors.prepare(user, change, elsewhere, &mut set).await?;
            if !self.is_fresh(session).await? {
                return Ok(FactorChange::NotFresh);
            }
            let effect = match prepared {
                Ok(Effect::None) => return Ok(FactorChange::Made),
                Ok(effect) => effect,
                Err(refusal) => {
                    let (reason, wrong) = told(act, refusal);
                    return self.refuse(act, reason, wrong, concerns, visit).await;
                }
            };
            if !is_on_record {
                self.ledger.ok(act, concerns, visit).await?;
                is_on_record = true;
            }
            if effect == Effect::Replaced {
                self.ending(user, Some(session), FACTORS_CHANGED, &mut set).await?;
            }
            match self.store.commit(set).await {
                Ok(_) if effect == Effect::Replaced => {
                    self.end_late(user, Some(session), FACTORS_CHANGED).await?;
                    return Ok(FactorChange::OthersEnded);
                }
                Ok(_) => return Ok(FactorChange::Made),
                // Somebody changed the factors or ended a session: look again.
                Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// Adds the writes that end a person's sessions but one, each end being on record.
    pub(super) async fn ending(
        &self,
        user: UserId,
        but: Option<SessionId>,
        reason: &str,
        set: &mut ChangeSet,
    ) -> Result<(), Error> {
        for session in self.sessions_but(user, but).await? {
            let (kind, name) = (ObjectKind::Session, session.to_string());
            let Some(object) = self.store.get(kind, &name).await? else { continue };
            self.sign_ins.record_end(&object, reason).await?;
            set.writes.push(Write::Delete { kind, name, expect: Expect::Any });
        }
        Ok(())
    }

    /// Ends sessions that began between the list and the commit, with the old factors.
    pub(super) async fn end_late(
        &self,
        user: UserId,
        but: Option<SessionId>,
        reason: &str,
    ) -> Result<(), Error> {
        let late = self.sessions_but(user, but).await?;
        self.sign_ins.end(&late, reason, &user.to_string()).await?;
        Ok(())
    }

    async fn sessions_but(&self, user: UserId, but: Option<SessionId>) -> Result<Vec<SessionId>, Error> {
        let sessions = self.sign_ins.list(Some(user)).await?.into_iter().map(|session| session.facts.id);
        Ok(sessions.filter(|session| Some(*session) != but).collect())
    }

    /// What others know of a person, which their password must not be made of.
    pub(super) async fn known_of(&self, user: UserId) -> Result<Vec<String>, Error> {
        let mut known = vec![self.organisation.clone()];
        if let Some(attributes) = self.people.get(user).await?.and_then(|person| person.attributes) {
            known.extend([attributes.login, attributes.display]);
            known.extend(attributes.mail);
        }
        Ok(known)
    }

    pub(super) async fn refuse(
        &self,
        act: Act,
        reason: Reason,
        wrong: Wrong,
        concerns: Concerns,
        visit: &Visit,
    ) -> Result<FactorChange, Error> {
        self.ledger.failed(act, reason, concerns, visit).await?;
        Ok(FactorChange::Wrong(wrong))
    }
}

/// What is recorded, and what the person is told.
fn told(act: Act, refusal: NotChanged) -> (Reason, Wrong) {
    match refusal {
        NotChanged::LastWay if act == Act::RemovePasskey => (Reason::LastWay, Wrong::LastWay),
        NotChanged::LastWay => (Reason::LastWay, Wrong::LastFactor),
        NotChanged::NoSecondFactor => (Reason::NoSecondFactor, Wrong::NoSecondFactor),
        NotChanged::PasswordAlone => (Reason::NoSecondFactor, Wrong::PasswordAlone),
        NotChanged::NoFactors => (Reason::NoFactors, Wrong::NoSecondFactor),
    }
}

/// Why a session ends when its person changed what they sign in with in another.
const FACTORS_CHANGED: &str = "factors_changed";

/// Each try fails only because somebody else changed the same account.
const TRIES: usize = 8;
