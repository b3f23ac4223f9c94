//! The keys with which a client acts for itself: listed on its page, made and shown once, ended.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use bartizan_model::Timestamp;
use bartizan_ui::{
    Align, Column, Emphasis, Field, Rendered, Table, button, form, id_whole, link_button, moment, select,
};
use maud::{Markup, html};

use super::super::confirm::{Confirm, confirm};
use super::super::failure::explained;
use super::super::frame::{Frame, Shown};
use super::super::history::{Drawn as _, Told};
use super::super::words::when;
use super::super::{Fields, said};
use crate::api::failure::kind_of;
use crate::api::objects::{Clients, changes_of};
use crate::api::service_keys::{Made, Shown as Key, Wanted, ended, listed, made};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, WriteObjects};
use crate::error::Error;

/// The keys of a client, as its page has them.
pub(super) fn section(frame: &Frame, client: &str, keys: &[Key], may_change: bool) -> Markup {
    let words = frame.words;
    let names = HEADS.map(|id| words.say(id));
    let columns: Vec<Column<'_>> = names.iter().map(|name| Column { name, align: Align::Start }).collect();
    let rows = keys.iter().map(|key| {
        vec![
            html! { @match &key.label { Some(label) => (label), None => span .muted { (words.say("service-key-unlabelled")) } } },
            html! { @for app in &key.apps { a href={ "/apps/" (app) } { (app) } " " } },
            html! { bdi { (key.author) } },
            html! { @match key.last_used { Some(used) => (when(frame, used)), None => span .muted { (words.say("service-key-never")) } } },
            ends(frame, key.ends),
            html! {
                @if may_change {
                    (link_button(&words.say("service-key-end"), &format!("/clients/{client}/keys/{}/end", key.id), Emphasis::Danger))
                }
            },
        ]
    });
    let empty = html! { p { (words.say("service-keys-none")) } };
    html! {
        section {
            h2 { (words.say("service-keys")) }
            p .muted { (words.markup("service-keys-what", &[], &[("subject", html! { code { "Service::\"" (client) "\"" } })])) }
            (Table { caption: &words.say("service-keys"), columns: &columns, rows: rows.collect(), empty }.markup())
            @if may_change {
                (link_button(&words.say("service-key-new"), &format!("/clients/{client}/keys"), Emphasis::Secondary))
            }
        }
    }
}

