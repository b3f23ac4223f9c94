//! What can change in the world, and which decisions a change can touch.

use std::collections::BTreeSet;

use bartizan_model::{
    AppFacts, AppName, ClientName, DeviceFacts, DeviceId, GroupFacts, GroupName, Resource, SessionFacts,
    SessionId, Subject, UserFacts, UserId,
};
use serde::{Deserialize, Serialize};

/// One change of the world: a fact as it is now, or its end. Applying the same delta twice changes nothing more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delta {
    /// A person is as stated.
    User(UserFacts),
    /// A person is no more.
    UserGone(UserId),
    /// A group is as stated.
    Group(GroupFacts),
    /// A group is no more.
    GroupGone(GroupName),
    /// An app is as stated.
    App(AppFacts),
    /// An app is no more.
    AppGone(AppName),
    /// There is a client.
    Client(ClientName),
    /// A client is no more, or disabled.
    ClientGone(ClientName),
    /// A session is as stated.
    Session(SessionFacts),
    /// A session has ended.
    SessionGone(SessionId),
    /// A device is as stated.
    Device(DeviceFacts),
    /// A device is no more.
    DeviceGone(DeviceId),
    /// The risk of a person, 0 to 100; more counts as 100.
    Risk(UserId, u8),
}

/// Something that a decision reads. Grants are indexed by these, and each change of the world names those it touches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Who asks.
    Subject(Subject),
    /// A group that the subject is in, directly or through other groups.
    Group(GroupName),
    /// The sign-in that they ask under.
    Session(SessionId),
    /// The device that they ask from.
    Device(DeviceId),
    /// What they ask for.
    Resource(Resource),
    /// The risk of a person.
    Risk(UserId),
}

/// What a step from one world to the next has touched: a decision that read none of these keys is still the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touched {
    /// The touched keys.
    pub keys: BTreeSet<Key>,
}
