//! The enforcement points on other machines: how they keep up, and taking one out.

use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{Query, State};
use bartizan_model::Revision;
use bartizan_ui::{
    Align, Column, Emphasis, Icon, Rendered, Table, Tone, Words, command, icon, link_button, notice, wait,
};
use maud::{Markup, html};

use super::confirm::{Confirm, confirm};
use super::frame::{Frame, Shown};
use super::standing::{Standing, short};
use super::words::{took, when};
use super::{Fields, said};
use crate::api::points::{Shown as Point, listed, removed};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, WriteObjects};
use crate::error::Error;

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    /// What was done just now.
    pub(super) done: Option<String>,
    /// Whether control listens for points.
    pub(super) listens: bool,
    pub(super) points: Vec<Point>,
}

pub(super) async fn show(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
) -> Result<Shown, Failure> {
    view(&admitted, &api, None).await
}

async fn view(admitted: &Admitted<ReadObjects>, api: &Api, done: Option<String>) -> Result<Shown, Failure> {
    let points = listed(admitted, api).await?;
    let frame = Frame::of(api, admitted).await?;
    Ok(page(&View { frame, done, listens: api.points.are_listened_for(), points }).into())
}

pub(super) fn page(view: &View) -> Rendered {
    let words = view.frame.words;
    let names = HEADS.map(|(id, align)| (words.say(id), align));
    let columns = names.each_ref().map(|(name, align)| Column { name, align: *align });
    let command = html! { code { "bartizan join-token create --role gateway" } };
    let empty = html! {
        p { (words.say("points-none")) }
        @if view.listens { p { (words.markup("points-none-try", &[], &[("command", command)])) } }
    };
    let rows = view.points.iter().map(|point| cells(&view.frame, point)).collect();
    let caption = words.say("place-points");
    let table = Table { caption: &caption, columns: &columns, rows, empty };
    let content = html! {
        @if let Some(done) = &view.done { (notice(Tone::Done, &html! { (done) })) }
        div .row.apart {
            p .muted.lead { (words.say("points-what")) }
            @if view.listens { (link_button(&words.say("points-let-join"), "/points/join", Emphasis::Primary)) }
        }
        @if !view.listens { (not_listening(words)) }
        (table.markup())
        @if !view.points.is_empty() {
            p .muted.lead { (words.say("points-columns")) }
        }
    };
    view.frame.page("/points", &words.say("place-points"), &content)
}

/// Why none can join, and what mends it.
pub(super) fn not_listening(words: Words) -> Markup {
    let file = html! { code { "bartizan.toml" } };
    notice(
        Tone::Warning,
        &html! {
            p { (words.markup("points-not-listening", &[], &[("file", file)])) }
            (command("[points]\naddress = \"0.0.0.0:8444\"", words.language()))
        },
    )
}

fn cells(frame: &Frame, point: &Point) -> Vec<Markup> {
    let (words, standing) = (frame.words, Standing::of(point));
    let heard = standing != Standing::Unheard;
    let number = |of: Option<u64>| html! { @match of { Some(of) => (of), None => (nothing()) } };
    vec![
        html! { strong { (point.name) } span .muted.under { (words.markup("points-joined", &[], &[("when", when(frame, point.joined))])) } },
        html! { span .wrap.short { (apps(words, point)) } },
        html! { (standing.badge(words)) @if let Some(more) = standing.more(words) { span .muted.under { (more) } } },
        revision(frame, point.revision.filter(|_| heard), standing),
        // Nothing is sent to one that is away, so nothing waits for its answer.
        match point.lag_ms.filter(|_| !standing.is_away()) {
            Some(lag) if lag < 1000 => html! { (lag) " ms" },
            Some(lag) => html! { (lag / 1000) " s" },
            None => nothing(),
        },
        match point.lease_ms {
            Some(lease) => html! { (short(Duration::from_millis(lease))) },
            None => nothing(),
        },
        number(point.backlog),
        number(point.lease_ms.map(|_| live(point))),
        release(words, point.version.as_deref().filter(|_| heard)),
        link_button(
            &words.say("points-remove"),
            &format!("/points/remove?name={}", point.id),
            Emphasis::Secondary,
        ),
    ]
}

fn nothing() -> Markup {
    html! { span .muted { "–" } }
}

