//! A client as stored, and the forms that its parts have.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::str::FromStr;

use bartizan_model::{ClientName, GroupName, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::trust::Trust;

/// A program that people sign in to with us.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSpec {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where it may be answered (RFC 6749, 3.1.2).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub redirect_uris: BTreeSet<RedirectUri>,
    /// Where people may be led who have signed out (OpenID Connect RP-Initiated Logout 1.0, 3).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub post_logout_redirect_uris: BTreeSet<RedirectUri>,
    /// Where it is told that a sign-in has ended (OpenID Connect Back-Channel Logout 1.0, 2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<RedirectUri>,
    /// In which ways it may come to tokens.
    pub grants: BTreeSet<GrantType>,
    /// How it proves who it is.
    pub auth: ClientAuth,
    /// Its public keys (RFC 7517, 5), if it proves itself by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Whose tokens are taken for it, if it proves itself by one of somebody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trust: Vec<Trust>,
    /// How ID tokens for it are signed.
    pub id_token_alg: IdTokenAlg,
    /// Whether it has to push what it asks for (RFC 9126).
    #[serde(default)]
    pub require_par: bool,
    /// Whether its tokens have to be bound to a key of its own (RFC 9449).
    #[serde(default)]
    pub require_dpop: bool,
    /// Whether people are asked before it learns about them: it belongs to somebody else.
    #[serde(default)]
    pub consent: bool,
    /// The groups that it is told of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<GroupName>,
    /// What it may ask for beside `openid`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub scopes: BTreeSet<String>,
    /// For which servers it may ask for tokens (RFC 8707).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub audiences: BTreeSet<String>,
    /// Whose access tokens it may bring to get its own for them (RFC 8693): the clients that they were given to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub exchanges_from: BTreeSet<ClientName>,
    /// Whether it gets nothing at the moment.
    #[serde(default)]
    pub disabled: bool,
    /// When its secret was made, if it has one. No file says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_set: Option<Timestamp>,
}

/// Makes an enum of words: what protocols, files and the store spell.
#[macro_export]
#[doc(hidden)]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As protocols, files and the store spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

words! {
    /// A way to tokens (RFC 6749, 1.3).
    GrantType {
        /// Somebody signed in, in a browser (RFC 6749, 4.1).
        #[default]
        AuthorizationCode = "authorization_code",
        /// The same again later, without them (RFC 6749, 6).
        RefreshToken = "refresh_token",
        /// For the client itself, without anybody (RFC 6749, 4.4).
        ClientCredentials = "client_credentials",
        /// Somebody says so on another device (RFC 8628).
        DeviceCode = "device_code",
        /// For whoever's token it was called with, in its own name (RFC 8693).
        TokenExchange = "token_exchange",
    }
}

impl GrantType {
    /// What a client may do of which nothing else is said.
    pub const USUAL: [Self; 2] = [Self::AuthorizationCode, Self::RefreshToken];

    /// As it is asked for: what came after the first four has a name that is an address (RFC 6749, 4.5).
    #[must_use]
    pub const fn asked_as(self) -> &'static str {
        match self {
            Self::AuthorizationCode | Self::RefreshToken | Self::ClientCredentials => self.as_str(),
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }
}

words! {
    /// How a client proves who it is (OpenID Connect Core 1.0, 9).
    ClientAuth {
        /// By a secret, in the field `Authorization`.
        #[default]
        ClientSecretBasic = "client_secret_basic",
        /// By a secret, in the form.
        ClientSecretPost = "client_secret_post",
        /// By a signature with a key of its own (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
        /// By a token that somebody else gave it where it runs.
        FederatedJwt = "federated_jwt",
        /// Not at all: what runs on a person's device keeps no secret.
        None = "none",
    }
}

