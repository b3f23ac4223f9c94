use std::collections::BTreeMap;

use super::*;

type Tokens = BTreeMap<String, [f64; 3]>;

/// The colours that the nth rule for `:root` sets over what those before it set.
fn tokens(css: &str) -> Tokens {
    css.split(';')
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'))
        .filter_map(|(name, value)| Some((name.to_owned(), colour(value.trim().strip_prefix('#')?))))
        .collect()
}

fn colour(hex: &str) -> [f64; 3] {
    assert_eq!(hex.len(), 6, "#{hex} is written in full");
    let bytes = u32::from_str_radix(hex, 16).unwrap().to_be_bytes();
    [bytes[1], bytes[2], bytes[3]].map(|byte| f64::from(byte) / 255.0)
}

/// The declarations of `:root` under a media query, or under none.
fn root(media: &str) -> &'static str {
    let rule =
        if media.is_empty() { "\n:root {".to_owned() } else { format!("\n@media {media} {{\n  :root {{") };
    STYLE.split_once(&rule).unwrap_or_else(|| panic!("no :root under `{media}`")).1.split_once('}').unwrap().0
}

/// The four themes.
fn themes() -> [(&'static str, Tokens); 4] {
    let light = tokens(root(""));
    let over = |base: &Tokens, media: &str| {
        let mut theme = base.clone();
        theme.extend(tokens(root(media)));
        theme
    };
    let dark = over(&light, "(prefers-color-scheme: dark)");
    let light_contrast = over(&light, "(prefers-contrast: more)");
    let dark_contrast = over(&dark, "(prefers-contrast: more) and (prefers-color-scheme: dark)");
    [("light", light), ("dark", dark), ("light contrast", light_contrast), ("dark contrast", dark_contrast)]
}

/// WCAG 2.2, "relative luminance".
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

/// WCAG 2.2, "contrast ratio".
fn ratio(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn the_ratio_is_that_of_the_standard() {
    assert!((ratio(colour("000000"), colour("FFFFFF")) - 21.0).abs() < 1e-9);
    assert!((ratio(colour("777777"), colour("FFFFFF")) - 4.478).abs() < 1e-3);
}

#[test]
fn text_and_outlines_stand_out_on_every_surface_of_every_theme() {
    for (name, theme) in themes() {
        for ground in ["bg", "surface", "sunken"] {
            for text in ["ink", "muted", "accent", "permit", "deny", "cut", "step"] {
                let ratio = ratio(theme[text], theme[ground]);
                assert!(ratio >= 5.3, "{name}: {text} on {ground} is {ratio:.2}");
            }
            let ratio = ratio(theme["line"], theme[ground]);
            assert!(ratio >= 3.2, "{name}: line on {ground} is {ratio:.2}");
        }
        for ground in ["accent", "deny"] {
            let ratio = ratio(theme["on-accent"], theme[ground]);
            assert!(ratio >= 5.3, "{name}: on-accent on {ground} is {ratio:.2}");
        }
    }
}

#[test]
fn colours_are_named_once() {
    let tokens_end = CONSOLE_STYLE.split_once("/* The page").unwrap().1;
    // QR codes are black on white for their readers, which are not people; paper is white.
    let outside: Vec<_> = tokens_end
        .lines()
        .filter(|line| line.contains('#') && !line.contains("#000") && !line.contains("#fff"))
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn neither_text_ends_its_element() {
    assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    assert!(!STYLE.contains('\r') && !SCRIPT.contains('\r'));
    assert!(!CONSOLE_STYLE.contains("url(") && !CONSOLE_STYLE.contains("@import"));
}
