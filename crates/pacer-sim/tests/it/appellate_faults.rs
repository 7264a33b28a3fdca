//! Courts of appeals have the same faults, limits and settings as all others.

use pacer_sim::Oddity;
use serde_json::json;

use crate::harness::{Court, hidden_fields};

const SERVLET: &str = "/n/beam/servlet/TransportRoom";
const DOCKET: &str = "servlet=CaseSummary.jsp&fullDocketReport=Y&actionType=Run+Docket+Report&incDktEntries=Y&caseNum=20-90006";

#[tokio::test]
async fn faults_happen_to_courts_of_appeals_with_pages_of_their_own() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for (kind, text) in [
        (json!({"kind": "login_page"}), "csologin"),
        (json!({"kind": "unknown_html"}), "InvalidUserLogin.jsp"),
        (
            json!({"kind": "notice", "notice": "case_not_found"}),
            "Case not found.",
        ),
        (json!({"kind": "xml"}), "<response>"),
        (json!({"kind": "expire_session"}), "csologin"),
    ] {
        let mut fault = kind.clone();
        fault["court"] = json!("ca4");
        fault["path"] = json!("CaseSummary");
        court.order_fault(fault).await;
        let page = reader.servlet("ca4", DOCKET).await;
        assert!(page.contains(text), "{kind}: {page}");
        assert!(
            !page.contains("yuimenubar"),
            "{kind} looks like a district court"
        );
        assert_eq!(court.sales(), 0, "{kind}");
    }
}

#[tokio::test]
async fn a_reset_after_the_sale_leaves_a_charge_here_too() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    court
        .order_fault(json!({"court": "ca4", "account": "demo", "kind": "truncate"}))
        .await;
    let url = format!("/ca4{SERVLET}?{DOCKET}");
    let response = reader.refer("https://x").servlet("ca4", DOCKET).await;
    assert!(response.bytes().await.is_err(), "{url}");
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn the_price_can_come_once_more() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let stub = court.odd("ca4", Oddity::Consolidated);
    let prefix = court.simulator.world.court("ca4").unwrap().prefix.clone();
    let id = format!("{prefix}1{}", stub.document_serial(0, 0));
    let price = reader.page(&format!("/ca4/docs1/{id}")).await;
    let fields = hidden_fields(&price, "<form name=\"AccCharge\"");
    court
        .order_fault(json!({"method": "POST", "kind": "price_page"}))
        .await;
    let again = reader.submit(&format!("/ca4{SERVLET}"), &fields).await;
    assert!(again.text().await.unwrap().contains("AccCharge"));
    assert_eq!(court.sales(), 0);
    let document = reader.submit(&format!("/ca4{SERVLET}"), &fields).await;
    assert_eq!(document.headers()["content-type"], "application/pdf");
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn limits_and_settings_are_those_of_all_courts() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let limits = json!({"courts": {"ca4": {"min_gap_ms": 60_000, "block_seconds": 60}}});
    court.put("limits", limits).await;
    reader.servlet("ca4", DOCKET).await;
    let blocked = reader.refer("https://x").servlet("ca4", DOCKET).await;
    assert_eq!(blocked.status(), 403);
    let violations = court.admin("violations").await;
    assert_eq!(violations["violations"][0]["court"], "ca4");
    assert_eq!(violations["violations"][0]["account"], "demo");

    court
        .put("courts/ca1/settings", json!({"login_page": "current-gen"}))
        .await;
    let url = format!("{}/ca1{SERVLET}?{DOCKET}", court.base);
    let page = court.client.get(url).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("GetPass"));
}

#[tokio::test]
async fn a_lost_first_page_and_a_one_time_code_work_here_too() {
    let court = Court::usual().await;
    let lost = court.reader("demo-lost").await;
    assert!(lost.servlet("ca4", DOCKET).await.contains("csologin"));
    let docket = lost.servlet("ca4", DOCKET).await;
    assert!(docket.contains("NEW SECTION - DOCKET ENTRIES"));
}
