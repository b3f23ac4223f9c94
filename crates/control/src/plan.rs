//! From what is stored and what files say to what must be written: no IO, so that it can be tried before it is done.

mod apps;
mod clients;
mod groups;
mod policies;
mod providers;
mod prune;

use std::collections::BTreeMap;

use bartizan_identity::{Attributes, ClientSpec, NewPerson, Person, ProviderSpec};
use bartizan_model::{
    AppName, ClientName, Entropy, GroupName, ObjectKind, PolicyId, ProviderName, Revision, UserId, UserState,
};
use bartizan_policy::{Finding, PolicySource};
use bartizan_store::Expect;
use serde_json::Value;

use crate::files::Files;
use crate::spec::{AppSpec, GroupSpec};

pub(crate) use apps::goes_in_clear;
pub(crate) use prune::OWN_POLICY;

/// What is stored of the configuration, as far as a plan reads it.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// All apps.
    pub apps: BTreeMap<AppName, (Revision, AppSpec)>,
    /// All clients.
    pub clients: BTreeMap<ClientName, (Revision, ClientSpec)>,
    /// All identity providers.
    pub providers: BTreeMap<ProviderName, (Revision, ProviderSpec)>,
    /// All groups.
    pub groups: BTreeMap<GroupName, (Revision, GroupSpec)>,
    /// The texts of all policies.
    pub policies: BTreeMap<PolicyId, (Revision, String)>,
    /// By login name: the people whom the files name; all people, if some may be deleted.
    pub people: BTreeMap<String, (Revision, Person)>,
}

/// What becomes of objects that the files do not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// They stay.
    Keep,
    /// They are deleted, but for our own apps and policies, and never the person who asks.
    Delete {
        /// Who asks.
        caller: Option<UserId>,
    },
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// It is new.
    Create,
    /// It becomes another.
    Change,
    /// It goes.
    Delete,
    /// It goes for good, with what was sealed to it.
    Erase,
}

impl Verb {
    /// The verb as events spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Change => "changed",
            Self::Delete => "deleted",
            Self::Erase => "erased",
        }
    }
}

/// One object that must be written.
#[derive(Debug, Clone)]
pub struct Step {
    /// What happens to it.
    pub verb: Verb,
    /// `kind/name`, people by login name.
    pub shown: String,
    /// What is written.
    pub what: What,
}

/// What a step writes.
#[derive(Debug, Clone)]
pub enum What {
    /// An app, client, group or policy.
    Put {
        /// Its kind.
        kind: ObjectKind,
        /// Its name.
        name: String,
        /// What it says.
        spec: Value,
        /// What it was.
        expect: Expect,
    },
    /// Somebody new.
    NewPerson {
        /// Their id.
        id: UserId,
        /// What is known of them.
        person: NewPerson,
        /// Whether they may act.
        state: UserState,
    },
    /// Somebody known, as they will be.
    Person(Person),
    /// No more.
    Delete {
        /// Its kind.
        kind: ObjectKind,
        /// Its stored name.
        name: String,
        /// What it was.
        expect: Expect,
    },
}

/// What must be written so that everything is as the files say.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The steps, in the order in which they are written.
    pub steps: Vec<Step>,
    /// What the files name and is so already, as `kind/name`.
    pub unchanged: Vec<String>,
    /// All policies as they will be, each with its place.
    pub policies: Vec<PolicySource>,
}

impl Plan {
    /// The names, as `kind/name`, to which this happens.
    #[must_use]
    pub fn names(&self, verb: Verb) -> Vec<String> {
        let mut names: Vec<String> =
            self.steps.iter().filter(|step| step.verb == verb).map(|step| step.shown.clone()).collect();
        names.sort();
        names
    }

    /// Notes an object as created, changed or unchanged.
    fn put(&mut self, kind: ObjectKind, name: &str, spec: Value, was: Option<(Revision, Value)>) {
        let shown = format!("{kind}/{name}");
        let (verb, expect) = match was {
            Some((_, stored)) if stored == spec => return self.unchanged.push(shown),
            Some((revision, _)) => (Verb::Change, Expect::Revision(revision)),
            None => (Verb::Create, Expect::Absent),
        };
        self.steps.push(Step { verb, shown, what: What::Put { kind, name: name.to_owned(), spec, expect } });
    }
}

/// Plans.
///
/// # Errors
/// Everything in the files that does not fit what is stored.
pub fn plan(
    stored: &Stored,
    files: &Files,
    missing: Missing,
    entropy: &dyn Entropy,
) -> Result<Plan, Vec<Finding>> {
    let mut plan = Plan::default();
    let mut findings = Vec::new();
    // Deletions first: they free hosts and names.
    let gone = match missing {
        Missing::Keep => prune::Gone::default(),
        Missing::Delete { caller } => prune::prune(stored, files, caller, &mut plan),
    };
    let people = people(stored, files, &gone, entropy, &mut plan);
    groups::plan(stored, files, &gone, &people, &mut plan, &mut findings);
    apps::plan(stored, files, &gone, &mut plan, &mut findings);
    clients::plan(stored, files, &mut plan, &mut findings);
    providers::plan(stored, files, &gone, &mut plan, &mut findings);
    policies::plan(stored, files, &gone, &people, &mut plan, &mut findings);
    plan.unchanged.sort();
    if findings.is_empty() {
        Ok(plan)
    } else {
        findings.sort();
        Err(findings)
    }
}

/// Plans the people, and says who will be called what.
fn people(
    stored: &Stored,
    files: &Files,
    gone: &prune::Gone,
    entropy: &dyn Entropy,
    plan: &mut Plan,
) -> BTreeMap<String, UserId> {
    let mut ids: BTreeMap<String, UserId> = stored
        .people
        .iter()
        .filter(|(login, _)| !gone.people.contains(*login))
        .map(|(login, (_, person))| (login.clone(), person.id))
        .collect();
    for (login, declared) in &files.users {
        let patch = &declared.patch;
        let shown = format!("{}/{login}", ObjectKind::User);
        let state_of = |disabled| if disabled { UserState::Disabled } else { UserState::Active };
        let Some((_, person)) = stored.people.get(login) else {
            let id = UserId::random(entropy);
            ids.insert(login.clone(), id);
            let attributes = Attributes {
                login: login.clone(),
                display: patch.display.clone().unwrap_or_else(|| login.clone()),
                mail: patch.mail.clone().flatten(),
                profile: None,
            };
            let person = NewPerson { attributes, admin: patch.admin.unwrap_or(false) };
            let state = state_of(patch.disabled.unwrap_or(false));
            let what = What::NewPerson { id, person, state };
            plan.steps.push(Step { verb: Verb::Create, shown, what });
            continue;
        };
        let mut to = person.clone();
        to.admin = patch.admin.unwrap_or(to.admin);
        to.state = patch.disabled.map_or(to.state, state_of);
        if let Some(attributes) = &mut to.attributes {
            attributes.display = patch.display.clone().unwrap_or_else(|| attributes.display.clone());
            attributes.mail = patch.mail.clone().unwrap_or_else(|| attributes.mail.clone());
        }
        if (to.admin, to.state, &to.attributes) == (person.admin, person.state, &person.attributes) {
            plan.unchanged.push(shown);
        } else {
            plan.steps.push(Step { verb: Verb::Change, shown, what: What::Person(to) });
        }
    }
    ids
}

#[cfg(test)]
mod tests;
