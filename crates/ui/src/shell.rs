//! The frame of the console: a rail of places, a bar on top. On a narrow screen the rail unfolds from the bar.

use maud::{Markup, html};

use crate::texts::words;
use crate::{Icon, Language, PersonState, icon, mark, person_chip};

/// A place in the rail.
#[derive(Debug, Clone)]
pub struct ShellLink<'a> {
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: &'a str,
    /// The letter that leads there after `g`.
    pub key: &'a str,
}

/// How far behind the last change the enforcement points are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lag {
    /// All have applied it.
    None,
    /// Some have not.
    Behind,
}

/// The frame of the console.
#[derive(Debug, Clone)]
pub struct Shell<'a> {
    /// The language of who reads it.
    pub language: Language,
    /// The places, in groups.
    pub places: Vec<Vec<ShellLink<'a>>>,
    /// The address of the place that is shown.
    pub here: &'a str,
    /// The revision of the store.
    pub revision: u64,
    /// Whether the points have applied it.
    pub lag: Lag,
    /// Who is signed in.
    pub person: &'a str,
    /// Where they see to their own account.
    pub account_url: &'a str,
}

impl Shell<'_> {
    /// The frame around a page.
    #[must_use]
    pub fn markup(&self, title: &str, content: &Markup) -> Markup {
        let words = words(self.language);
        let revision = self.revision.to_string();
        html! {
            a .skip href="#main" { (words.say("skip")) }
            div .shell {
                aside .rail { div .brand { (mark()) span { "Bartizan" } } (self.rail()) }
                header .bar {
                    details .sheet { summary { (icon(Icon::Menu)) (words.say("menu")) } (self.rail()) }
                    (self.find())
                    span .revision {
                        @match self.lag {
                            Lag::None => span .dot.permit { (words.say("up-to-date")) },
                            Lag::Behind => span .dot.step { (words.say("catching-up")) },
                        }
                        span { (words.with("revision", &[("revision", (&revision).into())])) }
                    }
                    a .me href=(self.account_url) { (person_chip(self.person, PersonState::Active, self.language)) }
                }
                main #main { h1 { (title) } (content) }
                (self.keys())
            }
        }
    }

    /// The search. It leads to a page; with a script, what is found stands below it while somebody types.
    fn find(&self) -> Markup {
        let words = words(self.language);
        html! {
            form .find method="get" action="/find" role="search" aria-label=(words.say("find")) autocomplete="off" {
                label .unseen for="find" { (words.say("find")) }
                input #find type="search" name="q" placeholder=(words.say("find")) maxlength="200" title="Ctrl-K";
                ul #found role="listbox" aria-label=(words.say("found")) hidden {}
            }
        }
    }

    /// What the keys do.
    fn keys(&self) -> Markup {
        let words = words(self.language);
        let keys = [("Ctrl-K", "key-find"), ("/", "key-search"), ("j, k", "key-rows"), ("?", "key-help")];
        html! {
            dialog .keys aria-label=(words.say("keys")) {
                form method="dialog" {
                    h2 { (words.say("keys")) }
                    dl {
                        @for (key, what) in keys { dt { kbd { (key) } } dd { (words.say(what)) } }
                        @for place in self.places.iter().flatten() { dt { kbd { "g " (place.key) } } dd { (place.name) } }
                    }
                    button type="submit" .button { (words.say("close")) }
                }
            }
        }
    }

    /// The places. Rendered twice, because of the two only one is ever displayed.
    fn rail(&self) -> Markup {
        html! {
            nav aria-label=(words(self.language).say("rail")) {
                @for group in &self.places {
                    ul {
                        @for place in group {
                            li { a href=(place.url) data-key=(place.key) aria-current=[(place.url == self.here).then_some("page")] { (place.name) } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
