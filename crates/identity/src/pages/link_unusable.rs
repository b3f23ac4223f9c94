//! A link that cannot be used, and what to do next. It does not say whether the link was ever good.

use bartizan_ui::{Emphasis, Rendered, link_button};
use maud::html;

use super::plain_page;

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
    /// Where one signs in without it.
    pub(crate) sign_in_url: &'a str,
}

/// Says what to do next.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let (heading, detail, next) = match view.kind {
        Kind::SignIn => (
            "This link cannot be used",
            "It has been used already, or its time has run out.",
            "Sign in with your password, or ask your administrator for a new link.",
        ),
        Kind::Invitation => (
            "This invitation cannot be used",
            "It has been used already, or its time has run out.",
            "If you have set up your account, sign in. If not, ask your administrator for a new invitation.",
        ),
    };
    let content = html! {
        h1 { (heading) }
        p .lead { (detail) }
        p { (next) }
        (link_button("Sign in", view.sign_in_url, Emphasis::Primary))
    };
    plain_page(heading, &content)
}
