//! Whether a command prints what the book shows, but for what is another each time: numbers, times, ids, secrets.

use std::collections::BTreeMap;

/// What the book writes, and what it was this time: for the commands after it.
pub(crate) type Met = BTreeMap<String, String>;

/// Compares line by line, word by word. A line `…` stands for any lines, a word with `…` for any rest of it.
///
/// # Errors
/// The first line that is shown and was not printed.
pub(crate) fn compare(shown: &[String], printed: &str, met: &mut Met) -> Result<(), String> {
    let printed: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).filter(|line| !line.trim().is_empty()).collect();
    let (mut at, mut any) = (0, false);
    for line in &shown {
        if *line == "…" {
            any = true;
            continue;
        }
        let found = printed.iter().enumerate().skip(at).find(|(_, other)| same(line, other).is_some());
        match found {
            Some((number, other)) if any || number == at => {
                met.extend(same(line, other).unwrap_or_default());
                at = number + 1;
                any = false;
            }
            _ => return Err(format!("it does not print `{line}`, but:\n{}", printed.join("\n"))),
        }
    }
    if any || at == printed.len() {
        Ok(())
    } else {
        Err(format!("it goes on:\n{}", printed.get(at..).unwrap_or_default().join("\n")))
    }
}

/// What the words of two lines are to each other, if the lines are the same.
fn same(shown: &str, printed: &str) -> Option<Met> {
    let (shown, printed): (Vec<&str>, Vec<&str>) =
        (shown.split_whitespace().collect(), printed.split_whitespace().collect());
    let alike =
        shown.len() == printed.len() && shown.iter().zip(&printed).all(|(one, other)| alike(one, other));
    let pairs = shown.iter().zip(&printed).filter(|(one, other)| one != other && one.len() >= LONG_ENOUGH);
    let bare = |word: &str| word.trim_end_matches([':', ',', ';', ')']).to_owned();
    alike.then(|| pairs.map(|(one, other)| (bare(one), bare(other))).collect())
}

/// A word that may be told again: shorter ones mean something else elsewhere.
const LONG_ENOUGH: usize = 4;

const PORT: &str = ":8443";

fn alike(shown: &str, printed: &str) -> bool {
    // Some chapters are about a deployment at the port that is everybody's, and needs not be said.
    let (shown, printed) = (&shown.replace(PORT, ""), &printed.replace(PORT, ""));
    match shown.split_once('…') {
        Some((begin, end)) => printed.starts_with(begin) && printed.ends_with(end),
        None => shown == printed || shape(shown) == shape(printed),
    }
}

/// A word without what is another each time.
fn shape(word: &str) -> String {
    let hex = |part: &str| part.chars().all(|c| c.is_ascii_hexdigit());
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    if lengths == [8, 4, 4, 4, 12] && word.split('-').all(hex) {
        return "an id".into();
    }
    if word.starts_with("age1") && word.len() > 40 {
        return "a public key".into();
    }
    let mut shape = String::new();
    for c in word.chars() {
        if !c.is_ascii_digit() {
            shape.push(c);
        } else if !shape.ends_with('0') {
            shape.push('0');
        }
    }
    shape
}

#[test]
fn what_is_shown_is_what_is_printed_but_for_numbers_and_ids() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let mut met = Met::new();
    let shown = lines("made 4711 things at 2026-11-25T03:02:11.1Z\n…\nbzj_…");
    compare(&shown, "made 12 things at 2027-01-02T00:00:00.99Z\n\nmore\nbzj_abc\n", &mut met).unwrap();
    assert_eq!((met["4711"].as_str(), met["bzj_…"].as_str()), ("12", "bzj_abc"));
    for (shown, printed) in [("a b", "a c"), ("a", "a\nb"), ("a\nb", "a"), ("x\na", "a"), ("…\nb", "a")] {
        assert!(compare(&lines(shown), printed, &mut met).is_err(), "{shown} is not {printed}");
    }
}