impl ClientAuth {
    /// Whether it proves itself by a secret that we make.
    #[must_use]
    pub const fn takes_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

words! {
    /// A signature algorithm of ID tokens (RFC 7518, 3.1; RFC 8037).
    IdTokenAlg {
        /// ECDSA on P-256.
        #[default]
        Es256 = "ES256",
        /// Ed25519.
        EdDsa = "EdDSA",
        /// RSA: what every program takes, and fifteen times the work.
        Rs256 = "RS256",
    }
}

/// An address to which a browser may be led, or to which we may send: compared letter by letter, so kept as it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

/// Why a text is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// It is too long, or has characters that a URI has not.
    #[error("it is no URI: use at most 2,000 visible ASCII characters")]
    Form,
    /// It is no address with a host, or has no scheme that leads to the client.
    #[error(
        "it leads nowhere safe: use https, http on a loopback address, or a scheme of your own that has a dot in it"
    )]
    Scheme,
    /// It names who asks, or a part of a page.
    #[error("it has a user name or a fragment (`#`), which is not allowed here (RFC 6749, 3.1.2)")]
    Parts,
}

impl RedirectUri {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request may name this address: the same text; on a loopback address any port (RFC 8252, 7.3), since programs
    /// there do not know theirs before.
    #[must_use]
    pub fn admits(&self, asked: &str) -> bool {
        if self.0 == asked {
            return true;
        }
        let loopback =
            |text| Parts::of(text).filter(|parts| parts.scheme == "http" && parts.is_loopback_address());
        match (loopback(self.0.as_str()), loopback(asked)) {
            (Some(known), Some(asked)) => {
                known.host == asked.host && known.rest == asked.rest && asked.has_port()
            }
            _ => false,
        }
    }

    /// Whether we can post there: not where a scheme of somebody's own leads.
    #[must_use]
    pub fn takes_posts(&self) -> bool {
        Parts::of(&self.0).is_some_and(|parts| matches!(parts.scheme, "https" | "http"))
    }

    /// Its origin, for the policy of the page that leads there; of a scheme of somebody's own there is none.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let parts = Parts::of(&self.0)?;
        let port = parts.port.map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{}{port}", parts.scheme, parts.host))
    }
}

impl FromStr for RedirectUri {
    type Err = RedirectUriError;

    fn from_str(text: &str) -> Result<Self, RedirectUriError> {
        let visible = |byte: u8| {
            byte.is_ascii_graphic()
                && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
        };
        if text.is_empty() || text.len() > MAX_URI || !text.bytes().all(visible) {
            return Err(RedirectUriError::Form);
        }
        if text.contains('#') {
            return Err(RedirectUriError::Parts);
        }
        let (scheme, _) = text.split_once(':').ok_or(RedirectUriError::Scheme)?;
        match scheme {
            "https" | "http" => {
                if text.split(['/', '?']).nth(2).is_some_and(|authority| authority.contains('@')) {
                    return Err(RedirectUriError::Parts);
                }
                let parts = Parts::of(text).ok_or(RedirectUriError::Scheme)?;
                let safe = scheme == "https" || parts.is_loopback_address() || parts.host == "localhost";
                if !safe {
                    return Err(RedirectUriError::Scheme);
                }
            }
            own if is_own_scheme(own) => {}
            _ => return Err(RedirectUriError::Scheme),
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = RedirectUriError;

    fn try_from(text: String) -> Result<Self, RedirectUriError> {
        text.parse()
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0
    }
}

/// The parts of an address with a host.
struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<&'a str>,
    rest: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (scheme, after) = text.split_once("://")?;
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at_checked(end)?;
        let (host, port) = match authority.rsplit_once(':') {
            // The colons of an IPv6 address stand in brackets.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host_ok = match bracketed {
            Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(plain),
        };
        let port_ok =
            port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0) && !port.starts_with('+'));
        (host_ok && port_ok).then_some(Self { scheme, host, port, rest })
    }

    /// An address and not a name: names are looked up, and somebody may answer.
    fn is_loopback_address(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    const fn has_port(&self) -> bool {
        self.port.is_some()
    }
}

/// A scheme under a name that somebody owns, the other way round (RFC 8252, 7.1).
fn is_own_scheme(scheme: &str) -> bool {
    let inner =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
    scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.contains('.')
        && scheme.bytes().all(inner)
}

