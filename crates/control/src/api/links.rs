//! Links that an administrator hands to a person: to set an account up, or to sign in without the password.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use bartizan_identity::{Attributes, CodePurpose, NewPerson};
use bartizan_model::{Timestamp, UserId, UserState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Sent;
use super::{Api, Failure, record_change};
use crate::call::{Admitted, WritePeople};
use crate::plan::Verb;
use crate::proposal::Proposal;

/// Who is invited, if they are not there yet.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invited {
    /// The name that people read; the login name, if it is not said.
    pub(crate) display: Option<String>,
    pub(crate) mail: Option<String>,
    /// Whether they administer this deployment.
    #[serde(default)]
    pub(crate) admin: bool,
}

/// A link as `user invite` and `user link` print it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Link {
    #[schema(value_type = String)]
    id: UserId,
    name: String,
    /// Whether the person was made by this.
    pub(crate) created: bool,
    /// Works once.
    pub(crate) url: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) expires: Timestamp,
}

/// A link with which somebody sets password and second factor; they are made if they are not there yet. Using it takes
/// the place of whatever factors they had, and ends their sessions.
pub(super) async fn invite(
    admitted: Admitted<WritePeople>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Sent(asked): Sent<Invited>,
) -> Result<Json<Link>, Failure> {
    invited(&admitted, &api, name, asked).await.map(Json)
}

/// See [`invite`].
pub(crate) async fn invited(
    admitted: &Admitted<WritePeople>,
    api: &Api,
    name: String,
    invited: Invited,
) -> Result<Link, Failure> {
    let (id, created) = match api.people.find(&name).await? {
        Some(id) => (id, false),
        None => (make(admitted, api, &name, invited).await?, true),
    };
    let (url, expires) = issue(admitted, api, id, CodePurpose::Claim { user: id }, "claim").await?;
    Ok(Link { id, name, created, url, expires })
}

/// A link that stands for the password once. The second factor is still asked for.
pub(super) async fn link(
    admitted: Admitted<WritePeople>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Link>, Failure> {
    linked(&admitted, &api, name).await.map(Json)
}

/// See [`link`].
pub(crate) async fn linked(
    admitted: &Admitted<WritePeople>,
    api: &Api,
    name: String,
) -> Result<Link, Failure> {
    let id = api.person(&name).await?;
    let (url, expires) = issue(admitted, api, id, CodePurpose::SignIn { user: id }, "link").await?;
    Ok(Link { id, name, created: false, url, expires })
}

async fn make(
    admitted: &Admitted<WritePeople>,
    api: &Api,
    login: &str,
    invited: Invited,
) -> Result<UserId, Failure> {
    let id = UserId::random(api.enforcer.entropy().as_ref());
    let display = invited.display.unwrap_or_else(|| login.to_owned());
    let attributes = Attributes { login: login.to_owned(), display, mail: invited.mail, profile: None };
    let person = NewPerson { attributes, admin: invited.admin };
    let turn = api.hub.turn().await;
    let (write, secret) = api.people.prepare_new(id, &person, UserState::Active)?;
    let proposal =
        Proposal { writes: vec![(Verb::Create, write)], secrets: vec![secret], ..Proposal::default() };
    proposal.tried(api, admitted).await?.commit(api, admitted).await?;
    drop(turn);
    Ok(id)
}

async fn issue(
    admitted: &Admitted<WritePeople>,
    api: &Api,
    user: UserId,
    purpose: CodePurpose,
    page: &str,
) -> Result<(String, Timestamp), Failure> {
    let what = if matches!(purpose, CodePurpose::Claim { .. }) { "invited" } else { "linked" };
    record_change(admitted, api, "user", &user.to_string(), what).await?;
    let lives_for = purpose.lives_for();
    let issued = api.flow.codes().issue(purpose, lives_for, &admitted.author()).await?;
    let url = issued.text.expose(|code| format!("{}/{page}?t={code}", api.auth_origin));
    Ok((url, api.enforcer.clock().now().plus(lives_for)))
}
