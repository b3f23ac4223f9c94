//! Takes our credentials out of a request, and nothing else.
//!
//! Only what carries a prefix of ours is ours. It is taken out here, before anything else sees the request, so that no
//! upstream and no log can. An app's own cookies and its own `Authorization` stay as they are.

use bartizan_model::{CredentialError, CredentialKind, PresentedCredential, Secret};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::BadRequest;

/// A credential of ours, and the place in which it was presented.
#[derive(Debug, Clone)]
pub(crate) enum Presented {
    /// In our cookie.
    Cookie(PresentedCredential),
    /// As `Bartizan-Token` or as a bearer token.
    Token(PresentedCredential),
}

/// What of ours a request carried.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The credential that there is.
    pub(super) presented: Option<Presented>,
    /// Our other cookies, which prove nobody's sign-in: state of a sign-in that is under way, for us alone to read.
    pub(super) state: Vec<StateCookie>,
}

/// A cookie of ours that is no credential.
#[derive(Debug, Clone)]
pub(crate) struct StateCookie {
    /// Its whole name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: Secret<String>,
}

/// Takes everything of ours out of the fields.
///
/// # Errors
/// Two `Authorization` fields, whoever's they are; two credentials that disagree; one kind in the place of another.
pub(super) fn take(headers: &mut HeaderMap) -> Result<Taken, BadRequest> {
    let mut taken = Taken::default();
    take_authorization(headers, &mut taken.presented)?;
    take_token(headers, &mut taken.presented)?;
    take_cookies(headers, &mut taken)?;
    Ok(taken)
}

fn take_authorization(headers: &mut HeaderMap, found: &mut Option<Presented>) -> Result<(), BadRequest> {
    let mut fields = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (fields.next(), fields.next());
    if second.is_some() {
        return Err(BadRequest::Authorization);
    }
    let Some(value) = first else { return Ok(()) };
    // RFC 9110, 11.1: the scheme is compared without regard to case. Bytes that are not text cannot be ours.
    let Ok(text) = value.to_str() else { return Ok(()) };
    let Some((scheme, credential)) = text.split_once(' ') else { return Ok(()) };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(());
    }
    if take_text(credential.trim(), Presented::Token, &[CredentialKind::Token], found)? {
        headers.remove(header::AUTHORIZATION);
    }
    Ok(())
}

fn take_token(headers: &mut HeaderMap, found: &mut Option<Presented>) -> Result<(), BadRequest> {
    let values: Vec<HeaderValue> = headers.get_all(&TOKEN).iter().cloned().collect();
    headers.remove(&TOKEN);
    for value in values {
        let text = value.to_str().map_err(|_not_text| BadRequest::Credentials)?;
        // The field is ours, so what is in it has to be, too.
        if !take_text(text.trim(), Presented::Token, &[CredentialKind::Token], found)? {
            return Err(BadRequest::Credentials);
        }
    }
    Ok(())
}

/// Joins the cookies of all fields (HTTP/2 may split them: RFC 9113, 8.2.3) into one, without ours.
fn take_cookies(headers: &mut HeaderMap, taken: &mut Taken) -> Result<(), BadRequest> {
    if !headers.contains_key(header::COOKIE) {
        return Ok(());
    }
    let mut kept: Vec<u8> = Vec::new();
    let mut touched = false;
    for (place, field) in headers.get_all(header::COOKIE).iter().enumerate() {
        touched |= place > 0;
        for pair in field.as_bytes().split(|byte| *byte == b';') {
            let pair = pair.trim_ascii();
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (
                    pair.get(..at).unwrap_or_default().trim_ascii(),
                    pair.get(at + 1..).unwrap_or_default().trim_ascii(),
                ),
                // A cookie without `=` is one without a name.
                None => (&[][..], pair),
            };
            let text = std::str::from_utf8(value).unwrap_or_default().trim_matches('"');
            if name == COOKIE.as_bytes() {
                touched = true;
                let kinds = [CredentialKind::App, CredentialKind::SignIn];
                take_text(text, Presented::Cookie, &kinds, &mut taken.presented)?;
            } else if is_our_cookie(name)
                || (name.is_empty() && is_our_cookie(value))
                || PresentedCredential::parse(text).is_ok()
            {
                // Another cookie of ours, or a credential of ours that somebody put into a cookie of their own: nobody
                // is signed in by it, and nobody behind the gateway is to have it.
                touched = true;
                if let Some(state) = state_cookie(name, text)
                    && taken.state.len() < MAX_STATE_COOKIES
                {
                    taken.state.push(state);
                }
            } else if !pair.is_empty() {
                if !kept.is_empty() {
                    kept.extend_from_slice(b"; ");
                }
                kept.extend_from_slice(pair);
            }
        }
    }
    if touched {
        headers.remove(header::COOKIE);
        if !kept.is_empty() {
            let value = HeaderValue::from_bytes(&kept).map_err(|_not_a_value| BadRequest::Credentials)?;
            headers.insert(header::COOKIE, value);
        }
    }
    Ok(())
}

