//! One person: who they are, what they have open, what was decided about them lately, and what they were.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use bartizan_evidence::Query as Search;
use bartizan_model::{EventKind, UserId, UserState};
use bartizan_ui::{Align, Column, Emphasis, Icon, Rendered, Table, icon, id_whole, link_button};
use maud::{Markup, html};

use super::apps::LATEST;
use super::called::Called;
use super::decisions::{Row as Decision, newest, rows as decision_rows, table as decision_table};
use super::frame::{Frame, Shown};
use super::groups::address;
use super::history::{Drawn, Past, Told, history, lines, past};
use super::sessions::verb;
use super::words::when;
use crate::api::objects::{Shown as Object, Users};
use crate::api::sessions::{Shown as Session, listed};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadLog, ReadPeople, ReadSessions};
use crate::error::Error;

/// One person.
#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) id: UserId,
    pub(super) told: Told,
    pub(super) person: Option<bartizan_identity::Person>,
    /// The groups that they are in, directly or through others.
    pub(super) groups: Vec<String>,
    /// For who may see sign-ins.
    pub(super) sessions: Option<Vec<Session>>,
    /// For who may read the log.
    pub(super) decisions: Option<Vec<Decision>>,
    pub(super) past: Past,
}

/// What somebody may see of a person.
type Rights<'a> =
    (&'a Admitted<ReadPeople>, Option<&'a Admitted<ReadSessions>>, Option<&'a Admitted<ReadLog>>);

pub(super) async fn show(
    admitted: Admitted<ReadPeople>,
    sessions: Result<Admitted<ReadSessions>, Response>,
    log: Result<Admitted<ReadLog>, Response>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (sessions, log) = (sessions.ok(), log.ok());
    Ok(page_of((&admitted, sessions.as_ref(), log.as_ref()), &api, &id, Told::Nothing).await?.into())
}

/// The page of a person, with what was done just now.
pub(super) async fn page_of(
    (admitted, sessions, log): Rights<'_>,
    api: &Api,
    id: &str,
    told: Told,
) -> Result<Rendered, Failure> {
    let missing = || Error::NotFound { what: "user", name: id.chars().take(64).collect() };
    let user: UserId = id.parse().map_err(|_form| missing())?;
    let past = past::<Users>(admitted, api, id).await?;
    let person = api.people.get(user).await?;
    let groups = api.hub.world().groups_of(user).iter().map(ToString::to_string).collect();
    let sessions = match sessions {
        Some(sessions) => Some(listed(sessions, api, Some(id)).await?),
        None => None,
    };
    let mut called = Called::new(api);
    let decisions = match log {
        Some(log) => {
            let (kind, user) = (Some(EventKind::Decision), Some(user.to_string()));
            let search = Search { kind, user, without_own: true, ..Search::default() };
            let found = newest(log, api, search, LATEST).await?;
            Some(decision_rows(&mut called, &found).await?)
        }
        None => None,
    };
    let frame = Frame::of(api, admitted).await?;
    Ok(page(&View { frame, id: user, told, person, groups, sessions, decisions, past }))
}

impl Drawn for Users {
    const PLACE: &'static str = "/people";

    fn text(object: &Object) -> String {
        lines(object)
    }

    fn title(name: &str, changes: &[Object]) -> String {
        let display = changes.iter().find_map(|change| change.spec.as_ref()?.get("display")?.as_str());
        display.unwrap_or(name).to_owned()
    }

    async fn drawn(
        read: &Admitted<ReadPeople>,
        api: &Arc<Api>,
        name: String,
        told: Told,
    ) -> Result<Rendered, Failure> {
        page_of((read, None, None), api, &name, told).await
    }
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let id = view.id.to_string();
    let title = Users::title(&id, &view.past.changes);
    let known = view.person.as_ref().and_then(|person| person.attributes.as_ref());
    let content = html! {
        (view.told.markup(frame))
        @match &view.person {
            None => div .empty { p { (words.say("person-gone")) } },
            Some(person) => {
                @if known.is_some() { (actions(frame, &id, person.state)) }
                dl .facts.panel {
                    dt { (words.say("people-login")) }
                    dd { @match known { Some(known) => code { (known.login) }, None => span .muted { (words.say("people-erased")) } } }
                    @if let Some(mail) = known.and_then(|known| known.mail.as_ref()) { dt { (words.say("people-mail")) } dd { (mail) } }
                    dt { (words.say("people-state")) }
                    dd {
                        @match person.state {
                            UserState::Active => span .badge.permit { (icon(Icon::Permit)) (words.say("people-active")) },
                            UserState::Disabled => span .badge.deny { (icon(Icon::Lock)) (words.say("people-disabled")) },
                        }
                        @if person.admin { " " span .badge { (icon(Icon::Key)) (words.say("people-admin")) } }
                    }
                    dt { (words.say("person-groups")) }
                    dd {
                        @if view.groups.is_empty() { span .muted { (words.say("list-no-one")) } }
                        @for group in &view.groups { a href=(address(group)) { (group) } " " }
                    }
                    dt { (words.say("person-id")) }
                    dd { (id_whole(&id, words.language())) }
                }
            }
        }
        @if let Some(sessions) = &view.sessions { (sign_ins(frame, &id, sessions)) }
        @if let Some(decisions) = &view.decisions {
            section {
                div .row.apart {
                    h2 { (words.say("object-decisions")) }
                    a href={ "/decisions?user=" (id) } { (words.say("object-decisions-all")) }
                }
                (decision_table(&words.say("object-decisions"), frame, decisions, &html! { p { (words.say("person-decisions-none")) } }))
            }
        }
        (history::<Users>(frame, &id, &view.past))
    };
    frame.page("/people", &title, &content)
}

fn actions(frame: &Frame, id: &str, state: UserState) -> Markup {
    let words = frame.words;
    let to = |verb: &str| format!("/people/{id}/{verb}");
    html! {
        div .row {
            @match state {
                UserState::Active => (link_button(&words.say("person-disable"), &to("disable"), Emphasis::Secondary)),
                UserState::Disabled => (link_button(&words.say("person-enable"), &to("enable"), Emphasis::Secondary)),
            }
            (link_button(&words.say("person-access"), &format!("/access?person={id}"), Emphasis::Secondary))
            (link_button(&words.say("person-link"), &to("link"), Emphasis::Secondary))
            (link_button(&words.say("person-invite"), &to("invite"), Emphasis::Secondary))
        }
    }
}

fn sign_ins(frame: &Frame, id: &str, sessions: &[Session]) -> Markup {
    let words = frame.words;
    let names =
        ["session-since", "session-seen", "session-by", "people-live", "session-end"].map(|id| words.say(id));
    let aligned = [Align::Start, Align::Start, Align::Start, Align::End, Align::Start];
    let columns: Vec<Column<'_>> =
        names.iter().zip(aligned).map(|(name, align)| Column { name, align }).collect();
    let rows = sessions.iter().map(|session| {
        vec![
            when(frame, session.created),
            when(frame, session.last_seen),
            html! { (session.amr.join(", ")) },
            html! { (session.live_grants) },
            link_button(
                &verb(words, 1, session.live_grants, None),
                &format!("/sessions/end?id={}", session.id),
                Emphasis::Secondary,
            ),
        ]
    });
    let live: u64 = sessions.iter().map(|session| session.live_grants).sum();
    let count = super::words::many(sessions.len());
    let empty = html! { p { (words.say("person-signed-out")) } };
    html! {
        section {
            div .row.apart {
                h2 { (words.say("person-sign-ins")) }
                @if sessions.len() > 1 { (link_button(&verb(words, count, live, None), &format!("/sessions/end?user={id}"), Emphasis::Secondary)) }
            }
            (Table { caption: &words.say("person-sign-ins"), columns: &columns, rows: rows.collect(), empty }.markup())
        }
    }
}
