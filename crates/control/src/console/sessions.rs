//! Who is signed in, and ending that.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_model::{SessionFacts, SessionId, Timestamp, UserId};
use bartizan_policy::World;
use bartizan_ui::{
    Align, Direction, Emphasis, Icon, PersonState, Rendered, Tone, Words, icon, link_button, notice,
    person_chip,
};
use maud::{Markup, html};
use serde_json::json;

use super::called::Called;
use super::confirm::{Confirm, confirm};
use super::frame::{Frame, Shown};
use super::list::{Asked, Format, Head, List, Part, sort_by, taken_along};
use super::views::Views;
use super::words::{many, together, took, when};
use super::{Fields, said};
use crate::api::sessions::{Revoke, Shown as Session, listed, revoked};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadSessions, WriteSessions};
use crate::error::Error;
use crate::register::{Entries, Known, Roll};

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) asked: Asked,
    /// What was done just now.
    pub(super) done: Option<String>,
    /// The session that looks at the page.
    pub(super) own: Option<SessionId>,
    pub(super) sessions: Part<Session>,
    /// The sign-ins and live streams of each person who is shown.
    pub(super) of_person: BTreeMap<UserId, (u64, u64)>,
    /// How many sign-ins there are in all, and of how many people.
    pub(super) all: (u64, u64),
}

/// A sign-in, before anybody's name is looked up.
#[derive(Debug)]
struct Counted {
    facts: Arc<SessionFacts>,
    user: UserId,
    live: u64,
    /// What its person is called, in small letters; nothing before that is known of all.
    label: Box<str>,
}

const HEADS: &[Head] = &[
    Head { text: "people-person", align: Align::Start, sorts: Some("name") },
    Head { text: "session-since", align: Align::Start, sorts: Some("since") },
    Head { text: "session-seen", align: Align::Start, sorts: Some("seen") },
    Head { text: "session-by", align: Align::Start, sorts: None },
    Head { text: "people-live", align: Align::End, sorts: Some("live") },
    Head { text: "session-end", align: Align::Start, sorts: None },
];

pub(super) async fn show(
    admitted: Admitted<ReadSessions>,
    views: Views,
    State(api): State<Arc<Api>>,
    Query(fields): Query<Fields>,
) -> Result<Response, Failure> {
    let mut view = view(&admitted, &api, Asked::new("/sessions", fields), None).await?;
    view.frame.views = views;
    match view.asked.format() {
        Format::Page => Ok(Shown::from(page(&view)).into_response()),
        Format::Csv | Format::Json => Ok(file(&view)),
    }
}

async fn view(
    admitted: &Admitted<ReadSessions>,
    api: &Arc<Api>,
    asked: Asked,
    done: Option<String>,
) -> Result<View, Failure> {
    // Until the names of all are known, sign-ins stand in no order of people, and are not searched by them.
    let people = match api.register.of(Roll::People).await? {
        Known::All(people) => Some(people),
        Known::Reading(_) => None,
    };
    let (wanted, world, live, now) = (asked.clone(), api.hub.world(), api.hub.live(), admitted.asked().now);
    // Of 100,000 sign-ins this takes a while: not where others wait for their answers.
    let chosen =
        tokio::task::spawn_blocking(move || chosen(&wanted, (&world, now), &live, people.as_ref())).await;
    let (part, of_person, all) =
        chosen.map_err(|error| Error::Invalid(format!("the list could not be made: {error}")))?;
    let mut called = Called::new(api);
    let mut rows = Vec::with_capacity(part.rows.len());
    for Counted { facts, user, live, .. } in part.rows {
        let person = called.person(user).await?;
        rows.push(Session {
            id: facts.id,
            user: person.login.unwrap_or_else(|| user.to_string()),
            user_id: user,
            display: Some(person.display),
            created: facts.auth_time,
            last_seen: facts.last_seen,
            amr: facts.amr.iter().cloned().collect(),
            live_grants: live,
        });
    }
    let frame = Frame::of(api, admitted).await?;
    let sessions = Part { rows, from: part.from, total: part.total };
    Ok(View { frame, asked, done, own: admitted.asked().session, sessions, of_person, all })
}

type Chosen = (Part<Counted>, BTreeMap<UserId, (u64, u64)>, (u64, u64));

