//! The page: what is asked, the map, and the table that says the same.

use bartizan_model::{Outcome, UserState};
use bartizan_policy::{About as Resources, Addressed};
use bartizan_ui::{
    Align, Emphasis, Field, Icon, Line as Edge, Node, Nodes, Rendered, button, filter, icon, map,
    person_chip, select,
};
use maud::{Markup, html};

use super::drawing::Place;
use super::{About, Line, Row, View, person_of};
use crate::console::decisions::chip_state;
use crate::console::frame::Frame;
use crate::console::groups::address;
use crate::console::list::{Head as Heading, List, Part};
use crate::console::words::{badge, reason};
use crate::register::Entry;

const fn head(text: &'static str) -> Heading {
    Heading { text, align: Align::Start, sorts: None }
}

const OF_APP: &[Heading] = &[head("people-person"), head("access-answer"), head("access-because")];

const OF_PERSON: &[Heading] = &[head("app"), head("access-answer"), head("access-because")];

const OF_POLICIES: &[Heading] =
    &[head("policy"), head("policy-effect"), head("access-whom"), head("access-about")];

pub(in crate::console) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let content = html! {
        (asked(view))
        @match &view.about {
            About::Person { entry, .. } => p .lead { (words.markup("access-of-person", &[], &[("name", name(frame, entry))])) },
            About::App { app, .. } => p .lead { (words.markup("access-of-app", &[], &[("app", html! { a href={ "/apps/" (app) } { (app) } })])) },
            About::Policies(_) => p .lead { (words.say("access-of-all")) }
        }
        (drawn(view))
        (table(view))
        @if !matches!(view.about, About::Policies(_)) { p .muted { (words.say("access-supposed")) } }
    };
    frame.page("/access", &words.say("place-access"), &content)
}

/// Whom or what the map is to be about.
fn asked(view: &View) -> Markup {
    let words = view.frame.words;
    let problem =
        |name| view.problem.as_ref().filter(|(field, _)| *field == name).map(|(_, problem)| problem.as_str());
    let said = |name| view.asked.get(name).unwrap_or_default();
    let (person, app) = (words.say("access-person"), words.say("access-app"));
    // Whoever was chosen by their id is called by their name.
    let who = match &view.about {
        About::Person { entry, .. } => person_of(entry).and_then(|person| person.attributes.as_ref()),
        About::App { .. } | About::Policies(_) => None,
    };
    let who = who.map_or_else(|| said("person"), |known| known.login.as_str());
    let fields = html! {
        (Field::text("person", &person).value(who).problem(problem("person")))
        (Field::text("app", &app).value(said("app")).problem(problem("app")))
        div .go {
            (button(&words.say("list-show"), Emphasis::Primary))
            @if ["person", "app", "policy"].iter().any(|name| !said(name).is_empty()) {
                a href="/access" { (words.say("access-whole")) }
            }
        }
    };
    filter("/access", &fields)
}

fn drawn(view: &View) -> Markup {
    let words = view.frame.words;
    let titles = ["place-people", "access-whom", "place-policies", "place-apps"].map(|id| words.say(id));
    let more = words.say("access-more");
    let drawing = &view.drawing;
    let columns: Vec<Nodes<'_>> = titles
        .iter()
        .zip(&drawing.columns)
        .zip(drawing.left_out)
        .map(|((title, places), left_out)| Nodes {
            title,
            nodes: places.iter().map(|place| node(view, place)).collect(),
            more: left_out.then(|| more.clone()),
        })
        .collect();
    let lines: Vec<Vec<Edge>> = drawing.lines.iter().map(|lines| lines.iter().copied().collect()).collect();
    map(&words.say("place-access"), &columns, &lines)
}

fn node(view: &View, place: &Place) -> Node {
    let words = view.frame.words;
    let (content, chosen) = match place {
        Place::Person { id, name } => {
            let here = matches!(&view.about, About::Person { entry, .. } if *entry.name == **id);
            (html! { a href={ "/access?person=" (id) } { (name) } }, here)
        }
        Place::Crowd(count) => {
            (html! { span { (words.with("access-people", &[("count", (*count).into())])) } }, false)
        }
        Place::Whom(whom) => (whom_words(&view.frame, whom), false),
        Place::Policy { id, forbids } => {
            let (picture, class) = if *forbids { (Icon::Deny, "deny") } else { (Icon::Permit, "permit") };
            let here = view.asked.get("policy") == Some(id);
            (
                html! { span class=(class) { (icon(picture)) } a href={ "/access?policy=" (id) } { code { (id) } } },
                here,
            )
        }
        Place::App { name, outcome, code } => {
            let here = matches!(&view.about, About::App { app, .. } if app == name);
            let content = html! {
                a href={ "/access?app=" (name) } { (name) }
                @if let Some(outcome) = outcome { (badge(words, *outcome, *code)) }
            };
            (content, here)
        }
    };
    Node { content, chosen }
}

fn whom_words(frame: &Frame, whom: &Addressed) -> Markup {
    let words = frame.words;
    match whom {
        Addressed::Group(group) => html! { a href=(address(group.as_str())) { (group) } },
        Addressed::Everybody => html! { span { (words.say("access-everybody")) } },
        Addressed::Anybody => html! { span { (words.say("access-anybody")) } },
        Addressed::Services => html! { span { (words.say("access-services")) } },
        Addressed::Service(client) => html! { a href={ "/clients/" (client) } { (client) } },
        Addressed::Strangers => html! { span { (words.say("access-strangers")) } },
        Addressed::Person(user) => html! { a href={ "/access?person=" (user) } { (user) } },
    }
}

