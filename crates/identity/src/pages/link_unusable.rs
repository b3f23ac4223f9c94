//! A link that cannot be used, and what to do next. It does not say whether the link was ever good.

use bartizan_ui::{Emphasis, Rendered, link_button};
use maud::html;

use super::Reader;

/// What kind of link it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It would have signed somebody in.
    SignIn,
    /// It would have made an account.
    Invitation,
}

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// What kind of link it was.
    pub(crate) kind: Kind,
    /// The address of this page.
    pub(crate) here: &'a str,
    /// Where one signs in without it.
    pub(crate) sign_in_url: &'a str,
}

/// Says what to do next.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let (heading, detail, next) = match view.kind {
        Kind::SignIn => ("link-unusable", "link-used-or-over", "link-unusable-do"),
        Kind::Invitation => ("invitation-unusable", "invitation-used-or-over", "invitation-unusable-do"),
    };
    let heading = words.say(heading);
    let content = html! {
        h1 { (heading) }
        p .lead { (words.say(detail)) }
        p { (words.say(next)) }
        (link_button(&words.say("sign-in"), view.sign_in_url, Emphasis::Primary))
    };
    reader.person_page(Some(view.here), &heading, &content).render()
}
