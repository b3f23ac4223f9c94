//! A recovery code, in the place of an authenticator's.

use bartizan_ui::{Emphasis, Field, Rendered, button, isolated};
use maud::html;

use super::{Form, Reader};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `recovery_code`.
    pub(crate) form: Form<'a>,
    /// Who is signing in.
    pub(crate) who: &'a str,
    /// What was wrong with the last code, or how long to wait.
    pub(crate) problem: Option<&'a str>,
    /// Where the code of an authenticator is taken.
    pub(crate) authenticator_url: &'a str,
}

/// Asks for a recovery code.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("enter-recovery-code");
    let (label, hint) = (words.say("recovery-code"), words.say("recovery-code-hint"));
    let code = Field::text("recovery_code", &label).hint(&hint).first().problem(view.problem);
    let content = html! {
        h1 { (heading) }
        p .lead { (words.markup("signing-in-as", &[], &[("who", isolated(view.who))])) }
        (view.form.holding(&html! { (code) (button(&words.say("continue"), Emphasis::Primary)) }))
        p { a href=(view.authenticator_url) { (words.say("use-authenticator")) } }
        (reader.ways_out(&[("no-codes-left", "ask-for-invitation")]))
    };
    view.form.page(reader, &reader.title(&heading, view.problem), &content).render()
}
