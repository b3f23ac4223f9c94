//! One policy: its text, what became of it over time, and changing it.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use bartizan_model::{PolicyId, Revision};
use bartizan_policy::{Finding, PolicySource, Severity, split_file};
use bartizan_ui::{Emphasis, Remark, Rendered, button, editor, form, link_button, listing};
use http::StatusCode;
use maud::{Markup, html};

use super::failure::sentence;
use super::frame::{Frame, Shown};
use super::history::{Drawn, READ, Told, history};
use super::policies::{effect, text_of};
use super::words::count;
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
                        div .row { h2 { "Text" } (effect(&view.frame, text)) }
                        @if newest.is_some_and(|newest| newest.spec.is_some()) {
                            (link_button("Edit", &format!("/policies/{}?edit=1", view.name), Emphasis::Secondary))
                        }
                    }
                    @if newest.is_some_and(|newest| newest.spec.is_none()) {
                        div .empty { p { "This policy is deleted. Roll it back below, if it is wanted again." } }
                    } @else {
                        (listing("Text of the policy", text, &remarks(view)))
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
    let own = file(&view.name);
    let elsewhere: Vec<&Finding> = view.findings.iter().filter(|finding| finding.file != own).collect();
    let read = read.get().to_string();
    let fields = html! {
        input type="hidden" name="revision" value=(read);
        (editor("text", "Text in Cedar", draft, "People by login name. Keep the @id: it is the policy's name."))
        div .row {
            (button("Save", Emphasis::Primary))
            button type="submit" .button name="run" value="dry" { "Check only" }
            a href={ "/policies/" (view.name) } { "Leave it as it is" }
        }
    };
    let action = format!("/policies/{}", view.name);
    html! {
        section {
            h2 { "Edit" }
            @if view.findings.is_empty() {
                (form(&action, &view.frame.csrf, &fields))
            } @else {
                div .two {
                    (form(&action, &view.frame.csrf, &fields))
                    div .stack {
                        h2 { (found(&view.findings)) }
                        (listing("What was found", draft, &remarks(view)))
                        @if !elsewhere.is_empty() {
                            ul .ways { @for finding in elsewhere { li { (finding) } } }
                        }
                    }
                }
            }
        }
    }
}

fn found(findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors == 0 {
        return String::from("It is in order, and could be better");
    }
    format!("Not saved: {}", count(u64::try_from(errors).unwrap_or(u64::MAX), "mistake"))
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
    let outcome = match only_this(&id, &text) {
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
                (Run::Dry, true) => String::from("It is in order. Nothing was saved yet."),
                (Run::Dry, false) => String::from("It is in order, and the same as before."),
                (Run::Earnest, false) => String::from("It is the same as before, so nothing was saved."),
                (Run::Earnest, true) => {
                    format!(
                        "Saved as revision {}; {} cut.",
                        outcome.revision,
                        count(outcome.cut, "live stream")
                    )
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
            let (status, _, title) = kind_of(&error);
            view.told = Told::Problem(title.to_owned(), sentence(&error.to_string()));
            view.editing = Some((text, revision));
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(denied @ Failure::Denied(_)) => return Err(denied),
    };
    Ok(Shown::from(page(&view)).status(status))
}

/// The page of a policy changes that policy and makes no other.
pub(super) fn only_this(id: &PolicyId, text: &str) -> Result<(), Vec<Finding>> {
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
        let message = format!("this is another policy, `{}`", source.id);
        finding(
            source.line,
            source.column,
            message,
            format!("keep `@id(\"{id}\")`; add others with `bartizan apply`"),
        )
    });
    let mut findings: Vec<Finding> = others.collect();
    if findings.is_empty() && sources.is_empty() {
        let help = String::from("delete it with `bartizan delete policy NAME`, if that is meant");
        findings.push(finding(1, 1, String::from("there is no policy in this text"), help));
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
