//! Where the time of a request was spent.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// The phases of a request's life, derived from its steps. Together they cover all of it; a phase
/// is `None` until it has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Durations {
    /// When it was accepted.
    pub accepted: Option<DateTime<Utc>>,
    /// When a fetcher first took it: the end of its time in the queue.
    pub taken: Option<DateTime<Utc>>,
    /// When it was handed to the readers, or else ended: the end of buying.
    pub bought: Option<DateTime<Utc>>,
    /// When it ended, if it was read.
    pub read: Option<DateTime<Utc>>,
}

impl Durations {
    /// The figures of a life: its steps, when each was and what it is called, in order.
    pub fn of<'a>(steps: impl IntoIterator<Item = (DateTime<Utc>, &'a str)>) -> Durations {
        let mut durations = Durations::default();
        let mut reads = false;
        for (at, step) in steps {
            match step {
                "accepted" => durations.accepted = Some(at),
                "claimed" if durations.taken.is_none() => durations.taken = Some(at),
                "reading" => {
                    durations.bought = Some(at);
                    reads = true;
                }
                "done" | "failed" | "cancelled" if reads => durations.read = Some(at),
                // What nobody took was only queued.
                "done" | "failed" | "cancelled" if durations.taken.is_none() => {
                    durations.taken = Some(at);
                }
                "done" | "failed" | "cancelled" => durations.bought = Some(at),
                _ => {}
            }
        }
        durations
    }

    /// The time until a fetcher took it.
    #[must_use]
    pub fn queue(&self) -> Option<Duration> {
        between(self.accepted, self.taken)
    }

    /// The time from there until everything was bought and kept, pauses between attempts
    /// included.
    #[must_use]
    pub fn buy(&self) -> Option<Duration> {
        between(self.taken, self.bought)
    }

    /// The time that the document's text took, waiting for a reader included.
    #[must_use]
    pub fn read(&self) -> Option<Duration> {
        between(self.bought, self.read)
    }
}

fn between(start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> Option<Duration> {
    // Steps are dated by one clock, but a life that was mended by hand may run backwards.
    Some((end? - start?).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn durations(steps: &[(i64, &str)]) -> [Option<u64>; 3] {
        let at = |second: i64| DateTime::from_timestamp(second, 0).unwrap();
        let durations = Durations::of(steps.iter().map(|(second, step)| (at(*second), *step)));
        [durations.queue(), durations.buy(), durations.read()]
            .map(|stretch| stretch.map(|stretch| stretch.as_secs()))
    }

    #[test]
    fn a_document_is_queued_bought_and_read() {
        let steps = [
            (0, "accepted"),
            (1, "released"),
            (2, "claimed"),
            (3, "waiting"),
            (6, "claimed"),
            (9, "reading"),
            (10, "planned"),
            (20, "done"),
        ];
        assert_eq!(durations(&steps), [Some(2), Some(7), Some(11)]);
        assert_eq!(durations(&steps[..7]), [Some(2), Some(7), None]);
    }

    #[test]
    fn a_docket_is_not_read_and_what_nobody_took_was_only_queued() {
        let docket = [(0, "accepted"), (2, "claimed"), (9, "done")];
        assert_eq!(durations(&docket), [Some(2), Some(7), None]);
        assert_eq!(
            durations(&[(0, "accepted"), (5, "cancelled")]),
            [Some(5), None, None]
        );
        assert_eq!(durations(&[]), [None, None, None]);
    }
}
