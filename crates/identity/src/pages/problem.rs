//! Something went wrong on `auth.<domain>` itself.

use bartizan_ui::{Emphasis, Rendered, id_whole, link_button};
use maud::{Markup, html};

use super::Reader;

/// What the page shows.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    /// What happened, in a few words.
    pub(crate) title: &'a str,
    /// Why, and what next, in a sentence or two.
    pub(crate) detail: &'a Markup,
    /// The one way forward: a verb, and where it leads.
    pub(crate) way: Option<(&'a str, &'a str)>,
    /// The request, for whoever is asked for help.
    pub(crate) request_id: Option<&'a str>,
}

/// Says what happened.
pub(crate) fn page(view: &View<'_>, reader: Reader) -> Rendered {
    let content = html! {
        h1 { (view.title) }
        p .lead { (view.detail) }
        @if let Some((text, url)) = view.way { (link_button(text, url, Emphasis::Primary)) }
        @if let Some(id) = view.request_id {
            dl .facts { dt { (reader.words.say("request")) } dd { (id_whole(id, reader.language())) } }
        }
    };
    reader.person_page(None, view.title, &content).copies().render()
}
