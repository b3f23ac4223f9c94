//! Whether to sign out, for somebody who came by a link: a link changes nothing.

use bartizan_ui::{Emphasis, PersonState, Rendered, button, link_button, person_chip};
use maud::html;

use super::Form;

/// What follows signing out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing.
    SignedOut,
    /// Signing in as somebody else.
    SwitchAccount,
}

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes nothing but the press of the button.
    pub(crate) form: Form<'a>,
    /// Who is signed in.
    pub(crate) who: &'a str,
    /// What follows.
    pub(crate) next: Next,
    /// Where somebody goes who stays.
    pub(crate) back_url: &'a str,
}

/// Asks whether to sign out.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let (heading, verb) = match view.next {
        Next::SignedOut => ("Sign out", "Sign out"),
        Next::SwitchAccount => ("Use another account", "Sign out and use another account"),
    };
    let content = html! {
        h1 { (heading) }
        p .lead { "You are signed in as" }
        (person_chip(view.who, PersonState::Active, bartizan_ui::Language::English))
        p { "Signing out closes every app that you opened from this browser." }
        div .choices {
            (view.form.holding(&button(verb, Emphasis::Primary)))
            (link_button("Stay signed in", view.back_url, Emphasis::Secondary))
        }
    };
    view.form.page(heading, &content).render()
}
