//! After signing out.

use bartizan_ui::{Emphasis, Rendered, link_button};
use maud::html;

use super::plain_page;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Where one signs in again.
    pub(crate) sign_in_url: &'a str,
}

/// Says that it is done.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let content = html! {
        h1 { "You are signed out" }
        p .lead { "Every app that you opened from this browser is closed to it now." }
        (link_button("Sign in again", view.sign_in_url, Emphasis::Secondary))
    };
    plain_page("You are signed out", &content)
}
