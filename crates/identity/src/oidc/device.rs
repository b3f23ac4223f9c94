//! The device authorization grant (RFC 8628): what runs where there is no browser gets its tokens when a person says so on
//! another device.
//!
//! The device holds a device code, which is a code like any other: 256 random bits, stored by their digest, spent once. The
//! person types a user code of eight letters, which leads to the same object through a digest under a key, and to nothing
//! any more once they have decided. What they decide about is shown to them before: which client, for what, from where.

mod pace;
mod person;
mod poll;
mod user_code;

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_enforce::Caller;
use bartizan_model::{
    ClientName, CredentialDigest, CredentialKind, ObjectKind, SessionId, Timestamp, UserId,
};
use bartizan_pki::{keyed_digest, new_credential};
use bartizan_store::{ChangeSet, Expect, Lookup, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use pace::Pace;
pub(crate) use person::{Allowing, Pending, Typed};
pub(crate) use user_code::UserCode;

use super::Provider;
use super::discovery::paths;
use super::refusal::{Code, Refusal};
use super::request::{Parameters, encoded, once, resources, scopes};
use crate::clients::{Client, GrantType};
use crate::codes::{CodePurpose, CodeSpec};
use crate::error::Error;
use crate::people::to_value;
use crate::place::Place;
use crate::throttle::Guess;

/// What a device asks for, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRequest {
    pub(crate) client: ClientName,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) scopes: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) resources: BTreeSet<String>,
    /// The thumbprint of the key to which the code is bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jkt: Option<String>,
    /// Where it was asked from, sealed: an address is of a person.
    place: String,
    pub(crate) began: Timestamp,
    /// Until when somebody may decide, and it may get what it asks for. (The object lives longer.)
    pub(crate) until: Timestamp,
    decided: Decided,
}

/// What the person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Decided {
    /// Nothing yet.
    NotYet,
    /// It may act for them.
    Allowed { user: UserId, session: SessionId, factors: u64 },
    /// It may not.
    Denied,
}

/// A device that asks for a code. Its form may hold secrets, so it is not printed.
pub(crate) struct DeviceCall<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client: &'a Client,
    /// The thumbprint of the key that the call proves, if it proves one.
    pub(crate) jkt: Option<&'a str>,
    pub(crate) form: &'a Parameters,
    pub(crate) caller: &'a Caller,
}

impl Provider {
    /// The codes for a device (RFC 8628, 3.2), or why it gets none.
    pub(crate) async fn begin_device(&self, call: &DeviceCall<'_>) -> Result<Value, Refusal> {
        let client = call.client;
        if !client.spec.grants.contains(&GrantType::DeviceCode) {
            let why = "this client may not use the device authorization grant";
            return Err(Refusal::new(Code::UnauthorizedClient, why));
        }
        let scopes = scopes(once(call.form, "scope")?, client)?;
        let resources = resources(call.form, &client.spec.audiences)?;
        // Each fills a place in the store for a while, and anybody may ask in the name of a public client.
        let address = self.device_guesses.ask(Guess::Device, call.caller.source, None);
        if address.is_err() || !self.pace.begin(self.clock.boot()) {
            let why = "too many devices ask for a code: try again in a minute";
            return Err(Refusal::new(Code::TemporarilyUnavailable, why));
        }
        let now = self.clock.now();
        let place = Place::new(call.caller.source, call.caller.user_agent.as_deref());
        // INVARIANT: plain data with string keys always has a JSON form.
        let place = serde_json::to_vec(&place).unwrap_or_default();
        let request = DeviceRequest {
            client: client.name.clone(),
            scopes,
            resources,
            jkt: call.jkt.map(str::to_owned),
            place: self.state.seal(PLACE, &place).map_err(Error::from)?,
            began: now,
            until: now.plus(LIVES_FOR),
            decided: Decided::NotYet,
        };
        let purpose = CodePurpose::Device(Box::new(request));
        let spec = CodeSpec::new(purpose.clone(), now.plus(purpose.lives_for()));
        for _ in 0..TRIES {
            let (device_code, digest) = new_credential(CredentialKind::Code, self.entropy.as_ref());
            let user_code = UserCode::random(self.entropy.as_ref());
            let mut change = ChangeSet::new("system", now);
            change.writes.push(Write::Put {
                kind: ObjectKind::Code,
                name: digest.to_hex(),
                spec: to_value(&spec),
                lookups: vec![Lookup::new(USER_CODE, self.user_code_key(&user_code))],
                expect: Expect::Absent,
            });
            match self.store.commit(change).await {
                Ok(_) => {}
                // Two devices with one code at a time would be one too many.
                Err(bartizan_store::Error::LookupTaken { .. }) => continue,
                Err(error) => return Err(Error::from(error).into()),
            }
            let page = format!("{}{}", call.issuer, paths::DEVICE);
            return Ok(json!({
                "device_code": device_code.expose(Clone::clone),
                "user_code": user_code.to_string(),
                "verification_uri": page,
                "verification_uri_complete": format!("{page}?user_code={}", encoded(&user_code.to_string())),
                "expires_in": LIVES_FOR.as_secs(),
                "interval": INTERVAL.as_secs(),
            }));
        }
        Err(Error::Busy.into())
    }

    /// What a user code is found by: whoever reads the store cannot type it.
    fn user_code_key(&self, code: &UserCode) -> String {
        let digest = keyed_digest(&self.refresh_key, USER_CODE, code.letters());
        CredentialDigest::from_bytes(digest).to_hex()
    }

    /// Where a device asked from, if that can be read.
    fn place_of(&self, request: &DeviceRequest) -> Option<Place> {
        let opened = self.state.open(PLACE, &request.place)?;
        opened.expose(|plain| serde_json::from_slice(plain)).ok()
    }
}

/// The space of lookups in which devices are found by what people type; and what its keys are digests for.
const USER_CODE: &str = "user-code";

const PLACE: &str = "device-place";

/// Time to find a phone, and to sign in there.
pub(super) const LIVES_FOR: Duration = Duration::from_secs(600);

/// How long a device waits before it asks again, and by how much longer each time that it does not (RFC 8628, 3.5).
pub(super) const INTERVAL: Duration = Duration::from_secs(5);

/// Of 2,000 codes at a time, a new one is one of them once in twelve million times.
const TRIES: usize = 3;
