//! What clients are told when a sign-in has ended (OpenID Connect Back-Channel Logout 1.0): a token that says whose, and which.
//! Who sends it, and when, is for others: nothing is sent from here.

use std::time::Duration;

use bartizan_model::{
    ClientGrantId, ClientName, EventKind, ObjectKind, Outcome, Personal, Resource, ResourceRef, SessionId,
    Subject, SubjectRef, UserId,
};
use bartizan_store::{ChangeSet, Expect, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Provider;
use super::grants::GrantSpec;
use super::issue::algorithm_of;
use crate::error::Error;
use crate::jose::{self, Typ};

/// What a sign-in has given to a client, for who tells the client that it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Which.
    pub id: ClientGrantId,
    /// Who has it.
    pub client: ClientName,
    /// Whose.
    pub user: UserId,
    /// The sign-in.
    pub session: SessionId,
}

impl Family {
    /// The family that is stored so; none, if that is no family.
    #[must_use]
    pub fn read(name: &str, spec: &Value) -> Option<Self> {
        let GrantSpec { client, user, session, .. } = serde_json::from_value(spec.clone()).ok()?;
        Some(Self { id: name.parse().ok()?, client, user, session })
    }
}

/// What is sent, and to where.
#[derive(Debug)]
pub struct Notice {
    /// The address that the client has registered.
    pub uri: String,
    /// The token.
    pub token: String,
}

impl Provider {
    /// Whether this client wants to be told.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn is_told(&self, client: &ClientName) -> Result<bool, Error> {
        Ok(self.client(client).await?.is_some_and(|client| client.spec.backchannel_logout_uri.is_some()))
    }

    /// What this client is told of a sign-in that has ended: nothing, if it is not in use or has no address for it. It is for
    /// now; who sends it later asks again.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Key`]; [`Error::Busy`] as long as it is not known where this deployment is reached.
    pub async fn logout_notice(&self, family: &Family) -> Result<Option<Notice>, Error> {
        let Some(client) = self.client(&family.client).await? else { return Ok(None) };
        let Some(uri) = &client.spec.backchannel_logout_uri else { return Ok(None) };
        // Not yet: nobody has said where we are reached.
        let issuer = self.origin_of_app(AUTH).ok_or(Error::Busy)?;
        let mut random = [0; 16];
        self.entropy.fill(&mut random);
        let now = self.clock.now();
        // 2.4: no nonce, so that it is never taken for an ID token.
        let claims = json!({
            "iss": issuer,
            "aud": client.name.as_str(),
            "iat": now.as_secs(),
            "exp": now.plus(LIVES_FOR).as_secs(),
            "jti": URL_SAFE_NO_PAD.encode(random),
            "sub": family.user.to_string(),
            "sid": family.session.to_string(),
            "events": { EVENT: {} },
        });
        let key = self.keys.signing(algorithm_of(client.spec.id_token_alg)).await?;
        let token = jose::sign(&key, Typ::LogoutToken, &claims)?;
        Ok(Some(Notice { uri: uri.as_str().to_owned(), token }))
    }

    /// Puts on record whether a client was told.
    ///
    /// # Errors
    /// [`Error::Evidence`].
    pub async fn record_logout(&self, family: &Family, failed: Option<&str>) -> Result<(), Error> {
        let outcome = if failed.is_some() { Outcome::Failed } else { Outcome::Ok };
        let recorder = self.enforcer.recorder();
        let mut event = recorder.event(EventKind::SigninStep, outcome);
        event.subject = Some(SubjectRef::from(&Subject::User(family.user)));
        event.session = Some(family.session);
        event.resource = Some(ResourceRef::from(&Resource::Client(family.client.clone())));
        event.action = Some(String::from("client:logout"));
        event.reason = failed.map(str::to_owned);
        Ok(recorder.record(event, &Personal::default(), None).await?)
    }

    /// Nothing is left to do about these families: their clients were told, or cannot be.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn told(&self, families: &[ClientGrantId]) -> Result<(), Error> {
        for id in families {
            let mut change = ChangeSet::new("system", self.clock.now());
            let (kind, name) = (ObjectKind::ClientGrant, id.to_string());
            change.writes.push(Write::Delete { kind, name, expect: Expect::Any });
            match self.store.commit(change).await {
                Ok(_) | Err(bartizan_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// The app of our own that issues.
const AUTH: &str = "auth";

/// The member of `events` by which it is one (Back-Channel Logout, 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Two minutes, as the standard advises: it is sent when it is made.
const LIVES_FOR: Duration = Duration::from_secs(120);

const _: () = assert!(LIVES_FOR.as_secs() <= crate::signing_keys::LONGEST_TOKEN.as_secs());
