//! What a signed-in person sees of their own account.

use bartizan_model::Timestamp;
use bartizan_ui::{
    Emphasis, Field, Icon, PersonState, Rendered, Tone, button, form, icon, isolated, notice, person_chip,
    place, time,
};
use maud::{Markup, html};

use super::{Homes, Reader};
use crate::factors::Enrolled;
use crate::place::Place;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// The address of the page.
    pub(crate) here: &'a str,
    /// The other pages of the person.
    pub(crate) home: Homes<'a>,
    /// The token that comes back with each form.
    pub(crate) csrf: &'a str,
    /// What was just done.
    pub(crate) done: Option<Done>,
    /// The name of the person.
    pub(crate) name: &'a str,
    /// Their login name.
    pub(crate) login: &'a str,
    /// Their sessions, the newest first.
    pub(crate) sessions: &'a [Session<'a>],
    /// What they sign in with; `None` if they have nothing yet.
    pub(crate) factors: Option<&'a Enrolled>,
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
        (sessions(view, reader))
        @if let Some(factors) = view.factors { (with_what(view, factors, reader)) }
        (tokens(view, reader))
    };
    reader.account_page(view.home, Some(view.here), &heading, &content).posts([]).render()
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
                    (place(session.from.map(Place::told), reader.language()))
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

/// What the person signs in with, how many codes are left, and a way to more.
fn with_what(view: &View<'_>, factors: &Enrolled, reader: Reader) -> Markup {
    let words = reader.words;
    let left = u64::from(factors.recovery_left);
    let count = words.with("codes-left", &[("count", left.into())]);
    let since = |at: Timestamp| {
        let age = time(&at.to_string(), view.now.since(at), reader.language());
        words.markup("factor-since", &[], &[("age", age)])
    };
    html! {
        section {
            h2 { (words.say("sign-in-with")) }
            ul .things {
                @for (picture, name, at) in [
                    (Icon::Lock, "password", factors.password_set),
                    (Icon::Device, "authenticator", factors.totp_enrolled),
                ] {
                    li { (icon(picture)) div { p { (words.say(name)) } p .small.muted { (since(at)) } } }
                }
                li {
                    (icon(Icon::Key))
                    div {
                        p { (words.say("recovery-codes")) }
                        @if left < FEW { (notice(Tone::Warning, &html! { (count) })) } @else { p .small.muted { (count) } }
                        p .small.muted { (words.say("new-codes-end-old")) }
                    }
                    (form(view.new_codes_action, view.csrf, &button(&words.say("make-new-codes"), Emphasis::Secondary)))
                }
            }
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
