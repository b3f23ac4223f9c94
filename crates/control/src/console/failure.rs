//! Refusals and failures for who reads pages: the same words as in the problem document, and a way on.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bartizan_enforce::Caller;
use bartizan_ui::{Emphasis, Language, Outcome, Page, Rendered, denial_layout, id_whole, link_button};
use http::{StatusCode, header};
use maud::html;

use super::frame::Shown;
use crate::api::failure::Told;

/// Turns problem documents into pages for clients that accept pages.
pub(crate) async fn readable(request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let reads_pages = accept.is_some_and(|accept| accept.contains("text/html"));
    let id = request.extensions().get::<Caller>().map(|caller| caller.request_id.to_string());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Told>() {
        Some(told) if reads_pages => {
            let status = response.status();
            Shown::from(page(&told, status, id.as_deref())).status(status).into_response()
        }
        Some(_) | None => response,
    }
}

fn page(told: &Told, status: StatusCode, id: Option<&str>) -> Rendered {
    let problem = &told.problem;
    let outcome = match problem.reason.as_str() {
        "step_up_required" | "sign_in_required" => Outcome::StepUp,
        "session_ended" => Outcome::Cut,
        _ => Outcome::Deny,
    };
    let content = html! {
        p .lead { (sentence(&problem.detail)) }
        @if told.findings.len() > 1 {
            ul .ways { @for finding in &told.findings { li { (finding) } } }
        }
        @if !problem.remedies.is_empty() {
            section {
                h2 { "What mends it" }
                ul .ways { @for remedy in &problem.remedies { li { (remedy.text) } } }
            }
        }
        @if status == StatusCode::NOT_FOUND || status == StatusCode::CONFLICT {
            (link_button("Go to the overview", "/", Emphasis::Primary))
        } @else if status == StatusCode::FORBIDDEN {
            p { "Go back to where you were, or " a href="/" { "open the overview" } "." }
        } @else {
            p { "Go back and mend what is named here; what you typed is still there. Nothing was changed." }
        }
        dl .facts {
            @if let Some(id) = id { dt { "Request" } dd { (id_whole(id, Language::English)) } }
            dt { "Reason" }
            dd { code { (problem.reason) } }
        }
    };
    Page::new(problem.title.as_str(), denial_layout(outcome, Some("Console"), &problem.title, &content))
        .copies()
        .render()
}

/// Errors begin small, because they may go on a sentence; here they are one.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        + "."
}

#[cfg(test)]
mod tests {
    use bartizan_model::{Problem, Remedy, RemedyKind, RequestId};
    use bartizan_ui::lint;

    use super::*;

    #[test]
    fn a_refusal_is_a_page_in_order() {
        let mut problem =
            Problem::new(401, "step_up_required", "Sign in", "Too <old>.", RequestId::from_bytes([0; 16]));
        problem.remedies = vec![Remedy {
            kind: RemedyKind::StepUp,
            text: String::from("Confirm that it is you"),
            url: None,
            said: None,
        }];
        for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND] {
            let page = page(&Told { problem: problem.clone(), findings: Vec::new() }, status, Some("id"));
            assert_eq!(lint::faults(&page), Vec::<String>::new());
            assert!(page.html.contains("Too &lt;old&gt;.") && page.html.contains("Confirm that it is you"));
        }
    }
}
