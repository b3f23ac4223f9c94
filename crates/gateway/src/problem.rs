//! Refusals and failures as clients read them: problem documents (RFC 9457) for programs, a plain page for people.

use bartizan_model::{Denial, DenyReason, Remedy, RequestId, Resource, Subject};
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::local::{Body, full};
use crate::request::BadRequest;

/// Who reads an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A person in a browser.
    Person,
    /// A program.
    Program,
}

impl Reader {
    pub(crate) const fn navigates(navigation: bool) -> Self {
        if navigation { Self::Person } else { Self::Program }
    }
}

/// Something that went wrong, in words for whom it concerns.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    status: StatusCode,
    reason: &'static str,
    title: &'static str,
    detail: String,
    subject: Option<Subject>,
    resource: Option<Resource>,
    remedies: Vec<Remedy>,
    retry_after: Option<u8>,
    challenge: Option<&'static str>,
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        reason: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self(Box::new(Details {
            status,
            reason,
            title,
            detail: detail.into(),
            subject: None,
            resource: None,
            remedies: Vec::new(),
            retry_after: None,
            challenge: None,
        }))
    }

    pub(crate) fn retry_after(mut self, seconds: u8) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    pub(crate) fn about(mut self, subject: Subject, resource: Resource) -> Self {
        self.0.subject = Some(subject);
        self.0.resource = Some(resource);
        self
    }

    pub(crate) fn reason(&self) -> &'static str {
        self.0.reason
    }

    /// The answer. The request id is added where all answers get it.
    pub(crate) fn into_response(self, request_id: RequestId, reader: Reader) -> Response<Body> {
        let details = self.0;
        let (kind, text) = match reader {
            Reader::Program => ("application/problem+json", details.document(request_id).to_string()),
            Reader::Person => ("text/html; charset=utf-8", details.page(request_id)),
        };
        let mut response = Response::new(full(text));
        *response.status_mut() = details.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        for (name, value) in FIXED {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Some(seconds) = details.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(u16::from(seconds)));
        }
        if let Some(challenge) = details.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

impl Details {
    fn document(&self, request_id: RequestId) -> Value {
        let subject = self.subject.map(|subject| json!({"type": subject.kind(), "id": subject.id()}));
        let resource =
            self.resource.as_ref().map(|resource| json!({"type": resource.kind(), "name": resource.name()}));
        json!({
            "type": format!("urn:bartizan:problem:{}", self.reason),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "reason": self.reason,
            "request_id": request_id,
            "subject": subject,
            "resource": resource,
            "remedies": self.remedies,
        })
    }

    fn page(&self, request_id: RequestId) -> String {
        let mut ways = String::new();
        for remedy in &self.remedies {
            let text = escape(&remedy.text);
            match &remedy.url {
                // Only links to pages; a remedy is ours, so this is a second lock.
                Some(url) if url.starts_with("https://") => {
                    ways.push_str(&format!("<li><a href=\"{}\">{text}</a></li>\n", escape(url)));
                }
                Some(_) | None => ways.push_str(&format!("<li>{text}</li>\n")),
            }
        }
        let ways = if ways.is_empty() { ways } else { format!("<ul>\n{ways}</ul>\n") };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <main>\n<h1>{title}</h1>\n<p>{detail}</p>\n{ways}<p>Request <code>{request_id}</code> · {reason}</p>\n</main>\n\
             </html>\n",
            title = escape(self.title),
            detail = escape(&self.detail),
            reason = escape(self.reason),
        )
    }
}

impl From<Denial> for Problem {
    fn from(denial: Denial) -> Self {
        let status = StatusCode::from_u16(denial.reason.status()).unwrap_or(StatusCode::FORBIDDEN);
        let (detail, challenge, retry_after) = match denial.reason {
            DenyReason::SignInRequired => ("Nobody is signed in here.", Some("Bearer"), None),
            DenyReason::SessionEnded => (
                "The sign-in that this request belongs to has ended.",
                Some("Bearer error=\"invalid_token\""),
                None,
            ),
            // RFC 9470, 3.
            DenyReason::StepUpRequired => (
                "You are signed in, but this asks for a stronger or a newer sign-in.",
                Some("Bearer error=\"insufficient_user_authentication\""),
                None,
            ),
            DenyReason::DeniedByPolicy => {
                ("No policy gives this account access, or one forbids it.", None, None)
            }
            DenyReason::SubjectDisabled => ("An administrator has disabled this account.", None, None),
            DenyReason::RiskTooHigh => {
                ("This account has behaved unusually, so access is paused.", None, None)
            }
            DenyReason::DeviceNotTrusted => ("This device is not enrolled, or not in order.", None, None),
            DenyReason::EvidenceUnavailable => {
                ("What happens cannot be recorded, so nothing may happen.", None, Some(5))
            }
            DenyReason::LeaseExpired => (
                "The gateway has not heard from its control plane for too long, so it decides nothing.",
                None,
                Some(5),
            ),
            DenyReason::Overloaded => ("Try again in a moment.", None, Some(1)),
        };
        Self(Box::new(Details {
            status,
            reason: denial.reason.as_str(),
            title: denial.reason.title(),
            detail: detail.to_owned(),
            subject: Some(denial.subject),
            resource: Some(denial.resource),
            remedies: denial.remedies,
            retry_after,
            challenge,
        }))
    }
}

