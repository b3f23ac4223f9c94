//! Services of our own hosts: they are called like an upstream, after the same decision, and cut like one.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use tower::{Service, ServiceExt as _};

/// Why a body ended before its end.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body that streams.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A service behind the gateway in this process.
///
/// It gets the canonical request with a [`Caller`](bartizan_enforce::Caller) among its extensions. It never sees a
/// credential; what it may do for the caller beyond reading its pages it asks the enforcer for.
#[derive(Clone)]
pub struct LocalService {
    call: Arc<dyn Fn(Request<Body>) -> BoxFuture<'static, Response<Body>> + Send + Sync>,
    called_from_anywhere: &'static [&'static str],
    called_with_a_token: &'static [&'static str],
}

impl LocalService {
    /// Wraps a service, such as a router.
    pub fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let call = move |request: Request<Body>| -> BoxFuture<'static, Response<Body>> {
            Box::pin(service.clone().oneshot(request).map(|answer| match answer {
                Ok(response) => response.map(|body| body.map_err(Into::into).boxed_unsync()),
                Err(never) => match never {},
            }))
        };
        Self { call: Arc::new(call), called_from_anywhere: &[], called_with_a_token: &[] }
    }

    /// Has programs call these paths from anywhere: nobody is signed in there, whatever credential of ours comes along, and
    /// the service has each caller prove itself another way.
    #[must_use]
    pub const fn called_from_anywhere(mut self, paths: &'static [&'static str]) -> Self {
        self.called_from_anywhere = paths;
        self
    }

    /// Has programs call everything below these paths with a token of ours: nothing else that comes along says who calls, and
    /// nobody has to come from a page of ours.
    #[must_use]
    pub const fn called_with_a_token(mut self, paths: &'static [&'static str]) -> Self {
        self.called_with_a_token = paths;
        self
    }

    pub(crate) fn is_called_with_a_token(&self, path: &str) -> bool {
        let below = |base: &&str| {
            path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.called_with_a_token.iter().any(below)
    }

    pub(crate) fn is_called_from_anywhere(&self, path: &str) -> bool {
        self.called_from_anywhere.contains(&path)
    }

    pub(crate) fn call(&self, request: Request<Body>) -> BoxFuture<'static, Response<Body>> {
        (self.call)(request)
    }
}

impl std::fmt::Debug for LocalService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalService")
    }
}

/// A body of this text.
pub(crate) fn full(text: impl Into<Bytes>) -> Body {
    http_body_util::Full::new(text.into()).map_err(|never| match never {}).boxed_unsync()
}

/// No body.
pub(crate) fn empty() -> Body {
    http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync()
}
