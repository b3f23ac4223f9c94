//! A sign-in link that an administrator gave. Opening it signs nobody in; the button does, so that a program that
//! follows links uses none up.

use bartizan_ui::{Emphasis, Rendered, button};
use maud::html;

use super::Form;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes nothing but the press of the button.
    pub(crate) form: Form<'a>,
    /// Whom the link is for.
    pub(crate) who: &'a str,
}

/// Asks whether to go on.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let content = html! {
        h1 { "Your sign-in link" }
        p .lead { "This link is for " (view.who) " and works once." }
        (view.form.holding(&button(&format!("Continue as {}", view.who), Emphasis::Primary)))
        p .small.muted { "Not you? Close this page and tell whoever sent you the link." }
    };
    view.form.page("Your sign-in link", &content).render()
}
