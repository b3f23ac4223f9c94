//! One decision explained: what was asked, what each policy made of it, what would turn it, and the proof of all that.

use std::sync::Arc;

use axum::extract::{Path, State};
use bartizan_evidence::{Found, Query as Search};
use bartizan_model::{DenyReason, EventKind, Outcome, Remedy, Timestamp};
use bartizan_policy::{Condition, PolicyEffect, Trace, TracedPolicy};
use bartizan_ui::{Icon, Rendered, Tone, Words, disclosure, icon, id_chip, id_whole, notice, print_button};
use maud::{Markup, html};

use super::called::Called;
use super::decisions::{newest, who};
use super::frame::{Frame, Shown};
use super::words::{assumed, badge, key, length, many, reason, shown, together, way, when};
use crate::api::why::explained;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadLog};
use crate::why::{Asker, Explanation};

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) person: Option<super::called::Named>,
    pub(super) found: Found,
    pub(super) explanation: Explanation,
    /// When and why what was permitted ended, if it has.
    pub(super) end: Option<Found>,
}

pub(super) async fn show(
    admitted: Admitted<ReadLog>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Shown, Failure> {
    let (found, mut explanation) = explained(&admitted, &api, &id).await?;
    let mut called = Called::new(&api);
    let person = called.subject(found.event.subject.as_ref()).await?;
    for policy in &mut explanation.trace.policies {
        for condition in &mut policy.conditions {
            condition.text = called.text(&policy.id, &condition.text).await?;
            condition.value = called.text(&policy.id, &condition.value).await?;
        }
    }
    let ends =
        Search { kind: Some(EventKind::GrantEnd), decision: found.event.decision_id, ..Search::default() };
    let end = newest(&admitted, &api, ends, 1).await?.into_iter().next();
    let frame = Frame::of(&api, &admitted).await?;
    Ok(page(&View { frame, person, found, explanation, end }).into())
}

pub(super) fn page(view: &View) -> Rendered {
    let (frame, words) = (&view.frame, view.frame.words);
    let (event, trace) = (&view.found.event, &view.explanation.trace);
    let code = trace.reason.map(DenyReason::as_str);
    let content = html! {
        p .row {
            (badge(words, trace.outcome, code))
            @if let Some(code) = code { code { (code) } }
            (when(frame, event.time))
            @if let Some(id) = &event.request_id {
                span .muted { (words.say("decision-of-request")) } (id_chip(&id.to_string(), None, words.language()))
            }
        }
        @if let Some(end) = view.end.as_ref().filter(|end| end.event.outcome == Outcome::Cut) {
            (notice(Tone::Warning, &cut(frame, end)))
        }
        @for note in &view.explanation.notes { (notice(Tone::Info, &html! { (assumed(words, note)) "." })) }
        @if !view.explanation.remedies.is_empty() { (remedies(words, &view.explanation.remedies)) }
        @else if trace.outcome == Outcome::Deny { p .lead { (words.say("decision-no-remedy")) } }
        section {
            h2 { (words.say("decision-policies")) }
            (policies(view))
        }
        section .two {
            div .panel { h2 { (words.say("decision-asked")) } (request(view)) }
            div .stack {
                div .panel { h2 { (words.say("decision-asker")) } (asker(words, &view.explanation.asker, event.time)) }
                div .panel { h2 { (words.say("decision-proof")) } (proof(view)) }
            }
        }
        p .screen { (print_button(words.language())) }
    };
    frame.page("/decisions", &headline(view), &content)
}

/// That what was permitted ended before its end, when, and why.
fn cut(frame: &Frame, end: &Found) -> Markup {
    let (words, when) = (frame.words, when(frame, end.event.time));
    match &end.event.reason {
        Some(code) => {
            let reason = reason(words, code);
            words.markup("decision-was-cut-because", &[("reason", (&reason).into())], &[("when", when)])
        }
        None => words.markup("decision-was-cut", &[], &[("when", when)]),
    }
}

/// The answer in a sentence.
pub(super) fn headline(view: &View) -> String {
    let (words, event) = (view.frame.words, &view.found.event);
    let stranger = words.say("decision-stranger");
    let name = view.person.as_ref().map_or(&stranger, |person| &person.display);
    let resource = event.resource.as_ref().map_or("", |resource| &resource.name);
    answer(words, name, (event.action.as_deref().unwrap_or_default(), resource), &view.explanation.trace)
}

/// The same of anybody who would do something with something.
pub(super) fn answer(words: Words, name: &str, (action, resource): (&str, &str), trace: &Trace) -> String {
    let key = key(action);
    let values = [
        ("name", name.into()),
        ("action", (&key).into()),
        ("verb", action.into()),
        ("resource", resource.into()),
    ];
    if trace.outcome != Outcome::Deny {
        let may = words.with("decision-may", &values);
        return match by(words, "decision-permitted-by", trace, PolicyEffect::Permit) {
            Some(why) => words.with("decision-yes", &[("may", (&may).into()), ("why", (&why).into())]),
            None => words.with("decision-yes-only", &[("may", (&may).into())]),
        };
    }
    let (may, why) = (words.with("decision-may-not", &values), why(words, trace));
    let values = [("may", (&may).into()), ("why", (&why).into())];
    match shown(trace.outcome, trace.reason.map(DenyReason::as_str)) {
        bartizan_ui::Outcome::StepUp => words.with("decision-not-yet", &values),
        bartizan_ui::Outcome::Deny | bartizan_ui::Outcome::Cut | bartizan_ui::Outcome::Permit => {
            words.with("decision-no", &values)
        }
    }
}

/// By which policies it is so, if there are any that say it.
fn by(words: Words, id: &'static str, trace: &Trace, effect: PolicyEffect) -> Option<String> {
    let policies = trace.policies.iter().filter(|policy| policy.satisfied && policy.effect == effect);
    let ids: Vec<String> = policies.map(|policy| policy.id.to_string()).collect();
    let policies = together(words, &ids);
    let values = [("count", many(ids.len()).into()), ("policies", (&policies).into())];
    (!ids.is_empty()).then(|| words.with(id, &values))
}

/// Why the answer is no.
fn why(words: Words, trace: &Trace) -> String {
    let nearest = nearest(&trace.policies).map(|policy| (policy, policy.id.to_string()));
    match (trace.reason, nearest) {
        (Some(DenyReason::DeniedByPolicy) | None, nearest) => {
            let forbidden = by(words, "decision-forbidden-by", trace, PolicyEffect::Forbid);
            forbidden.unwrap_or_else(|| match nearest {
                Some((policy, id)) => words.with(
                    "decision-nearest-misses",
                    &[("count", many(failing(policy)).into()), ("policy", (&id).into())],
                ),
                None => words.say("decision-about-nothing"),
            })
        }
        (Some(DenyReason::StepUpRequired), Some((_, id))) => {
            words.with("decision-wants-stronger", &[("policy", (&id).into())])
        }
        (Some(other), _) => reason(words, other.as_str()),
    }
}

/// The policy that would permit it with the least change.
fn nearest(policies: &[TracedPolicy]) -> Option<&TracedPolicy> {
    policies.iter().find(|policy| {
        !policy.satisfied && policy.effect == PolicyEffect::Permit && !policy.conditions.iter().any(is_given)
    })
}

/// Whether a condition fails on what was asked for, which is given: nobody becomes permitted to read by asking for
/// something else.
pub(super) fn is_given(condition: &Condition) -> bool {
    !condition.holds && !is_open(condition)
}

/// Whether a condition is about who asks and how, which may become another.
fn is_open(condition: &Condition) -> bool {
    !condition.text.starts_with("action ") && !condition.text.starts_with("resource ")
}

fn failing(policy: &TracedPolicy) -> usize {
    policy.conditions.iter().filter(|condition| !condition.holds).count()
}

fn remedies(words: Words, remedies: &[Remedy]) -> Markup {
    html! {
        section .panel {
            h2 { (words.say("decision-remedies")) }
            ol .steps {
                @for (number, remedy) in remedies.iter().enumerate() {
                    li {
                        (icon(Icon::StepUp))
                        span {
                            (way(words, remedy)) "."
                            @if number == 0 { " " span .badge.step { (words.say("decision-smallest-change")) } }
                        }
                    }
                }
            }
            p .muted { (words.say("decision-tried")) }
        }
    }
}

fn policies(view: &View) -> Markup {
    let (words, trace) = (view.frame.words, &view.explanation.trace);
    if trace.policies.is_empty() {
        return html! {
            div .empty {
                @match trace.reason {
                    Some(reason) if reason != DenyReason::DeniedByPolicy => p { (words.say("decision-none-asked")) },
                    Some(_) | None => p { (words.say("decision-none-about")) },
                }
                p { (words.markup("decision-write-one", &[], &[("command", html! { code { "bartizan apply -f DIR" } })])) }
            }
        };
    }
    let nearest = nearest(&trace.policies).map(|policy| policy.id.clone());
    let one = |policy: &TracedPolicy| considered(view, policy, nearest.as_ref() == Some(&policy.id));
    // What is about other things is far, however little of it fails.
    let about_this: Vec<&TracedPolicy> =
        trace.policies.iter().filter(|policy| !policy.conditions.iter().any(is_given)).collect();
    let (near, rest) = about_this.split_at(NEAR.min(about_this.len()));
    let others = trace.policies.iter().filter(|policy| policy.conditions.iter().any(is_given));
    let far: Vec<&TracedPolicy> = rest.iter().copied().chain(others).collect();
    html! {
        ol .considered.nearest { @for policy in near { (one(policy)) } }
        @if !far.is_empty() {
            @let further = words.with("decision-further", &[("count", many(far.len()).into())]);
            (disclosure(&further, &html! {
                ol .considered { @for policy in far { (one(policy)) } }
            }))
        }
    }
}

fn considered(view: &View, policy: &TracedPolicy, nearest: bool) -> Markup {
    let words = view.frame.words;
    let denied = view.explanation.trace.outcome == Outcome::Deny;
    let (class, picture, word) = match (policy.effect, policy.satisfied) {
        (PolicyEffect::Permit, true) => ("permit", Icon::Permit, "decision-permits-this"),
        (PolicyEffect::Forbid, true) => ("deny", Icon::Deny, "decision-forbids-this"),
        (PolicyEffect::Permit, false) => ("muted", Icon::Unknown, "decision-would-permit"),
        (PolicyEffect::Forbid, false) => ("muted", Icon::Unknown, "decision-would-forbid"),
    };
    let forbidden = |policy: &TracedPolicy| policy.satisfied && policy.effect == PolicyEffect::Forbid;
    let forbids = view.explanation.trace.policies.iter().any(forbidden);
    let missing = failing(policy);
    let mark = (denied && nearest).then(|| match (view.explanation.remedies.first(), missing) {
        (Some(remedy), _) => {
            words.with("decision-smallest-is", &[("way", (&lower(&way(words, remedy))).into())])
        }
        (None, 1) if !forbids => words.say("decision-smallest-alone"),
        (None, 1) => words.say("decision-missing-too"),
        (None, more) => words.with("decision-one-missing", &[("count", many(more).into())]),
    });
    let in_the_way = words.say("decision-in-the-way");
    let in_the_way = (denied && forbidden(policy)).then_some(in_the_way.as_str());
    let marked = |condition: &Condition| {
        if condition.holds { in_the_way.filter(|_| is_open(condition)) } else { mark.as_deref() }
    };
    let holds = html! { span .state.permit { (icon(Icon::Permit)) (words.say("decision-holds")) } };
    html! {
        li {
            header {
                h3 { a href={ "/policies/" (policy.id) } { (policy.id) } }
                span class={ "badge " (class) } { (icon(picture)) (words.say(word)) }
                @if denied && nearest { span .badge.step.end { (icon(Icon::StepUp)) (words.say("decision-nearest")) } }
                @if let Some(about) = &policy.about { p .about { (about) } }
            }
            ul .conditions {
                @for condition in &policy.conditions {
                    li .marked[marked(condition).is_some()] {
                        @if condition.holds { (holds) }
                        @else { span .state.deny { (icon(Icon::Deny)) (words.say("decision-fails")) } }
                        code { (condition.text) }
                        span .met { (words.markup("decision-met", &[], &[("value", html! { code { (condition.value) } })])) }
                        @if let Some(mark) = marked(condition) { span .why { (mark) } }
                    }
                }
                @if policy.conditions.is_empty() { li { (holds) span { (words.say("decision-no-conditions")) } } }
            }
        }
    }
}

/// Remedies begin a sentence; here they go on with one.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn request(view: &View) -> Markup {
    let (frame, words) = (&view.frame, view.frame.words);
    let (event, personal) = (&view.found.event, view.found.personal.as_ref());
    let action = html! { code { (event.action.as_deref().unwrap_or_default()) } };
    html! {
        dl .facts {
            dt { (words.say("decisions-outcome")) }
            dd { (badge(words, event.outcome, event.reason.as_deref())) @if let Some(code) = &event.reason { " " code { (code) } } }
            dt { (words.say("people-person")) }
            dd { (who(words, view.person.as_ref())) }
            dt { (words.say("decision-wanted")) }
            dd {
                @match &event.resource {
                    Some(resource) => (words.markup(
                        "decision-on",
                        &[("kind", (&resource.kind).into())],
                        &[("action", action), ("resource", html! { code { (resource.name) } })],
                    )),
                    None => (action),
                }
            }
            @if let Some(request) = &event.request {
                dt { (words.say("decisions-request")) }
                dd { code {
                    (request.method) " " (request.host)
                    @if let Some(path) = personal.and_then(|personal| personal.path.as_deref()) { (path) }
                } }
            }
            @if let Some(source) = personal.and_then(|personal| personal.source.as_deref()) {
                dt { (words.say("decision-from")) } dd { code { (source) } }
            }
            @if let Some(agent) = personal.and_then(|personal| personal.user_agent.as_deref()) {
                dt { (words.say("decision-with")) } dd { (agent) }
            }
            dt { (words.say("decisions-when")) }
            dd { code { (event.time) } " (" (when(frame, event.time)) ")" }
            dt { (words.say("decision-revision")) }
            dd { (view.explanation.trace.revision) }
        }
    }
}

