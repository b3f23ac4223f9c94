//! The first step: a passkey, which is all it takes, or a password.

use bartizan_ui::{Asking, Emphasis, Field, Rendered, Tone, button, isolated, notice};
use maud::html;

use super::step;
use crate::pages::{Form, Passkey, Reader, Shape, or};
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
    /// The way by a passkey.
    pub(crate) passkey: Option<Passkey<'a>>,
    /// What is wrong with the passkey that was made.
    pub(crate) passkey_problem: Option<&'a str>,
}

/// Asks for a password.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let (login_name, new_password) = (words.say("login-name"), words.say("new-password"));
    let least = u64::try_from(MIN_CHARS).unwrap_or(u64::MAX);
    let hint = words.with("new-password-hint", &[("count", least.into())]);
    let login = Field::text("login", &login_name).autocomplete("username").value(view.login).read_only();
    let password = Field::password("password", &new_password, "new-password").hint(&hint);
    // Where a passkey stands first, the cursor does not jump over it.
    let password = if view.passkey.is_none() { password.first() } else { password };
    let password = password.problem(view.problem);
    let who = || [("who", isolated(view.who))];
    let by_password = |emphasis| {
        view.form.holding(&html! { (login) (password) (button(&words.say("continue"), emphasis)) })
    };
    let problem = view.problem.or(view.passkey_problem);
    let Some(passkey) = view.passkey else {
        let heading = words.say("choose-password");
        let content = html! {
            (step(reader, 1))
            h1 { (heading) }
            p .lead { (words.markup("welcome", &[], &who())) }
            (by_password(Emphasis::Primary))
        };
        return view.form.page(reader, &reader.title(&heading, problem), &content).render();
    };
    let heading = words.say("set-up-account");
    let again = Some(view.form.action);
    let shape = Shape { button: "passkey-make", emphasis: Emphasis::Primary, when: Asking::Pressed, again };
    let content = html! {
        h1 { (heading) }
        p .lead { (words.markup("welcome-passkey", &[], &who())) }
        @if let Some(problem) = view.passkey_problem { (notice(Tone::Failure, &html! { (problem) })) }
        div .stack data-passkeys {
            div .stack hidden data-needs-script {
                (passkey.form(reader, view.form.csrf, shape, &html! {}))
                p .small.muted { (words.say("passkey-what")) }
            }
            (or(reader))
            h2 { (words.say("with-password")) }
            (by_password(Emphasis::Secondary))
        }
    };
    view.form.page(reader, &reader.title(&heading, problem), &content).asks_for_passkeys().render()
}
