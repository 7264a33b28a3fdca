use serde_json::json;

use crate::harness::Court;

const PATH: &str = "/okwd/cgi-bin/possible_case_numbers.pl?16-00432";

#[tokio::test]
async fn a_status_is_answered_as_often_as_ordered() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    court.order_fault(json!({"court": "okwd", "times": 2, "kind": "status", "status": 503, "retry_after": "7"})).await;
    let first = reader.get(PATH).await;
    assert_eq!(
        (first.status().as_u16(), &first.headers()["retry-after"]),
        (503, &"7".parse().unwrap())
    );
    assert_eq!(reader.get(PATH).await.status(), 503);
    assert_eq!(reader.get(PATH).await.status(), 200);
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let court = Court::usual().await;
    let order = async |fault: &str| {
        let request = court
            .client
            .post(format!("{}/admin/faults", court.base))
            .body(fault.to_owned());
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(order(r#"{"kind": "status", "status": 42}"#).await, 400);
    assert_eq!(order(r#"{"kind": "earthquake"}"#).await, 400);
    assert_eq!(order(r#"{"kind": "reset", "cort": "okwd"}"#).await, 400);
    assert_eq!(order(r#"{"kind": "reset", "times": 1}"#).await, 201);
    assert_eq!(court.admin("faults").await["faults"][0]["kind"], "reset");
}

#[tokio::test]
async fn a_reset_after_the_sale_leaves_a_charge_and_one_before_does_not() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id.to_string();
    for (kind, sales) in [("reset_before", 0), ("reset", 1)] {
        court
            .order_fault(json!({"path": "DktRpt", "method": "POST", "kind": kind}))
            .await;
        let form = reqwest::multipart::Form::new()
            .text("all_case_ids", id.clone())
            .text("case_num", " ");
        let request = court
            .client
            .post(format!("{}/okwd/cgi-bin/DktRpt.pl?1-L_1_0-1", court.base))
            .multipart(form);
        let error = request
            .header("cookie", &reader.cookies)
            .send()
            .await
            .unwrap_err();
        assert!(!error.is_timeout(), "{error}");
        assert_eq!(court.sales(), sales, "{kind}");
    }
}

#[tokio::test]
async fn a_truncated_answer_breaks_off() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    court.order_fault(json!({"kind": "truncate"})).await;
    let response = reader.get(PATH).await;
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn a_spurious_login_page_comes_once() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    court.order_fault(json!({"kind": "login_page"})).await;
    assert!(!reader.page(PATH).await.contains("<case "));
    assert!(reader.page(PATH).await.contains("<case "));
}

#[tokio::test]
async fn the_sign_on_has_faults_too() {
    let court = Court::usual().await;
    court
        .order_fault(json!({"court": "cso", "kind": "status", "status": 500}))
        .await;
    let url = format!("{}/services/cso-auth", court.base);
    assert_eq!(court.client.post(&url).send().await.unwrap().status(), 500);
    court.reader("demo").await;
}
