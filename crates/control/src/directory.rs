//! The world as the change log tells it: every object, turned into the facts that decisions read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use bartizan_enforce::PointScope;
use bartizan_identity::{ClientSpec, session_facts, user_state};
use bartizan_model::{
    DeviceFacts, GroupFacts, GroupName, ObjectKind, PointId, PolicyId, Revision, SealingKeyId, UserFacts,
    UserId, UserState,
};
use bartizan_policy::{About, Delta, PolicySource, World};
use bartizan_store::{Change, Object, Store, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Error;
use crate::hub::Sees;
use crate::points::scope_of;
use crate::spec::{AppSpec, GroupSpec, PolicySpec};

/// The group that everybody is in who administers the deployment.
pub(crate) const ADMINS: &str = "admins";

type SealTo = (SealingKeyId, [u8; 32]);

/// Everything that is stored, as facts, at one revision.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    world: World,
    users: BTreeMap<UserId, (UserState, bool, SealTo)>,
    groups: BTreeMap<GroupName, GroupSpec>,
    /// The groups that list a person, and those that list a group: the other way round than they are stored.
    of_user: BTreeMap<UserId, BTreeSet<GroupName>>,
    of_group: BTreeMap<GroupName, BTreeSet<GroupName>>,
    policies: BTreeMap<PolicyId, Arc<Policy>>,
    anonymous_key: Option<SealTo>,
    points: BTreeMap<PointId, PointScope>,
}

/// A policy, and what it can be about: read when the first point with a scope asks for it.
#[derive(Debug)]
pub(crate) struct Policy {
    source: PolicySource,
    about: OnceLock<About>,
}

impl Policy {
    /// What it can be about. Reading that takes long where there are many policies: not to be done under a lock.
    pub(crate) fn about(&self) -> &About {
        self.about.get_or_init(|| self.source.about())
    }
}

/// What one change makes of the world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    pub(crate) facts: Vec<Delta>,
    pub(crate) policies: bool,
    pub(crate) points: bool,
    pub(crate) anonymous_key: Option<SealTo>,
}

impl Directory {
    /// Reads everything as it stood at a revision.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`].
    pub async fn load(store: &dyn Store, revision: Revision) -> Result<Self, Error> {
        let mut objects = Vec::new();
        for kind in READ {
            objects.extend(store.list_at(kind, revision).await?);
        }
        Self::of(revision, &objects)
    }

