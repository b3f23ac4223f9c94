//! What entries say: that each is an event, and that no record of any point is missing or comes twice.

use std::collections::BTreeMap;

use bartizan_model::PointId;

use super::{Problem, chain};
use crate::{StoredEntry, TilePath, parse_bundle};

/// What the entries of some neighbouring bundles say.
#[derive(Default)]
pub(super) struct Content {
    points: BTreeMap<PointId, Span>,
    problems: Vec<Problem>,
}

/// The records of one point in some neighbouring bundles.
struct Span {
    first: u64,
    last: u64,
    /// Where the first of them is.
    place: Problem,
}

impl Content {
    /// Reads the entries of a bundle whose hashes are in order.
    pub(super) fn read(&mut self, path: TilePath, bundle: &[u8]) {
        let first = match path {
            TilePath::Entries { number, .. } => number * 256,
            TilePath::Checkpoint | TilePath::Hashes { .. } => 0,
        };
        let Ok(entries) = parse_bundle(bundle, path.width()) else { return };
        for (index, (offset, bytes)) in (first..).zip(entries) {
            let place = |what: String| Problem::of_file(path, what).at(offset, index);
            let entry = match StoredEntry::parse(bytes) {
                Ok(entry) => entry,
                Err(error) => {
                    self.problems.push(place(chain(&error)));
                    continue;
                }
            };
            if let Err(error) = entry.event() {
                self.problems.push(place(chain(&error)));
            }
            let sequence = entry.sequence;
            match self.points.get_mut(&entry.point) {
                None => {
                    let span = Span { first: sequence, last: sequence, place: place(String::new()) };
                    self.points.insert(entry.point, span);
                }
                Some(span) => {
                    self.problems.extend(follows(entry.point, span.last, sequence).map(place));
                    span.last = sequence;
                }
            }
        }
    }
}

/// The newest record of each point so far.
#[derive(Default)]
pub(super) struct Sequences {
    newest: BTreeMap<PointId, u64>,
    pub(super) problems: Vec<Problem>,
}

impl Sequences {
    /// Takes in what the next bundles say.
    pub(super) fn extend(&mut self, content: Content) {
        for (point, span) in content.points {
            let newest = self.newest.insert(point, span.last).unwrap_or(0);
            let wrong = follows(point, newest, span.first);
            self.problems.extend(wrong.map(|what| Problem { what, ..span.place }));
        }
        self.problems.extend(content.problems);
        self.problems.sort_by_key(|problem| problem.index);
    }
}

/// What is wrong with a record that comes after this one of the same point; 0 before the first.
fn follows(point: PointId, before: u64, sequence: u64) -> Option<String> {
    let expected = before.saturating_add(1);
    if sequence == expected {
        return None;
    }
    Some(if sequence <= before {
        format!("record {sequence} of point {point} comes after record {before}")
    } else {
        format!("records {expected} to {} of point {point} are missing before this one", sequence - 1)
    })
}
