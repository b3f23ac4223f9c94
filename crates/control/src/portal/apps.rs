//! The apps that open to a person.

use std::sync::Arc;

use axum::extract::{Query, State};
use bartizan_model::{Action, AppFacts, DenyReason, HttpFacts, Resource};
use bartizan_ui::{
    Emphasis, Field, HomePlace, Icon, PersonState, Rendered, button, filter, icon, isolated, link_button,
    person_chip,
};
use maud::{Markup, html};

use super::{Portal, Visitor, document};
use crate::api::Failure;
use crate::console::frame::Shown;
use crate::console::{Fields, said};
use crate::files::RESERVED;

/// An app that opens, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) name: String,
    pub(super) host: String,
    pub(super) url: String,
    /// Whether it asks for a newer or a stronger sign-in first.
    pub(super) asks_again: bool,
}

#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) visitor: &'a Visitor,
    pub(super) name: String,
    pub(super) login: String,
    pub(super) sought: &'a str,
    /// Those that are like what is sought, by name.
    pub(super) apps: Vec<Open>,
    /// How many there are, sought or not.
    pub(super) all: usize,
    /// Where the deployment is administered, if the person may.
    pub(super) console: Option<Open>,
}

pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Query(asked): Query<Fields>,
) -> Result<Shown, Failure> {
    let attributes = portal.people.get(visitor.user).await?.and_then(|person| person.attributes);
    let (name, login) = attributes.map(|known| (known.display, known.login)).unwrap_or_default();
    let sought = said(&asked, "q").unwrap_or_default();
    let mut apps = open_to(&portal, &visitor);
    let console = apps.iter().position(|app| app.name == CONSOLE).map(|at| apps.remove(at));
    apps.retain(|app| !RESERVED.contains(&app.name.as_str()));
    let all = apps.len();
    let words: Vec<String> = sought.split_whitespace().map(str::to_lowercase).collect();
    apps.retain(|app| words.iter().all(|word| app.name.contains(word) || app.host.contains(word)));
    let view = View { visitor: &visitor, name, login, sought, apps, all, console };
    Ok(page(&portal.auth_origin, &view).into())
}

/// The apps that whoever calls may open now, or after a better sign-in: by the engine that decides when they do.
fn open_to(portal: &Portal, visitor: &Visitor) -> Vec<Open> {
    let enforcer = &portal.enforcer;
    let world = enforcer.world().unwrap_or_default();
    let may = |app: &Arc<AppFacts>| {
        let resource = Resource::App(app.name.clone());
        let (clock, entropy) = (enforcer.clock().as_ref(), enforcer.entropy().as_ref());
        let mut asked = visitor.caller.asks(resource, Action::HttpRead, clock, entropy);
        let (method, host, path) = (String::from("GET"), app.host.clone(), String::from("/"));
        asked.http = Some(Arc::new(HttpFacts { method, host, path }));
        let asks_again = match enforcer.would(&asked)?.reason() {
            None => false,
            Some(DenyReason::StepUpRequired) => true,
            Some(_) => return None,
        };
        let url = format!("{}/", portal.ports.origin_of(&app.host));
        Some(Open { name: app.name.to_string(), host: app.host.clone(), url, asks_again })
    };
    let mut apps: Vec<Open> = world.apps().filter_map(may).collect();
    apps.sort_by(|one, other| one.name.cmp(&other.name));
    apps
}

pub(super) fn page(auth: &str, view: &View<'_>) -> Rendered {
    let words = view.visitor.words;
    let sign_out = format!("{auth}/sign-out");
    let content = html! {
        h1 { (words.say("portal-apps")) }
        div .row.apart {
            div .row {
                (person_chip(&view.name, PersonState::Active, words.language()))
                span .muted { (isolated(&view.login)) }
            }
            (link_button(&words.say("portal-sign-out"), &sign_out, Emphasis::Secondary))
        }
        @if view.all > MANY { (search(view)) }
        @if view.all == 0 {
            p .muted { (words.say("portal-no-apps")) }
        } @else if view.apps.is_empty() {
            p .muted { (words.say("portal-none-like")) }
        } @else {
            ul .apps { @for app in view.apps.iter().take(MOST) { (card(view, &app.name, app)) } }
        }
        @if view.apps.len() > MOST { p .small.muted { (words.say("portal-more")) } }
        @if let Some(console) = &view.console {
            section {
                h2 { (words.say("portal-administration")) }
                ul .apps { (card(view, &words.say("failure-console"), console)) }
            }
        }
    };
    let title = words.say("portal-apps");
    document(auth, words, HomePlace::Apps, &title, &content).posts([]).render()
}

fn search(view: &View<'_>) -> Markup {
    let words = view.visitor.words;
    let fields = html! {
        (Field::text("q", &words.say("portal-find")).value(view.sought).optional())
        div .go { (button(&words.say("list-search"), Emphasis::Secondary)) }
    };
    filter("/", &fields)
}

fn card(view: &View<'_>, name: &str, app: &Open) -> Markup {
    let letter: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    html! {
        li {
            a href=(app.url) {
                span .initials aria-hidden="true" { (letter) }
                span {
                    strong { (isolated(name)) }
                    span .small.muted { (isolated(&app.host)) }
                    @if app.asks_again {
                        span .small.step { (icon(Icon::StepUp)) " " (view.visitor.words.say("portal-asks-again")) }
                    }
                }
            }
        }
    }
}

/// More apps than that nobody looks through without a search.
const MANY: usize = 12;

/// More are not listed.
const MOST: usize = 500;

const CONSOLE: &str = "console";
