//! Buttons, and links that look like them. A button is a verb.

use maud::{Markup, html};

use crate::{Icon, icon};

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
    const fn class(self) -> &'static str {
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

/// A button that copies a text. Hidden until there is a script.
pub(crate) fn copy_button(text: &str, label: &str) -> Markup {
    html! {
        button type="button" .button.quiet data-copy=(text) hidden {
            (icon(Icon::Copy)) span aria-live="polite" { (label) }
        }
    }
}

/// A button that prints the page. Hidden until there is a script.
#[must_use]
pub fn print_button() -> Markup {
    html! {
        button type="button" .button.quiet data-print hidden { (icon(Icon::Print)) span { "Print" } }
    }
}
