//! How a page for a person is laid out: one column, the mark, one way forward.

use maud::{Markup, html};

use crate::{Outcome, icon, isolated, mark};

/// A page where a person does something: a column of 400 px. `foot` stands under it.
#[must_use]
pub fn person_layout(content: &Markup, foot: &Markup) -> Markup {
    column("column", content, foot)
}

/// A page where a person looks after what is theirs: a column of 560 px. `foot` stands under it.
#[must_use]
pub fn account_layout(content: &Markup, foot: &Markup) -> Markup {
    column("column wide", content, foot)
}

/// A page that stops a person: what happened stands first, in its colour, with its icon.
///
/// `app` is what they wanted to open, if that is known.
#[must_use]
pub fn denial_layout(outcome: Outcome, app: Option<&str>, title: &str, content: &Markup) -> Markup {
    column(
        "column wide",
        &html! {
            div class={ "stop " (outcome.class()) } { (icon(outcome.icon())) }
            @if let Some(app) = app { p .eyebrow { (isolated(app)) } }
            h1 { (title) }
            (content)
        },
        &html! {},
    )
}

fn column(class: &str, content: &Markup, foot: &Markup) -> Markup {
    html! {
        div class=(class) {
            header .brand { (mark()) span { "Bartizan" } }
            main .card { (content) }
            (foot)
        }
    }
}
