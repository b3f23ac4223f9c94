//! A sign-in link that an administrator gave. Opening it signs nobody in; the button does, so that a program that
//! follows links uses none up.

use bartizan_ui::{Emphasis, Rendered, button, isolated};
use maud::html;

use super::{Form, Reader};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes nothing but the press of the button.
    pub(crate) form: Form<'a>,
    /// Whom the link is for.
    pub(crate) who: &'a str,
}

/// Asks whether to go on.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("your-link");
    let go_on = words.with("continue-as", &[("who", view.who.into())]);
    let content = html! {
        h1 { (heading) }
        p .lead { (words.markup("link-for", &[], &[("who", isolated(view.who))])) }
        (view.form.holding(&button(&go_on, Emphasis::Primary)))
        p .small.muted { (words.say("link-not-you")) }
    };
    view.form.page(reader, &heading, &content).render()
}
