//! `bartizan point` and `bartizan join-token`.

use serde_json::{Map, Value};

use super::watch::shown;
use super::{segment, table};
use crate::args::{Global, JoinToken, Point};
use crate::client::Client;
use crate::output::{Ended, Failure, USAGE, data, talk};

pub(super) async fn run(global: &Global, point: Point) -> Ended {
    let client = Client::from_options(global)?;
    match point {
        Point::List { watch } => {
            let listed = async || {
                let points = client.get("/api/v1/points").await?;
                if global.is_json() {
                    return Ok(points.to_string());
                }
                let rows: Vec<Vec<String>> = points.as_array().into_iter().flatten().map(row).collect();
                Ok(table(&["NAME", "SCOPE", "REVISION", "LAG", "LEASE", "BACKLOG", "VERSION"], &rows))
            };
            shown(watch, listed).await
        }
        Point::Remove { name, wait } => {
            let path = format!("/api/v1/points/{}{}", segment(&name), if wait { "?wait=true" } else { "" });
            let removed = client.delete(&path).await?;
            if global.is_json() {
                return data(&removed.to_string());
            }
            let took = removed.get("applied_ms").and_then(Value::as_f64).unwrap_or_default();
            data(&if wait {
                format!("{name} is removed, and can do nothing any more after {took:.1} ms")
            } else {
                format!("{name} is removed; add --wait to learn when it can do nothing any more")
            })
        }
    }
}

/// A point that was not heard of has neither lag nor lease.
fn row(point: &Value) -> Vec<String> {
    let number = |field: &str| point.get(field).and_then(Value::as_u64);
    let text = |field: &str| point.get(field).and_then(Value::as_str).unwrap_or("-").to_owned();
    let count = |field: &str| number(field).map_or_else(|| String::from("-"), |number| number.to_string());
    let apps = point.get("scope").and_then(Value::as_array);
    let apps = apps.map(|apps| apps.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","));
    vec![
        text("name"),
        apps.unwrap_or_else(|| String::from("all apps")),
        count("revision"),
        number("lag_ms").map_or_else(|| String::from("-"), |lag| format!("{lag} ms")),
        number("lease_ms").map_or_else(|| String::from("none"), |left| format!("{} s", left / 1000)),
        count("backlog"),
        text("version"),
    ]
}

pub(super) async fn join_token(global: &Global, token: JoinToken) -> Ended {
    let JoinToken::Create { role, scope, name, ttl } = token;
    let mut asked = Map::new();
    asked.insert(String::from("role"), Value::from(role));
    if !scope.is_empty() {
        asked.insert(String::from("scope"), scope.iter().map(|scope| app(scope)).collect::<Result<_, _>>()?);
    }
    asked.extend(name.map(|name| (String::from("name"), Value::from(name))));
    asked.extend(
        ttl.map(|ttl| seconds(&ttl)).transpose()?.map(|ttl| (String::from("ttl_seconds"), ttl.into())),
    );
    let made = Client::from_options(global)?.post("/api/v1/join-tokens", &Value::from(asked)).await?;
    if global.is_json() {
        return data(&made.to_string());
    }
    let text = |field: &str| made.get(field).and_then(Value::as_str).unwrap_or_default();
    let (name, expires) = (text("name"), text("expires"));
    talk(&format!(
        "One machine becomes `{name}` with this, until {expires}. Run there:\n  bartizan gateway --join TOKEN --dir D"
    ));
    data(text("token"))
}

/// The app of `app:NAME`.
fn app(scope: &str) -> Result<Value, Failure> {
    let name = scope.strip_prefix("app:").filter(|name| !name.is_empty());
    let usage =
        || Failure::new(USAGE, format!("--scope: `{scope}` is not an app; write app:NAME, such as app:wiki"));
    name.map(Value::from).ok_or_else(usage)
}

/// `90s`, `10m`, `2h` or `30d`, in seconds.
pub(super) fn seconds(ttl: &str) -> Result<u64, Failure> {
    let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
    let found = units.iter().find_map(|(unit, length)| {
        let number: u64 = ttl.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*length)
    });
    found.ok_or_else(|| {
        Failure::new(USAGE, format!("--ttl: `{ttl}` is not a time; write 90s, 10m, 2h or 30d"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_and_scopes_are_as_they_are_written() {
        assert_eq!(
            (seconds("90s").unwrap(), seconds("10m").unwrap(), seconds("2h").unwrap()),
            (90, 600, 7200)
        );
        for bad in ["", "10", "m", "-1m", "1w", "99999999999999999999h", "9999999999999999999h", "1.5h"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
        assert_eq!(app("app:wiki").unwrap(), json!("wiki"));
        for bad in ["wiki", "app:", "", "apps:wiki"] {
            assert!(app(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_point_that_was_not_heard_of_has_its_row() {
        let point = json!({"name": "a", "scope": ["wiki", "blog"], "revision": 7, "lag_ms": 3, "lease_ms": 29_500,
            "backlog": 0, "version": "0.1.0"});
        assert_eq!(row(&point), ["a", "wiki,blog", "7", "3 ms", "29 s", "0", "0.1.0"]);
        let silent = json!({"name": "b", "scope": null, "revision": null, "lag_ms": null, "lease_ms": null,
            "backlog": null, "version": null});
        assert_eq!(row(&silent), ["b", "all apps", "-", "-", "none", "-", "-"]);
    }
}
