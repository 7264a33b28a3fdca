//! When bulk work may run: at night, in the local time of PACER's service centre.
//!
//! PACER asks for large pulls between six in the evening and six in the morning, Central Time.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Days, NaiveTime, TimeZone, Utc};
use chrono_tz::America::Chicago;

/// A daily time window in America/Chicago time. It may span midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkWindow {
    /// The first moment.
    pub from: NaiveTime,
    /// The first moment after it. The same as `from` means the whole day.
    pub until: NaiveTime,
}

impl BulkWindow {
    /// Whether bulk work may run at this moment. Local time decides: when clocks go back, the
    /// repeated hour counts both times.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let wall = at.with_timezone(&Chicago).time();
        if self.from == self.until {
            return true;
        }
        if self.from < self.until {
            self.from <= wall && wall < self.until
        } else {
            self.from <= wall || wall < self.until
        }
    }

    /// The moment from which bulk work may run: now, or when the window opens next.
    #[must_use]
    pub fn next_opening(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        if self.is_open(at) {
            return at;
        }
        let today = at.with_timezone(&Chicago).date_naive();
        let openings = (0..=2).filter_map(|days| {
            let day = today.checked_add_days(Days::new(days))?;
            Some(first_moment(day.and_time(self.from)))
        });
        openings.into_iter().find(|open| *open > at).unwrap_or(at)
    }
}

/// The first moment at which the wall shows this time, or has just jumped over it.
fn first_moment(wall: chrono::NaiveDateTime) -> DateTime<Utc> {
    let mut wall = wall;
    loop {
        match Chicago.from_local_datetime(&wall).earliest() {
            Some(at) => return at.to_utc(),
            // The hour that is left out in spring: the wall goes on at its end.
            None => wall += chrono::TimeDelta::minutes(1),
        }
    }
}

impl fmt::Display for BulkWindow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.until {
            return formatter.write_str("always");
        }
        write!(
            formatter,
            "{}-{}",
            self.from.format("%H:%M"),
            self.until.format("%H:%M")
        )
    }
}

/// A text that names no window.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} is not a time window: write one such as 18:00-06:00 (in America/Chicago time), or \
     always"
)]
pub struct NoWindow(String);

impl FromStr for BulkWindow {
    type Err = NoWindow;

    fn from_str(text: &str) -> Result<BulkWindow, NoWindow> {
        if text == "always" {
            let midnight = NaiveTime::MIN;
            return Ok(BulkWindow {
                from: midnight,
                until: midnight,
            });
        }
        let time = |part: &str| NaiveTime::parse_from_str(part.trim(), "%H:%M").ok();
        let window = text.split_once('-').and_then(|(from, until)| {
            Some(BulkWindow {
                from: time(from)?,
                until: time(until)?,
            })
        });
        // The same time twice would mean the whole day to us, and perhaps nothing to its author.
        window
            .filter(|window| window.from != window.until)
            .ok_or_else(|| NoWindow(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn window(text: &str) -> BulkWindow {
        text.parse().unwrap()
    }

    /// Whether the window is open, and when it opens.
    fn check(window: BulkWindow, moment: &str, opening: &str) {
        assert_eq!(window.next_opening(at(moment)), at(opening), "{moment}");
        assert_eq!(window.is_open(at(moment)), moment == opening, "{moment}");
        assert!(window.is_open(at(opening)), "{opening}");
    }

    #[test]
    fn the_night_is_open_and_the_day_is_not() {
        let night = window("18:00-06:00");
        // In winter, Chicago is six hours behind.
        check(night, "2026-01-15T23:59:59Z", "2026-01-16T00:00:00Z");
        check(night, "2026-01-16T00:00:00Z", "2026-01-16T00:00:00Z");
        check(night, "2026-01-16T11:59:59Z", "2026-01-16T11:59:59Z");
        check(night, "2026-01-16T12:00:00Z", "2026-01-17T00:00:00Z");
        // In summer, five.
        check(night, "2026-07-15T22:59:59Z", "2026-07-15T23:00:00Z");
        check(night, "2026-07-16T10:59:59Z", "2026-07-16T10:59:59Z");
        check(night, "2026-07-16T11:00:00Z", "2026-07-16T23:00:00Z");
    }

    #[test]
    fn the_night_is_an_hour_shorter_in_spring() {
        // On 8 March 2026 the clock jumps from 2:00 to 3:00 at 08:00 UTC.
        let night = window("18:00-06:00");
        check(night, "2026-03-07T23:59:59Z", "2026-03-08T00:00:00Z");
        check(night, "2026-03-08T07:59:59Z", "2026-03-08T07:59:59Z");
        check(night, "2026-03-08T08:00:00Z", "2026-03-08T08:00:00Z");
        check(night, "2026-03-08T10:59:59Z", "2026-03-08T10:59:59Z");
        check(night, "2026-03-08T11:00:00Z", "2026-03-08T23:00:00Z");
    }

    #[test]
    fn the_night_is_an_hour_longer_in_autumn() {
        // On 1 November 2026 the clock goes back from 2:00 to 1:00 at 07:00 UTC.
        let night = window("18:00-06:00");
        check(night, "2026-10-31T22:59:59Z", "2026-10-31T23:00:00Z");
        check(night, "2026-11-01T06:30:00Z", "2026-11-01T06:30:00Z");
        check(night, "2026-11-01T07:30:00Z", "2026-11-01T07:30:00Z");
        check(night, "2026-11-01T11:59:59Z", "2026-11-01T11:59:59Z");
        check(night, "2026-11-01T12:00:00Z", "2026-11-02T00:00:00Z");
    }

    #[test]
    fn a_window_may_open_in_the_hour_that_is_left_out_or_told_twice() {
        let early = window("02:30-05:00");
        check(early, "2026-03-08T07:59:59Z", "2026-03-08T08:00:00Z");
        let twice = window("01:30-01:45");
        check(twice, "2026-11-01T06:29:59Z", "2026-11-01T06:30:00Z");
        assert!(twice.is_open(at("2026-11-01T07:30:00Z")), "told again");
        // Between the two, the next opening is the next day's: the second telling is a gift.
        assert!(!twice.is_open(at("2026-11-01T06:45:00Z")));
    }

    #[test]
    fn windows_are_written_as_they_are_read() {
        for text in ["18:00-06:00", "09:30-17:00", "always"] {
            assert_eq!(window(text).to_string(), text);
        }
        assert!(window("always").is_open(at("2026-01-16T18:00:00Z")));
        for text in ["", "18:00", "18-6", "25:00-06:00", "06:00-06:00", "never"] {
            assert!(text.parse::<BulkWindow>().is_err(), "{text}");
        }
    }
}
