//! Asking before a change: its effect first, then one button that makes it.

use bartizan_ui::{Emphasis, Rendered, button, form};
use maud::{Markup, html};

use super::frame::Frame;

/// A change that is asked about before it is made.
#[derive(Debug)]
pub(super) struct Confirm<'a> {
    pub(super) title: &'a str,
    /// What would happen.
    pub(super) effect: &'a Markup,
    pub(super) action: &'a str,
    pub(super) fields: &'a [(&'a str, &'a str)],
    pub(super) verb: &'a str,
    /// Where nothing happens.
    pub(super) back: &'a str,
    pub(super) emphasis: Emphasis,
}

/// Shows the effect of a change, and has one button that makes it.
pub(super) fn confirm(frame: &Frame, here: &str, asked: &Confirm<'_>) -> Rendered {
    let fields = html! {
        @for (name, value) in asked.fields.iter().filter(|(_, value)| !value.is_empty()) {
            input type="hidden" name=(name) value=(value);
        }
        div .row {
            (button(asked.verb, asked.emphasis))
            a href=(asked.back) { (frame.words.say("confirm-leave")) }
        }
    };
    let content = html! {
        div .panel { (asked.effect) (form(asked.action, &frame.csrf, &fields)) }
    };
    frame.page(here, asked.title, &content)
}
