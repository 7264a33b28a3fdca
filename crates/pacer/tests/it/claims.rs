//! Claims against a debtor: the register of a case, and the report of a court.

use pacer::page::PageError;
use pacer::page::claims_activity::{self, ClaimActivity};
use pacer::page::claims_register::{self, ClaimsRegister};
use serde_json::json;

use crate::pages::{claims_activity, claims_register};

fn register(page: &str, court: &str) -> ClaimsRegister {
    claims_register::parse(page.as_bytes(), court)
        .expect("the page can be read")
        .expect("the page is a register")
}

fn activity(page: &str) -> Vec<ClaimActivity> {
    claims_activity::parse(page.as_bytes(), "nysb")
        .expect("the page can be read")
        .expect("the page has claims")
}

#[test]
fn register_says_what_its_labels_say() {
    let mut json = serde_json::to_value(register(&claims_register(), "nysb")).unwrap();
    json.as_object_mut().unwrap().remove("claims");
    assert_eq!(
        json,
        json!({
            "court_id": "nysb", "docket_number": "24-10417", "case_name": "Wren Hollow Mills",
            "federal_dn_office_code": null, "federal_dn_case_type": null,
            "federal_dn_judge_initials_assigned": "rf",
            "federal_dn_judge_initials_referred": null, "federal_defendant_number": null,
            // The foot wins over the head, which says 11.
            "chapter": "7", "office": "Harbour", "assigned_to_str": "Ines Corr", "trustee_str": "",
            "date_filed": "2023-12-17", "date_closed": "2025-08-23",
            "date_debtor_dismissed": "2025-10-11", "date_last_to_file_claims": "2024-09-09",
            "date_last_to_file_govt": null, "total_number_of_claims": "2",
        })
    );
}

#[test]
fn number_of_a_register_may_be_that_of_a_district_court() {
    let of = |number: &str| {
        let page = claims_register().replace("> 24-10417-rf<br>", &format!("> {number}<br>"));
        let register = register(&page, "nysb");
        let office = register.docket_number_parts.federal_dn_office_code;
        (register.docket_number, office)
    };
    let (number, office) = of("2:24-bk-00417-RF 24-99999");
    assert_eq!(
        (number.as_str(), office.as_deref()),
        ("2:24-bk-00417", Some("2"))
    );
    assert_eq!(
        of("none  yet"),
        ("none yet".to_owned(), None),
        "it stays as it is"
    );
}

#[test]
fn claim_is_read_whole() {
    let register = register(&claims_register(), "nysb");
    assert_eq!(
        serde_json::to_value(&register.claims[0]).unwrap(),
        json!({
            "creditor_id": "7265448",
            "creditor_details": "Jory Blackwood & Co.\nPier 9\n\nHarbour  Row 1",
            "claim_number": 12,
            "date_original_filed": "2024-05-14", "date_original_entered": "2024-05-15",
            "date_last_amendment_filed": "2024-06-01", "date_last_amendment_entered": "2024-06-02",
            "status": "Withdraw", "filed_by": "CR", "entered_by": "Ada  Finch",
            "date_modified": "2024-07-01",
            "amount_claimed": "$379.56", "secured_claimed": "$1.00", "priority_claimed": "$2.00",
            "unsecured_claimed": "$3.00", "admin_claimed": "$4.00", "unknown_claimed": "",
            "description": "Kettles  sold", "remarks": "None seen",
            "history": [
                {
                    "document_number": 12, "attachment_number": 2, "type": "claim", "id": "55",
                    "pacer_case_id": "998877", "date_filed": "2024-05-14",
                    "description": "Claim #12 filed by Jory  Blackwood",
                },
                {
                    "document_number": 19, "type": "docket_entry", "pacer_doc_id": "126055500001",
                    "pacer_case_id": "998877", "pacer_seq_no": "69", "pacer_dm_id": "77",
                    "date_filed": "2024-06-13", "description": "Withdrawn Remarks: x",
                },
                {
                    "document_number": 20, "type": "docket_entry", "pacer_doc_id": "126055500002",
                    "date_filed": null, "description": "",
                },
                // Without a number the ids do not count.
                {
                    "document_number": null, "type": "claim", "date_filed": "2024-06-14",
                    "description": "None",
                },
            ],
        })
    );
}

#[test]
fn claim_may_say_next_to_nothing() {
    let register = register(&claims_register(), "nysb");
    assert_eq!(register.claims.len(), 2);
    assert_eq!(
        serde_json::to_value(&register.claims[1]).unwrap(),
        json!({
            "creditor_id": "8", "creditor_details": "Ines Corr", "claim_number": null,
            "date_original_filed": null, "date_original_entered": null,
            "status": "", "filed_by": "", "entered_by": "", "date_modified": null,
            "description": "", "remarks": "", "history": [],
        })
    );
}

#[test]
fn history_with_missing_cells_is_refused() {
    let page = claims_register().replace(
        "<tr><td>Details<td>",
        "<tr><td>Nothing</td></tr><tr><td><td>",
    );
    assert_eq!(
        claims_register::parse(page.as_bytes(), "nysb"),
        Err(PageError::Bad("history of a claim"))
    );
}

