//! `why`: explains decisions, recorded and supposed.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_evidence::{Found, Query as Search};
use bartizan_model::{
    AccessRequest, Action, AppName, DecisionId, EventKind, HttpFacts, Resource, Subject, UserId,
};
use bartizan_policy::Delta;
use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::Asked;
use super::{Api, Failure, INDEX_WAIT};
use crate::access::supposed_sign_in;
use crate::call::{Admitted, ReadLog};
use crate::directory::Directory;
use crate::error::Error;
use crate::why::{Explanation, Note, of_event, of_request};

pub(super) async fn recorded(
    admitted: Admitted<ReadLog>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<Explanation>, Failure> {
    explained(&admitted, &api, &id).await.map(|(_, explanation)| Json(explanation))
}

/// The decision event of a request or decision, and how its answer came about.
pub(crate) async fn explained(
    _admitted: &Admitted<ReadLog>,
    api: &Api,
    id: &str,
) -> Result<(Found, Explanation), Failure> {
    let missing = || Error::NotFound { what: "request or decision", name: id.chars().take(64).collect() };
    let asked = id.parse().ok().ok_or_else(missing)?;
    let began = api.enforcer.clock().boot();
    loop {
        let mut events = find(api, |search| search.request = Some(asked)).await?;
        if events.is_empty()
            && let Ok(decision) = id.parse()
        {
            events = find(api, |search| search.decision = Some(decision)).await?;
        }
        // Of a request with several decisions (the page, then the call behind it) the last says most; and a denial
        // more than a permit.
        let found = events.iter().rev().find(|found| found.event.outcome == bartizan_model::Outcome::Deny);
        if let Some(found) = found.or(events.last()) {
            let explanation = of_event(api.store.as_ref(), &found.event, found.personal.as_ref()).await?;
            return Ok((found.clone(), explanation));
        }
        if api.enforcer.clock().boot().since(began) > INDEX_WAIT {
            return Err(missing().into());
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn find(api: &Api, by: impl FnOnce(&mut Search)) -> Result<Vec<Found>, Failure> {
    let mut search = Search { kind: Some(EventKind::Decision), limit: Some(100), ..Search::default() };
    by(&mut search);
    Ok(api.log.search(&search).await.map_err(|error| Error::Evidence(error.to_string()))?)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Supposed {
    /// The person who asks: login name or id.
    pub(crate) user: String,
    /// The app that they ask for.
    #[param(value_type = String)]
    pub(crate) app: AppName,
    /// `GET`, if it is not said.
    pub(crate) method: Option<String>,
    /// `/`, if it is not said.
    pub(crate) path: Option<String>,
}

pub(super) async fn asked(
    admitted: Admitted<ReadLog>,
    State(api): State<Arc<Api>>,
    Asked(supposed): Asked<Supposed>,
) -> Result<Json<Explanation>, Failure> {
    would_be(&admitted, &api, supposed).await.map(Json)
}

/// What would be decided now if this person asked for this app, and how that would come about.
pub(crate) async fn would_be(
    admitted: &Admitted<ReadLog>,
    api: &Api,
    supposed: Supposed,
) -> Result<Explanation, Failure> {
    let question = Question {
        user: api.person(&supposed.user).await?,
        app: supposed.app,
        method: supposed.method.unwrap_or_else(|| String::from("GET")),
        path: supposed.path.unwrap_or_else(|| String::from("/")),
    };
    let mut directory = api.hub.directory();
    let (request, notes) = question.put(api, admitted.asked(), &mut directory)?;
    Ok(of_request(&directory, &request, notes)?)
}

/// A request that nobody has made.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) user: UserId,
    pub(crate) app: AppName,
    pub(crate) method: String,
    pub(crate) path: String,
}

impl Question {
    /// The question as the engine is asked it, under the newest sign-in that the person has; where there is none, under one
    /// that is added to the directory. It comes from where who wants to know is.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such app.
    pub(crate) fn put(
        self,
        api: &Api,
        asked: &AccessRequest,
        directory: &mut Directory,
    ) -> Result<(AccessRequest, Vec<Note>), Error> {
        let Self { user, app, method, path } = self;
        let (clock, entropy) = (api.enforcer.clock(), api.enforcer.entropy());
        let now = clock.now();
        let mut notes = Vec::new();
        let alive = directory.world().sessions();
        let newest = alive.filter(|session| session.user() == Some(user) && session.ends() > now);
        let session = match newest.max_by_key(|session| session.auth_time) {
            Some(session) => {
                notes.push(Note::UnderSession(session.id));
                session.id
            }
            None => {
                notes.push(Note::SignInAssumed);
                let session = supposed_sign_in(user, now, entropy.as_ref());
                let id = session.id;
                directory.suppose(Delta::Session(session));
                id
            }
        };
        let host = directory.world().app(&app).map(|app| app.host.clone());
        let host = host.ok_or_else(|| Error::NotFound { what: "app", name: app.to_string() })?;
        let request = AccessRequest {
            request_id: asked.request_id,
            decision_id: DecisionId::ordered(now, entropy.as_ref()),
            now,
            subject: Subject::User(user),
            session: Some(session),
            device: None,
            credential_ends: None,
            resource: Resource::App(app),
            action: Action::of_method(&method),
            source: asked.source,
            http: Some(Arc::new(HttpFacts { method, host, path })),
            user_agent: None,
        };
        Ok((request, notes))
    }
}

/// How often the index is looked at while an event is on its way.
const POLL: Duration = Duration::from_millis(50);
