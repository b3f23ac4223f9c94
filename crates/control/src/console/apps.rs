//! Apps: what is behind the gateway, and one of them with who has to do with it.

pub(super) mod attempt;
mod draft;
mod files;
pub(super) mod protect;
mod seen;
pub(super) mod steps;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_evidence::Query as Search;
use bartizan_model::{AppName, Audit, EventKind};
use bartizan_ui::{Align, Emphasis, Icon, Rendered, icon, link_button};
use maud::{Markup, html};
use serde_json::json;

use super::Fields;
use super::called::Called;
use super::decisions::{Row as Decision, newest, rows as decision_rows, table as decision_table};
use super::frame::{Frame, Shown};
use super::groups::address;
use super::history::{Drawn, Past, Told, history, lines, past};
use super::list::{Asked, Format, Head, List, Part, sort_entries, taken_along};
use super::policies::effect;
use super::views::Views;
use super::words::when;
use crate::api::objects::{Apps, Shown as Object};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadLog, ReadObjects, WriteObjects, WritePeople};
use crate::error::Error;
use crate::register::{Entries, Entry, Known, Policy, Roll, Says};
use crate::spec::AppSpec;

const HEADS: &[Head] = &[
    Head { text: "app", align: Align::Start, sorts: Some("name") },
    Head { text: "app-host", align: Align::Start, sorts: Some("host") },
    Head { text: "app-server", align: Align::Start, sorts: Some("server") },
    Head { text: "app-audit", align: Align::Start, sorts: None },
    Head { text: "list-changed", align: Align::Start, sorts: Some("changed") },
];

/// An app in the list, and who changed it last.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) entry: Arc<Entry>,
    pub(super) author: String,
}

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) asked: Asked,
    pub(super) apps: Part<Row>,
    /// Whether whoever reads may protect another.
    pub(super) may_protect: bool,
}

pub(super) async fn show(
    admitted: Admitted<ReadObjects>,
    views: Views,
    State(api): State<Arc<Api>>,
    Query(fields): Query<Fields>,
) -> Result<Response, Failure> {
    let asked = Asked::new("/apps", fields);
    let entries = all(&api, Roll::Apps).await?;
    let words = asked.words();
    let mut found: Vec<Arc<Entry>> = entries.values().filter(|entry| entry.has(&words)).cloned().collect();
    sort(&asked, &mut found);
    let part = asked.part(found);
    if asked.format() != Format::Page {
        return Ok(file(&asked, &part));
    }
    let frame = Frame::of(&api, &admitted).await?.keeping(views);
    let apps = authored(&api, part).await?;
    let may_protect = admitted.may::<WriteObjects>(&api) && admitted.may::<WritePeople>(&api);
    Ok(Shown::from(page(&View { frame, asked, apps, may_protect })).into_response())
}

/// All of a kind. Those of configuration are read in less time than a page may take.
pub(super) async fn all(api: &Arc<Api>, roll: Roll) -> Result<Entries, Failure> {
    match api.register.of(roll).await? {
        Known::All(entries) => Ok(entries),
        Known::Reading(_) => Err(Error::Behind.into()),
    }
}

/// Each with who changed it last, by name.
pub(super) async fn authored(api: &Api, part: Part<Arc<Entry>>) -> Result<Part<Row>, Failure> {
    let mut called = Called::new(api);
    let mut rows = Vec::with_capacity(part.rows.len());
    for entry in part.rows {
        let author = match entry.author.parse() {
            Ok(person) => called.person(person).await?.display,
            Err(_ours) => entry.author.to_string(),
        };
        rows.push(Row { entry, author });
    }
    Ok(Part { rows, from: part.from, total: part.total })
}

fn sort(asked: &Asked, rows: &mut [Arc<Entry>]) {
    let order = asked.order(HEADS);
    sort_entries(rows, order, |one, other| match order.0 {
        "host" => app(one).map(|app| &app.host).cmp(&app(other).map(|app| &app.host)),
        _ => server(one).cmp(&server(other)),
    });
}

fn app(entry: &Entry) -> Option<&AppSpec> {
    match &entry.says {
        Says::App(app) => Some(app),
        Says::Client(_) | Says::Group(_) | Says::Policy(_) | Says::Person(_) | Says::Damaged(_) => None,
    }
}

