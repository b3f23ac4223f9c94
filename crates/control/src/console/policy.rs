//! One policy: its text, what became of it over time, and changing it.

pub(super) mod check;
mod clash;
mod draft;
mod editing;
pub(super) mod new;
mod trial;

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use bartizan_model::{PolicyId, Revision};
use bartizan_policy::{Finding, PolicySource, Severity, split_file};
use bartizan_ui::{Emphasis, Rendered, Words, link_button, listing};
use http::StatusCode;
use http::request::Parts;
use maud::html;

use self::draft::Draft;
pub(super) use self::editing::{Editing, place, remark};
use self::trial::{Rights, Trial};
use super::failure::explained;
use super::frame::{Frame, Shown};
use super::history::{Drawn, Past, Told, history, past};
use super::policies::{effect, text_of};
use super::{Fields, said};
use crate::api::apply::{Outcome, Run, Wanted, applied};
use crate::api::failure::kind_of;
use crate::api::objects::{Policies, Shown as Object};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, WriteObjects, WritePeople};
use crate::error::Error;
use crate::plan::Missing;

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) name: String,
    /// What the policy was, newest first.
    pub(super) past: Past,
    pub(super) told: Told,
    pub(super) findings: Vec<Finding>,
    /// What is in the editor, if it is open.
    pub(super) editing: Option<Editing>,
    pub(super) may: May,
}

/// What is offered to who looks at policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum May {
    /// Nothing: they would be refused.
    Look,
    /// To change them, if need be after they have confirmed who they are.
    Change,
}

impl May {
    /// What would be decided if they changed one. It permits nothing, and is not recorded.
    pub(super) fn of<R>(api: &Api, admitted: &Admitted<R>) -> Self {
        // A policy may name people.
        let change = admitted.may::<WriteObjects>(api) && admitted.may::<WritePeople>(api);
        if change { Self::Change } else { Self::Look }
    }
}

pub(super) async fn show(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Query(asked): Query<Fields>,
    mut parts: Parts,
) -> Result<Shown, Failure> {
    let makes = name == new::NAME && May::of(&api, &admitted) == May::Change;
    let mut view = match view(&admitted, &api, name).await {
        // It is the place of new ones, unless a policy is called that.
        Ok(_) if makes && asked.contains_key("template") => {
            return new::show(&admitted, &api, &asked, &mut parts).await;
        }
        Err(Failure::Failed(Error::NotFound { .. })) if makes => {
            return new::show(&admitted, &api, &asked, &mut parts).await;
        }
        other => other?,
    };
    if said(&asked, "edit").is_some()
        && view.may == May::Change
        && let Some(newest) = view.past.changes.first().filter(|newest| newest.spec.is_some())
    {
        let rights = Rights::of(&mut parts, &api).await;
        let trial = Trial::open(rights.as_ref(), &api, &Fields::new()).await?;
        let (text, read) = (text_of(newest).to_owned(), Some(newest.revision));
        view.editing = Some(Editing { text, read, trial, clash: None });
    }
    Ok(page(&view).into())
}

impl View {
    /// A policy that is not there yet.
    fn new(frame: Frame, name: String, may: May) -> Self {
        let past = Past { changes: Vec::new(), back: false };
        let (told, findings) = (Told::Nothing, Vec::new());
        Self { frame, name, past, told, findings, editing: None, may }
    }
}

async fn view(admitted: &Admitted<ReadObjects>, api: &Api, name: String) -> Result<View, Failure> {
    let past = past::<Policies>(admitted, api, &name).await?;
    Ok(View { past, ..View::new(Frame::of(api, admitted).await?, name, May::of(api, admitted)) })
}

pub(super) fn page(view: &View) -> Rendered {
    let words = view.frame.words;
    let newest = view.past.changes.first();
    let text = newest.map(text_of).unwrap_or_default();
    let source = view.name.parse().ok().map(|id| PolicySource::new(id, "", text));
    let about = source.and_then(|source| source.annotation("reason"));
    let content = html! {
        (view.told.markup(&view.frame))
        @if let Some(about) = about { p .lead { (about) } }
        @match &view.editing {
            Some(editing) => (editing.markup(&view.frame, &view.name, &view.findings)),
            None => {
                section {
                    div .row.apart {
                        div .row { h2 { (words.say("policy-text")) } (effect(&view.frame, text)) }
                        @if view.may == May::Change && newest.is_some_and(|newest| newest.spec.is_some()) {
                            (link_button(&words.say("policy-edit"), &format!("/policies/{}?edit=1", view.name), Emphasis::Secondary))
                        }
                    }
                    @if newest.is_some_and(|newest| newest.spec.is_none()) {
                        div .empty { p { (words.say("policy-gone")) } }
                    } @else {
                        (listing(&words.say("policy-text-of"), text, &[]))
                    }
                }
            }
        }
        @if !view.past.changes.is_empty() { (history::<Policies>(&view.frame, &view.name, &view.past)) }
    };
    match &view.editing {
        Some(_) => view.frame.editor("/policies", &view.name, &content),
        None => view.frame.page("/policies", &view.name, &content),
    }
}

/// The name under which findings tell of this policy.
fn file(name: &str) -> String {
    format!("{name}.cedar")
}

/// Browsers send line ends as CRLF (HTML, 4.10.22.5).
fn text_in(sent: &Fields) -> String {
    sent.get("text").map(|text| text.replace("\r\n", "\n")).unwrap_or_default()
}

