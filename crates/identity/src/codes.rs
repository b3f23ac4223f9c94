//! Codes: what is spent once. The code that takes a sign-in to an app, a sign-in link, the link to a new account.

use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{
    ClientGrantId, Clock, CredentialDigest, CredentialKind, Entropy, ObjectKind, PresentedCredential,
    Revision, SessionId, Timestamp, UserId,
};
use bartizan_pki::{credential_digest, new_credential};
use bartizan_store::{ChangeSet, Expect, Store, Write};
use serde::{Deserialize, Serialize};

use crate::credentials::IssuedCredential;
use crate::error::Error;
use crate::oidc::authorization::Authorization;
use crate::oidc::device::DeviceRequest;
use crate::people::to_value;
use crate::spec::{generation_of, read};

/// What a code is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum CodePurpose {
    /// A cookie of one app's host, for the browser that knows what `challenge` is the SHA-256 of.
    App {
        /// The sign-in.
        session: SessionId,
        /// The host of the app.
        host: String,
        /// The SHA-256 of the verifier in the browser's start cookie.
        challenge: [u8; 32],
    },
    /// The first factor of a sign-in.
    SignIn {
        /// Whose.
        user: UserId,
    },
    /// Nothing: a challenge was answered, by a passkey, and is not answered again.
    Answered,
    /// Choosing password and app of an account, in the place of any that it has.
    Claim {
        /// Whose.
        user: UserId,
    },
    /// Tokens for a client of the OpenID provider.
    Client(Box<Authorization>),
    /// Tokens for a client on a device that has no browser, once somebody says so on another.
    Device(Box<DeviceRequest>),
    /// Nothing any more: it was spent for these tokens. Who brings it again has it from who spent it, or the other way round.
    Redeemed {
        /// What it was spent for.
        grant: ClientGrantId,
    },
}

impl CodePurpose {
    /// How long such a code lives.
    #[must_use]
    pub const fn lives_for(&self) -> Duration {
        match self {
            Self::App { .. } | Self::Client(_) => Duration::from_secs(60),
            Self::Redeemed { .. } => Duration::from_secs(600),
            // Longer than it can be used, so that a device that comes late is told what is the matter.
            Self::Device(_) => Duration::from_secs(1200),
            Self::Answered => Duration::from_secs(5 * 60),
            Self::SignIn { .. } => Duration::from_secs(15 * 60),
            Self::Claim { .. } => Duration::from_secs(7 * 24 * 3600),
        }
    }
}

/// A code as stored; its name is the SHA-256 of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeSpec {
    #[serde(flatten)]
    pub(crate) purpose: CodePurpose,
    pub(crate) ends: Timestamp,
    /// Of a link: which factors the person had when it was made. When they are others, the link is dead; so an old
    /// invitation does not take an account from whoever has claimed it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
}

impl CodeSpec {
    /// A code that hangs on nobody's factors.
    pub(crate) const fn new(purpose: CodePurpose, ends: Timestamp) -> Self {
        Self { purpose, ends, generation: None }
    }
}

/// What is known of a code that somebody presented.
#[derive(Debug)]
pub(crate) enum Found {
    /// It can be spent.
    Live(CodePurpose, Timestamp, Spending),
    /// Its time is over.
    Ended,
    /// The person's factors are others than when it was made.
    Outdated,
    /// It was spent, swept away, or never was.
    Unknown,
}

/// A code at the revision that was read.
#[derive(Debug)]
pub(crate) struct Spending {
    digest: CredentialDigest,
    revision: Revision,
    /// The factors of the person for whom the code is.
    pub(crate) generation: Option<u64>,
}

impl Spending {
    /// The name of the code.
    pub(crate) fn name(&self) -> String {
        self.digest.to_hex()
    }

    pub(crate) const fn revision(&self) -> Revision {
        self.revision
    }

    /// The write that spends the code; it is refused if somebody else was faster.
    pub(crate) fn write(&self) -> Write {
        Write::Delete {
            kind: ObjectKind::Code,
            name: self.digest.to_hex(),
            expect: Expect::Revision(self.revision),
        }
    }
}

