//! A stronger or a newer proof from somebody who is signed in.

use bartizan_ui::{Emphasis, Field, Rendered, button};
use maud::html;

use super::{Form, title, ways_out};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Factor {
    /// The password.
    Password,
    /// The code of an authenticator.
    Code,
}

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `password` or `code`. With a password it sends `login` along, for password managers; that is not read.
    pub(crate) form: Form<'a>,
    /// Who is signed in.
    pub(crate) who: &'a str,
    /// Their login name, by which a password manager finds the password.
    pub(crate) login: &'a str,
    /// Why it is asked for, in a sentence: "Payroll wants a code from today."
    pub(crate) why: &'a str,
    /// What is asked for.
    pub(crate) factor: Factor,
    /// What was wrong with the last try.
    pub(crate) problem: Option<&'a str>,
    /// Where somebody goes who is not that person.
    pub(crate) switch_url: &'a str,
}

/// Asks for one proof.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let heading = "Confirm that it is you";
    let field = match view.factor {
        Factor::Password => Field::password("password", "Password", "current-password"),
        Factor::Code => Field::digits("code", "6-digit code", 6).hint("From your authenticator app."),
    };
    let help = match view.factor {
        Factor::Password => ("You forgot your password", "Ask your administrator for a sign-in link."),
        Factor::Code => {
            ("Every code is refused", "Codes depend on the time. Set the clock of your phone to automatic.")
        }
    };
    let content = html! {
        h1 { (heading) }
        p .lead { (view.why) }
        (view.form.holding(&html! {
            @if view.factor == Factor::Password {
                (Field::text("login", "Login name").autocomplete("username").value(view.login).read_only())
            }
            (field.first().problem(view.problem))
            (button("Confirm", Emphasis::Primary))
        }))
        p .small.muted {
            "You are signed in as " (view.who) ". " a href=(view.switch_url) { "Use another account" }
        }
        (ways_out(&[help]))
    };
    view.form.page(&title(heading, view.problem), &content).render()
}
