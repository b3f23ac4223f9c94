//! One decision explained: what was asked, what each policy made of it, what would turn it, and the proof of all that.

use std::sync::Arc;

use axum::extract::{Path, State};
use bartizan_evidence::{Found, Query as Search};
use bartizan_model::{DenyReason, EventKind, Outcome, Remedy, Timestamp};
use bartizan_policy::{Condition, PolicyEffect, TracedPolicy};
use bartizan_ui::{
    Icon, Language, Rendered, Tone, disclosure, icon, id_chip, id_whole, notice, print_button,
};
use maud::{Markup, html};

use super::called::Called;
use super::decisions::{gather, who};
use super::frame::{Frame, Shown};
use super::words::{badge, counted, length, many, reason, shown, to_do, when};
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
    let end = gather(&admitted, &api, ends, |_any| true, 1).await?.into_iter().next();
    let frame = Frame::of(&api, &admitted).await?;
    Ok(page(&View { frame, person, found, explanation, end }).into())
}

pub(super) fn page(view: &View) -> Rendered {
    let (event, trace) = (&view.found.event, &view.explanation.trace);
    let code = trace.reason.map(DenyReason::as_str);
    let content = html! {
        p .row {
            (badge(trace.outcome, code))
            @if let Some(code) = code { code { (code) } }
            (when(view.frame.now, event.time))
            @if let Some(id) = &event.request_id { span .muted { "request" } (id_chip(&id.to_string(), None, view.frame.words.language())) }
        }
        @if let Some(end) = view.end.as_ref().filter(|end| end.event.outcome == Outcome::Cut) {
            (notice(Tone::Warning, &html! {
                "It was cut " (when(view.frame.now, end.event.time))
                @if let Some(code) = &end.event.reason { ": " (reason(code)) } "."
            }))
        }
        @for note in &view.explanation.notes { (notice(Tone::Info, &html! { (note) "." })) }
        @if !view.explanation.remedies.is_empty() { (remedies(&view.explanation.remedies)) }
        @else if trace.outcome == Outcome::Deny {
            p .lead { "Nothing that the person can do turns this. It takes a change by an administrator: what stands in the way is marked." }
        }
        section {
            h2 { "What the policies say" }
            (policies(view))
        }
        section .two {
            div .panel { h2 { "What was asked" } (request(view)) }
            div .stack {
                div .panel { h2 { "Who asked, at that moment" } (asker(&view.explanation.asker, event.time)) }
                div .panel { h2 { "Proof" } (proof(view)) }
            }
        }
        p .screen { (print_button(view.frame.words.language())) }
    };
    view.frame.page("/decisions", &headline(view), &content)
}

/// The answer in a sentence.
pub(super) fn headline(view: &View) -> String {
    let (event, trace) = (&view.found.event, &view.explanation.trace);
    let name = view.person.as_ref().map_or("Somebody who is not signed in", |person| person.display.as_str());
    let what = to_do(
        event.action.as_deref().unwrap_or_default(),
        event.resource.as_ref().map_or("", |resource| &resource.name),
    );
    let applies = |effect| {
        let ids: Vec<String> = trace
            .policies
            .iter()
            .filter(|policy| policy.satisfied && policy.effect == effect)
            .map(|policy| policy.id.to_string())
            .collect();
        (!ids.is_empty()).then(|| ids.join(" and "))
    };
    if trace.outcome != Outcome::Deny {
        let by = applies(PolicyEffect::Permit).unwrap_or_default();
        let verb = if by.contains(" and ") { "permit" } else { "permits" };
        return format!("Permitted: {name} may {what}: policy {by} {verb} it.");
    }
    let why = match trace.reason {
        Some(DenyReason::DeniedByPolicy) | None => {
            match (applies(PolicyEffect::Forbid), nearest(&trace.policies)) {
                (Some(by), _) => format!("policy {by} forbids it"),
                (None, Some(policy)) => match failing(policy) {
                    1 => format!("no policy permits it; of {} one condition does not hold", policy.id),
                    more => format!(
                        "no policy permits it; of {}, the nearest, {more} conditions do not hold",
                        policy.id
                    ),
                },
                (None, None) => String::from("no policy is about it"),
            }
        }
        Some(other) => match nearest(&trace.policies) {
            Some(policy) if other == DenyReason::StepUpRequired => {
                format!("policy {} wants a stronger or newer sign-in", policy.id)
            }
            Some(_) | None => reason(other.as_str()).to_owned(),
        },
    };
    let word = shown(trace.outcome, trace.reason.map(DenyReason::as_str)).word(Language::English);
    let word = if word == "Step-up" { "Not yet" } else { &word };
    format!("{word}: {name} may not {what}: {why}.")
}

