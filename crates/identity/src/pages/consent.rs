//! Whether somebody agrees that a client of somebody else's learns about them.

use std::collections::BTreeSet;

use bartizan_ui::{Emphasis, Rendered, button, isolated, link_button};
use maud::{Markup, html};

use super::{Form, Reader};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes nothing but the press of the button.
    pub(crate) form: Form<'a>,
    /// Where the same page is had.
    pub(crate) here: &'a str,
    /// What the client is called.
    pub(crate) client: &'a str,
    /// Who is signed in.
    pub(crate) who: &'a str,
    /// Whether it is to know of the person, or to act for them in the console.
    pub(crate) what: Asks,
    /// What it asks for.
    pub(crate) scopes: &'a BTreeSet<String>,
    /// Where somebody goes who does not agree.
    pub(crate) refuse_url: &'a str,
}

/// What a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// It is told about the person.
    ToKnow,
    /// It is our command, and works with the console as the person does.
    ToAct,
}

/// What a client learns that has these scopes, or may do.
pub(super) fn told(what: Asks, scopes: &BTreeSet<String>, reader: Reader) -> Markup {
    let words = reader.words;
    if what == Asks::ToAct {
        return html! { p { strong { (words.say("consent-act")) } } };
    }
    let known = [("profile", "consent-profile"), ("email", "consent-email"), ("groups", "consent-groups")];
    let told = known.iter().filter(|(scope, _)| scopes.contains(*scope));
    let standard = |scope: &str| scope == "openid" || known.iter().any(|(known, _)| *known == scope);
    let others = scopes.iter().filter(|scope| !standard(scope));
    html! {
        ul .told {
            li { (words.say("consent-openid")) }
            @for (_, text) in told { li { (words.say(text)) } }
            @for scope in others { li { code { (isolated(scope)) } } }
        }
    }
}

/// Asks.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let who = [("who", isolated(view.who))];
    let (heading, lead, small) = match view.what {
        Asks::ToKnow => ("consent-heading", "consent-lead", "consent-small"),
        Asks::ToAct => ("consent-act-heading", "consent-act-lead", "device-allow-small"),
    };
    let heading = words.with(heading, &[("client", view.client.into())]);
    let content = html! {
        h1 { (heading) }
        p .lead { (words.markup(lead, &[], &who)) }
        (told(view.what, view.scopes, reader))
        div .choices {
            (view.form.holding(&button(&words.say("consent-agree"), Emphasis::Primary)))
            (link_button(&words.say("consent-refuse"), view.refuse_url, Emphasis::Secondary))
        }
        p .small.muted { (words.say(small)) }
    };
    let page = reader.person_page(Some(view.here), &heading, &content);
    page.posts(view.form.onward.iter().copied()).render()
}
