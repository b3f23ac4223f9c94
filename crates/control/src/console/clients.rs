//! Clients: programs that people sign in to with us.

pub(super) mod keys;
pub(super) mod one;
pub(super) mod secret;

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_identity::{ClientAuth, ClientSpec, built_in_client};
use bartizan_ui::{Align, Icon, Rendered, icon};
use maud::{Markup, html};
use serde_json::json;

use super::Fields;
use super::apps::{Row, all, authored, changed};
use super::frame::{Frame, Shown};
use super::list::{Asked, Format, Head, List, Part, sort_entries, taken_along};
use super::views::Views;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects};
use crate::register::{Entry, Roll, Says};

const HEADS: &[Head] = &[
    Head { text: "client", align: Align::Start, sorts: Some("name") },
    Head { text: "client-answered-at", align: Align::Start, sorts: None },
    Head { text: "client-proves", align: Align::Start, sorts: None },
    Head { text: "client-state", align: Align::Start, sorts: None },
    Head { text: "list-changed", align: Align::Start, sorts: Some("changed") },
];

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) asked: Asked,
    pub(super) clients: Part<Row>,
}

pub(super) async fn show(
    admitted: Admitted<ReadObjects>,
    views: Views,
    State(api): State<Arc<Api>>,
    Query(fields): Query<Fields>,
) -> Result<Response, Failure> {
    let asked = Asked::new("/clients", fields);
    let (entries, words) = (all(&api, Roll::Clients).await?, asked.words());
    let mut found: Vec<Arc<Entry>> = entries.values().filter(|entry| entry.has(&words)).cloned().collect();
    sort_entries(&mut found, asked.order(HEADS), |_, _| std::cmp::Ordering::Equal);
    let part = asked.part(found);
    if asked.format() != Format::Page {
        return Ok(file(&asked, &part));
    }
    let frame = Frame::of(&api, &admitted).await?.keeping(views);
    let clients = authored(&api, part).await?;
    Ok(Shown::from(page(&View { frame, asked, clients })).into_response())
}

fn spec(entry: &Entry) -> Option<&ClientSpec> {
    match &entry.says {
        Says::Client(client) => Some(client),
        Says::App(_) | Says::Group(_) | Says::Policy(_) | Says::Person(_) | Says::Damaged(_) => None,
    }
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let rows = view.clients.rows.iter().map(|row| cells(frame, row)).collect();
    let part = Part { rows, from: view.clients.from, total: view.clients.total };
    let command = || html! { code { "bartizan apply -f DIR" } };
    let empty = html! { p { (words.say("clients-none")) } p { (command()) } };
    let (caption, fields) = (words.say("place-clients"), html! {});
    let content = html! {
        p .muted.lead { (words.markup("clients-what", &[], &[("command", command())])) }
        (List { asked: &view.asked, caption: &caption, heads: HEADS, part, fields, empty }.markup(frame))
    };
    frame.page("/clients", &caption, &content)
}

fn cells(frame: &Frame, row: &Row) -> Vec<Markup> {
    let (entry, known) = (&row.entry, spec(&row.entry));
    let title = known.and_then(|client| client.title.as_deref());
    let first = known.and_then(|client| client.redirect_uris.first());
    vec![
        html! {
            a href={ "/clients/" (entry.name) } { strong { (entry.name) } }
            @if let Some(title) = title { " " span .muted { (title) } }
        },
        html! { @if let Some(first) = first { code .wrap { (first.as_str()) } } },
        html! { @if let Some(client) = known { (proves(frame, client)) } },
        html! {
            @if let Some(client) = known { (state(frame, client)) }
            @if built_in_client(&entry.name).is_some() { " " (built_in(frame)) }
        },
        changed(frame, entry, &row.author),
    ]
}

/// How a client proves who it is.
pub(super) fn proves(frame: &Frame, client: &ClientSpec) -> Markup {
    let words = frame.words;
    let said = match client.auth {
        ClientAuth::ClientSecretBasic | ClientAuth::ClientSecretPost => "client-by-secret",
        ClientAuth::PrivateKeyJwt => "client-by-key",
        ClientAuth::FederatedJwt => "client-by-others",
        ClientAuth::None => "client-by-nothing",
    };
    html! {
        (words.say(said))
        @if client.auth.takes_secret() && client.secret_set.is_none() {
            " " span .badge.warn { (icon(Icon::Warning)) (words.say("client-no-secret")) }
        }
    }
}

/// That it is the deployment's own.
pub(super) fn built_in(frame: &Frame) -> Markup {
    html! { span .badge { (icon(Icon::Info)) (frame.words.say("client-built-in")) } }
}

/// Whether it gets anything.
pub(super) fn state(frame: &Frame, client: &ClientSpec) -> Markup {
    html! {
        @if client.disabled { span .badge.deny { (icon(Icon::Deny)) (frame.words.say("client-disabled")) } }
        @else { (frame.words.say("client-enabled")) }
    }
}

fn file(asked: &Asked, part: &Part<Arc<Entry>>) -> Response {
    let rows = part.rows.iter().map(|entry| {
        let client = spec(entry);
        vec![
            json!(entry.name),
            json!(client.and_then(|client| client.title.as_ref())),
            json!(client.map(|client| &client.redirect_uris)),
            json!(client.map(|client| client.auth)),
            json!(client.map(|client| client.disabled)),
            json!(entry.time),
            json!(entry.revision),
        ]
    });
    let names = ["name", "title", "redirect_uris", "auth", "disabled", "changed", "revision"];
    taken_along(asked, &names, rows.collect())
}
