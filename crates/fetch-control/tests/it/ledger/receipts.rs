//! A receipt names an account, and no row does.

use fetch_ledger::booking::Bill;
use fetch_model::{Cents, FetchKind};
use pacer::page::receipt::Receipt;

use super::house::{House, capture, document};

const LOGIN: &str = "quimby.zweifel";

async fn receipts(house: &House) -> Vec<serde_json::Value> {
    sqlx::query_scalar("select receipt from purchases order by id")
        .fetch_all(&house.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_was_bought_is_kept_without_the_name_of_the_account() {
    let Some(house) = House::new().await else {
        return;
    };
    let new = document(&house.running(FetchKind::Pdf).await);
    let bill = Bill {
        cents: Cents(30),
        pages: 3,
        receipt: Some(Receipt {
            pacer_login: Some(LOGIN.to_owned()),
            cost_cents: Some(30),
            ..Receipt::default()
        }),
        awaited: None,
    };
    let intent = house.granted(&new).await;
    let digest = |login: &str| format!("digest of {} letters", login.len());
    let page = capture(&new);
    let buyers = crate::buyers(&house.store);
    let kept = buyers.keep_bought(intent, new.fence, &page, &bill, &digest);
    kept.await.unwrap();
    let receipts = receipts(&house).await;
    assert_eq!(receipts[0]["cost_cents"], 30);
    assert_eq!(receipts[0]["payer"]["ends_in"], "el");
    assert_eq!(
        receipts[0]["payer"]["account_digest"],
        "digest of 14 letters"
    );
    assert!(!receipts[0].to_string().contains(LOGIN), "{receipts:?}");
}
