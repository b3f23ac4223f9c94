//! Secrets that a person keeps, and commands to run: easy to copy without a mistake.

use maud::{Markup, html};

use crate::Language;
use crate::button::{Copies, copy_button, print_button};

/// Codes, each on its own line, with buttons that copy and print all of them.
#[must_use]
pub fn code_list<T: AsRef<str>>(codes: &[T], language: Language) -> Markup {
    let all = codes.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("\n");
    html! {
        div .codes {
            ol { @for each in codes { li { code { (each.as_ref()) } } } }
            div .row { (copy_button(&all, Copies::All, language)) (print_button(language)) }
        }
    }
}

/// A secret to type by hand, in groups of four. One click selects it, and it is copied without the gaps.
#[must_use]
pub fn secret(text: &str, language: Language) -> Markup {
    let mut characters = text.chars().peekable();
    let mut groups = Vec::new();
    while characters.peek().is_some() {
        groups.push(characters.by_ref().take(4).collect::<String>());
    }
    html! {
        div .secret {
            code { @for group in &groups { span { (group) } } }
            (copy_button(text, Copies::One, language))
        }
    }
}

/// A secret for programs, as it is. One click selects it.
#[must_use]
pub fn secret_text(text: &str, language: Language) -> Markup {
    html! {
        div .secret.whole {
            code { (text) }
            (copy_button(text, Copies::One, language))
        }
    }
}

/// A command to run elsewhere, as it is. One click selects it.
#[must_use]
pub fn command(text: &str, language: Language) -> Markup {
    html! {
        div .secret.whole.command {
            code { (text) }
            (copy_button(text, Copies::One, language))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_in_fours_and_copied_whole() {
        let shown = secret("ABCDEFGHIJ", Language::English).into_string();
        assert!(shown.contains("<code><span>ABCD</span><span>EFGH</span><span>IJ</span></code>"));
        assert!(shown.contains("data-copy=\"ABCDEFGHIJ\""));
    }

    #[test]
    fn codes_are_copied_a_line_each() {
        assert!(code_list(&["a", "b"], Language::French).into_string().contains("data-copy=\"a\nb\""));
    }
}