impl From<BadRequest> for Problem {
    fn from(bad: BadRequest) -> Self {
        let status = StatusCode::from_u16(bad.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self::new(status, bad.reason(), "This request cannot be read in one way only", bad.to_string())
    }
}

/// Text as HTML shows it, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An answer of ours is for this reader at this moment, runs nothing and is shown in no frame.
const FIXED: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use bartizan_model::{DecisionId, RemedyKind, Revision, UserId};
    use http_body_util::BodyExt as _;

    const ID: RequestId = RequestId::from_bytes([7; 16]);

    fn denial(reason: DenyReason) -> Denial {
        Denial {
            reason,
            request_id: ID,
            decision_id: DecisionId::from_bytes([8; 16]),
            revision: Revision::new(3),
            subject: Subject::User(UserId::from_bytes([9; 16])),
            resource: Resource::App("wiki".parse().unwrap()),
            policies: Vec::new(),
            remedies: vec![Remedy {
                kind: RemedyKind::SignIn,
                text: "Sign in as <somebody> else".into(),
                url: Some("https://auth.test/?a=1&b=\"2\"".into()),
            }],
        }
    }

    async fn text(response: Response<Body>) -> String {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_program_gets_a_problem_document() {
        let response = Problem::from(denial(DenyReason::RiskTooHigh)).into_response(ID, Reader::Program);
        assert_eq!(response.status(), 403);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let document: Value = serde_json::from_str(&text(response).await).unwrap();
        assert_eq!(document["type"], "urn:bartizan:problem:risk_too_high");
        assert_eq!(document["reason"], "risk_too_high");
        assert_eq!(document["status"], 403);
        assert_eq!(document["request_id"], ID.to_string());
        assert_eq!(document["subject"]["type"], "User");
        assert_eq!(document["resource"], json!({"type": "App", "name": "wiki"}));
        assert_eq!(document["remedies"][0]["kind"], "sign_in");
        for member in ["title", "detail"] {
            assert!(document[member].as_str().is_some_and(|text| !text.is_empty()));
        }
        let bad = Problem::from(BadRequest::PathDotSegment).into_response(ID, Reader::Program);
        assert_eq!(bad.status(), 400);
        let document: Value = serde_json::from_str(&text(bad).await).unwrap();
        assert_eq!(document["reason"], "bad_request.path_dot_segment");
        assert_eq!(document["subject"], Value::Null);
    }

    #[tokio::test]
    async fn a_person_gets_a_page_in_which_nothing_is_markup_that_should_not_be() {
        let response = Problem::from(denial(DenyReason::DeniedByPolicy)).into_response(ID, Reader::Person);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        let page = text(response).await;
        assert!(page.contains("Sign in as &lt;somebody&gt; else") && page.contains(&ID.to_string()));
        assert!(page.contains("href=\"https://auth.test/?a=1&amp;b=&quot;2&quot;\""));
    }

    #[test]
    fn who_may_come_again_is_told_when_and_who_may_prove_more_is_told_how() {
        let answer = |reason| Problem::from(denial(reason)).into_response(ID, Reader::Program);
        for reason in [DenyReason::Overloaded, DenyReason::LeaseExpired, DenyReason::EvidenceUnavailable] {
            assert_eq!(answer(reason).status(), 503);
            assert!(answer(reason).headers().contains_key("retry-after"), "{reason}");
        }
        for reason in [DenyReason::SignInRequired, DenyReason::SessionEnded, DenyReason::StepUpRequired] {
            assert_eq!(answer(reason).status(), 401);
            assert!(answer(reason).headers().contains_key("www-authenticate"), "{reason}");
        }
        let challenge = answer(DenyReason::StepUpRequired).headers()["www-authenticate"].clone();
        assert!(challenge.to_str().unwrap().contains("insufficient_user_authentication"));
    }
}
