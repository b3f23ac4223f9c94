//! The enforcement points on other machines: how they keep up, and taking one out.

use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{Query, State};
use bartizan_model::Revision;
use bartizan_ui::{
    Align, Column, Emphasis, Icon, Rendered, Table, Tone, command, icon, link_button, notice, wait,
};
use maud::{Markup, html};

use super::frame::{Frame, Shown};
use super::people::{Confirm, confirm};
use super::words::{count, length, took, when};
use super::{Fields, said};
use crate::api::points::{Shown as Point, listed, removed};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, WriteObjects};
use crate::error::Error;

/// How a point stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has applied what there is.
    UpToDate,
    /// The oldest change that it has not confirmed has waited for so long.
    Behind(Duration),
    /// It is not heard of, and decides for so long at most.
    Away(Duration),
    /// It decides nothing any more until it is heard of.
    Out,
    /// It was never heard of since control started, so nobody knows what is left of its lease.
    Unheard,
}

impl Standing {
    pub(super) fn of(point: &Point) -> Self {
        let behind = Duration::from_millis(point.lag_ms.unwrap_or(0));
        match point.lease_ms.map(Duration::from_millis) {
            Some(left) if !point.connected => Self::Away(left),
            Some(_) if behind < NEWS => Self::UpToDate,
            Some(_) => Self::Behind(behind),
            None if point.version.as_ref().is_none_or(String::is_empty) => Self::Unheard,
            None => Self::Out,
        }
    }

    const fn is_away(self) -> bool {
        match self {
            Self::UpToDate | Self::Behind(_) => false,
            Self::Away(_) | Self::Out | Self::Unheard => true,
        }
    }

    /// As it is drawn.
    fn badge(self) -> Markup {
        let (class, picture, word) = match self {
            Self::UpToDate => ("permit", Icon::Permit, "Up to date"),
            Self::Behind(_) => ("step", Icon::Clock, "Behind"),
            Self::Away(_) | Self::Unheard => ("step", Icon::Unknown, "Away"),
            Self::Out => ("deny", Icon::Deny, "Away"),
        };
        html! { span class={ "badge " (class) } { (icon(picture)) (word) } }
    }

    /// What the word leaves open.
    fn more(self) -> Option<String> {
        match self {
            Self::UpToDate => None,
            Self::Behind(since) => Some(format!("for {}", length(since))),
            Self::Away(left) => Some(format!("decides for {} at most", wait(left))),
            Self::Out => Some(String::from("decides nothing")),
            Self::Unheard => Some(String::from("not heard of since control started")),
        }
    }
}

/// How many points stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) up_to_date: u64,
    pub(super) behind: u64,
    pub(super) away: u64,
}

impl Tally {
    pub(super) fn of(points: &[Point]) -> Self {
        let mut tally = Self::default();
        for point in points {
            match Standing::of(point) {
                Standing::UpToDate => tally.up_to_date += 1,
                Standing::Behind(_) => tally.behind += 1,
                Standing::Away(_) | Standing::Out | Standing::Unheard => tally.away += 1,
            }
        }
        tally
    }

    /// The line that leads to the points; nothing if there are none.
    pub(super) fn line(self) -> Markup {
        let all = self.up_to_date + self.behind + self.away;
        let parts = [
            (self.up_to_date, "permit", Icon::Permit, "up to date"),
            (self.behind, "step", Icon::Clock, "behind"),
            (self.away, "step", Icon::Unknown, "away"),
        ];
        html! {
            @if all > 0 {
                p .row.tight {
                    a href="/points" { (count(all, "point")) " on other machines" }
                    @for (number, class, picture, words) in parts {
                        @if number > 0 { span class={ "badge " (class) } { (icon(picture)) (number) " " (words) } }
                    }
                }
            }
        }
    }
}

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
        ("Joined", Align::Start),
        ("Change", Align::Start),
    ];
    let columns = columns.map(|(name, align)| Column { name, align });
    let empty = html! {
        p { "No gateway on another machine has joined. One that has is a point: it serves apps where they are, decides by what control tells it, and stands here with how it keeps up." }
        p { "Make the token with which one joins: " code { "bartizan join-token create --role gateway" } }
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
            (command("[points]\naddress = \"0.0.0.0:8444\""))
        },
    )
}

