//! Lists: searched, sorted and paged here, and not in the browser. What was asked stands in the address, so that a view
//! can be kept and handed on; all that is in it can be taken along as CSV (RFC 4180) or JSON.

use std::cmp::Ordering;
use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use bartizan_ui::{Align, Column, Direction, Emphasis, Field, Sort, Table, button, named_filter};
use http::header::{self, HeaderName};
use maud::{Markup, html};
use serde_json::Value;

use super::columns::{self, Columns};
use super::frame::Frame;
use super::words::many;
use super::{Fields, said};
use crate::register::Entry;

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// The id of the text in its head.
    pub(super) text: &'static str,
    pub(super) align: Align,
    /// What it is called in addresses, if the list can be sorted by it.
    pub(super) sorts: Option<&'static str>,
}

/// What was asked of a list.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    path: &'static str,
    fields: Fields,
}

/// In which form the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Page,
    Csv,
    Json,
}

impl Asked {
    pub(super) const fn new(path: &'static str, fields: Fields) -> Self {
        Self { path, fields }
    }

    /// What one field says.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        said(&self.fields, name)
    }

    /// The words that are looked for, in small letters. More than a few narrow nothing down.
    pub(super) fn words(&self) -> Vec<String> {
        let text: String = self.get("q").unwrap_or_default().chars().take(MOST_LETTERS).collect();
        text.to_lowercase().split_whitespace().take(MOST_WORDS).map(str::to_owned).collect()
    }

    /// By which column the rows are sorted, and which way; by the first that sorts, if nothing else is asked.
    pub(super) fn order(&self, heads: &[Head]) -> (&'static str, Direction) {
        let asked = self.get("sort").unwrap_or_default();
        let (name, direction) = match asked.strip_prefix('-') {
            Some(name) => (name, Direction::Down),
            None => (asked, Direction::Up),
        };
        let mut known = heads.iter().filter_map(|head| head.sorts);
        let first = known.clone().next().unwrap_or_default();
        known.find(|known| *known == name).map_or((first, Direction::Up), |name| (name, direction))
    }

    fn from(&self) -> usize {
        self.get("from").and_then(|from| from.parse().ok()).unwrap_or(0)
    }

    pub(super) fn format(&self) -> Format {
        match self.get("format") {
            Some("csv") => Format::Csv,
            Some("json") => Format::Json,
            Some(_) | None => Format::Page,
        }
    }

    /// All that was asked.
    pub(super) const fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Whether less than everything was asked for.
    fn narrows(&self) -> bool {
        self.fields.keys().any(|name| !NOT_NARROWING.contains(&name.as_str()) && self.get(name).is_some())
    }

    /// The address of this view with some fields saying something else.
    pub(super) fn url(&self, changes: &[(&str, &str)]) -> String {
        let mut fields = self.fields.clone();
        for (name, value) in changes {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        fields.retain(|_, value| !value.trim().is_empty());
        if fields.is_empty() {
            return self.path.to_owned();
        }
        let query: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        format!("{}?{}", self.path, query.join("&"))
    }

    /// The part that is asked for of rows in this order, in which none are equal. Of many rows only those of one page are
    /// sorted.
    pub(super) fn part_by<T>(&self, mut rows: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Part<T> {
        let (from, most) = self.range(rows.len());
        if from > 0 && from < rows.len() {
            rows.select_nth_unstable_by(from, &compare);
        }
        let rest = rows.get_mut(from..).unwrap_or_default();
        if most < rest.len() {
            rest.select_nth_unstable_by(most, &compare);
        }
        let shown = most.min(rest.len());
        rest.get_mut(..shown).unwrap_or_default().sort_unstable_by(compare);
        self.part(rows)
    }

    /// Where the part begins that is asked for, and how many rows it has at most.
    fn range(&self, total: usize) -> (usize, usize) {
        match self.format() {
            // Past the end, the last page is shown.
            Format::Page => (self.from().min(total.saturating_sub(1) / PAGE * PAGE), PAGE),
            Format::Csv | Format::Json => (0, MOST),
        }
    }

    /// The part of the rows that is asked for: one page, or all of them to be taken along.
    pub(super) fn part<T>(&self, mut rows: Vec<T>) -> Part<T> {
        let total = rows.len();
        let (from, most) = self.range(total);
        rows.drain(..from.min(total));
        rows.truncate(most);
        Part { rows, from, total }
    }
}

/// The order of entries by what they are called; none are equal.
pub(super) fn by_name(one: &Arc<Entry>, other: &Arc<Entry>) -> Ordering {
    one.label.cmp(&other.label).then_with(|| one.name.cmp(&other.name))
}

/// Sorts rows, in a direction; what is equal stays as it was.
pub(super) fn sort_by<T>(rows: &mut [T], direction: Direction, compare: impl Fn(&T, &T) -> Ordering) {
    match direction {
        Direction::Up => rows.sort_by(compare),
        Direction::Down => rows.sort_by(|one, other| compare(other, one)),
    }
}

/// Sorts entries as is asked: by name and by last change everywhere, and else as the list says. What is equal stands by name.
pub(super) fn sort_entries(
    rows: &mut [Arc<Entry>],
    (by, direction): (&str, Direction),
    compare: impl Fn(&Entry, &Entry) -> Ordering,
) {
    sort_by(rows, Direction::Up, |one, other| one.label.cmp(&other.label));
    match by {
        "name" => sort_by(rows, direction, |one, other| one.label.cmp(&other.label)),
        "changed" => sort_by(rows, direction, |one, other| one.revision.cmp(&other.revision)),
        _ => sort_by(rows, direction, |one, other| compare(one, other)),
    }
}

/// Some of the rows of a list.
#[derive(Debug)]
pub(super) struct Part<T> {
    pub(super) rows: Vec<T>,
    pub(super) from: usize,
    /// How many there are in all.
    pub(super) total: usize,
}

impl<T> Part<T> {
    /// The same part, of what is made of each row.
    pub(super) fn map<U>(self, make: impl FnMut(T) -> U) -> Part<U> {
        Part { rows: self.rows.into_iter().map(make).collect(), from: self.from, total: self.total }
    }
}

/// A list to be drawn.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) asked: &'a Asked,
    /// What it holds.
    pub(super) caption: &'a str,
    pub(super) heads: &'a [Head],
    pub(super) part: Part<Vec<Markup>>,
    /// Fields that narrow it down, beside the search.
    pub(super) fields: Markup,
    /// What would be here, and what makes the first one.
    pub(super) empty: Markup,
}

