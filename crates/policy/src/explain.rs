//! The whole truth about a decision: each policy in question, each of its conditions, and the value that it met.

use std::collections::HashSet;

use bartizan_model::{AccessRequest, DenyReason, Outcome, PolicyId, Revision, Subject};
use cedar_policy::pst::{BinaryOp, Clause, Expr, Var};
use cedar_policy::{
    ActionConstraint, Effect, Entities, Entity, EvalResult, Expression, Policy, PrincipalConstraint, Request,
    ResourceConstraint, eval_expression,
};
use serde::Serialize;

use crate::case::Case;
use crate::compile::datetime_millis;
use crate::engine::{Engine, Installed};
use crate::reads::{Analysis, Attribute, Reads};
use crate::standing::Standing;
use crate::world::World;

/// Most policies in a trace: more than anybody reads.
const MAX_POLICIES: usize = 50;
/// Most policies that are evaluated to find the nearest ones, about 0.1 ms each.
const MAX_EVALUATED: usize = 500;
/// Most groups in the text of a subject.
const MAX_GROUPS: usize = 20;

/// How an answer came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// The answer: permit or deny.
    pub outcome: Outcome,
    /// Why it is no, if it is.
    pub reason: Option<DenyReason>,
    /// The revision that was decided on.
    pub revision: Revision,
    /// Policies about the resource: those that decided first, then those that came nearest; at most 50.
    pub policies: Vec<TracedPolicy>,
}

/// What a policy does when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyEffect {
    /// It permits.
    Permit,
    /// It forbids.
    Forbid,
}

/// One policy, and how it came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TracedPolicy {
    /// Its name.
    pub id: PolicyId,
    /// What it does when it applies.
    pub effect: PolicyEffect,
    /// Whether it applies: every condition holds.
    pub satisfied: bool,
    /// What it is for, in the words of its `@reason`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Its conditions, in the order of its text.
    pub conditions: Vec<Condition>,
}

/// One condition of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// The condition as the policy has it.
    pub text: String,
    /// The values that it met.
    pub value: String,
    /// Whether it holds.
    pub holds: bool,
}

impl TracedPolicy {
    fn failing(&self) -> usize {
        self.conditions.iter().filter(|condition| !condition.holds).count()
    }
}

/// Explains the answer to a question.
pub(crate) fn explain(engine: &Engine, world: &World, request: &AccessRequest) -> Trace {
    let case = Case::new(engine, world, request, Standing::of(world, request));
    let verdict = case.verdict();
    let mut traced: Vec<(bool, TracedPolicy)> = Vec::new();
    if let Some(question) = Question::of(&case) {
        let about = in_question(&case, verdict.policies());
        traced.extend(about.into_iter().map(|policy| {
            let of_other_actions = !policy.compiled.scope.actions.includes(request.action);
            (of_other_actions, question.trace(policy))
        }));
    }
    // What applies comes first. Then those that would permit, by how little is missing; what was to be done is given, so
    // a policy about other actions is far. A `forbid` that does not apply stands in nobody's way.
    traced.sort_by_cached_key(|(of_other_actions, policy)| {
        let stands_by = !policy.satisfied && policy.effect == PolicyEffect::Forbid;
        (!policy.satisfied, *of_other_actions, stands_by, policy.failing(), policy.id.clone())
    });
    let mut policies: Vec<TracedPolicy> = traced.into_iter().map(|(_, policy)| policy).collect();
    policies.truncate(MAX_POLICIES);
    Trace { outcome: verdict.outcome(), reason: verdict.reason(), revision: verdict.revision(), policies }
}

/// The policies about the resource, cut to those whose scope fits best. Those that decided are among them.
fn in_question<'a>(case: &Case<'a>, decided: &[PolicyId]) -> Vec<&'a Installed> {
    let about = case.engine.index.about(&case.request.resource);
    let mut policies: Vec<&Installed> =
        about.into_iter().filter_map(|number| case.engine.policy(number)).collect();
    policies.sort_by_key(|policy| {
        let scope = &policy.compiled.scope;
        let whom = scope.whom.includes(&case.request.subject, &case.groups);
        let action = scope.actions.includes(case.request.action);
        (!decided.contains(&policy.id), usize::from(!whom).saturating_add(usize::from(!action)))
    });
    policies.truncate(MAX_EVALUATED);
    policies
}

