//! What is asked to be done.

/// What the subject wants to do with the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// `http:read`: GET, HEAD, OPTIONS.
    HttpRead,
    /// `http:write`: every other method.
    HttpWrite,
    /// `token:issue`: a credential that works at the resource.
    TokenIssue,
    /// `admin:read`: look at the deployment.
    AdminRead,
    /// `admin:write`: change the deployment.
    AdminWrite,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 5] =
        [Self::HttpRead, Self::HttpWrite, Self::TokenIssue, Self::AdminRead, Self::AdminWrite];

    /// The action as it is written in policies and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HttpRead => "http:read",
            Self::HttpWrite => "http:write",
            Self::TokenIssue => "token:issue",
            Self::AdminRead => "admin:read",
            Self::AdminWrite => "admin:write",
        }
    }

    /// The action that an HTTP method stands for (RFC 9110, 9.2.1: GET, HEAD and OPTIONS are safe; TRACE never
    /// gets this far).
    #[must_use]
    pub fn of_method(method: &str) -> Self {
        match method {
            "GET" | "HEAD" | "OPTIONS" => Self::HttpRead,
            _ => Self::HttpWrite,
        }
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
