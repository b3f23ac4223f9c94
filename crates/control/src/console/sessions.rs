//! Who is signed in, and ending that.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use bartizan_model::{SessionId, UserId};
use bartizan_ui::{
    Align, Column, Emphasis, Icon, PersonState, Rendered, Table, Tone, Words, icon, link_button, notice,
    person_chip,
};
use maud::{Markup, html};

use super::confirm::{Confirm, confirm};
use super::frame::{Frame, Shown};
use super::words::{many, together, took, when};
use super::{Fields, said};
use crate::api::sessions::{Revoke, Shown as Session, listed, revoked};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadSessions, WriteSessions};
use crate::error::Error;

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    /// What was done just now.
    pub(super) done: Option<String>,
    /// The session that looks at the page.
    pub(super) own: Option<SessionId>,
    pub(super) sessions: Vec<Session>,
}

pub(super) async fn show(
    admitted: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
) -> Result<Shown, Failure> {
    view(&admitted, &api, None).await
}

async fn view(admitted: &Admitted<ReadSessions>, api: &Api, done: Option<String>) -> Result<Shown, Failure> {
    let mut sessions = listed(admitted, api, None).await?;
    sessions.sort_by(|one, other| {
        (name(one), one.user_id, other.created).cmp(&(name(other), other.user_id, one.created))
    });
    let frame = Frame::of(api, admitted).await?;
    Ok(page(&View { frame, done, own: admitted.asked().session, sessions }).into())
}

fn name(session: &Session) -> &str {
    session.display.as_deref().unwrap_or(&session.user)
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let mut of_person: BTreeMap<UserId, (u64, u64)> = BTreeMap::new();
    for session in &view.sessions {
        let (sessions, live) = of_person.entry(session.user_id).or_default();
        *sessions += 1;
        *live += session.live_grants;
    }
    let mut before = None;
    let rows = view.sessions.iter().map(|session| {
        let first = before.replace(session.user_id) != Some(session.user_id);
        let all = of_person.get(&session.user_id).copied().filter(|(sessions, _)| first && *sessions > 1);
        vec![
            html! {
                div .row {
                    (person_chip(name(session), PersonState::Active, words.language()))
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
    let names = HEADS.map(|(id, align)| (words.say(id), align));
    let columns = names.each_ref().map(|(name, align)| Column { name, align: *align });
    let empty = html! {
        p { (words.say("sessions-none")) }
        p { (words.markup("sessions-none-try", &[], &[("command", html! { code { "bartizan user invite NAME" } })])) }
    };
    let caption = words.say("people-sign-ins");
    let table = Table { caption: &caption, columns: &columns, rows: rows.collect(), empty };
    let counts = [("sessions", many(view.sessions.len()).into()), ("people", many(of_person.len()).into())];
    let content = html! {
        @if let Some(done) = &view.done { (notice(Tone::Done, &html! { (done) })) }
        p .muted.lead {
            (words.with("sessions-count", &counts)) " " (words.say("sessions-ending"))
        }
        (table.markup())
    };
    frame.page("/sessions", &words.say("place-sessions"), &content)
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

const HEADS: [(&str, Align); 6] = [
    ("people-person", Align::Start),
    ("session-since", Align::Start),
    ("session-seen", Align::Start),
    ("session-by", Align::Start),
    ("people-live", Align::End),
    ("session-end", Align::Start),
];

/// Which sign-ins are meant.
async fn meant(
    admitted: &Admitted<ReadSessions>,
    api: &Api,
    asked: &Fields,
) -> Result<Vec<Session>, Failure> {
    let (user, id) = (said(asked, "user"), said(asked, "id"));
    let mut sessions = listed(admitted, api, user).await?;
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
    view(&read, &api, Some(done)).await
}
