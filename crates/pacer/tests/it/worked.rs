//! A clock that a busy machine does not disturb, for tests and benchmarks.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Time that the processor has worked for this thread.
pub(crate) fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("work takes no negative time")
}
