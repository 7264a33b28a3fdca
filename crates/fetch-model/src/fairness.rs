//! Which request is released next at a court, and how long one has to wait.
//!
//! The store keeps the order within a lane; these rules choose between the lanes and turn
//! numbers of rows into seconds.

use std::time::Duration;

use crate::Lane;

/// After this many interactive requests in a row, waiting bulk work gets one place.
pub const INTERACTIVE_IN_A_ROW: i32 = 10;

/// The assumed time a court takes for a request, until it has been measured.
pub const USUAL_COURT_TIME: Duration = Duration::from_secs(6);

/// Chooses between the lanes of a court, place by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes {
    /// Most requests at once.
    pub cap: i32,
    /// Interactive requests released since bulk work was.
    pub interactive_in_a_row: i32,
}

impl Lanes {
    /// The lane that gets the next place, of those that have work; none without work.
    ///
    /// Interactive first, but with room for two or more, one place goes to bulk work after
    /// [`INTERACTIVE_IN_A_ROW`] others.
    pub fn next(&mut self, interactive: bool, bulk: bool) -> Option<Lane> {
        let bulk_is_due = self.cap >= 2 && self.interactive_in_a_row >= INTERACTIVE_IN_A_ROW;
        if bulk && (!interactive || bulk_is_due) {
            self.interactive_in_a_row = 0;
            return Some(Lane::Bulk);
        }
        self.interactive_in_a_row = self
            .interactive_in_a_row
            .saturating_add(i32::from(interactive));
        interactive.then_some(Lane::Interactive)
    }
}

/// One of the limits that a queued request waits for: that of its court, or that of its account
/// there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Requests that come before it.
    pub ahead: i64,
    /// Requests that are under way.
    pub under_way: i64,
    /// Most requests at once.
    pub cap: i32,
}

impl Line {
    /// How many times a place has to become free before it is the request's turn, over the cap:
    /// how many rounds it waits.
    fn rounds(self) -> i64 {
        let cap = i64::from(self.cap.max(1));
        let before = self.ahead + self.under_way;
        // With places for all before it and itself, it does not wait.
        (before / cap).max(0)
    }
}

/// About how long until a request is released: first every hindrance ends (`blocked`), then it
/// waits for as many rounds as the stricter of its two lines has ahead of it, and at least as long
/// as the court's gap requires.
#[must_use]
pub fn wait_of(
    lines: [Line; 2],
    court_time: Duration,
    gap: Duration,
    blocked: Duration,
) -> Duration {
    let rounds = lines.into_iter().map(Line::rounds).max().unwrap_or(0);
    let times =
        |of: Duration, count: i64| of.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
    let ahead = lines.into_iter().map(|line| line.ahead).max().unwrap_or(0);
    blocked.saturating_add(times(court_time, rounds).max(times(gap, ahead)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lanes of the places as letters, and the new count.
    fn lanes(free: usize, cap: i32, in_a_row: i32, interactive: usize, bulk: usize) -> String {
        let mut lanes = Lanes {
            cap,
            interactive_in_a_row: in_a_row,
        };
        let (mut interactive, mut bulk) = (interactive, bulk);
        let mut letters = String::new();
        for _ in 0..free {
            match lanes.next(interactive > 0, bulk > 0) {
                Some(Lane::Interactive) => {
                    interactive -= 1;
                    letters.push('i');
                }
                Some(Lane::Bulk) => {
                    bulk -= 1;
                    letters.push('b');
                }
                None => break,
            }
        }
        format!("{letters}{}", lanes.interactive_in_a_row)
    }

    #[test]
    fn interactive_work_goes_first_and_bulk_work_does_not_starve() {
        assert_eq!(lanes(3, 4, 0, 2, 5), "iib0");
        assert_eq!(lanes(2, 2, 9, 5, 5), "ib0");
        assert_eq!(lanes(1, 2, 10, 5, 5), "b0");
        assert_eq!(lanes(2, 2, 10, 5, 0), "ii12");
        assert_eq!(lanes(2, 2, 40, 5, 1), "bi1");
        assert_eq!(lanes(0, 2, 3, 5, 5), "3");
        assert_eq!(lanes(5, 9, 3, 0, 0), "3");
    }

    #[test]
    fn a_court_with_one_place_serves_bulk_work_only_when_nobody_waits() {
        assert_eq!(lanes(1, 1, 500, 1, 1), "i501");
        assert_eq!(lanes(1, 1, 500, 0, 1), "b0");
    }

    #[test]
    fn in_the_long_run_one_place_in_eleven_is_for_bulk_work() {
        let letters = lanes(1100, 2, 0, 2000, 2000);
        assert_eq!(letters.matches('b').count(), 100);
    }

    #[test]
    fn the_wait_is_that_of_the_stricter_line() {
        let line = |ahead, under_way, cap| Line {
            ahead,
            under_way,
            cap,
        };
        let check = |court, account, blocked, expected| {
            let wait = wait_of(
                [court, account],
                Duration::from_secs(6),
                Duration::from_secs(1),
                Duration::from_secs(blocked),
            );
            assert_eq!(wait, Duration::from_secs(expected), "{court:?} {account:?}");
        };
        check(line(0, 0, 2), line(0, 0, 1), 0, 0);
        check(line(0, 1, 2), line(0, 0, 1), 0, 0);
        check(line(0, 2, 2), line(0, 0, 1), 0, 6);
        check(line(4, 2, 2), line(0, 0, 1), 0, 18);
        check(line(4, 2, 2), line(4, 1, 1), 0, 30);
        check(line(4, 2, 2), line(4, 1, 1), 600, 630);
        // So many at once that only the gap counts.
        check(line(100, 0, 200), line(0, 0, 1), 0, 100);
    }
}
