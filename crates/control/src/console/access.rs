//! Who can get in: people, the groups that they are in, the policies about those, and apps, as a map and as a table.

mod drawing;
mod shown;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_model::{AppName, DenyReason, Outcome, PolicyId, UserId};
use bartizan_policy::{About as Resources, Addressed, Head, Verdict};
use http::StatusCode;
use serde_json::json;

use self::drawing::Drawing;
use super::apps::all;
use super::frame::{Frame, Shown};
use super::groups::in_effect;
use super::list::{Asked, Format, Part, by_name, taken_along};
use super::people::{person as person_of, reading};
use super::words::many;
use super::{Fields, said};
use crate::access::Access;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, ReadPeople};
use crate::directory::ADMINS;
use crate::error::Error;
use crate::files::RESERVED;
use crate::register::{Entries, Entry, Known, Roll, Says};

/// What one person would get to see of one app.
#[derive(Debug)]
pub(super) struct Row {
    /// The person or the app, whichever the other is chosen.
    pub(super) entry: Arc<Entry>,
    pub(super) reason: Option<DenyReason>,
    pub(super) policies: Vec<PolicyId>,
}

impl Row {
    fn of(entry: &Arc<Entry>, verdict: &Verdict) -> Self {
        Self { entry: Arc::clone(entry), reason: verdict.reason(), policies: verdict.policies().to_vec() }
    }

    const fn outcome(&self) -> Outcome {
        match self.reason {
            None => Outcome::Permit,
            Some(_) => Outcome::Deny,
        }
    }

    fn code(&self) -> Option<&'static str> {
        self.reason.map(DenyReason::as_str)
    }
}

/// What the page is about.
#[derive(Debug)]
pub(super) enum About {
    /// All apps, of one person.
    Person { entry: Arc<Entry>, rows: Part<Row> },
    /// All people, of one app.
    App {
        app: String,
        rows: Part<Row>,
        /// Whether there were too many people to ask about each.
        only_page: bool,
    },
    /// One policy, or all of them: whom each is about, and which apps.
    Policies(Part<Line>),
}

/// A policy by its head.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) head: Head,
    /// How many people it can be about.
    pub(super) people: u64,
}

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) asked: Asked,
    /// What is wrong with a field, by its name.
    pub(super) problem: Option<(&'static str, String)>,
    pub(super) about: About,
    pub(super) drawing: Drawing,
}

/// Everything that a map is made of.
#[derive(Debug)]
struct Facts {
    access: Access,
    people: Entries,
    groups: Entries,
    apps: Entries,
    policies: Entries,
}

impl Facts {
    fn head(&self, id: &str) -> Option<&Head> {
        match &self.policies.get(id)?.says {
            Says::Policy(policy) => Some(policy.head()),
            Says::App(_) | Says::Client(_) | Says::Group(_) | Says::Person(_) | Says::Damaged(_) => None,
        }
    }

    /// How many people are in a group in effect; in that of administrators by what they are.
    fn people_in(&self, group: &str) -> u64 {
        let mut people = in_effect(&self.groups, group);
        if group == ADMINS {
            let admins =
                self.people.values().filter_map(|entry| person_of(entry)).filter(|person| person.admin);
            people.extend(admins.map(|person| person.id));
        }
        many(people.len())
    }

    /// The apps that people open, by name.
    fn opened(&self) -> Vec<(AppName, &Arc<Entry>)> {
        let own = |name: &str| RESERVED.contains(&name);
        let apps = self.apps.values().filter(|entry| !own(&entry.name));
        apps.filter_map(|entry| Some((entry.name.parse().ok()?, entry))).collect()
    }
}

