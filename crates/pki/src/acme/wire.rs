//! How the authority is reached: over TLS only, in bounded time, with answers of bounded size.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::Clock;
use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use parking_lot::Mutex;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;

use super::{AcmeError, kind};

/// A client that remembers how long the authority asked to be left alone.
#[derive(Clone)]
pub(super) struct Wire {
    client: Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>,
    wait: Arc<Mutex<Option<Duration>>>,
    clock: Arc<dyn Clock>,
}

impl Wire {
    pub(super) fn new(
        ca: Option<&[CertificateDer<'static>]>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AcmeError> {
        let refused = |problem: String| AcmeError::Roots { problem };
        let mut roots = RootCertStore::empty();
        match ca {
            Some(certificates) => {
                for certificate in certificates {
                    roots.add(certificate.clone()).map_err(|error| refused(error.to_string()))?;
                }
            }
            None => {
                let _counts = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        if roots.is_empty() {
            return Err(refused(String::from("there are no roots")));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| refused(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_only()
            .enable_http1()
            .wrap_connector(http);
        // Orders are hours apart: nothing is gained by keeping connections.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(https);
        Ok(Self { client, wait: Arc::default(), clock })
    }

    /// What an error of the library says to the operator.
    pub(super) fn said(&self, error: &Error) -> AcmeError {
        let wait = self.wait.lock().take();
        let problem = one_line(&causes(error));
        match error {
            Error::Api(refused) if kind(refused) == "accountDoesNotExist" => AcmeError::NoAccount { problem },
            // It is not well, or has too much to do: that is about nobody in particular.
            Error::Api(refused) if refused.status.is_some_and(|status| status >= 500) => {
                AcmeError::Unreachable { problem, wait }
            }
            Error::Api(_) | Error::Unsupported(_) | Error::Str(_) => AcmeError::Refused { problem, wait },
            _ => AcmeError::Unreachable { problem, wait },
        }
    }
}

impl HttpClient for Wire {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let answer = self.client.request(request);
        let (kept, clock) = (Arc::clone(&self.wait), Arc::clone(&self.clock));
        Box::pin(async move {
            let whole = async {
                let (parts, body) = answer.await.map_err(|error| Error::Other(Box::new(error)))?.into_parts();
                if parts.status.is_client_error() || parts.status.is_server_error() {
                    *kept.lock() = wait(&parts.headers, clock.as_ref());
                }
                let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(Error::Other)?.to_bytes();
                Ok(BytesResponse::from(Response::from_parts(parts, Full::new(body))))
            };
            tokio::time::timeout(WHOLE, whole).await.map_err(|late| Error::Other(Box::new(late)))?
        })
    }
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or the time from which on it may be tried again.
fn wait(headers: &HeaderMap, clock: &dyn Clock) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_date) => {
            let until = httpdate::parse_http_date(value).ok()?;
            let until = until.duration_since(std::time::UNIX_EPOCH).ok()?;
            let now = Duration::from_secs(u64::try_from(clock.now().as_secs()).unwrap_or(0));
            until.saturating_sub(now)
        }
    };
    Some(wait.min(MAX_WAIT))
}

/// An error with what is behind it.
fn causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// What somebody else wrote, for a line of the log.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(400).collect()
}

const CONNECT: Duration = Duration::from_secs(10);

/// From asking to the end of the answer.
const WHOLE: Duration = Duration::from_secs(30);

/// 256 KiB: a chain of ten large certificates is a tenth.
const MAX_ANSWER: usize = 256 << 10;

/// Rate limits of public authorities end after a week at most.
const MAX_WAIT: Duration = Duration::from_secs(30 * 24 * 3600);

#[cfg(test)]
mod tests {
    use bartizan_testkit::FakeClock;

    use super::*;

    #[test]
    fn an_authority_says_in_two_ways_how_long_to_wait() {
        let clock = FakeClock::default();
        let asked = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            wait(&headers, &clock)
        };
        assert_eq!(asked("120"), Some(Duration::from_secs(120)));
        let now = u64::try_from(clock.now().as_secs()).unwrap();
        let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(now + 90));
        assert_eq!(asked(&date), Some(Duration::from_secs(90)));
        assert_eq!(asked("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("99999999999999"), Some(MAX_WAIT));
        assert_eq!((asked("-1"), asked("soon")), (None, None));
        assert_eq!(wait(&HeaderMap::new(), &clock), None);
    }

    #[test]
    fn what_an_authority_says_is_one_short_line() {
        let long = one_line(&format!("a\nb\u{1b}[31m{}", "x".repeat(1000)));
        assert!(long.starts_with("a b [31mx") && long.chars().count() == 400);
    }
}
