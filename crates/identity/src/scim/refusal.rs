//! Why a call was not done, as programs read it (RFC 7644, 3.12).

use serde_json::{Value, json};

/// What is wrong with a request (RFC 7644, table 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter cannot be read, or asks what cannot be asked.
    InvalidFilter,
    /// The answer would be too much, or too much would have to be looked at.
    TooMany,
    /// Somebody else has it.
    Uniqueness,
    /// It is not for the caller to change.
    Mutability,
    /// What was sent cannot be read.
    InvalidSyntax,
    /// The path of a change leads nowhere that there can be.
    InvalidPath,
    /// The path of a change leads to nothing that there is.
    NoTarget,
    /// A value is missing, or not in order.
    InvalidValue,
}

impl ScimType {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
        }
    }
}

/// Why a call was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, where RFC 7644 has a word for it.
    pub scim_type: Option<ScimType>,
    /// What happened, and what to do.
    pub detail: String,
}

impl Refusal {
    /// With a status, and no further word.
    #[must_use]
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// What was asked is not in order.
    #[must_use]
    pub fn bad(scim_type: ScimType, detail: impl Into<String>) -> Self {
        let status = if scim_type == ScimType::Uniqueness { 409 } else { 400 };
        Self { status, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// There is no such resource; or there is one of another type, which is the same.
    #[must_use]
    pub fn missing(kind: super::Kind, id: &str) -> Self {
        let id: String = id.chars().take(64).collect();
        Self::new(404, format!("there is no {} `{id}`", kind.name()))
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> Value {
        let mut document = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            // RFC 7644, 3.12: a string.
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(word), Some(fields)) = (self.scim_type, document.as_object_mut()) {
            fields.insert(String::from("scimType"), word.as_str().into());
        }
        document
    }
}
