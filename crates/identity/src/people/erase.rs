//! Erasing a person: what was sealed to them opens no more, wherever a copy of it is.

use std::collections::BTreeSet;

use bartizan_model::{ObjectKind, SealingKeyId, UserId};
use bartizan_store::{Expect, SecretWrite, Write};

use super::People;
use crate::error::Error;
use crate::factors::factor_secrets;
use crate::spec::{UserSpec, user_key_secret};

/// What it takes to erase somebody, to be committed in one set. There is no way back from it.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// The keys that were theirs. What was sealed to them must be forgotten by whoever keeps it open.
    pub keys: BTreeSet<SealingKeyId>,
    /// The deletion of the person, if they have not been deleted before.
    pub person: Option<Write>,
    /// The deletion of what says how they sign in, if that is still there.
    pub factors: Option<Write>,
    /// The destruction of their keys, and of what they sign in with.
    pub secrets: Vec<SecretWrite>,
}

impl People {
    /// How to erase somebody; `None` if there never was anybody of this id.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn erasure(&self, id: UserId) -> Result<Option<Erasure>, Error> {
        let name = id.to_string();
        let object = self.store.get(ObjectKind::User, &name).await?;
        let history = self.store.history(ObjectKind::User, &name, u32::MAX).await?;
        if history.is_empty() {
            return Ok(None);
        }
        // Those of a damaged object cannot be known, so the object is deleted all the same.
        let specs = history.into_iter().filter_map(|change| change.spec);
        let keys: BTreeSet<SealingKeyId> =
            specs.filter_map(|spec| Some(serde_json::from_value::<UserSpec>(spec).ok()?.key)).collect();
        let delete = |kind, expect| Write::Delete { kind, name: name.clone(), expect };
        let person = object.map(|object| delete(ObjectKind::User, Expect::Revision(object.revision)));
        let factors = self.store.get(ObjectKind::Factors, &name).await?;
        let factors = factors.map(|object| delete(ObjectKind::Factors, Expect::Revision(object.revision)));
        let names = keys.iter().map(|key| user_key_secret(*key)).chain([factor_secrets(id)]);
        let secrets = names.map(|name| SecretWrite::Delete { name }).collect();
        Ok(Some(Erasure { keys, person, factors, secrets }))
    }
}
