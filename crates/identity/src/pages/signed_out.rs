//! After signing out.

use bartizan_ui::{Emphasis, Rendered, link_button};
use maud::html;

use super::Reader;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// The address of this page.
    pub(crate) here: &'a str,
    /// Where one signs in again.
    pub(crate) sign_in_url: &'a str,
}

/// Says that it is done.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("signed-out");
    let content = html! {
        h1 { (heading) }
        p .lead { (words.say("signed-out-closed")) }
        (link_button(&words.say("sign-in-again"), view.sign_in_url, Emphasis::Secondary))
    };
    reader.person_page(Some(view.here), &heading, &content).render()
}
