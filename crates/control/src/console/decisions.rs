//! What was decided, newest first, and the questions that can be asked of it.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_evidence::{Found, Query as Search};
use bartizan_model::{EventKind, Outcome, RequestId, Timestamp, UserState};
use bartizan_ui::{
    Align, Column, Emphasis, Field, PersonState, Rendered, Table, Words, button, filter, id_chip,
    person_chip, select,
};
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::called::{Called, Named};
use super::columns::{self, Columns};
use super::frame::{Frame, Shown};
use super::list::{Asked, Format, taken_along};
use super::live::{self, Live};
use super::views::Views;
use super::words::{REASONS, badge, many, reason, refusal, to_do, when};
use super::{Fields, said};
use crate::api::log::searched;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadLog};

/// One decision, or the end of what one permitted.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// What its explanation is found by.
    pub(super) id: String,
    pub(super) time: Timestamp,
    pub(super) person: Option<Named>,
    pub(super) outcome: Outcome,
    pub(super) reason: Option<String>,
    /// What was to be done.
    pub(super) action: String,
    /// With what.
    pub(super) resource: String,
    pub(super) path: Option<String>,
    pub(super) policies: Vec<String>,
    pub(super) request: Option<String>,
}

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) asked: Asked,
    /// What is wrong with a field, by its name.
    pub(super) problems: Vec<(&'static str, String)>,
    pub(super) apps: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) limit: usize,
    /// The entry of the log from which on something is newer than the rows.
    pub(super) from: u64,
}

