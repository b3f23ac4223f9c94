//! What is deleted because no file names it.

use std::collections::BTreeSet;

use bartizan_identity::built_in_client;
use bartizan_model::{AppName, GroupName, ObjectKind, PolicyId, Revision, UserId};
use bartizan_store::Expect;

use super::{Plan, Step, Stored, Verb, What};
use crate::files::{Files, RESERVED};

/// What will be gone.
#[derive(Debug, Default)]
pub(super) struct Gone {
    pub(super) apps: BTreeSet<AppName>,
    pub(super) groups: BTreeSet<GroupName>,
    pub(super) policies: BTreeSet<PolicyId>,
    pub(super) people: BTreeSet<String>,
}

/// Plans deletions. Our own apps, clients and policies stay, whatever the files say: the deployment cannot be without them.
pub(super) fn prune(stored: &Stored, files: &Files, caller: Option<UserId>, plan: &mut Plan) -> Gone {
    let mut gone = Gone::default();
    for (name, (revision, spec)) in &stored.apps {
        let own = RESERVED.contains(&name.as_str()) || spec.upstream.is_none();
        if !own && !files.apps.contains_key(name) {
            delete(plan, ObjectKind::App, name.as_str(), name.as_str(), *revision);
            gone.apps.insert(name.clone());
        }
    }
    for (name, (revision, _)) in &stored.clients {
        if built_in_client(name.as_str()).is_none() && !files.clients.contains_key(name) {
            delete(plan, ObjectKind::Client, name.as_str(), name.as_str(), *revision);
        }
    }
    for (name, (revision, _)) in &stored.providers {
        if !files.providers.contains_key(name) {
            delete(plan, ObjectKind::Provider, name.as_str(), name.as_str(), *revision);
        }
    }
    for (name, (revision, _)) in &stored.groups {
        if !files.groups.contains_key(name) {
            delete(plan, ObjectKind::Group, name.as_str(), name.as_str(), *revision);
            gone.groups.insert(name.clone());
        }
    }
    for (id, (revision, _)) in &stored.policies {
        if !id.as_str().starts_with(OWN_POLICY) && !files.policies.contains_key(id) {
            delete(plan, ObjectKind::Policy, id.as_str(), id.as_str(), *revision);
            gone.policies.insert(id.clone());
        }
    }
    // A folder that declares nobody leaves people to others: invitations, or a directory.
    if !files.users.is_empty() {
        for (login, (revision, person)) in &stored.people {
            if Some(person.id) != caller && !files.users.contains_key(login) {
                delete(plan, ObjectKind::User, login, &person.id.to_string(), *revision);
                gone.people.insert(login.clone());
            }
        }
    }
    gone
}

fn delete(plan: &mut Plan, kind: ObjectKind, shown: &str, name: &str, revision: Revision) {
    let what = What::Delete { kind, name: name.to_owned(), expect: Expect::Revision(revision) };
    plan.steps.push(Step { verb: Verb::Delete, shown: format!("{kind}/{shown}"), what });
}

/// How the names of the policies begin that every deployment has from its first start.
pub(crate) const OWN_POLICY: &str = "own-";
