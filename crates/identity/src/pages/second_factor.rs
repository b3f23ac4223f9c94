//! The code of an authenticator app.

use bartizan_ui::{Emphasis, Field, Rendered, button};
use maud::html;

use super::{Form, title, ways_out};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `code`.
    pub(crate) form: Form<'a>,
    /// Who is signing in.
    pub(crate) who: &'a str,
    /// What was wrong with the last code, or how long to wait: [`super::wait_for_next_code`].
    pub(crate) problem: Option<&'a str>,
    /// Where a recovery code is taken instead.
    pub(crate) recovery_url: &'a str,
}

/// Asks for the second proof.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let heading = "Enter the code from your authenticator";
    let code = Field::digits("code", "6-digit code", 6).first().problem(view.problem);
    let content = html! {
        h1 { (heading) }
        p .lead { "You are signing in as " (view.who) "." }
        (view.form.holding(&html! { (code) (button("Continue", Emphasis::Primary)) }))
        p { a href=(view.recovery_url) { "Use a recovery code" } }
        (ways_out(&[
            ("Every code is refused", "Codes depend on the time. Set the clock of your phone to automatic."),
            ("You have neither authenticator nor recovery codes", "Ask your administrator for a new invitation."),
        ]))
    };
    view.form.page(&title(heading, view.problem), &content).render()
}
