//! A password for who is signed in, perhaps in the place of one.

use bartizan_ui::{Emphasis, Field, Rendered, Tone, button, notice};
use maud::html;

use super::{Form, Reader};
use crate::passwords::MIN_CHARS;

/// Whether there is a password already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Now {
    /// There is one.
    Set,
    /// There is none.
    None,
}

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `password`. It sends `login` along, for password managers; that is not read.
    pub(crate) form: Form<'a>,
    /// Whether it takes the place of another.
    pub(crate) now: Now,
    /// Their login name.
    pub(crate) login: &'a str,
    /// What is wrong with the password that was sent.
    pub(crate) problem: Option<&'a str>,
}

/// Asks for it.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say(if view.now == Now::Set { "change-password" } else { "set-password" });
    let (login_name, new_password) = (words.say("login-name"), words.say("new-password"));
    let least = u64::try_from(MIN_CHARS).unwrap_or(u64::MAX);
    let hint = words.with("new-password-hint", &[("count", least.into())]);
    let login = Field::text("login", &login_name).autocomplete("username").value(view.login).read_only();
    let password = Field::password("password", &new_password, "new-password").hint(&hint).first();
    let password = password.problem(view.problem);
    let content = html! {
        h1 { (heading) }
        p .lead { (words.say("set-password-how")) }
        @if view.now == Now::Set { (notice(Tone::Warning, &html! { (words.say("change-password-ends")) })) }
        (view.form.holding(&html! { (login) (password) (button(&heading, Emphasis::Primary)) }))
        p { a href="/" { (words.say("back-to-account")) } }
    };
    view.form.page(reader, &reader.title(&heading, view.problem), &content).render()
}
