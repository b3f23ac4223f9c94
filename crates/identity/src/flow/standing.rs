//! May this person sign in now? Asked at every step, whatever the step is.

use bartizan_model::{UserId, UserState};

use super::Flow;
use super::ledger::Reason;
use crate::error::Error;

impl Flow {
    /// Whether a person may go on with an attempt in which factors of this generation were proved; else why not.
    pub(super) async fn may_go_on(&self, user: UserId, generation: u64) -> Result<Result<(), Reason>, Error> {
        Ok(match self.may_begin(user).await? {
            Ok(now) if now == generation => Ok(()),
            Ok(_) => Err(Reason::FactorsChanged),
            Err(reason) => Err(reason),
        })
    }

    /// Whether a person may sign in, and the generation of their factors; else why not.
    pub(super) async fn may_begin(&self, user: UserId) -> Result<Result<u64, Reason>, Error> {
        if let Err(reason) = self.is_active(user).await? {
            return Ok(Err(reason));
        }
        let enrolled = self.factors.enrolled(user).await?;
        Ok(enrolled.map(|enrolled| enrolled.generation).ok_or(Reason::NoFactors))
    }

    /// Whether there is such a person, and not disabled.
    pub(super) async fn is_active(&self, user: UserId) -> Result<Result<(), Reason>, Error> {
        Ok(match self.people.get(user).await?.map(|person| person.state) {
            Some(UserState::Active) => Ok(()),
            Some(UserState::Disabled) => Err(Reason::Disabled),
            None => Err(Reason::UnknownPerson),
        })
    }
}
