//! The stored forms of factors: what may be read by whoever reads objects, and what may not.

use bartizan_model::{ObjectKind, Secret, Timestamp, UserId};
use bartizan_store::{Expect, Object, SecretWrite, Write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::Enrolled;
use crate::error::Error;
use crate::people::to_value;
use crate::recovery::RecoveryDigest;
use crate::totp::TotpSecret;

/// The object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FactorsSpec {
    pub(super) password_set: Timestamp,
    pub(super) totp_enrolled: Timestamp,
    /// The newest step whose code was accepted.
    pub(super) totp_step: i64,
    pub(super) recovery_left: u8,
    pub(super) generation: u64,
}

impl FactorsSpec {
    pub(super) const fn enrolled(&self) -> Enrolled {
        Enrolled {
            password_set: self.password_set,
            totp_enrolled: self.totp_enrolled,
            recovery_left: self.recovery_left,
            generation: self.generation,
        }
    }

    pub(super) fn write(&self, user: UserId, expect: Expect) -> Write {
        Write::Put {
            kind: ObjectKind::Factors,
            name: user.to_string(),
            spec: to_value(self),
            lookups: Vec::new(),
            expect,
        }
    }
}

pub(super) fn read_spec(object: &Object) -> Result<FactorsSpec, Error> {
    crate::spec::read("factors", object)
}

/// The secrets.
#[derive(Debug)]
pub(crate) struct FactorSecrets {
    /// That of the object beside them.
    pub(super) generation: u64,
    pub(super) password: Secret<String>,
    pub(super) totp: TotpSecret,
    pub(super) recovery: Vec<RecoveryDigest>,
    /// Codes that were used, to tell the person so.
    pub(super) spent: Vec<RecoveryDigest>,
}

/// Their form at rest.
#[derive(Serialize, Deserialize, Zeroize)]
#[zeroize(drop)]
struct Form {
    generation: u64,
    password: String,
    totp: String,
    recovery: Vec<String>,
    #[serde(default)]
    spent: Vec<String>,
}

impl FactorSecrets {
    pub(super) fn read(name: &str, secret: &Secret<Vec<u8>>) -> Result<Self, Error> {
        let damaged = || Error::Damaged { what: "secret", name: name.to_owned() };
        let form: Form = secret.expose(|bytes| serde_json::from_slice(bytes)).map_err(|_form| damaged())?;
        let digests = |texts: &[String]| {
            let digest = |text: &String| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok();
            texts.iter().map(|text| digest(text).map(RecoveryDigest)).collect::<Option<Vec<_>>>()
        };
        let totp = Secret::new(URL_SAFE_NO_PAD.decode(&form.totp).map_err(|_form| damaged())?);
        Ok(Self {
            generation: form.generation,
            password: Secret::new(form.password.clone()),
            totp: totp.expose(|bytes| TotpSecret::from_bytes(bytes)).ok_or_else(damaged)?,
            recovery: digests(&form.recovery).ok_or_else(damaged)?,
            spent: digests(&form.spent).ok_or_else(damaged)?,
        })
    }

    pub(super) fn write(&self, user: UserId) -> SecretWrite {
        let texts = |digests: &[RecoveryDigest]| {
            digests.iter().map(|digest| URL_SAFE_NO_PAD.encode(digest.0)).collect()
        };
        let form = Form {
            generation: self.generation,
            password: self.password.expose(Clone::clone),
            totp: self.totp.to_bytes().expose(|bytes| URL_SAFE_NO_PAD.encode(bytes)),
            recovery: texts(&self.recovery),
            spent: texts(&self.spent),
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