impl List<'_> {
    /// The search, the table, where in the list it is, and how to take it along.
    pub(super) fn markup(self, frame: &Frame) -> Markup {
        let (words, asked) = (frame.words, self.asked);
        let texts: Vec<&'static str> = self.heads.iter().map(|head| head.text).collect();
        let chosen = Columns::of(asked, &texts);
        let names: Vec<String> = texts.iter().map(|text| words.say(text)).collect();
        let columns = names.iter().zip(self.heads).map(|(name, head)| Column { name, align: head.align });
        let columns = chosen.of_row(columns);
        let (by, direction) = asked.order(self.heads);
        let sorts = self.heads.iter().map(|head| sort(asked, head.sorts?, by, direction));
        let sorts = chosen.of_row(sorts);
        let rows: Vec<Vec<Markup>> = self.part.rows.into_iter().map(|row| chosen.of_row(row)).collect();
        let (from, shown, total) = (self.part.from, rows.len(), self.part.total);
        let nothing = html! {
            p { (words.say("list-nothing")) }
            p { a href=(asked.path) { (words.say("list-all")) } }
        };
        let empty = if asked.narrows() { nothing } else { self.empty };
        let search = words.say("list-search");
        let kept = ["sort", columns::FIELD].map(|name| (name, asked.get(name)));
        html! {
            (named_filter(asked.path, self.caption, &html! {
                (Field::text("q", &search).value(asked.get("q").unwrap_or_default()))
                (self.fields)
                @for (name, value) in kept { @if let Some(value) = value { input type="hidden" name=(name) value=(value); } }
                div .go {
                    (button(&words.say("list-show"), Emphasis::Primary))
                    @if asked.narrows() { a href=(asked.path) { (words.say("list-clear")) } }
                }
            }))
            (frame.views.markup(frame, asked))
            (Table { caption: self.caption, columns: &columns, rows, empty }.sorted(&sorts))
            @if total > 0 {
                div .row .apart .foot {
                    (pages(frame, asked, from, shown, total))
                    (chosen.markup(words, asked))
                    p .small {
                        span .muted { (words.say("list-export")) } " "
                        a href=(asked.url(&[("format", "csv"), ("from", "")])) download { "CSV" } " "
                        a href=(asked.url(&[("format", "json"), ("from", "")])) download { "JSON" }
                    }
                }
            }
        }
    }
}

