//! What every page has to keep. The test of each page asks for its faults and expects none.

mod words;

use std::collections::BTreeSet;

pub use self::words::words;
use crate::look::source;
use crate::{Asset, Rendered};

/// What is wrong with a page: what its policy would block, and what a person could not use.
#[must_use]
pub fn faults(page: &Rendered) -> Vec<String> {
    let elements = elements(&page.html);
    let mut faults = Vec::new();
    once(&elements, &mut faults);
    shapes(&elements, &page.html, &mut faults);
    ids(&elements, &mut faults);
    forms(&elements, page, &mut faults);
    for element in &elements {
        inline(element, page, &mut faults);
        usable(element, &elements, &mut faults);
    }
    faults
}

/// A start tag, and the text up to the next tag.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

/// Things of which a page has exactly one.
fn once(elements: &[Element], faults: &mut Vec<String>) {
    for name in ["html", "title", "h1", "main"] {
        let count = elements.iter().filter(|element| element.is(name)).count();
        if count != 1 {
            faults.push(format!("{count} <{name}>"));
        }
    }
    for element in elements {
        if element.is("html") && element.attribute("lang").is_none_or(str::is_empty) {
            faults.push("no language".to_owned());
        }
        if element.is("title") && element.text.trim().is_empty() {
            faults.push("no title".to_owned());
        }
    }
}

/// Shapes end. In SVG no element is empty by its name, so what follows one that does not end is not drawn.
fn shapes(elements: &[Element], html: &str, faults: &mut Vec<String>) {
    for name in ["path", "rect", "circle"] {
        let open = elements.iter().filter(|shape| shape.is(name) && shape.attribute("/").is_none()).count();
        if open != html.matches(&format!("</{name}>")).count() {
            faults.push(format!("a <{name}> does not end"));
        }
    }
}

/// Ids are there once, and what is referred to is there.
fn ids(elements: &[Element], faults: &mut Vec<String>) {
    let mut known = BTreeSet::new();
    for id in elements.iter().filter_map(|element| element.attribute("id")) {
        if !known.insert(id) {
            faults.push(format!("id `{id}` is there twice"));
        }
    }
    for element in elements {
        for name in ["aria-describedby", "aria-labelledby", "for"] {
            for id in element.attribute(name).unwrap_or_default().split_whitespace() {
                if !known.contains(id) {
                    faults.push(format!("{name} of <{}> refers to `{id}`, which is not there", element.name));
                }
            }
        }
    }
}

/// A form posts, proves where it came from, and may be sent.
fn forms(elements: &[Element], page: &Rendered, faults: &mut Vec<String>) {
    let forms = elements.iter().filter(|element| element.is("form"));
    let posting = forms.clone().filter(|form| form.attribute("method") == Some("post")).count();
    let tokens = elements
        .iter()
        .filter(|element| element.is("input") && element.attribute("name") == Some("csrf"))
        .filter(|token| token.attribute("value").is_some_and(|value| !value.is_empty()))
        .count();
    if tokens != posting {
        faults.push(format!("{posting} forms post, {tokens} prove where they came from"));
    }
    if forms.count() > 0 && page.csp.contains("form-action 'none'") {
        faults.push("the policy blocks the form".to_owned());
    }
}

/// What the policy would block, or would have to be weakened for.
fn inline(element: &Element, page: &Rendered, faults: &mut Vec<String>) {
    for (name, value) in &element.attributes {
        if name == "style" || name.starts_with("on") {
            faults.push(format!("<{}> has the attribute `{name}`", element.name));
        }
        if ["href", "src", "action"].contains(&name.as_str()) && value.trim_start().starts_with("javascript:")
        {
            faults.push(format!("<{}> runs a script from `{name}`", element.name));
        }
    }
    for (name, directive) in [("script", "script-src"), ("style", "style-src")] {
        let inline = format!("{directive} {};", source(&element.text));
        // From elsewhere comes what is ours: it is there, and is what its digest says.
        let allowed = match element.attribute("src") {
            None => page.csp.contains(&inline),
            Some(address) => element
                .attribute("integrity")
                .is_some_and(|digest| is_ours(address, digest) && page.csp.contains(&format!("'{digest}'"))),
        };
        if element.is(name) && !allowed {
            faults.push(format!("the policy blocks a <{name}>"));
        }
    }
    if element.is("link") && element.attribute("rel") == Some("stylesheet") {
        let (address, digest) = (element.attribute("href"), element.attribute("integrity"));
        let ours = address.zip(digest).is_some_and(|(address, digest)| is_ours(address, digest));
        if !ours || !page.csp.contains("style-src 'self';") {
            faults.push("the policy blocks a stylesheet".to_owned());
        }
    }
}

/// Whether this is the address of an asset of ours with this digest.
fn is_ours(address: &str, digest: &str) -> bool {
    let named = address.rsplit('/').next().and_then(Asset::named);
    named.is_some_and(|asset| asset.address() == address && asset.digest() == digest)
}

