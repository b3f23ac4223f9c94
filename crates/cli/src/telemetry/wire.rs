//! How the collector is reached: gRPC over TLS, or in the clear on this machine, in bounded time.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::uri::PathAndQuery;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use opentelemetry_proto::tonic::resource::v1::Resource;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tonic::client::Grpc;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use super::headers::Headers;
use super::records::Signal;
use crate::config::LocatedPath;

/// A connection to the collector, for one kind of what is sent.
#[derive(Clone)]
pub(super) struct Wire {
    connector: HttpsConnector<HttpConnector>,
    service: Service,
    origin: Uri,
    file: Option<LocatedPath>,
    headers: Headers,
}

type Service = Client<HttpsConnector<HttpConnector>, tonic::body::Body>;

/// Why something was not taken.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// It may be the next time.
    Later(String),
    /// It never will be.
    Never(String),
}

impl Wire {
    /// To this endpoint, whose certificate is checked against these authorities, or the machine's.
    pub(super) fn new(
        origin: Uri,
        ca: Option<&[CertificateDer<'static>]>,
        file: Option<LocatedPath>,
        headers: Headers,
    ) -> Result<Self, String> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT));
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls(&origin, ca)?);
        let plain = origin.scheme_str() == Some("http");
        let builder = if plain { builder.https_or_http() } else { builder.https_only() };
        let connector = builder.enable_http2().wrap_connector(http);
        Ok(Self { service: service(&connector), connector, origin, file, headers })
    }

    /// Begins anew after a failure: with another connection, and with the fields as they now stand in their file.
    pub(super) fn renew(&mut self) {
        self.service = service(&self.connector);
        if let Some(Ok(headers)) = self.file.as_ref().map(Headers::read) {
            self.headers = headers;
        }
    }

    /// Sends some; how many of them were not taken, and why.
    ///
    /// Cancel safe: yes; the collector may have taken them.
    pub(super) async fn send<T: Signal>(
        &self,
        resource: &Resource,
        items: Vec<T>,
    ) -> Result<Option<(u64, String)>, NotTaken> {
        let mut grpc = Grpc::with_origin(self.service.clone(), self.origin.clone())
            .max_decoding_message_size(MAX_ANSWER);
        let mut request = Request::new(T::request(resource.clone(), items));
        self.headers.add_to(request.metadata_mut());
        let sent = async {
            grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
            let codec = ProstCodec::<T::Request, T::Response>::default();
            grpc.unary(request, PathAndQuery::from_static(T::PATH), codec).await
        };
        match tokio::time::timeout(PATIENCE, sent).await {
            Err(_late) => Err(NotTaken::Later(format!("no answer within {} s", PATIENCE.as_secs()))),
            Ok(Ok(answer)) => {
                let rejected = T::rejected(answer.get_ref()).filter(|(count, _)| *count > 0);
                Ok(rejected.map(|(count, why)| (count, self.said(why))))
            }
            Ok(Err(status)) => Err(self.not_taken(&status)),
        }
    }

    /// As OTLP says which of the codes of gRPC are worth another try; an error that is not the collector's own is.
    fn not_taken(&self, status: &Status) -> NotTaken {
        let mut text = status.message().to_owned();
        let mut cause = status.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            cause = error.source();
        }
        let said = self.said(&text);
        // What went wrong on this side has no code.
        let local = status.code() == Code::Unknown && status.source().is_some();
        let text = if local { said } else { format!("{:?}: {said}", status.code()) };
        match status.code() {
            Code::Cancelled
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss
            | Code::Unknown
            | Code::Internal
            | Code::Ok => NotTaken::Later(text),
            Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::Unimplemented
            | Code::Unauthenticated => NotTaken::Never(text),
        }
    }

    /// What somebody else wrote, for a line of the log.
    fn said(&self, text: &str) -> String {
        let said = self.headers.without(text);
        said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
    }
}

fn service(connector: &HttpsConnector<HttpConnector>) -> Service {
    Client::builder(TokioExecutor::new())
        .http2_only(true)
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .build(connector.clone())
}

fn tls(origin: &Uri, ca: Option<&[CertificateDer<'static>]>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(certificates) => {
            for certificate in certificates {
                roots.add(certificate.clone()).map_err(|error| error.to_string())?;
            }
        }
        None if origin.scheme_str() == Some("http") => {}
        None => {
            let _counts = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(String::from(
                    "this machine has no roots (Debian: ca-certificates), and `ca` in [telemetry] names none",
                ));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| error.to_string())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// To reach it: its name, its address.
const CONNECT: Duration = Duration::from_secs(5);

/// For its answer, connection included.
const PATIENCE: Duration = Duration::from_secs(10);

/// 64 KiB: an answer says little.
const MAX_ANSWER: usize = 64 << 10;

const LONGEST: usize = 300;
