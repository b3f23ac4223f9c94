//! Refusals and failures for who reads pages: what the problem document says, in the reader's language, and a way on.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bartizan_enforce::Caller;
use bartizan_ui::{
    Emphasis, Language, Outcome, Page, Rendered, Words, denial_layout, id_whole, isolated, link_button,
};
use http::{StatusCode, header};
use maud::{Markup, html};

use super::frame::Shown;
use super::texts::CATALOG;
use super::words::{REASONS, refusal, way};
use crate::api::failure::{Told, kind_of};
use crate::api::forgery;
use crate::error::Error;

/// Turns problem documents into pages for clients that accept pages.
pub(crate) async fn readable(request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let reads_pages = accept.is_some_and(|accept| accept.contains("text/html"));
    let wanted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|wanted| wanted.to_str().ok());
    let words = CATALOG.words(Language::accepted(wanted));
    let id = request.extensions().get::<Caller>().map(|caller| caller.request_id.to_string());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Told>() {
        Some(told) if reads_pages => {
            let status = response.status();
            Shown::from(page(words, &told, status, id.as_deref())).status(status).into_response()
        }
        Some(_) | None => response,
    }
}

fn page(words: Words, told: &Told, status: StatusCode, id: Option<&str>) -> Rendered {
    let problem = &told.problem;
    let outcome = match problem.reason.as_str() {
        "step_up_required" | "sign_in_required" => Outcome::StepUp,
        "session_ended" => Outcome::Cut,
        _ => Outcome::Deny,
    };
    let (title, detail) = said(words, told);
    let overview = html! { a href="/" { (words.say("failure-open-overview")) } };
    let content = html! {
        p .lead { (detail) }
        @if told.findings.len() > 1 {
            ul .ways { @for finding in &told.findings { li { (finding) } } }
        }
        @if !problem.remedies.is_empty() {
            section {
                h2 { (words.say("failure-remedies")) }
                ul .ways { @for remedy in &problem.remedies { li { (way(words, remedy)) } } }
            }
        }
        @if status == StatusCode::NOT_FOUND || status == StatusCode::CONFLICT {
            (link_button(&words.say("failure-to-overview"), "/", Emphasis::Primary))
        } @else if status == StatusCode::FORBIDDEN {
            p { (words.markup("failure-back", &[], &[("overview", overview)])) }
        } @else {
            p { (words.say("failure-mend")) }
        }
        dl .facts {
            @if let Some(id) = id { dt { (words.say("decisions-request")) } dd { (id_whole(id, words.language())) } }
            dt { (words.say("failure-reason")) }
            dd { code { (problem.reason) } }
        }
    };
    let layout = denial_layout(outcome, Some(&words.say("failure-console")), &title, &content);
    Page::new(title, layout).language(words.language()).copies().render()
}

/// What happened, and how, as the reader is told it.
pub(crate) fn said(words: Words, told: &Told) -> (String, Markup) {
    let problem = &told.problem;
    if let Some(error) = &told.error {
        let (title, detail) = explained(words, error);
        return (title, html! { (detail) });
    }
    if let Some(reason) = REASONS.into_iter().find(|reason| reason.as_str() == problem.reason) {
        let title = refusal(words, reason);
        let command = isolated(&format!("bartizan why {}", problem.request_id));
        let values = [("title", (&title).into())];
        let detail = words.markup("failure-denied", &values, &[("command", html! { code { (command) } })]);
        return (title, detail);
    }
    match problem.reason.as_str() {
        "not_found" => (words.say("failure-no-page"), html! { (words.say("failure-no-page-why")) }),
        "cross_site" => {
            let why = match problem.detail.as_str() {
                forgery::MISSING => words.say("failure-no-proof"),
                forgery::WRONG => words.say("failure-wrong-proof"),
                forgery::TOO_LONG => words.say("failure-form-too-long"),
                other => sentence(other),
            };
            (words.say("failure-cross-site"), html! { (why) })
        }
        "invalid" => (words.say("failure-invalid"), html! { (sentence(&problem.detail)) }),
        _ => (problem.title.clone(), html! { (sentence(&problem.detail)) }),
    }
}

