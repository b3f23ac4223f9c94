//! Whose word a client proves itself by, if not by its own: tokens that others give it where it runs (a pipeline, a cluster).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::spec::RedirectUri;

/// Tokens that are a client's: who issues them, and what they must say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The issuer, as it stands in `iss`: `https`, or `http` on a loopback address.
    pub issuer: RedirectUri,
    /// To whom the tokens are said; to us, if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The issuer's public keys (RFC 7517, 5); they are read from it, if they are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Claims, each with the text that it must be: what tells this client from all others that the issuer gives tokens to.
    pub claims: BTreeMap<String, String>,
}

impl Trust {
    /// Whether this can be an issuer: what tokens are believed from is not reached in clear.
    #[must_use]
    pub fn is_issuer(uri: &RedirectUri) -> bool {
        let text = uri.as_str();
        (text.starts_with("https://") || text.starts_with("http://")) && !text.contains('?')
    }

    /// Whether what a token says is what it must.
    pub(crate) fn fits(&self, says: impl Fn(&str) -> Option<String>) -> bool {
        !self.claims.is_empty()
            && self.claims.iter().all(|(name, wanted)| says(name).as_ref() == Some(wanted))
    }
}
