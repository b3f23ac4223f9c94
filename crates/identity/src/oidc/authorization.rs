//! The authorization endpoint (RFC 6749, 3.1): what has to happen before a client gets its code.

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_enforce::Caller;
use bartizan_model::{
    AuthLevel, ClientName, Denial, DenyReason, ObjectKind, Secret, SessionFacts, SessionId, Timestamp, UserId,
};
use bartizan_store::{ChangeSet, Expect, Write};
use serde::{Deserialize, Serialize};

use super::Provider;
use super::refusal::{Code, Refusal};
use super::request::{AuthorizationRequest, Prompt};
use super::standing::{Falls, HangsOn};
use crate::codes::CodePurpose;
use crate::error::Error;
use crate::people::to_value;
use crate::spec::read;
use crate::token::TokenRequest;

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    pub(crate) client: ClientName,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    /// Which factors the person had.
    pub(crate) factors: u64,
    /// The address that the request named: the one who spends the code has to name the same.
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) scopes: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) resources: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jkt: Option<String>,
}

/// How far a person has come with a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) signed_in: Option<(SessionId, UserId)>,
    /// When they came with it, if something was asked of them since.
    pub(crate) began: Option<Timestamp>,
    /// Whether they have just agreed to it.
    pub(crate) agreed: bool,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Next {
    /// The client gets this code.
    Code(Secret<String>),
    /// The client gets none.
    Refused(Refusal),
    /// No policy permits it: the person is told why, and what helps.
    Denied(Box<Denial>),
    /// Nobody is signed in.
    SignIn,
    /// Whoever is signed in does so anew.
    SignInAgain,
    /// They are asked whether they agree.
    Consent,
}

/// That somebody agreed that a client learns this about them.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ConsentSpec {
    scopes: BTreeSet<String>,
    /// To whom it was given: whoever answers there. On a loopback address that is another with each port, and somebody is
    /// asked each time (RFC 8252, 8.6).
    redirect_uri: String,
}

impl Provider {
    /// Goes as far with a request as it goes now. The same question however often somebody comes with it: who is signed in
    /// already is not asked less.
    pub(crate) async fn authorize(
        &self,
        request: &AuthorizationRequest,
        progress: Progress<'_>,
    ) -> Result<Next, Error> {
        let quiet = request.prompt == Prompt::None;
        let interact = |code, next| if quiet { Next::Refused(Refusal::new(code, NOT_QUIETLY)) } else { next };
        let Some((session, user)) = progress.signed_in else {
            return Ok(interact(Code::LoginRequired, Next::SignIn));
        };
        let on = HangsOn { client: &request.client, user, session, factors: None };
        let stands = match self.standing(on).await? {
            Ok(stands) => stands,
            Err(Falls::Client) => {
                let why = "this client is disabled";
                return Ok(Next::Refused(Refusal::new(Code::UnauthorizedClient, why)));
            }
            Err(Falls::Person | Falls::Session | Falls::Factors) => {
                return Ok(interact(Code::LoginRequired, Next::SignIn));
            }
        };
        if self.is_too_old(request, &stands.session, progress.began) {
            return Ok(interact(Code::LoginRequired, Next::SignInAgain));
        }
        if request.strong && stands.session.level < AuthLevel::Strong {
            // A wish (OIDC Core, 5.5.1.1): whoever has signed in for it and did not get there is not asked for ever.
            if progress.began.is_none_or(|began| stands.session.auth_time < began) {
                return Ok(interact(Code::InteractionRequired, Next::SignInAgain));
            }
        }
        let wanted = stands.client.spec.consent || request.ask_consent;
        if wanted && !progress.agreed && (request.ask_consent || !self.has_agreed(user, request).await?) {
            return Ok(interact(Code::ConsentRequired, Next::Consent));
        }
        let (clock, entropy) = (self.clock.as_ref(), self.entropy.as_ref());
        let asked = TokenRequest::for_client(progress.caller, request.client.clone(), clock, entropy);
        let live = match self.enforcer.admit(asked).await {
            Ok(live) => live,
            Err(denial) if denial.reason == DenyReason::StepUpRequired => {
                return Ok(interact(Code::InteractionRequired, Next::Denied(Box::new(denial))));
            }
            Err(denial) => return Ok(interact(Code::AccessDenied, Next::Denied(Box::new(denial)))),
        };
        let authorization = Authorization {
            client: request.client.clone(),
            user,
            session,
            factors: stands.factors,
            redirect_uri: request.to.uri.clone(),
            challenge: request.challenge.clone(),
            scopes: request.scopes.clone(),
            nonce: request.nonce.clone(),
            resources: request.resources.clone(),
            jkt: request.jkt.clone(),
        };
        let purpose = CodePurpose::Client(Box::new(authorization));
        let lives_for = purpose.lives_for();
        let issued = self.flow.codes().issue(purpose, lives_for, &user.to_string()).await?;
        drop(live);
        Ok(Next::Code(issued.text))
    }

    /// Whether the sign-in is older than the client takes. One that began after the person came with the request is new
    /// enough for whatever it asks, else some requests could never be met.
    fn is_too_old(
        &self,
        request: &AuthorizationRequest,
        session: &SessionFacts,
        began: Option<Timestamp>,
    ) -> bool {
        if began.is_some_and(|began| session.auth_time >= began) {
            return false;
        }
        let age = self.clock.now().since(session.auth_time);
        let limit = request.max_age.map(Duration::from_secs);
        request.prompt == Prompt::Login || limit.is_some_and(|limit| limit.is_zero() || age > limit)
    }

    async fn has_agreed(&self, user: UserId, request: &AuthorizationRequest) -> Result<bool, Error> {
        let object = self.store.get(ObjectKind::Consent, &consent_name(user, &request.client)).await?;
        let Some(object) = object else { return Ok(false) };
        let spec: ConsentSpec = read("consent", &object)?;
        Ok(request.scopes.is_subset(&spec.scopes) && request.to.uri == spec.redirect_uri)
    }

    /// Remembers that a person agrees.
    pub(crate) async fn agree(&self, user: UserId, request: &AuthorizationRequest) -> Result<(), Error> {
        let spec = ConsentSpec { scopes: request.scopes.clone(), redirect_uri: request.to.uri.clone() };
        let mut change = ChangeSet::new(user.to_string(), self.clock.now());
        change.writes.push(Write::Put {
            kind: ObjectKind::Consent,
            name: consent_name(user, &request.client),
            spec: to_value(&spec),
            lookups: Vec::new(),
            expect: Expect::Any,
        });
        self.store.commit(change).await?;
        Ok(())
    }
}

/// An id has no point in it, so this is one pair.
fn consent_name(user: UserId, client: &ClientName) -> String {
    format!("{user}.{client}")
}

const NOT_QUIETLY: &str = "`prompt=none` was asked for, and the person would have to do something";
