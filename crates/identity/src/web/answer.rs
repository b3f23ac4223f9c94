//! Answers: a page under its own policy, a way on, a refusal in words.

use axum::response::{IntoResponse, Response};
use bartizan_enforce::Caller;
use bartizan_model::RequestId;
use bartizan_ui::Rendered;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::error::Error;
use crate::pages;

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

/// Why a request was not answered as asked.
#[derive(Debug)]
pub(super) struct Broken {
    status: StatusCode,
    title: &'static str,
    detail: String,
    way: Option<(&'static str, String)>,
    request_id: Option<RequestId>,
    retry_after: Option<u64>,
}

impl Broken {
    /// The form is of a page that is not current any more.
    pub(super) fn stale(begin_again: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            title: "This page is out of date",
            detail: String::from(
                "It was open for more than 10 minutes, or the sign-in went on in another tab. Nothing was changed.",
            ),
            way: Some(("Start again", begin_again)),
            request_id: None,
            retry_after: None,
        }
    }

    /// What was asked for cannot be.
    pub(super) fn bad(title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            title,
            detail: detail.into(),
            way: Some(("Go to your account", String::from("/"))),
            request_id: None,
            retry_after: None,
        }
    }

    pub(super) fn of(mut self, caller: &Caller) -> Self {
        self.request_id = Some(caller.request_id);
        self
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        let paused = |title, detail: &str, seconds| Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title,
            detail: detail.to_owned(),
            way: None,
            request_id: None,
            retry_after: Some(seconds),
        };
        match &error {
            Error::Busy => paused(
                "Too many people are signing in",
                "Go back and send it again in a few seconds. Nothing was used up.",
                5,
            ),
            Error::Evidence(_) => {
                tracing::error!(%error, "a sign-in was refused: it cannot be recorded");
                paused(
                    "Signing in is paused",
                    "What happens cannot be recorded at the moment, so nothing may happen. What is open stays open.",
                    10,
                )
            }
            Error::Store(_) => {
                tracing::error!(%error, "a sign-in was refused: the store does not do as asked");
                paused(
                    "Signing in is paused",
                    "Sign-ins cannot be written down at the moment. What is open stays open.",
                    10,
                )
            }
            _ => {
                tracing::error!(%error, "a page of the sign-in failed");
                Self {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    title: "Something is broken here",
                    detail: String::from(
                        "It is not your doing. An administrator finds it by the request id.",
                    ),
                    way: None,
                    request_id: None,
                    retry_after: None,
                }
            }
        }
    }
}

impl IntoResponse for Broken {
    fn into_response(self) -> Response {
        let id = self.request_id.map(|id| id.to_string());
        let page = pages::problem::page(&pages::problem::View {
            title: self.title,
            detail: &self.detail,
            way: self.way.as_ref().map(|(verb, url)| (*verb, url.as_str())),
            request_id: id.as_deref(),
        });
        let shown = Shown::new(page).status(self.status);
        match self.retry_after {
            Some(seconds) => shown.retry_after(seconds).into_response(),
            None => shown.into_response(),
        }
    }
}

pub(super) async fn nothing_here() -> Response {
    let mut broken = Broken::bad("There is no such page", "Nothing is at this address.");
    broken.status = StatusCode::NOT_FOUND;
    broken.into_response()
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
