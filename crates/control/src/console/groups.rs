//! Groups: who is in them, directly and through others, and one of them with what it was.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_model::{GroupName, UserId};
use bartizan_ui::{Align, Rendered};
use maud::{Markup, html};
use serde_json::json;

use super::Fields;
use super::apps::{Row, all, authored, changed};
use super::called::{Called, Named};
use super::decisions::who;
use super::frame::{Frame, Shown};
use super::history::{Drawn, Past, Told, history, lines, past};
use super::list::{Asked, Format, Head, List, Part, sort_by, sort_entries, taken_along};
use super::views::Views;
use super::words::many;
use crate::api::objects::{Groups, Shown as Object};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects};
use crate::directory::ADMINS;
use crate::error::Error;
use crate::register::{Entries, Entry, Roll, Says};
use crate::spec::GroupSpec;

const HEADS: &[Head] = &[
    Head { text: "group", align: Align::Start, sorts: Some("name") },
    Head { text: "group-effective", align: Align::End, sorts: Some("people") },
    Head { text: "group-direct", align: Align::End, sorts: None },
    Head { text: "group-inner", align: Align::Start, sorts: None },
    Head { text: "list-changed", align: Align::Start, sorts: Some("changed") },
];

/// A group in the list, and how many are in it in effect.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) row: Row,
    pub(super) people: u64,
}

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) asked: Asked,
    pub(super) groups: Part<Line>,
}

pub(super) async fn show(
    admitted: Admitted<ReadObjects>,
    views: Views,
    State(api): State<Arc<Api>>,
    Query(fields): Query<Fields>,
) -> Result<Response, Failure> {
    let asked = Asked::new("/groups", fields);
    let (entries, wanted) = (all(&api, Roll::Groups).await?, asked.clone());
    // Counting who is in large groups takes a while: not where others wait for their answers.
    let chosen = tokio::task::spawn_blocking(move || chosen(&wanted, &entries)).await;
    let part = chosen.map_err(|error| Error::Invalid(format!("the list could not be made: {error}")))?;
    if asked.format() != Format::Page {
        return Ok(file(&asked, &part));
    }
    let frame = Frame::of(&api, &admitted).await?.keeping(views);
    let (from, total) = (part.from, part.total);
    let (entries, people): (Vec<_>, Vec<_>) = part.rows.into_iter().unzip();
    let authored = authored(&api, Part { rows: entries, from, total }).await?;
    let rows = authored.rows.into_iter().zip(people).map(|(row, people)| Line { row, people }).collect();
    let groups = Part { rows, from, total };
    Ok(Shown::from(page(&View { frame, asked, groups })).into_response())
}

/// The groups that are asked for, and how many people are in each in effect.
fn chosen(asked: &Asked, entries: &Entries) -> Part<(Arc<Entry>, u64)> {
    let words = asked.words();
    let counted = |entry: Arc<Entry>| {
        let people = many(in_effect(entries, &entry.name).len());
        (entry, people)
    };
    let mut found: Vec<Arc<Entry>> = entries.values().filter(|entry| entry.has(&words)).cloned().collect();
    let order = asked.order(HEADS);
    sort_entries(&mut found, order, |_, _| Ordering::Equal);
    if order.0 != "people" {
        return asked.part(found).map(counted);
    }
    let mut found: Vec<(Arc<Entry>, u64)> = found.into_iter().map(counted).collect();
    sort_by(&mut found, order.1, |(_, one), (_, other)| one.cmp(other));
    asked.part(found)
}

fn group(entry: &Entry) -> Option<&GroupSpec> {
    match &entry.says {
        Says::Group(group) => Some(group),
        Says::App(_) | Says::Client(_) | Says::Policy(_) | Says::Person(_) | Says::Damaged(_) => None,
    }
}

/// Where one sees who is in a group. Administrators are in one by what they are, and no file lists them.
pub(super) fn address(group: &str) -> String {
    if group == ADMINS { String::from("/people?role=admin") } else { format!("/groups/{group}") }
}

/// Who is in a group, directly and through the groups in it. A circle of groups ends where it began.
pub(super) fn in_effect(groups: &Entries, name: &str) -> BTreeSet<UserId> {
    let (mut people, mut seen) = (BTreeSet::new(), BTreeSet::from([name]));
    let mut open = vec![name];
    while let Some(next) = open.pop() {
        let Some(group) = groups.get(next).and_then(|entry| group(entry)) else { continue };
        people.extend(group.users.iter().copied());
        open.extend(group.groups.iter().map(GroupName::as_str).filter(|inner| seen.insert(inner)));
    }
    people
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let rows = view.groups.rows.iter().map(|line| cells(frame, line)).collect();
    let part = Part { rows, from: view.groups.from, total: view.groups.total };
    let empty = html! { p { (words.say("groups-none")) } p { code { "bartizan apply -f DIR" } } };
    let (caption, fields) = (words.say("place-groups"), html! {});
    let list = List { asked: &view.asked, caption: &caption, heads: HEADS, part, fields, empty };
    let content = html! {
        p .muted.lead { (words.markup("groups-by-files", &[], &[("command", html! { code { "bartizan apply -f DIR" } })])) }
        (list.markup(frame))
    };
    frame.page("/groups", &caption, &content)
}

