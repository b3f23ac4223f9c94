//! Digests: of bytes, of bytes under a key, and of credentials.

use aws_lc_rs::digest::{Context, SHA256, digest};
use aws_lc_rs::hmac;
use bartizan_model::{CredentialDigest, CredentialKind, Entropy, PresentedCredential, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroize as _;

/// A SHA-256 over bytes that come in pieces.
#[derive(Clone)]
pub struct Sha256(Context);

impl Sha256 {
    /// The digest of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Takes more bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes taken in.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        array(self.0.finish().as_ref())
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Sha256 {
    /// What was taken in may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sha256(..)")
    }
}

/// The SHA-256 of bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    array(digest(&SHA256, bytes).as_ref())
}

/// The HMAC-SHA256 of bytes under a key, for values that are looked up without being stored in clear.
///
/// `domain` says what the value is, so that the same value in two roles has two digests.
#[must_use]
pub fn keyed_digest(key: &Secret<[u8; 32]>, domain: &str, bytes: &[u8]) -> [u8; 32] {
    let mut context = key.expose(|key| hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key)));
    // The length keeps `ab` + `c` apart from `a` + `bc`.
    context.update(&u64::try_from(domain.len()).unwrap_or(u64::MAX).to_be_bytes());
    context.update(domain.as_bytes());
    context.update(bytes);
    array(context.sign().as_ref())
}

/// The digest by which a presented credential is looked up.
#[must_use]
pub fn credential_digest(presented: &PresentedCredential) -> CredentialDigest {
    presented.text().expose(|text| CredentialDigest::from_bytes(sha256(text.as_bytes())))
}

/// A new credential: 256 random bits behind the kind's prefix, and its digest.
#[must_use]
pub fn new_credential(kind: CredentialKind, entropy: &dyn Entropy) -> (Secret<String>, CredentialDigest) {
    let mut bits = [0; 32];
    entropy.fill(&mut bits);
    // Of the final length from the start: growing would leave an unwiped copy behind.
    let mut text = String::with_capacity(CREDENTIAL_LEN);
    text.push_str(kind.prefix());
    URL_SAFE_NO_PAD.encode_string(bits, &mut text);
    bits.zeroize();
    let digest = CredentialDigest::from_bytes(sha256(text.as_bytes()));
    (Secret::new(text), digest)
}

fn array(digest: &[u8]) -> [u8; 32] {
    // SHA-256 yields 32 bytes, so the other arm is never taken.
    digest.try_into().unwrap_or([0; 32])
}

/// A four-letter prefix and 43 characters.
const CREDENTIAL_LEN: usize = 47;

#[cfg(test)]
mod tests {
    use super::*;
    use bartizan_testkit::SeededEntropy;
    use proptest::prelude::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn sha256_is_that_of_fips_180_4() {
        assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let mut pieces = Sha256::new();
        pieces.update(b"a");
        pieces.update(b"bc");
        assert_eq!(pieces.finish(), sha256(b"abc"));
    }

    #[test]
    fn keyed_digest_is_hmac_over_length_domain_and_bytes() {
        let key = Secret::new([7; 32]);
        let mut message = vec![0, 0, 0, 0, 0, 0, 0, 5];
        message.extend_from_slice(b"loginada");
        let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), &message);
        assert_eq!(keyed_digest(&key, "login", b"ada").as_slice(), expected.as_ref());
    }

    #[test]
    fn domain_and_bytes_do_not_run_into_each_other() {
        let key = Secret::new([7; 32]);
        assert_ne!(keyed_digest(&key, "ab", b"c"), keyed_digest(&key, "a", b"bc"));
        assert_ne!(keyed_digest(&key, "a", b"x"), keyed_digest(&Secret::new([8; 32]), "a", b"x"));
    }

    #[test]
    fn a_new_credential_is_well_formed_and_has_the_digest_of_its_text() {
        let entropy = SeededEntropy::new(1);
        for kind in [CredentialKind::SignIn, CredentialKind::App, CredentialKind::Code, CredentialKind::Token]
        {
            let (text, digest) = new_credential(kind, &entropy);
            let presented = text.expose(|text| PresentedCredential::parse(text)).unwrap();
            assert_eq!(presented.kind(), kind);
            assert_eq!(credential_digest(&presented), digest);
            assert_eq!(text.expose(String::len), CREDENTIAL_LEN);
            assert_eq!(format!("{text:?}"), "[redacted]");
        }
    }

    proptest! {
        #[test]
        fn every_256_bits_make_a_credential_that_is_read_back(seed: u64) {
            let (text, digest) = new_credential(CredentialKind::App, &SeededEntropy::new(seed));
            let presented = text.expose(|text| PresentedCredential::parse(text)).unwrap();
            prop_assert_eq!(credential_digest(&presented), digest);
        }
    }
}
