//! Rate limits.

use std::{
    fmt,
    hash::Hash,
    num::NonZeroU32,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::StateStore,
};

use super::seen_state::SeenState;
use crate::dialect::ApiError;

/// CourtListener has 30/min. Whoever polls ten requests once a second has twice as much here.
pub(super) const DEFAULT_FETCH: &str = "1200/min";
/// CourtListener has 5/min, and 125/day.
pub(super) const DEFAULT_READ: &str = "1200/min";
/// CourtListener has 100/day.
pub(super) const DEFAULT_ANONYMOUS: &str = "120/min";

/// CourtListener has 10/min and 120/hour.
pub(super) const DEFAULT_USAGE: &str = "120/min";

/// Callers that have been quiet are forgotten after so many calls.
const FORGET_EVERY: u32 = 4096;

/// One or several rates that all have to be kept, such as `30/min,1000/day`; none is `none`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates(Vec<Rate>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rate {
    count: NonZeroU32,
    period: Period,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Second,
    Minute,
    Hour,
    Day,
}

impl Period {
    fn as_str(self) -> &'static str {
        match self {
            Period::Second => "sec",
            Period::Minute => "min",
            Period::Hour => "hour",
            Period::Day => "day",
        }
    }

    fn length(self) -> Duration {
        Duration::from_secs(match self {
            Period::Second => 1,
            Period::Minute => 60,
            Period::Hour => 3600,
            Period::Day => 86400,
        })
    }
}

impl Rates {
    /// No limit.
    #[must_use]
    pub fn none() -> Rates {
        Rates(Vec::new())
    }
}

impl FromStr for Rates {
    type Err = String;

    fn from_str(text: &str) -> Result<Rates, String> {
        if text.trim() == "none" {
            return Ok(Rates::none());
        }
        let rates = text.split(',').map(|part| rate(part.trim()));
        let wrong = || "must be a rate such as 600/min or 30/min,1000/day, or none".to_owned();
        let rates: Option<Vec<Rate>> = rates.collect();
        rates.map(Rates).ok_or_else(wrong)
    }
}

fn rate(text: &str) -> Option<Rate> {
    let (count, period) = text.split_once('/')?;
    let period = match period {
        "s" | "sec" | "second" => Period::Second,
        "m" | "min" | "minute" => Period::Minute,
        "h" | "hour" => Period::Hour,
        "d" | "day" => Period::Day,
        _ => return None,
    };
    let count = count.parse().ok()?;
    Some(Rate { count, period })
}

impl fmt::Display for Rates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str("none");
        }
        let rates: Vec<String> = self.0.iter().map(Rate::to_string).collect();
        formatter.write_str(&rates.join(","))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.count, self.period.as_str())
    }
}

/// Counts the calls of each caller. A caller that was idle may use the allowance of a whole period
/// in one burst; after that it is refilled evenly.
pub struct Limiter<K: Hash + Eq + Clone>(Vec<Counted<K>>);

struct Counted<K: Hash + Eq + Clone> {
    rate: Rate,
    limiter: RateLimiter<K, SeenState<K>, DefaultClock, NoOpMiddleware>,
    /// What the limiter knows, and when its time began.
    state: SeenState<K>,
    began: <DefaultClock as Clock>::Instant,
    calls: AtomicU32,
}

/// How much of a rate a caller has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The rate, as the operator writes it.
    pub rate: String,
    /// Its period.
    pub window: Duration,
    /// Calls that may be made in one burst by who was idle.
    pub limit: u32,
    /// Calls of those that are not there again yet.
    pub used: u32,
    /// After how long all of them are there again; none if they are.
    pub full_after: Option<Duration>,
}

impl<K: Hash + Eq + Clone> fmt::Debug for Limiter<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rates = self.0.iter().map(|counted| counted.rate.to_string());
        formatter.debug_list().entries(rates).finish()
    }
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// With these rates for each caller.
    #[must_use]
    pub fn new(rates: &Rates) -> Limiter<K> {
        let counted = |rate: &Rate| {
            let quota = Quota::with_period(rate.every())?.allow_burst(rate.count);
            let (state, clock) = (SeenState::default(), DefaultClock::default());
            Some(Counted {
                rate: *rate,
                began: clock.now(),
                limiter: RateLimiter::new(quota, state.clone(), clock),
                state,
                calls: AtomicU32::new(0),
            })
        };
        Limiter(rates.0.iter().filter_map(counted).collect())
    }

    /// How much of each rate a caller has used. It counts no call.
    #[must_use]
    pub fn used(&self, caller: &K) -> Vec<Used> {
        self.0.iter().map(|counted| counted.used(caller)).collect()
    }

    /// Counts a call.
    ///
    /// # Errors
    /// 429 when it is one too many, with the time until there is room again.
    pub fn count(&self, caller: &K) -> Result<(), ApiError> {
        for counted in &self.0 {
            if counted.calls.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
                counted.limiter.retain_recent();
            }
            if let Err(refused) = counted.limiter.check_key(caller) {
                let wait = refused.wait_time_from(DefaultClock::default().now());
                let what = format!("Rate limit exceeded: {}.", counted.rate);
                return Err(ApiError::throttled(&what, wait));
            }
        }
        Ok(())
    }
}

