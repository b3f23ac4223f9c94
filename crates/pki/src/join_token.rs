//! Join tokens: all that a machine has to be told to become an enforcement point, in one text.
//!
//! `bzj_` and then, in base64url: the secret, the SHA-256 of the certificate of the points' authority, the length of the
//! domain in one byte, the domain, and the address of control. So the machine can tell control from somebody in between
//! before it says the secret to anybody.

use bartizan_model::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::{DnsName, IpAddr};
use zeroize::{Zeroize as _, Zeroizing};

/// What a join token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// What is spent.
    pub secret: Secret<[u8; 32]>,
    /// The SHA-256 of the certificate (DER) of the points' authority.
    pub authority: [u8; 32],
    /// Where control is reached: `HOST:PORT`.
    pub address: String,
    /// The deployment's domain.
    pub domain: String,
}

/// A text that is not a join token. It does not repeat the text, which may be somebody's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinTokenError {
    /// No prefix of ours.
    #[error("that is not a join token (they begin with `bzj_`; make one with `bartizan join-token create`)")]
    Foreign,
    /// The prefix and then something that we never made.
    #[error("that is not a whole join token: {0} (likely cause: it was cut off or changed in copying)")]
    Malformed(&'static str),
}

impl JoinToken {
    /// Reads a token.
    ///
    /// # Errors
    /// [`JoinTokenError`] for anything that [`to_text`](Self::to_text) would not give.
    pub fn parse(text: &str) -> Result<Self, JoinTokenError> {
        let body = text.strip_prefix(PREFIX).ok_or(JoinTokenError::Foreign)?;
        let malformed = JoinTokenError::Malformed;
        if text.len() > MAX_LEN {
            return Err(malformed("it is longer than 1 KiB"));
        }
        // Refuses padding, foreign characters and bits that say nothing, so one token has one spelling.
        let bytes = match URL_SAFE_NO_PAD.decode(body) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(_where_it_fails_says_something_of_it) => return Err(malformed("it is not base64url")),
        };
        let short = malformed("it is too short");
        let (secret, rest) = bytes.split_first_chunk::<32>().ok_or(short)?;
        let (authority, rest) = rest.split_first_chunk::<32>().ok_or(short)?;
        let (domain_len, rest) = rest.split_first().ok_or(short)?;
        let (domain, address) = rest.split_at_checked(usize::from(*domain_len)).ok_or(short)?;
        let domain = std::str::from_utf8(domain).ok().filter(|domain| is_domain(domain));
        let address = std::str::from_utf8(address).ok().filter(|address| is_address(address));
        Ok(Self {
            secret: Secret::new(*secret),
            authority: *authority,
            address: address.ok_or(malformed("it names no address"))?.to_owned(),
            domain: domain.ok_or(malformed("it names no domain"))?.to_owned(),
        })
    }

    /// The token as text.
    ///
    /// # Errors
    /// [`JoinTokenError::Malformed`] if domain or address are not such that the text could be read back.
    pub fn to_text(&self) -> Result<Secret<String>, JoinTokenError> {
        if !is_domain(&self.domain) {
            return Err(JoinTokenError::Malformed("it names no domain"));
        }
        if !is_address(&self.address) {
            return Err(JoinTokenError::Malformed("it names no address"));
        }
        let len = 32 + 32 + 1 + self.domain.len() + self.address.len();
        // Of the final length from the start: growing would leave an unwiped copy behind.
        let mut bytes = Vec::with_capacity(len);
        self.secret.expose(|secret| bytes.extend_from_slice(secret));
        bytes.extend_from_slice(&self.authority);
        bytes.push(u8::try_from(self.domain.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(self.domain.as_bytes());
        bytes.extend_from_slice(self.address.as_bytes());
        let mut text = String::with_capacity(PREFIX.len() + len.div_ceil(3) * 4);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(&bytes, &mut text);
        bytes.zeroize();
        Ok(Secret::new(text))
    }
}

/// Lower-case labels of at most 253 characters together (RFC 1035, 2.3.4).
fn is_domain(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_uppercase())
        && !text.ends_with('.')
        && DnsName::try_from(text).is_ok()
}

