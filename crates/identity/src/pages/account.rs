//! What a signed-in person sees of their own account.

use bartizan_model::Timestamp;
use bartizan_ui::{
    Emphasis, Field, Icon, PersonState, Rendered, Tone, button, disclosure, form, icon, isolated,
    link_button, notice, person_chip, place, time,
};
use maud::{Markup, html};

use super::{Homes, Reader, refusal};
use crate::factors::Enrolled;
use crate::flow::{Bond, Wrong};
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
    /// Their passkeys.
    pub(crate) passkeys: &'a [Passkey<'a>],
    /// Where a passkey is added.
    pub(crate) add_passkey_url: &'a str,
    /// What can be done about the password.
    pub(crate) password: Ways<'a>,
    /// What can be done about the authenticator app.
    pub(crate) app: Ways<'a>,
    /// The identity providers at which they sign in, or could.
    pub(crate) providers: &'a [Provider<'a>],
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
    /// There is another passkey.
    PasskeyAdded,
    /// A passkey has another name.
    PasskeyRenamed,
    /// A passkey was taken away.
    PasskeyRemoved,
    /// There is a password.
    PasswordSet,
    /// There is another password.
    PasswordChanged,
    /// There is no password any more.
    PasswordRemoved,
    /// There is an app.
    AppAdded,
    /// There is another app.
    AppReplaced,
    /// There is no app any more.
    AppRemoved,
    /// They sign in at an identity provider from now on.
    ProviderLinked,
    /// They do not any more.
    ProviderUnlinked,
    /// What was asked for was not done.
    Refused(Wrong),
}

/// A passkey of the person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passkey<'a> {
    /// What it is.
    pub(crate) known: &'a crate::passkeys::Passkey,
    /// What it is told from the others by on this page.
    pub(crate) key: &'a str,
    /// Takes `name`.
    pub(crate) rename_action: &'a str,
    /// Takes it away; none if that would be refused.
    pub(crate) remove_action: Option<&'a str>,
}

/// What can be done about something that one signs in with, as far as it would not be refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ways<'a> {
    /// Where it is set, or put in the place of another.
    pub(crate) url: Option<&'a str>,
    /// Takes it away.
    pub(crate) remove_action: Option<&'a str>,
}

