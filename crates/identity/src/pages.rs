//! The pages of `auth.<domain>`. Each file is one page: a `View` with all that it shows, and `page`, a pure function
//! from the view to the document and the policy under which it is served.

pub(crate) mod account;
pub(crate) mod claim;
pub(crate) mod confirm_again;
pub(crate) mod link;
pub(crate) mod link_unusable;
pub(crate) mod problem;
pub(crate) mod recovery_code;
pub(crate) mod second_factor;
pub(crate) mod sign_in;
pub(crate) mod sign_out_confirm;
pub(crate) mod signed_out;
pub(crate) mod token;

use std::time::Duration;

use bartizan_ui::{Page, Rendered, form, person_layout, wait};
use maud::{Markup, html};

/// Where the form of a page posts, what proves that it is ours, and where the answer may lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'a> {
    /// The address that it posts to.
    pub(crate) action: &'a str,
    /// The token that comes back with it.
    pub(crate) csrf: &'a str,
    /// The origins to which the answer may redirect, such as that of the app being opened.
    pub(crate) onward: &'a [&'a str],
}

impl Form<'_> {
    /// The form around its fields.
    fn holding(&self, content: &Markup) -> Markup {
        form(self.action, self.csrf, content)
    }

    /// The document around the content of a page that this form is on.
    fn page(&self, title: &str, content: &Markup) -> Page {
        Page::new(title, person_layout(content)).posts(self.onward.iter().copied())
    }
}

/// The document around the content of a page without a form.
fn plain_page(title: &str, content: &Markup) -> Rendered {
    Page::new(title, person_layout(content)).render()
}

/// The title of a tab, which says first that something is wrong: that is what is heard first.
fn title(heading: &str, problem: Option<&str>) -> String {
    problem.map_or_else(|| heading.to_owned(), |_| format!("Not yet: {heading}"))
}

/// What a person reads who has to wait before the next try.
pub(crate) fn wait_for_next_code(left: Duration) -> String {
    format!("Too many wrong codes. Try again in {}.", wait(left, bartizan_ui::Language::English))
}

/// What helps who cannot go on, as pairs of a case and what to do in it.
fn ways_out(ways: &[(&str, &str)]) -> Markup {
    let list = html! {
        dl { @for (case, what) in ways { dt { (case) } dd { (what) } } }
    };
    bartizan_ui::disclosure("Having trouble?", &list)
}

#[cfg(test)]
mod tests;
