//! The attributes that we keep, and what is true of each (RFC 7643, 2.2 and 7). Those that others know and we do not keep are
//! named too: what comes for them is left out, where a name that nobody knows is a mistake.

use super::Kind;

/// What kind of value an attribute has (RFC 7643, 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Boolean,
    Time,
    Reference(&'static [&'static str]),
    Complex(&'static [Attribute]),
}

/// Who may change an attribute (RFC 7643, 2.2, `mutability`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changes {
    ReadOnly,
    ReadWrite,
    Immutable,
}

/// An attribute, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) holds: Holds,
    pub(super) many: bool,
    pub(super) required: bool,
    /// Whether `a` and `A` are two values.
    pub(super) case_exact: bool,
    pub(super) changes: Changes,
    pub(super) unique: bool,
    /// The values that it is meant for; others are taken, too.
    pub(super) canonical: &'static [&'static str],
}

impl Attribute {
    const fn new(name: &'static str, holds: Holds, about: &'static str) -> Self {
        Self {
            name,
            about,
            holds,
            many: false,
            required: false,
            case_exact: false,
            changes: Changes::ReadWrite,
            unique: false,
            canonical: &[],
        }
    }

    const fn many(self) -> Self {
        Self { many: true, ..self }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn case_exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    const fn changes(self, changes: Changes) -> Self {
        Self { changes, ..self }
    }

    const fn canonical(self, canonical: &'static [&'static str]) -> Self {
        Self { canonical, ..self }
    }

    /// Its parts; none if it is simple.
    pub(super) const fn parts(&self) -> &'static [Self] {
        match self.holds {
            Holds::Complex(parts) => parts,
            Holds::Text | Holds::Boolean | Holds::Time | Holds::Reference(_) => &[],
        }
    }

    /// The part of this name, however it is spelled.
    pub(super) fn part(&self, name: &str) -> Option<&'static Self> {
        self.parts().iter().find(|part| part.name.eq_ignore_ascii_case(name))
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// One that we keep.
    Kept(&'static Attribute),
    /// One that others know. What is said of it is left out (RFC 7644, 3.3).
    Left,
}

impl Kind {
    /// The attributes of its schema.
    pub(super) const fn attributes(self) -> &'static [Attribute] {
        match self {
            Self::User => &USER,
            Self::Group => &GROUP,
        }
    }

    /// What an attribute name stands for, however it is spelled; nothing if nobody knows it.
    pub(super) fn attribute(self, name: &str) -> Option<Known> {
        let same = |attribute: &&'static Attribute| attribute.name.eq_ignore_ascii_case(name);
        if let Some(kept) = COMMON.iter().chain(self.attributes()).find(same) {
            return Some(Known::Kept(kept));
        }
        let left = match self {
            Self::User => &LEFT[..],
            Self::Group => &[],
        };
        left.iter().any(|left| left.eq_ignore_ascii_case(name)).then_some(Known::Left)
    }

    /// The same of a part of an attribute.
    pub(super) fn part(self, attribute: &'static Attribute, name: &str) -> Option<Known> {
        if let Some(part) = attribute.part(name) {
            return Some(Known::Kept(part));
        }
        let of = |(whole, _): &&(&str, &[&str])| *whole == attribute.name;
        let left = LEFT_PARTS
            .iter()
            .find(of)
            .is_some_and(|(_, parts)| parts.iter().any(|left| left.eq_ignore_ascii_case(name)));
        left.then_some(Known::Left)
    }
}

/// Those that every resource has (RFC 7643, 3.1). No schema lists them.
const COMMON: [Attribute; 4] = [
    Attribute::new("schemas", Holds::Reference(&["uri"]), "The schemas of the resource.")
        .many()
        .case_exact()
        .changes(Changes::ReadOnly),
    Attribute::new("id", Holds::Text, "What the resource is called here.")
        .case_exact()
        .changes(Changes::ReadOnly)
        .unique(),
    Attribute::new("externalId", Holds::Text, "What the resource is called where it comes from.")
        .case_exact(),
    Attribute::new("meta", Holds::Complex(&META), "What is known of the resource.")
        .changes(Changes::ReadOnly),
];

const META: [Attribute; 5] = [
    Attribute::new("resourceType", Holds::Text, "Its type.").case_exact().changes(Changes::ReadOnly),
    Attribute::new("created", Holds::Time, "When it was made.").changes(Changes::ReadOnly),
    Attribute::new("lastModified", Holds::Time, "When it was last changed.").changes(Changes::ReadOnly),
    Attribute::new("location", Holds::Reference(&["uri"]), "Where it is.")
        .case_exact()
        .changes(Changes::ReadOnly),
    Attribute::new("version", Holds::Text, "Its version.").case_exact().changes(Changes::ReadOnly),
];

/// RFC 7643, 4.1: as much as is kept of a person.
const USER: [Attribute; 5] = [
    Attribute::new("userName", Holds::Text, "The name with which the person signs in.").required().unique(),
    Attribute::new("name", Holds::Complex(&NAME), "The parts of the person's name."),
    Attribute::new("displayName", Holds::Text, "What the person is called."),
    Attribute::new("emails", Holds::Complex(&EMAIL), "The mail addresses of the person.").many(),
    // It cannot be taken away: whether somebody may act is never unsaid. Who is created without it may.
    Attribute::new("active", Holds::Boolean, "Whether the person may act. `false` ends what they have open.")
        .required(),
];

const NAME: [Attribute; 3] = [
    Attribute::new("formatted", Holds::Text, "The whole name."),
    Attribute::new("familyName", Holds::Text, "The family name."),
    Attribute::new("givenName", Holds::Text, "The given name."),
];

const EMAIL: [Attribute; 3] = [
    Attribute::new("value", Holds::Text, "The address."),
    Attribute::new("type", Holds::Text, "What it is for.").canonical(&["work", "home", "other"]),
    Attribute::new("primary", Holds::Boolean, "Whether it is the one to write to."),
];

/// RFC 7643, 4.2.
const GROUP: [Attribute; 2] = [
    Attribute::new("displayName", Holds::Text, "What the group is called.").required(),
    Attribute::new("members", Holds::Complex(&MEMBER), "Who is in the group.").many(),
];

const MEMBER: [Attribute; 3] = [
    Attribute::new("value", Holds::Text, "The id of the member.").case_exact().changes(Changes::Immutable),
    Attribute::new("$ref", Holds::Reference(&["User", "Group"]), "Where the member is.")
        .case_exact()
        .changes(Changes::Immutable),
    Attribute::new("type", Holds::Text, "Whether it is a person or a group.")
        .canonical(&["User", "Group"])
        .changes(Changes::Immutable),
];

/// Attributes of RFC 7643, 4.1, that we do not keep. A password among them: people choose theirs by an invitation, and
/// nobody else is to know it.
const LEFT: [&str; 17] = [
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    PASSWORD,
    "phoneNumbers",
    "ims",
    "photos",
    "addresses",
    "groups",
    "entitlements",
    "roles",
    "x509Certificates",
    "mailNickname",
];

/// Parts of those that we keep.
const LEFT_PARTS: [(&str, &[&str]); 3] = [
    ("name", &["middleName", "honorificPrefix", "honorificSuffix"]),
    ("emails", &["display", "$ref"]),
    ("members", &["display"]),
];

/// What nobody may believe to have changed here.
pub(super) const PASSWORD: &str = "password";