/// The sign-ins that are asked for; and how many each person has, and everybody.
fn chosen(
    asked: &Asked,
    (world, now): (&World, Timestamp),
    live: &BTreeMap<SessionId, u64>,
    people: Option<&Entries>,
) -> Chosen {
    let words = asked.words();
    let mut of_person: BTreeMap<UserId, (u64, u64)> = BTreeMap::new();
    let mut found = Vec::new();
    // What has run out is swept away later.
    for facts in world.sessions().filter(|facts| facts.ends() > now) {
        // The keys of services are listed with their client.
        let Some(user) = facts.user() else { continue };
        let live = live.get(&facts.id).copied().unwrap_or(0);
        let (sessions, streams) = of_person.entry(user).or_default();
        *sessions += 1;
        *streams += live;
        let entry = people.and_then(|people| people.get(user.to_string().as_str()));
        if entry.is_none_or(|entry| entry.has(&words)) {
            let label = entry.map(|entry| entry.label.clone()).unwrap_or_default();
            found.push(Counted { facts: Arc::clone(facts), user, live, label });
        }
    }
    let (by, direction) = asked.order(HEADS);
    // Those of one person stand together, the newest first.
    let by_name = |one: &Counted, other: &Counted| {
        (&one.label, one.user, other.facts.auth_time).cmp(&(&other.label, other.user, one.facts.auth_time))
    };
    sort_by(&mut found, if by == "name" { direction } else { Direction::Up }, by_name);
    match by {
        "since" => {
            sort_by(&mut found, direction, |one, other| one.facts.auth_time.cmp(&other.facts.auth_time))
        }
        "seen" => {
            sort_by(&mut found, direction, |one, other| one.facts.last_seen.cmp(&other.facts.last_seen))
        }
        "live" => sort_by(&mut found, direction, |one, other| one.live.cmp(&other.live)),
        _ => {}
    }
    let sessions = of_person.values().map(|(sessions, _)| sessions).sum();
    let all = (sessions, many(of_person.len()));
    (asked.part(found), of_person, all)
}

fn name(session: &Session) -> &str {
    session.display.as_deref().unwrap_or(&session.user)
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let mut before = None;
    let rows = view.sessions.rows.iter().map(|session| {
        let first = before.replace(session.user_id) != Some(session.user_id);
        let all =
            view.of_person.get(&session.user_id).copied().filter(|(sessions, _)| first && *sessions > 1);
        vec![
            html! {
                div .row {
                    a href={ "/sessions/" (session.id) } { (person_chip(name(session), PersonState::Active, words.language())) }
                    @if view.own == Some(session.id) { span .badge { (icon(Icon::Person)) (words.say("sessions-you")) } }
                }
            },
            when(frame, session.created),
            when(frame, session.last_seen),
            html! { (together(words, &session.amr)) },
            html! { (session.live_grants) },
            html! {
                div .row {
                    (link_button(
                        &verb(words, 1, session.live_grants, None),
                        &format!("/sessions/end?id={}", session.id),
                        Emphasis::Secondary,
                    ))
                    @if let Some((sessions, live)) = all {
                        (link_button(
                            &verb(words, sessions, live, Some(name(session))),
                            &format!("/sessions/end?user={}", session.user_id),
                            Emphasis::Secondary,
                        ))
                    }
                }
            },
        ]
    });
    let part = Part { rows: rows.collect(), from: view.sessions.from, total: view.sessions.total };
    let empty = html! {
        p { (words.say("sessions-none")) }
        p { (words.markup("sessions-none-try", &[], &[("command", html! { code { "bartizan user invite NAME" } })])) }
    };
    let (caption, fields) = (words.say("people-sign-ins"), html! {});
    let (sessions, people) = view.all;
    let counts = [("sessions", sessions.into()), ("people", people.into())];
    let list = List { asked: &view.asked, caption: &caption, heads: HEADS, part, fields, empty };
    let content = html! {
        @if let Some(done) = &view.done { (notice(Tone::Done, &html! { (done) })) }
        p .muted.lead {
            (words.with("sessions-count", &counts)) " " (words.say("sessions-ending"))
        }
        (list.markup(frame))
    };
    frame.page("/sessions", &words.say("place-sessions"), &content)
}

fn file(view: &View) -> Response {
    let rows = view.sessions.rows.iter().map(|session| {
        vec![
            json!(session.id),
            json!(session.user),
            json!(session.display),
            json!(session.created),
            json!(session.last_seen),
            json!(session.amr),
            json!(session.live_grants),
        ]
    });
    let names = ["id", "login", "display", "created", "last_seen", "amr", "live_grants"];
    taken_along(&view.asked, &names, rows.collect())
}

