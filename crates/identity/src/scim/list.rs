//! What is searched for, how much of it, and which attributes are wanted (RFC 7644, 3.4.2 and 3.9).

use serde_json::{Value, json};

use super::attribute::{Attribute, Known};
use super::read::bare;
use super::{BASE, Filter, Kept, Kind, Object, Refusal, ScimType};

/// What is searched for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Search {
    /// What must hold of each.
    pub filter: Option<Filter>,
    /// How many are left out before the first.
    pub skip: usize,
    /// At most so many.
    pub count: usize,
}

/// A value by which at most one resource is found, without looking at the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exact<'a> {
    /// By the id.
    Id(&'a str),
    /// By the login name.
    UserName(&'a str),
    /// By the provisioner's own name for it.
    ExternalId(&'a str),
}

impl Search {
    /// Reads it: `filter`, `startIndex` and `count` of a query, or of the body of a `.search`.
    ///
    /// # Errors
    /// `invalidFilter`, `invalidValue`.
    pub fn read(kind: Kind, fields: &Fields) -> Result<Self, Refusal> {
        let filter = fields.filter.as_deref().map(|text| Filter::parse(text, kind)).transpose()?;
        // RFC 7644, 3.4.2.4: less than 1 is 1, and less than 0 is 0.
        let start = number("startIndex", fields.start_index.as_deref())?.unwrap_or(1).max(1);
        let count = number("count", fields.count.as_deref())?.unwrap_or(DEFAULT_COUNT).max(0);
        let clamped = |number: i128| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Self { filter, skip: clamped(start - 1), count: clamped(count).min(MAX_COUNT) })
    }

    /// By which value at most one is found.
    #[must_use]
    pub fn exact(&self) -> Option<Exact<'_>> {
        let filter = self.filter.as_ref()?;
        let id = filter.demands("id").map(Exact::Id);
        let name = || filter.demands("userName").map(Exact::UserName);
        id.or_else(name).or_else(|| filter.demands("externalId").map(Exact::ExternalId))
    }

    /// Whether a resource is one of them. References lead below `base`.
    #[must_use]
    pub fn takes(&self, kept: &Kept, base: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.holds(&whole(kept, base)))
    }
}

fn number(name: &str, text: Option<&str>) -> Result<Option<i128>, Refusal> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::bad(ScimType::InvalidValue, format!("`{name}` has to be a whole number")));
    }
    // What is larger than any number that we count with is as large as can be.
    let far = if text.starts_with('-') { i128::MIN } else { i128::MAX };
    Ok(Some(text.parse().unwrap_or(far)))
}

/// The parameters of a query, or of the body of a `.search` (RFC 7644, 3.4.2 and 3.4.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    filter: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    attributes: Option<String>,
    excluded: Option<String>,
}

impl Fields {
    /// Of a query.
    ///
    /// # Errors
    /// `invalidSyntax`: a parameter stands twice.
    pub fn of_query(pairs: &[(String, String)]) -> Result<Self, Refusal> {
        let mut fields = Self::default();
        for (name, value) in pairs {
            let Some(field) = fields.field(name) else { continue };
            if field.replace(value.clone()).is_some() {
                return Err(Refusal::bad(ScimType::InvalidSyntax, format!("`{name}` stands there twice")));
            }
        }
        Ok(fields)
    }

    /// Of a body.
    ///
    /// # Errors
    /// `invalidSyntax`.
    pub fn of_body(sent: &Value) -> Result<Self, Refusal> {
        let wrong =
            |name: &str| Refusal::bad(ScimType::InvalidSyntax, format!("`{name}` is not as it has to be"));
        let mut fields = Self::default();
        for (name, value) in sent.as_object().ok_or_else(|| wrong("the body"))? {
            let Some(field) = fields.field(name) else { continue };
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Array(names) => {
                    let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
                    names.ok_or_else(|| wrong(name))?.join(",")
                }
                Value::Bool(_) | Value::Object(_) => return Err(wrong(name)),
            };
            *field = Some(text);
        }
        Ok(fields)
    }

    /// Whether something is searched for by a filter.
    #[must_use]
    pub const fn has_filter(&self) -> bool {
        self.filter.is_some()
    }

    fn field(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name.to_ascii_lowercase().as_str() {
            "filter" => Some(&mut self.filter),
            "startindex" => Some(&mut self.start_index),
            "count" => Some(&mut self.count),
            "attributes" => Some(&mut self.attributes),
            "excludedattributes" => Some(&mut self.excluded),
            // Sorting is not offered, and not having it is no reason not to answer (RFC 7644, 3.4.2.3).
            _ => None,
        }
    }
}

/// Which attributes are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Projection {
    /// All.
    #[default]
    All,
    /// These.
    Only(Vec<Named>),
    /// All but these.
    Without(Vec<Named>),
}

