//! A line at the foot of a page, by which its reader chooses another language.

use maud::{Markup, html};

use crate::Language;
use crate::texts::words;

/// The languages that are offered, the one that the page is in marked; the others lead to `here` with their tag as
/// `lang`. Where that leads has to keep the choice.
#[must_use]
pub fn languages(current: Language, here: &str) -> Markup {
    let sign = if here.contains('?') { '&' } else { '?' };
    html! {
        nav .languages aria-label=(words(current).say("languages")) {
            @for language in Language::OFFERED {
                @let tag = language.tag();
                @if language == current {
                    span lang=(tag) aria-current="true" { (language.name()) }
                } @else {
                    a lang=(tag) hreflang=(tag) href={ (here) (sign) "lang=" (tag) } { (language.name()) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_leads_to_the_same_page_and_the_current_one_nowhere() {
        let html = languages(Language::German, "/link?a=0&t=\"<").into_string();
        assert!(html.contains("<span lang=\"de\" aria-current=\"true\">Deutsch</span>"), "{html}");
        for tag in ["en", "fr", "es"] {
            let link = format!("hreflang=\"{tag}\" href=\"/link?a=0&amp;t=&quot;&lt;&amp;lang={tag}\"");
            assert!(html.contains(&link), "{html}");
        }
        assert_eq!(html.matches("<a ").count(), 3);
        assert_eq!(languages(Language::Mirrored, "/").into_string().matches("href=\"/?lang=").count(), 4);
    }
}
