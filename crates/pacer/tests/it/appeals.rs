//! Rules of pages of appellate courts, on pages of our own.

use pacer::page::PageError;
use pacer::page::appellate_docket::{AppellateDocket, parse};
use pacer::page::{acms_attachment_page, acms_docket, acms_index, appellate_attachment_page};
use serde::Serialize;
use serde_json::{Value, json};

use crate::pages::{acms_case, acms_menu, appeal, appeal_entry, appeal_menu};

fn read(page: &str) -> AppellateDocket {
    parse(page.as_bytes(), "ca9")
        .expect("the page can be read")
        .expect("the page is a docket")
}

fn value(found: impl Serialize) -> Value {
    serde_json::to_value(found).expect("what pages mean is JSON")
}

#[test]
fn header_tells_about_the_appeal() {
    let docket = value(read(&appeal("")));
    let expected = json!({
        "docket_number": "26-1042", "case_name": "Wren Hollow v. Nimbus Kettle Works", "panel": ["ABC", "DE"],
        "nature_of_suit": "", "appeal_from": "", "fee_status": "fee paid", "date_filed": "2026-02-03",
        "date_terminated": null, "case_type_information": "civil, private",
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&docket[field], value, "{field}");
    }
}

#[test]
fn number_of_an_appeal_may_be_a_telephone_link() {
    let page = appeal("").replace("26-1042", "<i></i><a href='tel:26-1042'>26-1042</a>");
    assert_eq!(read(&page).docket_number, "26-1042");
    let page = appeal("").replace("Court of Appeals Docket #: ", "Case Number:");
    assert_eq!(read(&page).docket_number, "26-1042");
}

#[test]
fn panel_is_told_only_in_its_section() {
    for page in [
        appeal("").replace("Panel Assignment:", "Bench:"),
        appeal("").replace("ABC DE", "Not available"),
    ] {
        assert!(read(&page).panel.is_empty());
    }
}

#[test]
fn label_counts_only_in_the_first_text_of_an_element() {
    let page = appeal("").replace(
        "<b>Fee Status:</b>",
        "<u>One<br>Fee Status</u>wrong<b>Fee Status:</b>",
    );
    assert_eq!(read(&page).fee_status, "fee paid");
}

#[test]
fn case_below_is_told() {
    assert_eq!(
        value(read(&appeal("")).originating_court_information),
        json!({
            "docket_number": "1:24-cv-00417", "court_id": "cand", "assigned_to": "Rosalind M. Ferrant",
            "ordering_judge": "", "court_reporter": "", "disposition": "", "date_filed": "2024-03-05",
            "date_disposed": null, "date_judgment": "2026-01-20", "date_filed_noa": "2026-01-30",
        })
    );
}

#[test]
fn number_of_an_agency_stands_behind_the_second_colon() {
    let number = |text: &str| {
        let page = appeal("").replace(">1:24-cv-00417-ABC<", &format!("> {text} : more<"));
        let court = read(&page).originating_court_information.unwrap();
        (court.docket_number, court.restricted_alien_number)
    };
    assert_eq!(number("RB-77"), (Some("RB-77".to_owned()), None));
    for alien in ["A000-000-000", "A-77"] {
        assert_eq!(
            number(alien),
            (None, Some(alien.to_owned())),
            "kept apart from numbers of cases"
        );
    }
}

#[test]
fn appeal_without_a_case_below_survives_its_own_json() {
    let none = "<table><tr><td><b>Originating Court Information:</b></td></tr><tr><td>None</td></tr></table>";
    for below in [none, ""] {
        let page = appeal("");
        let start = page.find("<table><tr><td><b>Originating").unwrap();
        let end = start + page[start..].find("</table>").unwrap() + "</table>".len();
        let docket = read(&format!("{}{below}{}", &page[..start], &page[end..]));
        let json = value(&docket);
        assert_eq!(json["originating_court_information"], json!({}));
        assert_eq!(
            serde_json::from_value::<AppellateDocket>(json).unwrap(),
            docket
        );
    }
    let docket = read(&appeal(""));
    assert_eq!(
        serde_json::from_value::<AppellateDocket>(value(&docket)).unwrap(),
        docket
    );
}

