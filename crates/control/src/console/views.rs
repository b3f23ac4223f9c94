//! Views that a reader keeps: the addresses of lists, under names of their own, in a cookie of the console's host. Whoever has
//! the cookie learns what somebody looks for, and nothing of what is found.

use std::convert::Infallible;

use axum::Form;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Redirect, Response};
use bartizan_identity::web::find_cookie;
use bartizan_ui::{Emphasis, Field, Words, button, form, isolated};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::frame::Frame;
use super::list::Asked;
use super::{Fields, said};
use crate::api::Failure;
use crate::call::{Admitted, ReadObjects};
use crate::error::Error;

/// The views that a browser keeps, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Views(Vec<View>);

/// A view under its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct View {
    name: String,
    address: String,
}

impl Views {
    /// Those of a cookie. What cannot be read is none; what would lead elsewhere is left out.
    fn read(headers: &HeaderMap) -> Self {
        let kept = find_cookie(headers, COOKIE).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let kept = kept.and_then(|json| serde_json::from_slice::<Vec<View>>(&json).ok());
        let mut views = kept.unwrap_or_default();
        views.retain(|view| is_list(&view.address) && named(&view.name).as_deref() == Some(&view.name));
        views.truncate(MOST);
        Self(views)
    }

    /// With one more; the oldest go where there is no room.
    fn with(mut self, view: View) -> Self {
        self.0.retain(|kept| kept.name != view.name);
        self.0.push(view);
        while self.0.len() > MOST || self.text().len() > MOST_BYTES {
            self.0.remove(0);
        }
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0.retain(|kept| kept.name != name);
        self
    }

    fn text(&self) -> String {
        // INVARIANT: plain data has a JSON form.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.0).unwrap_or_default())
    }

    fn cookie(&self) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
        let age = if self.0.is_empty() { 0 } else { YEAR };
        let mut cookie = HeaderValue::try_from(format!(
            "{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}",
            self.text()
        ))?;
        cookie.set_sensitive(true);
        Ok(cookie)
    }

    /// The views of this list as links, a way to keep the one that is shown, and ways to forget them.
    pub(super) fn markup(&self, frame: &Frame, asked: &Asked) -> Markup {
        let (words, here) = (frame.words, asked.url(&[("from", "")]));
        let own: Vec<&View> = self.0.iter().filter(|view| list_of(&view.address) == list_of(&here)).collect();
        let plain = list_of(&here) == here;
        if own.is_empty() && plain {
            return html! {};
        }
        html! {
            div .row.views {
                @if !own.is_empty() {
                    nav .segments aria-label=(words.say("views")) {
                        @for view in &own {
                            a href=(view.address) aria-current=[(view.address == here).then_some("true")] { (isolated(&view.name)) }
                        }
                    }
                }
                details .disclosure.small {
                    summary { (words.say(if plain { "views-forget-some" } else { "views-keep" })) }
                    div .stack {
                        @if !plain { (keep(frame, words, &here)) }
                        @for view in &own { (forget(frame, words, view, &here)) }
                    }
                }
            }
        }
    }
}

fn keep(frame: &Frame, words: Words, here: &str) -> Markup {
    let fields = html! {
        input type="hidden" name="address" value=(here);
        (Field::text("name", &words.say("views-name")))
        (button(&words.say("views-keep"), Emphasis::Secondary))
    };
    form("/views", &frame.csrf, &fields)
}

fn forget(frame: &Frame, words: Words, view: &View, here: &str) -> Markup {
    let fields = html! {
        input type="hidden" name="address" value=(here);
        input type="hidden" name="forget" value=(view.name);
        (button(&words.with("views-forget", &[("name", (&view.name).into())]), Emphasis::Secondary))
    };
    form("/views", &frame.csrf, &fields)
}

impl<S: Sync> FromRequestParts<S> for Views {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers))
    }
}

