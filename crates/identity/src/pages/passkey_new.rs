//! Another passkey for who is signed in.

use bartizan_ui::{Asking, Emphasis, Field, Icon, Rendered, Tone, icon, notice};
use maud::html;

use super::{Passkey, Reader, Shape};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// The token that comes back with the form.
    pub(crate) csrf: &'a str,
    /// Takes what the passkey brings, and `name`.
    pub(crate) passkey: Passkey<'a>,
    /// What it is called unless its owner says otherwise.
    pub(crate) name: &'a str,
    /// What was wrong with the last try.
    pub(crate) problem: Option<&'a str>,
}

/// Asks for it.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let words = reader.words;
    let heading = words.say("passkey-add");
    let (label, hint) = (words.say("passkey-name"), words.say("passkey-name-hint"));
    let name = html! { (Field::text("name", &label).value(view.name).hint(&hint)) };
    let shape = Shape {
        button: "passkey-make",
        emphasis: Emphasis::Primary,
        when: Asking::Pressed,
        again: Some("/passkeys/new"),
    };
    let content = html! {
        h1 { (heading) }
        p .lead { (words.say("passkey-what")) }
        @if let Some(problem) = view.problem { (notice(Tone::Failure, &html! { (problem) })) }
        div data-passkeys { (view.passkey.form(reader, view.csrf, shape, &name)) }
        noscript { p .problem { (icon(Icon::Warning)) span { (words.say("passkeys-need")) } } }
        p .problem hidden data-no-passkeys { (icon(Icon::Warning)) span { (words.say("passkeys-need")) } }
        p { a href="/" { (words.say("back-to-account")) } }
    };
    let page = reader.person_page(Some(view.passkey.action), &reader.title(&heading, view.problem), &content);
    page.posts([]).asks_for_passkeys().render()
}
