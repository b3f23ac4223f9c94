//! A new secret for a client: asked for first, and shown once.

use std::sync::Arc;

use axum::extract::{Path, State};
use bartizan_ui::{Emphasis, Rendered, id_whole};
use maud::html;

use super::super::confirm::{Confirm, confirm};
use super::super::frame::{Frame, Shown};
use crate::api::clients::{NewSecret, renewed};
use crate::api::objects::{Clients, changes_of};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, WriteObjects};

pub(in super::super) async fn ask(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Shown, Failure> {
    // Of a client that is not there nothing is asked.
    changes_of::<Clients>(&admitted, &api, &name, 1).await?;
    let frame = Frame::of(&api, &admitted).await?;
    let words = frame.words;
    let effect = html! { p { (words.say("client-secret-effect")) } p { (words.say("client-secret-once")) } };
    let asked = Confirm {
        title: &words.with("client-secret-title", &[("name", (&name).into())]),
        effect: &effect,
        action: &format!("/clients/{name}/secret"),
        fields: &[],
        verb: &words.say("client-new-secret"),
        back: &format!("/clients/{name}"),
        emphasis: Emphasis::Secondary,
    };
    Ok(confirm(&frame, "/clients", &asked).into())
}

pub(in super::super) async fn make(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Shown, Failure> {
    let made = renewed(&admitted, &api, &name).await?;
    let frame = Frame::of(&api, &admitted).await?;
    Ok(page(&frame, &made).into())
}

/// Shows a secret, which is the only time that it is shown.
pub(in super::super) fn page(frame: &Frame, made: &NewSecret) -> Rendered {
    let words = frame.words;
    let content = html! {
        div .panel {
            p { (words.say("client-secret-once")) }
            dl .facts {
                dt { (words.say("client-issuer")) } dd { code { (made.issuer) } }
                dt { (words.say("client-id")) } dd { code { (made.client_id) } }
                dt { (words.say("client-secret")) } dd { (id_whole(&made.client_secret, words.language())) }
            }
            p { a href={ "/clients/" (made.client_id) } { (words.say("client-back")) } }
        }
    };
    frame.page(
        "/clients",
        &words.with("client-secret-title", &[("name", (&made.client_id).into())]),
        &content,
    )
}
