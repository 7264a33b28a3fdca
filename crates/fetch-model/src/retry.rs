//! How long to wait before trying again: exponential with full jitter.

use std::time::Duration;

/// Attempts after which a request gives up.
pub const MAX_ATTEMPTS: i32 = 6;

const BASE: Duration = Duration::from_secs(2);
const CEILING: Duration = Duration::from_secs(180);

/// The pause after attempt number `attempt` (1 for the first), for a `chance` drawn from `[0, 1)`.
///
/// Full jitter: anything from half a second to the doubled ceiling of that attempt, so that
/// work that failed together does not come back together.
#[must_use]
pub fn pause(attempt: i32, chance: f64) -> Duration {
    let doublings = attempt.clamp(1, 16) - 1;
    let ceiling = BASE.saturating_mul(1 << doublings).min(CEILING);
    let floor = Duration::from_millis(500);
    floor + (ceiling - floor).mul_f64(chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_below_the_ceiling() {
        assert_eq!(pause(1, 0.0), Duration::from_millis(500));
        assert_eq!(pause(1, 1.0), BASE);
        assert_eq!(pause(3, 1.0), BASE * 4);
        assert_eq!(pause(40, 1.0), CEILING);
    }
}
