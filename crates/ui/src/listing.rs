//! A text with the numbers of its lines, and what is said about them.

use maud::{Markup, html};

use crate::{Icon, icon};

/// Something said about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remark<'a> {
    /// The line, from 1.
    pub line: u32,
    /// Line and column in words.
    pub place: &'a str,
    /// Whether it keeps the text from being accepted.
    pub serious: bool,
    /// What is wrong.
    pub message: &'a str,
    /// What would mend it.
    pub help: Option<&'a str>,
}

/// The text, line by line; what is said of a line stands under it.
#[must_use]
pub fn listing(label: &str, text: &str, remarks: &[Remark<'_>]) -> Markup {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        lines.push("");
    }
    let last = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    html! {
        div .listing tabindex="0" role="region" aria-label=(label) {
            ol {
                @for (number, line) in (1_u32..).zip(lines) {
                    // What is missing at the end has no line of its own.
                    @let of_line: Vec<_> = remarks.iter().filter(|remark| remark.line.clamp(1, last) == number).collect();
                    li .wrong[!of_line.is_empty()] {
                        code { (line) }
                        @for remark in of_line { (said(remark)) }
                    }
                }
            }
        }
    }
}

fn said(remark: &Remark<'_>) -> Markup {
    let (class, picture) = if remark.serious { ("deny", Icon::Deny) } else { ("step", Icon::Warning) };
    html! {
        p class={ "remark " (class) } {
            (icon(picture))
            span {
                strong { (remark.message) }
                @if let Some(help) = remark.help { " " span .help { (help) } }
                span .muted { " " (remark.place) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_stands_under_its_line() {
        let remark = Remark {
            line: 2,
            place: "line <2>",
            serious: true,
            message: "no <such>",
            help: Some("did you mean x?"),
        };
        let html = listing("Text", "one\ntwo", &[remark]).into_string();
        assert!(html.contains("<code>one</code></li><li class=\"wrong\"><code>two</code>"), "{html}");
        assert!(html.contains("no &lt;such&gt;") && html.contains("line &lt;2&gt;"));
        for (text, line) in [("", 1), ("one", 2)] {
            let html = listing("Text", text, &[Remark { line, ..remark }]).into_string();
            assert!(html.contains("no &lt;such&gt;"), "{text:?}");
        }
    }
}
