//! A TOML text as tables each part of which knows where it stands, so that everything wrong with it is found at once.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use bartizan_policy::{Finding, Severity, nearest};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
}

impl Place {
    /// Something that is wrong there.
    #[must_use]
    pub fn error(&self, message: impl Into<String>) -> Finding {
        Finding {
            file: self.file.as_ref().to_owned(),
            line: self.line,
            column: self.column,
            severity: Severity::Error,
            message: message.into(),
            help: None,
        }
    }

    /// Something that is wrong there, and what would mend it.
    #[must_use]
    pub fn error_with_help(&self, message: impl Into<String>, help: impl Into<String>) -> Finding {
        Finding { help: Some(help.into()), ..self.error(message) }
    }
}

/// A value, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// A TOML file that is being read.
#[derive(Debug)]
pub struct Document<'t> {
    file: Arc<str>,
    text: &'t str,
    root: DeTable<'t>,
    findings: RefCell<Vec<Finding>>,
}

impl<'t> Document<'t> {
    /// Reads the form of the text; what is wrong with it is among the findings.
    #[must_use]
    pub fn parse(file: &str, text: &'t str) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        let document =
            Self { file: Arc::from(file), text, root: root.into_inner(), findings: RefCell::new(Vec::new()) };
        for error in errors.iter().take(MAX_FORM_ERRORS) {
            let place = document.place(error.span().map_or(0, |span| span.start));
            let message = error.message().lines().collect::<Vec<_>>().join(" ");
            document.report(place.error(format!("this is not TOML: {message}")));
        }
        document
    }

    /// The outermost table.
    #[must_use]
    pub fn root(&self) -> Table<'_> {
        Table { document: self, table: &self.root, title: String::new(), span: 0..0, known: Vec::new() }
    }

    /// Adds something that is wrong.
    pub fn report(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// Everything that is wrong, in the order of the text.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings.into_inner();
        findings.sort();
        findings.dedup();
        findings
    }

    fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
        let start = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
        let column = before.get(start..).unwrap_or_default().chars().count().saturating_add(1);
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place { file: Arc::clone(&self.file), line: number(line), column: number(column) }
    }
}

/// Texts, by names that somebody chose.
pub(super) type Named = Vec<(String, Located<String>)>;

/// A table of a document. Each key that is asked for is a known one; [`Table::finish`] reports all others.
#[derive(Debug)]
pub struct Table<'d> {
    document: &'d Document<'d>,
    table: &'d DeTable<'d>,
    title: String,
    span: Range<usize>,
    known: Vec<&'static str>,
}

impl<'d> Table<'d> {
    /// Where the table begins.
    #[must_use]
    pub fn place(&self) -> Place {
        self.document.place(self.span.start)
    }

    /// Adds something that is wrong.
    pub fn report(&self, finding: Finding) {
        self.document.report(finding);
    }

