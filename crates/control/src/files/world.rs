//! The world as it would be if there were nothing but these files, for tests that are made before anything is applied.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_model::{GroupFacts, GroupName, Revision, UserFacts, UserId, UserState};
use bartizan_policy::{Delta, Finding, World};

use super::{Files, Member};
use crate::directory::ADMINS;

/// A world that is supposed, and what people are called in it.
#[derive(Debug, Clone)]
pub struct Supposed {
    /// The world.
    pub world: World,
    /// The people by login name.
    pub people: BTreeMap<String, UserId>,
}

/// Supposes that the files are all there is.
///
/// # Errors
/// Apps that are not complete.
pub fn suppose(files: &Files) -> Result<Supposed, Vec<Finding>> {
    let mut findings = Vec::new();
    let people: BTreeMap<String, UserId> =
        files.users.keys().enumerate().map(|(number, login)| (login.clone(), numbered(number))).collect();
    let mut of_user: BTreeMap<UserId, BTreeSet<GroupName>> = BTreeMap::new();
    let mut of_group: BTreeMap<GroupName, BTreeSet<GroupName>> = BTreeMap::new();
    let group = |name: &str| name.parse::<GroupName>().ok().filter(|name| files.groups.contains_key(name));
    for (name, declared) in &files.groups {
        for member in declared.patch.members.iter().flatten() {
            // Who and what no file declares may well be stored: a group then is one, a person is nobody here.
            let (user, inner) = match &member.value {
                Member::User(login) => (people.get(login), None),
                Member::Group(inner) => (None, Some(inner.clone())),
                Member::Either(text) => (people.get(text), group(text)),
            };
            if let Some(user) = user {
                of_user.entry(*user).or_default().insert(name.clone());
            }
            if let Some(inner) = inner {
                of_group.entry(inner).or_default().insert(name.clone());
            }
        }
    }
    let mut facts = Vec::new();
    for (login, declared) in &files.users {
        let Some(id) = people.get(login).copied() else { continue };
        let mut groups = of_user.remove(&id).unwrap_or_default();
        if declared.patch.admin == Some(true) {
            groups.extend(ADMINS.parse::<GroupName>());
        }
        let disabled = declared.patch.disabled == Some(true);
        let state = if disabled { UserState::Disabled } else { UserState::Active };
        facts.push(Delta::User(UserFacts { id, state, groups, sealing_key: None }));
    }
    for name in files.groups.keys() {
        of_group.entry(name.clone()).or_default();
    }
    let groups = of_group.into_iter().map(|(name, parents)| GroupFacts { name, parents });
    facts.extend(groups.map(Delta::Group));
    for (name, declared) in &files.apps {
        match declared.patch.onto(None) {
            Some(spec) => facts.push(Delta::App(spec.facts(name.clone()))),
            None => findings.push(declared.place.error(format!("app `{name}` has no `host`"))),
        }
    }
    let clients = files.clients.iter().filter(|(_, declared)| declared.patch.disabled != Some(true));
    facts.extend(clients.map(|(name, _)| Delta::Client(name.clone())));
    if !findings.is_empty() {
        return Err(findings);
    }
    let (world, _) = World::new().apply(Revision::new(1), &facts);
    Ok(Supposed { world, people })
}

/// An id that says nothing, for somebody who is only supposed.
fn numbered(number: usize) -> UserId {
    let number = u128::try_from(number).unwrap_or(u128::MAX).saturating_add(1);
    UserId::from_bytes(number.to_be_bytes())
}
