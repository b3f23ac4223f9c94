//! The private halves of sealing keys, for those parts of control that may read what was sealed.

use std::sync::Arc;

use bartizan_evidence::Opener;
use bartizan_identity::user_key_secret;
use bartizan_model::SealingKeyId;
use bartizan_pki::SealingKeyPair;
use bartizan_store::Store;
use tokio::runtime::Handle;

/// The sealing keys of the store. One that was destroyed is not there any more.
#[derive(Debug)]
pub struct KeyRing {
    store: Arc<dyn Store>,
    runtime: Handle,
}

impl KeyRing {
    /// The key ring of this store, which is asked on this runtime.
    #[must_use]
    pub const fn new(store: Arc<dyn Store>, runtime: Handle) -> Self {
        Self { store, runtime }
    }
}

impl Opener for KeyRing {
    fn key(&self, key: SealingKeyId) -> Option<Arc<SealingKeyPair>> {
        let secret = match self.runtime.block_on(self.store.secret(&user_key_secret(key))) {
            Ok(secret) => secret?,
            Err(error) => {
                tracing::warn!(%error, "a sealing key cannot be read");
                return None;
            }
        };
        SealingKeyPair::from_secret(&secret).ok().map(Arc::new)
    }
}
