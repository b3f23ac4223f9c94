//! A call of the administration: asked of the same engine as everything else, and its proof is an argument of every
//! function that reads or changes objects.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use bartizan_enforce::{Ask, Caller, LiveGrant};
use bartizan_model::{
    AccessRequest, Action, AdminArea, Clock, DecisionId, Denial, DenyReason, Entropy, RequestId, Resource,
    SessionId, Subject,
};
use bartizan_ui::Language;
use http::header;
use http::request::Parts;
use tokio_util::sync::CancellationToken;

use crate::api::{Api, Failure};

/// Asks to read or to change a part of the deployment.
#[derive(Debug)]
pub struct AdminCall {
    request: AccessRequest,
}

impl AdminCall {
    /// What `caller` asks, now.
    #[must_use]
    pub fn new(
        caller: &Caller,
        right: (AdminArea, Action),
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Self {
        Self { request: caller.asks(Resource::Admin(right.0), right.1, clock, entropy) }
    }
}

impl Ask for AdminCall {
    fn access_request(&self) -> &AccessRequest {
        &self.request
    }
}

/// A right over the deployment, as a type: what a function needs stands in its signature.
pub trait Right: Send + Sync + 'static {
    /// Over which part, and whether to read or to change it.
    const RIGHT: (AdminArea, Action);
}

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident: $area:ident $action:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl Right for $name {
            const RIGHT: (AdminArea, Action) = (AdminArea::$area, Action::$action);
        }
    )*};
}

rights! {
    /// To see apps, groups and policies.
    ReadObjects: Objects AdminRead;
    /// To change apps, groups and policies.
    WriteObjects: Objects AdminWrite;
    /// To search the log and explain decisions.
    ReadLog: Log AdminRead;
    /// To see people.
    ReadPeople: People AdminRead;
    /// To disable and enable people.
    WritePeople: People AdminWrite;
    /// To see sessions.
    ReadSessions: Sessions AdminRead;
    /// To end sessions.
    WriteSessions: Sessions AdminWrite;
}

/// On whose word something is changed, as it stands in the log and with what was changed.
pub(crate) trait Author {
    /// As authors of changes are written.
    fn author(&self) -> String;
    /// From where.
    fn source(&self) -> IpAddr;
    /// Under which request and decision.
    fn under(&self) -> (Option<RequestId>, Option<DecisionId>);
    /// Who it is, and in which session, unless it is nobody whom policies know.
    fn subject(&self) -> Option<(&Subject, Option<SessionId>)>;
}

/// Proof that this call was permitted, and by whom it was made.
#[derive(Debug)]
pub struct Admitted<R> {
    live: LiveGrant<AdminCall>,
    language: Language,
    right: PhantomData<R>,
}

impl<R> Admitted<R> {
    /// Who made the call, as authors of changes are written.
    #[must_use]
    pub fn author(&self) -> String {
        self.live.asked().request.subject.distinct_id()
    }

    /// The request and decision under which it was made.
    #[must_use]
    pub fn asked(&self) -> &AccessRequest {
        &self.live.asked().request
    }

    /// Cancelled in the moment in which it is no longer permitted.
    pub(crate) fn cut(&self) -> CancellationToken {
        self.live.cut()
    }

    /// Whether whoever made the call would be permitted this, too, if need be after a stronger sign-in, to which what a page
    /// offers leads: for pages, which offer nothing that is refused. It is not on record, and proves nothing.
    pub(crate) fn may<Other: Right>(&self, api: &Api) -> bool {
        let (area, action) = Other::RIGHT;
        let request = AccessRequest { resource: Resource::Admin(area), action, ..self.asked().clone() };
        let verdict = api.enforcer.would(&request);
        verdict.is_some_and(|verdict| matches!(verdict.reason(), None | Some(DenyReason::StepUpRequired)))
    }

    /// The language in which who made the call wants to read.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }
}

impl<R> Author for Admitted<R> {
    fn author(&self) -> String {
        Self::author(self)
    }

    fn source(&self) -> IpAddr {
        self.asked().source
    }

    fn under(&self) -> (Option<RequestId>, Option<DecisionId>) {
        (Some(self.asked().request_id), Some(self.asked().decision_id))
    }

    fn subject(&self) -> Option<(&Subject, Option<SessionId>)> {
        Some((&self.asked().subject, self.asked().session))
    }
}

impl<R: Right> Admitted<R> {
    /// Asks for `caller`, who reads this language.
    pub(crate) async fn of(api: &Api, caller: &Caller, language: Language) -> Result<Self, Box<Denial>> {
        let enforcer = &api.enforcer;
        let call = AdminCall::new(caller, R::RIGHT, enforcer.clock().as_ref(), enforcer.entropy().as_ref());
        let live = enforcer.admit(call).await.map_err(Box::new)?;
        Ok(Self { live, language, right: PhantomData })
    }
}

impl<R: Right> FromRequestParts<Arc<Api>> for Admitted<R> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Response> {
        // The plane puts the caller there; without one, somebody wired this service past the enforcement point.
        let Some(caller) = parts.extensions.get::<Caller>() else {
            tracing::error!("a call of the administration came without a caller");
            return Err(Failure::internal().into_response());
        };
        let wanted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|wanted| wanted.to_str().ok());
        let language = Language::accepted(wanted);
        Self::of(api, caller, language).await.map_err(|denial| Failure::Denied(denial).into_response())
    }
}
