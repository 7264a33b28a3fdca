//! Text that stands side by side: read down where it is columns, across where it is rows.

use crate::lines;
use crate::sheet::{ORDER, Sheet};

const LEFT: [&str; 8] = [
    "The council met on Tuesday and",
    "heard eleven speakers on the new",
    "harbour. Most of them asked that",
    "the old quay be kept, since the",
    "boats of the inner bay have no",
    "other place to land their catch",
    "in winter. A vote is expected in",
    "March, after the budget is read.",
];
const MIDDLE: [&str; 8] = [
    "Rain kept the ferry in port for",
    "a third day. The master said that",
    "he would not sail before the wind",
    "had turned, whatever the company",
    "told him, and that the mail could",
    "wait as it had waited before. No",
    "one was hurt when a mooring line",
    "parted early on Monday morning.",
];
const RIGHT: [&str; 8] = [
    "The school will open its library",
    "to all on Saturdays. Readers must",
    "bring a card, which costs nothing",
    "and is made while they wait. The",
    "hours are from nine to four, and",
    "the reading room stays warm from",
    "October on. Children under eight",
    "come with someone who can read.",
];

fn joined(parts: &[&[&str]]) -> String {
    parts.concat().join(" / ")
}

#[test]
fn columns_are_read_one_after_the_other_and_headings_across() {
    let heading = "THE HARROW LAKE COURIER, an independent paper for the lake and the hills";
    // On the same lines, half a line apart, and with a heading only over two of them.
    for shift in [0.0, 4.5, 6.0] {
        let mut sheet = Sheet::letter();
        sheet.write(14.0, (60.0, 60.0), heading);
        sheet.write_lines(9.0, (60.0, 100.0), &LEFT);
        sheet.write_lines(9.0, (225.0, 100.0 + shift), &MIDDLE);
        sheet.write_lines(9.0, (390.0, 100.0 + 2.0 * shift), &RIGHT);
        sheet.write(
            9.0,
            (60.0, 260.0),
            "Printed every week by the Harrow Lake Printing Company, all rights reserved",
        );
        let expected = joined(&[
            &[heading],
            &LEFT,
            &MIDDLE,
            &RIGHT,
            &["Printed every week by the Harrow Lake Printing Company, all rights reserved"],
        ]);
        assert_eq!(lines(sheet.document()), expected, "{shift}");
    }
}

#[test]
fn two_columns_under_a_heading_are_read_down() {
    for (left, right) in [(72.0, 320.0), (40.0, 300.0), (90.0, 330.0)] {
        let mut sheet = Sheet::letter();
        sheet.write(12.0, (200.0, 60.0), "BYLAWS OF THE ASSOCIATION OF OWNERS");
        sheet.write_lines(11.0, (left, 100.0), &LEFT);
        sheet.write_lines(11.0, (right, 100.0), &RIGHT);
        let heading = ["BYLAWS OF THE ASSOCIATION OF OWNERS"];
        assert_eq!(lines(sheet.document()), joined(&[&heading, &LEFT, &RIGHT]));
    }
}

#[test]
fn the_index_of_a_transcript_is_read_down() {
    let words = [
        "abandon", "able", "about", "absent", "accept", "account", "across", "actual", "address",
        "admit", "advice", "affect", "after", "again", "agent", "agree", "answer", "anyone",
        "appear", "argue", "around", "arrive", "aside", "assert", "assume", "attach", "attend",
        "await", "aware", "away", "back", "balance", "bank", "based", "basis", "because",
    ];
    for columns in [3_usize, 4] {
        let rows = words.len() / columns;
        let entries: Vec<String> = words
            .iter()
            .enumerate()
            .map(|(place, word)| format!("{word} {}:{} {}:4", place + 2, place % 25 + 1, place + 9))
            .collect();
        let mut sheet = Sheet::letter();
        for (place, entry) in entries.iter().enumerate() {
            let (column, row) = (place / rows, place % rows);
            let left = 50.0 + 520.0 / columns as f32 * column as f32;
            sheet.write(9.0, (left, 100.0 + 12.0 * row as f32), entry);
        }
        assert_eq!(lines(sheet.document()), entries.join(" / "), "{columns}");
    }
}

#[test]
fn two_pages_on_a_sheet_are_read_one_after_the_other() {
    let numbers: Vec<String> = (1..=25).map(|number| number.to_string()).collect();
    for (left, right) in [(40.0, 430.0), (60.0, 440.0), (30.0, 420.0)] {
        let mut sheet = Sheet::of(792.0, 612.0);
        let mut expected = Vec::new();
        for (place, text) in [(left, &LEFT), (right, &RIGHT)] {
            expected.extend(numbers.iter().map(String::as_str));
            for row in 0..25 {
                let top = 80.0 + 18.0 * row as f32;
                sheet.write(10.0, (place, top), &numbers[row]);
                sheet.write(10.0, (place + 30.0, top), text[row % 8]);
                expected.push(text[row % 8]);
            }
        }
        assert_eq!(lines(sheet.document()), expected.join(" / "));
    }
}

