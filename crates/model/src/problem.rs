//! The answer to a client that is not navigating: a problem document (RFC 9457).

use serde::{Deserialize, Serialize};

use crate::{Denial, Remedy, RequestId, ResourceRef, SubjectRef};

/// A problem document. Its fields are an interface (CONTRACT.md, "HTTP").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:bartizan:problem:` and the reason.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened to this request, and what to do.
    pub detail: String,
    /// The stable reason.
    pub reason: String,
    /// The request.
    pub request_id: RequestId,
    /// Who asked, if that is known.
    pub subject: Option<SubjectRef>,
    /// What was asked for, if that is known.
    pub resource: Option<ResourceRef>,
    /// The ways out.
    pub remedies: Vec<Remedy>,
}

impl Problem {
    /// The media type of a problem document.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem that is not a denial.
    #[must_use]
    pub fn new(
        status: u16,
        reason: &str,
        title: &str,
        detail: impl Into<String>,
        request_id: RequestId,
    ) -> Self {
        Self {
            kind: format!("urn:bartizan:problem:{reason}"),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            reason: reason.to_owned(),
            request_id,
            subject: None,
            resource: None,
            remedies: Vec::new(),
        }
    }
}

impl From<&Denial> for Problem {
    fn from(denial: &Denial) -> Self {
        let reason = denial.reason;
        let detail = format!(
            "{}. An administrator finds out more with `bartizan why {}`.",
            reason.title(),
            denial.request_id
        );
        Self {
            subject: Some((&denial.subject).into()),
            resource: Some((&denial.resource).into()),
            remedies: denial.remedies.clone(),
            ..Self::new(reason.status(), reason.as_str(), reason.title(), detail, denial.request_id)
        }
    }
}
