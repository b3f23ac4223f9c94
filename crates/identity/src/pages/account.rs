//! What a signed-in person sees of their own account.

use bartizan_model::Timestamp;
use bartizan_ui::{
    Emphasis, Field, Icon, Page, PersonState, Rendered, Tone, account_layout, button, form, icon, notice,
    person_chip, time,
};
use maud::{Markup, html};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// The token that comes back with each form.
    pub(crate) csrf: &'a str,
    /// What was just done, in a sentence.
    pub(crate) done: Option<&'a str>,
    /// The name of the person.
    pub(crate) name: &'a str,
    /// Their login name.
    pub(crate) login: &'a str,
    /// Their sessions, the newest first.
    pub(crate) sessions: &'a [Session<'a>],
    /// How many recovery codes are unused; `None` if they have no second factor.
    pub(crate) recovery_codes: Option<usize>,
    /// Makes new recovery codes.
    pub(crate) new_codes_action: &'a str,
    /// Makes a token; takes `app`.
    pub(crate) token_action: &'a str,
    /// Ends this session.
    pub(crate) sign_out_action: &'a str,
    /// Ends all sessions.
    pub(crate) sign_out_everywhere_action: &'a str,
    /// Now.
    pub(crate) now: Timestamp,
}

/// A session of the person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session<'a> {
    /// When it began.
    pub(crate) began: Timestamp,
    /// Where from, if that is known: an address, or words for a browser.
    pub(crate) from: Option<&'a str>,
    /// Whether it is the one that looks at the page.
    pub(crate) which: Which,
    /// Ends it.
    pub(crate) end_action: &'a str,
}

/// Whose eyes a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The one that looks at the page.
    This,
    /// Another.
    Other,
}

/// Shows the account.
pub(crate) fn page(view: &View<'_>) -> Rendered {
    let content = html! {
        h1 { "Your account" }
        @if let Some(done) = view.done { (notice(Tone::Done, &html! { (done) })) }
        div .row.apart {
            div .row {
                (person_chip(view.name, PersonState::Active, bartizan_ui::Language::English))
                span .muted { (view.login) }
            }
            (form(view.sign_out_action, view.csrf, &button("Sign out", Emphasis::Secondary)))
        }
        (sessions(view))
        @if let Some(left) = view.recovery_codes { (recovery_codes(view, left)) }
        (tokens(view))
    };
    Page::new("Your account", account_layout(&content)).posts([]).render()
}

/// Where the person is signed in, with a button for each place.
fn sessions(view: &View<'_>) -> Markup {
    html! {
        section {
            h2 { "Where you are signed in" }
            ul .things {
                @for session in view.sessions { (row(view, session)) }
            }
            @if view.sessions.len() > 1 {
                (form(
                    view.sign_out_everywhere_action,
                    view.csrf,
                    &button("Sign out everywhere", Emphasis::Danger),
                ))
            }
        }
    }
}

fn row(view: &View<'_>, session: &Session<'_>) -> Markup {
    html! {
        li {
            (icon(Icon::Device))
            div {
                p {
                    (session.from.unwrap_or("Unknown place"))
                    @if session.which == Which::This { span .badge { (icon(Icon::Permit)) "This one" } }
                }
                p .small.muted {
                    "Signed in " (time(&session.began.to_string(), view.now.since(session.began), bartizan_ui::Language::English))
                }
            }
            @if session.which == Which::Other {
                (form(session.end_action, view.csrf, &button("End", Emphasis::Secondary)))
            }
        }
    }
}

/// How many codes are left, and a way to more.
fn recovery_codes(view: &View<'_>, left: usize) -> Markup {
    let count = match left {
        0 => "You have no recovery codes left. Without your authenticator you could not sign in.".to_owned(),
        1 => "You have 1 recovery code left.".to_owned(),
        more => format!("You have {more} recovery codes left."),
    };
    html! {
        section {
            h2 { "Recovery codes" }
            @if left < FEW { (notice(Tone::Warning, &html! { (count) })) } @else { p { (count) } }
            (form(view.new_codes_action, view.csrf, &button("Make new codes", Emphasis::Secondary)))
            p .small.muted { "Making new codes ends the ones that you have." }
        }
    }
}

/// A way to a token.
fn tokens(view: &View<'_>) -> Markup {
    let content = html! {
        (Field::text("app", "App").value("console").hint("The console, for the bartizan command; or an app that you can open."))
        (button("Make a token", Emphasis::Secondary))
    };
    html! {
        section {
            h2 { "Commands and scripts" }
            (form(view.token_action, view.csrf, &content))
            p .small.muted { "A token stands for this sign-in where there is no browser. It ends with it." }
        }
    }
}

/// Fewer than this many codes are worth a warning: two lost phones.
const FEW: usize = 3;
