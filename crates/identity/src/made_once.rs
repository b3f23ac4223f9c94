//! Secrets of the deployment that are made when first needed.

use bartizan_model::{Clock, ObjectKind, Secret};
use bartizan_store::{ChangeSet, Expect, SecretWrite, Store, Write};

use crate::error::Error;

/// The secret of this name; `make` makes it if there is none. Of many who open at once, all get the same.
///
/// # Errors
/// [`Error::Store`], and what `make` says.
pub(crate) async fn made_once(
    store: &dyn Store,
    clock: &dyn Clock,
    name: &'static str,
    make: impl Fn() -> Result<Secret<Vec<u8>>, Error>,
) -> Result<Secret<Vec<u8>>, Error> {
    for _ in 0..TRIES {
        let before = store.revision().await?;
        if let Some(secret) = store.secret(name).await? {
            return Ok(secret);
        }
        let mut change = ChangeSet::new("system", clock.now());
        // A secret alone moves no revision, so two openers would both find the store where they had read it. An object
        // that comes and goes in the same set moves it: whoever is second is refused, and finds the secret.
        let (kind, mark) = (ObjectKind::Code, format!("making-{name}"));
        change.writes.push(Write::Put {
            kind,
            name: mark.clone(),
            spec: serde_json::Value::Null,
            lookups: Vec::new(),
            expect: Expect::Absent,
        });
        change.writes.push(Write::Delete { kind, name: mark, expect: Expect::Any });
        change.secrets.push(SecretWrite::Put { name: name.into(), value: make()? });
        change.if_revision = Some(before);
        match store.commit(change).await {
            Ok(_) | Err(bartizan_store::Error::Moved { .. } | bartizan_store::Error::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}

/// Each try fails only because somebody else wrote meanwhile.
const TRIES: usize = 100;
