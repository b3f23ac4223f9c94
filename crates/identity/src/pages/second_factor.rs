//! The code of an authenticator app, or a passkey.

use bartizan_ui::{Asking, Emphasis, Field, Rendered, button, isolated};
use maud::{Markup, html};

use super::{Form, Passkey, Reader, Shape, Way, not_taken, or};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// Takes `code`.
    pub(crate) form: Form<'a>,
    /// Who is signing in.
    pub(crate) who: &'a str,
    /// What was wrong with the last code, or how long to wait.
    pub(crate) problem: Option<&'a str>,
    /// By which way the last try was.
    pub(crate) tried: Way,
    /// The way by a passkey, for who has one.
    pub(crate) passkey: Option<Passkey<'a>>,
    /// Whether they have an app.
    pub(crate) app: App,
    /// Where a recovery code is taken instead.
    pub(crate) recovery_url: &'a str,
}

/// Whether a person has an authenticator app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum App {
    /// They have.
    Enrolled,
    /// They have not.
    None,
}

/// Asks for the second proof.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say(heading(view.passkey, view.app));
    let content = html! {
        h1 { (heading) }
        p .lead { (words.markup("signing-in-as", &[], &[("who", isolated(view.who))])) }
        (ways(view.form, (view.passkey, view.app), ("continue", None), (view.problem, view.tried), reader))
        p { a href=(view.recovery_url) { (words.say("use-recovery-code")) } }
        (reader.ways_out(&[
            ("every-code-refused", "every-code-refused-do"),
            ("nothing-left", "ask-for-invitation"),
        ]))
    };
    let page = view.form.page(reader, &reader.title(&heading, view.problem), &content);
    if view.passkey.is_some() { page.asks_for_passkeys() } else { page }.render()
}

const fn heading(passkey: Option<Passkey<'_>>, app: App) -> &'static str {
    match (passkey, app) {
        (None, App::Enrolled) => "enter-code",
        (Some(_), _) => "second-proof",
        (None, App::None) => "enter-recovery-code",
    }
}

/// The ways to a second proof that a person has: a passkey, which is the easier, and a code. `button` is the word on that for
/// the code, with a hint where it comes from.
pub(super) fn ways(
    form: Form<'_>,
    (passkey, app): (Option<Passkey<'_>>, App),
    (verb, hint): (&'static str, Option<&str>),
    (problem, tried): (Option<&str>, Way),
    reader: Reader,
) -> Markup {
    let words = reader.words;
    let label = words.say("six-digit-code");
    let code = |emphasis| {
        let field = Field::digits("code", &label, 6).first().problem(problem.filter(|_| tried == Way::Typed));
        let field = match hint {
            Some(hint) => field.hint(hint),
            None => field,
        };
        form.holding(&html! { (field) (button(&words.say(verb), emphasis)) })
    };
    let by_passkey = |passkey: Passkey<'_>| {
        let again = Some(form.action);
        let shape =
            Shape { button: "passkey-use", emphasis: Emphasis::Primary, when: Asking::Pressed, again };
        passkey.form(reader, form.csrf, shape, &html! {})
    };
    html! {
        (not_taken(problem, tried))
        @match (passkey, app) {
            (None, App::Enrolled) => (code(Emphasis::Primary)),
            (Some(passkey), App::Enrolled) => div .stack data-passkeys {
                (by_passkey(passkey)) (or(reader)) (code(Emphasis::Secondary))
            },
            (Some(passkey), App::None) => div data-passkeys { (by_passkey(passkey)) },
            (None, App::None) => {}
        }
    }
}
