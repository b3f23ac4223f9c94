//! People and groups as directories know them, between the JSON that is sent and what is kept.

use bartizan_model::{GroupName, UserId, UserState};
use serde_json::{Value, json};

use super::{Kind, Object, Refusal, ScimType, read};
use crate::people::{Attributes, Email, Person, Profile, login_name};

/// A person or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A person.
    User(Box<User>),
    /// A group.
    Group(Group),
}

/// What a directory says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// `userName`, in a form in which somebody can sign in.
    pub user_name: String,
    /// `name`.
    pub name: Name,
    /// `displayName`.
    pub display: Option<String>,
    /// `emails`.
    pub emails: Vec<Email>,
    /// `active`.
    pub active: bool,
    /// `externalId`, as this directory has it. Others have theirs, and it is no key of ours.
    pub external_id: Option<String>,
}

/// The parts of a person's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// All of it.
    pub formatted: Option<String>,
    /// The family name.
    pub family: Option<String>,
    /// The given name.
    pub given: Option<String>,
}

/// What a directory says of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// `displayName`.
    pub display: String,
    /// `members`.
    pub members: Vec<Member>,
    /// `externalId`, as this directory has it.
    pub external_id: Option<String>,
}

/// Somebody, or a group, in a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The id of the resource.
    pub id: String,
    /// Its type, if that is known.
    pub kind: Option<Kind>,
}

impl Record {
    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::User(_) => Kind::User,
            Self::Group(_) => Kind::Group,
        }
    }

    /// A whole resource as somebody sends it.
    ///
    /// # Errors
    /// `invalidSyntax`, `invalidValue`.
    pub fn sent(kind: Kind, sent: &Value) -> Result<Self, Refusal> {
        Self::of(kind, &read::resource(kind, sent)?)
    }

    /// What a canonical resource says, if it may be so: whatever it was before, and whoever made it.
    ///
    /// # Errors
    /// `invalidValue`.
    pub fn of(kind: Kind, object: &Object) -> Result<Self, Refusal> {
        let external_id = text(object, "externalId")?;
        match kind {
            Kind::User => {
                let user_name = text(object, "userName")?.ok_or_else(|| missing("userName"))?;
                login_name(&user_name).map_err(|error| invalid(format!("`userName`: {error}")))?;
                let name = match object.get("name").and_then(Value::as_object) {
                    Some(parts) => Name {
                        formatted: text(parts, "formatted")?,
                        family: text(parts, "familyName")?,
                        given: text(parts, "givenName")?,
                    },
                    None => Name::default(),
                };
                let display = text(object, "displayName")?;
                let emails = emails(object)?;
                let active = object.get("active").and_then(Value::as_bool).unwrap_or(true);
                Ok(Self::User(Box::new(User { user_name, name, display, emails, active, external_id })))
            }
            Kind::Group => {
                let display = text(object, "displayName")?.ok_or_else(|| missing("displayName"))?;
                let members = members(object)?;
                Ok(Self::Group(Group { display, members, external_id }))
            }
        }
    }

    /// It in the place of another, of which it keeps what must always be said of a resource and was not said this time.
    #[must_use]
    pub fn keeping(self, old: &Self, sent: &Value) -> Self {
        let said = |name: &str| {
            sent.as_object().is_some_and(|fields| {
                fields.iter().any(|(field, value)| {
                    !value.is_null()
                        && field.rsplit(':').next().is_some_and(|bare| bare.eq_ignore_ascii_case(name))
                })
            })
        };
        match (self, old) {
            (Self::User(user), Self::User(old)) if !said("active") => {
                Self::User(Box::new(User { active: old.active, ..*user }))
            }
            (new, _) => new,
        }
    }

    /// It as a canonical resource. References lead below `base`.
    #[must_use]
    pub fn object(&self, base: &str) -> Object {
        let mut object = Object::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                object.insert(name.to_owned(), value);
            }
        };
        match self {
            Self::User(user) => {
                put("externalId", user.external_id.clone().map(Value::String));
                put("userName", Some(user.user_name.as_str().into()));
                put("displayName", user.display.clone().map(Value::String));
                put("active", Some(Value::Bool(user.active)));
                let parts = [
                    ("formatted", &user.name.formatted),
                    ("familyName", &user.name.family),
                    ("givenName", &user.name.given),
                ];
                let parts: Object = parts
                    .into_iter()
                    .filter_map(|(name, part)| Some((name.to_owned(), Value::String(part.clone()?))))
                    .collect();
                put("name", (!parts.is_empty()).then_some(Value::Object(parts)));
                let emails: Vec<Value> =
                    user.emails.iter().filter_map(|email| serde_json::to_value(email).ok()).collect();
                put("emails", (!emails.is_empty()).then_some(Value::Array(emails)));
            }
            Self::Group(group) => {
                put("externalId", group.external_id.clone().map(Value::String));
                put("displayName", Some(group.display.as_str().into()));
                let members: Vec<Value> = group.members.iter().map(|member| shown(member, base)).collect();
                put("members", (!members.is_empty()).then_some(Value::Array(members)));
            }
        }
        object
    }
}

