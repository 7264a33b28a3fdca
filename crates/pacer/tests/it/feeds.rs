//! Rules of feeds, on feeds of our own.

use pacer::page::PageError;
use pacer::page::rss_feed::{FeedDocket, parse};
use serde_json::json;

use crate::pages::{feed, feed_item};

fn read(items: &str, court: &str) -> Vec<FeedDocket> {
    parse(feed(items).as_bytes(), court).expect("the feed can be read")
}

fn order() -> String {
    feed_item(
        "1:24-cv-00417-ABC Penhallow v. Nimbus &amp;amp; Co",
        "998877",
        "[Order]",
    )
}

fn appeal(description: &str) -> String {
    format!(
        "<item><title>24-8054 Orla v. Nimbus</title><description>{description}</description>\
         <pubDate>Tue, 05 Mar 2024 10:15:00 EST</pubDate></item>"
    )
}

/// The time that an item's date is read as.
fn time(date: &str) -> Result<String, PageError> {
    let items = order().replace("Tue, 05 Mar 2024 10:15:00 GMT", date);
    parse(feed(&items).as_bytes(), "cand")
        .map(|found| found[0].docket_entries[0].date_filed.to_rfc3339())
}

#[test]
fn item_is_a_docket_with_one_entry() {
    assert_eq!(
        serde_json::to_value(read(&order(), "cand")).unwrap(),
        json!([{
            "court_id": "cand",
            "docket_number": "1:24-cv-00417",
            "federal_dn_office_code": "1",
            "federal_dn_case_type": "cv",
            "federal_dn_judge_initials_assigned": "ABC",
            "federal_dn_judge_initials_referred": null,
            "federal_defendant_number": null,
            "pacer_case_id": "998877",
            "case_name": "Penhallow v. Nimbus & Co",
            "type": "",
            "office": "",
            "chapter": "",
            "trustee_str": "",
            "date_filed": null,
            "date_terminated": null,
            "date_converted": null,
            "date_discharged": null,
            "parties": null,
            "assigned_to_str": "",
            "referred_to_str": "",
            "cause": "",
            "nature_of_suit": "",
            "jury_demand": "",
            "demand": "",
            "jurisdiction": "",
            "docket_entries": [{
                "date_filed": "2024-03-05T10:15:00Z",
                "document_number": "7",
                "short_description": "Order",
                "description": "",
                "pacer_doc_id": "035012345001",
                "pacer_seq_no": "31",
            }],
        }])
    );
}

#[test]
fn feed_survives_its_own_json() {
    let found = read(&order(), "cand");
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<FeedDocket>>(&json).unwrap(),
        found
    );
}

#[test]
fn bankruptcy_is_described_before_the_bracket() {
    let item = |description: &str| feed_item("24-10417-abc Wren Hollow Mills", "7", description);
    let found = &read(
        &item("Type: bk Office: 7 Chapter: 11 Trustee: Corr , Ines P. [Notice]"),
        "nysb",
    )[0];
    assert_eq!(found.docket_number, "24-10417");
    assert_eq!(
        [
            &found.case_type,
            &found.office,
            &found.chapter,
            &found.trustee_str
        ],
        ["bk", "7", "11", "Corr, Ines P."]
    );
    let found = &read(
        &item("Type: ap Office: 1 Chapter:   [Trustee: gone]"),
        "nysb",
    )[0];
    assert_eq!(
        (found.chapter.as_str(), found.trustee_str.as_str()),
        ("", "")
    );
    assert_eq!(found.docket_entries[0].short_description, "Trustee: gone");
    assert_eq!(
        read(&item("Office: 1 [Notice]"), "nysb"),
        [],
        "it has no type"
    );
}

#[test]
fn appeals_need_no_link_and_number_documents_by_their_id() {
    let items = appeal(
        "[Opinion] (&lt;a href='https://ecf.ca2.uscourts.gov/docs1/00210922939?de_seq_num=4'>Document&lt;/a>)",
    );
    let found = &read(&items, "ca2")[0];
    assert_eq!(
        (found.docket_number.as_str(), &found.pacer_case_id),
        ("24-8054", &None)
    );
    let entry = &found.docket_entries[0];
    assert_eq!(entry.document_number.as_deref(), Some("00200922939"));
    assert_eq!(
        (entry.pacer_doc_id.as_str(), &entry.pacer_seq_no),
        ("00200922939", &None)
    );
    assert_eq!(entry.date_filed.to_rfc3339(), "2024-03-05T10:15:00-05:00");
    let entry = &read(&appeal("[ruling]"), "ca2")[0].docket_entries[0];
    assert_eq!(
        (entry.pacer_doc_id.as_str(), &entry.document_number),
        ("", &None)
    );
}

#[test]
fn items_that_lack_a_value_or_a_number_are_left_out() {
    for (from, to) in [
        ("title", "subtitle"),
        ("link", "atom:link"),
        ("description", "summary"),
        ("pubDate", "date"),
    ] {
        let items = order().replace(&format!("{from}>"), &format!("{to}>"));
        assert_eq!(read(&items, "cand"), [], "{from}");
    }
    assert_eq!(
        read(&order().replace("1:24-cv-00417-ABC", "MDL No. 12"), "cand"),
        []
    );
    assert_eq!(read(&appeal("[ruling]"), "cand"), []);
}

#[test]
fn name_may_be_missing() {
    let item = feed_item("1:24-cv-00417 ", "998877", "[Order]");
    assert_eq!(read(&item, "cand")[0].case_name, "Unknown Case Title");
}

