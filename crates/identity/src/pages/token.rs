//! A token for commands and scripts: shown once.

use bartizan_ui::{Emphasis, Page, Rendered, account_layout, link_button, secret_text};
use maud::html;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// The app that it is good at.
    pub(crate) app: &'a str,
    /// The token.
    pub(crate) token: &'a str,
}

/// Shows the token.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let heading = format!("A token for {}", view.app);
    let content = html! {
        h1 { (heading) }
        p .lead { "It stands for your sign-in at " (view.app) ", and ends with it. It is shown this once." }
        (secret_text(view.token, bartizan_ui::Language::English))
        p { "Keep it in a file that only you can read, and name the file to the command:" }
        p { code { "bartizan --token-file FILE …" } }
        p .small.muted {
            "Other programs send it in the header " code { "Bartizan-Token" } ". Whoever has it can act as you: sign out, and it stops working."
        }
        (link_button("Back to your account", "/", Emphasis::Secondary))
    };
    Page::new(heading.as_str(), account_layout(&content)).copies().render()
}
