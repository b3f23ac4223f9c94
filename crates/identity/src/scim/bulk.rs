//! Bulk (RFC 7644, 3.7): several operations in one request, one after the other, each by itself. What one makes another may name
//! by its `bulkId` before anybody knows its id.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::read::syntax;
use super::{Kind, Refusal, ScimType};

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    /// After how many errors nothing more is done; nothing if all is tried.
    fail_on_errors: Option<u64>,
    operations: Vec<Operation>,
}

/// One of its operations.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What is done.
    pub step: Step,
    /// To resources of this type.
    pub kind: Kind,
    /// What the client calls it in this request.
    pub bulk_id: Option<String>,
    /// `If-Match`.
    pub version: Option<String>,
    /// What is sent; null for a deletion.
    pub data: Value,
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// POST.
    Create,
    /// PUT, with the id.
    Replace(String),
    /// PATCH, with the id.
    Change(String),
    /// DELETE, with the id.
    Delete(String),
}

impl Step {
    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Create => "POST",
            Self::Replace(_) => "PUT",
            Self::Change(_) => "PATCH",
            Self::Delete(_) => "DELETE",
        }
    }
}

impl Bulk {
    /// Reads the body of a bulk request. All of it is read before any of it is done.
    ///
    /// # Errors
    /// `invalidSyntax`; 413 for too many operations.
    pub fn read(sent: &Value) -> Result<Self, Refusal> {
        let Some(operations) = sent.get("Operations").and_then(Value::as_array) else {
            return Err(syntax("`Operations` has to be an array of operations"));
        };
        if operations.len() > MAX_OPERATIONS {
            return Err(Refusal::new(413, format!("a bulk request has at most {MAX_OPERATIONS} operations")));
        }
        let fail_on_errors = match sent.get("failOnErrors") {
            None | Some(Value::Null) => None,
            Some(number) => {
                Some(number.as_u64().ok_or_else(|| syntax("`failOnErrors` has to be a whole number"))?)
            }
        };
        let operations = operations.iter().map(operation).collect::<Result<_, _>>()?;
        Ok(Self { fail_on_errors, operations })
    }

    /// The operations in an order in which what one makes is there before it is named, as far as there is one; else in that
    /// in which they were sent. With each, its place in the request.
    #[must_use]
    pub fn in_order(&self) -> Vec<(usize, &Operation)> {
        let makes: BTreeMap<&str, usize> = self
            .operations
            .iter()
            .enumerate()
            .filter(|(_, operation)| operation.step == Step::Create)
            .filter_map(|(place, operation)| Some((operation.bulk_id.as_deref()?, place)))
            .collect();
        let mut waits: Vec<Vec<usize>> = Vec::with_capacity(self.operations.len());
        for operation in &self.operations {
            let mut named = Vec::new();
            references(&operation.data, &mut named);
            waits.push(named.into_iter().filter_map(|id| makes.get(id).copied()).collect());
        }
        let mut done = vec![false; self.operations.len()];
        let mut order = Vec::new();
        loop {
            let ready = |place: &usize, done: &[bool]| {
                let is_done = |wanted: &usize| done.get(*wanted).copied().unwrap_or(true) || wanted == place;
                !done.get(*place).copied().unwrap_or(true)
                    && waits.get(*place).is_none_or(|waits| waits.iter().all(is_done))
            };
            // The first that waits for nothing; in a circle the first of all.
            let next = (0..done.len())
                .find(|place| ready(place, &done))
                .or_else(|| done.iter().position(|done| !done));
            let Some(place) = next else { return order };
            if let Some(done) = done.get_mut(place) {
                *done = true;
            }
            order.extend(self.operations.get(place).map(|operation| (place, operation)));
        }
    }

    /// Whether after so many errors nothing more is done.
    #[must_use]
    pub fn is_over(&self, errors: u64) -> bool {
        self.fail_on_errors.is_some_and(|most| errors >= most.max(1))
    }
}

