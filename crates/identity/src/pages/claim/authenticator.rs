//! An authenticator app: the second step of an invitation, or what somebody who is signed in sets up.

use bartizan_ui::{Emphasis, Field, Rendered, Tone, button, notice, qr, secret};
use maud::html;

use super::step;
use crate::pages::{Form, Reader};

/// Why an app is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// The account is being set up.
    Claim,
    /// There was none.
    Another,
    /// It takes the place of the one that there is.
    Replacement,
}

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `code`.
    pub(crate) form: Form<'a>,
    /// Why it is shown.
    pub(crate) occasion: Occasion,
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
    let replaces = view.occasion == Occasion::Replacement;
    let heading = words.say(match view.occasion {
        Occasion::Claim => "add-authenticator",
        Occasion::Another => "set-up-app",
        Occasion::Replacement => "replace-app",
    });
    let (label, hint) = (words.say("six-digit-code"), words.say("code-every-30"));
    let code = Field::digits("code", &label, 6).hint(&hint).problem(view.problem);
    let content = html! {
        @if view.occasion == Occasion::Claim { (step(reader, 2)) }
        h1 { (heading) }
        p .lead { (words.say("add-authenticator-how")) }
        @if replaces { (notice(Tone::Warning, &html! { (words.say("replace-app-ends")) })) }
        @if let Some(qr) = qr(view.otpauth_url, &words.say("qr-code")) { (qr) }
        div .stack {
            p .small { a href=(view.otpauth_url) { (words.say("open-in-authenticator")) } }
            p .small.muted { (words.say("or-type-key")) }
            (secret(view.secret, reader.language()))
        }
        (view.form.holding(&html! { (code) (button(&words.say("continue"), Emphasis::Primary)) }))
        @if view.occasion != Occasion::Claim { p { a href="/" { (words.say("back-to-account")) } } }
    };
    view.form.page(reader, &reader.title(&heading, view.problem), &content).copies().render()
}
