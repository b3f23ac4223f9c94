//! From a sign-in to an app: a code for the browser, and a credential of the app's host for the code.

use std::time::Duration;

use bartizan_enforce::{Audience, Redemption, Resolved};
use bartizan_model::{CredentialKind, ObjectKind, Secret, SessionFacts, SessionId};
use bartizan_store::{ChangeSet, Expect, Write};

use super::{Act, Concerns, Flow, Reason, Visit};
use crate::codes::{CodePurpose, Found};
use crate::error::Error;
use crate::people::to_value;
use crate::spec::{CredentialSpec, session_facts};

impl Flow {
    /// A code that takes this session to the app that is being opened, for the browser that began it. It lives 60 s.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn app_code(
        &self,
        session: SessionId,
        host: &str,
        challenge: [u8; 32],
    ) -> Result<Secret<String>, Error> {
        let purpose = CodePurpose::App { session, host: host.to_owned(), challenge };
        let lives_for = purpose.lives_for();
        Ok(self.codes.issue(purpose, lives_for, "system").await?.text)
    }

    /// Spends such a code: from then on the credential that the point has made works on the app's host.
    ///
    /// `None` if it is unknown, spent or over, or was issued for another host or another browser. A code that came to
    /// the wrong place is not spent by that: it is worth nothing there, and its own browser may still be on its way.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Damaged`], [`Error::Evidence`].
    pub async fn redeem(&self, redemption: &Redemption) -> Result<Option<(Resolved, Option<String>)>, Error> {
        let (source, request_id) = (redemption.source, redemption.request_id);
        let visit = Visit { source, user_agent: None, request_id, device: None, provider: None };
        let found = self.codes.found_by(redemption.code).await?;
        let Found::Live(CodePurpose::App { session, host, challenge }, _, spending) = found else {
            let reason = if matches!(found, Found::Ended) { Reason::Expired } else { Reason::UsedCode };
            self.ledger.failed(Act::OpenApp, reason, Concerns::default(), &visit).await?;
            return Ok(None);
        };
        let Some(facts) = self.alive(session).await? else {
            self.ledger.failed(Act::OpenApp, Reason::SessionEnded, Concerns::default(), &visit).await?;
            return Ok(None);
        };
        let Some(user) = facts.user() else { return Ok(None) };
        let concerns = Concerns { user: Some(user), session: Some(session) };
        let shown = Secret::new(redemption.verifier.expose(|verifier| bartizan_pki::sha256(verifier)));
        let wrong = if host != redemption.host {
            Some(Reason::WrongHost)
        } else if shown != Secret::new(challenge) {
            Some(Reason::WrongBrowser)
        } else {
            None
        };
        if let Some(reason) = wrong {
            self.ledger.failed(Act::OpenApp, reason, concerns, &visit).await?;
            return Ok(None);
        }
        self.ledger.ok(Act::OpenApp, concerns, &visit).await?;
        let spec = CredentialSpec {
            session,
            kind: CredentialKind::App,
            host: Some(host.clone()),
            apps: std::collections::BTreeSet::new(),
            ends: None,
            grant: None,
        };
        let mut change = ChangeSet::new(user.to_string(), self.clock.now());
        change.writes.push(spending.write());
        change.writes.push(Write::Put {
            kind: ObjectKind::Credential,
            name: redemption.credential.to_hex(),
            spec: to_value(&spec),
            lookups: Vec::new(),
            expect: Expect::Absent,
        });
        match self.store.commit(change).await {
            Ok(_) => {}
            // Somebody else was faster with the same code.
            Err(bartizan_store::Error::Conflict { .. } | bartizan_store::Error::NotFound { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        }
        let attributes = self.people.get(user).await?.and_then(|person| person.attributes);
        let called = attributes.map(|attributes| attributes.display);
        let resolved = Resolved {
            session,
            subject: facts.subject,
            kind: CredentialKind::App,
            audience: Audience::Host(host),
            ends: None,
        };
        Ok(Some((resolved, called)))
    }

    /// The facts of a session that has not ended.
    pub(super) async fn alive(&self, session: SessionId) -> Result<Option<SessionFacts>, Error> {
        let object = self.store.get(ObjectKind::Session, &session.to_string()).await?;
        let facts = object.and_then(|object| session_facts(&object.name, &object.spec));
        Ok(facts.filter(|facts| facts.ends() > self.clock.now()))
    }

    /// Whether a session has proved its second factor so lately that what is dangerous needs no other proof.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn is_fresh(&self, session: SessionId) -> Result<bool, Error> {
        let proved = self.alive(session).await?.and_then(|facts| facts.mfa_time);
        Ok(proved.is_some_and(|proved| self.clock.now().since(proved) < FRESH))
    }
}

/// How long after a second factor nothing more is asked: time to read a page and to press a button.
const FRESH: Duration = Duration::from_secs(600);
