//! A recovery code, in the place of an authenticator's.

use bartizan_ui::{Emphasis, Field, Rendered, button};
use maud::html;

use super::{Form, title, ways_out};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `recovery_code`.
    pub(crate) form: Form<'a>,
    /// Who is signing in.
    pub(crate) who: &'a str,
    /// What was wrong with the last code, or how long to wait: [`super::wait_for_next_code`].
    pub(crate) problem: Option<&'a str>,
    /// Where the code of an authenticator is taken.
    pub(crate) authenticator_url: &'a str,
}

/// Asks for a recovery code.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let heading = "Enter a recovery code";
    let code = Field::text("recovery_code", "Recovery code")
        .hint("One of the codes that you kept when you set up your account. Each works once.")
        .first()
        .problem(view.problem);
    let content = html! {
        h1 { (heading) }
        p .lead { "You are signing in as " (view.who) "." }
        (view.form.holding(&html! { (code) (button("Continue", Emphasis::Primary)) }))
        p { a href=(view.authenticator_url) { "Use your authenticator" } }
        (ways_out(&[("You have no codes left", "Ask your administrator for a new invitation.")]))
    };
    view.form.page(&title(heading, view.problem), &content).render()
}
