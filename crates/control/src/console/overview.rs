//! The first page: what was decided, who is here, what was cut.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bartizan_evidence::Query as Search;
use bartizan_model::{EventKind, Outcome};
use bartizan_ui::Rendered;
use maud::html;

use super::called::Called;
use super::decisions::{Row, gather, is_own, rows, table};
use super::frame::{Frame, Shown};
use super::standing::Tally;
use super::words::many;
use crate::api::{Api, Failure, points, sessions};
use crate::call::{Admitted, ReadLog, ReadObjects, ReadSessions};

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) sessions: u64,
    pub(super) people: u64,
    pub(super) live: u64,
    /// How the points on other machines stand.
    pub(super) points: Tally,
    pub(super) decisions: Vec<Row>,
    pub(super) cuts: Vec<Row>,
}

pub(super) async fn show(
    admitted: Admitted<ReadLog>,
    sessions_too: Admitted<ReadSessions>,
    objects_too: Result<Admitted<ReadObjects>, Response>,
    State(api): State<Arc<Api>>,
) -> Result<Shown, Failure> {
    let mut called = Called::new(&api);
    let newest = Search { kind: Some(EventKind::Decision), ..Search::default() };
    let newest = gather(&admitted, &api, newest, |found| !is_own(found), LATEST).await?;
    let cuts = Search { kind: Some(EventKind::GrantEnd), outcome: Some(Outcome::Cut), ..Search::default() };
    let cuts = gather(&admitted, &api, cuts, |_any| true, CUTS).await?;
    let sessions = sessions::listed(&sessions_too, &api, None).await?;
    let people: std::collections::BTreeSet<_> = sessions.iter().map(|session| session.user_id).collect();
    let points = match &objects_too {
        Ok(admitted) => Tally::of(&points::listed(admitted, &api).await?),
        // Who may see no points sees the rest of the page.
        Err(_refused) => Tally::default(),
    };
    let view = View {
        frame: Frame::of(&api, &admitted).await?,
        sessions: many(sessions.len()),
        people: many(people.len()),
        live: sessions.iter().map(|session| session.live_grants).sum(),
        points,
        decisions: rows(&mut called, &newest).await?,
        cuts: rows(&mut called, &cuts).await?,
    };
    Ok(page(&view).into())
}

pub(super) fn page(view: &View) -> Rendered {
    let now = view.frame.now;
    let content = html! {
        dl .figures {
            div { dt { "Sign-ins" } dd { a href="/sessions" { (view.sessions) } } }
            div { dt { "People signed in" } dd { (view.people) } }
            div { dt { "Live streams" } dd { a href="/sessions" { (view.live) } } }
            div { dt { "Revision" } dd { (view.frame.revision) } }
        }
        (view.points.line())
        section {
            div .row.apart { h2 { "Latest decisions" } a href="/decisions" { "All decisions" } }
            (table("Latest decisions", now, &view.decisions, &html! {
                p { "Nothing has been decided about an app yet. Open one, and the decision stands here." }
                p { "See what apps there are: " code { "bartizan list app" } }
            }))
        }
        section {
            div .row.apart { h2 { "Cut lately" } a href="/decisions?outcome=cut" { "All cuts" } }
            (table("Cut lately", now, &view.cuts, &html! {
                p { "Nothing was cut. What is cut because it is no longer allowed stands here, with the reason." }
                p { "End what somebody has open: " code { "bartizan session revoke --user NAME --wait" } }
            }))
        }
        p .muted { "Decisions about the console and the sign-in pages are left out here." }
    };
    view.frame.page("/", "Overview", &content)
}

/// How many decisions the first page shows.
const LATEST: usize = 10;

/// How many cuts it shows.
const CUTS: usize = 5;
