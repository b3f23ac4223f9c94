//! People: random names outside, sealed attributes inside.

mod erase;
mod prepare;

use std::collections::BTreeMap;
use std::sync::Arc;

use bartizan_model::{Clock, Entropy, ObjectKind, SealingKeyId, Secret, UserId, UserState};
use bartizan_pki::{SealingKeyPair, keyed_digest, seal_once};
use bartizan_store::{ChangeSet, Committed, Expect, Lookup, SecretWrite, Store, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::made_once::made_once;
use crate::place::Place;
use crate::sessions::SessionRecord;
use crate::spec::{UserSpec, read, user_key_secret};

pub use erase::Erasure;
pub use prepare::{StoredPerson, login_name};

/// What is personal of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// What they sign in with.
    pub login: String,
    /// What they are called.
    pub display: String,
    /// Their mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// What directories say of them beyond that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Box<Profile>>,
}

/// What directories say of a person beyond what everything here reads (RFC 7643, 4.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The login name as a directory spells it, if not in small letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spelled: Option<String>,
    /// Whether nobody has said what they are called, so that it was made of what there is.
    #[serde(default)]
    pub display_made: bool,
    /// The whole name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// The family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// The given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// All mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// What each directory calls them, by the subject that writes for it. It says nothing to anybody else, and is no key of ours.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub external: BTreeMap<String, String>,
}

/// A mail address (RFC 7643, 4.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address.
    pub value: String,
    /// What it is for: `work`, `home`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is the one to write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}

/// A person to be made.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// What is personal of them.
    pub attributes: Attributes,
    /// Whether they administer the deployment.
    pub admin: bool,
}

/// A person as administrators see them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What is personal of them; `None` once they are erased.
    pub attributes: Option<Attributes>,
    /// Whether they may act.
    pub state: UserState,
    /// Whether they administer the deployment.
    pub admin: bool,
}

/// The people of the deployment.
#[derive(Debug, Clone)]
pub struct People {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    login_key: Arc<Secret<[u8; 32]>>,
}

