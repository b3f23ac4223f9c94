//! How a decision came out, everywhere in the same icon, word and colour.

use maud::{Markup, html};

use crate::texts::words;
use crate::{Icon, Language, icon};

/// How a decision came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was permitted.
    Permit,
    /// It would be, after a stronger sign-in.
    StepUp,
    /// It was denied.
    Deny,
    /// It was ended while it was under way.
    Cut,
}

impl Outcome {
    /// The word for it.
    #[must_use]
    pub fn word(self, language: Language) -> String {
        words(language).say(match self {
            Self::Permit => "outcome-permit",
            Self::StepUp => "outcome-step-up",
            Self::Deny => "outcome-deny",
            Self::Cut => "outcome-cut",
        })
    }

    /// The icon for it.
    #[must_use]
    pub const fn icon(self) -> Icon {
        match self {
            Self::Permit => Icon::Permit,
            Self::StepUp => Icon::StepUp,
            Self::Deny => Icon::Deny,
            Self::Cut => Icon::Cut,
        }
    }

    /// The class that carries its colour.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::StepUp => "step",
            Self::Deny => "deny",
            Self::Cut => "cut",
        }
    }
}

/// An outcome; the reason code shows when the pointer rests on it.
#[must_use]
pub fn outcome_badge(outcome: Outcome, reason: Option<&str>, language: Language) -> Markup {
    html! {
        span class={ "badge " (outcome.class()) } title=[reason] { (icon(outcome.icon())) (outcome.word(language)) }
    }
}
