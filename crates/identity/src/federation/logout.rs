//! A provider says that a sign-in there has ended (OpenID Connect Back-Channel Logout 1.0): what began here by it ends, too.

use std::time::Duration;

use bartizan_model::ProviderName;

use super::said::digest;
use super::{Federation, IdentityProvider};
use crate::error::Error;
use crate::jose::{self, Claims, Expected, Life, Refused, Typ};
use crate::oidc::caller::claimed_member;
use crate::oidc::replays::Seeing;

/// What has ended, by what stays of it with sign-ins here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it is to end here, too"]
pub(crate) struct Left {
    /// Whose word it is.
    pub(crate) provider: ProviderName,
    /// Whose sign-ins, if it is said.
    pub(crate) subject: Option<String>,
    /// Which sign-in, if it is said.
    pub(crate) session: Option<String>,
}

impl Federation {
    /// What a logout token says; or why it says nothing, which is for the log.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`]; [`Error::Busy`] if more come than can be told apart.
    pub(crate) async fn left(&self, token: &str) -> Result<Result<Left, String>, Error> {
        // Believed once the signature is.
        let Some(issuer) = claimed_member(token, "iss") else {
            return Ok(Err(String::from("it has no `iss`")));
        };
        let mut why = String::from("no provider has this issuer");
        for provider in self.providers().await? {
            if provider.spec.issuer.as_str() != issuer {
                continue;
            }
            match self.verified(token, &provider).await {
                Ok(claims) => return self.once(&provider, &claims),
                Err(refused) => why = refused,
            }
        }
        Ok(Err(why))
    }

    async fn verified(&self, token: &str, provider: &IdentityProvider) -> Result<Claims, String> {
        let issuer = provider.spec.issuer.as_str();
        let expected = Expected {
            typ: Typ::ForeignLogoutToken,
            issuer,
            audiences: &[provider.spec.client_id.as_str()],
            now: self.clock.now(),
            life: Life::AtMost(LONGEST),
        };
        for anew in [false, true] {
            let published = self.issuers.published(issuer, anew).await?;
            match jose::read(token, &expected, &published.keys) {
                Ok(claims) => return Ok(claims),
                // It may be newer than what is known of its issuer.
                Err(Refused::NoSuchKey) if !anew => {}
                Err(why) => return Err(why.to_string()),
            }
        }
        Err(Refused::NoSuchKey.to_string())
    }

    /// What must be so beyond the signature (2.6), and that it comes for the first time: a second time it could end what has
    /// begun since.
    fn once(&self, provider: &IdentityProvider, claims: &Claims) -> Result<Result<Left, String>, Error> {
        let read = || -> Result<(String, Option<&str>, Option<&str>), Refused> {
            if claims.text("nonce")?.is_some() {
                return Err(Refused::WrongType("nonce"));
            }
            if !claims.holds("events", EVENT) {
                return Err(Refused::Missing("events"));
            }
            let made = claims.instant("iat")?.ok_or(Refused::Missing("iat"))?;
            // What came to an earlier run of this process is not remembered, so it is not believed.
            if made.plus(LONGEST) < self.clock.now() || made.plus(Duration::from_secs(1)) < self.started {
                return Err(Refused::Expired);
            }
            Ok((claims.required("jti")?.to_owned(), claims.text("sub")?, claims.text("sid")?))
        };
        let (id, subject, session) = match read() {
            Ok((_, None, None)) => return Ok(Err(String::from("it says neither `sub` nor `sid`"))),
            Ok(read) => read,
            Err(why) => return Ok(Err(why.to_string())),
        };
        let issuer = provider.spec.issuer.as_str();
        match self.logouts.see(issuer, &id, self.clock.boot()) {
            Seeing::First => {}
            Seeing::Again => return Ok(Err(String::from("it came before"))),
            Seeing::Full => return Err(Error::Busy),
        }
        Ok(Ok(Left {
            provider: provider.name.clone(),
            subject: subject.map(|subject| digest(issuer, subject)),
            session: session.map(|session| digest(issuer, session)),
        }))
    }
}

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// It is sent at once: a logout token is good for two minutes in most places.
const LONGEST: Duration = Duration::from_secs(600);

/// For how long ids are remembered: longer than a token may be good.
pub(super) const REMEMBERS: Duration = Duration::from_secs(LONGEST.as_secs() * 2 + 60);
