//! The policy engine: may this subject do this to that, now? And if not, why, and what would help?
//!
//! A decision is a pure function of policies, [`World`] and request. This crate performs no IO, reads no clock and
//! draws no randomness: time and identifiers come with the request. Policies are written in Cedar and read against
//! the schema of [`schema_text`]; the engine compiles them ([`Engine::compile`]), picks those that a request can meet,
//! asks Cedar about each, and mints a [`Grant`] only when one permits, none forbids and none failed.

// In the order in which a decision runs through them: what is known, what is asked of it, what comes out.
mod delta;
mod world;

mod finding;
mod schema;
mod source;

mod compile;
mod reads;
mod scope;

mod index;

mod case;
mod context;
mod engine;
mod standing;
mod time;

mod grant;
mod remember;

mod counterfactual;
mod explain;
mod remedies;

pub use delta::{Delta, Key, Touched};
pub use engine::Engine;
pub use explain::{Condition, PolicyEffect, Trace, TracedPolicy};
pub use finding::{Finding, Severity, nearest};
pub use grant::{Decision, Grant, Minter, Refusal, Verdict};
pub use remember::Remembered;
pub use schema::schema_text;
pub use source::{About, Addressed, Head, PolicySource, split_file};
pub use world::World;
