//! Claiming an account: whoever has the link makes a passkey, or chooses a password and an app, in the place of all that the
//! account has.

use bartizan_model::{CredentialDigest, PresentedCredential, Secret, Timestamp, UserId};
use bartizan_pki::credential_digest;
use bartizan_store::{ChangeSet, Write};

use super::passkey::PasskeyAsk;
use super::second::Extra;
use super::{Act, Concerns, Flow, Reason, Step, Visit, Wrong};
use crate::attempt::{Attempt, Challenge, Stage};
use crate::codes::{CodePurpose, Found};
use crate::error::Error;
use crate::factors::{Chosen, StrongProof};
use crate::passkeys::{Passkey, RelyingParty, Verification, name_of};
use crate::people::Attributes;
use crate::recovery::RecoveryCodes;
use crate::throttle::Guess;
use crate::totp::TotpStep;

/// The account that a link is for.
#[derive(Debug, Clone)]
pub struct Claimant {
    /// Whose.
    pub user: UserId,
    /// What is personal of them; `None` if they were erased.
    pub attributes: Option<Attributes>,
    /// Until when the link works.
    pub ends: Timestamp,
}

impl Flow {
    /// Whose account a link is for; `None` if the link is none, or the account cannot be claimed now. Spends nothing.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn claim_look(&self, presented: &PresentedCredential) -> Result<Option<Claimant>, Error> {
        let Some((CodePurpose::Claim { user }, ends)) = self.codes.look(presented).await? else {
            return Ok(None);
        };
        if self.is_active(user).await?.is_err() {
            return Ok(None);
        }
        let attributes = self.people.get(user).await?.and_then(|person| person.attributes);
        Ok(Some(Claimant { user, attributes, ends }))
    }

    /// The password that the person chose. The link is not spent by it.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn claim_password(
        &self,
        attempt: &Attempt,
        presented: &PresentedCredential,
        password: &Secret<String>,
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::ClaimPassword;
        let before = |stage: &Stage| {
            matches!(stage, Stage::Start | Stage::Away(_) | Stage::Adding { .. } | Stage::Claiming { .. })
        };
        if let Some(reason) = self.not_at(attempt, before) {
            return self.start_over(ACT, reason, Concerns::default(), visit).await;
        }
        let ticket = match self.ask(ACT, Guess::Link, None, visit).await? {
            Ok(ticket) => ticket,
            Err(seconds) => return Ok(Step::Wait(seconds)),
        };
        let code = credential_digest(presented);
        let user = match self.claimed(ACT, code, visit).await? {
            Ok((user, _)) => user,
            Err(step) => return Ok(step),
        };
        // From here on the link is known to be right, which was all that could be guessed.
        self.throttle.succeeded(ticket);
        let about = self.known_of(user).await?;
        let password = match self.factors.choose_password(password, about).await? {
            Ok(password) => password,
            Err(problem) => {
                self.ledger.failed(ACT, Reason::WeakPassword, user.into(), visit).await?;
                return Ok(Step::Wrong(Wrong::NewPassword(problem)));
            }
        };
        self.ledger.ok(ACT, user.into(), visit).await?;
        let chosen = Chosen { password, totp: self.factors.new_totp() };
        Ok(Step::Next(self.attempts.advance(attempt, Stage::Claiming { user, code, chosen })))
    }

    /// The first code of the app. If it is right, one set of changes spends the link, puts the new factors in force and
    /// ends the sessions that began with the old: all of it happens, or none. Then the person is signed in.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn claim_finish(
        &self,
        attempt: &Attempt,
        first_code: &Secret<String>,
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::ClaimFinish;
        let known = Concerns { user: attempt.user(), session: None };
        if let Some(reason) = self.not_at(attempt, |stage| matches!(stage, Stage::Claiming { .. })) {
            return self.start_over(ACT, reason, known, visit).await;
        }
        let Stage::Claiming { user, code, chosen } = &attempt.stage else {
            return self.start_over(ACT, Reason::WrongStep, known, visit).await;
        };
        let (user, code) = (*user, *code);
        // The code is of a secret that this browser was shown: nothing is guessed here but the link.
        let ticket = match self.ask(ACT, Guess::Link, None, visit).await? {
            Ok(ticket) => ticket,
            Err(seconds) => return Ok(Step::Wait(seconds)),
        };
        match self.claimed(ACT, code, visit).await? {
            Ok((claimed, _)) if claimed == user => {}
            Ok(_) => return self.start_over(ACT, Reason::WrongStep, known, visit).await,
            Err(step) => return Ok(step),
        }
        self.throttle.succeeded(ticket);
        let Some(step) = self.factors.first_step(&chosen.totp, first_code) else {
            self.ledger.failed(ACT, Reason::WrongCode, known, visit).await?;
            return Ok(Step::Wrong(Wrong::FirstCode));
        };
        self.ledger.ok(ACT, known, visit).await?;
        let new = New::Password(chosen, step);
        match self.put_in_force(ACT, user, code, new, visit).await? {
            Ok((proof, codes)) => self.begin(ACT, &proof, Extra::NewCodes(codes), visit).await,
            Err(step) => Ok(step),
        }
    }

    /// Asks whoever has the link for a passkey that stands alone. `None` if the link is none.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Passkey`].
    pub async fn ask_first_passkey(
        &self,
        attempt: &Attempt,
        party: &RelyingParty,
        claimant: &Claimant,
    ) -> Result<Option<PasskeyAsk>, Error> {
        self.ask_new_passkey(attempt, party, claimant.user, Verification::Required).await
    }

    /// The passkey that whoever has the link has just made. One set of changes spends the link, puts the passkey in force
    /// in the place of all that the account had, and ends the sessions that began with that. Then the person is signed in.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn claim_passkey(
        &self,
        attempt: &Attempt,
        presented: &PresentedCredential,
        party: &RelyingParty,
        (brought, name): (&str, &str),
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::ClaimPasskey;
        let before = |stage: &Stage| {
            matches!(stage, Stage::Start | Stage::Away(_) | Stage::Adding { .. } | Stage::Claiming { .. })
        };
        if let Some(reason) = self.not_at(attempt, before) {
            return self.start_over(ACT, reason, Concerns::default(), visit).await;
        }
        let ticket = match self.ask(ACT, Guess::Link, None, visit).await? {
            Ok(ticket) => ticket,
            Err(seconds) => return Ok(Step::Wait(seconds)),
        };
        let code = credential_digest(presented);
        let user = match self.claimed(ACT, code, visit).await? {
            Ok((user, _)) => user,
            Err(step) => return Ok(step),
        };
        self.throttle.succeeded(ticket);
        let now = self.clock.now();
        let Some(challenge) = attempt.challenge(now) else {
            self.ledger.failed(ACT, Reason::Expired, user.into(), visit).await?;
            return Ok(Step::Wrong(Wrong::NewPasskey));
        };
        let name = name_of(name).unwrap_or_else(|| String::from("Passkey"));
        let passkey = match party.created(brought, challenge, Verification::Required, name, now) {
            Ok(passkey) => passkey,
            Err(fault) => {
                self.ledger.failed(ACT, fault.into(), user.into(), visit).await?;
                return Ok(Step::Wrong(Wrong::NewPasskey));
            }
        };
        self.ledger.ok(ACT, user.into(), visit).await?;
        let new = New::Passkey { passkey: &passkey, challenge };
        match self.put_in_force(ACT, user, code, new, visit).await? {
            Ok((proof, codes)) => self.begin(ACT, &proof, Extra::NewCodes(codes), visit).await,
            Err(step) => Ok(step),
        }
    }

    /// Commits the claim.
    async fn put_in_force(
        &self,
        act: Act,
        user: UserId,
        code: CredentialDigest,
        new: New<'_>,
        visit: &Visit,
    ) -> Result<Result<(StrongProof, RecoveryCodes), Step>, Error> {
        for _ in 0..TRIES {
            let mut change = ChangeSet::new(user.to_string(), self.clock.now());
            // The factors are read first: if they become others before the link is looked at, the link is dead; if
            // after, the set is refused.
            let (proof, codes) = match new {
                New::Password(chosen, step) => {
                    let new = self.factors.put_new(user, chosen, step, &mut change).await?;
                    (StrongProof::of_two(&new.password.into(), new.totp)?, new.codes)
                }
                New::Passkey { passkey, challenge } => {
                    let Some(answered) = self.factors.answered(&challenge.value).await? else {
                        return Ok(Err(self.start_over(act, Reason::UsedChallenge, user, visit).await?));
                    };
                    change.writes.push(answered);
                    let new = self.factors.put_passkey(user, passkey, &mut change).await?;
                    (StrongProof::of_passkey(new.proof)?, new.codes)
                }
            };
            match self.claimed(act, code, visit).await? {
                Ok((_, spending)) => change.writes.push(spending),
                Err(step) => return Ok(Err(step)),
            }
            self.ending(user, None, FACTORS_REPLACED, &mut change).await?;
            match self.store.commit(change).await {
                Ok(_) => {
                    self.end_late(user, None, FACTORS_REPLACED).await?;
                    return Ok(Ok((proof, codes)));
                }
                Err(bartizan_store::Error::LookupTaken { .. }) => {
                    self.ledger.failed(act, Reason::PasskeyTaken, user.into(), visit).await?;
                    return Ok(Err(Step::Wrong(Wrong::NewPasskey)));
                }
                // Somebody spent the link, changed the factors or ended a session: look again.
                Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// The person whose account a link is for, and the write that spends it; else the step that follows.
    async fn claimed(
        &self,
        act: Act,
        code: CredentialDigest,
        visit: &Visit,
    ) -> Result<Result<(UserId, Write), Step>, Error> {
        let (user, write) = match self.codes.found_by(code).await? {
            Found::Live(CodePurpose::Claim { user }, _, spending) => (user, spending.write()),
            Found::Live(
                CodePurpose::App { .. }
                | CodePurpose::SignIn { .. }
                | CodePurpose::Answered
                | CodePurpose::Client(_)
                | CodePurpose::Device(_)
                | CodePurpose::Redeemed { .. },
                ..,
            )
            | Found::Unknown => {
                return Ok(Err(self.dead_link(act, Reason::UsedCode, visit).await?));
            }
            Found::Ended => return Ok(Err(self.dead_link(act, Reason::Expired, visit).await?)),
            Found::Outdated => return Ok(Err(self.dead_link(act, Reason::FactorsChanged, visit).await?)),
        };
        match self.is_active(user).await? {
            Ok(()) => Ok(Ok((user, write))),
            Err(reason) => Ok(Err(self.start_over(act, reason, user, visit).await?)),
        }
    }
}

/// What the account is to have.
#[derive(Debug, Clone, Copy)]
enum New<'a> {
    /// A password and an app, whose first code was of this step.
    Password(&'a Chosen, TotpStep),
    /// A passkey.
    Passkey { passkey: &'a Passkey, challenge: &'a Challenge },
}

/// Why a session ends when its person's account is claimed.
const FACTORS_REPLACED: &str = "factors_replaced";

/// Each try fails only because somebody else changed the same account.
const TRIES: usize = 8;