#[test]
fn description_of_an_entry_is_what_stands_in_brackets_first() {
    let short = |description: &str| {
        let items = feed_item("1:24-cv-00417 Orla", "998877", description);
        read(&items, "cand").remove(0).docket_entries[0]
            .short_description
            .clone()
    };
    assert_eq!(
        short("[Notice &amp;#40;Other&amp;#41;] [2]"),
        "Notice (Other)"
    );
    assert_eq!(short("<![CDATA[[Order] Orla v. Nimbus]]>"), "Order");
    assert_eq!(short("[Date Filed: 03/05/2024]"), "");
    assert_eq!(short("no brackets"), "");
}

#[test]
fn kinds_of_the_same_entry_are_joined() {
    let item = |kind: &str| feed_item("1:24-cv-00417 Orla", "998877", &format!("[{kind}]"));
    let items = item("Order") + &item("Exhibit") + &item("Brief AND Letter") + &item("STANDING");
    let found = read(&items, "cand");
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].docket_entries[0].short_description,
        "Brief AND Exhibit AND Letter AND Order AND STANDING"
    );
    let other = item("Letter").replace("035112345001", "035112345002");
    assert_eq!(read(&(items + &other), "cand").len(), 2);
}

#[test]
fn description_that_was_there_is_cut_inside_words_too() {
    let item = |kind: &str| feed_item("1:24-cv-00417 Orla", "998877", &format!("[{kind}]"));
    let found = read(&(item("STANDING") + &item("Order")), "cand");
    assert_eq!(
        found[0].docket_entries[0].short_description,
        "ING AND Order AND ST"
    );
}

#[test]
fn zone_decides_about_the_offset() {
    let cases = [
        ("Fri, 05 Jul 2024 10:15:00 MST", "2024-07-05T10:15:00-06:00"),
        ("Fri, 05 Jan 2024 10:15:00 MDT", "2024-01-05T10:15:00-07:00"),
        (
            "Fri, 05 Jul 2024 10:15:00 AKDT",
            "2024-07-05T10:15:00-08:00",
        ),
        ("Fri, 05 Jul 2024 10:15:00 HST", "2024-07-05T10:15:00-10:00"),
        ("Fri, 05 Jul 2024 10:15:00 AST", "2024-07-05T10:15:00-04:00"),
        (
            "Fri, 05 Jul 2024 10:15:00 CHST",
            "2024-07-05T10:15:00+10:00",
        ),
        ("Fri, 05 Jul 2024 10:15:00 SST", "2024-07-05T10:15:00-11:00"),
        ("5 Jul 2024 10:15:00 UTC", "2024-07-05T10:15:00+00:00"),
        // The hour that comes twice, and the one that does not come.
        ("Sun, 03 Nov 2024 01:30:00 EST", "2024-11-03T01:30:00-05:00"),
        ("Sun, 03 Nov 2024 01:30:00 EDT", "2024-11-03T01:30:00-04:00"),
        ("Sun, 10 Mar 2024 02:30:00 EST", "2024-03-10T02:30:00-05:00"),
    ];
    for (printed, read) in cases {
        assert_eq!(time(printed).as_deref(), Ok(read), "{printed}");
    }
}

#[test]
fn other_and_missing_zones_fail_the_feed() {
    for printed in [
        "Fri, 05 Jul 2024 10:15:00 XYZ",
        "Fri, 05 Jul 2024 10:15:00",
        "Fri, 31 Jun 2024 10:15:00 EST",
        "soon",
    ] {
        assert_eq!(
            time(printed),
            Err(PageError::Bad("date of an item")),
            "{printed}"
        );
    }
}

#[test]
fn feed_of_nothing_is_empty_and_other_documents_fail() {
    assert_eq!(read("", "cand"), []);
    assert_eq!(
        parse(b"<html><p>Service unavailable", "cand"),
        Err(PageError::Missing("feed"))
    );
}

/// An entry without a document: only its guid has something that tells it from another.
fn text_only(title: &str, guid: &str, description: &str) -> String {
    format!(
        "<item><title>{title}</title><link>https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?998877</link>\
         <description>{description}</description>\
         <guid isPermaLink='true'>https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?{guid}</guid>\
         <pubDate>Tue, 05 Mar 2024 10:15:00 GMT</pubDate></item>"
    )
}

#[test]
fn entries_of_one_minute_without_a_document_are_told_apart_by_their_guid() {
    for (court, title, before) in [
        ("cand", "1:24-cv-00417 Orla v. Nimbus", ""),
        (
            "nysb",
            "24-10417-abc Wren Hollow Mills",
            "Type: bk Office: 7 Chapter: 11 ",
        ),
        ("vaed", "2:24-cr-00606 USA v. Corr", ""),
    ] {
        for sign in ["&#x26;", "-", ",", "&amp;de_seq_num=", "-SEQ_"] {
            let item = |number: u32, kind: &str| {
                let guid = format!("998877{sign}{number}");
                text_only(title, &guid, &format!("{before}[{kind}]"))
            };
            let minutes = |number| item(number, "Minute Entry");
            let found = read(&(minutes(129) + &minutes(131)), court);
            let kinds: Vec<&str> = found
                .iter()
                .map(|docket| docket.docket_entries[0].short_description.as_str())
                .collect();
            assert_eq!(kinds, ["Minute Entry", "Minute Entry"], "{court} {sign}");
            // The same number in two kinds is one entry.
            let found = read(&(minutes(129) + &item(129, "Order")), court);
            assert_eq!(found.len(), 1, "{court} {sign}");
            assert_eq!(
                found[0].docket_entries[0].short_description,
                "Minute Entry AND Order"
            );
        }
    }
}
