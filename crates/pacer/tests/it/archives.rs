//! Rules of dockets of the Internet Archive, on a document of our own.

use pacer::page::ia_docket::{IaDocket, parse};
use serde_json::json;

use crate::pages::archived_docket;

fn read(page: &str) -> IaDocket {
    parse(page.as_bytes(), "cand").expect("the docket can be read")
}

fn with_documents(documents: &str) -> IaDocket {
    read(&format!(
        "<d><document_list>{documents}</document_list></d>"
    ))
}

#[test]
fn docket_of_the_archive_is_read_whole() {
    assert_eq!(
        serde_json::to_value(read(&archived_docket())).unwrap(),
        json!({
            "court_id": "cand",
            "docket_number": "1:24-cv-00417",
            "case_name": "Penhallow v. Nimbus Kettle Works",
            "cause": "28:1332 Diversity",
            "nature_of_suit": "",
            "jury_demand": "",
            "jurisdiction": "",
            "demand": "",
            "date_filed": "2024-03-05",
            "date_terminated": null,
            "date_converted": null,
            "date_discharged": null,
            "assigned_to_str": "Rosalind M. Ferrant",
            "referred_to_str": "",
            "parties": [
                {
                    "name": "Orla Penhallow",
                    "type": "Plaintiff",
                    "extra_info": "",
                    "date_terminated": null,
                    "attorneys": [{
                        "name": "Tamsin Quill",
                        "contact": "1 Harbour Row\n",
                        "roles": ["LEAD ATTORNEY", "ATTORNEY TO BE NOTICED"],
                    }],
                },
                {
                    "name": "Nimbus Kettle Works",
                    "type": "Defendant",
                    "extra_info": "TERMINATED: 04/01/2024",
                    "date_terminated": "2024-04-01",
                    "attorneys": [{"name": "Tamsin Quill", "contact": "1 Harbour Row\n", "roles": []}],
                },
            ],
            "docket_entries": [
                {
                    "document_number": "1",
                    "date_filed": "2024-03-05",
                    "description": "COMPLAINT & Exhibits, all &#036; 5",
                    "short_description": "Complaint",
                    "pacer_doc_id": "035112345001",
                    "pacer_seq_no": "100",
                    "attachments": [{
                        "attachment_number": "2",
                        "description": "Exhibit",
                        "pacer_doc_id": "035112345002",
                        "pacer_seq_no": null,
                    }],
                },
                {
                    "document_number": "2",
                    "date_filed": null,
                    "description": "",
                    "short_description": "",
                    "pacer_doc_id": null,
                    "pacer_seq_no": null,
                },
            ],
        })
    );
}

#[test]
fn docket_of_the_archive_survives_its_own_json() {
    let page = archived_docket().replace(
        "<short_desc>Exhibit",
        "<date_filed>none</date_filed><short_desc>Exhibit",
    );
    let docket = read(&page);
    let attachment = &docket.docket_entries[0].attachments.as_ref().unwrap()[0];
    assert_eq!(
        attachment.date_filed,
        Some(None),
        "it is there, and no date"
    );
    let json = serde_json::to_string(&docket).unwrap();
    assert_eq!(serde_json::from_str::<IaDocket>(&json).unwrap(), docket);
}

#[test]
fn parties_without_a_name_and_repeated_ones_are_left_out() {
    let one = "<party><name>Orla</name><type>Petitioner</type></party>";
    let page = format!(
        "<d><case_name/><party_list>{one}<party><name> </name></party>{one}</party_list></d>"
    );
    let docket = read(&page);
    assert_eq!(docket.parties.len(), 1);
    assert_eq!(docket.parties[0].attorneys, Some(Vec::new()));
    assert_eq!(docket.case_name, "Unknown Case Title");
}

#[test]
fn entries_need_a_plain_number_and_a_date() {
    let docket = with_documents(
        "<document doc_num='doc' attachment_num='0'><date_filed>2024-03-05</date_filed></document>\
         <document doc_num='3' attachment_num='0'></document>\
         <document doc_num='4' attachment_num='0'><date_filed>0000-00-00</date_filed></document>\
         <document doc_num='4' attachment_num='1'><date_filed/></document>\
         <document doc_num='5' attachment_num='0'><date_filed></date_filed></document>",
    );
    let numbers: Vec<&str> = docket
        .docket_entries
        .iter()
        .map(|entry| entry.document_number.as_str())
        .collect();
    assert_eq!(numbers, ["4"]);
    let attachments = docket.docket_entries[0].attachments.as_ref().unwrap();
    assert_eq!(
        attachments[0].date_filed, None,
        "an empty element is no date"
    );
}

#[test]
fn attachment_of_another_entry_is_left_out() {
    let docket = with_documents(
        "<document doc_num='1' attachment_num='1'/>\
         <document doc_num='1' attachment_num='0'><date_filed>2024-03-05</date_filed></document>\
         <document doc_num='2' attachment_num='1'/>",
    );
    assert_eq!(docket.docket_entries.len(), 1);
    assert_eq!(docket.docket_entries[0].attachments, None);
}
