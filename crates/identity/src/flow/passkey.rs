//! A passkey: alone, as the second factor, or to confirm.
//!
//! Whatever is wrong with what was brought, the person is told one thing, and the record the precise one.

use bartizan_model::{SessionId, UserId};

use super::confirm::Confirmation;
use super::first::at_the_beginning;
use super::second::Extra;
use super::{Act, Concerns, Flow, Over, Reason, Step, Visit, Wrong};
use crate::attempt::{Attempt, Challenge};
use crate::error::Error;
use crate::factors::{Factors, Known, PasskeyProof, StrongProof};
use crate::passkeys::{Allowed, Creator, Fault, Passkey, RelyingParty, Shown, Verification};
use crate::throttle::Guess;

/// What a page hands to the browser to ask for a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyAsk {
    /// The options, in the JSON of `PublicKeyCredential.parseRequestOptionsFromJSON` and its sister for creation.
    pub options: String,
    /// For how many seconds an answer counts.
    pub seconds: u64,
}

impl Flow {
    /// Asks for any passkey in the place of login and password. `None` if the attempt has no time left for it.
    ///
    /// # Errors
    /// [`Error::Passkey`].
    pub fn ask_any_passkey(
        &self,
        attempt: &Attempt,
        party: &RelyingParty,
    ) -> Result<Option<PasskeyAsk>, Error> {
        self.asking(attempt, |challenge| party.asks_to_show(Allowed::Any, challenge, Verification::Required))
    }

    /// The same for the passkeys of a login name. Where there is no such person, or they have none, the answer is of the same
    /// form. Nothing in it says how passkeys are reached.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Passkey`].
    pub async fn ask_passkey_of(
        &self,
        attempt: &Attempt,
        party: &RelyingParty,
        login: &str,
    ) -> Result<Option<PasskeyAsk>, Error> {
        let login = login.trim();
        let mut passkeys = match self.people.find(login).await? {
            Some(user) => self.factors.passkeys(user).await?,
            None => Vec::new(),
        };
        passkeys.retain(Passkey::stands_alone);
        let mut ids: Vec<Vec<u8>> = passkeys.iter().map(|passkey| passkey.id().to_vec()).collect();
        if ids.is_empty() {
            ids = self.people.decoys(login);
        }
        let allowed = Allowed::Ids(&ids);
        self.asking(attempt, |challenge| party.asks_to_show(allowed, challenge, Verification::Required))
    }

    /// Asks for one of this person's passkeys as another factor. `None` if they have none.
    ///
    /// # Errors
    /// As [`ask_passkey_of`](Self::ask_passkey_of).
    pub async fn ask_their_passkey(
        &self,
        attempt: &Attempt,
        party: &RelyingParty,
        user: UserId,
    ) -> Result<Option<PasskeyAsk>, Error> {
        let passkeys = self.factors.passkeys(user).await?;
        if passkeys.is_empty() {
            return Ok(None);
        }
        let allowed = Allowed::These(&passkeys);
        self.asking(attempt, |challenge| party.asks_to_show(allowed, challenge, Verification::Preferred))
    }

    /// Asks for a new passkey: one that stands alone where it is to be the only one, and else any.
    pub(super) async fn ask_new_passkey(
        &self,
        attempt: &Attempt,
        party: &RelyingParty,
        user: UserId,
        verification: Verification,
    ) -> Result<Option<PasskeyAsk>, Error> {
        let attributes = self.people.get(user).await?.and_then(|person| person.attributes);
        let Some(attributes) = attributes else { return Ok(None) };
        // Where it takes the place of all that there was, what there was does not stand in its way.
        let others = match verification {
            Verification::Required => Vec::new(),
            Verification::Preferred => self.factors.passkeys(user).await?,
        };
        let display = if attributes.display.is_empty() { &attributes.login } else { &attributes.display };
        let who = Creator { user, login: &attributes.login, display };
        self.asking(attempt, |challenge| party.asks_to_create(who, &others, challenge, verification))
    }

    fn asking(
        &self,
        attempt: &Attempt,
        ask: impl FnOnce(&Challenge) -> Result<serde_json::Value, Error>,
    ) -> Result<Option<PasskeyAsk>, Error> {
        let now = self.clock.now();
        let Some(challenge) = attempt.challenge(now) else { return Ok(None) };
        let ends = challenge.ends().min(attempt.ends());
        Ok(Some(PasskeyAsk { options: ask(challenge)?.to_string(), seconds: ends.since(now).as_secs() }))
    }

