//! Pages that are odd and that were always read right: a court's own programs write all of these, and
//! other readers have stumbled over each.

use pacer::page::answer::{Answer, CourtPage, docket_page, document_page, menu_page};
use pacer::page::{
    acms_docket, attachment_page, confirmation_page, docket, docket_history, email, nef,
};
use serde_json::{Value, json};

use crate::notices::{case_417, district, message};
use crate::pages::{acms_case, docket_with, entry, history, menu, price_page};

/// A docket of a bankruptcy court with those rows in its table of entries.
fn bankruptcy(rows: &str) -> String {
    format!(
        "<center><font>Bankruptcy Petition #: 24-10417-abc</font></center>\
         <table><tr><td>Date filed: 03/05/24</td></tr></table><table>{rows}</table>"
    )
}

#[test]
fn sentence_of_the_download_box_refuses_no_docket() {
    let hidden = "<div id='multidoc' style='display:none'>Unable to create PDF file.</div>";
    let rows = entry("03/05/2024", "1", "2", "COMPLAINT.");
    let header = "<tr><th>Filing Date</th><th>#</th><th>Docket Text</th></tr>";
    for (court, page) in [
        (
            "txsd",
            docket_with("CRIMINAL DOCKET FOR CASE #: 2:24-cr-00606-1", hidden, &rows),
        ),
        (
            "cand",
            docket_with("CIVIL DOCKET FOR CASE #: 3:24-cv-00606", "", &rows)
                .replace("</body>", &format!("{hidden}</body>")),
        ),
        (
            "nysb",
            bankruptcy(&format!("{header}{rows}"))
                .replace("<center>", &format!("{hidden}<center>")),
        ),
    ] {
        let found = docket::parse(page.as_bytes(), court).unwrap();
        let entries = found.map(|docket| docket.docket_entries.len());
        assert_eq!(entries, Some(1), "{court}");
        assert_eq!(
            docket_page(page.as_bytes()),
            CourtPage::Is(Answer::Docket),
            "{court}"
        );
    }
    let page = history().replace("<h2>History</h2>", &format!("<h2>History</h2>{hidden}"));
    let found = docket_history::parse(page.as_bytes(), "nysd").unwrap();
    assert_eq!(found.map(|history| history.docket_entries.len()), Some(2));
}

#[test]
fn rows_of_nothing_before_the_header_are_no_entries() {
    let nothing = [
        "<tr></tr>",
        "<tr></tr>\n<tr> </tr>",
        "<tr></tr><!-- entries --><tr></tr>",
    ];
    let rows = entry("08/08/2024", "1", "2", "COMPLAINT.")
        + &entry("08/09/2024", "2", "4", "Disclosure of Affiliations.");
    for empty in nothing {
        let page = docket_with("CIVIL DOCKET FOR CASE #: 3:24-cv-00541-aqr", "", &rows).replace(
            "<table><tr><th>Date Filed",
            &format!("<table>{empty}<tr><th>Date Filed"),
        );
        assert!(page.contains(empty));
        let filing = "<tr><th>Filing Date</th><th>#</th><th>Docket Text</th></tr>";
        let other = bankruptcy(&format!("{empty}{filing}{rows}"));
        for (court, page) in [("wiwd", &page), ("wiwb", &other)] {
            let found = docket::parse(page.as_bytes(), court).unwrap().unwrap();
            let numbers: Vec<Option<&str>> = found
                .docket_entries
                .iter()
                .map(|entry| entry.document_number.as_deref())
                .collect();
            assert_eq!(numbers, [Some("1"), Some("2")], "{court}: {empty}");
        }
        let page = history().replace(
            "<table><tr><th>Doc.",
            &format!("<table>{empty}<tr><th>Doc."),
        );
        assert!(page.contains(empty));
        let found = docket_history::parse(page.as_bytes(), "wiwd")
            .unwrap()
            .unwrap();
        assert_eq!(found.docket_entries.len(), 2, "{empty}");
    }
}

