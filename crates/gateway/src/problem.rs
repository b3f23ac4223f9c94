//! Refusals and failures as clients read them: problem documents (RFC 9457) for programs, a page for people.

use bartizan_model::{Denial, DenyReason, Outcome, Remedy, RemedyKind, RequestId, Resource, Subject};
use bartizan_ui::Rendered;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::local::{Body, full};
use crate::page::{Failure, Refusal, Side};
use crate::request::BadRequest;
use crate::trace::Told;

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
    /// What became of the request, for its trace.
    outcome: Outcome,
    title: &'static str,
    detail: String,
    subject: Option<Subject>,
    resource: Option<Resource>,
    remedies: Vec<Remedy>,
    /// What the person is called; for their own page only.
    called: Option<String>,
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
            outcome: Outcome::Failed,
            title,
            detail: detail.into(),
            subject: None,
            resource: None,
            remedies: Vec::new(),
            called: None,
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

    pub(crate) fn called(mut self, called: Option<String>) -> Self {
        self.0.called = called;
        self
    }

    pub(crate) fn reason(&self) -> &'static str {
        self.0.reason
    }

    /// The answer. The request id is added where all answers get it.
    pub(crate) fn into_response(self, request_id: RequestId, reader: Reader) -> Response<Body> {
        let details = self.0;
        let (kind, text, policy) = match reader {
            Reader::Program => (
                "application/problem+json",
                details.document(request_id).to_string(),
                Some(HeaderValue::from_static(NOTHING)),
            ),
            Reader::Person => {
                let Rendered { html, csp } = details.page(request_id);
                ("text/html; charset=utf-8", html, HeaderValue::try_from(csp).ok())
            }
        };
        let mut response = Response::new(full(text));
        *response.status_mut() = details.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        for (name, value) in FIXED {
            headers.insert(name, HeaderValue::from_static(value));
        }
        // A policy that is no header value would only cost the page its look.
        headers.insert(header::CONTENT_SECURITY_POLICY, policy.unwrap_or(HeaderValue::from_static(NOTHING)));
        if let Some(seconds) = details.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(u16::from(seconds)));
        }
        if let Some(challenge) = details.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response.extensions_mut().insert(Told { outcome: details.outcome, reason: details.reason });
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

    fn page(&self, request_id: RequestId) -> Rendered {
        let request_id = request_id.to_string();
        let app = self.resource.as_ref().map(Resource::name);
        if let Some(side) = self.side() {
            let (title, detail, reason) = (self.title, self.detail.as_str(), self.reason);
            return Failure { title, detail, app, side, request_id: &request_id, reason }.page();
        }
        let (switch, mut ways): (Vec<_>, Vec<_>) = self
            .remedies
            .iter()
            .map(|remedy| (remedy.kind, remedy.text.as_str(), remedy.url.as_deref()))
            .partition(|(kind, _, url)| *kind == RemedyKind::SwitchAccount && url.is_some());
        // The engine orders them: the first one with a page is the button.
        let first = ways.iter().position(|(_, _, url)| url.is_some()).map(|at| ways.remove(at));
        Refusal {
            title: self.title,
            detail: &self.detail,
            app,
            primary: first.and_then(|(_, text, url)| Some((text, url?))),
            others: ways.into_iter().map(|(_, text, url)| (text, url)).collect(),
            who: self.called.as_deref(),
            switch_url: switch.into_iter().find_map(|(_, _, url)| url),
            request_id: &request_id,
            reason: self.reason,
        }
        .page()
    }

    /// Whose failure it is, if it is one and not a refusal. The status says so: an answer of the app's own, whatever
    /// its status, is passed on and never comes here.
    fn side(&self) -> Option<Side> {
        match self.status {
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Some(Side::App),
            status if status.is_server_error() => Some(Side::Bartizan),
            _ => None,
        }
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
            outcome: Outcome::Deny,
            status,
            reason: denial.reason.as_str(),
            title: denial.reason.title(),
            detail: detail.to_owned(),
            subject: Some(denial.subject),
            resource: Some(denial.resource),
            remedies: denial.remedies,
            called: None,
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

/// An answer of ours is for this reader at this moment, runs nothing and is shown in no frame.
const FIXED: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// The policy of what is not a page.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for directive in
            ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.split("; ").any(|each| each == directive), "{directive}");
        }
        assert!(!policy.contains("unsafe"));
        let page = text(response).await;
        assert!(page.contains("Sign in as &lt;somebody&gt; else") && page.contains(&ID.to_string()));
        assert!(page.contains("href=\"https://auth.test/?a=1&amp;b=&quot;2&quot;\""));
    }

    #[tokio::test]
    async fn only_pages_are_linked() {
        let mut denial = denial(DenyReason::DeniedByPolicy);
        for kind in [RemedyKind::SwitchAccount, RemedyKind::RequestAccess] {
            let text = "Go <on>".to_owned();
            denial.remedies.push(Remedy { kind, text, url: Some("javascript:alert(1)".into()) });
        }
        denial.remedies.remove(0);
        let page = text(Problem::from(denial).into_response(ID, Reader::Person)).await;
        assert!(page.contains("Go &lt;on&gt;") && !page.contains("href=\"javascript"));
    }

    #[tokio::test]
    async fn a_failure_says_which_side_failed() {
        let page = |status| async move {
            let problem = Problem::new(status, "some_reason", "It failed", "Somewhere.");
            let resource = Resource::App("wiki".parse().unwrap());
            let problem = problem.about(Subject::User(UserId::from_bytes([9; 16])), resource);
            text(problem.into_response(ID, Reader::Person)).await
        };
        let failed = |name: &str| format!("<strong>{name}</strong><span>Failed here</span>");
        for (status, name) in [
            (StatusCode::BAD_GATEWAY, "wiki"),
            (StatusCode::GATEWAY_TIMEOUT, "wiki"),
            (StatusCode::SERVICE_UNAVAILABLE, "Bartizan"),
            (StatusCode::INTERNAL_SERVER_ERROR, "Bartizan"),
        ] {
            assert!(page(status).await.contains(&failed(name)), "{status}");
        }
        assert!(!page(StatusCode::FORBIDDEN).await.contains("Failed here"));
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