/// One of our cookies of state, in exactly our spelling; another spelling is nobody's.
fn state_cookie(name: &[u8], value: &str) -> Option<StateCookie> {
    let name = std::str::from_utf8(name).ok()?;
    name.strip_prefix(COOKIE)?.strip_prefix('-')?;
    Some(StateCookie { name: name.to_owned(), value: Secret::new(value.to_owned()) })
}

/// Whether a cookie of this name is ours. Browsers compare the prefix without regard to case, so we do.
pub(crate) fn is_our_cookie(name: &[u8]) -> bool {
    let mine = COOKIE.as_bytes();
    name.get(..mine.len()).is_some_and(|start| start.eq_ignore_ascii_case(mine))
}

/// Returns whether the text is ours. One that is ours but that we cannot have made counts as none at all, as one that is
/// unknown does: a browser that kept a broken cookie must be able to sign in again.
fn take_text(
    text: &str,
    place: impl FnOnce(PresentedCredential) -> Presented,
    kinds: &[CredentialKind],
    found: &mut Option<Presented>,
) -> Result<bool, BadRequest> {
    let credential = match PresentedCredential::parse(text) {
        Ok(credential) => credential,
        Err(CredentialError::Foreign) => return Ok(false),
        Err(CredentialError::Malformed) => return Ok(true),
    };
    if !kinds.contains(&credential.kind()) {
        return Err(BadRequest::Credentials);
    }
    match found {
        Some(Presented::Cookie(other) | Presented::Token(other)) if other.text() != credential.text() => {
            return Err(BadRequest::Credentials);
        }
        Some(_) => {}
        None => *found = Some(place(credential)),
    }
    Ok(true)
}

/// More than all kinds of them together; a page that sets more gets nothing by it.
const MAX_STATE_COOKIES: usize = 16;

/// The cookie of a host. The prefix binds it to that host (RFC 6265bis, 4.1.3.2).
pub(crate) const COOKIE: &str = "__Host-bartizan";

