//! PATCH (RFC 7644, 3.5.2): what is to be done to a resource, applied to a copy of it. In the shapes that are met: operations in
//! any case, values without a path whose members are paths (`"name.givenName"`), `members` removed by value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::attribute::{Attribute, Changes, Holds};
use super::path::To;
use super::read::{self, syntax};
use super::{Kind, Object, Path, Refusal, ScimType};

/// What is to be done, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    kind: Kind,
    operations: Vec<Operation>,
}

#[derive(Debug, Clone, PartialEq)]
struct Operation {
    verb: Verb,
    path: Option<Path>,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Replace,
    Remove,
}

impl Patch {
    /// Reads the body of a PATCH. All of it is read before any of it is done.
    ///
    /// # Errors
    /// `invalidSyntax`, `invalidPath`, `invalidFilter`, `noTarget`.
    pub fn read(kind: Kind, sent: &Value) -> Result<Self, Refusal> {
        let member = |of: &Value, name: &str| {
            let fields = of.as_object()?;
            fields.iter().find(|(named, _)| named.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
        };
        let Some(Value::Array(sent)) = member(sent, "Operations") else {
            return Err(syntax("`Operations` has to be an array of operations"));
        };
        if sent.is_empty() || sent.len() > MAX_OPERATIONS {
            return Err(syntax(&format!("`Operations` holds 1 to {MAX_OPERATIONS} operations")));
        }
        let mut operations = Vec::with_capacity(sent.len());
        for operation in &sent {
            let op = member(operation, "op").and_then(|op| op.as_str().map(str::to_ascii_lowercase));
            let verb = match op.as_deref() {
                Some("add") => Verb::Add,
                Some("replace") => Verb::Replace,
                Some("remove") => Verb::Remove,
                Some(_) | None => return Err(syntax("`op` is one of `add`, `replace` and `remove`")),
            };
            let path = match member(operation, "path") {
                Some(Value::String(path)) if !path.is_empty() => Some(Path::parse(&path, kind)?),
                Some(Value::String(_) | Value::Null) | None => None,
                Some(_) => return Err(syntax("`path` has to be a string")),
            };
            let value = member(operation, "value").unwrap_or(Value::Null);
            match (verb, &path) {
                (Verb::Remove, None) => {
                    return Err(Refusal::bad(ScimType::NoTarget, "`remove` needs a `path`"));
                }
                (Verb::Add, Some(_)) if value.is_null() => {
                    return Err(Refusal::bad(ScimType::InvalidValue, "`add` needs a `value`"));
                }
                (Verb::Add | Verb::Replace, None) if !value.is_object() => {
                    return Err(Refusal::bad(
                        ScimType::InvalidValue,
                        "without a `path`, `value` has to be an object",
                    ));
                }
                _ => {}
            }
            operations.push(Operation { verb, path, value });
        }
        Ok(Self { kind, operations })
    }

    /// What a resource becomes by it.
    ///
    /// # Errors
    /// `mutability`, `noTarget`, `invalidValue`, `invalidPath`.
    pub fn apply(&self, to: &Object) -> Result<Object, Refusal> {
        let mut object = to.clone();
        for Operation { verb, path, value } in &self.operations {
            match path {
                Some(path) => self.at(&mut object, *verb, path, value)?,
                None => self.members(&mut object, *verb, value)?,
            }
        }
        Ok(object)
    }

    /// A value without a path: each of its members is one.
    fn members(&self, object: &mut Object, verb: Verb, value: &Value) -> Result<(), Refusal> {
        for (name, value) in value.as_object().into_iter().flatten() {
            let path = match Path::parse(name, self.kind) {
                Ok(path) => path,
                // As in a resource that is created: what nobody knows is left out, and so is a password.
                Err(refusal) if is_left_out(&refusal, name) => continue,
                Err(refusal) => return Err(refusal),
            };
            // Those that are not the client's to say come along with what is, as Okta sends the `id`.
            if let To::Attribute(attribute, _) = path.to
                && attribute.changes == Changes::ReadOnly
            {
                continue;
            }
            self.at(object, verb, &path, value)?;
        }
        Ok(())
    }

    fn at(&self, object: &mut Object, verb: Verb, path: &Path, value: &Value) -> Result<(), Refusal> {
        match &path.to {
            To::Left => Ok(()),
            To::Attribute(whole, part) => {
                writable(whole)?;
                match part {
                    None => self.whole(object, verb, whole, value),
                    // RFC 7644, 3.5.2, has no such path; a part of each value is what it can only mean.
                    Some(part) if whole.many => self.values(object, verb, whole, (&All, Some(part)), value),
                    Some(part) => self.part(object, verb, (whole, part), value),
                }
            }
            To::Values(whole, filter, part) => {
                writable(whole)?;
                self.values(object, verb, whole, (filter, *part), value)
            }
        }
    }

    fn whole(
        &self,
        object: &mut Object,
        verb: Verb,
        whole: &'static Attribute,
        value: &Value,
    ) -> Result<(), Refusal> {
        let wanted = match (verb, value) {
            // Entra removes members by sending them.
            (Verb::Remove, value) if whole.many && !value.is_null() => {
                let Some(gone) = read::value(self.kind, whole, value)? else { return Ok(()) };
                if let Some(Value::Array(items)) = object.get_mut(whole.name) {
                    let value = |item: &Value| item.get("value").and_then(Value::as_str).map(str::to_owned);
                    let gone: BTreeSet<String> =
                        gone.as_array().into_iter().flatten().filter_map(value).collect();
                    items.retain(|item| value(item).is_none_or(|value| !gone.contains(&value)));
                }
                tidy(object, whole);
                return Ok(());
            }
            (Verb::Remove, _) => None,
            (Verb::Add | Verb::Replace, value) => read::value(self.kind, whole, value)?,
        };
        let Some(wanted) = wanted else {
            // Who adds nothing takes nothing away.
            if verb != Verb::Add {
                object.remove(whole.name);
            }
            return Ok(());
        };
        match (verb, object.get_mut(whole.name), wanted) {
            (Verb::Add, Some(Value::Array(items)), Value::Array(more)) => add(items, more),
            // RFC 7644, 3.5.2.1 and 3.5.2.3: the parts that are named take the place of those that there are.
            (_, Some(Value::Object(parts)), Value::Object(more)) => parts.extend(more),
            (_, _, wanted) => {
                object.insert(whole.name.to_owned(), wanted);
            }
        }
        Ok(())
    }

    fn part(
        &self,
        object: &mut Object,
        verb: Verb,
        (whole, part): (&'static Attribute, &'static Attribute),
        value: &Value,
    ) -> Result<(), Refusal> {
        let value = if verb == Verb::Remove { None } else { read::value(self.kind, part, value)? };
        if verb == Verb::Add && value.is_none() {
            return Ok(());
        }
        match (value, object.get_mut(whole.name)) {
            (Some(value), Some(Value::Object(parts))) => {
                parts.insert(part.name.to_owned(), value);
            }
            (Some(value), _) => {
                let parts = [(part.name.to_owned(), value)].into_iter().collect();
                object.insert(whole.name.to_owned(), Value::Object(parts));
            }
            (None, Some(Value::Object(parts))) => {
                parts.remove(part.name);
            }
            (None, _) => {}
        }
        tidy(object, whole);
        Ok(())
    }

    /// Those of several values that are chosen.
    fn values(
        &self,
        object: &mut Object,
        verb: Verb,
        whole: &'static Attribute,
        (choice, part): (&dyn Choice, Option<&'static Attribute>),
        value: &Value,
    ) -> Result<(), Refusal> {
        let new = match (verb, part) {
            (Verb::Remove, _) => None,
            (_, Some(part)) => read::value(self.kind, part, value)?
                .map(|value| (part.name.to_owned(), value))
                .map(|one| [one].into_iter().collect::<Object>()),
            (_, None) => match read::one(self.kind, whole, value)? {
                Some(Value::Object(parts)) => Some(parts),
                Some(_) | None => None,
            },
        };
        if verb == Verb::Add && new.is_none() {
            return Ok(());
        }
        let mut items = match object.remove(whole.name) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        let chosen = |item: &Value| item.as_object().is_some_and(|item| choice.takes(item));
        let found = items.iter().any(chosen);
        match (&new, part) {
            (None, None) => items.retain(|item| !chosen(item)),
            (None, Some(part)) => {
                for item in items.iter_mut().filter(|item| chosen(item)) {
                    if let Some(item) = item.as_object_mut() {
                        item.remove(part.name);
                    }
                }
            }
            (Some(new), _) => {
                if new.get("primary") == Some(&Value::Bool(true)) {
                    no_other_is_primary(&mut items, &chosen);
                }
                for item in items.iter_mut().filter(|item| chosen(item)) {
                    if let Some(item) = item.as_object_mut() {
                        item.extend(new.clone());
                    }
                }
                if !found {
                    // RFC 7644 says so of `add`. Entra sends `replace`, too, where nothing was, and what is meant is clear.
                    let described = choice.describes().ok_or_else(|| {
                        Refusal::bad(
                            ScimType::NoTarget,
                            format!("no value of `{}` is chosen by the filter", whole.name),
                        )
                    })?;
                    let mut item = described;
                    item.extend(new.clone());
                    items.push(Value::Object(item));
                }
            }
        }
        object.insert(whole.name.to_owned(), Value::Array(items));
        tidy(object, whole);
        Ok(())
    }
}

/// Which of several values.
trait Choice {
    fn takes(&self, item: &Object) -> bool;
    /// One that would be among them, if there were none.
    fn describes(&self) -> Option<Object>;
}

impl Choice for super::Filter {
    fn takes(&self, item: &Object) -> bool {
        self.holds(item)
    }

    fn describes(&self) -> Option<Object> {
        self.describes()
    }
}

/// All of them.
struct All;

impl Choice for All {
    fn takes(&self, _item: &Object) -> bool {
        true
    }

    fn describes(&self) -> Option<Object> {
        Some(Object::new())
    }
}

fn writable(attribute: &Attribute) -> Result<(), Refusal> {
    match attribute.changes {
        Changes::ReadOnly => Err(Refusal::bad(
            ScimType::Mutability,
            format!("`{}` is not for clients to change", attribute.name),
        )),
        Changes::ReadWrite | Changes::Immutable => Ok(()),
    }
}

/// Whether a member of a value without a path is left out, rather than wrong.
fn is_left_out(refusal: &Refusal, name: &str) -> bool {
    refusal.scim_type == Some(ScimType::Mutability)
        || (refusal.scim_type == Some(ScimType::InvalidPath) && !name.contains(['[', '.']))
}

/// Adds what is not there yet. What is there takes on what is said of it.
fn add(items: &mut Vec<Value>, more: Vec<Value>) {
    if more.iter().any(is_primary) {
        no_other_is_primary(items, &|_| false);
    }
    let places = items.iter().enumerate().filter_map(|(place, item)| Some((key(item)?, place)));
    let mut there: BTreeMap<String, usize> = places.collect();
    for new in more {
        let key = key(&new);
        let old = key.as_ref().and_then(|key| items.get_mut(*there.get(key)?));
        match (old, new) {
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
            (_, new) => {
                there.extend(key.map(|key| (key, items.len())));
                items.push(new);
            }
        }
    }
}

fn is_primary(item: &Value) -> bool {
    item.get("primary") == Some(&Value::Bool(true))
}

/// By what two values are the same: their `value`, and for addresses what they are for.
fn key(item: &Value) -> Option<String> {
    let part = |name: &str| item.get(name).and_then(Value::as_str);
    let purpose = part("type").filter(|kind| !is_resource(kind)).unwrap_or_default();
    part("value").map(|value| format!("{value}\n{purpose}"))
}

/// The `type` of a member says nothing that its `value` does not.
fn is_resource(kind: &str) -> bool {
    Kind::ALL.into_iter().any(|known| known.name() == kind)
}

/// RFC 7643, 2.4, and 7644, 3.5.2: where one becomes the primary one, the others are it no longer.
fn no_other_is_primary(items: &mut [Value], except: &dyn Fn(&Value) -> bool) {
    for item in items.iter_mut().filter(|item| !except(item)) {
        if let Some(primary) = item.get_mut("primary") {
            *primary = Value::Bool(false);
        }
    }
}

/// What is empty is not there (RFC 7643, 2.5).
fn tidy(object: &mut Object, whole: &Attribute) {
    let empty = match object.get_mut(whole.name) {
        Some(Value::Array(items)) => {
            let simple = !matches!(whole.holds, Holds::Complex(_));
            items.retain(|item| simple || item.as_object().is_some_and(|item| !item.is_empty()));
            items.is_empty()
        }
        Some(Value::Object(parts)) => parts.is_empty(),
        Some(_) | None => false,
    };
    if empty {
        object.remove(whole.name);
    }
}

/// 256: Entra sends a few operations with many values, Okta one.
const MAX_OPERATIONS: usize = 256;
