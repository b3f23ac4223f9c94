//! People in policies: by login name where an administrator writes them, by id where they are stored.
//!
//! A login name is personal, so neither history nor feed may hold it. The text between `User::"` and `"` is all that
//! changes; Cedar's comments and strings are passed over, because what stands there names nobody.

use std::collections::BTreeMap;

use bartizan_model::UserId;
use bartizan_policy::PolicySource;

use super::document::Place;

/// A person whom a policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What stands between the quotes.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// The people whom a policy names.
#[must_use]
pub fn named(source: &PolicySource) -> Vec<Named> {
    let mut found = Vec::new();
    walk(&source.text, |piece| {
        if let Piece::Person { text, offset } = piece {
            found.push(Named { text: text.to_owned(), place: place(source, offset) });
        }
    });
    found
}

/// The text with other names for people; who is not among them keeps the name.
#[must_use]
pub fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut renamed = String::with_capacity(text.len());
    walk(text, |piece| match piece {
        Piece::Other(text) => renamed.push_str(text),
        Piece::Person { text, .. } => renamed.push_str(names.get(text).map_or(text, String::as_str)),
    });
    renamed
}

/// Whether a name is an id already.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.parse::<UserId>().is_ok()
}

enum Piece<'t> {
    Other(&'t str),
    Person { text: &'t str, offset: usize },
}

/// Hands over the whole text, piece by piece.
fn walk<'t>(text: &'t str, mut each: impl FnMut(Piece<'t>)) {
    let bytes = text.as_bytes();
    let (mut at, mut from) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let rest = text.get(at..).unwrap_or_default();
                at += rest.find('\n').unwrap_or(rest.len());
            }
            b'"' => {
                let end = string_end(bytes, at + 1);
                // Escapes name nobody: no login name needs them.
                let inner = text.get(at + 1..end).filter(|inner| !inner.contains('\\'));
                if let Some(inner) = inner
                    && is_person(text.get(..at).unwrap_or_default())
                {
                    each(Piece::Other(text.get(from..=at).unwrap_or_default()));
                    each(Piece::Person { text: inner, offset: at + 1 });
                    from = end;
                }
                at = end.saturating_add(1);
            }
            _ => at += 1,
        }
    }
    each(Piece::Other(text.get(from..).unwrap_or_default()));
}

/// Where the string ends that begins here: at its closing quote, or with the text.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether what stands before a string makes it the name of a person.
fn is_person(before: &str) -> bool {
    let Some(kind) = before.trim_end().strip_suffix("::").map(str::trim_end) else { return false };
    let Some(before) = kind.strip_suffix("User") else { return false };
    !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
}

fn place(source: &PolicySource, offset: usize) -> Place {
    let before = source.text.get(..offset).unwrap_or_default();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let lines = count(before.matches('\n').count());
    let last = count(before.rsplit('\n').next().unwrap_or_default().chars().count());
    let column = if lines == 0 { source.column.saturating_add(last) } else { last.saturating_add(1) };
    Place { file: source.file.as_str().into(), line: source.line.saturating_add(lines), column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_and_renamed_where_they_are_named() {
        let text = "@id(\"p\") // User::\"bob\" in a comment\npermit (principal == User::\"bob\", action, resource)\n\
            when { context.request.path == \"User::\\\"bob\\\"\" || principal == User :: \"eve\" || principal in SuperUser::\"bob\" };";
        let source = PolicySource::new("p".parse().unwrap(), "p.cedar", text);
        let found: Vec<_> =
            named(&source).into_iter().map(|n| (n.text, n.place.line, n.place.column)).collect();
        assert_eq!(found, [(String::from("bob"), 2, 29), (String::from("eve"), 3, 73)]);
        let names = BTreeMap::from([(String::from("bob"), String::from("ID"))]);
        assert_eq!(
            renamed(text, &names),
            text.replace("principal == User::\"bob\"", "principal == User::\"ID\"")
        );
        assert_eq!(renamed(text, &BTreeMap::new()), text);
    }

    #[test]
    fn a_text_that_ends_too_early_stays_as_it_is() {
        for text in ["User::\"bob", "User::\"", "\"\\", "User::", "//", ""] {
            assert_eq!(renamed(text, &BTreeMap::from([(String::from("x"), String::from("y"))])), text);
        }
    }
}
