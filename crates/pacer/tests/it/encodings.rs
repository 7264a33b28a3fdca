//! Bytes that are not what the page calls them.

use pacer::page::{acms_docket, docket, email, ia_docket, rss_feed};
use serde_json::Value;

use crate::notices::{case_417, district};
use crate::pages::{acms_case as acms, archived_docket, district_docket, feed, feed_item};

/// Text in Windows-1252.
fn windows(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| match letter {
            '‘' => 0x91,
            '’' => 0x92,
            '“' => 0x93,
            '”' => 0x94,
            '–' => 0x96,
            '€' => 0x80,
            _ => u8::try_from(letter).expect("it is in Latin-1"),
        })
        .collect()
}

#[track_caller]
fn has_no_controls(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string(value).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let shown = value.to_string();
    let control = shown
        .chars()
        .find(|letter| matches!(letter, '\u{7f}'..='\u{9f}'));
    assert_eq!(control, None, "{shown}");
    shown
}

const TEXT: &str = "COMPLAINT “with costs of €5” under § 9 – by ZOË O’MARA";

#[test]
fn windows_1252_is_read_as_browsers_read_it() {
    let page = district_docket()
        .replace("COMPLAINT", TEXT)
        .replace("Orla Penhallow", "Zoë O’Mara");
    for court in ["njd", "cand", "nysb"] {
        let found = docket::parse(&windows(&page), court).unwrap().unwrap();
        assert_eq!(
            Some(&found),
            docket::parse(page.as_bytes(), court).unwrap().as_ref()
        );
        assert!(found.docket_entries[0].description.starts_with(TEXT));
        assert_eq!(found.parties[0].name, "Zoë O’Mara");
    }
}

#[test]
fn windows_1252_in_feeds_and_messages() {
    let item = feed_item(
        "1:24-cv-00417 O’Mara v. Zoë",
        "998877",
        "[Order – “see” text]",
    );
    let found = rss_feed::parse(&windows(&feed(&item)), "cand").unwrap();
    assert_eq!(
        found[0].docket_entries[0].short_description,
        "Order – “see” text"
    );
    has_no_controls(&found);

    let html = district(&case_417(), "").replace("kettles", "“kettles” – §");
    for (encoding, body) in [
        ("8bit", windows(&html)),
        ("quoted-printable", quoted(&windows(&html))),
    ] {
        let mut message = format!(
            "Subject: Order\nContent-Type: text/html; charset=utf-8\n\
             Content-Transfer-Encoding: {encoding}\n\n"
        )
        .into_bytes();
        message.extend(body);
        let found = email::parse(&message, "cand").unwrap().unwrap();
        assert!(has_no_controls(&found).contains("– §"), "{encoding}");
    }
}

fn quoted(bytes: &[u8]) -> Vec<u8> {
    let quoted: Vec<String> = bytes
        .iter()
        .map(|byte| match byte {
            b' '..=b'<' | b'>'..=b'~' => char::from(*byte).to_string(),
            _ => format!("={byte:02X}"),
        })
        .collect();
    quoted.concat().into_bytes()
}

#[test]
fn text_that_was_read_wrongly_before_has_no_controls_either() {
    // Windows-1252 that somebody took for Latin-1 and wrote as UTF-8, or as references.
    let page = district_docket()
        .replace("COMPLAINT", "COMPLAINT \u{93}so\u{94} \u{81}")
        .replace("Orla Penhallow", "Orla O&#146;Mara &#x81;");
    let found = docket::parse(page.as_bytes(), "cand").unwrap().unwrap();
    assert!(has_no_controls(&found).contains("COMPLAINT “so”"));
    assert!(found.parties[0].name.starts_with("Orla O’Mara"));

    let item = feed_item(
        "1:24-cv-00417 O&#146;Mara v. Z",
        "998877",
        "[Order &#x96; text]",
    );
    let found = rss_feed::parse(feed(&item).as_bytes(), "cand").unwrap();
    assert!(has_no_controls(&found).contains("Order – text"));

    let page = archived_docket().replace("Complaint<", "O&#146;Mara &#129;<");
    assert!(
        has_no_controls(&ia_docket::parse(page.as_bytes(), "cand").unwrap()).contains("O’Mara")
    );

    let page = acms()
        .replace("KETTLE", "O\u{92}Mara KETTLE")
        .replace('\u{92}', "\\u0092");
    let found = acms_docket::parse(page.as_bytes(), "ca9").unwrap();
    assert!(has_no_controls(&found).contains("O’Mara"));
}

#[test]
fn a_few_bad_bytes_do_not_spoil_utf_8() {
    let page = district_docket()
        .replace("COMPLAINT", TEXT)
        .replace("Quill, ", "");
    let mut bytes = page.into_bytes();
    let at = bytes.windows(6).position(|word| word == b"Minute").unwrap();
    bytes.splice(at..at, [0x92, b' ']);
    let found = docket::parse(&bytes, "cand").unwrap().unwrap();
    assert!(found.docket_entries[0].description.starts_with(TEXT));
    assert!(found.docket_entries[2].description.starts_with('’'));
}

#[test]
fn utf_16_is_known_by_its_mark() {
    let page = district_docket().replace("COMPLAINT", TEXT);
    let units: Vec<u16> = page.encode_utf16().collect();
    let little: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(units.iter().flat_map(|unit| unit.to_le_bytes()))
        .collect();
    let big: Vec<u8> = [0xfe, 0xff]
        .into_iter()
        .chain(units.iter().flat_map(|unit| unit.to_be_bytes()))
        .collect();
    let plain = docket::parse(page.as_bytes(), "cand");
    assert_eq!(docket::parse(&little, "cand"), plain);
    assert_eq!(docket::parse(&big, "cand"), plain);
}