fn apps(words: Words, point: &Point) -> String {
    match &point.scope {
        None => words.say("points-every-app"),
        Some(apps) => apps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// The revision that it decides on, and how far control's is from it.
fn revision(frame: &Frame, of: Option<Revision>, standing: Standing) -> Markup {
    let Some(of) = of else { return nothing() };
    let missing = frame.revision.get().saturating_sub(of.get());
    html! {
        (of)
        @if missing > 0 && standing != Standing::UpToDate { span .muted.under { (frame.words.with("points-missing", &[("count", missing.into())])) } }
    }
}

/// The release that it runs, marked if it is not control's.
fn release(words: Words, of: Option<&str>) -> Markup {
    let Some(of) = of else { return nothing() };
    html! {
        @if of == RELEASE { (of) }
        @else {
            span .badge.step { (icon(Icon::Warning)) (of) }
            span .muted.under { (words.with("points-control", &[("release", RELEASE.into())])) }
        }
    }
}

/// The point that is meant, by name or id.
async fn meant(admitted: &Admitted<ReadObjects>, api: &Api, asked: &Fields) -> Result<Point, Failure> {
    let name = said(asked, "name").unwrap_or_default();
    let missing = || Error::NotFound { what: "point", name: name.chars().take(64).collect() };
    let mut points = listed(admitted, api).await?.into_iter();
    Ok(points.find(|point| point.id == name || point.name == name).ok_or_else(missing)?)
}

/// Shows what removing a point would end.
pub(super) async fn ask(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Query(asked): Query<Fields>,
) -> Result<Shown, Failure> {
    let point = meant(&admitted, &api, &asked).await?;
    let frame = Frame::of(&api, &admitted).await?;
    Ok(ask_page(&frame, &point).into())
}

pub(super) fn ask_page(frame: &Frame, point: &Point) -> Rendered {
    let (words, name, live) = (frame.words, &point.name, live(point));
    let values = [("name", name.into()), ("count", live.into())];
    let streams = || [("streams", html! { strong { (words.with("live-streams", &values)) } })];
    let own = match Standing::of(point) {
        Standing::Away(left) => Some(left),
        Standing::UpToDate | Standing::Behind(_) | Standing::Out | Standing::Unheard => None,
    };
    let effect = html! {
        ul .ways {
            li {
                @if live == 0 { (words.say("remove-nothing")) }
                @else if own.is_some() { (words.markup("remove-ends", &values, &streams())) }
                @else { (words.markup("remove-cuts", &values, &streams())) }
            }
            li { (words.say("remove-refuses")) }
            li { (words.say("remove-keys")) }
            @if let Some(left) = own {
                li { (words.with("remove-away", &[("wait", (&wait(left, words.language())).into())])) }
            }
            @if Standing::of(point) == Standing::Unheard {
                li { (words.say("remove-unheard")) }
            }
        }
    };
    let verb = match live {
        0 => words.with("remove-verb", &values),
        _ => words.with("remove-verb-cut", &values),
    };
    confirm(
        frame,
        "/points",
        &Confirm {
            title: &words.with("remove-title", &values),
            effect: &effect,
            action: "/points/remove",
            // By its id: the name may be another's by the time that it is sent.
            fields: &[("name", &point.id)],
            verb: &verb,
            back: "/points",
            emphasis: Emphasis::Danger,
        },
    )
}

/// How much is open there. With its lease everything has ended, whatever was last heard.
fn live(point: &Point) -> u64 {
    point.live_grants.filter(|_| point.lease_ms.is_some()).unwrap_or(0)
}

pub(super) async fn remove(
    admitted: Admitted<WriteObjects>,
    read: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Form(asked): Form<Fields>,
) -> Result<Shown, Failure> {
    let point = meant(&read, &api, &asked).await?;
    let gone = removed(&admitted, &api, &point.id, true).await?;
    let words = Frame::of(&api, &read).await?.words;
    let took = took(words, gone.applied_ms);
    let values = [("name", (&point.name).into()), ("count", gone.cut.into()), ("took", (&took).into())];
    let done = words.with("remove-done", &values);
    view(&read, &api, Some(done)).await
}

const HEADS: [(&str, Align); 10] = [
    ("points-point", Align::Start),
    ("place-apps", Align::Start),
    ("people-state", Align::Start),
    ("decision-revision", Align::End),
    ("points-lag", Align::End),
    ("points-lease", Align::End),
    ("points-spool", Align::End),
    ("people-live", Align::End),
    ("points-release", Align::Start),
    ("points-change", Align::Start),
];

/// The release of control.
const RELEASE: &str = env!("CARGO_PKG_VERSION");