fn shown(member: &Member, base: &str) -> Value {
    match member.kind {
        Some(kind) => json!({
            "value": member.id,
            "$ref": format!("{base}{}/{}", kind.endpoint(), member.id),
            "type": kind.name(),
        }),
        None => json!({ "value": member.id }),
    }
}

impl User {
    /// What this provisioner is told of a person. Nothing of who was erased.
    #[must_use]
    pub fn of_person(person: &Person, provisioner: &str) -> Option<Self> {
        let attributes = person.attributes.as_ref()?;
        let profile = attributes.profile.as_deref().cloned().unwrap_or_default();
        let name = Name { formatted: profile.formatted, family: profile.family, given: profile.given };
        // The spelling is of a name that was since changed elsewhere, if it is of another one.
        let spelled = profile.spelled.filter(|spelled| spelled.eq_ignore_ascii_case(&attributes.login));
        let user_name = spelled.unwrap_or_else(|| attributes.login.clone());
        let made = profile.display_made && attributes.display == name.or(&user_name);
        let display = (!made).then(|| attributes.display.clone());
        let emails = match (&attributes.mail, profile.emails) {
            (mail, emails) if main(&emails) == mail.as_deref() => emails,
            (Some(mail), _) => {
                vec![Email { value: mail.clone(), kind: Some(String::from("work")), primary: Some(true) }]
            }
            (None, _) => Vec::new(),
        };
        let external_id = profile.external.get(provisioner).cloned();
        let active = person.state == UserState::Active;
        Some(Self { user_name, name, display, emails, active, external_id })
    }

    /// What is kept of them, said by this provisioner; what others said of the same person stays.
    ///
    /// # Errors
    /// `invalidValue`: too many provisioners have a name for them.
    pub fn onto(&self, was: Option<&Attributes>, provisioner: &str) -> Result<Attributes, Refusal> {
        let login = login_name(&self.user_name).map_err(|error| invalid(format!("`userName`: {error}")))?;
        let mut external = was
            .and_then(|was| was.profile.as_deref())
            .map(|profile| profile.external.clone())
            .unwrap_or_default();
        match &self.external_id {
            Some(id) => external.insert(provisioner.to_owned(), id.clone()),
            None => external.remove(provisioner),
        };
        if external.len() > MAX_PROVISIONERS {
            return Err(invalid(format!(
                "{MAX_PROVISIONERS} directories have an `externalId` for this person already"
            )));
        }
        let profile = Profile {
            spelled: (self.user_name != login).then(|| self.user_name.clone()),
            display_made: self.display.is_none(),
            formatted: self.name.formatted.clone(),
            family: self.name.family.clone(),
            given: self.name.given.clone(),
            emails: self.emails.clone(),
            external,
        };
        Ok(Attributes {
            login,
            display: self.display.clone().unwrap_or_else(|| self.name.or(&self.user_name)),
            mail: main(&self.emails).map(str::to_owned),
            profile: Some(Box::new(profile)),
        })
    }

    /// Whether they may act.
    #[must_use]
    pub const fn state(&self) -> UserState {
        if self.active { UserState::Active } else { UserState::Disabled }
    }
}

impl Name {
    /// What somebody is called of whom a directory says nothing but this.
    fn or(&self, user_name: &str) -> String {
        let parts: Vec<&str> =
            [&self.given, &self.family].into_iter().flatten().map(String::as_str).collect();
        match &self.formatted {
            Some(formatted) => formatted.clone(),
            None if parts.is_empty() => user_name.to_owned(),
            None => parts.join(" ").chars().take(MAX_TEXT).collect(),
        }
    }
}