/// Where clients that are not browsers put their token.
static TOKEN: HeaderName = HeaderName::from_static("bartizan-token");

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(prefix: &str, fill: char) -> String {
        format!("{prefix}{}", fill.to_string().repeat(42) + "A")
    }

    type Fields = Vec<(String, String)>;

    fn read(pairs: &[(&str, &str)]) -> (Result<Option<String>, BadRequest>, Fields) {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let taken = take(&mut headers).map(|taken| {
            taken.presented.map(|presented| match presented {
                Presented::Cookie(credential) => credential.text().expose(|text| format!("cookie {text}")),
                Presented::Token(credential) => credential.text().expose(|text| format!("token {text}")),
            })
        });
        let left = headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        (taken, left)
    }

    fn left(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn ours_are_taken_and_others_stay_as_they_are() {
        let (app, token) = (credential("bza_", 'a'), credential("bzn_", 'b'));
        let cookie = format!("z=1; __Host-bartizan={app};a=\"2\" ; y");
        assert_eq!(
            read(&[("cookie", &cookie), ("authorization", "Basic dTpw")]),
            (
                Ok(Some(format!("cookie {app}"))),
                left(&[("authorization", "Basic dTpw"), ("cookie", "z=1; a=\"2\"; y")])
            )
        );
        for scheme in ["Bearer", "bearer", "BEARER "] {
            let value = format!("{scheme} {token}");
            assert_eq!(read(&[("authorization", &value)]), (Ok(Some(format!("token {token}"))), left(&[])));
        }
        assert_eq!(
            read(&[("bartizan-token", &token), ("authorization", "Bearer theirs")]),
            (Ok(Some(format!("token {token}"))), left(&[("authorization", "Bearer theirs")]))
        );
        let untouched = left(&[("cookie", "b=1;a=2;  c=3")]);
        assert_eq!(read(&[("cookie", "b=1;a=2;  c=3")]), (Ok(None), untouched));
    }

    #[test]
    fn cookies_of_several_fields_are_joined_in_their_order() {
        let app = credential("bza_", 'a');
        let ours = format!("__Host-bartizan={app}");
        assert_eq!(
            read(&[("cookie", "b=1"), ("cookie", &ours), ("cookie", "a=2")]),
            (Ok(Some(format!("cookie {app}"))), left(&[("cookie", "b=1; a=2")]))
        );
        assert_eq!(read(&[("cookie", &ours)]).1, left(&[]), "an empty cookie field is not sent");
    }

    #[test]
    fn no_cookie_of_ours_is_left_whatever_it_is_called() {
        let (app, token) = (credential("bza_", 'a'), credential("bzn_", 'b'));
        for cookie in [
            format!("__Host-bartizan-start-1={app}; a=1"),
            format!("__HOST-Bartizan={app}; a=1"),
            format!("other={app}; a=1"),
            format!("other=\"{token}\"; a=1"),
            format!("={app}; a=1"),
            format!("=__Host-bartizan={app}; a=1"),
            String::from("__Host-bartizan=bza_broken; a=1"),
            String::from("__Host-bartizan=; a=1"),
        ] {
            assert_eq!(read(&[("cookie", &cookie)]), (Ok(None), left(&[("cookie", "a=1")])), "{cookie}");
        }
    }

    #[test]
    fn credentials_that_disagree_and_kinds_in_the_wrong_place_are_refused() {
        let (one, two) = (credential("bza_", 'a'), credential("bza_", 'b'));
        let (token, other) = (credential("bzn_", 'a'), credential("bzn_", 'b'));
        let (sign_in, code) = (credential("bzs_", 'a'), credential("bzc_", 'a'));
        let twice = format!("__Host-bartizan={one}; __Host-bartizan={two}");
        let cookie = format!("__Host-bartizan={one}");
        for bad in [
            &[("cookie", twice.as_str())][..],
            &[("cookie", cookie.as_str()), ("bartizan-token", token.as_str())],
            &[("bartizan-token", token.as_str()), ("bartizan-token", other.as_str())],
            &[("bartizan-token", token.as_str()), ("authorization", &format!("Bearer {other}"))],
            &[("bartizan-token", one.as_str())],
            &[("bartizan-token", sign_in.as_str())],
            &[("bartizan-token", "theirs")],
            &[("authorization", &format!("Bearer {one}"))],
            &[("authorization", &format!("Bearer {sign_in}"))],
            &[("authorization", &format!("Bearer {code}"))],
            &[("cookie", &format!("__Host-bartizan={token}"))],
            &[("cookie", &format!("__Host-bartizan={code}"))],
        ] {
            assert_eq!(read(bad).0, Err(BadRequest::Credentials), "{bad:?}");
        }
        let same = format!("__Host-bartizan={one}; __Host-bartizan={one}");
        assert_eq!(read(&[("cookie", &same)]).0, Ok(Some(format!("cookie {one}"))));
        assert_eq!(
            read(&[("authorization", "Basic a"), ("authorization", "Basic b")]).0,
            Err(BadRequest::Authorization)
        );
    }

    #[test]
    fn a_token_that_we_cannot_have_made_signs_nobody_in_and_goes_no_further() {
        assert_eq!(read(&[("authorization", "Bearer bzn_short")]), (Ok(None), left(&[])));
        assert_eq!(read(&[("bartizan-token", "bzn_short")]), (Ok(None), left(&[])));
    }
}