impl Operation {
    /// What is sent, with ids in the place of what was made before in this request.
    ///
    /// # Errors
    /// It names what was not made, since that failed, or comes later in a circle.
    pub fn resolved(&self, made: &BTreeMap<String, String>) -> Result<Value, Refusal> {
        let mut data = self.data.clone();
        resolve(&mut data, made)?;
        Ok(data)
    }

    /// What became of it (RFC 7644, 3.7.3).
    #[must_use]
    pub fn answer(&self, done: Result<(u16, Option<String>, Option<String>), Refusal>) -> Value {
        let mut answer = json!({ "method": self.step.method() });
        let mut put = |name: &str, value: Option<Value>| {
            if let (Some(fields), Some(value)) = (answer.as_object_mut(), value) {
                fields.insert(name.to_owned(), value);
            }
        };
        put("bulkId", self.bulk_id.clone().map(Value::String));
        match done {
            Ok((status, location, version)) => {
                put("status", Some(status.to_string().into()));
                put("location", location.map(Value::String));
                put("version", version.map(Value::String));
            }
            Err(refusal) => {
                put("status", Some(refusal.status.to_string().into()));
                put("response", Some(refusal.document()));
            }
        }
        answer
    }
}

fn operation(sent: &Value) -> Result<Operation, Refusal> {
    let text = |name: &str| sent.get(name).and_then(Value::as_str);
    let method = text("method").unwrap_or_default().to_ascii_uppercase();
    let path = text("path").unwrap_or_default();
    let wrong = || {
        syntax(
            "`path` is `/Users` or `/Groups` for POST, and the same with `/` and an id for PUT, PATCH and DELETE",
        )
    };
    let found = Kind::ALL.into_iter().find_map(|kind| Some((kind, path.strip_prefix(kind.endpoint())?)));
    let (kind, rest) = found.ok_or_else(wrong)?;
    let id = match rest.strip_prefix('/') {
        Some(id) if !id.is_empty() && !id.contains(['/', '?']) => Some(id.to_owned()),
        Some(_) => return Err(wrong()),
        None if rest.is_empty() => None,
        None => return Err(wrong()),
    };
    let bulk_id = text("bulkId").map(str::to_owned);
    let step = match (method.as_str(), id) {
        ("POST", None) if bulk_id.is_none() => return Err(syntax("`bulkId` is needed for POST")),
        ("POST", None) => Step::Create,
        ("PUT", Some(id)) => Step::Replace(id),
        ("PATCH", Some(id)) => Step::Change(id),
        ("DELETE", Some(id)) => Step::Delete(id),
        ("POST" | "PUT" | "PATCH" | "DELETE", _) => return Err(wrong()),
        _ => return Err(syntax("`method` is one of POST, PUT, PATCH and DELETE")),
    };
    let version = text("version").map(str::to_owned);
    Ok(Operation { step, kind, bulk_id, version, data: sent.get("data").cloned().unwrap_or_default() })
}

/// The `bulkId`s that a value names.
fn references<'v>(value: &'v Value, named: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => named.extend(text.strip_prefix(REFERENCE)),
        Value::Array(items) => items.iter().for_each(|item| references(item, named)),
        Value::Object(fields) => fields.values().for_each(|value| references(value, named)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn resolve(value: &mut Value, made: &BTreeMap<String, String>) -> Result<(), Refusal> {
    match value {
        Value::String(text) => {
            if let Some(id) = text.strip_prefix(REFERENCE) {
                let found = made.get(id).ok_or_else(|| Refusal {
                    status: 409,
                    scim_type: Some(ScimType::InvalidValue),
                    detail: format!(
                        "nothing was made under the `bulkId` `{}`",
                        id.chars().take(64).collect::<String>()
                    ),
                })?;
                *text = found.clone();
            }
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| resolve(item, made)),
        Value::Object(fields) => fields.values_mut().try_for_each(|value| resolve(value, made)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

const REFERENCE: &str = "bulkId:";

/// 100 operations, each of which is tried on the whole and waits for the disk.
pub const MAX_OPERATIONS: usize = 100;
