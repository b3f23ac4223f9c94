//! The cookies of these pages. All are bound to this host by their prefix, and no script sees them.

use bartizan_model::Secret;
use http::header::{self, HeaderMap, HeaderValue};

use crate::device_marks::LIVES_FOR as MARK_LIVES_FOR;

/// The sign-in itself. The enforcement point reads it; it never comes here.
pub(super) const SIGN_IN: &str = "__Host-bartizan";

/// The mark of a browser that has signed somebody in.
pub(super) const DEVICE: &str = "__Host-bartizan-device";

/// The language that the person chose. It proves nothing.
pub(super) const LANGUAGE: &str = "__Host-bartizan-lang";

/// By what the person signed in last here: `passkey`, `password`, or `provider:NAME`. It proves nothing; what it names is
/// offered first.
pub(super) const LAST: &str = "__Host-bartizan-last";
pub(super) const LAST_PASSKEY: &str = "passkey";
pub(super) const LAST_PROVIDER: &str = "provider:";

/// Attempts to sign in may be under way in several tabs; each has a place of its own.
pub(super) const PLACES: u8 = 8;

pub(super) fn attempt(place: u8) -> String {
    format!("__Host-bartizan-attempt-{place}")
}

/// The value of a cookie, if the browser sent one.
#[must_use]
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split("; "));
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// A place for another attempt: a free one, or else the first.
pub(super) fn free_place(headers: &HeaderMap) -> u8 {
    (0..PLACES).find(|place| find(headers, &attempt(*place)).is_none()).unwrap_or(0)
}

/// How long a cookie lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasts {
    /// As long as the browser runs; what it stands for ends by itself.
    Session,
    /// As long as an attempt.
    Attempt,
    /// As long as a device mark.
    Mark,
    /// A year.
    Choice,
}

/// The field that sets a cookie. `None` if the value is no cookie's, which nothing of ours is.
pub(super) fn set(name: &str, value: &Secret<String>, lasts: Lasts) -> Option<HeaderValue> {
    let age = match lasts {
        Lasts::Session => String::new(),
        Lasts::Attempt => String::from("; Max-Age=600"),
        Lasts::Choice => String::from("; Max-Age=31536000"),
        Lasts::Mark => format!("; Max-Age={}", MARK_LIVES_FOR.as_secs()),
    };
    value.expose(|value| field(&format!("{name}={value}; {ATTRIBUTES}{age}")))
}

/// The field that removes a cookie.
pub(super) fn remove(name: &str) -> Option<HeaderValue> {
    field(&format!("{name}=; {ATTRIBUTES}; Max-Age=0"))
}

fn field(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";
