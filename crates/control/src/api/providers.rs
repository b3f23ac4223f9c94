//! What an identity provider has beside what files say of it: the secret by which we prove ourselves there.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_identity::{ProviderSpec, secret_of_provider};
use bartizan_model::{ObjectKind, ProviderName, Secret};
use bartizan_store::{ChangeSet, Expect, SecretWrite, Write};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Sent;
use super::{Api, Failure, record_change};
use crate::call::{Admitted, WriteObjects};
use crate::error::Error;

/// A secret that an identity provider gave for us.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    /// It takes the place of the one that there was.
    secret: String,
}

/// What is known once it is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecretKept {
    /// The provider.
    provider: String,
    /// Where it has to send browsers back to: what to register there.
    redirect_uri: String,
}

/// Stores the secret by which we prove ourselves.
pub(super) async fn secret(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Sent(given): Sent<Given>,
) -> Result<Json<SecretKept>, Failure> {
    let secret = Secret::new(given.secret.into_bytes());
    let missing = || Error::NotFound { what: "provider", name: name.chars().take(64).collect() };
    let provider: ProviderName = name.parse().map_err(|_form| missing())?;
    let good =
        |bytes: &Vec<u8>| (1..=MAX_SECRET).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    if !secret.expose(good) {
        let why = format!("a secret has 1 to {MAX_SECRET} visible ASCII characters");
        return Err(Error::Field { name: "secret", why }.into());
    }
    let turn = api.hub.turn().await;
    let object = api.store.get(ObjectKind::Provider, provider.as_str()).await?.ok_or_else(missing)?;
    let (kind, name) = (object.kind, object.name);
    let mut spec: ProviderSpec = serde_json::from_value(object.spec).map_err(|error| Error::Damaged {
        kind,
        name: name.clone(),
        why: error.to_string(),
    })?;
    if !spec.auth.takes_secret() {
        let auth = spec.auth.as_str();
        let why = format!("provider `{provider}` takes no secret: we prove ourselves there by `{auth}`");
        return Err(Error::Invalid(why).into());
    }
    record_change(&admitted, &api, kind.as_str(), provider.as_str(), "secret").await?;
    let now = api.enforcer.clock().now();
    spec.secret_set = Some(now);
    let mut change = ChangeSet::new(admitted.author(), now);
    let (spec, expect) = (serde_json::to_value(&spec).unwrap_or_default(), Expect::Revision(object.revision));
    change.writes.push(Write::Put { kind, name, spec, lookups: Vec::new(), expect });
    change.secrets.push(SecretWrite::Put { name: secret_of_provider(&provider), value: secret });
    api.store.commit(change).await?;
    drop(turn);
    let redirect_uri = format!("{}/provider/{provider}/callback", api.auth_origin);
    Ok(Json(SecretKept { provider: provider.to_string(), redirect_uri }))
}

/// Providers give some dozens of characters.
const MAX_SECRET: usize = 1024;
