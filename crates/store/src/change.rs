//! What is stored, and what is asked to be changed.

use bartizan_model::{ObjectKind, Revision, Secret, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// An object as it stands. Serialised, it is what commands print (CONTRACT.md, "Commands").
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Object {
    /// What kind of thing it is.
    #[serde(serialize_with = "kind_as_text")]
    pub kind: ObjectKind,
    /// Its name, unique in its kind.
    pub name: String,
    /// The revision that its newest write got.
    pub revision: Revision,
    /// Who wrote it.
    pub author: String,
    /// When, by the writer's clock.
    pub time: Timestamp,
    /// What it says.
    pub spec: Value,
}

/// One entry of the change log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Its place in the log.
    pub revision: Revision,
    /// The kind of the object that was written.
    #[serde(serialize_with = "kind_as_text")]
    pub kind: ObjectKind,
    /// The object that was written.
    pub name: String,
    /// Who wrote it.
    pub author: String,
    /// When, by the writer's clock.
    pub time: Timestamp,
    /// What the object said from then on; `None` if it was deleted.
    pub spec: Option<Value>,
}

/// Another way to an object than its name: a pair that at most one object has, of whatever kind.
///
/// It is not in the change log. A key that stands for something personal must be a keyed digest of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lookup {
    /// What the key is of, such as `login` or `credential`.
    pub space: String,
    /// The key, such as a digest in hexadecimal.
    pub key: String,
}

impl Lookup {
    /// The lookup of `key` in `space`.
    #[must_use]
    pub fn new(space: impl Into<String>, key: impl Into<String>) -> Self {
        Self { space: space.into(), key: key.into() }
    }
}

/// What the writer believes of the object that it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing: the newest write wins.
    Any,
    /// That there is none.
    Absent,
    /// That it is the one that the writer has read.
    Revision(Revision),
}

impl std::fmt::Display for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("anything"),
            Self::Absent => f.write_str("no object"),
            Self::Revision(revision) => write!(f, "revision {revision}"),
        }
    }
}

/// A write of one object; gets one revision.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Creates or replaces the object, and replaces its lookups. An equal specification is a write like any other.
    Put {
        /// What kind of thing it is.
        kind: ObjectKind,
        /// Its name, unique in its kind.
        name: String,
        /// What it says from now on.
        spec: Value,
        /// All lookups that it has from now on.
        lookups: Vec<Lookup>,
        /// What must be true before.
        expect: Expect,
    },
    /// Deletes the object and its lookups. Deleting what is not there is [`Error::NotFound`](crate::Error::NotFound)
    /// (or a conflict, if a revision is expected), since there is nothing that the log could tell of it.
    Delete {
        /// What kind of thing it is.
        kind: ObjectKind,
        /// Its name.
        name: String,
        /// What must be true before.
        expect: Expect,
    },
}

/// A write of one secret; gets no revision and leaves no trace in the change log.
#[derive(Debug, Clone)]
pub enum SecretWrite {
    /// Creates or replaces the secret.
    Put {
        /// Its name.
        name: String,
        /// Its value.
        value: Secret<Vec<u8>>,
    },
    /// Destroys the secret. Destroying what is not there is fine, so that it can be repeated.
    Delete {
        /// Its name.
        name: String,
    },
}

/// Writes that happen together or not at all, in the order in which they are listed.
#[derive(Debug, Clone)]
pub struct ChangeSet {
    /// Who writes.
    pub author: String,
    /// When, by the writer's clock.
    pub time: Timestamp,
    /// The objects to write. An object may be written twice; each write gets a revision.
    pub writes: Vec<Write>,
    /// The secrets to write.
    pub secrets: Vec<SecretWrite>,
    /// If given, the whole store must be at this revision.
    pub if_revision: Option<Revision>,
}

impl ChangeSet {
    /// An empty set, to be filled.
    #[must_use]
    pub fn new(author: impl Into<String>, time: Timestamp) -> Self {
        Self { author: author.into(), time, writes: Vec::new(), secrets: Vec::new(), if_revision: None }
    }
}

/// What a committed set got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The revision of its last write; if it wrote no object, the one at which the store stood.
    pub revision: Revision,
    /// The revision of each write, in their order, without a gap.
    pub revisions: Vec<Revision>,
}

fn kind_as_text<S: Serializer>(kind: &ObjectKind, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_printed_as_the_contract_says() {
        let object = Object {
            kind: ObjectKind::SealingKey,
            name: String::from("k"),
            revision: Revision::new(7),
            author: String::from("ann"),
            time: Timestamp::from_micros(1_764_000_000_000_001),
            spec: serde_json::json!({"a": 1}),
        };
        assert_eq!(
            serde_json::to_value(&object).unwrap(),
            serde_json::json!({"kind": "sealing-key", "name": "k", "revision": 7, "author": "ann",
                "time": "2025-11-24T16:00:00.000001Z", "spec": {"a": 1}})
        );
    }

    #[test]
    fn a_change_set_does_not_print_its_secrets() {
        let mut set = ChangeSet::new("ann", Timestamp::from_micros(0));
        let value = Secret::new(b"hunter2".to_vec());
        set.secrets.push(SecretWrite::Put { name: String::from("s"), value });
        assert!(!format!("{set:?}").contains(&format!("{:?}", b"hunter2".to_vec())));
        assert!(format!("{set:?}").contains("[redacted]"));
    }
}
