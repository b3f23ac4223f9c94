//! What every catalog has to keep: the same messages in all languages, each of them used, none missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use crate::{Catalog, Language, Texts};

/// What is wrong with the texts of a crate, whose code is in the folder `code`.
#[must_use]
pub fn words(texts: &Texts, code: &Path) -> Vec<String> {
    let mut faults = Catalog::new(texts).problems().to_vec();
    let english = messages(texts.english);
    for language in [Language::German, Language::French, Language::Spanish] {
        let translated = messages(texts.of(language));
        for (id, variables) in &english {
            match translated.get(id) {
                None => faults.push(format!("{}: `{id}` is missing", language.tag())),
                Some(others) if others != variables => {
                    faults.push(format!(
                        "{}: `{id}` has {others:?} put in, and not {variables:?}",
                        language.tag()
                    ));
                }
                Some(_) => {}
            }
        }
        let more = translated.keys().filter(|id| !english.contains_key(*id));
        faults.extend(more.map(|id| format!("{}: `{id}` is not English's", language.tag())));
    }
    let mut sources = String::new();
    gather(code, &mut sources, &mut faults);
    let unused = english.keys().filter(|id| !sources.contains(&format!("\"{id}\"")));
    faults.extend(unused.map(|id| format!("`{id}` is said nowhere")));
    let missing: BTreeSet<&str> = said(&sources).filter(|id| !english.contains_key(*id)).collect();
    faults.extend(missing.into_iter().map(|id| format!("`{id}` is said, and is no text")));
    faults
}

/// The ids of the messages, and what is put into each.
fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let parsed = fluent_syntax::parser::parse(text).unwrap_or_else(|(read, _errors)| read);
    let messages = parsed.body.into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message),
        _ => None,
    });
    messages
        .map(|message| {
            let mut variables = BTreeSet::new();
            if let Some(pattern) = &message.value {
                of_pattern(pattern, &mut variables);
            }
            (message.id.name.to_owned(), variables)
        })
        .collect()
}

fn of_pattern(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => of_inline(inline, variables),
            Expression::Select { selector, variants } => {
                of_inline(selector, variables);
                for variant in variants {
                    of_pattern(&variant.value, variables);
                }
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => {
            if let Expression::Inline(inner) = expression.as_ref() {
                of_inline(inner, variables);
            }
        }
        _ => {}
    }
}

/// All code below a folder in one text.
fn gather(folder: &Path, sources: &mut String, faults: &mut Vec<String>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return faults.push(format!("{}: {error}", folder.display())),
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            gather(&path, sources, faults);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            match std::fs::read_to_string(&path) {
                Ok(text) => sources.push_str(&text),
                Err(error) => faults.push(format!("{}: {error}", path.display())),
            }
        }
    }
}

/// The ids that code says: what stands first in the brackets of `say`, `with` and `markup`, if it is a literal and has
/// the form of an id.
fn said(sources: &str) -> impl Iterator<Item = &str> {
    ["words.say(", "words.with(", "words.markup("]
        .into_iter()
        .flat_map(|call| sources.split(call).skip(1))
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_of_a_catalog_is_found() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("page.rs"),
            "words.say(\"a\"); words.with(\n    \"gone\", &[]); \"b\"",
        )
        .unwrap();
        let texts = Texts {
            english: "a = A { $x }\nb = { $n ->\n [one] { $n }\n *[other] { $n }\n}\nunused = U\n",
            german: "a = A { $y }\nb = { $n }\nunused = U\n",
            french: "b = { $n }\nunused = U\nmore = M\n",
            spanish: "a = { { $x } }\nb = { $n }\nunused = U\nb = { $n }\n",
        };
        let faults = words(&texts, folder.path());
        let expected = [
            "es: Attempt to override an existing message: \"b\".",
            "de: `a` has {\"y\"} put in, and not {\"x\"}",
            "fr: `a` is missing",
            "fr: `more` is not English's",
            "`unused` is said nowhere",
            "`gone` is said, and is no text",
        ];
        assert_eq!(faults, expected);
    }
}
