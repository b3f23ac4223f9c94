//! The control plane: what is stored becomes what is decided on, and what was decided becomes what is known.
//!
//! [`Hub`] follows the change log and feeds the enforcement points; [`Receiver`] takes their evidence into the log;
//! [`Vouch`] certifies their keys; [`api`] is the administration, each call of which is decided by the same engine.
//! This crate never touches a user's bytes.

mod access;
pub mod api;
mod arrivals;
mod call;
mod console;
mod daily;
mod directory;
mod endings;
mod error;
pub mod files;
mod hub;
mod lockout;
mod logouts;
mod members;
mod opener;
pub mod plan;
mod points;
pub mod portal;
mod probe;
mod proposal;
mod public;
mod receiver;
mod recover;
mod register;
mod scim;
mod spec;
mod uses;
mod vouch;
mod why;

pub use arrivals::Arriving;
pub use call::{
    AdminCall, Admitted, ReadLog, ReadObjects, ReadPeople, ReadSessions, WriteObjects, WritePeople,
    WriteSessions,
};
pub use daily::keep_daily_key;
pub use directory::Directory;
pub use endings::{Ending, Endings};
pub use error::Error;
pub use hub::{AppliedEverywhere, Hub};
pub use logouts::{Logouts, Tell};
pub use members::Members;
pub use opener::KeyRing;
pub use points::{JoinTokenMade, PointEntry, PointRemoved, PointRole, PointStatus, PointStatuses, Points};
pub use probe::{Answer, Distrust, Here, Leads, Look, Looks, Probe, Redirect, Seen, Shown, Stopped};
pub use public::PublicAuthority;
pub use receiver::Receiver;
pub use recover::{Administrator, Recovery, RolledBack};
pub use register::Register;
pub use scim::Provisioning;
pub use spec::{AppSpec, GroupSpec, Plaintext, PolicySpec, Provisioned};
pub use uses::Uses;
pub use vouch::Vouch;
