//! Letting a machine become an enforcement point: what it is to be, and then the token and the commands that make it one.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use bartizan_model::Timestamp;
use bartizan_ui::{
    Check, Emphasis, Field, Rendered, Tone, button, checks, command, form, notice, secret_text, select,
};
use http::StatusCode;
use maud::html;

use super::failure::sentence;
use super::frame::{Frame, Shown};
use super::points::not_listening;
use super::words::length;
use super::{Fields, said};
use crate::api::failure::kind_of;
use crate::api::points::{Asks, Made, made};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, WriteObjects};
use crate::error::Error;
use crate::files::RESERVED;
use crate::points::PointRole;

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    /// Whether control listens for points.
    pub(super) listens: bool,
    /// The apps that a point can serve.
    pub(super) apps: BTreeSet<String>,
    pub(super) typed: Fields,
    /// What is wrong: with which field, and a sentence.
    pub(super) problem: Option<(&'static str, String)>,
}

pub(super) async fn ask(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
) -> Result<Shown, Failure> {
    Ok(page(&view(&admitted, &api).await?).into())
}

async fn view(admitted: &Admitted<ReadObjects>, api: &Api) -> Result<View, Failure> {
    let world = api.hub.world();
    let apps = world.apps().filter(|app| app.upstream.is_some() && !RESERVED.contains(&app.name.as_str()));
    let apps = apps.map(|app| app.name.to_string()).collect();
    let frame = Frame::of(api, admitted).await?;
    let listens = api.points.are_listened_for();
    Ok(View { frame, listens, apps, typed: Fields::new(), problem: None })
}

pub(super) fn page(view: &View) -> Rendered {
    let content = html! {
        @if view.listens { (fields(view)) } @else { (not_listening()) }
        p { a href="/points" { "Back to the points" } }
    };
    view.frame.page("/points", "Let a gateway join", &content)
}

fn fields(view: &View) -> maud::Markup {
    let problem = |field: &str| match &view.problem {
        Some((name, problem)) if *name == field => Some(problem.as_str()),
        Some(_) | None => None,
    };
    let elsewhere = view.problem.as_ref().filter(|(name, _)| ![NAME, SCOPE].contains(name));
    let ticked: BTreeSet<&str> = ticked(&view.typed).collect();
    // An app that is gone by now stays: without it, a choice of it alone would become one of every app.
    let names: BTreeSet<&str> = view.apps.iter().map(String::as_str).chain(ticked.iter().copied()).collect();
    let fields: Vec<String> = names.iter().map(|name| format!("{APP}{name}")).collect();
    let boxes: Vec<Check<'_>> = fields
        .iter()
        .zip(&names)
        .map(|(field, name)| Check { name: field, label: name, ticked: ticked.contains(name) })
        .collect();
    let all = if boxes.is_empty() {
        "There is no app with a server behind it yet. The point will serve every app, as they come and go."
    } else {
        "None ticked: every app that has a server behind it, as they come and go. A point is told of no other app than its own, and what it serves does not change later."
    };
    let fields = html! {
        @if let Some((_, problem)) = elsewhere { (notice(Tone::Failure, &html! { (problem) })) }
        (Field::text(NAME, "Name").value(said(&view.typed, NAME).unwrap_or_default()).optional()
            .hint("What the point is called here. Left empty, it is gateway-1, gateway-2 and so on.").problem(problem(NAME)))
        (checks("apps", "Apps that it serves", all, problem(SCOPE), &boxes))
        (select(TTL, "The token is good for", LIVES_FOR, said(&view.typed, TTL).unwrap_or(TEN_MINUTES)))
        (button("Make a token", Emphasis::Primary))
    };
    html! {
        p .muted.lead { "Makes a token with which one machine becomes a gateway of this deployment, once." }
        section .panel.narrow { (form("/points/join", &view.frame.csrf, &fields)) }
    }
}

/// The apps whose boxes are ticked.
fn ticked(typed: &Fields) -> impl Iterator<Item = &str> {
    typed.keys().filter_map(|field| field.strip_prefix(APP))
}

/// What a form asks for, as the API would be asked.
pub(super) fn read(typed: &Fields) -> Result<Asks, Error> {
    let apps: Vec<String> = ticked(typed).map(str::to_owned).collect();
    let ttl = said(typed, TTL).unwrap_or(TEN_MINUTES);
    let why = || format!("`{}` is no number of seconds", ttl.chars().take(64).collect::<String>());
    let ttl = ttl.parse().map_err(|_form: std::num::ParseIntError| Error::Field { name: TTL, why: why() })?;
    Ok(Asks {
        role: String::from(PointRole::Gateway.as_str()),
        scope: (!apps.is_empty()).then_some(apps),
        name: said(typed, NAME).map(str::to_owned),
        ttl_seconds: Some(ttl),
    })
}

pub(super) async fn make(
    admitted: Admitted<WriteObjects>,
    reads: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Form(typed): Form<Fields>,
) -> Result<Shown, Failure> {
    let apps: Vec<String> = ticked(&typed).map(str::to_owned).collect();
    let outcome = match read(&typed) {
        Ok(asked) => made(&admitted, &api, asked).await,
        Err(error) => Err(error.into()),
    };
    let error = match outcome {
        Ok(made) => {
            let frame = Frame::of(&api, &reads).await?;
            return Ok(made_page(&frame, &apps, &made).into());
        }
        Err(Failure::Failed(error)) if kind_of(&error).0 < 500 => error,
        Err(other) => return Err(other),
    };
    let field = if let Error::Field { name, .. } = &error { *name } else { "" };
    let mut view = view(&reads, &api).await?;
    view.problem = Some((field, sentence(&error.to_string())));
    view.typed = typed;
    Ok(Shown::from(page(&view)).status(StatusCode::UNPROCESSABLE_ENTITY))
}

/// Shows a token, which is the only time that it is shown, and what to do with it.
pub(super) fn made_page(frame: &Frame, apps: &[String], made: &Made) -> Rendered {
    let left = made.expires.since(Timestamp::min(frame.now, made.expires));
    let content = html! {
        div .panel {
            p {
                "With this token one machine becomes the gateway " strong { (made.name) } ", for "
                @if apps.is_empty() { "every app that has a server behind it" } @else { (apps.join(", ")) }
                ". It works once, until " code { (made.expires) } " (" (length(left)) " from now), and is not shown again."
            }
            (secret_text(&made.token, frame.words.language()))
        }
        section {
            h2 { "1. Bring it to the other machine" }
            p { "Run this there, paste the token, and end with Enter and Ctrl-D. It is then in a file that nobody else can read." }
            (command("(umask 077; cat > token)", frame.words.language()))
        }
        section {
            h2 { "2. Start the gateway there" }
            (command("bartizan gateway --join-file token --dir /var/lib/bartizan-gateway --listen 0.0.0.0:443", frame.words.language()))
            p { "From then on it is started without " code { "--join-file" } ", and the file can go." }
        }
        section {
            h2 { "3. Send people there" }
            p { "Point the names of its apps at that machine. It stands among the " a href="/points" { "points" } " as soon as it has joined." }
        }
    };
    frame.page("/points", &format!("A token for {}", made.name), &content)
}

/// The fields, as the API calls them.
const NAME: &str = "name";
const SCOPE: &str = "scope";
const TTL: &str = "ttl_seconds";

/// What the fields of apps begin with.
const APP: &str = "app:";

const TEN_MINUTES: &str = "600";

const LIVES_FOR: &[(&str, &str)] =
    &[(TEN_MINUTES, "10 minutes"), ("3600", "1 hour"), ("28800", "8 hours"), ("86400", "24 hours")];
