//! Login name and password, a passkey, or an identity provider of somebody else.

use bartizan_ui::{Asking, Emphasis, Field, Rendered, button, isolated, link_button};
use maud::{Markup, html};

use super::{Form, Passkey, Reader, Shape, Way, not_taken, or};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `login` and `password`.
    pub(crate) form: Form<'a>,
    /// The app that is being opened.
    pub(crate) app: Option<&'a str>,
    /// The login name, if it is known.
    pub(crate) login: &'a str,
    /// What was wrong with the last try.
    pub(crate) problem: Option<&'a str>,
    /// The way by a passkey, as long as there is time for it.
    pub(crate) passkey: Option<Passkey<'a>>,
    /// By which way the last try was.
    pub(crate) tried: Way,
    /// Which way stands first.
    pub(crate) first: Way,
    /// The identity providers at which one may sign in.
    pub(crate) providers: &'a [Offer<'a>],
    /// Which of them stands before everything else.
    pub(crate) first_provider: Option<usize>,
}

/// A way by an identity provider.
#[derive(Debug, Clone)]
pub(crate) struct Offer<'a> {
    /// What people call it.
    pub(crate) title: &'a str,
    /// The address that leads there.
    pub(crate) url: String,
}

/// Asks who is there.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let sign_in = words.say("sign-in");
    let (heading, shown) = match view.app {
        Some(app) => (
            words.with("sign-in-to-open", &[("app", app.into())]),
            words.markup("sign-in-to-open", &[], &[("app", isolated(app))]),
        ),
        None => (sign_in.clone(), html! { (sign_in) }),
    };
    let typed = view.problem.filter(|_| view.tried == Way::Typed);
    let (login_name, password) = (words.say("login-name"), words.say("password"));
    // Browsers list passkeys under a field that says so.
    let login = Field::text("login", &login_name).autocomplete("username webauthn").value(view.login);
    let password = Field::password("password", &password, "current-password").problem(typed);
    // The cursor waits in the first field that is still empty; one with a problem has it already.
    let (login, password) = match (typed, view.login) {
        (Some(_), _) => (login, password),
        (None, "") => (login.first(), password),
        (None, _) => (login, password.first()),
    };
    let first_provider = view.first_provider.and_then(|first| view.providers.get(first));
    let emphasis = |way| match first_provider {
        None if way == view.first => Emphasis::Primary,
        Some(_) | None => Emphasis::Secondary,
    };
    let others = view.providers.iter().enumerate().filter(|(place, _)| Some(*place) != view.first_provider);
    let others: Vec<&Offer<'_>> = others.map(|(_, offer)| offer).collect();
    let by_provider = |offer: &Offer<'_>, emphasis| {
        let text = words.with("provider-sign-in", &[("provider", offer.title.into())]);
        link_button(&text, &offer.url, emphasis)
    };
    let by_password =
        view.form.holding(&html! { (login) (password) (button(&sign_in, emphasis(Way::Typed))) });
    let by_passkey = |passkey| by_passkey(view, passkey, emphasis(Way::Passkey), reader);
    let content = html! {
        h1 { (shown) }
        (not_taken(view.problem, view.tried))
        @if let Some(first) = first_provider {
            div .choices { (by_provider(first, Emphasis::Primary)) }
            p .or { span { (words.say("or")) } }
        }
        @match (view.passkey, view.first) {
            (None, _) => (by_password),
            (Some(passkey), Way::Typed | Way::Provider) => div .stack data-passkeys { (by_password) (or(reader)) (by_passkey(passkey)) },
            (Some(passkey), Way::Passkey) => div .stack data-passkeys { (by_passkey(passkey)) (or(reader)) (by_password) },
        }
        @if !others.is_empty() {
            p .or { span { (words.say("or")) } }
            div .choices { @for offer in others { (by_provider(offer, Emphasis::Secondary)) } }
        }
        (reader.ways_out(&[
            ("forgot-password", "forgot-password-do"),
            ("new-here", "ask-for-invitation"),
            ("lost-authenticator", "lost-authenticator-do"),
            ("lost-passkey", "lost-passkey-do"),
        ]))
    };
    let page = view.form.page(reader, &reader.title(&heading, view.problem), &content);
    if view.passkey.is_some() { page.asks_for_passkeys() } else { page }.render()
}

fn by_passkey(view: &View<'_>, passkey: Passkey<'_>, emphasis: Emphasis, reader: Reader) -> Markup {
    let again = Some(view.form.action);
    let when = if view.problem.is_some() { Asking::Named } else { Asking::Offered };
    let shape = Shape { button: "passkey-sign-in", emphasis, when, again };
    passkey.form(reader, view.form.csrf, shape, &html! {})
}
