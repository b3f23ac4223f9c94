//! What is sent, in the words of OpenTelemetry.

use bartizan_model::Timestamp;
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use serde_json::Value;
use tracing::Level;

use super::Line;

/// One kind of what is sent.
pub(super) trait Signal: Clone + Send + Sync + 'static {
    /// What it is called.
    const NAME: &'static str;
    /// Where it is taken.
    const PATH: &'static str;
    /// Many of it.
    type Request: prost::Message + 'static;
    /// What the collector says to them.
    type Response: prost::Message + Default + 'static;

    fn request(resource: Resource, items: Vec<Self>) -> Self::Request;

    /// How many of them the collector did not take, and why.
    fn rejected(response: &Self::Response) -> Option<(u64, &str)>;

    /// About how many bytes it has.
    fn size(&self) -> usize;
}

impl Signal for Span {
    const NAME: &'static str = "traces";
    const PATH: &'static str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    type Request = ExportTraceServiceRequest;
    type Response = ExportTraceServiceResponse;

    fn request(resource: Resource, spans: Vec<Self>) -> Self::Request {
        let scope = ScopeSpans { scope: Some(scope()), spans, ..ScopeSpans::default() };
        let all =
            ResourceSpans { resource: Some(resource), scope_spans: vec![scope], ..ResourceSpans::default() };
        ExportTraceServiceRequest { resource_spans: vec![all] }
    }

    fn rejected(response: &Self::Response) -> Option<(u64, &str)> {
        let partial = response.partial_success.as_ref()?;
        Some((u64::try_from(partial.rejected_spans).unwrap_or(0), &partial.error_message))
    }

    fn size(&self) -> usize {
        self.name.len().saturating_add(sizes(&self.attributes))
    }
}

impl Signal for LogRecord {
    const NAME: &'static str = "logs";
    const PATH: &'static str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    type Request = ExportLogsServiceRequest;
    type Response = ExportLogsServiceResponse;

    fn request(resource: Resource, log_records: Vec<Self>) -> Self::Request {
        let scope = ScopeLogs { scope: Some(scope()), log_records, ..ScopeLogs::default() };
        let all =
            ResourceLogs { resource: Some(resource), scope_logs: vec![scope], ..ResourceLogs::default() };
        ExportLogsServiceRequest { resource_logs: vec![all] }
    }

    fn rejected(response: &Self::Response) -> Option<(u64, &str)> {
        let partial = response.partial_success.as_ref()?;
        Some((u64::try_from(partial.rejected_log_records).unwrap_or(0), &partial.error_message))
    }

    fn size(&self) -> usize {
        let text = self.body.as_ref().map_or(0, value_size).saturating_add(self.severity_text.len());
        text.saturating_add(sizes(&self.attributes))
    }
}

/// A line of the log.
pub(super) fn record(line: Line<'_>) -> LogRecord {
    let target = (!line.target.is_empty()).then(|| attribute("target", Any::StringValue(line.target.into())));
    let fields = line.fields.iter().map(|(name, value)| attribute(name, any(value)));
    let time = nanos(line.time);
    LogRecord {
        time_unix_nano: time,
        observed_time_unix_nano: time,
        severity_number: severity(line.level).into(),
        severity_text: line.level.as_str().to_owned(),
        body: Some(AnyValue { value: Some(Any::StringValue(line.message.to_owned())) }),
        attributes: target.into_iter().chain(fields).collect(),
        flags: u32::from(line.trace.is_some()),
        trace_id: line.trace.map(|trace| trace.trace.to_vec()).unwrap_or_default(),
        span_id: line.trace.map(|trace| trace.span.to_vec()).unwrap_or_default(),
        ..LogRecord::default()
    }
}

/// What everything comes from.
pub(super) fn resource(instance: &str) -> Resource {
    let text = |name: &str, value: &str| attribute(name, Any::StringValue(value.to_owned()));
    let attributes = vec![
        text("service.name", "bartizan"),
        text("service.version", env!("CARGO_PKG_VERSION")),
        text("service.instance.id", instance),
    ];
    Resource { attributes, ..Resource::default() }
}

pub(super) fn attribute(name: &str, value: Any) -> KeyValue {
    KeyValue { key: name.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// Nanoseconds since 1970.
pub(super) fn nanos(time: Timestamp) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(0).saturating_mul(1000)
}

fn scope() -> InstrumentationScope {
    let (name, version) = (String::from("bartizan"), env!("CARGO_PKG_VERSION").to_owned());
    InstrumentationScope { name, version, ..InstrumentationScope::default() }
}

fn any(value: &Value) -> Any {
    match value {
        Value::Bool(value) => Any::BoolValue(*value),
        Value::String(value) => Any::StringValue(value.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Any::IntValue(number),
            (None, Some(float)) if number.is_f64() => Any::DoubleValue(float),
            (None, _) => Any::StringValue(number.to_string()),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => Any::StringValue(value.to_string()),
    }
}

/// The least of the four numbers that each level has.
const fn severity(level: Level) -> SeverityNumber {
    match level {
        Level::ERROR => SeverityNumber::Error,
        Level::WARN => SeverityNumber::Warn,
        Level::INFO => SeverityNumber::Info,
        Level::DEBUG => SeverityNumber::Debug,
        Level::TRACE => SeverityNumber::Trace,
    }
}

fn sizes(attributes: &[KeyValue]) -> usize {
    let sizes = attributes.iter().map(|attribute| {
        let value = attribute.value.as_ref().map_or(0, value_size);
        attribute.key.len().saturating_add(value).saturating_add(FRAME)
    });
    sizes.sum::<usize>().saturating_add(FIXED)
}

fn value_size(value: &AnyValue) -> usize {
    match &value.value {
        Some(Any::StringValue(text)) => text.len(),
        _ => 8,
    }
}

/// Ids, times, tags.
const FIXED: usize = 80;
const FRAME: usize = 8;

#[cfg(test)]
mod tests {
    use bartizan_enforce::about::TraceContext;

    use super::*;

    #[test]
    fn a_line_keeps_its_fields_and_its_place_in_a_trace() {
        let fields = [
            ("n", Value::from(7)),
            ("big", Value::from(u64::MAX)),
            ("f", Value::from(0.5)),
            ("yes", Value::from(true)),
        ];
        let line = Line {
            level: Level::WARN,
            target: "x::y",
            time: Timestamp::from_micros(5),
            message: "said",
            fields: &fields,
            trace: Some(TraceContext { trace: [1; 16], span: [2; 8] }),
        };
        let record = record(line);
        assert_eq!((record.time_unix_nano, record.severity_number), (5000, 13));
        assert_eq!((record.trace_id.len(), record.span_id.len(), record.flags), (16, 8, 1));
        let values: Vec<_> =
            record.attributes.iter().map(|a| a.value.clone().unwrap().value.unwrap()).collect();
        assert_eq!(
            values,
            [
                Any::StringValue("x::y".into()),
                Any::IntValue(7),
                Any::StringValue("18446744073709551615".into()),
                Any::DoubleValue(0.5),
                Any::BoolValue(true),
            ]
        );
        assert!(record.size() > 100);
    }
}
