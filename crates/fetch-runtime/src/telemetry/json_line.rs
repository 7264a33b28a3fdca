//! A log line as a JSON object.
//!
//! The same keys as `tracing-subscriber` writes, but an error is told with everything that caused
//! it: that format tells only the last of them, "the database could not answer", and never why.

use std::{error::Error, fmt};

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_log::NormalizeEvent;
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// Formats events as JSON objects. The fields of spans must be JSON too.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        let of_log = event.normalized_metadata();
        let metadata = of_log.as_ref().unwrap_or_else(|| event.metadata());

        let mut line = Map::new();
        event.record(&mut Fields(&mut line));
        line.insert("timestamp".into(), timestamp.into());
        line.insert("level".into(), metadata.level().as_str().into());
        line.insert("target".into(), metadata.target().into());
        let spans: Vec<Value> = context
            .event_scope()
            .into_iter()
            .flat_map(|scope| scope.from_root())
            .map(|span| {
                let mut object = span
                    .extensions()
                    .get::<FormattedFields<N>>()
                    .and_then(|fields| serde_json::from_str(&fields.fields).ok())
                    .unwrap_or_else(Map::new);
                object.insert("name".into(), span.name().into());
                Value::Object(object)
            })
            .collect();
        if !spans.is_empty() {
            line.insert("spans".into(), spans.into());
        }
        let line = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        // What the `log` crate says about itself stands in the line's own keys.
        if !field.name().starts_with("log.") {
            self.0.insert(field.name().to_owned(), value.into());
        }
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut told = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let words = error.to_string();
            // Some errors repeat their cause in their own words.
            if !told.ends_with(&words) {
                told = format!("{told}: {words}");
            }
            cause = error.source();
        }
        self.insert(field, told);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tracing_subscriber::fmt::format::JsonFields;

    use super::*;
    use crate::telemetry::lines::Lines;

    #[derive(Debug, thiserror::Error)]
    #[error("the store could not answer")]
    struct Outer(#[from] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("the disk is full")]
    struct Inner;

    #[test]
    fn an_error_is_told_with_its_causes_and_a_span_with_its_fields() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(JsonFields::new())
            .event_format(JsonLine)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("attempt", court.id = "okwd");
            let _entered = span.enter();
            let error = Outer(Inner);
            tracing::warn!(error = &error as &dyn Error, tries = 3, "gave \"it\" up");
        });
        let written = lines.written();
        let mut line: Value = serde_json::from_str(written.trim_end()).unwrap();
        assert!(line["timestamp"].take().is_string());
        assert_eq!(
            line,
            json!({
                "timestamp": null,
                "level": "WARN",
                "target": "fetch_runtime::telemetry::json_line::tests",
                "message": "gave \"it\" up",
                "error": "the store could not answer: the disk is full",
                "tries": 3,
                "spans": [{"name": "attempt", "court.id": "okwd"}],
            })
        );
    }
}
