//! Where somebody was.

use maud::{Markup, html};

use crate::texts::words;
use crate::{Language, isolated};

/// The browser and the system under it, as far as they are known, and the address; in words if nothing is known.
#[must_use]
pub fn place(known: Option<(Option<&str>, Option<&str>, String)>, language: Language) -> Markup {
    let words = words(language);
    let Some((browser, system, address)) = known else {
        return html! { (words.say("unknown-place")) };
    };
    let address = ("address", isolated(&address));
    match (browser, system) {
        (Some(browser), Some(system)) => {
            let pieces = [("browser", isolated(browser)), ("system", isolated(system)), address];
            words.markup("browser-on", &[], &pieces)
        }
        (Some(one), None) | (None, Some(one)) => {
            words.markup("browser-from", &[], &[("browser", isolated(one)), address])
        }
        (None, None) => address.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_left_out() {
        let told = |browser, system| {
            place(Some((browser, system, String::from("192.0.2.1"))), Language::English).into_string()
        };
        assert_eq!(told(None, None), "<bdi>192.0.2.1</bdi>");
        assert_eq!(told(Some("curl"), None), "<bdi>curl</bdi>, <bdi>192.0.2.1</bdi>");
        let both = told(Some("Firefox"), Some("Linux"));
        assert_eq!(both, "<bdi>Firefox</bdi> on <bdi>Linux</bdi>, <bdi>192.0.2.1</bdi>");
        assert_eq!(place(None, Language::English).into_string(), "Unknown place");
    }
}