pub(super) async fn show(
    admitted: Admitted<ReadLog>,
    views: Views,
    State(api): State<Arc<Api>>,
    Query(mut asked): Query<Fields>,
) -> Result<Response, Failure> {
    let frame = Frame::of(&api, &admitted).await?.keeping(views);
    let (after, (search, problems)) = (live::after(&mut asked), read(&api, &asked, &frame).await?);
    if let Some(after) = after
        && problems.is_empty()
        && !live::wait(&admitted, &api, &search, after).await?
    {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let view = Asked::new("/decisions", asked);
    let key = format!("{} {}", frame.words.language().tag(), view.url(&[(live::FIELD, "")]));
    let boot = api.enforcer.clock().boot();
    if let Some(drawn) = after.and_then(|after| api.drawn.get(&key, after, boot)) {
        return Ok(Shown::from(drawn).into_response());
    }
    let asked = view.fields();
    let limit = match view.format() {
        Format::Page => {
            said(asked, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(50_usize).clamp(1, MOST)
        }
        Format::Csv | Format::Json => MOST_TAKEN,
    };
    let from = api.log.indexed();
    let found = if problems.is_empty() { newest(&admitted, &api, search, limit).await? } else { Vec::new() };
    let rows = rows(&mut Called::new(&api), &found).await?;
    if view.format() != Format::Page {
        return Ok(file(&view, &rows));
    }
    let mut apps: Vec<String> = api.hub.world().apps().map(|app| app.name.to_string()).collect();
    apps.sort();
    let view = View { frame, asked: view, problems, apps, rows, limit, from };
    if after.is_none() {
        return Ok(Shown::from(page(&view)).into_response());
    }
    let part = part(&view);
    api.drawn.keep(key, from, &part, boot);
    Ok(Shown::from(part).into_response())
}

fn file(asked: &Asked, rows: &[Row]) -> Response {
    let lines = rows.iter().map(|row| {
        vec![
            json!(row.time),
            json!(row.outcome),
            json!(row.reason),
            json!(row.person.as_ref().and_then(|person| person.login.as_ref())),
            json!(row.action),
            json!(row.resource),
            json!(row.path),
            json!(row.policies),
            json!(row.request),
            json!(row.id),
        ]
    });
    let names = [
        "time",
        "outcome",
        "reason",
        "login",
        "action",
        "resource",
        "path",
        "policies",
        "request_id",
        "decision_id",
    ];
    taken_along(asked, &names, lines.collect())
}

/// What is asked, as a search.
async fn read(
    api: &Api,
    asked: &Fields,
    frame: &Frame,
) -> Result<(Search, Vec<(&'static str, String)>), Failure> {
    let mut search = Search { kind: Some(EventKind::Decision), ..Search::default() };
    let mut problems = Vec::new();
    if let Some(name) = said(asked, "user") {
        match api.person(name).await {
            Ok(id) => search.user = Some(id.to_string()),
            Err(crate::Error::NotFound { .. }) => {
                problems.push(("user", frame.words.with("access-no-person", &[("name", name.into())])));
            }
            Err(other) => return Err(other.into()),
        }
    }
    search.app = said(asked, "app").map(str::to_owned);
    search.reason = said(asked, "reason").map(str::to_owned);
    search.outcome = match said(asked, "outcome") {
        Some("permit") => Some(Outcome::Permit),
        Some("deny") => Some(Outcome::Deny),
        Some("cut") => {
            // What is cut was permitted once: the cut is the end of that.
            search.kind = Some(EventKind::GrantEnd);
            Some(Outcome::Cut)
        }
        Some(_) | None => None,
    };
    if let Some(id) = said(asked, "request") {
        match id.parse::<RequestId>() {
            Ok(id) => search.request = Some(id),
            Err(_form) => problems.push(("request", frame.words.say("decisions-no-request"))),
        }
    }
    // Looking at the console would else fill the page with itself. Whoever asks about one request or app means that one,
    // whichever it is.
    search.without_own =
        said(asked, "hosts") != Some("all") && search.request.is_none() && search.app.is_none();
    for (name, end) in [("since", &mut search.since), ("until", &mut search.until)] {
        if let Some(text) = said(asked, name) {
            *end = moment(text, frame.now);
            if end.is_none() {
                problems.push((name, frame.words.say("decisions-no-time")));
            }
        }
    }
    Ok((search, problems))
}

/// A time, or how long before now: `30m`, `24h`, `7d`.
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let ago = |unit: char, seconds: i64| {
        let number: i64 = text.strip_suffix(unit)?.trim().parse().ok().filter(|number| *number >= 0)?;
        let micros = number.checked_mul(seconds)?.checked_mul(1_000_000)?;
        Some(Timestamp::from_micros(now.as_micros().saturating_sub(micros)))
    };
    ago('m', 60).or_else(|| ago('h', 3600)).or_else(|| ago('d', 86_400)).or_else(|| text.parse().ok())
}

/// The newest events that are asked for, newest first.
pub(super) async fn newest(
    admitted: &Admitted<ReadLog>,
    api: &Api,
    search: Search,
    limit: usize,
) -> Result<Vec<Found>, Failure> {
    let search = Search { limit: Some(u32::try_from(limit).unwrap_or(u32::MAX)), ..search };
    let mut found = searched(admitted, api, &search).await?;
    found.reverse();
    Ok(found)
}

pub(super) async fn rows(called: &mut Called<'_>, found: &[Found]) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::with_capacity(found.len());
    for found in found {
        let event = &found.event;
        rows.push(Row {
            id: event.decision_id.map(|id| id.to_string()).unwrap_or_default(),
            time: event.time,
            person: called.subject(event.subject.as_ref()).await?,
            outcome: event.outcome,
            reason: event.reason.clone(),
            action: event.action.clone().unwrap_or_default(),
            resource: event.resource.as_ref().map(|resource| resource.name.clone()).unwrap_or_default(),
            path: found.personal.as_ref().and_then(|personal| personal.path.clone()),
            policies: event.policies.iter().map(ToString::to_string).collect(),
            request: event.request_id.map(|id| id.to_string()),
        });
    }
    Ok(rows)
}

pub(super) fn table(caption: &str, frame: &Frame, rows: &[Row], empty: &Markup) -> Markup {
    let all = Columns::of(&Asked::new("/decisions", Fields::new()), &HEADS);
    narrowed(caption, frame, rows, empty, &all)
}

/// The same with some columns left out.
fn narrowed(caption: &str, frame: &Frame, rows: &[Row], empty: &Markup, shown: &Columns<'_>) -> Markup {
    let words = frame.words;
    let cells = rows.iter().map(|row| {
        shown.of_row([
            html! { a href={ "/decisions/" (row.id) } { (badge(words, row.outcome, row.reason.as_deref())) } },
            who(words, row.person.as_ref()),
            html! { (to_do(words, &row.action, &row.resource)) @if let Some(path) = &row.path { " " code .muted { (path) } } },
            because(words, row),
            when(frame, row.time),
            row.request
                .as_deref()
                .map(|id| id_chip(id, Some(&format!("/decisions/{}", row.id)), words.language()))
                .unwrap_or_default(),
        ])
    });
    let names = HEADS.map(|id| words.say(id));
    let columns = shown.of_row(names.each_ref().map(|name| Column { name, align: Align::Start }));
    Table { caption, columns: &columns, rows: cells.collect(), empty: empty.clone() }.markup()
}

fn because(words: Words, row: &Row) -> Markup {
    let policy = row.policies.first().map(|id| html! { a href={ "/policies/" (id) } { (id) } });
    match (row.outcome, row.reason.as_deref(), policy) {
        (Outcome::Deny, Some("denied_by_policy"), Some(policy)) => {
            words.markup("decisions-forbids", &[], &[("policy", policy)])
        }
        (Outcome::Deny, Some("denied_by_policy"), None) => html! { (words.say("access-no-policy")) },
        (_, Some(code), _) => html! { (reason(words, code)) },
        (_, None, Some(policy)) => words.markup("decisions-permits", &[], &[("policy", policy)]),
        (_, None, None) => html! {},
    }
}

pub(super) fn who(words: Words, person: Option<&Named>) -> Markup {
    match person {
        Some(person) => person_chip(&person.display, chip_state(person.state), words.language()),
        None => html! { span .muted { (words.say("decisions-nobody")) } },
    }
}

pub(super) const fn chip_state(state: UserState) -> PersonState {
    match state {
        UserState::Active => PersonState::Active,
        UserState::Disabled => PersonState::Disabled,
    }
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let columns = Columns::of(&view.asked, &HEADS);
    let live = Live::of(&view.asked, view.from);
    let content = html! {
        (filter("/decisions", &fields(view)))
        (frame.views.markup(frame, &view.asked))
        (live.markup(words, &listed(view, &columns)))
        (columns.markup(words, &view.asked))
        p .small {
            span .muted { (words.say("list-export")) } " "
            a href=(view.asked.url(&[("format", "csv"), (live::FIELD, "")])) download { "CSV" } " "
            a href=(view.asked.url(&[("format", "json"), (live::FIELD, "")])) download { "JSON" }
        }
    };
    frame.live("/decisions", &words.say("place-decisions"), &content, live.every())
}

/// What is new on the page.
fn part(view: &View) -> Rendered {
    Live::of(&view.asked, view.from).part(&listed(view, &Columns::of(&view.asked, &HEADS)))
}

fn listed(view: &View, columns: &Columns<'_>) -> Markup {
    let (frame, words) = (&view.frame, view.frame.words);
    let asked = |name: &str| view.asked.get(name).unwrap_or_default();
    html! {
        (narrowed(&words.say("place-decisions"), frame, &view.rows, &empty(view), columns))
        @if !view.rows.is_empty() {
            p .muted {
                (words.with("decisions-count", &[("count", many(view.rows.len()).into())]))
                @if view.rows.len() >= view.limit { " " (words.say("decisions-more")) }
                @if asked("hosts").is_empty() && asked("app").is_empty() && asked("request").is_empty() {
                    " " (words.say("decisions-left-out"))
                }
            }
        }
    }
}

fn fields(view: &View) -> Markup {
    let words = view.frame.words;
    let asked = |name: &str| view.asked.get(name).unwrap_or_default();
    let problem = |name: &str| {
        view.problems.iter().find(|(field, _)| *field == name).map(|(_, problem)| problem.as_str())
    };
    let text = |name: &'static str, label: &'static str| {
        html! { (Field::text(name, &words.say(label)).value(asked(name)).optional().problem(problem(name))) }
    };
    let choice = |name: &str, label: &'static str, options: &[(&str, String)]| {
        let options: Vec<(&str, &str)> =
            options.iter().map(|(value, text)| (*value, text.as_str())).collect();
        select(name, &words.say(label), &options, asked(name))
    };
    let any = || ("", words.say("list-any"));
    let apps: Vec<(&str, String)> =
        std::iter::once(any()).chain(view.apps.iter().map(|app| (app.as_str(), app.clone()))).collect();
    let reasons: Vec<(&str, String)> = std::iter::once(any())
        .chain(REASONS.iter().map(|reason| (reason.as_str(), refusal(words, *reason))))
        .collect();
    let outcomes = [
        any(),
        ("permit", words.say("decisions-permitted")),
        ("deny", words.say("decisions-denied")),
        ("cut", words.say("decisions-cut")),
    ];
    let hosts = [("", words.say("decisions-hosts-apps")), ("all", words.say("decisions-hosts-all"))];
    html! {
        (text("user", "decisions-person-is"))
        // Of many apps nobody wants to look for one in a list, and it would be most of the page.
        @if view.apps.len() > MANY_APPS { (text("app", "decisions-app-is")) } @else { (choice("app", "decisions-app-is", &apps)) }
        (choice("outcome", "decisions-outcome-is", &outcomes))
        (choice("reason", "decisions-reason-is", &reasons))
        (text("request", "decisions-request-is"))
        (text("since", "decisions-since"))
        (text("until", "decisions-until"))
        (choice("hosts", "decisions-hosts-are", &hosts))
        (select("limit", &words.say("decisions-at-most"), LIMITS, if asked("limit").is_empty() { "50" } else { asked("limit") }))
        @if let Some(without) = view.asked.get(columns::FIELD) { input type="hidden" name=(columns::FIELD) value=(without); }
        div .go {
            (button(&words.say("list-show"), Emphasis::Primary))
            a href="/decisions" { (words.say("list-clear")) }
        }
    }
}

/// What is said where there are no rows.
fn empty(view: &View) -> Markup {
    let words = view.frame.words;
    html! {
        @if view.asked.fields().values().all(String::is_empty) {
            p { (words.say("decisions-none")) }
            p { (words.markup("decisions-none-try", &[], &[("command", html! { code { "bartizan why --user NAME --app APP" } })])) }
        } @else if view.problems.is_empty() {
            @let clear = html! { a href="/decisions" { (words.say("decisions-clear-filter")) } };
            p { (words.markup("decisions-none-like", &[], &[("clear", clear)])) }
        } @else {
            p { (words.say("decisions-not-searched")) }
        }
    }
}

const HEADS: [&str; 6] = [
    "decisions-outcome",
    "people-person",
    "decisions-wanted",
    "access-because",
    "decisions-when",
    "decisions-request",
];

const LIMITS: &[(&str, &str)] = &[("25", "25"), ("50", "50"), ("100", "100"), ("500", "500")];

/// The most decisions on one page.
const MOST: usize = 500;

/// The most that are taken along at once.
const MOST_TAKEN: usize = 4000;

/// 100 apps are chosen from; of more the name is typed.
const MANY_APPS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_from_now_or_exactly() {
        let now: Timestamp = "2026-01-31T09:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("30m", Some("2026-01-31T08:30:00Z")),
            ("24h", Some("2026-01-30T09:00:00Z")),
            ("7d", Some("2026-01-24T09:00:00Z")),
            ("2026-01-01T00:00:00Z", Some("2026-01-01T00:00:00Z")),
            ("-1h", None),
            ("yesterday", None),
            ("9999999999999999d", None),
        ] {
            assert_eq!(moment(text, now), expected.map(|text| text.parse().unwrap()), "{text}");
        }
    }
}