#[test]
fn page_that_is_no_register_is_refused() {
    let read = |page: &str, court: &str| claims_register::parse(page.as_bytes(), court);
    assert_eq!(
        read(&claims_register(), "cand"),
        Err(PageError::NotBankruptcy)
    );
    assert_eq!(
        read("<p>Log in", "nysb"),
        Err(PageError::Missing("case number"))
    );
    let nameless = claims_register().replace("Case Name:", "Name:");
    assert_eq!(
        read(&nameless, "nysb"),
        Err(PageError::Missing("case name"))
    );
    let none = "<p>No claims found for this case using selection\ncriteria entered";
    assert_eq!(read(none, "nysb"), Ok(None));
}

#[test]
fn claims_come_back_from_their_own_json() {
    let register = register(&claims_register(), "nysb");
    let json = serde_json::to_string(&register).unwrap();
    assert_eq!(
        serde_json::from_str::<ClaimsRegister>(&json).unwrap(),
        register
    );
    let activity = activity(&claims_activity());
    let json = serde_json::to_string(&activity).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<ClaimActivity>>(&json).unwrap(),
        activity
    );
}

#[test]
fn report_tells_of_the_case() {
    let found = activity(&claims_activity());
    assert_eq!(found.len(), 1);
    let mut json = serde_json::to_value(&found[0]).unwrap();
    json.as_object_mut().unwrap().remove("claim");
    assert_eq!(
        json,
        json!({
            "court_id": "nysb", "case_name": "Wren Hollow Mills", "docket_number": "24-10417",
            "federal_dn_office_code": null, "federal_dn_case_type": null,
            "federal_dn_judge_initials_assigned": "rf",
            "federal_dn_judge_initials_referred": null, "federal_defendant_number": null,
            "office": "7", "chapter": "13", "assigned_to_str": "Corr", "trustee_str": "Finch_7",
            "last_date_to_file_claims": "2024-11-18", "last_date_to_file_govt": null,
        })
    );
}

#[test]
fn report_tells_of_the_claim() {
    assert_eq!(
        serde_json::to_value(&activity(&claims_activity())[0].claim).unwrap(),
        json!({
            "pacer_case_id": "998877", "claim_id": "55", "claim_number": "12-2",
            "amends_no": "3", "amount_claimed": "$1600.00", "amount_allowed": "$1.00",
            "secured_claimed": "$2.00", "priority_claimed": "$3.00",
            "creditor_name_address": "Jory Blackwood, c/o: Pier 9", "creditor_id": "(8)",
            "description": "**LATE**", "entered_by": "J. Quill", "filed_by": "Creditor",
            "status": "Withdraw", "remarks": "Seen",
            "date_filed": "2024-10-03", "date_entered": "2024-10-04",
            "attachments": [
                {
                    "pacer_case_id": "998877", "claim_id": "55", "claim_number": "12-2",
                    "claim_doc_seq": "1", "short_description": "Exhibit A",
                },
                {
                    "pacer_case_id": null, "claim_id": null, "claim_number": null,
                    "claim_doc_seq": null, "short_description": "",
                },
            ],
        })
    );
}

#[test]
fn number_of_the_case_may_be_a_link() {
    let link =
        "<a href='/x'></a><a href='/cgi-bin/DktRpt.pl?998877'><font>24-00332-ABC-13</font></a><br>";
    let page = claims_activity().replace("Case: 24-10417-rf<br>", link);
    let found = &activity(&page)[0];
    assert_eq!(found.docket_number, "24-00332");
    let initials = found
        .docket_number_parts
        .federal_dn_judge_initials_assigned
        .as_deref();
    assert_eq!(initials, Some("ABC"));
    let numberless = claims_activity().replace("Case: 24-10417-rf<br>", "");
    assert_eq!(
        claims_activity::parse(numberless.as_bytes(), "nysb"),
        Err(PageError::Missing("case number"))
    );
}

#[test]
fn claim_without_a_link_has_no_ids() {
    let page = "<table class=complexReport><tr><td>Case: 24-10417<br><b>12</b></td></tr></table>";
    let claim = serde_json::to_value(&activity(page)[0].claim).unwrap();
    for id in ["pacer_case_id", "claim_id", "claim_number"] {
        assert_eq!(claim.get(id), None, "{id}");
    }
    let bare = page.replace("12", "<a href='/x'>12</a>");
    let claim = serde_json::to_value(&activity(&bare)[0].claim).unwrap();
    assert_eq!(claim.get("claim_id"), Some(&serde_json::Value::Null));
}

#[test]
fn report_without_claims_is_empty_or_none() {
    let read = |page: &str, court: &str| claims_activity::parse(page.as_bytes(), court);
    let empty = "<h2>Claims Activity Report</h2><table></table>";
    assert_eq!(read(empty, "nysb"), Ok(Some(Vec::new())));
    assert_eq!(read("<p>No claims\nentries found", "nysb"), Ok(None));
    let denied = "Security violation: You do not have access rights to this program (x.pl).";
    assert_eq!(read(denied, "nysb"), Ok(None));
    assert_eq!(
        read(&claims_activity(), "ca9"),
        Err(PageError::NotBankruptcy)
    );
}
