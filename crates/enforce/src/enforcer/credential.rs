//! Credentials: looked up here first, asked of the control plane once.

use std::net::IpAddr;
use std::sync::Arc;

use bartizan_model::{CredentialDigest, PresentedCredential, UserState};

use super::Enforcer;
use crate::resolve::ResolveError;
use crate::sessions::{Redeemed, Redemption, Resolved};

impl Enforcer {
    /// Whose credential this is. Unknown ones are asked for once; "unknown" is believed for a second.
    ///
    /// # Errors
    /// [`ResolveError`]: nothing is known then, so nothing may be granted on it.
    ///
    /// Cancel safe: yes; the question is asked again.
    pub async fn resolve(
        &self,
        presented: &PresentedCredential,
        source: IpAddr,
    ) -> Result<Option<Arc<Resolved>>, ResolveError> {
        let digest = bartizan_pki::credential_digest(presented);
        let known = || {
            let resolved = self.credentials.known.get(&digest)?;
            self.session(resolved.session).is_some().then_some(resolved)
        };
        if let Some(resolved) = known() {
            return Ok(Some(resolved));
        }
        if self.credentials.known_unknown(&digest, self.clock.boot()) {
            return Ok(None);
        }
        let turn = self.credentials.turn(digest);
        let _turn = turn.lock().await;
        if let Some(resolved) = known() {
            return Ok(Some(resolved));
        }
        if self.credentials.known_unknown(&digest, self.clock.boot()) {
            return Ok(None);
        }
        let answer = self.ask(digest, source).await;
        self.credentials.turn_over(&digest);
        answer
    }

    /// Whether a sign-in is good for anything now: its session has not ended, and its person may act.
    #[must_use]
    pub fn stands(&self, resolved: &Resolved) -> bool {
        let view = self.view.load();
        let Some(view) = view.as_ref() else { return false };
        let alive = view.world.session(resolved.session).is_some_and(|s| s.ends() > self.clock.now());
        alive && view.world.user(resolved.user).is_some_and(|user| user.state == UserState::Active)
    }

    /// Spends a code of a sign-in. The address pays for a code that nobody knows as for any other unknown credential.
    ///
    /// # Errors
    /// [`ResolveError`]; the code may have been spent.
    ///
    /// Cancel safe: no; the code may have been spent.
    pub async fn redeem(&self, redemption: Redemption) -> Result<Option<Redeemed>, ResolveError> {
        let source = redemption.source;
        self.credentials.spend(source, self.clock.boot())?;
        let digest = redemption.credential;
        let answer = self.sessions.redeem(self.point(), redemption).await;
        let redeemed = answer.map_err(|error| ResolveError::Unavailable(error.to_string()))?;
        if let Some(redeemed) = &redeemed {
            self.credentials.give_back(source);
            // If the world has gone on meanwhile, the first request with the new credential asks again.
            if self.learn(&redeemed.resolution) {
                self.credentials.known.insert(digest, Arc::new(redeemed.resolution.resolved.clone()));
            }
        }
        Ok(redeemed)
    }

    async fn ask(
        &self,
        digest: CredentialDigest,
        source: IpAddr,
    ) -> Result<Option<Arc<Resolved>>, ResolveError> {
        self.credentials.spend(source, self.clock.boot())?;
        for _ in 0..LEARN_TRIES {
            let answer = self
                .sessions
                .resolve(self.point(), digest)
                .await
                .map_err(|error| ResolveError::Unavailable(error.to_string()))?;
            let Some(resolution) = answer else {
                self.credentials.known.remove(&digest);
                self.credentials.found_unknown(digest, self.clock.boot());
                return Ok(None);
            };
            if self.learn(&resolution) {
                self.credentials.give_back(source);
                let resolved = Arc::new(resolution.resolved);
                self.credentials.known.insert(digest, Arc::clone(&resolved));
                return Ok(Some(resolved));
            }
        }
        Err(ResolveError::Unavailable(String::from("the world changes faster than it can be read")))
    }
}

/// How often a credential is asked for again because the world went on while it was read.
const LEARN_TRIES: usize = 8;
