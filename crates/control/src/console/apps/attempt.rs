//! Trying an app as somebody: what would be decided if they opened it now, in short, before they do.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use bartizan_model::{AppName, DenyReason, Outcome, Revision};
use bartizan_policy::{PolicyEffect, TracedPolicy};
use bartizan_ui::{
    Emphasis, Field, Icon, PersonState, Rendered, Tone, button, icon, link_button, named_filter, notice,
    person_chip,
};
use http::StatusCode;
use maud::{Markup, html};

use super::super::called::{Called, Named};
use super::super::decision::{answer, is_given};
use super::super::frame::{Frame, Shown};
use super::super::list::encoded;
use super::super::words::{assumed, badge, way};
use super::super::{Fields, said};
use super::all;
use super::protect::some;
use crate::api::why::{Supposed, would_be};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadLog, ReadObjects, ReadPeople};
use crate::error::Error;
use crate::register::{Known, Roll};
use crate::why::{Explanation, Note};

#[derive(Debug)]
pub(in crate::console) struct View {
    pub(in crate::console) frame: Frame,
    pub(in crate::console) app: String,
    /// Where people open it.
    pub(in crate::console) url: String,
    /// The revision that made it just now, and whether each point has it.
    pub(in crate::console) made: Option<(Revision, bool)>,
    /// What was typed.
    pub(in crate::console) typed: String,
    pub(in crate::console) problem: Option<String>,
    /// A few people who can be chosen: login and name.
    pub(in crate::console) some: Vec<(String, String)>,
    /// Who tries it, and what would be decided.
    pub(in crate::console) tried: Option<(Named, Explanation)>,
}

pub(in crate::console) async fn show(
    _objects: Admitted<ReadObjects>,
    _people: Admitted<ReadPeople>,
    log: Admitted<ReadLog>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Query(asked): Query<Fields>,
) -> Result<Shown, Failure> {
    let missing = || Error::NotFound { what: "app", name: name.chars().take(64).collect() };
    let app: AppName = name.parse().map_err(|_form| missing())?;
    let url = api.hub.world().app(&app).map(|app| api.reached.url(&app.host)).ok_or_else(missing)?;
    let frame = Frame::of(&api, &log).await?;
    let made = said(&asked, "made").and_then(|text| text.parse().ok()).map(Revision::new);
    let since = all(&api, Roll::Apps).await?.get(name.as_str()).map(|entry| entry.revision);
    // Of a revision at which there was no such app yet, an address says nothing true.
    let made = made.filter(|made| *made <= frame.revision && since.is_some_and(|since| since <= *made));
    let made = made.map(|made| (made, api.hub.is_applied(made)));
    let typed: String = said(&asked, "person").unwrap_or_default().chars().take(LONGEST).collect();
    let (mut problem, mut tried) = (None, None);
    if !typed.is_empty() {
        match api.person(&typed).await {
            Ok(user) => {
                let supposed = Supposed { user: user.to_string(), app, method: None, path: None };
                let mut called = Called::new(&api);
                let mut explanation = would_be(&log, &api, supposed).await?;
                for policy in &mut explanation.trace.policies {
                    for condition in &mut policy.conditions {
                        condition.text = called.text(&policy.id, &condition.text).await?;
                        condition.value = called.text(&policy.id, &condition.value).await?;
                    }
                }
                tried = Some((called.person(user).await?, explanation));
            }
            Err(Error::NotFound { .. }) => {
                problem = Some(frame.words.with("access-no-person", &[("name", (&typed).into())]));
            }
            Err(other) => return Err(other.into()),
        }
    }
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let some = match api.register.of(Roll::People).await? {
        Known::All(people) => {
            some(&people, SOME).map(|known| (known.login.clone(), known.display.clone())).collect()
        }
        Known::Reading(_) => Vec::new(),
    };
    let view = View { frame, app: name, url, made, typed, problem, some, tried };
    Ok(Shown::from(page(&view)).status(status))
}

