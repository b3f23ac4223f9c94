//! The people: who may act, who may not, and links for those who are to come.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use bartizan_model::{Timestamp, UserId, UserState};
use bartizan_ui::{
    Align, Column, Emphasis, Field, Icon, Rendered, Table, Tone, button, form, icon, link_button, notice,
    person_chip,
};
use maud::{Markup, html};

use super::called::{Called, Named};
use super::decisions::chip_state;
use super::failure::sentence;
use super::frame::{Frame, Shown};
use super::words::{count, length, many, took};
use super::{Fields, said};
use crate::api::links::{Invited, Link, invited, linked};
use crate::api::people::{Page, Shown as Person, listed, set};
use crate::api::{Api, Failure, sessions};
use crate::call::{Admitted, ReadPeople, ReadSessions, WritePeople};
use crate::error::Error;

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) done: Option<String>,
    pub(super) people: Vec<Person>,
    /// Sign-ins and live streams, by id.
    pub(super) open: std::collections::BTreeMap<String, (u64, u64)>,
    /// What is wrong with the invitation, and what was typed.
    pub(super) problem: Option<String>,
    pub(super) typed: Fields,
}

pub(super) async fn show(
    admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
) -> Result<Shown, Failure> {
    Ok(page(&view(&admitted, &sessions, &api).await?).into())
}

async fn view(
    admitted: &Admitted<ReadPeople>,
    sessions: &Admitted<ReadSessions>,
    api: &Api,
) -> Result<View, Failure> {
    let mut people = listed(admitted, api, Page { after: None, limit: Some(MOST) }).await?;
    people.sort_by(|one, other| one.display.cmp(&other.display));
    let mut open = std::collections::BTreeMap::new();
    for session in sessions::listed(sessions, api, None).await? {
        let (sign_ins, live) = open.entry(session.user_id.to_string()).or_insert((0_u64, 0_u64));
        *sign_ins += 1;
        *live += session.live_grants;
    }
    let frame = Frame::of(api, admitted).await?;
    Ok(View { frame, done: None, people, open, problem: None, typed: Fields::new() })
}

pub(super) fn page(view: &View) -> Rendered {
    let rows = view.people.iter().map(|person| {
        let (sign_ins, live) = view.open.get(&person.id).copied().unwrap_or((0, 0));
        let name = person.display.as_deref().unwrap_or(&person.id);
        let to = |verb: &str| format!("/people/{}/{verb}", person.id);
        vec![
            person_chip(name, chip_state(person.state)),
            html! {
                @match &person.name { Some(login) => code { (login) }, None => span .muted { "erased" } }
                @if let Some(mail) = &person.mail { " " span .muted { (mail) } }
            },
            html! { @if person.admin { span .badge { (icon(Icon::Key)) "Administrator" } } },
            html! { (sign_ins) },
            html! { (live) },
            html! {
                @if person.name.is_some() {
                    div .row {
                        @match person.state {
                            UserState::Active => (link_button("Disable", &to("disable"), Emphasis::Secondary)),
                            UserState::Disabled => (link_button("Enable", &to("enable"), Emphasis::Secondary)),
                        }
                        (link_button("Sign-in link", &to("link"), Emphasis::Secondary))
                        (link_button("Invite again", &to("invite"), Emphasis::Secondary))
                    }
                }
            },
        ]
    });
    let columns = [
        Column { name: "Person", align: Align::Start },
        Column { name: "Signs in as", align: Align::Start },
        Column { name: "Role", align: Align::Start },
        Column { name: "Sign-ins", align: Align::End },
        Column { name: "Live streams", align: Align::End },
        Column { name: "Change", align: Align::Start },
    ];
    let empty = html! {
        p { "Nobody is here yet. Invite the first person below, or " code { "bartizan user invite NAME" } }
    };
    let table = Table { caption: "People", columns: &columns, rows: rows.collect(), empty };
    let typed = |name: &str| said(&view.typed, name).unwrap_or_default();
    let fields = html! {
        (Field::text("login", "Signs in as").value(typed("login")).hint("Small letters and digits, such as their mail name.").problem(view.problem.as_deref()))
        (Field::text("display", "Full name").value(typed("display")).optional())
        (Field::text("mail", "Mail").value(typed("mail")).optional())
        (button("Make an invitation", Emphasis::Secondary))
    };
    let content = html! {
        @if let Some(done) = &view.done { (notice(Tone::Done, &html! { (done) })) }
        (table.markup())
        @if view.people.len() >= usize::try_from(MOST).unwrap_or(usize::MAX) {
            p .muted { "These are the first " (MOST) ". Find others with " code { "bartizan get user NAME" } }
        }
        section .panel .narrow {
            h2 { "Invite somebody new" }
            (form("/people/invite", &view.frame.csrf, &fields))
        }
    };
    view.frame.page("/people", "People", &content)
}

