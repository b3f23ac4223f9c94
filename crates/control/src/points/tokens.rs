//! Making join tokens.

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_enforce::PointScope;
use bartizan_model::{AppName, ObjectKind, PointId, PointName, Secret, Timestamp};
use bartizan_pki::{JoinToken, sha256};
use bartizan_store::{ChangeSet, Expect, Lookup, Object, Write};
use zeroize::Zeroize as _;

use super::spec::{JoinTokenSpec, PointRole, PointSpec, read, to_value};
use super::{Points, SPACE, TRIES, all, token_name};
use crate::error::Error;
use crate::files::RESERVED;

/// A join token that was made. Its text is shown once and not kept.
#[derive(Debug)]
pub struct JoinTokenMade {
    /// What the machine is given.
    pub token: Secret<String>,
    /// What the point will be called.
    pub name: PointName,
    /// Until when the token can be spent.
    pub expires: Timestamp,
}

/// What a token is to be for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) role: PointRole,
    pub(crate) scope: PointScope,
    /// What the point will be called; the next that is free of `gateway-1`, `gateway-2`, if it does not matter.
    pub(crate) name: Option<PointName>,
    pub(crate) ttl: Option<Duration>,
}

/// A token that is not stored yet, so that it can be put on record first.
#[derive(Debug)]
pub(crate) struct Draft {
    wanted: Wanted,
    secret: Secret<[u8; 32]>,
    address: String,
    lives_for: Duration,
}

impl Draft {
    /// What its object will be called.
    pub(crate) fn object(&self) -> String {
        self.secret.expose(token_name)
    }
}

impl Points {
    /// Makes a token with which one machine may join. It can be spent for ten minutes, if `ttl` does not say otherwise, and
    /// a day at most. The caller records it first.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Field`] with the reason if there can be no such point, [`Error::Store`].
    pub async fn create_join_token(
        &self,
        role: PointRole,
        scope: PointScope,
        name: Option<PointName>,
        ttl: Option<Duration>,
        author: &str,
    ) -> Result<JoinTokenMade, Error> {
        let draft = self.draft(Wanted { role, scope, name, ttl }).await?;
        self.make(draft, author).await
    }

    /// Looks whether there can be such a token.
    pub(crate) async fn draft(&self, wanted: Wanted) -> Result<Draft, Error> {
        let address = self.address.clone().ok_or_else(|| Error::Invalid(NO_LISTENER.to_owned()))?;
        let lives_for = wanted.ttl.unwrap_or(LIVES_FOR);
        if lives_for.is_zero() || lives_for > MAX_LIVES_FOR {
            return Err(wrong("ttl_seconds", "a join token lives for 1 second to 24 hours"));
        }
        if let PointScope::Only(apps) = &wanted.scope {
            self.can_be_served(apps).await?;
        }
        if let Some(name) = &wanted.name {
            if name.as_str().parse::<PointId>().is_ok() {
                let why = format!("`{name}` reads like the id of a point: choose another name");
                return Err(wrong("name", why));
            }
            self.sweep().await?;
            if self.store.find(SPACE, name.as_str()).await?.is_some() {
                return Err(taken(name));
            }
        }
        let mut secret = [0; 32];
        self.entropy.fill(&mut secret);
        let draft = Draft { wanted, secret: Secret::new(secret), address, lives_for };
        secret.zeroize();
        Ok(draft)
    }

