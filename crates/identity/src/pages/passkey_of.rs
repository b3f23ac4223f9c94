//! The passkeys of a login name that was typed. Only a script leads here, and the browser is asked at once.

use bartizan_ui::{Asking, Emphasis, Rendered, isolated};
use maud::html;

use super::{Form, Passkey, Reader, Shape};
use crate::flow::PasskeyAsk;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes what the passkey brings.
    pub(crate) form: Form<'a>,
    /// What the browser is asked for.
    pub(crate) ask: &'a PasskeyAsk,
    /// The login name that was typed.
    pub(crate) login: &'a str,
    /// Where a password is taken instead.
    pub(crate) password_url: &'a str,
}

/// Asks for a passkey.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("passkey-use");
    let passkey = Passkey { action: view.form.action, ask: view.ask };
    let shape = Shape {
        button: "passkey-use",
        emphasis: Emphasis::Primary,
        when: Asking::Now,
        again: Some(view.password_url),
    };
    let content = html! {
        h1 { (heading) }
        p .lead { (words.markup("signing-in-as", &[], &[("who", isolated(view.login))])) }
        div data-passkeys { (passkey.form(reader, view.form.csrf, shape, &html! {})) }
        p { a href=(view.password_url) { (words.say("use-password")) } }
        (reader.ways_out(&[("lost-passkey", "lost-passkey-do")]))
    };
    // The same page in another language would have to be posted for again.
    let page = reader.person_page(None, &heading, &content).posts(view.form.onward.iter().copied());
    page.asks_for_passkeys().render()
}
