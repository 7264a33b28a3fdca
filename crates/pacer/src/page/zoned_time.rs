//! Times of feeds, which name a zone.

use chrono::offset::LocalResult;
use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{Tz, US};

use super::date::internet_date_time;

/// Reads `Tue, 24 Apr 2018 22:30:01 EDT`. The zone decides about the offset, for some courts write
/// `EST` in summer too. None without a zone that a court is in.
pub(crate) fn zoned_time(text: &str) -> Option<DateTime<FixedOffset>> {
    let (time, abbreviation) = text.trim().rsplit_once(char::is_whitespace)?;
    let zone = zone(abbreviation)?;
    let local = internet_date_time(time)?;
    offset(zone, local, is_standard(abbreviation))?
        .from_local_datetime(&local)
        .single()
}

fn zone(abbreviation: &str) -> Option<Tz> {
    Some(match abbreviation {
        "EST" | "EDT" => US::Eastern,
        "CST" | "CDT" => US::Central,
        "MST" | "MDT" => US::Mountain,
        "PST" | "PDT" => US::Pacific,
        "AKST" | "AKDT" => US::Alaska,
        "HST" | "HDT" => US::Hawaii,
        "AST" => Tz::America__Puerto_Rico,
        "CHST" => Tz::Pacific__Guam,
        "SST" => US::Samoa,
        "GMT" | "UTC" => Tz::UTC,
        _ => return None,
    })
}

fn is_standard(abbreviation: &str) -> bool {
    !abbreviation.ends_with("DT")
}

/// An hour that comes twice a year is the one that the abbreviation says, and one that is left out
/// counts on from the hour before.
fn offset(zone: Tz, local: NaiveDateTime, is_standard: bool) -> Option<FixedOffset> {
    let found = match zone.offset_from_local_datetime(&local) {
        LocalResult::Single(offset) => offset,
        LocalResult::Ambiguous(_, late) if is_standard => late,
        LocalResult::Ambiguous(early, _) => early,
        LocalResult::None => {
            let before = local.checked_sub_signed(TimeDelta::hours(1))?;
            zone.offset_from_local_datetime(&before).earliest()?
        }
    };
    Some(found.fix())
}
