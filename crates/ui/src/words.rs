//! What pages say, in the language of their reader (Fluent, <https://projectfluent.org>).
//!
//! Each crate that has pages has a [`Catalog`] of its own, made from files beside its code: one for each language, with
//! the same messages. A page takes [`Words`] of it, and says by id what there is to say. Texts are data: who
//! translates changes no code, and what is put into a text is never read as one.

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use maud::{Markup, html};
use unic_langid::LanguageIdentifier;

use crate::Language;

/// The texts of a crate in all languages.
pub struct Catalog {
    bundles: Vec<(Language, FluentBundle<FluentResource>)>,
    problems: Vec<String>,
}

/// The source texts of a catalog, in Fluent's syntax.
#[derive(Debug, Clone, Copy)]
pub struct Texts {
    /// The source of all others.
    pub english: &'static str,
    /// Its translation.
    pub german: &'static str,
    /// Its translation.
    pub french: &'static str,
    /// Its translation.
    pub spanish: &'static str,
}

impl Texts {
    pub(crate) const fn of(&self, language: Language) -> &'static str {
        match language {
            Language::English | Language::Mirrored => self.english,
            Language::German => self.german,
            Language::French => self.french,
            Language::Spanish => self.spanish,
        }
    }
}

impl Catalog {
    /// The catalog of these texts. What cannot be read of them is left out: [`crate::lint::words`] finds that.
    #[must_use]
    pub fn new(texts: &Texts) -> Self {
        let mut problems = Vec::new();
        let bundles = Language::ALL
            .into_iter()
            .map(|language| (language, bundle(language, texts.of(language), &mut problems)))
            .collect();
        Self { bundles, problems }
    }

    /// The words of one language.
    #[must_use]
    pub const fn words(&'static self, language: Language) -> Words {
        Words { catalog: self, language }
    }

    /// What could not be read of the texts, in words for who writes them.
    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
    }

    fn bundle(&self, language: Language) -> Option<&FluentBundle<FluentResource>> {
        self.bundles.iter().find(|(each, _)| *each == language).map(|(_, bundle)| bundle)
    }

    /// A message with what is put into it; its id if there is none.
    fn format(&self, language: Language, id: &str, args: &FluentArgs<'_>) -> String {
        let found = self.bundle(language).and_then(|bundle| {
            let pattern = bundle.get_message(id)?.value()?;
            Some(bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned())
        });
        found.unwrap_or_else(|| {
            tracing::debug!(id, ?language, "a text is missing");
            id.to_owned()
        })
    }
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog").field("problems", &self.problems).finish_non_exhaustive()
    }
}

/// The texts of a crate in the language of a reader.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    catalog: &'static Catalog,
    language: Language,
}

impl Words {
    /// The language.
    #[must_use]
    pub const fn language(self) -> Language {
        self.language
    }

    /// A text into which nothing is put.
    #[must_use]
    pub fn say(self, id: &'static str) -> String {
        self.catalog.format(self.language, id, &FluentArgs::new())
    }

    /// A text with what is put into it, by name. A number chooses the plural, too.
    #[must_use]
    pub fn with(self, id: &'static str, values: &[(&'static str, Value<'_>)]) -> String {
        let args = values.iter().map(|(name, value)| (*name, value.fluent())).collect();
        self.catalog.format(self.language, id, &args)
    }

    /// The same with pieces of a page put into it: links, code, names.
    #[must_use]
    pub fn markup(
        self,
        id: &'static str,
        values: &[(&'static str, Value<'_>)],
        pieces: &[(&'static str, Markup)],
    ) -> Markup {
        // Each piece is first put in as a mark that no text of ours has, and what is around the marks is escaped.
        let marks = pieces.iter().enumerate().map(|(at, (name, _))| (*name, FluentValue::from(mark(at))));
        let args = values.iter().map(|(name, value)| (*name, value.fluent())).chain(marks).collect();
        let text = self.catalog.format(self.language, id, &args);
        let mut parts = text.split(MARK);
        html! {
            @if let Some(first) = parts.next() { (first) }
            @for part in parts {
                @let (at, rest) = part.split_once(END).unwrap_or(("", part));
                @if let Some((_, piece)) = at.parse().ok().and_then(|at: usize| pieces.get(at)) { (piece) }
                (rest)
            }
        }
    }
}

/// What is put into a text.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// A name, or another text. It stands as it is.
    Text(&'a str),
    /// A count, written as the language writes numbers.
    Count(u64),
}

impl<'a> Value<'a> {
    fn fluent(self) -> FluentValue<'a> {
        match self {
            // What marks pieces of a page is taken out of what others wrote.
            Value::Text(text) if text.contains(MARK) => Cow::from(text.replace(MARK, "\u{fffd}")).into(),
            Value::Text(text) => text.into(),
            Value::Count(count) => count.into(),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Value<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

/// Around the place of a piece: from the private use area, in which no text has a meaning.
const MARK: char = '\u{e000}';
const END: char = '\u{e001}';

fn mark(at: usize) -> String {
    format!("{MARK}{at}{END}")
}

fn bundle(
    language: Language,
    text: &'static str,
    problems: &mut Vec<String>,
) -> FluentBundle<FluentResource> {
    // Its plurals are those of the texts that it mirrors.
    let plurals = if language == Language::Mirrored { Language::English } else { language };
    let tag: LanguageIdentifier = plurals.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // What is put into markup is isolated there, by `<bdi>`; titles and attributes stay as they are read and copied.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::English | Language::Mirrored => |value, _: &_| grouped(value, ","),
        Language::German => |value, _: &_| grouped(value, "."),
        Language::French => |value, _: &_| grouped(value, "\u{202f}"),
        Language::Spanish => |value, _: &_| grouped(value, "\u{a0}"),
    }));
    if language == Language::Mirrored {
        bundle.set_transform(Some(mirrored));
    }
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(read, errors)| {
        problems.extend(errors.iter().map(|error| format!("{}: {error}", language.tag())));
        read
    });
    if let Err(errors) = bundle.add_resource(resource) {
        problems.extend(errors.iter().map(|error| format!("{}: {error}", language.tag())));
    }
    bundle
}

/// A number with its thousands apart.
fn grouped(value: &FluentValue<'_>, between: &str) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let digits = format!("{:.0}", number.value);
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * between.len());
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            text.push_str(between);
        }
        text.push(digit);
    }
    Some(text)
}

/// Text that is drawn from right to left (UAX 9: RLO and PDF around each word).
fn mirrored(text: &str) -> Cow<'_, str> {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let trimmed = word.trim_end();
        if trimmed.is_empty() {
            word.to_owned()
        } else {
            word.replacen(trimmed, &format!("\u{202e}{trimmed}\u{202c}"), 1)
        }
    });
    words.collect::<String>().into()
}

/// A piece of a page that is a name of something: isolated, so that its direction changes nothing around it.
#[must_use]
pub fn isolated(name: &str) -> Markup {
    html! { bdi { (name) } }
}

#[cfg(test)]
mod tests;
