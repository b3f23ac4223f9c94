//! From an app's host to the sign-in and back.
//!
//! A browser leaves with a verifier in a cookie of this host and comes back with a code that was issued against the
//! verifier's SHA-256 (RFC 7636 does the same for apps). So a code that somebody else's browser began the sign-in for, an
//! attacker's above all, signs nobody in here, and neither does a code that was read on its way.

use bartizan_enforce::Redemption;
use bartizan_model::{AppFacts, CredentialKind, Entropy, PresentedCredential, Relaxation, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use std::collections::BTreeSet;

use crate::authenticate::SIGN_IN;
use crate::gateway::Gateway;
use crate::local::{Body, empty};
use crate::problem::Problem;
use crate::request::{COOKIE, CanonicalPath, Head, StateCookie};

/// Where a browser begins a sign-in on purpose, on every host but that of the sign-in.
pub(crate) const START: &str = "/.bartizan/start";

/// What has to be proved though somebody is signed in already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// Nothing: who is signed in comes straight back.
    Nothing,
    /// Another factor, now.
    SecondFactor,
    /// Everything, perhaps as somebody else.
    Everything,
}

impl Again {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::SecondFactor => "second_factor",
            Self::Everything => "everything",
        }
    }

    fn parse(text: Option<&str>) -> Option<Self> {
        let Some(text) = text else { return Some(Self::Nothing) };
        [Self::Nothing, Self::SecondFactor, Self::Everything].into_iter().find(|again| again.as_str() == text)
    }
}

impl Gateway {
    /// Answers what is under `/.bartizan/`, which is never forwarded.
    pub(crate) async fn reserved(&self, head: &Head, app: &AppFacts) -> Result<Response<Body>, Problem> {
        let reading = matches!(*head.method(), Method::GET | Method::HEAD);
        match head.path() {
            START if reading && app.name.as_str() != SIGN_IN => self.start(head),
            CALLBACK if *head.method() == Method::GET && app.name.as_str() != SIGN_IN => {
                self.callback(head, app).await
            }
            _ => Err(Problem::new(StatusCode::NOT_FOUND, "not_found", "not-found", "not-found-why")),
        }
    }

    fn start(&self, head: &Head) -> Result<Response<Body>, Problem> {
        let to = parameter(head, "to").and_then(|to| decoded(&to)).unwrap_or_else(|| String::from("/"));
        let again = Again::parse(parameter(head, "again").as_deref());
        let again = again.ok_or_else(|| broken("sign-in-no-such-link"))?;
        self.leave(head, &to, again)
    }

    /// Sends a browser to sign in, to come back to `to` on this host.
    pub(crate) fn leave(&self, head: &Head, to: &str, again: Again) -> Result<Response<Body>, Problem> {
        let entropy = self.enforcer().entropy();
        let place = free_place(head.state_cookies(), entropy.as_ref());
        let mut verifier = [0; 32];
        entropy.fill(&mut verifier);
        let challenge = URL_SAFE_NO_PAD.encode(bartizan_pki::sha256(&verifier));
        let to = if to.len() <= MAX_TO && is_target(to) { to } else { "/" };
        let mut response = away(&format!(
            "{}/open?host={}&n={place}&challenge={challenge}&again={}",
            self.issuer(),
            head.host(),
            again.as_str()
        ))?;
        let kept = format!("{}.{}", URL_SAFE_NO_PAD.encode(verifier), URL_SAFE_NO_PAD.encode(to));
        set(&mut response, &format!("{STARTED}{place}"), &kept, Some(START_SECONDS))?;
        Ok(response)
    }

