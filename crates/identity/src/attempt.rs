//! The state between the first factor and the session. The browser holds it, sealed: nothing is kept here of people who
//! never come back, and a browser can neither read it nor change it.

use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{Clock, CredentialDigest, Entropy, ProviderName, Secret, SessionId, Timestamp, UserId};
use bartizan_pki::StateKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::error::Error;
use crate::factors::{Chosen, FirstProof};
use crate::federation::away::{Away, Toward};
use crate::federation::said::SignedInBy;
use crate::oidc::request::AuthorizationRequest;
use crate::totp::TotpSecret;

/// Where somebody was going who has to sign in first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// To an app behind an enforcement point.
    App {
        /// The host of the app.
        host: String,
        /// Which of its start cookies.
        n: u8,
        /// The SHA-256 of the verifier in that cookie.
        challenge: [u8; 32],
    },
    /// To a client of the OpenID provider.
    Client(Box<Coming>),
    /// To the page on which the code of another device is typed.
    Device {
        /// The code, if they came with one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_code: Option<String>,
        /// What people call the client on that device, once they were told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
}

/// What a client asked for when it sent somebody here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coming {
    pub(crate) request: AuthorizationRequest,
    /// When they came with it.
    pub(crate) began: Timestamp,
    /// What people call the client.
    pub(crate) title: String,
}

/// An attempt to sign in. It comes from [`Attempts`] alone, so what it says was checked.
#[derive(Debug)]
pub struct Attempt {
    /// Another after every step, so that a state which somebody planted is not the one that gets further.
    id: [u8; 16],
    csrf: Secret<String>,
    began: Timestamp,
    opening: Option<Opening>,
    challenge: Option<Challenge>,
    pub(crate) stage: Stage,
}

/// What a passkey is asked to sign. It is of one attempt, and is answered once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) value: [u8; 32],
    made: Timestamp,
}

/// How far an attempt has come.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Nothing was proved.
    Start,
    /// The first factor was.
    First { user: UserId, method: &'static str, generation: u64, at: Timestamp, by: Option<SignedInBy> },
    /// Whoever it is has gone to an identity provider, and may come back.
    Away(Away),
    /// A link to an account is open, and a password was chosen. Its hash is kept here rather than that the password is
    /// asked again on the next page: so the password crosses the network once and stands in no page, and a hash under
    /// a key that never leaves the store tells whoever has the browser nothing.
    Claiming { user: UserId, code: CredentialDigest, chosen: Chosen },
    /// Who is signed in, by this session, was shown a secret for another app, and has to bring its first code.
    Adding { session: SessionId, totp: TotpSecret },
}

/// What an attempt waits for: the page to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Login and password, or a sign-in link.
    First,
    /// A code of the authenticator app, or a recovery code.
    Second,
    /// The first code of the app that was just given its secret.
    FirstCode,
}

impl Attempt {
    /// What it waits for.
    #[must_use]
    pub const fn asks(&self) -> Asks {
        match self.stage {
            Stage::Start | Stage::Away(_) | Stage::Adding { .. } => Asks::First,
            Stage::First { .. } => Asks::Second,
            Stage::Claiming { .. } => Asks::FirstCode,
        }
    }

    /// The token that a form of this attempt must carry.
    #[must_use]
    pub const fn csrf(&self) -> &Secret<String> {
        &self.csrf
    }

