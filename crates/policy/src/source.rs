//! The text of policies: where one ends and the next begins, and how deep it may nest.

use std::collections::BTreeMap;

use bartizan_model::{Action, AppName, ClientName, GroupName, PolicyId, Resource, UserId};
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Remark, Severity};
use crate::scope::{Scope, What, Whom};

/// Longest text of one policy. The longest of the Cedar examples has 2 KiB; a set of 1,000 names fits.
const MAX_POLICY_BYTES: usize = 64 * 1024;
/// Longest file: 10,000 policies of 400 bytes.
const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;
/// Deepest nesting of brackets. Cedar parses by recursion, on a stack of which tokio gives a thread 2 MiB.
const MAX_NESTING: usize = 32;
/// Most operators in one policy, since a chain such as `a && b && c` nests, too.
const MAX_OPERATORS: usize = 400;

/// The text of one policy, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySource {
    /// Its name, the same as its `@id` annotation.
    pub id: PolicyId,
    /// The file that it stands in, for findings.
    pub file: String,
    /// One Cedar policy.
    pub text: String,
    /// The line of the file at which the text begins, from 1.
    #[serde(default = "first")]
    pub line: u32,
    /// The column of that line at which the text begins, from 1.
    #[serde(default = "first")]
    pub column: u32,
}

const fn first() -> u32 {
    1
}

/// The resources that a policy can be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Whatever there is.
    Anything,
    /// Any app.
    Apps,
    /// One app.
    App(AppName),
    /// Any client.
    Clients,
    /// One client.
    Client(ClientName),
    /// Parts of the administration.
    Administration,
}

/// Whom a policy can be about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Addressed {
    /// Whoever asks, signed in or not.
    Anybody,
    /// Everybody who is signed in.
    Everybody,
    /// Who is in this group, directly or through others.
    Group(GroupName),
    /// One person.
    Person(UserId),
    /// Every program that acts for itself.
    Services,
    /// One of them.
    Service(ClientName),
    /// Who is not signed in.
    Strangers,
}

/// What the head of a policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Whether it forbids, and does not permit.
    pub forbids: bool,
    /// Whom it can be about.
    pub whom: Addressed,
    /// What it can be about.
    pub about: About,
}

impl PolicySource {
    /// A policy whose text is all of the file.
    #[must_use]
    pub fn new(id: PolicyId, file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id, file: file.into(), text: text.into(), line: 1, column: 1 }
    }

    /// What an annotation of the policy says; `None` if it says nothing, or the text is no policy. For policies that were
    /// compiled once: how deep the text nests is not looked at.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<String> {
        let policy = cedar_policy::Policy::parse(None, &self.text).ok()?;
        policy.annotation(name).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// What its head says: whom it can be about, and what. For policies that were compiled once, as
    /// [`annotation`](Self::annotation). What is not understood may be about anybody and anything.
    #[must_use]
    pub fn head(&self) -> Head {
        let anything = Head { forbids: false, whom: Addressed::Anybody, about: About::Anything };
        let Ok(policy) = cedar_policy::Policy::parse(None, &self.text) else { return anything };
        let scope = Scope::of(&policy);
        let for_apps = [Action::HttpRead, Action::HttpWrite, Action::TokenIssue]
            .into_iter()
            .any(|action| scope.actions.includes(action));
        let about = match scope.what {
            What::Any | What::Apps | What::One(Resource::App(_)) if !for_apps => About::Administration,
            What::Any => About::Anything,
            What::Apps => About::Apps,
            What::Clients => About::Clients,
            What::One(Resource::Client(client)) => About::Client(client),
            What::Areas | What::One(Resource::Admin(_)) => About::Administration,
            What::One(Resource::App(app)) => About::App(app),
        };
        let whom = match scope.whom {
            Whom::Any => Addressed::Anybody,
            Whom::Users => Addressed::Everybody,
            Whom::Group(group) => Addressed::Group(group),
            Whom::User(user) => Addressed::Person(user),
            Whom::Services => Addressed::Services,
            Whom::Service(client) => Addressed::Service(client),
            Whom::Anonymous => Addressed::Strangers,
        };
        Head { forbids: policy.effect() == cedar_policy::Effect::Forbid, whom, about }
    }

    /// Which resources it can be about, by its head alone, of which the actions are a part.
    #[must_use]
    pub fn about(&self) -> About {
        self.head().about
    }

    /// Line and column, in the file, of this byte of the text.
    pub(crate) fn place(&self, offset: usize) -> (u32, u32) {
        let (mut line, mut column) = (self.line, self.column);
        for (index, character) in self.text.char_indices() {
            if index >= offset {
                break;
            }
            if character == '\n' {
                line = line.saturating_add(1);
                column = 1;
            } else {
                column = column.saturating_add(1);
            }
        }
        (line, column)
    }

    /// What keeps the text from being handed to Cedar's parser, if anything.
    pub(crate) fn bounds(&self) -> Result<(), Remark> {
        let refuse = |offset, message: String| {
            let help = "make several policies of it";
            Err(Remark::new(offset, Severity::Error, message).with_help(help))
        };
        if self.text.len() > MAX_POLICY_BYTES {
            return refuse(0, format!("this policy is longer than {MAX_POLICY_BYTES} bytes"));
        }
        let (mut nesting, mut operators) = (0_usize, 0_usize);
        for (offset, token) in Scanner::new(&self.text) {
            match token {
                Token::Open => nesting = nesting.saturating_add(1),
                Token::Close => nesting = nesting.saturating_sub(1),
                Token::Operator => operators = operators.saturating_add(1),
                Token::Semicolon | Token::Other => {}
            }
            if nesting > MAX_NESTING {
                return refuse(offset, format!("brackets are nested more than {MAX_NESTING} deep"));
            }
            if operators > MAX_OPERATORS {
                return refuse(offset, format!("this policy has more than {MAX_OPERATORS} operators"));
            }
        }
        Ok(())
    }
}

