//! What a signed-in person sees of their own account.

use bartizan_model::Timestamp;
use bartizan_ui::{
    Emphasis, Field, Icon, PersonState, Rendered, Tone, button, form, icon, isolated, notice, person_chip,
    time,
};
use maud::{Markup, html};

use super::Reader;
use crate::place::Place;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// The address of the page.
    pub(crate) here: &'a str,
    /// The token that comes back with each form.
    pub(crate) csrf: &'a str,
    /// What was just done.
    pub(crate) done: Option<Done>,
    /// The name of the person.
    pub(crate) name: &'a str,
    /// Their login name.
    pub(crate) login: &'a str,
    /// The apps that they may open, by name.
    pub(crate) apps: &'a [App],
    /// Their sessions, the newest first.
    pub(crate) sessions: &'a [Session<'a>],
    /// How many recovery codes are unused; `None` if they have no second factor.
    pub(crate) recovery_codes: Option<u64>,
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

/// What was just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Another session was ended.
    Ended,
    /// It had ended already.
    HadEnded,
}

/// An app that the person may open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct App {
    /// What it is called.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) url: String,
    /// What opens it.
    pub(crate) opens: Opens,
}

/// What an app asks of somebody who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opens {
    /// Nothing further.
    AtOnce,
    /// A newer or stronger sign-in.
    AfterSignIn,
}

/// A session of the person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session<'a> {
    /// When it began.
    pub(crate) began: Timestamp,
    /// Where from, if that is known.
    pub(crate) from: Option<&'a Place>,
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
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("your-account");
    let done = view.done.map(|done| match done {
        Done::Ended => words.say("session-ended"),
        Done::HadEnded => words.say("session-had-ended"),
    });
    let content = html! {
        h1 { (heading) }
        @if let Some(done) = done { (notice(Tone::Done, &html! { (done) })) }
        div .row.apart {
            div .row {
                (person_chip(view.name, PersonState::Active, reader.language()))
                span .muted { (isolated(view.login)) }
            }
            (form(view.sign_out_action, view.csrf, &button(&words.say("sign-out"), Emphasis::Secondary)))
        }
        (apps(view, reader))
        (sessions(view, reader))
        @if let Some(left) = view.recovery_codes { (recovery_codes(view, left, reader)) }
        (tokens(view, reader))
    };
    reader.account_page(Some(view.here), &heading, &content).posts([]).render()
}

/// What the person may open.
fn apps(view: &View<'_>, reader: Reader) -> Markup {
    let words = reader.words;
    html! {
        section {
            h2 { (words.say("your-apps")) }
            @if view.apps.is_empty() { p .muted { (words.say("no-apps")) } }
            ul .things {
                @for app in view.apps {
                    li {
                        (icon(Icon::External))
                        div {
                            p { a href=(app.url) { (isolated(&app.name)) } }
                            @if app.opens == Opens::AfterSignIn { p .small.muted { (words.say("app-asks-again")) } }
                        }
                    }
                }
            }
        }
    }
}

/// Where the person is signed in, with a button for each place.
fn sessions(view: &View<'_>, reader: Reader) -> Markup {
    let words = reader.words;
    html! {
        section {
            h2 { (words.say("where-signed-in")) }
            ul .things {
                @for session in view.sessions { (row(view, session, reader)) }
            }
            @if view.sessions.len() > 1 {
                (form(
                    view.sign_out_everywhere_action,
                    view.csrf,
                    &button(&words.say("sign-out-everywhere"), Emphasis::Danger),
                ))
            }
        }
    }
}

fn row(view: &View<'_>, session: &Session<'_>, reader: Reader) -> Markup {
    let words = reader.words;
    let age = time(&session.began.to_string(), view.now.since(session.began), reader.language());
    html! {
        li {
            (icon(Icon::Device))
            div {
                p {
                    (place(session.from, reader))
                    @if session.which == Which::This { span .badge { (icon(Icon::Permit)) (words.say("this-session")) } }
                }
                p .small.muted {
                    (words.markup("signed-in-when", &[], &[("age", age)]))
                }
            }
            @if session.which == Which::Other {
                (form(session.end_action, view.csrf, &button(&words.say("end-session"), Emphasis::Secondary)))
            }
        }
    }
}

/// Where a session began: the browser, as far as it is known, and the address.
fn place(place: Option<&Place>, reader: Reader) -> Markup {
    let words = reader.words;
    let Some(place) = place else { return html! { (words.say("unknown-place")) } };
    let piece = |name: &str| isolated(name);
    let address = ("address", piece(&place.source.to_string()));
    match (&place.browser, &place.system) {
        (Some(browser), Some(system)) => {
            let pieces = [("browser", piece(browser)), ("system", piece(system)), address];
            words.markup("browser-on", &[], &pieces)
        }
        (Some(one), None) | (None, Some(one)) => {
            words.markup("browser-from", &[], &[("browser", piece(one)), address])
        }
        (None, None) => address.1,
    }
}

/// How many codes are left, and a way to more.
fn recovery_codes(view: &View<'_>, left: u64, reader: Reader) -> Markup {
    let words = reader.words;
    let count = words.with("codes-left", &[("count", left.into())]);
    html! {
        section {
            h2 { (words.say("recovery-codes")) }
            @if left < FEW { (notice(Tone::Warning, &html! { (count) })) } @else { p { (count) } }
            (form(view.new_codes_action, view.csrf, &button(&words.say("make-new-codes"), Emphasis::Secondary)))
            p .small.muted { (words.say("new-codes-end-old")) }
        }
    }
}

/// A way to a token.
fn tokens(view: &View<'_>, reader: Reader) -> Markup {
    let words = reader.words;
    let (app, hint) = (words.say("app"), words.say("app-hint"));
    let content = html! {
        (Field::text("app", &app).value("console").hint(&hint))
        (button(&words.say("make-token"), Emphasis::Secondary))
    };
    html! {
        section {
            h2 { (words.say("commands")) }
            (form(view.token_action, view.csrf, &content))
            p .small.muted { (words.say("what-a-token-is")) }
        }
    }
}

/// Fewer than this many codes are worth a warning: two lost phones.
const FEW: u64 = 3;
