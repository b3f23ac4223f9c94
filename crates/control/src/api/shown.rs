//! Objects as people read them: login names in the place of ids, and nothing that is sealed.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_model::{ObjectKind, UserId, UserState};
use bartizan_policy::PolicySource;
use serde_json::{Value, json};

use super::{Api, Failure};
use crate::error::Error;
use crate::files::{named, renamed};
use crate::register::{Roll, Says};
use crate::spec::GroupSpec;

/// Turns ids into names; remembers for one answer.
#[derive(Debug)]
pub(super) struct Names<'a> {
    api: &'a Api,
    logins: BTreeMap<UserId, String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        Self { api, logins: BTreeMap::new() }
    }

    /// A person's login name; their id once they are erased or deleted.
    async fn person(&mut self, id: UserId) -> Result<String, Failure> {
        if let Some(known) = self.logins.get(&id) {
            return Ok(known.clone());
        }
        let person = self.api.people.get(id).await?;
        let login = person.and_then(|person| person.attributes).map(|attributes| attributes.login);
        let login = match login {
            Some(login) => login,
            None => self.deleted(id).await?.unwrap_or_else(|| id.to_string()),
        };
        self.logins.insert(id, login.clone());
        Ok(login)
    }

    /// Looks up many at once. Who looks at lists of people has had them read.
    async fn learn(&mut self, ids: &BTreeSet<UserId>) -> Result<(), Failure> {
        if ids.len() < MANY {
            return Ok(());
        }
        let Some(entries) = self.api.register.already(Roll::People).await? else { return Ok(()) };
        for id in ids {
            if let Some(Says::Person(person)) = entries.get(id.to_string().as_str()).map(|entry| &entry.says)
                && let Some(attributes) = &person.attributes
            {
                self.logins.insert(*id, attributes.login.clone());
            }
        }
        Ok(())
    }

    /// What somebody was called who was deleted and not erased.
    async fn deleted(&self, id: UserId) -> Result<Option<String>, Failure> {
        let history = self.api.store.history(ObjectKind::User, &id.to_string(), 2).await?;
        let Some(spec) = history.into_iter().find_map(|change| change.spec) else { return Ok(None) };
        Ok(self.api.people.of_spec(id, &spec).await?.attributes.map(|attributes| attributes.login))
    }

    /// Who made a change: a person by login name, or the part of us that did.
    pub(super) async fn author(&mut self, author: &str) -> Result<String, Failure> {
        match author.parse() {
            Ok(id) => self.person(id).await,
            Err(_ours) => Ok(author.to_owned()),
        }
    }

    /// What an object is called outside.
    pub(super) async fn of_object(&mut self, kind: ObjectKind, name: &str) -> Result<String, Failure> {
        match (kind, name.parse()) {
            (ObjectKind::User, Ok(id)) => self.person(id).await,
            _ => Ok(name.to_owned()),
        }
    }

    /// What an object says, in the words of object files.
    pub(super) async fn spec(
        &mut self,
        kind: ObjectKind,
        name: &str,
        spec: &Value,
    ) -> Result<Value, Failure> {
        let damaged = |why: String| Error::Damaged { kind, name: name.to_owned(), why };
        match kind {
            ObjectKind::User => {
                let id: UserId = name.parse().map_err(|error| damaged(format!("{error}")))?;
                let person = self.api.people.of_spec(id, spec).await?;
                let attributes = person.attributes;
                Ok(json!({
                    "name": attributes.as_ref().map(|attributes| &attributes.login),
                    "display": attributes.as_ref().map(|attributes| &attributes.display),
                    "mail": attributes.as_ref().and_then(|attributes| attributes.mail.as_ref()),
                    "admin": person.admin,
                    "disabled": person.state == UserState::Disabled,
                }))
            }
            ObjectKind::Group => {
                let group: GroupSpec =
                    serde_json::from_value(spec.clone()).map_err(|error| damaged(error.to_string()))?;
                self.learn(&group.users).await?;
                let mut members = Vec::new();
                for user in group.users {
                    members.push(self.person(user).await?);
                }
                members.sort();
                members.extend(group.groups.iter().map(|inner| format!("group:{inner}")));
                Ok(json!({ "members": members }))
            }
            ObjectKind::Session => {
                let mut shown = spec.clone();
                if let Some(user) = shown.get_mut("user")
                    && let Some(id) = user.as_str().and_then(|id| id.parse().ok())
                {
                    *user = Value::String(self.person(id).await?);
                }
                Ok(shown)
            }
            ObjectKind::Policy => {
                let text = spec.get("text").and_then(Value::as_str).unwrap_or_default();
                let Ok(id) = name.parse() else { return Ok(spec.clone()) };
                let mut logins = BTreeMap::new();
                for person in named(&PolicySource::new(id, name, text)) {
                    if let Ok(id) = person.text.parse() {
                        logins.insert(person.text, self.person(id).await?);
                    }
                }
                Ok(json!({ "text": renamed(text, &logins) }))
            }
            ObjectKind::App | ObjectKind::Client | ObjectKind::Provider | ObjectKind::Point => {
                Ok(spec.clone())
            }
            // No address leads here; were one made by mistake, it would show nothing.
            ObjectKind::Credential
            | ObjectKind::Code
            | ObjectKind::Factors
            | ObjectKind::Device
            | ObjectKind::Risk
            | ObjectKind::SealingKey
            | ObjectKind::AssertionKey
            | ObjectKind::SigningKey
            | ObjectKind::ClientGrant
            | ObjectKind::Consent
            | ObjectKind::JoinToken => Ok(Value::Null),
        }
    }
}

/// From 20 people on it is worth asking for all.
const MANY: usize = 20;
