//! The ways out of a denial. Each is tried: the same question is asked of a world in which the person has taken it,
//! and it is offered only if the answer is yes then.

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_model::{
    AccessRequest, AuthLevel, DenyReason, DeviceFacts, DeviceId, Outcome, PolicyId, Remedy, SessionFacts,
    SessionId, Subject, Timestamp, UserFacts, UserId, UserState, Way,
};
use cedar_policy::Effect;

use crate::case::Case;
use crate::context::next_minute;
use crate::counterfactual::STRONG_METHODS;
use crate::delta::Delta;
use crate::engine::{Engine, Installed};
use crate::grant::Verdict;
use crate::reads::Flip;
use crate::scope::Whom;
use crate::standing::Standing;
use crate::time;
use crate::world::World;

/// Most policies for which it is tried whether somebody whom they are about would be let in.
const MAX_POLICIES: usize = 50;
/// Most instants that are tried: two for each hour of a day.
const MAX_INSTANTS: usize = 48;
/// How long a person can be asked to wait.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a session lasts that somebody might open: any time will do.
const NEW_SESSION: Duration = Duration::from_secs(60 * 60);

/// The ways out, the smallest change first; none if the answer is yes.
pub(crate) fn remedies(engine: &Engine, world: &World, request: &AccessRequest) -> Vec<Remedy> {
    let case = Case::new(engine, world, request, Standing::of(world, request));
    let verdict = case.verdict();
    match verdict.reason() {
        None | Some(DenyReason::SubjectDisabled) => Vec::new(),
        Some(_) => Search { case, verdict }.run(),
    }
}

/// The search for ways out of one denial.
struct Search<'a> {
    case: Case<'a>,
    verdict: Verdict,
}

/// What was tried: a way, and the changes that it brings.
struct Try {
    way: Way,
    deltas: Vec<Delta>,
    request: AccessRequest,
}

