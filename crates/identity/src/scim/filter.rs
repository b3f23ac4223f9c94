//! Filters (RFC 7644, 3.4.2.2): read once, bounded in length, depth and number of comparisons, and then asked of resources.
//!
//! The reader goes down one level for each parenthesis, and no further than [`MAX_DEPTH`]: so a filter that is nested a hundred
//! thousand deep costs as much as one that is nested seventeen deep.

use std::cmp::Ordering;

use bartizan_model::Timestamp;
use serde_json::Value;

use super::attribute::{Attribute, Holds, Known};
use super::read::bare;
use super::{Kind, Object, Refusal, ScimType};

/// What is asked of a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these hold.
    #[doc(hidden)]
    All(Vec<Self>),
    /// One of these holds.
    #[doc(hidden)]
    Any(Vec<Self>),
    /// This does not hold.
    #[doc(hidden)]
    Not(Box<Self>),
    /// An attribute is so.
    #[doc(hidden)]
    Is(Attr, Test),
    /// One value of an attribute meets all of a filter about its parts.
    #[doc(hidden)]
    Within(Attr, Box<Self>),
}

/// An attribute, or a part of one, that a filter names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attr {
    /// Inside brackets: nothing, and the part is what is named.
    whole: Option<&'static Attribute>,
    part: Option<&'static Attribute>,
    /// Others know it and we do not keep it, so it never has a value.
    left: bool,
}

/// What is asked of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It has a value.
    #[doc(hidden)]
    Present,
    /// Its value compares so.
    #[doc(hidden)]
    Compares(Operator, Value),
}

/// RFC 7644, table 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
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

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| name.eq_ignore_ascii_case(word)).map(|(operator, _)| operator)
    }

    fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(operator, _)| *operator == self).map_or("", |(_, name)| name)
    }
}

