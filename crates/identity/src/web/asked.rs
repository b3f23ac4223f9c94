//! What came with a request, read once.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, RawForm, Request};
use axum::response::IntoResponse as _;
use bartizan_enforce::Caller;
use bartizan_model::{CredentialKind, PresentedCredential, ProviderName, Secret, SessionId, UserId};
use http::HeaderMap;
use http::request::Parts;
use zeroize::Zeroize as _;

use super::broken::{Broken, Cause};
use super::language::language;
use super::{Auth, cookies};
use crate::attempt::Attempt;
use crate::flow::Visit;
use crate::pages::Reader;

/// Who asks, from where, and how far their sign-in is.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) caller: Caller,
    pub(super) visit: Visit,
    /// Whether whoever signed in here last did so by a passkey.
    pub(super) prefers_passkeys: bool,
    /// The identity provider at which whoever signed in here last did so.
    pub(super) prefers_provider: Option<ProviderName>,
    /// Who reads the answer.
    pub(super) reader: Reader,
    /// The sign-in that the browser has here.
    pub(super) signed_in: Option<(SessionId, UserId)>,
    /// Which of the attempts under way this is about; a new one gets this place.
    pub(super) place: u8,
    pub(super) attempt: Option<Attempt>,
    query: Vec<(String, String)>,
}

impl Asked {
    /// The value of a parameter that is there exactly once.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        once(&self.query, name)
    }

    /// All parameters, in their order.
    pub(super) fn parameters(&self) -> &[(String, String)] {
        &self.query
    }

    /// An address of ours about the same attempt.
    pub(super) fn here(&self, path: &str) -> String {
        format!("{path}?a={}", self.place)
    }

    /// The code that a link carries.
    pub(super) fn code(&self) -> Option<PresentedCredential> {
        let presented = PresentedCredential::parse(self.parameter("t")?).ok()?;
        (presented.kind() == CredentialKind::Code).then_some(presented)
    }

    /// The same about the attempt of another place, which an answer names that comes from elsewhere.
    pub(super) fn at(self, place: u8, headers: &HeaderMap, auth: &Auth) -> Self {
        let place = if place < cookies::PLACES { place } else { self.place };
        let attempt = cookies::find(headers, &cookies::attempt(place));
        let attempt = attempt.and_then(|text| auth.flow.attempts().open(text));
        Self { place, attempt, ..self }
    }

    /// Of two attempts under way at once the newer is meant if none is named.
    fn place_of(query: &[(String, String)], headers: &HeaderMap) -> u8 {
        let named = once(query, "a").and_then(|text| text.parse().ok());
        named.filter(|place| *place < cookies::PLACES).unwrap_or_else(|| cookies::free_place(headers))
    }
}

impl FromRequestParts<Arc<Auth>> for Asked {
    type Rejection = axum::response::Response;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Self::Rejection> {
        // The plane puts the caller there; without one, somebody wired this service past the enforcement point.
        let Some(caller) = parts.extensions.get::<Caller>().cloned() else {
            tracing::error!("a page of the sign-in was asked for without a caller");
            return Err(http::StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        let query = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        let place = Self::place_of(&query, &parts.headers);
        let flow = &auth.flow;
        let attempt = cookies::find(&parts.headers, &cookies::attempt(place));
        let attempt = attempt.and_then(|text| flow.attempts().open(text));
        let device = cookies::find(&parts.headers, cookies::DEVICE).and_then(|text| flow.marks().read(text));
        let visit = Visit {
            source: caller.source,
            user_agent: caller.user_agent.as_deref().map(str::to_owned),
            request_id: caller.request_id,
            device,
            provider: None,
        };
        let by_cookie = caller.credential == Some(CredentialKind::SignIn);
        let signed_in = caller.session.zip(caller.subject.user()).filter(|_| by_cookie);
        let reader = Reader::of(language(&parts.headers));
        let last = cookies::find(&parts.headers, cookies::LAST).unwrap_or_default();
        let prefers_passkeys = last == cookies::LAST_PASSKEY;
        let prefers_provider = last.strip_prefix(cookies::LAST_PROVIDER).and_then(|name| name.parse().ok());
        Ok(Self {
            caller,
            visit,
            prefers_passkeys,
            prefers_provider,
            reader,
            signed_in,
            place,
            attempt,
            query,
        })
    }
}

/// What a form holds.
#[derive(Debug)]
pub(super) struct Fields(Vec<(String, Secret<String>)>);

impl Fields {
    /// A field that is there exactly once; else it is empty.
    pub(super) fn secret(&self, name: &str) -> Secret<String> {
        let mut found = self.0.iter().filter(|(field, _)| field == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => value.clone(),
            (None, _) | (Some(_), Some(_)) => Secret::new(String::new()),
        }
    }

    /// The same, of a field that is no secret.
    pub(super) fn text(&self, name: &str) -> String {
        self.secret(name).expose(Clone::clone)
    }

    /// Whether the form is of this attempt.
    pub(super) fn is_of(&self, attempt: &Attempt) -> bool {
        self.secret("csrf") == *attempt.csrf()
    }

    /// Whether the form is of a page of this session.
    pub(super) fn is_of_session(&self, auth: &Auth, session: SessionId) -> bool {
        self.secret("csrf").expose(|token| auth.flow.is_form_token(session, token))
    }
}

impl FromRequest<Arc<Auth>> for Fields {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, auth: &Arc<Auth>) -> Result<Self, Self::Rejection> {
        let form = RawForm::from_request(request, auth).await.map_err(|rejection| {
            tracing::debug!(%rejection, "a form cannot be read");
            Broken::bad(Cause::FormUnreadable).into_response()
        })?;
        Ok(Self(pairs(&form.0).into_iter().map(|(name, value)| (name, Secret::new(value))).collect()))
    }
}

/// Reads `application/x-www-form-urlencoded` (WHATWG URL, 5.1). What is not UTF-8 is left out.
pub(super) fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    let read = |text: &[u8]| String::from_utf8(decoded(text));
    bytes
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let name = read(pair.get(..at)?).ok()?;
            match read(pair.get(at.saturating_add(1)..).unwrap_or_default()) {
                Ok(value) => Some((name, value)),
                Err(error) => {
                    error.into_bytes().zeroize();
                    None
                }
            }
        })
        .collect()
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    // Of the final length from the start: growing would leave an unwiped copy behind.
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'+', ..) => bytes.push(b' '),
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 2;
            }
            (other, ..) => bytes.push(*other),
        }
        at += 1;
    }
    bytes
}

/// A text in which bytes are escaped, if it is UTF-8 then.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    String::from_utf8(decoded(text.as_bytes())).ok()
}

fn once<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = pairs.iter().filter(|(key, _)| key == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_comes_is_read_as_no_more_than_it_is(bytes: Vec<u8>) {
            let read = pairs(&bytes);
            prop_assert!(read.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= bytes.len());
        }

        #[test]
        fn what_is_encoded_is_read_back(name in "[a-z]{1,8}", value: String) {
            let encoded: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(pairs(format!("{name}={encoded}").as_bytes()), vec![(name, value)]);
        }
    }

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let read = pairs(b"a=1&b=x+y%26z&c=%C3%A9&d&e=%zz&=f&a=2&g=%ff");
        let expected =
            [("a", "1"), ("b", "x y&z"), ("c", "\u{e9}"), ("d", ""), ("e", "%zz"), ("", "f"), ("a", "2")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(once(&read, "b"), Some("x y&z"));
        assert_eq!(once(&read, "a"), None, "which of the two is meant, nobody knows");
    }
}
