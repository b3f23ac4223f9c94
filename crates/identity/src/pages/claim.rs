//! An invitation is claimed in three steps: a password, an authenticator, and codes for when that is lost.

pub(crate) mod authenticator;
pub(crate) mod password;
pub(crate) mod recovery_codes;

use maud::{Markup, html};

/// Where in the flow a page stands.
fn step(number: u8) -> Markup {
    html! { p .eyebrow { "Step " (number) " of 3" } }
}
