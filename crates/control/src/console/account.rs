//! Changes to one account: disabling and enabling it, and links with which its person signs in or begins anew.

use std::sync::Arc;

use axum::extract::{Path, State};
use bartizan_model::{Timestamp, UserId, UserState};
use bartizan_ui::{Emphasis, Rendered};
use maud::html;

use super::called::{Called, Named};
use super::confirm::{Confirm, confirm};
use super::frame::{Frame, Shown};
use super::history::Told;
use super::person;
use super::words::{length, many, took};
use crate::api::links::{Invited, Link, invited, linked};
use crate::api::people::set;
use crate::api::{Api, Failure, sessions};
use crate::call::{Admitted, ReadPeople, ReadSessions, WritePeople};
use crate::error::Error;

/// The person whom an address is about, and what they have open: sign-ins and live streams.
pub(super) async fn about(
    sessions: &Admitted<ReadSessions>,
    api: &Api,
    id: &str,
) -> Result<(Named, u64, u64), Failure> {
    let missing = || Error::NotFound { what: "user", name: id.chars().take(64).collect() };
    let user: UserId = id.parse().map_err(|_form| missing())?;
    if api.people.get(user).await?.is_none() {
        return Err(missing().into());
    }
    let named = Called::new(api).person(user).await?;
    let open = sessions::listed(sessions, api, Some(id)).await?;
    let live = open.iter().map(|session| session.live_grants).sum();
    Ok((named, many(open.len()), live))
}

pub(super) async fn ask_disable(
    _admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, sign_ins, live) = about(&sessions, &api, &id).await?;
    let frame = Frame::of(&api, &sessions).await?;
    Ok(disable_page(&frame, &person, sign_ins, live).into())
}

pub(super) fn disable_page(frame: &Frame, person: &Named, sign_ins: u64, live: u64) -> Rendered {
    let words = frame.words;
    let values = [("name", (&person.display).into()), ("live", live.into()), ("count", sign_ins.into())];
    let effect = html! {
        ul .ways {
            @if live == 0 { li { (words.with("disable-open-nothing", &values)) } }
            @else { li { strong { (words.with("disable-open", &values)) } } }
            li { (words.with("disable-sign-ins", &values)) }
            li { (words.say("disable-back")) }
        }
    };
    let verb = match live {
        0 => words.with("disable-verb", &values),
        _ => words.with("disable-verb-cut", &values),
    };
    let asked = Confirm {
        title: &words.with("disable-title", &values),
        effect: &effect,
        action: &format!("/people/{}/disable", person.id),
        fields: &[],
        verb: &verb,
        back: &format!("/people/{}", person.id),
        emphasis: Emphasis::Danger,
    };
    confirm(frame, "/people", &asked)
}

pub(super) async fn ask_enable(
    _admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, ..) = about(&sessions, &api, &id).await?;
    let frame = Frame::of(&api, &sessions).await?;
    let (words, values) = (frame.words, [("name", (&person.display).into())]);
    let asked = Confirm {
        title: &words.with("enable-title", &values),
        effect: &html! { p { (words.with("enable-effect", &values)) } },
        action: &format!("/people/{}/enable", person.id),
        fields: &[],
        verb: &words.with("enable-verb", &values),
        back: &format!("/people/{}", person.id),
        emphasis: Emphasis::Secondary,
    };
    Ok(confirm(&frame, "/people", &asked).into())
}

pub(super) async fn disable(
    admitted: Admitted<WritePeople>,
    read: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    turn(&admitted, (&read, &sessions), &api, id, UserState::Disabled).await
}

pub(super) async fn enable(
    admitted: Admitted<WritePeople>,
    read: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    turn(&admitted, (&read, &sessions), &api, id, UserState::Active).await
}

