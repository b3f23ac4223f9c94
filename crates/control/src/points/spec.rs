//! The stored forms of points and join tokens.

use std::collections::BTreeSet;

use bartizan_enforce::PointScope;
use bartizan_model::{AppName, PointName, Timestamp};
use bartizan_store::Object;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;

/// What kind of point it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointRole {
    /// It serves apps to browsers and clients.
    Gateway,
}

impl PointRole {
    /// Every role.
    pub const ALL: [Self; 1] = [Self::Gateway];

    /// The role as commands and the store spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
        }
    }
}

/// A point as stored; its name is its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PointSpec {
    pub(super) name: PointName,
    pub(super) role: PointRole,
    pub(super) scope: StoredScope,
    pub(super) joined: Timestamp,
    /// The SHA-256 of the public key with which it joined, for people to compare.
    pub(super) key: String,
}

/// A join token as stored; its name is the SHA-256 of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct JoinTokenSpec {
    pub(super) name: PointName,
    pub(super) role: PointRole,
    pub(super) scope: StoredScope,
    pub(super) ends: Timestamp,
    /// Who made it, and so is the author of the point.
    pub(super) author: String,
}

/// A scope as stored: `"apps"`, or a list of apps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum StoredScope {
    All(Everything),
    Only(BTreeSet<AppName>),
}

/// The one word for all apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Everything {
    Apps,
}

impl From<StoredScope> for PointScope {
    fn from(stored: StoredScope) -> Self {
        match stored {
            StoredScope::All(Everything::Apps) => Self::Apps,
            StoredScope::Only(apps) => Self::Only(apps),
        }
    }
}

impl From<PointScope> for StoredScope {
    fn from(scope: PointScope) -> Self {
        match scope {
            PointScope::Apps => Self::All(Everything::Apps),
            PointScope::Only(apps) => Self::Only(apps),
        }
    }
}

/// What a point is for, as it stands in its object.
pub(crate) fn scope_of(spec: &Value) -> Result<PointScope, String> {
    let spec: PointSpec = serde_json::from_value(spec.clone()).map_err(|why| why.to_string())?;
    Ok(spec.scope.into())
}

pub(super) fn read<T: DeserializeOwned>(object: &Object) -> Result<T, Error> {
    serde_json::from_value(object.spec.clone()).map_err(|why| damaged(object, &why.to_string()))
}

pub(super) fn damaged(object: &Object, why: &str) -> Error {
    Error::Damaged { kind: object.kind, name: object.name.clone(), why: why.to_owned() }
}

/// Strings, times and lists of them always have a form in JSON.
pub(super) fn to_value<T: Serialize>(spec: &T) -> Value {
    serde_json::to_value(spec).unwrap_or(Value::Null)
}
