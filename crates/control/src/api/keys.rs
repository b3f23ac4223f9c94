//! The keys that sign what the OpenID provider issues, as the administration sees and replaces them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bartizan_identity::{KeyFacts, KeyStage, Rotation};
use bartizan_model::{ObjectKind, Timestamp};
use bartizan_pki::SigningAlgorithm;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Sent;
use super::routes::Route;
use super::{Api, Failure, record_change};
use crate::call::{Admitted, ReadObjects, WriteObjects};
use crate::error::Error;
use crate::plan::Verb;

/// The calls.
pub(super) fn routes() -> [Route; 2] {
    [
        Route::get("/api/v1/keys", list, "Lists the keys that sign what the OpenID provider issues.")
            .needs::<ReadObjects>()
            .lists::<Shown>(),
        Route::post("/api/v1/keys/rotate", rotate, "Replaces the key of one algorithm by another.")
            .needs::<WriteObjects>()
            .takes::<Rotate>()
            .answers::<Shown>()
            .fails(&[409, 413, 422]),
    ]
}

/// A signing key as `key list` prints it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SigningKey)]
pub(crate) struct Shown {
    /// Its thumbprint (RFC 7638), by which tokens name it.
    id: String,
    algorithm: &'static str,
    /// `next`, `current` or `past`.
    #[schema(value_type = String)]
    stage: KeyStage,
    /// Since when it signs, or from when on it will.
    #[schema(value_type = String, format = DateTime)]
    signs_from: Timestamp,
    /// Until when it is published; `null` if no other follows it.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    until: Option<Timestamp>,
}

impl From<KeyFacts> for Shown {
    fn from(key: KeyFacts) -> Self {
        let KeyFacts { id, algorithm, stage, signs_from, until, .. } = key;
        Self { id, algorithm: algorithm.as_str(), stage, signs_from, until }
    }
}

/// Which key is replaced, and how.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = KeyRotation)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotate {
    /// `ES256`, `EdDSA` or `RS256`; `ES256`, if it is not said.
    algorithm: Option<String>,
    /// The key may be in other hands: what it signed is worth nothing from now on.
    #[serde(default)]
    withdraw: bool,
}

async fn list(
    _admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
) -> Result<Json<Vec<Shown>>, Failure> {
    let keys = api.signing_keys.list().await.map_err(Error::from)?;
    Ok(Json(keys.into_iter().map(Shown::from).collect()))
}

async fn rotate(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Sent(asked): Sent<Rotate>,
) -> Result<Json<Shown>, Failure> {
    let name = asked.algorithm.as_deref().unwrap_or(SigningAlgorithm::Es256.as_str());
    let algorithm = SigningAlgorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == name);
    let algorithm = algorithm.ok_or_else(|| {
        let shown: String = name.chars().take(64).collect();
        let why = format!("there is no algorithm `{shown}` here: there are ES256, EdDSA and RS256");
        Error::Field { name: "algorithm", why }
    })?;
    let rotation = if asked.withdraw { Rotation::Withdrawing } else { Rotation::Overlapping };
    let verb = if asked.withdraw { Verb::Delete } else { Verb::Create };
    record_change(&admitted, &api, ObjectKind::SigningKey.as_str(), algorithm.as_str(), verb.as_str())
        .await?;
    let key = api.signing_keys.rotate(algorithm, rotation, &admitted.author()).await.map_err(Error::from)?;
    Ok(Json(key.into()))
}