pub(super) async fn save(
    admitted: Admitted<WriteObjects>,
    people: Admitted<WritePeople>,
    read: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Result<Shown, Failure> {
    let missing = || Error::NotFound { what: "policy", name: name.chars().take(64).collect() };
    let id: PolicyId = name.parse().map_err(|_form| missing())?;
    let revision = said(&fields, "revision").and_then(|text| text.parse().ok()).map(Revision::new);
    let unclear = || Error::Invalid(String::from("the form does not say which revision was edited"));
    let sent = Sent { id, read: Some(revision.ok_or_else(unclear)?), text: text_in(&fields), fields };
    taken((&admitted, &people, &read), &api, parts, sent).await
}

/// A text for a policy, as it was sent.
#[derive(Debug)]
struct Sent {
    id: PolicyId,
    /// The revision that its author read; nothing if the policy is new.
    read: Option<Revision>,
    text: String,
    fields: Fields,
}

/// To change a policy, which may name people, and to show what became of it.
type Proofs<'a> = (&'a Admitted<WriteObjects>, &'a Admitted<WritePeople>, &'a Admitted<ReadObjects>);

/// Saves what was sent, or only looks at it and at what is asked about it.
async fn taken(
    (admitted, people, read): Proofs<'_>,
    api: &Arc<Api>,
    mut parts: Parts,
    sent: Sent,
) -> Result<Shown, Failure> {
    let run = if said(&sent.fields, "run") == Some("dry") { Run::Dry } else { Run::Earnest };
    let frame = Frame::of(api, read).await?;
    let words = frame.words;
    let outcome = tried(words, (admitted, people), api, (&sent.id, &sent.text), (run, Some(sent.read))).await;
    let name = sent.id.to_string();
    let saved = run == Run::Earnest && outcome.is_ok();
    let mut view = match (view(read, api, name.clone()).await, sent.read) {
        (Ok(view), _) => view,
        (Err(Failure::Failed(Error::NotFound { .. })), None) => View::new(frame, name, May::Change),
        (Err(failure), _) => return Err(failure),
    };
    if !saved {
        let rights = Rights::of(&mut parts, api).await;
        let mut trial = Trial::open(rights.as_ref(), api, &sent.fields).await?;
        if let (Some(trial), Some(rights), Ok(_)) = (&mut trial, &rights, &outcome) {
            let draft = Draft::of(api, &sent.id, &sent.text).await?;
            trial.ask(rights, api, words, &draft).await?;
        }
        view.editing = Some(Editing { text: sent.text, read: sent.read, trial, clash: None });
    }
    let status = match outcome {
        Ok(outcome) => {
            view.told = Told::Done(done(words, run, &outcome));
            view.findings = outcome.findings;
            StatusCode::OK
        }
        Err(Failure::Findings(findings)) => {
            view.findings = findings;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(Failure::Failed(Error::Store(bartizan_store::Error::Conflict { .. }))) => {
            if let Some(editing) = &mut view.editing {
                editing.clashes(&view.past.changes);
            }
            StatusCode::CONFLICT
        }
        Err(Failure::Failed(error)) => {
            let (title, detail) = explained(words, &error);
            view.told = Told::Problem(title, detail);
            StatusCode::from_u16(kind_of(&error).0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(denied @ Failure::Denied(_)) => return Err(denied),
    };
    Ok(Shown::from(page(&view)).status(status))
}

/// Tries a text in the place of a policy, and in earnest makes it that. Who says what they read of the policy is refused if it
/// is another by now.
async fn tried(
    words: Words,
    (admitted, people): (&Admitted<WriteObjects>, &Admitted<WritePeople>),
    api: &Api,
    (id, text): (&PolicyId, &str),
    (run, read): (Run, Option<Option<Revision>>),
) -> Result<Outcome, Failure> {
    only_this(words, id, text).map_err(Failure::Findings)?;
    let files = [(file(id.as_str()), text.to_owned())];
    let read = read.map(|read| (id.clone(), read));
    applied(admitted, people, api, Wanted { files: &files, run, missing: Missing::Keep, read }).await
}

fn done(words: Words, run: Run, outcome: &Outcome) -> String {
    let same = outcome.changed.is_empty() && outcome.created.is_empty();
    match (run, same) {
        (Run::Dry, false) => words.say("policy-sound"),
        (Run::Dry, true) => words.say("policy-sound-same"),
        (Run::Earnest, true) => words.say("policy-same"),
        (Run::Earnest, false) => {
            let revision = outcome.revision.to_string();
            let values = [("revision", (&revision).into()), ("cut", outcome.cut.into())];
            words.with("policy-saved", &values)
        }
    }
}

/// The page of a policy changes that policy and makes no other.
pub(super) fn only_this(words: Words, id: &PolicyId, text: &str) -> Result<(), Vec<Finding>> {
    let file = file(id.as_str());
    let sources = split_file(&file, text)?;
    let finding = |line, column, message: String, help: String| Finding {
        file: file.clone(),
        line,
        column,
        severity: Severity::Error,
        message,
        help: Some(help),
    };
    let others = sources.iter().filter(|source| source.id != *id).map(|source| {
        let message = words.with("policy-other", &[("id", source.id.as_str().into())]);
        let help = words.with("policy-other-help", &[("id", id.as_str().into())]);
        finding(source.line, source.column, message, help)
    });
    let mut findings: Vec<Finding> = others.collect();
    if findings.is_empty() && sources.is_empty() {
        findings.push(finding(1, 1, words.say("policy-empty"), words.say("policy-empty-help")));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

impl Drawn for Policies {
    const PLACE: &'static str = "/policies";

    fn text(object: &Object) -> String {
        text_of(object).to_owned()
    }

    async fn drawn(
        read: &Admitted<ReadObjects>,
        api: &Arc<Api>,
        name: String,
        told: Told,
    ) -> Result<Rendered, Failure> {
        let mut view = view(read, api, name).await?;
        view.told = told;
        Ok(page(&view))
    }
}