impl Search<'_> {
    fn run(&self) -> Vec<Remedy> {
        let mut remedies = Vec::new();
        // A program neither signs in nor enrols a device: whoever runs it gives it another key.
        if self.case.request.subject.service().is_some() {
            remedies.extend(self.waiting());
            return remedies;
        }
        // Of the ways to sign in the smallest is enough.
        remedies.extend(self.signing_in().into_iter().find_map(|way| self.attempt(&way)));
        remedies.extend(self.device().into_iter().find_map(|way| self.attempt(&way)));
        remedies.extend(self.waiting());
        remedies
    }

    /// Asks the question in the world as it would be.
    fn attempt(&self, tried: &Try) -> Option<Remedy> {
        let verdict = self.ask(&tried.deltas, &tried.request)?;
        Some(self.remedy(tried.way, &verdict))
    }

    fn ask(&self, deltas: &[Delta], request: &AccessRequest) -> Option<Verdict> {
        let (world, _) = self.case.world.apply(self.case.world.revision(), deltas);
        let verdict = self.case.engine.evaluate(&world, request);
        (verdict.outcome() == Outcome::Permit).then_some(verdict)
    }

    /// What to say: our words, and those of the policies that stood in the way or would now let pass.
    fn remedy(&self, way: Way, then: &Verdict) -> Remedy {
        let engine = self.case.engine;
        let ids: Vec<PolicyId> = self.verdict.policies().iter().chain(then.policies()).cloned().collect();
        Remedy::new(way, engine.named(&ids).find_map(|policy| policy.compiled.annotation("remedy")))
    }

    /// Ways to sign in, the smallest first.
    fn signing_in(&self) -> Vec<Try> {
        let request = self.case.request;
        let Subject::User(user) = request.subject else { return self.strangers() };
        let known = self.case.standing.session.filter(|session| session.user() == Some(user));
        let now = request.now;
        let renewed = |way, change: &dyn Fn(&mut SessionFacts)| {
            let mut session = known.map_or_else(|| new_session(request, user), |known| (**known).clone());
            change(&mut session);
            let mut request = request.clone();
            request.session = Some(session.id);
            Try { way, deltas: vec![Delta::Session(session)], request }
        };
        if self.verdict.reason() == Some(DenyReason::SessionEnded) {
            // As they signed in last time; or, if that is not known or not enough, as well as can be.
            let as_before = |session: &mut SessionFacts| {
                again(session, now);
                session.last_seen = now;
                session.absolute_end = now.plus(NEW_SESSION);
                session.device = request.device;
            };
            return [false, true]
                .map(|strong| {
                    let mut way = renewed(Way::SignInAgain, &|session| {
                        as_before(session);
                        if strong {
                            strengthen(session, now);
                        }
                    });
                    way.request.credential_ends = None;
                    way
                })
                .into();
        }
        vec![
            renewed(Way::Confirm, &|session| {
                strengthen(session, now);
            }),
            renewed(Way::Reauthenticate, &|session| again(session, now)),
            renewed(Way::SignInStrongly, &|session| {
                again(session, now);
                strengthen(session, now);
            }),
        ]
    }

    /// People who might be behind an anonymous request: for each policy about the resource that permits, somebody
    /// in the groups that it names, or whom it names.
    fn strangers(&self) -> Vec<Try> {
        let (engine, request) = (self.case.engine, self.case.request);
        let about = engine.index.about(&request.resource);
        about
            .into_iter()
            .filter_map(|number| engine.policy(number))
            .filter(|policy| policy.compiled.effect == Effect::Permit)
            .filter(|policy| policy.compiled.scope.actions.includes(request.action))
            .take(MAX_POLICIES)
            .filter_map(|policy| self.somebody(policy))
            .map(|user| {
                let mut request = request.clone();
                let mut session = new_session(&request, user.id);
                strengthen(&mut session, request.now);
                request.subject = Subject::User(user.id);
                request.session = Some(session.id);
                let deltas = vec![Delta::User(user), Delta::Session(session)];
                Try { way: Way::SignIn, deltas, request }
            })
            .collect()
    }

    fn somebody(&self, policy: &Installed) -> Option<UserFacts> {
        match &policy.compiled.scope.whom {
            Whom::Anonymous | Whom::Service(_) | Whom::Services => None,
            Whom::User(id) => self.case.world.user(*id).map(|user| (**user).clone()),
            Whom::Any | Whom::Users | Whom::Group(_) => Some(UserFacts {
                id: UserId::from_bytes(NOBODY),
                state: UserState::Active,
                groups: policy.compiled.groups.iter().map(|(name, _)| name.clone()).collect(),
                sealing_key: None,
            }),
        }
    }

    /// Ways to bring the device in order, the smallest first.
    fn device(&self) -> Vec<Try> {
        let request = self.case.request;
        let mut ways = Vec::new();
        if let Some(device) = self.case.standing.device {
            let mended = DeviceFacts { compliant: true, ..(**device).clone() };
            ways.push(Try {
                way: Way::MendDevice,
                deltas: vec![Delta::Device(mended)],
                request: request.clone(),
            });
        }
        // The device that the session was made on, if that did not prove itself now; else this one, whichever it is.
        let session = self.case.standing.session;
        let made_on = session.and_then(|session| session.device).filter(|_| request.device.is_none());
        let id = made_on.or(request.device).unwrap_or(DeviceId::from_bytes(NOBODY));
        let enrolled = DeviceFacts {
            id,
            compliant: true,
            managed: self.case.standing.device.is_some_and(|device| device.managed),
            valid_until: Timestamp::MAX,
        };
        ways.push(Try {
            way: Way::EnrolDevice,
            deltas: vec![Delta::Device(enrolled)],
            request: AccessRequest { device: Some(id), ..request.clone() },
        });
        ways
    }

    /// Waiting: until the risk is gone, or until a time at which a policy lets pass.
    fn waiting(&self) -> Option<Remedy> {
        let request = self.case.request;
        if let Subject::User(user) = request.subject
            && let Some(verdict) = self.ask(&[Delta::Risk(user, 0)], request)
        {
            return Some(self.remedy(Way::AwaitReview, &verdict));
        }
        let session = self.case.standing.session.map(AsRef::as_ref);
        let flips: BTreeSet<Flip> = self
            .case
            .candidates
            .iter()
            .flat_map(|policy| policy.compiled.analysis.flips.iter().copied())
            .filter(|flip| *flip != Flip::AnyTime)
            .collect();
        let mut at = request.now;
        for _ in 0..MAX_INSTANTS {
            at = time::next_flip(&flips, session, at);
            if at > request.now.plus(MAX_WAIT) {
                return None;
            }
            // A person is told a minute, so it must be true in that minute: what opens for a second only is no help.
            let minute = next_minute(at);
            // Who waits keeps the session in use, and signs in again when it ends.
            let kept = session.map(|session| {
                let absolute_end = session.absolute_end.max(minute.plus(NEW_SESSION));
                Delta::Session(SessionFacts { last_seen: minute, absolute_end, ..session.clone() })
            });
            let then = AccessRequest { now: minute, ..request.clone() };
            if let Some(verdict) = self.ask(kept.as_slice(), &then) {
                return Some(self.remedy(Way::AwaitTime(minute), &verdict));
            }
        }
        None
    }
}

/// The identifier of people, sessions and devices that there might be. No random identifier is all zero.
const NOBODY: [u8; 16] = [0; 16];

fn new_session(request: &AccessRequest, user: UserId) -> SessionFacts {
    SessionFacts {
        id: SessionId::from_bytes(NOBODY),
        subject: Subject::User(user),
        device: request.device,
        auth_time: request.now,
        mfa_time: None,
        amr: BTreeSet::from([String::from("pwd")]),
        level: AuthLevel::Basic,
        last_seen: request.now,
        idle_timeout: NEW_SESSION,
        absolute_end: request.now.plus(NEW_SESSION),
    }
}

/// The person signs in with what they have signed in with.
fn again(session: &mut SessionFacts, now: Timestamp) {
    session.auth_time = now;
    session.mfa_time = session.mfa_time.map(|_| now);
}

/// The person proves a second factor.
fn strengthen(session: &mut SessionFacts, now: Timestamp) {
    session.level = AuthLevel::Strong;
    session.mfa_time = Some(now);
    session.amr.extend(STRONG_METHODS.map(String::from));
}
