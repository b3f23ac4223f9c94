//! The language of a reader: the one that they chose here, or else the one that their browser asks for.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bartizan_model::Secret;
use bartizan_ui::Language;
use http::{HeaderMap, Method, Uri, header};

use super::answer::Onward;
use super::cookies::{self, Lasts};

/// The language that a request is to be answered in.
#[must_use]
pub fn language(headers: &HeaderMap) -> Language {
    let wanted = || headers.get(header::ACCEPT_LANGUAGE).and_then(|wanted| wanted.to_str().ok());
    chosen(headers).unwrap_or_else(|| Language::accepted(wanted()))
}

/// The language that a reader chose on this host.
pub(super) fn chosen(headers: &HeaderMap) -> Option<Language> {
    cookies::find(headers, cookies::LANGUAGE).and_then(Language::offered)
}

/// Keeps a choice with the browser, which comes back to the same page of this host.
pub async fn choose(request: Request, next: Next) -> Response {
    match choice(request.method(), request.uri()) {
        Some((language, same)) => {
            let tag = Secret::new(language.tag().to_owned());
            let cookie = cookies::set(cookies::LANGUAGE, &tag, Lasts::Choice);
            Onward::to(same).cookie(cookie).into_response()
        }
        None => next.run(request).await,
    }
}

/// The language that an address chooses, and the address without the choice.
fn choice(method: &Method, uri: &Uri) -> Option<(Language, String)> {
    let (path, query) = (uri.path(), uri.query()?);
    // Two slashes would lead to another host. The enforcement point lets no such path pass; this is a second lock.
    if *method != Method::GET || !path.starts_with('/') || path.starts_with("//") {
        return None;
    }
    let (chosen, others): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| pair.starts_with(PARAMETER));
    let [chosen] = chosen.as_slice() else { return None };
    let language = Language::offered(chosen.strip_prefix(PARAMETER)?)?;
    let others = others.join("&");
    Some((language, if others.is_empty() { path.to_owned() } else { format!("{path}?{others}") }))
}

/// Written by `bartizan_ui::languages`.
const PARAMETER: &str = "lang=";

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_choice_leads_back_to_the_same_page_of_this_host() {
        for (address, same) in [
            ("/?lang=de", Some("/")),
            ("/sign-in?a=3&lang=de", Some("/sign-in?a=3")),
            ("/link?lang=de&a=0&t=bzc_x", Some("/link?a=0&t=bzc_x")),
            ("/?lang=ar-XB", None),
            ("/?lang=pt", None),
            ("/?lang=de&lang=fr", None),
            ("/?xlang=de", None),
            ("/sign-in", None),
            ("//evil.test/?lang=de", None),
        ] {
            let chosen = choice(&Method::GET, &address.parse().unwrap());
            assert_eq!(chosen, same.map(|same| (Language::German, same.to_owned())), "{address}");
        }
        assert_eq!(choice(&Method::POST, &"/sign-in?lang=de".parse().unwrap()), None);
    }

    #[test]
    fn a_choice_counts_more_than_what_the_browser_asks_for() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("fr"));
        assert_eq!(language(&headers), Language::French);
        for (cookie, expected) in [
            ("__Host-bartizan-lang=es", Language::Spanish),
            ("__Host-bartizan-lang=ar-XB", Language::French),
            ("__Host-bartizan-lang=<de>", Language::French),
            ("__Host-bartizan-lang-x=de", Language::French),
        ] {
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            assert_eq!(language(&headers), expected, "{cookie}");
        }
    }
}
