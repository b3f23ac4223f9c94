//! The third step, and the answer to making new codes: they are shown once.

use bartizan_ui::{Emphasis, Rendered, Tone, button, code_list, isolated, notice};
use maud::html;

use super::step;
use crate::pages::{Form, Reader};

/// Why codes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// The account is being set up, with a password and an app before this.
    Claim,
    /// The account is set up, by a passkey.
    Passkey,
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
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("keep-codes");
    let content = html! {
        @if view.occasion == Occasion::Claim { (step(reader, 3)) }
        h1 { (heading) }
        p .lead { (words.say(if view.occasion == Occasion::Passkey { "keep-codes-passkey" } else { "keep-codes-why" })) }
        (notice(Tone::Warning, &html! {
            (words.say("shown-only-now"))
            @if view.occasion == Occasion::Renewal { " " (words.say("earlier-codes-dead")) }
        }))
        div .stack {
            p .small.muted { (words.markup("codes-of", &[], &[("login", isolated(view.login))])) }
            (code_list(view.codes, reader.language()))
        }
        (view.form.holding(&button(&words.say("i-kept-them"), Emphasis::Primary)))
    };
    let onward = view.form.onward.iter().copied();
    reader.person_page(None, &heading, &content).posts(onward).copies().render()
}
