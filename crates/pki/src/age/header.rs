//! The head of a file: for whom it is, and that nobody changed it.

use std::io::{BufRead, Read as _};

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::{AgeError, Identity, Recipient};

/// The key of one file; from it come those of its header and of its content.
pub(super) type FileKey = Zeroizing<[u8; 16]>;

/// Writes the header of a file with this key.
pub(super) fn write(key: &FileKey, recipients: &[Recipient]) -> Result<Vec<u8>, AgeError> {
    if recipients.is_empty() {
        return Err(AgeError::Nobody);
    }
    let mut header = format!("{VERSION}\n");
    for recipient in recipients {
        let ephemeral = Identity::generate()?;
        let share = ephemeral.recipient().0;
        let wrapping = ephemeral.agree(&recipient.0, |shared| wrapping_key(shared, &share, recipient))?;
        let mut body = key.to_vec();
        wrapping.seal_in_place_append_tag(once(), Aad::empty(), &mut body)?;
        header.push_str(STANZA);
        header.push_str(&STANDARD_NO_PAD.encode(share));
        header.push('\n');
        header.push_str(&STANDARD_NO_PAD.encode(&body));
        header.push('\n');
    }
    header.push_str(MAC);
    let tag = hmac::sign(&mac_key(key)?, header.as_bytes());
    header.push(' ');
    header.push_str(&STANDARD_NO_PAD.encode(tag));
    header.push('\n');
    Ok(header.into_bytes())
}

/// Reads the header of a file, and its key if one of these identities opens it.
pub(super) fn read(input: &mut impl BufRead, identities: &[Identity]) -> Result<FileKey, AgeError> {
    let mut header = Vec::new();
    if line(input, &mut header)? != VERSION {
        return Err(AgeError::Header("its first line is another"));
    }
    let (mut found, mut first) = (None, true);
    loop {
        let stanza = line(input, &mut header)?;
        if let Some(tag) = stanza.strip_prefix(MAC) {
            if first {
                return Err(AgeError::Header("it has no recipient"));
            }
            let tag = tag.strip_prefix(' ').ok_or(AgeError::Header("its last line is none"))?;
            let tag = exact::<32>(tag).ok_or(AgeError::Header("its last line is none"))?;
            let key = found.ok_or(AgeError::NoMatch)?;
            let covered = header.len() - (stanza.len() + 1) + MAC.len();
            let covered = header.get(..covered).unwrap_or_default();
            return match hmac::verify(&mac_key(&key)?, covered, &tag) {
                Ok(()) => Ok(key),
                Err(_other) => Err(AgeError::Mac),
            };
        }
        first = false;
        let mut words = stanza.strip_prefix("-> ").ok_or(AgeError::Header("a line is none"))?.split(' ');
        if !words.clone().all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(AgeError::Header("a recipient is none"));
        }
        let native = words.next() == Some("X25519");
        let arguments: Vec<&str> = words.collect();
        let body = body(input, &mut header)?;
        if native {
            let [share] = arguments.as_slice() else {
                return Err(AgeError::Header("a recipient is none"));
            };
            let share = exact::<32>(share).ok_or(AgeError::Header("a share is none"))?;
            let body: [u8; 32] = body.try_into().map_err(|_why| AgeError::Header("a file key is none"))?;
            for identity in identities {
                let opened = unwrap(identity, &share, body)?;
                found = found.or(opened);
            }
        }
    }
}

/// The file key, if it was encrypted to this identity.
fn unwrap(identity: &Identity, share: &[u8; 32], mut body: [u8; 32]) -> Result<Option<FileKey>, AgeError> {
    let public = identity.recipient();
    let key = identity.agree(share, |shared| wrapping_key(shared, share, &public))?;
    let opened = key.open_in_place(once(), Aad::empty(), &mut body).ok();
    let opened = opened.and_then(|opened| <[u8; 16]>::try_from(&*opened).ok());
    Ok(opened.map(Zeroizing::new))
}

fn wrapping_key(shared: &[u8], share: &[u8; 32], recipient: &Recipient) -> Result<LessSafeKey, AgeError> {
    let salt = [*share, recipient.0].concat();
    cipher(&*derived::<32>(&salt, shared, b"age-encryption.org/v1/X25519")?)
}

pub(super) fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, AgeError> {
    Ok(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key)?))
}

fn mac_key(key: &FileKey) -> Result<hmac::Key, AgeError> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, derived::<32>(&[], key.as_slice(), b"header")?.as_slice()))
}

/// The nonce for keys that encrypt one thing.
fn once() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

/// HKDF with SHA-256 (RFC 5869).
pub(super) fn derived<const N: usize>(
    salt: &[u8],
    secret: &[u8],
    info: &[u8],
) -> Result<Zeroizing<[u8; N]>, AgeError> {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut key = Zeroizing::new([0; N]);
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(&[info], Length(N))?.fill(key.as_mut_slice())?;
    Ok(key)
}

/// The lines of a recipient's body: 64 characters each, but for the last, which is shorter.
fn body(input: &mut impl BufRead, header: &mut Vec<u8>) -> Result<Vec<u8>, AgeError> {
    let mut text = String::new();
    loop {
        let part = line(input, header)?;
        if part.len() > COLUMNS {
            return Err(AgeError::Header("a line is too long"));
        }
        text.push_str(&part);
        if part.len() < COLUMNS {
            return canonical(&text).ok_or(AgeError::Header("a recipient is none"));
        }
    }
}

/// One line, without its end. The header has no more bytes than are bounded here, whatever the file says.
fn line(input: &mut impl BufRead, header: &mut Vec<u8>) -> Result<String, AgeError> {
    let start = header.len();
    let room = u64::try_from(MAX_HEADER.saturating_sub(start)).unwrap_or(0);
    input.by_ref().take(room).read_until(b'\n', header)?;
    if header.last() != Some(&b'\n') || header.len() == start {
        let long = header.len() >= MAX_HEADER;
        return Err(AgeError::Header(if long { "it is too long" } else { "it ends before its last line" }));
    }
    let line = header.get(start..header.len() - 1).unwrap_or_default();
    let text = std::str::from_utf8(line).map_err(|_why| AgeError::Header("a line is no text"))?;
    Ok(text.to_owned())
}

fn exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    canonical(text)?.try_into().ok()
}

/// Base64 without padding, in the one form that each value has.
fn canonical(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok()
}

const VERSION: &str = "age-encryption.org/v1";
const STANZA: &str = "-> X25519 ";
const MAC: &str = "---";
const COLUMNS: usize = 64;

/// 64 KiB: hundreds of recipients.
const MAX_HEADER: usize = 64 << 10;
