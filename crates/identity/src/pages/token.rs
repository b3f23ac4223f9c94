//! A token for commands and scripts: shown once.

use bartizan_ui::{Emphasis, Rendered, isolated, link_button, secret_text};
use maud::html;

use super::{Homes, Reader};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// The other pages of the person.
    pub(crate) home: Homes<'a>,
    /// The app that it is good at.
    pub(crate) app: &'a str,
    /// The token.
    pub(crate) token: &'a str,
}

/// Shows the token.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.with("token-for", &[("app", view.app.into())]);
    let app = || [("app", isolated(view.app))];
    let header = html! { code { "Bartizan-Token" } };
    let content = html! {
        h1 { (words.markup("token-for", &[], &app())) }
        p .lead { (words.markup("token-stands-for", &[], &app())) }
        (secret_text(view.token, reader.language()))
        p { (words.say("token-keep")) }
        p { code { bdi { "bartizan --token-file " (words.say("token-file")) " …" } } }
        p .small.muted {
            (words.markup("token-header", &[], &[("header", header)]))
        }
        (link_button(&words.say("back-to-account"), "/", Emphasis::Secondary))
    };
    reader.account_page(view.home, None, &heading, &content).copies().render()
}
