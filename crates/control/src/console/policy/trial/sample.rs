//! One request that nobody has made, decided as it would be now and with the text.

use std::sync::Arc;

use bartizan_model::{AppName, DenyReason, Outcome, PolicyId};
use bartizan_policy::{Trace, TracedPolicy};
use bartizan_ui::{Icon, Words, icon};
use maud::{Markup, html};

use super::{Draft, Rights, Trial};
use crate::api::why::Question;
use crate::api::{Api, Failure};
use crate::console::called::Called;
use crate::console::frame::Frame;
use crate::console::words::{assumed, badge, together};
use crate::error::Error;
use crate::why::Note;

/// What came of it.
#[derive(Debug)]
pub(super) struct Sample {
    before: Answer,
    after: Answer,
    /// What the policy itself makes of it, with the text; nothing if it has no say.
    policy: Option<TracedPolicy>,
    notes: Vec<Note>,
}

/// A decision, and the policies that it rests on.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    outcome: Outcome,
    reason: Option<DenyReason>,
    policies: Vec<PolicyId>,
}

/// Asks what was typed; else says what is wrong with which field.
pub(super) async fn asked(
    rights: &Rights,
    api: &Arc<Api>,
    words: Words,
    draft: &Draft,
    trial: &Trial,
) -> Result<Result<Sample, (&'static str, String)>, Failure> {
    let user = match api.person(&trial.person).await {
        Ok(user) => user,
        Err(Error::NotFound { .. }) => {
            let name = trial.person.as_str();
            return Ok(Err(("person", words.with("access-no-person", &[("name", name.into())]))));
        }
        Err(other) => return Err(other.into()),
    };
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let method = or(&trial.method, "GET").to_ascii_uppercase();
    if method.len() > MAX_METHOD || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(Err(("method", words.say("try-method-wrong"))));
    }
    let path = or(&trial.path, "/");
    if path.len() > MAX_PATH || !path.starts_with('/') {
        return Ok(Err(("path", words.say("try-path-wrong"))));
    }
    let Ok(app) = trial.app.parse::<AppName>() else {
        return Ok(Err(("person", words.say("try-no-app"))));
    };
    let mut directory = draft.directory.clone();
    let question = Question { user, app, method, path };
    let (request, notes) = match question.put(api, rights.log.asked(), &mut directory) {
        Ok(put) => put,
        Err(Error::NotFound { name, .. }) => {
            return Ok(Err(("person", words.with("access-no-app", &[("name", (&name).into())]))));
        }
        Err(other) => return Err(other.into()),
    };
    let verdict = draft.before.evaluate(directory.world(), &request);
    let before = Answer {
        outcome: verdict.outcome(),
        reason: verdict.reason(),
        policies: verdict.policies().to_vec(),
    };
    let verdict = draft.after.evaluate(directory.world(), &request);
    let after = Answer {
        outcome: verdict.outcome(),
        reason: verdict.reason(),
        policies: verdict.policies().to_vec(),
    };
    let trace: Trace = draft.after.explain(directory.world(), &request);
    let mut policy = trace.policies.into_iter().find(|policy| policy.id == draft.id);
    let mut called = Called::new(api);
    for condition in policy.iter_mut().flat_map(|policy| &mut policy.conditions) {
        condition.text = called.text(&draft.id, &condition.text).await?;
        condition.value = called.text(&draft.id, &condition.value).await?;
    }
    Ok(Ok(Sample { before, after, policy, notes }))
}

impl Sample {
    pub(super) fn markup(&self, frame: &Frame) -> Markup {
        let words = frame.words;
        let turns = (self.before.outcome, self.before.reason) != (self.after.outcome, self.after.reason);
        html! {
            div .stack role="status" {
                p .outcomes {
                    span { span .muted { (words.say("try-now")) } (self.before.badge(words)) }
                    span { span .muted { (words.say("try-then")) } strong { (self.after.badge(words)) } }
                }
                p {
                    (words.say(if turns { "try-turns" } else { "try-stays" }))
                    @if !self.after.policies.is_empty() {
                        " " (words.with("try-by", &[("policies", (&self.after.names(words)).into())]))
                    }
                }
                @match &self.policy {
                    Some(policy) => (conditions(words, policy)),
                    None => p .muted { (words.say("try-no-say")) }
                }
                @for note in &self.notes { p .muted.small { (assumed(words, note)) "." } }
            }
        }
    }
}

impl Answer {
    fn badge(&self, words: Words) -> Markup {
        badge(words, self.outcome, self.reason.map(DenyReason::as_str))
    }

    fn names(&self, words: Words) -> String {
        together(words, &self.policies.iter().map(ToString::to_string).collect::<Vec<_>>())
    }
}

/// Each condition of the policy, and what it met.
fn conditions(words: Words, policy: &TracedPolicy) -> Markup {
    html! {
        ul .conditions {
            @for condition in &policy.conditions {
                li {
                    @if condition.holds { span .state.permit { (icon(Icon::Permit)) (words.say("decision-holds")) } }
                    @else { span .state.deny { (icon(Icon::Deny)) (words.say("decision-fails")) } }
                    code { (condition.text) }
                    span .met { (words.markup("decision-met", &[], &[("value", html! { code { (condition.value) } })])) }
                }
            }
            @if policy.conditions.is_empty() { li { span {} span { (words.say("decision-no-conditions")) } } }
        }
    }
}

/// 16 letters: the longest method in IANA's registry has 17, and is for a protocol that we do not speak.
const MAX_METHOD: usize = 16;

/// 2,048 bytes of a path, as much as anybody types.
const MAX_PATH: usize = 2048;