impl Filter {
    /// Reads a filter about resources of a type.
    ///
    /// # Errors
    /// `invalidFilter`: it cannot be read, is too long or too deep, or names what nobody knows.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Refusal> {
        let mut reader = Reader::new(text, kind)?;
        let filter = reader.any(None)?;
        reader.end()?;
        Ok(filter)
    }

    /// Whether a resource, or one value of an attribute, meets it.
    #[must_use]
    pub fn holds(&self, of: &Object) -> bool {
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

    /// The value that an attribute must equal for the filter to hold, if it names one: that can be looked up.
    #[must_use]
    pub(super) fn demands(&self, name: &str) -> Option<&str> {
        match self {
            Self::All(filters) => filters.iter().find_map(|filter| filter.demands(name)),
            Self::Is(attr, Test::Compares(Operator::Eq, Value::String(value))) => {
                let named = attr.part.is_none() && attr.whole.is_some_and(|whole| whole.name == name);
                named.then_some(value)
            }
            Self::Any(_) | Self::Not(_) | Self::Is(..) | Self::Within(..) => None,
        }
    }

    /// The parts that a value must have to meet it, where it says that wholly: `type eq "work"` does.
    pub(super) fn describes(&self) -> Option<Object> {
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
    fn compared(self) -> Option<&'static Attribute> {
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
        let inner = |value: &Value| match value {
            Value::Object(parts) => parts.get(compared.name).cloned(),
            simple => Some(simple.clone()),
        };
        let values: Vec<Value> = values.into_iter().filter_map(inner).collect();
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
                    Operator::Sw => text.starts_with(&wanted),
                    Operator::Ew => text.ends_with(&wanted),
                    _ => text.contains(&wanted),
                };
                let texts = values.iter().filter_map(Value::as_str);
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

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// As it is compared.
fn folded(attribute: &Attribute, text: &str) -> String {
    if attribute.case_exact { text.to_owned() } else { text.to_lowercase() }
}

impl std::fmt::Display for Filter {
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

/// Reads filters and paths, word by word.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    rest: &'t str,
    kind: Kind,
    depth: usize,
    comparisons: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, kind: Kind) -> Result<Self, Refusal> {
        if text.len() > MAX_LENGTH {
            return Err(invalid(format!("a filter is at most {MAX_LENGTH} bytes long")));
        }
        Ok(Self { rest: text, kind, depth: 0, comparisons: 0 })
    }

    /// A filter; inside brackets about the parts of an attribute.
    pub(super) fn any(&mut self, within: Option<&'static Attribute>) -> Result<Filter, Refusal> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid(format!("a filter is nested at most {MAX_DEPTH} deep")));
        }
        let mut filters = vec![self.all(within)?];
        while self.takes_word("or") {
            filters.push(self.all(within)?);
        }
        self.depth -= 1;
        Ok(alone(filters, Filter::Any))
    }

    fn all(&mut self, within: Option<&'static Attribute>) -> Result<Filter, Refusal> {
        let mut filters = vec![self.term(within)?];
        while self.takes_word("and") {
            filters.push(self.term(within)?);
        }
        Ok(alone(filters, Filter::All))
    }

    fn term(&mut self, within: Option<&'static Attribute>) -> Result<Filter, Refusal> {
        self.space();
        if self.takes('(') {
            return self.closed(within);
        }
        let word = self.peek_word();
        if word.eq_ignore_ascii_case("not") {
            let before = self.rest;
            self.word();
            self.space();
            if self.takes('(') {
                return Ok(Filter::Not(Box::new(self.closed(within)?)));
            }
            self.rest = before;
        }
        let attr = self.attr(within)?;
        if attr.left && within.is_none() && self.takes('[') {
            self.skip_brackets()?;
            return Ok(Filter::Is(attr, Test::Present));
        }
        if within.is_none() && self.takes('[') {
            let whole = attr.whole.filter(|whole| attr.part.is_none() && !whole.parts().is_empty());
            let whole =
                whole.ok_or_else(|| invalid(String::from("brackets stand after an attribute with parts")))?;
            let filter = self.any(Some(whole))?;
            self.space();
            return if self.takes(']') {
                Ok(Filter::Within(attr, Box::new(filter)))
            } else {
                Err(self.unexpected("`]`"))
            };
        }
        self.test(attr)
    }

    fn closed(&mut self, within: Option<&'static Attribute>) -> Result<Filter, Refusal> {
        let filter = self.any(within)?;
        self.space();
        if self.takes(')') { Ok(filter) } else { Err(self.unexpected("`)`")) }
    }

    fn test(&mut self, attr: Attr) -> Result<Filter, Refusal> {
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS {
            return Err(invalid(format!("a filter has at most {MAX_COMPARISONS} comparisons")));
        }
        if attr.part.is_some_and(|part| part.name == "created") {
            // When something was made stands at the end of its history, and a search does not read those of all.
            return Err(invalid(String::from(
                "`meta.created` cannot be searched for: ask for `meta.lastModified`",
            )));
        }
        self.space();
        let word = self.word();
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Is(attr, Test::Present));
        }
        let operator = Operator::of(word).ok_or_else(|| {
            invalid(format!("`{}` is no operator of a filter", word.chars().take(32).collect::<String>()))
        })?;
        self.space();
        let value = self.value()?;
        check(attr, operator, &value)?;
        Ok(Filter::Is(attr, Test::Compares(operator, coerced(attr, value))))
    }

    /// An attribute by its name.
    pub(super) fn attr(&mut self, within: Option<&'static Attribute>) -> Result<Attr, Refusal> {
        self.space();
        let named = self.word();
        let unknown =
            || invalid(format!("there is no attribute `{}`", named.chars().take(64).collect::<String>()));
        if named.is_empty() {
            return Err(self.unexpected("an attribute"));
        }
        let left = Attr { whole: None, part: None, left: true };
        if let Some(whole) = within {
            if bare(self.kind, named).is_none() {
                return Ok(left);
            }
            return match self.kind.part(whole, named) {
                Some(Known::Kept(part)) => Ok(Attr { whole: None, part: Some(part), left: false }),
                Some(Known::Left) => Ok(left),
                None => Err(unknown()),
            };
        }
        let Some(bare) = bare(self.kind, named) else { return Ok(left) };
        let (name, part) = bare.split_once('.').map_or((bare, None), |(name, part)| (name, Some(part)));
        let whole = match self.kind.attribute(name) {
            Some(Known::Kept(whole)) => whole,
            Some(Known::Left) => return Ok(left),
            None => return Err(unknown()),
        };
        match part.map(|part| self.kind.part(whole, part)) {
            None => Ok(Attr { whole: Some(whole), part: None, left: false }),
            Some(Some(Known::Kept(part))) => Ok(Attr { whole: Some(whole), part: Some(part), left: false }),
            Some(Some(Known::Left)) => Ok(left),
            Some(None) => Err(unknown()),
        }
    }

    /// A part of an attribute by its name; nothing if it is one that we do not keep.
    pub(super) fn part(&mut self, whole: &'static Attribute) -> Result<Option<&'static Attribute>, Refusal> {
        self.attr(Some(whole)).map(|attr| attr.part)
    }

    /// What stands in the brackets of an attribute that we do not keep, which can be anything.
    fn skip_brackets(&mut self) -> Result<(), Refusal> {
        let (mut quoted, mut escaped) = (false, false);
        let closing = self.rest.char_indices().find(|(_, c)| {
            if *c == '"' && !escaped {
                quoted = !quoted;
            }
            escaped = *c == '\\' && quoted && !escaped;
            *c == ']' && !quoted
        });
        let rest =
            closing.and_then(|(at, _)| self.rest.get(at + 1..)).ok_or_else(|| self.unexpected("`]`"))?;
        self.rest = rest;
        Ok(())
    }

    /// A JSON string, number, `true`, `false` or `null`.
    fn value(&mut self) -> Result<Value, Refusal> {
        let end = if self.rest.starts_with('"') {
            let mut escaped = false;
            let closing = self.rest.char_indices().skip(1).find(|(_, c)| {
                let closes = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                closes
            });
            closing.map(|(at, _)| at + 1)
        } else {
            let ends = |c: char| c.is_whitespace() || matches!(c, ')' | ']');
            Some(self.rest.find(ends).unwrap_or(self.rest.len()))
        };
        let (text, rest) =
            end.and_then(|end| self.rest.split_at_checked(end)).ok_or_else(|| self.unexpected("`\"`"))?;
        let wrong =
            || invalid(String::from("what is compared with is a JSON string, number, true, false or null"));
        // `True` is what some write.
        let word = text.to_ascii_lowercase();
        let json = if matches!(word.as_str(), "true" | "false" | "null") { word.as_str() } else { text };
        let value = serde_json::from_str::<Value>(json).map_err(|_form| wrong())?;
        if value.is_array() || value.is_object() {
            return Err(wrong());
        }
        self.rest = rest;
        Ok(value)
    }

    pub(super) fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    pub(super) fn takes(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        let before = self.rest;
        self.space();
        if self.peek_word().eq_ignore_ascii_case(wanted) {
            self.word();
            return true;
        }
        self.rest = before;
        false
    }

    fn peek_word(&self) -> &'t str {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$' | ':' | '.');
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        self.rest.get(..end).unwrap_or_default()
    }

    fn word(&mut self) -> &'t str {
        let word = self.peek_word();
        self.rest = self.rest.get(word.len()..).unwrap_or_default();
        word
    }

    pub(super) fn end(&mut self) -> Result<(), Refusal> {
        self.space();
        if self.rest.is_empty() { Ok(()) } else { Err(self.unexpected("the end")) }
    }

    pub(super) fn unexpected(&self, expected: &str) -> Refusal {
        let found: String = self.rest.chars().take(24).collect();
        if found.is_empty() {
            return invalid(format!("the filter ends where {expected} is expected"));
        }
        invalid(format!("{expected} is expected where there is `{found}`"))
    }
}

