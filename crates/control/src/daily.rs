//! The key for events of nobody in particular: a new one each day, so that a day of them can be erased.

use bartizan_identity::user_key_secret;
use bartizan_model::{Clock, Entropy, ObjectKind, SealingKeyId, Timestamp};
use bartizan_pki::SealingKeyPair;
use bartizan_store::{ChangeSet, Expect, Lookup, SecretWrite, Store, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::error::Error;

/// Makes today's key if there is none yet.
///
/// # Errors
/// [`Error::Store`], [`Error::Key`].
pub async fn keep_daily_key(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<(), Error> {
    let now = clock.now();
    let day = day_of(now);
    if store.find(SPACE, &day).await?.is_some() {
        return Ok(());
    }
    let pair = SealingKeyPair::generate()?;
    let id = SealingKeyId::random(entropy);
    let mut change = ChangeSet::new("system", now);
    change.writes.push(Write::Put {
        kind: ObjectKind::SealingKey,
        name: id.to_string(),
        spec: json!({ "public": URL_SAFE_NO_PAD.encode(pair.public()), "day": day }),
        lookups: vec![Lookup::new(SPACE, day)],
        expect: Expect::Absent,
    });
    change.secrets.push(SecretWrite::Put { name: user_key_secret(id), value: pair.to_secret() });
    match store.commit(change).await {
        // Another replica was faster.
        Ok(_) | Err(bartizan_store::Error::LookupTaken { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn day_of(now: Timestamp) -> String {
    now.to_string().chars().take("2026-11-24".len()).collect()
}

const SPACE: &str = "anonymous-day";
