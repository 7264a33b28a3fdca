//! What reading again has come to, for people and for programs; and how far it is, on a terminal.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anyhow::Context;
use fetch_reparse::{CaseReport, DocketDiff, FieldDiff, Finding, Listener, RowDiff, Totals};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::table::counted;

/// What the bar looks like.
const TEMPLATE: &str = "{bar:30} {pos}/{len} cases, now at {msg}";

/// Prints each case as it is read.
pub(super) struct Printer {
    json: bool,
    dry_run: bool,
    bar: ProgressBar,
    /// Printing has failed: whoever reads has gone.
    broken: Option<io::Error>,
}

impl Printer {
    pub(super) fn new(json: bool, dry_run: bool) -> Printer {
        let style =
            ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        bar.set_style(style);
        Printer {
            json,
            dry_run,
            bar,
            broken: None,
        }
    }

    /// Prints the totals, if it came so far.
    pub(super) fn finish(mut self, totals: Option<&Totals>) -> anyhow::Result<()> {
        self.bar.finish_and_clear();
        if let Some(totals) = totals {
            let text = match self.json {
                true => format!("{}\n", json!({"totals": totals, "dry_run": self.dry_run})),
                false => summary(totals, self.dry_run),
            };
            self.print(&text);
        }
        match self.broken {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(error).context("cannot print")
            }
            _ => Ok(()),
        }
    }

    fn print(&mut self, text: &str) {
        if self.broken.is_none() {
            let printed = self.bar.suspend(|| io::stdout().write_all(text.as_bytes()));
            self.broken = printed.err();
        }
    }
}

impl Listener for Printer {
    fn begins(&mut self, court: &str, cases: usize) {
        self.bar.inc_length(cases as u64);
        self.bar.set_message(court.to_owned());
    }

    fn read(&mut self, report: &CaseReport) {
        let text = match self.json {
            true => line_of(report),
            false => told(report, self.dry_run),
        };
        self.print(&text);
        self.bar.inc(1);
    }
}

/// A line of JSON; nothing where nothing was chosen.
fn line_of(report: &CaseReport) -> String {
    match (report.pages.is_empty(), serde_json::to_string(report)) {
        (false, Ok(line)) => line + "\n",
        _ => String::new(),
    }
}

/// What is worth saying of a case.
fn told(report: &CaseReport, dry_run: bool) -> String {
    let mut text = String::new();
    for page in &report.pages {
        let what = match page.finding {
            Finding::Changed | Finding::Unchanged | Finding::Handed => continue,
            Finding::Refused => "not what was requested",
            Finding::Unreadable => "CANNOT BE READ",
            Finding::Damaged => "DAMAGED",
            Finding::Left => "LEFT",
        };
        let request = page
            .request
            .map_or_else(String::new, |id| format!(", request {id}"));
        line(
            &mut text,
            0,
            &format!(
                "capture {} ({}{request}): {what}: {}",
                page.capture, page.item, page.why
            ),
        );
    }
    for docket in &report.dockets {
        docket_told(&mut text, docket, report, dry_run);
    }
    for request in &report.requests {
        let what = match (request.had_failed, dry_run) {
            (true, false) => "had failed and has now succeeded",
            (true, true) => "has failed and would succeed",
            (false, false) => "had succeeded and now says more",
            (false, true) => "has succeeded and would say more",
        };
        line(
            &mut text,
            0,
            &format!("request {} {what}: {}", request.request, request.message),
        );
    }
    text
}

