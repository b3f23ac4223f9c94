//! How long enforcement points may go on deciding that are not heard of: the longest lease that an app has, or had until so
//! short a time ago that a point may not know better.

use std::time::Duration;

use bartizan_model::{AppFacts, BootTime, ObjectKind, Revision, Timestamp};
use bartizan_policy::World;
use bartizan_store::Store;
use serde_json::Value;

use crate::error::Error;

/// The longest leases, those in force and those that were.
#[derive(Debug)]
pub(super) struct Leases {
    /// Where no app says anything.
    own: Duration,
    /// The longest of all that are in force.
    longest: Duration,
    /// What was longer before.
    former: Vec<Former>,
}

/// A lease that an app had.
#[derive(Debug)]
struct Former {
    length: Duration,
    /// Who has applied this revision decides by it no more.
    until: Revision,
    /// Since when the app has another. Who has not applied that is behind since then, so their lease counts from before it, and
    /// is over when one of this length is.
    since: BootTime,
}

impl Leases {
    /// Those of this world. An app may have had one of `formerly` until now.
    pub(super) fn new(own: Duration, formerly: Duration, world: &World, now: BootTime) -> Self {
        let mut leases = Self { own, longest: own.max(formerly), former: Vec::new() };
        leases.changed(world, now);
        leases
    }

    /// The apps are others since `since`.
    pub(super) fn changed(&mut self, world: &World, since: BootTime) {
        let said = world.apps().filter_map(|app| app.lease).max();
        let longest = said.map_or(self.own, |said| said.max(self.own));
        self.former.retain(|former| !former.is_over(since));
        if longest < self.longest {
            self.former.push(Former { length: self.longest, until: world.revision(), since });
        }
        self.longest = longest;
    }

    /// The longest by which a point may decide that has confirmed this revision.
    pub(super) fn longest(&self, confirmed: Revision, now: BootTime) -> Duration {
        let former = self.former.iter().filter(|former| confirmed < former.until && !former.is_over(now));
        former.map(|former| former.length).fold(self.longest, Duration::max)
    }
}

impl Former {
    fn is_over(&self, now: BootTime) -> bool {
        now.since(self.since) >= with_margin(self.length)
    }
}

/// A lease, and on top what the clocks of two machines may disagree by on how long a second is: one second in thirty.
pub(super) fn with_margin(lease: Duration) -> Duration {
    lease + lease / 30
}

/// The longest lease that an app had at any time in which a point may have been told of it that still decides by it. A control
/// plane that was just started asks: the one before it may have shortened a lease and told nobody.
pub(super) async fn formerly(store: &dyn Store, now: Timestamp) -> Result<Duration, Error> {
    let most = with_margin(*AppFacts::LEASES.end());
    let changes = store.recent(ObjectKind::App, CHANGES).await?;
    let lately = |time: Timestamp| now.since(time) < most;
    if changes.len() >= usize::try_from(CHANGES).unwrap_or(usize::MAX)
        && changes.iter().all(|change| lately(change.time))
    {
        // There are more than were read: nobody knows what they say.
        return Ok(*AppFacts::LEASES.end());
    }
    let mut specs: Vec<Value> = Vec::new();
    let mut first: Option<Revision> = None;
    for change in changes.into_iter().filter(|change| lately(change.time)) {
        first = Some(first.map_or(change.revision, |first| first.min(change.revision)));
        specs.extend(change.spec);
    }
    // What these superseded was in force until then.
    if let Some(before) = first.and_then(|first| first.get().checked_sub(1)) {
        let stood = store.list_at(ObjectKind::App, Revision::new(before)).await?;
        specs.extend(stood.into_iter().map(|app| app.spec));
    }
    let said = specs.iter().filter_map(|spec| spec.get("lease_seconds")?.as_u64()).max();
    Ok(said.map(Duration::from_secs).unwrap_or_default().min(*AppFacts::LEASES.end()))
}

/// Changes of apps in an hour that are read at the start.
const CHANGES: u32 = 4096;

#[cfg(test)]
mod tests;