fn cells(frame: &Frame, point: &Point) -> Vec<Markup> {
    let standing = Standing::of(point);
    let heard = standing != Standing::Unheard;
    let number = |of: Option<u64>| html! { @match of { Some(of) => (of), None => (nothing()) } };
    vec![
        html! { strong { (point.name) } },
        html! { span .wrap.short { (apps(point)) } },
        html! {
            div .row.tight {
                (standing.badge())
                @if let Some(more) = standing.more() { span .muted { (more) } }
            }
        },
        revision(frame.revision, point.revision.filter(|_| heard), standing),
        // Nothing is sent to one that is away, so nothing waits for its answer.
        match point.lag_ms.filter(|_| !standing.is_away()) {
            Some(lag) => html! { (short(lag)) },
            None => nothing(),
        },
        match point.lease_ms {
            Some(lease) => html! { (short(lease)) },
            None => nothing(),
        },
        number(point.backlog),
        number(point.live_grants.filter(|_| point.lease_ms.is_some())),
        release(point.version.as_deref().filter(|_| heard)),
        when(frame.now, point.joined),
        link_button("Remove", &format!("/points/remove?name={}", point.id), Emphasis::Secondary),
    ]
}

fn nothing() -> Markup {
    html! { span .muted { "–" } }
}

/// Measured, as it fits a column: "12 ms", "29 s".
fn short(millis: u64) -> String {
    match millis {
        0..1000 => format!("{millis} ms"),
        1000.. => format!("{} s", millis / 1000),
    }
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
        @if missing > 0 && standing != Standing::UpToDate { span .muted { (missing) " behind " } }
        (of)
    }
}

/// The release that it runs, marked if it is not control's.
fn release(of: Option<&str>) -> Markup {
    let Some(of) = of else { return nothing() };
    html! {
        (of)
        @if of != RELEASE { " " span .badge.step { (icon(Icon::Warning)) "Control runs " (RELEASE) } }
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
    let (name, standing) = (&point.name, Standing::of(point));
    let live = point.live_grants.filter(|_| point.lease_ms.is_some()).unwrap_or(0);
    let effect = html! {
        ul .ways {
            li {
                @if live == 0 { "Nothing would be cut: as far as control knows, nothing is open there. " }
                @else { strong { (count(live, "live stream")) } " there would be cut at once: requests, streams and downloads stop before their end. " }
            }
            li { "Whoever is sent to that machine for " (apps(point)) " is refused, until the name leads elsewhere." }
            li { "Its certificate and the keys with which it signed are of no use any more. It cannot come back with what it has: to have it again, let it join anew, with another folder." }
            @match standing {
                Standing::Away(left) => li { "It is away and cannot be told. This page waits until its lease is over: " (wait(left)) " at most." },
                Standing::Unheard => li { "It is away and cannot be told: if control started just now, it may decide until its lease is over." },
                Standing::UpToDate | Standing::Behind(_) | Standing::Out => {},
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

pub(super) async fn remove(
    admitted: Admitted<WriteObjects>,
    read: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Form(asked): Form<Fields>,
) -> Result<Shown, Failure> {
    let point = meant(&read, &api, &asked).await?;
    let live = point.live_grants.filter(|_| point.lease_ms.is_some()).unwrap_or(0);
    let gone = removed(&admitted, &api, &point.id, true).await?;
    // What a point that is removed has cut, nobody is told any more; nothing that was open there is.
    let done = format!(
        "{} is removed. What was open there ({}) had ended after {}.",
        point.name,
        count(live, "live stream"),
        took(gone.applied_ms)
    );
    view(&read, &api, Some(done)).await
}

/// A change is confirmed within milliseconds: what waits for less than this is no news.
const NEWS: Duration = Duration::from_secs(1);

/// The release of control.
const RELEASE: &str = env!("CARGO_PKG_VERSION");