impl People {
    /// Opens the people of this store; makes the key that login names are found by, if there is none yet.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn open(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Error> {
        let make = || {
            let mut key = vec![0; 32];
            entropy.fill(&mut key);
            Ok(Secret::new(key))
        };
        let key = made_once(store.as_ref(), clock.as_ref(), LOGIN_KEY, make).await?;
        let damaged = || Error::Damaged { what: "secret", name: LOGIN_KEY.into() };
        let key = key.expose(|bytes| <[u8; 32]>::try_from(bytes.as_slice())).map_err(|_length| damaged())?;
        Ok(Self { store, clock, entropy, login_key: Arc::new(Secret::new(key)) })
    }

    /// Makes a person.
    ///
    /// # Errors
    /// [`Error::LoginForm`], [`Error::LoginTaken`], [`Error::Store`].
    pub async fn create(&self, person: &NewPerson, author: &str) -> Result<UserId, Error> {
        let login = normal_login(&person.attributes.login)?;
        let id = UserId::random(self.entropy.as_ref());
        let key = SealingKeyId::random(self.entropy.as_ref());
        let pair = SealingKeyPair::generate()?;
        let attributes = Attributes { login: login.clone(), ..person.attributes.clone() };
        let spec = UserSpec {
            state: UserState::Active,
            admin: person.admin,
            key,
            public: URL_SAFE_NO_PAD.encode(pair.public()),
            sealed: seal(&pair.public(), id, &attributes)?,
        };
        let mut change = ChangeSet::new(author, self.clock.now());
        change.writes.push(Write::Put {
            kind: ObjectKind::User,
            name: id.to_string(),
            spec: to_value(&spec),
            lookups: self.lookups_of(&attributes)?,
            expect: Expect::Absent,
        });
        change.secrets.push(SecretWrite::Put { name: user_key_secret(key), value: pair.to_secret() });
        match self.store.commit(change).await {
            Ok(_) => Ok(id),
            Err(bartizan_store::Error::LookupTaken { .. }) => Err(Error::LoginTaken(login)),
            Err(error) => Err(error.into()),
        }
    }

    /// The person who signs in with this name.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn find(&self, login: &str) -> Result<Option<UserId>, Error> {
        let Ok(login) = normal_login(login) else { return Ok(None) };
        let lookup = self.login_lookup(&login);
        let found = self.store.find(&lookup.space, &lookup.key).await?;
        Ok(found.and_then(|object| object.name.parse().ok()))
    }

    /// A person.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn get(&self, id: UserId) -> Result<Option<Person>, Error> {
        let Some(object) = self.store.get(ObjectKind::User, &id.to_string()).await? else { return Ok(None) };
        let spec: UserSpec = read("user", &object)?;
        let attributes = self.open_attributes(id, &spec).await?;
        Ok(Some(Person { id, attributes, state: spec.state, admin: spec.admin }))
    }

    /// At most `limit` people after one.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn list(&self, after: Option<UserId>, limit: u32) -> Result<Vec<Person>, Error> {
        let after = after.map(|id| id.to_string());
        let mut people = Vec::new();
        for object in self.store.list(ObjectKind::User, after.as_deref(), limit).await? {
            let spec: UserSpec = read("user", &object)?;
            let damaged = |_form| Error::Damaged { what: "user", name: object.name.clone() };
            let id = object.name.parse().map_err(damaged)?;
            let attributes = self.open_attributes(id, &spec).await?;
            people.push(Person { id, attributes, state: spec.state, admin: spec.admin });
        }
        Ok(people)
    }

    /// Lets a person act, or not. Nothing is written if they are in that state already.
    ///
    /// # Errors
    /// [`Error::Store`]: `NotFound` if there is no such person.
    pub async fn set_state(
        &self,
        id: UserId,
        state: UserState,
        author: &str,
    ) -> Result<Option<Committed>, Error> {
        let name = id.to_string();
        let object =
            self.store.get(ObjectKind::User, &name).await?.ok_or_else(|| {
                bartizan_store::Error::NotFound { kind: ObjectKind::User, name: name.clone() }
            })?;
        let mut spec: UserSpec = read("user", &object)?;
        if spec.state == state {
            return Ok(None);
        }
        spec.state = state;
        let lookups = self.store.lookups(ObjectKind::User, &name).await?;
        let mut change = ChangeSet::new(author, self.clock.now());
        change.writes.push(Write::Put {
            kind: ObjectKind::User,
            name,
            spec: to_value(&spec),
            lookups,
            expect: Expect::Revision(object.revision),
        });
        Ok(Some(self.store.commit(change).await?))
    }

    /// Where a person's session began. `None` once they are erased.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Key`].
    pub async fn place(&self, session: &SessionRecord) -> Result<Option<Place>, Error> {
        let Some(sealed) = &session.place else { return Ok(None) };
        let Some(user) = session.facts.user() else { return Ok(None) };
        let name = user.to_string();
        let Some(object) = self.store.get(ObjectKind::User, &name).await? else { return Ok(None) };
        let spec: UserSpec = read("user", &object)?;
        let Some(secret) = self.store.secret(&user_key_secret(spec.key)).await? else { return Ok(None) };
        Place::open(&SealingKeyPair::from_secret(&secret)?, session.facts.id, sealed).map(Some)
    }

    /// Ids of credentials that nobody has, always the same for a login name and as many and as long as others are: so that
    /// whoever asks once whose passkeys there are does not learn who exists (Web Authentication, 14.6.2).
    pub(crate) fn decoys(&self, login: &str) -> Vec<Vec<u8>> {
        let login = login.to_ascii_lowercase();
        let digest = |domain: &str| keyed_digest(&self.login_key, domain, login.as_bytes());
        let [number, length, ..] = digest("decoys");
        let length = [16, 20, 32].into_iter().cycle().nth(usize::from(length)).unwrap_or(32);
        ["decoy-1", "decoy-2"]
            .into_iter()
            .take(if number % 4 == 0 { 2 } else { 1 })
            .map(|domain| digest(domain).into_iter().take(length).collect())
            .collect()
    }

    /// The person that a directory, for which this subject writes, calls so.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn find_external(&self, provisioner: &str, external: &str) -> Result<Option<UserId>, Error> {
        let lookup = self.external_lookup(provisioner, external);
        let found = self.store.find(&lookup.space, &lookup.key).await?;
        Ok(found.and_then(|object| object.name.parse().ok()))
    }

    fn login_lookup(&self, login: &str) -> Lookup {
        let digest = keyed_digest(&self.login_key, "login", login.as_bytes());
        Lookup::new("login", URL_SAFE_NO_PAD.encode(digest))
    }

    /// Of this directory only: another may call somebody else so.
    fn external_lookup(&self, provisioner: &str, external: &str) -> Lookup {
        let of = format!("{provisioner}\0{external}");
        Lookup::new(EXTERNAL, URL_SAFE_NO_PAD.encode(keyed_digest(&self.login_key, EXTERNAL, of.as_bytes())))
    }

    async fn open_attributes(&self, id: UserId, spec: &UserSpec) -> Result<Option<Attributes>, Error> {
        let Some(secret) = self.store.secret(&user_key_secret(spec.key)).await? else { return Ok(None) };
        let pair = SealingKeyPair::from_secret(&secret)?;
        let damaged = || Error::Damaged { what: "user", name: id.to_string() };
        let sealed = URL_SAFE_NO_PAD.decode(&spec.sealed).map_err(|_form| damaged())?;
        let plain = pair.open(&sealed, id.as_bytes())?;
        serde_json::from_slice(&plain).map(Some).map_err(|_form| damaged())
    }
}

fn seal(public: &[u8; 32], id: UserId, attributes: &Attributes) -> Result<String, Error> {
    let plain = serde_json::to_vec(attributes).unwrap_or_default();
    Ok(URL_SAFE_NO_PAD.encode(seal_once(public, id.as_bytes(), &plain)?))
}

pub(crate) fn to_value<T: Serialize>(spec: &T) -> serde_json::Value {
    // INVARIANT: specifications are plain data with string keys, which always have a JSON form.
    serde_json::to_value(spec).unwrap_or_default()
}

/// Login names are compared in lower case: `Ada` and `ada` are one person.
fn normal_login(login: &str) -> Result<String, Error> {
    let lower = login.to_ascii_lowercase();
    let allowed =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-' | b'@');
    let first = lower.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if first && lower.len() <= 64 && lower.bytes().all(allowed) {
        Ok(lower)
    } else {
        Err(Error::LoginForm(login.chars().take(64).collect()))
    }
}

const LOGIN_KEY: &str = "login-digest";

/// The space of the names that directories have for people.
const EXTERNAL: &str = "external-id";
