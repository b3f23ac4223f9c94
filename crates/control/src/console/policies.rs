//! All policies: what each is for, and when it last became another.

use std::sync::Arc;

use axum::extract::State;
use bartizan_policy::PolicySource;
use bartizan_ui::{Align, Column, Icon, Rendered, Table, icon};
use maud::{Markup, html};
use serde_json::Value;

use super::frame::{Frame, Shown};
use super::words::{counted, many, when};
use crate::api::objects::{Page, Policies, Shown as Object, on_shelf};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects};

pub(super) async fn show(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
) -> Result<Shown, Failure> {
    let objects = on_shelf::<Policies>(&admitted, &api, Page::default()).await?;
    let frame = Frame::of(&api, &admitted).await?;
    Ok(page(&frame, &objects).into())
}

pub(super) fn page(frame: &Frame, objects: &[Object]) -> Rendered {
    let rows = objects.iter().map(|object| {
        let text = text_of(object);
        let source = object.name.parse().ok().map(|id| PolicySource::new(id, "", text));
        vec![
            html! { a href={ "/policies/" (object.name) } { code { (object.name) } } },
            effect(text),
            match source.and_then(|source| source.annotation("reason")) {
                Some(reason) => html! { span .wrap { (reason) } },
                None => html! { span .muted { "It says no " code { "@reason" } } },
            },
            html! { (object.revision) },
            html! { (when(frame.now, object.time)) span .muted { " by " (object.author) } },
        ]
    });
    let columns = [
        Column { name: "Policy", align: Align::Start },
        Column { name: "Effect", align: Align::Start },
        Column { name: "What it is for", align: Align::Start },
        Column { name: "Revision", align: Align::End },
        Column { name: "Changed", align: Align::Start },
    ];
    let empty = html! {
        p { "There is no policy, so everything is denied." }
        p { "Write one in a " code { ".cedar" } " file, and " code { "bartizan apply -f DIR" } }
    };
    let table = Table { caption: "Policies", columns: &columns, rows: rows.collect(), empty };
    let content = html! {
        p .muted.lead {
            (counted(many(objects.len()), "policy", "policies"))
            ". What none permits is denied, and what one forbids stays denied, whatever others permit."
        }
        (table.markup())
    };
    frame.page("/policies", "Policies", &content)
}

/// The text of a policy as it is shown.
pub(super) fn text_of(object: &Object) -> &str {
    let text = object.spec.as_ref().and_then(|spec| spec.get("text"));
    text.and_then(Value::as_str).unwrap_or_default()
}

/// What the policy does when it applies: the first word of its own text, after its annotations.
pub(super) fn effect(text: &str) -> Markup {
    let forbids = text.lines().map(str::trim_start).find_map(|line| {
        if line.starts_with("forbid") {
            Some(true)
        } else if line.starts_with("permit") {
            Some(false)
        } else {
            None
        }
    });
    match forbids {
        Some(true) => html! { span .badge.deny { (icon(Icon::Deny)) "Forbids" } },
        Some(false) => html! { span .badge.permit { (icon(Icon::Permit)) "Permits" } },
        None => html! {},
    }
}
