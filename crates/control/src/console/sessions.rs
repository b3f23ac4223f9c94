//! Who is signed in, and ending that.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use bartizan_model::{SessionId, UserId};
use bartizan_ui::{
    Align, Column, Emphasis, Icon, PersonState, Rendered, Table, Tone, icon, link_button, notice, person_chip,
};
use maud::{Markup, html};

use super::confirm::{Confirm, confirm};
use super::frame::{Frame, Shown};
use super::words::{count, counted, many, took, when};
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
    let now = view.frame.now;
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
                    (person_chip(name(session), PersonState::Active, view.frame.words.language()))
                    @if view.own == Some(session.id) { span .badge { (icon(Icon::Person)) "You, here" } }
                }
            },
            when(now, session.created),
            when(now, session.last_seen),
            html! { (session.amr.join(" and ")) },
            html! { (session.live_grants) },
            html! {
                div .row {
                    (link_button(
                        &verb(1, session.live_grants, None),
                        &format!("/sessions/end?id={}", session.id),
                        Emphasis::Secondary,
                    ))
                    @if let Some((sessions, live)) = all {
                        (link_button(
                            &verb(sessions, live, Some(name(session))),
                            &format!("/sessions/end?user={}", session.user_id),
                            Emphasis::Secondary,
                        ))
                    }
                }
            },
        ]
    });
    let columns = [
        Column { name: "Person", align: Align::Start },
        Column { name: "Since", align: Align::Start },
        Column { name: "Last seen", align: Align::Start },
        Column { name: "Signed in by", align: Align::Start },
        Column { name: "Live streams", align: Align::End },
        Column { name: "End", align: Align::Start },
    ];
    let empty = html! {
        p { "Nobody is signed in. Each sign-in stands here until it ends." }
        p { "Let somebody in: " code { "bartizan user invite NAME" } }
    };
    let table = Table { caption: "Sign-ins", columns: &columns, rows: rows.collect(), empty };
    let content = html! {
        @if let Some(done) = &view.done { (notice(Tone::Done, &html! { (done) })) }
        p .muted.lead {
            (count(many(view.sessions.len()), "sign-in")) " of " (counted(many(of_person.len()), "person", "people")) ". "
            "Ending one closes whatever it has open, at once; the person can sign in again."
        }
        (table.markup())
    };
    view.frame.page("/sessions", "Sessions", &content)
}

/// What a button does: "End 3 live streams of Bob Lindgren".
pub(super) fn verb(sessions: u64, live: u64, whose: Option<&str>) -> String {
    let of = whose.map(|name| format!(" of {name}")).unwrap_or_default();
    match (sessions, live) {
        (1, 0) => format!("End the sign-in{of}"),
        (_, 0) => format!("End all {sessions} sign-ins{of}"),
        (_, live) => format!("End {}{of}", count(live, "live stream")),
    }
}

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
    let title = format!("{}?", verb(many(sessions.len()), live, Some(whose)));
    confirm(
        frame,
        "/sessions",
        &Confirm {
            title: &title,
            effect: &effect(frame, own, sessions, live),
            action: "/sessions/end",
            fields,
            verb: title.trim_end_matches('?'),
            back: "/sessions",
            emphasis: Emphasis::Danger,
        },
    )
}

fn effect(frame: &Frame, own: Option<SessionId>, sessions: &[Session], live: u64) -> Markup {
    html! {
        ul .ways {
            @for session in sessions {
                li {
                    "A sign-in that began " (when(frame.now, session.created)) ", by " (session.amr.join(" and "))
                    ", last seen " (when(frame.now, session.last_seen)) ", with " (count(session.live_grants, "live stream"))
                }
            }
        }
        p {
            @if live == 0 { "Nothing of it is open at the moment. " }
            @else { "Requests, streams and downloads under way stop before their end. " }
            "The next request asks for a new sign-in."
        }
        @if sessions.iter().any(|session| Some(session.id) == own) {
            (notice(Tone::Warning, &html! { "This is your own sign-in: you are signed out, and this page with you." }))
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
    let sign_ins = if ended.revoked.len() == 1 { "1 sign-in ended" } else { "All sign-ins ended" };
    let done = format!(
        "{whose}: {sign_ins}; {} cut in {}.",
        count(ended.cut, "live stream"),
        took(ended.applied_ms)
    );
    view(&read, &api, Some(done)).await
}
