//! What happened over time: columns, stacked by outcome in the order permit, step-up, deny, cut, with a table that says
//! the same.
//!
//! The columns are one picture without a text in it, stretched to the room that there is. Over it lies a list of links,
//! one for each column, so that they are read, focused and followed as links are.

use maud::{Markup, html};

use crate::{Align, Column, Outcome, Table, icon};

/// The outcomes, from the foot of a column to its head.
pub const STACK: [Outcome; 4] = [Outcome::Permit, Outcome::StepUp, Outcome::Deny, Outcome::Cut];

/// A chart of how often what came out how.
#[derive(Debug, Clone)]
pub struct Chart<'a> {
    /// What it shows, in words.
    pub caption: &'a str,
    /// The outcomes, as in [`STACK`].
    pub series: [Series<'a>; 4],
    /// The spans of time, oldest first.
    pub spans: Vec<Span>,
    /// What the axis of numbers says at its top and in its middle.
    pub scale: Scale,
    /// "Show as table".
    pub show_table: &'a str,
    /// What the column of times is called in the table.
    pub time: &'a str,
    /// What the row of sums is called in the table.
    pub sum: &'a str,
}

/// One outcome of the chart.
#[derive(Debug, Clone)]
pub struct Series<'a> {
    /// The word for it.
    pub name: &'a str,
    /// How often it was in all, as it is written.
    pub sum: String,
    /// Where these are listed.
    pub url: String,
}

/// What happened in one span of time.
#[derive(Debug, Clone, Default)]
pub struct Span {
    /// When, for the table.
    pub name: String,
    /// What is said of it all: when, and how often what.
    pub said: String,
    /// What stands below it on the axis, if something does.
    pub tick: Option<String>,
    /// How often what was, as in [`STACK`].
    pub parts: [Part; 4],
    /// Where all of it is listed.
    pub url: String,
}

/// How often one outcome was in a span.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// How often.
    pub count: u64,
    /// The same as it is written.
    pub text: String,
    /// Where these are listed.
    pub url: String,
}

/// The axis of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// The number at its top.
    pub top: u64,
    /// The same as it is written, and the number in the middle.
    pub texts: [String; 2],
}

impl Scale {
    /// An axis for numbers up to `highest`, whose top and middle are round; `written` writes numbers.
    #[must_use]
    pub fn up_to(highest: u64, written: impl Fn(u64) -> String) -> Self {
        let mut power: u64 = 1;
        let top = loop {
            let round = ROUND.into_iter().map(|round| power.saturating_mul(round));
            if let Some(top) = round.into_iter().find(|top| *top >= highest) {
                break top;
            }
            power = power.saturating_mul(10);
        };
        Self { top, texts: [written(top), written(top / 2)] }
    }
}

impl Span {
    fn sum(&self) -> u64 {
        self.parts.iter().map(|part| part.count).sum()
    }
}

impl Chart<'_> {
    /// The chart, and its table below.
    #[must_use]
    pub fn markup(&self) -> Markup {
        html! {
            figure .chart {
                figcaption .unseen { (self.caption) }
                ul .series {
                    @for (outcome, series) in STACK.into_iter().zip(&self.series) {
                        li { a href=(series.url) { span .badge.(outcome.class()) { (icon(outcome.icon())) (series.name) } strong { (series.sum) } } }
                    }
                }
                div .plot dir="ltr" {
                    div .scale aria-hidden="true" { @for text in &self.scale.texts { span { (text) } } span { "0" } }
                    div .area {
                        (self.columns())
                        ol .spans {
                            @for span in &self.spans {
                                li { @if span.sum() > 0 { a href=(span.url) title=(span.said) { span .unseen { (span.said) } } } }
                            }
                        }
                        ol .ticks aria-hidden="true" {
                            @for (tick, second, late) in self.ticks() { li { @if let Some(tick) = tick { span .second[second] .late[late] { (tick) } } } }
                        }
                    }
                }
                details .disclosure { summary { (self.show_table) } div { (self.table()) } }
            }
        }
    }

    /// The ticks, and of each whether it is a second one, or so near to the end that a narrow screen has no room for it.
    fn ticks(&self) -> impl Iterator<Item = (Option<&str>, bool, bool)> {
        let late = self.spans.len().saturating_mul(5) / 6;
        self.spans.iter().enumerate().scan(true, move |second, (at, span)| {
            *second ^= span.tick.is_some();
            Some((span.tick.as_deref(), *second, at > late))
        })
    }

    /// The picture: ten units for each column, as high as it may be a hundred.
    fn columns(&self) -> Markup {
        let width = self.spans.len().saturating_mul(10);
        let mut paths = STACK.map(|_| String::new());
        for (at, span) in self.spans.iter().enumerate() {
            let left = at.saturating_mul(10);
            let mut foot = HIGH;
            for (path, part) in paths.iter_mut().zip(&span.parts) {
                if part.count == 0 {
                    continue;
                }
                let high = self.high(part.count).min(foot);
                foot -= high;
                path.push_str(&format!("M{left}.8 {}h8.4v{}h-8.4z", tenths(foot), tenths(high)));
            }
        }
        html! {
            svg viewBox={ "0 0 " (width) " 100" } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                path .line d={ "M0 .5h" (width) "M0 50h" (width) } {}
                @for (outcome, path) in STACK.into_iter().zip(&paths) {
                    @if !path.is_empty() { path .(outcome.class()) d=(path) {} }
                }
            }
        }
    }

    /// How high a part is, in tenths of units: never so low that it is not seen.
    fn high(&self, count: u64) -> u64 {
        (count.saturating_mul(HIGH) / self.scale.top.max(1)).clamp(SEEN, HIGH)
    }

    fn table(&self) -> Markup {
        let name = |name| Column { name, align: Align::End };
        let [permit, step, deny, cut] = &self.series;
        let columns = [
            Column { name: self.time, align: Align::Start },
            name(permit.name),
            name(step.name),
            name(deny.name),
            name(cut.name),
        ];
        let linked = |text: &str, url: &str| html! { a href=(url) { (text) } };
        let sums = std::iter::once(html! { strong { (self.sum) } })
            .chain(self.series.iter().map(|series| linked(&series.sum, &series.url)));
        let rows = self.spans.iter().rev().filter(|span| span.sum() > 0).map(|span| {
            let parts = span.parts.iter().map(|part| match part.count {
                0 => html! { span .muted { "0" } },
                _ => linked(&part.text, &part.url),
            });
            std::iter::once(linked(&span.name, &span.url)).chain(parts).collect()
        });
        let rows = std::iter::once(sums.collect()).chain(rows).collect();
        Table { caption: self.caption, columns: &columns, rows, empty: html! {} }.markup()
    }
}

