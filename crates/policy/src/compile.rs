//! From the text of a policy to what the engine decides with, or to what is wrong with it.

use std::collections::BTreeMap;

use bartizan_model::{AuthLevel, GroupName};
use cedar_policy::pst::{self, BinaryOp, Clause, Expr, Literal};
use cedar_policy::{
    Effect, Entities, EntityUid, EvalResult, Expression, Policy, PolicySet, Request, ValidationMode,
    eval_expression,
};

use crate::finding::{Remark, Severity, nearest};
use crate::reads::{Analysis, Attribute, attribute_of};
use crate::schema::Vocabulary;
use crate::scope::{Scope, Whom};
use crate::source::PolicySource;

/// A policy that was found to be valid.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) effect: Effect,
    pub(crate) scope: Scope,
    pub(crate) analysis: Analysis,
    /// The groups that it names anywhere.
    pub(crate) groups: Vec<(GroupName, EntityUid)>,
    /// Scope and conditions in one: the policy applies when this is true.
    condition: Expression,
    text: String,
    annotations: BTreeMap<String, String>,
    /// What could be better about it.
    pub(crate) remarks: Vec<Remark>,
}

impl Compiled {
    /// Reads and validates one policy.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn new(vocabulary: &Vocabulary, source: &PolicySource) -> Result<Self, Vec<Remark>> {
        source.bounds().map_err(|remark| vec![remark])?;
        let id = cedar_policy::PolicyId::new(source.id.as_str());
        let policy = Policy::parse(Some(id), &source.text)
            .map_err(|errors| errors.iter().map(|error| Remark::of_parser(error)).collect::<Vec<_>>())?;
        named_as(source, &policy).map_err(|remark| vec![remark])?;
        let mut remarks = validate(vocabulary, &policy)?;
        let scope = Scope::of(&policy);
        let literals = policy.entity_literals();
        let names_a_person = matches!(scope.whom, Whom::User(_))
            || literals.iter().any(|uid| uid.type_name().basename() == "User");
        if names_a_person {
            remarks.push(
                Remark::new(0, Severity::Advice, "this policy names a person")
                    .with_help("name a group instead; who is in it can change without a new policy"),
            );
        }
        let tree = tree_of(&policy);
        let analysis = match &tree {
            Some(tree) => {
                let clauses = tree.body().clauses();
                remarks.extend(clauses.iter().flat_map(impossible_levels));
                Analysis::of_clauses(clauses, &datetime_millis)
            }
            None => Analysis::everything(),
        };
        let annotations = policy.annotations();
        Ok(Self {
            effect: policy.effect(),
            scope,
            analysis,
            groups: groups_in(&policy, &literals),
            annotations: annotations.map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
            condition: condition_of(&policy, tree),
            text: source.text.clone(),
            remarks,
        })
    }

    /// Whether the policy applies to a question.
    ///
    /// # Errors
    /// It could not be evaluated. Cedar's authorizer would leave it out, and with it a `forbid`.
    pub(crate) fn applies(&self, request: &Request, entities: &Entities) -> Result<bool, Unevaluable> {
        match eval_expression(request, entities, &self.condition) {
            Ok(EvalResult::Bool(applies)) => Ok(applies),
            _ => Err(Unevaluable),
        }
    }

    /// Whether this was compiled from that text.
    pub(crate) fn is_of(&self, text: &str) -> bool {
        self.text == text
    }

    /// The policy as it was written, read anew. Decisions have no use for the places of its parts in its text; without
    /// them 10,000 policies take 77 MB and not 205.
    pub(crate) fn as_written(&self) -> Option<Policy> {
        Policy::parse(None, &self.text).ok()
    }

    /// What an annotation says, if it says something.
    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}

/// A policy could not be evaluated.
#[derive(Debug)]
pub(crate) struct Unevaluable;

/// The policy as a tree.
fn tree_of(policy: &Policy) -> Option<pst::Policy> {
    // The tree of a policy that came from text is read from the text once more, which costs as much as the first
    // time; that of a policy that came from Cedar's inner form is not. Operators then have their basic forms,
    // `a > b` is `!(a <= b)`, which makes no difference to what is read.
    Policy::from(AsRef::as_ref(policy).clone()).to_pst().ok()
}

/// What Cedar evaluates of a policy: its scope and its conditions in one expression. Its evaluator puts this together
/// anew each time that it is given the policy, which costs more than the evaluation.
///
/// It is made from the tree, if there is one: without the places of its parts in a text, each of which would be
/// copied to the value that the part has, and with the parts side by side in memory.
fn condition_of(policy: &Policy, tree: Option<pst::Policy>) -> Expression {
    let lean = tree.and_then(|tree| Policy::from_pst(tree).ok());
    // `AsRef` and `From` between Cedar's outer and inner form of a thing are left out of its documentation. Were they
    // gone, this would not compile; that it is the right expression, the comparison with Cedar's authorizer shows.
    Expression::from(AsRef::as_ref(lean.as_ref().unwrap_or(policy)).condition())
}