/// An attribute, or a part of one, in the spelling of its schema.
type Named = (&'static str, Option<&'static str>);

impl Projection {
    /// Reads it: `attributes` or `excludedAttributes`.
    ///
    /// # Errors
    /// Both were said.
    pub fn read(kind: Kind, fields: &Fields) -> Result<Self, Refusal> {
        match (&fields.attributes, &fields.excluded) {
            (Some(_), Some(_)) => Err(Refusal::bad(
                ScimType::InvalidValue,
                "`attributes` and `excludedAttributes` exclude each other",
            )),
            (Some(wanted), None) if !wanted.trim().is_empty() => Ok(Self::Only(named(kind, wanted))),
            (None, Some(unwanted)) => Ok(Self::Without(named(kind, unwanted))),
            (Some(_) | None, None) => Ok(Self::All),
        }
    }

    /// What is shown of a resource.
    fn of(&self, mut object: Object) -> Object {
        match self {
            Self::All => object,
            Self::Without(unwanted) => {
                for (name, part) in unwanted.iter().filter(|(name, _)| !ALWAYS.contains(name)) {
                    match part {
                        None => {
                            object.remove(*name);
                        }
                        Some(part) => {
                            if let Some(value) = object.get_mut(*name) {
                                each(value, |parts| {
                                    parts.remove(*part);
                                });
                            }
                        }
                    }
                }
                object
            }
            Self::Only(wanted) => {
                object.retain(|name, _| {
                    ALWAYS.contains(&name.as_str()) || wanted.iter().any(|(of, _)| of == name)
                });
                for (name, value) in &mut object {
                    let of_it = || wanted.iter().filter(|(of, _)| of == name);
                    if of_it().next().is_none() || of_it().any(|(_, part)| part.is_none()) {
                        continue;
                    }
                    each(value, |parts| parts.retain(|part, _| of_it().any(|(_, of)| *of == Some(part))));
                }
                object
            }
        }
    }
}

fn each(value: &mut Value, with: impl Fn(&mut Object)) {
    match value {
        Value::Object(parts) => with(parts),
        Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(with),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The attributes that a list names. What nobody knows, or we do not keep, is not there to be shown.
fn named(kind: Kind, list: &str) -> Vec<Named> {
    let mut named = Vec::new();
    for text in list.split(',').map(str::trim).filter(|text| !text.is_empty()).take(MAX_NAMED) {
        let Some(text) = bare(kind, text) else { continue };
        let (name, part) = text.split_once('.').map_or((text, None), |(name, part)| (name, Some(part)));
        let Some(Known::Kept(whole)) = kind.attribute(name) else { continue };
        let part = match part {
            None => None,
            Some(part) => match whole.part(part) {
                Some(Attribute { name, .. }) => Some(*name),
                None => continue,
            },
        };
        named.push((whole.name, part));
    }
    named
}

/// A resource as it is answered. It lies below `base`.
#[must_use]
pub fn answer(kept: &Kept, base: &str, wanted: &Projection) -> Value {
    Value::Object(wanted.of(whole(kept, base)))
}

/// A list of them (RFC 7644, 3.4.2).
#[must_use]
pub fn listed(resources: &[Value], total: usize, skip: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": skip.saturating_add(1),
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

/// All of a resource (RFC 7643, 3.1).
fn whole(kept: &Kept, base: &str) -> Object {
    let kind = kept.record.kind();
    let mut object = Object::new();
    object.insert(String::from("schemas"), json!([kind.schema()]));
    object.insert(String::from("id"), kept.id.as_str().into());
    object.extend(kept.record.object(base));
    let mut meta = json!({
        "resourceType": kind.name(),
        "lastModified": kept.modified,
        "location": location(kind, &kept.id, base),
        "version": kept.version(),
    });
    if let (Some(created), Some(meta)) = (kept.created, meta.as_object_mut()) {
        meta.insert(String::from("created"), json!(created));
    }
    object.insert(String::from("meta"), meta);
    object
}

/// Where a resource is.
#[must_use]
pub fn location(kind: Kind, id: &str, base: &str) -> String {
    format!("{base}{}/{id}", kind.endpoint())
}

/// The base of all of it, on this origin.
#[must_use]
pub fn base(origin: &str) -> String {
    format!("{origin}{BASE}")
}

/// RFC 7643, 7: what is `returned` `always`; and of `schemas` no reader can do without.
const ALWAYS: [&str; 2] = ["id", "schemas"];

/// 100, if it is not said.
const DEFAULT_COUNT: i128 = 100;

/// 200 resources are answered at once.
pub const MAX_COUNT: usize = 200;

/// More names than there are attributes and parts.
const MAX_NAMED: usize = 64;