#[test]
fn four_pages_of_a_transcript_on_a_sheet_are_read_down_and_then_across() {
    let numbers: Vec<String> = (1..=25).map(|number| number.to_string()).collect();
    let mut sheet = Sheet::letter();
    let mut expected = Vec::new();
    let pages = [(40.0, 60.0), (40.0, 420.0), (330.0, 60.0), (330.0, 420.0)];
    for (page, (left, top)) in pages.into_iter().enumerate() {
        let heading = format!("Page {}", page + 11);
        sheet.write(8.0, (left + 90.0, top), &heading);
        expected.push(heading);
        expected.extend(numbers.iter().cloned());
        for row in 0..25 {
            let top = top + 14.0 + 12.0 * row as f32;
            let line = [LEFT, MIDDLE, RIGHT, LEFT][page][row % 8];
            sheet.write(8.0, (left, top), &numbers[row]);
            sheet.write(8.0, (left + 22.0, top), line);
            expected.push(line.to_owned());
        }
    }
    assert_eq!(lines(sheet.document()), expected.join(" / "));
}

#[test]
fn the_numbers_of_lines_stand_apart_from_the_text() {
    // Pleadings have 28 and 25 lines, and text that does not keep to them.
    for (count, step) in [(28, 24.0), (25, 26.0), (28, 19.3)] {
        let mut sheet = Sheet::letter();
        let mut numbers = Vec::new();
        for number in 1..=count {
            numbers.push(number.to_string());
            sheet.write(
                12.0,
                (60.0, 60.0 + 24.0 * number as f32),
                &number.to_string(),
            );
        }
        let text: Vec<&str> = ORDER.iter().copied().cycle().take(12).collect();
        for (row, line) in text.iter().enumerate() {
            sheet.write(12.0, (90.0, 84.0 + step * row as f32), line);
        }
        let expected = [numbers.join(" / "), text.join(" / ")].join(" / ");
        assert_eq!(
            lines(sheet.document()),
            expected,
            "{count} lines, text every {step}"
        );
    }
}

#[test]
fn tables_are_read_by_their_rows() {
    let tables: [&[[&str; 3]]; 3] = [
        &[["Item", "Date", "Amount"]; 14],
        &[["Filing fee for the complaint", "12 May 2031", "$405.00"]; 14],
        &[["Smith, Jane", "Counsel for the plaintiff", "12 Main Street"]; 14],
    ];
    for table in tables {
        let mut sheet = Sheet::letter();
        let mut expected = Vec::new();
        for (row, cells) in table.iter().enumerate() {
            for (cell, left) in cells.iter().zip([60.0, 260.0, 460.0]) {
                sheet.write(10.0, (left, 100.0 + 16.0 * row as f32), cell);
            }
            expected.push(cells.join("   "));
        }
        assert_eq!(lines(sheet.document()), expected.join(" / "));
    }
}

#[test]
fn a_table_of_authorities_is_read_by_its_rows() {
    let names = [
        "Harrow Lake Conservancy v. Linden Transit Authority",
        "Roe v. City of Port Ansel",
        "In re Millrace Street Litigation",
    ];
    for leader in [".", " . ", ""] {
        let mut sheet = Sheet::letter();
        let mut expected = Vec::new();
        for row in 0..18 {
            let (name, top) = (names[row % 3], 100.0 + 20.0 * row as f32);
            let entry = format!("{name} {}", leader.repeat(12));
            let page = (row + 3).to_string();
            sheet.write(11.0, (72.0, top), entry.trim());
            sheet.write(11.0, (530.0, top), &page);
            let entry: Vec<&str> = entry.split_whitespace().collect();
            expected.push(format!("{}   {page}", entry.join(" ")));
        }
        assert_eq!(lines(sheet.document()), expected.join(" / "), "{leader:?}");
    }
}

#[test]
fn the_first_column_of_a_numbered_table_stays_in_its_rows() {
    let mut sheet = Sheet::letter();
    let mut expected = Vec::new();
    for row in 1..=24 {
        let (number, top) = (row.to_string(), 80.0 + 24.0 * row as f32);
        sheet.write(10.0, (60.0, top), &number);
        sheet.write(10.0, (110.0, top), "Deposition of Odile Roe");
        sheet.write(10.0, (400.0, top), "admitted");
        expected.push(format!("{number}   Deposition of Odile Roe   admitted"));
    }
    assert_eq!(lines(sheet.document()), expected.join(" / "));
}
