use serde_json::json;

use crate::harness::Court;

#[tokio::test]
async fn what_is_bought_twice_is_found() {
    let court = Court::usual().await;
    let (one, two) = (
        court.reader("demo").await,
        court.reader("demo-noreceipts").await,
    );
    let id = court.simulator.world.stubs("okwd")[0].id;
    one.docket("okwd", id, &[]).await;
    one.docket("okwd", id, &[("documents_numbered_to_", "3")])
        .await;
    two.docket("okwd", id, &[]).await;
    assert_eq!(
        court.admin("ledger/duplicates").await["duplicates"],
        json!([])
    );
    let across = court.admin("ledger/duplicates?across_accounts=true").await;
    assert_eq!(across["duplicates"][0]["sales"], json!([1, 3]));
    one.docket("okwd", id, &[]).await;
    let found = court.admin("ledger/duplicates").await;
    assert_eq!(found["duplicates"][0]["accounts"], json!(["demo"]));
    assert_eq!(found["duplicates"][0]["sales"], json!([1, 4]));
    assert_eq!(court.simulator.ledger.duplicates(false).len(), 1);
}

#[tokio::test]
async fn the_ledger_is_a_table_too() {
    let court = Court::usual().await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    court.reader("demo").await.docket("okwd", id, &[]).await;
    court
        .reader("demo-noreceipts")
        .await
        .docket("okwd", id, &[])
        .await;
    let url = format!("{}/admin/ledger.csv", court.base);
    let response = court.client.get(&url).send().await.unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "text/csv; charset=utf-8"
    );
    let csv = response.text().await.unwrap();
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.lines().nth(1).unwrap().contains("docket,"));
    let own = court.client.get(format!("{url}?account=demo")).send().await;
    assert_eq!(own.unwrap().text().await.unwrap().lines().count(), 2);
    let own = court.admin("ledger?account=demo").await;
    assert_eq!(own["sales"].as_array().unwrap().len(), 1);
    assert_eq!(own["quarters"].as_array().unwrap().len(), 1);
}