/// Keeps a view, or forgets one, and shows the list again.
pub(super) async fn change(
    _admitted: Admitted<ReadObjects>,
    views: Views,
    Form(sent): Form<Fields>,
) -> Result<Response, Failure> {
    let invalid = |what: &str| Error::Invalid(what.to_owned());
    let address = said(&sent, "address").filter(|address| is_list(address));
    let address = address.ok_or_else(|| invalid("this is no address of a list"))?.to_owned();
    let views = match said(&sent, "forget") {
        Some(name) => views.without(name),
        None => {
            let name = said(&sent, "name").and_then(named);
            let name = name.ok_or_else(|| invalid("a view is kept under a name of 1 to 40 characters"))?;
            views.with(View { name, address: address.clone() })
        }
    };
    let mut response = Redirect::to(&address).into_response();
    let cookie = views.cookie().map_err(|error| invalid(&error.to_string()))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A name as it is kept.
fn named(text: &str) -> Option<String> {
    let name: String = text.trim().chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    Some(name).filter(|name| !name.is_empty())
}

/// The list that an address is of.
fn list_of(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// Whether an address is one of a list of ours, and nothing else that a browser could make of it.
fn is_list(address: &str) -> bool {
    LISTS.contains(&list_of(address))
        && address.len() <= LONGEST_ADDRESS
        && address.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\'))
}

const COOKIE: &str = "__Host-bartizan-views";
const LISTS: [&str; 6] = ["/decisions", "/people", "/groups", "/apps", "/policies", "/sessions"];

/// Twelve views in 3 KB: browsers keep 4 KB of one cookie (RFC 6265, 6.1), and servers take 8 KB of all.
const MOST: usize = 12;
const MOST_BYTES: usize = 3000;
const LONGEST: usize = 40;
const LONGEST_ADDRESS: usize = 500;
const YEAR: u32 = 31_536_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str, address: &str) -> View {
        View { name: name.to_owned(), address: address.to_owned() }
    }

    fn of(cookie: &str) -> Views {
        let mut headers = HeaderMap::new();
        headers
            .insert(header::COOKIE, HeaderValue::try_from(format!("a=b; {COOKIE}={cookie}; c=d")).unwrap());
        Views::read(&headers)
    }

    #[test]
    fn what_is_kept_is_read_back_and_the_oldest_goes_where_there_is_no_room() {
        let views = Views::default().with(view("Denied <today>", "/decisions?outcome=deny&since=24h"));
        let field = views.cookie().unwrap();
        let text = field.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap().1.to_owned();
        assert_eq!(of(&text), views);
        let mut many = views;
        for number in 0..40 {
            many = many.with(view(&format!("{number}"), &format!("/people?q={}", "x".repeat(number * 10))));
            assert!(many.text().len() <= MOST_BYTES && many.0.len() <= MOST);
        }
        assert_eq!(many.0.last().unwrap().name, "39");
        assert_eq!(many.clone().with(view("39", "/apps")).0.len(), many.0.len(), "a name is there once");
        assert!(many.without("39").0.iter().all(|view| view.name != "39"));
        assert!(Views::default().cookie().unwrap().to_str().unwrap().ends_with("Max-Age=0"));
    }

    #[test]
    fn a_cookie_that_somebody_made_up_leads_nowhere_else() {
        for address in [
            "//evil.test",
            "https://evil.test/people",
            "/people/../x",
            "/people\\x",
            "/people?a#b",
            "/people?a b",
            "/people?\u{e9}",
            "/sign-out",
            "javascript:x",
            "",
        ] {
            assert!(!is_list(address), "{address}");
            let made = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&[view("x", address)]).unwrap());
            assert_eq!(of(&made), Views::default(), "{address}");
        }
        for junk in ["", "x", "e30", &URL_SAFE_NO_PAD.encode("[[[["), &"A".repeat(9000)] {
            assert_eq!(of(junk), Views::default());
        }
        let long = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&[view(&"x".repeat(41), "/people")]).unwrap());
        assert_eq!(of(&long), Views::default());
    }
}
