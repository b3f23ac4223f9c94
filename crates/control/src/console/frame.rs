//! What all pages of the console share: the rail, who looks at them, the token of their forms, and how they are sent.

use axum::response::{IntoResponse, Response};
use bartizan_model::{Revision, Timestamp};
use bartizan_ui::{Lag, Page, Rendered, Shell, ShellLink, Words};
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use maud::Markup;

use super::texts::CATALOG;
use super::views::Views;
use crate::api::{Api, Failure};
use crate::call::Admitted;

/// What is around the content of a page.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) revision: Revision,
    pub(super) lag: Lag,
    pub(super) person: String,
    pub(super) account_url: String,
    /// The token of the forms.
    pub(super) csrf: String,
    pub(super) now: Timestamp,
    /// The texts of the console in the language of the reader.
    pub(super) words: Words,
    /// The views that the reader keeps, on pages that are lists.
    pub(super) views: Views,
}

impl Frame {
    pub(super) async fn of<R>(api: &Api, admitted: &Admitted<R>) -> Result<Self, Failure> {
        let asked = admitted.asked();
        let revision = api.store.revision().await?;
        let person = match asked.subject.user() {
            Some(user) => api.people.get(user).await?.and_then(|person| person.attributes),
            None => None,
        };
        let csrf = asked.session.map(|session| api.flow.form_token(session)).transpose()?;
        Ok(Self {
            revision,
            lag: if api.hub.is_applied(revision) { Lag::None } else { Lag::Behind },
            person: person.map_or_else(|| asked.subject.id(), |attributes| attributes.display),
            account_url: format!("{}/", api.auth_origin),
            csrf: csrf.unwrap_or_default(),
            now: asked.now,
            words: CATALOG.words(admitted.language()),
            views: Views::default(),
        })
    }

    /// The same with the views that its reader keeps.
    pub(super) fn keeping(self, views: Views) -> Self {
        Self { views, ..self }
    }

    /// A page at this place of the rail.
    pub(super) fn page(&self, here: &str, title: &str, content: &Markup) -> Rendered {
        self.document(here, title, content).finds().render()
    }

    /// The same, with the text of a policy to be edited.
    pub(super) fn editor(&self, here: &str, title: &str, content: &Markup) -> Rendered {
        self.document(here, title, content).edits().render()
    }

    /// The same, with rows that show what comes, asked for again after so many seconds.
    pub(super) fn live(&self, here: &str, title: &str, content: &Markup, every: Option<u8>) -> Rendered {
        let page = self.document(here, title, content).finds();
        match every {
            Some(seconds) => page.again(seconds),
            None => page,
        }
        .render()
    }

    fn document(&self, here: &str, title: &str, content: &Markup) -> Page {
        let named = |(id, url, key): &(&'static str, &'static str, &'static str)| {
            let name = self.words.say(id);
            ShellLink { name, url, key }
        };
        let shell = Shell {
            language: self.words.language(),
            places: PLACES.iter().map(|group| group.iter().map(named).collect()).collect(),
            here,
            revision: self.revision.get(),
            lag: self.lag,
            person: &self.person,
            account_url: &self.account_url,
        };
        Page::new(title, shell.markup(title, content)).language(self.words.language()).posts([])
    }
}

/// A page on its way.
#[derive(Debug)]
pub(crate) struct Shown {
    page: Rendered,
    status: StatusCode,
}

impl Shown {
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl From<Rendered> for Shown {
    fn from(page: Rendered) -> Self {
        Self { page, status: StatusCode::OK }
    }
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.page.html).into_response();
        let headers = response.headers_mut();
        // A policy that is no header value would only cost the page its look.
        let policy = HeaderValue::try_from(self.page.csp);
        let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'none'"));
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        for (name, value) in FIXED {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// The places of the rail: what each is called, where it is, and the letter that leads there after `g`.
pub(super) const PLACES: &[&[(&str, &str, &str)]] = &[
    &[
        ("place-overview", "/", "o"),
        ("place-decisions", "/decisions", "d"),
        ("place-sessions", "/sessions", "s"),
        ("place-access", "/access", "m"),
    ],
    &[
        ("place-people", "/people", "p"),
        ("place-groups", "/groups", "g"),
        ("place-apps", "/apps", "a"),
        ("place-clients", "/clients", "c"),
        ("place-policies", "/policies", "l"),
    ],
    &[("place-points", "/points", "n")],
];

/// For this reader at this moment, and in no frame. Our own pages are told where a form came from: without that,
/// browsers post it as a stranger's.
const FIXED: [(HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];