/// A number of tenths.
fn tenths(of: u64) -> String {
    match (of / 10, of % 10) {
        (whole, 0) => whole.to_string(),
        (whole, rest) => format!("{whole}.{rest}"),
    }
}

/// The height of the picture, in tenths of units.
const HIGH: u64 = 1000;

/// What is seen of something that was at all: two or three pixels.
const SEEN: u64 = 14;

/// Tops of an axis whose middle is a whole number, and easily read.
const ROUND: [u64; 5] = [2, 4, 6, 8, 10];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Page, lint, person_layout};

    fn span(counts: [u64; 4]) -> Span {
        let parts = counts.map(|count| Part {
            count,
            text: format!("<{count}>"),
            url: format!("/decisions?outcome=x&count={count}"),
        });
        Span {
            name: String::from("<when>"),
            said: format!("\"when\": {counts:?}"),
            tick: Some(String::from("<tick>")),
            parts,
            url: String::from("/decisions?since=a&until=b"),
        }
    }

    fn chart(spans: Vec<Span>) -> String {
        let highest = spans.iter().map(Span::sum).max().unwrap_or(0);
        let series = ["Yes", "Step", "No", "Cut"].map(|name| Series {
            name,
            sum: name.len().to_string(),
            url: "/all".into(),
        });
        let chart = Chart {
            caption: "<What>",
            series,
            spans,
            scale: Scale::up_to(highest, |number| number.to_string()),
            show_table: "Show as table",
            time: "Time",
            sum: "All",
        };
        let content = html! { h1 { "Title" } (chart.markup()) };
        let page = Page::new("Title", person_layout(&content, &html! {})).render();
        assert_eq!(lint::faults(&page), Vec::<String>::new());
        page.html
    }

    #[test]
    fn the_axis_ends_at_a_round_number_and_its_middle_is_whole() {
        let up_to = |highest| Scale::up_to(highest, |number| number.to_string());
        for (highest, top) in
            [(0, 2), (1, 2), (3, 4), (9, 10), (11, 20), (61, 80), (101, 200), (8_001, 10_000)]
        {
            assert_eq!(up_to(highest).top, top, "{highest}");
            assert_eq!(up_to(highest).texts, [top.to_string(), (top / 2).to_string()]);
        }
        assert!(up_to(u64::MAX).top >= u64::MAX / 10);
    }

    #[test]
    fn outcomes_stand_on_each_other_in_one_order() {
        let html = chart(vec![span([4, 2, 1, 1]), span([0, 0, 0, 0]), span([0, 8, 0, 0])]);
        // Eight are the whole height; the second has nothing, and the third begins at its foot.
        for path in [
            r#"class="permit" d="M0.8 50h8.4v50h-8.4z""#,
            r#"class="step" d="M0.8 25h8.4v25h-8.4zM20.8 0h8.4v100h-8.4z""#,
            r#"class="deny" d="M0.8 12.5h8.4v12.5h-8.4z""#,
            r#"class="cut" d="M0.8 0h8.4v12.5h-8.4z""#,
        ] {
            assert!(html.contains(path), "{path}");
        }
    }

    #[test]
    fn what_is_rare_is_seen_and_nothing_leaves_the_picture() {
        let html = chart(vec![span([99_998, 0, 1, 1])]);
        assert!(html.contains(r#"class="permit" d="M0.8 0.1h8.4v99.9h-8.4z""#), "{html}");
        assert!(html.contains(r#"class="deny" d="M0.8 0h8.4v0.1h-8.4z""#));
        let html = chart(vec![span([50_000, 0, 1, 1])]);
        assert!(html.contains(r#"class="deny" d="M0.8 15.3h8.4v1.4h-8.4z""#), "{html}");
    }

    #[test]
    fn each_column_with_something_leads_to_its_list_and_the_table_says_the_same() {
        let html = chart(vec![span([4, 0, 1, 0]), span([0, 0, 0, 0])]);
        assert_eq!(html.matches(r#"<a href="/decisions?since=a&amp;until=b" title=""#).count(), 1);
        // In the table, numbers lead to their own list, and what was not leads nowhere.
        assert!(html.contains(r#"<a href="/decisions?outcome=x&amp;count=4">&lt;4&gt;</a>"#));
        assert!(!html.contains("count=0"));
        assert_eq!(html.matches(">&lt;when&gt;</a>").count(), 1);
        assert!(html.contains("&lt;tick&gt;") && !html.contains("<tick>"));
    }
}
