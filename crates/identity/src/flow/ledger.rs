//! The record of each step: on disk before the step has an effect, its personal part sealed to whom it concerns.

use std::sync::Arc;
use std::time::Duration;

use bartizan_enforce::Recorder;
use bartizan_model::{
    BootTime, Clock, EventKind, ObjectKind, Outcome, ResourceRef, SealingKeyId, SessionId, Subject,
    SubjectRef, UserId,
};
use bartizan_store::Store;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;

use super::visit::Visit;
use crate::error::Error;
use crate::passkeys::Fault;
use crate::spec::user_state;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Password,
    Link,
    Totp,
    Recovery,
    ClaimPassword,
    ClaimFinish,
    ConfirmAgain,
    OpenApp,
    Passkey,
    SecondPasskey,
    ConfirmPasskey,
    ClaimPasskey,
    AddPasskey,
    RenamePasskey,
    RemovePasskey,
    SetPassword,
    RemovePassword,
    AddApp,
    RemoveApp,
    NewCodes,
    Provider,
    ConfirmProvider,
    LinkProvider,
    UnlinkProvider,
}

impl Act {
    /// As events spell it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "signin:password",
            Self::Link => "signin:link",
            Self::Totp => "signin:totp",
            Self::Recovery => "signin:recovery",
            Self::ClaimPassword => "claim:password",
            Self::ClaimFinish => "claim:finish",
            Self::ConfirmAgain => "signin:confirm",
            Self::OpenApp => "signin:app",
            Self::Passkey => "signin:passkey",
            Self::SecondPasskey => "signin:second_passkey",
            Self::ConfirmPasskey => "signin:confirm_passkey",
            Self::ClaimPasskey => "claim:passkey",
            Self::AddPasskey => "passkey:add",
            Self::RenamePasskey => "passkey:rename",
            Self::RemovePasskey => "passkey:remove",
            Self::SetPassword => "password:set",
            Self::RemovePassword => "password:remove",
            Self::AddApp => "app:add",
            Self::RemoveApp => "app:remove",
            Self::NewCodes => "codes:new",
            Self::Provider => "signin:provider",
            Self::ConfirmProvider => "signin:confirm_provider",
            Self::LinkProvider => "provider:link",
            Self::UnlinkProvider => "provider:unlink",
        }
    }
}

/// Why it failed, as a stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    WrongPassword,
    WrongCode,
    UsedCode,
    UnknownPerson,
    Disabled,
    Throttled,
    Expired,
    FactorsChanged,
    NoFactors,
    WeakPassword,
    WrongStep,
    SessionEnded,
    WrongBrowser,
    WrongHost,
    UnknownPasskey,
    UnreadablePasskey,
    WrongOrigin,
    WrongRelyingParty,
    WrongChallenge,
    UsedChallenge,
    NotVerified,
    CounterWentBack,
    WrongSignature,
    PasskeyTaken,
    TooMany,
    LastWay,
    NoProvider,
    ProviderRefused,
    ProviderUnreachable,
    ProviderNotBelieved,
    NotLinked,
    NoSecondFactor,
    NotNow,
}

impl From<Fault> for Reason {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Form => Self::UnreadablePasskey,
            Fault::Origin => Self::WrongOrigin,
            Fault::Host => Self::WrongRelyingParty,
            Fault::Challenge => Self::WrongChallenge,
            Fault::Unverified => Self::NotVerified,
            Fault::Counter => Self::CounterWentBack,
            Fault::Mismatch => Self::WrongSignature,
        }
    }
}

impl Reason {
    /// As events spell it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::UsedCode => "used_code",
            Self::UnknownPerson => "unknown_person",
            Self::Disabled => "disabled",
            Self::Throttled => "throttled",
            Self::Expired => "expired",
            Self::FactorsChanged => "factors_changed",
            Self::NoFactors => "no_factors",
            Self::WeakPassword => "weak_password",
            Self::WrongStep => "wrong_step",
            Self::SessionEnded => "session_ended",
            Self::WrongBrowser => "wrong_browser",
            Self::WrongHost => "wrong_host",
            Self::UnknownPasskey => "unknown_passkey",
            Self::UnreadablePasskey => "unreadable_passkey",
            Self::WrongOrigin => "wrong_origin",
            Self::WrongRelyingParty => "wrong_relying_party",
            Self::WrongChallenge => "wrong_challenge",
            Self::UsedChallenge => "used_challenge",
            Self::NotVerified => "not_verified",
            Self::CounterWentBack => "counter_went_back",
            Self::WrongSignature => "wrong_signature",
            Self::PasskeyTaken => "passkey_taken",
            Self::TooMany => "too_many_passkeys",
            Self::LastWay => "last_way",
            Self::NoProvider => "no_provider",
            Self::ProviderRefused => "provider_refused",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::ProviderNotBelieved => "provider_not_believed",
            Self::NotLinked => "not_linked",
            Self::NoSecondFactor => "no_second_factor",
            Self::NotNow => "not_now",
        }
    }
}

