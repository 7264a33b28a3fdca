//! Fonts that do not say which characters their glyphs are, in each way in which they do not.

use fetch_text::choice::Reason;
use fetch_text::{PageSource, PageText};

use crate::page;
use crate::sheet::{ORDER, STAMP, Sheet, lying_font};

/// What a font says that a character is.
type Said = fn(char) -> Option<String>;

/// An order under a stamp, in a font that shows characters by those codes and says that of them.
fn order(code: fn(char) -> u8, said: Said) -> PageText {
    written(&ORDER, code, said)
}

fn written(lines: &[&str], code: fn(char) -> u8, said: Said) -> PageText {
    let mut sheet = Sheet::letter();
    sheet.write(9.0, (60.0, 20.0), STAMP);
    for (row, line) in lines.iter().enumerate() {
        let codes: Vec<u8> = line.chars().map(code).collect();
        sheet.show(b"L", 12.0, (72.0, 100.0 + 16.0 * row as f32), &codes);
    }
    page(sheet.document_with(|pdf, font, map| lying_font(pdf, font, map, code, said)))
}

fn whole() -> String {
    format!("{STAMP}\n\n{}", ORDER.join("\n"))
}

fn hexadecimal(character: u32) -> Option<String> {
    Some(format!("{character:04x}"))
}

/// The ways in which a font says which character a glyph is, and lies.
const LIES: [(&str, Said); 7] = [
    ("its code", |it| hexadecimal(u32::from(by_29(it)))),
    ("a private character", |it| {
        hexadecimal(0xf000 + u32::from(it))
    }),
    ("no known character", |_| hexadecimal(0xfffd)),
    ("always a space", |_| hexadecimal(0x20)),
    ("always the same", |_| hexadecimal(0x61)),
    ("the next but four", |it| hexadecimal(u32::from(it) + 5)),
    ("another letter", |it| hexadecimal(u32::from(turned(it)))),
];

fn by_29(character: char) -> u8 {
    character as u8 - 29
}

fn turned(character: char) -> char {
    match character {
        'a'..='z' => ((character as u8 - b'a' + 7) % 26 + b'a') as char,
        _ => character,
    }
}

/// Codes that have nothing to do with the characters.
fn shuffled(character: char) -> u8 {
    ((u32::from(character) - 32) * 37 % 97 + 32) as u8
}

#[test]
fn codes_that_are_moved_by_one_number_are_moved_back() {
    for (lie, said) in LIES {
        let moves: [fn(char) -> u8; 3] = [by_29, |it| it as u8, |it| it as u8 + 64];
        for (place, code) in moves.into_iter().enumerate() {
            let read = order(code, said);
            assert_eq!(
                read.reason,
                Reason::ShiftedCodes,
                "{lie}, move {place}: {}",
                read.text
            );
            assert_eq!(read.source, PageSource::TextLayer);
            assert_eq!(read.text, whole(), "{lie}, move {place}");
        }
    }
}

#[test]
fn codes_that_are_shuffled_are_no_text() {
    let unrelated = ["no known", "always a", "always the", "another"];
    for (lie, said) in LIES {
        if !unrelated.iter().any(|start| lie.starts_with(start)) {
            // Said characters that are moved by one number can be moved back too.
            assert_eq!(order(shuffled, said).text, whole(), "{lie}");
            continue;
        }
        let read = order(shuffled, said);
        // Recognised it would be, if there were a recogniser.
        assert_eq!(read.source, PageSource::Failed, "{lie}: {}", read.text);
        assert_eq!(read.reason, Reason::RecognitionFailed);
        assert_eq!(
            read.text, STAMP,
            "{lie}: of the layer only the stamp can be read"
        );
    }
}

#[test]
fn a_reading_that_drops_what_is_painted_is_none() {
    // What it leaves reads like language, and is a part of what is there.
    let leaves: [(&str, Said); 3] = [
        ("capitals and gaps", |it| {
            said_of(it, !it.is_ascii_lowercase())
        }),
        ("every other letter", |it| {
            said_of(it, (it as u8).is_multiple_of(2))
        }),
        ("letters from n on", |it| {
            said_of(it, !('a'..'n').contains(&it))
        }),
    ];
    for (what, said) in leaves {
        let read = order(shuffled, said);
        assert_eq!(read.source, PageSource::Failed, "{what}: {}", read.text);
    }
}

fn said_of(character: char, is_said: bool) -> Option<String> {
    hexadecimal(if is_said {
        u32::from(character)
    } else {
        0xfffd
    })
}

#[test]
fn short_texts_in_lying_fonts_are_not_taken_for_text() {
    for text in [
        &["It is so ordered."][..],
        &["Denied as moot, without prejudice.", "See Doc. 114."],
        &["NOTICE OF APPEAL", "Sealed by order of the court"],
    ] {
        let read = written(text, shuffled, |it| hexadecimal(u32::from(shuffled(it))));
        assert_ne!(read.source, PageSource::Blank);
        assert_ne!(read.reason, Reason::SecondReader, "{}", read.text);
    }
}

#[test]
fn fonts_that_tell_the_truth_are_left_alone() {
    let texts: [&[&str]; 5] = [
        &ORDER,
        &[
            "El tribunal considera que la demanda presentada por el actor no cumple con",
            "los requisitos establecidos en la ley, y por lo tanto se desestima la solicitud.",
        ],
        &[
            "Johnson, Williams, Martinez, Nguyen, Schwartz, Okafor, Lindqvist, Takahashi,",
            "Szczepanski, Wojciechowski, Xiong, Qureshi, Ng, Brzezinski, Krzyzewski, Zhu",
        ],
        &["12 13 14 15 1,204 88 7 3,120 44 19 20 21 22 1985 1986 1987 20 11 12"; 3],
        &["QB7 XK12 LLP PLLC CFR USC FRCP DKT ECF MDL TRO 88-CV-1204 NYSD TXWD"; 2],
    ];
    for text in texts {
        let read = written(text, |it| it as u8, |it| hexadecimal(u32::from(it)));
        assert_eq!(read.reason, Reason::TextLayer, "{text:?} {}", read.text);
        assert_eq!(read.text, format!("{STAMP}\n\n{}", text.join("\n")));
    }
}
