//! Fields for texts of many lines, and the editor that a script makes of one.

use maud::{Markup, Render, html};

use crate::texts::words;
use crate::{Icon, Language, icon};

/// A field for a text of many lines, in which what was typed stays.
#[must_use]
pub fn text_area(name: &str, label: &str, text: &str, hint: &str) -> Markup {
    html! {
        div .field {
            label for=(name) { (label) }
            textarea id=(name) name=(name) rows=(rows(text, FEW)) spellcheck="false" autocapitalize="none" autocorrect="off"
                autocomplete="off" aria-describedby={ (name) "-hint" } { "\n" (text) }
            p .hint id={ (name) "-hint" } { (hint) }
        }
    }
}

/// Something found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is, in words, if it is in this text.
    pub place: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would mend it.
    pub help: Option<String>,
}

/// The field of a policy's text. On a page that [edits](crate::Page::edits) a script shows what is written in its colours
/// and asks while somebody types; without one it is a field like others.
#[derive(Debug, Clone)]
pub struct Editor<'a> {
    /// The language of who reads the page.
    pub language: Language,
    /// The name of the field.
    pub name: &'a str,
    /// What it is called.
    pub label: &'a str,
    /// What stands in it.
    pub text: &'a str,
    /// What helps to fill it in.
    pub hint: &'a str,
    /// Where what is typed is looked at.
    pub check: &'a str,
    /// What came of the last look: a sentence, and what was found.
    pub said: Option<(&'a str, &'a [Found])>,
}

impl Editor<'_> {
    /// What was found, to stand where it moves nothing that somebody is about to press.
    #[must_use]
    pub fn found(&self) -> Markup {
        let (_, found) = self.said.unwrap_or_default();
        html! {
            div .room {
                ul .found id={ (self.name) "-found" } hidden[found.is_empty()] {
                    @for found in found {
                        li {
                            (icon(Icon::Warning))
                            span {
                                @if let Some(place) = &found.place { strong { (place) } " " }
                                (found.message)
                                @if let Some(help) = &found.help { " · " (help) }
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Render for Editor<'_> {
    fn render(&self) -> Markup {
        let (words, name) = (words(self.language), self.name);
        let (said, found) = self.said.unwrap_or_default();
        // What is known to be wrong is looked at again at once, so that it is shown where it is.
        let look = (!found.is_empty()).then_some("");
        html! {
            div .field {
                label for=(name) { (self.label) }
                // A line break right after the tag is the browser's to drop (HTML, 13.1.2.5).
                textarea id=(name) name=(name) rows=(rows(self.text, MANY)) spellcheck="false" autocapitalize="none" autocorrect="off"
                    autocomplete="off" aria-describedby={ (name) "-hint" } data-edits=(self.check) data-look=[look]
                    data-said={ (name) "-said" } data-found={ (name) "-found" } data-checking=(words.say("editor-checking"))
                    data-unchecked=(words.say("editor-unchecked")) data-control=(words.say("editor-control")) { "\n" (self.text) }
                p .hint id={ (name) "-hint" } { (self.hint) }
                p .hint data-scripted hidden { (words.say("editor-keys")) }
            }
            p .said role="status" id={ (name) "-said" } { (said) }
        }
    }
}

fn rows(text: &str, least: usize) -> usize {
    text.lines().count().clamp(least, MOST) + 2
}

/// 4 lines of what is written beside something else.
const FEW: usize = 4;

/// 14 lines of what a page is about: a policy with its conditions, and room to go on.
const MANY: usize = 14;

/// 40 lines fill a window; more of them scroll.
const MOST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_written_stays_a_text() {
        let found = [Found { place: None, message: String::from("no <such>"), help: None }];
        let editor = Editor {
            language: Language::English,
            name: "text",
            label: "Text",
            text: "\n</textarea><script>",
            hint: "Hint",
            check: "/check",
            said: Some(("1 mistake", &found)),
        };
        let html = html! { (editor) (editor.found()) }.into_string();
        assert!(html.contains(">\n\n&lt;/textarea&gt;&lt;script&gt;</textarea>"), "{html}");
        assert!(html.contains("no &lt;such&gt;") && html.contains("data-look"), "{html}");
        let html = Editor { said: None, ..editor }.render().into_string();
        assert!(!html.contains("data-look"), "{html}");
    }
}