    /// Where they were going.
    #[must_use]
    pub const fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// The person whose first factor was proved, or whose account is being claimed.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self.stage {
            Stage::Start | Stage::Away(_) | Stage::Adding { .. } => None,
            Stage::First { user, .. } | Stage::Claiming { user, .. } => Some(user),
        }
    }

    /// When the first factor was proved.
    #[must_use]
    pub const fn first_proved(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::First { at, .. } => Some(at),
            Stage::Start | Stage::Away(_) | Stage::Claiming { .. } | Stage::Adding { .. } => None,
        }
    }

    /// The secret that the app of a new account is to be given.
    #[must_use]
    pub const fn totp_secret(&self) -> Option<&TotpSecret> {
        match &self.stage {
            Stage::Claiming { chosen, .. } => Some(&chosen.totp),
            Stage::Start | Stage::Away(_) | Stage::First { .. } | Stage::Adding { .. } => None,
        }
    }

    /// The secret for another app that was shown in this session.
    #[must_use]
    pub fn added_in(&self, session: SessionId) -> Option<&TotpSecret> {
        match &self.stage {
            Stage::Adding { session: of, totp } if *of == session => Some(totp),
            Stage::Start
            | Stage::Away(_)
            | Stage::First { .. }
            | Stage::Claiming { .. }
            | Stage::Adding { .. } => None,
        }
    }

    /// When it began, or came this far.
    pub(crate) const fn began(&self) -> Timestamp {
        self.began
    }

    /// When its time is over.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.began.plus(LIVES_FOR)
    }

    /// What a passkey has to sign, as long as there is time for it.
    pub(crate) fn challenge(&self, now: Timestamp) -> Option<&Challenge> {
        self.challenge.as_ref().filter(|challenge| challenge.ends() > now)
    }

    /// The proof that the first factor was checked.
    pub(crate) fn first(&self) -> Option<FirstProof> {
        match &self.stage {
            Stage::First { user, method, generation, by, .. } => {
                Some(FirstProof::kept(*user, method, *generation, by.clone()))
            }
            Stage::Start | Stage::Away(_) | Stage::Claiming { .. } | Stage::Adding { .. } => None,
        }
    }

    /// The way to a provider that whoever it is has gone.
    pub(crate) const fn away(&self) -> Option<&Away> {
        match &self.stage {
            Stage::Away(away) => Some(away),
            Stage::Start | Stage::First { .. } | Stage::Claiming { .. } | Stage::Adding { .. } => None,
        }
    }
}

impl Challenge {
    /// When its time is over.
    pub(crate) fn ends(&self) -> Timestamp {
        self.made.plus(CHALLENGE_LIVES_FOR)
    }
}