pub(in super::super) async fn ask(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Shown, Failure> {
    // Of a client that is not there nothing is asked.
    changes_of::<Clients>(&admitted, &api, &name, 1).await?;
    let frame = Frame::of(&api, &admitted).await?;
    Ok(new_page(&frame, &name, None, &Fields::new()).into())
}

/// Asks what a key is to be.
pub(in super::super) fn new_page(
    frame: &Frame,
    client: &str,
    problem: Option<&str>,
    typed: &Fields,
) -> Rendered {
    let words = frame.words;
    let of = |name: &str| said(typed, name).unwrap_or_default();
    let (apps, label, lives) =
        (words.say("service-key-apps"), words.say("service-key-label"), words.say("service-key-lives"));
    let hint = words.say("service-key-apps-hint");
    let spans =
        DAYS.map(|days| (days.to_string(), words.with("service-key-days", &[("count", days.into())])));
    let spans: Vec<(&str, &str)> =
        spans.iter().map(|(value, text)| (value.as_str(), text.as_str())).collect();
    let chosen = said(typed, "days").unwrap_or("90");
    let fields = html! {
        (Field::text("apps", &apps).value(of("apps")).hint(&hint).problem(problem))
        (Field::text("label", &label).value(of("label")).optional())
        (select("days", &lives, &spans, chosen))
        div .row {
            (button(&words.say("service-key-new"), Emphasis::Primary))
            a href={ "/clients/" (client) } { (words.say("confirm-leave")) }
        }
    };
    let content = html! {
        div .panel .narrow {
            p { (words.say("service-key-effect")) }
            (form(&format!("/clients/{client}/keys"), &frame.csrf, &fields))
        }
    };
    frame.page("/clients", &words.with("service-key-title", &[("name", client.into())]), &content)
}

pub(in super::super) async fn make(
    admitted: Admitted<WriteObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Form(typed): Form<Fields>,
) -> Result<Shown, Failure> {
    let frame = Frame::of(&api, &admitted).await?;
    let apps = said(&typed, "apps").unwrap_or_default().split([' ', ',']);
    let days: u64 = said(&typed, "days").and_then(|days| days.parse().ok()).unwrap_or_default();
    let wanted = Wanted {
        apps: apps.filter(|app| !app.is_empty()).map(str::to_owned).collect(),
        label: said(&typed, "label").map(str::to_owned),
        ttl_seconds: Some(days.saturating_mul(24 * 3600)),
    };
    match made(&admitted, &api, &name, wanted).await {
        Ok(made) => Ok(made_page(&frame, &name, &made).into()),
        Err(Failure::Failed(error)) if kind_of(&error).0 == 422 => {
            let (_, why) = explained(frame.words, &error);
            Ok(Shown::from(new_page(&frame, &name, Some(&why), &typed))
                .status(http::StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(other) => Err(other),
    }
}

/// Shows a key, which is the only time that it is shown.
pub(in super::super) fn made_page(frame: &Frame, client: &str, made: &Made) -> Rendered {
    let words = frame.words;
    let content = html! {
        div .panel {
            p { (words.say("service-key-once")) }
            dl .facts {
                dt { (words.say("service-key")) } dd { (id_whole(&made.key, words.language())) }
                dt { (words.say("service-key-apps")) } dd { @for app in &made.shown.apps { code { (app) } " " } }
                dt { (words.say("service-key-ends")) } dd { (ends(frame, made.shown.ends)) }
            }
            p { (words.markup("service-key-present", &[], &[("field", html! { code { "Authorization: Bearer …" } })])) }
            p { a href={ "/clients/" (client) } { (words.say("client-back")) } }
        }
    };
    frame.page("/clients", &words.with("service-key-title", &[("name", client.into())]), &content)
}

pub(in super::super) async fn ask_end(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Shown, Failure> {
    let frame = Frame::of(&api, &admitted).await?;
    let words = frame.words;
    let client = name.parse().map_err(|_form| Error::NotFound { what: "client", name: name.clone() })?;
    let keys = listed(&admitted, &api, &client).await?;
    let gone = || Error::NotFound { what: "key", name: id.chars().take(64).collect() };
    let key = keys.iter().find(|key| key.id.to_string() == id).ok_or_else(gone)?;
    let effect = html! {
        p { (words.with("service-key-end-effect", &[("live", key.live_grants.into())])) }
        @if let Some(label) = &key.label { p { strong { (label) } } }
    };
    let asked = Confirm {
        title: &words.with("service-key-end-title", &[("name", (&name).into())]),
        effect: &effect,
        action: &format!("/clients/{name}/keys/{id}/end"),
        fields: &[],
        verb: &words.say("service-key-end"),
        back: &format!("/clients/{name}"),
        emphasis: Emphasis::Danger,
    };
    Ok(confirm(&frame, "/clients", &asked).into())
}

pub(in super::super) async fn end(
    admitted: Admitted<WriteObjects>,
    read: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Shown, Failure> {
    let ended = ended(&admitted, &api, &name, &id).await?;
    let words = Frame::of(&api, &read).await?.words;
    let done = words.with("service-key-ended", &[("cut", ended.cut.into())]);
    Ok(Clients::drawn(&read, &api, name, Told::Done(done)).await?.into())
}

/// When a key ends, which is yet to come.
fn ends(frame: &Frame, at: Timestamp) -> Markup {
    let exact = at.to_string();
    html! { time datetime=(exact) { (moment(&exact, frame.words.language())) } }
}

const HEADS: [&str; 6] = [
    "service-key-label",
    "service-key-apps",
    "service-key-author",
    "service-key-used",
    "service-key-ends",
    "service-key-do",
];

/// How long keys are offered to live; others are to be had by command.
const DAYS: [u64; 4] = [7, 30, 90, 365];
