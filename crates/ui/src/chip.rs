//! Ids and people inside a line.

use maud::{Markup, html};

use crate::button::{Copies, copy_button};
use crate::texts::words;
use crate::{Icon, Language, icon, isolated};

/// An id, shortened in the middle, with a button that copies all of it.
#[must_use]
pub fn id_chip(id: &str, url: Option<&str>, language: Language) -> Markup {
    let short = shorten(id);
    html! {
        span .chip {
            @match url {
                Some(url) => a href=(url) title=(id) { code { (short) } },
                None => code title=(id) { (short) },
            }
            (copy_button(id, Copies::Named(&short), language))
        }
    }
}

/// An id in full, for who may have to copy it without a script or read it out.
#[must_use]
pub fn id_whole(id: &str, language: Language) -> Markup {
    html! { span .chip { code { (id) } (copy_button(id, Copies::Named(&shorten(id)), language)) } }
}

/// Whether a person may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// They may.
    Active,
    /// An administrator has disabled the account.
    Disabled,
}

/// A person: initials and name, and whether they are disabled.
#[must_use]
pub fn person_chip(name: &str, state: PersonState, language: Language) -> Markup {
    html! {
        span .person {
            span .initials aria-hidden="true" { (initials(name)) }
            (isolated(name))
            @match state {
                PersonState::Active => {},
                PersonState::Disabled => span .badge { (icon(Icon::Lock)) (words(language).say("disabled")) },
            }
        }
    }
}

/// The first letters of the first and the last name. Marks, and what turns the direction round, are none.
fn initials(name: &str) -> String {
    let mut letters =
        name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = letters.next();
    first.into_iter().chain(letters.next_back()).flat_map(char::to_uppercase).collect()
}

/// The first eight and the last six characters, if that leaves enough out to be worth it.
fn shorten(id: &str) -> String {
    let count = id.chars().count();
    if count <= 20 {
        return id.to_owned();
    }
    let head: String = id.chars().take(8).collect();
    let tail: String = id.chars().skip(count.saturating_sub(6)).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_id_is_shortened_in_the_middle_and_copied_whole() {
        let id = "0192f0c1-2b3c-7d4e-8f50-112233445566";
        let chip = id_chip(id, None, Language::English).into_string();
        assert!(chip.contains(">0192f0c1…445566<"));
        assert!(chip.contains(&format!("data-copy=\"{id}\"")));
        assert_eq!(shorten("wiki"), "wiki");
        assert_eq!(shorten("åäöåäöåäöåäöåäöåäöåäöåäö"), "åäöåäöåä…åäöåäö");
    }

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        for (name, letters) in [
            ("Bob Lindgren", "BL"),
            ("ann", "A"),
            ("Åsa van den Berg", "ÅB"),
            ("\u{202e}txt.exe \"(Bob)\"", "TB"),
            ("", ""),
            ("  ", ""),
        ] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
