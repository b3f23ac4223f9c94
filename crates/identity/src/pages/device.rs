//! A device that has no browser: the code that it shows, what it asks for, and what has become of that.

use std::collections::BTreeSet;

use bartizan_ui::{
    Emphasis, Field, Rendered, Tone, button, form, isolated, link_button, notice, place, time,
};
use maud::{Markup, html};

use super::{Form, Reader, consent};
use crate::place::Place;

/// Asks for the code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeView<'a> {
    /// Takes `user_code`.
    pub(crate) form: Form<'a>,
    /// Who is signed in.
    pub(crate) who: &'a str,
    /// What stands in the field: what they came with, or typed last.
    pub(crate) code: &'a str,
    /// What was wrong with it.
    pub(crate) problem: Option<&'a str>,
    /// Where somebody goes who is not that person.
    pub(crate) switch_url: &'a str,
}

/// The page that asks for it.
pub(crate) fn ask(view: &CodeView<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("device-heading");
    let (label, hint) = (words.say("device-code"), words.say("device-code-hint"));
    let code = Field::text("user_code", &label).value(view.code).hint(&hint).first().problem(view.problem);
    let content = html! {
        h1 { (heading) }
        p .lead { (words.markup("device-lead", &[], &[("who", isolated(view.who))])) }
        (view.form.holding(&html! { (code) (button(&words.say("continue"), Emphasis::Primary)) }))
        p .small { a href=(view.switch_url) { (words.say("use-another-account")) } }
    };
    view.form.page(reader, &reader.title(&heading, view.problem), &content).render()
}

/// Asks whether it may.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskView<'a> {
    /// Allows it; takes what was shown, and the press of the button.
    pub(crate) allow: &'a str,
    /// Does not.
    pub(crate) deny: &'a str,
    /// The token that comes back with either.
    pub(crate) csrf: &'a str,
    /// Where the same page is had.
    pub(crate) here: &'a str,
    /// What goes along with either, by which it is known what was shown.
    pub(crate) shown: &'a str,
    /// The code.
    pub(crate) code: &'a str,
    /// What the client is called.
    pub(crate) client: &'a str,
    /// Its name.
    pub(crate) name: &'a str,
    /// Who is signed in.
    pub(crate) who: &'a str,
    /// Whether it is to know of the person, or to act for them in the console.
    pub(crate) what: consent::Asks,
    /// What it asks for.
    pub(crate) scopes: &'a BTreeSet<String>,
    /// The servers for which it asks.
    pub(crate) resources: &'a BTreeSet<String>,
    /// Where it was asked from.
    pub(crate) place: Option<&'a Place>,
    /// When, exactly.
    pub(crate) began: &'a str,
    /// How long ago that is.
    pub(crate) age: std::time::Duration,
}

/// The page that asks: what a stranger would have to say of themselves stands before the buttons.
pub(crate) fn confirm(view: &AskView<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.with("device-ask", &[("client", view.client.into())]);
    let choice = |action: &str, text: &'static str, emphasis| {
        let shown = html! { input type="hidden" name="shown" value=(view.shown); };
        form(action, view.csrf, &html! { (shown) (button(&words.say(text), emphasis)) })
    };
    let lead = match view.what {
        consent::Asks::ToKnow => "device-ask-lead",
        consent::Asks::ToAct => "device-act-lead",
    };
    let content = html! {
        h1 { (heading) }
        (notice(Tone::Warning, &html! { (words.say("device-beware")) }))
        (facts(view, reader))
        p { (words.markup(lead, &[], &[("who", isolated(view.who))])) }
        (consent::told(view.what, view.scopes, reader))
        div .choices {
            (choice(view.allow, "device-allow", Emphasis::Primary))
            (choice(view.deny, "device-deny", Emphasis::Secondary))
        }
        p .small.muted { (words.say("device-allow-small")) }
    };
    reader.person_page(Some(view.here), &heading, &content).posts([]).render()
}

fn facts(view: &AskView<'_>, reader: Reader) -> Markup {
    let words = reader.words;
    html! {
        dl .facts {
            dt { (words.say("device-code")) }
            dd { strong { code { (view.code) } } }
            dt { (words.say("device-application")) }
            dd {
                (isolated(view.client)) br; code .muted { (view.name) }
                @for resource in view.resources { br; code { (isolated(resource)) } }
            }
            dt { (words.say("device-from")) }
            dd { (place(view.place.map(Place::told), reader.language())) }
            dt { (words.say("device-when")) }
            dd { (time(view.began, view.age, reader.language())) }
        }
    }
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It gets what it asks for.
    Allowed,
    /// It does not.
    Denied,
    /// Nobody can say any more: its time was over.
    Over,
}

/// The page that says so.
pub(crate) fn end(end: End, client: &str, here: &str, reader: Reader) -> Rendered {
    let words = reader.words;
    let (heading, why) = match end {
        End::Allowed => ("device-allowed", words.with("device-allowed-why", &[("client", client.into())])),
        End::Denied => ("device-denied", words.say("device-denied-why")),
        End::Over => ("device-over", words.say("device-over-why")),
    };
    let heading = words.say(heading);
    let content = html! {
        h1 { (heading) }
        p .lead { (why) }
        @if end == End::Over {
            (link_button(&words.say("device-another"), here, Emphasis::Primary))
        }
    };
    reader.person_page(Some(here), &heading, &content).render()
}