fn server(entry: &Entry) -> Option<String> {
    app(entry)?.upstream.clone().map(String::from)
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let rows = view.apps.rows.iter().map(|row| cells(frame, row)).collect();
    let part = Part { rows, from: view.apps.from, total: view.apps.total };
    let empty = html! {
        p { (words.say("apps-none")) }
        p { code { "bartizan apply -f DIR" } }
        @if view.may_protect { p { a href="/apps/new" { (words.say("protect-app")) } } }
    };
    let (caption, fields) = (words.say("place-apps"), html! {});
    let list = List { asked: &view.asked, caption: &caption, heads: HEADS, part, fields, empty };
    let content = html! {
        div .row.apart {
            p .muted.lead { (words.markup("apps-by-files", &[], &[("command", html! { code { "bartizan apply -f DIR" } })])) }
            @if view.may_protect { (link_button(&words.say("protect-app"), "/apps/new", Emphasis::Primary)) }
        }
        (list.markup(frame))
    };
    frame.page("/apps", &caption, &content)
}

fn cells(frame: &Frame, row: &Row) -> Vec<Markup> {
    let entry = &row.entry;
    let name = html! { a href={ "/apps/" (entry.name) } { strong { (entry.name) } } };
    let changed = changed(frame, entry, &row.author);
    let Some(app) = app(entry) else {
        let why = match &entry.says {
            Says::Damaged(why) => why.as_str(),
            Says::App(_) | Says::Client(_) | Says::Group(_) | Says::Policy(_) | Says::Person(_) => "",
        };
        return vec![name, html! { span .deny { (why) } }, html! {}, html! {}, changed];
    };
    vec![
        name,
        html! { code { (app.host) } },
        html! { (behind(frame, app)) @if app.upstream_plaintext.is_some() { " " (warned(&frame.words.say("app-plain"))) } },
        html! { (audit(frame, app)) },
        changed,
    ]
}

/// When an object was changed last, and by whom.
pub(super) fn changed(frame: &Frame, entry: &Entry, author: &str) -> Markup {
    let pieces = [("when", when(frame, entry.time)), ("author", html! { bdi { (author) } })];
    frame.words.markup("list-changed-by", &[], &pieces)
}

fn behind(frame: &Frame, app: &AppSpec) -> Markup {
    match &app.upstream {
        Some(upstream) => html! { code { (String::from(upstream.clone())) } },
        None => html! { span .muted { (frame.words.say("app-own")) } },
    }
}

fn warned(text: &str) -> Markup {
    html! { span .badge.step { (icon(Icon::Warning)) (text) } }
}

fn audit(frame: &Frame, app: &AppSpec) -> String {
    match app.audit {
        Audit::Normal => frame.words.say("app-audit-normal"),
        Audit::Strict => frame.words.say("app-audit-strict"),
    }
}

fn file(asked: &Asked, part: &Part<Arc<Entry>>) -> Response {
    let rows = part.rows.iter().map(|entry| {
        let app = app(entry);
        vec![
            json!(entry.name),
            json!(app.map(|app| &app.host)),
            json!(server(entry)),
            json!(app.map(|app| app.audit)),
            json!(app.map(|app| &app.groups)),
            json!(entry.time),
            json!(entry.revision),
        ]
    });
    let names = ["name", "host", "upstream", "audit", "groups", "changed", "revision"];
    taken_along(asked, &names, rows.collect())
}

/// One app.
#[derive(Debug)]
pub(super) struct One {
    pub(super) frame: Frame,
    pub(super) name: String,
    pub(super) told: Told,
    pub(super) past: Past,
    /// The policies that can be about it, and what each is for.
    pub(super) policies: Vec<(String, String, String)>,
    /// What was decided about it lately, for who may read that.
    pub(super) decisions: Option<Vec<Decision>>,
}