/// A question, put to Cedar with every attribute and every group.
struct Question<'c, 'a> {
    case: &'c Case<'a>,
    request: Request,
    entities: Entities,
}

impl<'c, 'a> Question<'c, 'a> {
    fn of(case: &'c Case<'a>) -> Option<Self> {
        let request = case.cedar_request(&case.circumstances, Reads::ALL)?;
        let vocabulary = &case.engine.vocabulary;
        let parents: HashSet<_> = case.groups.iter().map(|group| vocabulary.group(group.as_str())).collect();
        let subject = Entity::new_no_attrs(vocabulary.subject(&case.request.subject), parents);
        let entities = vocabulary.actions.clone().add_entities([subject], None).ok()?;
        Some(Self { case, request, entities })
    }

    fn trace(&self, policy: &Installed) -> TracedPolicy {
        let compiled = &policy.compiled;
        TracedPolicy {
            id: policy.id.clone(),
            effect: match compiled.effect {
                Effect::Permit => PolicyEffect::Permit,
                Effect::Forbid => PolicyEffect::Forbid,
            },
            satisfied: matches!(compiled.applies(&self.request, &self.entities), Ok(true)),
            about: compiled.annotation("reason").map(str::to_owned),
            conditions: compiled.as_written().map(|policy| self.conditions(&policy)).unwrap_or_default(),
        }
    }

    fn conditions(&self, policy: &Policy) -> Vec<Condition> {
        let mut conditions: Vec<Condition> = scope_texts(policy)
            .into_iter()
            .map(|(variable, text)| Condition {
                value: self.value_of(&variable),
                holds: self.holds(&text).unwrap_or(false),
                text,
            })
            .collect();
        // From the text, so that the conditions read as they were written.
        let tree = policy.to_pst().ok();
        for clause in tree.iter().flat_map(|tree| tree.body().clauses()) {
            let (expr, split, unless) = match clause {
                Clause::When(expr) => (expr, BinaryOp::And, false),
                Clause::Unless(expr) => (expr, BinaryOp::Or, true),
            };
            let mut parts = Vec::new();
            split_at(expr, split, &mut parts);
            conditions.extend(parts.into_iter().map(|part| self.condition(part, unless)));
        }
        conditions
    }

    fn condition(&self, expr: &Expr, unless: bool) -> Condition {
        let text = expr.to_string();
        let (holds, trouble) = match self.holds(&text) {
            Ok(holds) => (holds != unless, None),
            Err(trouble) => (false, Some(trouble)),
        };
        let mut values: Vec<String> = Vec::new();
        for variable in [Var::Principal, Var::Action, Var::Resource] {
            if mentions(expr, &variable) {
                values.push(format!("{} = {}", name_of(&variable), self.value_of(&variable)));
            }
        }
        for attribute in Analysis::of_expr(expr, &datetime_millis).reads.iter() {
            values.push(format!("context.{} = {}", attribute.name(), self.literal(attribute)));
        }
        values.extend(trouble);
        Condition {
            text: if unless { format!("unless {text}") } else { text },
            value: values.join(", "),
            holds,
        }
    }

    fn holds(&self, text: &str) -> Result<bool, String> {
        let expression: Expression = text.parse().map_err(|error| format!("cannot be read: {error}"))?;
        match eval_expression(&self.request, &self.entities, &expression) {
            Ok(EvalResult::Bool(holds)) => Ok(holds),
            Ok(other) => Err(format!("is {other}, neither true nor false")),
            Err(error) => Err(format!("cannot be evaluated: {error}")),
        }
    }

