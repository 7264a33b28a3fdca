//! A clock that also runs while the machine is suspended.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A moment by a clock that cannot be set and that keeps running while the machine is suspended.
/// The clocks of the standard library and the runtime stop then, so a worker whose machine was
/// suspended would take an expired right for a valid one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BootInstant(Duration);

impl BootInstant {
    /// This moment.
    #[must_use]
    pub fn now() -> BootInstant {
        let time = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
        BootInstant(Duration::new(seconds, nanoseconds))
    }

    /// How long ago it was; zero for one to come.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        BootInstant::now().0.saturating_sub(self.0)
    }

    /// How long it is until then; zero for one that has passed.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_sub(BootInstant::now().0)
    }

    /// How long it is from `earlier` to this; zero when that is the later one.
    #[must_use]
    pub fn since(self, earlier: BootInstant) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// So much later.
    #[must_use]
    pub fn after(self, wait: Duration) -> BootInstant {
        BootInstant(self.0 + wait)
    }

    /// So much earlier.
    #[must_use]
    pub fn before(self, lead: Duration) -> BootInstant {
        BootInstant(self.0.saturating_sub(lead))
    }

    /// As a whole number, in milliseconds since the machine started.
    pub(crate) fn as_millis(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_has_not_passed() {
        let later = BootInstant::now().after(Duration::from_secs(60));
        assert_eq!(later.elapsed(), Duration::ZERO);
        assert!(later.left() > Duration::from_secs(50));
        let earlier = later.before(Duration::from_secs(120));
        assert!(
            earlier.elapsed() >= Duration::from_secs(50) || earlier == BootInstant(Duration::ZERO)
        );
    }
}
