//! What is told apart in what is counted: closed lists, so that the number of series is fixed.

use http::StatusCode;

/// A limit on connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// On those of all clients together.
    All,
    /// On those of one source.
    Source,
}

/// How a TLS handshake came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// There is a connection.
    Ok,
    /// The client named no host that is served on this listener.
    UnknownHost,
    /// There is no certificate for the host.
    NoCertificate,
    /// The client went away, does not trust us, or does not speak TLS 1.3.
    Failed,
    /// It took too long.
    Late,
    /// No trusted proxy announced the connection, on a listener where one has to.
    Unannounced,
}

/// How a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The protocol was changed (101).
    Informational,
    /// 200 to 299.
    Success,
    /// 300 to 399.
    Redirection,
    /// 400 to 499.
    ClientError,
    /// 500 to 599.
    ServerError,
    /// Not at all: the client was gone before there was an answer.
    Gone,
}

/// How an app's server failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamFailure {
    /// No connection, or no answer that could be used.
    Unreachable,
    /// Its TLS is not in order.
    Tls,
    /// No answer in time.
    Timeout,
}

/// How a request over plain HTTP was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// Sent to the same page over TLS.
    Sent,
    /// An authority was told what it asked for.
    Challenge,
    /// Refused, or not readable.
    Refused,
}

/// How an order for a certificate of a public authority came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// There is a certificate.
    Ok,
    /// There is none; it is tried again.
    Failed,
}

impl Plain {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Sent, Self::Challenge, Self::Refused];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Challenge => "challenge",
            Self::Refused => "refused",
        }
    }
}

impl Order {
    /// All of them, in their order.
    pub const ALL: [Self; 2] = [Self::Ok, Self::Failed];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
        }
    }
}

impl Limit {
    /// All of them, in their order.
    pub const ALL: [Self; 2] = [Self::All, Self::Source];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Source => "source",
        }
    }
}

impl Handshake {
    /// All of them, in their order.
    pub const ALL: [Self; 6] =
        [Self::Ok, Self::UnknownHost, Self::NoCertificate, Self::Failed, Self::Late, Self::Unannounced];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::UnknownHost => "unknown_host",
            Self::NoCertificate => "no_certificate",
            Self::Failed => "failed",
            Self::Late => "late",
            Self::Unannounced => "unannounced",
        }
    }
}

impl Class {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::Informational,
        Self::Success,
        Self::Redirection,
        Self::ClientError,
        Self::ServerError,
        Self::Gone,
    ];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "1xx",
            Self::Success => "2xx",
            Self::Redirection => "3xx",
            Self::ClientError => "4xx",
            Self::ServerError => "5xx",
            Self::Gone => "gone",
        }
    }
}

impl From<StatusCode> for Class {
    fn from(status: StatusCode) -> Self {
        match status.as_u16() {
            ..200 => Self::Informational,
            200..300 => Self::Success,
            300..400 => Self::Redirection,
            400..500 => Self::ClientError,
            500.. => Self::ServerError,
        }
    }
}

impl UpstreamFailure {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Unreachable, Self::Tls, Self::Timeout];

    /// As metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
        }
    }

    /// The failure behind the reason of a problem document; none if it is not the upstream's.
    pub(super) fn of(reason: &str) -> Option<Self> {
        match reason {
            "upstream_unreachable" => Some(Self::Unreachable),
            "upstream_tls" => Some(Self::Tls),
            "upstream_timeout" => Some(Self::Timeout),
            _ => None,
        }
    }
}
