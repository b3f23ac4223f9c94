//! The first factor: a password, or a sign-in link.

use bartizan_model::{PresentedCredential, Secret};

use super::{Act, Concerns, Flow, Over, Reason, Step, Visit, Wrong};
use crate::attempt::{Attempt, Stage};
use crate::codes::{CodePurpose, Found};
use crate::error::Error;
use crate::factors::{FirstProof, LinkProof};
use crate::throttle::Guess;

impl Flow {
    /// Login and password. A wrong password, and a person who is unknown or disabled, get the same answer after the
    /// same work.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many sign in at once; [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn password(
        &self,
        attempt: &Attempt,
        login: &str,
        password: &Secret<String>,
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::Password;
        if let Some(reason) = self.not_at(attempt, at_the_beginning) {
            return self.start_over(ACT, reason, Concerns::default(), visit).await;
        }
        let login = login.trim();
        let user = self.people.find(login).await?;
        let concerns = Concerns { user, session: None };
        let ticket = match self.ask(ACT, Guess::Password(login), user, visit).await? {
            Ok(ticket) => ticket,
            Err(seconds) => return Ok(Step::Wait(seconds)),
        };
        let proof = match self.factors.check_password(user, password).await {
            Ok(proof) => proof,
            Err(error) => {
                self.throttle.give_back(ticket);
                return Err(error);
            }
        };
        let reason = match (user, proof) {
            (None, _) => Reason::UnknownPerson,
            (Some(_), None) => Reason::WrongPassword,
            (Some(user), Some(proof)) => match self.is_active(user).await? {
                Err(reason) => reason,
                Ok(()) => {
                    self.ledger.ok(ACT, concerns, visit).await?;
                    self.throttle.succeeded(ticket);
                    return Ok(Step::Next(self.proved(attempt, &proof.into())));
                }
            },
        };
        self.ledger.failed(ACT, reason, concerns, visit).await?;
        Ok(Step::Wrong(Wrong::Password))
    }

    /// A sign-in link: spends it.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn link(
        &self,
        attempt: &Attempt,
        presented: &PresentedCredential,
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::Link;
        if let Some(reason) = self.not_at(attempt, at_the_beginning) {
            return self.start_over(ACT, reason, Concerns::default(), visit).await;
        }
        let ticket = match self.ask(ACT, Guess::Link, None, visit).await? {
            Ok(ticket) => ticket,
            Err(seconds) => return Ok(Step::Wait(seconds)),
        };
        let (user, spending) = match self.codes.found(presented).await? {
            Found::Live(CodePurpose::SignIn { user }, _, spending) => (user, spending),
            Found::Live(
                CodePurpose::App { .. }
                | CodePurpose::Claim { .. }
                | CodePurpose::Answered
                | CodePurpose::Client(_)
                | CodePurpose::Device(_)
                | CodePurpose::Redeemed { .. },
                ..,
            )
            | Found::Unknown => {
                return self.dead_link(ACT, Reason::UsedCode, visit).await;
            }
            Found::Ended => return self.dead_link(ACT, Reason::Expired, visit).await,
            Found::Outdated => return self.dead_link(ACT, Reason::FactorsChanged, visit).await,
        };
        let Some(generation) = spending.generation else {
            return self.start_over(ACT, Reason::NoFactors, user, visit).await;
        };
        if let Err(reason) = self.may_go_on(user, generation).await? {
            return self.start_over(ACT, reason, user, visit).await;
        }
        self.ledger.ok(ACT, user.into(), visit).await?;
        if !self.codes.commit(spending.write(), &user.to_string()).await? {
            return self.start_over(ACT, Reason::UsedCode, user, visit).await;
        }
        self.throttle.succeeded(ticket);
        Ok(Step::Next(self.proved(attempt, &LinkProof::new(user, generation).into())))
    }

    /// A link that does nothing any more: the same answer, whyever.
    pub(super) async fn dead_link(&self, act: Act, reason: Reason, visit: &Visit) -> Result<Step, Error> {
        self.ledger.failed(act, reason, Concerns::default(), visit).await?;
        Ok(Step::StartOver(Over::DeadLink))
    }

    pub(super) fn proved(&self, attempt: &Attempt, proof: &FirstProof) -> Attempt {
        let stage = Stage::First {
            user: proof.user(),
            method: proof.method(),
            generation: proof.generation(),
            at: self.clock.now(),
            by: proof.by().cloned(),
        };
        self.attempts.advance(attempt, stage)
    }
}

/// Whoever has proved a first factor may prove another, of somebody else, too; so may who went to a provider and did not come
/// back, or whose session ended before they had set up an app. A claim is not left that way.
pub(super) const fn at_the_beginning(stage: &Stage) -> bool {
    matches!(stage, Stage::Start | Stage::Away(_) | Stage::Adding { .. } | Stage::First { .. })
}
