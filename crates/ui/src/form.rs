//! A form, and what proves that it is ours.

use maud::{Markup, html};

/// A form that posts to this address, with the token that proves where it came from.
///
/// The browser's own checks are off: the answer says in words, under the field, what is wrong.
#[must_use]
pub fn form(action: &str, csrf: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action=(action) novalidate {
            input type="hidden" name="csrf" value=(csrf);
            (content)
        }
    }
}

/// A form that asks for another view of the same page. It changes nothing, so it needs no token, and its address says
/// what was asked.
#[must_use]
pub fn filter(action: &str, content: &Markup) -> Markup {
    html! {
        form .filter method="get" action=(action) novalidate role="search" { (content) }
    }
}

/// The same, under a name of its own: on a page with several, readers that speak tell them apart by it.
#[must_use]
pub fn named_filter(action: &str, name: &str, content: &Markup) -> Markup {
    html! {
        form .filter method="get" action=(action) novalidate role="search" aria-label=(name) { (content) }
    }
}
