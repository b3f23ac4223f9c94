//! Login name and password.

use bartizan_ui::{Emphasis, Field, Rendered, button};
use maud::html;

use super::{Form, title, ways_out};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `login` and `password`.
    pub(crate) form: Form<'a>,
    /// The app that is being opened.
    pub(crate) app: Option<&'a str>,
    /// The login name, if it is known.
    pub(crate) login: &'a str,
    /// What was wrong with the last try.
    pub(crate) problem: Option<&'a str>,
}

/// Asks who is there.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let heading = view.app.map_or_else(|| "Sign in".to_owned(), |app| format!("Sign in to open {app}"));
    let login = Field::text("login", "Login name").autocomplete("username").value(view.login);
    let password = Field::password("password", "Password", "current-password").problem(view.problem);
    // The cursor waits in the first field that is still empty; one with a problem has it already.
    let (login, password) = match (view.problem, view.login) {
        (Some(_), _) => (login, password),
        (None, "") => (login.first(), password),
        (None, _) => (login, password.first()),
    };
    let content = html! {
        h1 { (heading) }
        (view.form.holding(&html! { (login) (password) (button("Sign in", Emphasis::Primary)) }))
        (ways_out(&[
            ("You forgot your password", "Ask your administrator for a sign-in link."),
            ("You are new, or your invitation has run out", "Ask your administrator for a new invitation."),
            ("You lost your authenticator", "Sign in with your password. The next page takes a recovery code instead."),
        ]))
    };
    view.form.page(&title(&heading, view.problem), &content).render()
}