    /// What these objects say, and nothing else.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub(crate) fn of(revision: Revision, objects: &[Object]) -> Result<Self, Error> {
        let mut directory = Self { world: World::new(), ..Self::default() };
        for object in objects {
            directory.apply(revision, object.kind, &object.name, Some(&object.spec))?;
        }
        (directory.world, _) = directory.world.apply(revision, &[]);
        Ok(directory)
    }

    /// Adds a fact that is not stored, to ask what would be if it were.
    pub(crate) fn suppose(&mut self, fact: Delta) {
        (self.world, _) = self.world.apply(self.world.revision(), &[fact]);
    }

    /// Adds a write that was not made, to ask what would be if it were.
    pub(crate) fn write(&mut self, write: &Write) -> Result<(), Error> {
        let revision = self.world.revision();
        match write {
            Write::Put { kind, name, spec, .. } => self.apply(revision, *kind, name, Some(spec)),
            Write::Delete { kind, name, .. } => self.apply(revision, *kind, name, None),
        }
        .map(drop)
    }

    /// The facts.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// All policies.
    #[must_use]
    pub fn policies(&self) -> Arc<[PolicySource]> {
        self.policies.values().map(|policy| policy.source.clone()).collect()
    }

    /// The policies of which nobody has read yet what they can be about.
    pub(crate) fn unread(&self) -> Vec<Arc<Policy>> {
        self.policies.values().filter(|policy| policy.about.get().is_none()).cloned().collect()
    }

    /// The policies that can be about something that a point is for.
    pub(crate) fn policies_for(&self, sees: &Sees) -> Arc<[PolicySource]> {
        let concerns = |policy: &&Arc<Policy>| match sees {
            Sees::Everything => true,
            Sees::Scope(_) => sees.policy(policy.about()),
        };
        self.policies.values().filter(concerns).map(|policy| policy.source.clone()).collect()
    }

    /// The key to which events of nobody in particular are sealed.
    #[must_use]
    pub const fn anonymous_key(&self) -> Option<(SealingKeyId, [u8; 32])> {
        self.anonymous_key
    }

    /// The enforcement points that have joined, and what each is for.
    pub(crate) const fn points(&self) -> &BTreeMap<PointId, PointScope> {
        &self.points
    }

    /// What a point is for, if it has joined.
    pub(crate) fn scope_of(&self, point: PointId) -> Option<&PointScope> {
        self.points.get(&point)
    }

    pub(crate) fn step(&mut self, change: &Change) -> Result<Step, Error> {
        self.apply(change.revision, change.kind, &change.name, change.spec.as_ref())
    }

    fn apply(
        &mut self,
        revision: Revision,
        kind: ObjectKind,
        name: &str,
        spec: Option<&Value>,
    ) -> Result<Step, Error> {
        let mut step = Step::default();
        match kind {
            ObjectKind::User => {
                let id = parse(kind, name)?;
                match spec {
                    Some(spec) => {
                        let state = user_state(spec).ok_or_else(|| damaged(kind, name, "its form"))?;
                        self.users.insert(id, state);
                        step.facts.extend(self.user_facts(id).map(Delta::User));
                    }
                    None => {
                        self.users.remove(&id);
                        step.facts.push(Delta::UserGone(id));
                    }
                }
            }
            ObjectKind::Group => {
                let group: GroupName = parse(kind, name)?;
                let spec: Option<GroupSpec> = spec.map(|spec| form(kind, name, spec)).transpose()?;
                self.group(&group, spec, &mut step);
            }
            ObjectKind::App => {
                let app = parse(kind, name)?;
                step.facts.push(match spec {
                    Some(spec) => Delta::App(form::<AppSpec>(kind, name, spec)?.facts(app)),
                    None => Delta::AppGone(app),
                });
            }
            ObjectKind::Client => {
                let client = parse(kind, name)?;
                let spec: Option<ClientSpec> = spec.map(|spec| form(kind, name, spec)).transpose()?;
                step.facts.push(match spec {
                    // What is disabled is for decisions as if it were not there.
                    Some(spec) if !spec.disabled => Delta::Client(client),
                    Some(_) | None => Delta::ClientGone(client),
                });
            }
            ObjectKind::Policy => {
                let id: PolicyId = parse(kind, name)?;
                match spec {
                    Some(spec) => {
                        let text = form::<PolicySpec>(kind, name, spec)?.text;
                        let source = PolicySource::new(id.clone(), format!("{name}.cedar"), text);
                        self.policies.insert(id, Arc::new(Policy { source, about: OnceLock::new() }));
                    }
                    None => {
                        self.policies.remove(&id);
                    }
                }
                step.policies = true;
            }
            ObjectKind::Session => step.facts.push(match spec {
                Some(spec) => {
                    Delta::Session(session_facts(name, spec).ok_or_else(|| damaged(kind, name, "its form"))?)
                }
                None => Delta::SessionGone(parse(kind, name)?),
            }),
            ObjectKind::Device => step.facts.push(match spec {
                Some(spec) => Delta::Device(form::<DeviceFacts>(kind, name, spec)?),
                None => Delta::DeviceGone(parse(kind, name)?),
            }),
            ObjectKind::Risk => {
                let score = spec.map_or(Some(0), |spec| u8::try_from(spec.get("score")?.as_u64()?).ok());
                let score = score.ok_or_else(|| damaged(kind, name, "`score` is not 0 to 100"))?;
                step.facts.push(Delta::Risk(parse(kind, name)?, score));
            }
            ObjectKind::SealingKey => {
                if let Some(public) = spec.and_then(|spec| spec.get("public")?.as_str()) {
                    let bytes = URL_SAFE_NO_PAD.decode(public).ok().and_then(|bytes| bytes.try_into().ok());
                    let public = bytes.ok_or_else(|| damaged(kind, name, "`public` is not a key"))?;
                    let id = parse(kind, name)?;
                    // Of several days the newest counts; their names do not tell, their revisions do.
                    self.anonymous_key = Some((id, public));
                    step.anonymous_key = self.anonymous_key;
                }
            }
            ObjectKind::Point => {
                let point = parse(kind, name)?;
                match spec {
                    Some(spec) => {
                        let scope = scope_of(spec).map_err(|why| damaged(kind, name, &why))?;
                        self.points.insert(point, scope);
                    }
                    None => {
                        self.points.remove(&point);
                    }
                }
                step.points = true;
            }
            // Asked for when they are needed: no decision reads them.
            ObjectKind::Credential
            | ObjectKind::Code
            | ObjectKind::Factors
            | ObjectKind::AssertionKey
            | ObjectKind::SigningKey
            | ObjectKind::ClientGrant
            | ObjectKind::Consent
            | ObjectKind::Provider
            | ObjectKind::JoinToken => {}
        }
        (self.world, _) = self.world.apply(revision, &step.facts);
        Ok(step)
    }

    /// A group changed: itself, the people who joined or left it, and the groups that did.
    fn group(&mut self, group: &GroupName, spec: Option<GroupSpec>, step: &mut Step) {
        let gone = spec.is_none();
        let after = spec.unwrap_or_default();
        let before = self.groups.get(group).cloned().unwrap_or_default();
        for user in before.users.symmetric_difference(&after.users) {
            let groups = self.of_user.entry(*user).or_default();
            if after.users.contains(user) {
                groups.insert(group.clone());
            } else {
                groups.remove(group);
            }
            step.facts.extend(self.user_facts(*user).map(Delta::User));
        }
        for member in before.groups.symmetric_difference(&after.groups) {
            let parents = self.of_group.entry(member.clone()).or_default();
            if after.groups.contains(member) {
                parents.insert(group.clone());
            } else {
                parents.remove(group);
            }
            if self.groups.contains_key(member) && member != group {
                step.facts.push(Delta::Group(self.group_facts(member)));
            }
        }
        if gone {
            self.groups.remove(group);
            step.facts.push(Delta::GroupGone(group.clone()));
        } else {
            self.groups.insert(group.clone(), after);
            step.facts.push(Delta::Group(self.group_facts(group)));
        }
    }

    fn group_facts(&self, group: &GroupName) -> GroupFacts {
        GroupFacts { name: group.clone(), parents: self.of_group.get(group).cloned().unwrap_or_default() }
    }

    fn user_facts(&self, id: UserId) -> Option<UserFacts> {
        let (state, admin, key) = self.users.get(&id)?;
        let mut groups = self.of_user.get(&id).cloned().unwrap_or_default();
        if *admin && let Ok(admins) = ADMINS.parse() {
            groups.insert(admins);
        }
        Some(UserFacts { id, state: *state, groups, sealing_key: Some(*key) })
    }
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(kind: ObjectKind, name: &str) -> Result<T, Error> {
    name.parse().map_err(|why: T::Err| damaged(kind, name, &why.to_string()))
}

fn form<T: DeserializeOwned>(kind: ObjectKind, name: &str, spec: &Value) -> Result<T, Error> {
    serde_json::from_value(spec.clone()).map_err(|why| damaged(kind, name, &why.to_string()))
}

fn damaged(kind: ObjectKind, name: &str, why: &str) -> Error {
    Error::Damaged { kind, name: name.to_owned(), why: why.to_owned() }
}

/// The kinds that make up the world, in the order in which they are read: groups before people, so that each person's facts
/// are made once and not for every group anew.
const READ: [ObjectKind; 10] = [
    ObjectKind::Group,
    ObjectKind::User,
    ObjectKind::App,
    ObjectKind::Client,
    ObjectKind::Policy,
    ObjectKind::Session,
    ObjectKind::Device,
    ObjectKind::Risk,
    ObjectKind::SealingKey,
    ObjectKind::Point,
];
