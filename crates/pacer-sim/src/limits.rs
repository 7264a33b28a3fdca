//! How much a court puts up with, who went beyond it, and who is shut out for that.
//!
//! No court publishes its limits. Without settings, only `HEAD` at New York Southern is one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::traffic::Arrival;

/// The court that shuts out who sends `HEAD`.
const NO_HEAD: &str = "nysd";

/// More violations than so many are not listed.
const MOST_VIOLATIONS: usize = 10_000;

/// What one court puts up with. What is absent is not limited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CourtLimits {
    /// Least time between the arrivals of two requests.
    pub min_gap_ms: Option<u64>,
    /// Most requests at the same time.
    pub max_in_flight: Option<u64>,
    /// Most requests of one account at the same time.
    pub max_in_flight_per_account: Option<u64>,
    /// `HEAD` is a violation.
    pub refuse_head: Option<bool>,
    /// A violation is answered with 403, and so is everything within so many seconds after it.
    /// Absent: it is only written down.
    pub block_seconds: Option<u64>,
}

/// What all courts and the sign-on put up with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// For every court, but not for the sign-on.
    pub default: CourtLimits,
    /// For single courts, or `cso`; what is absent here is as in `default`.
    pub courts: BTreeMap<String, CourtLimits>,
    /// Attempts of one account to log in within an hour, beyond which it is refused.
    pub max_logins_per_hour: Option<usize>,
}

impl Limits {
    fn of(&self, court: &str, is_court: bool) -> CourtLimits {
        let own = self.courts.get(court).copied().unwrap_or_default();
        let usual = match is_court {
            true => self.default,
            false => CourtLimits::default(),
        };
        CourtLimits {
            min_gap_ms: own.min_gap_ms.or(usual.min_gap_ms),
            max_in_flight: own.max_in_flight.or(usual.max_in_flight),
            max_in_flight_per_account: own
                .max_in_flight_per_account
                .or(usual.max_in_flight_per_account),
            refuse_head: own
                .refuse_head
                .or(usual.refuse_head)
                .or(Some(court == NO_HEAD)),
            block_seconds: own.block_seconds.or(usual.block_seconds),
        }
    }
}

/// The rules that can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Requests came too fast one after the other.
    MinGap,
    /// Too many requests at the same time.
    MaxInFlight,
    /// Too many requests of one account at the same time.
    MaxInFlightPerAccount,
    /// `HEAD` was sent.
    Head,
    /// A request came although the court had shut out its visitors.
    Blocked,
    /// An account tried to log in too often.
    MaxLoginsPerHour,
}

/// Somebody went beyond a limit.
#[derive(Debug, Clone, Serialize)]
pub struct Violation {
    /// When.
    pub time: DateTime<Utc>,
    /// The court, or `cso`.
    pub court: String,
    /// Who, if logged in.
    pub account: Option<String>,
    /// Which rule.
    pub rule: Rule,
    /// What was allowed: milliseconds or requests.
    pub allowed: u64,
    /// What was measured instead.
    pub measured: u64,
    /// HTTP method.
    pub method: String,
    /// Path and query, without the court's prefix.
    pub path: String,
}

/// Watches over the limits.
#[derive(Debug, Default)]
pub struct Limiter {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    limits: Limits,
    violations: Vec<Violation>,
    blocked: HashMap<String, Instant>,
}

/// What a request that arrived is about, as far as limits go.
pub(crate) struct Subject<'a> {
    pub court: &'a str,
    pub is_court: bool,
    pub account: Option<&'a str>,
    pub method: &'a str,
    pub path: &'a str,
}