    /// The browser comes back with a code.
    async fn callback(&self, head: &Head, app: &AppFacts) -> Result<Response<Body>, Problem> {
        let code = parameter(head, "code").and_then(|code| PresentedCredential::parse(&code).ok());
        let code = code
            .filter(|code| code.kind() == CredentialKind::Code)
            .ok_or_else(|| broken("sign-in-no-code"))?;
        let place = parameter(head, "n").and_then(|n| n.parse().ok()).filter(|n: &u8| *n < PLACES);
        let name = place.map(|n| format!("{STARTED}{n}"));
        let kept = head.state_cookies().iter().find(|cookie| Some(&cookie.name) == name.as_ref());
        let (Some(name), Some(kept)) = (name, kept) else {
            return Err(broken("sign-in-elsewhere"));
        };
        let (verifier, to) =
            kept.value.expose(|kept| started(kept)).ok_or_else(|| broken("sign-in-foreign-cookie"))?;
        let (text, digest) =
            bartizan_pki::new_credential(CredentialKind::App, self.enforcer().entropy().as_ref());
        let redemption = Redemption {
            code: bartizan_pki::credential_digest(&code),
            host: app.host.clone(),
            verifier,
            credential: digest,
            source: head.source(),
            request_id: head.request_id(),
        };
        let redeemed = self.enforcer().redeem(redemption).await?;
        let redeemed = redeemed.ok_or_else(|| broken("sign-in-used-code"))?;
        let mut response = away(&to)?;
        text.expose(|text| set(&mut response, COOKIE, text, None))?;
        set(&mut response, &name, "", Some(0))?;
        let called = redeemed.called.unwrap_or_default();
        set(&mut response, CALLED, &URL_SAFE_NO_PAD.encode(clipped(&called)), None)?;
        Ok(response)
    }
}

/// What the person at this browser is called, as they were told at their last sign-in here. It is theirs to change, and
/// shown to nobody else.
pub(crate) fn called(head: &Head) -> Option<String> {
    let cookie = head.state_cookies().iter().find(|cookie| cookie.name == CALLED)?;
    let bytes = cookie.value.expose(|text| URL_SAFE_NO_PAD.decode(text)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    (!text.is_empty() && text.len() <= MAX_CALLED && !text.chars().any(char::is_control)).then_some(text)
}

/// Reads the cookie of a sign-in that began here: the verifier, and where to go afterwards.
fn started(kept: &str) -> Option<(Secret<[u8; 32]>, String)> {
    let (verifier, to) = kept.split_once('.')?;
    let verifier = URL_SAFE_NO_PAD.decode(verifier).ok()?.try_into().ok()?;
    let to = String::from_utf8(URL_SAFE_NO_PAD.decode(to).ok()?).ok()?;
    // A script of the app could have written it, so it is read as what a stranger says.
    let to = if to.len() <= MAX_TO && is_target(&to) { to } else { String::from("/") };
    Some((Secret::new(verifier), to))
}

/// Whether a text is a path on this host that a browser can be sent to, with a query perhaps.
fn is_target(to: &str) -> bool {
    let (path, query) = to.split_once('?').map_or((to, ""), |(path, query)| (path, query));
    let plain = query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#' && byte != b'\\');
    // Forms that the app may have relaxed; it looks at them itself. None of them leads a browser to another host.
    let relax = BTreeSet::from([
        Relaxation::EncodedSlash,
        Relaxation::PathParameter,
        Relaxation::EmptySegment,
        Relaxation::DoubleEncoding,
    ]);
    let is_forwarded = || CanonicalPath::parse(path, &relax).is_ok_and(|path| !path.is_reserved());
    plain && !path.starts_with("//") && is_forwarded()
}

/// Which of the places for sign-ins that are under way is taken: a free one, else any.
fn free_place(cookies: &[StateCookie], entropy: &dyn Entropy) -> u8 {
    let taken = |n: &u8| cookies.iter().any(|cookie| cookie.name == format!("{STARTED}{n}"));
    (0..PLACES).find(|n| !taken(n)).unwrap_or_else(|| {
        let mut any = [0];
        entropy.fill(&mut any);
        let [any] = any;
        any % PLACES
    })
}

/// The value of a parameter of the query, if it is there exactly once.
fn parameter(head: &Head, name: &str) -> Option<String> {
    let mut values = head.query()?.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then_some(value)
    });
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.to_owned()),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

