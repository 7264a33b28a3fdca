//! How often one account may be logged in. PACER slows or suspends accounts that do it too often.

use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Limits for the logins of one account by one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaceConfig {
    /// Time between two logins.
    pub min_gap: Duration,
    /// Logins within any hour.
    pub max_per_hour: usize,
}

impl Default for PaceConfig {
    fn default() -> PaceConfig {
        PaceConfig {
            min_gap: Duration::from_secs(60),
            max_per_hour: 10,
        }
    }
}

/// The logins of one account within the last hour.
#[derive(Debug, Default)]
pub(crate) struct Pace(Vec<Instant>);

impl Pace {
    /// Takes the right to log in at `now`, or says how long to wait for it.
    pub(crate) fn take(&mut self, config: &PaceConfig, now: Instant) -> Result<(), Duration> {
        self.0.retain(|past| now.duration_since(*past) < HOUR);
        let since = |past: &Instant| now.duration_since(*past);
        let gap = self.0.last().map_or(Duration::ZERO, |last| {
            config.min_gap.saturating_sub(since(last))
        });
        let crowd = match self.0.len().checked_sub(config.max_per_hour) {
            Some(surplus) => HOUR.saturating_sub(since(&self.0[surplus])),
            None => Duration::ZERO,
        };
        let wait = gap.max(crowd);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.0.push(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_a_minute_apart_and_ten_an_hour() {
        let config = PaceConfig::default();
        let (mut pace, start) = (Pace::default(), Instant::now());
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        assert_eq!(pace.take(&config, at(0)), Ok(()));
        assert_eq!(pace.take(&config, at(20)), Err(Duration::from_secs(40)));
        for minute in 1..10 {
            assert_eq!(pace.take(&config, at(60 * minute)), Ok(()));
        }
        assert_eq!(pace.take(&config, at(600)), Err(Duration::from_secs(3000)));
        assert_eq!(pace.take(&config, at(3600)), Ok(()));
        assert_eq!(pace.take(&config, at(3601)), Err(Duration::from_secs(59)));
    }
}
