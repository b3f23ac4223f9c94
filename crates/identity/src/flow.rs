//! Signing in: the only place from which a session begins.
//!
//! Each step takes the state that the browser brought, and what the person typed; each checks anew that the person may
//! sign in at all, counts in the throttle, and is recorded before it has an effect. What a step answers is for the page
//! that comes next; why it failed is in the record, and told to the person only as far as it helps nobody else.

mod claim;
mod confirm;
mod factors;
mod first;
mod ledger;
mod open_app;
mod passkey;
mod passkeys;
mod provider;
mod refusal;
mod second;
mod standing;
mod visit;

use std::sync::Arc;

use bartizan_enforce::Recorder;
use bartizan_model::{Clock, Entropy, ProviderName, Secret, SessionId, UserId};
use bartizan_pki::StateKey;
use bartizan_store::Store;

pub use claim::Claimant;
pub use confirm::Confirmation;
pub use factors::FactorChange;
use ledger::{Act, Concerns, Ledger, Reason};
pub use passkey::PasskeyAsk;
pub(crate) use provider::{Bond, Linking};
pub use refusal::{Over, Wrong};
pub use visit::Visit;

use crate::attempt::{Attempt, Attempts, Stage};
use crate::codes::Codes;
use crate::device_marks::{DeviceMark, DeviceMarks};
use crate::error::Error;
use crate::factors::Factors;
use crate::made_once::made_once;
use crate::passkeys::RelyingParty;
use crate::people::People;
use crate::recovery::RecoveryCodes;
use crate::sessions::SignIns;
use crate::throttle::{Guess, Throttle, Ticket};

/// What comes after a step.
#[derive(Debug)]
#[must_use = "the attempt goes back to the browser"]
pub enum Step {
    /// The attempt, further on: seal it, and show the page that it asks for.
    Next(Attempt),
    /// A session began.
    SignedIn(SignedIn),
    /// What was typed is wrong; the attempt stands where it stood.
    Wrong(Wrong),
    /// Too many attempts: again after so many seconds.
    Wait(u64),
    /// The attempt is over, for this reason: a new one begins.
    StartOver(Over),
}

/// A person who is signed in now.
#[derive(Debug)]
pub struct SignedIn {
    /// The session, for which a credential is to be issued.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// The mark that tells this browser from a stranger's next time.
    pub device_mark: Secret<String>,
    /// After a claim: the recovery codes, to be shown once.
    pub recovery_codes: Option<RecoveryCodes>,
    /// After a recovery code: how many are left.
    pub recovery_left: Option<u8>,
    /// Whether a passkey was used for it.
    pub by_passkey: bool,
    /// The identity provider that had a part in it, if one had.
    pub provider: Option<ProviderName>,
}

/// Everything that signing in needs.
#[derive(Debug)]
pub struct Flow {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    people: People,
    sign_ins: SignIns,
    factors: Factors,
    codes: Codes,
    attempts: Attempts,
    marks: DeviceMarks,
    throttle: Throttle,
    ledger: Ledger,
    key: Arc<StateKey>,
    organisation: String,
}