fn sort(asked: &Asked, name: &'static str, by: &str, direction: Direction) -> Option<Sort> {
    let now = (name == by).then_some(direction);
    let next = if now == Some(Direction::Up) { format!("-{name}") } else { name.to_owned() };
    Some(Sort { url: asked.url(&[("sort", &next), ("from", "")]), direction: now })
}

/// Which rows are shown, and where the others are.
fn pages(frame: &Frame, asked: &Asked, from: usize, shown: usize, total: usize) -> Markup {
    let words = frame.words;
    let [first, last, all] = [from + 1, from + shown, total].map(many);
    let to = |from: usize| asked.url(&[("from", &if from == 0 { String::new() } else { from.to_string() })]);
    html! {
        nav .pages aria-label=(words.say("list-pages")) {
            span .muted { (words.with("list-range", &[("first", first.into()), ("last", last.into()), ("total", all.into())])) }
            @if from > 0 { a rel="prev" href=(to(from.saturating_sub(PAGE))) { (words.say("list-previous")) } }
            @if from + shown < total { a rel="next" href=(to(from + PAGE)) { (words.say("list-next")) } }
        }
    }
}

/// The rows as a file: `names` are its columns, and each row has as many values.
pub(super) fn taken_along(asked: &Asked, names: &[&str], rows: Vec<Vec<Value>>) -> Response {
    let stem = asked.path.trim_start_matches('/').replace('/', "-");
    let (kind, ending, body) = match asked.format() {
        Format::Json => {
            let named = |row: Vec<Value>| names.iter().map(|name| (*name).to_owned()).zip(row).collect();
            let rows = rows.into_iter().map(|row| Value::Object(named(row)));
            ("application/json", "json", Value::Array(rows.collect()).to_string())
        }
        Format::Csv | Format::Page => ("text/csv; charset=utf-8; header=present", "csv", csv(names, &rows)),
    };
    let headers: [(HeaderName, String); 5] = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{stem}.{ending}\"")),
        (header::CACHE_CONTROL, String::from("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, String::from("nosniff")),
        (HeaderName::from_static("cross-origin-resource-policy"), String::from("same-origin")),
    ];
    (headers, body).into_response()
}

fn csv(names: &[&str], rows: &[Vec<Value>]) -> String {
    let mut text = names.join(",") + "\r\n";
    for row in rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell. What a spreadsheet would take for a formula is kept from being one: names come from people.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::Number(_) | Value::Bool(_) => return value.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let each =
                list.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            each.collect::<Vec<_>>().join(" ")
        }
        Value::Object(_) => value.to_string(),
    };
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Text as it stands in a query (WHATWG URL, the component percent-encode set, and what forms make of blanks).
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' | b',' => {
                char::from(byte).to_string()
            }
            b' ' => String::from("+"),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// 50 rows to a page: two screens.
pub(super) const PAGE: usize = 50;

/// 200,000 rows can be taken along at once.
const MOST: usize = 200_000;

const MOST_WORDS: usize = 8;
const MOST_LETTERS: usize = 200;