#[test]
fn parties_of_an_appeal_come_with_their_attorneys() {
    assert_eq!(
        value(read(&appeal("")).parties),
        json!([
            {
                "name": "WREN HOLLOW", "type": "Plaintiff\u{a0}-\u{a0}Appellant", "date_terminated": "2026-04-01",
                "Alias": "Wrenna", "unparsed": ["of the mill"],
                "attorneys": [
                    {"name": "Tamsin Quill", "contact": "Direct:  555\nQuill & Vane LLP", "roles": ["COR NTC Retained"]},
                    {"name": "Ida Moss", "contact": "1 Quay\n\nBack door", "roles": ["NTC"]},
                ],
            },
            {
                "name": "NIMBUS KETTLE WORKS", "type": "Defendant - Appellee",
                "attorneys": [{"name": "Tamsin Quill", "contact": "Direct:  555\nQuill & Vane LLP", "roles": []}],
            },
        ])
    );
}

#[test]
fn label_of_a_party_never_replaces_a_field() {
    let page = appeal("").replace("<b>Alias: </b>", "<b>name:</b>");
    let party = &read(&page).parties[0];
    assert_eq!(party.name, "WREN HOLLOW");
    assert_eq!(party.unparsed[0], "name:Wrenna");
}

#[test]
fn party_without_a_role_is_refused() {
    let page = appeal("").replace("<br>Defendant - Appellee", "");
    assert_eq!(
        parse(page.as_bytes(), "ca9"),
        Err(PageError::Missing("role of a party"))
    );
}

#[test]
fn entries_of_an_appeal_have_number_document_and_sequence() {
    let entries = [
        appeal_entry("02/03/2026", "1", "NOTICE of  appeal. [Entered: 02/04/2026 12:25 PM]"),
        "<tr><td>02/05/2026</td><td><a href='/docs1/00911234569'><img></a><font>14</font></td><td>MOTION.</td></tr>".to_owned(),
        "<tr><td>02/06/2026</td><td>&nbsp;</td><td>Nobody came.</td></tr>".to_owned(),
    ];
    assert_eq!(
        value(read(&appeal(&entries.concat())).docket_entries),
        json!([
            {
                "date_filed": "2026-02-03", "date_entered": "2026-02-04", "document_number": "1",
                "description": "NOTICE of appeal. [Entered: 02/04/2026 12:25 PM]",
                "pacer_doc_id": "009012345601", "pacer_seq_no": "771",
            },
            {
                "date_filed": "2026-02-05", "date_entered": null, "document_number": "00901234569",
                "description": "MOTION.", "pacer_doc_id": "00901234569",
            },
            {
                "date_filed": "2026-02-06", "date_entered": null, "document_number": null,
                "description": "Nobody came.", "pacer_doc_id": null,
            },
        ])
    );
}

#[test]
fn appeal_without_entries_says_so() {
    let entries = format!(
        "<tr><td>No docket entries found.</td></tr>{}",
        appeal_entry("02/03/2026", "1", "Beyond the end.")
    );
    assert!(read(&appeal(&entries)).docket_entries.is_empty());
}

#[test]
fn documents_of_an_entry_are_listed_below_it() {
    let documents = "<tr><td>&nbsp;</td><td></td><td><table><tr><td><table>\
        <tr><td>Document</td><td>Description</td></tr>\
        <tr><td><input value='771 5551 14 13481'></td><td>1</td><td><a href='/docs1/00911234501'>x</a></td>\
        <td>Main Document</td><td>14</td><td>13.17 KB</td></tr>\
        <tr><td></td><td>2</td><td>Sealed</td><td></td><td></td></tr></table></td></tr></table></td></tr>";
    let entries = appeal_entry("02/03/2026", "1", "NOTICE of appeal.")
        + documents
        + &appeal_entry("02/07/2026", "2", "ORDER.");
    let page = appeal(&entries) + "<input type=button value='View Selected'>";
    let docket = read(&page);
    let [notice, order] = &docket.docket_entries[..] else {
        panic!("rows of documents are no entries: {docket:?}")
    };
    assert_eq!(
        value(&notice.attachments),
        json!([
            {
                "attachment_number": 1, "description": "Main Document", "page_count": 14, "file_size_str": "13.17 KB",
                "pacer_doc_id": "00901234501", "pacer_seq_no": "771", "file_size_bytes": 13481,
            },
            {
                "attachment_number": 2, "description": "", "page_count": null, "file_size_str": "",
                "pacer_doc_id": null, "pacer_seq_no": null,
            },
        ])
    );
    assert_eq!(order.attachments, None);
}

