//! The second factor: a code of the authenticator app, or a recovery code. With it the session begins.

use bartizan_model::Secret;

use super::{Act, Concerns, Flow, Reason, SignedIn, Step, Visit, Wrong};
use crate::attempt::{Attempt, Stage};
use crate::error::Error;
use crate::factors::{FirstProof, NoProof, StrongProof};
use crate::recovery::RecoveryCodes;
use crate::sessions::NoSession;
use crate::throttle::{Guess, Ticket};

impl Flow {
    /// A code of the authenticator app. Its step is used up by this, also if the session then does not begin.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn second_totp(
        &self,
        attempt: &Attempt,
        code: &Secret<String>,
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::Totp;
        let (first, ticket) = match self.before_second(ACT, attempt, visit).await? {
            Ok(ready) => ready,
            Err(step) => return Ok(step),
        };
        match self.factors.check_totp(first.user(), code).await? {
            Ok(second) => {
                self.ledger.ok(ACT, first.user().into(), visit).await?;
                self.throttle.succeeded(ticket);
                self.begin(ACT, &StrongProof::of_two(&first, second)?, Extra::None, visit).await
            }
            Err(refusal) => Ok(Step::Wrong(self.wrong_code(ACT, refusal, first.user().into(), visit).await?)),
        }
    }

    /// A recovery code. It is used up by this.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn second_recovery(
        &self,
        attempt: &Attempt,
        code: &Secret<String>,
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::Recovery;
        let (first, ticket) = match self.before_second(ACT, attempt, visit).await? {
            Ok(ready) => ready,
            Err(step) => return Ok(step),
        };
        match self.factors.spend_recovery(first.user(), code).await? {
            Ok((second, left)) => {
                self.ledger.ok(ACT, first.user().into(), visit).await?;
                self.throttle.succeeded(ticket);
                let proof = StrongProof::of_two(&first, second)?;
                self.begin(ACT, &proof, Extra::RecoveryLeft(left), visit).await
            }
            Err(refusal) => Ok(Step::Wrong(self.wrong_code(ACT, refusal, first.user().into(), visit).await?)),
        }
    }

    /// What must be so before any second factor is looked at.
    pub(super) async fn before_second(
        &self,
        act: Act,
        attempt: &Attempt,
        visit: &Visit,
    ) -> Result<Result<(FirstProof, Ticket), Step>, Error> {
        let known = Concerns { user: attempt.user(), session: None };
        if let Some(reason) = self.not_at(attempt, |stage| matches!(stage, Stage::First { .. })) {
            return Ok(Err(self.start_over(act, reason, known, visit).await?));
        }
        let Some(first) = attempt.first() else {
            return Ok(Err(self.start_over(act, Reason::WrongStep, known, visit).await?));
        };
        if let Err(reason) = self.may_go_on(first.user(), first.generation()).await? {
            return Ok(Err(self.start_over(act, reason, known, visit).await?));
        }
        Ok(match self.ask(act, Guess::Second(first.user()), Some(first.user()), visit).await? {
            Ok(ticket) => Ok((first, ticket)),
            Err(seconds) => Err(Step::Wait(seconds)),
        })
    }

    /// Records that a code proved nothing; what the person is told.
    pub(super) async fn wrong_code(
        &self,
        act: Act,
        refusal: NoProof,
        concerns: Concerns,
        visit: &Visit,
    ) -> Result<Wrong, Error> {
        let (reason, wrong) = match refusal {
            NoProof::Wrong => (Reason::WrongCode, Wrong::Code),
            NoProof::Used => (Reason::UsedCode, Wrong::UsedCode),
            NoProof::Copied => (Reason::CounterWentBack, Wrong::Passkey),
        };
        self.ledger.failed(act, reason, concerns, visit).await?;
        Ok(wrong)
    }

    /// Begins the session of somebody who has proved enough for one.
    pub(super) async fn begin(
        &self,
        act: Act,
        proof: &StrongProof,
        extra: Extra,
        visit: &Visit,
    ) -> Result<Step, Error> {
        let user = proof.user();
        let session = match self.sign_ins.begin(&self.factors, proof, visit).await? {
            Ok(session) => session,
            Err(refusal) => {
                let reason = match refusal {
                    NoSession::Disabled => Reason::Disabled,
                    NoSession::FactorsChanged => Reason::FactorsChanged,
                    NoSession::Answered => Reason::UsedChallenge,
                    NoSession::Copied => Reason::CounterWentBack,
                    NoSession::NoProvider => Reason::NoProvider,
                };
                return self.start_over(act, reason, user, visit).await;
            }
        };
        let (recovery_codes, recovery_left) = match extra {
            Extra::None => (None, None),
            Extra::RecoveryLeft(left) => (None, Some(left)),
            Extra::NewCodes(codes) => (Some(codes), None),
        };
        let device_mark = self.marks.mark(user)?;
        let by_passkey = proof.is_passkey();
        let provider = proof.by().map(|by| by.provider.clone());
        Ok(Step::SignedIn(SignedIn {
            session,
            user,
            device_mark,
            recovery_codes,
            recovery_left,
            by_passkey,
            provider,
        }))
    }
}

/// What the person is told along with the session.
#[derive(Debug)]
pub(super) enum Extra {
    None,
    RecoveryLeft(u8),
    NewCodes(RecoveryCodes),
}
