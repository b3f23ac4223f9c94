//! What is configured, with its queues, and the thread that empties them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::JoinHandle;
use std::time::Duration;

use bartizan_gateway::TRACES;
use bartizan_model::PointId;
use bartizan_policy::Finding;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use rustls::pki_types::CertificateDer;
use tokio_util::sync::CancellationToken;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use super::deliver::Delivery;
use super::headers::Headers;
use super::queue::Queue;
use super::records::{record, resource};
use super::spans::Spans;
use super::wire::Wire;
use super::{Line, Tally};
use crate::certificates;
use crate::config::Telemetry;
use crate::output::{FAILED, Failure};
use crate::system::SystemEntropy;

/// Everything between what happens here and the collector.
#[derive(Debug)]
pub(crate) struct Pipeline {
    telemetry: Telemetry,
    ca: Option<Vec<CertificateDer<'static>>>,
    headers: Headers,
    spans: Queue<Span>,
    logs: Queue<LogRecord>,
}

impl Pipeline {
    /// As it is configured, with what is in the files that are named.
    ///
    /// # Errors
    /// Everything that is wrong with these files.
    pub(crate) fn read(telemetry: &Telemetry) -> Result<Arc<Self>, Vec<Finding>> {
        let ca = telemetry.ca.as_ref().map(certificates::authorities).transpose();
        let headers = telemetry.headers.as_ref().map_or_else(
            || Ok(Headers::default()),
            |file| Headers::read(file).map_err(|(why, help)| vec![file.place.error_with_help(why, help)]),
        );
        match (ca, headers) {
            (Ok(ca), Ok(headers)) => {
                let telemetry = telemetry.clone();
                Ok(Arc::new(Self { telemetry, ca, headers, spans: Queue::new(), logs: Queue::new() }))
            }
            (ca, headers) => {
                let mut findings = ca.err().unwrap_or_default();
                findings.extend(headers.err().unwrap_or_default());
                Err(findings)
            }
        }
    }

    /// A line was logged.
    pub(crate) fn log(&self, line: Line<'_>) {
        if self.telemetry.logs && is_heard(line.target) {
            self.logs.push(record(line));
        }
    }

    /// A span has ended.
    pub(super) fn span(&self, span: Span) {
        self.spans.push(span);
    }

    /// What takes up spans where they begin.
    pub(crate) fn layer<S>(self: &Arc<Self>) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let ours = filter_fn(|metadata| metadata.is_span() && metadata.target() == TRACES);
        Spans(Arc::clone(self)).with_filter(ours.with_max_level_hint(LevelFilter::INFO))
    }

    /// What has become of it all.
    pub(crate) fn tally(&self) -> [Tally; 2] {
        [self.spans.tally(), self.logs.tally()]
    }

    /// Begins to send.
    ///
    /// # Errors
    /// When there is nothing that the collector could be checked against, or no thread.
    pub(crate) fn start(self: &Arc<Self>) -> Result<Sending, Failure> {
        let Self { telemetry, ca, headers, .. } = self.as_ref();
        let wire =
            Wire::new(telemetry.endpoint.clone(), ca.as_deref(), telemetry.headers.clone(), headers.clone());
        let wire = wire.map_err(|why| {
            Failure::new(FAILED, format!("the telemetry collector cannot be checked: {why}"))
        })?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            // It looks up names; there is one.
            .max_blocking_threads(2)
            .on_thread_start(|| SENDS.set(true))
            .build()?;
        let (stop, pipeline) = (CancellationToken::new(), Arc::clone(self));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name(String::from("telemetry")).spawn(move || {
            SENDS.set(true);
            runtime.block_on(pipeline.send(wire, &stopped));
            // A name that is being looked up is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Sending { stop, thread })
    }

    async fn send(&self, wire: Wire, stop: &CancellationToken) {
        let resource = &resource(&PointId::random(&SystemEntropy).to_string());
        let (queue, in_hand) = (&self.spans, AtomicU64::new(0));
        let mut spans = Delivery { queue, wire: wire.clone(), resource, stop, trouble: None, in_hand };
        let (queue, in_hand) = (&self.logs, AtomicU64::new(0));
        let mut logs = Delivery { queue, wire, resource, stop, trouble: None, in_hand };
        let late = async {
            stop.cancelled().await;
            tokio::time::sleep(PARTING).await;
        };
        tokio::select! {
            ((), ()) = async { tokio::join!(spans.run(), logs.run()) } => {}
            () = late => {}
        }
        spans.give_up();
        logs.give_up();
    }
}

/// The thread that sends.
#[derive(Debug)]
pub(crate) struct Sending {
    stop: CancellationToken,
    thread: JoinHandle<()>,
}

impl Sending {
    /// Sends what is left, for a moment, and ends.
    pub(crate) fn stop(self) {
        self.stop.cancel();
        if self.thread.join().is_err() {
            tracing::error!("the thread that sends telemetry did not end in order");
        }
    }
}

/// Whether a line goes to the collector. What is below us says about each thing that is sent would be sent, and so on
/// without an end: from the thread that sends, our own lines are heard.
fn is_heard(target: &str) -> bool {
    target.starts_with("bartizan") || !SENDS.get()
}

thread_local! {
    /// Whether this is the thread that sends, or works for it.
    static SENDS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// For what is left at the end.
const PARTING: Duration = Duration::from_secs(2);
