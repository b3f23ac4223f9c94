//! Enforcement: the one place where a question becomes a live grant.
//!
//! [`Enforcer::admit`] registers what is asked, decides it, records the decision and returns a [`LiveGrant`] that owns
//! what was decided. Whatever changes later (the world, the policies, time) re-decides the grants that it touches and
//! cuts those that are now denied.
//!
//! The control plane is met in four traits, in process now and over the wire later: [`Feed`], [`Evidence`],
//! [`Sessions`] and [`Keys`]. This crate opens no database.

pub mod about;
mod ask;
mod counters;
mod enforcer;
mod evidence;
mod feed;
mod keys;
mod lease;
mod live;
mod membership;
mod memory;
mod point;
mod progress;
mod record;
mod resolve;
mod sessions;
pub mod spool;
mod table;
mod timer;
pub mod wire;

pub use ask::{Ask, Caller};
pub use counters::{Counters, Step};
pub use enforcer::{Enforcer, EnforcerConfig};
pub use evidence::{Batch, Evidence, EvidenceError};
pub use feed::{Acknowledged, Applied, Feed, FeedError, FeedMessage, Scope, Standpoint, Subscription};
pub use keys::{Keys, KeysError};
pub use live::{LiveGrant, Meter, Open};
pub use membership::{Joined, Membership, MembershipError, PointIdentity, PointScope};
pub use point::Point;
pub use record::Recorder;
pub use resolve::ResolveError;
pub use sessions::{Audience, Redeemed, Redemption, Resolution, Resolved, Sessions, SessionsError, Ticket};
