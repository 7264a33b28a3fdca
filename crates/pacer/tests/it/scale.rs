//! Large pages take time in proportion, and deep ones neither time nor stack.

use std::fmt::Write;
use std::time::{Duration, Instant};

use pacer::page::PageError;
use pacer::page::docket::parse;
use pacer::page::kind::Kind;
use pacer::page::possible_case_numbers::Hints;

use crate::pages::{docket_with, entry};

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
fn time_of(page: &str, entries: usize) -> Duration {
    let best = (0..3).map(|_| {
        let start = Instant::now();
        let docket = parse(page.as_bytes(), "cand").unwrap().unwrap();
        assert_eq!(docket.docket_entries.len(), entries);
        start.elapsed()
    });
    best.min().expect("three times were measured")
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

/// Pages in which what is read stands inside another of its kind, as often as depth allows, with
/// much text in the innermost.
fn nested_pages() -> Vec<String> {
    let head = "<center><b>Case Number:</b> 24-10417<b>Case Name:</b> Wren</center>";
    let text = "some words: 24-10417 ".repeat(20_000);
    let bold = "<b>".repeat(1_900) + &text + &"</b>:".repeat(1_900);
    let rows = "<table><tr class=rowBackground1><td>1<td>2<td>3<td>4<td>".repeat(480) + &text;
    let claim = "<table class=complexReport><tr><td>Case: 24-10417";
    vec![
        format!("{head}{}{text}", claim.repeat(480)),
        format!("{head}{claim}<tr><td>{rows}"),
        format!("{head}{claim}<tr><td><tr><td><i>History:</i>{rows}"),
        rows,
        format!("<div id=cmecfMainContent><center>1<br>{bold}<br></center>"),
        format!("{head}<center><p></p><table><tr><td>x{bold}"),
        "<div id=cmecfMainContent class=ui-title>".repeat(1_900) + &text,
    ]
}

#[test]
fn nesting_costs_no_kind_its_speed() {
    for (index, page) in nested_pages().iter().enumerate() {
        for kind in Kind::ALL {
            let start = Instant::now();
            let _ = kind.to_json(page.as_bytes(), "nysb", Hints::default());
            let elapsed = start.elapsed();
            assert!(
                elapsed < Duration::from_secs(3),
                "{kind:?} takes {elapsed:?} for page {index}"
            );
        }
    }
}