impl Flow {
    /// Opens what signing in needs; makes the key of the state that browsers hold, if there is none yet.
    ///
    /// `organisation` is a name that passwords must not be made of.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Key`].
    pub async fn open(
        store: Arc<dyn Store>,
        people: People,
        sign_ins: SignIns,
        recorder: Arc<Recorder>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        organisation: String,
    ) -> Result<Self, Error> {
        let make = || Ok(StateKey::generate()?.to_secret());
        let key = made_once(store.as_ref(), clock.as_ref(), STATE_KEY, make).await?;
        let key = Arc::new(StateKey::from_secret(&key)?);
        Ok(Self {
            people,
            sign_ins,
            factors: Factors::open(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&entropy)),
            codes: Codes::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&entropy)),
            attempts: Attempts::new(Arc::clone(&key), Arc::clone(&clock), Arc::clone(&entropy)),
            marks: DeviceMarks::new(Arc::clone(&key), Arc::clone(&clock), entropy),
            throttle: Throttle::new(Arc::clone(&clock)),
            ledger: Ledger::new(recorder, Arc::clone(&store), Arc::clone(&clock)),
            store,
            clock,
            key,
            organisation,
        })
    }

    /// The attempts: to begin one, and to seal and open them.
    #[must_use]
    pub const fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// The device marks: to read the one that a browser shows.
    #[must_use]
    pub const fn marks(&self) -> &DeviceMarks {
        &self.marks
    }

    /// The factors.
    #[must_use]
    pub const fn factors(&self) -> &Factors {
        &self.factors
    }

    /// The codes.
    #[must_use]
    pub const fn codes(&self) -> &Codes {
        &self.codes
    }

    /// The people.
    #[must_use]
    pub const fn people(&self) -> &People {
        &self.people
    }

    /// The sign-ins.
    #[must_use]
    pub const fn sign_ins(&self) -> &SignIns {
        &self.sign_ins
    }

    /// What passkeys are made for, where the sign-in pages are at this origin.
    ///
    /// # Errors
    /// [`Error::Origin`].
    pub fn relying_party(&self, host: &str, origin: &str) -> Result<RelyingParty, Error> {
        RelyingParty::new(&self.organisation, host, origin)
    }

    /// The token that the forms of a session's pages carry.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn form_token(&self, session: SessionId) -> Result<String, Error> {
        Ok(self.key.seal(FORM, session.as_bytes())?)
    }

    /// Whether a form came from a page of this session.
    #[must_use]
    pub fn is_form_token(&self, session: SessionId, token: &str) -> bool {
        let opened = self.key.open(FORM, token);
        opened.is_some_and(|opened| opened == Secret::new(session.as_bytes().to_vec()))
    }

    /// What the organisation is called.
    #[must_use]
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// Lets an attempt through, or says for how long to wait, which is recorded.
    async fn ask(
        &self,
        act: Act,
        guess: Guess<'_>,
        owner: Option<UserId>,
        visit: &Visit,
    ) -> Result<Result<Ticket, u64>, Error> {
        // A mark counts for the person whom it was made for, and for nobody else.
        let known: Option<DeviceMark> = visit.device.filter(|mark| Some(mark.user()) == owner);
        match self.throttle.ask(guess, visit.source, known) {
            Ok(ticket) => Ok(Ok(ticket)),
            Err(wait) => {
                let concerns = Concerns { user: owner, session: None };
                self.ledger.failed(act, Reason::Throttled, concerns, visit).await?;
                Ok(Err(wait.seconds))
            }
        }
    }

    /// Records that an attempt cannot go on.
    async fn start_over(
        &self,
        act: Act,
        reason: Reason,
        concerns: impl Into<Concerns>,
        visit: &Visit,
    ) -> Result<Step, Error> {
        self.ledger.failed(act, reason, concerns.into(), visit).await?;
        Ok(Step::StartOver(match reason {
            Reason::Expired => Over::Late,
            Reason::UsedCode => Over::DeadLink,
            Reason::UsedChallenge => Over::Answered,
            Reason::NotLinked => Over::NoAccount,
            Reason::NoSecondFactor => Over::NoSecondFactor,
            Reason::NotNow
            | Reason::ProviderRefused
            | Reason::ProviderUnreachable
            | Reason::ProviderNotBelieved
            | Reason::NoProvider => Over::NotVouchedFor,
            Reason::Disabled
            | Reason::FactorsChanged
            | Reason::NoFactors
            | Reason::UnknownPerson
            | Reason::SessionEnded
            | Reason::WrongBrowser
            | Reason::WrongHost
            | Reason::WrongPassword
            | Reason::WrongCode
            | Reason::Throttled
            | Reason::WeakPassword
            | Reason::UnknownPasskey
            | Reason::UnreadablePasskey
            | Reason::WrongOrigin
            | Reason::WrongRelyingParty
            | Reason::WrongChallenge
            | Reason::NotVerified
            | Reason::CounterWentBack
            | Reason::WrongSignature
            | Reason::PasskeyTaken
            | Reason::TooMany
            | Reason::LastWay
            | Reason::WrongStep => Over::Changed,
        }))
    }

    /// Why an attempt cannot take a step for which it must be at one of these stages.
    fn not_at(&self, attempt: &Attempt, right_stage: impl Fn(&Stage) -> bool) -> Option<Reason> {
        if self.attempts.is_over(attempt) {
            return Some(Reason::Expired);
        }
        (!right_stage(&attempt.stage)).then_some(Reason::WrongStep)
    }
}

const STATE_KEY: &str = "state-key";

/// What tokens of forms are sealed for.
const FORM: &str = "form";
