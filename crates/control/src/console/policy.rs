//! One policy: its text, what became of it over time, and changing it.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use bartizan_model::{PolicyId, Revision};
use bartizan_policy::{Finding, PolicySource, Severity, split_file};
use bartizan_ui::{Emphasis, Remark, Rendered, Words, button, editor, form, link_button, listing};
use http::StatusCode;
use maud::{Markup, html};

use super::failure::explained;
use super::frame::{Frame, Shown};
use super::history::{Drawn, READ, Told, history};
use super::policies::{effect, text_of};
use super::words::many;
use super::{Fields, said};
use crate::api::apply::{Run, Wanted, applied};
use crate::api::failure::kind_of;
use crate::api::objects::{Policies, Shown as Object, changes_of};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, WriteObjects, WritePeople};
use crate::error::Error;
use crate::plan::Missing;

#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) name: String,
    /// What the policy was, newest first.
    pub(super) changes: Vec<Object>,
    pub(super) told: Told,
    pub(super) findings: Vec<Finding>,
    /// The text in the editor, if it is open, and the revision that its author read.
    pub(super) editing: Option<(String, Revision)>,
}

pub(super) async fn show(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Query(asked): Query<Fields>,
) -> Result<Shown, Failure> {
    let mut view = view(&admitted, &api, name).await?;
    if said(&asked, "edit").is_some()
        && let Some(newest) = view.changes.first()
    {
        view.editing = Some((text_of(newest).to_owned(), newest.revision));
    }
    Ok(page(&view).into())
}

async fn view(admitted: &Admitted<ReadObjects>, api: &Api, name: String) -> Result<View, Failure> {
    let changes = changes_of::<Policies>(admitted, api, &name, READ).await?;
    let frame = Frame::of(api, admitted).await?;
    Ok(View { frame, name, changes, told: Told::Nothing, findings: Vec::new(), editing: None })
}

pub(super) fn page(view: &View) -> Rendered {
    let words = view.frame.words;
    let newest = view.changes.first();
    let text = newest.map(text_of).unwrap_or_default();
    let source = view.name.parse().ok().map(|id| PolicySource::new(id, "", text));
    let about = source.and_then(|source| source.annotation("reason"));
    let content = html! {
        (view.told.markup(&view.frame))
        @if let Some(about) = about { p .lead { (about) } }
        @match &view.editing {
            Some((draft, read)) => (edit(view, draft, *read)),
            None => {
                section {
                    div .row.apart {
                        div .row { h2 { (words.say("policy-text")) } (effect(&view.frame, text)) }
                        @if newest.is_some_and(|newest| newest.spec.is_some()) {
                            (link_button(&words.say("policy-edit"), &format!("/policies/{}?edit=1", view.name), Emphasis::Secondary))
                        }
                    }
                    @if newest.is_some_and(|newest| newest.spec.is_none()) {
                        div .empty { p { (words.say("policy-gone")) } }
                    } @else {
                        (listing(&words.say("policy-text-of"), text, &remarks(view)))
                    }
                }
            }
        }
        (history::<Policies>(&view.frame, &view.name, &view.changes))
    };
    view.frame.page("/policies", &view.name, &content)
}

/// What is said of lines of this policy's own text.
fn remarks(view: &View) -> Vec<Remark<'_>> {
    let own = file(&view.name);
    view.findings
        .iter()
        .filter(|finding| finding.file == own)
        .map(|finding| Remark {
            line: finding.line,
            column: finding.column,
            serious: finding.severity == Severity::Error,
            message: &finding.message,
            help: finding.help.as_deref(),
        })
        .collect()
}

fn edit(view: &View, draft: &str, read: Revision) -> Markup {
    let (words, own) = (view.frame.words, file(&view.name));
    let elsewhere: Vec<&Finding> = view.findings.iter().filter(|finding| finding.file != own).collect();
    let read = read.get().to_string();
    let fields = html! {
        input type="hidden" name="revision" value=(read);
        (editor("text", &words.say("policy-cedar"), draft, &words.say("policy-cedar-hint")))
        div .row {
            (button(&words.say("policy-save"), Emphasis::Primary))
            button type="submit" .button name="run" value="dry" { (words.say("policy-check")) }
            a href={ "/policies/" (view.name) } { (words.say("confirm-leave")) }
        }
    };
    let action = format!("/policies/{}", view.name);
    html! {
        section {
            h2 { (words.say("policy-edit")) }
            @if view.findings.is_empty() {
                (form(&action, &view.frame.csrf, &fields))
            } @else {
                div .two {
                    (form(&action, &view.frame.csrf, &fields))
                    div .stack {
                        h2 { (found(words, &view.findings)) }
                        (listing(&words.say("policy-found"), draft, &remarks(view)))
                        @if !elsewhere.is_empty() {
                            ul .ways { @for finding in elsewhere { li { (finding) } } }
                        }
                    }
                }
            }
        }
    }
}

fn found(words: Words, findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors == 0 {
        return words.say("policy-better");
    }
    words.with("policy-not-saved", &[("count", many(errors).into())])
}

/// The name under which findings tell of this policy.
fn file(name: &str) -> String {
    format!("{name}.cedar")
}

pub(super) async fn save(
    admitted: Admitted<WriteObjects>,
    people: Admitted<WritePeople>,
    read: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Form(sent): Form<Fields>,
) -> Result<Shown, Failure> {
    // Browsers send line ends as CRLF (HTML, 4.10.22.5).
    let text = sent.get("text").map(|text| text.replace("\r\n", "\n")).unwrap_or_default();
    let missing = || Error::NotFound { what: "policy", name: name.chars().take(64).collect() };
    let id: PolicyId = name.parse().map_err(|_form| missing())?;
    let revision = said(&sent, "revision").and_then(|text| text.parse().ok()).map(Revision::new);
    let revision = revision
        .ok_or_else(|| Error::Invalid(String::from("the form does not say which revision was edited")))?;
    let run = if said(&sent, "run") == Some("dry") { Run::Dry } else { Run::Earnest };
    let words = Frame::of(&api, &read).await?.words;
    let outcome = match only_this(words, &id, &text) {
        Err(findings) => Err(Failure::Findings(findings)),
        Ok(()) => {
            let files = [(file(&name), text.clone())];
            let wanted = Wanted { files: &files, run, missing: Missing::Keep, read: Some((id, revision)) };
            applied(&admitted, &people, &api, wanted).await
        }
    };
    let mut view = view(&read, &api, name).await?;
    let status = match outcome {
        Ok(outcome) => {
            let changed = !outcome.changed.is_empty();
            view.told = Told::Done(match (run, changed) {
                (Run::Dry, true) => words.say("policy-sound"),
                (Run::Dry, false) => words.say("policy-sound-same"),
                (Run::Earnest, false) => words.say("policy-same"),
                (Run::Earnest, true) => {
                    let revision = outcome.revision.to_string();
                    let values = [("revision", (&revision).into()), ("cut", outcome.cut.into())];
                    words.with("policy-saved", &values)
                }
            });
            view.findings = outcome.findings;
            view.editing = (run == Run::Dry).then_some((text, revision));
            StatusCode::OK
        }
        Err(Failure::Findings(findings)) => {
            view.findings = findings;
            view.editing = Some((text, revision));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(Failure::Failed(error)) => {
            let (title, detail) = explained(words, &error);
            view.told = Told::Problem(title, detail);
            view.editing = Some((text, revision));
            StatusCode::from_u16(kind_of(&error).0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(denied @ Failure::Denied(_)) => return Err(denied),
    };
    Ok(Shown::from(page(&view)).status(status))
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
