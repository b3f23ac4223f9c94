//! The immutable view that decisions read: subjects, groups, devices, resources, sessions and risk at one revision.
//!
//! A world is never changed; [`World::apply`] makes the next one, which shares everything that stayed the same. So a
//! decision holds one world from beginning to end, and a step costs what has changed, not what there is.

use std::collections::BTreeSet;
use std::sync::Arc;

use bartizan_model::{
    AccessRequest, AppFacts, AppName, ClientName, DeviceFacts, DeviceId, GroupFacts, GroupName, Resource,
    Revision, SessionFacts, SessionId, Subject, UserFacts, UserId,
};
use imbl::{OrdMap, OrdSet};

use crate::delta::{Delta, Key, Touched};

/// The highest risk.
const MAX_RISK: u8 = 100;

/// All that is known of subjects, devices and resources at one revision.
#[derive(Clone, Debug, Default)]
pub struct World {
    revision: Revision,
    users: OrdMap<UserId, Arc<UserFacts>>,
    groups: OrdMap<GroupName, Arc<GroupFacts>>,
    apps: OrdMap<AppName, Arc<AppFacts>>,
    /// The apps that claim each host. More than one is a mistake that `control` refuses; here none of them is served.
    hosts: OrdMap<String, BTreeSet<AppName>>,
    /// The programs that people sign in to with us, and those that act for themselves.
    clients: OrdSet<ClientName>,
    sessions: OrdMap<SessionId, Arc<SessionFacts>>,
    devices: OrdMap<DeviceId, Arc<DeviceFacts>>,
    risks: OrdMap<UserId, u8>,
}

impl World {
    /// The world before the first change: it knows `Anonymous` and the parts of the administration, nothing else.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The revision of the newest change that this world has seen.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// The world after these changes, and what they touched. The cost is that of the changes.
    #[must_use]
    pub fn apply(&self, revision: Revision, deltas: &[Delta]) -> (Self, Touched) {
        let mut next = self.clone();
        next.revision = revision;
        let mut touched = Touched::default();
        for delta in deltas {
            if let Some(key) = next.step(delta) {
                touched.keys.insert(key);
            }
        }
        (next, touched)
    }

    /// Applies one change; tells the key under which grants that could have read the fact are found, if it changed.
    ///
    /// One key is enough for the old and the new world alike: a decision that reads the fact in either of them has
    /// the fact's own name among its keys. In particular a decision that reaches a group is indexed under that
    /// group, whether or not the world knows the group yet, so a change of the group's parents finds it.
    fn step(&mut self, delta: &Delta) -> Option<Key> {
        match delta {
            Delta::User(facts) => {
                put(&mut self.users, facts.id, facts).then_some(Key::Subject(Subject::User(facts.id)))
            }
            Delta::UserGone(id) => self.users.remove(id).map(|_| Key::Subject(Subject::User(*id))),
            Delta::Group(facts) => {
                put(&mut self.groups, facts.name.clone(), facts).then(|| Key::Group(facts.name.clone()))
            }
            Delta::GroupGone(name) => self.groups.remove(name).map(|_| Key::Group(name.clone())),
            Delta::App(facts) => {
                let before = self.apps.get(&facts.name).cloned();
                if !put(&mut self.apps, facts.name.clone(), facts) {
                    return None;
                }
                if let Some(before) = before {
                    self.release_host(&before);
                }
                self.hosts.entry(facts.host.clone()).or_default().insert(facts.name.clone());
                Some(Key::Resource(Resource::App(facts.name.clone())))
            }
            Delta::AppGone(name) => {
                let before = self.apps.remove(name)?;
                self.release_host(&before);
                Some(Key::Resource(Resource::App(name.clone())))
            }
            Delta::Client(name) => {
                let new = self.clients.insert(name.clone()).is_none();
                new.then(|| Key::Resource(Resource::Client(name.clone())))
            }
            Delta::ClientGone(name) => {
                self.clients.remove(name).map(|name| Key::Resource(Resource::Client(name)))
            }
            Delta::Session(facts) => {
                put(&mut self.sessions, facts.id, facts).then_some(Key::Session(facts.id))
            }
            Delta::SessionGone(id) => self.sessions.remove(id).map(|_| Key::Session(*id)),
            Delta::Device(facts) => put(&mut self.devices, facts.id, facts).then_some(Key::Device(facts.id)),
            Delta::DeviceGone(id) => self.devices.remove(id).map(|_| Key::Device(*id)),
            Delta::Risk(user, risk) => {
                let risk = (*risk).min(MAX_RISK);
                if self.risk(*user) == risk {
                    return None;
                }
                if risk == 0 {
                    self.risks.remove(user);
                } else {
                    self.risks.insert(*user, risk);
                }
                Some(Key::Risk(*user))
            }
        }
    }

    fn release_host(&mut self, app: &AppFacts) {
        let Some(claims) = self.hosts.get_mut(&app.host) else { return };
        claims.remove(&app.name);
        if claims.is_empty() {
            self.hosts.remove(&app.host);
        }
    }

