//! Pages that broke on their way: whatever comes, nothing panics, and nothing takes long or grows.

#![allow(
    clippy::print_stdout,
    reason = "what was tried must be seen in the test's output"
)]

use std::time::Duration;

use pacer::page::answer::{docket_page, document_page, menu_page};
use pacer::page::kind::Kind;
use pacer::page::possible_case_numbers::Hints;
use pacer::page::{docket, login_check, receipt};

use crate::corpus::corpus_pages;
use crate::fixtures::fixture_pages;
use crate::saved::SavedPage;
use crate::worked::worked;
use crate::{notices, pages};

/// A small generator of the same numbers every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

const HINTS: Hints<'_> = Hints {
    office_number: Some("1"),
    docket_number_letters: Some("cv"),
    case_name: Some("Orla v. Nimbus"),
};

/// What any kind and any question makes of a page.
fn read_all(page: &[u8]) {
    for court in ["cand", "nysb", "txnb", "ca9", ""] {
        for kind in Kind::ALL {
            let _ = kind.to_json(page, court, HINTS);
        }
    }
    let _ = (
        docket_page(page),
        document_page(None, page),
        menu_page(None, page),
    );
    let _ = (receipt::read(page), login_check::is_logged_in(page));
}

const SCRAPS: &[&[u8]] = &[
    b"<table>",
    b"</table>",
    b"<tr><td>",
    b"</td>",
    b"<b>",
    b"</b>",
    b"<br><br>",
    b"<!--",
    b"-->",
    b"&#0;",
    b"\xff\xfe",
    b"<script>",
    b"<p>",
    b"<form>",
    b"'",
    b"\"",
    b"<",
    b">",
    b"\xc3",
    "\u{a0}é\u{2028}".as_bytes(),
    b"<template>",
    b"<svg><td>",
    b"<tr><td></td><td></td><td><table><tr><td><table><tr><td>",
    b"Docket Text",
    b"Date Filed: 99/99/9999",
    b"------",
    b"represented by",
    b"Transaction Receipt",
    b"Adversary Proceeding",
    b"<input value='View Selected'>",
    b"<!-- DOCKET ENTRIES -->",
    b"<!-- NEW SECTION - Party/Aty List -->",
    b"Case Name:",
    b"<strong>Docket Text:",
    b"\n--b\n",
    b"Content-Type: ",
    b"=\n",
    b"null",
    b"<![CDATA[",
    b"<!DOCTYPE x [",
    b"</item>",
    b"&#xffffffff;",
    b"9999999999 EST",
    b"<case number='",
    b"' id='1' title='x'/>",
];

const NESTS: &[&[u8]] = &[
    b"<div>",
    b"<table><tr><td>",
    b"<b>",
    b"<font><i>",
    b"<item>",
    b"[",
    b"{\"a\":",
];

fn damage(page: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut page = page.to_vec();
    for _ in 0..=numbers.below(6) {
        let place = numbers.below(page.len() + 1);
        match numbers.below(8) {
            0 => page.truncate(place.max(1)),
            1 => {
                let end = (place + numbers.below(200)).min(page.len());
                page.drain(place..end);
            }
            2 | 3 => {
                let scrap = SCRAPS[numbers.below(SCRAPS.len())];
                page.splice(place..place, scrap.iter().copied());
            }
            4 => {
                let end = (place + numbers.below(400)).min(page.len());
                let doubled = page[place..end].to_vec();
                page.splice(place..place, doubled);
            }
            5 => {
                let nest = NESTS[numbers.below(NESTS.len())].repeat(1 + numbers.below(300));
                page.splice(place..place, nest);
            }
            _ => {
                if let Some(byte) = page.get_mut(place) {
                    *byte = numbers.below(256) as u8;
                }
            }
        }
        if page.is_empty() {
            page.push(b'<');
        }
    }
    recode(page, numbers)
}