    /// Whether there is such a key at all.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<Located<String>> {
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else { return self.wrong(key, value, "a text in quotes") };
        Some(self.located(value, text.to_owned()))
    }

    /// A text that has a form of its own. What does not have it is reported.
    pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        key: &'static str,
    ) -> Option<Located<T>> {
        let Located { value, place } = self.text(key)?;
        match value.parse() {
            Ok(value) => Some(Located { value, place }),
            Err(error) => {
                self.report(place.error(format!("`{key}`: {error}")));
                None
            }
        }
    }

    /// True or false.
    pub fn boolean(&mut self, key: &'static str) -> Option<Located<bool>> {
        let value = self.value(key)?;
        let Some(flag) = value.get_ref().as_bool() else { return self.wrong(key, value, "true or false") };
        Some(self.located(value, flag))
    }

    /// A whole number that is not negative.
    pub fn number(&mut self, key: &'static str) -> Option<Located<u64>> {
        let value = self.value(key)?;
        let number = value.get_ref().as_integer().and_then(|number| {
            let digits = number.as_str().replace('_', "");
            u64::from_str_radix(&digits, number.radix()).ok()
        });
        let Some(number) = number else {
            return self.wrong(key, value, "a whole number that is not negative");
        };
        Some(self.located(value, number))
    }

    /// A number, with decimals or without.
    pub fn decimal(&mut self, key: &'static str) -> Option<Located<f64>> {
        let value = self.value(key)?;
        let number = match value.get_ref() {
            DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().replace('_', "").parse().ok(),
            _ => None,
        };
        let Some(number) = number else { return self.wrong(key, value, "a number") };
        Some(self.located(value, number))
    }

    /// One of these words.
    pub fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<Located<T>> {
        let Located { value, place } = self.text(key)?;
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == value) {
            return Some(Located { value: *meant, place });
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).filter(|word| !word.is_empty()).collect();
        let help = suggestion(&value, &names).unwrap_or_else(|| format!("it is one of {}", list(&names)));
        self.report(place.error_with_help(format!("`{key}` cannot be `{}`", short(&value)), help));
        None
    }

    /// A list of texts.
    pub fn texts(&mut self, key: &'static str) -> Option<Located<Vec<Located<String>>>> {
        let value = self.value(key)?;
        let Some(items) = value.get_ref().as_array() else {
            return self.wrong(key, value, "a list of texts");
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(self.located(item, text.to_owned())),
                None => {
                    let _none: Option<()> = self.wrong(key, item, "a list of texts");
                }
            }
        }
        Some(self.located(value, texts))
    }

    /// The tables under `[[key]]`.
    pub fn tables(&mut self, key: &'static str) -> Vec<Table<'d>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let title = format!("[[{}]]", self.path(key));
        let Some(items) = value.get_ref().as_array() else {
            let _none: Option<()> = self.wrong(key, value, &format!("tables, each headed {title}"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_table() {
                Some(table) => tables.push(self.inner(table, title.clone(), item.span())),
                None => {
                    let _none: Option<()> = self.wrong(key, item, &format!("tables, each headed {title}"));
                }
            }
        }
        tables
    }

    /// The table under `[key]`, if there is one.
    pub fn table(&mut self, key: &'static str) -> Option<Table<'d>> {
        let value = self.value(key)?;
        let title = format!("[{}]", self.path(key));
        match value.get_ref().as_table() {
            Some(table) => Some(self.inner(table, title, value.span())),
            None => self.wrong(key, value, &format!("a table, headed {title}")),
        }
    }

    /// The texts under `key`, by names that are not ours to say.
    pub fn named_texts(&mut self, key: &'static str) -> Option<Located<Named>> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            return self.wrong(key, value, "a table of texts");
        };
        let mut texts = Vec::new();
        for (name, item) in table.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push((name.get_ref().to_string(), self.located(item, text.to_owned()))),
                None => return self.wrong(key, item, "a table of texts"),
            }
        }
        Some(self.located(value, texts))
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self) {
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if self.known.contains(&name) {
                continue;
            }
            let within = if self.title.is_empty() { String::new() } else { format!(" in {}", self.title) };
            let help = suggestion(name, &self.known)
                .unwrap_or_else(|| format!("the keys are {}", list(&self.known)));
            let place = self.document.place(key.span().start);
            self.report(place.error_with_help(format!("unknown key `{}`{within}", short(name)), help));
        }
    }

    fn value(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.known.push(key);
        self.table.get(key)
    }

    /// The key, as it is written in a heading of its own.
    fn path(&self, key: &str) -> String {
        match self.title.trim_start_matches('[').trim_end_matches(']') {
            "" => key.to_owned(),
            parent => format!("{parent}.{key}"),
        }
    }

    fn inner(&self, table: &'d DeTable<'d>, title: String, span: Range<usize>) -> Table<'d> {
        Table { document: self.document, table, title, span, known: Vec::new() }
    }

    fn located<T>(&self, spanned: &Spanned<DeValue<'d>>, value: T) -> Located<T> {
        Located { value, place: self.document.place(spanned.span().start) }
    }

    fn wrong<T>(&self, key: &str, value: &Spanned<DeValue<'d>>, wanted: &str) -> Option<T> {
        let place = self.document.place(value.span().start);
        let found = value.get_ref().type_str();
        self.report(place.error(format!("`{key}` must be {wanted}, and this is a {found}")));
        None
    }
}

/// What was probably meant.
#[must_use]
pub fn suggestion(text: &str, names: &[&str]) -> Option<String> {
    nearest(text, names).map(|name| format!("did you mean `{name}`?"))
}

/// Names as they are listed in a sentence.
#[must_use]
pub fn list(names: &[&str]) -> String {
    names.join(", ")
}

/// As much of what somebody wrote as is good to repeat.
#[must_use]
pub fn short(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(64).collect()
}

/// After so many errors in the form of a text the rest are their consequences.
const MAX_FORM_ERRORS: usize = 10;
