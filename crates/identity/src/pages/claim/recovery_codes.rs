//! The third step, and the answer to making new codes: they are shown once.

use bartizan_ui::{Emphasis, Rendered, Tone, button, code_list, notice};
use maud::html;

use super::step;
use crate::pages::Form;

/// Why codes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// The account is being set up.
    Claim,
    /// They take the place of those that were there before.
    Renewal,
}

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes nothing but the press of the button.
    pub(crate) form: Form<'a>,
    /// Why they are shown.
    pub(crate) occasion: Occasion,
    /// Whose they are, for the print.
    pub(crate) login: &'a str,
    /// The codes.
    pub(crate) codes: &'a [String],
}

/// Shows the codes.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let heading = "Keep your recovery codes";
    let content = html! {
        @if view.occasion == Occasion::Claim { (step(3)) }
        h1 { (heading) }
        p .lead { "If you lose your authenticator, one of these signs you in instead. Each works once." }
        (notice(Tone::Warning, &html! {
            "They are shown only now. Print them, or put them into a password manager."
            @if view.occasion == Occasion::Renewal { " Your earlier codes no longer work." }
        }))
        div .stack {
            p .small.muted { "Recovery codes of " (view.login) }
            (code_list(view.codes, bartizan_ui::Language::English))
        }
        (view.form.holding(&button("I have kept them", Emphasis::Primary)))
    };
    view.form.page(heading, &content).copies().render()
}