/// Whom a step concerns, as far as is known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Concerns {
    pub(super) user: Option<UserId>,
    pub(super) session: Option<SessionId>,
}

impl From<UserId> for Concerns {
    fn from(user: UserId) -> Self {
        Self { user: Some(user), session: None }
    }
}

type SealTo = (SealingKeyId, [u8; 32]);

/// Records steps.
#[derive(Debug)]
pub(super) struct Ledger {
    recorder: Arc<Recorder>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// The key for events of nobody, and when it was looked up.
    anonymous: Mutex<Option<(SealTo, BootTime)>>,
}

impl Ledger {
    pub(super) const fn new(recorder: Arc<Recorder>, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { recorder, store, clock, anonymous: Mutex::new(None) }
    }

    /// A step went well. It is on disk when this returns, and not before may it have an effect.
    pub(super) async fn ok(&self, act: Act, concerns: Concerns, visit: &Visit) -> Result<(), Error> {
        self.record(act, None, concerns, visit).await
    }

    /// A step failed.
    pub(super) async fn failed(
        &self,
        act: Act,
        reason: Reason,
        concerns: Concerns,
        visit: &Visit,
    ) -> Result<(), Error> {
        self.record(act, Some(reason), concerns, visit).await
    }

    async fn record(
        &self,
        act: Act,
        failed: Option<Reason>,
        concerns: Concerns,
        visit: &Visit,
    ) -> Result<(), Error> {
        let outcome = if failed.is_some() { Outcome::Failed } else { Outcome::Ok };
        let mut event = self.recorder.event(EventKind::SigninStep, outcome);
        event.reason = failed.map(|reason| reason.as_str().to_owned());
        event.action = Some(act.as_str().to_owned());
        event.request_id = Some(visit.request_id);
        event.session = concerns.session;
        event.resource = visit.provider.as_ref().map(|provider| {
            let (kind, name) = (String::from(PROVIDER), provider.to_string());
            ResourceRef { kind, name }
        });
        let own = match concerns.user {
            Some(user) => self.key_of(user).await?.map(|key| (user, key)),
            None => None,
        };
        let (subject, seal_to) = match own {
            Some((user, key)) => (Subject::User(user), Some(key)),
            // Of somebody who is gone, nothing may be kept that their key would have erased.
            None => (Subject::Anonymous, self.anonymous_key().await?),
        };
        event.subject = Some(SubjectRef::from(&subject));
        Ok(self.recorder.record(event, &visit.personal(), seal_to).await?)
    }

    async fn key_of(&self, user: UserId) -> Result<Option<SealTo>, Error> {
        let object = self.store.get(ObjectKind::User, &user.to_string()).await?;
        Ok(object.and_then(|object| user_state(&object.spec)).map(|(_, _, key)| key))
    }

    /// The newest key for events of nobody in particular: of several days, the one that was written last.
    async fn anonymous_key(&self) -> Result<Option<SealTo>, Error> {
        let now = self.clock.boot();
        if let Some((key, since)) = *self.anonymous.lock()
            && now.since(since) < KEY_IS_NEWEST_FOR
        {
            return Ok(Some(key));
        }
        let mut newest = None;
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(ObjectKind::SealingKey, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.name.clone());
            newest = page.into_iter().chain(newest).max_by_key(|object| object.revision);
        }
        let key = newest.and_then(|object| {
            let public = URL_SAFE_NO_PAD.decode(object.spec.get("public")?.as_str()?).ok()?;
            Some((object.name.parse().ok()?, public.try_into().ok()?))
        });
        *self.anonymous.lock() = key.map(|key| (key, now));
        Ok(key)
    }
}

/// What a step is about that an identity provider has a part in, as events spell it.
const PROVIDER: &str = "Provider";

/// A new key comes once a day; it is no harm if the old one is used for a little longer.
const KEY_IS_NEWEST_FOR: Duration = Duration::from_secs(60);

/// How many keys are read at once.
const PAGE: u32 = 1000;
