//! Gauges at `/metrics`.

use opentelemetry::{KeyValue, global};

/// A number that goes up and down, one for each value of a label.
#[derive(Debug, Clone)]
pub struct Gauge {
    gauge: opentelemetry::metrics::Gauge<i64>,
    label: &'static str,
}

impl Gauge {
    /// A gauge of this name. Telemetry must have been started, as [`crate::run`] does.
    #[must_use]
    pub fn new(name: &'static str, description: &'static str, label: &'static str) -> Gauge {
        let meter = global::meter("pacer-fetch");
        let gauge = meter.i64_gauge(name).with_description(description).build();
        Gauge { gauge, label }
    }

    /// Says what the number is now for this value of the label.
    pub fn set(&self, value_of_label: &str, number: i64) {
        let label = KeyValue::new(self.label, value_of_label.to_owned());
        self.gauge.record(number, &[label]);
    }
}
