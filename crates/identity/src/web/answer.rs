//! Answers: a page under its own policy, and a way on.

use axum::response::{IntoResponse, Response};
use bartizan_ui::Rendered;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

/// A page.
#[derive(Debug)]
pub(super) struct Shown {
    page: Rendered,
    status: StatusCode,
    headers: HeaderMap,
}

impl Shown {
    pub(super) fn new(page: Rendered) -> Self {
        Self { page, status: StatusCode::OK, headers: HeaderMap::new() }
    }

    pub(super) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(super) fn retry_after(mut self, seconds: u64) -> Self {
        self.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        self
    }

    pub(super) fn cookie(mut self, cookie: Option<HeaderValue>) -> Self {
        append(&mut self.headers, cookie);
        self
    }

    /// The same, of a cookie that the browser may have as it is.
    pub(super) fn cookies(self, cookie: Option<HeaderValue>) -> Self {
        if cookie.is_some() { self.cookie(cookie) } else { self }
    }
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.headers, self.page.html).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        match HeaderValue::try_from(self.page.csp) {
            Ok(policy) => headers.insert(header::CONTENT_SECURITY_POLICY, policy),
            Err(_not_a_value) => headers
                .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")),
        };
        private(headers);
        response
    }
}

/// Leads on: the answer to a form that was taken, or a page that has moved on.
#[derive(Debug)]
pub(super) struct Onward {
    to: String,
    headers: HeaderMap,
}

impl Onward {
    pub(super) fn to(to: impl Into<String>) -> Self {
        Self { to: to.into(), headers: HeaderMap::new() }
    }

    pub(super) fn cookie(mut self, cookie: Option<HeaderValue>) -> Self {
        append(&mut self.headers, cookie);
        self
    }
}

impl IntoResponse for Onward {
    fn into_response(self) -> Response {
        let Ok(location) = HeaderValue::try_from(self.to) else {
            tracing::error!("a way on is no header value: this is a bug");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = (StatusCode::SEE_OTHER, self.headers).into_response();
        response.headers_mut().insert(header::LOCATION, location);
        private(response.headers_mut());
        response
    }
}

fn append(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    match cookie {
        Some(cookie) => {
            headers.append(header::SET_COOKIE, cookie);
        }
        None => tracing::error!("a cookie of ours is no header value: this is a bug"),
    }
}

/// For this reader at this moment, in no frame, and without telling other hosts where they came from. (Not telling our own
/// either would make browsers post forms with `Origin: null`, as a stranger's.)
fn private(headers: &mut HeaderMap) {
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

const FIXED: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];
