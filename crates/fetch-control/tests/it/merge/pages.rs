//! Pages of a case that never was.

use pacer::page::{attachment_page::AttachmentPage, docket::Docket};
use serde_json::{Value, json};

/// A docket report with these entries and parties.
pub fn docket(entries: Vec<Value>, parties: Vec<Value>) -> Docket {
    changed_docket(entries, parties, json!({}))
}

/// The same with other values for some fields.
pub fn changed_docket(entries: Vec<Value>, parties: Vec<Value>, changes: Value) -> Docket {
    let mut docket = json!({
        "court_id": "cand",
        "docket_number": "3:24-cv-09876",
        "federal_dn_office_code": "3",
        "federal_dn_case_type": "cv",
        "federal_dn_judge_initials_assigned": "JQS",
        "federal_dn_judge_initials_referred": null,
        "federal_defendant_number": null,
        "case_name": "Acme Widgets, Inc. v. Example Bolts LLC",
        "date_filed": "2024-12-30",
        "date_terminated": null,
        "date_converted": null,
        "date_discharged": null,
        "assigned_to_str": "Jane Q. Sample",
        "referred_to_str": "",
        "cause": "28:1332 Diversity-Breach of Contract",
        "nature_of_suit": "Contract: Other",
        "jury_demand": "Plaintiff",
        "demand": "",
        "jurisdiction": "Diversity",
        "mdl_status": "",
        "ordered_by": "date_filed",
        "parties": parties,
        "docket_entries": entries,
    });
    merge(&mut docket, changes);
    serde_json::from_value(docket).unwrap()
}

/// An entry; `changes` adds what the short form lacks.
pub fn entry(number: Option<u32>, date: &str, description: &str, changes: Value) -> Value {
    let mut entry = json!({
        "date_filed": date,
        "date_entered": null,
        "document_number": number.map(|number| number.to_string()),
        "description": description,
        "pacer_doc_id": null,
        "pacer_seq_no": null,
    });
    merge(&mut entry, changes);
    entry
}

/// A numbered entry with a document and a sequence number made from its number.
pub fn motion(number: u32, date: &str) -> Value {
    let ids = json!({
        "pacer_doc_id": format!("03500{number:06}"),
        "pacer_seq_no": (number * 3).to_string(),
    });
    entry(Some(number), date, &format!("MOTION {number}"), ids)
}

/// A party; `changes` adds what the short form lacks.
pub fn party(name: &str, party_type: &str, changes: Value) -> Value {
    let mut party = json!({
        "name": name,
        "type": party_type,
        "extra_info": "",
        "date_terminated": null,
    });
    merge(&mut party, changes);
    party
}

/// An attorney with these role lines.
pub fn attorney(name: &str, contact: &str, roles: &[&str]) -> Value {
    json!({ "name": name, "contact": contact, "roles": roles })
}

/// A line of an attachment menu.
pub fn attachment(number: i64, pages: Option<u32>, pacer_doc_id: Option<&str>) -> Value {
    json!({
        "attachment_number": number,
        "description": format!("Exhibit {number}"),
        "page_count": pages,
        "file_size_str": "",
        "pacer_doc_id": pacer_doc_id,
        "pacer_seq_no": null,
    })
}

/// The attachment menu of a document.
pub fn menu(pacer_doc_id: &str, attachments: Vec<Value>) -> AttachmentPage {
    serde_json::from_value(json!({
        "document_number": 1,
        "pacer_doc_id": pacer_doc_id,
        "pacer_case_id": "990123",
        "pacer_seq_no": null,
        "page_count": 9,
        "file_size_str": "1.2 mb",
        "file_size_bytes": 1_258_291,
        "attachments": attachments,
    }))
    .unwrap()
}

fn merge(value: &mut Value, changes: Value) {
    for (key, change) in changes.as_object().unwrap() {
        value[key] = change.clone();
    }
}