    /// A passkey alone, which saw its owner: both factors in one.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn passkey(
        &self,
        attempt: &Attempt,
        party: &RelyingParty,
        brought: &str,
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::Passkey;
        if let Some(reason) = self.not_at(attempt, at_the_beginning) {
            return self.start_over(ACT, reason, Concerns::default(), visit).await;
        }
        let ticket = match self.ask(ACT, Guess::Passkey, None, visit).await? {
            Ok(ticket) => ticket,
            Err(seconds) => return Ok(Step::Wait(seconds)),
        };
        let Some(challenge) = attempt.challenge(self.clock.now()) else {
            return self.start_over(ACT, Reason::Expired, Concerns::default(), visit).await;
        };
        let (shown, known) = match self.known(brought).await? {
            Ok(known) => known,
            Err(reason) => return self.no_passkey(ACT, reason, Concerns::default(), visit).await,
        };
        let concerns = Concerns::from(known.user);
        let proof = match Factors::check_passkey(party, &known, &shown, challenge, Verification::Required) {
            Ok(proof) => proof,
            Err(fault) => return self.no_passkey(ACT, fault.into(), concerns, visit).await,
        };
        if let Err(reason) = self.is_active(known.user).await? {
            return self.no_passkey(ACT, reason, concerns, visit).await;
        }
        let proof = StrongProof::of_passkey(proof)?;
        self.ledger.ok(ACT, concerns, visit).await?;
        self.throttle.succeeded(ticket);
        self.begin(ACT, &proof, Extra::None, visit).await
    }

    /// A passkey as the second factor, whether or not it saw its owner.
    ///
    /// # Errors
    /// As [`passkey`](Self::passkey).
    pub async fn second_passkey(
        &self,
        attempt: &Attempt,
        party: &RelyingParty,
        brought: &str,
        visit: &Visit,
    ) -> Result<Step, Error> {
        const ACT: Act = Act::SecondPasskey;
        let (first, ticket) = match self.before_second(ACT, attempt, visit).await? {
            Ok(ready) => ready,
            Err(step) => return Ok(step),
        };
        let proof = match self.their_passkey(attempt, party, first.user(), brought).await? {
            Ok(proof) => proof,
            Err(reason) => return self.no_passkey(ACT, reason, first.user().into(), visit).await,
        };
        let second = proof.second();
        // The factors were changed between the two looks at them.
        if second.generation() != first.generation() {
            return self.start_over(ACT, Reason::FactorsChanged, first.user(), visit).await;
        }
        self.ledger.ok(ACT, first.user().into(), visit).await?;
        self.throttle.succeeded(ticket);
        self.begin(ACT, &StrongProof::of_two(&first, second)?, Extra::None, visit).await
    }

    /// A passkey of the person of a session that lives.
    ///
    /// # Errors
    /// As [`passkey`](Self::passkey).
    pub async fn confirm_by_passkey(
        &self,
        (session, user): (SessionId, UserId),
        attempt: &Attempt,
        party: &RelyingParty,
        brought: &str,
        visit: &Visit,
    ) -> Result<Confirmation, Error> {
        const ACT: Act = Act::ConfirmPasskey;
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
        let second = match self.their_passkey(attempt, party, user, brought).await? {
            Ok(proof) => proof.second(),
            Err(reason) => {
                self.ledger.failed(ACT, reason, concerns, visit).await?;
                return Ok(Confirmation::Wrong(Wrong::Passkey));
            }
        };
        if let Err(reason) = self.may_go_on(user, second.generation()).await? {
            return self.no_confirmation(ACT, reason, concerns, visit).await;
        }
        self.ledger.ok(ACT, concerns, visit).await?;
        self.throttle.succeeded(ticket);
        self.confirmed(ACT, session, &second, concerns, visit).await
    }

    async fn their_passkey(
        &self,
        attempt: &Attempt,
        party: &RelyingParty,
        user: UserId,
        brought: &str,
    ) -> Result<Result<PasskeyProof, Reason>, Error> {
        let Some(challenge) = attempt.challenge(self.clock.now()) else { return Ok(Err(Reason::Expired)) };
        let (shown, known) = match self.known(brought).await? {
            Ok((shown, known)) if known.user == user => (shown, known),
            Ok(_) => return Ok(Err(Reason::UnknownPasskey)),
            Err(reason) => return Ok(Err(reason)),
        };
        let proof = Factors::check_passkey(party, &known, &shown, challenge, Verification::Preferred);
        Ok(proof.map_err(Reason::from))
    }

    /// Whose passkey was brought.
    async fn known(&self, brought: &str) -> Result<Result<(Shown, Known), Reason>, Error> {
        let shown = match Shown::read(brought) {
            Ok(shown) => shown,
            Err(fault) => return Ok(Err(Fault::into(fault))),
        };
        Ok(match self.factors.known_passkey(&shown).await? {
            Some(known) => Ok((shown, known)),
            None => Err(Reason::UnknownPasskey),
        })
    }

    async fn no_passkey(
        &self,
        act: Act,
        reason: Reason,
        concerns: Concerns,
        visit: &Visit,
    ) -> Result<Step, Error> {
        self.ledger.failed(act, reason, concerns, visit).await?;
        Ok(match reason {
            Reason::Expired => Step::StartOver(Over::Late),
            _ => Step::Wrong(Wrong::Passkey),
        })
    }
}
