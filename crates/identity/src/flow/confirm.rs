//! Confirming again: a live session proves its second factor once more (step-up).

use bartizan_model::{Secret, SessionId, UserId};

use super::{Act, Concerns, Flow, Reason, Visit, Wrong};
use crate::error::Error;
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
        if self.alive(session).await?.is_none_or(|facts| facts.user != user) {
            return self.no_confirmation(Reason::SessionEnded, concerns, visit).await;
        }
        if let Err(reason) = self.may_begin(user).await? {
            return self.no_confirmation(reason, concerns, visit).await;
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
            return self.no_confirmation(reason, concerns, visit).await;
        }
        self.ledger.ok(ACT, concerns, visit).await?;
        self.throttle.succeeded(ticket);
        if self.sign_ins.confirm(session, &second).await? {
            return Ok(Confirmation::Confirmed);
        }
        self.no_confirmation(Reason::SessionEnded, concerns, visit).await
    }

    async fn no_confirmation(
        &self,
        reason: Reason,
        concerns: Concerns,
        visit: &Visit,
    ) -> Result<Confirmation, Error> {
        self.ledger.failed(Act::ConfirmAgain, reason, concerns, visit).await?;
        Ok(Confirmation::StartOver)
    }
}