pub(super) async fn show(
    objects: Admitted<ReadObjects>,
    people: Admitted<ReadPeople>,
    State(api): State<Arc<Api>>,
    Query(fields): Query<Fields>,
) -> Result<Response, Failure> {
    let (mut chosen, mut problem) = (None, None);
    let frame = Frame::of(&api, &people).await?;
    if let Some(name) = said(&fields, "person") {
        match api.person(name).await {
            Ok(id) => chosen = Some(id),
            Err(Error::NotFound { .. }) => {
                problem = Some(("person", frame.words.with("access-no-person", &[("name", name.into())])));
            }
            Err(other) => return Err(other.into()),
        }
    }
    let asked = Asked::new("/access", fields);
    let people = match api.register.of(Roll::People).await? {
        Known::All(people) => people,
        Known::Reading(read) => {
            let waits = reading(&frame, &asked, read);
            let page = frame.page("/access", &frame.words.say("place-access"), &waits);
            return Ok(Shown::from(page).status(StatusCode::SERVICE_UNAVAILABLE).into_response());
        }
    };
    let facts = Facts {
        access: Access::now(&api, objects.asked())?,
        people,
        groups: all(&api, Roll::Groups).await?,
        apps: all(&api, Roll::Apps).await?,
        policies: all(&api, Roll::Policies).await?,
    };
    if let Some(app) = asked.get("app")
        && !facts.apps.contains_key(app)
    {
        problem = Some(("app", frame.words.with("access-no-app", &[("name", app.into())])));
    }
    let wanted = asked.clone();
    // Each answer takes some microseconds, and there may be thousands: not where others wait for theirs.
    let made = tokio::task::spawn_blocking(move || {
        let about = about(&facts, &wanted, chosen);
        let drawing = Drawing::of(&facts, &about);
        (about, drawing)
    });
    let (about, drawing) =
        made.await.map_err(|error| Error::Invalid(format!("the map could not be made: {error}")))?;
    let view = View { frame, asked, problem, about, drawing };
    match (&view.about, view.asked.format()) {
        (_, Format::Page) => Ok(Shown::from(shown::page(&view)).into_response()),
        (About::Policies(lines), Format::Csv | Format::Json) => Ok(file_of_policies(&view, lines)),
        (About::App { rows, .. } | About::Person { rows, .. }, Format::Csv | Format::Json) => {
            Ok(file(&view, rows))
        }
    }
}

fn about(facts: &Facts, asked: &Asked, chosen: Option<UserId>) -> About {
    if let Some(id) = chosen
        && let Some(entry) = facts.people.get(id.to_string().as_str())
    {
        let apps = facts.opened();
        let verdicts = facts.access.verdicts(id, apps.iter().map(|(name, _)| name));
        let mut rows: Vec<Row> =
            apps.iter().zip(&verdicts).map(|((_, entry), verdict)| Row::of(entry, verdict)).collect();
        let words = asked.words();
        rows.retain(|row| row.entry.has(&words) && is_wanted(asked, row));
        // What opens stands first.
        rows.sort_by_key(|row| row.outcome() != Outcome::Permit);
        return About::Person { entry: Arc::clone(entry), rows: asked.part(rows) };
    }
    if let Some(app) = asked.get("app").filter(|app| facts.apps.contains_key(*app))
        && let Ok(name) = app.parse::<AppName>()
    {
        return of_app(facts, asked, &name);
    }
    About::Policies(of_policies(facts, asked))
}

fn of_app(facts: &Facts, asked: &Asked, app: &AppName) -> About {
    let words = asked.words();
    let mut people: Vec<&Arc<Entry>> = facts.people.values().filter(|entry| entry.has(&words)).collect();
    let judged = |entry: &Arc<Entry>| {
        let user = person_of(entry)?.id;
        facts.access.verdicts(user, [app]).first().map(|verdict| Row::of(entry, verdict))
    };
    let only_page = people.len() > MOST;
    let rows = if only_page {
        let part = asked.part_by(people, |one, other| by_name(one, other));
        Part { rows: part.rows.into_iter().filter_map(judged).collect(), from: part.from, total: part.total }
    } else {
        people.sort_by(|one, other| by_name(one, other));
        let rows = people.into_iter().filter_map(judged).filter(|row| is_wanted(asked, row));
        asked.part(rows.collect())
    };
    About::App { app: app.to_string(), rows, only_page }
}

/// Whether a row has the answer that is asked for.
fn is_wanted(asked: &Asked, row: &Row) -> bool {
    match asked.get("outcome") {
        Some("permit") => row.outcome() == Outcome::Permit,
        Some("deny") => row.outcome() != Outcome::Permit,
        Some(_) | None => true,
    }
}