/// Begins attempts, seals them for the browser, and opens what it brings back.
#[derive(Debug, Clone)]
pub struct Attempts {
    key: Arc<StateKey>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Attempts {
    /// Attempts under this key.
    #[must_use]
    pub fn new(key: Arc<StateKey>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { key, clock, entropy }
    }

    /// An attempt in which nothing was proved.
    #[must_use]
    pub fn start(&self, opening: Option<Opening>) -> Attempt {
        self.at_stage(self.clock.now(), opening, Stage::Start)
    }

    /// The attempt of somebody who goes to a provider.
    pub(crate) fn leave(&self, attempt: &Attempt, provider: ProviderName, toward: Toward) -> Attempt {
        self.advance(attempt, Stage::Away(Away::new(provider, toward, self.entropy.as_ref())))
    }

    /// An attempt to set up another app in a session.
    pub(crate) fn add_app(&self, session: SessionId, totp: TotpSecret) -> Attempt {
        self.at_stage(self.clock.now(), None, Stage::Adding { session, totp })
    }

    /// What follows on an attempt in which something was proved: with a new id, token and time.
    pub(crate) fn advance(&self, attempt: &Attempt, stage: Stage) -> Attempt {
        self.at_stage(self.clock.now(), attempt.opening.clone(), stage)
    }

    pub(crate) fn is_over(&self, attempt: &Attempt) -> bool {
        attempt.ends() <= self.clock.now()
    }

    fn at_stage(&self, began: Timestamp, opening: Option<Opening>, stage: Stage) -> Attempt {
        let (mut id, mut token) = ([0; 16], [0; 16]);
        self.entropy.fill(&mut id);
        self.entropy.fill(&mut token);
        let csrf = Secret::new(URL_SAFE_NO_PAD.encode(token));
        let challenge = Some(self.new_challenge());
        Attempt { id, csrf, began, opening, challenge, stage }
    }

    fn new_challenge(&self) -> Challenge {
        let mut value = [0; 32];
        self.entropy.fill(&mut value);
        Challenge { value, made: self.clock.now() }
    }

    /// Gives an attempt whose page is about to be shown a challenge with enough time left. Says whether it is another, so
    /// that the browser has to keep the attempt anew. What was proved in it ends when it would have.
    pub fn renew_challenge(&self, attempt: &mut Attempt) -> bool {
        let now = self.clock.now();
        let is_new = |challenge: &Challenge| now.since(challenge.made) < SHOWN_WITHIN;
        if attempt.challenge.as_ref().is_some_and(is_new) {
            return false;
        }
        attempt.challenge = Some(self.new_challenge());
        true
    }

    /// The attempt as the browser keeps it.
    ///
    /// # Errors
    /// [`Error::Key`], if it is too large, which the length of a host name rules out.
    pub fn seal(&self, attempt: &Attempt) -> Result<Secret<String>, Error> {
        let form = Form::of(attempt);
        // INVARIANT: plain data with string keys always has a JSON form.
        let plain = Secret::new(serde_json::to_vec(&form).unwrap_or_default());
        let sealed = plain.expose(|plain| self.key.seal(PURPOSE, plain))?;
        Ok(Secret::new(sealed))
    }

    /// The attempt that a browser brings; `None` if it is none of ours, or its time is over.
    #[must_use]
    pub fn open(&self, text: &str) -> Option<Attempt> {
        let plain = self.key.open(PURPOSE, text)?;
        let form: Form = plain.expose(|bytes| serde_json::from_slice(bytes)).ok()?;
        let attempt = form.attempt()?;
        (!self.is_over(&attempt)).then_some(attempt)
    }
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Form {
    id: [u8; 16],
    csrf: String,
    began: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opening: Option<Opening>,
    /// Attempts of earlier releases have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    challenge: Option<Challenge>,
    stage: StageForm,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum StageForm {
    Start,
    First {
        user: UserId,
        method: Method,
        generation: u64,
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<SignedInBy>,
    },
    Away(Away),
    Claiming {
        user: UserId,
        code: CredentialDigest,
        password: String,
        totp: Vec<u8>,
    },
    Adding {
        session: SessionId,
        totp: Vec<u8>,
    },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    Password,
    Link,
    Provider,
}

impl Form {
    fn of(attempt: &Attempt) -> Self {
        let stage = match &attempt.stage {
            Stage::Start => StageForm::Start,
            Stage::First { user, method, generation, at, by } => StageForm::First {
                user: *user,
                method: match *method {
                    FirstProof::LINK => Method::Link,
                    FirstProof::PROVIDER => Method::Provider,
                    _ => Method::Password,
                },
                generation: *generation,
                at: *at,
                by: by.clone(),
            },
            Stage::Away(away) => StageForm::Away(away.clone()),
            Stage::Claiming { user, code, chosen } => StageForm::Claiming {
                user: *user,
                code: *code,
                password: chosen.password.expose(Clone::clone),
                totp: chosen.totp.to_bytes().expose(Clone::clone),
            },
            Stage::Adding { session, totp } => {
                StageForm::Adding { session: *session, totp: totp.to_bytes().expose(Clone::clone) }
            }
        };
        Self {
            id: attempt.id,
            csrf: attempt.csrf.expose(Clone::clone),
            began: attempt.began,
            opening: attempt.opening.clone(),
            challenge: attempt.challenge.clone(),
            stage,
        }
    }

    fn attempt(mut self) -> Option<Attempt> {
        let stage = match &mut self.stage {
            StageForm::Start => Stage::Start,
            StageForm::First { user, method, generation, at, by } => {
                let method = match method {
                    Method::Password => FirstProof::PASSWORD,
                    Method::Link => FirstProof::LINK,
                    Method::Provider => FirstProof::PROVIDER,
                };
                Stage::First { user: *user, method, generation: *generation, at: *at, by: by.take() }
            }
            StageForm::Away(away) => Stage::Away(away.clone()),
            StageForm::Claiming { user, code, password, totp } => {
                let password = Secret::new(std::mem::take(password));
                let totp = TotpSecret::from_bytes(totp)?;
                Stage::Claiming { user: *user, code: *code, chosen: Chosen { password, totp } }
            }
            StageForm::Adding { session, totp } => {
                Stage::Adding { session: *session, totp: TotpSecret::from_bytes(totp)? }
            }
        };
        Some(Attempt {
            id: self.id,
            csrf: Secret::new(std::mem::take(&mut self.csrf)),
            began: self.began,
            opening: self.opening.take(),
            challenge: self.challenge.take(),
            stage,
        })
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        self.csrf.zeroize();
        match &mut self.stage {
            StageForm::Claiming { password, totp, .. } => {
                password.zeroize();
                totp.zeroize();
            }
            StageForm::Adding { totp, .. } => totp.zeroize(),
            StageForm::Start | StageForm::First { .. } | StageForm::Away(_) => {}
        }
    }
}

const PURPOSE: &str = "attempt";

/// Time to find a phone, and to set up an app.
pub(crate) const LIVES_FOR: Duration = Duration::from_secs(600);

/// The time that authenticators are given (Web Authentication, 15.1).
pub(crate) const CHALLENGE_LIVES_FOR: Duration = Duration::from_secs(300);

/// A page that is shown again within this time shows the same challenge: a tab that is open still stays good.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);