async fn turn(
    admitted: &Admitted<WritePeople>,
    (read, sessions): (&Admitted<ReadPeople>, &Admitted<ReadSessions>),
    api: &Arc<Api>,
    id: String,
    state: UserState,
) -> Result<Shown, Failure> {
    let (person, ..) = about(sessions, api, &id).await?;
    let changed = set(admitted, api, &id, state).await?;
    let words = Frame::of(api, read).await?.words;
    let took = took(words, changed.applied_ms);
    let values = [("name", (&person.display).into()), ("cut", changed.cut.into()), ("took", (&took).into())];
    let done = match (state, changed.changed) {
        (UserState::Disabled, true) => words.with("disable-done", &values),
        (UserState::Active, true) => words.with("enable-done", &values),
        (UserState::Disabled, false) => words.with("disable-was", &values),
        (UserState::Active, false) => words.with("enable-was", &values),
    };
    Ok(person::page_of((read, Some(sessions), None), api, &id, Told::Done(done)).await?.into())
}

pub(super) async fn ask_invite(
    _admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, sign_ins, live) = about(&sessions, &api, &id).await?;
    let frame = Frame::of(&api, &sessions).await?;
    let words = frame.words;
    let values = [("name", (&person.display).into()), ("live", live.into()), ("count", sign_ins.into())];
    let effect = html! {
        p { (words.with("invite-effect", &values)) }
        p { (words.with("invite-ends", &values)) }
        p { (words.say("invite-care")) }
    };
    let asked = Confirm {
        title: &words.with("invite-again-title", &values),
        effect: &effect,
        action: &format!("/people/{}/invite", person.id),
        fields: &[],
        verb: &words.say("invite-verb"),
        back: &format!("/people/{}", person.id),
        emphasis: Emphasis::Secondary,
    };
    Ok(confirm(&frame, "/people", &asked).into())
}

pub(super) async fn ask_link(
    _admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, ..) = about(&sessions, &api, &id).await?;
    let frame = Frame::of(&api, &sessions).await?;
    let (words, values) = (frame.words, [("name", (&person.display).into())]);
    let effect = html! {
        p { (words.with("link-effect", &values)) }
        p { (words.say("link-touches-nothing")) }
    };
    let asked = Confirm {
        title: &words.with("link-ask-title", &values),
        effect: &effect,
        action: &format!("/people/{}/link", person.id),
        fields: &[],
        verb: &words.say("link-verb"),
        back: &format!("/people/{}", person.id),
        emphasis: Emphasis::Secondary,
    };
    Ok(confirm(&frame, "/people", &asked).into())
}

pub(super) async fn invite(
    admitted: Admitted<WritePeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, ..) = about(&sessions, &api, &id).await?;
    // Only who is called something can be invited: the link is for their sign-in.
    let login = person.login.ok_or(Error::NotFound { what: "user", name: id })?;
    let link = invited(&admitted, &api, login, Invited::default()).await?;
    let frame = Frame::of(&api, &admitted).await?;
    let title = frame.words.with("invite-title", &[("name", (&person.display).into())]);
    Ok(link_page(&frame, &title, &link).into())
}

pub(super) async fn link(
    admitted: Admitted<WritePeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, ..) = about(&sessions, &api, &id).await?;
    let link = linked(&admitted, &api, id).await?;
    let frame = Frame::of(&api, &admitted).await?;
    let title = frame.words.with("link-title", &[("name", (&person.display).into())]);
    Ok(link_page(&frame, &title, &link).into())
}

/// Shows a link, which is the only time that it is shown.
pub(super) fn link_page(frame: &Frame, title: &str, link: &Link) -> Rendered {
    let words = frame.words;
    let left = length(words, link.expires.since(Timestamp::min(frame.now, link.expires)));
    let until = html! { code { (link.expires) } };
    let content = html! {
        div .panel {
            p { (words.markup("link-hand-over", &[("left", (&left).into())], &[("until", until)])) }
            code .url { (link.url) }
            @if link.created { p .muted { (words.say("link-created")) } }
            p { a href="/people" { (words.say("people-back")) } }
        }
    };
    frame.page("/people", title, &content)
}
