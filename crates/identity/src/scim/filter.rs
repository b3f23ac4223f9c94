//! Filters (RFC 7644, 3.4.2.2): read once, bounded in length, depth and number of comparisons, and then asked of resources.
//!
//! The reader goes down one level for each parenthesis, and no further than a bound: so a filter that is nested a hundred
//! thousand deep costs as much as one that is nested seventeen deep.

mod reader;

use std::borrow::Cow;
use std::cmp::Ordering;

use bartizan_model::Timestamp;
use serde_json::Value;

pub(super) use self::reader::Reader;
use super::attribute::{Attribute, Holds};
use super::{Kind, Object, Refusal};

/// What is asked of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(Node);

/// A filter, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// All of these hold.
    All(Vec<Self>),
    /// One of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// An attribute is so.
    Is(Attr, Test),
    /// One value of an attribute meets all of a filter about its parts.
    Within(Attr, Box<Self>),
}

/// An attribute, or a part of one, that a filter names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attr {
    /// Inside brackets: nothing, and the part is what is named.
    pub(super) whole: Option<&'static Attribute>,
    pub(super) part: Option<&'static Attribute>,
    /// Others know it and we do not keep it, so it never has a value.
    pub(super) left: bool,
}

/// What is asked of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// It has a value.
    Present,
    /// Its value compares so.
    Compares(Operator, Value),
}

/// RFC 7644, table 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

impl Operator {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Eq, "eq"),
        (Self::Ne, "ne"),
        (Self::Co, "co"),
        (Self::Sw, "sw"),
        (Self::Ew, "ew"),
        (Self::Gt, "gt"),
        (Self::Ge, "ge"),
        (Self::Lt, "lt"),
        (Self::Le, "le"),
    ];

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| name.eq_ignore_ascii_case(word)).map(|(operator, _)| operator)
    }

    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(operator, _)| *operator == self).map_or("", |(_, name)| name)
    }
}

impl Filter {
    /// Of what was read.
    pub(super) const fn new(node: Node) -> Self {
        Self(node)
    }

    /// Reads a filter about resources of a type.
    ///
    /// # Errors
    /// `invalidFilter`: it cannot be read, is too long or too deep, or names what nobody knows.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Refusal> {
        let mut reader = Reader::new(text, kind)?;
        let node = reader.any(None)?;
        reader.end()?;
        Ok(Self(node))
    }

    /// Whether a resource, or one value of an attribute, meets it.
    #[must_use]
    pub fn holds(&self, of: &Object) -> bool {
        self.0.holds(of)
    }

    /// The value that an attribute must equal for the filter to hold, if it names one: that can be looked up.
    pub(super) fn demands(&self, name: &str) -> Option<&str> {
        self.0.demands(name)
    }

    /// The parts that a value must have to meet it, where it says that wholly: `type eq "work"` does.
    pub(super) fn describes(&self) -> Option<Object> {
        self.0.describes()
    }
}

impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Node {
    fn holds(&self, of: &Object) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.holds(of)),
            Self::Any(filters) => filters.iter().any(|filter| filter.holds(of)),
            Self::Not(filter) => !filter.holds(of),
            Self::Within(attr, filter) => attr.values(of).iter().any(|value| {
                // What is simple is asked as if it stood in `value` (RFC 7643, 2.4).
                value.as_object().is_some_and(|object| filter.holds(object))
            }),
            Self::Is(attr, test) => test.holds(*attr, of),
        }
    }

    fn demands(&self, name: &str) -> Option<&str> {
        match self {
            Self::All(filters) => filters.iter().find_map(|filter| filter.demands(name)),
            Self::Is(attr, Test::Compares(Operator::Eq, Value::String(value))) => {
                let named = attr.part.is_none() && attr.whole.is_some_and(|whole| whole.name == name);
                named.then_some(value)
            }
            Self::Any(_) | Self::Not(_) | Self::Is(..) | Self::Within(..) => None,
        }
    }

    fn describes(&self) -> Option<Object> {
        match self {
            Self::All(filters) => filters
                .iter()
                .map(Self::describes)
                .collect::<Option<Vec<_>>>()
                .map(|parts| parts.into_iter().flatten().collect()),
            Self::Is(Attr { whole: None, part: Some(part), .. }, Test::Compares(Operator::Eq, value))
                if !value.is_null() =>
            {
                Some([(part.name.to_owned(), value.clone())].into_iter().collect())
            }
            Self::Any(_) | Self::Not(_) | Self::Is(..) | Self::Within(..) => None,
        }
    }
}

