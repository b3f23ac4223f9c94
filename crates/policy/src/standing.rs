//! What must hold before any policy is asked: the parties exist, may act, and what proved them has not run out.
//!
//! Cedar cannot be asked this. For a principal that it does not know, `in` is quietly false, so a `forbid` for a
//! group would not forbid. None of it is ever remembered.

use std::sync::Arc;

use bartizan_model::{
    AccessRequest, DenyReason, DeviceFacts, SessionFacts, Subject, Timestamp, UserFacts, UserState,
};

use crate::world::World;

/// The facts about the parties to a request, as far as it may rely on them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing<'w> {
    pub(crate) user: Option<&'w Arc<UserFacts>>,
    pub(crate) session: Option<&'w Arc<SessionFacts>>,
    pub(crate) device: Option<&'w Arc<DeviceFacts>>,
    pub(crate) risk: u8,
    /// The first of the deadlines of session, credential and device that is yet to come.
    pub(crate) until: Timestamp,
    /// What is wrong, if anything.
    pub(crate) refused: Option<DenyReason>,
}

impl<'w> Standing<'w> {
    /// Looks the parties up.
    pub(crate) fn of(world: &'w World, request: &AccessRequest) -> Self {
        let user = request.subject.user().and_then(|user| world.user(user));
        // Nobody's session is not somebody's sign-in: what is anonymous has none.
        let session = match request.subject {
            Subject::User(_) | Subject::Service(_) => {
                request.session.and_then(|session| world.session(session))
            }
            Subject::Anonymous => None,
        };
        let device = request.device.and_then(|device| world.device(device));
        let deadlines = [
            session.map(|session| session.ends()),
            request.credential_ends,
            device.map(|device| device.valid_until),
        ];
        let until = deadlines.into_iter().flatten().filter(|end| *end > request.now).min();
        let mut standing = Self {
            user,
            session,
            device,
            risk: request.subject.user().map_or(0, |user| world.risk(user)),
            until: until.unwrap_or(Timestamp::MAX),
            refused: None,
        };
        standing.refused = standing.refusal(world, request);
        standing
    }

    fn refusal(&self, world: &World, request: &AccessRequest) -> Option<DenyReason> {
        let may_act = match &request.subject {
            Subject::User(_) => self.user.is_some_and(|user| user.state == UserState::Active),
            Subject::Service(client) => world.client(client),
            Subject::Anonymous => true,
        };
        if !may_act {
            return Some(DenyReason::SubjectDisabled);
        }
        if request.subject != Subject::Anonymous {
            let theirs = |session: &&Arc<SessionFacts>| session.subject == request.subject;
            if self.session.filter(theirs).is_none_or(|session| request.now >= session.ends()) {
                return Some(DenyReason::SessionEnded);
            }
        }
        if request.credential_ends.is_some_and(|end| end <= request.now) {
            return Some(DenyReason::SessionEnded);
        }
        if let Some(asked_from) = request.device {
            let trusted = self.device.is_some_and(|device| request.now < device.valid_until);
            // A session that was made on one device and shows up on another was carried there.
            let carried =
                self.session.and_then(|session| session.device).is_some_and(|made| made != asked_from);
            if !trusted || carried {
                return Some(DenyReason::DeviceNotTrusted);
            }
        }
        // What is not there is not told apart from what nobody may reach.
        (!world.knows(&request.resource)).then_some(DenyReason::DeniedByPolicy)
    }
}
