//! A whole document, and the policy under which it is served.

use maud::{Markup, PreEscaped, html};

use crate::Language;
use crate::assets::{Asset, CODEMIRROR, CONSOLE, CONSOLE_STYLE, EDITOR};
use crate::look::{PASSKEY_SCRIPT, PASSKEY_SCRIPT_SOURCE, SCRIPT, SCRIPT_SOURCE, STYLE, STYLE_SOURCE};
use crate::mark::favicon;

/// A document before it is rendered.
#[derive(Debug, Clone)]
pub struct Page {
    language: Language,
    title: String,
    body: Markup,
    scripts: Scripts,
    forms: Forms,
    again: Option<u8>,
}

/// What is sent: the document, and its `Content-Security-Policy`. One is not served without the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The document.
    pub html: String,
    /// The value of `Content-Security-Policy`.
    pub csp: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scripts {
    None,
    Island,
    Passkey,
    Console,
    Editor,
}

impl Scripts {
    /// What is taken by address. Nothing on pages for people: they stand on hosts of apps, too, where every address but
    /// theirs is the app's, and one answer has to be all of a page that says why there is no other.
    fn by_address(self) -> Vec<&'static Asset> {
        match self {
            Self::None | Self::Island | Self::Passkey => Vec::new(),
            Self::Console => vec![&CONSOLE],
            Self::Editor => vec![&CONSOLE, &CODEMIRROR, &EDITOR],
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Forms {
    None,
    Post(Vec<String>),
}

impl Page {
    /// A page with this title and body, in English. The body is the content of a layout.
    #[must_use]
    pub fn new(title: impl Into<String>, body: Markup) -> Self {
        let language = Language::English;
        let (scripts, forms) = (Scripts::None, Forms::None);
        Self { language, title: title.into(), body, scripts, forms, again: None }
    }

    /// The page is written in this language.
    #[must_use]
    pub const fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// The page has forms, which post to their own host.
    ///
    /// Chrome holds `form-action` against each redirect after a post, too: `onward` are the origins to which one may
    /// lead, such as the app that is being opened. What is not an origin is left out, so that it cannot change the
    /// policy; the browser then refuses that redirect.
    #[must_use]
    pub fn posts<'a>(mut self, onward: impl IntoIterator<Item = &'a str>) -> Self {
        self.forms =
            Forms::Post(onward.into_iter().filter(|text| is_origin(text)).map(str::to_owned).collect());
        self
    }

    /// The page has buttons that copy or print.
    #[must_use]
    pub fn copies(mut self) -> Self {
        self.scripts = Scripts::Island;
        self
    }

    /// The page has forms that a passkey answers: see [`passkey_form`](crate::passkey_form).
    #[must_use]
    pub fn asks_for_passkeys(mut self) -> Self {
        self.scripts = Scripts::Passkey;
        self
    }

    /// The page is one of the console: its look and its script come by address from its own host, which the script also
    /// asks what is found.
    #[must_use]
    pub fn finds(mut self) -> Self {
        self.scripts = Scripts::Console;
        self
    }

    /// The page is one of the console with a text of a policy to be edited.
    #[must_use]
    pub fn edits(mut self) -> Self {
        self.scripts = Scripts::Editor;
        self
    }

    /// A browser without scripts asks for the page again after so many seconds; one with them shows what comes in place.
    #[must_use]
    pub const fn again(mut self, seconds: u8) -> Self {
        self.again = Some(seconds);
        self
    }

    /// The document and its policy.
    #[must_use]
    pub fn render(self) -> Rendered {
        let csp = self.policy();
        let scripts = self.scripts.by_address();
        let html = html! {
            (PreEscaped("<!doctype html>"))
            html lang=(self.language.tag()) dir=(self.language.direction()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    // Nothing is drawn before all of it is there: a table would move as its rows come in.
                    link rel="expect" href="#end" blocking="render";
                    title { (self.title) " · Bartizan" }
                    @if let Some(seconds) = self.again {
                        noscript { meta http-equiv="refresh" content=(seconds); }
                    }
                    link rel="icon" type="image/svg+xml" href=(favicon());
                    @if scripts.is_empty() { style { (PreEscaped(STYLE)) } }
                    @else { link rel="stylesheet" href=(CONSOLE_STYLE.address()) integrity=(CONSOLE_STYLE.digest()); }
                    // What a script unhides or puts in the place of something does not move what was drawn before.
                    @for script in scripts {
                        script src=(script.address()) integrity=(script.digest()) defer blocking="render" {}
                    }
                }
                body {
                    (self.body)
                    @match self.scripts {
                        Scripts::Island => script { (PreEscaped(SCRIPT)) },
                        Scripts::Passkey => script { (PreEscaped(PASSKEY_SCRIPT)) },
                        Scripts::None | Scripts::Console | Scripts::Editor => {}
                    }
                    // Behind the script: what that unhides does not move what was drawn before.
                    span #end hidden {}
                }
            }
        };
        Rendered { html: html.into_string(), csp }
    }