/// `HOST:PORT`, where the host is a name, an IPv4 address, or an IPv6 address in brackets.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    // One spelling for a port: no sign, no leading zero.
    let port_ok = port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port);
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_ok = match inner {
        Some(v6) => matches!(IpAddr::try_from(v6), Ok(IpAddr::V6(_))),
        None => is_domain(host) || matches!(IpAddr::try_from(host), Ok(IpAddr::V4(_))),
    };
    port_ok && host_ok
}

const PREFIX: &str = "bzj_";

/// 65 bytes, a domain and an address with a name of 253 characters each make 770 characters.
const MAX_LEN: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(secret: [u8; 32], domain: &str, address: &str) -> JoinToken {
        let (address, domain) = (address.to_owned(), domain.to_owned());
        JoinToken { secret: Secret::new(secret), authority: [9; 32], address, domain }
    }

    fn text(token: &JoinToken) -> String {
        token.to_text().unwrap().expose(Clone::clone)
    }

    #[test]
    fn a_token_is_read_back_and_never_printed() {
        let secret = *b"0123456789abcdef0123456789abcdef";
        let whole = token(secret, "example.org", "control.example.org:8444");
        let text = text(&whole);
        assert!(text.starts_with("bzj_"));
        assert_eq!(JoinToken::parse(&text), Ok(whole.clone()));
        let shown = format!("{whole:?} {:?}", whole.to_text());
        assert!(
            !shown.contains("48, 49, 50") && !shown.contains(&text) && shown.contains("[redacted]"),
            "{shown}"
        );
    }

    #[test]
    fn the_longest_token_is_read_back() {
        let label = "a".repeat(63);
        let name = format!("{label}.{label}.{label}.{}", "b".repeat(61));
        let longest = token([255; 32], &name, &format!("{name}:65535"));
        assert_eq!(JoinToken::parse(&text(&longest)), Ok(longest));
    }

    #[test]
    fn addresses_and_domains_have_one_spelling() {
        for good in ["a:1", "10.0.0.1:8444", "[::1]:8444", "control.test:65535"] {
            assert!(token([0; 32], "test", good).to_text().is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "a:",
            ":1",
            "a:0",
            "a:01",
            "a:+1",
            "a:65536",
            "::1:5",
            "[10.0.0.1]:5",
            "[::1:5",
            "a b:1",
            "A:1",
            "u@a:1",
        ] {
            assert!(token([0; 32], "test", bad).to_text().is_err(), "{bad}");
        }
        for bad in ["", "Test", "test.", "a/b", &"a".repeat(300)] {
            assert!(token([0; 32], bad, "a:1").to_text().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_was_cut_or_changed_is_refused() {
        let text = text(&token([7; 32], "example.org", "control.example.org:8444"));
        for len in 0..text.len() {
            let cut: String = text.chars().take(len).collect();
            if let Ok(read) = JoinToken::parse(&cut) {
                // Only the end of the address can be lost unseen: a port of fewer digits.
                assert!("control.example.org:8444".starts_with(&read.address));
            }
        }
        assert_eq!(JoinToken::parse("bzn_abc"), Err(JoinTokenError::Foreign));
        assert_eq!(JoinToken::parse(""), Err(JoinTokenError::Foreign));
        for bad in [format!("{text}="), format!("{text} "), format!(" {text}"), text.to_uppercase()] {
            assert!(JoinToken::parse(&bad).is_err(), "{bad}");
        }
        let long = format!("bzj_{}", "A".repeat(2000));
        assert_eq!(JoinToken::parse(&long), Err(JoinTokenError::Malformed("it is longer than 1 KiB")));
    }

    proptest! {
        #[test]
        fn every_token_is_read_back(secret: [u8; 32], authority: [u8; 32], domain in "[a-z]{1,9}(\\.[a-z][a-z0-9]{0,8}){0,3}", port in 1u16.., v4: [u8; 4]) {
            let [a, b, c, d] = v4;
            let address = format!("{a}.{b}.{c}.{d}:{port}");
            let whole = JoinToken { secret: Secret::new(secret), authority, address, domain };
            prop_assert_eq!(JoinToken::parse(&text(&whole)), Ok(whole));
        }

        #[test]
        fn garbage_is_refused_or_means_what_it_is_written_as(garbage in ".{0,80}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(JoinToken::parse(&garbage).is_err());
            let written = format!("bzj_{}", URL_SAFE_NO_PAD.encode(bytes));
            if let Ok(read) = JoinToken::parse(&written) {
                prop_assert_eq!(text(&read), written);
            }
        }
    }
}
