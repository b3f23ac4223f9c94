//! What a client is told that does not get what it asked for, in the words of the protocols.

use crate::error::Error;

/// An error code (RFC 6749, 4.1.2.1 and 5.2; RFC 6750, 3.1; RFC 7009, 2.2.1; RFC 8707, 2; RFC 8628, 3.5; RFC 9449, 5 and 8; OIDC Core, 3.1.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedResponseType,
    InvalidScope,
    InvalidTarget,
    InvalidToken,
    UnsupportedTokenType,
    InsufficientScope,
    InvalidRequestUri,
    RequestNotSupported,
    AccessDenied,
    LoginRequired,
    InteractionRequired,
    ConsentRequired,
    InvalidDpopProof,
    UseDpopNonce,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    TemporarilyUnavailable,
    ServerError,
}

impl Code {
    /// As the protocols spell it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::RequestNotSupported => "request_not_supported",
            Self::AccessDenied => "access_denied",
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::ConsentRequired => "consent_required",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// Why a client does not get what it asked for. `why` is for its developers: it repeats nothing that was sent, and tells
/// nothing about people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) why: String,
}

impl Refusal {
    pub(crate) fn new(code: Code, why: impl Into<String>) -> Self {
        Self { code, why: why.into() }
    }

    /// A grant, code or token that is worth nothing: the same words, whatever it lacks, so that nobody learns which of
    /// those that they try once was one.
    pub(crate) fn grant() -> Self {
        Self::new(Code::InvalidGrant, "it is unknown, spent, over, or of another client")
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match &error {
            Error::Busy | Error::Evidence(_) | Error::Store(_) => {
                tracing::error!(%error, "a client was refused: what it asked for cannot be done now");
                Self::new(Code::TemporarilyUnavailable, "nothing can be issued at the moment: try again")
            }
            _ => {
                tracing::error!(%error, "a client was refused: something of ours is not in order");
                Self::new(
                    Code::ServerError,
                    "something is not in order here; the log of the provider says what",
                )
            }
        }
    }
}
