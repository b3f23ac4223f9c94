//! The first page: what was decided over time, what needs attention, who is here, what was cut.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Response;
use bartizan_evidence::{Checked, Hosts, Query as Search, Tally as Counted};
use bartizan_model::{EventKind, Outcome, Timestamp};
use bartizan_ui::{Icon, Rendered, Value, Words, icon};
use http::HeaderMap;
use maud::{Markup, html};

use super::activity::{Activity, Span};
use super::attention::{BEFORE_DAYS, Known, Note, Spool, list};
use super::called::Called;
use super::decisions::{Row, newest, rows, table};
use super::frame::{Frame, Shown};
use super::standing::Tally;
use super::start::{self, Glance, shown::card};
use super::words::{many, when};
use super::{Fields, said};
use crate::api::log::{denied, tallied};
use crate::api::{Api, Failure, points, sessions};
use crate::call::{Admitted, ReadLog, ReadObjects, ReadSessions};
use crate::endings::Ending;

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) activity: Activity,
    pub(super) notes: Vec<Note>,
    /// What the people of the notes are called, and what they sign in with.
    pub(super) named: BTreeMap<String, (String, String)>,
    pub(super) sessions: u64,
    pub(super) people: u64,
    pub(super) live: u64,
    /// How the points on other machines stand.
    pub(super) points: Tally,
    pub(super) log: Log,
    pub(super) endings: Vec<Ending>,
    pub(super) decisions: Vec<Row>,
    pub(super) cuts: Vec<Row>,
    /// How far the first steps are.
    pub(super) start: Glance,
}

/// How the evidence log stands.
#[derive(Debug)]
pub(super) struct Log {
    /// How many entries the newest signature speaks for.
    pub(super) size: u64,
    /// How many of them searches find.
    pub(super) indexed: u64,
    /// When it was signed.
    pub(super) signed: Option<Timestamp>,
    /// What was found when it was last verified.
    pub(super) checked: Option<Checked>,
}

pub(super) async fn show(
    admitted: Admitted<ReadLog>,
    sessions_too: Admitted<ReadSessions>,
    objects_too: Result<Admitted<ReadObjects>, Response>,
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    Query(asked): Query<Fields>,
) -> Result<Shown, Failure> {
    let frame = Frame::of(&api, &admitted).await?;
    let mut called = Called::new(&api);
    let activity = Activity::new(Span::asked(&asked), said(&asked, "hosts") == Some("all"), frame.now);
    let counts = tallied(&admitted, &api, &activity.tally()).await?;
    let of_apps = Search { kind: Some(EventKind::Decision), without_own: true, ..Search::default() };
    let latest = newest(&admitted, &api, of_apps, LATEST).await?;
    let cuts = Search { kind: Some(EventKind::GrantEnd), outcome: Some(Outcome::Cut), ..Search::default() };
    let cuts = newest(&admitted, &api, cuts, CUTS).await?;
    let sessions = sessions::listed(&sessions_too, &api, None).await?;
    let people: std::collections::BTreeSet<_> = sessions.iter().map(|session| session.user_id).collect();
    let points = match &objects_too {
        Ok(admitted) => points::listed(admitted, &api).await?,
        // Who may see no points sees the rest of the page.
        Err(_refused) => Vec::new(),
    };
    let size = api.log.checkpoint().checkpoint.size;
    let log = Log {
        size,
        indexed: api.log.indexed().min(size),
        signed: api.log.signed().await,
        checked: api.log.checked(),
    };
    let endings = api.endings.all();
    let ago = |days: u64| ago(frame.now, days);
    let denials = denied(&admitted, &api, ago(BEFORE_DAYS + 1), ago(1)).await?;
    let by_app = Counted {
        since: ago(BEFORE_DAYS + 1),
        until: frame.now,
        step: Some(Duration::from_secs(3600)),
        hosts: Hosts::EachApp,
        outcome: Some(Outcome::Deny),
        reason: None,
    };
    let spool = api.enforcer.recorder().spool().standing();
    let known = Known {
        now: frame.now,
        points: &points,
        spool: Spool { used: spool.used, limit: spool.limit, fails: spool.failure.is_some() },
        unindexed: log.size - log.indexed,
        damages: log.checked.as_ref().map_or(0, |checked| checked.problems),
        missed: api.enforcer.missed(),
        endings: &endings,
        denied: &denials,
        apps: &tallied(&admitted, &api, &by_app).await?,
    };
    let notes = known.notes();
    let mut named = BTreeMap::new();
    for note in &notes {
        if let Note::Person(id, ..) = note
            && let Ok(user) = id.parse()
        {
            let person = called.person(user).await?;
            named.insert(id.clone(), (person.display, person.login.unwrap_or_else(|| id.clone())));
        }
    }
    let view = View {
        activity: activity.with(counts),
        notes,
        named,
        sessions: many(sessions.len()),
        people: many(people.len()),
        live: sessions.iter().map(|session| session.live_grants).sum(),
        points: Tally::of(&points),
        log,
        endings,
        decisions: rows(&mut called, &latest).await?,
        cuts: rows(&mut called, &cuts).await?,
        start: match &objects_too {
            Ok(_admitted) => start::glance(&admitted, &api, &headers).await?,
            Err(_refused) => Glance::Nothing,
        },
        frame,
    };
    Ok(page(&view).into())
}

