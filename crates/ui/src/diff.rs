//! What changed between two texts, line by line, one under the other.

use maud::{Markup, html};

use crate::texts::words;
use crate::{Language, Words};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Gone(&'a str),
    New(&'a str),
}

/// The lines that are gone and that are new, with three lines around them. Said in words, too: colour is not all there is.
#[must_use]
pub fn diff(label: &str, old: &str, new: &str, language: Language) -> Markup {
    let words = words(language);
    let lines = compare(old, new);
    let near = |at: usize| {
        let around = at.saturating_sub(AROUND)..(at + AROUND + 1).min(lines.len());
        lines.get(around).is_some_and(|lines| lines.iter().any(|line| !matches!(line, Line::Same(_))))
    };
    let mut left_out = false;
    let mut shown = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if near(at) {
            if std::mem::take(&mut left_out) {
                shown.push(html! { li .gap { "…" } });
            }
            shown.push(one(*line, words));
        } else {
            left_out = true;
        }
    }
    html! {
        div .listing.diff tabindex="0" role="region" aria-label=(label) {
            @if shown.is_empty() { p .muted { (words.say("diff-none")) } }
            ul { @for line in shown { (line) } }
        }
    }
}

fn one(line: Line<'_>, words: Words) -> Markup {
    match line {
        Line::Same(text) => html! { li { span aria-hidden="true" { " " } code { (text) } } },
        Line::Gone(text) => html! {
            li .gone { span aria-hidden="true" { "−" } span .unseen { (words.say("diff-gone")) " " } code { (text) } }
        },
        Line::New(text) => html! {
            li .new { span aria-hidden="true" { "+" } span .unseen { (words.say("diff-new")) " " } code { (text) } }
        },
    }
}

/// The longest common subsequence of lines; where that would take too much, everything in the middle is different.
fn compare<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let (old_rest, new_rest) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail =
        old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(one, other)| one == other).count();
    let old_mid = old_rest.get(..old_rest.len() - tail).unwrap_or_default();
    let new_mid = new_rest.get(..new_rest.len() - tail).unwrap_or_default();
    let mut lines: Vec<Line<'a>> = old.iter().take(head).map(|line| Line::Same(line)).collect();
    middle(old_mid, new_mid, &mut lines);
    lines.extend(old_rest.iter().skip(old_rest.len() - tail).map(|line| Line::Same(line)));
    lines
}

fn middle<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<Line<'a>>) {
    if old.len().saturating_mul(new.len()) > MAX_CELLS {
        lines.extend(old.iter().map(|line| Line::Gone(line)));
        lines.extend(new.iter().map(|line| Line::New(line)));
        return;
    }
    // `common[i * width + j]`: how long what both have from here on is.
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    let at = |common: &[u32], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or(0);
    for (i, one) in old.iter().enumerate().rev() {
        for (j, other) in new.iter().enumerate().rev() {
            let longest = if one == other {
                at(&common, i + 1, j + 1) + 1
            } else {
                at(&common, i + 1, j).max(at(&common, i, j + 1))
            };
            if let Some(cell) = common.get_mut(i * width + j) {
                *cell = longest;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    loop {
        match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if one == other => {
                lines.push(Line::Same(one));
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) => {
                lines.push(Line::Gone(one));
                i += 1;
            }
            (_, Some(other)) => {
                lines.push(Line::New(other));
                j += 1;
            }
            (Some(_) | None, None) => return,
        }
    }
}

/// How many lines around a change are shown.
const AROUND: usize = 3;

/// The largest table that is made: 4 MiB, a few milliseconds.
const MAX_CELLS: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(old: &str, new: &str) -> String {
        let sign = |line: &Line<'_>| match line {
            Line::Same(_) => '=',
            Line::Gone(_) => '-',
            Line::New(_) => '+',
        };
        compare(old, new).iter().map(sign).collect()
    }

    #[test]
    fn only_what_is_different_is_marked() {
        for (old, new, expected) in [
            ("", "", ""),
            ("a\nb\nc", "a\nb\nc", "==="),
            ("a\nb\nc", "a\nx\nc", "=-+="),
            ("a\nc", "a\nb\nc", "=+="),
            ("a\nb\nc", "a\nc", "=-="),
            ("", "a", "+"),
            ("a", "", "-"),
            ("a\nb\na\nb", "b\na\nb\na", "-===+"),
        ] {
            assert_eq!(signs(old, new), expected, "{old:?} to {new:?}");
        }
    }

    #[test]
    fn both_texts_can_be_put_together_from_the_lines() {
        let (old, new) = ("q\nw\ne\nr\nt\ny", "w\nq\ne\nt\nz\ny\ny");
        let lines = compare(old, new);
        let side = |gone: bool| {
            let of = lines.iter().filter_map(|line| match line {
                Line::Same(text) => Some(*text),
                Line::Gone(text) => gone.then_some(*text),
                Line::New(text) => (!gone).then_some(*text),
            });
            of.collect::<Vec<_>>().join("\n")
        };
        assert_eq!((side(true).as_str(), side(false).as_str()), (old, new));
    }

    #[test]
    fn far_from_a_change_nothing_is_shown() {
        let old = (0..40).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
        let new = old.replace("\n20\n", "\ntwenty\n");
        let html = diff("Change", &old, &new, Language::English).into_string();
        assert!(!html.contains(">5<") && html.contains(">17<") && html.contains(">twenty<"));
    }
}
