//! The people: who they are, who may act, and making somebody new.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_identity::Person;
use bartizan_model::{SessionId, UserId, UserState};
use bartizan_policy::World;
use bartizan_ui::{
    Align, Direction, Emphasis, Field, Icon, Rendered, button, form, icon, person_chip, select,
};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::account::link_page;
use super::decisions::chip_state;
use super::failure::explained;
use super::frame::{Frame, Shown};
use super::list::{Asked, Format, Head, List, Part, by_name, taken_along};
use super::views::Views;
use super::words::when;
use super::{Fields, said};
use crate::api::links::{Invited, invited};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadPeople, ReadSessions, WritePeople};
use crate::error::Error;
use crate::register::{Entries, Entry, Known, Roll, Says};

/// Somebody, and what they have open.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) entry: Arc<Entry>,
    pub(super) sign_ins: u64,
    pub(super) live: u64,
}

impl Row {
    fn person(&self) -> Option<&Person> {
        person(&self.entry)
    }
}

/// The person of an entry, if it can be read.
pub(super) fn person(entry: &Entry) -> Option<&Person> {
    match &entry.says {
        Says::Person(person) => Some(person),
        Says::App(_) | Says::Client(_) | Says::Group(_) | Says::Policy(_) | Says::Damaged(_) => None,
    }
}

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) asked: Asked,
    /// Who is shown; if not all have been read yet, how many have.
    pub(super) people: Result<Part<Row>, usize>,
    /// What is wrong with the invitation, and what was typed.
    pub(super) problem: Option<String>,
    pub(super) typed: Fields,
}

const HEADS: &[Head] = &[
    Head { text: "people-person", align: Align::Start, sorts: Some("name") },
    Head { text: "people-login", align: Align::Start, sorts: Some("login") },
    Head { text: "people-role", align: Align::Start, sorts: None },
    Head { text: "people-sign-ins", align: Align::End, sorts: Some("sign_ins") },
    Head { text: "people-live", align: Align::End, sorts: Some("live") },
    Head { text: "list-changed", align: Align::Start, sorts: Some("changed") },
];

pub(super) async fn show(
    admitted: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    views: Views,
    State(api): State<Arc<Api>>,
    Query(fields): Query<Fields>,
) -> Result<Response, Failure> {
    let mut view = view(&admitted, &sessions, &api, Asked::new("/people", fields)).await?;
    view.frame.views = views;
    match (view.asked.format(), &view.people) {
        (Format::Page, _) | (_, Err(_)) => Ok(Shown::from(page(&view)).into_response()),
        (Format::Csv | Format::Json, Ok(part)) => Ok(file(&view.asked, part)),
    }
}

async fn view(
    admitted: &Admitted<ReadPeople>,
    _sessions: &Admitted<ReadSessions>,
    api: &Arc<Api>,
    asked: Asked,
) -> Result<View, Failure> {
    let people = match api.register.of(Roll::People).await? {
        Known::Reading(read) => Err(read),
        Known::All(entries) => {
            let (asked, world, live) = (asked.clone(), api.hub.world(), api.hub.live());
            // Of 100,000 people this takes a while: not where others wait for their answers.
            let chosen = tokio::task::spawn_blocking(move || chosen(&asked, &entries, &world, &live)).await;
            Ok(chosen.map_err(|error| Error::Invalid(format!("the list could not be made: {error}")))?)
        }
    };
    let frame = Frame::of(api, admitted).await?;
    Ok(View { frame, asked, people, problem: None, typed: Fields::new() })
}

/// Who is asked for, and what they have open.
fn chosen(asked: &Asked, entries: &Entries, world: &World, live: &BTreeMap<SessionId, u64>) -> Part<Row> {
    let mut open: BTreeMap<UserId, (u64, u64)> = BTreeMap::new();
    for session in world.sessions() {
        let Some(user) = session.user() else { continue };
        let (sign_ins, streams) = open.entry(user).or_default();
        *sign_ins += 1;
        *streams += live.get(&session.id).copied().unwrap_or(0);
    }
    let words = asked.words();
    let rows: Vec<Row> = entries
        .values()
        .filter(|entry| entry.has(&words) && is_wanted(asked, entry))
        .map(|entry| {
            let known = person(entry).and_then(|person| open.get(&person.id).copied());
            let (sign_ins, live) = known.unwrap_or_default();
            Row { entry: Arc::clone(entry), sign_ins, live }
        })
        .collect();
    let order = asked.order(HEADS);
    asked.part_by(rows, |one, other| compare(order, one, other))
}

fn is_wanted(asked: &Asked, entry: &Entry) -> bool {
    let Some(person) = person(entry) else { return asked.get("state").or(asked.get("role")).is_none() };
    let of_state = match asked.get("state") {
        Some("active") => person.state == UserState::Active,
        Some("disabled") => person.state == UserState::Disabled,
        Some(_) | None => true,
    };
    let of_role = match asked.get("role") {
        Some("admin") => person.admin,
        Some(_) | None => true,
    };
    of_state && of_role
}

/// In which order two people stand; none are equal.
fn compare((by, direction): (&str, Direction), one: &Row, other: &Row) -> Ordering {
    let first = match by {
        "login" => login(one).cmp(&login(other)),
        "sign_ins" => one.sign_ins.cmp(&other.sign_ins),
        "live" => one.live.cmp(&other.live),
        "changed" => one.entry.revision.cmp(&other.entry.revision),
        _ => one.entry.label.cmp(&other.entry.label),
    };
    let first = if direction == Direction::Down { first.reverse() } else { first };
    // What is equal stands by name.
    first.then_with(|| by_name(&one.entry, &other.entry))
}

