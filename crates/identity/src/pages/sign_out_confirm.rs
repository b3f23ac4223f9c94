//! Whether to sign out, for somebody who came by a link: a link changes nothing.

use bartizan_ui::{Emphasis, PersonState, Rendered, button, link_button, person_chip};
use maud::html;

use super::{Form, Reader};

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
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let (heading, verb) = match view.next {
        Next::SignedOut => ("sign-out", "sign-out"),
        Next::SwitchAccount => ("use-another-account", "sign-out-and-switch"),
    };
    let heading = words.say(heading);
    let content = html! {
        h1 { (heading) }
        p .lead { (words.say("you-are-signed-in-as")) }
        (person_chip(view.who, PersonState::Active, reader.language()))
        p { (words.say("sign-out-closes")) }
        div .choices {
            (view.form.holding(&button(&words.say(verb), Emphasis::Primary)))
            (link_button(&words.say("stay-signed-in"), view.back_url, Emphasis::Secondary))
        }
    };
    view.form.page(reader, &heading, &content).render()
}
