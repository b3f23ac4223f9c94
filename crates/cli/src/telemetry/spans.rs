//! Spans, from where they begin to where they end.
//!
//! The fields that a span has for itself say what it is: `trace_id`, `span_id`, `parent_id`, `otel.name`, `otel.kind`,
//! `otel.status_code`. All others are attributes.

use std::fmt;
use std::sync::Arc;

use bartizan_model::Clock as _;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::pipeline::Pipeline;
use super::records::{attribute, nanos};
use crate::system::SystemClock;

/// Takes up the spans of requests, and puts those that have ended into the queue.
#[derive(Debug)]
pub(super) struct Spans(pub(super) Arc<Pipeline>);

impl<S> Layer<S> for Spans
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut open = Open(Span {
            name: span.name().to_owned(),
            start_time_unix_nano: nanos(SystemClock.now()),
            // Sampled (W3C Trace Context, 3.2.2.5.1).
            flags: 1,
            ..Span::default()
        });
        attributes.record(&mut open);
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(open);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let open = span.extensions_mut().remove::<Open>();
        if let Some(Open(mut span)) = open {
            // The clock may have been set back.
            span.end_time_unix_nano = nanos(SystemClock.now()).max(span.start_time_unix_nano);
            self.0.span(span);
        }
    }
}

/// A span that has not ended.
#[derive(Debug)]
struct Open(Span);

impl Open {
    /// Each name once: what is said last counts.
    fn set(&mut self, field: &Field, value: Any) {
        let new = attribute(field.name(), value);
        match self.0.attributes.iter_mut().find(|known| known.key == new.key) {
            Some(known) => *known = new,
            None => self.0.attributes.push(new),
        }
    }
}

impl Visit for Open {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, Any::StringValue(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match (field.name(), value) {
            ("otel.name", name) => name.clone_into(&mut self.0.name),
            ("otel.kind", "server") => self.0.kind = SpanKind::Server.into(),
            ("otel.kind", "client") => self.0.kind = SpanKind::Client.into(),
            ("otel.kind", _) => self.0.kind = SpanKind::Internal.into(),
            ("otel.status_code", _) => {
                self.0.status = Some(Status { code: StatusCode::Error.into(), ..Status::default() });
            }
            (_, value) => self.set(field, Any::StringValue(value.to_owned())),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match field.name() {
            "trace_id" => self.0.trace_id = value.to_be_bytes().to_vec(),
            _ => self.set(field, Any::StringValue(value.to_string())),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "span_id" => self.0.span_id = value.to_be_bytes().to_vec(),
            "parent_id" => self.0.parent_span_id = value.to_be_bytes().to_vec(),
            _ => self.set(field, Any::IntValue(i64::try_from(value).unwrap_or(i64::MAX))),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, Any::IntValue(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, Any::BoolValue(value));
    }
}
