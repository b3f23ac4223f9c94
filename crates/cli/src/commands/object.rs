//! `bartizan get`, `list`, `delete`, `history` and `rollback`: the same for every kind of object.

use serde_json::{Value, json};

use super::{query, segment, table};
use crate::args::{Delete, Global, Kind, List, One, Rollback};
use crate::client::Client;
use crate::output::{Ended, data};

pub(super) async fn get(global: &Global, one: &One) -> Ended {
    let object = Client::from_options(global)?.get(&path(one)).await?;
    if global.is_json() {
        return data(&object.to_string());
    }
    let head = ["kind", "name", "revision", "author", "time"].map(|field| text(&object, field));
    let [kind, name, revision, author, time] = head;
    data(&format!("{kind} {name}, revision {revision}, by {author} at {time}\n"))?;
    let spec = object.get("spec").cloned().unwrap_or_default();
    match spec.get("text").and_then(Value::as_str) {
        Some(text) => data(text),
        None => data(&serde_json::to_string_pretty(&spec)?),
    }
}

pub(super) async fn list(global: &Global, list: &List) -> Ended {
    let client = Client::from_options(global)?;
    let mut objects: Vec<Value> = Vec::new();
    loop {
        let after = objects.last().map(|object| text(object, "name"));
        let path = format!(
            "/api/v1/objects/{}{}",
            list.kind.as_str(),
            query(&[("after", after.as_deref()), ("limit", Some(PAGE))])
        );
        match client.get(&path).await? {
            Value::Array(page) if !page.is_empty() => objects.extend(page),
            _ => break,
        }
    }
    if global.is_json() {
        return data(&Value::from(objects).to_string());
    }
    let about = match list.kind {
        Kind::App => "host",
        Kind::Client => "redirect_uris",
        Kind::Provider => "issuer",
        Kind::Group => "members",
        Kind::Policy => "text",
        Kind::User => "display",
        Kind::Session => "user",
    };
    let rows: Vec<Vec<String>> = objects
        .iter()
        .map(|object| {
            let spec = object.get("spec").cloned().unwrap_or_default();
            let said: String = text(&spec, about).split_whitespace().collect::<Vec<_>>().join(" ");
            let short: String = said.chars().take(WIDTH).collect();
            let short = if short == said { said } else { format!("{short}…") };
            vec![
                text(object, "name"),
                text(object, "revision"),
                text(object, "author"),
                text(object, "time"),
                short,
            ]
        })
        .collect();
    data(&table(&["NAME", "REVISION", "AUTHOR", "TIME", &about.to_uppercase()], &rows))
}

pub(super) async fn delete(global: &Global, delete: &Delete) -> Ended {
    let if_revision = delete.if_revision.map(|revision| revision.to_string());
    let path = format!("{}{}", path(&delete.object), query(&[("if_revision", if_revision.as_deref())]));
    let written = Client::from_options(global)?.delete(&path).await?;
    print_written(global, &written)
}

pub(super) async fn history(global: &Global, one: &One) -> Ended {
    let changes = Client::from_options(global)?.get(&format!("{}/history", path(one))).await?;
    if global.is_json() {
        return data(&changes.to_string());
    }
    let rows: Vec<Vec<String>> = changes
        .as_array()
        .into_iter()
        .flatten()
        .map(|change| {
            let spec = match change.get("spec") {
                None | Some(Value::Null) => String::from("(deleted)"),
                Some(spec) => spec.to_string().chars().take(WIDTH).collect(),
            };
            vec![text(change, "revision"), text(change, "author"), text(change, "time"), spec]
        })
        .collect();
    data(&table(&["REVISION", "AUTHOR", "TIME", "SPEC"], &rows))
}

pub(super) async fn rollback(global: &Global, rollback: &Rollback) -> Ended {
    let mut asked = json!({ "revision": rollback.to });
    if let (Some(fields), Some(revision)) = (asked.as_object_mut(), rollback.if_revision) {
        fields.insert(String::from("if_revision"), Value::from(revision));
    }
    let path = format!("{}/rollback", path(&rollback.object));
    let written = Client::from_options(global)?.post(&path, &asked).await?;
    print_written(global, &written)
}

fn print_written(global: &Global, written: &Value) -> Ended {
    if global.is_json() {
        return data(&written.to_string());
    }
    let [kind, name, change, revision, cut] =
        ["kind", "name", "change", "revision", "cut"].map(|field| text(written, field));
    data(&format!("{kind}/{name} {change} (revision {revision}); {cut} live cut"))
}

fn path(one: &One) -> String {
    format!("/api/v1/objects/{}/{}", one.kind.as_str(), segment(&one.name))
}

fn text(value: &Value, field: &str) -> String {
    match value.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Some(Value::Null) | None => String::from("-"),
        Some(other) => other.to_string(),
    }
}

const PAGE: &str = "1000";

/// How much of an object is shown in a row.
const WIDTH: usize = 60;
