//! Two who change one policy at a time: what the other one made of it, beside what was meant here.

use bartizan_ui::{Tone, diff, notice};
use maud::{Markup, html};

use super::Editing;
use crate::api::objects::Shown as Object;
use crate::console::frame::Frame;
use crate::console::policies::text_of;
use crate::console::words::when;

/// What became of a policy after it was read.
#[derive(Debug)]
pub(in crate::console) struct Clash {
    /// What was read; nothing if that is too long ago, or if there was nothing.
    was: Option<String>,
    theirs: Object,
}

impl Clash {
    /// Of the changes of a policy, newest first, those that the author of a text did not know.
    pub(super) fn of(editing: &Editing, changes: &[Object]) -> Option<Self> {
        let theirs = changes.first()?.clone();
        let was = changes.iter().find(|change| Some(change.revision) == editing.read);
        Some(Self { was: was.map(|was| text_of(was).to_owned()), theirs })
    }

    /// Whether the policy is there still.
    pub(super) const fn is_there(&self) -> bool {
        self.theirs.spec.is_some()
    }

    /// What they did, what was meant, and which ways there are.
    pub(super) fn markup(&self, frame: &Frame, mine: &str) -> Markup {
        let (words, theirs) = (frame.words, text_of(&self.theirs));
        let revision = self.theirs.revision.to_string();
        let said = words.markup(
            if self.is_there() { "clash-changed" } else { "clash-deleted" },
            &[("revision", (&revision).into())],
            &[("author", html! { bdi { (self.theirs.author) } }), ("when", when(frame, self.theirs.time))],
        );
        let ways = html! { strong { (words.say("clash")) } p { (said) } p { (words.say("clash-ways")) } };
        html! {
            (notice(Tone::Failure, &ways))
            @if let Some(was) = &self.was {
                div .two {
                    section { h2 { (words.say("clash-theirs")) } (diff(&words.say("clash-theirs"), was, theirs, words.language())) }
                    section { h2 { (words.say("clash-mine")) } (diff(&words.say("clash-mine"), was, mine, words.language())) }
                }
            }
            section { h2 { (words.say("clash-over")) } (diff(&words.say("clash-over"), theirs, mine, words.language())) }
        }
    }
}
