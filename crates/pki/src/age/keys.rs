//! The two halves of a key, as people keep them: `age1…` for everybody, `AGE-SECRET-KEY-1…` for its holder.

use std::str::FromStr;

use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::error::Unspecified;
use bartizan_model::Secret;
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use zeroize::Zeroizing;

use super::AgeError;

/// To whom a file is sealed: a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient(pub(super) [u8; 32]);

/// Who can open a file: a private key.
pub struct Identity {
    private: PrivateKey,
    secret: Secret<[u8; 32]>,
    public: [u8; 32],
}

impl Identity {
    /// A new key.
    ///
    /// # Errors
    /// [`AgeError::Library`].
    pub fn generate() -> Result<Self, AgeError> {
        let mut bytes = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_why| AgeError::Library("draw a key"))?;
        Self::from_bytes(&bytes)
    }

    /// What files are sealed to so that this opens them.
    #[must_use]
    pub const fn recipient(&self) -> Recipient {
        Recipient(self.public)
    }

    /// The private key as it is kept in a file.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        self.secret.expose(|bytes| {
            let text = Zeroizing::new(encoded(SECRET_KEY, bytes));
            Secret::new(text.to_ascii_uppercase())
        })
    }

    /// Reads a file of identities: one a line, lines that begin with `#` are comments.
    ///
    /// # Errors
    /// [`AgeError::Key`], if there is a line that is none, or no line at all.
    pub fn read_file(text: &str) -> Result<Vec<Self>, AgeError> {
        let identities: Vec<Self> = lines(text).map(str::parse).collect::<Result<_, _>>()?;
        if identities.is_empty() { Err(AgeError::Key("identity")) } else { Ok(identities) }
    }

    fn from_bytes(bytes: &[u8; 32]) -> Result<Self, AgeError> {
        let private =
            PrivateKey::from_private_key(&X25519, bytes).map_err(|_rejected| AgeError::Key("identity"))?;
        let public =
            private.compute_public_key().map_err(|_why| AgeError::Library("compute a public key"))?;
        let public = *public.as_ref().first_chunk().ok_or(AgeError::Key("identity"))?;
        Ok(Self { private, secret: Secret::new(*bytes), public })
    }

    /// The secret that this key and the other one's public half have in common.
    pub(super) fn agree<T>(
        &self,
        theirs: &[u8; 32],
        with: impl FnOnce(&[u8]) -> Result<T, AgeError>,
    ) -> Result<T, AgeError> {
        // The library refuses a share of small order, with which everybody would have the same secret.
        let theirs = UnparsedPublicKey::new(&X25519, theirs);
        agree(&self.private, theirs, AgeError::Header("its share is none"), with)
    }
}

impl FromStr for Identity {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, AgeError> {
        Self::from_bytes(&*decoded(SECRET_KEY, text).ok_or(AgeError::Key("identity"))?)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.recipient())
    }
}

impl Recipient {
    /// Reads a file of recipients: one a line, lines that begin with `#` are comments.
    ///
    /// # Errors
    /// [`AgeError::Key`], if there is a line that is none, or no line at all.
    pub fn read_file(text: &str) -> Result<Vec<Self>, AgeError> {
        let recipients: Vec<Self> = lines(text).map(str::parse).collect::<Result<_, _>>()?;
        if recipients.is_empty() { Err(AgeError::Key("recipient")) } else { Ok(recipients) }
    }
}

impl FromStr for Recipient {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, AgeError> {
        let bytes = decoded(PUBLIC_KEY, text).ok_or(AgeError::Key("recipient"))?;
        // A point of small order would let everybody open the file: better to hear of it before there is one.
        Identity::generate()?.agree(&bytes, |_shared| Ok(())).map_err(|_why| AgeError::Key("recipient"))?;
        Ok(Self(*bytes))
    }
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&encoded(PUBLIC_KEY, &self.0))
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Bech32 (BIP 173), all in lower or all in upper case.
pub(super) fn encoded(prefix: &str, bytes: &[u8; 32]) -> String {
    // INVARIANT: the prefixes are valid, and 32 bytes are short enough.
    Hrp::parse(prefix).ok().and_then(|hrp| bech32::encode::<Bech32>(hrp, bytes).ok()).unwrap_or_default()
}

fn decoded(prefix: &str, text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let checked = CheckedHrpstring::new::<Bech32>(text).ok()?;
    let upper = text.bytes().any(|b| b.is_ascii_uppercase());
    if !checked.hrp().as_str().eq_ignore_ascii_case(prefix) || upper != (prefix == SECRET_KEY) {
        return None;
    }
    let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(checked.byte_iter().collect());
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}

const PUBLIC_KEY: &str = "age";
const SECRET_KEY: &str = "age-secret-key-";

/// aws-lc tells no reason.
impl From<Unspecified> for AgeError {
    fn from(_error: Unspecified) -> Self {
        Self::Library("encrypt")
    }
}
