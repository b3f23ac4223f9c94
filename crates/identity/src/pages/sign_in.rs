//! Login name and password.

use bartizan_ui::{Emphasis, Field, Rendered, button, isolated};
use maud::html;

use super::{Form, Reader};

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
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let sign_in = words.say("sign-in");
    let (heading, shown) = match view.app {
        Some(app) => (
            words.with("sign-in-to-open", &[("app", app.into())]),
            words.markup("sign-in-to-open", &[], &[("app", isolated(app))]),
        ),
        None => (sign_in.clone(), html! { (sign_in) }),
    };
    let (login_name, password) = (words.say("login-name"), words.say("password"));
    let login = Field::text("login", &login_name).autocomplete("username").value(view.login);
    let password = Field::password("password", &password, "current-password").problem(view.problem);
    // The cursor waits in the first field that is still empty; one with a problem has it already.
    let (login, password) = match (view.problem, view.login) {
        (Some(_), _) => (login, password),
        (None, "") => (login.first(), password),
        (None, _) => (login, password.first()),
    };
    let content = html! {
        h1 { (shown) }
        (view.form.holding(&html! { (login) (password) (button(&sign_in, Emphasis::Primary)) }))
        (reader.ways_out(&[
            ("forgot-password", "forgot-password-do"),
            ("new-here", "ask-for-invitation"),
            ("lost-authenticator", "lost-authenticator-do"),
        ]))
    };
    view.form.page(reader, &reader.title(&heading, view.problem), &content).render()
}