/// Fields that say how a list is shown, and not what is in it.
const NOT_NARROWING: [&str; 4] = ["sort", "from", "format", columns::FIELD];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HEADS: &[Head] = &[
        Head { text: "place-apps", align: Align::Start, sorts: Some("name") },
        Head { text: "place-groups", align: Align::End, sorts: None },
        Head { text: "place-people", align: Align::End, sorts: Some("changed") },
    ];

    fn asked(fields: &[(&str, &str)]) -> Asked {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Asked::new("/things", fields.collect())
    }

    #[test]
    fn an_address_says_what_was_asked_and_nothing_else() {
        let view = asked(&[("q", "a&b=ü <x>"), ("sort", "-changed"), ("group", "")]);
        assert_eq!(view.url(&[("from", "50")]), "/things?from=50&q=a%26b%3D%C3%BC+%3Cx%3E&sort=-changed");
        assert_eq!(view.url(&[("q", ""), ("sort", "")]), "/things");
        assert_eq!(view.order(HEADS), ("changed", Direction::Down));
        for unknown in ["", "-", "size", "place-groups", "-NAME"] {
            assert_eq!(asked(&[("sort", unknown)]).order(HEADS), ("name", Direction::Up), "{unknown}");
        }
        assert!(view.narrows() && !asked(&[("sort", "name"), ("from", "3"), ("q", " ")]).narrows());
    }

    #[test]
    fn a_search_without_end_is_a_short_one() {
        let endless = "Word ".repeat(10_000);
        assert_eq!(asked(&[("q", &endless)]).words(), vec!["word"; MOST_WORDS]);
    }

    #[test]
    fn a_page_is_a_part_and_past_the_end_is_the_last() {
        let part = |from: &str, total: usize| {
            let part = asked(&[("from", from)]).part((0..total).collect());
            (part.rows.first().copied(), part.rows.len(), part.total)
        };
        assert_eq!(part("", 120), (Some(0), 50, 120));
        assert_eq!(part("100", 120), (Some(100), 20, 120));
        assert_eq!(part("999999", 120), (Some(100), 20, 120));
        assert_eq!(part("18446744073709551615", 100), (Some(50), 50, 100));
        assert_eq!(part("-1", 3), (Some(0), 3, 3));
        assert_eq!(part("50", 0), (None, 0, 0));
        assert_eq!(
            asked(&[("format", "csv"), ("from", "50")]).part((0..120).collect::<Vec<_>>()).rows.len(),
            120
        );
    }

    #[test]
    fn a_part_in_an_order_is_the_part_of_all_in_that_order() {
        for total in [0_usize, 1, 49, 50, 51, 120, 1000] {
            // Each number once, in no order.
            let rows: Vec<usize> = (0..total).map(|number| number * 7919 % total.max(1)).collect();
            let mut sorted = rows.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), total);
            for fields in
                [[("from", "0")], [("from", "50")], [("from", "70")], [("from", "9999")], [("format", "csv")]]
            {
                let (one, other) =
                    (asked(&fields).part_by(rows.clone(), Ord::cmp), asked(&fields).part(sorted.clone()));
                assert_eq!(
                    (one.rows, one.from, one.total),
                    (other.rows, other.from, other.total),
                    "{fields:?} of {total}"
                );
            }
        }
    }

    #[test]
    fn what_is_taken_along_is_read_by_others_as_it_was_and_runs_nowhere() {
        let rows = vec![vec![json!("=HYPERLINK(\"x\")"), json!(-3), json!(["a", "b"]), json!(null)]];
        let text = csv(&["name", "count", "groups", "mail"], &rows);
        assert_eq!(text, "name,count,groups,mail\r\n\"'=HYPERLINK(\"\"x\"\")\",-3,a b,\r\n");
        for hostile in ["=1", "+1", "-1", "@x", "\tx", "\rx"] {
            assert!(cell(&json!(hostile)).trim_start_matches('"').starts_with('\''), "{hostile:?}");
        }
        assert_eq!(cell(&json!("a\nb")), "\"a\nb\"");
    }
}