/// What went wrong, and how: a title and a sentence. What only English says of it stays English.
pub(super) fn explained(words: Words, error: &Error) -> (String, String) {
    use bartizan_identity::Error as Identity;
    use bartizan_store::Error as Store;
    let (_, reason, english) = kind_of(error);
    let title = match (reason, error) {
        (_, Error::Identity(Identity::LoginTaken(_))) => words.say("failure-name-taken"),
        (_, Error::Identity(Identity::NoSession)) => words.say("failure-no-session"),
        ("not_found", _) => words.say("failure-not-found"),
        ("invalid", _) => words.say("failure-invalid"),
        ("refused_for_safety", _) => words.say("failure-lockout"),
        ("too_large", _) => words.say("failure-too-large"),
        ("conflict", _) => words.say("failure-conflict"),
        ("store_unavailable", _) => words.say("failure-store"),
        ("evidence_unavailable", _) => words.say("failure-unrecorded"),
        ("busy", _) => words.say("failure-busy"),
        ("internal", _) => words.say("failure-internal"),
        _ => english.to_owned(),
    };
    let missing = |what: &str, name: &str| {
        let what = what.replace(' ', "-");
        words.with("failure-missing", &[("what", (&what).into()), ("name", name.into())])
    };
    let detail = match error {
        Error::NotFound { what, name } => missing(what, name),
        Error::Store(Store::NotFound { kind, name }) => missing(kind.as_str(), name),
        Error::TooLarge => words.say("failure-too-large-why"),
        Error::Behind => words.say("failure-behind-why"),
        Error::Unrecorded(_) | Error::Identity(Identity::Evidence(_)) => words.say("failure-unrecorded-why"),
        Error::Store(Store::Conflict { name, .. }) => {
            words.with("failure-conflict-why", &[("name", name.into())])
        }
        Error::Identity(Identity::LoginTaken(name)) => {
            words.with("failure-name-taken-why", &[("name", name.into())])
        }
        Error::Identity(Identity::NoSession) => words.say("failure-no-session-why"),
        Error::Identity(Identity::Busy) => words.say("failure-busy-why"),
        other => sentence(&other.to_string()),
    };
    (title, detail)
}

/// Errors begin small, because they may go on a sentence; here they are one.
fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        + "."
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bartizan_model::{DenyReason, Problem, Remedy, RequestId, Way};
    use bartizan_ui::lint;

    use super::*;

    fn told(problem: Problem, error: Option<Error>) -> Told {
        Told { problem, findings: Vec::new(), error: error.map(Arc::new) }
    }

    fn problem(reason: &str) -> Problem {
        let mut problem = Problem::new(401, reason, "Title", "too <old>", RequestId::from_bytes([0; 16]));
        problem.remedies = vec![Remedy::new(Way::Confirm, Some("Ask <Ada>."))];
        problem
    }

    #[test]
    fn a_refusal_is_a_page_in_order_in_every_language() {
        for language in Language::ALL {
            let words = CATALOG.words(language);
            let reasons = REASONS.iter().map(|reason| reason.as_str());
            for reason in reasons.chain(["not_found", "cross_site", "invalid", "new"]) {
                for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND] {
                    let page = page(words, &told(problem(reason), None), status, Some("id"));
                    assert_eq!(lint::faults(&page), Vec::<String>::new(), "{reason}");
                    assert!(page.html.contains("Ask &lt;Ada&gt;"), "{}", page.html);
                }
            }
        }
    }

    #[test]
    fn who_reads_english_reads_what_programs_read() {
        let words = CATALOG.words(Language::English);
        let denial = Problem {
            title: DenyReason::StepUpRequired.title().to_owned(),
            ..problem(DenyReason::StepUpRequired.as_str())
        };
        let html = page(words, &told(denial, None), StatusCode::UNAUTHORIZED, None).html;
        for text in [
            "This needs a stronger sign-in. An administrator finds out more with",
            "bartizan why 00000000-0000-0000-0000-000000000000",
            "Confirm that it is you",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        let name = || String::from("x");
        for error in [
            Error::NotFound { what: "request or decision", name: name() },
            Error::NotFound { what: "user", name: name() },
            Error::NotFound { what: "revision of it", name: name() },
            Error::TooLarge,
            Error::Behind,
            Error::Invalid(String::from("it has no end")),
            Error::RefusedForSafety(String::from("nobody would be left")),
            bartizan_identity::Error::LoginTaken(name()).into(),
            bartizan_identity::Error::NoSession.into(),
            bartizan_identity::Error::Busy.into(),
        ] {
            let (title, detail) = explained(words, &error);
            assert_eq!((title.as_str(), detail), (kind_of(&error).2, sentence(&error.to_string())));
        }
    }

    #[test]
    fn what_went_wrong_is_said_in_the_language_of_the_reader() {
        let error = || Error::NotFound { what: "point", name: String::from("<x>") };
        let told = told(problem("not_found"), Some(error()));
        for (language, text) in [
            (Language::German, "Es gibt keinen Durchsetzungspunkt „&lt;x&gt;“."),
            (Language::French, "Il n’y a pas de point d’application «\u{a0}&lt;x&gt;\u{a0}»."),
            (Language::Spanish, "No hay ningún punto de control «&lt;x&gt;»."),
        ] {
            let page = page(CATALOG.words(language), &told, StatusCode::NOT_FOUND, None);
            assert!(page.html.contains(text), "{}", page.html);
            assert!(!page.html.contains("too &lt;old"), "the English detail is left out");
        }
    }
}
