//! The stored forms of factors: what may be read by whoever reads objects, and what may not.

use bartizan_model::{ObjectKind, Secret, Timestamp, UserId};
use bartizan_store::{Expect, Lookup, Object, SecretWrite, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::Enrolled;
use crate::error::Error;
use crate::passkeys::{Passkey, PasskeyKey};
use crate::people::to_value;
use crate::recovery::RecoveryDigest;
use crate::totp::TotpSecret;

/// The object. Releases before passkeys wrote password and app of everybody, and no number of passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FactorsSpec {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) password_set: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) totp_enrolled: Option<Timestamp>,
    /// The newest step whose code was accepted.
    pub(super) totp_step: i64,
    pub(super) recovery_left: u8,
    #[serde(default)]
    pub(super) passkeys: u8,
    pub(super) generation: u64,
}

impl FactorsSpec {
    pub(super) const fn enrolled(&self) -> Enrolled {
        Enrolled {
            password_set: self.password_set,
            totp_enrolled: self.totp_enrolled,
            recovery_left: self.recovery_left,
            passkeys: self.passkeys,
            generation: self.generation,
        }
    }

    /// The object is found by each of its passkeys, and no other object by the same.
    pub(super) fn write(&self, user: UserId, expect: Expect, passkeys: &[Passkey]) -> Write {
        Write::Put {
            kind: ObjectKind::Factors,
            name: user.to_string(),
            spec: to_value(self),
            lookups: passkeys.iter().map(|passkey| passkey_lookup(passkey.key())).collect(),
            expect,
        }
    }
}

pub(super) fn passkey_lookup(key: PasskeyKey) -> Lookup {
    Lookup::new("passkey", key.to_string())
}

pub(super) fn read_spec(object: &Object) -> Result<FactorsSpec, Error> {
    crate::spec::read("factors", object)
}

/// The secrets.
#[derive(Debug)]
pub(crate) struct FactorSecrets {
    /// That of the object beside them.
    pub(super) generation: u64,
    pub(super) password: Option<Secret<String>>,
    pub(super) totp: Option<TotpSecret>,
    pub(super) recovery: Vec<RecoveryDigest>,
    /// Codes that were used, to tell the person so.
    pub(super) spent: Vec<RecoveryDigest>,
    /// Nothing in them is secret. They are here because their names are personal, and objects are kept for longer.
    pub(super) passkeys: Vec<Passkey>,
}

/// Their form at rest.
#[derive(Serialize, Deserialize, Zeroize)]
#[zeroize(drop)]
struct Form {
    generation: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    totp: Option<String>,
    recovery: Vec<String>,
    #[serde(default)]
    spent: Vec<String>,
    #[serde(default)]
    #[zeroize(skip)]
    passkeys: Vec<Passkey>,
}

impl FactorSecrets {
    pub(super) fn read(name: &str, secret: &Secret<Vec<u8>>) -> Result<Self, Error> {
        let damaged = || Error::Damaged { what: "secret", name: name.to_owned() };
        let mut form: Form =
            secret.expose(|bytes| serde_json::from_slice(bytes)).map_err(|_form| damaged())?;
        let digests = |texts: &[String]| {
            let digest = |text: &String| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok();
            texts.iter().map(|text| digest(text).map(RecoveryDigest)).collect::<Option<Vec<_>>>()
        };
        let totp = |text: &String| {
            let bytes = Secret::new(URL_SAFE_NO_PAD.decode(text).ok()?);
            bytes.expose(|bytes| TotpSecret::from_bytes(bytes))
        };
        Ok(Self {
            generation: form.generation,
            password: form.password.take().map(Secret::new),
            totp: form.totp.as_ref().map(|text| totp(text).ok_or_else(damaged)).transpose()?,
            recovery: digests(&form.recovery).ok_or_else(damaged)?,
            spent: digests(&form.spent).ok_or_else(damaged)?,
            passkeys: std::mem::take(&mut form.passkeys),
        })
    }

    pub(super) fn write(&self, user: UserId) -> SecretWrite {
        let texts = |digests: &[RecoveryDigest]| {
            digests.iter().map(|digest| URL_SAFE_NO_PAD.encode(digest.0)).collect()
        };
        let form = Form {
            generation: self.generation,
            password: self.password.as_ref().map(|password| password.expose(Clone::clone)),
            totp: self
                .totp
                .as_ref()
                .map(|totp| totp.to_bytes().expose(|bytes| URL_SAFE_NO_PAD.encode(bytes))),
            recovery: texts(&self.recovery),
            spent: texts(&self.spent),
            passkeys: self.passkeys.clone(),
        };
        // INVARIANT: plain data with string keys always has a JSON form.
        SecretWrite::Put {
            name: factor_secrets(user),
            value: Secret::new(serde_json::to_vec(&form).unwrap_or_default()),
        }
    }
}

/// Object and secrets, as they were read one after the other.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) spec: FactorsSpec,
    pub(super) secrets: FactorSecrets,
    pub(super) expect: Expect,
}

pub(crate) fn factor_secrets(user: UserId) -> String {
    format!("factors/{user}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_stored_before_there_were_passkeys_is_still_read() {
        let spec: FactorsSpec = serde_json::from_value(json!({
            "password_set": "2026-11-20T08:00:00Z", "totp_enrolled": "2026-11-20T08:01:00Z",
            "totp_step": 58, "recovery_left": 9, "generation": 7,
        }))
        .unwrap();
        assert!(spec.password_set.is_some() && spec.totp_enrolled.is_some());
        assert_eq!((spec.passkeys, spec.generation), (0, 7));
        let form =
            json!({ "generation": 7, "password": "$argon2id$", "totp": "A".repeat(27), "recovery": [] });
        let secrets = FactorSecrets::read("factors/x", &Secret::new(form.to_string().into_bytes())).unwrap();
        assert!(secrets.password.is_some() && secrets.totp.is_some() && secrets.passkeys.is_empty());
    }

    #[test]
    fn what_is_not_there_is_written_and_read_as_such() {
        let secrets = FactorSecrets {
            generation: 1,
            password: None,
            totp: None,
            recovery: Vec::new(),
            spent: Vec::new(),
            passkeys: Vec::new(),
        };
        let SecretWrite::Put { value, .. } = secrets.write(UserId::from_bytes([1; 16])) else { panic!() };
        let read = FactorSecrets::read("factors/x", &value).unwrap();
        assert!(read.password.is_none() && read.totp.is_none());
    }
}
