//! Who keeps the resources: whoever decides what a caller may, and writes.

use async_trait::async_trait;
use bartizan_enforce::Caller;
use bartizan_model::{Revision, Timestamp};

use super::{Kind, Record, Refusal, Search};

/// A resource as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it is called here, for good.
    pub id: String,
    /// What it says.
    pub record: Record,
    /// The revision that made it so: its version.
    pub revision: Revision,
    /// When it was made, if that is still known.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Timestamp,
}

impl Kept {
    /// Its version as an entity tag. It is weak, since one resource has several forms (RFC 7644, 3.14).
    #[must_use]
    pub fn version(&self) -> String {
        version(self.revision)
    }
}

/// The entity tag of what was written at a revision.
fn version(revision: Revision) -> String {
    format!("W/\"{}\"", revision.get())
}

/// A part of what was searched for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How many there are in all.
    pub total: usize,
    /// Those of this page.
    pub page: Vec<Kept>,
}

/// What must be true of a resource before it is changed (RFC 7232, 3.1): `If-Match`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition(Option<String>);

impl Condition {
    /// From the field, if there is one.
    #[must_use]
    pub const fn new(field: Option<String>) -> Self {
        Self(field)
    }

    /// Whether a resource of this version meets it.
    ///
    /// # Errors
    /// It does not.
    pub fn check(&self, kept: &Kept) -> Result<(), Refusal> {
        match &self.0 {
            Some(wanted) if !self::names(wanted, &kept.version()) => Err(Refusal::new(
                412,
                format!("the resource was changed since it was read: its version is {}", kept.version()),
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether it names this version: of `If-None-Match`, that nothing is new.
    #[must_use]
    pub fn names(&self, kept: &Kept) -> bool {
        self.0.as_ref().is_some_and(|named| names(named, &kept.version()))
    }
}

/// Whether a list of entity tags has this one. Compared weakly: our versions say what is stored, not what was sent.
fn names(list: &str, version: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    list.trim() == "*" || list.split(',').any(|tag| bare(tag) == bare(version))
}

/// Makes of a resource, as it stands in the moment in which it is changed, what it is to be.
pub type Edit<'a> = &'a (dyn Fn(&Kept) -> Result<Record, Refusal> + Send + Sync);

/// Keeps people and groups. Each call is a decision about its caller, and a write takes the way of every other change: it is
/// tried on the whole, recorded, and known everywhere when the call returns.
///
/// Not cancel safe: what was begun is done.
#[async_trait]
pub trait Directory: Send + Sync + std::fmt::Debug {
    /// Whether the caller may see resources at all, who asks for a document about them.
    ///
    /// # Errors
    /// They may not.
    async fn may_see(&self, caller: &Caller) -> Result<(), Refusal>;

    /// What is searched for.
    ///
    /// # Errors
    /// It may not be seen, or cannot be found out.
    async fn find(&self, caller: &Caller, kind: Kind, search: &Search) -> Result<Found, Refusal>;

    /// One resource.
    ///
    /// # Errors
    /// There is none of this type and id that the caller may see.
    async fn get(&self, caller: &Caller, kind: Kind, id: &str) -> Result<Kept, Refusal>;

    /// Makes a resource.
    ///
    /// # Errors
    /// It may not be, or cannot.
    async fn create(&self, caller: &Caller, record: Record) -> Result<Kept, Refusal>;

    /// Changes a resource.
    ///
    /// # Errors
    /// It may not be, or cannot, or `edit` refused.
    async fn change(&self, caller: &Caller, kind: Kind, id: &str, edit: Edit<'_>) -> Result<Kept, Refusal>;

    /// Takes a resource away.
    ///
    /// # Errors
    /// It may not be, or cannot, or is not as `condition` has it.
    async fn delete(
        &self,
        caller: &Caller,
        kind: Kind,
        id: &str,
        condition: &Condition,
    ) -> Result<(), Refusal>;
}
