//! Reads filters, and the paths in which they stand (RFC 7644, figures 1 and 7), word by word.

use serde_json::Value;

use super::super::attribute::{Attribute, Holds, Known};
use super::super::read::bare;
use super::super::{Kind, Refusal, ScimType};
use super::{Attr, Node, Operator, Test, time};

/// Reads filters and paths, word by word.
#[derive(Debug)]
pub(in crate::scim) struct Reader<'t> {
    rest: &'t str,
    kind: Kind,
    depth: usize,
    comparisons: usize,
}

impl<'t> Reader<'t> {
    pub(in crate::scim) fn new(text: &'t str, kind: Kind) -> Result<Self, Refusal> {
        if text.len() > MAX_LENGTH {
            return Err(invalid(format!("a filter is at most {MAX_LENGTH} bytes long")));
        }
        Ok(Self { rest: text, kind, depth: 0, comparisons: 0 })
    }

    /// A filter; inside brackets about the parts of an attribute.
    pub(in crate::scim) fn any(&mut self, within: Option<&'static Attribute>) -> Result<Node, Refusal> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid(format!("a filter is nested at most {MAX_DEPTH} deep")));
        }
        let mut filters = vec![self.all(within)?];
        while self.takes_word("or") {
            filters.push(self.all(within)?);
        }
        self.depth -= 1;
        Ok(alone(filters, Node::Any))
    }

    fn all(&mut self, within: Option<&'static Attribute>) -> Result<Node, Refusal> {
        let mut filters = vec![self.term(within)?];
        while self.takes_word("and") {
            filters.push(self.term(within)?);
        }
        Ok(alone(filters, Node::All))
    }

    fn term(&mut self, within: Option<&'static Attribute>) -> Result<Node, Refusal> {
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
                return Ok(Node::Not(Box::new(self.closed(within)?)));
            }
            self.rest = before;
        }
        let attr = self.attr(within)?;
        if attr.left && within.is_none() && self.takes('[') {
            self.skip_brackets()?;
            return Ok(Node::Is(attr, Test::Present));
        }
        if within.is_none() && self.takes('[') {
            let whole = attr.whole.filter(|whole| attr.part.is_none() && !whole.parts().is_empty());
            let whole =
                whole.ok_or_else(|| invalid(String::from("brackets stand after an attribute with parts")))?;
            let filter = self.any(Some(whole))?;
            self.space();
            return if self.takes(']') {
                Ok(Node::Within(attr, Box::new(filter)))
            } else {
                Err(self.unexpected("`]`"))
            };
        }
        self.test(attr)
    }

    fn closed(&mut self, within: Option<&'static Attribute>) -> Result<Node, Refusal> {
        let filter = self.any(within)?;
        self.space();
        if self.takes(')') { Ok(filter) } else { Err(self.unexpected("`)`")) }
    }

    fn test(&mut self, attr: Attr) -> Result<Node, Refusal> {
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
            return Ok(Node::Is(attr, Test::Present));
        }
        let operator = Operator::of(word).ok_or_else(|| {
            invalid(format!("`{}` is no operator of a filter", word.chars().take(32).collect::<String>()))
        })?;
        self.space();
        let value = self.value()?;
        check(attr, operator, &value)?;
        Ok(Node::Is(attr, Test::Compares(operator, coerced(attr, value))))
    }

    /// An attribute by its name.
    pub(in crate::scim) fn attr(&mut self, within: Option<&'static Attribute>) -> Result<Attr, Refusal> {
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
    pub(in crate::scim) fn part(
        &mut self,
        whole: &'static Attribute,
    ) -> Result<Option<&'static Attribute>, Refusal> {
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

    pub(in crate::scim) fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    pub(in crate::scim) fn takes(&mut self, wanted: char) -> bool {
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

    pub(in crate::scim) fn end(&mut self) -> Result<(), Refusal> {
        self.space();
        if self.rest.is_empty() { Ok(()) } else { Err(self.unexpected("the end")) }
    }

    pub(in crate::scim) fn unexpected(&self, expected: &str) -> Refusal {
        let found: String = self.rest.chars().take(24).collect();
        if found.is_empty() {
            return invalid(format!("the filter ends where {expected} is expected"));
        }
        invalid(format!("{expected} is expected where there is `{found}`"))
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
fn alone(mut filters: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Node {
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
