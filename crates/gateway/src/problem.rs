//! Refusals and failures as clients read them: problem documents (RFC 9457) for programs, in English, and a page for
//! people, in their language. Both say the same texts, which are named here and written in the catalog.

use bartizan_model::{Denial, DenyReason, Outcome, Remedy, RemedyKind, RequestId, Resource, Subject};
use bartizan_ui::{Language, Rendered, Words};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};

use crate::local::{Body, full};
use crate::page::{About, Failure, Refusal, Side};
use crate::request::BadRequest;
use crate::texts::{self, CATALOG};
use crate::trace::Told;

/// Who reads an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A person in a browser, who reads this language.
    Person(Language),
    /// A program.
    Program,
}

impl Reader {
    /// Who reads the answer to a request that navigates, or does not, with these fields.
    pub(crate) fn of(navigation: bool, headers: &HeaderMap) -> Self {
        let wanted = || headers.get(header::ACCEPT_LANGUAGE).and_then(|wanted| wanted.to_str().ok());
        if navigation { Self::Person(Language::accepted(wanted())) } else { Self::Program }
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
    /// The text that says what happened, in a few words.
    title: &'static str,
    /// The text that says why.
    detail: &'static str,
    /// What programs are told in its place.
    exact: Option<String>,
    subject: Option<Subject>,
    resource: Option<Resource>,
    remedies: Vec<Remedy>,
    /// What the person is called; for their own page only.
    called: Option<String>,
    /// Where the person sees what they may open.
    home: Option<String>,
    /// Where the person may see why, in full.
    why: Option<String>,
    retry_after: Option<u8>,
    challenge: Option<&'static str>,
}

impl Problem {
    /// A failure for this reason; `title` and `detail` name the texts that say what happened, and why.
    pub(crate) fn new(
        status: StatusCode,
        reason: &'static str,
        title: &'static str,
        detail: &'static str,
    ) -> Self {
        Self(Box::new(Details {
            status,
            reason,
            outcome: Outcome::Failed,
            title,
            detail,
            exact: None,
            subject: None,
            resource: None,
            remedies: Vec::new(),
            called: None,
            home: None,
            why: None,
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

    /// Ways on for a person who is known: to what they may open, and to why, if they may see that.
    pub(crate) fn onward(mut self, home: Option<String>, why: Option<String>) -> Self {
        self.0.home = home;
        self.0.why = why;
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
            Reader::Person(language) => {
                let Rendered { html, csp } = details.page(request_id, CATALOG.words(language));
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
        let subject =
            self.subject.as_ref().map(|subject| json!({"type": subject.kind(), "id": subject.id()}));
        let resource =
            self.resource.as_ref().map(|resource| json!({"type": resource.kind(), "name": resource.name()}));
        let words = CATALOG.words(Language::English);
        let detail = self.exact.clone().unwrap_or_else(|| words.say(self.detail));
        json!({
            "type": format!("urn:bartizan:problem:{}", self.reason),
            "title": words.say(self.title),
            "status": self.status.as_u16(),
            "detail": detail,
            "reason": self.reason,
            "request_id": request_id,
            "subject": subject,
            "resource": resource,
            "remedies": self.remedies,
        })
    }

    fn page(&self, request_id: RequestId, words: Words) -> Rendered {
        let request_id = request_id.to_string();
        let app = self.resource.as_ref().map(Resource::name);
        let (title, detail) = (&words.say(self.title), &words.say(self.detail));
        if let Some(side) = self.side() {
            return Failure { title, detail, app, side, request_id: &request_id, reason: self.reason }
                .page(words);
        }
        let texts: Vec<String> = self.remedies.iter().map(|remedy| texts::way(remedy, words)).collect();
        let (switch, mut ways): (Vec<_>, Vec<_>) = self
            .remedies
            .iter()
            .zip(&texts)
            .map(|(remedy, text)| (remedy.kind, text.as_str(), remedy.url.as_deref()))
            .partition(|(kind, _, url)| *kind == RemedyKind::SwitchAccount && url.is_some());
        // The engine orders them: the first one with a page is the button.
        let first = ways.iter().position(|(_, _, url)| url.is_some()).map(|at| ways.remove(at));
        Refusal {
            title,
            detail,
            app,
            primary: first.and_then(|(_, text, url)| Some((text, url?))),
            others: ways.into_iter().map(|(_, text, url)| (text, url)).collect(),
            who: self.called.as_deref(),
            switch_url: switch.into_iter().find_map(|(_, _, url)| url),
            home_url: self.home.as_deref(),
            why_url: self.why.as_deref(),
            request_id: &request_id,
            reason: self.reason,
            // Only what was decided can be decided otherwise.
            about: if self.outcome == Outcome::Deny { About::Access } else { About::Request },
        }
        .page(words)
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
        let (title, detail) = texts::of_denial(denial.reason);
        let challenge = match denial.reason {
            DenyReason::SignInRequired => Some("Bearer"),
            DenyReason::SessionEnded => Some("Bearer error=\"invalid_token\""),
            // RFC 9470, 3.
            DenyReason::StepUpRequired => Some("Bearer error=\"insufficient_user_authentication\""),
            DenyReason::DeniedByPolicy
            | DenyReason::SubjectDisabled
            | DenyReason::RiskTooHigh
            | DenyReason::DeviceNotTrusted
            | DenyReason::EvidenceUnavailable
            | DenyReason::LeaseExpired
            | DenyReason::Overloaded => None,
        };
        let retry_after = match denial.reason {
            DenyReason::EvidenceUnavailable | DenyReason::LeaseExpired => Some(5),
            DenyReason::Overloaded => Some(1),
            DenyReason::SignInRequired
            | DenyReason::SessionEnded
            | DenyReason::StepUpRequired
            | DenyReason::DeniedByPolicy
            | DenyReason::SubjectDisabled
            | DenyReason::RiskTooHigh
            | DenyReason::DeviceNotTrusted => None,
        };
        Self(Box::new(Details {
            outcome: Outcome::Deny,
            status,
            reason: denial.reason.as_str(),
            title,
            detail,
            exact: None,
            subject: Some(denial.subject),
            resource: Some(denial.resource),
            remedies: denial.remedies,
            called: None,
            home: None,
            why: None,
            retry_after,
            challenge,
        }))
    }
}

impl From<BadRequest> for Problem {
    fn from(bad: BadRequest) -> Self {
        let status = StatusCode::from_u16(bad.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let mut problem = Self::new(status, bad.reason(), "ambiguous", texts::of_bad(bad));
        problem.0.exact = Some(bad.to_string());
        problem
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
    use bartizan_model::{DecisionId, Revision, UserId, Way};
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
                url: Some("https://auth.test/?a=1&b=\"2\"".into()),
                ..Remedy::new(Way::SignIn, Some("Be <somebody> else."))
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
        let response = Problem::from(denial(DenyReason::DeniedByPolicy))
            .into_response(ID, Reader::Person(Language::English));
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for directive in
            ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.split("; ").any(|each| each == directive), "{directive}");
        }
        assert!(!policy.contains("unsafe"));
        let page = text(response).await;
        assert!(page.contains("Sign in. Be &lt;somebody&gt; else.") && page.contains(&ID.to_string()));
        assert!(page.contains("href=\"https://auth.test/?a=1&amp;b=&quot;2&quot;\""));
    }

    #[tokio::test]
    async fn only_pages_are_linked() {
        let mut denial = denial(DenyReason::DeniedByPolicy);
        for kind in [RemedyKind::SwitchAccount, RemedyKind::RequestAccess] {
            let text = "Go <on>".to_owned();
            denial.remedies.push(Remedy { kind, text, url: Some("javascript:alert(1)".into()), said: None });
        }
        denial.remedies.remove(0);
        let page = text(Problem::from(denial).into_response(ID, Reader::Person(Language::English))).await;
        assert!(page.contains("Go &lt;on&gt;") && !page.contains("href=\"javascript"));
    }

    #[tokio::test]
    async fn access_is_asked_for_where_it_was_refused_and_not_where_the_request_was_wrong() {
        let page = |problem: Problem| text(problem.into_response(ID, Reader::Person(Language::English)));
        let mut refused = denial(DenyReason::DeniedByPolicy);
        refused.remedies.clear();
        assert!(page(refused.into()).await.contains("To ask for access"));
        let wrong = page(BadRequest::PathDotSegment.into()).await;
        assert!(wrong.contains("The path has a dot segment.") && wrong.contains("If it stays like this"));
        assert!(!wrong.contains("To ask for access"));
    }

    #[tokio::test]
    async fn a_failure_says_which_side_failed() {
        let page = |status| async move {
            let problem = Problem::new(status, "some_reason", "upstream-timeout", "upstream-timeout-why");
            let resource = Resource::App("wiki".parse().unwrap());
            let problem = problem.about(Subject::User(UserId::from_bytes([9; 16])), resource);
            text(problem.into_response(ID, Reader::Person(Language::English))).await
        };
        let failed = |name: &str| format!("<strong>{name}</strong><span>Failed here</span>");
        for (status, name) in [
            (StatusCode::BAD_GATEWAY, "<bdi>wiki</bdi>"),
            (StatusCode::GATEWAY_TIMEOUT, "<bdi>wiki</bdi>"),
            (StatusCode::SERVICE_UNAVAILABLE, "Bartizan"),
            (StatusCode::INTERNAL_SERVER_ERROR, "Bartizan"),
        ] {
            assert!(page(status).await.contains(&failed(name)), "{status}");
        }
        assert!(!page(StatusCode::FORBIDDEN).await.contains("Failed here"));
    }

    #[tokio::test]
    async fn a_person_reads_their_language_and_a_program_english() {
        let minute: bartizan_model::Timestamp = "2026-03-05T08:09:00Z".parse().unwrap();
        let refused = |reader| {
            let mut denial = denial(DenyReason::DeniedByPolicy);
            denial.remedies = vec![Remedy::new(Way::AwaitTime(minute), Some("Backups run."))];
            Problem::from(denial).into_response(ID, reader)
        };
        for (language, title, way) in [
            (
                Language::German,
                "Sie haben hierauf keinen Zugriff",
                "Bis 5. März 2026, 08:09 UTC warten. Backups run.",
            ),
            (
                Language::French,
                "Vous n’avez pas accès à ceci",
                "Attendre jusqu’au 5 mars 2026, 08:09 UTC. Backups run.",
            ),
            (
                Language::Spanish,
                "No tiene acceso a esto",
                "Esperar hasta el 5 de marzo de 2026, 08:09 UTC. Backups run.",
            ),
        ] {
            let page = text(refused(Reader::Person(language))).await;
            assert!(page.contains(&format!("<html lang=\"{}\"", language.tag())));
            assert!(page.contains(title) && page.contains(way), "{page}");
        }
        let document: Value = serde_json::from_str(&text(refused(Reader::Program)).await).unwrap();
        assert_eq!(document["title"], DenyReason::DeniedByPolicy.title());
        assert_eq!(document["remedies"][0]["text"], "Wait until 2026-03-05 08:09 UTC. Backups run.");
    }

    #[test]
    fn a_refusal_is_called_the_same_by_every_program() {
        for reason in DenyReason::ALL {
            assert_eq!(CATALOG.words(Language::English).say(texts::of_denial(reason).0), reason.title());
        }
    }

    #[test]
    fn a_request_says_which_language_its_reader_wants() {
        let mut headers = HeaderMap::new();
        assert_eq!(Reader::of(true, &headers), Reader::Person(Language::English));
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("pt, es;q=0.5"));
        assert_eq!(Reader::of(true, &headers), Reader::Person(Language::Spanish));
        assert_eq!(Reader::of(false, &headers), Reader::Program);
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(Reader::of(true, &headers), Reader::Person(Language::English));
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