/// The address that is written to: the primary one, else the first for work, else the first.
fn main(emails: &[Email]) -> Option<&str> {
    let primary = emails.iter().find(|email| email.primary == Some(true));
    let work = || {
        emails
            .iter()
            .find(|email| email.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("work")))
    };
    primary.or_else(work).or(emails.first()).map(|email| email.value.as_str())
}

fn emails(object: &Object) -> Result<Vec<Email>, Refusal> {
    let mut emails = Vec::new();
    for email in
        object.get("emails").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
    {
        // Without an address nothing is said.
        let Some(value) = text(email, "value")? else { continue };
        if value.split_once('@').is_none_or(|(local, domain)| local.is_empty() || domain.is_empty()) {
            return Err(invalid(String::from("`emails.value` has to be a mail address (NAME@DOMAIN)")));
        }
        let primary = email.get("primary").and_then(Value::as_bool);
        emails.push(Email { value, kind: text(email, "type")?, primary });
    }
    if emails.len() > MAX_EMAILS {
        return Err(invalid(format!("a person has at most {MAX_EMAILS} `emails`")));
    }
    // RFC 7643, 2.4.
    if emails.iter().filter(|email| email.primary == Some(true)).count() > 1 {
        return Err(invalid(String::from("one of `emails` is the primary one, not several")));
    }
    Ok(emails)
}

fn members(object: &Object) -> Result<Vec<Member>, Refusal> {
    let mut members = Vec::new();
    for member in
        object.get("members").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
    {
        let id = text(member, "value")?.ok_or_else(|| missing("members.value"))?;
        let said = member.get("type").and_then(Value::as_str);
        let kind = match said {
            Some(said) => {
                let known = Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(said));
                Some(known.ok_or_else(|| invalid(String::from("`members.type` is `User` or `Group`")))?)
            }
            None => None,
        };
        members.push(Member { id, kind });
    }
    members.sort();
    members.dedup_by(|one, other| one.id == other.id);
    Ok(members)
}

/// The name of a group that is called so: policies name groups by it. What is a name already stays; of everything else the
/// letters and digits are taken, and what has none gets a name of its own.
#[must_use]
pub fn group_name(display: &str) -> Option<GroupName> {
    let named =
        |text: &str| text.parse::<GroupName>().ok().filter(|name| name.as_str().parse::<UserId>().is_err());
    if let Some(name) = named(display) {
        return Some(name);
    }
    let mut made = String::new();
    for c in display.chars() {
        let c = if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        if made.len() < MAX_NAME && !(c == '-' && (made.is_empty() || made.ends_with('-'))) {
            made.push(c);
        }
    }
    // Letters that are not ours are left out: a name of which little is left does not tell one group from another.
    let kept = made.chars().filter(char::is_ascii_alphanumeric).count();
    let letters = display.chars().filter(|c| c.is_alphanumeric()).count();
    let name = named(made.trim_end_matches('-')).filter(|_| kept.saturating_mul(2) >= letters.min(MAX_NAME));
    name.or_else(|| named(&format!("group-{:016x}", fnv(display))))
}

/// FNV-1a, 64 bit: it tells texts apart, and protects nothing.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A text that is not too long, if it is there.
fn text(object: &Object, name: &str) -> Result<Option<String>, Refusal> {
    let Some(text) = object.get(name).and_then(Value::as_str) else { return Ok(None) };
    if text.chars().any(char::is_control) || text.chars().count() > MAX_TEXT {
        return Err(invalid(format!(
            "`{name}` is longer than {MAX_TEXT} characters or has control characters"
        )));
    }
    Ok(Some(text.to_owned()))
}

fn missing(name: &str) -> Refusal {
    invalid(format!("`{name}` is missing"))
}

fn invalid(detail: String) -> Refusal {
    Refusal::bad(ScimType::InvalidValue, detail)
}

/// The longest mail address (RFC 5321, 4.5.3.1.3), which is long enough for a name, too.
const MAX_TEXT: usize = 254;

/// 10: people have two or three.
const MAX_EMAILS: usize = 10;

/// 16: a directory, and those that it was moved to.
const MAX_PROVISIONERS: usize = 16;

/// The longest name of a group.
const MAX_NAME: usize = 63;
