//! All policies: what each is for, and when it last became another.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_ui::{Align, Emphasis, Icon, Rendered, icon, link_button, select};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::Fields;
use super::apps::{Row, all, authored, changed};
use super::called::Called;
use super::frame::{Frame, Shown};
use super::list::{Asked, Format, Head, List, Part, sort_entries, taken_along};
use super::policy::{self, May};
use super::views::Views;
use crate::api::objects::Shown as Object;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects};
use crate::register::{Entry, Roll, Says};

const HEADS: &[Head] = &[
    Head { text: "policy", align: Align::Start, sorts: Some("name") },
    Head { text: "policy-effect", align: Align::Start, sorts: Some("effect") },
    Head { text: "policy-about", align: Align::Start, sorts: None },
    Head { text: "list-changed", align: Align::Start, sorts: Some("changed") },
];

/// A policy in the list, and what it is for.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) row: Row,
    pub(super) about: String,
}

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) asked: Asked,
    pub(super) policies: Part<Line>,
    pub(super) may: May,
}

pub(super) async fn show(
    admitted: Admitted<ReadObjects>,
    views: Views,
    State(api): State<Arc<Api>>,
    Query(fields): Query<Fields>,
) -> Result<Response, Failure> {
    let asked = Asked::new("/policies", fields);
    let entries = all(&api, Roll::Policies).await?;
    let words = asked.words();
    let wanted = |entry: &&Arc<Entry>| {
        let of_effect = asked.get("effect").is_none_or(|wanted| effect_of(text(entry)) == Some(wanted));
        of_effect && entry.has(&words)
    };
    let mut found: Vec<Arc<Entry>> = entries.values().filter(wanted).cloned().collect();
    sort_entries(&mut found, asked.order(HEADS), |one, other| {
        effect_of(text(one)).cmp(&effect_of(text(other)))
    });
    let part = asked.part(found);
    if asked.format() != Format::Page {
        return Ok(file(&asked, &part));
    }
    let frame = Frame::of(&api, &admitted).await?.keeping(views);
    let authored = authored(&api, part).await?;
    let mut called = Called::new(&api);
    let mut rows = Vec::with_capacity(authored.rows.len());
    for row in authored.rows {
        let about = match &row.entry.says {
            Says::Policy(policy) => {
                let reason = policy.source.annotation("reason").unwrap_or_default();
                called.text(&policy.source.id, &reason).await?
            }
            Says::Damaged(why) => why.clone(),
            Says::App(_) | Says::Client(_) | Says::Group(_) | Says::Person(_) => String::new(),
        };
        rows.push(Line { row, about });
    }
    let policies = Part { rows, from: authored.from, total: authored.total };
    Ok(Shown::from(page(&View { frame, asked, policies, may: May::of(&api, &admitted) })).into_response())
}

fn text(entry: &Entry) -> &str {
    match &entry.says {
        Says::Policy(policy) => &policy.source.text,
        Says::App(_) | Says::Client(_) | Says::Group(_) | Says::Person(_) | Says::Damaged(_) => "",
    }
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words, asked) = (&view.frame, view.frame.words, &view.asked);
    let rows = view.policies.rows.iter().map(|line| cells(frame, line)).collect();
    let part = Part { rows, from: view.policies.from, total: view.policies.total };
    let empty = html! { p { (words.say("policies-none")) } p { code { "bartizan apply -f DIR" } } };
    let (any, permits, forbids) =
        (words.say("list-any"), words.say("policy-permits"), words.say("policy-forbids"));
    let effects = [("", any.as_str()), ("permit", &permits), ("forbid", &forbids)];
    let fields =
        select("effect", &words.say("policy-effect"), &effects, asked.get("effect").unwrap_or_default());
    let caption = words.say("place-policies");
    let content = html! {
        div .row.apart {
            p .muted.lead { (words.say("policies-rule")) }
            @if view.may == May::Change {
                (link_button(&words.say("policy-new"), policy::new::PLACE, Emphasis::Secondary))
            }
        }
        (List { asked, caption: &caption, heads: HEADS, part, fields, empty }.markup(frame))
    };
    frame.page("/policies", &caption, &content)
}

fn cells(frame: &Frame, line: &Line) -> Vec<Markup> {
    let entry = &line.row.entry;
    vec![
        html! { a href={ "/policies/" (entry.name) } { code { (entry.name) } } },
        effect(frame, text(entry)),
        html! {
            @if line.about.is_empty() { span .muted { (frame.words.say("policy-no-reason")) } }
            @else { span .wrap { (line.about) } }
        },
        changed(frame, entry, &line.row.author),
    ]
}

fn file(asked: &Asked, part: &Part<Arc<Entry>>) -> Response {
    let rows = part.rows.iter().map(|entry| {
        let text = text(entry);
        vec![json!(entry.name), json!(effect_of(text)), json!(text), json!(entry.time), json!(entry.revision)]
    });
    taken_along(asked, &["name", "effect", "text", "changed", "revision"], rows.collect())
}

/// The text of a policy as it is shown.
pub(super) fn text_of(object: &Object) -> &str {
    let text = object.spec.as_ref().and_then(|spec| spec.get("text"));
    text.and_then(Value::as_str).unwrap_or_default()
}

/// What the policy does when it applies: the first word of its own text, after its annotations.
fn effect_of(text: &str) -> Option<&'static str> {
    text.lines().map(str::trim_start).find_map(|line| {
        if line.starts_with("forbid") {
            Some("forbid")
        } else if line.starts_with("permit") {
            Some("permit")
        } else {
            None
        }
    })
}

/// The same, as it is drawn.
pub(super) fn effect(frame: &Frame, text: &str) -> Markup {
    match effect_of(text) {
        Some("forbid") => {
            html! { span .badge.deny { (icon(Icon::Deny)) (frame.words.say("policy-forbids")) } }
        }
        Some(_) => html! { span .badge.permit { (icon(Icon::Permit)) (frame.words.say("policy-permits")) } },
        None => html! {},
    }
}
