//! Large pages take time in proportion, and deep ones neither time nor stack.

use std::fmt::Write;
use std::time::{Duration, Instant};

use pacer::page::PageError;
use pacer::page::appellate_docket;
use pacer::page::docket::parse;

use crate::pages::{appeal, appeal_entry, docket_with, entry};

fn docket_of(entries: usize) -> String {
    let mut rows = String::new();
    for number in 1..=entries {
        let text = format!("ORDER number {number} about the kettle. (Entered: 03/06/2024)");
        rows.push_str(&entry(
            "03/05/2024",
            &number.to_string(),
            &number.to_string(),
            &text,
        ));
    }
    docket_with("CIVIL DOCKET FOR CASE #: 1:24-cv-00417", "", &rows)
}

/// The best of three, so that a busy machine does not decide.
fn best_time(read: impl Fn()) -> Duration {
    let best = (0..3).map(|_| {
        let start = Instant::now();
        read();
        start.elapsed()
    });
    best.min().expect("three times were measured")
}

fn time_of(page: &str, entries: usize) -> Duration {
    best_time(|| {
        let docket = parse(page.as_bytes(), "cand").unwrap().unwrap();
        assert_eq!(docket.docket_entries.len(), entries);
    })
}

#[test]
fn time_grows_with_the_docket_and_not_faster() {
    let small = time_of(&docket_of(2_500), 2_500);
    let large = time_of(&docket_of(20_000), 20_000);
    // Eight times the work; a quadratic step would take sixty-four times as long.
    assert!(
        large < small * 24,
        "2,500 entries take {small:?}, 20,000 take {large:?}"
    );
}

#[test]
fn parties_take_linear_time_too() {
    let table = |count: usize| {
        let mut rows = String::from("<table>");
        for number in 0..count {
            write!(
                rows,
                "<tr><td><b><u>Defendant</u></b></td></tr><tr><td><b>Party {number}</b></td><td>represented by</td>\
                 <td><b>Ines Corr</b><br>Pier {number}</td></tr>"
            )
            .expect("strings can be written to");
        }
        docket_with(
            "CIVIL DOCKET FOR CASE #: 1:24-cv-00417",
            &(rows + "</table>"),
            "",
        )
    };
    let small = time_of(&table(1_000), 0);
    let large = time_of(&table(8_000), 0);
    assert!(
        large < small * 24,
        "1,000 parties take {small:?}, 8,000 take {large:?}"
    );
}

#[test]
fn appeals_take_linear_time_too() {
    let time = |entries: usize| {
        let rows: String = (1..=entries)
            .map(|number| appeal_entry("02/03/2026", &number.to_string(), "Panel: <br>Docketed"))
            .collect();
        let page = appeal(&rows);
        best_time(|| {
            let docket = appellate_docket::parse(page.as_bytes(), "ca9").unwrap();
            assert_eq!(docket.unwrap().docket_entries.len(), entries);
        })
    };
    let (small, large) = (time(2_500), time(20_000));
    assert!(
        large < small * 24,
        "2,500 entries take {small:?}, 20,000 take {large:?}"
    );
}

#[test]
fn rows_of_an_appeal_inside_rows_are_refused() {
    let row = "<tr><td>02/03/2026</td><td>1</td><td>Text<table>";
    let page = appeal(&row.repeat(100));
    assert_eq!(
        appellate_docket::parse(page.as_bytes(), "ca9"),
        Err(PageError::TooDeep)
    );
}

#[test]
fn deep_nesting_is_refused_quickly() {
    let start = Instant::now();
    for tag in [
        "<div>",
        "<table><tr><td>",
        "<b>",
        "<center><font>",
        "<a><i>",
    ] {
        let page = docket_with("X", &tag.repeat(200_000), "");
        assert_eq!(
            parse(page.as_bytes(), "cand"),
            Err(PageError::TooDeep),
            "{tag}"
        );
    }
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "took {:?}",
        start.elapsed()
    );
}

#[test]
fn unclosed_formatting_is_no_reason_to_refuse() {
    let rows: String = (1..=300)
        .map(|number| {
            entry(
                "03/05/2024",
                &number.to_string(),
                "1",
                "<font size=2><b>Text<i> and more",
            )
        })
        .collect();
    let page = docket_with("CIVIL DOCKET FOR CASE #: 1:24-cv-00417", "", &rows);
    assert_eq!(
        parse(page.as_bytes(), "cand")
            .unwrap()
            .unwrap()
            .docket_entries
            .len(),
        300
    );
}
