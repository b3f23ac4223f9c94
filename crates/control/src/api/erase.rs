//! Erasing a person for good: their keys are destroyed, so what was sealed to them opens no more, in the log, in the
//! history of objects and in every copy of either.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_model::{ObjectKind, Revision, UserId};
use bartizan_store::ChangeSet;
use serde::Serialize;
use utoipa::ToSchema;

use super::objects::left_by;
use super::{Api, Failure, record_change};
use crate::call::{Admitted, WritePeople};
use crate::error::Error;
use crate::plan::Verb;
use crate::proposal::Proposal;

/// What `user erase` prints.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Erased {
    #[schema(value_type = String)]
    id: UserId,
    #[schema(value_type = u64)]
    revision: Revision,
    /// How many live grants were cut.
    cut: u64,
    /// How many events of theirs were made unreadable in the index of the log.
    events: u64,
}

pub(super) async fn erase(
    admitted: Admitted<WritePeople>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Erased>, Failure> {
    let id = api.person(&name).await?;
    let turn = api.hub.turn().await;
    let missing = || Error::NotFound { what: "user", name: name.chars().take(64).collect() };
    let erasure = api.people.erasure(id).await?.ok_or_else(missing)?;
    let mut revision = match erasure.person {
        Some(write) => {
            let mut proposal = Proposal { writes: vec![(Verb::Erase, write)], ..Proposal::default() };
            if let Some(object) = api.store.get(ObjectKind::User, &id.to_string()).await? {
                proposal.writes.extend(left_by(&api, &object).await?);
            }
            proposal.secrets = erasure.secrets;
            proposal.tried(&api, &admitted).await?.commit(&api, &admitted).await?.revision
        }
        // Deleted before: what is left of them is what their keys open.
        None => {
            record_change(&admitted, &api, "user", &id.to_string(), Verb::Erase.as_str()).await?;
            let mut change = ChangeSet::new(admitted.author(), api.enforcer.clock().now());
            change.secrets = erasure.secrets;
            api.store.commit(change).await?.revision
        }
    };
    if let Some(factors) = erasure.factors {
        // They say nothing without the secrets that are gone; the sweeper would take them, too.
        let mut change = ChangeSet::new(admitted.author(), api.enforcer.clock().now());
        change.writes.push(factors);
        match api.store.commit(change).await {
            Ok(committed) => revision = committed.revision,
            Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    drop(turn);
    let mut events = 0;
    for key in erasure.keys {
        events += api.log.forget(key).await.map_err(|error| Error::Evidence(error.to_string()))?;
    }
    let applied = api.hub.applied(revision).await;
    Ok(Json(Erased { id, revision, cut: applied.cut, events }))
}
