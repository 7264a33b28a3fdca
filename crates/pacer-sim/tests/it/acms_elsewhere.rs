//! What CM/ECF and the administration say about cases that are in ACMS.

use pacer_sim::Oddity;

use crate::acms::{Guest, ORDINARY, numbered};
use crate::harness::Court;

#[tokio::test]
async fn cm_ecf_lists_what_moved_and_sells_only_what_stayed() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let stub = numbered(&court, "ca9", ORDINARY);
    let query = format!("servlet=CaseQuery.jsp&caseid={}&csnum1={ORDINARY}", stub.id);
    assert!(reader.servlet("ca9", &query).await.contains(ORDINARY));
    assert_eq!(court.sales(), 0);
    let docket =
        "servlet=CaseSummary.jsp&fullDocketReport=Y&actionType=Run+Docket+Report&incDktEntries=Y";
    let page = reader
        .servlet("ca9", &format!("{docket}&caseNum={ORDINARY}"))
        .await;
    assert!(page.contains("23-90021 Case Number Not Found"));
    assert_eq!(court.simulator.ledger.sales()[0].cents, 10);
    let serial = court.simulator.world.case(stub).entries[0].sheets[0].serial;
    let prefix = &court.simulator.world.court("ca9").unwrap().prefix;
    let page = reader.page(&format!("/ca9/docs1/{prefix}1{serial}")).await;
    assert!(page.contains("cannot be displayed"));

    let stayed = court.odd("ca9", Oddity::NotMoved).docket_number();
    let page = reader
        .servlet("ca9", &format!("{docket}&caseNum={stayed}"))
        .await;
    assert!(page.contains("DOCKET ENTRIES"));
    let guest = Guest::at(&court, "ca9", &reader.cookies).await;
    assert_eq!(guest.index(&stayed).await.status(), 404);
}

#[tokio::test]
async fn the_administration_finds_cases_and_documents_by_their_guids() {
    let court = Court::usual().await;
    let stub = numbered(&court, "ca2", ORDINARY);
    let cases = court.admin("courts/ca2/cases").await;
    let mut cases = cases.as_array().unwrap().iter();
    let row = cases.find(|row| row["docket_number"] == ORDINARY).unwrap();
    let id = row["acms_case_id"].as_str().unwrap();
    assert_eq!(row["pacer_case_id"], stub.id.to_string());
    let case = court.admin(&format!("courts/ca2/cases/{id}")).await;
    assert_eq!(case["docket_number"], ORDINARY);
    let listed = court
        .admin(&format!("courts/ca2/cases/{id}/documents"))
        .await;
    let document = &listed[0]["acms"]["document_id"];
    assert_eq!(
        &case["entries"][0]["documents"][0]["acms_document_id"],
        document
    );
    assert_eq!(
        case["entries"][0]["acms_entry_id"],
        listed[0]["acms"]["entry_id"]
    );
    let document = document.as_str().unwrap();
    let one = court
        .admin(&format!("courts/ca2/documents/{document}"))
        .await;
    assert_eq!(one["acms"], listed[0]["acms"]);
    assert!(
        one["page_texts"][0]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
}