#[test]
fn page_in_place_of_an_appeal_is_recognised() {
    for text in [
        "<b>Case Number Not Found</b>",
        "<B>2 Documents are  attached to this filing</B>",
        "document.location=\"https://pacer.login.uscourts.gov/csologin\"",
        "Access to the document you are about to view has been restricted, really. Do not allow it to be seen by unauthorized persons.",
        "may not have originated from within CM/ECF. The link to this page may not have originated from within CM/ECF!",
    ] {
        let page = appeal("") + text;
        assert_eq!(parse(page.as_bytes(), "ca9"), Ok(None), "{text}");
    }
    assert_eq!(
        parse(b"<p>nothing", "ca9"),
        Err(PageError::Missing("case name"))
    );
}

#[test]
fn menu_of_an_appeal_lists_all_documents() {
    let menu = appellate_attachment_page::parse(appeal_menu().as_bytes(), "ca9").unwrap();
    assert_eq!(
        value(menu),
        json!({
            "pacer_doc_id": "00901234566", "pacer_case_id": "4711", "pacer_seq_no": "31",
            "attachments": [
                {
                    "attachment_number": 1, "description": "Brief", "page_count": 3, "file_size_bytes": 13481,
                    "pacer_doc_id": "00901234567",
                },
                {"attachment_number": 2, "description": "Cover letter", "page_count": 1, "pacer_doc_id": "00901234566"},
            ],
        })
    );
    let page = appeal_menu().replace("<a href", "<b><a href");
    assert_eq!(
        appellate_attachment_page::parse(page.as_bytes(), "ca9"),
        Ok(None)
    );
}

#[test]
fn answers_of_acms_are_a_docket() {
    let docket = acms_docket::parse(acms_case().as_bytes(), "ca2")
        .unwrap()
        .unwrap();
    let expected = json!({
        "court_id": "ca2", "pacer_case_id": "11111111-2222-3333-4444-555555555555", "docket_number": "26-1042",
        "case_name": "Hollow v. Nimbus", "fee_status": "Paid", "date_filed": "2026-02-03",
        "appeal_from": "Board of Kettles", "case_type_information": "Agency, Review",
        "originating_court_information": {
            "name": "North Quay", "identifier": "95", "RESTRICTED_ALIEN_NUMBER": "A000-000-000",
        },
        "parties": [{
            "name": "WREN HOLLOW", "type": "Petitioner", "date_terminated": "2026-04-01",
            "unparsed": ["\u{a0}AKA Wrenna, "],
            "attorneys": [{"name": "Tamsin Quill", "contact": "1 Harbour Row", "roles": ["Retained"]}],
        }],
        "docket_entries": [{
            "document_number": 3,
            "description_html": "<p><strong>KETTLE</strong>&nbsp;filed. [Entered: 02/03/2026 01:20 PM]</p>",
            "description": "KETTLE\u{a0}filed. [Entered: 02/03/2026 01:20 PM]",
            "date_entered": "2026-02-03T13:20:00", "date_filed": "2026-02-02T00:00:00",
            "pacer_doc_id": "66666666-7777-8888-9999-000000000000", "page_count": 20,
        }],
    });
    assert_eq!(value(&docket), expected);
    assert_eq!(
        serde_json::from_value::<acms_docket::AcmsDocket>(expected).unwrap(),
        docket
    );
}

#[test]
fn acms_says_nothing_of_an_unknown_case_below() {
    let answers =
        json!({"caseDetails": {"aNumber": "", "court": {}}, "docketInfo": {"docketEntries": []}});
    let docket = acms_docket::parse(answers.to_string().as_bytes(), "ca2").unwrap();
    let docket = value(docket);
    assert_eq!(docket.get("originating_court_information"), None);
    assert_eq!(docket["appeal_from"], json!(null));
    assert_eq!(
        acms_docket::parse(b"<p>nothing", "ca2"),
        Err(PageError::Bad("ACMS docket"))
    );
}

#[test]
fn answers_of_acms_are_a_menu() {
    let menu = acms_attachment_page::parse(acms_menu().as_bytes(), "ca2").unwrap();
    assert_eq!(
        value(menu),
        json!({
            "pacer_doc_id": "66666666-7777-8888-9999-000000000000", "entry_number": 3,
            "pacer_case_id": "11111111-2222-3333-4444-555555555555", "description": "KETTLE filed.",
            "date_filed": "2026-02-03", "date_end": "2026-02-02",
            "attachments": [
                {
                    "attachment_number": 2, "description": "Lid", "page_count": 18,
                    "pacer_doc_id": "66666666-7777-8888-9999-000000000000",
                    "acms_document_guid": "77777777-7777-7777-7777-777777777777", "permission": "Public",
                    "cost": 1.8, "file_size": 142, "date_filed": "2026-02-03",
                },
                {
                    "attachment_number": 1, "description": "Spout - Lid.pdf", "page_count": null,
                    "pacer_doc_id": "66666666-7777-8888-9999-000000000000",
                    "acms_document_guid": null, "permission": null, "cost": null, "file_size": null, "date_filed": null,
                },
            ],
        })
    );
}

