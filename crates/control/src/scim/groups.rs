//! Groups: those that a provisioner keeps itself, and those of the deployment.

use std::collections::BTreeSet;
use std::sync::Arc;

use bartizan_enforce::Caller;
use bartizan_identity::scim::{
    Condition, Edit, Found, Group, Kept, Kind, Member, Record, Refusal, ScimType, Search, group_name,
};
use bartizan_model::{GroupName, ObjectKind, Revision, Timestamp};
use bartizan_store::{Expect, Object, Write};

use super::people::as_shown;
use super::{Provisioning, provisioner, told};
use crate::api::objects::left_by;
use crate::call::{ReadObjects, ReadPeople, WriteObjects, WritePeople};
use crate::directory::{ADMINS, Directory};
use crate::error::Error;
use crate::plan::Verb;
use crate::proposal::Proposal;
use crate::register::{Entry, Roll, Says};
use crate::spec::{GroupSpec, Provisioned};

impl Provisioning {
    pub(super) async fn find_groups(&self, caller: &Caller, search: &Search) -> Result<Found, Refusal> {
        self.admitted::<ReadPeople>(caller).await?;
        let provisioner = provisioner(caller);
        // Who may see all objects sees all groups.
        let all = self.would::<ReadObjects>(caller);
        if all {
            self.admitted::<ReadObjects>(caller).await?;
        }
        let (entries, base) = (self.roll(Roll::Groups, search).await?, self.base());
        let mut found = Found::default();
        let (mut members, mut full) = (0_usize, false);
        for kept in entries.values().filter_map(|entry| kept_entry(entry, &provisioner, all)) {
            if !search.takes(&kept, &base) {
                continue;
            }
            let on_page = found.total >= search.skip && found.page.len() < search.count;
            found.total += 1;
            if let (true, Record::Group(group)) = (on_page, &kept.record) {
                members = members.saturating_add(group.members.len());
                // Fewer than were asked for may be answered; one is, whatever its size, so that who goes on gets on.
                full |= !found.page.is_empty() && members > MAX_MEMBERS;
                if !full {
                    found.page.push(kept);
                }
            }
        }
        Ok(found)
    }

    pub(super) async fn group(&self, caller: &Caller, id: &str) -> Result<Kept, Refusal> {
        self.admitted::<ReadPeople>(caller).await?;
        let (_, spec, kept) = self.kept_group(id, &provisioner(caller)).await?;
        if !is_own(&spec, &provisioner(caller)) {
            // To who may not see it, it is not there. That they tried is on record.
            self.admitted::<ReadObjects>(caller)
                .await
                .map_err(|_denied| Refusal::missing(Kind::Group, id))?;
        }
        Ok(kept)
    }

    async fn kept_group(&self, id: &str, provisioner: &str) -> Result<(Object, GroupSpec, Kept), Refusal> {
        let missing = || Refusal::missing(Kind::Group, id);
        let name: GroupName = id.parse().map_err(|_form: bartizan_model::NameError| missing())?;
        let object = self.api.store.get(ObjectKind::Group, name.as_str()).await.map_err(told::store)?;
        let object = object.ok_or_else(missing)?;
        let spec: GroupSpec = serde_json::from_value(object.spec.clone()).map_err(|error| {
            let (kind, name) = (ObjectKind::Group, object.name.clone());
            told::failed(&Error::Damaged { kind, name, why: error.to_string() })
        })?;
        let created = created(&spec);
        let record = Record::Group(record(name.as_str(), &spec, provisioner));
        let (revision, modified) = (object.revision, object.time);
        let kept = Kept { id: object.name.clone(), record, revision, created, modified };
        Ok((object, spec, kept))
    }

