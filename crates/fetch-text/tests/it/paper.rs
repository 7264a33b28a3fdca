//! What a reader of the printed page sees, and only that.

use crate::lines;
use crate::sheet::Sheet;

#[test]
fn text_that_is_clipped_away_is_not_printed() {
    for (clip, seen) in [
        ((0.0, 0.0, 300.0, 792.0), "Granted in part"),
        ((300.0, 0.0, 312.0, 792.0), "and denied in part"),
        ((0.0, 0.0, 612.0, 100.0), ""),
    ] {
        let mut sheet = Sheet::letter();
        let (left, bottom, width, height) = clip;
        sheet.content.save_state();
        sheet.content.rect(left, bottom, width, height);
        sheet.content.clip_nonzero();
        sheet.content.end_path();
        sheet.write(12.0, (72.0, 100.0), "Granted in part");
        sheet.write(12.0, (372.0, 100.0), "and denied in part");
        sheet.content.restore_state();
        sheet.write(12.0, (72.0, 200.0), "by the court");
        let seen = [seen, "by the court"].join(" / ");
        assert_eq!(
            lines(sheet.document()),
            seen.trim_start_matches(" / "),
            "{clip:?}"
        );
    }
}

#[test]
fn text_beside_the_paper_is_not_printed() {
    for place in [(700.0, 100.0), (-300.0, 100.0), (72.0, 900.0)] {
        let mut sheet = Sheet::letter();
        sheet.write(12.0, place, "Draft of a clerk");
        sheet.write(12.0, (72.0, 200.0), "It is so ordered.");
        assert_eq!(lines(sheet.document()), "It is so ordered.");
    }
}

#[test]
fn a_soft_hyphen_that_is_drawn_is_a_hyphen() {
    for (written, read) in [
        ("No. 18\u{ad}1885", "No. 18-1885"),
        ("2:31\u{ad}cv\u{ad}00114\u{ad}ABC", "2:31-cv-00114-ABC"),
        ("a cross\u{ad}motion", "a cross-motion"),
    ] {
        let mut sheet = Sheet::letter();
        sheet.write(12.0, (72.0, 100.0), written);
        assert_eq!(lines(sheet.document()), read);
    }
}

#[test]
fn what_is_printed_twice_is_read_once_whatever_its_quotes() {
    // 0x93 and 0x94 are curved quotes in the encoding of the font, 0x92 is an apostrophe.
    for (first, second) in [
        ("\"Released Claims\"", "\u{93}Released Claims\u{94}"),
        ("the defendant's motion", "the defendant\u{92}s motion"),
        (
            "the heirs' and Roe's part",
            "the heirs\u{92} and Roe\u{92}s part",
        ),
    ] {
        let mut sheet = Sheet::letter();
        sheet.write(12.0, (72.0, 100.0), first);
        sheet.write(12.0, (72.3, 100.0), second);
        assert_eq!(lines(sheet.document()), first);
    }
}

#[test]
fn a_stamp_is_a_line_of_its_own() {
    let stamp = "Case 1:20-cv-00001 Document 5 Filed 01/02/20 Page 1 of 3";
    for (first, second) in [
        // Beside the page's own heading, over it, and over the text.
        ((40.0, 30.0), (400.0, 32.0)),
        ((72.0, 30.0), (120.0, 31.0)),
        ((72.0, 300.0), (90.0, 301.0)),
    ] {
        let mut sheet = Sheet::letter();
        sheet.write(12.0, (72.0, 400.0), "The motion is granted.");
        sheet.write(12.0, second, "United States District Court");
        sheet.write(10.0, (72.0, 500.0), "It is so ordered.");
        sheet.write(9.0, first, stamp);
        let text = lines(sheet.document());
        let lines: Vec<&str> = text.split(" / ").collect();
        assert!(lines.contains(&stamp), "{text}");
        assert!(lines.contains(&"United States District Court"), "{text}");
    }
}

#[test]
fn what_is_typed_on_a_form_stays_on_its_line() {
    let mut sheet = Sheet::letter();
    sheet.write(12.0, (72.0, 100.0), "Name: ______________");
    sheet.write(12.0, (115.0, 99.0), "Odile Roe");
    assert_eq!(lines(sheet.document()), "Name: ______________ Odile Roe");
}
