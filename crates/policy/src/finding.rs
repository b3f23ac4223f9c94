//! What is wrong with a policy, where, and what would mend it.

use miette::Diagnostic;
use serde::{Deserialize, Serialize};

use crate::source::PolicySource;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The policies are not activated.
    Error,
    /// The policy is active and probably does not do what was meant.
    Warning,
    /// The policy is right and could be better.
    Advice,
}

/// One thing that is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// The line in the file, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What would mend it.
    pub help: Option<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

/// A finding in a text of which it is not yet said where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    offset: usize,
    pub(crate) severity: Severity,
    message: String,
    pub(crate) help: Option<String>,
}

impl Remark {
    /// A remark on what begins at this byte.
    pub(crate) fn new(offset: usize, severity: Severity, message: impl Into<String>) -> Self {
        Self { offset, severity, message: message.into(), help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// An error of Cedar's parser, at the place that it labels.
    pub(crate) fn of_parser(error: &dyn Diagnostic) -> Self {
        let mut remark = Self::of_cedar(Severity::Error, error);
        if remark.help.is_none() {
            let variables = ["principal", "action", "resource", "context"];
            let mistaken = remark
                .message
                .split('`')
                .skip(1)
                .step_by(2)
                .find_map(|quoted| nearest(quoted.split('.').next().unwrap_or_default(), &variables));
            remark.help = mistaken.map(|name| format!("did you mean `{name}`?"));
        }
        remark
    }

    /// A finding of Cedar's validator, at the place that it labels.
    pub(crate) fn of_validator(severity: Severity, finding: &dyn Diagnostic) -> Self {
        let mut remark = Self::of_cedar(severity, finding);
        // The same is found once for each action that the policy is about; which one says nothing.
        if let Some((before, after)) = remark.message.split_once(" for Action::\"")
            && let Some((_, rest)) = after.split_once('"')
        {
            remark.message = format!("{before}{rest}");
        }
        if remark.message.contains("unable to find an applicable action") {
            remark.message = String::from("no action of this policy goes with its principal and resource");
            remark.help = Some(String::from(
                "`http` and `token:issue` are done to an App, `admin` to an Admin; Anonymous only has `http`",
            ));
        }
        remark
    }

    fn of_cedar(severity: Severity, error: &dyn Diagnostic) -> Self {
        let label = error.labels().and_then(|mut labels| labels.next());
        let mut message = tidy(&error.to_string());
        if let Some(text) = label.as_ref().and_then(|label| label.label()) {
            message = format!("{message}: {}", tidy(text));
        }
        Self {
            offset: label.as_ref().map_or(0, miette::LabeledSpan::offset),
            severity,
            message,
            help: error.help().map(|help| tidy(&help.to_string())),
        }
    }

    /// The finding that this is in a text that stands there.
    pub(crate) fn placed(&self, source: &PolicySource) -> Finding {
        let (line, column) = source.place(self.offset);
        Finding {
            file: source.file.clone(),
            line,
            column,
            severity: self.severity,
            message: self.message.clone(),
            help: self.help.clone(),
        }
    }
}

/// One line, without Cedar's "for policy `x`, " in front: the place says which policy it is.
fn tidy(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.strip_prefix("for policy `").and_then(|rest| rest.split_once("`, ")) {
        Some((_, rest)) => rest.to_owned(),
        None => text,
    }
}

/// The name that was probably meant: at most two letters off, and not all of them.
#[must_use]
pub fn nearest<'n>(text: &str, names: &[&'n str]) -> Option<&'n str> {
    names
        .iter()
        .map(|name| (distance(text, name), *name))
        .filter(|(distance, name)| (1..=2).contains(distance) && *distance < name.len())
        .min()
        .map(|(_, name)| name)
}

/// How many letters must be put in, taken out or exchanged (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    // The distance of what was read of `one` from each beginning of `other`.
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (read, letter) in one.chars().enumerate() {
        let mut diagonal = read;
        let mut left = read.saturating_add(1);
        let mut next = vec![left];
        for (wanted, above) in other.iter().zip(row.iter().skip(1)) {
            let exchanged = diagonal.saturating_add(usize::from(*wanted != letter));
            diagonal = *above;
            left = exchanged.min(left.min(*above).saturating_add(1));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_letters() {
        for (one, other, expected) in
            [("", "", 0), ("", "ab", 2), ("abc", "", 3), ("contxt", "context", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn a_name_is_suggested_only_when_it_is_near() {
        assert_eq!(nearest("contxt", &["principal", "context"]), Some("context"));
        assert_eq!(nearest("context", &["context"]), None);
        assert_eq!(nearest("apple", &["context"]), None);
    }
}
