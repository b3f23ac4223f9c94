//! What stands where on the map, and what leads where.

use std::collections::BTreeSet;
use std::sync::Arc;

use bartizan_model::{AppName, Outcome};
use bartizan_policy::{About as Resources, Addressed, Head};
use bartizan_ui::Line as Edge;

use super::{About, Facts, Row, person_of};
use crate::register::Entry;

/// A node of the map, as far as it is known without words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) enum Place {
    Person {
        id: String,
        name: String,
    },
    /// So many people.
    Crowd(u64),
    Whom(Addressed),
    Policy {
        id: String,
        forbids: bool,
    },
    App {
        name: String,
        outcome: Option<Outcome>,
        code: Option<&'static str>,
    },
}

/// Four columns, and what leads from each to the next.
#[derive(Debug, Default)]
pub(in crate::console) struct Drawing {
    pub(in crate::console) columns: [Vec<Place>; 4],
    pub(in crate::console) lines: [BTreeSet<Edge>; 3],
    /// Of which columns nodes were left out.
    pub(in crate::console) left_out: [bool; 4],
}

impl Drawing {
    pub(super) fn of(facts: &Facts, about: &About) -> Self {
        let mut drawing = Self::default();
        match about {
            About::Person { entry, rows } => drawing.person(facts, entry, &rows.rows),
            About::App { app, rows, .. } => {
                let app = Place::App { name: app.clone(), outcome: None, code: None };
                for row in rows.rows.iter() {
                    let Some(at) = drawing.place(0, place_of(&row.entry)) else { continue };
                    drawing.ways(facts, at, row, app.clone());
                }
                drawing.place(3, app);
            }
            About::Policies(lines) => {
                let apps = facts.opened();
                for line in &lines.rows {
                    let policy = Place::Policy { id: line.id.clone(), forbids: line.head.forbids };
                    let Some(policy) = drawing.place(2, policy) else { continue };
                    drawing.whom(facts, &line.head, Place::Crowd(line.people), policy);
                    drawing.apps(&apps, &line.head, policy);
                }
            }
        }
        drawing
    }

    /// One of each kind of node, with names that nobody should have.
    #[cfg(test)]
    pub(super) fn for_test() -> Self {
        let mut drawing = Self { left_out: [true, false, false, true], ..Self::default() };
        let name = String::from("<img>");
        drawing.place(0, Place::Person { id: name.clone(), name: name.clone() });
        drawing.place(0, Place::Crowd(12_345));
        let group = Addressed::Group("staff".parse().unwrap());
        for whom in
            [Addressed::Anybody, Addressed::Everybody, Addressed::Services, Addressed::Strangers, group]
        {
            drawing.place(1, Place::Whom(whom));
        }
        drawing.place(2, Place::Policy { id: name.clone(), forbids: true });
        drawing.place(3, Place::App { name, outcome: Some(Outcome::Deny), code: Some("denied_by_policy") });
        drawing.line(0, Edge { from: 0, to: 3, passes: false });
        drawing
    }

    fn person(&mut self, facts: &Facts, entry: &Entry, rows: &[Row]) {
        let Some(person) = self.place(0, place_of(entry)) else { return };
        for row in rows {
            let (name, outcome, code) = (row.entry.name.to_string(), Some(row.outcome()), row.code());
            self.ways(facts, person, row, Place::App { name, outcome, code });
        }
    }

    /// The ways by which the policies that decided lead from somebody to an app, or stop them.
    fn ways(&mut self, facts: &Facts, person: usize, row: &Row, app: Place) {
        let Some(app) = self.place(3, app) else { return };
        for id in &row.policies {
            let Some(head) = facts.head(id.as_str()) else { continue };
            let passes = !head.forbids;
            let policy = self.place(2, Place::Policy { id: id.to_string(), forbids: head.forbids });
            let whom = self.place(1, whom_of(facts, &head.whom));
            let (Some(policy), Some(whom)) = (policy, whom) else { continue };
            self.line(0, Edge { from: person, to: whom, passes: true });
            self.line(1, Edge { from: whom, to: policy, passes });
            self.line(2, Edge { from: policy, to: app, passes });
        }
    }

    fn whom(&mut self, facts: &Facts, head: &Head, crowd: Place, policy: usize) {
        let known = self.columns[1].len();
        let Some(whom) = self.place(1, whom_of(facts, &head.whom)) else { return };
        if whom == known {
            // Each stands beside how many they are.
            self.columns[0].push(crowd);
            let from = self.columns[0].len() - 1;
            self.line(0, Edge { from, to: whom, passes: true });
        }
        self.line(1, Edge { from: whom, to: policy, passes: !head.forbids });
    }

    fn apps(&mut self, apps: &[(AppName, &Arc<Entry>)], head: &Head, policy: usize) {
        for (app, _) in apps {
            let concerned = match &head.about {
                Resources::Anything | Resources::Apps => true,
                Resources::App(one) => one == app,
                Resources::Clients | Resources::Client(_) | Resources::Administration => false,
            };
            if concerned
                && let Some(app) =
                    self.place(3, Place::App { name: app.to_string(), outcome: None, code: None })
            {
                self.line(2, Edge { from: policy, to: app, passes: !head.forbids });
            }
        }
    }

    /// Where a node stands in its column; nowhere if that is full.
    fn place(&mut self, column: usize, place: Place) -> Option<usize> {
        let (nodes, left_out) = (self.columns.get_mut(column)?, self.left_out.get_mut(column)?);
        if let Some(at) = nodes.iter().position(|known| *known == place) {
            return Some(at);
        }
        if nodes.len() >= MOST {
            *left_out = true;
            return None;
        }
        nodes.push(place);
        Some(nodes.len() - 1)
    }

    fn line(&mut self, between: usize, line: Edge) {
        if let Some(lines) = self.lines.get_mut(between) {
            lines.insert(line);
        }
    }
}

fn place_of(entry: &Entry) -> Place {
    let person = person_of(entry).and_then(|person| person.attributes.as_ref());
    let name = person.map_or_else(|| entry.name.to_string(), |known| known.display.clone());
    Place::Person { id: entry.name.to_string(), name }
}

/// Whom a policy is about: where it names somebody, that person.
fn whom_of(facts: &Facts, whom: &Addressed) -> Place {
    match whom {
        Addressed::Person(user) => match facts.people.get(user.to_string().as_str()) {
            Some(entry) => place_of(entry),
            None => Place::Person { id: user.to_string(), name: user.to_string() },
        },
        other => Place::Whom(other.clone()),
    }
}

/// 60 nodes fit into a column; the table has all.
const MOST: usize = 60;
