//! The code of an authenticator app.

use bartizan_ui::{Emphasis, Field, Rendered, button, isolated};
use maud::html;

use super::{Form, Reader};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `code`.
    pub(crate) form: Form<'a>,
    /// Who is signing in.
    pub(crate) who: &'a str,
    /// What was wrong with the last code, or how long to wait.
    pub(crate) problem: Option<&'a str>,
    /// Where a recovery code is taken instead.
    pub(crate) recovery_url: &'a str,
}

/// Asks for the second proof.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let (heading, label) = (words.say("enter-code"), words.say("six-digit-code"));
    let code = Field::digits("code", &label, 6).first().problem(view.problem);
    let content = html! {
        h1 { (heading) }
        p .lead { (words.markup("signing-in-as", &[], &[("who", isolated(view.who))])) }
        (view.form.holding(&html! { (code) (button(&words.say("continue"), Emphasis::Primary)) }))
        p { a href=(view.recovery_url) { (words.say("use-recovery-code")) } }
        (reader.ways_out(&[
            ("every-code-refused", "every-code-refused-do"),
            ("nothing-left", "ask-for-invitation"),
        ]))
    };
    view.form.page(reader, &reader.title(&heading, view.problem), &content).render()
}
