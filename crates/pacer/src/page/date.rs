//! Dates and times as courts print them.

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use regex::Regex;

/// The year from which two digits are understood: less than fifty years after it, at most fifty
/// before. Fixed, so that a page always reads the same.
const PIVOT_YEAR: i32 = 2026;

/// Reads `M/D/YYYY`, `M/D/YY`, `YYYY-MM-DD` and the like, perhaps with a time after it. None for
/// anything else.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let text = text
        .trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | ','));
    let Some((text, time)) = text.split_once(char::is_whitespace) else {
        return day(text);
    };
    let mut words = time.split_whitespace();
    clock(words.next()?, words.next())?;
    day(text).filter(|_| words.next().is_none())
}

fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split(['/', '-']);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    if first.len() == 4 {
        return NaiveDate::from_ymd_opt(number(first)? as i32, number(second)?, number(third)?);
    }
    let (mut month, mut day) = (short_number(first)?, short_number(second)?);
    if month > 12 && day <= 12 {
        (month, day) = (day, month);
    }
    NaiveDate::from_ymd_opt(year(third)?, month, day)
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn short_number(text: &str) -> Option<u32> {
    (text.len() <= 2).then(|| number(text)).flatten()
}

fn year(text: &str) -> Option<i32> {
    let year = number(text)? as i32;
    match text.len() {
        4 => Some(year),
        2 if year + 2000 < PIVOT_YEAR + 50 => Some(year + 2000),
        2 => Some(year + 1900),
        _ => None,
    }
}

/// The date that a label's pattern captures, if it has a match and that is a date.
pub(crate) fn after(label: &Regex, text: &str) -> Option<NaiveDate> {
    label.captures(text).and_then(|found| date(&found[1]))
}

static ENTERED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"Entered:\s+([0-9/\-–—]+)").expect("pattern is tested"));

/// When an entry was entered, as its text says.
pub(crate) fn entered(text: &str) -> Option<NaiveDate> {
    after(&ENTERED, text)
}

/// The day that `YYYY-MM-DDTHH:MM:SSZ` is written with, whatever its zone.
pub(crate) fn written_day(text: &str) -> Option<NaiveDate> {
    date(text.split('T').next().unwrap_or_default())
}

/// Reads `MM/DD/YYYY HH:MM:SS`, with or without `AM` or `PM`, and `Thu Mar  2 14:10:07 2023`, with
/// or without a zone's name before the year. A date alone is its midnight.
pub(crate) fn date_time(text: &str) -> Option<NaiveDateTime> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [day] => Some(date(day)?.and_time(NaiveTime::MIN)),
        [day, time] => Some(date(day)?.and_time(clock(time, None)?)),
        [day, time, half] => Some(date(day)?.and_time(clock(time, Some(half))?)),
        [_, month, day, time, year] | [_, month, day, time, _, year] => {
            let day =
                NaiveDate::from_ymd_opt(number(year)? as i32, month_number(month)?, number(day)?)?;
            Some(day.and_time(clock(time, None)?))
        }
        _ => None,
    }
}

/// Reads `Tue, 24 Apr 2018 22:30:01`, as feeds have it. The day of the week may be left out.
pub(crate) fn internet_date_time(text: &str) -> Option<NaiveDateTime> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let ([_, day, month, years, time] | [day, month, years, time]) = words[..] else {
        return None;
    };
    let day = NaiveDate::from_ymd_opt(year(years)?, month_number(month)?, short_number(day)?)?;
    Some(day.and_time(clock(time, None)?))
}

fn month_number(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let name = name.to_ascii_lowercase();
    let index = MONTHS.iter().position(|month| *month == name)?;
    Some(index as u32 + 1)
}

fn clock(text: &str, half: Option<&str>) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let second = parts.next().map_or(Some(0), number)?;
    let hour = match half.map(str::to_ascii_uppercase).as_deref() {
        None => hour,
        Some("AM") => hour % 12,
        Some("PM") => hour % 12 + 12,
        Some(_) => return None,
    };
    NaiveTime::from_hms_opt(hour, minute, second)
}