fn asker(words: Words, asker: &Asker, then: Timestamp) -> Markup {
    let before = |at| words.with("decision-before", &[("length", (&length(words, then.since(at))).into())]);
    html! {
        dl .facts {
            @match &asker.session {
                Some(session) => {
                    @let methods = together(words, &session.amr.iter().cloned().collect::<Vec<_>>());
                    dt { (words.say("decision-sign-in")) }
                    dd { (words.with("decision-signed-in-by", &[("level", session.level.as_str().into()), ("methods", (&methods).into())])) }
                    dt { (words.say("decision-signed-in")) }
                    dd { (before(session.auth_time)) }
                    dt { (words.say("decision-factor")) }
                    dd { @match session.mfa_time { Some(at) => (before(at)), None => (words.say("decision-no-factor")) } }
                    dt { (words.say("decision-session")) }
                    dd { (id_whole(&session.id.to_string(), words.language())) }
                }
                None => {
                    dt { (words.say("decision-sign-in")) }
                    dd {
                        @if asker.request.session.is_some() { (words.say("decision-sign-in-gone")) }
                        @else { (words.say("decision-no-sign-in")) }
                    }
                }
            }
            dt { (words.say("place-groups")) }
            dd {
                @if asker.groups.is_empty() { (words.say("list-no-one")) }
                @for (number, group) in asker.groups.iter().enumerate() {
                    @if number > 0 { ", " }
                    (group)
                }
            }
            dt { (words.say("decision-device")) }
            dd {
                @match &asker.device {
                    Some(device) => {
                        @if device.compliant { (words.say("decision-in-order")) } @else { (words.say("decision-not-in-order")) }
                        @if device.managed { ", " (words.say("decision-managed")) }
                        " " code { (device.id) }
                    }
                    None => (words.say("decision-no-device"))
                }
            }
            dt { (words.say("decision-risk")) }
            dd { (words.with("decision-risk-of", &[("risk", u64::from(asker.risk).into())])) }
        }
    }
}

fn proof(view: &View) -> Markup {
    let (words, event) = (view.frame.words, &view.found.event);
    let whole = |id: &dyn std::fmt::Display| id_whole(&id.to_string(), words.language());
    html! {
        dl .facts {
            dt { (words.say("decision-entry")) }
            dd { (view.found.log_index) }
            dt { (words.say("decision-event")) }
            dd { (whole(&event.id)) }
            @if let Some(id) = &event.request_id { dt { (words.say("decisions-request")) } dd { (whole(id)) } }
            @if let Some(id) = &event.decision_id { dt { (words.say("decision-decision")) } dd { (whole(id)) } }
            dt { (words.say("decision-prove")) }
            dd { code { "bartizan log prove " (event.id) } }
        }
        p { a href="/api/v1/log/file/checkpoint" download { (words.say("decision-checkpoint")) } }
    }
}

/// How many policies stand open: who decides rarely needs the sixth.
const NEAR: usize = 5;
