//! Credentials: looked up here first, asked of the control plane once.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{CredentialDigest, PresentedCredential, Subject, UserState};

use super::Enforcer;
use crate::resolve::ResolveError;
use crate::sessions::{Redeemed, Redemption, Resolution, Resolved};

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
        self.resolve_kept(bartizan_pki::credential_digest(presented), source).await
    }

    /// The same by the digest alone: for who keeps credentials, and acts for somebody who has shown something else that hangs on
    /// the same sign-in.
    ///
    /// # Errors
    /// [`ResolveError`]: nothing is known then, so nothing may be granted on it.
    ///
    /// Cancel safe: yes; the question is asked again.
    pub async fn resolve_kept(
        &self,
        digest: CredentialDigest,
        source: IpAddr,
    ) -> Result<Option<Arc<Resolved>>, ResolveError> {
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

    /// Whether a sign-in is good for anything now: its session has not ended, and whose it is may act.
    #[must_use]
    pub fn stands(&self, resolved: &Resolved) -> bool {
        let view = self.view.load();
        let Some(view) = view.as_ref() else { return false };
        let alive = view.world.session(resolved.session).is_some_and(|s| s.ends() > self.clock.now());
        let may_act = match &resolved.subject {
            Subject::User(user) => view.world.user(*user).is_some_and(|user| user.state == UserState::Active),
            Subject::Service(client) => view.world.client(client),
            Subject::Anonymous => false,
        };
        alive && may_act
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
            // If the feed does not bring it in time, the first request with the new credential asks again.
            if self.brought(&redeemed.resolution).await == Some(true) {
                self.credentials.known.insert(digest, Arc::new(redeemed.resolution.resolved.clone()));
            }
        }
        Ok(redeemed)
    }

    /// A credential is good no more: what is known of it here is not believed. For who has just deleted it where it is kept,
    /// beside this point; points on other machines learn that a sign-in has ended, not that one of its credentials has.
    pub fn forget(&self, digest: CredentialDigest) {
        self.credentials.known.remove(&digest);
        self.credentials.found_unknown(digest, self.clock.boot());
    }

    async fn ask(
        &self,
        digest: CredentialDigest,
        source: IpAddr,
    ) -> Result<Option<Arc<Resolved>>, ResolveError> {
        self.credentials.spend(source, self.clock.boot())?;
        for _ in 0..TRIES {
            let answer = self
                .sessions
                .resolve(self.point(), digest)
                .await
                .map_err(|error| ResolveError::Unavailable(error.to_string()))?;
            let known = match &answer {
                Some(resolution) => self.brought(resolution).await,
                None => Some(false),
            };
            match (known, answer) {
                (Some(true), Some(resolution)) => {
                    self.credentials.give_back(source);
                    let resolved = Arc::new(resolution.resolved);
                    self.credentials.known.insert(digest, Arc::clone(&resolved));
                    return Ok(Some(resolved));
                }
                (Some(_ended), _) => {
                    self.credentials.known.remove(&digest);
                    self.credentials.found_unknown(digest, self.clock.boot());
                    return Ok(None);
                }
                // By another stream than the one that is followed by now, or not in time.
                (None, _) => {}
            }
        }
        Err(ResolveError::Unavailable(String::from("what is behind them does not come")))
    }

    /// Waits until the feed has brought what is behind a credential: whether its session is there then, or has ended. Nothing
    /// is known if the feed does not bring it, or is another by now.
    ///
    /// By the feed alone, so that everything that is decided on stood so together at some revision.
    async fn brought(&self, resolution: &Resolution) -> Option<bool> {
        let late = tokio::time::sleep(PATIENCE);
        tokio::pin!(late);
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            // Before looking, so that what comes in between is not missed.
            moved.as_mut().enable();
            if let Some(there) = self.has_come(resolution) {
                return Some(there);
            }
            tokio::select! {
                () = moved => (),
                () = &mut late => return None,
            }
        }
    }

    /// The same of this moment; nothing if it has not come.
    #[must_use]
    pub fn has_come(&self, resolution: &Resolution) -> Option<bool> {
        let view = self.view.load();
        let view = view.as_ref()?;
        let session = resolution.resolved.session;
        if view.subscription != resolution.subscription {
            // An answer may overtake the first message of the stream that it speaks of.
            return None;
        }
        if view.world.session(session).is_some() {
            self.tickets.lock().insert(session, resolution.ticket);
            return Some(true);
        }
        (view.world.revision() > resolution.revision).then_some(false)
    }
}

/// How often a credential is asked for again because the feed was another meanwhile.
const TRIES: usize = 4;

/// How long the feed may take to bring what is behind a credential. It has been sent when the answer is.
const PATIENCE: Duration = Duration::from_millis(500);
