//! Intents that nobody comes back to.

use fetch_model::{Failure, FetchId, State};
use sqlx::AssertSqlSafe;
use testkit::in_state;

use crate::database::{Database, database};

/// A request in this state whose worker fell silent in its last attempt, with an open intent.
async fn abandoned(database: &Database, state: State) -> FetchId {
    let user = database.store.ledger.add_user("somebody").await.unwrap();
    let id = sqlx::query_scalar(
        "insert into fetch_requests (user_id, request_type, show_parties_and_counsel,
             show_terminated_parties, show_list_of_member_cases, target_court, session_key,
             account_digest, on_doubt, lane, virtual_time, attempts, fence, worker, date_modified)
         values ($1, 1, false, false, false, 'cand', 'key', 'digest', 'stop', 1, 1, 5, 7,
             'worker', now() - interval '1 minute')
         returning id",
    )
    .bind(user.0)
    .fetch_one(&database.pool)
    .await
    .unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!(
        "update fetch_requests set {};
         update fetch_requests set lease_until = now() - interval '1 minute' where lease_until is not null",
        in_state(state)
    )))
    .execute(&database.pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into purchases (request_id, user_id, account_digest, court_id, item_key, fence,
             state, quoted_cents, date_modified)
         values ($1, $2, 'digest', 'cand', 'docket/cand/1/', 7, 'intent', 300,
             now() - interval '1 minute')",
    )
    .bind(id)
    .bind(user.0)
    .execute(&database.pool)
    .await
    .unwrap();
    FetchId(id)
}

async fn purchase(database: &Database) -> (String, i64) {
    sqlx::query_as(
        "select state, (select count(*) from purchase_events where purchase_id = purchases.id)
         from purchases",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn who_falls_silent_for_the_last_time_while_buying_leaves_a_word_about_the_money() {
    let Some(database) = database().await else {
        return;
    };
    let id = abandoned(&database, State::Running).await;
    let swept = database.store.sweep().await.unwrap().unwrap();
    assert_eq!(swept.given_up, [id]);
    let request = database.store.queue.request(id).await.unwrap().unwrap();
    assert_eq!(request.failure, Some(Failure::MONEY_IN_DOUBT));
    assert_eq!(request.message, Failure::MONEY_IN_DOUBT.to_string());
    assert!(request.date_completed.is_some());
}

#[tokio::test]
async fn an_intent_whose_request_is_over_is_closed_as_doubt() {
    let Some(database) = database().await else {
        return;
    };
    abandoned(&database, State::Failed).await;
    let swept = database.store.sweep().await.unwrap().unwrap();
    assert!(swept.given_up.is_empty());
    assert_eq!(purchase(&database).await, ("doubt".to_owned(), 1));
    database.store.sweep().await.unwrap().unwrap();
    assert_eq!(purchase(&database).await, ("doubt".to_owned(), 1), "once");
}