/// A change that is asked about before it is made.
#[derive(Debug)]
pub(super) struct Confirm<'a> {
    pub(super) title: &'a str,
    /// What would happen.
    pub(super) effect: &'a Markup,
    pub(super) action: &'a str,
    pub(super) fields: &'a [(&'a str, &'a str)],
    pub(super) verb: &'a str,
    /// Where nothing happens.
    pub(super) back: &'a str,
    pub(super) emphasis: Emphasis,
}

/// Shows the effect of a change, and has one button that makes it.
pub(super) fn confirm(frame: &Frame, here: &str, asked: &Confirm<'_>) -> Rendered {
    let fields = html! {
        @for (name, value) in asked.fields.iter().filter(|(_, value)| !value.is_empty()) {
            input type="hidden" name=(name) value=(value);
        }
        div .row {
            (button(asked.verb, asked.emphasis))
            a href=(asked.back) { "Leave it as it is" }
        }
    };
    let content = html! {
        div .panel { (asked.effect) (form(asked.action, &frame.csrf, &fields)) }
    };
    frame.page(here, asked.title, &content)
}

/// The person whom an address is about, and what they have open.
async fn about(sessions: &Admitted<ReadSessions>, api: &Api, id: &str) -> Result<(Named, u64, u64), Failure> {
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
    admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, sign_ins, live) = about(&sessions, &api, &id).await?;
    let frame = Frame::of(&api, &admitted).await?;
    Ok(disable_page(&frame, &person, sign_ins, live).into())
}

pub(super) fn disable_page(frame: &Frame, person: &Named, sign_ins: u64, live: u64) -> Rendered {
    let name = &person.display;
    let effect = html! {
        ul .ways {
            li {
                @if live == 0 { "Nothing that " (name) " has open would be cut: nothing is open. " }
                @else { strong { (count(live, "live stream")) } " of " (name) " would be cut at once: requests, streams and downloads stop before their end. " }
            }
            li { (count(sign_ins, "sign-in")) " would be of no use any more, and so would their tokens." }
            li { "Nothing is deleted: enabling the account gives everything back but what was cut." }
        }
    };
    let verb = match live {
        0 => format!("Disable {name}"),
        live => format!("Disable {name} and cut {}", count(live, "live stream")),
    };
    confirm(
        frame,
        "/people",
        &Confirm {
            title: &format!("Disable {name}?"),
            effect: &effect,
            action: &format!("/people/{}/disable", person.id),
            fields: &[],
            verb: &verb,
            back: "/people",
            emphasis: Emphasis::Danger,
        },
    )
}

pub(super) async fn ask_enable(
    admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, ..) = about(&sessions, &api, &id).await?;
    let frame = Frame::of(&api, &admitted).await?;
    let name = &person.display;
    let asked = Confirm {
        title: &format!("Enable {name}?"),
        effect: &html! { p { (name) " may do again whatever the policies permit, with the factors and groups that they had." } },
        action: &format!("/people/{}/enable", person.id),
        fields: &[],
        verb: &format!("Enable {name}"),
        back: "/people",
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
    turn(&admitted, (&read, &sessions), &api, &id, UserState::Disabled).await
}

pub(super) async fn enable(
    admitted: Admitted<WritePeople>,
    read: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    turn(&admitted, (&read, &sessions), &api, &id, UserState::Active).await
}

async fn turn(
    admitted: &Admitted<WritePeople>,
    (read, sessions): (&Admitted<ReadPeople>, &Admitted<ReadSessions>),
    api: &Api,
    id: &str,
    state: UserState,
) -> Result<Shown, Failure> {
    let (person, ..) = about(sessions, api, id).await?;
    let changed = set(admitted, api, id, state).await?;
    let name = &person.display;
    let mut view = view(read, sessions, api).await?;
    view.done = Some(match (state, changed.changed) {
        (UserState::Disabled, true) => format!(
            "{name} is disabled; {} cut in {}.",
            count(changed.cut, "live stream"),
            took(changed.applied_ms)
        ),
        (UserState::Active, true) => format!("{name} may act again."),
        (UserState::Disabled, false) => format!("{name} was disabled already."),
        (UserState::Active, false) => format!("{name} was not disabled."),
    });
    Ok(page(&view).into())
}

