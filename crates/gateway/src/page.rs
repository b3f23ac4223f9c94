//! What a person reads who is stopped: what happened, what mends it, and what to say when asking for help.
//!
//! Pure functions of a view. They show no policy and nothing of the app behind, and link only to `https:` pages.

use bartizan_ui::{
    Emphasis, Icon, Outcome, Page, Rendered, Words, denial_layout, icon, id_whole, isolated, link_button,
};
use maud::{Markup, html};

/// A refusal, as the person sees it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal<'a> {
    /// What happened, in a few words.
    pub(crate) title: &'a str,
    /// Why, in a sentence.
    pub(crate) detail: &'a str,
    /// The app that they wanted to open.
    pub(crate) app: Option<&'a str>,
    /// What most likely mends it: a verb, and where.
    pub(crate) primary: Option<(&'a str, &'a str)>,
    /// What else may, with a page for it or without.
    pub(crate) others: Vec<(&'a str, Option<&'a str>)>,
    /// The name of who is signed in.
    pub(crate) who: Option<&'a str>,
    /// Where somebody goes who has another account.
    pub(crate) switch_url: Option<&'a str>,
    /// Where they see what they may open.
    pub(crate) home_url: Option<&'a str>,
    /// Where they see why in full, if they may.
    pub(crate) why_url: Option<&'a str>,
    /// The request.
    pub(crate) request_id: &'a str,
    /// The stable reason.
    pub(crate) reason: &'a str,
    /// What it was about.
    pub(crate) about: About,
}

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// Access, which somebody can give.
    Access,
    /// The request as it was made, whoever made it.
    Request,
}

/// A failure on the way, as the person sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failure<'a> {
    /// What happened, in a few words.
    pub(crate) title: &'a str,
    /// Why, in a sentence.
    pub(crate) detail: &'a str,
    /// The app that they wanted to open.
    pub(crate) app: Option<&'a str>,
    /// Which side failed.
    pub(crate) side: Side,
    /// The request.
    pub(crate) request_id: &'a str,
    /// The stable reason.
    pub(crate) reason: &'a str,
}

/// Who can fail between a person and an app. That the person's own side works is known: they read this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// This gateway, or what it depends on.
    Bartizan,
    /// The app's server.
    App,
}

impl Refusal<'_> {
    /// The page, of which these words are around the view.
    pub(crate) fn page(&self, words: Words) -> Rendered {
        let primary = self.primary.and_then(|(text, url)| Some((text, linkable(url)?)));
        // A way without a page is still a way.
        let unlinked = self.primary.filter(|_| primary.is_none()).map(|(text, _)| (text, None));
        let others: Vec<_> = unlinked.into_iter().chain(self.others.iter().copied()).collect();
        let stuck = primary.is_none() && others.is_empty();
        let content = html! {
            p .lead { (self.detail) }
            @if let Some((text, url)) = primary { (link_button(text, url, Emphasis::Primary)) }
            @if !others.is_empty() {
                (ways(&others, &if primary.is_some() { words.say("other-ways") } else { words.say("what-you-can-do") }))
            }
            @if stuck && self.about == About::Access { p { (words.say("ask-for-access")) } }
            (facts(words, self.who, self.switch_url.and_then(linkable), self.request_id, self.reason))
            (onward(words, self.home_url.and_then(linkable), self.why_url.and_then(linkable)))
            @if self.about == About::Request {
                p .small.muted { (words.say("if-it-stays")) }
            } @else if !stuck {
                p .small.muted { (words.say("if-surprising")) }
            }
        };
        document(words, outcome(self.reason), self.app, self.title, &content)
    }
}

impl Failure<'_> {
    /// The page, of which these words are around the view.
    pub(crate) fn page(&self, words: Words) -> Rendered {
        let next = match (self.side, self.app) {
            (Side::Bartizan, _) => html! { (words.say("fault-is-ours")) },
            (Side::App, Some(app)) => words.markup("fault-is-in", &[], &[("app", isolated(app))]),
            (Side::App, None) => html! { (words.say("fault-is-in-the-app")) },
        };
        let content = html! {
            p .lead { (self.detail) }
            (chain(words, self.app, self.side))
            p { (next) }
            // An empty address is that of this page.
            (link_button(&words.say("try-again"), "", Emphasis::Primary))
            (facts(words, None, None, self.request_id, self.reason))
            p .small.muted { (words.say("if-it-stays")) }
        };
        document(words, Outcome::Deny, self.app, self.title, &content)
    }
}

