//! The lease: how long a point may go on deciding without hearing from its control plane.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bartizan_model::{AdminArea, AppName, BootTime, Resource};
use bartizan_policy::{Key, World};
use parking_lot::Mutex;

/// Counted on boot time, so that a suspended machine or a changed wall clock does not lengthen it.
#[derive(Debug)]
pub(crate) struct Lease {
    length: Duration,
    sent: Mutex<Option<BootTime>>,
}

impl Lease {
    /// One of this length, on everything that says nothing of it.
    pub(crate) const fn new(length: Duration) -> Self {
        Self { length, sent: Mutex::new(None) }
    }

    /// A heartbeat that was sent at `sent` has been acknowledged.
    pub(crate) fn renew(&self, sent: BootTime) {
        let mut latest = self.sent.lock();
        *latest = Some(latest.map_or(sent, |before| before.max(sent)));
    }

    /// The point must not decide any more, whatever it heard before.
    pub(crate) fn end(&self) {
        *self.sent.lock() = None;
    }

    /// How long it has run; nothing if it was ended, or never began.
    pub(crate) fn age(&self, now: BootTime) -> Option<Duration> {
        // The latest heartbeat that was acknowledged counts from when it was *sent*: the answer may have been slow.
        (*self.sent.lock()).map(|sent| now.since(sent))
    }

    /// How much longer it is held, if it is, on what says nothing of it.
    pub(crate) fn left(&self, now: BootTime) -> Option<Duration> {
        self.length.checked_sub(self.age(now)?).filter(|left| !left.is_zero())
    }
}

/// How long the lease is on each app: what the app says, and the point's own where it says nothing.
#[derive(Debug)]
pub(crate) struct Terms {
    own: Duration,
    /// The apps that say something, by what they say.
    said: BTreeMap<Duration, Vec<AppName>>,
}

/// On what a lease is over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Nothing,
    /// On what is found under these keys.
    Under(BTreeSet<Key>),
    Everything,
}

impl Terms {
    pub(crate) fn new(own: Duration, world: &World) -> Self {
        let mut said: BTreeMap<Duration, Vec<AppName>> = BTreeMap::new();
        for app in world.apps() {
            if let Some(length) = app.lease {
                said.entry(length).or_default().push(app.name.clone());
            }
        }
        Self { own, said }
    }

    /// How long it is on this. Own hosts and the administration say nothing.
    pub(crate) fn on(&self, world: &World, resource: &Resource) -> Duration {
        let said = match resource {
            Resource::App(name) if !self.said.is_empty() => world.app(name).and_then(|app| app.lease),
            Resource::App(_) | Resource::Client(_) | Resource::Admin(_) => None,
        };
        said.unwrap_or(self.own)
    }

    /// The shortest: before it nothing is over.
    pub(crate) fn shortest(&self) -> Duration {
        self.said.first_key_value().map_or(self.own, |(first, _)| self.own.min(*first))
    }

    /// How long it is until a lease that has run for `age` is over on more than now; nothing if it is over on everything.
    pub(crate) fn next(&self, age: Duration) -> Option<Duration> {
        let all = self.said.keys().copied().chain([self.own]);
        all.filter(|length| *length > age).min().map(|next| next.saturating_sub(age))
    }

    /// On what a lease that has run for `age` is over. Cheap before the first end, and else as many steps as there are apps:
    /// how much is open at them makes no difference.
    pub(crate) fn over(&self, world: &World, age: Duration) -> Over {
        if age < self.shortest() {
            return Over::Nothing;
        }
        if self.next(age).is_none() {
            return Over::Everything;
        }
        let mut names: Vec<AppName> = self.said.range(..=age).flat_map(|(_, names)| names).cloned().collect();
        let mut others = Vec::new();
        if self.own <= age {
            let silent = world.apps().filter(|app| app.lease.is_none());
            names.extend(silent.map(|app| app.name.clone()));
            others.extend(AdminArea::ALL.map(Resource::Admin));
            others.extend(world.clients().cloned().map(Resource::Client));
        }
        let apps = names.into_iter().map(Resource::App);
        Over::Under(apps.chain(others).map(Key::Resource).collect())
    }
}