/// Longer ones do not fit into what servers read of a request.
const MAX_URI: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_the_client_and_to_nobody_else() {
        for good in [
            "https://app.example.org/callback",
            "https://app.example.org:8443/cb?x=1&y=2",
            "https://app.example.org",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:7777/cb",
            "http://[::1]/cb",
            "http://localhost:3000/cb",
            "org.example.app:/cb",
            "org.example.app://cb",
        ] {
            let uri: RedirectUri = good.parse().unwrap_or_else(|error| panic!("{good}: {error}"));
            assert!(uri.admits(good), "{good}");
            assert_eq!(uri.takes_posts(), good.starts_with("http"), "{good}");
        }
        let long = format!("https://a.example/{}", "a".repeat(MAX_URI));
        for (bad, why) in [
            ("", RedirectUriError::Form),
            (&long, RedirectUriError::Form),
            ("https://app.example.org/a b", RedirectUriError::Form),
            ("https://app.example.org/\u{e4}", RedirectUriError::Form),
            ("https://app.example.org/\r\nX: y", RedirectUriError::Form),
            ("https://app.example.org\\@evil.example", RedirectUriError::Form),
            ("https://app.example.org/#x", RedirectUriError::Parts),
            ("https://app.example.org@evil.example/", RedirectUriError::Parts),
            ("http://app.example.org/", RedirectUriError::Scheme),
            ("http://127.0.0.1.evil.example/", RedirectUriError::Scheme),
            ("http://localhost.evil.example/", RedirectUriError::Scheme),
            ("https:/app.example.org", RedirectUriError::Scheme),
            ("https://", RedirectUriError::Scheme),
            ("https://a:0/", RedirectUriError::Scheme),
            ("https://a:99999/", RedirectUriError::Scheme),
            ("https://*.example.org/", RedirectUriError::Scheme),
            ("javascript:alert(1)", RedirectUriError::Scheme),
            ("data:text/html,x", RedirectUriError::Scheme),
            ("file:///etc/passwd", RedirectUriError::Scheme),
            ("HTTPS://app.example.org/", RedirectUriError::Scheme),
            ("app", RedirectUriError::Scheme),
        ] {
            assert_eq!(bad.parse::<RedirectUri>(), Err(why), "{bad}");
        }
    }

    #[test]
    fn cve_2026_3872_an_address_is_the_same_letter_by_letter() {
        let known: RedirectUri = "https://app.example.org/cb".parse().unwrap();
        for other in [
            "https://app.example.org/cb/",
            "https://app.example.org/cb?",
            "https://app.example.org/cb/../x",
            "https://app.example.org/..;/cb",
            "https://app.example.org/%63b",
            "https://app.example.org/cb%2f",
            "https://app.example.org/cb%2500",
            "https://app.example.org:443/cb",
            "https://APP.example.org/cb",
            "https://app.example.org./cb",
            "https://app.example.org/CB",
            "https://x@app.example.org/cb",
            "https://app.example.org.evil.example/cb",
            "https://app.example.org/cb#x",
            " https://app.example.org/cb",
            "http://app.example.org/cb",
            "//app.example.org/cb",
        ] {
            assert!(!known.admits(other), "{other}");
        }
        let local: RedirectUri = "http://127.0.0.1/cb".parse().unwrap();
        assert!(local.admits("http://127.0.0.1:51234/cb"));
        for other in [
            "http://127.0.0.1:51234/cb/",
            "http://127.0.0.2:51234/cb",
            "http://localhost:51234/cb",
            "https://127.0.0.1:51234/cb",
            "http://127.0.0.1:51234@evil.example/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:x/cb",
        ] {
            assert!(!local.admits(other), "{other}");
        }
        // A name is looked up, so nothing of it is left open.
        let named: RedirectUri = "http://localhost:3000/cb".parse().unwrap();
        assert!(!named.admits("http://localhost:3001/cb"));
    }

    #[test]
    fn what_is_stored_is_read_back_and_nothing_else() {
        let spec = ClientSpec {
            redirect_uris: ["https://a.example/cb".parse().unwrap()].into(),
            grants: GrantType::ALL.iter().copied().collect(),
            ..ClientSpec::default()
        };
        let stored = serde_json::to_value(&spec).unwrap();
        assert_eq!(serde_json::from_value::<ClientSpec>(stored.clone()).unwrap(), spec);
        let mut other = stored;
        other["redirect_uris"] = serde_json::json!(["javascript:alert(1)"]);
        assert!(serde_json::from_value::<ClientSpec>(other).is_err());
    }
}
