//! Looking at a text while somebody types it.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bartizan_model::PolicyId;
use bartizan_policy::{Finding, Severity};
use bartizan_ui::Words;
use serde::Serialize;

use super::editing::place;
use super::{file, text_in, tried};
use crate::api::apply::Run;
use crate::api::{Api, Failure};
use crate::call::{Admitted, WriteObjects, WritePeople};
use crate::console::Fields;
use crate::console::failure::explained;
use crate::console::find::PRIVATE;
use crate::console::texts::CATALOG;
use crate::console::words::many;
use crate::error::Error;

/// What is said of a text.
#[derive(Debug, Serialize)]
struct Looked {
    said: String,
    findings: Vec<Shown>,
}

/// A finding, as the editor shows it.
#[derive(Debug, Serialize)]
struct Shown {
    /// Where it is, in words; nothing if that is not in this text.
    place: Option<String>,
    #[serde(flatten)]
    finding: Finding,
}

/// The same try as that of the button, without a page around what comes of it.
pub(in crate::console) async fn check(
    admitted: Admitted<WriteObjects>,
    people: Admitted<WritePeople>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Form(sent): Form<Fields>,
) -> Result<Response, Failure> {
    let words = CATALOG.words(admitted.language());
    let missing = || Error::NotFound { what: "policy", name: name.chars().take(64).collect() };
    let id: PolicyId = name.parse().map_err(|_form| missing())?;
    let text = text_in(&sent);
    let outcome = tried(words, (&admitted, &people), &api, (&id, &text), (Run::Dry, None)).await;
    let (said, findings) = match outcome {
        Ok(outcome) => (summary(words, &outcome.findings), outcome.findings),
        Err(Failure::Findings(findings)) => (summary(words, &findings), findings),
        Err(Failure::Failed(error)) => {
            let (title, detail) = explained(words, &error);
            (format!("{title}. {detail}"), Vec::new())
        }
        Err(denied @ Failure::Denied(_)) => return Err(denied),
    };
    let own = file(id.as_str());
    let shown =
        |finding: Finding| Shown { place: (finding.file == own).then(|| place(words, &finding)), finding };
    let looked = Looked { said, findings: findings.into_iter().map(shown).collect() };
    Ok((PRIVATE, axum::Json(looked)).into_response())
}

fn summary(words: Words, findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    match (errors, findings.len()) {
        (0, 0) => words.say("policy-in-order"),
        (0, _) => words.say("policy-better"),
        (errors, _) => words.with("policy-mistakes", &[("count", many(errors).into())]),
    }
}
