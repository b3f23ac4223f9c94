//! Programs that people sign in to with us, and the secrets by which these prove themselves.

mod built_in;
mod spec;
mod trust;

use std::collections::HashMap;
use std::sync::Arc;

use bartizan_model::{ClientName, Clock, Entropy, ObjectKind, Revision, Secret};
use bartizan_store::{ChangeSet, Expect, Object, SecretWrite, Store, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

pub(crate) use built_in::is_cli;
pub use built_in::{CLI_CLIENT, built_in_client};
pub use spec::{ClientAuth, ClientSpec, GrantType, IdTokenAlg, RedirectUri, RedirectUriError};
pub use trust::Trust;

use crate::error::Error;
use crate::newest::Newest;
use crate::people::to_value;
use crate::spec::read;

/// A client as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its name: the `client_id`.
    pub name: ClientName,
    /// What is known of it.
    pub spec: ClientSpec,
    /// When it became so.
    pub revision: Revision,
}

/// The clients of the deployment.
#[derive(Debug, Clone)]
pub struct Clients {
    newest: Newest,
    secrets: Arc<Mutex<HashMap<ClientName, Kept>>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// The digest of a secret that was read. A secret is stored in one set with its client, so as long as the client is at this
/// revision, there is no other.
#[derive(Debug)]
struct Kept {
    at: Revision,
    digest: Arc<Secret<Vec<u8>>>,
}

impl Clients {
    /// The clients that are kept in this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self::reading(Newest::new(store), clock, entropy)
    }

    /// The same, by what others keep of that store, too.
    pub(crate) fn reading(newest: Newest, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { newest, secrets: Arc::default(), clock, entropy }
    }

    /// A client; none if there is no such one. Whether it is disabled is in what is known of it.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn get(&self, name: &ClientName) -> Result<Option<Client>, Error> {
        if let Some(spec) = built_in_client(name.as_str()) {
            return Ok(Some(Client { name: name.clone(), spec, revision: Revision::new(0) }));
        }
        let object = self.newest.get(ObjectKind::Client, name.as_str()).await?;
        object.map(|object| client(name, &object)).transpose()
    }

    /// Gives a client a new secret in the place of the one that it had, and says it: it is told once. None if there is no such
    /// client, or it proves itself in another way.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`]; [`Error::Busy`] if others change the client all the time.
    pub async fn new_secret(&self, name: &ClientName, author: &str) -> Result<Option<Secret<String>>, Error> {
        for _ in 0..TRIES {
            let Some(mut client) = self.get(name).await? else { return Ok(None) };
            if !client.spec.auth.takes_secret() {
                return Ok(None);
            }
            let text = self.make();
            let now = self.clock.now();
            client.spec.secret_set = Some(now);
            let mut change = ChangeSet::new(author, now);
            change.writes.push(Write::Put {
                kind: ObjectKind::Client,
                name: name.to_string(),
                spec: to_value(&client.spec),
                lookups: Vec::new(),
                expect: Expect::Revision(client.revision),
            });
            change
                .secrets
                .push(SecretWrite::Put { name: secret_of(name), value: Secret::new(digest(&text).to_vec()) });
            match self.newest.store().commit(change).await {
                Ok(_) => return Ok(Some(text)),
                Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// Whether this is the secret of a client that proves itself by one. The comparison takes as long whatever is presented.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn check_secret(&self, client: &Client, presented: &Secret<String>) -> Result<bool, Error> {
        let stored = match client.spec.auth.takes_secret() && client.spec.secret_set.is_some() {
            true => self.digest_of(client).await?,
            false => None,
        };
        let presented = digest(presented);
        Ok(stored.is_some_and(|stored| stored.expose(|stored| stored.ct_eq(&presented).into())))
    }

    async fn digest_of(&self, client: &Client) -> Result<Option<Arc<Secret<Vec<u8>>>>, Error> {
        if let Some(kept) = self.secrets.lock().get(&client.name).filter(|kept| kept.at == client.revision) {
            return Ok(Some(Arc::clone(&kept.digest)));
        }
        let stored = self.newest.store().secret(&secret_of(&client.name)).await?.map(Arc::new);
        if let Some(digest) = &stored {
            let mut secrets = self.secrets.lock();
            if secrets.len() >= MOST_SECRETS {
                secrets.clear();
            }
            secrets.insert(client.name.clone(), Kept { at: client.revision, digest: Arc::clone(digest) });
        }
        Ok(stored)
    }

    fn make(&self) -> Secret<String> {
        let mut bits = [0; 32];
        self.entropy.fill(&mut bits);
        // Of the final length from the start: growing would leave an unwiped copy behind.
        let mut text = String::with_capacity(PREFIX.len() + 43);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(bits, &mut text);
        bits.zeroize();
        Secret::new(text)
    }
}

/// The client that an object is.
///
/// # Errors
/// [`Error::Damaged`].
pub(crate) fn client(name: &ClientName, object: &Object) -> Result<Client, Error> {
    Ok(Client { name: name.clone(), spec: read("client", object)?, revision: object.revision })
}

/// A secret has 256 random bits, so one round is enough.
fn digest(secret: &Secret<String>) -> [u8; 32] {
    secret.expose(|text| bartizan_pki::sha256(text.as_bytes()))
}

/// The name of the stored secret of a client.
#[must_use]
pub fn secret_of(name: &ClientName) -> String {
    format!("client/{name}")
}

/// How secrets of clients begin, so that whoever finds one knows whose it is.
const PREFIX: &str = "bzk_";

/// Each try fails only because somebody else changed the same client.
const TRIES: usize = 8;

/// More clients than a deployment has that ask at a time.
const MOST_SECRETS: usize = 1024;