/// Now and then, the whole page in another encoding than it should have.
fn recode(page: Vec<u8>, numbers: &mut Numbers) -> Vec<u8> {
    match numbers.below(40) {
        0 => page.iter().flat_map(|byte| [*byte, 0]).collect(),
        1 => {
            let text: String = page.iter().map(|byte| char::from(*byte)).collect();
            text.into_bytes()
        }
        _ => page,
    }
}

fn own_pages() -> Vec<String> {
    let lookup = "<request number='1'><case number='1:24-cv-9' id='7' title='1:24-cv-00009 Orla v. Nimbus' defendant='0'/>\
                  <case number='1:24-cr-9' id='8' title=\"1:24-cr-00009 USA v. Jory\"/></request>";
    let item = pages::feed_item(
        "1:24-cv-00417 Orla v. Nimbus",
        "7",
        "Type: bk Office: 1 Chapter: 7 [Order]",
    );
    let multipart = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/calendar\n\nx=3D\n--b\n\
         Content-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+\n--b--\n";
    let district = notices::district(
        &notices::case_417(),
        "<b>Notice has been electronically mailed to:</b> Orla o@example.com",
    );
    vec![
        pages::district_docket(),
        pages::history(),
        pages::menu(),
        pages::opinions(),
        pages::feed(&item),
        pages::archived_docket(),
        pages::price_page(),
        pages::case_summary(),
        pages::claims_register(),
        pages::claims_activity(),
        pages::appeal(&pages::appeal_entry("02/03/2026", "1", "NOTICE.")),
        pages::appeal_menu(),
        pages::acms_case(),
        pages::acms_menu(),
        lookup.to_owned(),
        multipart.to_owned(),
        notices::message(
            "Activity in Case 1:24-cv-00417 Orla v. Nimbus Order",
            &district,
        ),
        notices::message(
            "24-417 Orla \"Letter\"",
            &notices::appellate(&notices::appellate_table(), "Letter"),
        ),
        notices::message(
            "Orla 24-2883 - 030 - Order",
            &notices::acms("<b>Document:</b><a href='/NDA/1'>x</a>", "ORDER"),
        ),
        notices::plain(
            notices::PLAIN_CASE,
            "Notice has been electronically mailed to:\nOrla\no@example.com\n",
        ),
    ]
}

#[test]
fn damaged_pages_never_panic() {
    let mut numbers = Numbers(20_261_123);
    for page in own_pages() {
        read_all(page.as_bytes());
        for _ in 0..100 {
            read_all(&damage(page.as_bytes(), &mut numbers));
        }
    }
}

/// Fixtures, and real pages where they are, each read as what it was. Ten thousand of them.
#[test]
fn damaged_saved_pages_never_panic_nor_take_long_nor_grow() {
    const MUTANTS: usize = 10_000;
    let mut saved = fixture_pages();
    saved.extend(corpus_pages().into_iter().flatten());
    let mut numbers = Numbers(20_261_125);
    let (mut slowest, mut failed) = (Duration::ZERO, 0);
    for number in 0..MUTANTS {
        let SavedPage {
            kind, court, bytes, ..
        } = &saved[number % saved.len()];
        let page = damage(bytes, &mut numbers);
        let start = worked();
        let meaning = kind.to_json(&page, court, HINTS);
        let time = worked() - start;
        let most_time = Duration::from_secs(2) + Duration::from_micros(10) * page.len() as u32;
        assert!(time < most_time, "{kind:?} took {time:?}");
        // Text of nested cells and addresses seen above come more than once.
        let most_bytes = 200 * page.len() + 10_000;
        match meaning {
            Ok(meaning) => assert!(meaning.len() < most_bytes, "{kind:?} grew"),
            Err(_) => failed += 1,
        }
        slowest = slowest.max(time);
    }
    println!("{MUTANTS} damaged pages: {failed} refused, the slowest took {slowest:?}");
    assert!(failed < MUTANTS / 2, "{failed} were refused");
}

#[test]
fn every_prefix_of_a_docket_can_be_read() {
    let page = pages::district_docket();
    for end in (0..page.len()).step_by(3) {
        let _ = docket::parse(&page.as_bytes()[..end], "cand");
        let _ = docket_page(&page.as_bytes()[..end]);
    }
}
