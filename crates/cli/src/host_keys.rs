//! Keys of hosts with certificates by a public authority, kept in the store: sealed, and with the rest in a backup.

use std::sync::Arc;

use async_trait::async_trait;
use bartizan_gateway::{HostKeys, HostKeysError};
use bartizan_model::{Clock, CredentialDigest, Secret};
use bartizan_pki::sha256;
use bartizan_store::{ChangeSet, SecretWrite, Store};

/// What hosts have from one authority. From another they have nothing yet.
#[derive(Debug)]
pub(crate) struct StoredHostKeys {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The directory of the authority.
    pub(crate) directory: String,
}

impl StoredHostKeys {
    fn name(&self, host: &str) -> String {
        let digest = sha256(format!("{}\n{host}", self.directory).as_bytes());
        format!("acme-host/{}", CredentialDigest::from_bytes(digest).to_hex())
    }
}

#[async_trait]
impl HostKeys for StoredHostKeys {
    async fn kept(&self, host: &str) -> Result<Option<Secret<Vec<u8>>>, HostKeysError> {
        self.store.secret(&self.name(host)).await.map_err(|error| HostKeysError(error.to_string()))
    }

    async fn keep(&self, host: &str, value: Secret<Vec<u8>>) -> Result<(), HostKeysError> {
        let mut change = ChangeSet::new("system", self.clock.now());
        change.secrets.push(SecretWrite::Put { name: self.name(host), value });
        self.store.commit(change).await.map(drop).map_err(|error| HostKeysError(error.to_string()))
    }
}
