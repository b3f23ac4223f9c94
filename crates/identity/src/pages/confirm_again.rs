//! A stronger or a newer proof from somebody who is signed in.

use bartizan_ui::{Emphasis, Rendered, isolated, link_button};
use maud::html;

use super::second_factor::{App, ways};
use super::sign_in::Offer;
use super::{Form, Passkey, Reader, Way};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `code`.
    pub(crate) form: Form<'a>,
    /// Who is signed in.
    pub(crate) who: &'a str,
    /// The app that asks for it; `None` if it is a change of the account.
    pub(crate) app: Option<&'a str>,
    /// What was wrong with the last try.
    pub(crate) problem: Option<&'a str>,
    /// By which way the last try was.
    pub(crate) tried: Way,
    /// The way by a passkey, for who has one.
    pub(crate) passkey: Option<Passkey<'a>>,
    /// Whether they have an app.
    pub(crate) authenticator: App,
    /// The identity providers at which they may do it.
    pub(crate) providers: &'a [Offer<'a>],
    /// Where somebody goes who is not that person.
    pub(crate) switch_url: &'a str,
}

/// Asks for one proof.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("confirm-heading");
    let hint = words.say("from-your-app");
    let why = match view.app {
        Some(app) => words.markup("app-wants-newer", &[], &[("app", isolated(app))]),
        None => html! { (words.say("change-wants-newer")) },
    };
    let switch = html! { a href=(view.switch_url) { (words.say("use-another-account")) } };
    let pieces = [("who", isolated(view.who)), ("switch", switch)];
    let has_another = view.passkey.is_some() || view.authenticator == App::Enrolled;
    let emphasis = if has_another { Emphasis::Secondary } else { Emphasis::Primary };
    let content = html! {
        h1 { (heading) }
        p .lead { (why) }
        (ways(
            view.form,
            (view.passkey, view.authenticator),
            ("confirm", Some(&hint)),
            (view.problem, view.tried),
            reader,
        ))
        @if !view.providers.is_empty() {
            @if has_another { p .or { span { (words.say("or")) } } }
            div .choices {
                @for offer in view.providers {
                    (link_button(&words.with("provider-confirm", &[("provider", offer.title.into())]), &offer.url, emphasis))
                }
            }
        }
        p .small.muted { (words.markup("signed-in-as-switch", &[], &pieces)) }
        (reader.ways_out(&[("every-code-refused", "every-code-refused-do")]))
    };
    let page = view.form.page(reader, &reader.title(&heading, view.problem), &content);
    if view.passkey.is_some() { page.asks_for_passkeys() } else { page }.render()
}
