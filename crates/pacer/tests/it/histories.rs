//! Rules of histories, on pages of our own.

use pacer::page::docket_history::{DocketHistory, parse};
use serde_json::json;

use crate::pages::history;

fn read(page: &str, court: &str) -> DocketHistory {
    parse(page.as_bytes(), court)
        .expect("the page can be read")
        .expect("the page is a history")
}

fn heading(lines: &str) -> String {
    format!("<h2>History</h2><center><b><font size='+1'>24-10417-abc</font></b> {lines}</center>")
}

fn case_name(after_number: &str) -> String {
    let page = format!("<center><font size='+1'>1:24-cv-00417</font>{after_number}</center>");
    read(&page, "cand").case_name
}

#[test]
fn history_tells_about_the_case_and_its_entries() {
    assert_eq!(
        serde_json::to_value(read(&history(), "cand")).unwrap(),
        json!({
            "court_id": "cand",
            "case_name": "Penhallow v. Nimbus Kettle Works",
            "docket_number": "1:24-cv-00417",
            "federal_dn_office_code": "1",
            "federal_dn_case_type": "cv",
            "federal_dn_judge_initials_assigned": "ABC",
            "federal_dn_judge_initials_referred": "DE",
            "federal_defendant_number": null,
            "date_filed": "2024-03-05",
            "date_last_filing": "2024-05-02",
            "date_terminated": "2024-05-01",
            "date_discharged": null,
            "assigned_to_str": "Orrin Vale",
            "referred_to_str": "Rosalind M. Ferrant",
            "docket_entries": [
                {
                    "date_filed": "2024-03-05",
                    "date_entered": "2024-03-06",
                    "document_number": "1",
                    "pacer_doc_id": "035012345001",
                    "pacer_seq_no": "100",
                    "short_description": "Complaint",
                    "description": "COMPLAINT about a kettle, with Exhibits.",
                },
                {
                    "date_filed": "2024-03-08",
                    "date_entered": "2024-03-08",
                    "document_number": null,
                    "pacer_doc_id": null,
                    "pacer_seq_no": null,
                    "short_description": "Minute Entry",
                    "description": "",
                },
            ],
        })
    );
}

#[test]
fn history_survives_its_own_json() {
    let found = read(&history(), "cand");
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<DocketHistory>(&json).unwrap(), found);
}

#[test]
fn bankruptcy_is_named_by_what_follows_its_number() {
    let page = heading(
        "Wren Hollow Mills, et al.<br><b>Chapter:</b> 7 <b>Chief Judge:</b> Ines Corr<br>\
         <b>Date filed:</b> 03/05/24 <b>Date discharged:</b> 07/01/24",
    );
    let found = read(&page, "nysb");
    assert_eq!(found.case_name, "Wren Hollow Mills");
    assert_eq!(found.docket_number.as_deref(), Some("24-10417"));
    assert_eq!(found.assigned_to_str.as_deref(), Some("Ines Corr"));
    assert_eq!(found.date_discharged.unwrap().to_string(), "2024-07-01");
}

#[test]
fn bankruptcy_without_a_judge_has_none() {
    let found = read(&heading("Wren Hollow Mills"), "nysb");
    assert_eq!(found.assigned_to_str, None);
    assert_eq!(
        read(&heading("Wren Hollow Mills"), "cand")
            .assigned_to_str
            .as_deref(),
        Some("")
    );
}

#[test]
fn case_is_named_only_where_the_patterns_agree() {
    assert_eq!(case_name("Orla vs. Nimbus"), "Orla v. Nimbus");
    assert_eq!(case_name("In re: Kettles"), "In re: Kettles");
    assert_eq!(
        case_name("About a kettle in re: Kettles"),
        "Unknown Case Title"
    );
    assert_eq!(
        case_name("Orla v. Nimbus<br>1:24-cv-00418<br>Jory v. Nimbus"),
        "Unknown Case Title"
    );
}

#[test]
fn multidistrict_number_does_not_count() {
    let page =
        "<h2>History</h2><center><font size='+1'>MDL No. 2741</font> In re: Kettles</center>";
    assert_eq!(read(page, "cand").docket_number, None);
}

#[test]
fn number_outside_the_large_heading_does_not_count() {
    let page = "<h2>History</h2><center><font size='+2'>1:24-cv-00417</font></center><font size='+1'>1:24-cv-00418</font>";
    assert_eq!(read(page, "cand").docket_number, None);
}

#[test]
fn judge_may_stand_outside_the_heading() {
    let page =
        history().replace("J. Orrin Vale, presiding<br>", "") + "<p>Tamsin Quill,\n presiding</p>";
    assert_eq!(
        read(&page, "cand").assigned_to_str.as_deref(),
        Some("Tamsin Quill")
    );
}

#[test]
fn entry_with_several_links_names_no_document() {
    let page = history().replace(
        ">1</a></td>",
        ">1</a><a href='/doc1/035112345002'> </a></td>",
    );
    let entry = &read(&page, "cand").docket_entries[0];
    assert_eq!(entry.document_number.as_deref(), Some("1"));
    assert_eq!((&entry.pacer_doc_id, &entry.pacer_seq_no), (&None, &None));
}

#[test]
fn entry_numbered_with_a_word_is_none() {
    let page = history().replace("<td>&nbsp;</td>", "<td>doc</td>");
    assert_eq!(read(&page, "cand").docket_entries.len(), 1);
}

#[test]
fn error_page_is_no_history() {
    for text in [
        "Case   not\nfound.",
        "There are no documents in this case.",
        "Drumpf",
    ] {
        let page = format!("<h2>History</h2>{text}");
        assert_eq!(parse(page.as_bytes(), "cand"), Ok(None), "{text}");
    }
}

#[test]
fn number_is_read_whatever_is_written_around_it_and_never_guessed() {
    let page = history();
    let plain = read(&page, "cand");
    let number = plain.docket_entries[0].document_number.clone();
    let shown = number.clone().expect("it has a number");
    for (drawn, expected) in [
        (format!("({shown})"), number.clone()),
        (format!("#{shown}"), number.clone()),
        (format!("{shown}."), number),
        (format!("{shown}-1"), None),
        (format!("{shown}A"), None),
    ] {
        let page = page.replacen(&format!(">{shown}</a>"), &format!(">{drawn}</a>"), 1);
        for court in ["cand", "nysb", "txsd"] {
            let found = read(&page, court);
            let entries = &found.docket_entries;
            assert_eq!(entries.len(), plain.docket_entries.len(), "{drawn}");
            assert_eq!(entries[0].document_number, expected, "{drawn} at {court}");
            assert_eq!(
                entries[0].pacer_doc_id,
                plain.docket_entries[0].pacer_doc_id
            );
        }
    }
}
