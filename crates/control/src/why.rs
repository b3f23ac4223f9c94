//! Explaining a decision: the question as it was asked, decided again on what was known then.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use bartizan_model::{
    AccessRequest, Action, AdminArea, AppName, ClientName, DecisionId, DeviceFacts, Event, GroupName,
    HttpFacts, ObjectKind, Outcome, Personal, Remedy, RequestId, Resource, Revision, SessionFacts, SessionId,
    Subject,
};
use bartizan_policy::{Engine, Trace};
use bartizan_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::described;
use crate::directory::Directory;
use crate::error::Error;

/// An answer with its reasons (CONTRACT.md, `why`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(description = "An answer with its reasons.")]
pub(crate) struct Explanation {
    /// The answer and each policy about it.
    #[serde(flatten)]
    #[schema(value_type = described::Trace)]
    pub(crate) trace: Trace,
    /// The ways out, if it is no.
    #[schema(value_type = Vec<described::Remedy>)]
    pub(crate) remedies: Vec<Remedy>,
    /// The request that was explained, if it was a recorded one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) request_id: Option<RequestId>,
    /// The decision that was explained, if it was a recorded one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) decision_id: Option<DecisionId>,
    /// What had to be assumed to answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub(crate) notes: Vec<Note>,
    /// What was known of who asked.
    #[serde(skip)]
    pub(crate) asker: Asker,
}

/// What had to be assumed to answer. Programs read it in English, as a sentence without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// The answer was another then, and is shown as it was.
    Recorded {
        /// How it came out.
        outcome: Outcome,
        /// Why, by its code.
        reason: Option<String>,
    },
    /// What is personal of the request cannot be read any more.
    Sealed,
    /// What was known of an object of this kind is gone.
    NotKept(ObjectKind),
    /// A supposed question was decided as under this sign-in.
    UnderSession(SessionId),
    /// A supposed question was decided as if the person had just signed in.
    SignInAssumed,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recorded { outcome, reason } => {
                write!(f, "it was recorded as {}", outcome.as_str())?;
                if let Some(reason) = reason {
                    write!(f, " ({reason})")?;
                }
                f.write_str("; what it was decided on is no longer all there")
            }
            Self::Sealed => f.write_str("path and address were sealed to a person who has been erased"),
            Self::NotKept(kind) => write!(f, "what was known of the {kind} then is no longer kept"),
            Self::UnderSession(session) => write!(f, "decided as under session {session}"),
            Self::SignInAssumed => {
                f.write_str("nobody is signed in to this account: a strong sign-in of now is assumed")
            }
        }
    }
}

