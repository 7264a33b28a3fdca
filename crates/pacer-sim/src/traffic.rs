//! Who asked what and when, and how hard each court was pressed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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
    /// Who asked, if logged in.
    pub account: Option<String>,
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
    /// The same by account, without gaps.
    pub accounts: BTreeMap<String, AccountTraffic>,
    #[serde(skip)]
    last: Option<Instant>,
}

/// How hard one account pressed a court.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AccountTraffic {
    /// Requests.
    pub requests: u64,
    /// Requests being answered now.
    pub in_flight: u64,
    /// Most at the same time.
    pub peak_in_flight: u64,
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
    account: Option<String>,
}

/// A request that arrived, with what was going on at that moment.
#[derive(Debug)]
pub struct Arrival {
    /// Counts it until dropped.
    pub request: InFlight,
    /// Time since the one before it at this court.
    pub gap: Option<Duration>,
    /// Requests of the court being answered, this one included.
    pub in_flight: u64,
    /// Those of the same account.
    pub account_in_flight: u64,
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
    pub fn begin(
        self: &Arc<Self>,
        court: &str,
        account: Option<&str>,
        method: &str,
        path: &str,
    ) -> Arrival {
        let now = Instant::now();
        let mut inner = self.lock();
        if !inner.courts.contains_key(court) {
            inner
                .courts
                .insert(court.to_owned(), CourtTraffic::default());
        }
        let figures = inner.courts.get_mut(court).expect("inserted if missing");
        let gap = figures.begin(now);
        let in_flight = figures.in_flight;
        let account_in_flight = account.map_or(0, |account| figures.begin_account(account));
        if inner.rows.len() < self.limit {
            inner.rows.push(Row {
                time: Utc::now(),
                at_ms: (now - self.start).as_millis() as u64,
                court: court.to_owned(),
                method: method.to_owned(),
                path: path.to_owned(),
                account: account.map(str::to_owned),
            });
        } else {
            inner.not_listed += 1;
        }
        drop(inner);
        Arrival {
            request: InFlight {
                traffic: self.clone(),
                court: court.to_owned(),
                account: account.map(str::to_owned),
            },
            gap,
            in_flight,
            account_in_flight,
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
            court.reset();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl CourtTraffic {
    /// Counts a request, and says how long ago the last one came.
    fn begin(&mut self, now: Instant) -> Option<Duration> {
        self.requests += 1;
        self.in_flight += 1;
        self.peak_in_flight = self.peak_in_flight.max(self.in_flight);
        let last = self.last.replace(now)?;
        let gap = now.saturating_duration_since(last);
        let smallest = self.smallest_gap_ms.unwrap_or(u64::MAX);
        self.smallest_gap_ms = Some(smallest.min(gap.as_millis() as u64));
        Some(gap)
    }

    fn begin_account(&mut self, account: &str) -> u64 {
        if !self.accounts.contains_key(account) {
            let figures = AccountTraffic::default();
            self.accounts.insert(account.to_owned(), figures);
        }
        let figures = self.accounts.get_mut(account).expect("inserted if missing");
        figures.requests += 1;
        figures.in_flight += 1;
        figures.peak_in_flight = figures.peak_in_flight.max(figures.in_flight);
        figures.in_flight
    }

    fn end(&mut self, account: Option<&str>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Some(figures) = account.and_then(|account| self.accounts.get_mut(account)) {
            figures.in_flight = figures.in_flight.saturating_sub(1);
        }
    }

    fn reset(&mut self) {
        let in_flight = self.in_flight;
        let mut accounts = std::mem::take(&mut self.accounts);
        accounts.retain(|_, figures| figures.in_flight > 0);
        for figures in accounts.values_mut() {
            figures.requests = 0;
            figures.peak_in_flight = figures.in_flight;
        }
        *self = CourtTraffic {
            in_flight,
            peak_in_flight: in_flight,
            accounts,
            ..CourtTraffic::default()
        };
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(court) = self.traffic.lock().courts.get_mut(&self.court) {
            court.end(self.account.as_deref());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_counts_overlapping_requests_of_one_court() {
        let traffic = Traffic::new(2);
        let first = traffic.begin("okwd", Some("demo"), "GET", "/a");
        let second = traffic.begin("okwd", None, "GET", "/b");
        assert_eq!((second.in_flight, second.account_in_flight), (2, 0));
        assert!(first.gap.is_none() && second.gap.is_some());
        drop((first, second));
        drop(traffic.begin("okwd", Some("demo"), "GET", "/c"));
        drop(traffic.begin("canb", None, "GET", "/d"));
        let report = traffic.report(true);
        assert_eq!(report.courts["okwd"].requests, 3);
        assert_eq!(report.courts["okwd"].peak_in_flight, 2);
        assert_eq!(report.courts["okwd"].in_flight, 0);
        assert_eq!(report.courts["okwd"].accounts["demo"].peak_in_flight, 1);
        assert_eq!(report.courts["canb"].peak_in_flight, 1);
        assert_eq!((report.requests.len(), report.not_listed), (2, 2));
    }
}