    /// A variable of the request, in words.
    fn value_of(&self, variable: &Var) -> String {
        let request = self.case.request;
        match variable {
            Var::Principal => match &request.subject {
                Subject::Anonymous => String::from("Anonymous"),
                Subject::Service(client) => format!("Service::\"{client}\""),
                Subject::User(user) => {
                    let mut groups: Vec<&str> =
                        self.case.groups.iter().map(|group| group.as_str()).take(MAX_GROUPS).collect();
                    if self.case.groups.len() > MAX_GROUPS {
                        groups.push("…");
                    }
                    format!("User::\"{user}\" in [{}]", groups.join(", "))
                }
            },
            Var::Action => format!("Action::\"{}\"", request.action),
            Var::Resource => format!("{}::\"{}\"", request.resource.kind(), request.resource.name()),
            Var::Context => String::from("context"),
        }
    }

    /// The value of an attribute as a policy would write it.
    fn literal(&self, attribute: Attribute) -> String {
        let text = self.case.circumstances.text(attribute);
        match attribute {
            Attribute::Level | Attribute::Method | Attribute::Host | Attribute::Path => format!("{text:?}"),
            Attribute::Amr => format!("{:?}", self.case.circumstances.amr),
            Attribute::Source => format!("ip({text:?})"),
            Attribute::Now => format!("datetime({text:?})"),
            Attribute::Age
            | Attribute::MfaAge
            | Attribute::Known
            | Attribute::Compliant
            | Attribute::Managed
            | Attribute::Risk
            | Attribute::Epoch
            | Attribute::Hour
            | Attribute::Weekday => text,
        }
    }
}

/// The conditions in the head of a policy.
fn scope_texts(policy: &Policy) -> Vec<(Var, String)> {
    let mut texts = Vec::new();
    let principal = match policy.principal_constraint() {
        PrincipalConstraint::Any => None,
        PrincipalConstraint::Eq(uid) => Some(format!("principal == {uid}")),
        PrincipalConstraint::In(uid) => Some(format!("principal in {uid}")),
        PrincipalConstraint::Is(kind) => Some(format!("principal is {kind}")),
        PrincipalConstraint::IsIn(kind, uid) => Some(format!("principal is {kind} in {uid}")),
    };
    texts.extend(principal.map(|text| (Var::Principal, text)));
    let action = match policy.action_constraint() {
        ActionConstraint::Any => None,
        ActionConstraint::Eq(uid) => Some(format!("action == {uid}")),
        ActionConstraint::In(uids) => match uids.as_slice() {
            [only] => Some(format!("action in {only}")),
            many => {
                let many: Vec<String> = many.iter().map(ToString::to_string).collect();
                Some(format!("action in [{}]", many.join(", ")))
            }
        },
    };
    texts.extend(action.map(|text| (Var::Action, text)));
    let resource = match policy.resource_constraint() {
        ResourceConstraint::Any => None,
        ResourceConstraint::Eq(uid) => Some(format!("resource == {uid}")),
        ResourceConstraint::In(uid) => Some(format!("resource in {uid}")),
        ResourceConstraint::Is(kind) => Some(format!("resource is {kind}")),
        ResourceConstraint::IsIn(kind, uid) => Some(format!("resource is {kind} in {uid}")),
    };
    texts.extend(resource.map(|text| (Var::Resource, text)));
    texts
}

/// The operands of a chain of one operator. Bounded by the number of operators that a policy may have.
fn split_at<'e>(expr: &'e Expr, at: BinaryOp, parts: &mut Vec<&'e Expr>) {
    match expr {
        Expr::BinaryOp { op, left, right } if *op == at => {
            split_at(left, at, parts);
            split_at(right, at, parts);
        }
        other => parts.push(other),
    }
}

fn mentions(expr: &Expr, variable: &Var) -> bool {
    expr.reduce(
        &|expr| match expr {
            Expr::Var(found) => Some(found == variable),
            _ => None,
        },
        &|one, other| one || other,
        false,
    )
}

const fn name_of(variable: &Var) -> &'static str {
    match variable {
        Var::Principal => "principal",
        Var::Action => "action",
        Var::Resource => "resource",
        Var::Context => "context",
    }
}
