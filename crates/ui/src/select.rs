//! A choice of a few.

use maud::{Markup, html};

/// A field in which one of these values, each with its words, is chosen.
#[must_use]
pub fn select(name: &str, label: &str, options: &[(&str, &str)], chosen: &str) -> Markup {
    html! {
        div .field {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @for (value, words) in options {
                    option value=(value) selected[*value == chosen] { (words) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_stays_chosen() {
        let html = select("a", "A", &[("", "any"), ("x", "X")], "x").into_string();
        assert!(html.contains("<option value=\"\">any</option><option value=\"x\" selected>X</option>"));
    }
}
