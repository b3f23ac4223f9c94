//! A verdict that is remembered, with everything that it was based on, so that a later question can be answered by it.

use std::collections::BTreeSet;
use std::sync::Arc;

use bartizan_model::{
    AccessRequest, Action, AppFacts, DeviceFacts, DeviceId, GroupName, Resource, Revision, SessionFacts,
    SessionId, Subject, Timestamp, UserFacts,
};

use crate::case::Case;
use crate::context::{Circumstances, Seen};
use crate::grant::Verdict;
use crate::reads::Reads;
use crate::standing::Standing;
use crate::world::{GroupTable, World};

/// A verdict and what it was based on. It is no grant and contains none.
#[derive(Debug)]
pub struct Remembered {
    stamp: Arc<()>,
    asked: Asked,
    user: Option<Arc<UserFacts>>,
    session: Option<Arc<SessionFacts>>,
    device: Option<Arc<DeviceFacts>>,
    app: Option<Arc<AppFacts>>,
    groups: BTreeSet<GroupName>,
    table: GroupTable,
    reads: Reads,
    seen: Seen,
    decided_at: Timestamp,
    verdict: Verdict,
}

/// What of a question must be the same.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    subject: Subject,
    session: Option<SessionId>,
    device: Option<DeviceId>,
    credential_ends: Option<Timestamp>,
    resource: Resource,
    action: Action,
}

impl Asked {
    fn by(&self, request: &AccessRequest) -> bool {
        self.subject == request.subject
            && self.session == request.session
            && self.device == request.device
            && self.credential_ends == request.credential_ends
            && self.action == request.action
            && self.resource == request.resource
    }
}

impl Remembered {
    pub(crate) fn of(stamp: &Arc<()>, case: &Case<'_>, mut verdict: Verdict) -> Self {
        let request = case.request;
        // The values are read anew each time.
        verdict.context.clear();
        Self {
            stamp: Arc::clone(stamp),
            asked: Asked {
                subject: request.subject.clone(),
                session: request.session,
                device: request.device,
                credential_ends: request.credential_ends,
                resource: request.resource.clone(),
                action: request.action,
            },
            user: case.standing.user.cloned(),
            session: case.standing.session.cloned(),
            device: case.standing.device.cloned(),
            app: app(case.world, request).cloned(),
            groups: case.groups.clone(),
            table: case.world.group_table(),
            reads: case.reads,
            seen: case.circumstances.seen(case.reads),
            decided_at: request.now,
            verdict,
        }
    }

    /// When it can no longer answer anything.
    #[must_use]
    pub const fn valid_until(&self) -> Timestamp {
        self.verdict.valid_until
    }

    /// The verdict on this request, if it is the remembered one.
    pub(crate) fn answer(
        &self,
        stamp: &Arc<()>,
        revision: Revision,
        world: &World,
        request: &AccessRequest,
    ) -> Option<Verdict> {
        let in_time = self.decided_at <= request.now && request.now < self.verdict.valid_until;
        if !in_time || !Arc::ptr_eq(&self.stamp, stamp) || !self.asked.by(request) {
            return None;
        }
        let standing = Standing::of(world, request);
        let unchanged = standing.refused.is_none()
            && same(self.user.as_ref(), standing.user)
            && same(self.session.as_ref(), standing.session)
            && same(self.device.as_ref(), standing.device)
            && same(self.app.as_ref(), app(world, request));
        if !unchanged || !self.same_groups(world) {
            return None;
        }
        let circumstances = Circumstances::of(
            request,
            standing.session.map(AsRef::as_ref),
            standing.device.map(AsRef::as_ref),
            standing.risk,
        );
        if !circumstances.agrees(&self.seen, self.reads) {
            return None;
        }
        let mut verdict = self.verdict.clone();
        verdict.revision = revision;
        verdict.context = circumstances.texts(self.reads);
        Some(verdict)
    }

    /// Whether the person, who is the same, reaches the same groups: at once if no group at all has changed.
    fn same_groups(&self, world: &World) -> bool {
        world.same_groups(&self.table)
            || self.user.as_ref().map(|user| world.reach(&user.groups)).unwrap_or_default() == self.groups
    }
}

fn app<'w>(world: &'w World, request: &AccessRequest) -> Option<&'w Arc<AppFacts>> {
    match &request.resource {
        Resource::App(name) => world.app(name),
        Resource::Client(_) | Resource::Admin(_) => None,
    }
}

/// Whether both are absent, or one and the same value. Facts that were replaced by equal ones do not get here:
/// [`World::apply`] keeps the old ones.
fn same<T>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, Some(_)) | (Some(_), None) => false,
    }
}