/// Undoes percent-encoding once.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// A path and query as the value of a parameter.
pub(crate) fn encoded(to: &str) -> String {
    use std::fmt::Write as _;
    to.bytes().fold(String::with_capacity(to.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn away(location: &str) -> Result<Response<Body>, Problem> {
    let mut response = Response::new(empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::try_from(location).map_err(|error| bug(&error))?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

fn set(response: &mut Response<Body>, name: &str, value: &str, seconds: Option<u32>) -> Result<(), Problem> {
    let lasts = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let cookie = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{lasts}");
    let mut cookie = HeaderValue::try_from(cookie).map_err(|error| bug(&error))?;
    cookie.set_sensitive(true);
    response.headers_mut().append(HeaderName::from_static("set-cookie"), cookie);
    Ok(())
}

fn bug(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "the way to the sign-in cannot be written: this is a bug");
    broken("sign-in-unwritable")
}

fn broken(why: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_request.sign_in", "sign-in-unfinished", why)
}

fn clipped(called: &str) -> String {
    let mut text = String::new();
    for character in called.chars().take_while(|character| !character.is_control()) {
        if text.len() + character.len_utf8() > MAX_CALLED {
            break;
        }
        text.push(character);
    }
    text
}

const CALLBACK: &str = "/.bartizan/callback";

/// Cookies of sign-ins that began here, by place.
const STARTED: &str = "__Host-bartizan-start-";

/// The cookie that says what the person is called.
const CALLED: &str = "__Host-bartizan-who";

/// Sign-ins that one browser may have under way on one host: tabs that are opened at once.
const PLACES: u8 = 8;

/// How long a browser may be away (DESIGN.md, "Credentials and hosts").
const START_SECONDS: u32 = 300;

/// A longer way back leads to the front page. Eight of them then stay below 12 KB of cookies.
const MAX_TO: usize = 1024;

const MAX_CALLED: usize = 120;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_cookie_says_leads_to_a_path_of_this_host(kept in "\\PC{0,200}", to: String) {
            let verifier = URL_SAFE_NO_PAD.encode([7; 32]);
            for kept in [kept, format!("{verifier}.{}", URL_SAFE_NO_PAD.encode(&to))] {
                if let Some((_, to)) = started(&kept) {
                    prop_assert!(to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n']));
                }
            }
            prop_assert_eq!(decoded(&encoded(&to)), Some(to));
        }
    }

    #[test]
    fn a_browser_is_sent_to_paths_of_this_host_only() {
        for good in
            ["/", "/a/b?c=d&e=%2F", "/caf%C3%A9", "/a?next=https://b.test/", "/a/", "/a%2Fb", "/a;b/c"]
        {
            assert!(is_target(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "//evil.test",
            "/\\evil.test",
            "https://evil.test/",
            "/a\r\nSet-Cookie: x",
            "/a?b\n",
            "/a#b",
            "/a?b#c",
            "/%5cevil",
            "/../a",
            "/.bartizan/callback",
            "/.bartizan/start?to=/",
            "/é",
        ] {
            assert!(!is_target(bad), "{bad}");
        }
    }

    #[test]
    fn what_a_cookie_says_is_read_as_a_strangers_word() {
        let verifier = URL_SAFE_NO_PAD.encode([7; 32]);
        let kept = |to: &str| format!("{verifier}.{}", URL_SAFE_NO_PAD.encode(to));
        assert_eq!(started(&kept("/a?b")).map(|(_, to)| to).as_deref(), Some("/a?b"));
        assert_eq!(started(&kept("//evil.test")).map(|(_, to)| to).as_deref(), Some("/"));
        let short = kept("/a").replacen(char::is_alphanumeric, "", 1);
        for bad in ["", ".", "x.y", verifier.as_str(), &format!("{verifier}.*"), short.as_str()] {
            assert!(started(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_way_back_survives_being_a_parameter() {
        for to in ["/", "/a b", "/caf%C3%A9?x=1&y=%26", "/?a+b"] {
            assert_eq!(decoded(&encoded(to)).as_deref(), Some(to));
        }
        for broken in ["%", "%1", "%zz", "%ff"] {
            assert_eq!(decoded(broken), None);
        }
    }

    #[test]
    fn a_name_is_cut_between_characters() {
        assert_eq!(clipped("Ada"), "Ada");
        assert_eq!(clipped("Ada\nMarten"), "Ada");
        assert_eq!(clipped(&"é".repeat(100)).len(), MAX_CALLED);
    }
}
