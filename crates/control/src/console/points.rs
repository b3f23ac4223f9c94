//! The enforcement points on other machines: how they keep up, and taking one out.

use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{Query, State};
use bartizan_model::Revision;
use bartizan_ui::{
    Align, Column, Emphasis, Icon, Language, Rendered, Table, Tone, command, icon, link_button, notice, wait,
};
use maud::{Markup, html};

use super::confirm::{Confirm, confirm};
use super::frame::{Frame, Shown};
use super::standing::{Standing, short};
use super::words::{count, took, when};
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
    let columns = [
        ("Point", Align::Start),
        ("Apps", Align::Start),
        ("State", Align::Start),
        ("Revision", Align::End),
        ("Lag", Align::End),
        ("Lease", Align::End),
        ("Spool", Align::End),
        ("Live streams", Align::End),
        ("Release", Align::Start),
        ("Change", Align::Start),
    ];
    let columns = columns.map(|(name, align)| Column { name, align });
    let empty = html! {
        p { "No gateway on another machine has joined. One that has is a point: it serves apps where they are, decides by what control tells it, and stands here with how it keeps up." }
        @if view.listens { p { "Let one join here, or with what this prints: " code { "bartizan join-token create --role gateway" } } }
    };
    let rows = view.points.iter().map(|point| cells(&view.frame, point)).collect();
    let table = Table { caption: "Points", columns: &columns, rows, empty };
    let content = html! {
        @if let Some(done) = &view.done { (notice(Tone::Done, &html! { (done) })) }
        div .row.apart {
            p .muted.lead { "Gateways on other machines. The gateway of this machine is none of them." }
            @if view.listens { (link_button("Let one join", "/points/join", Emphasis::Primary)) }
        }
        @if !view.listens { (not_listening()) }
        (table.markup())
        @if !view.points.is_empty() {
            p .muted.lead {
                "Lag is how long the oldest change waits that a point has not confirmed; lease, how much longer it decides if it hears nothing more; spool, how many events wait there for the log."
            }
        }
    };
    view.frame.page("/points", "Points", &content)
}

/// Why none can join, and what mends it.
pub(super) fn not_listening() -> Markup {
    notice(
        Tone::Warning,
        &html! {
            p { "Control listens for no points, so none can join and none is heard of. Put this into " code { "bartizan.toml" } ", and restart control:" }
            (command("[points]\naddress = \"0.0.0.0:8444\"", Language::English))
        },
    )
}

fn cells(frame: &Frame, point: &Point) -> Vec<Markup> {
    let standing = Standing::of(point);
    let heard = standing != Standing::Unheard;
    let number = |of: Option<u64>| html! { @match of { Some(of) => (of), None => (nothing()) } };
    vec![
        html! { strong { (point.name) } span .muted.under { "joined " (when(frame.now, point.joined)) } },
        html! { span .wrap.short { (apps(point)) } },
        html! { (standing.badge()) @if let Some(more) = standing.more() { span .muted.under { (more) } } },
        revision(frame.revision, point.revision.filter(|_| heard), standing),
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
        release(point.version.as_deref().filter(|_| heard)),
        link_button("Remove", &format!("/points/remove?name={}", point.id), Emphasis::Secondary),
    ]
}

fn nothing() -> Markup {
    html! { span .muted { "–" } }
}

fn apps(point: &Point) -> String {
    match &point.scope {
        None => String::from("every app"),
        Some(apps) => apps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// The revision that it decides on, and how far control's is from it.
fn revision(newest: Revision, of: Option<Revision>, standing: Standing) -> Markup {
    let Some(of) = of else { return nothing() };
    let missing = newest.get().saturating_sub(of.get());
    html! {
        (of)
        @if missing > 0 && standing != Standing::UpToDate { span .muted.under { (missing) " behind" } }
    }
}

/// The release that it runs, marked if it is not control's.
fn release(of: Option<&str>) -> Markup {
    let Some(of) = of else { return nothing() };
    html! {
        @if of == RELEASE { (of) }
        @else {
            span .badge.step { (icon(Icon::Warning)) (of) }
            span .muted.under { "control: " (RELEASE) }
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
    let (name, live) = (&point.name, live(point));
    let own = match Standing::of(point) {
        Standing::Away(left) => Some(left),
        Standing::UpToDate | Standing::Behind(_) | Standing::Out | Standing::Unheard => None,
    };
    let effect = html! {
        ul .ways {
            li {
                @if live == 0 { "Nothing would be cut: as far as control knows, nothing is open there." }
                @else if own.is_some() { strong { (count(live, "live stream")) } " there would end with its lease." }
                @else { strong { (count(live, "live stream")) } " there would be cut at once: requests, streams and downloads stop before their end." }
            }
            li { "Whoever is sent to that machine is refused, until the names of its apps lead elsewhere." }
            li { "Its certificate and the keys with which it signed are of no use any more. It cannot come back with what it has: to have it again, let it join anew, with another folder." }
            @if let Some(left) = own {
                li { "It is away and cannot be told, so the answer waits until its lease is over: " (wait(left, Language::English)) " at most." }
            }
            @if Standing::of(point) == Standing::Unheard {
                li { "It was not heard of since control started. If that was just now, it may decide until its lease is over." }
            }
        }
    };
    let verb = match live {
        0 => format!("Remove {name}"),
        live => format!("Remove {name} and cut {}", count(live, "live stream")),
    };
    confirm(
        frame,
        "/points",
        &Confirm {
            title: &format!("Remove {name}?"),
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
    let open = match gone.cut {
        0 => String::from("nothing was open there"),
        cut => format!("{} there ended", count(cut, "live stream")),
    };
    let done = format!("{} is removed; {open}. It was so there after {}.", point.name, took(gone.applied_ms));
    view(&read, &api, Some(done)).await
}

/// The release of control.
const RELEASE: &str = env!("CARGO_PKG_VERSION");