/// Whether the policy has the name in its `@id`.
fn named_as(source: &PolicySource, policy: &Policy) -> Result<(), Remark> {
    match policy.annotation("id") {
        Some(id) if id == source.id.as_str() => Ok(()),
        Some(other) => {
            let message = format!("the policy is named `{}`, but its `@id` is `{other}`", source.id);
            Err(Remark::new(0, Severity::Error, message))
        }
        None => Err(Remark::new(0, Severity::Error, "this policy has no `@id`")
            .with_help(format!("begin it with @id(\"{}\")", source.id))),
    }
}

/// Strict validation: what is left can only fail by overflow. Returns the warnings.
fn validate(vocabulary: &Vocabulary, policy: &Policy) -> Result<Vec<Remark>, Vec<Remark>> {
    let alone = PolicySet::from_policies([policy.clone()])
        .map_err(|error| vec![Remark::of_validator(Severity::Error, &error)])?;
    let result = vocabulary.validator.validate(&alone, ValidationMode::Strict);
    let unique = |mut remarks: Vec<Remark>| {
        let mut seen: Vec<Remark> = Vec::new();
        remarks.retain(|remark| {
            let new = !seen.contains(remark);
            seen.push(remark.clone());
            new
        });
        remarks
    };
    if result.validation_passed() {
        let warnings = result.validation_warnings();
        let found = unique(warnings.map(|found| Remark::of_validator(Severity::Warning, found)).collect());
        // One cause, several warnings: the one that has advice to give is enough.
        let advised: Vec<Remark> = found.iter().filter(|remark| remark.help.is_some()).cloned().collect();
        Ok(if advised.is_empty() { found } else { advised })
    } else {
        // Warnings beside an error are mostly its consequences.
        let errors = result.validation_errors();
        Err(unique(errors.map(|found| Remark::of_validator(Severity::Error, found)).collect()))
    }
}

/// The groups that a policy names. Nothing else can be a group in it: no attribute is an entity. A name that no
/// group can have is left out, since nobody is in it.
fn groups_in(policy: &Policy, literals: &[EntityUid]) -> Vec<(GroupName, EntityUid)> {
    let in_scope = match policy.principal_constraint() {
        cedar_policy::PrincipalConstraint::Eq(uid)
        | cedar_policy::PrincipalConstraint::In(uid)
        | cedar_policy::PrincipalConstraint::IsIn(_, uid) => Some(uid),
        cedar_policy::PrincipalConstraint::Any | cedar_policy::PrincipalConstraint::Is(_) => None,
    };
    let mut groups: Vec<(GroupName, EntityUid)> = literals
        .iter()
        .chain(in_scope.as_ref())
        .filter(|uid| uid.type_name().basename() == "Group")
        .filter_map(|uid| uid.id().unescaped().parse().ok().map(|name| (name, uid.clone())))
        .collect();
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    groups.dedup_by(|a, b| a.0 == b.0);
    groups
}

/// Comparisons of `session.level` with what is no level. Cedar cannot know: to it, it is a string.
fn impossible_levels(clause: &Clause) -> Vec<Remark> {
    const LEVELS: [&str; 3] =
        [AuthLevel::None.as_str(), AuthLevel::Basic.as_str(), AuthLevel::Strong.as_str()];
    let (Clause::When(expr) | Clause::Unless(expr)) = clause;
    let found: Vec<String> = expr.reduce(
        &|expr| {
            let Expr::BinaryOp { op: BinaryOp::Eq | BinaryOp::NotEq, left, right } = expr else {
                return None;
            };
            let text = match (left.as_ref(), right.as_ref()) {
                (of, Expr::Literal(Literal::String(text))) | (Expr::Literal(Literal::String(text)), of)
                    if attribute_of(of) == Some(Attribute::Level) =>
                {
                    text
                }
                _ => return None,
            };
            (!LEVELS.contains(&text.as_str())).then(|| vec![text.to_string()])
        },
        &|one, other| [one, other].concat(),
        Vec::new(),
    );
    found
        .into_iter()
        .map(|text| {
            let help = nearest(&text, &LEVELS).map_or_else(
                || String::from("they are none, basic, strong"),
                |name| format!("did you mean `{name}`?"),
            );
            Remark::new(0, Severity::Warning, format!("`context.session.level` is never `{text}`"))
                .with_help(help)
        })
        .collect()
}

/// The milliseconds since the epoch that `datetime("...")` means to Cedar.
pub(crate) fn datetime_millis(literal: &str) -> Option<i64> {
    // The literals that Cedar takes consist of these; so there is nothing to escape.
    if !literal.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'T' | b'Z' | b':' | b'.' | b'+' | b'-')) {
        return None;
    }
    let text = format!("datetime(\"{literal}\").durationSince(datetime(\"1970-01-01\")).toMilliseconds()");
    let expression: Expression = text.parse().ok()?;
    match eval_expression(&nobody()?, &Entities::empty(), &expression) {
        Ok(EvalResult::Long(millis)) => Some(millis),
        _ => None,
    }
}

/// A request for expressions that read none.
fn nobody() -> Option<Request> {
    let uid = || "Anonymous::\"anonymous\"".parse().ok();
    Request::new(uid()?, uid()?, uid()?, cedar_policy::Context::empty(), None).ok()
}