    /// The person, if known.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&Arc<UserFacts>> {
        self.users.get(&id)
    }

    /// The group, if known.
    #[must_use]
    pub fn group(&self, name: &GroupName) -> Option<&Arc<GroupFacts>> {
        self.groups.get(name)
    }

    /// The session, if it was not ended.
    #[must_use]
    pub fn session(&self, id: SessionId) -> Option<&Arc<SessionFacts>> {
        self.sessions.get(&id)
    }

    /// The device, if enrolled.
    #[must_use]
    pub fn device(&self, id: DeviceId) -> Option<&Arc<DeviceFacts>> {
        self.devices.get(&id)
    }

    /// The app, if known.
    #[must_use]
    pub fn app(&self, name: &AppName) -> Option<&Arc<AppFacts>> {
        self.apps.get(name)
    }

    /// The app that is reached by this host name (lower case, no port). If two claim it, neither is.
    #[must_use]
    pub fn app_by_host(&self, host: &str) -> Option<&Arc<AppFacts>> {
        let mut claims = self.hosts.get(host)?.iter();
        let only = claims.next()?;
        if claims.next().is_some() {
            return None;
        }
        self.apps.get(only)
    }

    /// The risk of a person, 0 to 100; 0 if nothing is known of it.
    #[must_use]
    pub fn risk(&self, user: UserId) -> u8 {
        self.risks.get(&user).copied().unwrap_or(0)
    }

    /// Every app, by name.
    pub fn apps(&self) -> impl Iterator<Item = &Arc<AppFacts>> {
        self.apps.values()
    }

    /// Every client that is not disabled, by name.
    pub fn clients(&self) -> impl Iterator<Item = &ClientName> {
        self.clients.iter()
    }

    /// Every group, by name.
    pub fn groups(&self) -> impl Iterator<Item = &Arc<GroupFacts>> {
        self.groups.values()
    }

    /// Every session that was not ended, oldest first.
    pub fn sessions(&self) -> impl Iterator<Item = &Arc<SessionFacts>> {
        self.sessions.values()
    }

    /// Every person.
    pub fn users(&self) -> impl Iterator<Item = &Arc<UserFacts>> {
        self.users.values()
    }

    /// Every group that the person is in, directly or through other groups. Groups that nobody described count,
    /// too. Each name is visited once, so a cycle ends, and the work is bounded by the number of groups.
    #[must_use]
    pub fn groups_of(&self, user: UserId) -> BTreeSet<GroupName> {
        self.users.get(&user).map(|facts| self.reach(&facts.groups)).unwrap_or_default()
    }

    /// The groups reached from these ones, themselves included.
    pub(crate) fn reach(&self, from: &BTreeSet<GroupName>) -> BTreeSet<GroupName> {
        let mut reached = from.clone();
        let mut open: Vec<&GroupName> = from.iter().collect();
        while let Some(name) = open.pop() {
            let Some(facts) = self.groups.get(name) else { continue };
            for parent in &facts.parents {
                if !reached.contains(parent) {
                    reached.insert(parent.clone());
                    open.push(parent);
                }
            }
        }
        reached
    }

    /// Whether both worlds share one and the same table of groups. False says nothing; true says that every closure
    /// over it is the same.
    pub(crate) fn same_groups(&self, groups: &GroupTable) -> bool {
        self.groups.ptr_eq(&groups.0)
    }

    /// The table of groups, for [`World::same_groups`] later on. It shares, it does not copy.
    pub(crate) fn group_table(&self) -> GroupTable {
        GroupTable(self.groups.clone())
    }

    /// Whether there is such a client, and it is not disabled.
    #[must_use]
    pub fn client(&self, name: &ClientName) -> bool {
        self.clients.contains(name)
    }

    /// Whether there is such a resource.
    pub(crate) fn knows(&self, resource: &Resource) -> bool {
        match resource {
            Resource::App(name) => self.apps.contains_key(name),
            Resource::Client(name) => self.client(name),
            Resource::Admin(_) => true,
        }
    }

    /// Every key that the decision on this request could read in this world. A grant is indexed by these before it is
    /// decided, so that no change in between is lost.
    #[must_use]
    pub fn keys(&self, request: &AccessRequest) -> Vec<Key> {
        let mut keys = vec![Key::Subject(request.subject.clone()), Key::Resource(request.resource.clone())];
        keys.extend(request.session.map(Key::Session));
        keys.extend(request.device.map(Key::Device));
        match &request.subject {
            Subject::User(user) => {
                keys.push(Key::Risk(*user));
                keys.extend(self.groups_of(*user).into_iter().map(Key::Group));
            }
            // It may act as long as there is its client.
            Subject::Service(client) => keys.push(Key::Resource(Resource::Client(client.clone()))),
            Subject::Anonymous => {}
        }
        keys
    }
}

/// The table of groups of one world.
#[derive(Clone, Debug)]
pub(crate) struct GroupTable(OrdMap<GroupName, Arc<GroupFacts>>);

/// Stores the facts unless they are stored already; tells whether something changed.
fn put<K: Ord + Clone, T: Clone + PartialEq>(table: &mut OrdMap<K, Arc<T>>, key: K, facts: &T) -> bool {
    if table.get(&key).is_some_and(|known| **known == *facts) {
        return false;
    }
    table.insert(key, Arc::new(facts.clone()));
    true
}
