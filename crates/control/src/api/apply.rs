//! `apply`: makes the deployment what files say, all of it or nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bartizan_identity::StoredPerson;
use bartizan_model::{ObjectKind, PolicyId, Revision, UserId};
use bartizan_policy::{Engine, Finding, PolicySource, Severity, World};
use bartizan_store::{Expect, Object, Write};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Sent;
use super::{Api, Failure, described};
use crate::call::{Admitted, WriteObjects, WritePeople};
use crate::error::Error;
use crate::files::{Files, Member, Named, named as in_policy};
use crate::plan::{Missing, Plan, Stored, Verb, What, plan};
use crate::proposal::Proposal;
use crate::spec::PolicySpec;

/// The object files, and what is to be done with them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Folder {
    files: Vec<File>,
    /// Whether it is only tried.
    #[serde(default)]
    dry_run: bool,
    /// Whether objects that the files lack are deleted.
    #[serde(default)]
    prune: bool,
}

/// One object file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    text: String,
}

/// What `apply` prints.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Applied)]
pub(crate) struct Outcome {
    #[schema(value_type = u64)]
    pub(crate) revision: Revision,
    pub(crate) created: Vec<String>,
    pub(crate) changed: Vec<String>,
    deleted: Vec<String>,
    unchanged: Vec<String>,
    /// What could be better about the policies in the files.
    #[schema(value_type = Vec<described::Finding>)]
    pub(crate) findings: Vec<Finding>,
    /// How many live grants were cut by the change.
    pub(crate) cut: u64,
}

/// Whether a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    /// It is only tried.
    Dry,
    /// It is carried out.
    Earnest,
}

/// What is to be made so.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// Each file's name and text.
    pub(crate) files: &'a [(String, String)],
    pub(crate) run: Run,
    pub(crate) missing: Missing,
    /// The policy that the author read, at the revision that they read: it must still stand there. One that they found at
    /// none is new, and must not be there.
    pub(crate) read: Option<(PolicyId, Option<Revision>)>,
}

pub(super) async fn apply(
    admitted: Admitted<WriteObjects>,
    people: Admitted<WritePeople>,
    State(api): State<Arc<Api>>,
    Sent(folder): Sent<Folder>,
) -> Result<Json<Outcome>, Failure> {
    let files: Vec<(String, String)> =
        folder.files.into_iter().map(|file| (file.name.chars().take(200).collect(), file.text)).collect();
    let missing = if folder.prune {
        Missing::Delete { caller: admitted.asked().subject.user() }
    } else {
        Missing::Keep
    };
    let run = if folder.dry_run { Run::Dry } else { Run::Earnest };
    let wanted = Wanted { files: &files, run, missing, read: None };
    applied(&admitted, &people, &api, wanted).await.map(Json)
}

/// Makes everything as files say.
pub(crate) async fn applied(
    admitted: &Admitted<WriteObjects>,
    people: &Admitted<WritePeople>,
    api: &Api,
    wanted: Wanted<'_>,
) -> Result<Outcome, Failure> {
    carried_out(admitted, people, api, wanted, |_any| Ok(())).await.map(|(outcome, _)| outcome)
}

/// Makes what files say if all of it is new, so that nothing that others made becomes another by it; says what there would be
/// to decide on.
pub(crate) async fn made_new(
    admitted: &Admitted<WriteObjects>,
    people: &Admitted<WritePeople>,
    api: &Api,
    (files, run): (&[(String, String)], Run),
) -> Result<(Outcome, (Arc<Engine>, World)), Failure> {
    let wanted = Wanted { files, run, missing: Missing::Keep, read: None };
    let is_new = |plan: &Plan| {
        let known = plan.steps.iter().filter(|step| step.verb != Verb::Create).map(|step| &step.shown);
        match known.chain(&plan.unchanged).next() {
            Some(known) => Err(Error::Invalid(format!("there is `{known}` already")).into()),
            None => Ok(()),
        }
    };
    carried_out(admitted, people, api, wanted, is_new).await
}

