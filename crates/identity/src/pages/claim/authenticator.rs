//! The second step: an authenticator app.

use bartizan_ui::{Emphasis, Field, Rendered, button, qr, secret};
use maud::html;

use super::step;
use crate::pages::{Form, Reader};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `code`.
    pub(crate) form: Form<'a>,
    /// The shared secret in base32.
    pub(crate) secret: &'a str,
    /// The `otpauth:` address that holds it.
    pub(crate) otpauth_url: &'a str,
    /// What was wrong with the last code.
    pub(crate) problem: Option<&'a str>,
}

/// Shows the secret, and asks for a code that proves that it arrived.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("add-authenticator");
    let (label, hint) = (words.say("six-digit-code"), words.say("code-every-30"));
    let code = Field::digits("code", &label, 6).hint(&hint).problem(view.problem);
    let content = html! {
        (step(reader, 2))
        h1 { (heading) }
        p .lead { (words.say("add-authenticator-how")) }
        @if let Some(qr) = qr(view.otpauth_url, &words.say("qr-code")) { (qr) }
        div .stack {
            p .small { a href=(view.otpauth_url) { (words.say("open-in-authenticator")) } }
            p .small.muted { (words.say("or-type-key")) }
            (secret(view.secret, reader.language()))
        }
        (view.form.holding(&html! { (code) (button(&words.say("continue"), Emphasis::Primary)) }))
    };
    view.form.page(reader, &reader.title(&heading, view.problem), &content).copies().render()
}