fn of_policies(facts: &Facts, asked: &Asked) -> Part<Line> {
    let (words, one) = (asked.words(), asked.get("policy"));
    // What is about the administration, or about hosts of ours, leads to no app; unless it is asked about.
    let leads = |head: &Head| {
        let to_apps = match &head.about {
            Resources::Anything | Resources::Apps => true,
            Resources::App(app) => !RESERVED.contains(&app.as_str()),
            Resources::Clients | Resources::Client(_) | Resources::Administration => false,
        };
        (to_apps || one.is_some()) && is_of_people(&head.whom)
    };
    let wanted = |entry: &&Arc<Entry>| one.is_none_or(|one| *entry.name == *one) && entry.has(&words);
    let heads =
        facts.policies.values().filter(wanted).filter_map(|entry| Some((entry, facts.head(&entry.name)?)));
    let part = asked.part(heads.filter(|(_, head)| leads(head)).collect());
    // Large groups take a while to count, and policies are often about the same ones.
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    part.map(|(entry, head)| {
        let people = match &head.whom {
            Addressed::Anybody | Addressed::Everybody => many(facts.people.len()),
            Addressed::Group(group) => {
                *counted.entry(group.as_str()).or_insert_with(|| facts.people_in(group.as_str()))
            }
            Addressed::Person(_) => 1,
            Addressed::Strangers | Addressed::Services | Addressed::Service(_) => 0,
        };
        Line { id: entry.name.to_string(), head: head.clone(), people }
    })
}

/// Whether people can be among whom it is about.
const fn is_of_people(whom: &Addressed) -> bool {
    match whom {
        Addressed::Anybody | Addressed::Everybody | Addressed::Group(_) | Addressed::Person(_) => true,
        Addressed::Services | Addressed::Service(_) | Addressed::Strangers => false,
    }
}

fn file_of_policies(view: &View, lines: &Part<Line>) -> Response {
    let lines = lines.rows.iter().map(|line| {
        let (kind, name) = match &line.head.whom {
            Addressed::Anybody => ("anybody", None),
            Addressed::Everybody => ("everybody", None),
            Addressed::Strangers => ("strangers", None),
            Addressed::Services => ("services", None),
            Addressed::Service(client) => ("service", Some(client.to_string())),
            Addressed::Group(group) => ("group", Some(group.to_string())),
            Addressed::Person(user) => ("person", Some(user.to_string())),
        };
        let app = match &line.head.about {
            Resources::App(app) => Some(app.as_str()),
            Resources::Anything
            | Resources::Apps
            | Resources::Clients
            | Resources::Client(_)
            | Resources::Administration => None,
        };
        let effect = if line.head.forbids { "forbid" } else { "permit" };
        vec![json!(line.id), json!(effect), json!(kind), json!(name), json!(line.people), json!(app)]
    });
    taken_along(&view.asked, &["policy", "effect", "whom", "name", "people", "app"], lines.collect())
}

fn file(view: &View, rows: &Part<Row>) -> Response {
    let lines = rows.rows.iter().map(|row| {
        let (person, app) = match &view.about {
            About::Person { entry, .. } => (entry, &*row.entry.name),
            About::App { app, .. } => (&row.entry, app.as_str()),
            About::Policies(_) => (&row.entry, ""),
        };
        let known = person_of(person).and_then(|person| person.attributes.as_ref());
        vec![
            json!(app),
            json!(person.name),
            json!(known.map(|known| &known.login)),
            json!(known.map(|known| &known.display)),
            json!(row.outcome()),
            json!(row.code()),
            json!(row.policies),
        ]
    });
    let names = ["app", "id", "login", "display", "outcome", "reason", "policies"];
    taken_along(&view.asked, &names, lines.collect())
}

/// The page of this on an empty map.
#[cfg(test)]
pub(super) fn page_of(frame: Frame, asked: Asked, about: About) -> bartizan_ui::Rendered {
    let problem = Some(("person", String::from("<b>")));
    let drawing = Drawing::for_test();
    shown::page(&View { frame, asked, problem, about, drawing })
}

/// 5,000 people are each asked about; of more than those, only the ones on a page.
const MOST: usize = 5_000;
