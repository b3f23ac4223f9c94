//! Confirming again: a live session proves its second factor once more (step-up).

use bartizan_model::{Secret, SessionId, UserId};

use super::{Act, Concerns, Flow, Reason, Visit, Wrong};
use crate::error::Error;
use crate::factors::{NoProof, SecondProof};
use crate::sessions::NotConfirmed;
use crate::throttle::Guess;

/// What comes after a session confirmed its second factor.
#[derive(Debug)]
#[must_use = "the person is told"]
pub enum Confirmation {
    /// It is confirmed from now on.
    Confirmed,
    /// What was typed is wrong.
    Wrong(Wrong),
    /// Too many attempts: again after so many seconds.
    Wait(u64),
    /// There is no session that could be confirmed: sign in.
    StartOver,
}

impl Flow {
    /// A code of the authenticator app, for a session that lives. The caller knows the session by its credential.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn confirm_again(
        &self,
        session: SessionId,
        user: UserId,
        code: &Secret<String>,
        visit: &Visit,
    ) -> Result<Confirmation, Error> {
        const ACT: Act = Act::ConfirmAgain;
        let concerns = Concerns { user: Some(user), session: Some(session) };
        if self.alive(session).await?.is_none_or(|facts| facts.user() != Some(user)) {
            return self.no_confirmation(ACT, Reason::SessionEnded, concerns, visit).await;
        }
        if let Err(reason) = self.may_begin(user).await? {
            return self.no_confirmation(ACT, reason, concerns, visit).await;
        }
        let ticket = match self.ask(ACT, Guess::Second(user), Some(user), visit).await? {
            Ok(ticket) => ticket,
            Err(seconds) => return Ok(Confirmation::Wait(seconds)),
        };
        let second = match self.factors.check_totp(user, code).await? {
            Ok(second) => second,
            Err(refusal) => {
                return Ok(Confirmation::Wrong(self.wrong_code(ACT, refusal, concerns, visit).await?));
            }
        };
        // Between the first look and here the person may have been disabled.
        if let Err(reason) = self.may_go_on(user, second.generation()).await? {
            return self.no_confirmation(ACT, reason, concerns, visit).await;
        }
        self.ledger.ok(ACT, concerns, visit).await?;
        self.throttle.succeeded(ticket);
        self.confirmed(ACT, session, &second, concerns, visit).await
    }

    /// Writes down that a session was confirmed.
    pub(super) async fn confirmed(
        &self,
        act: Act,
        session: SessionId,
        second: &SecondProof,
        concerns: Concerns,
        visit: &Visit,
    ) -> Result<Confirmation, Error> {
        let reason = match self.sign_ins.confirm(&self.factors, session, second).await? {
            Ok(()) => return Ok(Confirmation::Confirmed),
            Err(NotConfirmed::Ended) => Reason::SessionEnded,
            Err(NotConfirmed::Proof(refusal)) => {
                let reason = match refusal {
                    NoProof::Wrong => Reason::FactorsChanged,
                    NoProof::Used => Reason::UsedChallenge,
                    NoProof::Copied => Reason::CounterWentBack,
                };
                self.ledger.failed(act, reason, concerns, visit).await?;
                return Ok(Confirmation::Wrong(Wrong::Passkey));
            }
        };
        self.no_confirmation(act, reason, concerns, visit).await
    }

    pub(super) async fn no_confirmation(
        &self,
        act: Act,
        reason: Reason,
        concerns: Concerns,
        visit: &Visit,
    ) -> Result<Confirmation, Error> {
        self.ledger.failed(act, reason, concerns, visit).await?;
        Ok(Confirmation::StartOver)
    }
}