#[test]
fn menu_without_a_form_and_without_scripts_is_a_menu() {
    let note = "<p id='file_too_big'>Note: You must view each document individually because the \
        combined PDF would be over the 10 MB size limit.</p>";
    for (court, prefix, note) in [
        ("cacd", "0311", note),
        ("nysd", "1271", note),
        ("flsd", "0511", ""),
    ] {
        let row = |number: &str, text: &str, pages: u32, size: &str| {
            format!(
                "<tr><td><a href='https://ecf.{court}.uscourts.gov/doc1/{prefix}4000001{number}'>{number}</a></td>\
                 <td>{text}</td><td>{pages} pages</td><td>{size}</td></tr>"
            )
        };
        let page = format!(
            "<p><b>Document Selection Menu</b></p><p>Select the document you wish to view.</p>\
             <table>{}{}{}</table>{note}",
            row("47", "Main Document", 12, "310 kb"),
            row("1", "Declaration of Orla Penhallow", 3, "88 kb"),
            row("2", "Exhibit A", 31, "7.4 mb"),
        );
        let found = attachment_page::parse(page.as_bytes(), court)
            .unwrap()
            .unwrap();
        let found: Value = serde_json::to_value(found).unwrap();
        assert_eq!(found["document_number"], 47, "{court}");
        assert_eq!(found["page_count"], 12, "{court}");
        for unknown in ["pacer_case_id", "pacer_seq_no"] {
            assert_eq!(found[unknown], Value::Null, "{court}: {unknown}");
        }
        let attachments = found["attachments"].as_array().unwrap();
        assert_eq!(attachments.len(), 2, "{court}");
        assert_eq!(attachments[1]["page_count"], 31, "{court}");
        assert_eq!(attachments[1]["file_size_str"], "7.4 mb", "{court}");
        assert_eq!(
            menu_page(Some("text/html"), page.as_bytes()),
            CourtPage::Is(Answer::Menu),
            "{court}"
        );
    }
}

#[test]
fn notice_that_a_court_made_again_is_the_notice_that_it_was() {
    let mailed = "<b>1:24-cv-00417-ABC-DE Notice has been electronically mailed to:</b><br><br>\
        Tamsin Quill &nbsp; tamsin@example.com <br>\
        <b>1:24-cv-00417-ABC-DE Notice has NOT been electronically mailed to:</b><br>";
    for (court, dates, made) in [
        (
            "cand",
            "on 03/06/2024 at 9:15:08 AM PST and filed\non 03/05/2024",
            "<p><em>This is a re-generated NEF. Created on 9/8/2031 at 6:07 PM PDT</em></p>",
        ),
        (
            "cacd",
            "on 3/6/2024 at 09:15:08 AM and filed\non 03/05/2024",
            "<p>This is a re-generated NEF. Created on 11/02/2031 at 11:59:59 PM </p>",
        ),
        (
            "nysb",
            "on 03/06/2024 at 9:15 AM and filed\non 3/5/2024",
            "<em>This is a re-generated NEF. Created on 3/7/2024 at 1:00 AM EST</em>",
        ),
    ] {
        let first = nef::parse(district(&case_417(), mailed).as_bytes(), court);
        let first = serde_json::to_value(first.unwrap().unwrap()).unwrap();
        let again = district(&case_417(), &format!("{mailed}{made}"))
            .replace("on 3/6/2024 at 9:15 AM PST and filed\non 3/5/2024", dates);
        assert!(again.contains(dates));
        let read = nef::parse(again.as_bytes(), court).unwrap().unwrap();
        assert_eq!(
            serde_json::to_value(read).unwrap(),
            first,
            "{court}: {dates}"
        );
        let mail = message("Activity in Case 1:24-cv-00417-ABC-DE Order", &again);
        let read = email::parse(mail.as_bytes(), court).unwrap().unwrap();
        let read = serde_json::to_value(read).unwrap();
        assert_eq!(
            read["email_recipients"], first["email_recipients"],
            "{court}"
        );
    }
}

