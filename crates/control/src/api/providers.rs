//! What an identity provider has beside what files say of it: the secret by which we prove ourselves there.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_identity::{ProviderSpec, secret_of_provider};
use bartizan_model::{ObjectKind, ProviderName, Revision, Secret};
use bartizan_store::{ChangeSet, Expect, SecretWrite, Write};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Sent;
use super::{Api, Failure, record_change};
use crate::call::{Admitted, ReadObjects, WriteObjects};
use crate::error::Error;

/// A secret that an identity provider gave for us.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    /// It takes the place of the one that there was.
    secret: String,
}

/// A provider as `provider check` prints it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Checked {
    /// The provider.
    provider: String,
    /// The issuer.
    issuer: String,
    /// Where it has to send browsers back to: what to register there.
    redirect_uri: String,
    /// Where it may say that a sign-in there has ended.
    backchannel_logout_uri: String,
    /// Where it finds our key, if we prove ourselves by one.
    #[schema(required = true)]
    jwks_uri: Option<String>,
    /// Why nobody can sign in there at the moment; nothing, if it is in order.
    #[schema(required = true)]
    problem: Option<String>,
}

/// Asks a provider what it publishes.
pub(super) async fn check(
    _admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Checked>, Failure> {
    let (provider, spec, _) = stored(&api, &name).await?;
    let examined = api.federation.examined(&provider, &spec).await;
    Ok(Json(Checked {
        provider: provider.to_string(),
        issuer: spec.issuer.as_str().to_owned(),
        redirect_uri: examined.redirect_uri,
        backchannel_logout_uri: examined.backchannel_logout_uri,
        jwks_uri: examined.jwks_uri,
        problem: examined.problem,
    }))
}

async fn stored(api: &Api, name: &str) -> Result<(ProviderName, ProviderSpec, Revision), Failure> {
    let missing = || Error::NotFound { what: "provider", name: name.chars().take(64).collect() };
    let provider: ProviderName = name.parse().map_err(|_form| missing())?;
    let object = api.store.get(ObjectKind::Provider, provider.as_str()).await?.ok_or_else(missing)?;
    let (kind, name) = (object.kind, object.name);
    let spec = serde_json::from_value(object.spec).map_err(|error| Error::Damaged {
        kind,
        name,
        why: error.to_string(),
    })?;
    Ok((provider, spec, object.revision))
}

/// What is known once it is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecretKept {
    /// The provider.
    provider: String,
}

/// Stores the secret by which we prove ourselves.
pub(super) async fn secret(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Sent(given): Sent<Given>,
) -> Result<Json<SecretKept>, Failure> {
    let secret = Secret::new(given.secret.into_bytes());
    let good =
        |bytes: &Vec<u8>| (1..=MAX_SECRET).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    if !secret.expose(good) {
        let why = format!("a secret has 1 to {MAX_SECRET} visible ASCII characters");
        return Err(Error::Field { name: "secret", why }.into());
    }
    let turn = api.hub.turn().await;
    let (provider, mut spec, revision) = stored(&api, &name).await?;
    if !spec.auth.takes_secret() {
        let auth = spec.auth.as_str();
        let why = format!("provider `{provider}` takes no secret: we prove ourselves there by `{auth}`");
        return Err(Error::Invalid(why).into());
    }
    record_change(&admitted, &api, ObjectKind::Provider.as_str(), provider.as_str(), "secret").await?;
    let now = api.enforcer.clock().now();
    spec.secret_set = Some(now);
    let mut change = ChangeSet::new(admitted.author(), now);
    let (spec, expect) = (serde_json::to_value(&spec).unwrap_or_default(), Expect::Revision(revision));
    let (kind, name) = (ObjectKind::Provider, provider.to_string());
    change.writes.push(Write::Put { kind, name, spec, lookups: Vec::new(), expect });
    change.secrets.push(SecretWrite::Put { name: secret_of_provider(&provider), value: secret });
    api.store.commit(change).await?;
    drop(turn);
    Ok(Json(SecretKept { provider: provider.to_string() }))
}

/// Providers give some dozens of characters.
const MAX_SECRET: usize = 1024;
