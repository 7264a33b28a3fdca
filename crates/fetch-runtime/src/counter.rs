//! Counters at `/metrics`.

use opentelemetry::{KeyValue, global};

/// A number that only goes up, one for each value of a label.
#[derive(Debug, Clone)]
pub struct Counter {
    counter: opentelemetry::metrics::Counter<u64>,
    label: &'static str,
}

impl Counter {
    /// A counter of this name, to which `_total` is added. Telemetry must have been started, as
    /// [`crate::run`] does.
    #[must_use]
    pub fn new(name: &'static str, description: &'static str, label: &'static str) -> Counter {
        let meter = global::meter("pacer-fetch");
        let counter = meter.u64_counter(name).with_description(description);
        Counter {
            counter: counter.build(),
            label,
        }
    }

    /// Counts one more of this value of the label.
    pub fn add(&self, value_of_label: &'static str) {
        let label = KeyValue::new(self.label, value_of_label);
        self.counter.add(1, &[label]);
    }
}
