//! Who asked what and when, and how hard each court was pressed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// One request.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// When it arrived.
    pub time: DateTime<Utc>,
    /// Milliseconds since the simulator started, by a clock that never jumps.
    pub at_ms: u64,
    /// The court, or `cso`.
    pub court: String,
    /// HTTP method.
    pub method: String,
    /// Path and query, without the court's prefix.
    pub path: String,
}

/// How hard a court was pressed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CourtTraffic {
    /// Requests.
    pub requests: u64,
    /// Requests being answered now.
    pub in_flight: u64,
    /// Most at the same time. A request ends just before its last bytes leave.
    pub peak_in_flight: u64,
    /// Smallest time between the arrivals of two requests, in milliseconds.
    pub smallest_gap_ms: Option<u64>,
    #[serde(skip)]
    last: Option<Instant>,
}

/// All that is known about traffic.
#[derive(Debug, Clone, Serialize)]
pub struct TrafficReport {
    /// Figures by court.
    pub courts: BTreeMap<String, CourtTraffic>,
    /// The requests, oldest first.
    pub requests: Vec<Row>,
    /// Requests that were counted but are not listed, since the list was full.
    pub not_listed: u64,
}

/// The traffic since the start, or since the last reset.
#[derive(Debug)]
pub struct Traffic {
    start: Instant,
    limit: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    courts: BTreeMap<String, CourtTraffic>,
    rows: Vec<Row>,
    not_listed: u64,
}

/// A request that is being answered, until dropped.
#[derive(Debug)]
pub struct InFlight {
    traffic: Arc<Traffic>,
    court: String,
}

impl Traffic {
    /// A log that lists at most `limit` requests.
    pub fn new(limit: usize) -> Arc<Traffic> {
        Arc::new(Traffic {
            start: Instant::now(),
            limit,
            inner: Mutex::default(),
        })
    }

    /// A request arrived.
    pub fn begin(self: &Arc<Self>, court: &str, method: &str, path: &str) -> InFlight {
        let now = Instant::now();
        let mut inner = self.lock();
        inner.courts.entry(court.to_owned()).or_default().begin(now);
        if inner.rows.len() < self.limit {
            inner.rows.push(Row {
                time: Utc::now(),
                at_ms: (now - self.start).as_millis() as u64,
                court: court.to_owned(),
                method: method.to_owned(),
                path: path.to_owned(),
            });
        } else {
            inner.not_listed += 1;
        }
        drop(inner);
        InFlight {
            traffic: self.clone(),
            court: court.to_owned(),
        }
    }

    /// Everything, with the list of requests only if wanted.
    pub fn report(&self, with_requests: bool) -> TrafficReport {
        let inner = self.lock();
        let requests = if with_requests {
            inner.rows.clone()
        } else {
            Vec::new()
        };
        TrafficReport {
            courts: inner.courts.clone(),
            requests,
            not_listed: inner.not_listed,
        }
    }

    /// Forgets all but what is in flight.
    pub fn reset(&self) {
        let mut inner = self.lock();
        inner.rows.clear();
        inner.not_listed = 0;
        for court in inner.courts.values_mut() {
            let in_flight = court.in_flight;
            *court = CourtTraffic {
                in_flight,
                peak_in_flight: in_flight,
                ..CourtTraffic::default()
            };
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl CourtTraffic {
    fn begin(&mut self, now: Instant) {
        self.requests += 1;
        self.in_flight += 1;
        self.peak_in_flight = self.peak_in_flight.max(self.in_flight);
        if let Some(last) = self.last {
            let gap = now.saturating_duration_since(last).as_millis() as u64;
            self.smallest_gap_ms = Some(
                self.smallest_gap_ms
                    .map_or(gap, |smallest| smallest.min(gap)),
            );
        }
        self.last = Some(now);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(court) = self.traffic.lock().courts.get_mut(&self.court) {
            court.in_flight = court.in_flight.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_counts_overlapping_requests_of_one_court() {
        let traffic = Traffic::new(2);
        let first = traffic.begin("okwd", "GET", "/a");
        let second = traffic.begin("okwd", "GET", "/b");
        drop((first, second));
        drop(traffic.begin("okwd", "GET", "/c"));
        drop(traffic.begin("canb", "GET", "/d"));
        let report = traffic.report(true);
        assert_eq!(report.courts["okwd"].requests, 3);
        assert_eq!(report.courts["okwd"].peak_in_flight, 2);
        assert_eq!(report.courts["okwd"].in_flight, 0);
        assert_eq!(report.courts["canb"].peak_in_flight, 1);
        assert_eq!((report.requests.len(), report.not_listed), (2, 2));
    }
}
