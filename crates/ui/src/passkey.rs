//! A form that a passkey answers. Its button needs a script, and is hidden until there is one.

use maud::{Markup, html};

use crate::{Emphasis, Icon, icon};

/// What a form asks a passkey.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyForm<'a> {
    /// The address that it posts to.
    pub action: &'a str,
    /// The token that comes back with it.
    pub csrf: &'a str,
    /// What the browser is asked for (Web Authentication, `PublicKeyCredential…OptionsJSON`).
    pub options: &'a str,
    /// For how many seconds an answer counts.
    pub seconds: u64,
    /// Where the page is had anew when that time is over, if it can be.
    pub again: Option<&'a str>,
    /// When the browser is asked.
    pub when: Asking,
    /// The words of the button.
    pub button: &'a str,
    /// How much it stands out.
    pub emphasis: Emphasis,
    /// What is said when the browser brings nothing.
    pub problem: &'a str,
    /// What is said when the device has a passkey already.
    pub known: Option<&'a str>,
}

/// When the browser is asked for a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// When the button is pressed.
    Pressed,
    /// Along with what it fills in for a login name; the login name that was typed instead is sent along.
    Offered,
    /// When the button is pressed, and a login name that was typed is sent along. What was just refused is not offered again.
    Named,
    /// When the page is shown, since its reader has just said so.
    Now,
}

/// The form. What is around it and is of no use without a script says `data-needs-script`, inside of an element that says
/// `data-passkeys`. `more` are fields that go along.
#[must_use]
pub fn passkey_form(asks: PasskeyForm<'_>, more: &Markup) -> Markup {
    let PasskeyForm { action, csrf, options, seconds, again, when, button, emphasis, problem, known } = asks;
    html! {
        form method="post" action=(action) novalidate data-options=(options) data-seconds=(seconds) data-again=[again]
            data-offer[when == Asking::Offered] data-now[when == Asking::Now] {
            input type="hidden" name="csrf" value=(csrf);
            input type="hidden" name="passkey" value="";
            @if matches!(when, Asking::Offered | Asking::Named) { input type="hidden" name="login" value=""; }
            (more)
            button type="submit" class=(emphasis.class()) hidden data-needs-script { (icon(Icon::Key)) span { (button) } }
            p .problem role="alert" hidden data-problem=(problem) data-known=[known] { (icon(Icon::Warning)) span {} }
        }
    }
}
