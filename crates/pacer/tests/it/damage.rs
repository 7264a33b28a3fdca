//! Pages that broke on their way: whatever comes, nothing panics.

use pacer::page::possible_case_numbers::{self, Hints};
use pacer::page::verdict::{docket_answer, document_answer, menu_answer};
use pacer::page::{attachment_page, confirmation_page, docket, email, login_check, nef, receipt};

use crate::notices;
use crate::pages::{district_docket, menu, price_page};

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
    for court in ["cand", "nysb", "txnb", "ca9", ""] {
        let _ = docket::parse(page, court);
        let _ = attachment_page::parse(page, court);
        let _ = confirmation_page::parse(page, court);
        let _ = (nef::parse(page, court), email::parse(page, court));
    }
    let hints = Hints {
        office_number: Some("1"),
        docket_number_letters: Some("cv"),
        case_name: Some("Orla v. Nimbus"),
    };
    let _ = possible_case_numbers::parse(page, "any", hints);
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
        b"Case Name:",
        b"<strong>Docket Text:",
        b"\n--b\n",
        b"Content-Type: ",
        b"=\n",
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
    for page in [district_docket(), menu(), price_page(), lookup.to_owned()] {
        read_all(page.as_bytes());
        for _ in 0..750 {
            read_all(&damage(page.as_bytes(), &mut numbers));
        }
    }
}

fn messages() -> [String; 5] {
    let district = notices::district(
        &notices::case_417(),
        "<b>Notice has been electronically mailed to:</b> Orla o@example.com",
    );
    let multipart = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/calendar\n\nx=3D\n--b\n\
         Content-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+\n--b--\n"
        .to_owned();
    [
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
        multipart,
    ]
}

#[test]
fn damaged_messages_never_panic() {
    let mut numbers = Numbers(20_261_125);
    for message in messages() {
        read_messages(message.as_bytes());
        for _ in 0..750 {
            read_messages(&damage(message.as_bytes(), &mut numbers));
        }
    }
}

fn read_messages(message: &[u8]) {
    for court in ["cand", "nhb", "ca9", ""] {
        let _ = (nef::parse(message, court), email::parse(message, court));
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