impl Serialize for Note {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Who asked, as they were known at that moment.
#[derive(Debug)]
pub(crate) struct Asker {
    /// What was asked.
    pub(crate) request: AccessRequest,
    /// The sign-in, if it was still known.
    pub(crate) session: Option<SessionFacts>,
    /// The device, if it proved itself.
    pub(crate) device: Option<DeviceFacts>,
    /// All groups that lead to them.
    pub(crate) groups: BTreeSet<GroupName>,
    /// How unusual their behaviour was, from 0 to 100.
    pub(crate) risk: u8,
}

impl Asker {
    fn of(directory: &Directory, request: &AccessRequest) -> Self {
        let world = directory.world();
        let user = request.subject.user();
        Self {
            request: request.clone(),
            session: request.session.and_then(|id| world.session(id)).map(|facts| facts.as_ref().clone()),
            device: request.device.and_then(|id| world.device(id)).map(|facts| facts.as_ref().clone()),
            groups: user.map(|user| world.groups_of(user)).unwrap_or_default(),
            risk: user.map_or(0, |user| world.risk(user)),
        }
    }
}

/// Explains a decision event.
///
/// # Errors
/// [`Error::Invalid`] if the event says too little, [`Error::Store`].
pub(crate) async fn of_event(
    store: &dyn Store,
    event: &Event,
    personal: Option<&Personal>,
) -> Result<Explanation, Error> {
    let (Some(request_id), Some(decision_id), Some(revision)) =
        (event.request_id, event.decision_id, event.revision)
    else {
        return Err(Error::Invalid(format!("the event `{}` is not of a decision", event.id)));
    };
    let mut notes = Vec::new();
    let request = asked(event, personal, request_id, decision_id, &mut notes)?;
    let directory = past(store, &request, revision, &mut notes).await?;
    let engine = compile(&directory, revision)?;
    let mut trace = engine.explain(directory.world(), &request);
    if trace.outcome != event.outcome || trace.reason.map(|reason| reason.as_str()) != event.reason.as_deref()
    {
        notes.push(Note::Recorded { outcome: event.outcome, reason: event.reason.clone() });
        trace.outcome = event.outcome;
        trace.reason =
            event.reason.as_ref().and_then(|reason| serde_json::from_value(reason.clone().into()).ok());
    }
    let remedies = engine.remedies(directory.world(), &request);
    let asker = Asker::of(&directory, &request);
    let (request_id, decision_id) = (Some(request_id), Some(decision_id));
    Ok(Explanation { trace, remedies, request_id, decision_id, notes, asker })
}

/// Explains a question on the directory as it is.
///
/// # Errors
/// [`Error::Invalid`] if the stored policies do not compile, which `apply` refuses.
pub(crate) fn of_request(
    directory: &Directory,
    request: &AccessRequest,
    notes: Vec<Note>,
) -> Result<Explanation, Error> {
    let engine = compile(directory, directory.world().revision())?;
    let trace = engine.explain(directory.world(), request);
    let remedies = engine.remedies(directory.world(), request);
    let asker = Asker::of(directory, request);
    Ok(Explanation { trace, remedies, request_id: None, decision_id: None, notes, asker })
}

fn compile(directory: &Directory, revision: Revision) -> Result<Engine, Error> {
    Engine::compile(revision, &directory.policies(), None).map_err(|findings| {
        let first = findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
        Error::Invalid(format!("the stored policies do not compile: {first}"))
    })
}

/// The question, put together again from what was recorded of it.
fn asked(
    event: &Event,
    personal: Option<&Personal>,
    request_id: RequestId,
    decision_id: DecisionId,
    notes: &mut Vec<Note>,
) -> Result<AccessRequest, Error> {
    let incomplete = || Error::Invalid(format!("the event `{}` does not say what was asked", event.id));
    let subject = event.subject.as_ref().ok_or_else(incomplete)?;
    let subject = match subject.kind.as_str() {
        "User" => Subject::User(subject.id.parse().map_err(|_form| incomplete())?),
        "Service" => Subject::Service(subject.id.parse().map_err(|_form| incomplete())?),
        _ => Subject::Anonymous,
    };
    let resource = event.resource.as_ref().ok_or_else(incomplete)?;
    let resource = match resource.kind.as_str() {
        "App" => Resource::App(resource.name.parse::<AppName>().map_err(|_form| incomplete())?),
        "Client" => Resource::Client(resource.name.parse::<ClientName>().map_err(|_form| incomplete())?),
        _ => Resource::Admin(resource.name.parse::<AdminArea>().map_err(|_form| incomplete())?),
    };
    let action = event.action.as_deref().ok_or_else(incomplete)?;
    let action = Action::ALL.into_iter().find(|known| known.as_str() == action).ok_or_else(incomplete)?;
    if personal.is_none() && event.sealed.is_some() {
        notes.push(Note::Sealed);
    }
    let source = personal.and_then(|personal| personal.source.as_deref()?.parse().ok());
    let http = event.request.as_ref().map(|request| {
        Arc::new(HttpFacts {
            method: request.method.clone(),
            host: request.host.clone(),
            path: personal.and_then(|personal| personal.path.clone()).unwrap_or_else(|| String::from("/")),
        })
    });
    Ok(AccessRequest {
        request_id,
        decision_id,
        now: event.time,
        subject,
        session: event.session,
        device: event.device,
        credential_ends: None,
        resource,
        action,
        source: source.unwrap_or(IpAddr::from([0, 0, 0, 0])),
        http,
        user_agent: personal.and_then(|personal| personal.user_agent.as_deref().map(Arc::from)),
    })
}

/// What concerned this request at that revision; not the whole world of then.
async fn past(
    store: &dyn Store,
    request: &AccessRequest,
    revision: Revision,
    notes: &mut Vec<Note>,
) -> Result<Directory, Error> {
    let mut single = Vec::new();
    if let Subject::User(user) = request.subject {
        single.push((ObjectKind::User, user.to_string()));
        single.push((ObjectKind::Risk, user.to_string()));
    }
    if let Subject::Service(client) = &request.subject {
        single.push((ObjectKind::Client, client.to_string()));
    }
    match &request.resource {
        Resource::App(app) => single.push((ObjectKind::App, app.to_string())),
        Resource::Client(client) => single.push((ObjectKind::Client, client.to_string())),
        Resource::Admin(_) => {}
    }
    single.extend(request.session.map(|session| (ObjectKind::Session, session.to_string())));
    single.extend(request.device.map(|device| (ObjectKind::Device, device.to_string())));
    let mut objects = Vec::new();
    for (kind, name) in single {
        match store.get_at(kind, &name, revision).await {
            Ok(object) => objects.extend(object),
            Err(bartizan_store::Error::Compacted { .. }) => {
                notes.push(Note::NotKept(kind));
            }
            Err(error) => return Err(error.into()),
        }
    }
    for kind in [ObjectKind::Group, ObjectKind::Policy] {
        objects.extend(store.list_at(kind, revision).await?);
    }
    Directory::of(revision, &objects)
}
