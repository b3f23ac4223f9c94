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
    #[must_use]
    pub fn markup(&self) -> Markup {
        if self.rows.is_empty() {
            return html! { div .empty { (self.empty) } };
        }
        html! {
            div .table tabindex="0" role="region" aria-label=(self.caption) {
                // On a narrow screen rows are drawn as cards, which would cost the roles; so they are said.
                table role="table" {
                    caption .unseen { (self.caption) }
                    thead role="rowgroup" { tr role="row" { @for column in self.columns { th scope="col" role="columnheader" .end[column.align == Align::End] { (column.name) } } } }
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
