//! Where a change of PATCH leads (RFC 7644, 3.5.2): an attribute, a part of one, or those of several values that a filter
//! chooses, and parts of these.

use super::attribute::{Attribute, PASSWORD};
use super::filter::Reader;
use super::{Filter, Kind, Refusal, ScimType};

/// Where a change leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    pub(super) to: To,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum To {
    /// An attribute that others know and we do not keep: nothing is to be done.
    Left,
    /// `displayName`, `emails`, `name.givenName`.
    Attribute(&'static Attribute, Option<&'static Attribute>),
    /// `emails[type eq "work"]`, `emails[type eq "work"].value`.
    Values(&'static Attribute, Filter, Option<&'static Attribute>),
}

impl Path {
    /// Reads a path within a resource of a type.
    ///
    /// # Errors
    /// `invalidPath`, and for the filter in it `invalidFilter`.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Refusal> {
        let wrong = |why: &str| {
            let shown: String = text.chars().take(64).collect();
            Refusal::bad(ScimType::InvalidPath, format!("`{shown}` leads nowhere: {why}"))
        };
        let text = text.trim();
        if text.eq_ignore_ascii_case(PASSWORD) {
            return Err(Refusal::bad(
                ScimType::Mutability,
                "passwords are not taken here: people choose theirs by an invitation",
            ));
        }
        let mut reader = Reader::new(text, kind)?;
        let attr = reader.attr(None).map_err(|refusal| wrong(&refusal.detail))?;
        if attr.left {
            // Whatever follows is about what we do not keep.
            return Ok(Self { to: To::Left });
        }
        let whole = attr.whole.ok_or_else(|| wrong("an attribute is expected"))?;
        if !reader.takes('[') {
            reader.end().map_err(|refusal| wrong(&refusal.detail))?;
            return Ok(Self { to: To::Attribute(whole, attr.part) });
        }
        if attr.part.is_some() || !whole.many || whole.parts().is_empty() {
            return Err(wrong("brackets choose among several values with parts"));
        }
        let filter = Filter::new(reader.any(Some(whole))?);
        reader.space();
        if !reader.takes(']') {
            return Err(reader.unexpected("`]`"));
        }
        let part = if reader.takes('.') {
            let part = reader.part(whole).map_err(|refusal| wrong(&refusal.detail))?;
            match part {
                Some(part) => Some(part),
                None => return Ok(Self { to: To::Left }),
            }
        } else {
            None
        };
        reader.end().map_err(|refusal| wrong(&refusal.detail))?;
        Ok(Self { to: To::Values(whole, filter, part) })
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.to {
            To::Left => f.write_str("urn:left:out"),
            To::Attribute(whole, None) => f.write_str(whole.name),
            To::Attribute(whole, Some(part)) => write!(f, "{}.{}", whole.name, part.name),
            To::Values(whole, filter, None) => write!(f, "{}[{filter}]", whole.name),
            To::Values(whole, filter, Some(part)) => write!(f, "{}[{filter}].{}", whole.name, part.name),
        }
    }
}
