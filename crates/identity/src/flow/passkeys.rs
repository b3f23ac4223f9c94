//! A person's own passkeys: another is made, one is renamed. Each is a step on record.

use bartizan_model::{SessionId, UserId};

use super::passkey::PasskeyAsk;
use super::{Act, Concerns, FactorChange, Flow, Reason, Visit, Wrong};
use crate::attempt::Attempt;
use crate::error::Error;
use crate::factors::NotAdded;
use crate::passkeys::{MAX_PASSKEYS, PasskeyKey, RelyingParty, Verification, name_of};

impl Flow {
    /// Asks for another passkey of a person. A key that cannot see its owner is welcome: it is a second factor.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Passkey`].
    pub async fn ask_another_passkey(
        &self,
        attempt: &Attempt,
        party: &RelyingParty,
        user: UserId,
    ) -> Result<Option<PasskeyAsk>, Error> {
        self.ask_new_passkey(attempt, party, user, Verification::Preferred).await
    }

    /// Adds the passkey that a person has just made, under a name.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn add_passkey(
        &self,
        (session, user): (SessionId, UserId),
        attempt: &Attempt,
        party: &RelyingParty,
        (brought, name): (&str, &str),
        visit: &Visit,
    ) -> Result<FactorChange, Error> {
        const ACT: Act = Act::AddPasskey;
        let concerns = Concerns { user: Some(user), session: Some(session) };
        if !self.is_fresh(session).await? {
            return Ok(FactorChange::NotFresh);
        }
        let now = self.clock.now();
        let Some(challenge) = attempt.challenge(now) else {
            self.ledger.failed(ACT, Reason::Expired, concerns, visit).await?;
            return Ok(FactorChange::Late);
        };
        let name = name_of(name).unwrap_or_else(|| String::from("Passkey"));
        let made = party.created(brought, challenge, Verification::Preferred, name, now);
        let passkey = match made {
            Ok(passkey) => passkey,
            Err(fault) => {
                return self.refuse(ACT, fault.into(), Wrong::NewPasskey, concerns, visit).await;
            }
        };
        // Looked at before it is recorded that there is one more; and again when it is committed.
        if self.factors.passkeys(user).await?.len() >= MAX_PASSKEYS {
            return self.refuse(ACT, Reason::TooMany, Wrong::TooManyPasskeys, concerns, visit).await;
        }
        self.ledger.ok(ACT, concerns, visit).await?;
        let (reason, wrong) = match self.factors.add_passkey(user, &passkey, challenge).await? {
            Ok(()) => return Ok(FactorChange::Made),
            Err(NotAdded::TooMany) => (Reason::TooMany, Wrong::TooManyPasskeys),
            Err(NotAdded::Taken) => (Reason::PasskeyTaken, Wrong::NewPasskey),
            Err(NotAdded::Used) => (Reason::UsedChallenge, Wrong::NewPasskey),
            Err(NotAdded::NoFactors) => (Reason::NoFactors, Wrong::NewPasskey),
        };
        self.refuse(ACT, reason, wrong, concerns, visit).await
    }

    /// Calls a passkey something else. That needs no newer proof: nothing is gained by it.
    ///
    /// # Errors
    /// As [`add_passkey`](Self::add_passkey).
    pub async fn rename_passkey(
        &self,
        (session, user): (SessionId, UserId),
        key: PasskeyKey,
        name: &str,
        visit: &Visit,
    ) -> Result<FactorChange, Error> {
        let concerns = Concerns { user: Some(user), session: Some(session) };
        self.ledger.ok(Act::RenamePasskey, concerns, visit).await?;
        self.factors.rename_passkey(user, key, name).await?;
        Ok(FactorChange::Made)
    }
}