impl Attr {
    /// The values that it has in an object, one by one.
    fn values(self, of: &Object) -> Vec<&Value> {
        if self.left {
            return Vec::new();
        }
        let whole = match self.whole {
            Some(whole) => of.get(whole.name),
            None => self.part.and_then(|part| of.get(part.name)),
        };
        let values = several(whole);
        match (self.whole, self.part) {
            (Some(_), Some(part)) => {
                values.into_iter().flat_map(|value| several(value.get(part.name))).collect()
            }
            _ => values,
        }
    }

    /// What is compared: of a complex attribute its `value` (RFC 7644, 3.4.2.2: `emails co "example.com"`).
    pub(super) fn compared(self) -> Option<&'static Attribute> {
        let named = self.part.or(self.whole)?;
        match named.holds {
            Holds::Complex(_) => named.part("value"),
            Holds::Text | Holds::Boolean | Holds::Time | Holds::Reference(_) => Some(named),
        }
    }
}

/// The values that a value is, one by one.
fn several(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}

impl Test {
    fn holds(&self, attr: Attr, of: &Object) -> bool {
        let values = attr.values(of);
        let Self::Compares(operator, wanted) = self else { return !values.is_empty() };
        let Some(compared) = attr.compared() else {
            // One that never has a value.
            return (*operator == Operator::Ne) != wanted.is_null()
                && matches!(operator, Operator::Eq | Operator::Ne);
        };
        let values: Vec<&Value> = values
            .into_iter()
            .filter_map(|value| match value {
                Value::Object(parts) => parts.get(compared.name),
                simple => Some(simple),
            })
            .collect();
        if wanted.is_null() {
            // RFC 7643, 2.5: null is no value.
            return (*operator == Operator::Eq) == values.is_empty();
        }
        match operator {
            Operator::Ne => !values.iter().any(|value| equal(compared, value, wanted)),
            Operator::Eq => values.iter().any(|value| equal(compared, value, wanted)),
            Operator::Co | Operator::Sw | Operator::Ew => {
                let Some(wanted) = wanted.as_str().map(|text| folded(compared, text)) else { return false };
                let meets = |text: &str| match operator {
                    Operator::Sw => text.starts_with(&*wanted),
                    Operator::Ew => text.ends_with(&*wanted),
                    _ => text.contains(&*wanted),
                };
                let texts = values.iter().filter_map(|value| value.as_str());
                texts.map(|text| folded(compared, text)).any(|text| meets(&text))
            }
            Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => {
                values.iter().filter_map(|value| ordered(compared, value, wanted)).any(|order| match operator
                {
                    Operator::Gt => order == Ordering::Greater,
                    Operator::Ge => order != Ordering::Less,
                    Operator::Lt => order == Ordering::Less,
                    _ => order != Ordering::Greater,
                })
            }
        }
    }
}

fn equal(attribute: &Attribute, value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => match (attribute.holds, time(value), time(wanted)) {
            (Holds::Time, Some(value), Some(wanted)) => value == wanted,
            _ => folded(attribute, value) == folded(attribute, wanted),
        },
        (value, wanted) => value == wanted,
    }
}

fn ordered(attribute: &Attribute, value: &Value, wanted: &Value) -> Option<Ordering> {
    let (value, wanted) = (value.as_str()?, wanted.as_str()?);
    if attribute.holds == Holds::Time {
        return Some(time(value)?.cmp(&time(wanted)?));
    }
    Some(folded(attribute, value).cmp(&folded(attribute, wanted)))
}

pub(super) fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// As it is compared.
fn folded<'t>(attribute: &Attribute, text: &'t str) -> Cow<'t, str> {
    if attribute.case_exact { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

impl std::fmt::Display for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |f: &mut std::fmt::Formatter<'_>, filters: &[Self], word: &str| {
            for (place, filter) in filters.iter().enumerate() {
                if place > 0 {
                    write!(f, " {word} ")?;
                }
                match filter {
                    Self::All(_) | Self::Any(_) => write!(f, "({filter})")?,
                    Self::Not(_) | Self::Is(..) | Self::Within(..) => write!(f, "{filter}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::All(filters) => list(f, filters, "and"),
            Self::Any(filters) => list(f, filters, "or"),
            Self::Not(filter) => write!(f, "not ({filter})"),
            Self::Within(attr, filter) => write!(f, "{attr}[{filter}]"),
            Self::Is(attr, Test::Present) => write!(f, "{attr} pr"),
            Self::Is(attr, Test::Compares(operator, value)) => {
                write!(f, "{attr} {} {value}", operator.as_str())
            }
        }
    }
}

impl std::fmt::Display for Attr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.whole, self.part) {
            (Some(whole), Some(part)) => write!(f, "{}.{}", whole.name, part.name),
            (Some(one), None) | (None, Some(one)) => f.write_str(one.name),
            // Which of those that we do not keep it was makes no difference.
            (None, None) => f.write_str("urn:left:out"),
        }
    }
}
