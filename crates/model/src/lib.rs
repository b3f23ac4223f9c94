//! The words of Bartizan: identifiers, who asks for what, what is answered, what is recorded.
//!
//! Everything else speaks in these types. This crate performs no IO, reads no clock and draws no randomness; it
//! defines the traits ([`Clock`], [`Entropy`]) through which others do.

mod action;
mod clock;
mod credential;
mod denial;
mod entropy;
mod event;
mod facts;
mod id;
mod name;
mod object;
mod problem;
mod remedy;
mod request;
mod resource;
mod revision;
mod secret;
mod subject;
mod wire;

pub use action::Action;
pub use clock::{BootTime, Clock, Timestamp, TimestampError};
pub use credential::{CredentialDigest, CredentialError, CredentialKind, PresentedCredential};
pub use denial::{Denial, DenyReason};
pub use entropy::Entropy;
pub use event::{
    Event, EventKind, ObjectRef, Outcome, Personal, RequestRef, ResourceRef, Sealed, SubjectRef,
};
pub use facts::{
    AppFacts, Audit, AuthLevel, DeviceFacts, GroupFacts, SessionFacts, Upstream, UpstreamError, UserFacts,
    UserState,
};
pub use id::{
    ClientGrantId, DecisionId, DeviceId, EventId, IdError, PointId, RequestId, SealingKeyId, SessionId,
    UserId,
};
pub use name::{AppName, ClientName, GroupName, NameError, PointName, PolicyId, ProviderName};
pub use object::ObjectKind;
pub use problem::Problem;
pub use remedy::{Remedy, RemedyKind, Said, Way};
pub use request::{AccessRequest, HttpFacts};
pub use resource::{AdminArea, Resource, UnknownAdminArea};
pub use revision::Revision;
pub use secret::Secret;
pub use subject::Subject;
pub use wire::{Relaxation, WireRules};
