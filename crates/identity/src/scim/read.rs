//! What somebody sends, made ours: names in the spelling of the schema, values of their types, nothing that we do not keep.

use serde_json::{Map, Value};

use super::attribute::{Attribute, Changes, Holds, Known};
use super::{Kind, Object, Refusal, ScimType};
use crate::jose::json::once;

/// The JSON that these bytes are. Nesting is bounded by the parser, at 128; a member that stands twice is refused, since two
/// readers may each believe another one.
///
/// # Errors
/// It is none.
pub fn json(bytes: &[u8]) -> Result<Value, Refusal> {
    once(bytes).map_err(|error| {
        Refusal::bad(ScimType::InvalidSyntax, format!("this is no JSON that can be read: {error}"))
    })
}

/// A whole resource as somebody sends it, to be created or to take another's place.
pub(super) fn resource(kind: Kind, sent: &Value) -> Result<Object, Refusal> {
    let Some(fields) = sent.as_object() else {
        return Err(syntax("a resource is a JSON object"));
    };
    let schemas =
        fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas")).map(|(_, value)| value);
    let names =
        |schema: &Value| schema.as_str().is_some_and(|schema| schema.eq_ignore_ascii_case(kind.schema()));
    if !schemas.and_then(Value::as_array).is_some_and(|schemas| schemas.iter().any(names)) {
        return Err(syntax(&format!("`schemas` has to hold `{}`", kind.schema())));
    }
    let mut object = Object::new();
    for (name, value) in fields {
        let Some(attribute) = named(kind, name) else { continue };
        if attribute.changes == Changes::ReadOnly {
            continue;
        }
        if let Some(value) = self::value(kind, attribute, value)? {
            put(&mut object, attribute.name, value)?;
        }
    }
    Ok(object)
}

/// The attribute that a member of an object is about, if it is one that we keep.
fn named(kind: Kind, name: &str) -> Option<&'static Attribute> {
    match kind.attribute(bare(kind, name)?) {
        Some(Known::Kept(attribute)) => Some(attribute),
        Some(Known::Left) | None => None,
    }
}

/// An attribute name without the schema before it; nothing if it is of a schema that is not ours.
pub(super) fn bare(kind: Kind, name: &str) -> Option<&str> {
    if !name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")) {
        return Some(name);
    }
    let schema = kind.schema();
    let rest = name
        .get(schema.len()..)
        .filter(|_| name.get(..schema.len()).is_some_and(|start| start.eq_ignore_ascii_case(schema)))?;
    rest.strip_prefix(':')
}

/// A value as the attribute has it; nothing if it says that there is none (RFC 7643, 2.5).
pub(super) fn value(
    kind: Kind,
    attribute: &'static Attribute,
    sent: &Value,
) -> Result<Option<Value>, Refusal> {
    match sent {
        Value::Null => Ok(None),
        Value::Array(items) if attribute.many => {
            let items: Vec<Value> = items
                .iter()
                .filter_map(|item| one(kind, attribute, item).transpose())
                .collect::<Result<_, _>>()?;
            Ok((!items.is_empty()).then_some(Value::Array(items)))
        }
        // One value where there may be several: it is clear what is meant.
        one_value if attribute.many => {
            Ok(one(kind, attribute, one_value)?.map(|value| Value::Array(vec![value])))
        }
        one_value => one(kind, attribute, one_value),
    }
}

/// The same of one of several.
pub(super) fn one(kind: Kind, attribute: &'static Attribute, sent: &Value) -> Result<Option<Value>, Refusal> {
    match (attribute.holds, sent) {
        (_, Value::Null) => Ok(None),
        (Holds::Text | Holds::Time | Holds::Reference(_), Value::String(text)) => {
            Ok((!text.is_empty()).then(|| sent.clone()))
        }
        (Holds::Boolean, Value::Bool(_)) => Ok(Some(sent.clone())),
        // Entra writes `"False"`.
        (Holds::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => {
            Ok(Some(Value::Bool(true)))
        }
        (Holds::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
            Ok(Some(Value::Bool(false)))
        }
        (Holds::Complex(_), Value::Object(fields)) => {
            let parts = parts(kind, attribute, fields)?;
            Ok((!parts.is_empty()).then_some(Value::Object(parts)))
        }
        (Holds::Complex(_), Value::String(text)) if attribute.part("value").is_some() => Ok((!text
            .is_empty())
        .then(|| Value::Object([(String::from("value"), sent.clone())].into_iter().collect()))),
        (Holds::Text | Holds::Time | Holds::Reference(_) | Holds::Boolean | Holds::Complex(_), _) => {
            let expected = match attribute.holds {
                Holds::Text | Holds::Time | Holds::Reference(_) => "a string",
                Holds::Boolean => "true or false",
                Holds::Complex(_) => "an object",
            };
            Err(Refusal::bad(ScimType::InvalidValue, format!("`{}` has to be {expected}", attribute.name)))
        }
    }
}

fn parts(kind: Kind, attribute: &'static Attribute, fields: &Map<String, Value>) -> Result<Object, Refusal> {
    let mut object = Object::new();
    for (name, value) in fields {
        // Of a value the parts that we do not keep are left out like attributes.
        let Some(part) = attribute.part(name) else { continue };
        if part.changes == Changes::ReadOnly {
            continue;
        }
        if let Some(value) = self::value(kind, part, value)? {
            put(&mut object, part.name, value)?;
        }
    }
    Ok(object)
}

/// A member once: `username` and `userName` are one.
fn put(object: &mut Object, name: &str, value: Value) -> Result<(), Refusal> {
    match object.insert(name.to_owned(), value) {
        Some(_) => Err(syntax(&format!("`{name}` stands there twice"))),
        None => Ok(()),
    }
}

pub(super) fn syntax(detail: &str) -> Refusal {
    Refusal::bad(ScimType::InvalidSyntax, detail)
}

/// 1 MiB: a group of 10,000 people, who are 100 bytes each.
pub const MAX_BODY: usize = 1 << 20;
