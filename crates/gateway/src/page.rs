//! What a person reads who is stopped: what happened, what mends it, and what to say when asking for help.
//!
//! Pure functions of a view. They show no policy and nothing of the app behind, and link only to `https:` pages.

use bartizan_ui::{Emphasis, Icon, Outcome, Page, Rendered, denial_layout, icon, id_whole, link_button};
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
    /// The request.
    pub(crate) request_id: &'a str,
    /// The stable reason.
    pub(crate) reason: &'a str,
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
    /// The page.
    pub(crate) fn page(&self) -> Rendered {
        let primary = self.primary.and_then(|(text, url)| Some((text, linkable(url)?)));
        // A way without a page is still a way.
        let unlinked = self.primary.filter(|_| primary.is_none()).map(|(text, _)| (text, None));
        let others: Vec<_> = unlinked.into_iter().chain(self.others.iter().copied()).collect();
        let stuck = primary.is_none() && others.is_empty();
        let content = html! {
            p .lead { (self.detail) }
            @if let Some((text, url)) = primary { (link_button(text, url, Emphasis::Primary)) }
            @if !others.is_empty() {
                (ways(&others, if primary.is_some() { "Other ways" } else { "What you can do" }))
            }
            @if stuck { p { "To ask for access, give the request id to your administrator. It shows them why." } }
            (facts(self.who, self.switch_url.and_then(linkable), self.request_id, self.reason))
            @if !stuck {
                p .small.muted { "If this surprises you, give the request id to your administrator. It shows them why." }
            }
        };
        document(outcome(self.reason), self.app, self.title, &content)
    }
}

impl Failure<'_> {
    /// The page.
    pub(crate) fn page(&self) -> Rendered {
        let app = self.app.unwrap_or("The app");
        let next = match (self.side, self.app) {
            (Side::Bartizan, _) => "Nothing is wrong with your account.".to_owned(),
            (Side::App, Some(app)) => format!("Nothing is wrong with your account: the fault is in {app}."),
            (Side::App, None) => "Nothing is wrong with your account: the fault is in the app.".to_owned(),
        };
        let content = html! {
            p .lead { (self.detail) }
            (chain(app, self.side))
            p { (next) }
            // An empty address is that of this page.
            (link_button("Try again", "", Emphasis::Primary))
            (facts(None, None, self.request_id, self.reason))
            p .small.muted { "If it stays like this, give the request id to your administrator." }
        };
        document(Outcome::Deny, self.app, self.title, &content)
    }
}

fn document(outcome: Outcome, app: Option<&str>, title: &str, content: &Markup) -> Rendered {
    Page::new(title, denial_layout(outcome, app, title, content)).copies().render()
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
fn facts(who: Option<&str>, switch_url: Option<&str>, request_id: &str, reason: &str) -> Markup {
    html! {
        dl .facts {
            @if who.is_some() || switch_url.is_some() {
                dt { @if who.is_some() { "Signed in as" } @else { "Account" } }
                dd {
                    @if let Some(who) = who { (who) }
                    @if who.is_some() && switch_url.is_some() { " · " }
                    @if let Some(url) = switch_url { a href=(url) { "Use another account" } }
                }
            }
            dt { "Request" }
            dd { (id_whole(request_id, bartizan_ui::Language::English)) }
            dt { "Reason" }
            dd { code { (reason) } }
        }
    }
}

/// How far the request came, drawn and in words.
fn chain(app: &str, side: Side) -> Markup {
    let (ours, theirs) = match side {
        Side::Bartizan => (Link::Broken, Link::Unreached),
        Side::App => (Link::Whole("Let you through"), Link::Broken),
    };
    html! {
        ol .chain {
            @for (name, link) in [("You", Link::Whole("Connected")), ("Bartizan", ours), (app, theirs)] {
                (link.drawn(name))
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Link {
    Whole(&'static str),
    Broken,
    Unreached,
}

impl Link {
    fn drawn(self, name: &str) -> Markup {
        let (class, picture, word) = match self {
            Self::Whole(word) => ("permit", Icon::Permit, word),
            Self::Broken => ("deny", Icon::Deny, "Failed here"),
            Self::Unreached => ("muted", Icon::Unknown, "Not reached"),
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
    use bartizan_ui::lint;

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
            request_id: ID,
            reason: "step_up_required",
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
            reason: "denied_by_policy",
            ..refusal()
        };
        let unlinked = Refusal { others: refusal().others, who: Some("Bob Lindgren"), ..bare.clone() };
        for (name, page) in [
            ("deny_step_up", refusal().page()),
            ("deny_bare", bare.page()),
            ("deny_unlinked", unlinked.page()),
            ("deny_ended", Refusal { reason: "session_ended", ..refusal() }.page()),
            ("fail_app", failure(Side::App).page()),
            ("fail_bartizan", failure(Side::Bartizan).page()),
        ] {
            assert_eq!(lint::faults(&page), Vec::<String>::new(), "{name}");
            // To look at them: BARTIZAN_PAGES=<folder> cargo test -p bartizan-gateway --lib page
            if let Some(folder) = option_env!("BARTIZAN_PAGES") {
                std::fs::write(std::path::Path::new(folder).join(format!("{name}.html")), page.html).unwrap();
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
                ..refusal()
            }
            .page();
            assert!(!page.html.contains("<a "), "{url}");
            assert!(page.html.contains("<li>First way</li><li>Second way</li>"), "{url}");
        }
    }

    #[test]
    fn the_side_that_failed_is_named_and_those_before_it_are_not_blamed() {
        let words = |side| {
            let html = failure(side).page().html;
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
