//! Groups: members by name become members by id.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_model::{GroupName, ObjectKind, UserId};
use bartizan_policy::Finding;
use serde_json::Value;

use super::prune::Gone;
use super::{Plan, Stored};
use crate::files::{Files, Located, Member, suggestion};
use crate::spec::GroupSpec;

pub(super) fn plan(
    stored: &Stored,
    files: &Files,
    gone: &Gone,
    people: &BTreeMap<String, UserId>,
    plan: &mut Plan,
    findings: &mut Vec<Finding>,
) {
    let stays = stored.groups.keys().filter(|name| !gone.groups.contains(*name));
    let groups: BTreeSet<&GroupName> = stays.chain(files.groups.keys()).collect();
    let names = Names { people, groups };
    for (name, declared) in &files.groups {
        let was = stored.groups.get(name);
        let mut spec = was.map(|(_, spec)| spec.clone()).unwrap_or_default();
        if let Some(members) = &declared.patch.members {
            // Who keeps it beside these files goes on doing so.
            spec = GroupSpec { provisioned: spec.provisioned, ..GroupSpec::default() };
            for member in members {
                match names.find(member) {
                    Ok(Found::Person(id)) => {
                        spec.users.insert(id);
                    }
                    Ok(Found::Group(inner)) if inner == *name => {
                        findings.push(member.place.error(format!("group `{name}` cannot be in itself")));
                    }
                    Ok(Found::Group(inner)) => {
                        spec.groups.insert(inner);
                    }
                    Err(finding) => findings.push(*finding),
                }
            }
        }
        for inner in spec.groups.iter().filter(|inner| gone.groups.contains(*inner)) {
            findings.push(declared.place.error_with_help(
                format!("group `{name}` has the member `group:{inner}`, which no file declares"),
                "declare that group, or list the members of this one without it",
            ));
        }
        let value = |spec: &GroupSpec| serde_json::to_value(spec).unwrap_or(Value::Null);
        plan.put(
            ObjectKind::Group,
            name.as_str(),
            value(&spec),
            was.map(|(revision, spec)| (*revision, value(spec))),
        );
    }
}

/// Who and what is called how.
struct Names<'a> {
    people: &'a BTreeMap<String, UserId>,
    groups: BTreeSet<&'a GroupName>,
}

enum Found {
    Person(UserId),
    Group(GroupName),
}

impl Names<'_> {
    fn find(&self, member: &Located<Member>) -> Result<Found, Box<Finding>> {
        let group = |name: &str| self.groups.iter().find(|group| group.as_str() == name).copied().cloned();
        let (text, found) = match &member.value {
            Member::User(login) => (login.as_str(), (self.people.get(login).copied(), None)),
            Member::Group(name) => (name.as_str(), (None, group(name.as_str()))),
            Member::Either(text) => (text.as_str(), (self.people.get(text).copied(), group(text))),
        };
        let finding = |message: String, help: String| Box::new(member.place.error_with_help(message, help));
        match found {
            (Some(person), None) => Ok(Found::Person(person)),
            (None, Some(group)) => Ok(Found::Group(group)),
            (Some(_), Some(_)) => Err(finding(
                format!("`{text}` is both a person and a group"),
                format!("write `user:{text}` or `group:{text}`"),
            )),
            (None, None) => {
                let what = match &member.value {
                    Member::User(_) => "person",
                    Member::Group(_) => "group",
                    Member::Either(_) => "person or group",
                };
                let mut near: Vec<&str> = Vec::new();
                if !matches!(member.value, Member::Group(_)) {
                    near.extend(self.people.keys().map(String::as_str));
                }
                if !matches!(member.value, Member::User(_)) {
                    near.extend(self.groups.iter().map(|group| group.as_str()));
                }
                let help = suggestion(text, &near)
                    .unwrap_or_else(|| String::from("declare it in a file of this folder, or leave it out"));
                Err(finding(format!("there is no {what} `{text}`"), help))
            }
        }
    }
}
