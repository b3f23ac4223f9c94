//! A client that proves itself by a token that somebody else gave it where it runs: a pipeline of GitHub or GitLab, a pod of
//! Kubernetes. So there is no secret to keep there (RFC 7523, 3, with an issuer that is not the client).

use std::time::Duration;

use super::Provider;
use crate::clients::{Client, Trust};
use crate::error::Error;
use crate::jose::{self, Claims, Expected, KeySet, Life, Refused, Typ};

impl Provider {
    /// Whether a token is of somebody whose word is taken for this client, is said to us, and says what it must.
    ///
    /// Such a token may come more than once: who gives them to pods and jobs gives the same one until it ends.
    pub(super) async fn vouched(
        &self,
        client: &Client,
        assertion: &str,
        audiences: &[&str],
    ) -> Result<bool, Error> {
        let Some(issuer) = super::caller::claimed_member(assertion, "iss") else { return Ok(false) };
        let mut why = String::from("no issuer whose word is taken has given it");
        for trust in client.spec.trust.iter().filter(|trust| trust.issuer.as_str() == issuer) {
            match self.fits(trust, assertion, audiences).await {
                Ok(true) => return Ok(true),
                Ok(false) => why = String::from("it does not say what it must"),
                Err(problem) => why = problem,
            }
        }
        tracing::info!(client = %client.name, why, "the token of another issuer was not taken for a client");
        Ok(false)
    }

    async fn fits(&self, trust: &Trust, assertion: &str, audiences: &[&str]) -> Result<bool, String> {
        let own = trust.audience.as_deref().map(|audience| [audience]);
        let expected = Expected {
            typ: Typ::ClientAssertion,
            issuer: trust.issuer.as_str(),
            audiences: own.as_ref().map_or(audiences, |own| &own[..]),
            now: self.clock.now(),
            life: Life::AtMost(LONGEST),
        };
        let says = |claims: &Claims| trust.fits(|name| claims.says(name));
        if let Some(jwks) = &trust.jwks {
            let keys = KeySet::of_others(jwks).map_err(|why| why.to_string())?;
            return jose::read(assertion, &expected, &keys)
                .map(|claims| says(&claims))
                .map_err(|why| why.to_string());
        }
        for anew in [false, true] {
            let published = self.issuers.published(expected.issuer, anew).await?;
            match jose::read(assertion, &expected, &published.keys) {
                Ok(claims) => return Ok(says(&claims)),
                // It may be newer than what is known of its issuer.
                Err(Refused::NoSuchKey) if !anew => {}
                Err(why) => return Err(why.to_string()),
            }
        }
        Ok(false)
    }
}

/// A pod may keep one for hours; nobody needs one for longer than a day.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