#[test]
fn acms_menu_without_one_of_its_answers_is_none() {
    for missing in ["caseDetails", "docketEntry", "docketEntryDocuments"] {
        let page = acms_menu().replace(&format!("\"{missing}\""), "\"other\"");
        assert_eq!(
            acms_attachment_page::parse(page.as_bytes(), "ca2"),
            Ok(None),
            "{missing}"
        );
    }
    assert_eq!(acms_attachment_page::parse(b"<p>", "ca2"), Ok(None));
    let other = acms_attachment_page::parse(br#"{"case": 1}"#, "ca2");
    assert!(matches!(other, Err(PageError::Bad(_))), "{other:?}");
}

/// The page of a case in ACMS whose entry has what ends a statement.
fn acms_page(assigned: &str, number: &str) -> String {
    use base64::Engine as _;
    let claims = json!({
        "exp": 1_920_000_000,
        "showDocClaims": {"CSOId": "4242", "LoginId": "corr", "exemptFlag": false},
    });
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
    let model = json!({
        "authTokenResult": {"token": format!("e30.{claims}.x")},
        "baseApiUrl": "https://acms.example.gov/api/",
        "caseNumber": number,
        "caseDetails": [{
            "caseId": "11111111-2222-3333-4444-555555555555",
            "name": "Hollow v. \"Pier\"; Corr </b>",
        }],
        "docketEntries": [{
            "entryNumber": 1,
            "docketEntryText": "<p>CASE OPENED}; see [1]. [Entered: 02/03/2026 01:20 PM]</p>",
            "docketEntryId": "66666666-7777-8888-9999-000000000000",
            "endDateFormatted": "02/03/2026",
            "pageCount": 3,
        }],
    });
    format!(
        "<div id='indexContent'>\n<script>\n{assigned} {model};\nwindow.other = {{}};\n</script></div>"
    )
}

#[test]
fn page_of_a_case_in_acms_tells_how_its_json_is_asked() {
    for (assigned, court, number) in [
        ("window.showDocViewModel =", "ca9", "26-1042"),
        ("var showDocViewModel =", "ca2", "26-508"),
        ("window . showDocViewModel=", "ca9", "25-7"),
    ] {
        let page = acms_page(assigned, number);
        let index = acms_index::parse(page.as_bytes(), court).unwrap().unwrap();
        assert_eq!(index.docket_number.as_deref(), Some(number), "{assigned}");
        assert_eq!(
            index.pacer_case_id.as_deref(),
            Some("11111111-2222-3333-4444-555555555555")
        );
        assert_eq!(
            index.case_name.as_deref(),
            Some("Hollow v. \"Pier\"; Corr </b>")
        );
        assert_eq!(index.cso_id.as_deref(), Some("4242"));
        assert_eq!(index.token_expires.unwrap().timestamp(), 1_920_000_000);
        assert_eq!(index.docket_entries.len(), 1);
        assert_eq!(
            index.docket_entries[0].description,
            "CASE OPENED}; see [1]. [Entered: 02/03/2026 01:20 PM]"
        );
        let token = index.token.expose();
        assert!(token.starts_with("e30."));
        assert!(!value(&index).to_string().contains(token));
        assert!(!format!("{index:?}").contains(token));
    }
}

#[test]
fn page_without_a_case_in_acms_is_none_and_a_torn_one_is_bad() {
    let page = acms_page("window.showDocViewModel =", "26-1042");
    let torn = &page.as_bytes()[..page.len() / 2];
    assert_eq!(
        acms_index::parse(torn, "ca9"),
        Err(PageError::Bad("view model of ACMS"))
    );
    let no_token = page.replace("e30.", "e30");
    assert_eq!(
        acms_index::parse(no_token.as_bytes(), "ca9"),
        Err(PageError::Bad("token of ACMS"))
    );
    assert_eq!(
        acms_index::parse(b"<p>There is no such case.</p>", "ca9"),
        Ok(None)
    );
}
