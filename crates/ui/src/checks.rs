//! A choice of any number of things.

use maud::{Markup, html};

use crate::{Icon, icon};

/// A box that is ticked or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check<'a> {
    /// What is sent if it is ticked.
    pub name: &'a str,
    /// The words beside it.
    pub label: &'a str,
    /// Whether it is ticked.
    pub ticked: bool,
}

/// Boxes under a heading, with what helps to choose and what is wrong with the choice. `name` is that of the whole.
#[must_use]
pub fn checks(name: &str, legend: &str, hint: &str, problem: Option<&str>, boxes: &[Check<'_>]) -> Markup {
    let described = match problem {
        None => format!("{name}-hint"),
        Some(_) => format!("{name}-problem {name}-hint"),
    };
    html! {
        fieldset .field.wrong[problem.is_some()] aria-describedby=(described) {
            legend { (legend) }
            @if !boxes.is_empty() {
                ul .checks {
                    @for (index, each) in boxes.iter().enumerate() {
                        li {
                            input type="checkbox" id=(each.name) name=(each.name) value="on" checked[each.ticked]
                                autofocus[problem.is_some() && index == 0];
                            label for=(each.name) { (each.label) }
                        }
                    }
                }
            }
            @if let Some(problem) = problem {
                p .problem id={ (name) "-problem" } { (icon(Icon::Warning)) span { (problem) } }
            }
            p .hint id={ (name) "-hint" } { (hint) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_ticked_stays_ticked_and_a_problem_is_said_of_the_whole() {
        let boxes = [
            Check { name: "app:a", label: "a", ticked: false },
            Check { name: "app:b", label: "b", ticked: true },
        ];
        let html = checks("apps", "Apps", "Which?", Some("No <such>."), &boxes).into_string();
        assert!(html.contains("aria-describedby=\"apps-problem apps-hint\""), "{html}");
        assert!(html.contains("name=\"app:a\" value=\"on\" autofocus>"), "{html}");
        assert!(html.contains("name=\"app:b\" value=\"on\" checked>"), "{html}");
        assert!(html.contains("<label for=\"app:b\">b</label>") && html.contains("No &lt;such&gt;."));
    }
}