    fn policy(&self) -> String {
        let scripts = self.scripts.by_address();
        // Stylesheets are allowed by digest only where they are inline (CSP 3, 8.4 is about scripts). From the own host
        // nothing else comes that a browser takes for one: everything there has its type, and `nosniff`.
        let style = if scripts.is_empty() { STYLE_SOURCE.as_str() } else { "'self'" };
        let mut policy = format!("default-src 'none'; style-src {style}; img-src data:");
        let sources: Vec<String> = match self.scripts {
            Scripts::None => Vec::new(),
            Scripts::Island => vec![SCRIPT_SOURCE.clone()],
            Scripts::Passkey => vec![PASSKEY_SCRIPT_SOURCE.clone()],
            // By digest, and not by `'self'`: then only these run, whatever else the host may be made to answer.
            Scripts::Console | Scripts::Editor => {
                scripts.iter().map(|script| format!("'{}'", script.digest())).collect()
            }
        };
        if !sources.is_empty() {
            policy.push_str("; script-src ");
            policy.push_str(&sources.join(" "));
            policy.push_str("; require-trusted-types-for 'script'; trusted-types 'none'");
        }
        if matches!(self.scripts, Scripts::Console | Scripts::Editor) {
            policy.push_str("; connect-src 'self'");
        }
        policy.push_str("; form-action ");
        match &self.forms {
            Forms::None => policy.push_str("'none'"),
            Forms::Post(onward) => {
                policy.push_str("'self'");
                for origin in onward {
                    policy.push(' ');
                    policy.push_str(origin);
                }
            }
        }
        policy.push_str("; base-uri 'none'; frame-ancestors 'none'");
        policy
    }
}

/// A scheme, a host and perhaps a port, and no character that ends a source or a directive.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty()
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(page: Page) -> String {
        page.render().csp
    }

    #[test]
    fn a_page_allows_its_stylesheet_and_nothing_else() {
        let policy = policy(Page::new("Title", html! {}));
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(
            policy.ends_with("; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
        );
        assert!(!policy.contains("script-src"));
    }

    #[test]
    fn a_form_leads_on_to_the_origins_that_are_named() {
        let policy = policy(Page::new("Title", html! {}).posts(["https://wiki.test:8443", "http://a.test"]));
        assert!(policy.contains("; form-action 'self' https://wiki.test:8443 http://a.test; "));
    }

    #[test]
    fn what_is_not_an_origin_does_not_change_the_policy() {
        for text in [
            "https://",
            "*",
            "wiki.test",
            "https://a.test; script-src *",
            "https://a.test *",
            "https://*.test",
            "javascript:x",
            "https://a.test,b",
        ] {
            let policy = policy(Page::new("Title", html! {}).posts([text]));
            assert!(policy.contains("; form-action 'self'; "), "{text}");
        }
    }

    #[test]
    fn a_script_is_allowed_where_it_is_used() {
        let page = Page::new("Title", html! {}).copies().render();
        assert!(page.csp.contains(&format!("; script-src {}; ", *SCRIPT_SOURCE)));
        assert!(page.html.contains("<script>"));
        let page = Page::new("Title", html! {}).asks_for_passkeys().render();
        assert!(page.csp.contains(&format!("; script-src {}; ", *PASSKEY_SCRIPT_SOURCE)));
        assert!(!page.csp.contains("connect-src") && page.html.contains("navigator.credentials"));
    }

    #[test]
    fn what_comes_by_address_is_allowed_by_its_digest_and_no_other() {
        for (page, scripts) in [
            (Page::new("Title", html! {}).finds(), vec![&*CONSOLE]),
            (Page::new("Title", html! {}).edits(), vec![&*CONSOLE, &*CODEMIRROR, &*EDITOR]),
        ] {
            let page = page.render();
            let sources: Vec<String> =
                scripts.iter().map(|script| format!("'{}'", script.digest())).collect();
            assert!(
                page.csp.contains(&format!("; script-src {}; require-", sources.join(" "))),
                "{}",
                page.csp
            );
            assert!(page.csp.contains("; style-src 'self'; "), "{}", page.csp);
            for script in &scripts {
                let tag =
                    format!("<script src=\"{}\" integrity=\"{}\" defer", script.address(), script.digest());
                assert!(page.html.contains(&tag), "{}", page.html);
            }
            assert_eq!(page.html.matches("<script").count(), scripts.len());
            assert!(!page.html.contains("<style"), "{}", page.html);
        }
    }

    #[test]
    fn what_a_page_waits_for_is_at_its_end() {
        let html = Page::new("Title", html! { main {} }).render().html;
        assert!(html.contains(r##"<link rel="expect" href="#end" blocking="render">"##), "{html}");
        assert!(html.ends_with(r#"<main></main><span id="end" hidden></span></body></html>"#), "{html}");
    }

    #[test]
    fn a_title_is_text() {
        let page = Page::new("</title><script>", html! {}).render();
        assert!(page.html.contains("<title>&lt;/title&gt;&lt;script&gt; · Bartizan</title>"));
    }
}
