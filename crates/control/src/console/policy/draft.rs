//! What would be if a text were saved: the policies with it in the place of what is stored, and nothing written.

use std::collections::BTreeMap;
use std::sync::Arc;

use bartizan_model::{ObjectKind, PolicyId};
use bartizan_policy::{About, Engine, PolicySource, split_file};
use bartizan_store::{Expect, Write};
use serde_json::json;

use super::file;
use crate::api::{Api, Failure};
use crate::directory::Directory;
use crate::error::Error;
use crate::files::{named, renamed};

/// The deployment as it is, and the policies before and after.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: PolicyId,
    pub(super) directory: Directory,
    pub(super) before: Arc<Engine>,
    pub(super) after: Arc<Engine>,
    /// What the policy is about: as it is, if it is there, and as it would be.
    pub(super) about: Vec<About>,
}

impl Draft {
    /// Supposes that a policy, which has been tried, has this text.
    pub(super) async fn of(api: &Api, id: &PolicyId, text: &str) -> Result<Self, Failure> {
        let before = api.enforcer.engine().ok_or(Error::Behind)?;
        // What would be stored: a file may have more around its policy than is the policy's own.
        let sources = split_file(&file(id.as_str()), text).map_err(Failure::Findings)?;
        let missing = || Error::NotFound { what: "policy", name: id.to_string() };
        let source = sources.into_iter().find(|source| source.id == *id).ok_or_else(missing)?;
        let mut ids = BTreeMap::new();
        for person in named(&source) {
            if let Some(found) = api.people.find(&person.text).await? {
                ids.insert(person.text, found.to_string());
            }
        }
        let mut directory = api.hub.directory();
        let stored = directory.policies();
        let mut about: Vec<About> =
            stored.iter().filter(|known| known.id == *id).map(PolicySource::about).collect();
        about.push(source.about());
        directory.write(&Write::Put {
            kind: ObjectKind::Policy,
            name: id.to_string(),
            spec: json!({ "text": renamed(&source.text, &ids) }),
            lookups: Vec::new(),
            expect: Expect::Any,
        })?;
        let (revision, policies) = (directory.world().revision(), directory.policies());
        // Compiling ten thousand policies takes more than a second: not where others wait for their answers.
        let compiled = tokio::task::spawn_blocking(move || Engine::compile(revision, &policies, None));
        let compiled = compiled
            .await
            .map_err(|error| Error::Invalid(format!("the text could not be tried: {error}")))?;
        let after = Arc::new(compiled.map_err(Failure::Findings)?);
        Ok(Self { id: id.clone(), directory, before, after, about })
    }
}