fn table(view: &View) -> Markup {
    let (frame, words) = (&view.frame, view.frame.words);
    match &view.about {
        About::Person { rows, .. } => {
            let cells = |row: &Row| {
                let app = &row.entry.name;
                vec![
                    html! { a href={ "/access?app=" (app) } { (app) } },
                    answer(frame, row),
                    because(frame, row),
                ]
            };
            let part =
                Part { rows: rows.rows.iter().map(cells).collect(), from: rows.from, total: rows.total };
            let fields = html! { (kept(view, "person")) (answers(view)) };
            let (caption, empty) = (words.say("place-apps"), html! { p { (words.say("apps-none")) } });
            List { asked: &view.asked, caption: &caption, heads: OF_PERSON, part, fields, empty }
                .markup(frame)
        }
        About::App { rows, only_page, .. } => {
            let person = |row: &Row| {
                html! { a .plain href={ "/access?person=" (row.entry.name) } { (chip(frame, &row.entry)) } }
            };
            let cells = |row: &Row| vec![person(row), answer(frame, row), because(frame, row)];
            let part =
                Part { rows: rows.rows.iter().map(cells).collect(), from: rows.from, total: rows.total };
            let fields = html! {
                (kept(view, "app"))
                @if *only_page { p .small.muted { (words.say("access-many")) } } @else { (answers(view)) }
            };
            let (caption, empty) = (words.say("place-people"), html! { p { (words.say("people-none")) } });
            List { asked: &view.asked, caption: &caption, heads: OF_APP, part, fields, empty }.markup(frame)
        }
        About::Policies(lines) => {
            let cells = lines.rows.iter().map(|line| policy(frame, line)).collect();
            let part = Part { rows: cells, from: lines.from, total: lines.total };
            let fields = html! { @if view.asked.get("policy").is_some() { (kept(view, "policy")) } };
            let empty = html! { p { (words.say("policies-none")) } p { code { "bartizan apply -f DIR" } } };
            let caption = words.say("place-policies");
            List { asked: &view.asked, caption: &caption, heads: OF_POLICIES, part, fields, empty }
                .markup(frame)
        }
    }
}

/// What the map is about, when the list below it is narrowed down.
fn kept(view: &View, name: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(view.asked.get(name).unwrap_or_default()); }
}

fn answers(view: &View) -> Markup {
    let words = view.frame.words;
    let (any, permitted, denied) =
        (words.say("list-any"), words.say("access-permitted"), words.say("access-denied"));
    let answers = [("", any.as_str()), ("permit", &permitted), ("deny", &denied)];
    select("outcome", &words.say("access-answer"), &answers, view.asked.get("outcome").unwrap_or_default())
}

fn policy(frame: &Frame, line: &Line) -> Vec<Markup> {
    let words = frame.words;
    let effect = if line.head.forbids {
        html! { span .badge.deny { (icon(Icon::Deny)) (words.say("policy-forbids")) } }
    } else {
        html! { span .badge.permit { (icon(Icon::Permit)) (words.say("policy-permits")) } }
    };
    vec![
        html! { a href={ "/policies/" (line.id) } { code { (line.id) } } },
        effect,
        html! { (whom_words(frame, &line.head.whom)) " " span .muted { (words.with("access-people", &[("count", line.people.into())])) } },
        match &line.head.about {
            Resources::Anything | Resources::Apps => html! { (words.say("access-all-apps")) },
            Resources::App(app) => html! { a href={ "/access?app=" (app) } { (app) } },
            Resources::Clients => html! { (words.say("access-all-clients")) },
            Resources::Client(client) => html! { a href={ "/clients/" (client) } { (client) } },
            Resources::Administration => html! { (words.say("access-administration")) },
        },
    ]
}

fn answer(frame: &Frame, row: &Row) -> Markup {
    badge(frame.words, row.outcome(), row.code())
}

fn because(frame: &Frame, row: &Row) -> Markup {
    let words = frame.words;
    let policies =
        html! { @for id in &row.policies { a href={ "/access?policy=" (id) } { code { (id) } } " " } };
    match (row.outcome(), row.code()) {
        (Outcome::Permit, _) => words.markup("access-permits", &[], &[("policies", policies)]),
        (_, Some("denied_by_policy")) if row.policies.is_empty() => html! { (words.say("access-no-policy")) },
        (_, Some("denied_by_policy")) => words.markup("access-forbids", &[], &[("policies", policies)]),
        (_, code) => html! { (reason(words, code.unwrap_or_default())) },
    }
}

fn chip(frame: &Frame, entry: &Entry) -> Markup {
    let person = person_of(entry);
    let display = person.and_then(|person| person.attributes.as_ref()).map(|known| known.display.as_str());
    let state = person.map_or(UserState::Disabled, |person| person.state);
    person_chip(display.unwrap_or(&entry.name), chip_state(state), frame.words.language())
}

fn name(frame: &Frame, entry: &Entry) -> Markup {
    html! { a href={ "/people/" (entry.name) } { (chip(frame, entry)) } }
}
