//! Text that is in the file and not on the printed page.

use fetch_text::hidden::HiddenBy;

use crate::page;
use crate::sheet::Sheet;

type Draw = fn(&mut Sheet);
type Make = fn() -> Sheet;

fn hidden(sheet: Sheet) -> Vec<(HiddenBy, String)> {
    let found = page(sheet.document()).hidden;
    found
        .into_iter()
        .map(|hidden| (hidden.by, hidden.text))
        .collect()
}

fn witness() -> Sheet {
    let mut sheet = Sheet::letter();
    sheet.write(12.0, (72.0, 100.0), "The witness,");
    sheet.write(12.0, (150.0, 100.0), "Odile Roe,");
    sheet.write(12.0, (220.0, 100.0), "was born on 4 May 1999.");
    sheet
}

#[test]
fn text_under_a_box_is_told() {
    let boxes: [(&str, Draw); 4] = [
        ("black", |sheet| sheet.fill(0.0, 148.0, 88.0, 66.0, 16.0)),
        ("white", |sheet| sheet.fill(1.0, 148.0, 88.0, 66.0, 16.0)),
        ("a thick line", |sheet| {
            sheet.content.set_line_width(16.0);
            sheet.content.move_to(148.0, 792.0 - 96.0);
            sheet.content.line_to(214.0, 792.0 - 96.0);
            sheet.content.stroke();
        }),
        ("a path", |sheet| {
            sheet.content.set_fill_rgb(0.1, 0.1, 0.2);
            sheet.content.move_to(148.0, 792.0 - 88.0);
            sheet.content.line_to(214.0, 792.0 - 88.2);
            sheet.content.line_to(214.0, 792.0 - 104.0);
            sheet.content.line_to(148.0, 792.0 - 104.0);
            sheet.content.fill_nonzero();
        }),
    ];
    for (what, draw) in boxes {
        let mut sheet = witness();
        draw(&mut sheet);
        assert_eq!(
            hidden(sheet),
            [(HiddenBy::Box, "Odile Roe,".to_owned())],
            "{what}"
        );
    }
}

#[test]
fn the_place_of_the_box_is_told() {
    let mut sheet = witness();
    sheet.fill(0.0, 148.0, 88.0, 66.0, 16.0);
    let read = page(sheet.document());
    assert_eq!(read.hidden[0].area, [148.0, 88.0, 214.0, 104.0]);
    assert!(
        read.text.contains("Odile Roe"),
        "the text stays as it is in the file"
    );
}

#[test]
fn text_in_the_colour_of_its_ground_is_told() {
    for (paper, ink) in [(None, 1.0), (Some(0.0), 0.02), (Some(0.5), 0.5)] {
        let mut sheet = witness();
        if let Some(grey) = paper {
            sheet.fill(grey, 60.0, 180.0, 400.0, 40.0);
        }
        sheet.content.set_fill_gray(ink);
        sheet.write(12.0, (72.0, 200.0), "words that nobody sees");
        assert_eq!(
            hidden(sheet),
            [(HiddenBy::Colour, "words that nobody sees".to_owned())],
            "{ink} on {paper:?}"
        );
    }
}

#[test]
fn inks_of_a_printer_are_colours_too() {
    // Without ink it is the paper's colour; with all black, that of a black box.
    for (paper, black) in [(None, 0.0), (Some(0.0), 1.0)] {
        let mut sheet = witness();
        if let Some(grey) = paper {
            sheet.fill(grey, 60.0, 180.0, 400.0, 40.0);
        }
        sheet.content.set_fill_cmyk(0.0, 0.0, 0.0, black);
        sheet.write(12.0, (72.0, 200.0), "words that nobody sees");
        sheet.content.set_fill_cmyk(0.0, 0.0, 0.0, 1.0);
        sheet.write(12.0, (72.0, 300.0), "words in black ink");
        assert_eq!(
            hidden(sheet),
            [(HiddenBy::Colour, "words that nobody sees".to_owned())],
            "{black} on {paper:?}"
        );
    }
}

#[test]
fn what_can_be_seen_is_not_told() {
    let seen: [(&str, Make); 6] = [
        ("a box below the text", || {
            let mut sheet = Sheet::letter();
            sheet.fill(0.8, 60.0, 80.0, 400.0, 40.0);
            sheet.write(12.0, (72.0, 100.0), "Total");
            sheet
        }),
        ("white on black", || {
            let mut sheet = Sheet::letter();
            sheet.fill(0.0, 60.0, 80.0, 400.0, 40.0);
            sheet.content.set_fill_gray(1.0);
            sheet.write(12.0, (72.0, 100.0), "EXHIBIT A");
            sheet
        }),
        ("a marker", || {
            let mut sheet = witness();
            sheet.content.set_parameters(pdf_writer::Name(b"Multiply"));
            sheet.content.set_fill_rgb(1.0, 1.0, 0.0);
            sheet.content.rect(148.0, 792.0 - 104.0, 66.0, 16.0);
            sheet.content.fill_nonzero();
            sheet
        }),
        ("a box beside it", || {
            let mut sheet = witness();
            sheet.fill(0.0, 400.0, 88.0, 66.0, 16.0);
            sheet
        }),
        ("written again over the box", || {
            let mut sheet = witness();
            sheet.fill(0.9, 148.0, 88.0, 66.0, 16.0);
            sheet.write(12.0, (150.0, 100.0), "Odile Roe,");
            sheet
        }),
        ("a line below it", || {
            let mut sheet = witness();
            sheet.fill(0.0, 150.0, 102.0, 60.0, 1.0);
            sheet
        }),
    ];
    for (what, sheet) in seen {
        assert_eq!(hidden(sheet()), [], "{what}");
    }
}
