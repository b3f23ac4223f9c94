//! Which columns of a table are shown: those that are left out stand in the address, so a view keeps them left out.

use bartizan_ui::{Icon, Words, icon};
use maud::{Markup, html};

use super::list::Asked;

/// The columns of a table, and which of them are left out. The first one names the row, and stays.
#[derive(Debug, Clone)]
pub(super) struct Columns<'a> {
    /// The ids of the texts in their heads.
    heads: &'a [&'static str],
    left_out: Vec<&'static str>,
}

impl<'a> Columns<'a> {
    /// As is asked. What is no column is passed over.
    pub(super) fn of(asked: &Asked, heads: &'a [&'static str]) -> Self {
        let said: Vec<&str> = asked.get(FIELD).unwrap_or_default().split(',').collect();
        let left_out = heads.iter().skip(1).filter(|head| said.contains(head)).copied().collect();
        Self { heads, left_out }
    }

    /// What is shown of a row: of anything that has one for each column.
    pub(super) fn of_row<T>(&self, row: impl IntoIterator<Item = T>) -> Vec<T> {
        let shown = |head: &&'static str| !self.left_out.contains(head);
        self.heads.iter().zip(row).filter(|(head, _)| shown(head)).map(|(_, cell)| cell).collect()
    }

    /// Links that leave a column out, or bring it back.
    pub(super) fn markup(&self, words: Words, asked: &Asked) -> Markup {
        html! {
            details .disclosure.small {
                summary { (words.say("list-columns")) }
                div .row {
                    @for head in self.heads.iter().skip(1) {
                        @let name = words.say(head);
                        @let name = [("name", (&name).into())];
                        @if self.left_out.contains(head) {
                            a href=(self.url(asked, head)) { (icon(Icon::Unknown)) " " (words.with("list-bring-back", &name)) }
                        } @else {
                            a href=(self.url(asked, head)) { (icon(Icon::Permit)) " " (words.with("list-leave-out", &name)) }
                        }
                    }
                }
            }
        }
    }

    /// The same view with this column the other way round.
    fn url(&self, asked: &Asked, head: &'static str) -> String {
        let mut left_out = self.left_out.clone();
        match left_out.iter().position(|other| *other == head) {
            Some(at) => {
                left_out.remove(at);
            }
            None => left_out.push(head),
        }
        asked.url(&[(FIELD, &left_out.join(","))])
    }
}

/// The field that says which are left out.
pub(super) const FIELD: &str = "without";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::texts::CATALOG;
    use bartizan_ui::Language;

    const HEADS: &[&str] = &["people-person", "people-login", "people-role"];

    fn asked(without: &str) -> Asked {
        Asked::new("/people", [(FIELD.to_owned(), without.to_owned())].into())
    }

    #[test]
    fn a_column_is_left_out_and_brought_back_and_the_first_one_stays() {
        let view = asked("people-role,<x>,people-person");
        let columns = Columns::of(&view, HEADS);
        assert_eq!(columns.of_row([1, 2, 3]), [1, 2]);
        assert_eq!(columns.url(&view, "people-role"), "/people");
        assert_eq!(columns.url(&view, "people-login"), "/people?without=people-role,people-login");
        let html = columns.markup(CATALOG.words(Language::English), &view).into_string();
        assert!(html.contains("Show Role") && html.contains("Leave out Signs in as"), "{html}");
        assert_eq!(Columns::of(&asked(""), HEADS).of_row([1, 2, 3]), [1, 2, 3]);
    }
}
