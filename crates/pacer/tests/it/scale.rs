//! Large pages take time in proportion, and deep ones neither time nor stack.

use std::fmt::Write;
use std::time::Duration;

use pacer::page::docket::parse;
use pacer::page::kind::Kind;
use pacer::page::possible_case_numbers::Hints;
use pacer::page::{
    PageError, appellate_docket, docket_history, free_opinion_report, ia_docket, rss_feed,
};

use crate::pages::{
    appeal, appeal_entry, archived_docket, docket_with, entry, feed, feed_item, history, opinions,
};
use crate::worked::worked;

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

fn time_of(page: &str, entries: usize) -> Duration {
    best_time(|| {
        let docket = parse(page.as_bytes(), "cand").unwrap().unwrap();
        assert_eq!(docket.docket_entries.len(), entries);
    })
}

/// The best of three.
fn best_time(read: impl Fn()) -> Duration {
    let best = (0..3).map(|_| {
        let start = worked();
        read();
        worked() - start
    });
    best.min().expect("three times were measured")
}

/// Reads a page with one of its parts many times, and eight times as often.
fn check_linear(page: &str, part: &str, read: impl Fn(&[u8])) {
    assert!(page.contains(part), "the page has the part");
    let time = |count| {
        let page = page.replacen(part, &part.repeat(count), 1);
        best_time(|| read(page.as_bytes()))
    };
    let (small, large) = (time(1_000), time(8_000));
    assert!(
        large < small * 24,
        "1,000 of {part} take {small:?}, 8,000 take {large:?}"
    );
}

/// From the first to the last of these words.
fn part<'a>(page: &'a str, first: &str, last: &str) -> &'a str {
    let start = page.find(first).expect("the page has the first words");
    let end = page[start..].find(last).expect("the last words follow") + last.len();
    &page[start..start + end]
}

#[test]
fn histories_opinions_feeds_and_archives_take_linear_time() {
    let page = history();
    let row = part(&page, "<tr><td><a href", "Complaint</td></tr>");
    check_linear(&page, row, |page| {
        docket_history::parse(page, "cand").unwrap().unwrap();
    });
    let page = opinions();
    let row = part(&page, "<tr><td><a href", "</td></tr>");
    check_linear(&page, row, |page| {
        free_opinion_report::parse(page, "cand").unwrap();
    });
    // All of them are merged into one.
    let item = feed_item("1:24-cv-00417 Orla v. Nimbus", "7", "[Order]");
    check_linear(&feed(&item), &item, |page| {
        assert_eq!(rss_feed::parse(page, "cand").unwrap().len(), 1);
    });
    let page = archived_docket();
    for part in [
        part(&page, "<party>", "</party>"),
        part(&page, "<document doc", "</document>"),
    ] {
        check_linear(&page, part, |page| {
            ia_docket::parse(page, "cand").unwrap();
        });
    }
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
    let start = worked();
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
        (worked() - start) < Duration::from_secs(60),
        "took {:?}",
        (worked() - start)
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
            let start = worked();
            let _ = kind.to_json(page.as_bytes(), "nysb", Hints::default());
            let elapsed = worked() - start;
            assert!(
                elapsed < Duration::from_secs(3),
                "{kind:?} takes {elapsed:?} for page {index}"
            );
        }
    }
}