pub(super) async fn show_one(
    admitted: Admitted<ReadObjects>,
    log: Result<Admitted<ReadLog>, Response>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Shown, Failure> {
    Ok(one_page(&one((&admitted, log.ok().as_ref()), &api, name, Told::Nothing).await?).into())
}

async fn one(
    (admitted, log): (&Admitted<ReadObjects>, Option<&Admitted<ReadLog>>),
    api: &Arc<Api>,
    name: String,
    told: Told,
) -> Result<One, Failure> {
    let past = past::<Apps>(admitted, api, &name).await?;
    let mut called = Called::new(api);
    let policies = match name.parse::<AppName>() {
        Ok(app) => policies_that(api, &mut called, move |policy| policy.concerns(&app)).await?,
        Err(_form) => Vec::new(),
    };
    let decisions = match log {
        Some(log) => {
            let search =
                Search { kind: Some(EventKind::Decision), app: Some(name.clone()), ..Search::default() };
            let found = newest(log, api, search, LATEST).await?;
            Some(decision_rows(&mut called, &found).await?)
        }
        None => None,
    };
    let frame = Frame::of(api, admitted).await?;
    Ok(One { frame, name, told, past, policies, decisions })
}

/// The policies of which this holds, by name: each with its text, and what it is for.
pub(super) async fn policies_that(
    api: &Arc<Api>,
    called: &mut Called<'_>,
    holds: impl Fn(&Policy) -> bool + Send + 'static,
) -> Result<Vec<(String, String, String)>, Failure> {
    let policies = all(api, Roll::Policies).await?;
    // The first time each of them is read, 80 µs each: not where others wait for their answers.
    let found = tokio::task::spawn_blocking(move || {
        let holds = |entry: &&Arc<Entry>| match &entry.says {
            Says::Policy(policy) => holds(policy),
            Says::App(_) | Says::Client(_) | Says::Group(_) | Says::Person(_) | Says::Damaged(_) => false,
        };
        policies.values().filter(holds).cloned().collect::<Vec<_>>()
    });
    let found =
        found.await.map_err(|error| Error::Invalid(format!("the policies could not be read: {error}")))?;
    let mut told = Vec::with_capacity(found.len());
    for entry in found {
        if let Says::Policy(policy) = &entry.says {
            let source = &policy.source;
            let reason = called.text(&source.id, &source.annotation("reason").unwrap_or_default()).await?;
            told.push((source.id.to_string(), source.text.clone(), reason));
        }
    }
    Ok(told)
}

impl Drawn for Apps {
    const PLACE: &'static str = "/apps";

    fn text(object: &Object) -> String {
        lines(object)
    }

    async fn drawn(
        read: &Admitted<ReadObjects>,
        api: &Arc<Api>,
        name: String,
        told: Told,
    ) -> Result<Rendered, Failure> {
        Ok(one_page(&one((read, None), api, name, told).await?))
    }
}

pub(super) fn one_page(view: &One) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let newest = view.past.changes.first();
    let spec = newest.and_then(|newest| newest.spec.clone());
    let app: Option<AppSpec> = spec.and_then(|spec| serde_json::from_value(spec).ok());
    let content = html! {
        (view.told.markup(frame))
        @match &app {
            Some(app) => (facts(frame, app)),
            None => div .empty { p { (words.say("app-gone")) } },
        }
        section {
            div .row.apart {
                h2 { (words.say("app-policies")) }
                @if app.is_some() {
                    div .row {
                        a href={ "/apps/" (view.name) "/try" } { (words.say("protect-try")) }
                        a href={ "/access?app=" (view.name) } { (words.say("app-access")) }
                    }
                }
            }
            @if view.policies.is_empty() { div .empty { p { (words.say("app-policies-none")) } } }
            ul .rows {
                @for (id, text, reason) in &view.policies {
                    li .row { a href={ "/policies/" (id) } { code { (id) } } (effect(frame, text)) span .muted { (reason) } }
                }
            }
        }
        @if let Some(decisions) = &view.decisions {
            section {
                div .row.apart {
                    h2 { (words.say("object-decisions")) }
                    a href={ "/decisions?app=" (view.name) } { (words.say("object-decisions-all")) }
                }
                (decision_table(&words.say("object-decisions"), frame, decisions, &html! { p { (words.say("app-decisions-none")) } }))
            }
        }
        (history::<Apps>(frame, &view.name, &view.past))
    };
    frame.page("/apps", &view.name, &content)
}

fn facts(frame: &Frame, app: &AppSpec) -> Markup {
    let words = frame.words;
    let groups: Vec<String> = app.groups.iter().map(ToString::to_string).collect();
    html! {
        dl .facts.panel {
            dt { (words.say("app-host")) }
            dd { code { (app.host) } }
            dt { (words.say("app-server")) }
            dd {
                (behind(frame, app))
                @if app.upstream_plaintext.is_some() { " " (warned(&words.say("app-plain"))) }
                @if app.ca.is_some() { " " span .badge { (icon(Icon::Lock)) (words.say("app-own-ca")) } }
            }
            dt { (words.say("app-sees-host")) }
            dd { @if app.pass_host { (words.say("app-host-public")) } @else { (words.say("app-host-its-own")) } }
            dt { (words.say("app-audit")) }
            dd { (audit(frame, app)) }
            dt { (words.say("app-told-groups")) }
            dd {
                @if groups.is_empty() { span .muted { (words.say("list-no-one")) } }
                @for group in &groups { a href=(address(group)) { (group) } " " }
            }
            @if let Some(lease) = app.lease_seconds {
                dt { (words.say("app-lease")) }
                dd { (words.with("app-lease-seconds", &[("count", lease.into())])) }
            }
            @if !app.relax.is_empty() {
                dt { (words.say("app-relax")) }
                dd { @for form in &app.relax { (warned(form.as_str())) " " } }
            }
        }
    }
}

/// 10 decisions stand on the page of an object.
pub(super) const LATEST: usize = 10;

#[cfg(test)]
mod tests;