/// Splits a file of any number of policies, each with its `@id`.
///
/// # Errors
/// Each policy that has no usable `@id`, and each `@id` that stands twice. What else may be wrong with a policy is
/// found by [`crate::Engine::compile`].
pub fn split_file(file: &str, text: &str) -> Result<Vec<PolicySource>, Vec<Finding>> {
    let whole = Piece { file, text, line: 1, column: 1 };
    if text.len() > MAX_FILE_BYTES {
        return Err(vec![whole.finding(format!("this file is longer than {MAX_FILE_BYTES} bytes"))]);
    }
    let mut sources: Vec<PolicySource> = Vec::new();
    let mut lines: BTreeMap<PolicyId, u32> = BTreeMap::new();
    let mut findings = Vec::new();
    for piece in pieces(whole) {
        match piece.source() {
            Ok(source) => {
                if let Some(first) = lines.insert(source.id.clone(), source.line) {
                    let message = format!("`@id(\"{}\")` stands twice in this file", source.id);
                    let help = format!("another one begins in line {first}");
                    findings.push(Finding { help: Some(help), ..piece.finding(message) });
                }
                sources.push(source);
            }
            Err(finding) => findings.push(finding),
        }
    }
    if findings.is_empty() { Ok(sources) } else { Err(findings) }
}

/// A part of a file that ends where a policy does.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    file: &'a str,
    text: &'a str,
    line: u32,
    column: u32,
}

impl Piece<'_> {
    fn source(&self) -> Result<PolicySource, Finding> {
        let id = annotated_id(self.text).ok_or_else(|| Finding {
            help: Some(String::from("begin it with @id(\"a-name\"), so that decisions can name it")),
            ..self.finding(String::from("this policy has no `@id`"))
        })?;
        let id = id.parse::<PolicyId>().map_err(|error| self.finding(error.to_string()))?;
        Ok(PolicySource {
            id,
            file: self.file.to_owned(),
            text: self.text.to_owned(),
            line: self.line,
            column: self.column,
        })
    }

    fn finding(&self, message: String) -> Finding {
        Finding {
            file: self.file.to_owned(),
            line: self.line,
            column: self.column,
            severity: Severity::Error,
            message,
            help: None,
        }
    }
}

/// Cuts the text behind each `;` that is neither in a string nor in a comment: a Cedar policy has it at its end and
/// nowhere else. Comments in front of a policy stay with it.
fn pieces(whole: Piece<'_>) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut line, mut column, mut has_tokens) = (0_usize, whole.line, whole.column, false);
    let mut push = |from: usize, to: usize, line: &mut u32, column: &mut u32, keep: bool| {
        let Some(text) = whole.text.get(from..to) else { return };
        let body = text.trim_start();
        let skipped = text.len().saturating_sub(body.len());
        advance(text.get(..skipped).unwrap_or_default(), line, column);
        if keep {
            pieces.push(Piece { text: body.trim_end(), line: *line, column: *column, ..whole });
        }
        advance(body, line, column);
    };
    for (offset, token) in Scanner::new(whole.text) {
        if token == Token::Semicolon {
            let end = offset.saturating_add(1);
            push(start, end, &mut line, &mut column, true);
            start = end;
            has_tokens = false;
        } else {
            has_tokens = true;
        }
    }
    push(start, whole.text.len(), &mut line, &mut column, has_tokens);
    pieces
}

