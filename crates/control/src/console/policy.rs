//! One policy: its text, what became of it over time, and changing it.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use bartizan_model::{PolicyId, Revision};
use bartizan_policy::{Finding, PolicySource, Severity, split_file};
use bartizan_ui::{
    Emphasis, Remark, Rendered, Tone, button, diff, editor, form, link_button, listing, notice,
};
use http::StatusCode;
use maud::{Markup, html};

use super::failure::sentence;
use super::frame::{Frame, Shown};
use super::people::{Confirm, confirm};
use super::policies::{effect, text_of};
use super::words::{count, when};
use super::{Fields, said};
use crate::api::apply::{Run, Wanted, applied};
use crate::api::failure::kind_of;
use crate::api::objects::{Policies, Shown as Object, To, changes_of, rolled_back};
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
    pub(super) done: Option<String>,
    /// What is wrong as a whole: a title and a sentence.
    pub(super) problem: Option<(&'static str, String)>,
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
    let changes = changes_of::<Policies>(admitted, api, &name).await?;
    let frame = Frame::of(api, admitted).await?;
    Ok(View { frame, name, changes, done: None, problem: None, findings: Vec::new(), editing: None })
}

pub(super) fn page(view: &View) -> Rendered {
    let newest = view.changes.first();
    let text = newest.map(text_of).unwrap_or_default();
    let source = view.name.parse().ok().map(|id| PolicySource::new(id, "", text));
    let about = source.and_then(|source| source.annotation("reason"));
    let content = html! {
        @if let Some(done) = &view.done { (notice(Tone::Done, &html! { (done) })) }
        @if let Some((title, detail)) = &view.problem {
            (notice(Tone::Failure, &html! { strong { (title) } p { (detail) } p { "Nothing was changed." } }))
        }
        @if let Some(about) = about { p .lead { (about) } }
        @match &view.editing {
            Some((draft, read)) => (edit(view, draft, *read)),
            None => {
                section {
                    div .row.apart {
                        div .row { h2 { "Text" } (effect(text)) }
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
        section { h2 { "History" } (history(view)) }
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

fn history(view: &View) -> Markup {
    let olds = view.changes.iter().skip(1).map(Some).chain(std::iter::once(None));
    html! {
        ol .changes {
            @for (number, (change, old)) in view.changes.iter().zip(olds).enumerate() {
                li {
                    div .row.apart {
                        p {
                            strong { "Revision " (change.revision) } " by " (change.author) ", "
                            (when(view.frame.now, change.time))
                            span .muted {
                                @match (&change.spec, old) {
                                    (None, _) => " · deleted",
                                    (Some(_), None) => " · first known",
                                    (Some(_), Some(_)) => {}
                                }
                            }
                        }
                        @if number > 0 {
                            (link_button(
                                &format!("Roll back to revision {}", change.revision),
                                &format!("/policies/{}/rollback?to={}", view.name, change.revision),
                                Emphasis::Secondary,
                            ))
                        }
                    }
                    @if let Some(old) = old {
                        (diff(&format!("What revision {} changed", change.revision), text_of(old), text_of(change)))
                    }
                }
            }
        }
    }
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
            view.done = Some(match (run, changed) {
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
            view.problem = Some((title, sentence(&error.to_string())));
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

pub(super) async fn ask_back(
    admitted: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Query(asked): Query<Fields>,
) -> Result<Shown, Failure> {
    let view = view(&admitted, &api, name).await?;
    let to = said(&asked, "to").unwrap_or_default();
    let then = view.changes.iter().find(|change| change.revision.get().to_string() == to);
    let missing = || Error::NotFound { what: "revision of this policy", name: to.chars().take(64).collect() };
    let (then, now) = then.zip(view.changes.first()).ok_or_else(missing)?;
    Ok(back_page(&view.frame, &view.name, now, then).into())
}

pub(super) fn back_page(frame: &Frame, name: &str, now: &Object, then: &Object) -> Rendered {
    let effect = html! {
        p { "The policy becomes what " (then.author) " made it " (when(frame.now, then.time)) ". It is a new change, and can be rolled back, too." }
        @if then.spec.is_none() { p { "It was deleted then, so it is deleted again." } }
        (diff("What changes", text_of(now), text_of(then)))
        p { "Everything that is open is decided again, and cut if it is no longer permitted." }
    };
    let (to, read) = (then.revision.get().to_string(), now.revision.get().to_string());
    let asked = Confirm {
        title: &format!("Roll {name} back to revision {to}?"),
        effect: &effect,
        action: &format!("/policies/{name}/rollback"),
        fields: &[("to", &to), ("revision", &read)],
        verb: &format!("Roll back to revision {to}"),
        back: &format!("/policies/{name}"),
        emphasis: Emphasis::Danger,
    };
    confirm(frame, "/policies", &asked)
}

pub(super) async fn back(
    admitted: Admitted<WriteObjects>,
    read: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Form(sent): Form<Fields>,
) -> Result<Shown, Failure> {
    let number = |field| said(&sent, field).and_then(|text| text.parse().ok()).map(Revision::new);
    let unclear = || Error::Invalid(String::from("the form does not say which revision is meant"));
    let asked = To { revision: number("to").ok_or_else(unclear)?, if_revision: number("revision") };
    let to = asked.revision;
    let outcome = rolled_back::<Policies>(&admitted, &api, name.clone(), asked).await;
    let mut view = view(&read, &api, name).await?;
    let status = match outcome {
        Ok(written) => {
            view.done = Some(format!(
                "Rolled back to revision {to}, as revision {}; {} cut.",
                written.revision,
                count(written.cut, "live stream")
            ));
            StatusCode::OK
        }
        Err(Failure::Failed(error)) => {
            let (status, _, title) = kind_of(&error);
            view.problem = Some((title, sentence(&error.to_string())));
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(other) => return Err(other),
    };
    Ok(Shown::from(page(&view)).status(status))
}