fn login(row: &Row) -> Option<&str> {
    row.person()?.attributes.as_ref().map(|known| known.login.as_str())
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words, asked) = (&view.frame, view.frame.words, &view.asked);
    let typed = |name: &str| said(&view.typed, name).unwrap_or_default();
    let (login, display, mail) =
        (words.say("people-login"), words.say("people-full-name"), words.say("people-mail"));
    let hint = words.say("people-login-hint");
    let invitation = html! {
        (Field::text("login", &login).value(typed("login")).hint(&hint).problem(view.problem.as_deref()))
        (Field::text("display", &display).value(typed("display")).optional())
        (Field::text("mail", &mail).value(typed("mail")).optional())
        (button(&words.say("invite-verb"), Emphasis::Secondary))
    };
    let any = words.say("list-any");
    let (active, disabled, admin) =
        (words.say("people-active"), words.say("people-disabled"), words.say("people-admin"));
    let (state, role) = (words.say("people-state"), words.say("people-role"));
    let fields = html! {
        (select("state", &state, &[("", &any), ("active", &active), ("disabled", &disabled)], asked.get("state").unwrap_or_default()))
        (select("role", &role, &[("", &any), ("admin", &admin)], asked.get("role").unwrap_or_default()))
    };
    let content = html! {
        @match &view.people {
            Ok(part) => {
                @let part = Part { rows: part.rows.iter().map(|row| cells(frame, row)).collect(), from: part.from, total: part.total };
                @let empty = html! { p { (words.say("people-none")) } p { code { "bartizan user invite NAME" } } };
                (List { asked, caption: &words.say("place-people"), heads: HEADS, part, fields, empty }.markup(frame))
            }
            Err(read) => (reading(frame, asked, *read)),
        }
        section .panel .narrow {
            h2 { (words.say("invite-new")) }
            (form("/people/invite", &frame.csrf, &invitation))
        }
    };
    frame.page("/people", &words.say("place-people"), &content)
}

/// What stands in the place of a list that is being read.
pub(super) fn reading(frame: &Frame, asked: &Asked, read: usize) -> Markup {
    let read = super::words::many(read);
    let text = frame.words.with("list-reading", &[("count", read.into())]);
    html! {
        div .empty {
            p role="status" { (text) }
            p { a href=(asked.url(&[])) { (frame.words.say("list-again")) } }
        }
    }
}

fn cells(frame: &Frame, row: &Row) -> Vec<Markup> {
    let (words, entry) = (frame.words, &row.entry);
    let Some(person) = row.person() else {
        let why = match &entry.says {
            Says::Damaged(why) => why.as_str(),
            Says::App(_) | Says::Client(_) | Says::Group(_) | Says::Policy(_) | Says::Person(_) => "",
        };
        let name = html! { code { (entry.name) } };
        return vec![
            name,
            html! { (why) },
            html! {},
            html! {},
            html! {},
            html! { (when(frame, entry.time)) },
        ];
    };
    let known = person.attributes.as_ref();
    let name = known.map_or(&*entry.name, |known| known.display.as_str());
    vec![
        html! { a .plain href={ "/people/" (entry.name) } { (person_chip(name, chip_state(person.state), words.language())) } },
        html! {
            @match known {
                Some(known) => { code { (known.login) } @if let Some(mail) = &known.mail { " " span .muted { (mail) } } }
                None => span .muted { (words.say("people-erased")) }
            }
        },
        html! { @if person.admin { span .badge { (icon(Icon::Key)) (words.say("people-admin")) } } },
        html! { (row.sign_ins) },
        html! { (row.live) },
        html! { (when(frame, entry.time)) },
    ]
}

fn file(asked: &Asked, part: &Part<Row>) -> Response {
    let rows = part.rows.iter().map(|row| {
        let known = row.person().and_then(|person| person.attributes.as_ref());
        vec![
            json!(row.entry.name),
            json!(known.map(|known| &known.login)),
            json!(known.map(|known| &known.display)),
            json!(known.and_then(|known| known.mail.as_ref())),
            row.person().map_or(Value::Null, |person| json!(person.state)),
            json!(row.person().is_some_and(|person| person.admin)),
            json!(row.sign_ins),
            json!(row.live),
            json!(row.entry.time),
            json!(row.entry.revision),
        ]
    });
    let names = [
        "id",
        "login",
        "display",
        "mail",
        "state",
        "admin",
        "sign_ins",
        "live_grants",
        "changed",
        "revision",
    ];
    taken_along(asked, &names, rows.collect())
}

/// Makes somebody new, and a link with which they set their account up.
pub(super) async fn invite_new(
    admitted: Admitted<WritePeople>,
    read: Admitted<ReadPeople>,
    sessions: Admitted<ReadSessions>,
    State(api): State<Arc<Api>>,
    Form(typed): Form<Fields>,
) -> Result<Shown, Failure> {
    let words = Frame::of(&api, &read).await?.words;
    let problem = match said(&typed, "login") {
        None => Some(words.say("invite-no-login")),
        Some(login) => {
            let taken = |_| words.with("invite-taken", &[("login", login.into())]);
            api.people.find(login).await?.map(taken)
        }
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
                    let title = words.with("invite-title", &[("name", (&display.unwrap_or(login)).into())]);
                    return Ok(link_page(&frame, &title, &link).into());
                }
                Err(Failure::Failed(error)) if crate::api::failure::kind_of(&error).0 < 500 => {
                    explained(words, &error).1
                }
                Err(other) => return Err(other),
            }
        }
    };
    let mut view = view(&read, &sessions, &api, Asked::new("/people", Fields::new())).await?;
    view.problem = Some(refused);
    view.typed = typed;
    Ok(Shown::from(page(&view)).status(http::StatusCode::UNPROCESSABLE_ENTITY))
}
