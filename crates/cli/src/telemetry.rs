//! Traces and logs for a collector of OpenTelemetry's, if the configuration names one: OTLP over gRPC.
//!
//! A line of the log, and the end of a span, are put into a queue of bounded size; a thread of its own sends what is in there
//! (`deliver`). Nothing waits for the collector: what finds no room is left out and counted. A build without the feature `otel`
//! has nothing of all this.

#[cfg(not(feature = "otel"))]
mod absent;
#[cfg(feature = "otel")]
mod deliver;
#[cfg(feature = "otel")]
mod headers;
#[cfg(feature = "otel")]
mod pipeline;
#[cfg(feature = "otel")]
mod queue;
#[cfg(feature = "otel")]
mod records;
#[cfg(feature = "otel")]
mod spans;
#[cfg(feature = "otel")]
mod wire;

use bartizan_enforce::about::TraceContext;
use bartizan_model::Timestamp;
use serde_json::Value;
use tracing::Level;

#[cfg(not(feature = "otel"))]
pub(crate) use absent::Pipeline;
#[cfg(feature = "otel")]
pub(crate) use pipeline::Pipeline;

/// A line of the log, before it has a form.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "otel"), expect(dead_code, reason = "nobody there reads it"))]
pub(crate) struct Line<'a> {
    pub(crate) level: Level,
    pub(crate) target: &'a str,
    pub(crate) time: Timestamp,
    pub(crate) message: &'a str,
    pub(crate) fields: &'a [(&'static str, Value)],
    pub(crate) trace: Option<TraceContext>,
}

/// What has become of one kind of what is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally {
    /// `traces` or `logs`.
    pub(crate) signal: &'static str,
    /// Taken by the collector.
    pub(crate) sent: u64,
    /// Left out for want of room, refused, or not taken for too long.
    pub(crate) dropped: u64,
    /// In the queue.
    pub(crate) waiting: usize,
}
