//! What a file says of a group.

use bartizan_model::GroupName;

use super::document::{Located, Table};

/// A member as it is written: `bob`, `user:bob` or `group:finance`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// The person with this login name.
    User(String),
    /// The group with this name.
    Group(GroupName),
    /// The person or the group that is called this, whichever there is.
    Either(String),
}

/// What a file says of a group. What it leaves out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupPatch {
    pub(crate) members: Option<Vec<Located<Member>>>,
}

/// Reads one `[[group]]`.
pub(super) fn read(table: &mut Table<'_>) -> Option<(Located<GroupName>, GroupPatch)> {
    let name = table.parsed::<GroupName>("name");
    let members = table.texts("members").map(|members| {
        let mut read = Vec::new();
        for Located { value, place } in members.value {
            match member(&value) {
                Ok(value) => read.push(Located { value, place }),
                Err(problem) => table.report(place.error(format!("`members`: {problem}"))),
            }
        }
        read
    });
    Some((name?, GroupPatch { members }))
}

fn member(text: &str) -> Result<Member, String> {
    match text.split_once(':') {
        Some(("group", name)) => {
            Ok(Member::Group(name.parse().map_err(|error: bartizan_model::NameError| error.to_string())?))
        }
        Some(("user", login)) => {
            bartizan_identity::login_name(login).map(Member::User).map_err(|error| error.to_string())
        }
        Some(_) | None => {
            bartizan_identity::login_name(text).map(Member::Either).map_err(|error| error.to_string())
        }
    }
}
