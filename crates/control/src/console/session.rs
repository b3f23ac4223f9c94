//! One sign-in: whose, how it began, and what it has open at this moment.

use std::sync::Arc;

use axum::extract::{Path, State};
use bartizan_enforce::Open;
use bartizan_model::{Resource, SessionFacts, SessionId};
use bartizan_ui::{
    Align, Column, Emphasis, Icon, Rendered, Table, Words, icon, id_chip, link_button, person_chip,
};
use maud::{Markup, html};

use super::called::{Called, Named};
use super::decisions::chip_state;
use super::frame::{Frame, Shown};
use super::sessions::verb;
use super::words::{length, many, to_do, together, when};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadSessions};
use crate::error::Error;

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) facts: Arc<SessionFacts>,
    pub(super) person: Named,
    /// Whether it is the one that looks at the page.
    pub(super) own: bool,
    /// How much it has open at all points.
    pub(super) live: u64,
    /// What it has open at this one, the newest first.
    pub(super) open: Vec<Open>,
}

pub(super) async fn show(
    admitted: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Shown, Failure> {
    let now = admitted.asked().now;
    let id: Option<SessionId> = name.parse().ok();
    let world = api.hub.world();
    let facts = id.and_then(|id| world.session(id)).filter(|facts| facts.ends() > now).cloned();
    let gone = || Error::NotFound { what: "session", name: name.chars().take(64).collect() };
    // The keys of services are listed with their client.
    let facts = facts.ok_or_else(gone)?;
    let user = facts.user().ok_or_else(gone)?;
    let person = Called::new(&api).person(user).await?;
    // The request for this page is open, too, and over before anybody reads of it.
    let mut open = api.enforcer.open_under(facts.id);
    open.retain(|open| open.request != admitted.asked().request_id);
    let live = api.hub.live().get(&facts.id).copied().unwrap_or(0);
    let frame = Frame::of(&api, &admitted).await?;
    let own = admitted.asked().session == Some(facts.id);
    Ok(page(&View { frame, facts, person, own, live, open }).into())
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words, facts) = (&view.frame, view.frame.words, &view.facts);
    let methods: Vec<String> = facts.amr.iter().cloned().collect();
    // What a point said a second ago may have ended; what is open here is known.
    let live = view.live.max(many(view.open.len()));
    let end = verb(words, 1, live, None);
    let content = html! {
        div .row.apart {
            div .row {
                a href={ "/people/" (view.person.id) } {
                    (person_chip(&view.person.display, chip_state(view.person.state), words.language()))
                }
                @if view.own { span .badge { (icon(Icon::Person)) (words.say("sessions-you")) } }
            }
            (link_button(&end, &format!("/sessions/end?id={}", facts.id), Emphasis::Danger))
        }
        dl .facts {
            dt { (words.say("session-since")) } dd { (when(frame, facts.auth_time)) }
            dt { (words.say("session-seen")) } dd { (when(frame, facts.last_seen)) }
            dt { (words.say("session-by")) } dd { (together(words, &methods)) }
            dt { (words.say("session-until")) } dd { (length(words, facts.ends().since(frame.now))) }
            dt { (words.say("session-id")) } dd { (id_chip(&facts.id.to_string(), None, words.language())) }
        }
        section {
            h2 { (words.say("session-open")) }
            (open(view))
            @let elsewhere = view.live.saturating_sub(many(view.open.len()));
            @if elsewhere > 0 {
                p .muted { (words.with("session-open-elsewhere", &[("count", elsewhere.into())])) }
            }
        }
    };
    frame.page("/sessions", &words.with("session-of", &[("name", (&view.person.display).into())]), &content)
}

/// What is open: to what, since when, and how much went which way.
fn open(view: &View) -> Markup {
    let (frame, words) = (&view.frame, view.frame.words);
    let names = HEADS.map(|id| words.say(id));
    let align = [Align::Start, Align::Start, Align::End, Align::End, Align::Start];
    let columns: Vec<Column<'_>> =
        names.iter().zip(align).map(|(name, align)| Column { name, align }).collect();
    let rows = view.open.iter().take(MOST).map(|open| {
        let request = open.request.to_string();
        let about = to_do(words, open.action.as_str(), open.resource.name());
        vec![
            match &open.resource {
                Resource::App(app) => html! { a href={ "/apps/" (app) } { (about) } },
                Resource::Client(client) => html! { a href={ "/clients/" (client) } { (about) } },
                Resource::Admin(_) => html! { (about) },
            },
            when(frame, open.since),
            html! { (amount(words, open.received)) },
            html! { (amount(words, open.sent)) },
            id_chip(&request, Some(&format!("/decisions/{request}")), words.language()),
        ]
    });
    let empty = html! { p { (words.say("session-nothing-open")) } };
    Table { caption: &words.say("session-open"), columns: &columns, rows: rows.collect(), empty }.markup()
}

/// A number of bytes in its largest unit.
fn amount(words: Words, bytes: u64) -> String {
    let (id, tenths) = match bytes {
        0..1024 => return words.with("amount-bytes", &[("count", bytes.into())]),
        1024..1_048_576 => ("amount-kib", bytes.saturating_mul(10) >> 10),
        1_048_576..1_073_741_824 => ("amount-mib", bytes.saturating_mul(10) >> 20),
        _ => ("amount-gib", (bytes >> 10).saturating_mul(10) >> 20),
    };
    words.with(id, &[("whole", (tenths / 10).into()), ("tenths", (tenths % 10).into())])
}

const HEADS: [&str; 5] =
    ["session-open-what", "session-since", "session-received", "session-sent", "decisions-request"];

/// More than that nobody reads.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use bartizan_ui::Language;

    use super::*;
    use crate::console::texts::CATALOG;

    #[test]
    fn amounts_are_said_as_people_say_them() {
        let words = CATALOG.words(Language::English);
        for (bytes, said) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1,023 bytes"),
            (1536, "1.5 KiB"),
            (1_048_575, "1,023.9 KiB"),
            (3 << 30, "3.0 GiB"),
            (u64::MAX, "17,179,869,183.9 GiB"),
        ] {
            assert_eq!(amount(words, bytes), said);
        }
        assert_eq!(amount(CATALOG.words(Language::German), 1536), "1,5 KiB");
    }
}
