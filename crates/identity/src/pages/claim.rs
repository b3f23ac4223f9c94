//! An invitation is claimed in three steps: a password, an authenticator, and codes for when that is lost.

pub(crate) mod authenticator;
pub(crate) mod password;
pub(crate) mod recovery_codes;

use maud::{Markup, html};

use super::Reader;

/// Where in the flow a page stands.
fn step(reader: Reader, number: u64) -> Markup {
    html! { p .eyebrow { (reader.words.with("step", &[("number", number.into()), ("of", STEPS.into())])) } }
}

const STEPS: u64 = 3;
