//! Apps and groups as they stand, with the values that are in effect.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use bartizan_model::{Audit, GroupName};
use bartizan_ui::{Align, Column, Icon, Rendered, Table, icon};
use maud::{Markup, html};
use serde_json::Value;

use super::frame::{Frame, Shown};
use super::words::when;
use crate::api::objects::{Apps, Groups, Page, Shown as Object, on_shelf};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects};
use crate::error::Error;
use crate::spec::AppSpec;

pub(super) async fn apps(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
) -> Result<Shown, Failure> {
    let objects = on_shelf::<Apps>(&admitted, &api, Page::default()).await?;
    let frame = Frame::of(&api, &admitted).await?;
    Ok(apps_page(&frame, &objects).into())
}

pub(super) fn apps_page(frame: &Frame, objects: &[Object]) -> Rendered {
    let rows = objects.iter().map(|object| {
        let spec = object.spec.clone().unwrap_or_default();
        let app = serde_json::from_value::<AppSpec>(spec);
        let mut cells = vec![html! { strong { (object.name) } }];
        match app {
            Ok(app) => cells.extend(app_cells(&app)),
            Err(error) => {
                cells.extend([html! { "cannot be read: " (error) }, html! {}, html! {}, html! {}, html! {}])
            }
        }
        cells.push(changed(frame, object));
        cells
    });
    let columns = ["App", "Host", "Server", "Sees host", "Audit", "Told of groups", "Changed"]
        .map(|name| Column { name, align: Align::Start });
    let empty = html! {
        p { "No app stands behind the gateway yet." }
        p { "Declare one in a file, and " code { "bartizan apply -f DIR" } }
    };
    let table = Table { caption: "Apps", columns: &columns, rows: rows.collect(), empty };
    let content = html! {
        p .muted.lead { "Apps are changed by files: " code { "bartizan apply -f DIR" } }
        (table.markup())
    };
    frame.page("/apps", "Apps", &content)
}

fn app_cells(app: &AppSpec) -> [Markup; 5] {
    [
        html! { code { (app.host) } },
        match &app.upstream {
            Some(upstream) => html! {
                code { (String::from(upstream.clone())) }
                @if app.upstream_plaintext.is_some() { " " span .badge.step { (icon(Icon::Warning)) "Plain HTTP accepted" } }
                @if app.ca.is_some() { " " span .badge { (icon(Icon::Lock)) "Own CA" } }
                @if let Some(lease) = app.lease_seconds { " " span .badge { (icon(Icon::Clock)) "Lease " (lease) " s" } }
                @for form in &app.relax { " " span .badge.step { (icon(Icon::Warning)) "Takes " (form.as_str()) } }
            },
            None => html! { span .muted { "Bartizan itself" } },
        },
        html! { @if app.pass_host { "public" } @else { "its own" } },
        html! { @match app.audit { Audit::Normal => "normal", Audit::Strict => "strict" } },
        names(app.groups.iter().map(ToString::to_string)),
    ]
}

fn names(names: impl Iterator<Item = String>) -> Markup {
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        html! { span .muted { "none" } }
    } else {
        html! { (names.join(", ")) }
    }
}

fn changed(frame: &Frame, object: &Object) -> Markup {
    html! { (when(frame.now, object.time)) span .muted { " by " (object.author) } }
}

pub(super) async fn groups(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
) -> Result<Shown, Failure> {
    let objects = on_shelf::<Groups>(&admitted, &api, Page::default()).await?;
    let world = api.hub.world();
    // Of 100,000 people this takes a while: not where others wait for their answers.
    let counting = tokio::task::spawn_blocking(move || {
        let mut effective: BTreeMap<GroupName, u64> = BTreeMap::new();
        for user in world.users() {
            for group in world.groups_of(user.id) {
                *effective.entry(group).or_default() += 1;
            }
        }
        effective
    });
    let effective = counting
        .await
        .map_err(|error| Error::Invalid(format!("the groups could not be counted: {error}")))?;
    let frame = Frame::of(&api, &admitted).await?;
    Ok(groups_page(&frame, &objects, &effective).into())
}

pub(super) fn groups_page(
    frame: &Frame,
    objects: &[Object],
    effective: &BTreeMap<GroupName, u64>,
) -> Rendered {
    let rows = objects.iter().map(|object| {
        let members = object.spec.as_ref().and_then(|spec| spec.get("members")).and_then(Value::as_array);
        let members: Vec<&str> = members.into_iter().flatten().filter_map(Value::as_str).collect();
        let (inner, people): (Vec<&str>, Vec<&str>) =
            members.into_iter().partition(|member| member.starts_with("group:"));
        let inner: Vec<String> =
            inner.into_iter().filter_map(|member| member.strip_prefix("group:")).map(str::to_owned).collect();
        let count = object.name.parse().ok().and_then(|name: GroupName| effective.get(&name).copied());
        vec![
            html! { strong { (object.name) } },
            html! { (count.unwrap_or(0)) },
            listed(&people),
            names(inner.into_iter()),
            changed(frame, object),
        ]
    });
    let columns = [
        Column { name: "Group", align: Align::Start },
        Column { name: "People in effect", align: Align::End },
        Column { name: "Lists these people", align: Align::Start },
        Column { name: "And these groups", align: Align::Start },
        Column { name: "Changed", align: Align::Start },
    ];
    let empty = html! {
        p { "There is no group yet. Policies are best written about groups." }
        p { "Declare one in a file, and " code { "bartizan apply -f DIR" } }
    };
    let table = Table { caption: "Groups", columns: &columns, rows: rows.collect(), empty };
    let content = html! {
        p .muted.lead { "In effect are those who are in a group themselves or through groups in it. Groups are changed by files: " code { "bartizan apply -f DIR" } }
        (table.markup())
    };
    frame.page("/groups", "Groups", &content)
}

/// The first of many names, and how many more there are.
fn listed(people: &[&str]) -> Markup {
    if people.is_empty() {
        return html! { span .muted { "none" } };
    }
    let shown: Vec<&str> = people.iter().take(NAMES).copied().collect();
    html! {
        (shown.join(", "))
        @if people.len() > NAMES { span .muted { " and " (people.len() - NAMES) " more" } }
    }
}

/// How many names fit in a row.
const NAMES: usize = 8;