fn advance(over: &str, line: &mut u32, column: &mut u32) {
    for character in over.chars() {
        if character == '\n' {
            *line = line.saturating_add(1);
            *column = 1;
        } else {
            *column = column.saturating_add(1);
        }
    }
}

/// The text of the `@id("...")` in front of a policy. Whether it is the one that Cedar reads is checked when the
/// policy is compiled.
fn annotated_id(text: &str) -> Option<String> {
    let mut rest = skip_blank(text);
    while let Some(annotation) = rest.strip_prefix('@') {
        let annotation = skip_blank(annotation);
        let name_len =
            annotation.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(annotation.len());
        let (name, after) = annotation.split_at_checked(name_len)?;
        let after = skip_blank(after);
        let Some(argument) = after.strip_prefix('(') else {
            rest = after;
            continue;
        };
        let quoted = skip_blank(argument).strip_prefix('"')?;
        let end = string_end(quoted)?;
        let (value, after) = quoted.split_at_checked(end)?;
        if name == "id" {
            return Some(value.to_owned());
        }
        rest = skip_blank(skip_blank(after.strip_prefix('"')?).strip_prefix(')')?);
    }
    None
}

/// The text without leading white space and comments.
fn skip_blank(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("//") {
        rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    rest
}

/// Where the closing quote of a string stands whose opening quote is just before `text`.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(index),
            _ => {}
        }
    }
    None
}

/// What matters of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Semicolon,
    /// Something by which an expression nests without brackets.
    Operator,
    Other,
}

/// Walks over the tokens of a text; strings count as one, comments and white space as none.
struct Scanner<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Scanner<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, offset: 0 }
    }
}

impl Iterator for Scanner<'_> {
    type Item = (usize, Token);

    fn next(&mut self) -> Option<(usize, Token)> {
        let rest = self.text.get(self.offset..)?;
        let blank = rest.len().saturating_sub(skip_blank(rest).len());
        let start = self.offset.saturating_add(blank);
        let rest = self.text.get(start..)?;
        let first = rest.chars().next()?;
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (len, token) = match first {
            '(' | '[' | '{' => (1, Token::Open),
            ')' | ']' | '}' => (1, Token::Close),
            ';' => (1, Token::Semicolon),
            '"' => {
                let end = rest.get(1..).and_then(string_end);
                (end.map_or(rest.len(), |end| end.saturating_add(2)), Token::Other)
            }
            '!' | '-' | '+' | '*' | '.' | '&' | '|' | '<' | '>' | '=' => {
                let twice =
                    rest.get(..2).is_some_and(|two| matches!(two, "&&" | "||" | "==" | "!=" | "<=" | ">="));
                (if twice { 2 } else { 1 }, Token::Operator)
            }
            _ if word > 0 => {
                let operator = matches!(rest.get(..word), Some("if" | "in" | "has" | "like" | "is"));
                (word, if operator { Token::Operator } else { Token::Other })
            }
            other => (other.len_utf8(), Token::Other),
        };
        self.offset = start.saturating_add(len);
        Some((start, token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_policy_can_be_about_is_read_from_its_head() {
        for (head, about) in [
            ("principal, action, resource", About::Anything),
            ("principal, action, resource is App", About::Apps),
            ("principal, action, resource == App::\"wiki\"", About::App("wiki".parse().unwrap())),
            ("principal, action in Action::\"http\", resource", About::Anything),
            ("principal, action == Action::\"token:issue\", resource", About::Anything),
            ("principal, action in Action::\"admin\", resource", About::Administration),
            ("principal, action == Action::\"admin:read\", resource is App", About::Administration),
            ("principal, action, resource == Admin::\"people\"", About::Administration),
            ("not cedar", About::Anything),
        ] {
            let text = format!("@id(\"p\") permit ({head});");
            assert_eq!(PolicySource::new("p".parse().unwrap(), "", text).about(), about, "{head}");
        }
    }

    #[test]
    fn whom_a_policy_can_be_about_is_read_from_its_head() {
        for (head, forbids, whom) in [
            ("permit (principal, action, resource)", false, Addressed::Anybody),
            ("permit (principal is User, action, resource)", false, Addressed::Everybody),
            (
                "forbid (principal in Group::\"night\", action, resource)",
                true,
                Addressed::Group("night".parse().unwrap()),
            ),
            ("forbid (principal is Anonymous, action, resource)", true, Addressed::Strangers),
        ] {
            let read = PolicySource::new("p".parse().unwrap(), "", format!("@id(\"p\") {head};")).head();
            assert_eq!((read.forbids, read.whom), (forbids, whom), "{head}");
        }
    }
}
