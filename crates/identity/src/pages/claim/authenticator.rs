//! The second step: an authenticator app.

use bartizan_ui::{Emphasis, Field, Rendered, button, qr, secret};
use maud::html;

use super::step;
use crate::pages::{Form, title};

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
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let heading = "Add an authenticator";
    let code = Field::digits("code", "6-digit code", 6)
        .hint("The app shows a new one every 30 seconds.")
        .problem(view.problem);
    let content = html! {
        (step(2))
        h1 { (heading) }
        p .lead { "Scan this with an authenticator app on your phone. Then type the code that it shows." }
        @if let Some(qr) = qr(view.otpauth_url, "QR code that holds the key below") { (qr) }
        div .stack {
            p .small { a href=(view.otpauth_url) { "Open in an authenticator on this device" } }
            p .small.muted { "Or type this key into it:" }
            (secret(view.secret, bartizan_ui::Language::English))
        }
        (view.form.holding(&html! { (code) (button("Continue", Emphasis::Primary)) }))
    };
    view.form.page(&title(heading, view.problem), &content).copies().render()
}
