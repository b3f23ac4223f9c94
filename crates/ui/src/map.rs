//! A map of what leads to what: columns of nodes, and lines between neighbours.
//!
//! All nodes are of one height, so the lines are drawn here and not in the browser. Readers that speak are told the nodes
//! as lists; what leads where is said by the table that stands beside a map.

use maud::{Markup, html};

/// A node.
#[derive(Debug, Clone)]
pub struct Node {
    /// What stands in it: one line.
    pub content: Markup,
    /// Whether it is what the map is about.
    pub chosen: bool,
}

/// A line from a node of one column to a node of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Its place in its column.
    pub from: usize,
    /// Its place in the next column.
    pub to: usize,
    /// Whether something passes; if not it is dashed and crossed out.
    pub passes: bool,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Nodes<'a> {
    /// What it holds.
    pub title: &'a str,
    /// From top to bottom.
    pub nodes: Vec<Node>,
    /// What stands below them: how many more there are.
    pub more: Option<String>,
}

/// The map: one list of lines fewer than there are columns.
#[must_use]
pub fn map(label: &str, columns: &[Nodes<'_>], lines: &[Vec<Line>]) -> Markup {
    let tallest = columns.iter().map(|column| column.nodes.len()).max().unwrap_or(0);
    html! {
        div .map role="group" aria-label=(label) tabindex="0" {
            @for (at, column) in columns.iter().enumerate() {
                section .nodes {
                    h2 { (column.title) }
                    ul {
                        @for node in &column.nodes { li .chosen[node.chosen] { (node.content) } }
                    }
                    @if let Some(more) = &column.more { p .muted.small { (more) } }
                }
                @if let Some(lines) = lines.get(at) { (between(lines, tallest)) }
            }
        }
    }
}

fn between(lines: &[Line], tallest: usize) -> Markup {
    let height = tallest.saturating_mul(ROW).max(ROW);
    html! {
        svg .lines width=(WIDTH) height=(height) viewBox={ "0 0 " (WIDTH) " " (height) } fill="none"
            stroke="currentColor" stroke-width="1.5" aria-hidden="true" focusable="false" {
            @for line in lines {
                @let (from, to) = (middle(line.from), middle(line.to));
                @let half = WIDTH / 2;
                path class=(if line.passes { "passes" } else { "stops" })
                    d={ "M0 " (from) "C" (half) " " (from) " " (half) " " (to) " " (WIDTH) " " (to) } {}
                @if !line.passes {
                    @let (x, y) = (half, usize::midpoint(from, to));
                    path .stops.cross d={ "m" (x - 4) " " (y.saturating_sub(4)) " 8 8m0-8-8 8" } {}
                }
            }
        }
    }
}

const fn middle(at: usize) -> usize {
    at.saturating_mul(ROW).saturating_add(ROW / 2)
}

/// The height of a node in px, and how far apart columns are. The stylesheet says the same.
const ROW: usize = 36;
const WIDTH: usize = 72;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_from_the_middle_of_a_node_to_the_middle_of_another() {
        let node = |name: &str| Node { content: html! { (name) }, chosen: name == "b" };
        let columns = [
            Nodes { title: "One", nodes: vec![node("a")], more: None },
            Nodes { title: "Two", nodes: vec![node("b"), node("c")], more: Some(String::from("and 3 more")) },
        ];
        let lines = [vec![Line { from: 0, to: 1, passes: true }, Line { from: 0, to: 0, passes: false }]];
        let html = map("Map", &columns, &lines).into_string();
        assert!(html.contains("d=\"M0 18C36 18 36 54 72 54\""), "{html}");
        assert_eq!(html.matches("class=\"stops cross\"").count(), 1);
        assert!(html.contains("<li class=\"chosen\">b</li>") && html.contains("and 3 more"));
        assert!(html.contains("height=\"72\""), "as high as the tallest column");
    }
}
