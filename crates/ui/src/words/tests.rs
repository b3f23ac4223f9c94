use std::sync::LazyLock;

use super::*;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let text = "open = Open { $app }\nend = { $count ->\n    [one] End { $count } stream\n   *[other] End { $count } streams\n}\n";
    Catalog::new(&Texts { english: text, german: "open = { $app } öffnen", french: text, spanish: text })
});

fn words(language: Language) -> Words {
    CATALOG.words(language)
}

#[test]
fn a_text_is_said_in_the_language_of_the_reader() {
    assert_eq!(words(Language::English).with("open", &[("app", "wiki".into())]), "Open wiki");
    assert_eq!(words(Language::German).with("open", &[("app", "wiki".into())]), "wiki öffnen");
}

#[test]
fn numbers_are_written_and_counted_as_the_language_does() {
    let end = |language, count: u64| words(language).with("end", &[("count", count.into())]);
    assert_eq!(end(Language::English, 1), "End 1 stream");
    assert_eq!(end(Language::English, 1_234_567), "End 1,234,567 streams");
    assert_eq!(end(Language::French, 0), "End 0 stream");
    assert_eq!(end(Language::French, 12_345), "End 12\u{202f}345 streams");
    assert_eq!(end(Language::Spanish, 999), "End 999 streams");
    assert!(end(Language::Mirrored, 1).contains("stream\u{202c}"), "the plurals are those of English");
}

#[test]
fn what_is_put_in_is_never_read_as_a_text_of_ours() {
    let hostile = "{ $count } \u{e000}0\u{e001} <b> open = x";
    let said = words(Language::English).with("open", &[("app", hostile.into())]);
    assert_eq!(said, "Open { $count } \u{fffd}0\u{e001} <b> open = x");
    let piece = html! { b { "piece" } };
    let page = words(Language::English).markup("open", &[("app", hostile.into())], &[("count", piece)]);
    assert_eq!(page.into_string(), "Open { $count } \u{fffd}0\u{e001} &lt;b&gt; open = x");
}

#[test]
fn pieces_of_a_page_stand_where_the_language_wants_them() {
    let piece = [("app", isolated("<wiki>"))];
    let page = |language| words(language).markup("open", &[], &piece).into_string();
    assert_eq!(page(Language::English), "Open <bdi>&lt;wiki&gt;</bdi>");
    assert_eq!(page(Language::German), "<bdi>&lt;wiki&gt;</bdi> öffnen");
}

#[test]
fn a_text_that_is_missing_is_seen_and_nothing_breaks() {
    assert_eq!(words(Language::German).say("end"), "end");
    let broken = Catalog::new(&Texts { english: "a = { $", german: "b = B\nb = C", french: "", spanish: "" });
    assert_eq!(broken.problems().len(), 3, "{:?}", broken.problems());
}

#[test]
fn mirrored_words_are_drawn_the_other_way() {
    assert_eq!(mirrored("Open it "), "\u{202e}Open\u{202c} \u{202e}it\u{202c} ");
    assert_eq!(mirrored(" "), " ");
}
