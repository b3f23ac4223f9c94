//! What was not done as asked. A handler says what it was; the page in the reader's language is made around all handlers,
//! since some of them fail before they know who reads.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bartizan_enforce::Caller;
use bartizan_model::RequestId;
use bartizan_ui::{Words, isolated};
use http::StatusCode;
use maud::{Markup, html};

use super::answer::Shown;
use super::language::language;
use crate::error::Error;
use crate::pages::{Reader, problem};

/// Why a request was not answered as asked.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    status: StatusCode,
    cause: Cause,
    way: Option<Way>,
    request_id: Option<RequestId>,
    retry_after: Option<u64>,
}

/// What was not so.
#[derive(Debug, Clone)]
pub(super) enum Cause {
    /// The form is of a page that is not current any more.
    Stale,
    /// There is no such app, or no token for it.
    NoToken {
        /// What was typed.
        app: String,
    },
    /// What was sent is no form.
    FormUnreadable,
    /// A link cannot be used at the moment.
    LinkNotNow {
        /// Why, in the language of the reader.
        why: String,
    },
    /// An app was opened from inside another page.
    NotHowOpened,
    /// An app was to be opened that there is not.
    NoSuchApp,
    /// Somebody was sent here by a client that there is not, or from an address that it has not registered.
    NoSuchClient,
    /// What a client asked for was not finished in time.
    RequestOver,
    /// An identity provider cannot be asked to sign somebody in.
    ProviderUnreachable {
        /// What people call it.
        provider: String,
    },
    /// Nothing is at the address.
    NoPage,
    /// Too many sign in at once.
    Busy,
    /// Nothing can be recorded.
    Unrecorded,
    /// Nothing can be written to the store.
    Unwritten,
    /// Something of ours is not in order.
    Bug,
}

/// The one way forward.
#[derive(Debug, Clone)]
enum Way {
    /// Begin again, at this address.
    Again(String),
    /// Go to the account.
    Account,
}

impl Cause {
    /// What happened, in a few words; and why, and what next, in a sentence or two.
    fn said(&self, words: Words) -> (String, Markup) {
        let (title, detail) = match self {
            Self::Stale => ("stale", "stale-why"),
            Self::NoToken { app } => {
                let app = html! { code { (isolated(app)) } };
                return (words.say("no-token"), words.markup("no-token-why", &[], &[("app", app)]));
            }
            Self::ProviderUnreachable { provider } => {
                let provider = isolated(provider);
                let why = words.markup("provider-unreachable-why", &[], &[("provider", provider)]);
                return (words.say("provider-unreachable"), why);
            }
            Self::FormUnreadable => ("form-unreadable", "form-unreadable-why"),
            Self::LinkNotNow { why } => return (words.say("link-not-now"), html! { (why) }),
            Self::NotHowOpened => ("not-how-opened", "not-how-opened-why"),
            Self::NoSuchApp => ("no-such-app", "no-such-app-why"),
            Self::NoSuchClient => ("no-such-client", "no-such-client-why"),
            Self::RequestOver => ("request-over", "request-over-why"),
            Self::NoPage => ("no-page", "no-page-why"),
            Self::Busy => ("busy", "busy-why"),
            Self::Unrecorded => ("paused", "paused-unrecorded"),
            Self::Unwritten => ("paused", "paused-unwritten"),
            Self::Bug => ("broken", "broken-why"),
        };
        (words.say(title), html! { (words.say(detail)) })
    }
}

impl Broken {
    const fn new(status: StatusCode, cause: Cause) -> Self {
        Self { status, cause, way: None, request_id: None, retry_after: None }
    }

    /// The form is of a page that is not current any more.
    pub(super) fn stale(begin_again: String) -> Self {
        Self { way: Some(Way::Again(begin_again)), ..Self::new(StatusCode::BAD_REQUEST, Cause::Stale) }
    }

    /// An identity provider, which people call so, cannot be asked.
    pub(super) fn unreachable(provider: &str, begin_again: String) -> Self {
        let cause = Cause::ProviderUnreachable { provider: provider.to_owned() };
        Self { way: Some(Way::Again(begin_again)), ..Self::new(StatusCode::BAD_GATEWAY, cause) }
    }

    /// What was asked for cannot be.
    pub(super) fn bad(cause: Cause) -> Self {
        Self { way: Some(Way::Account), ..Self::new(StatusCode::BAD_REQUEST, cause) }
    }

    pub(super) fn of(mut self, caller: &Caller) -> Self {
        self.request_id = Some(caller.request_id);
        self
    }

    fn shown(&self, reader: Reader) -> Response {
        let words = reader.words;
        let (title, detail) = self.cause.said(words);
        let way = self.way.as_ref().map(|way| match way {
            Way::Again(address) => (words.say("start-again"), address.as_str()),
            Way::Account => (words.say("go-to-account"), "/"),
        });
        let request_id = self.request_id.map(|id| id.to_string());
        let page = problem::page(
            &problem::View {
                title: &title,
                detail: &detail,
                way: way.as_ref().map(|(text, url)| (text.as_str(), *url)),
                request_id: request_id.as_deref(),
            },
            reader,
        );
        let shown = Shown::new(page).status(self.status);
        match self.retry_after {
            Some(seconds) => shown.retry_after(seconds).into_response(),
            None => shown.into_response(),
        }
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        let paused = |cause, seconds| Self {
            retry_after: Some(seconds),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, cause)
        };
        match &error {
            Error::Busy => paused(Cause::Busy, 5),
            Error::Evidence(_) => {
                tracing::error!(%error, "a sign-in was refused: it cannot be recorded");
                paused(Cause::Unrecorded, 10)
            }
            Error::Store(_) => {
                tracing::error!(%error, "a sign-in was refused: the store does not do as asked");
                paused(Cause::Unwritten, 10)
            }
            _ => {
                tracing::error!(%error, "a page of the sign-in failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, Cause::Bug)
            }
        }
    }
}

impl IntoResponse for Broken {
    /// The status, and what it was for [`in_words`]: without that, there is no page, and nothing is done either.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Makes the page of what was not done as asked.
pub(super) async fn in_words(request: Request, next: Next) -> Response {
    let reader = Reader::of(language(request.headers()));
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Broken>() {
        Some(broken) => broken.shown(reader),
        None => response,
    }
}

pub(super) async fn nothing_here() -> Broken {
    no_page()
}

/// Nothing is at the address.
pub(super) fn no_page() -> Broken {
    Broken { status: StatusCode::NOT_FOUND, ..Broken::bad(Cause::NoPage) }
}