fn docket_told(text: &mut String, docket: &DocketDiff, report: &CaseReport, dry_run: bool) {
    let name = format!(
        "{} {} {}",
        report.court, docket.docket_number, docket.case_name
    );
    let head = match (docket.is_new, dry_run) {
        (true, true) => format!("a new docket, {name}"),
        (true, false) => format!("docket {}, new, {name}", docket.docket),
        (false, _) => format!("docket {}, {name}", docket.docket),
    };
    line(text, 0, &head);
    for field in &docket.fields {
        field_told(text, 1, field);
    }
    for (kind, rows) in &docket.rows {
        let counts = [
            (rows.added.len(), "added"),
            (rows.changed.len(), "changed"),
            (rows.removed.len(), "removed"),
            (rows.missing.len(), "not on the page but kept"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        line(text, 1, &format!("{kind}: {}", counts.join(", ")));
        rows.added.iter().for_each(|row| row_told(text, '+', row));
        rows.changed.iter().for_each(|row| row_told(text, '~', row));
        rows.removed
            .iter()
            .for_each(|name| line(text, 2, &format!("- {name}")));
        rows.missing
            .iter()
            .for_each(|name| line(text, 2, &format!("? {name}")));
    }
}

fn row_told(text: &mut String, sign: char, row: &RowDiff) {
    line(text, 2, &format!("{sign} {}", row.name));
    for field in &row.fields {
        field_told(text, 3, field);
    }
}

fn field_told(text: &mut String, depth: usize, field: &FieldDiff) {
    line(text, depth, &field.field);
    let is_empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    for (sign, value) in [('-', &field.before), ('+', &field.after)] {
        if !is_empty(value) {
            line(text, depth + 1, &format!("{sign} {}", spelled(value)));
        }
    }
}

/// Strings as they are, on a line; everything else as JSON.
fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace('\n', " ⏎ "),
        other => other.to_string(),
    }
}

/// A line for a terminal: what a page says cannot move the cursor.
fn line(text: &mut String, depth: usize, words: &str) {
    let words: String = words
        .chars()
        .map(|letter| {
            if letter.is_control() {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}{words}", "  ".repeat(depth));
}

fn summary(totals: &Totals, dry_run: bool) -> String {
    let mut text = String::new();
    let Totals {
        read,
        changed,
        unchanged,
        refused,
        unreadable,
        damaged,
        left,
        texts,
        dockets_changed,
        requests_done,
        requests_told,
        next,
    } = totals;
    line(
        &mut text,
        0,
        &format!(
            "{} read: {changed} changed something, {unchanged} did not",
            counted(*read, "page")
        ),
    );
    let rest = [
        (
            refused,
            "is not what was requested",
            "are not what was requested",
        ),
        (
            unreadable,
            "cannot be read by this version either",
            "cannot be read by this version either",
        ),
        (damaged, "is damaged", "are damaged"),
        (
            left,
            "was skipped to protect newer data",
            "were skipped to protect newer data",
        ),
        (
            texts,
            "file has its text extracted again",
            "files have their text extracted again",
        ),
    ];
    for (count, one, several) in rest.iter().filter(|(count, ..)| **count > 0) {
        let what = if **count == 1 { one } else { several };
        line(&mut text, 0, &format!("{count} {what}"));
    }
    let (are, were) = (
        if *requests_done == 1 { "is" } else { "are" },
        if *requests_told == 1 {
            "had succeeded and now says more"
        } else {
            "had succeeded and now say more"
        },
    );
    line(
        &mut text,
        0,
        &format!(
            "{} changed, {} that had failed {are} now successful, {requests_told} {were}",
            counted(*dockets_changed, "docket"),
            counted(*requests_done, "request"),
        ),
    );
    if let Some(next) = next {
        line(
            &mut text,
            0,
            &format!("the limit is reached; continue with --after {next}"),
        );
    }
    if dry_run {
        line(&mut text, 0, "dry run: nothing was written");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_is_not_told_as_several() {
        let one = Totals {
            read: 1,
            changed: 1,
            refused: 1,
            texts: 1,
            dockets_changed: 1,
            requests_done: 1,
            requests_told: 1,
            ..Totals::default()
        };
        assert_eq!(
            summary(&one, false),
            "1 page read: 1 changed something, 0 did not\n\
             1 is not what was requested\n\
             1 file has its text extracted again\n\
             1 docket changed, 1 request that had failed is now successful, 1 had succeeded and now says \
             more\n"
        );
        let more = Totals {
            read: 3,
            unchanged: 3,
            left: 2,
            requests_done: 2,
            ..Totals::default()
        };
        assert_eq!(
            summary(&more, true),
            "3 pages read: 0 changed something, 3 did not\n\
             2 were skipped to protect newer data\n\
             0 dockets changed, 2 requests that had failed are now successful, 0 had succeeded and now say \
             more\n\
             dry run: nothing was written\n"
        );
    }
}