#[test]
fn link_whose_id_has_no_serial_keeps_what_a_free_look_needs() {
    for (court, id, order) in [
        (
            "mdb",
            "0920",
            "caseid=700123&amp;de_seq_num=57&amp;magic_num=90210001",
        ),
        (
            "njd",
            "1190",
            "de_seq_num=57&amp;caseid=700123&amp;magic_num=90210001",
        ),
        (
            "cand",
            "0350",
            "magic_num=90210001&amp;de_seq_num=57&amp;caseid=700123",
        ),
    ] {
        let link = format!("<a href='https://ecf.{court}.uscourts.gov/doc1/{id}?{order}'>12</a>");
        let (start, end) = (
            "<strong>Document Number:</strong></td><td>",
            "</td></tr></table>",
        );
        let tables = case_417();
        let (before, _) = tables.split_once(start).unwrap();
        let page = district(&format!("{before}{start}{link}{end}"), "");
        let found = nef::parse(page.as_bytes(), court).unwrap().unwrap();
        let found = serde_json::to_value(found).unwrap();
        let entry = &found["dockets"][0]["docket_entries"][0];
        let told = [
            "document_number",
            "pacer_doc_id",
            "pacer_case_id",
            "pacer_seq_no",
            "pacer_magic_num",
        ];
        let told = told.map(|name| entry[name].as_str().unwrap_or_default());
        assert_eq!(told, ["12", id, "700123", "57", "90210001"], "{court}");
        let address = entry["document_url"].as_str().unwrap();
        assert!(address.contains("de_seq_num=57"), "{court}: {address}");
    }
}

#[test]
fn entry_of_acms_without_its_time_has_none() {
    for (court, text) in [
        (
            "ca9",
            "<p>Added Attorney(s) for party(s) Appellee City of Port Ansel.</p>",
        ),
        (
            "ca2",
            "<p>STREAMLINED REQUEST granted. [Edited 10/04/2031]</p>",
        ),
        ("ca9", "<p>Entered: yesterday. [Entered:  ]</p>"),
    ] {
        let mut answers: Value = serde_json::from_str(&acms_case()).unwrap();
        let whole = answers["docketInfo"]["docketEntries"][0].clone();
        let mut odd = whole.clone();
        odd["docketEntryText"] = json!(text);
        odd["entryNumber"] = json!(4);
        answers["docketInfo"]["docketEntries"] = json!([whole, odd]);
        let found = acms_docket::parse(answers.to_string().as_bytes(), court)
            .unwrap()
            .unwrap();
        let found = serde_json::to_value(found).unwrap();
        let entries = &found["docket_entries"];
        assert_eq!(entries[0]["date_entered"], "2026-02-03T13:20:00", "{text}");
        assert_eq!(entries[1]["date_entered"], Value::Null, "{text}");
        assert_eq!(entries[1]["document_number"], 4, "{text}");
        assert_eq!(entries[1]["date_filed"], "2026-02-02T00:00:00", "{text}");
    }
}

#[test]
fn price_page_of_a_recording_or_transcript_tells_its_price() {
    for (court, description, cost) in [
        ("canb", "AUDIO85-0", "2.40"),
        ("laeb", "TRANSCRIPT:85-0", "3.10"),
        ("nysd", "AUDIO:12-1", "2.40"),
    ] {
        let page = price_page()
            .replace("Docket Report", description)
            .replace("Search Criteria:", "Case Number:")
            .replace("1.20", cost)
            .replace(
                "action='/doc1/",
                &format!("action='https://ecf.{court}.audio.uscourts.gov/doc1/"),
            );
        let found = confirmation_page::parse(page.as_bytes(), court)
            .unwrap()
            .unwrap();
        assert_eq!(found.document_description.as_deref(), Some(description));
        assert_eq!(found.cost.as_deref(), Some(cost));
        let cents: u32 = cost.replace('.', "").parse().unwrap();
        match document_page(Some("text/html"), page.as_bytes()) {
            CourtPage::Price(price) => {
                assert_eq!(price.receipt.cost_cents, Some(cents), "{description}");
            }
            other => assert_eq!(other, CourtPage::Is(Answer::Audio), "{description}"),
        }
        assert_ne!(
            menu_page(Some("text/html"), page.as_bytes()),
            CourtPage::Is(Answer::Menu),
            "{description}"
        );
    }
    assert_eq!(
        menu_page(None, menu().as_bytes()),
        CourtPage::Is(Answer::Menu)
    );
}