pub(super) async fn ask_invite(
    admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, sign_ins, live) = about(&sessions, &api, &id).await?;
    let frame = Frame::of(&api, &admitted).await?;
    let name = &person.display;
    let effect = html! {
        p { "Makes a link that works once. With it " (name) " sets a new password and a new authenticator: for who has lost theirs." }
        p {
            "Once it is used, it takes the place of whatever factors they have, and ends their sign-ins (now "
            (count(sign_ins, "sign-in")) ", " (count(live, "live stream")) "). Until then nothing changes."
        }
        p { "Whoever has the link can take the account: hand it over where you know who listens." }
    };
    let asked = Confirm {
        title: &format!("Invite {name} again?"),
        effect: &effect,
        action: &format!("/people/{}/invite", person.id),
        fields: &[],
        verb: "Make an invitation",
        back: "/people",
        emphasis: Emphasis::Secondary,
    };
    Ok(confirm(&frame, "/people", &asked).into())
}

pub(super) async fn ask_link(
    admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (person, ..) = about(&sessions, &api, &id).await?;
    let frame = Frame::of(&api, &admitted).await?;
    let name = &person.display;
    let effect = html! {
        p { "Makes a link that works once and stands for the password of " (name) ". Their second factor is still asked for." }
        p { "Nothing that they have open is touched." }
    };
    let asked = Confirm {
        title: &format!("A sign-in link for {name}?"),
        effect: &effect,
        action: &format!("/people/{}/link", person.id),
        fields: &[],
        verb: "Make a sign-in link",
        back: "/people",
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
    Ok(link_page(&frame, &format!("An invitation for {}", person.display), &link).into())
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
    Ok(link_page(&frame, &format!("A sign-in link for {}", person.display), &link).into())
}

/// Makes somebody new, and a link with which they set their account up.
pub(super) async fn invite_new(
    admitted: Admitted<WritePeople>,
    read: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Form(typed): Form<Fields>,
) -> Result<Shown, Failure> {
    let problem = match said(&typed, "login") {
        None => Some(String::from("Enter what they will sign in with.")),
        Some(login) => api.people.find(login).await?.map(|_| {
            format!("There is somebody called {login} already. Invite them again from their row, if that is meant.")
        }),
    };
    let refused = match problem {
        Some(problem) => problem,
        None => {
            let login = said(&typed, "login").unwrap_or_default().to_owned();
            let of = |name| said(&typed, name).map(str::to_owned);
            let display = of("display");
            let asked = Invited { display: display.clone(), mail: of("mail"), admin: false };
            match invited(&admitted, &api, login.clone(), asked).await {
                Ok(link) => {
                    let frame = Frame::of(&api, &admitted).await?;
                    let title = format!("An invitation for {}", display.unwrap_or(login));
                    return Ok(link_page(&frame, &title, &link).into());
                }
                Err(Failure::Failed(error)) if crate::api::failure::kind_of(&error).0 < 500 => {
                    sentence(&error.to_string())
                }
                Err(other) => return Err(other),
            }
        }
    };
    let mut view = view(&read, &sessions, &api).await?;
    view.problem = Some(refused);
    view.typed = typed;
    Ok(Shown::from(page(&view)).status(http::StatusCode::UNPROCESSABLE_ENTITY))
}

/// Shows a link, which is the only time that it is shown.
pub(super) fn link_page(frame: &Frame, title: &str, link: &Link) -> Rendered {
    let left = link.expires.since(Timestamp::min(frame.now, link.expires));
    let content = html! {
        div .panel {
            p { "Hand this link over. It works once, until " code { (link.expires) } " (" (length(left)) " from now), and is not shown again." }
            code .url { (link.url) }
            @if link.created { p .muted { "The account is there now, in no group but what you add it to." } }
            p { a href="/people" { "Back to the people" } }
        }
    };
    frame.page("/people", title, &content)
}

/// How many people one page shows.
const MOST: u32 = 1000;