/// The policy that would permit it with the least change.
fn nearest(policies: &[TracedPolicy]) -> Option<&TracedPolicy> {
    policies.iter().find(|policy| {
        !policy.satisfied && policy.effect == PolicyEffect::Permit && !policy.conditions.iter().any(is_given)
    })
}

/// Whether a condition fails on what was asked for, which is given: nobody becomes permitted to read by asking for
/// something else.
fn is_given(condition: &Condition) -> bool {
    !condition.holds && !is_open(condition)
}

/// Whether a condition is about who asks and how, which may become another.
fn is_open(condition: &Condition) -> bool {
    !condition.text.starts_with("action ") && !condition.text.starts_with("resource ")
}

fn failing(policy: &TracedPolicy) -> usize {
    policy.conditions.iter().filter(|condition| !condition.holds).count()
}

fn remedies(remedies: &[Remedy]) -> Markup {
    html! {
        section .panel {
            h2 { "What would permit it" }
            ol .steps {
                @for (number, remedy) in remedies.iter().enumerate() {
                    li {
                        (icon(Icon::StepUp))
                        span {
                            (remedy.text) "."
                            @if number == 0 { " " span .badge.step { "Smallest change" } }
                        }
                    }
                }
            }
            p .muted { "Each was tried on what was known then, and turns the answer." }
        }
    }
}

