//! Letting a machine become an enforcement point: what it is to be, and then the token and the commands that make it one.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use bartizan_model::Timestamp;
use bartizan_ui::{
    Check, Emphasis, Field, Rendered, Tone, Words, button, checks, command, form, notice, secret_text, select,
};
use http::StatusCode;
use maud::html;

use super::failure::explained;
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
    let words = view.frame.words;
    let content = html! {
        @if view.listens { (fields(view)) } @else { (not_listening(words)) }
        p { a href="/points" { (words.say("join-back")) } }
    };
    view.frame.page("/points", &words.say("join-title"), &content)
}

fn fields(view: &View) -> maud::Markup {
    let words = view.frame.words;
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
    let all = words.say(if boxes.is_empty() { "join-no-apps" } else { "join-apps-hint" });
    let lives_for = lives_for(words);
    let lives_for = lives_for.each_ref().map(|(seconds, text)| (*seconds, text.as_str()));
    let fields = html! {
        @if let Some((_, problem)) = elsewhere { (notice(Tone::Failure, &html! { (problem) })) }
        (Field::text(NAME, &words.say("join-name")).value(said(&view.typed, NAME).unwrap_or_default()).optional()
            .hint(&words.say("join-name-hint")).problem(problem(NAME)))
        (checks("apps", &words.say("join-apps"), &all, problem(SCOPE), &boxes))
        (select(TTL, &words.say("join-good-for"), &lives_for, said(&view.typed, TTL).unwrap_or(TEN_MINUTES)))
        (button(&words.say("join-make"), Emphasis::Primary))
    };
    html! {
        p .muted.lead { (words.say("join-what")) }
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
    view.problem = Some((field, explained(view.frame.words, &error).1));
    view.typed = typed;
    Ok(Shown::from(page(&view)).status(StatusCode::UNPROCESSABLE_ENTITY))
}

/// Shows a token, which is the only time that it is shown, and what to do with it.
pub(super) fn made_page(frame: &Frame, apps: &[String], made: &Made) -> Rendered {
    let words = frame.words;
    let left = length(words, made.expires.since(Timestamp::min(frame.now, made.expires)));
    let apps = apps.join(", ");
    let values = [("apps", (&apps).into()), ("left", (&left).into())];
    let pieces = [("name", html! { strong { (made.name) } }), ("until", html! { code { (made.expires) } })];
    let option = html! { code { "--join-file" } };
    let points = html! { a href="/points" { (words.say("join-among-points")) } };
    let content = html! {
        div .panel {
            p {
                @if apps.is_empty() { (words.markup("join-made-for-all", &values, &pieces)) }
                @else { (words.markup("join-made-for", &values, &pieces)) }
                " " (words.markup("join-works-once", &values, &pieces))
            }
            (secret_text(&made.token, words.language()))
        }
        section {
            h2 { (words.say("join-bring")) }
            p { (words.say("join-bring-how")) }
            (command("(umask 077; cat > token)", words.language()))
        }
        section {
            h2 { (words.say("join-start")) }
            (command("bartizan gateway --join-file token --dir /var/lib/bartizan-gateway --listen 0.0.0.0:443", words.language()))
            p { (words.markup("join-later", &[], &[("option", option)])) }
        }
        section {
            h2 { (words.say("join-send")) }
            p { (words.markup("join-send-how", &[], &[("points", points)])) }
        }
    };
    frame.page("/points", &words.with("join-made-title", &[("name", (&made.name).into())]), &content)
}

/// The fields, as the API calls them.
const NAME: &str = "name";
const SCOPE: &str = "scope";
const TTL: &str = "ttl_seconds";

/// What the fields of apps begin with.
const APP: &str = "app:";

const TEN_MINUTES: &str = "600";

/// How long a token can be good for, in seconds and in words.
fn lives_for(words: Words) -> [(&'static str, String); 4] {
    let count = |id, count: u64| words.with(id, &[("count", count.into())]);
    [
        (TEN_MINUTES, count("length-minutes", 10)),
        ("3600", count("length-hours", 1)),
        ("28800", count("length-hours", 8)),
        ("86400", count("length-hours", 24)),
    ]
}
