//! The few lines about a case that stand on top of queries and lists.

use std::fmt::Write;

use chrono::NaiveDate;

use super::{Place, escape};
use crate::world::case::Case;

/// Number, name, judges and dates, centred.
pub fn header(place: &Place, case: &Case) -> String {
    let mut html = format!(
        "<center><b><font size=\"+1\">{}</font></b> {}<br>\n",
        case.number_with_judges(),
        escape(&case.title)
    );
    match place.court.is_bankruptcy() {
        true => bankruptcy(&mut html, case),
        false => district(&mut html, case),
    }
    html.push_str("</center><br>\n");
    html
}

fn district(html: &mut String, case: &Case) {
    let _ = write!(html, "{}, presiding<br>", case.judge);
    if let Some(referred) = &case.referred {
        let _ = write!(html, "{referred}, referral<br>");
    }
    dates(html, case);
}

fn bankruptcy(html: &mut String, case: &Case) {
    let (letters, judge) = (case.stub.kind.letters(), &case.judge);
    let _ = write!(
        html,
        "<b>Case type:</b> {letters} <b>Chapter:</b> 11 <b>Asset:</b> Yes <b>Vol: </b> v <b>Judge:</b> {judge}<br>"
    );
    dates(html, case);
}

fn dates(html: &mut String, case: &Case) {
    let last = case.entries.iter().map(|entry| entry.filed).max();
    let dates = [
        ("Date filed:", Some(case.filed)),
        ("Date terminated:", case.terminated),
        ("Date of last filing:", last),
    ];
    for (label, day) in dates {
        if let Some(day) = day {
            let _ = write!(html, "<b>{label}</b> {}<br>", slashed(day));
        }
    }
}

/// A day as courts write it.
pub fn slashed(day: NaiveDate) -> String {
    day.format("%m/%d/%Y").to_string()
}