fn document(words: Words, outcome: Outcome, app: Option<&str>, title: &str, content: &Markup) -> Rendered {
    Page::new(title, denial_layout(outcome, app, title, content)).language(words.language()).copies().render()
}

/// The colour and the icon of a reason: whether it was a no, a not yet, or an end.
fn outcome(reason: &str) -> Outcome {
    match reason {
        "sign_in_required" | "step_up_required" => Outcome::StepUp,
        "session_ended" => Outcome::Cut,
        _ => Outcome::Deny,
    }
}

/// Only links to pages; what leads here is ours, so this is a second lock.
fn linkable(url: &str) -> Option<&str> {
    Some(url).filter(|url| url.starts_with("https://"))
}

fn ways(ways: &[(&str, Option<&str>)], heading: &str) -> Markup {
    html! {
        section {
            h2 { (heading) }
            ul .ways {
                @for (text, url) in ways {
                    li {
                        @match url.and_then(linkable) {
                            Some(url) => a href=(url) { (text) },
                            None => (text),
                        }
                    }
                }
            }
        }
    }
}

/// Who asked, and what to quote.
fn facts(
    words: Words,
    who: Option<&str>,
    switch_url: Option<&str>,
    request_id: &str,
    reason: &str,
) -> Markup {
    html! {
        dl .facts {
            @if who.is_some() || switch_url.is_some() {
                dt { (if who.is_some() { words.say("signed-in-as") } else { words.say("account") }) }
                dd {
                    @if let Some(who) = who { (isolated(who)) }
                    @if who.is_some() && switch_url.is_some() { " · " }
                    @if let Some(url) = switch_url { a href=(url) { (words.say("way-switch-account")) } }
                }
            }
            dt { (words.say("request")) }
            dd { (id_whole(request_id, words.language())) }
            dt { (words.say("reason")) }
            dd { code { (reason) } }
        }
    }
}

/// Ways on that mend nothing: back to what opens, and, for administrators, to the explanation.
fn onward(words: Words, home: Option<&str>, why: Option<&str>) -> Markup {
    html! {
        @if home.is_some() || why.is_some() {
            p .row {
                @if let Some(url) = home { a href=(url) { (words.say("your-apps")) } }
                @if let Some(url) = why { a href=(url) { (words.say("see-why")) } }
            }
        }
    }
}

