//! What a point is told of: nothing that its scope does not hold.

use std::collections::BTreeSet;

use bartizan_enforce::{Audience, PointScope, Resolved};
use bartizan_model::{AppFacts, AppName};
use bartizan_policy::{About, World};

/// How far a point sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sees {
    /// The point of this process: our own hosts and the administration, too.
    Everything,
    /// A point elsewhere. Our own hosts are never in its scope, whatever that says: it has nothing behind them.
    Scope(PointScope),
}

impl Sees {
    /// Whether it is told of an app.
    pub(crate) fn app(&self, app: &AppFacts) -> bool {
        match self {
            Self::Everything => true,
            Self::Scope(_) => app.upstream.is_some() && self.named(&app.name),
        }
    }

    /// Whether its scope names an app that it may no longer see.
    pub(crate) fn named(&self, app: &AppName) -> bool {
        match self {
            Self::Everything | Self::Scope(PointScope::Apps) => true,
            Self::Scope(PointScope::Only(apps)) => apps.contains(app),
        }
    }

    /// Whether it is told of a policy that can be about these. What clients are issued is decided here alone.
    pub(crate) fn policy(&self, about: &About) -> bool {
        match about {
            About::Anything | About::Apps => true,
            About::App(app) => self.named(app),
            About::Clients | About::Client(_) | About::Administration => *self == Self::Everything,
        }
    }

    /// Whether it serves this host (lower case, no port).
    pub(crate) fn host(&self, world: &World, host: &str) -> bool {
        world.app_by_host(host).is_some_and(|app| self.app(app))
    }

    /// What it is told of a credential: nothing unless that is good somewhere in its scope, and nothing of where else.
    pub(crate) fn credential(&self, world: &World, mut resolved: Resolved) -> Option<Resolved> {
        if *self == Self::Everything {
            return Some(resolved);
        }
        match &mut resolved.audience {
            Audience::Host(host) => self.host(world, host).then_some(resolved),
            Audience::Apps(apps) => {
                let seen: BTreeSet<AppName> = std::mem::take(apps)
                    .into_iter()
                    .filter(|name| world.app(name).is_some_and(|app| self.app(app)))
                    .collect();
                if seen.is_empty() {
                    return None;
                }
                *apps = seen;
                Some(resolved)
            }
        }
    }
}
