//! Something to know before going on, and something to unfold.

use maud::{Markup, html};

use crate::{Icon, icon};

/// What kind of news it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Info,
    /// It worked.
    Done,
    /// Look out.
    Warning,
    /// It did not work.
    Failure,
}

/// A short text that stands out. A failure is spoken at once.
#[must_use]
pub fn notice(tone: Tone, text: &Markup) -> Markup {
    let (class, picture, role) = match tone {
        Tone::Info => ("notice", Icon::Info, "status"),
        Tone::Done => ("notice permit", Icon::Permit, "status"),
        Tone::Warning => ("notice step", Icon::Warning, "status"),
        Tone::Failure => ("notice deny", Icon::Deny, "alert"),
    };
    html! { div class=(class) role=(role) { (icon(picture)) div { (text) } } }
}

/// A question that unfolds its answer, without a script.
#[must_use]
pub fn disclosure(summary: &str, content: &Markup) -> Markup {
    html! {
        details .disclosure { summary { (summary) } div { (content) } }
    }
}