impl Rate {
    /// How long it takes until one more call is there again.
    fn every(self) -> Duration {
        self.period.length() / self.count.get()
    }
}

impl<K: Hash + Eq + Clone> Counted<K> {
    fn used(&self, caller: &K) -> Used {
        // When all calls would be there again, by the limiter's time. It is looked at and left as it is.
        let full = self
            .state
            .measure_and_replace(caller, Err::<((), Nanos), Option<Nanos>>);
        let full = full.err().flatten().map_or(0, Nanos::as_u64);
        let now = Nanos::from(self.limiter.clock().now().duration_since(self.began));
        let left = full.saturating_sub(now.as_u64());
        let every = Nanos::from(self.rate.every()).as_u64().max(1);
        let used = u32::try_from(left.div_ceil(every)).unwrap_or(u32::MAX);
        Used {
            rate: self.rate.to_string(),
            window: self.rate.period.length(),
            limit: self.rate.count.get(),
            used: used.min(self.rate.count.get()),
            full_after: (left > 0).then(|| Duration::from_nanos(left)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_they_are_written() {
        for text in ["30/min", "30/min,1000/day", "1/sec", "5/hour", "none"] {
            assert_eq!(text.parse::<Rates>().unwrap().to_string(), text);
        }
        assert_eq!("5/m".parse::<Rates>().unwrap().to_string(), "5/min");
        for wrong in ["", "30", "0/min", "-1/min", "30/week", "30/min,", "x/min"] {
            assert!(wrong.parse::<Rates>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn who_asks_too_often_is_told_when_to_come_back() {
        let limiter = Limiter::new(&"3/min,5/day".parse().unwrap());
        for _ in 0..3 {
            limiter.count(&"ann").unwrap();
        }
        let refused = limiter.count(&"ann").unwrap_err();
        let ApiError::Throttled { seconds, text } = &refused else {
            panic!("{refused:?}");
        };
        assert!((19..=20).contains(seconds), "{seconds}");
        assert_eq!(
            *text,
            format!(
                "Request was throttled. Rate limit exceeded: 3/min. Expected available in \
                 {seconds} seconds."
            )
        );
        limiter.count(&"ben").unwrap();
        assert!(Limiter::new(&"none".parse().unwrap()).count(&"ann").is_ok());
    }

    #[test]
    fn what_was_used_is_told_and_not_counted() {
        let limiter = Limiter::new(&"3/hour,5/day".parse().unwrap());
        let used = |caller: &str| -> Vec<(String, u32, u32)> {
            let used = limiter.used(&caller.to_owned()).into_iter();
            used.map(|used| (used.rate, used.used, used.limit))
                .collect()
        };
        let (hour, day) = ("3/hour".to_owned(), "5/day".to_owned());
        for _ in 0..10 {
            assert_eq!(used("ann"), [(hour.clone(), 0, 3), (day.clone(), 0, 5)]);
        }
        assert_eq!(limiter.used(&"ann".to_owned())[0].full_after, None);
        for calls in 1..=3 {
            limiter.count(&"ann".to_owned()).unwrap();
            assert_eq!(
                used("ann"),
                [(hour.clone(), calls, 3), (day.clone(), calls, 5)]
            );
        }
        limiter.count(&"ann".to_owned()).unwrap_err();
        let told = limiter.used(&"ann".to_owned()).remove(0);
        assert_eq!((told.used, told.window), (3, Duration::from_secs(3600)));
        let full_after = told.full_after.unwrap();
        let hour = Duration::from_secs(3600);
        assert!((hour - Duration::from_secs(60)..=hour).contains(&full_after));
        assert_eq!(used("ben")[0].1, 0);
        let none: Rates = "none".parse().unwrap();
        assert_eq!(Limiter::<String>::new(&none).used(&"ann".to_owned()), []);
    }
}