/// An identity provider.
#[derive(Debug, Clone)]
pub(crate) struct Provider<'a> {
    /// What people call it.
    pub(crate) title: &'a str,
    /// Whether they sign in there.
    pub(crate) bond: Bond,
    /// Where they go to do so from now on.
    pub(crate) link_url: String,
    /// Has them do so no more.
    pub(crate) part_action: String,
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
        Done::Ended => (Tone::Done, words.say("session-ended")),
        Done::HadEnded => (Tone::Done, words.say("session-had-ended")),
        Done::PasskeyAdded => (Tone::Done, words.say("passkey-added")),
        Done::PasskeyRenamed => (Tone::Done, words.say("passkey-renamed")),
        Done::ProviderLinked => (Tone::Done, words.say("provider-linked")),
        Done::ProviderUnlinked => (Tone::Done, words.say("provider-unlinked")),
        Done::PasskeyRemoved => (Tone::Done, words.say("passkey-removed")),
        Done::PasswordSet => (Tone::Done, words.say("password-set")),
        Done::PasswordChanged => (Tone::Done, words.say("password-changed")),
        Done::PasswordRemoved => (Tone::Done, words.say("password-removed")),
        Done::AppAdded => (Tone::Done, words.say("app-added")),
        Done::AppReplaced => (Tone::Done, words.say("app-replaced")),
        Done::AppRemoved => (Tone::Done, words.say("app-removed")),
        Done::Refused(wrong) => (Tone::Failure, refusal::wrong(words, wrong)),
    });
    let content = html! {
        h1 { (heading) }
        @if let Some((tone, done)) = done { (notice(tone, &html! { (done) })) }
        div .row.apart {
            div .row {
                (person_chip(view.name, PersonState::Active, reader.language()))
                span .muted { (isolated(view.login)) }
            }
            (form(view.sign_out_action, view.csrf, &button(&words.say("sign-out"), Emphasis::Secondary)))
        }
        (sessions(view, reader))
        @if let Some(factors) = view.factors {
            (passkeys(view, reader))
            (with_what(view, factors, reader))
        }
        (providers(view, reader))
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

/// Their passkeys, and a way to another.
fn passkeys(view: &View<'_>, reader: Reader) -> Markup {
    let words = reader.words;
    html! {
        section {
            div .row.apart {
                h2 { (words.say("passkeys")) }
                (link_button(&words.say("passkey-add"), view.add_passkey_url, Emphasis::Secondary))
            }
            @if view.passkeys.is_empty() { p .muted { (words.say("passkey-what")) } }
            @else { ul .things { @for passkey in view.passkeys { (passkey_row(view, passkey, reader)) } } }
        }
    }
}

fn passkey_row(view: &View<'_>, passkey: &Passkey<'_>, reader: Reader) -> Markup {
    let (words, known) = (reader.words, passkey.known);
    let age = |at: Timestamp| time(&at.to_string(), view.now.since(at), reader.language());
    let when = match known.used {
        Some(used) => words.markup("passkey-used", &[], &[("made", age(known.made)), ("used", age(used))]),
        None => words.markup("passkey-unused-yet", &[], &[("made", age(known.made))]),
    };
    let kind = match (known.stands_alone(), known.is_synced()) {
        (false, _) => "passkey-second-only",
        (true, true) => "passkey-synced",
        (true, false) => "passkey-one-device",
    };
    // Ids of a page are there once: each name has a field of its own.
    let (field, label) = (format!("name-{}", passkey.key), words.say("passkey-name"));
    let rename = html! {
        div .field {
            label for=(field) { (label) }
            input id=(field) name="name" type="text" value=(known.name) maxlength="64" autocomplete="off" required;
        }
        (button(&words.say("passkey-rename"), Emphasis::Secondary))
    };
    html! {
        li {
            (icon(Icon::Key))
            div {
                p { (isolated(&known.name)) span .badge { (words.say(kind)) } }
                p .small.muted { (when) }
                (disclosure(&words.say("passkey-change"), &html! {
                    div .stack {
                        (form(passkey.rename_action, view.csrf, &rename))
                        (removal(view, passkey.remove_action, ("passkey-remove", "passkey-needed"), reader))
                    }
                }))
            }
        }
    }
}

/// A button that takes something away; or why there is none.
fn removal(
    view: &View<'_>,
    action: Option<&str>,
    (remove, needed): (&'static str, &'static str),
    reader: Reader,
) -> Markup {
    let words = reader.words;
    match action {
        Some(action) => form(action, view.csrf, &button(&words.say(remove), Emphasis::Danger)),
        None => html! { p .small.muted { (words.say(needed)) } },
    }
}

/// What the person signs in with, how many codes are left, and ways to change it.
fn with_what(view: &View<'_>, factors: &Enrolled, reader: Reader) -> Markup {
    let words = reader.words;
    let left = u64::from(factors.recovery_left);
    let count = words.with("codes-left", &[("count", left.into())]);
    html! {
        section {
            h2 { (words.say(if view.passkeys.is_empty() { "sign-in-with" } else { "sign-in-with-else" })) }
            ul .things {
                (factor_row(view, &PASSWORD, factors.password_set, view.password, reader))
                (factor_row(view, &APP, factors.totp_enrolled, view.app, reader))
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

/// The texts of something that one has or has not.
struct Factor {
    picture: Icon,
    name: &'static str,
    set: &'static str,
    change: &'static str,
    remove: &'static str,
    /// What it takes to set it.
    lacks: &'static str,
    /// What it takes to remove it.
    needed: &'static str,
}

const PASSWORD: Factor = Factor {
    picture: Icon::Lock,
    name: "password",
    set: "set-password",
    change: "change-password",
    remove: "remove-password",
    lacks: "password-needs-second",
    needed: "password-needed",
};

const APP: Factor = Factor {
    picture: Icon::Device,
    name: "authenticator",
    set: "set-up-app",
    change: "replace-app",
    remove: "remove-app",
    lacks: "factor-none",
    needed: "app-needed",
};

fn factor_row(
    view: &View<'_>,
    factor: &Factor,
    since: Option<Timestamp>,
    ways: Ways<'_>,
    reader: Reader,
) -> Markup {
    let words = reader.words;
    let age = |at: Timestamp| time(&at.to_string(), view.now.since(at), reader.language());
    html! {
        li {
            (icon(factor.picture))
            @if let Some(since) = since {
                div {
                    p { (words.say(factor.name)) }
                    p .small.muted { (words.markup("factor-since", &[], &[("age", age(since))])) }
                    (disclosure(&words.say("passkey-change"), &html! {
                        div .stack {
                            @if let Some(url) = ways.url {
                                (link_button(&words.say(factor.change), url, Emphasis::Secondary))
                            }
                            (removal(view, ways.remove_action, (factor.remove, factor.needed), reader))
                        }
                    }))
                }
            } @else {
                div {
                    p { (words.say(factor.name)) }
                    p .small.muted { (words.say(if ways.url.is_some() { "factor-none" } else { factor.lacks })) }
                }
                @if let Some(url) = ways.url { (link_button(&words.say(factor.set), url, Emphasis::Secondary)) }
            }
        }
    }
}

/// The identity providers at which they sign in, and at which they could.
fn providers(view: &View<'_>, reader: Reader) -> Markup {
    let words = reader.words;
    html! {
        @if !view.providers.is_empty() {
            section {
                h2 { (words.say("providers")) }
                ul .things {
                    @for provider in view.providers {
                        li {
                            (icon(Icon::Person))
                            div {
                                p { (isolated(provider.title)) }
                                p .small.muted {
                                    (words.say(if provider.bond == Bond::Linked { "provider-is-linked" } else { "provider-is-not" }))
                                }
                            }
                            @if provider.bond == Bond::Linked {
                                (form(&provider.part_action, view.csrf, &button(&words.say("provider-part"), Emphasis::Secondary)))
                            } @else {
                                (link_button(&words.say("provider-link"), &provider.link_url, Emphasis::Secondary))
                            }
                        }
                    }
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
