//! How long a worker is waited for.
//!
//! Wall time is the limit where a worker gets a core of its own. On a crowded machine it does
//! not, and a sound page would fail because of its neighbours; so a worker that is out of time is
//! left alone as long as it has not had that much of a processor, up to a multiple of the limit.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// A worker that gets next to nothing of a processor is waited for this many times its limit.
const MOST_TIMES: u32 = 6;
/// Where the system tells, in ticks, what a process has used: the fields after its name.
const USER_TICKS: usize = 11;
const SYSTEM_TICKS: usize = 12;

/// The time that one request may take.
pub(super) struct Patience {
    process: Option<u32>,
    time: Duration,
    started: Instant,
    used_before: Option<Duration>,
}

impl Patience {
    /// From now on, that long for that process.
    pub(super) fn new(process: Option<u32>, time: Duration) -> Self {
        Self {
            process,
            time,
            started: Instant::now(),
            used_before: process.and_then(processor_time),
        }
    }

    /// Waits for something; `None` when it takes too long.
    pub(super) async fn wait<Done>(&self, work: impl Future<Output = Done>) -> Option<Done> {
        tokio::pin!(work);
        let mut deadline = self.started + self.time;
        loop {
            match timeout_at(deadline, &mut work).await {
                Ok(done) => return Some(done),
                Err(_) => deadline += self.owed()?,
            }
        }
    }

    /// What the process did not get of its time; `None` when it had all, or waited long enough.
    fn owed(&self) -> Option<Duration> {
        if self.started.elapsed() >= self.time * MOST_TIMES {
            return None;
        }
        let used = processor_time(self.process?)?.saturating_sub(self.used_before?);
        let owed = self.time.checked_sub(used)?;
        // Not asked more often than this; what is owed comes slowly.
        (!owed.is_zero()).then(|| owed.max(Duration::from_millis(100)))
    }
}

/// Processor time of a process and its threads so far; `None` where the system does not tell.
fn processor_time(process: u32) -> Option<Duration> {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = status.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
    let ticks = ticks(USER_TICKS)? + ticks(SYSTEM_TICKS)?;
    Some(Duration::from_millis(
        ticks * 1000 / rustix::param::clock_ticks_per_second(),
    ))
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep_until;

    use super::*;

    #[tokio::test]
    async fn who_is_not_known_to_be_starved_has_its_time_and_no_more() {
        let patience = Patience::new(None, Duration::from_millis(50));
        assert_eq!(patience.wait(std::future::pending::<()>()).await, None);
        assert_eq!(patience.owed(), None);
    }

    #[tokio::test]
    async fn who_is_starved_is_waited_for_longer_and_not_for_ever() {
        // Waits for input that does not come, and uses next to no processor.
        let idle = tokio::process::Command::new("/bin/cat")
            .stdin(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let time = Duration::from_millis(200);
        let patience = Patience::new(idle.id(), time);
        let late = sleep_until(patience.started + time * 2);
        assert_eq!(patience.wait(late).await, Some(()));
        assert_eq!(patience.wait(std::future::pending::<()>()).await, None);
        assert!(patience.started.elapsed() >= time * MOST_TIMES);
    }

    #[test]
    fn the_system_tells_what_a_process_used() {
        assert!(processor_time(std::process::id()).is_some());
        assert_eq!(processor_time(u32::MAX), None);
    }
}
