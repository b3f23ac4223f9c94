//! The refusal: a stable reason.

use serde::{Deserialize, Serialize};

use crate::{DecisionId, PolicyId, Remedy, RequestId, Resource, Revision, Subject};

/// Why a question was answered with no. The spelling is an interface (CONTRACT.md, "Reasons").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DenyReason {
    /// Nobody is signed in, and what is public does not include this.
    SignInRequired,
    /// The session has ended, lain unused too long, or reached its end.
    SessionEnded,
    /// A stronger or newer sign-in would do.
    StepUpRequired,
    /// No policy permits it, or one forbids it, or one could not be evaluated.
    DeniedByPolicy,
    /// The person may not act.
    SubjectDisabled,
    /// A lower risk would do.
    RiskTooHigh,
    /// A device in order would do.
    DeviceNotTrusted,
    /// What happened could not be recorded.
    EvidenceUnavailable,
    /// This enforcement point has not heard from its control plane for too long.
    LeaseExpired,
    /// Too much is under way.
    Overloaded,
}

impl DenyReason {
    /// All of them, in their order.
    pub const ALL: [Self; 10] = [
        Self::SignInRequired,
        Self::SessionEnded,
        Self::StepUpRequired,
        Self::DeniedByPolicy,
        Self::SubjectDisabled,
        Self::RiskTooHigh,
        Self::DeviceNotTrusted,
        Self::EvidenceUnavailable,
        Self::LeaseExpired,
        Self::Overloaded,
    ];

    /// The reason as it is written in events, problem documents and URNs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInRequired => "sign_in_required",
            Self::SessionEnded => "session_ended",
            Self::StepUpRequired => "step_up_required",
            Self::DeniedByPolicy => "denied_by_policy",
            Self::SubjectDisabled => "subject_disabled",
            Self::RiskTooHigh => "risk_too_high",
            Self::DeviceNotTrusted => "device_not_trusted",
            Self::EvidenceUnavailable => "evidence_unavailable",
            Self::LeaseExpired => "lease_expired",
            Self::Overloaded => "overloaded",
        }
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::SignInRequired | Self::SessionEnded | Self::StepUpRequired => 401,
            Self::DeniedByPolicy | Self::SubjectDisabled | Self::RiskTooHigh | Self::DeviceNotTrusted => 403,
            Self::EvidenceUnavailable | Self::LeaseExpired | Self::Overloaded => 503,
        }
    }

    /// Whether we are the ones who cannot, whoever asks: no other sign-in, device or account fares better.
    #[must_use]
    pub const fn is_outage(self) -> bool {
        matches!(self, Self::EvidenceUnavailable | Self::LeaseExpired | Self::Overloaded)
    }

    /// What happened, in a few words for a person.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::SignInRequired => "Sign in to open this",
            Self::SessionEnded => "Your sign-in has ended",
            Self::StepUpRequired => "This needs a stronger sign-in",
            Self::DeniedByPolicy => "You do not have access to this",
            Self::SubjectDisabled => "This account is disabled",
            Self::RiskTooHigh => "Access is paused for this account",
            Self::DeviceNotTrusted => "This device cannot open this",
            Self::EvidenceUnavailable => "Access is paused: nothing can be recorded",
            Self::LeaseExpired => "Access is paused: this gateway is cut off from its control plane",
            Self::Overloaded => "Too much is under way",
        }
    }
}

impl std::fmt::Display for DenyReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The refusal of one question. Its opposite is a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Why.
    pub reason: DenyReason,
    /// The request that was refused.
    pub request_id: RequestId,
    /// The decision that refused it.
    pub decision_id: DecisionId,
    /// The revision that was decided on.
    pub revision: Revision,
    /// Who asked.
    pub subject: Subject,
    /// What was asked for.
    pub resource: Resource,
    /// The policies that forbade it; empty when none permitted it.
    pub policies: Vec<PolicyId>,
    /// The ways out.
    pub remedies: Vec<Remedy>,
}
