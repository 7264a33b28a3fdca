//! Pages that broke on their way: whatever comes, nothing panics.

use pacer::page::kind::Kind;
use pacer::page::possible_case_numbers::Hints;
use pacer::page::verdict::{docket_answer, document_answer, menu_answer};
use pacer::page::{docket, login_check, receipt};

use crate::pages::{
    case_summary, claims_activity, claims_register, district_docket, menu, price_page,
};

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

fn read_all(page: &[u8]) {
    let hints = Hints {
        office_number: Some("1"),
        docket_number_letters: Some("cv"),
        case_name: Some("Orla v. Nimbus"),
    };
    for court in ["cand", "nysb", "txnb", "ca9", ""] {
        for kind in Kind::ALL {
            let _ = kind.to_json(page, court, hints);
        }
    }
    let _ = (
        docket_answer(page),
        document_answer(None, page),
        menu_answer(None, page),
    );
    let _ = (receipt::read(page), login_check::is_logged_in(page));
}

fn damage(page: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const SCRAPS: &[&[u8]] = &[
        b"<table>",
        b"</table>",
        b"<tr><td>",
        b"</td>",
        b"<b>",
        b"</b>",
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
        b"Docket Text",
        b"Date Filed: 99/99/9999",
        b"\xc3",
        "\u{a0}é\u{2028}".as_bytes(),
        b"------",
        b"represented by",
        b"<template>",
        b"<svg><td>",
        b"<case number='",
        b"' id='1' title='x'/>",
        b"Transaction Receipt",
        b"Adversary Proceeding",
    ];
    let mut page = page.to_vec();
    for _ in 0..=numbers.below(6) {
        let place = numbers.below(page.len() + 1);
        match numbers.below(4) {
            0 => page.truncate(place.max(1)),
            1 => {
                let end = (place + numbers.below(200)).min(page.len());
                page.drain(place..end);
            }
            2 => {
                let scrap = SCRAPS[numbers.below(SCRAPS.len())];
                page.splice(place..place, scrap.iter().copied());
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
    page
}

#[test]
fn damaged_pages_never_panic() {
    let lookup = "<request number='1'><case number='1:24-cv-9' id='7' title='1:24-cv-00009 Orla v. Nimbus' defendant='0'/>\
                  <case number='1:24-cr-9' id='8' title=\"1:24-cr-00009 USA v. Jory\"/></request>";
    let mut numbers = Numbers(20_261_123);
    let pages = [
        district_docket(),
        menu(),
        price_page(),
        case_summary(),
        claims_register(),
        claims_activity(),
        lookup.to_owned(),
    ];
    for page in pages {
        read_all(page.as_bytes());
        for _ in 0..250 {
            read_all(&damage(page.as_bytes(), &mut numbers));
        }
    }
}

#[test]
fn every_prefix_of_a_docket_can_be_read() {
    let page = district_docket();
    for end in (0..page.len()).step_by(3) {
        let _ = docket::parse(&page.as_bytes()[..end], "cand");
        let _ = docket_answer(&page.as_bytes()[..end]);
    }
}
