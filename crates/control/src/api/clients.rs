//! What a client has beside what files say of it: its secret.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_identity::{ClientAuth, Clients};
use bartizan_model::{ClientName, ObjectKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::service_keys::sessions_of;
use super::{Api, Failure, record_change};
use crate::call::{Admitted, WriteObjects};
use crate::error::Error;

/// A secret as `client secret` prints it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewSecret {
    /// The `client_id`.
    pub(crate) client_id: String,
    /// It is said once, and takes the place of the one that there was.
    pub(crate) client_secret: String,
    /// The issuer, which most programs ask for beside it.
    pub(crate) issuer: String,
}

/// Gives a client a new secret.
pub(super) async fn secret(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<NewSecret>, Failure> {
    renewed(&admitted, &api, &name).await.map(Json)
}

/// See [`secret`].
pub(crate) async fn renewed(
    admitted: &Admitted<WriteObjects>,
    api: &Api,
    name: &str,
) -> Result<NewSecret, Failure> {
    let missing = || Error::NotFound { what: "client", name: name.chars().take(64).collect() };
    let client: ClientName = name.parse().map_err(|_form| missing())?;
    let (store, enforcer) = (Arc::clone(&api.store), &api.enforcer);
    let clients = Clients::new(store, Arc::clone(enforcer.clock()), Arc::clone(enforcer.entropy()));
    let auth = clients.get(&client).await?.ok_or_else(missing)?.spec.auth;
    if !auth.takes_secret() {
        let how = match auth {
            ClientAuth::None => "does not prove who it is",
            ClientAuth::FederatedJwt => "proves itself by tokens that others give it",
            _ => "proves itself by a key",
        };
        return Err(Error::Invalid(format!("client `{client}` has no secret: it {how} (`auth`)")).into());
    }
    record_change(admitted, api, ObjectKind::Client.as_str(), client.as_str(), "secret").await?;
    let secret = clients.new_secret(&client, &admitted.author()).await?.ok_or_else(missing)?;
    // Whoever had the old one has tokens of the client's own by it, too.
    let mut by_secret = sessions_of(api, &client);
    by_secret.retain(|session| session.amr.contains(auth.as_str()));
    let by_secret: Vec<_> = by_secret.iter().map(|session| session.id).collect();
    api.sign_ins.end(&by_secret, "secret_changed", &admitted.author()).await?;
    let client_secret = secret.expose(Clone::clone);
    Ok(NewSecret { client_id: client.to_string(), client_secret, issuer: api.auth_origin.clone() })
}