async fn carried_out(
    admitted: &Admitted<WriteObjects>,
    // Files make people administrators: who may change objects alone may not apply them.
    _people: &Admitted<WritePeople>,
    api: &Api,
    wanted: Wanted<'_>,
    acceptable: impl FnOnce(&Plan) -> Result<(), Failure>,
) -> Result<(Outcome, (Arc<Engine>, World)), Failure> {
    let prune = wanted.missing != Missing::Keep;
    let (files, mut findings) = Files::read_what_is_right(wanted.files);
    if !findings.is_empty() {
        let sources: Vec<PolicySource> = files.policies.into_values().collect();
        findings.extend(Engine::compile(Revision::default(), &sources, None).err().unwrap_or_default());
        findings.sort();
        return Err(Failure::Findings(findings));
    }
    let turn = api.hub.turn().await;
    let (stored, people) = stored(api, &files, prune).await?;
    if let Some((policy, read)) = wanted.read {
        let found = stored.policies.get(&policy).map(|(revision, _)| *revision);
        if found != read {
            let expected = read.map_or(Expect::Absent, Expect::Revision);
            let (kind, name) = (ObjectKind::Policy, policy.to_string());
            return Err(bartizan_store::Error::Conflict { kind, name, expected, found }.into());
        }
    }
    let plan =
        plan(&stored, &files, wanted.missing, api.enforcer.entropy().as_ref()).map_err(|mut findings| {
            let sources: Vec<PolicySource> = files.policies.values().cloned().collect();
            let compiled = Engine::compile(Revision::default(), &sources, None).err();
            findings.extend(compiled.unwrap_or_default());
            Failure::Findings(findings)
        })?;
    acceptable(&plan)?;
    let sound = proposal(api, &plan, &people).await?.tried(api, admitted).await?;
    let (engine, world) = &sound.would_be;
    let would_be = (Arc::clone(engine), world.clone());
    let of_files = |finding: &Finding| files.policies.values().any(|source| source.file == finding.file);
    let findings = sound
        .advice
        .iter()
        .filter(|finding| finding.severity != Severity::Error && of_files(finding))
        .cloned()
        .collect();
    let (revision, cut) = if wanted.run == Run::Dry || plan.steps.is_empty() {
        (api.store.revision().await?, 0)
    } else {
        let revision = sound.commit(api, admitted).await?.revision;
        // A point that lags behind must not keep others from changing something.
        drop(turn);
        (revision, api.hub.applied(revision).await.cut)
    };
    let outcome = Outcome {
        revision,
        created: plan.names(Verb::Create),
        changed: plan.names(Verb::Change),
        deleted: plan.names(Verb::Delete),
        unchanged: plan.unchanged,
        findings,
        cut,
    };
    Ok((outcome, would_be))
}

type People = BTreeMap<UserId, StoredPerson>;