fn cells(frame: &Frame, line: &Line) -> Vec<Markup> {
    let entry = &line.row.entry;
    let spec = group(entry);
    let inner = spec.map(|group| group.groups.iter().map(ToString::to_string).collect::<Vec<_>>());
    vec![
        html! { a href={ "/groups/" (entry.name) } { strong { (entry.name) } } },
        html! { (line.people) },
        html! { @if let Some(group) = spec { (group.users.len()) } },
        html! { (inner.unwrap_or_default().join(", ")) },
        changed(frame, entry, &line.row.author),
    ]
}

fn file(asked: &Asked, part: &Part<(Arc<Entry>, u64)>) -> Response {
    let rows = part.rows.iter().map(|(entry, people)| {
        let group = group(entry);
        vec![
            json!(entry.name),
            json!(people),
            json!(group.map(|group| group.users.len())),
            json!(group.map(|group| &group.groups)),
            json!(entry.time),
            json!(entry.revision),
        ]
    });
    taken_along(
        asked,
        &["name", "people_in_effect", "people", "groups", "changed", "revision"],
        rows.collect(),
    )
}

/// One group.
#[derive(Debug)]
pub(super) struct One {
    pub(super) frame: Frame,
    pub(super) name: String,
    pub(super) told: Told,
    pub(super) past: Past,
    /// Some of those who are in it in effect, and how many there are.
    pub(super) people: (Vec<Named>, u64),
    pub(super) inner: Vec<String>,
    /// The groups that it is in itself.
    pub(super) outer: Vec<String>,
}

pub(super) async fn show_one(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Shown, Failure> {
    Ok(one_page(&one(&admitted, &api, name, Told::Nothing).await?).into())
}

async fn one(
    admitted: &Admitted<ReadObjects>,
    api: &Arc<Api>,
    name: String,
    told: Told,
) -> Result<One, Failure> {
    let past = past::<Groups>(admitted, api, &name).await?;
    let groups = all(api, Roll::Groups).await?;
    let effective = in_effect(&groups, &name);
    let mut called = Called::new(api);
    let mut people = Vec::new();
    for person in effective.iter().take(MOST) {
        people.push(called.person(*person).await?);
    }
    people.sort_by_key(|person| person.display.to_lowercase());
    let spec = groups.get(name.as_str()).and_then(|entry| group(entry));
    let inner = spec.map(|group| group.groups.iter().map(ToString::to_string).collect()).unwrap_or_default();
    let holds = |entry: &&Arc<Entry>| {
        group(entry).is_some_and(|outer| outer.groups.iter().any(|inner| inner.as_str() == name))
    };
    let outer = groups.values().filter(holds).map(|entry| entry.name.to_string()).collect();
    let frame = Frame::of(api, admitted).await?;
    Ok(One { frame, name, told, past, people: (people, many(effective.len())), inner, outer })
}

impl Drawn for Groups {
    const PLACE: &'static str = "/groups";

    fn text(object: &Object) -> String {
        lines(object)
    }

    async fn drawn(
        read: &Admitted<ReadObjects>,
        api: &Arc<Api>,
        name: String,
        told: Told,
    ) -> Result<Rendered, Failure> {
        Ok(one_page(&one(read, api, name, told).await?))
    }
}

pub(super) fn one_page(view: &One) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let (people, count) = &view.people;
    let gone = view.past.changes.first().is_none_or(|newest| newest.spec.is_none());
    let content = html! {
        (view.told.markup(frame))
        @if gone { div .empty { p { (words.say("group-gone")) } } }
        @else {
            section {
                h2 { (words.with("group-people", &[("count", (*count).into())])) }
                @if people.is_empty() { p .muted { (words.say("group-empty")) } }
                ul .people {
                    @for person in people { li { a .plain href={ "/people/" (person.id) } { (who(words, Some(person))) } } }
                }
                @if many(people.len()) < *count {
                    p .muted { (words.with("group-more", &[("count", (count - many(people.len())).into())])) }
                }
            }
            dl .facts.panel {
                dt { (words.say("group-inner")) }
                dd { (linked(frame, &view.inner)) }
                dt { (words.say("group-outer")) }
                dd { (linked(frame, &view.outer)) }
            }
        }
        (history::<Groups>(frame, &view.name, &view.past))
    };
    frame.page("/groups", &view.name, &content)
}

fn linked(frame: &Frame, groups: &[String]) -> Markup {
    html! {
        @if groups.is_empty() { span .muted { (frame.words.say("list-no-one")) } }
        @for group in groups { a href=(address(group)) { (group) } " " }
    }
}

/// 100 people are named on the page of a group.
const MOST: usize = 100;
