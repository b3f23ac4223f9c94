//! The passkeys among the factors: found, used, added, renamed. How one is taken away is with the other [changes](super::change).

use std::time::Duration;

use bartizan_model::{ObjectKind, UserId};
use bartizan_store::{ChangeSet, Expect, Write};

use super::proof::{PasskeyProof, PasskeyUse};
use super::stored::{Current, passkey_lookup};
use super::{Factors, NoProof, TRIES};
use crate::attempt::{CHALLENGE_LIVES_FOR, Challenge};
use crate::codes::{CodePurpose, CodeSpec};
use crate::error::Error;
use crate::passkeys::{Fault, MAX_PASSKEYS, Passkey, PasskeyKey, RelyingParty, Shown, Verification, name_of};
use crate::people::to_value;

/// Why a passkey was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdded {
    /// The person has as many as one may have.
    TooMany,
    /// It is somebody's already.
    Taken,
    /// The challenge was answered before.
    Used,
    /// The person has no factors to which one could be added.
    NoFactors,
}

/// Somebody's passkey, and their factors as they were when it was looked up.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) user: UserId,
    pub(crate) passkey: Passkey,
    generation: u64,
}

impl Factors {
    /// The passkeys of a person, in the order in which they were made.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn passkeys(&self, user: UserId) -> Result<Vec<Passkey>, Error> {
        Ok(self.secrets(user).await?.map(|secrets| secrets.passkeys).unwrap_or_default())
    }

    /// Whose passkey has this credential.
    pub(crate) async fn known_passkey(&self, shown: &Shown) -> Result<Option<Known>, Error> {
        let key = PasskeyKey::of(shown.credential());
        let lookup = passkey_lookup(key);
        let Some(object) = self.store.find(&lookup.space, &lookup.key).await? else { return Ok(None) };
        let Ok(user) = object.name.parse() else { return Ok(None) };
        let Some(secrets) = self.secrets(user).await? else { return Ok(None) };
        let generation = secrets.generation;
        let passkey = secrets.passkeys.into_iter().find(|passkey| passkey.key() == key);
        Ok(passkey.map(|passkey| Known { user, passkey, generation }))
    }

    /// Verifies what a passkey signed. That it was used is written down with what the proof permits, by [`Self::note`].
    pub(crate) fn check_passkey(
        party: &RelyingParty,
        known: &Known,
        shown: &Shown,
        challenge: &Challenge,
        verification: Verification,
    ) -> Result<PasskeyProof, Fault> {
        let said = party.shown(shown, challenge, (known.user, &known.passkey), verification)?;
        let (user, key, challenge) = (known.user, known.passkey.key(), challenge.value);
        let used = PasskeyUse { user, key, challenge, said };
        Ok(PasskeyProof::new(&known.passkey, used, known.generation))
    }

    /// Adds the writes by which a passkey was used and its challenge answered; or says why neither may be. Whoever commits
    /// them and is refused looks again.
    pub(crate) async fn note(
        &self,
        used: &PasskeyUse,
        change: &mut ChangeSet,
    ) -> Result<Result<(), NoProof>, Error> {
        let Some(answered) = self.answered(&used.challenge).await? else { return Ok(Err(NoProof::Used)) };
        let Some(mut current) = self.current(used.user).await? else { return Ok(Err(NoProof::Wrong)) };
        let Some(passkey) = current.passkey(used.key) else { return Ok(Err(NoProof::Wrong)) };
        if passkey.take(&used.said, self.clock.now()).is_err() {
            return Ok(Err(NoProof::Copied));
        }
        change.writes.push(answered);
        change.writes.push(current.spec.write(used.user, current.expect, &current.secrets.passkeys));
        change.secrets.push(current.secrets.write(used.user));
        Ok(Ok(()))
    }

    /// The write that says that a challenge was answered; `None` if it was. It is kept for as long as the challenge could
    /// be brought again, and then swept away like any code.
    pub(crate) async fn answered(&self, challenge: &[u8; 32]) -> Result<Option<Write>, Error> {
        self.answered_for(challenge, CHALLENGE_LIVES_FOR).await
    }

    /// The same of what could be brought again for as long as this.
    pub(crate) async fn answered_for(
        &self,
        challenge: &[u8; 32],
        lives_for: Duration,
    ) -> Result<Option<Write>, Error> {
        let (kind, name) = (ObjectKind::Code, answer_name(challenge));
        if self.store.get(kind, &name).await?.is_some() {
            return Ok(None);
        }
        let ends = self.clock.now().plus(lives_for);
        let spec = to_value(&CodeSpec::new(CodePurpose::Answered, ends));
        Ok(Some(Write::Put { kind, name, spec, lookups: Vec::new(), expect: Expect::Absent }))
    }

    /// Gives a person another passkey. The generation stays: see [`Enrolled`](super::Enrolled).
    pub(crate) async fn add_passkey(
        &self,
        user: UserId,
        passkey: &Passkey,
        challenge: &Challenge,
    ) -> Result<Result<(), NotAdded>, Error> {
        for _ in 0..TRIES {
            let Some(answered) = self.answered(&challenge.value).await? else {
                return Ok(Err(NotAdded::Used));
            };
            let Some(mut current) = self.current(user).await? else { return Ok(Err(NotAdded::NoFactors)) };
            if current.secrets.passkeys.len() >= MAX_PASSKEYS {
                return Ok(Err(NotAdded::TooMany));
            }
            current.secrets.passkeys.push(passkey.clone());
            current.count();
            let mut change = self.change(user, &current, Some(&current.secrets), &user.to_string());
            change.writes.push(answered);
            match self.store.commit(change).await {
                Ok(_) => return Ok(Ok(())),
                Err(bartizan_store::Error::LookupTaken { .. }) => return Ok(Err(NotAdded::Taken)),
                Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// Calls a passkey something else. Says whether there is such a passkey; a name of nothing changes nothing.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`]; [`Error::Busy`] if others change the same factors all the time.
    pub async fn rename_passkey(&self, user: UserId, key: PasskeyKey, name: &str) -> Result<bool, Error> {
        let Some(name) = name_of(name) else { return Ok(true) };
        for _ in 0..TRIES {
            let Some(mut current) = self.current(user).await? else { return Ok(false) };
            let Some(passkey) = current.passkey(key) else { return Ok(false) };
            passkey.name.clone_from(&name);
            let change = self.change(user, &current, Some(&current.secrets), &user.to_string());
            if self.committed(change).await? {
                return Ok(true);
            }
        }
        Err(Error::Busy)
    }
}

impl Current {
    fn passkey(&mut self, key: PasskeyKey) -> Option<&mut Passkey> {
        self.secrets.passkeys.iter_mut().find(|passkey| passkey.key() == key)
    }
}

/// Of another form than the digest of a code, so that neither is taken for the other.
fn answer_name(challenge: &[u8; 32]) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("answered-{}", URL_SAFE_NO_PAD.encode(bartizan_pki::sha256(challenge)))
}
