//! Object files: what an administrator keeps in a folder, read without touching anything.
//!
//! `.toml` files hold any number of `[[app]]`, `[[client]]`, `[[provider]]`, `[[group]]` and `[[user]]`, `.cedar` files policies. Reading answers
//! with all that is wrong, not with the first, and each finding says where. What a file leaves out of an object is left
//! out here, too: whoever applies the files keeps the stored value.

mod app;
mod case;
mod client;
mod document;
mod group;
mod person;
mod provider;
mod user;
mod world;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bartizan_model::{AppName, ClientName, GroupName, PolicyId, ProviderName};
use bartizan_policy::{Finding, PolicySource, split_file};

pub use app::{AppPatch, RESERVED};
pub(crate) use app::{has_certificate, is_host};
pub use case::{PolicyCase, policy_cases};
pub use client::ClientPatch;
pub use document::{Document, Located, Place, Table, list, short, suggestion};
pub use group::{GroupPatch, Member};
pub use person::{Named, is_id, named, renamed};
pub use provider::ProviderPatch;
pub use user::UserPatch;
pub use world::{Supposed, suppose};

/// What the files of a folder say.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The apps.
    pub apps: BTreeMap<AppName, Declared<AppPatch>>,
    /// The clients.
    pub clients: BTreeMap<ClientName, Declared<ClientPatch>>,
    /// The identity providers.
    pub providers: BTreeMap<ProviderName, Declared<ProviderPatch>>,
    /// The groups.
    pub groups: BTreeMap<GroupName, Declared<GroupPatch>>,
    /// The people, by login name.
    pub users: BTreeMap<String, Declared<UserPatch>>,
    /// The policies.
    pub policies: BTreeMap<PolicyId, PolicySource>,
}

/// What a file says of an object, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared<T> {
    /// What it says.
    pub patch: T,
    /// Where the object's name stands.
    pub place: Place,
}

impl Files {
    /// Reads files, each a name and its text. Policy tests (`*.test.toml`) are passed over.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn read(files: &[(String, String)]) -> Result<Self, Vec<Finding>> {
        let (read, findings) = Self::read_what_is_right(files);
        if findings.is_empty() { Ok(read) } else { Err(findings) }
    }

    /// Reads files as far as they are right, so that what else is wrong can be found, too.
    #[must_use]
    pub fn read_what_is_right(files: &[(String, String)]) -> (Self, Vec<Finding>) {
        let mut read = Self::default();
        let mut findings = Vec::new();
        for (name, text) in files {
            if name.ends_with(".test.toml") {
                continue;
            } else if name.ends_with(".toml") {
                findings.extend(read.objects(name, text));
            } else if name.ends_with(".cedar") {
                findings.extend(read.policies(name, text));
            } else {
                let place = Place { file: name.as_str().into(), line: 1, column: 1 };
                let help = "objects are in `.toml` files, policies in `.cedar` files";
                findings.push(place.error_with_help("this is not an object file", help));
            }
        }
        findings.sort();
        (read, findings)
    }

    fn objects(&mut self, name: &str, text: &str) -> Vec<Finding> {
        let document = Document::parse(name, text);
        let mut root = document.root();
        for mut table in root.tables("app") {
            let read = app::read(&mut table);
            declare(&mut self.apps, "app", &table, read);
            table.finish();
        }
        for mut table in root.tables("client") {
            let read = client::read(&mut table);
            declare(&mut self.clients, "client", &table, read);
            table.finish();
        }
        for mut table in root.tables("provider") {
            let read = provider::read(&mut table);
            declare(&mut self.providers, "provider", &table, read);
            table.finish();
        }
        for mut table in root.tables("group") {
            let read = group::read(&mut table);
            declare(&mut self.groups, "group", &table, read);
            table.finish();
        }
        for mut table in root.tables("user") {
            let read = user::read(&mut table);
            declare(&mut self.users, "user", &table, read);
            table.finish();
        }
        root.finish();
        document.into_findings()
    }

    fn policies(&mut self, name: &str, text: &str) -> Vec<Finding> {
        let sources = match split_file(name, text) {
            Ok(sources) => sources,
            Err(findings) => return findings,
        };
        let mut findings = Vec::new();
        for source in sources {
            match self.policies.entry(source.id.clone()) {
                Entry::Vacant(free) => {
                    free.insert(source);
                }
                Entry::Occupied(first) => {
                    let first = first.get();
                    let place =
                        Place { file: source.file.as_str().into(), line: source.line, column: source.column };
                    findings.push(place.error_with_help(
                        format!("there are two policies with `@id(\"{}\")`", source.id),
                        format!("the other one is in {}, line {}", first.file, first.line),
                    ));
                }
            }
        }
        findings
    }
}

/// Keeps what was read under its name; a name that is missing or was there before is a finding.
fn declare<N: Ord + std::fmt::Display, T>(
    known: &mut BTreeMap<N, Declared<T>>,
    kind: &str,
    table: &Table<'_>,
    read: Option<(Located<N>, T)>,
) {
    let Some((name, patch)) = read else {
        if !table.has("name") {
            table.report(table.place().error(format!("this {kind} has no `name`")));
        }
        return;
    };
    match known.entry(name.value) {
        Entry::Vacant(free) => {
            free.insert(Declared { patch, place: name.place });
        }
        Entry::Occupied(first) => {
            let other = &first.get().place;
            table.report(name.place.error_with_help(
                format!("there are two declarations of {kind} `{}`", first.key()),
                format!("the other one is in {}, line {}", other.file, other.line),
            ));
        }
    }
}

#[cfg(test)]
mod tests;