fn policies(view: &View) -> Markup {
    let trace = &view.explanation.trace;
    if trace.policies.is_empty() {
        return html! {
            div .empty {
                @match trace.reason {
                    Some(reason) if reason != DenyReason::DeniedByPolicy => p { "No policy was asked: it was clear before that." },
                    Some(_) | None => p { "No policy is about this. Without one that permits it, everything is denied." },
                }
                p { "Write one, and " code { "bartizan apply -f DIR" } "." }
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
            (disclosure(&further(far.len()), &html! {
                ol .considered { @for policy in far { (one(policy)) } }
            }))
        }
    }
}

fn further(number: usize) -> String {
    format!("{} further away", counted(many(number), "policy", "policies"))
}

fn considered(view: &View, policy: &TracedPolicy, nearest: bool) -> Markup {
    let denied = view.explanation.trace.outcome == Outcome::Deny;
    let (class, picture, word) = match (policy.effect, policy.satisfied) {
        (PolicyEffect::Permit, true) => ("permit", Icon::Permit, "Permits this"),
        (PolicyEffect::Forbid, true) => ("deny", Icon::Deny, "Forbids this"),
        (PolicyEffect::Permit, false) => ("muted", Icon::Unknown, "Would permit, does not apply"),
        (PolicyEffect::Forbid, false) => ("muted", Icon::Unknown, "Would forbid, does not apply"),
    };
    let forbidden = |policy: &TracedPolicy| policy.satisfied && policy.effect == PolicyEffect::Forbid;
    let forbids = view.explanation.trace.policies.iter().any(forbidden);
    let missing = failing(policy);
    let mark = (denied && nearest).then(|| match (view.explanation.remedies.first(), missing) {
        (Some(remedy), _) => format!("Smallest change: {}.", lower(&remedy.text)),
        (None, 1) if !forbids => String::from("Smallest change: this alone is missing."),
        (None, 1) => String::from("Missing as well."),
        (None, more) => format!("One of the {more} that are missing."),
    });
    let in_the_way = denied && forbidden(policy);
    let marked = |condition: &Condition| {
        if condition.holds {
            (in_the_way && is_open(condition)).then_some("In the way: would have to end.")
        } else {
            mark.as_deref()
        }
    };
    html! {
        li {
            header {
                h3 { a href={ "/policies/" (policy.id) } { (policy.id) } }
                span class={ "badge " (class) } { (icon(picture)) (word) }
                @if denied && nearest { span .badge.step.end { (icon(Icon::StepUp)) "Nearest to a yes" } }
                @if let Some(about) = &policy.about { p .about { (about) } }
            }
            ul .conditions {
                @for condition in &policy.conditions {
                    li .marked[marked(condition).is_some()] {
                        @if condition.holds {
                            span .state.permit { (icon(Icon::Permit)) "Holds" }
                        } @else {
                            span .state.deny { (icon(Icon::Deny)) "Does not" }
                        }
                        code { (condition.text) }
                        span .met { "met " code { (condition.value) } }
                        @if let Some(mark) = marked(condition) { span .why { (mark) } }
                    }
                }
                @if policy.conditions.is_empty() {
                    li { span .state.permit { (icon(Icon::Permit)) "Holds" } span { "It has no conditions: it is about everything." } }
                }
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
    let (event, personal) = (&view.found.event, view.found.personal.as_ref());
    let action = event.action.as_deref().unwrap_or_default();
    html! {
        dl .facts {
            dt { "Outcome" }
            dd { (badge(event.outcome, event.reason.as_deref())) @if let Some(code) = &event.reason { " " code { (code) } } }
            dt { "Person" }
            dd { (who(view.person.as_ref())) }
            dt { "Wanted" }
            dd { code { (action) } @if let Some(resource) = &event.resource { " on " (resource.kind) " " code { (resource.name) } } }
            @if let Some(request) = &event.request {
                dt { "Request" }
                dd { code {
                    (request.method) " " (request.host)
                    @if let Some(path) = personal.and_then(|personal| personal.path.as_deref()) { (path) }
                } }
            }
            @if let Some(source) = personal.and_then(|personal| personal.source.as_deref()) { dt { "From" } dd { code { (source) } } }
            @if let Some(agent) = personal.and_then(|personal| personal.user_agent.as_deref()) { dt { "With" } dd { (agent) } }
            dt { "When" }
            dd { code { (event.time) } " (" (when(view.frame.now, event.time)) ")" }
            dt { "Revision" }
            dd { (view.explanation.trace.revision) }
        }
    }
}

fn asker(asker: &Asker, then: Timestamp) -> Markup {
    html! {
        dl .facts {
            @match &asker.session {
                Some(session) => {
                    dt { "Sign-in" }
                    dd { (session.level.as_str()) ", by " (session.amr.iter().cloned().collect::<Vec<_>>().join(" and ")) }
                    dt { "Signed in" }
                    dd { (length(then.since(session.auth_time))) " before" }
                    dt { "Second factor" }
                    dd {
                        @match session.mfa_time {
                            Some(at) => { (length(then.since(at))) " before" }
                            None => "none"
                        }
                    }
                    dt { "Session" }
                    dd { (id_whole(&session.id.to_string(), Language::English)) }
                }
                None => {
                    dt { "Sign-in" }
                    dd { @if asker.request.session.is_some() { "what was known of it is no longer kept" } @else { "none" } }
                }
            }
            dt { "Groups" }
            dd {
                @if asker.groups.is_empty() { "none" }
                @for (number, group) in asker.groups.iter().enumerate() {
                    @if number > 0 { ", " }
                    (group)
                }
            }
            dt { "Device" }
            dd {
                @match &asker.device {
                    Some(device) => {
                        @if device.compliant { "in order" } @else { "not in order" }
                        @if device.managed { ", managed" }
                        " " code { (device.id) }
                    }
                    None => "none that is enrolled"
                }
            }
            dt { "Risk" }
            dd { (asker.risk) " of 100" }
        }
    }
}

fn proof(view: &View) -> Markup {
    let event = &view.found.event;
    html! {
        dl .facts {
            dt { "Entry of the log" }
            dd { (view.found.log_index) }
            dt { "Event" }
            dd { (id_whole(&event.id.to_string(), view.frame.words.language())) }
            @if let Some(id) = &event.request_id { dt { "Request" } dd { (id_whole(&id.to_string(), view.frame.words.language())) } }
            @if let Some(id) = &event.decision_id { dt { "Decision" } dd { (id_whole(&id.to_string(), view.frame.words.language())) } }
            dt { "Prove it" }
            dd { code { "bartizan log prove " (event.id) } }
        }
        p { a href="/api/v1/log/file/checkpoint" download { "The signed checkpoint of the log" } }
    }
}

/// How many policies stand open: who decides rarely needs the sixth.
const NEAR: usize = 5;