/// What somebody could not see, hear or use.
fn usable(element: &Element, elements: &[Element], faults: &mut Vec<String>) {
    let kind = element.attribute("type").unwrap_or_default();
    let is_field =
        element.is("select") || element.is("textarea") || (element.is("input") && kind != "hidden");
    let is_labelled =
        |id| elements.iter().any(|label| label.is("label") && label.attribute("for") == Some(id));
    if is_field && !element.attribute("id").is_some_and(is_labelled) {
        faults.push(format!("the field `{}` has no label", element.attribute("name").unwrap_or_default()));
    }
    if element.is("button") && !["submit", "button"].contains(&kind) {
        faults.push("a <button> has no type".to_owned());
    }
    if element.is("img") && element.attribute("alt").is_none() {
        faults.push("an <img> has no text".to_owned());
    }
    let is_spoken = element.attribute("role") == Some("img") && element.attribute("aria-label").is_some();
    if element.is("svg") && element.attribute("aria-hidden") != Some("true") && !is_spoken {
        faults.push("an <svg> is neither said nor hidden".to_owned());
    }
}

/// The start tags of a document as maud writes it: attributes in double quotes, and no comments.
fn elements(html: &str) -> Vec<Element> {
    let mut elements = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((mut element, after)) = start_tag(after) else {
            rest = after;
            continue;
        };
        let end = if ["script", "style"].contains(&element.name.as_str()) { "</" } else { "<" };
        after.split(end).next().unwrap_or_default().clone_into(&mut element.text);
        rest = after.strip_prefix(element.text.as_str()).unwrap_or(after);
        elements.push(element);
    }
    elements
}

/// One start tag, and what follows it.
fn start_tag(text: &str) -> Option<(Element, &str)> {
    let name: String = text.chars().take_while(char::is_ascii_alphanumeric).collect();
    let mut rest = text.strip_prefix(name.as_str()).filter(|_| !name.is_empty())?;
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>') {
            return Some((Element { name, attributes, text: String::new() }, after));
        }
        let attribute: String =
            rest.chars().take_while(|c| !c.is_whitespace() && !"=>".contains(*c)).collect();
        rest = rest.strip_prefix(attribute.as_str()).filter(|_| !attribute.is_empty())?;
        let value = match rest.strip_prefix("=\"") {
            Some(quoted) => {
                let (value, after) = quoted.split_once('"')?;
                rest = after;
                value
            }
            None => "",
        };
        attributes.push((attribute.to_ascii_lowercase(), value.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use maud::{Markup, PreEscaped, html};

    use super::*;
    use crate::{Field, Page, form, person_layout};

    fn faults_of(content: &Markup) -> Vec<String> {
        faults(
            &Page::new("Title", person_layout(&html! { h1 { "Title" } (content) }, &html! {}))
                .posts([])
                .render(),
        )
    }

    #[test]
    fn a_page_in_order_has_no_faults() {
        let field = html! { (Field::text("login", "Login").hint("A > B")) };
        assert_eq!(faults_of(&form("/x", "token", &field)), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_found() {
        for (markup, fault) in [
            (r#"<p style="color: red">"#, "<p> has the attribute `style`"),
            (r#"<p title="a > b" onclick="x()">"#, "<p> has the attribute `onclick`"),
            ("<script>alert(1)</script>", "the policy blocks a <script>"),
            (r#"<script src="/assets/x.js" integrity="sha256-x"></script>"#, "the policy blocks a <script>"),
            ("<style>p{}</style>", "the policy blocks a <style>"),
            (r#"<link rel="stylesheet" href="/x.css">"#, "the policy blocks a stylesheet"),
            (r#"<a href=" javascript:x">"#, "<a> runs a script from `href`"),
            ("<h1>Again</h1>", "2 <h1>"),
            (r#"<input name="a" id="a">"#, "the field `a` has no label"),
            (r#"<form method="post"></form>"#, "1 forms post, 0 prove where they came from"),
            (r#"<p id="a"><p id="a">"#, "id `a` is there twice"),
            (r#"<p aria-describedby="b">"#, "aria-describedby of <p> refers to `b`, which is not there"),
            ("<button>x</button>", "a <button> has no type"),
            ("<svg></svg>", "an <svg> is neither said nor hidden"),
            ("<rect><path/>", "a <rect> does not end"),
            ("<img>", "an <img> has no text"),
        ] {
            let found = faults_of(&html! { (PreEscaped(markup)) });
            assert_eq!(found, [fault], "{markup}");
        }
    }

    #[test]
    fn a_form_that_may_not_be_sent_is_a_fault() {
        let content = html! { h1 { "Title" } (form("/x", "token", &html! {})) };
        let page = Page::new("Title", person_layout(&content, &html! {})).render();
        assert_eq!(faults(&page), ["the policy blocks the form"]);
    }
}
