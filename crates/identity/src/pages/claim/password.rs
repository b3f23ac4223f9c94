//! The first step: a password.

use bartizan_ui::{Emphasis, Field, Rendered, button, isolated};
use maud::html;

use super::step;
use crate::pages::{Form, Reader};
use crate::passwords::MIN_CHARS;

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
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("choose-password");
    let (login_name, new_password) = (words.say("login-name"), words.say("new-password"));
    let least = u64::try_from(MIN_CHARS).unwrap_or(u64::MAX);
    let hint = words.with("new-password-hint", &[("count", least.into())]);
    let login = Field::text("login", &login_name).autocomplete("username").value(view.login).read_only();
    let password =
        Field::password("password", &new_password, "new-password").hint(&hint).first().problem(view.problem);
    let content = html! {
        (step(reader, 1))
        h1 { (heading) }
        p .lead { (words.markup("welcome", &[], &[("who", isolated(view.who))])) }
        (view.form.holding(&html! { (login) (password) (button(&words.say("continue"), Emphasis::Primary)) }))
    };
    view.form.page(reader, &reader.title(&heading, view.problem), &content).render()
}
