//! How a page for a person is laid out: one column, the mark, one way forward.

use maud::{Markup, html};

use crate::texts::words;
use crate::{Language, Outcome, icon, isolated, mark};

/// A page where a person does something: a column of 400 px. `foot` stands under it.
#[must_use]
pub fn person_layout(content: &Markup, foot: &Markup) -> Markup {
    column("column", content, foot)
}

/// The pages where a person looks after what is theirs, on two hosts.
#[derive(Debug, Clone, Copy)]
pub struct Home<'a> {
    /// The language of who reads it.
    pub language: Language,
    /// Where their apps and what they did are: an origin.
    pub portal: &'a str,
    /// Where their sign-ins are: an origin.
    pub account: &'a str,
    /// Which of the pages is shown.
    pub here: HomePlace,
}

/// One of those pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HomePlace {
    /// What they may open.
    Apps,
    /// What they did lately.
    Activity,
    /// Their sign-ins, and what they sign in with.
    Account,
}

impl Home<'_> {
    /// The frame around a page: a column of 640 px, with the others above it. `foot` stands under it.
    #[must_use]
    pub fn markup(&self, content: &Markup, foot: &Markup) -> Markup {
        let words = words(self.language);
        let places = [
            (HomePlace::Apps, "home-apps", self.portal, "/"),
            (HomePlace::Activity, "home-activity", self.portal, "/activity"),
            (HomePlace::Account, "home-account", self.account, "/"),
        ];
        html! {
            div .column.home {
                header .brand { (mark()) span { "Bartizan" } }
                nav .tabs aria-label=(words.say("home")) {
                    @for (place, name, origin, path) in places {
                        a href={ (origin) (path) } aria-current=[(place == self.here).then_some("page")] { (words.say(name)) }
                    }
                }
                main .card { (content) }
                (foot)
            }
        }
    }
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
