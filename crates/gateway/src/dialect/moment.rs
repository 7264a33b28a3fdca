//! How times and days are written and read.

use chrono::{
    DateTime, Datelike, LocalResult, Month, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc,
};
use chrono_tz::Tz;

/// A time in the API's zone: microseconds unless they are zero, and `Z` instead of `+00:00`.
#[must_use]
pub fn write(at: DateTime<Utc>, zone: Tz) -> String {
    let whole = at.timestamp_subsec_micros() == 0;
    let format = if whole {
        SecondsFormat::Secs
    } else {
        SecondsFormat::Micros
    };
    at.with_timezone(&zone).to_rfc3339_opts(format, true)
}

/// A time in UTC, with `+00:00`: as webhooks tell when an endpoint was made.
#[must_use]
pub fn write_utc(at: DateTime<Utc>) -> String {
    let text = write(at, Tz::UTC);
    text.replace('Z', "+00:00")
}

/// A day as the API takes it: `2026-11-20`, leading zeros optional, nothing after it.
#[must_use]
pub fn read_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.trim().split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let year = i32::try_from(number(year)?).ok().filter(|year| *year > 0)?;
    NaiveDate::from_ymd_opt(year, number(month)?, number(day)?)
}

/// A day as filters take it: `2016-08-08`, `08/08/2016`, `08/08/16`, and with the month as a word before or
/// after the day, `Aug 8, 2016` or `8 August 2016`, with or without the comma.
#[must_use]
pub fn read_day(text: &str) -> Option<NaiveDate> {
    read_date(text)
        .or_else(|| read_slashes(text))
        .or_else(|| read_words(text))
}

fn read_slashes(text: &str) -> Option<NaiveDate> {
    let mut parts = text.trim().split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let year = match (year.len(), number(year)?) {
        (4, year) => year,
        // As POSIX has it.
        (2, year @ 69..) => 1900 + year,
        (2, year) => 2000 + year,
        _ => return None,
    };
    day_of(year, number(month)?, day)
}

fn read_words(text: &str) -> Option<NaiveDate> {
    let mut words = text.split_whitespace();
    let (first, second, year) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() || year.len() != 4 {
        return None;
    }
    let second = second.strip_suffix(',').unwrap_or(second);
    let (month, day) = match first.parse::<Month>() {
        Ok(month) => (month, second),
        Err(_) => (second.parse().ok()?, first),
    };
    day_of(number(year)?, month.number_from_month(), day)
}

fn day_of(year: u32, month: u32, day: &str) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok().filter(|year| *year > 0)?;
    let day = Some(day).filter(|day| day.len() <= 2).and_then(number)?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// One to four digits.
fn number(text: &str) -> Option<u32> {
    match text.len() {
        1..=4 if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

/// A time as filters take it: with or without an offset, or a day, which means its first moment.
/// Without an offset it is in the API's zone.
#[must_use]
pub fn read(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let mut text = text.trim().to_owned();
    if !text.contains('T') {
        text = text.replacen(' ', "T", 1);
    }
    // An unescaped plus sign of an offset arrives as a space.
    let text = text.replace(' ', "+");
    if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
        return Some(at.to_utc()).filter(is_of_our_era);
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok())
        .or_else(|| read_date(&text)?.and_hms_opt(0, 0, 0))?;
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
            Some(at.to_utc()).filter(is_of_our_era)
        }
        LocalResult::None => None,
    }
}

/// Whether a time has a year of four digits. Others may be more than a database can hold.
#[must_use]
pub fn is_of_our_era(at: &DateTime<Utc>) -> bool {
    (1..=9999).contains(&at.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn times_are_told_in_the_zone_with_microseconds() {
        let zone = chrono_tz::America::Los_Angeles;
        let moment = at("2026-11-20T17:15:02.114380Z");
        assert_eq!(write(moment, zone), "2026-11-20T09:15:02.114380-08:00");
        assert_eq!(
            write(at("2026-07-01T07:00:00Z"), zone),
            "2026-07-01T00:00:00-07:00"
        );
        assert_eq!(write(moment, chrono_tz::UTC), "2026-11-20T17:15:02.114380Z");
        assert_eq!(
            write(at("2026-07-01T07:00:00Z"), chrono_tz::UTC),
            "2026-07-01T07:00:00Z"
        );
    }

    #[test]
    fn an_endpoint_was_made_at_a_time_with_an_offset() {
        let moment = at("2024-01-06T21:21:40.855097Z");
        assert_eq!(write_utc(moment), "2024-01-06T21:21:40.855097+00:00");
        assert_eq!(
            write_utc(at("2024-01-06T21:21:40Z")),
            "2024-01-06T21:21:40+00:00"
        );
    }

    #[test]
    fn a_date_time_is_not_a_date() {
        assert_eq!(read_date("2020-01-02"), NaiveDate::from_ymd_opt(2020, 1, 2));
        assert_eq!(read_date("2020-1-2"), NaiveDate::from_ymd_opt(2020, 1, 2));
        for bad in [
            "1/2/2020",
            "2020-01-02T00:00:00",
            "2020-02-30",
            "20200102",
            "",
            "0000-01-01",
        ] {
            assert_eq!(read_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_of_filters_are_written_in_several_ways() {
        let day = NaiveDate::from_ymd_opt(2016, 8, 9);
        for text in [
            "2016-08-09",
            "08/09/2016",
            "8/9/2016",
            "08/09/16",
            "Aug 9 2016",
            "aug 09, 2016",
            "AUGUST 9, 2016",
            "9 Aug 2016",
            " 9 August, 2016 ",
        ] {
            assert_eq!(read_day(text), day, "{text}");
        }
        let old = NaiveDate::from_ymd_opt(1969, 12, 31);
        assert_eq!(read_day("12/31/69"), old);
        for bad in [
            "13/09/2016",
            "08/09/216",
            "08/009/2016",
            "08/09/2016/1",
            "Aug. 9, 2016",
            "Augu 9 2016",
            "Feb 30 2016",
            "Aug 9 16",
            "9 8 2016",
            "Aug Aug 2016",
            "09.08.2016",
            "",
        ] {
            assert_eq!(read_day(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_of_filters_have_a_zone_or_get_ours() {
        let zone = chrono_tz::America::Los_Angeles;
        let moment = Some(at("2026-11-20T17:15:00Z"));
        for text in [
            "2026-11-20T09:15:00-08:00",
            "2026-11-20T17:15:00Z",
            "2026-11-20 09:15",
            "2026-11-20T09:15:00",
            "2026-11-20T17:15:00 00:00",
        ] {
            assert_eq!(read(text, zone), moment, "{text}");
        }
        assert_eq!(read("2026-11-20", zone), Some(at("2026-11-20T08:00:00Z")));
        assert_eq!(read("soon", zone), None);
    }
}
