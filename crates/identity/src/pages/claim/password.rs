//! The first step: a password.

use bartizan_ui::{Emphasis, Field, Rendered, button};
use maud::html;

use super::step;
use crate::pages::{Form, title};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `password`. It sends `login` along, for password managers; that is not read.
    pub(crate) form: Form<'a>,
    /// Whom the invitation is for.
    pub(crate) who: &'a str,
    /// The login name that they were given.
    pub(crate) login: &'a str,
    /// What is wrong with the password that was sent.
    pub(crate) problem: Option<&'a str>,
}

/// Asks for a password.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let heading = "Choose a password";
    let login = Field::text("login", "Login name").autocomplete("username").value(view.login).read_only();
    let password = Field::password("password", "New password", "new-password")
        .hint(
            "At least 8 characters. A phrase of 15 or more is stronger and easier to remember. You can paste it.",
        )
        .first()
        .problem(view.problem);
    let content = html! {
        (step(1))
        h1 { (heading) }
        p .lead { "Welcome, " (view.who) ". Three short steps set up your account." }
        (view.form.holding(&html! { (login) (password) (button("Continue", Emphasis::Primary)) }))
    };
    view.form.page(&title(heading, view.problem), &content).render()
}
