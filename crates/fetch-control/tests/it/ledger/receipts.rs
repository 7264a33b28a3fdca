//! A receipt names an account, and no row does.

use fetch_ledger::booking::Bill;
use fetch_model::{Cents, FetchKind};
use pacer::page::receipt::Receipt;

use super::house::{House, capture, document};

const LOGIN: &str = "quimby.zweifel";

const MIGRATION: &str =
    include_str!("../../../../fetch-db/migrations/0028_receipts_without_logins.sql");

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

/// What a program of the version before writes, and what such programs have written.
#[tokio::test]
async fn what_older_versions_write_or_wrote_loses_the_name() {
    let Some(house) = House::new().await else {
        return;
    };
    let new = document(&house.running(FetchKind::Pdf).await);
    house.keep(house.granted(&new).await, &new).await;
    let expected = serde_json::json!({
        "cost_cents": 30,
        "payer": {"account_digest": "digest", "ends_in": "el"},
    });
    let old = format!(
        r#"update purchases set receipt = '{{"pacer_login": "{LOGIN}", "cost_cents": 30}}'"#
    );
    house.run(&old).await;
    assert_eq!(receipts(&house).await, std::slice::from_ref(&expected));

    let without_a_name =
        r#"update purchases set receipt = '{"pacer_login": null, "cost_cents": 1}'"#;
    house.run(without_a_name).await;
    assert_eq!(
        receipts(&house).await[0],
        serde_json::json!({"cost_cents": 1})
    );

    let trigger = "trigger purchases_keep_no_pacer_login";
    house
        .run(&format!("alter table purchases disable {trigger}; {old}"))
        .await;
    assert!(receipts(&house).await[0].to_string().contains(LOGIN));
    let (_, statement) = MIGRATION.rsplit_once("\n\n").unwrap();
    house
        .run(&format!(
            "alter table purchases enable {trigger}; {statement}"
        ))
        .await;
    assert_eq!(receipts(&house).await, [expected]);
}
