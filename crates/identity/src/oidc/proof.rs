//! Proofs that a client has the key to which its tokens are bound (RFC 9449).

use std::time::Duration;

use bartizan_model::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;

use super::Provider;
use super::refusal::{Code, Refusal};
use super::replays::Seeing;
use crate::error::Error;
use crate::jose::{self, Refused};

/// The request that a proof is made for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proving<'a> {
    /// Its method.
    pub(crate) method: &'a str,
    /// Its address, without query.
    pub(crate) url: &'a str,
    /// The access token that comes with it, if one does.
    pub(crate) token: Option<&'a str>,
}

impl Provider {
    /// The thumbprint of the key that a request proves, if it brings a proof.
    ///
    /// # Errors
    /// The refusal: `use_dpop_nonce` if only our nonce is missing, else `invalid_dpop_proof`.
    pub(crate) fn proved(&self, headers: &HeaderMap, of: Proving<'_>) -> Result<Option<String>, Refusal> {
        let mut fields = headers.get_all("dpop").iter();
        let proof = match (fields.next(), fields.next()) {
            (None, _) => return Ok(None),
            (Some(proof), None) => proof.to_str().map_err(|_form| invalid("it is no text"))?,
            (Some(_), Some(_)) => return Err(invalid("there is more than one")),
        };
        let read = || -> Result<_, Refused> {
            let (claims, key) = jose::read_proof(proof)?;
            let nonce = claims.text("nonce")?.map(str::to_owned);
            let made = claims.instant("iat")?.ok_or(Refused::Missing("iat"))?;
            let fits = claims.required("htm")? == of.method && same_url(claims.required("htu")?, of.url);
            let hash = of.token.map(|token| URL_SAFE_NO_PAD.encode(bartizan_pki::sha256(token.as_bytes())));
            let fits = fits && claims.text("ath")? == hash.as_deref();
            Ok((fits, nonce, made, claims.required("jti")?.to_owned(), key.thumbprint().to_owned()))
        };
        let (fits, nonce, made, id, thumbprint) = read().map_err(|why| invalid(&why.to_string()))?;
        if !fits {
            return Err(invalid("`htm`, `htu` or `ath` are of another request"));
        }
        let now = self.clock.now();
        if made > now.plus(SKEW) || now.since(made) > LIVES_FOR {
            return Err(invalid("`iat` is not of now"));
        }
        if !nonce.is_some_and(|nonce| self.is_nonce(&nonce, now)) {
            return Err(Refusal::new(Code::UseDpopNonce, "the proof needs the nonce of `DPoP-Nonce`"));
        }
        match self.proofs.see(&thumbprint, &id, self.clock.boot()) {
            Seeing::First => Ok(Some(thumbprint)),
            Seeing::Again => Err(invalid("its `jti` was used before")),
            Seeing::Full => Err(Refusal::from(Error::Busy)),
        }
    }

    /// A nonce of now, for the next proof. It is sealed under a key of this run of the process: so a proof that an earlier
    /// run has seen, and forgotten, is not good any more.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub(crate) fn nonce(&self) -> Result<String, Error> {
        Ok(self.nonces.seal(NONCE, &self.clock.now().as_micros().to_be_bytes())?)
    }

    fn is_nonce(&self, text: &str, now: Timestamp) -> bool {
        let Some(opened) = self.nonces.open(NONCE, text) else { return false };
        let made = opened.expose(|bytes| <[u8; 8]>::try_from(bytes.as_slice()).map(i64::from_be_bytes));
        made.is_ok_and(|made| now.since(Timestamp::from_micros(made)) <= LIVES_FOR)
    }
}

/// Compared without query and fragment (RFC 9449, 4.3). Ours have one spelling.
fn same_url(proved: &str, ours: &str) -> bool {
    let end = proved.find(['?', '#']).unwrap_or(proved.len());
    proved.get(..end) == Some(ours)
}

fn invalid(why: &str) -> Refusal {
    Refusal::new(Code::InvalidDpopProof, format!("the proof is not accepted: {why}"))
}

const NONCE: &str = "dpop-nonce";

/// How far clocks of clients may be ahead.
const SKEW: Duration = Duration::from_secs(30);

/// How long a nonce is good, and how old a proof may be.
pub(crate) const LIVES_FOR: Duration = Duration::from_secs(300);

/// For how long ids of proofs are remembered: as long as one may be good.
pub(crate) const REMEMBERS: Duration = Duration::from_secs(LIVES_FOR.as_secs() + SKEW.as_secs());