    pub(super) async fn create_group(&self, caller: &Caller, group: &Group) -> Result<Kept, Refusal> {
        let (api, provisioner) = (&self.api, provisioner(caller));
        let admitted = self.admitted::<WritePeople>(caller).await?;
        let name = group_name(&group.display).ok_or_else(|| {
            Refusal::bad(ScimType::InvalidValue, "no name for a group can be made of this `displayName`")
        })?;
        if name.as_str() == ADMINS {
            return Err(virtual_group());
        }
        let turn = api.hub.turn().await;
        let directory = api.hub.current().await.map_err(|error| told::failed(&error))?;
        if directory.world().group(&name).is_some() {
            return Err(Refusal::bad(
                ScimType::Uniqueness,
                format!(
                    "there is a group `{name}` already, which is the name that `{}` leads to",
                    group.display.chars().take(64).collect::<String>()
                ),
            ));
        }
        if is_used(&directory, &name) {
            self.admitted::<WriteObjects>(caller).await?;
        }
        let (by, created) = (Some(provisioner.clone()), Some(api.enforcer.clock().now()));
        let provisioned = Some(Box::new(Provisioned { by, created, ..Provisioned::default() }));
        let mut spec = GroupSpec { provisioned, ..GroupSpec::default() };
        set(&mut spec, &name, group, &directory, &provisioner)?;
        let write = put(&name, &spec, Expect::Absent);
        let proposal = Proposal { writes: vec![(Verb::Create, write)], ..Proposal::default() };
        self.made(&admitted, proposal).await?;
        drop(turn);
        self.kept_group(name.as_str(), &provisioner).await.map(|(_, _, kept)| kept)
    }

    pub(super) async fn change_group(
        &self,
        caller: &Caller,
        id: &str,
        edit: Edit<'_>,
    ) -> Result<Kept, Refusal> {
        let (api, provisioner) = (&self.api, provisioner(caller));
        let admitted = self.admitted::<WritePeople>(caller).await?;
        let missing = || Refusal::missing(Kind::Group, id);
        let turn = api.hub.turn().await;
        let (object, was, kept) = self.kept_group(id, &provisioner).await?;
        self.may_write(caller, &was, id).await?;
        let to = match edit(&kept)? {
            Record::Group(to) => to,
            Record::User(_) => return Err(missing()),
        };
        let name: GroupName = id.parse().map_err(|_form: bartizan_model::NameError| missing())?;
        let directory = api.hub.current().await.map_err(|error| told::failed(&error))?;
        let mut spec = was.clone();
        set(&mut spec, &name, &to, &directory, &provisioner)?;
        if spec == was {
            return Ok(kept);
        }
        let write = put(&name, &spec, Expect::Revision(object.revision));
        let proposal = Proposal { writes: vec![(Verb::Change, write)], ..Proposal::default() };
        let revision = self.made(&admitted, proposal).await?;
        drop(turn);
        api.hub.applied(revision).await;
        self.kept_group(id, &provisioner).await.map(|(_, _, kept)| kept)
    }

    pub(super) async fn delete_group(
        &self,
        caller: &Caller,
        id: &str,
        condition: &Condition,
    ) -> Result<(), Refusal> {
        let api = &self.api;
        let admitted = self.admitted::<WritePeople>(caller).await?;
        let turn = api.hub.turn().await;
        let (object, spec, kept) = self.kept_group(id, &provisioner(caller)).await?;
        self.may_write(caller, &spec, id).await?;
        condition.check(&kept)?;
        let expect = Expect::Revision(object.revision);
        let write = Write::Delete { kind: ObjectKind::Group, name: object.name.clone(), expect };
        let mut proposal = Proposal { writes: vec![(Verb::Delete, write)], ..Proposal::default() };
        proposal.writes.extend(left_by(api, &object).await.map_err(told::failure)?);
        let revision: Revision = self.made(&admitted, proposal).await?;
        drop(turn);
        api.hub.applied(revision).await;
        Ok(())
    }

    /// Whether the caller may change a group that it may have to be permitted more for.
    async fn may_write(&self, caller: &Caller, spec: &GroupSpec, id: &str) -> Result<(), Refusal> {
        if is_own(spec, &provisioner(caller)) {
            return Ok(());
        }
        if self.would::<ReadObjects>(caller) {
            return self.admitted::<WriteObjects>(caller).await.map(drop);
        }
        self.admitted::<WriteObjects>(caller)
            .await
            .map(drop)
            .map_err(|_denied| Refusal::missing(Kind::Group, id))
    }
}

/// Whether this provisioner made it.
fn is_own(spec: &GroupSpec, provisioner: &str) -> bool {
    spec.provisioned.as_ref().and_then(|of| of.by.as_deref()).is_some_and(|by| by == provisioner)
}

