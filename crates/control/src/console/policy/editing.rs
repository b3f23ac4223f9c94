//! A policy in the editor: its text, what was found in it, and what can be asked about it.

use bartizan_model::Revision;
use bartizan_policy::{Finding, Severity};
use bartizan_ui::{Editor, Emphasis, Found, Remark, Words, button, form, listing};
use maud::{Markup, html};

use super::clash::Clash;
use super::file;
use super::trial::Trial;
use crate::api::objects::Shown as Object;
use crate::console::frame::Frame;
use crate::console::words::many;

/// A text in the editor.
#[derive(Debug, Default)]
pub(in crate::console) struct Editing {
    pub(in crate::console) text: String,
    /// The revision of the policy that it is to take the place of; nothing if there is none.
    pub(in crate::console) read: Option<Revision>,
    /// What is asked about it, by who may ask.
    pub(in crate::console) trial: Option<Trial>,
    /// What somebody else has made of the policy meanwhile.
    pub(in crate::console) clash: Option<Clash>,
}

impl Editing {
    /// The policy has become another. What stands there now has been read when the answer is: so the text may take its place.
    pub(in crate::console) fn clashes(&mut self, changes: &[Object]) {
        self.clash = Clash::of(self, changes);
        if let (Some(clash), Some(newest)) = (&self.clash, changes.first()) {
            self.read = clash.is_there().then_some(newest.revision);
        }
    }

    pub(super) fn markup(&self, frame: &Frame, name: &str, findings: &[Finding]) -> Markup {
        let words = frame.words;
        let read = self.read.map(|read| read.get().to_string());
        // What is new is sent to all policies: it has no place of its own yet.
        let (action, leave) = match self.read {
            Some(_) => (format!("/policies/{name}"), format!("/policies/{name}")),
            None => (String::from("/policies"), String::from("/policies")),
        };
        let save = match (&self.clash, self.read) {
            (Some(_), _) => "clash-save",
            (None, Some(_)) => "policy-save",
            (None, None) => "policy-create",
        };
        let buttons = html! {
            div .row {
                (button(&words.say(save), Emphasis::Primary))
                button type="submit" .button name="run" value="dry" { (words.say("policy-check")) }
                a href=(leave) { (words.say("confirm-leave")) }
            }
        };
        let fields = html! {
            @match &read {
                Some(read) => input type="hidden" name="revision" value=(read);,
                None => input type="hidden" name="name" value=(name);,
            }
            // Enter in a field beside the text asks, and saves nothing.
            button type="submit" .unseen name="run" value="dry" tabindex="-1" aria-hidden="true" { (words.say("policy-check")) }
            div .edit {
                div {
                    (text(frame, name, &self.text, findings, &buttons))
                }
                @if let Some(trial) = &self.trial { div { (trial.markup(frame)) } }
            }
        };
        html! {
            @if let Some(clash) = &self.clash { (clash.markup(frame, &self.text)) }
            section {
                h2 { (words.say(if self.read.is_some() { "policy-edit" } else { "policy-new" })) }
                (form(&action, &frame.csrf, &fields))
            }
        }
    }
}

/// The text with its buttons, and what was found in it.
fn text(frame: &Frame, name: &str, text: &str, findings: &[Finding], buttons: &Markup) -> Markup {
    let (words, own) = (frame.words, file(name));
    let found: Vec<Found> = findings
        .iter()
        .map(|finding| {
            let here = finding.file == own;
            let message = if here { finding.message.clone() } else { finding.to_string() };
            let help = finding.help.clone().filter(|_| here);
            Found { place: here.then(|| place(words, finding)), message, help }
        })
        .collect();
    let said = said(words, findings);
    let editor = Editor {
        language: words.language(),
        name: "text",
        label: &words.say("policy-cedar"),
        text,
        hint: &words.say("policy-cedar-hint"),
        check: &format!("/policies/{name}/check"),
        said: (!findings.is_empty()).then_some((said.as_str(), found.as_slice())),
    };
    // Those that say where in this text they are, beside what is found there.
    let here =
        findings.iter().zip(&found).filter_map(|(finding, found)| Some((finding, found.place.as_deref()?)));
    let remarks: Vec<Remark<'_>> = here.map(|(finding, place)| remark(finding, place)).collect();
    html! {
        (editor)
        (buttons)
        (editor.found())
        // Without a script it stands here where in the text it is.
        @if !remarks.is_empty() { noscript { (listing(&words.say("policy-found"), text, &remarks)) } }
    }
}

fn said(words: Words, findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors == 0 {
        return words.say("policy-better");
    }
    words.with("policy-not-saved", &[("count", many(errors).into())])
}

/// A finding as it stands under its line; `place` says in words where that is.
pub(in crate::console) fn remark<'a>(finding: &'a Finding, place: &'a str) -> Remark<'a> {
    Remark {
        line: finding.line,
        place,
        serious: finding.severity == Severity::Error,
        message: &finding.message,
        help: finding.help.as_deref(),
    }
}

/// Where a finding is, in words.
pub(in crate::console) fn place(words: Words, finding: &Finding) -> String {
    let (line, column) = (finding.line.to_string(), finding.column.to_string());
    words.with("policy-place", &[("line", (&line).into()), ("column", (&column).into())])
}
