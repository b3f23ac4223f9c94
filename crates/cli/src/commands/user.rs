//! `bartizan user`.

use serde_json::{Value, json};

use super::{confirm, segment, table};
use crate::args::{Global, User};
use crate::client::Client;
use crate::output::{Ended, data, talk};

pub(super) async fn run(global: &Global, user: User) -> Ended {
    let client = Client::from_options(global)?;
    match user {
        User::List => {
            let people = client.get("/api/v1/users?limit=1000").await?;
            if global.is_json() {
                return data(&people.to_string());
            }
            let text = |row: &Value, field: &str| {
                row.get(field).and_then(Value::as_str).map_or_else(|| String::from("-"), str::to_owned)
            };
            let admin =
                |row: &Value| String::from(if row.get("admin") == Some(&json!(true)) { "yes" } else { "" });
            let rows = people.as_array().into_iter().flatten();
            let rows: Vec<Vec<String>> = rows
                .map(|row| {
                    vec![
                        text(row, "name"),
                        text(row, "display"),
                        text(row, "state"),
                        admin(row),
                        text(row, "id"),
                    ]
                })
                .collect();
            data(&table(&["NAME", "DISPLAY", "STATE", "ADMIN", "ID"], &rows))
        }
        User::Invite { name, display, mail, admin } => {
            let invited = json!({ "display": display, "mail": mail, "admin": admin });
            let made = client.post(&format!("/api/v1/users/{}/invite", segment(&name)), &invited).await?;
            link(global, &made, "sets password and second factor; what they had before stops working then")
        }
        User::Link { name } => {
            let made = client.post(&format!("/api/v1/users/{}/link", segment(&name)), &json!({})).await?;
            link(global, &made, "stands for the password; the second factor is still asked for")
        }
        User::Disable { name } => set(&client, global, &name, "disable", "disabled").await,
        User::Enable { name } => set(&client, global, &name, "enable", "active").await,
        User::Erase { name, yes } => {
            if !yes {
                confirm(
                    &format!("Erases {name} for good: no rollback and no backup brings them back."),
                    &name,
                )?;
            }
            let erased = client.post(&format!("/api/v1/users/{}/erase", segment(&name)), &json!({})).await?;
            if global.is_json() {
                return data(&erased.to_string());
            }
            let number = |field: &str| erased.get(field).and_then(Value::as_u64).unwrap_or(0);
            let (cut, events) = (number("cut"), number("events"));
            data(&format!("{name} is erased; {cut} live cut, {events} events of theirs are unreadable now"))
        }
    }
}

/// Prints a link. The link alone is data, so that it can be piped to where it is to go.
fn link(global: &Global, made: &Value, what: &str) -> Ended {
    if global.is_json() {
        return data(&made.to_string());
    }
    let text = |field: &str| made.get(field).and_then(Value::as_str).unwrap_or_default();
    if made.get("created") == Some(&json!(true)) {
        talk(&format!("{} is a new person; no group lists them yet", text("name")));
    }
    talk(&format!("Works once, until {}; it {what}:", text("expires")));
    data(text("url"))
}

async fn set(client: &Client, global: &Global, name: &str, verb: &str, done: &str) -> Ended {
    let changed = client.post(&format!("/api/v1/users/{}/{verb}", segment(name)), &json!({})).await?;
    if global.is_json() {
        return data(&changed.to_string());
    }
    if changed.get("changed") == Some(&json!(false)) {
        return data(&format!("{name} was {done} already"));
    }
    let cut = changed.get("cut").and_then(Value::as_u64).unwrap_or(0);
    let took = changed.get("applied_ms").and_then(Value::as_f64).unwrap_or_default();
    data(&format!("{name} is {done}; {cut} live cut, in force everywhere after {took:.1} ms"))
}
