//! What people are called, looked up once for each page.

use std::collections::BTreeMap;

use bartizan_model::{PolicyId, SubjectRef, UserId, UserState};
use bartizan_policy::PolicySource;

use crate::api::{Api, Failure};
use crate::files::{named, renamed};

/// A person as pages name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) id: UserId,
    /// Their full name; their id once they are erased.
    pub(super) display: String,
    /// What they sign in with.
    pub(super) login: Option<String>,
    pub(super) state: UserState,
}

/// Looks people up, and remembers for one page.
#[derive(Debug)]
pub(super) struct Called<'a> {
    api: &'a Api,
    known: BTreeMap<UserId, Named>,
}

impl<'a> Called<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        Self { api, known: BTreeMap::new() }
    }

    pub(super) async fn person(&mut self, id: UserId) -> Result<Named, Failure> {
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let person = self.api.people.get(id).await?;
        let state = person.as_ref().map_or(UserState::Disabled, |person| person.state);
        let attributes = person.and_then(|person| person.attributes);
        let named = Named {
            id,
            display: attributes.as_ref().map_or_else(|| id.to_string(), |known| known.display.clone()),
            login: attributes.map(|known| known.login),
            state,
        };
        self.known.insert(id, named.clone());
        Ok(named)
    }

    /// Who asked; nobody in particular if nobody is signed in.
    pub(super) async fn subject(&mut self, subject: Option<&SubjectRef>) -> Result<Option<Named>, Failure> {
        let user =
            subject.filter(|subject| subject.kind == "User").and_then(|subject| subject.id.parse().ok());
        match user {
            Some(id) => self.person(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// A text of a policy or about one, with people by login name.
    pub(super) async fn text(&mut self, policy: &PolicyId, text: &str) -> Result<String, Failure> {
        let mut logins = BTreeMap::new();
        for person in named(&PolicySource::new(policy.clone(), "", text)) {
            if let Ok(id) = person.text.parse()
                && let Some(login) = self.person(id).await?.login
            {
                logins.insert(person.text, login);
            }
        }
        Ok(renamed(text, &logins))
    }
}