/// What a button does: "End 3 live streams of Bob Lindgren".
pub(super) fn verb(words: Words, sessions: u64, live: u64, whose: Option<&str>) -> String {
    let values =
        [("name", whose.unwrap_or_default().into()), ("count", sessions.into()), ("live", live.into())];
    match (sessions, live, whose.is_some()) {
        (1, 0, false) => words.say("end-one"),
        (1, 0, true) => words.with("end-one-of", &values),
        (_, 0, false) => words.with("end-all", &values),
        (_, 0, true) => words.with("end-all-of", &values),
        (.., false) => words.with("end-live", &values),
        (.., true) => words.with("end-live-of", &values),
    }
}

/// Which sign-ins are meant.
async fn meant(
    admitted: &Admitted<ReadSessions>,
    api: &Api,
    asked: &Fields,
) -> Result<Vec<Session>, Failure> {
    let (user, id) = (said(asked, "user"), said(asked, "id"));
    // Of one sign-in those of its person are looked at, and not everybody's.
    let of_session = |id: &str| api.hub.world().session(id.parse().ok()?)?.user();
    let whose = id.and_then(of_session).map(|user| user.to_string());
    let mut sessions = match user.or(whose.as_deref()) {
        Some(user) => listed(admitted, api, Some(user)).await?,
        None => Vec::new(),
    };
    if user.is_none() {
        sessions.retain(|session| Some(session.id.to_string().as_str()) == id);
    }
    if sessions.is_empty() {
        let name = user.or(id).unwrap_or_default().chars().take(64).collect();
        return Err(Error::NotFound { what: "session", name }.into());
    }
    Ok(sessions)
}

/// Shows what would end.
pub(super) async fn ask(
    admitted: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Query(asked): Query<Fields>,
) -> Result<Shown, Failure> {
    let sessions = meant(&admitted, &api, &asked).await?;
    let frame = Frame::of(&api, &admitted).await?;
    let fields = ["user", "id"].map(|name| (name, said(&asked, name).unwrap_or_default()));
    Ok(ask_page(&frame, admitted.asked().session, &sessions, &fields).into())
}

pub(super) fn ask_page(
    frame: &Frame,
    own: Option<SessionId>,
    sessions: &[Session],
    fields: &[(&str, &str)],
) -> Rendered {
    let whose = sessions.first().map_or("", name);
    let live = sessions.iter().map(|session| session.live_grants).sum();
    let words = frame.words;
    let verb = verb(words, many(sessions.len()), live, Some(whose));
    confirm(
        frame,
        "/sessions",
        &Confirm {
            title: &words.with("end-question", &[("verb", (&verb).into())]),
            effect: &effect(frame, own, sessions, live),
            action: "/sessions/end",
            fields,
            verb: &verb,
            back: "/sessions",
            emphasis: Emphasis::Danger,
        },
    )
}

fn effect(frame: &Frame, own: Option<SessionId>, sessions: &[Session], live: u64) -> Markup {
    let words = frame.words;
    let said = |session: &Session| {
        let methods = together(words, &session.amr);
        let values = [("methods", (&methods).into()), ("live", session.live_grants.into())];
        let pieces = [("began", when(frame, session.created)), ("seen", when(frame, session.last_seen))];
        words.markup("end-sign-in", &values, &pieces)
    };
    html! {
        ul .ways { @for session in sessions { li { (said(session)) } } }
        p {
            @if live == 0 { (words.say("end-nothing-open")) } @else { (words.say("end-stops")) }
            " " (words.say("end-next"))
        }
        @if sessions.iter().any(|session| Some(session.id) == own) {
            (notice(Tone::Warning, &html! { (words.say("end-own")) }))
        }
    }
}

pub(super) async fn end(
    admitted: Admitted<WriteSessions>,
    read: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Form(asked): Form<Fields>,
) -> Result<Shown, Failure> {
    let sessions = meant(&read, &api, &asked).await?;
    let whose = sessions.first().map(|session| name(session).to_owned()).unwrap_or_default();
    let user = said(&asked, "user").map(str::to_owned);
    // Of several the person's are ended as they are now: one may have been added since the page was shown.
    let id = if user.is_some() { None } else { sessions.first().map(|session| session.id) };
    let ended = revoked(&admitted, &api, Revoke { id, user, wait: true }).await?;
    let words = Frame::of(&api, &read).await?.words;
    let took = took(words, ended.applied_ms);
    let values = [
        ("name", (&whose).into()),
        ("count", many(ended.revoked.len()).into()),
        ("cut", ended.cut.into()),
        ("took", (&took).into()),
    ];
    let done = words.with("end-done", &values);
    let view = view(&read, &api, Asked::new("/sessions", Fields::new()), Some(done)).await?;
    Ok(page(&view).into())
}
