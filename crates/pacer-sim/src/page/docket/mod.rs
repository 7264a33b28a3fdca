//! The docket report: heading, case table, parties, entries.

mod entries;
mod head;

use std::fmt::Write;

use chrono::NaiveDate;

use super::{Place, parties};
use crate::world::Stub;
use crate::world::case::{Case, Entry};
use entries::Table;

/// What of a case is shown.
#[derive(Debug)]
pub struct View<'a> {
    /// The entries, in order.
    pub entries: Vec<&'a Entry>,
    /// Dates are those of entering.
    pub by_entered: bool,
    /// Parties and their attorneys are listed.
    pub parties: bool,
    /// Parties that left the case are among them.
    pub terminated: bool,
    /// Page counts are written beside document numbers.
    pub page_counts: bool,
    /// Each entry links to the notice of its filing (bankruptcy).
    pub nef_links: bool,
    /// The cases that are members of this one, if they are to be listed.
    pub members: &'a [Stub],
    /// Documents opened from here are not stamped.
    pub unstamped: bool,
    /// Id by which the case was asked for; that of a defendant shows the defendant's number.
    pub case_id: u64,
}

/// The report's content, without the receipt.
pub fn content(place: &Place, case: &Case, view: &View<'_>) -> String {
    let mut html = String::with_capacity(4096 + view.entries.len() * 600);
    if case.terminated.is_some() {
        html.push_str("<table width=\"100%\" border=\"0\"><tr><td align=\"right\"><span>CLOSED</span></td></tr></table>\n");
    }
    if place.court.is_bankruptcy() {
        head::bankruptcy(&mut html, place, case);
    } else {
        head::district(&mut html, place, case, view);
    }
    if view.parties {
        html.push_str(&parties::table(
            case,
            view.terminated,
            defendant(case, view),
        ));
    }
    if view.entries.is_empty() {
        put(
            &mut html,
            format_args!(
                "<h2 align=\"center\">There are proceedings for case {} but none satisfy the selection criteria.</h2>\n",
                shown_number(case, view)
            ),
        );
    } else {
        Table { place, case, view }.write(&mut html);
    }
    html
}

/// The docket number in headings: a defendant's own has the number of the defendant.
pub fn shown_number(case: &Case, view: &View<'_>) -> String {
    match defendant(case, view) {
        None => case.number_with_judges(),
        Some(number) => format!("{}-{number}", case.number_with_judges()),
    }
}

/// The defendant whose docket this is; none for that of the whole case.
fn defendant(case: &Case, view: &View<'_>) -> Option<u64> {
    Some(view.case_id - case.stub.id).filter(|number| *number > 0)
}

fn slashed(day: NaiveDate) -> String {
    day.format("%m/%d/%Y").to_string()
}

fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text).expect("writing to memory cannot fail");
}
