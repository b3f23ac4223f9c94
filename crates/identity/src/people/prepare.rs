//! People, read from what is stored and made ready to be written, for who commits them together with other objects.

use bartizan_model::{ObjectKind, Revision, SealingKeyId, UserId, UserState};
use bartizan_pki::SealingKeyPair;
use bartizan_store::{Expect, Lookup, SecretWrite, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{Attributes, NewPerson, People, Person, normal_login, seal, to_value};
use crate::error::Error;
use crate::spec::{UserSpec, user_key_secret};

/// A stored person, and the revision at which they are so.
#[derive(Debug, Clone)]
pub struct StoredPerson {
    /// The person.
    pub person: Person,
    /// The revision of the newest write.
    pub revision: Revision,
    spec: UserSpec,
}

/// The login name in the form in which it is compared.
///
/// # Errors
/// [`Error::LoginForm`].
pub fn login_name(text: &str) -> Result<String, Error> {
    normal_login(text)
}

impl People {
    /// A person, with what it takes to write them again.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn stored(&self, id: UserId) -> Result<Option<StoredPerson>, Error> {
        let Some(object) = self.store.get(ObjectKind::User, &id.to_string()).await? else { return Ok(None) };
        let revision = object.revision;
        let (person, spec) = self.opened(id, &object.spec).await?;
        Ok(Some(StoredPerson { person, revision, spec }))
    }

    /// The person that a specification, of now or of earlier, speaks of.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn of_spec(&self, id: UserId, spec: &Value) -> Result<Person, Error> {
        Ok(self.opened(id, spec).await?.0)
    }

    /// The ways in which a person with these attributes is found: by login name, and by what directories call them.
    ///
    /// # Errors
    /// [`Error::LoginForm`].
    pub fn lookups_of(&self, attributes: &Attributes) -> Result<Vec<Lookup>, Error> {
        let mut lookups = vec![self.login_lookup(&normal_login(&attributes.login)?)];
        let external = attributes.profile.iter().flat_map(|profile| &profile.external);
        lookups.extend(external.map(|(provisioner, id)| self.external_lookup(provisioner, id)));
        Ok(lookups)
    }

    /// The write that makes a person under this id, and the secret that goes with it.
    ///
    /// # Errors
    /// [`Error::LoginForm`], [`Error::Key`].
    pub fn prepare_new(
        &self,
        id: UserId,
        person: &NewPerson,
        state: UserState,
    ) -> Result<(Write, SecretWrite), Error> {
        let login = normal_login(&person.attributes.login)?;
        let key = SealingKeyId::random(self.entropy.as_ref());
        let pair = SealingKeyPair::generate()?;
        let attributes = Attributes { login, ..person.attributes.clone() };
        let spec = UserSpec {
            state,
            admin: person.admin,
            key,
            public: URL_SAFE_NO_PAD.encode(pair.public()),
            sealed: seal(&pair.public(), id, &attributes)?,
        };
        let write = Write::Put {
            kind: ObjectKind::User,
            name: id.to_string(),
            spec: to_value(&spec),
            lookups: self.lookups_of(&attributes)?,
            expect: Expect::Absent,
        };
        Ok((write, SecretWrite::Put { name: user_key_secret(key), value: pair.to_secret() }))
    }

    /// The write that makes a stored person what `to` says, and has them found by what they are called then.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Key`].
    pub async fn prepare_change(&self, stored: &StoredPerson, to: &Person) -> Result<Write, Error> {
        let id = stored.person.id;
        let mut spec = UserSpec { state: to.state, admin: to.admin, ..stored.spec.clone() };
        if let Some(attributes) = &to.attributes
            && stored.person.attributes.as_ref() != Some(attributes)
        {
            let damaged = || Error::Damaged { what: "user", name: id.to_string() };
            let public = URL_SAFE_NO_PAD.decode(&spec.public).ok().and_then(|bytes| bytes.try_into().ok());
            spec.sealed = seal(&public.ok_or_else(damaged)?, id, attributes)?;
        }
        let name = id.to_string();
        let lookups = match &to.attributes {
            Some(attributes) if stored.person.attributes.is_some() => self.lookups_of(attributes)?,
            // Erased: there is nothing that they could be found by.
            Some(_) | None => self.store.lookups(ObjectKind::User, &name).await?,
        };
        let expect = Expect::Revision(stored.revision);
        Ok(Write::Put { kind: ObjectKind::User, name, spec: to_value(&spec), lookups, expect })
    }

    async fn opened(&self, id: UserId, spec: &Value) -> Result<(Person, UserSpec), Error> {
        let damaged = |_form| Error::Damaged { what: "user", name: id.to_string() };
        let spec: UserSpec = serde_json::from_value(spec.clone()).map_err(damaged)?;
        let attributes = self.open_attributes(id, &spec).await?;
        Ok((Person { id, attributes, state: spec.state, admin: spec.admin }, spec))
    }
}