    /// Stores a token.
    pub(crate) async fn make(&self, draft: Draft, author: &str) -> Result<JoinTokenMade, Error> {
        let (object, mut tries) = (draft.object(), TRIES);
        loop {
            let names = self.names_and_room().await?;
            let Wanted { role, scope, name, .. } = draft.wanted.clone();
            let chosen = match &name {
                Some(name) => name.clone(),
                None => free_name(role, &names)?,
            };
            let now = self.clock.now();
            let ends = now.plus(draft.lives_for);
            let (scope, author_of) = (scope.into(), author.to_owned());
            let spec = JoinTokenSpec { name: chosen.clone(), role, scope, ends, author: author_of };
            let mut change = ChangeSet::new(author, now);
            change.writes.push(Write::Put {
                kind: ObjectKind::JoinToken,
                name: object.clone(),
                spec: to_value(&spec),
                lookups: vec![Lookup::new(SPACE, chosen.as_str())],
                expect: Expect::Absent,
            });
            match self.store.commit(change).await {
                Ok(_) => return self.written(draft, chosen, ends),
                // Somebody else was given the same free name.
                Err(bartizan_store::Error::LookupTaken { .. }) if name.is_none() && tries > 1 => tries -= 1,
                Err(bartizan_store::Error::LookupTaken { .. }) => return Err(taken(&chosen)),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn written(&self, draft: Draft, name: PointName, expires: Timestamp) -> Result<JoinTokenMade, Error> {
        let authority = sha256(self.authority.certificate());
        let Draft { secret, address, .. } = draft;
        let token = JoinToken { secret, authority, address, domain: self.domain.clone() };
        let token = token.to_text().map_err(|error| Error::Invalid(error.to_string()))?;
        Ok(JoinTokenMade { token, name, expires })
    }

    /// Whether points can serve these apps.
    async fn can_be_served(&self, apps: &BTreeSet<AppName>) -> Result<(), Error> {
        if apps.is_empty() {
            return Err(wrong("scope", "a scope without an app is for nothing: name one, or leave it out"));
        }
        for app in apps {
            let own = format!("`{app}` is a host of the deployment itself, which points do not serve");
            if RESERVED.contains(&app.as_str()) {
                return Err(wrong("scope", own));
            }
            match self.store.get(ObjectKind::App, app.as_str()).await? {
                Some(object) if object.spec.get("upstream").is_some() => {}
                Some(_) => return Err(wrong("scope", own)),
                None => return Err(wrong("scope", format!("there is no app `{app}`: apply it first"))),
            }
        }
        Ok(())
    }

    /// The names that are in use, if there is room for another.
    async fn names_and_room(&self) -> Result<BTreeSet<PointName>, Error> {
        let points = all(self.store.as_ref(), ObjectKind::Point).await?;
        let tokens = self.sweep().await?;
        if points.len() + tokens.len() >= MAX_POINTS {
            return Err(Error::Invalid(format!(
                "a deployment has {MAX_POINTS} points and join tokens at most: remove some with `bartizan point remove`"
            )));
        }
        let mut names = BTreeSet::new();
        for point in &points {
            names.insert(read::<PointSpec>(point)?.name);
        }
        for token in &tokens {
            names.insert(read::<JoinTokenSpec>(token)?.name);
        }
        Ok(names)
    }

    /// Removes tokens whose time is over, with the names that they kept; answers those that are left.
    async fn sweep(&self) -> Result<Vec<Object>, Error> {
        let now = self.clock.now();
        let (mut left, mut change) = (Vec::new(), ChangeSet::new("system", now));
        for token in all(self.store.as_ref(), ObjectKind::JoinToken).await? {
            if read::<JoinTokenSpec>(&token)?.ends > now {
                left.push(token);
            } else {
                let (name, expect) = (token.name, Expect::Revision(token.revision));
                change.writes.push(Write::Delete { kind: ObjectKind::JoinToken, name, expect });
            }
        }
        if !change.writes.is_empty() {
            match self.store.commit(change).await {
                // Somebody else has swept.
                Ok(_)
                | Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(left)
    }
}

fn wrong(name: &'static str, why: impl Into<String>) -> Error {
    Error::Field { name, why: why.into() }
}

fn taken(name: &PointName) -> Error {
    let why = format!(
        "there is a point or a join token with the name `{name}`: choose another, or run `bartizan point remove {name}`"
    );
    wrong("name", why)
}

/// The first of `gateway-1`, `gateway-2`, … that nobody has.
fn free_name(role: PointRole, names: &BTreeSet<PointName>) -> Result<PointName, Error> {
    let free = (1..=names.len() + 1)
        .filter_map(|number| format!("{}-{number}", role.as_str()).parse().ok())
        .find(|name| !names.contains(name));
    free.ok_or_else(|| Error::Invalid(String::from("there is no free name: choose one")))
}

const NO_LISTENER: &str =
    "this deployment has no [points] listener: add `[points] address = \"0.0.0.0:8444\"` to bartizan.toml";

/// Long enough to be carried to another machine and spent there.
const LIVES_FOR: Duration = Duration::from_secs(10 * 60);

const MAX_LIVES_FOR: Duration = Duration::from_secs(24 * 3600);

/// So many are read at once when a name is looked for, and so many the console shows.
const MAX_POINTS: usize = 4096;