impl Attr {
    pub(super) const fn whole(self) -> Option<&'static Attribute> {
        self.whole
    }

    pub(super) const fn part(self) -> Option<&'static Attribute> {
        self.part
    }

    pub(super) const fn is_left(self) -> bool {
        self.left
    }
}

/// Whether the operator can be asked of the attribute at all (RFC 7644, table 3).
fn check(attr: Attr, operator: Operator, value: &Value) -> Result<(), Refusal> {
    if attr.left {
        return Ok(());
    }
    let Some(compared) = attr.compared() else {
        return Err(invalid(format!("of `{attr}` only its parts can be compared")));
    };
    let text = matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
    let order = matches!(operator, Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le);
    let word = operator.as_str();
    match compared.holds {
        Holds::Boolean if text || order => {
            Err(invalid(format!("`{word}` cannot be asked of `{attr}`, which is true or false")))
        }
        Holds::Time if order && value.as_str().and_then(time).is_none() => {
            Err(invalid(format!("`{attr}` is compared with a time such as \"2026-11-24T08:30:00Z\"")))
        }
        Holds::Text | Holds::Reference(_) | Holds::Time if (text || order) && !value.is_string() => {
            Err(invalid(format!("`{word}` compares `{attr}` with a string")))
        }
        Holds::Text | Holds::Reference(_) | Holds::Time | Holds::Boolean | Holds::Complex(_) => Ok(()),
    }
}

/// `active eq "True"`, as some write it.
fn coerced(attr: Attr, value: Value) -> Value {
    match (attr.compared().map(|compared| compared.holds), value.as_str()) {
        (Some(Holds::Boolean), Some(text)) if text.eq_ignore_ascii_case("true") => Value::Bool(true),
        (Some(Holds::Boolean), Some(text)) if text.eq_ignore_ascii_case("false") => Value::Bool(false),
        _ => value,
    }
}

/// What is alone needs no bracket around it.
fn alone(mut filters: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.len() {
        1 => filters.swap_remove(0),
        _ => several(filters),
    }
}

fn invalid(detail: String) -> Refusal {
    Refusal::bad(ScimType::InvalidFilter, detail)
}

/// 4 KiB: fifty comparisons with mail addresses. Entra and Okta send one or two.
const MAX_LENGTH: usize = 4096;

/// 16: nobody writes a filter by hand that is nested deeper than four.
const MAX_DEPTH: usize = 16;

/// 64: each is asked of every resource that is looked at.
const MAX_COMPARISONS: usize = 64;