/// Reads what the plan is made against: all configuration, and of the people those who matter.
async fn stored(api: &Api, files: &Files, prune: bool) -> Result<(Stored, People), Failure> {
    let mut stored = Stored::default();
    for object in all(api, ObjectKind::App).await? {
        stored.apps.insert(named(&object)?, (object.revision, said(&object)?));
    }
    for object in all(api, ObjectKind::Client).await? {
        stored.clients.insert(named(&object)?, (object.revision, said(&object)?));
    }
    for object in all(api, ObjectKind::Provider).await? {
        stored.providers.insert(named(&object)?, (object.revision, said(&object)?));
    }
    for object in all(api, ObjectKind::Group).await? {
        stored.groups.insert(named(&object)?, (object.revision, said(&object)?));
    }
    for object in all(api, ObjectKind::Policy).await? {
        stored.policies.insert(named(&object)?, (object.revision, said::<PolicySpec>(&object)?.text));
    }
    let mut ids = Vec::new();
    if prune && !files.users.is_empty() {
        for object in all(api, ObjectKind::User).await? {
            ids.push(named(&object)?);
        }
    } else {
        let members = files.groups.values().flat_map(|group| group.patch.members.iter().flatten());
        let named = members.filter_map(|member| match &member.value {
            Member::User(login) | Member::Either(login) => Some(login),
            Member::Group(_) => None,
        });
        let mut strangers = false;
        let in_policies: Vec<Named> = files.policies.values().flat_map(in_policy).collect();
        let in_policies = in_policies.iter().map(|person| &person.text);
        for login in files.users.keys().chain(named).chain(in_policies) {
            let found = api.people.find(login).await?;
            strangers |= found.is_none() && !files.users.contains_key(login);
            ids.extend(found);
        }
        // Somebody who is not there is either a group or a mistake: then it helps to know who there is.
        if strangers {
            let some = api.store.list(ObjectKind::User, None, SUGGESTED).await?;
            ids.extend(some.iter().filter_map(|object| object.name.parse::<UserId>().ok()));
        }
    }
    let mut people = People::new();
    for id in ids {
        if people.contains_key(&id) {
            continue;
        }
        let Some(known) = api.people.stored(id).await? else { continue };
        // Whoever was erased has no name any more that a file could call them by.
        if let Some(attributes) = &known.person.attributes {
            let login = attributes.login.clone();
            stored.people.insert(login, (known.revision, known.person.clone()));
            people.insert(id, known);
        }
    }
    Ok((stored, people))
}

/// All objects of a kind.
pub(crate) async fn all(api: &Api, kind: ObjectKind) -> Result<Vec<Object>, Failure> {
    let mut objects: Vec<Object> = Vec::new();
    loop {
        let after = objects.last().map(|object| object.name.clone());
        let page = api.store.list(kind, after.as_deref(), PAGE).await?;
        if page.is_empty() {
            return Ok(objects);
        }
        objects.extend(page);
    }
}

async fn proposal(api: &Api, plan: &Plan, people: &People) -> Result<Proposal, Failure> {
    let mut proposal = Proposal { policies: Some(plan.policies.clone()), ..Proposal::default() };
    for step in &plan.steps {
        let write = match &step.what {
            What::Put { kind, name, spec, expect } => Write::Put {
                kind: *kind,
                name: name.clone(),
                spec: spec.clone(),
                lookups: Vec::new(),
                expect: *expect,
            },
            What::NewPerson { id, person, state } => {
                let (write, secret) = api.people.prepare_new(*id, person, *state)?;
                proposal.secrets.push(secret);
                write
            }
            What::Person(to) => {
                let missing = || Error::NotFound { what: "user", name: to.id.to_string() };
                let known = people.get(&to.id).ok_or_else(missing)?;
                api.people.prepare_change(known, to).await?
            }
            What::Delete { kind, name, expect } => {
                proposal.secrets.extend(super::objects::goes_along(*kind, name));
                Write::Delete { kind: *kind, name: name.clone(), expect: *expect }
            }
        };
        proposal.writes.push((step.verb, write));
    }
    Ok(proposal)
}

fn named<T: std::str::FromStr<Err: std::fmt::Display>>(object: &Object) -> Result<T, Error> {
    object.name.parse().map_err(|why: T::Err| damaged(object, &why))
}

fn said<T: DeserializeOwned>(object: &Object) -> Result<T, Error> {
    serde_json::from_value(object.spec.clone()).map_err(|why| damaged(object, &why))
}

fn damaged(object: &Object, why: &dyn std::fmt::Display) -> Error {
    Error::Damaged { kind: object.kind, name: object.name.clone(), why: why.to_string() }
}

/// How many people may be meant by a name that nobody has: each takes a decryption.
const SUGGESTED: u32 = 500;

/// How many objects are read at once.
const PAGE: u32 = 1000;

/// The longest body of `apply`.
pub(super) const MAX_FOLDER: usize = 1 << 20;