/// The codes of the deployment.
#[derive(Debug, Clone)]
pub struct Codes {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Codes {
    /// The codes that are kept in this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { store, clock, entropy }
    }

    /// A new code. [`CodePurpose::lives_for`] says for how long unless there is a reason for another time.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn issue(
        &self,
        purpose: CodePurpose,
        lives_for: Duration,
        author: &str,
    ) -> Result<IssuedCredential, Error> {
        let (text, digest) = new_credential(CredentialKind::Code, self.entropy.as_ref());
        let now = self.clock.now();
        let generation = self.generation(&purpose).await?;
        let spec = CodeSpec { purpose, ends: now.plus(lives_for), generation };
        let mut change = ChangeSet::new(author, now);
        change.writes.push(Write::Put {
            kind: ObjectKind::Code,
            name: digest.to_hex(),
            spec: to_value(&spec),
            lookups: Vec::new(),
            expect: Expect::Absent,
        });
        self.store.commit(change).await?;
        Ok(IssuedCredential { text })
    }

    /// What a code is good for and until when, without spending it.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn look(
        &self,
        presented: &PresentedCredential,
    ) -> Result<Option<(CodePurpose, Timestamp)>, Error> {
        match self.found(presented).await? {
            Found::Live(purpose, ends, _) => Ok(Some((purpose, ends))),
            Found::Ended | Found::Outdated | Found::Unknown => Ok(None),
        }
    }

    /// What a code is good for, and the write that spends it, for a set of changes of which it is part. The set is
    /// refused if somebody else spends the code first.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn take(&self, presented: &PresentedCredential) -> Result<Option<(CodePurpose, Write)>, Error> {
        match self.found(presented).await? {
            Found::Live(purpose, _, spending) => Ok(Some((purpose, spending.write()))),
            Found::Ended | Found::Outdated | Found::Unknown => Ok(None),
        }
    }

    /// Spends a code by itself. Of many who bring the same, one gets the answer.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn spend(
        &self,
        presented: &PresentedCredential,
        author: &str,
    ) -> Result<Option<CodePurpose>, Error> {
        let Some((purpose, write)) = self.take(presented).await? else { return Ok(None) };
        Ok(self.commit(write, author).await?.then_some(purpose))
    }

    /// Whether this spends the code; not, if it was spent meanwhile.
    pub(crate) async fn commit(&self, write: Write, author: &str) -> Result<bool, Error> {
        let mut change = ChangeSet::new(author, self.clock.now());
        change.writes.push(write);
        match self.store.commit(change).await {
            Ok(_) => Ok(true),
            Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn found(&self, presented: &PresentedCredential) -> Result<Found, Error> {
        if presented.kind() != CredentialKind::Code {
            return Ok(Found::Unknown);
        }
        self.found_by(credential_digest(presented)).await
    }

    pub(crate) async fn found_by(&self, digest: CredentialDigest) -> Result<Found, Error> {
        let Some(object) = self.store.get(ObjectKind::Code, &digest.to_hex()).await? else {
            return Ok(Found::Unknown);
        };
        let spec: CodeSpec = read("code", &object)?;
        if spec.ends <= self.clock.now() {
            return Ok(Found::Ended);
        }
        if self.generation(&spec.purpose).await? != spec.generation {
            return Ok(Found::Outdated);
        }
        let spending = Spending { digest, revision: object.revision, generation: spec.generation };
        Ok(Found::Live(spec.purpose, spec.ends, spending))
    }

    /// Which factors the person has for whom a link is; `None` for the code of an app, too.
    async fn generation(&self, purpose: &CodePurpose) -> Result<Option<u64>, Error> {
        let user = match purpose {
            // What the code of a client hangs on is in it, and is asked when it is spent.
            CodePurpose::App { .. }
            | CodePurpose::Answered
            | CodePurpose::Client(_)
            | CodePurpose::Device(_)
            | CodePurpose::Redeemed { .. } => {
                return Ok(None);
            }
            CodePurpose::SignIn { user } | CodePurpose::Claim { user } => user,
        };
        let factors = self.store.get(ObjectKind::Factors, &user.to_string()).await?;
        Ok(factors.as_ref().and_then(generation_of))
    }
}