/// Whether a policy or an app uses the name of a group that there is not: who makes the group, makes it mean something.
fn is_used(directory: &Directory, name: &GroupName) -> bool {
    let quoted = format!("\"{name}\"");
    let named = directory.policies().iter().any(|policy| policy.text.contains(&quoted));
    named || directory.world().apps().any(|app| app.groups.contains(name))
}

/// Administrators are a group by what each of them is, which no member list says.
fn virtual_group() -> Refusal {
    Refusal {
        status: 403,
        scim_type: Some(ScimType::Mutability),
        detail: format!(
            "the group `{ADMINS}` is who administers this deployment, and is not kept from outside"
        ),
    }
}

/// What is said of a group, if everybody in it is there.
fn set(
    spec: &mut GroupSpec,
    name: &GroupName,
    to: &Group,
    directory: &Directory,
    provisioner: &str,
) -> Result<(), Refusal> {
    let (mut users, mut groups) = (BTreeSet::new(), BTreeSet::new());
    let world = directory.world();
    for Member { id, kind } in &to.members {
        let person = as_shown(id).filter(|id| world.user(*id).is_some());
        let inner: Option<GroupName> = id.parse().ok().filter(|inner| world.group(inner).is_some());
        match (person, inner, kind) {
            (Some(person), _, Some(Kind::User) | None) => {
                users.insert(person);
            }
            (_, Some(inner), Some(Kind::Group) | None) if inner != *name && inner.as_str() != ADMINS => {
                groups.insert(inner);
            }
            _ => {
                let id: String = id.chars().take(64).collect();
                return Err(Refusal::bad(
                    ScimType::InvalidValue,
                    format!(
                        "`{id}` cannot be a member: there is no such person, and no other group of this name"
                    ),
                ));
            }
        }
    }
    (spec.users, spec.groups) = (users, groups);
    let said = spec.provisioned.get_or_insert_default();
    said.display = (to.display != name.as_str()).then(|| to.display.clone());
    match &to.external_id {
        Some(id) => said.external.insert(provisioner.to_owned(), id.clone()),
        None => said.external.remove(provisioner),
    };
    if said.external.len() > MAX_PROVISIONERS {
        let detail = format!("{MAX_PROVISIONERS} directories have an `externalId` for this group already");
        return Err(Refusal::bad(ScimType::InvalidValue, detail));
    }
    if **said == Provisioned::default() {
        spec.provisioned = None;
    }
    Ok(())
}

fn put(name: &GroupName, spec: &GroupSpec, expect: Expect) -> Write {
    let spec = serde_json::to_value(spec).unwrap_or_default();
    Write::Put { kind: ObjectKind::Group, name: name.to_string(), spec, lookups: Vec::new(), expect }
}

/// A group as this provisioner is told of it.
fn record(name: &str, spec: &GroupSpec, provisioner: &str) -> Group {
    let said = spec.provisioned.as_deref();
    let people = spec.users.iter().map(|id| Member { id: id.to_string(), kind: Some(Kind::User) });
    let inner = spec.groups.iter().map(|name| Member { id: name.to_string(), kind: Some(Kind::Group) });
    let mut members: Vec<Member> = people.chain(inner).collect();
    members.sort();
    Group {
        display: said.and_then(|said| said.display.clone()).unwrap_or_else(|| name.to_owned()),
        members,
        external_id: said.and_then(|said| said.external.get(provisioner).cloned()),
    }
}

fn created(spec: &GroupSpec) -> Option<Timestamp> {
    spec.provisioned.as_ref()?.created
}

fn kept_entry(entry: &Arc<Entry>, provisioner: &str, all: bool) -> Option<Kept> {
    let Says::Group(spec) = &entry.says else { return None };
    if !all && !is_own(spec, provisioner) {
        return None;
    }
    Some(Kept {
        id: entry.name.to_string(),
        record: Record::Group(record(&entry.name, spec, provisioner)),
        revision: entry.revision,
        created: created(spec),
        modified: entry.time,
    })
}

/// 16: a directory, and those that it was moved to.
const MAX_PROVISIONERS: usize = 16;

/// 20,000 members are answered at once, which are 3 MB; a single group may have as many by itself.
const MAX_MEMBERS: usize = 20_000;
