//! What a browser takes along that goes to a provider, and what it must bring back.

use bartizan_model::{Entropy, ProviderName, Secret};
use bartizan_pki::sha256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// A way to a provider and back. It is sealed with the attempt, so that only the browser that left can come back.
///
/// State, nonce and verifier are made of one random value; none of them tells another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Away {
    /// Where.
    pub(crate) provider: ProviderName,
    /// What for.
    #[serde(default)]
    pub(crate) toward: Toward,
    value: [u8; 32],
}

/// What somebody goes to a provider for. An answer for one is none for another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Toward {
    /// To sign in here.
    #[default]
    SignIn,
    /// To prove anew that they are who is signed in here.
    Confirm,
    /// To sign in there from now on.
    Link,
}

impl Away {
    pub(crate) fn new(provider: ProviderName, toward: Toward, entropy: &dyn Entropy) -> Self {
        let mut value = [0; 32];
        entropy.fill(&mut value);
        Self { provider, toward, value }
    }

    /// By which the browser is known again (RFC 6749, 10.12). In front stands the place of the attempt that left.
    pub(crate) fn state(&self, place: u8) -> String {
        format!("{place}.{}", self.derived("state"))
    }

    /// By which an ID token is known to be for this sign-in (OpenID Connect Core 1.0, 3.1.2.1).
    pub(crate) fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// By which whoever spends the code is known to have asked for it (RFC 7636, 4.1).
    pub(crate) fn verifier(&self) -> Secret<String> {
        Secret::new(self.derived("verifier"))
    }

    /// The same as the provider is told it before (RFC 7636, 4.2, `S256`).
    pub(crate) fn challenge(&self) -> String {
        self.verifier().expose(|verifier| URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())))
    }

    /// What it is known by once it was answered.
    pub(crate) fn marker(&self) -> [u8; 32] {
        sha256(&[b"bartizan away: marker", self.value.as_slice()].concat())
    }

    fn derived(&self, what: &str) -> String {
        let labelled = [b"bartizan away: ", what.as_bytes(), self.value.as_slice()].concat();
        URL_SAFE_NO_PAD.encode(sha256(&labelled))
    }
}

/// The place of the attempt that a state names.
pub(crate) fn place_of(state: &str) -> Option<u8> {
    state.split_once('.')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use bartizan_testkit::SeededEntropy;

    use super::*;

    #[test]
    fn what_is_told_does_not_tell_the_rest() {
        let entropy = SeededEntropy::new(3);
        let away = Away::new("contoso".parse().unwrap(), Toward::SignIn, &entropy);
        let told = [away.state(3), away.nonce(), away.challenge()];
        let verifier = away.verifier().expose(Clone::clone);
        assert!(told.iter().all(|told| !told.contains(&verifier)));
        assert_eq!(told.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
        assert!((43..=128).contains(&verifier.len()), "RFC 7636, 4.1");
        assert_eq!(place_of(&told[0]), Some(3));
        assert_ne!(Away::new("contoso".parse().unwrap(), Toward::SignIn, &entropy), away);
        for none in ["", ".", "x.y", "300.y", "-1.y", "3"] {
            assert_eq!(place_of(none), None, "{none}");
        }
    }
}