#[cfg(test)]
mod tests {
    use bartizan_model::{AppFacts, Audit, Revision, WireRules};
    use bartizan_policy::Delta;

    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn at(then: u64) -> BootTime {
        BootTime::from_duration(seconds(then))
    }

    #[test]
    fn a_lease_counts_from_the_latest_acknowledged_heartbeat() {
        let lease = Lease::new(seconds(30));
        assert_eq!(lease.age(at(0)), None, "nothing is held before the first heartbeat");
        lease.renew(at(10));
        assert_eq!((lease.left(at(39)), lease.left(at(40))), (Some(seconds(1)), None));
        lease.renew(at(20));
        lease.renew(at(15));
        assert_eq!(lease.left(at(49)), Some(seconds(1)), "an earlier heartbeat does not shorten a later one");
        assert_eq!(lease.age(at(90)), Some(seconds(70)), "what has a longer one goes on");
        lease.end();
        assert_eq!((lease.age(at(21)), lease.left(at(21))), (None, None));
    }

    fn app(name: &str, lease: Option<u64>) -> Delta {
        Delta::App(AppFacts {
            name: name.parse().unwrap(),
            host: format!("{name}.test"),
            upstream: None,
            ca: None,
            pass_host: true,
            wire: WireRules::default(),
            lease: lease.map(seconds),
            audit: Audit::Normal,
            groups: BTreeSet::new(),
        })
    }

    fn key(name: &str) -> Key {
        Key::Resource(Resource::App(name.parse().unwrap()))
    }

    #[test]
    fn each_app_has_the_lease_that_it_says_and_the_rest_that_of_the_point() {
        let facts = [app("short", Some(5)), app("quick", Some(5)), app("plain", None), app("long", Some(60))];
        let (world, _) = World::new().apply(Revision::new(1), &facts);
        let terms = Terms::new(seconds(30), &world);
        let on = |name: &str| terms.on(&world, &Resource::App(name.parse().unwrap())).as_secs();
        assert_eq!([on("short"), on("quick"), on("plain"), on("long"), on("unknown")], [5, 5, 30, 60, 30]);
        assert_eq!(terms.on(&world, &Resource::Admin(AdminArea::Log)), seconds(30));
        assert_eq!(terms.shortest(), seconds(5));
        let next = |age| terms.next(seconds(age)).map(|next| next.as_secs());
        assert_eq!(
            [next(0), next(4), next(5), next(29), next(30)],
            [Some(5), Some(1), Some(25), Some(1), Some(30)]
        );
        assert_eq!((next(59), next(60)), (Some(1), None));
        let over = |age| terms.over(&world, seconds(age));
        assert_eq!((over(4), over(60)), (Over::Nothing, Over::Everything));
        assert_eq!(over(5), Over::Under([key("quick"), key("short")].into()));
        assert_eq!(over(29), over(5));
        let areas = AdminArea::ALL.map(|area| Key::Resource(Resource::Admin(area)));
        let of_default = [key("plain"), key("quick"), key("short")].into_iter().chain(areas);
        assert_eq!(
            (over(30), over(59)),
            (Over::Under(of_default.clone().collect()), Over::Under(of_default.collect()))
        );
    }

    #[test]
    fn where_no_app_says_anything_everything_ends_at_once() {
        let (world, _) = World::new().apply(Revision::new(1), &[app("plain", None)]);
        let terms = Terms::new(seconds(30), &world);
        assert_eq!(
            (terms.over(&world, seconds(29)), terms.over(&world, seconds(30))),
            (Over::Nothing, Over::Everything)
        );
    }
}
