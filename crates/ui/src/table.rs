//! A table: a head that stays, numbers in line, and something to say when it is empty.

use maud::{Markup, html};

/// Where the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Start,
    /// Numbers.
    End,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// What stands in its head.
    pub name: &'a str,
    /// Where its cells stand.
    pub align: Align,
}

/// The order of rows by a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest, first or oldest on top.
    Up,
    /// The other way round.
    Down,
}

/// A column by which rows can be sorted.
#[derive(Debug, Clone)]
pub struct Sort {
    /// Where the rows stand in that order, or, if they are in it, the other way round.
    pub url: String,
    /// How they are sorted by it now.
    pub direction: Option<Direction>,
}

/// Rows of cells under columns.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    /// What the table holds; said to readers that speak.
    pub caption: &'a str,
    /// The columns. A row has as many cells.
    pub columns: &'a [Column<'a>],
    /// The rows.
    pub rows: Vec<Vec<Markup>>,
    /// What would be here, and what makes the first one.
    pub empty: Markup,
}

impl Table<'_> {
    /// The table; wider than the page, it scrolls by itself, by keyboard too.
    ///
    /// With a script, a row is opened by a click and by Enter: it leads where the first link in it does.
    #[must_use]
    pub fn markup(&self) -> Markup {
        self.sorted(&[])
    }

    /// The same with heads that sort: one for each column, `None` where that has no order.
    #[must_use]
    pub fn sorted(&self, sorts: &[Option<Sort>]) -> Markup {
        if self.rows.is_empty() {
            return html! { div .empty { (self.empty) } };
        }
        let sorts = sorts.iter().map(Option::as_ref).chain(std::iter::repeat(None));
        html! {
            div .table tabindex="0" role="region" aria-label=(self.caption) {
                // On a narrow screen rows are drawn as cards, which would cost the roles; so they are said.
                table role="table" {
                    caption .unseen { (self.caption) }
                    thead role="rowgroup" {
                        tr role="row" { @for (column, sort) in self.columns.iter().zip(sorts) { (head(column, sort)) } }
                    }
                    tbody role="rowgroup" {
                        @for row in &self.rows {
                            tr role="row" {
                                @for (cell, column) in row.iter().zip(self.columns) {
                                    td role="cell" data-name=(column.name) .end[column.align == Align::End] { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn head(column: &Column<'_>, sort: Option<&Sort>) -> Markup {
    let direction = sort.and_then(|sort| sort.direction);
    let (order, arrow) = match direction {
        Some(Direction::Up) => (Some("ascending"), "↑"),
        Some(Direction::Down) => (Some("descending"), "↓"),
        None => (None, ""),
    };
    html! {
        th scope="col" role="columnheader" aria-sort=[order] .end[column.align == Align::End] {
            @match sort {
                Some(sort) => a href=(sort.url) { (column.name) span .order aria-hidden="true" { (arrow) } },
                None => (column.name),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_leads_to_the_other_order_and_says_the_one_that_is() {
        let columns =
            [Column { name: "Name", align: Align::Start }, Column { name: "Size", align: Align::End }];
        let rows = vec![vec![html! { "a" }, html! { "1" }]];
        let table = Table { caption: "Things", columns: &columns, rows, empty: html! {} };
        let sort = Sort { url: String::from("/x?sort=-name&q=<"), direction: Some(Direction::Up) };
        let html = table.sorted(&[Some(sort), None]).into_string();
        assert!(html.contains(r#"aria-sort="ascending"><a href="/x?sort=-name&amp;q=&lt;">Name"#), "{html}");
        assert!(html.contains(r#"<th class="end" scope="col" role="columnheader">Size</th>"#), "{html}");
        assert_eq!(table.markup().into_string().matches("aria-sort").count(), 0);
    }
}
