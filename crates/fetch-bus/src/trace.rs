//! The trace of a request, carried in headers (W3C `traceparent`).

use std::time::SystemTime;

use async_nats::HeaderMap;
use opentelemetry::{
    Context, global,
    propagation::{Extractor, Injector},
    trace::{Span as _, Tracer},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACEPARENT: &str = "traceparent";

/// The trace of the current span, to be kept in a row and continued by a later message.
#[must_use]
pub fn traceparent() -> Option<String> {
    headers(None)
        .get(TRACEPARENT)
        .map(|value| value.as_str().to_owned())
}

/// Headers that continue `traceparent`, or else the trace of the current span.
pub(crate) fn headers(traceparent: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    match traceparent.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic())) {
        Some(traceparent) => headers.insert(TRACEPARENT, traceparent),
        None => {
            let context = Span::current().context();
            global::get_text_map_propagator(|propagator| {
                propagator.inject_context(&context, &mut Headers(&mut headers));
            });
        }
    }
    headers
}

/// Makes `span` a child of what the headers name, if they name anything.
pub(crate) fn continue_trace(span: &Span, headers: Option<&HeaderMap>) {
    let Some(headers) = headers else { return };
    let context =
        global::get_text_map_propagator(|propagator| propagator.extract(&Received(headers)));
    set_parent(span, context);
}

/// Makes `span` part of the trace that a row keeps, if it keeps one.
pub fn continue_from(span: &Span, traceparent: Option<&str>) {
    if traceparent.is_some() {
        continue_trace(span, Some(&headers(traceparent)));
    }
}

/// A stretch of a request's life that no process lived through as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanRecord {
    /// What it was spent on.
    pub name: &'static str,
    /// When it began.
    pub start: SystemTime,
    /// When it ended.
    pub end: SystemTime,
}

/// Adds stretches that are over to the trace that a row keeps.
pub fn record(traceparent: Option<&str>, stretches: &[SpanRecord]) {
    let received = headers(traceparent);
    let parent =
        global::get_text_map_propagator(|propagator| propagator.extract(&Received(&received)));
    let tracer = global::tracer("fetch");
    for stretch in stretches {
        let span = tracer
            .span_builder(stretch.name)
            .with_start_time(stretch.start);
        span.start_with_context(&tracer, &parent)
            .end_with_timestamp(stretch.end);
    }
}

/// Fails only where no telemetry listens, and then nobody misses the parent.
fn set_parent(span: &Span, context: Context) {
    let _ = span.set_parent(context);
}

struct Headers<'a>(&'a mut HeaderMap);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        self.0.insert(key, value);
    }
}

struct Received<'a>(&'a HeaderMap);

impl Extractor for Received<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(async_nats::HeaderValue::as_str)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_ref()).collect()
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_goes_on_from_message_to_message() {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        let received = headers(Some(PARENT));
        assert_eq!(received.get(TRACEPARENT).unwrap().as_str(), PARENT);

        let span = tracing::info_span!("job");
        continue_trace(&span, Some(&received));
        let sent = span.in_scope(|| headers(None));
        let sent = sent.get(TRACEPARENT).unwrap().as_str();
        assert!(sent.starts_with(&PARENT[..36]), "another trace: {sent}");
        assert_ne!(sent, PARENT);
    }

    #[test]
    fn a_trace_that_would_break_the_headers_is_left_out() {
        assert!(headers(Some("00-4bf9\r\nX: y")).get("X").is_none());
    }
}