fn ago(now: Timestamp, days: u64) -> Timestamp {
    let micros = i64::try_from(days).unwrap_or(0).saturating_mul(86_400_000_000);
    Timestamp::from_micros(now.as_micros().saturating_sub(micros))
}

pub(super) fn page(view: &View) -> Rendered {
    let words = view.frame.words;
    let title = |id| html! { h2 { (words.say(id)) } };
    let more = |id, url: &str| html! { a href=(url) { (words.say(id)) } };
    let unknown = |id: &str| (id.to_owned(), id.to_owned());
    let content = html! {
        (card(words, view.start))
        section .panel {
            div .row.apart {
                div .row { (title(view.activity.title())) span .muted.small { (words.say("overview-utc")) } }
                (view.activity.spans(words))
            }
            (view.activity.chart(words))
        }
        div .two.overview {
            div {
                (list(words, &view.notes, |id| view.named.get(id).cloned().unwrap_or_else(|| unknown(id))))
                section { (title("overview-reasons")) (view.activity.reasons(words)) }
            }
            section { (title("overview-now")) (standing(view)) }
        }
        section {
            div .row.apart { (title("overview-latest")) (more("overview-all-decisions", "/decisions")) }
            (table(&words.say("overview-latest"), &view.frame, &view.decisions, &html! {
                p { (words.say("overview-latest-none")) }
                p { (words.markup("overview-latest-try", &[], &[("command", html! { code { "bartizan list app" } })])) }
            }))
        }
        section {
            div .row.apart { (title("overview-cuts")) (more("overview-all-cuts", "/decisions?outcome=cut")) }
            (table(&words.say("overview-cuts"), &view.frame, &view.cuts, &html! {
                p { (words.say("overview-cuts-none")) }
                p { (words.markup("overview-cuts-try", &[], &[("command", html! { code { "bartizan session revoke --user NAME --wait" } })])) }
            }))
        }
        (view.activity.hosts(words))
    };
    view.frame.page("/", &words.say("place-overview"), &content)
}

/// How things stand now.
fn standing(view: &View) -> Markup {
    let (now, words) = (view.frame.now, view.frame.words);
    let number = |count| words.with("chart-number", &[("number", Value::Count(count))]);
    let Log { size, indexed, signed, checked } = &view.log;
    let (size, indexed, signed) = (*size, *indexed, *signed);
    html! {
        dl .facts.panel {
            dt { (words.say("overview-live")) } dd { a href="/sessions" { (number(view.live)) } }
            dt { (words.say("overview-sign-ins")) }
            dd {
                a href="/sessions" { (number(view.sessions)) }
                " " span .muted { (words.with("overview-people", &[("count", view.people.into())])) }
            }
            @if view.points != Tally::default() { dt { (words.say("place-points")) } dd { (view.points.line(words)) } }
            dt { (words.say("overview-log")) }
            dd {
                (words.with("overview-log-size", &[("count", size.into())]))
                @if let Some(signed) = signed {
                    ", " (words.markup("overview-log-signed", &[], &[("when", when(&view.frame, signed))]))
                }
                @if size - indexed.min(size) > CATCHING_UP {
                    span .under.muted { (words.with("overview-log-indexed", &[("count", (size - indexed).into())])) }
                }
                @match checked {
                    Some(checked) if checked.problems == 0 => span .under {
                        span .badge.permit { (icon(Icon::Permit)) (words.say("overview-log-whole")) } " "
                        span .muted { (words.markup("overview-log-checked", &[], &[("when", when(&view.frame, checked.at))])) }
                    },
                    Some(checked) => span .under {
                        span .badge.deny { (icon(Icon::Deny)) (words.say("overview-log-damaged")) } " "
                        span .muted { (words.markup("overview-log-checked", &[], &[("when", when(&view.frame, checked.at))])) }
                    },
                    None => span .under.muted { (words.markup("overview-log-verify", &[], &[("command", html! { code { "bartizan log verify" } })])) },
                }
            }
            dt { (words.say("overview-certificates")) }
            dd {
                @for ending in view.endings.iter().take(CERTIFICATES) {
                    span .block {
                        @if ending.names.is_empty() { (words.say("overview-authority")) } @else { (ending.names.join(", ")) }
                        " " span .muted title=(ending.ends) { (left(words, now, ending.ends)) }
                    }
                }
            }
        }
    }
}

/// How much longer a certificate is good for.
fn left(words: Words, now: Timestamp, ends: Timestamp) -> String {
    words.with("overview-days-left", &[("days", (ends.since(now).as_secs() / 86_400).into())])
}

/// How many decisions the first page shows.
const LATEST: usize = 10;

/// How many cuts it shows.
const CUTS: usize = 5;

/// How many entries searches may lack before it is said: each look at a page makes some.
const CATCHING_UP: u64 = 1_000;

/// How many certificates are named: those that end first.
const CERTIFICATES: usize = 4;
