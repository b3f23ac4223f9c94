//! Buttons, and links that look like them. A button is a verb.

use maud::{Markup, html};

use crate::texts::words;
use crate::{Icon, Language, icon};

/// How much a button stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emphasis {
    /// The one way forward. At most one on a page.
    Primary,
    /// Another way.
    Secondary,
    /// Ends or destroys something.
    Danger,
    /// Something small, inside a line.
    Quiet,
}

impl Emphasis {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Secondary => "button",
            Self::Danger => "button danger",
            Self::Quiet => "button quiet",
        }
    }
}

/// A button that sends the form that it is in.
#[must_use]
pub fn button(text: &str, emphasis: Emphasis) -> Markup {
    html! { button type="submit" class=(emphasis.class()) { (text) } }
}

/// A link that looks like a button, because it is the way forward.
#[must_use]
pub fn link_button(text: &str, url: &str, emphasis: Emphasis) -> Markup {
    html! { a href=(url) class=(emphasis.class()) { (text) } }
}

/// What a button copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copies<'a> {
    /// The one thing that it stands beside.
    One,
    /// One of several such things on a page, which is told from the others by this.
    Named(&'a str),
    /// All of a list.
    All,
}

/// A button that copies a text. Hidden until there is a script, which finds what to say afterwards beside the text.
pub(crate) fn copy_button(text: &str, copies: Copies<'_>, language: Language) -> Markup {
    let words = words(language);
    let (label, name) = match copies {
        Copies::One => (words.say("copy"), None),
        Copies::Named(name) => (words.say("copy"), Some(name)),
        Copies::All => (words.say("copy-all"), None),
    };
    html! {
        button type="button" .button.quiet data-copy=(text) data-copied=(words.say("copied"))
            data-failed=(words.say("select-and-copy")) hidden {
            (icon(Icon::Copy)) span aria-live="polite" { (label) }
            @if let Some(name) = name { span .unseen { " " (name) } }
        }
    }
}

/// A button that prints the page. Hidden until there is a script.
#[must_use]
pub fn print_button(language: Language) -> Markup {
    html! {
        button type="button" .button.quiet data-print hidden {
            (icon(Icon::Print)) span { (words(language).say("print")) }
        }
    }
}