pub(in crate::console) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let action = format!("/apps/{}/try", view.app);
    let app = [("app", (&view.app).into())];
    let open = html! { a href=(view.url) { (view.url) } };
    let content = html! {
        @if let Some((revision, everywhere)) = view.made {
            @let revision = revision.to_string();
            @let values = [("app", (&view.app).into()), ("revision", (&revision).into())];
            (notice(Tone::Done, &html! {
                strong { (words.with("protect-done", &values)) }
                p { (words.say(if everywhere { "protect-everywhere" } else { "protect-not-everywhere" })) }
                p { (words.markup("protect-open", &[], &[("url", open)])) }
            }))
        } @else {
            p .muted.lead { (words.markup("protect-open", &[], &[("url", open)])) }
        }
        section .panel {
            h2 { (words.say("protect-try")) }
            p .muted { (words.say("protect-try-how")) }
            (named_filter(&action, &words.say("protect-try"), &html! {
                (Field::text("person", &words.say("access-person")).value(&view.typed).problem(view.problem.as_deref()))
                div .go { (button(&words.say("protect-try-verb"), Emphasis::Primary)) }
            }))
            @if !view.some.is_empty() {
                ul .people {
                    @for (login, name) in &view.some {
                        li {
                            a .plain href={ (action) "?person=" (encoded(login)) } {
                                (person_chip(name, PersonState::Active, words.language()))
                            }
                        }
                    }
                }
            }
        }
        @if let Some((person, explanation)) = &view.tried { (outcome(view, person, explanation)) }
        div .row {
            (link_button(&words.say("app-access"), &format!("/access?app={}", view.app), Emphasis::Secondary))
            (link_button(&words.with("protect-to-app", &app), &format!("/apps/{}", view.app), Emphasis::Secondary))
        }
    };
    frame.page("/apps", &words.with("protect-try-title", &app), &content)
}

fn outcome(view: &View, person: &Named, explanation: &Explanation) -> Markup {
    let (words, trace) = (view.frame.words, &explanation.trace);
    // What is about other things is far, however little of it fails.
    let about = trace.policies.iter().filter(|policy| !policy.conditions.iter().any(is_given));
    let said = answer(words, &person.display, ("http:read", &view.app), trace);
    html! {
        section .panel {
            h2 { (said) }
            p .row { (badge(words, trace.outcome, trace.reason.map(DenyReason::as_str))) }
            @for note in &explanation.notes {
                @match note {
                    Note::UnderSession(_) => p .muted { (words.say("protect-try-session")) },
                    Note::SignInAssumed => p .muted { (words.say("protect-try-assumed")) },
                    Note::Recorded { .. } | Note::Sealed | Note::NotKept(_) => p .muted { (assumed(words, note)) "." },
                }
            }
            ul .steps {
                @for policy in about.take(NEAREST) { (considered(view, policy)) }
            }
            @if trace.outcome == Outcome::Deny {
                @if explanation.remedies.is_empty() { p { (words.say("protect-try-no-way")) } }
                @else {
                    h3 { (words.say("decision-remedies")) }
                    ul .ways { @for remedy in &explanation.remedies { li { (way(words, remedy)) "." } } }
                }
            }
        }
    }
}

/// A policy, and which of its conditions do not hold.
fn considered(view: &View, policy: &TracedPolicy) -> Markup {
    let words = view.frame.words;
    let (picture, class, said) = match (policy.effect, policy.satisfied) {
        (PolicyEffect::Permit, true) => (Icon::Permit, "permit", "decision-permits-this"),
        (PolicyEffect::Forbid, true) => (Icon::Deny, "deny", "decision-forbids-this"),
        (PolicyEffect::Permit, false) => (Icon::Unknown, "muted", "decision-would-permit"),
        (PolicyEffect::Forbid, false) => (Icon::Unknown, "muted", "decision-would-forbid"),
    };
    html! {
        li {
            span class=(class) { (icon(picture)) }
            span {
                a href={ "/policies/" (policy.id) } { code { (policy.id) } } " " (words.say(said))
                @for condition in policy.conditions.iter().filter(|condition| !condition.holds) {
                    span .under.muted {
                        (words.markup("protect-try-missing", &[], &[
                            ("condition", html! { code { (condition.text) } }),
                            ("value", html! { code { (condition.value) } }),
                        ]))
                    }
                }
            }
        }
    }
}

/// 3 policies are shown here; the explanation of a decision has all of them.
const NEAREST: usize = 3;

/// 6 people can be chosen by a click.
const SOME: usize = 6;

/// Ids are 36 characters and login names 64 at most.
const LONGEST: usize = 64;