/// How far the request came, drawn and in words.
fn chain(words: Words, app: Option<&str>, side: Side) -> Markup {
    let (ours, theirs) = match side {
        Side::Bartizan => (Link::Broken, Link::Unreached),
        Side::App => (Link::Passed, Link::Broken),
    };
    html! {
        ol .chain {
            (Link::Connected.drawn(words, &html! { (words.say("you")) }))
            (ours.drawn(words, &html! { "Bartizan" }))
            (theirs.drawn(words, &app.map_or_else(|| html! { (words.say("the-app")) }, isolated)))
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Link {
    Connected,
    Passed,
    Broken,
    Unreached,
}

impl Link {
    fn drawn(self, words: Words, name: &Markup) -> Markup {
        let (class, picture, word) = match self {
            Self::Connected => ("permit", Icon::Permit, words.say("connected")),
            Self::Passed => ("permit", Icon::Permit, words.say("let-through")),
            Self::Broken => ("deny", Icon::Deny, words.say("failed-here")),
            Self::Unreached => ("muted", Icon::Unknown, words.say("not-reached")),
        };
        html! {
            li .broken[matches!(self, Self::Broken)] {
                span class=(class) { (icon(picture)) }
                strong { (name) }
                span { (word) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::CATALOG;
    use bartizan_ui::{Language, lint};

    const ID: &str = "0192f0c1-2b3c-7d4e-8f50-112233445566";

    fn refusal() -> Refusal<'static> {
        Refusal {
            title: "This needs a stronger sign-in",
            detail: "Your sign-in is 9 hours old; payroll wants one from today.",
            app: Some("payroll"),
            primary: Some(("Confirm with a code", "https://auth.test/step-up")),
            others: vec![
                ("Ask Ann Berg for access", None),
                ("Enrol this device", Some("https://auth.test/device")),
            ],
            who: Some("Bob Lindgren"),
            switch_url: Some("https://auth.test/switch"),
            home_url: Some("https://auth.test/apps"),
            why_url: Some("https://auth.test/why?request=1"),
            request_id: ID,
            reason: "step_up_required",
            about: About::Access,
        }
    }

    fn failure(side: Side) -> Failure<'static> {
        Failure {
            title: "The app did not answer in time",
            detail: "The app's server took the request and gave no answer.",
            app: Some("wiki"),
            side,
            request_id: ID,
            reason: "upstream_timeout",
        }
    }

    #[test]
    fn every_page_keeps_what_pages_have_to_keep() {
        let bare = Refusal {
            title: "You do not have access to this",
            detail: "No policy gives this account access, or one forbids it.",
            app: Some("wiki"),
            primary: None,
            others: Vec::new(),
            who: None,
            switch_url: None,
            home_url: None,
            why_url: None,
            reason: "denied_by_policy",
            ..refusal()
        };
        let unlinked = Refusal { others: refusal().others, who: Some("Bob Lindgren"), ..bare.clone() };
        for language in Language::ALL {
            let (tag, words) = (language.tag(), CATALOG.words(language));
            for (name, page) in [
                ("deny_step_up", refusal().page(words)),
                ("deny_bare", bare.page(words)),
                ("deny_unlinked", unlinked.page(words)),
                ("deny_ended", Refusal { reason: "session_ended", ..refusal() }.page(words)),
                (
                    "bad_request",
                    Refusal { about: About::Request, reason: "cross_site", ..bare.clone() }.page(words),
                ),
                ("fail_app", failure(Side::App).page(words)),
                ("fail_bartizan", failure(Side::Bartizan).page(words)),
                ("fail_unnamed", Failure { app: None, ..failure(Side::App) }.page(words)),
            ] {
                assert_eq!(lint::faults(&page), Vec::<String>::new(), "{name} {tag}");
                assert!(
                    page.html.contains(&format!("<html lang=\"{tag}\" dir=\"{}\"", language.direction()))
                );
                // To look at them: BARTIZAN_PAGES=<folder> cargo test -p bartizan-gateway --lib page
                if let Some(folder) = option_env!("BARTIZAN_PAGES") {
                    let file = std::path::Path::new(folder).join(format!("{name}.{tag}.html"));
                    std::fs::write(file, page.html).unwrap();
                }
            }
        }
    }

    #[test]
    fn only_pages_are_linked() {
        for url in ["javascript:alert(1)", "http://auth.test/", "//auth.test", "data:text/html,x", ""] {
            let page = Refusal {
                primary: Some(("First way", url)),
                others: vec![("Second way", Some(url))],
                switch_url: Some(url),
                home_url: Some(url),
                why_url: Some(url),
                ..refusal()
            }
            .page(CATALOG.words(Language::English));
            assert!(!page.html.contains("<a "), "{url}");
            assert!(page.html.contains("<li>First way</li><li>Second way</li>"), "{url}");
        }
    }

    #[test]
    fn the_side_that_failed_is_named_and_those_before_it_are_not_blamed() {
        let words = |side| {
            let html = failure(side).page(CATALOG.words(Language::English)).html;
            let chain =
                html.split_once("<ol class=\"chain\">").unwrap().1.split("</ol>").next().unwrap().to_owned();
            let texts =
                chain.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text.to_owned());
            texts.filter(|text| !text.is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(
            words(Side::App),
            ["You", "Connected", "Bartizan", "Let you through", "wiki", "Failed here"]
        );
        assert_eq!(
            words(Side::Bartizan),
            ["You", "Connected", "Bartizan", "Failed here", "wiki", "Not reached"]
        );
    }
}
