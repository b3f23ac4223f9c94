//! The policy engine: compiled policies, and the pure function from (policies, world, request) to an answer.

use std::sync::Arc;

use bartizan_model::{AccessRequest, PolicyId, Revision};

use crate::case::Case;
use crate::compile::Compiled;
use crate::explain::{self, Trace};
use crate::finding::{Finding, Remark, Severity};
use crate::grant::{Decision, Minter, Verdict, pronounce};
use crate::index::{Index, Number};
use crate::remedies;
use crate::remember::Remembered;
use crate::schema::Vocabulary;
use crate::source::PolicySource;
use crate::standing::Standing;
use crate::world::World;

/// A set of valid policies, ready to decide.
///
/// It holds no state: the same policies, world and request give the same answer, on each node and at any time.
#[derive(Debug)]
pub struct Engine {
    revision: Revision,
    pub(crate) vocabulary: Arc<Vocabulary>,
    /// In the order of their names.
    policies: Vec<Installed>,
    pub(crate) index: Index,
    findings: Vec<Finding>,
    /// Tells this engine from every other, for what is remembered of its verdicts.
    stamp: Arc<()>,
}

impl Engine {
    /// Reads and strictly validates policies. Those whose text is the same in `previous` are taken from there, so
    /// that a reload costs what has changed.
    ///
    /// # Errors
    /// Everything that is wrong with the policies, if there is an error among it; then none of them is active.
    pub fn compile(
        revision: Revision,
        sources: &[PolicySource],
        previous: Option<&Self>,
    ) -> Result<Self, Vec<Finding>> {
        let vocabulary = match previous {
            Some(previous) => Arc::clone(&previous.vocabulary),
            None => Arc::new(Vocabulary::new().map_err(|message| vec![broken_schema(message)])?),
        };
        let mut sources: Vec<&PolicySource> = sources.iter().collect();
        sources.sort_by(|a, b| a.id.cmp(&b.id));
        let mut findings = name_twice(&sources);
        let mut policies = Vec::with_capacity(sources.len());
        for source in sources {
            let known = previous.and_then(|previous| previous.find(&source.id));
            let compiled = match known.filter(|known| known.compiled.is_of(&source.text)) {
                Some(known) => Ok(Arc::clone(&known.compiled)),
                None => Compiled::new(&vocabulary, source).map(Arc::new),
            };
            let remarks = match &compiled {
                Ok(compiled) => &compiled.remarks,
                Err(remarks) => remarks,
            };
            findings.extend(remarks.iter().map(|remark| remark.placed(source)));
            if let Ok(compiled) = compiled {
                policies.push(Installed { id: source.id.clone(), compiled });
            }
        }
        findings.sort();
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(findings);
        }
        Ok(Self {
            revision,
            vocabulary,
            index: Index::new(policies.iter().map(|policy| &policy.compiled.scope).enumerate()),
            policies,
            findings,
            stamp: Arc::new(()),
        })
    }

    fn find(&self, id: &PolicyId) -> Option<&Installed> {
        let place = self.policies.binary_search_by(|policy| policy.id.cmp(id)).ok()?;
        self.policies.get(place)
    }

    pub(crate) fn policy(&self, number: Number) -> Option<&Installed> {
        self.policies.get(number)
    }

    /// The policies with these names.
    pub(crate) fn named<'a>(&'a self, ids: &'a [PolicyId]) -> impl Iterator<Item = &'a Installed> {
        ids.iter().filter_map(|id| self.find(id))
    }

    /// The revision of the policies.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// The names of the policies, in order.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyId> {
        self.policies.iter().map(|policy| &policy.id)
    }

    /// What could be better about the policies: warnings and advice.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The answer to a question. It permits nothing.
    #[must_use]
    pub fn evaluate(&self, world: &World, request: &AccessRequest) -> Verdict {
        let standing = Standing::of(world, request);
        Case::new(self, world, request, standing).verdict()
    }

    /// Decides a question, and mints the grant if the answer is yes.
    #[must_use]
    pub fn decide(&self, minter: &Minter, world: &World, request: &AccessRequest) -> Decision {
        pronounce(minter, world, request, self.evaluate(world, request))
    }

    /// The same as [`Engine::decide`], and what to remember of it for [`Engine::recall`]. What was refused before any
    /// policy was asked is not remembered.
    #[must_use]
    pub fn decide_and_remember(
        &self,
        minter: &Minter,
        world: &World,
        request: &AccessRequest,
    ) -> (Decision, Option<Remembered>) {
        let (verdict, remembered) = self.evaluate_and_remember(world, request);
        (pronounce(minter, world, request, verdict), remembered)
    }

    /// The same as [`Engine::evaluate`], and what to remember of it for [`Engine::evaluate_again`]. It permits nothing.
    #[must_use]
    pub fn evaluate_and_remember(
        &self,
        world: &World,
        request: &AccessRequest,
    ) -> (Verdict, Option<Remembered>) {
        let standing = Standing::of(world, request);
        let case = Case::new(self, world, request, standing);
        let verdict = case.verdict();
        let remembered =
            standing.refused.is_none().then(|| Remembered::of(&self.stamp, &case, verdict.clone()));
        (verdict, remembered)
    }

    /// Decides a question by the verdict on an earlier one, if that answers this one, too: the same engine asked by
    /// the same subject with the same session, device and credential for the same, nothing that it read is another
    /// now, and its time has not run out. What comes before the policies is checked anew.
    #[must_use]
    pub fn recall(
        &self,
        minter: &Minter,
        world: &World,
        request: &AccessRequest,
        remembered: &Remembered,
    ) -> Option<Decision> {
        let verdict = self.evaluate_again(world, request, remembered)?;
        Some(pronounce(minter, world, request, verdict))
    }

    /// The verdict that [`Engine::recall`] goes by, if there is one. It permits nothing.
    #[must_use]
    pub fn evaluate_again(
        &self,
        world: &World,
        request: &AccessRequest,
        remembered: &Remembered,
    ) -> Option<Verdict> {
        let revision = self.revision.max(world.revision());
        remembered.answer(&self.stamp, revision, world, request)
    }

    /// Which policies were in question, and how each of their conditions came out.
    #[must_use]
    pub fn explain(&self, world: &World, request: &AccessRequest) -> Trace {
        explain::explain(self, world, request)
    }

    /// The ways out of a denial, the smallest change first. Each was tried: with it the answer is yes.
    #[must_use]
    pub fn remedies(&self, world: &World, request: &AccessRequest) -> Vec<bartizan_model::Remedy> {
        remedies::remedies(self, world, request)
    }
}

/// A policy under its name.
#[derive(Debug, Clone)]
pub(crate) struct Installed {
    pub(crate) id: PolicyId,
    pub(crate) compiled: Arc<Compiled>,
}

/// Each name that more than one policy has, of policies in the order of their names.
fn name_twice(sources: &[&PolicySource]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pair in sources.windows(2) {
        if let [first, second] = pair
            && first.id == second.id
        {
            let message = format!("there are two policies with `@id(\"{}\")`", second.id);
            let help = format!("the other one is in {}, line {}", first.file, first.line);
            findings.push(Remark::new(0, Severity::Error, message).with_help(help).placed(second));
        }
    }
    findings
}

/// The schema is part of this crate and read by its tests; this is for a build that skipped them.
fn broken_schema(message: String) -> Finding {
    Finding {
        file: String::from("schema.cedarschema"),
        line: 1,
        column: 1,
        severity: Severity::Error,
        message,
        help: None,
    }
}
