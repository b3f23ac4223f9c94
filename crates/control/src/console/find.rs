//! Finding anything: places, people, apps, groups, policies, a request by its id, and what can be done about a person.
//!
//! Everybody finds what they may see, and is offered no way that is barred to them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_model::{DecisionId, RequestId, UserState};
use bartizan_ui::{Emphasis, Field, Rendered, button, filter};
use http::header::{self, HeaderName};
use maud::html;
use serde::Serialize;

use super::Fields;
use super::frame::{Frame, PLACES, Shown};
use super::list::Asked;
use super::people::person as person_of;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadLog, ReadObjects, ReadPeople, WriteObjects, WritePeople};
use crate::register::{Entries, Entry, Known, Roll};

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Hit {
    /// What it is, in words.
    pub(super) kind: String,
    /// What it is called, or what it does.
    pub(super) text: String,
    pub(super) url: String,
}

/// What somebody may look in.
type Rights = (Option<Admitted<ReadObjects>>, Option<Admitted<ReadPeople>>, Option<Admitted<ReadLog>>);

pub(super) async fn show(
    objects: Result<Admitted<ReadObjects>, Response>,
    people: Result<Admitted<ReadPeople>, Response>,
    log: Result<Admitted<ReadLog>, Response>,
    State(api): State<Arc<Api>>,
    Query(fields): Query<Fields>,
) -> Result<Response, Response> {
    let (objects, people, log) = match (objects, people, log) {
        // Who may see nothing of all this is told so, and is not told that there is nothing.
        (Err(refused), Err(_), Err(_)) => return Err(refused),
        (objects, people, log) => (objects.ok(), people.ok(), log.ok()),
    };
    let frame = match (&objects, &people, &log) {
        (Some(admitted), ..) => Frame::of(&api, admitted).await,
        (_, Some(admitted), _) => Frame::of(&api, admitted).await,
        (.., Some(admitted)) => Frame::of(&api, admitted).await,
        (None, None, None) => Err(Failure::internal()),
    };
    let frame = frame.map_err(Failure::into_response)?;
    let asked = Asked::new("/find", fields);
    let hits = found(&frame, &api, &(objects, people, log), &asked).await.map_err(Failure::into_response)?;
    if asked.get("format") == Some("json") {
        return Ok((PRIVATE, Json(hits)).into_response());
    }
    Ok(Shown::from(page(&frame, &asked, &hits)).into_response())
}

async fn found(
    frame: &Frame,
    api: &Arc<Api>,
    (objects, people, log): &Rights,
    asked: &Asked,
) -> Result<Vec<Hit>, Failure> {
    let words = asked.words();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut hits = Vec::new();
    if log.is_some()
        && let [id] = words.as_slice()
        && (id.parse::<RequestId>().is_ok() || id.parse::<DecisionId>().is_ok())
    {
        hits.push(hit(frame, "find-decision", id.clone(), format!("/decisions/{id}")));
    }
    for (text, url, _) in PLACES.iter().copied().flatten() {
        let name = frame.words.say(text);
        let small = name.to_lowercase();
        if words.iter().all(|word| small.contains(word.as_str())) {
            hits.push(hit(frame, "find-place", name, String::from(*url)));
        }
    }
    if let Some(admitted) = objects {
        let may_protect = admitted.may::<WriteObjects>(api) && admitted.may::<WritePeople>(api);
        let acts = [
            ("protect-app", "/apps/new", may_protect),
            ("start-title", "/start", people.is_some() && log.is_some()),
        ];
        for (text, url, _) in acts.into_iter().filter(|(_, _, may)| *may) {
            let name = frame.words.say(text);
            let small = name.to_lowercase();
            if words.iter().all(|word| small.contains(word.as_str())) {
                hits.push(hit(frame, "find-action", name, String::from(url)));
            }
        }
    }
    if people.is_some()
        && let Known::All(entries) = api.register.of(Roll::People).await?
    {
        of_people(frame, &entries, &words, &mut hits);
    }
    if objects.is_some() {
        for (roll, kind, place) in [
            (Roll::Apps, "app", "/apps"),
            (Roll::Clients, "client", "/clients"),
            (Roll::Groups, "group", "/groups"),
            (Roll::Policies, "policy", "/policies"),
        ] {
            if let Known::All(entries) = api.register.of(roll).await? {
                let found = best(&entries, &words, MOST);
                hits.extend(found.iter().map(|entry| {
                    hit(frame, kind, entry.name.to_string(), format!("{place}/{}", entry.name))
                }));
            }
        }
    }
    Ok(hits)
}

fn hit(frame: &Frame, kind: &'static str, text: String, url: String) -> Hit {
    Hit { kind: frame.words.say(kind), text, url }
}

/// People, and, where they are few, what can be done about them: each leads to a page that asks first.
fn of_people(frame: &Frame, entries: &Entries, words: &[String], hits: &mut Vec<Hit>) {
    let found = best(entries, words, MOST);
    let few = found.len() <= FEW;
    for entry in found {
        let Some(person) = person_of(entry) else { continue };
        let Some(known) = &person.attributes else { continue };
        let (id, name) = (&entry.name, known.display.as_str());
        hits.push(hit(frame, "people-person", name.to_owned(), format!("/people/{id}")));
        if few {
            let values = [("name", name.into())];
            let turn = match person.state {
                UserState::Active => ("disable-verb", "disable"),
                UserState::Disabled => ("enable-verb", "enable"),
            };
            let acts = [
                ("find-access", format!("/access?person={id}")),
                ("find-decisions", format!("/decisions?user={id}")),
                (turn.0, format!("/people/{id}/{}", turn.1)),
            ];
            hits.extend(
                acts.map(|(text, url)| hit(frame, "find-action", frame.words.with(text, &values), url)),
            );
        }
    }
}

/// The entries that have all of the words, those first that begin with the first of them.
fn best<'a>(entries: &'a Entries, words: &[String], most: usize) -> Vec<&'a Arc<Entry>> {
    let first = words.first().map(String::as_str).unwrap_or_default();
    let mut found: Vec<&Arc<Entry>> = entries.values().filter(|entry| entry.has(words)).collect();
    found.sort_by_key(|entry| (!entry.label.starts_with(first), &entry.label));
    found.truncate(most);
    found
}

pub(super) fn page(frame: &Frame, asked: &Asked, hits: &[Hit]) -> Rendered {
    let words = frame.words;
    let label = words.say("list-search");
    let content = html! {
        (filter("/find", &html! {
            (Field::text("q", &label).value(asked.get("q").unwrap_or_default()))
            div .go { (button(&words.say("list-show"), Emphasis::Primary)) }
        }))
        @if hits.is_empty() { div .empty { p { (words.say(if asked.get("q").is_some() { "list-nothing" } else { "find-help" })) } } }
        ul .rows {
            @for hit in hits { li .row { a href=(hit.url) { bdi { (hit.text) } } span .muted { (hit.kind) } } }
        }
    };
    frame.page("/find", &words.say("find-title"), &content)
}

/// For this reader at this moment, and for pages of this host alone.
pub(super) const PRIVATE: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// 8 of each kind.
const MOST: usize = 8;

/// Of at most 2 people it is offered what can be done about them.
const FEW: usize = 2;
