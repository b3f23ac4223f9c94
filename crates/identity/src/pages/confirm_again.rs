//! A stronger or a newer proof from somebody who is signed in.

use bartizan_ui::{Emphasis, Field, Rendered, button, isolated};
use maud::html;

use super::{Form, Reader};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `code`.
    pub(crate) form: Form<'a>,
    /// Who is signed in.
    pub(crate) who: &'a str,
    /// The app that asks for it; `None` if it is a change of the account.
    pub(crate) app: Option<&'a str>,
    /// What was wrong with the last try.
    pub(crate) problem: Option<&'a str>,
    /// Where somebody goes who is not that person.
    pub(crate) switch_url: &'a str,
}

/// Asks for one proof.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("confirm-heading");
    let (label, hint) = (words.say("six-digit-code"), words.say("from-your-app"));
    let field = Field::digits("code", &label, 6).hint(&hint).first().problem(view.problem);
    let why = match view.app {
        Some(app) => words.markup("app-wants-newer", &[], &[("app", isolated(app))]),
        None => html! { (words.say("change-wants-newer")) },
    };
    let switch = html! { a href=(view.switch_url) { (words.say("use-another-account")) } };
    let pieces = [("who", isolated(view.who)), ("switch", switch)];
    let content = html! {
        h1 { (heading) }
        p .lead { (why) }
        (view.form.holding(&html! { (field) (button(&words.say("confirm"), Emphasis::Primary)) }))
        p .small.muted { (words.markup("signed-in-as-switch", &[], &pieces)) }
        (reader.ways_out(&[("every-code-refused", "every-code-refused-do")]))
    };
    view.form.page(reader, &reader.title(&heading, view.problem), &content).render()
}