impl Limiter {
    /// A limiter with these limits.
    pub fn new(limits: Limits) -> Limiter {
        let limiter = Limiter::default();
        limiter.set(limits);
        limiter
    }

    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.lock().limits.clone()
    }

    /// Puts other limits in force.
    pub fn set(&self, limits: Limits) {
        self.lock().limits = limits;
    }

    /// Who went beyond a limit, oldest first.
    pub fn violations(&self) -> Vec<Violation> {
        self.lock().violations.clone()
    }

    /// Forgets violations and lets everybody in again.
    pub fn reset(&self) {
        let mut inner = self.lock();
        inner.violations.clear();
        inner.blocked.clear();
    }

    /// True if the request is to be answered with 403.
    pub(crate) fn blocks(&self, subject: &Subject<'_>, arrival: &Arrival) -> bool {
        let mut inner = self.lock();
        let now = Instant::now();
        if let Some(until) = inner.blocked.get(subject.court).copied() {
            if until > now {
                let left = (until - now).as_secs();
                inner.note(subject, (Rule::Blocked, 0, left));
                return true;
            }
            inner.blocked.remove(subject.court);
        }
        let limits = inner.limits.of(subject.court, subject.is_court);
        let broken = broken(&limits, subject, arrival);
        for breach in &broken {
            inner.note(subject, *breach);
        }
        let Some(seconds) = limits.block_seconds.filter(|_| !broken.is_empty()) else {
            return false;
        };
        let until = now + Duration::from_secs(seconds);
        inner.blocked.insert(subject.court.to_owned(), until);
        true
    }

    /// Writes down that an account tried to log in too often.
    pub(crate) fn note_logins(&self, subject: &Subject<'_>, allowed: usize) {
        let breach = (Rule::MaxLoginsPerHour, allowed as u64, allowed as u64 + 1);
        self.lock().note(subject, breach);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Rule, allowed, measured.
type Breach = (Rule, u64, u64);

fn broken(limits: &CourtLimits, subject: &Subject<'_>, arrival: &Arrival) -> Vec<Breach> {
    let more = |rule, allowed: Option<u64>, measured: u64| {
        allowed
            .filter(|allowed| measured > *allowed)
            .map(|allowed| (rule, allowed, measured))
    };
    let too_soon = || {
        let (least, gap) = (limits.min_gap_ms?, arrival.gap?);
        let measured = gap.as_millis() as u64;
        (gap < Duration::from_millis(least)).then_some((Rule::MinGap, least, measured))
    };
    let head = subject.method == "HEAD" && limits.refuse_head == Some(true);
    let breaches = [
        too_soon(),
        more(Rule::MaxInFlight, limits.max_in_flight, arrival.in_flight),
        more(
            Rule::MaxInFlightPerAccount,
            limits.max_in_flight_per_account,
            arrival.account_in_flight,
        ),
        head.then_some((Rule::Head, 0, 1)),
    ];
    breaches.into_iter().flatten().collect()
}

impl Inner {
    fn note(&mut self, subject: &Subject<'_>, (rule, allowed, measured): Breach) {
        if self.violations.len() >= MOST_VIOLATIONS {
            return;
        }
        self.violations.push(Violation {
            time: Utc::now(),
            court: subject.court.to_owned(),
            account: subject.account.map(str::to_owned),
            rule,
            allowed,
            measured,
            method: subject.method.to_owned(),
            path: subject.path.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_court_has_its_own_limits_and_otherwise_those_of_all() {
        let json = r#"{"default": {"min_gap_ms": 1000, "max_in_flight": 1},
                       "courts": {"nysd": {"min_gap_ms": 2000}}}"#;
        let limits: Limits = serde_json::from_str(json).unwrap();
        assert_eq!(limits.of("okwd", true).min_gap_ms, Some(1000));
        let nysd = limits.of("nysd", true);
        assert_eq!((nysd.min_gap_ms, nysd.max_in_flight), (Some(2000), Some(1)));
        assert_eq!(nysd.refuse_head, Some(true));
        assert_eq!(limits.of("cso", false).min_gap_ms, None);
        assert!(serde_json::from_str::<Limits>(r#"{"min_gap": 1}"#).is_err());
    }
}
