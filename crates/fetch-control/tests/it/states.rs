//! What belongs to a state, as the database holds it: each wrong row is refused.

use std::collections::BTreeSet;

use fetch_model::State::{
    self, Accepted, Cancelled, Captured, Done, Failed, Reading, Released, Running, Waiting,
};
use sqlx::{AssertSqlSafe, PgPool};
use testkit::in_state;

use crate::database::database;

/// A change of a request, the constraint that refuses it, and of requests in which states.
const CHANGES: [(&str, &str, &[State]); 9] = [
    (
        "date_completed = now()",
        "fetch_requests_end_has_a_date",
        &[Accepted, Released, Running, Captured, Reading, Waiting],
    ),
    (
        "date_completed = null",
        "fetch_requests_end_has_a_date",
        &[Done, Failed, Cancelled],
    ),
    (
        r#"failure = '{"code": "internal"}'"#,
        "fetch_requests_failed_says_why",
        &[
            Accepted, Released, Running, Captured, Reading, Waiting, Done, Cancelled,
        ],
    ),
    (
        "failure = null",
        "fetch_requests_failed_says_why",
        &[Failed],
    ),
    // What it ends with if nobody logs in.
    (
        r#"failure = '{"code": "internal"}', login_until = now()"#,
        "fetch_requests_failed_says_why",
        &[
            Accepted, Released, Running, Captured, Reading, Done, Cancelled,
        ],
    ),
    // A row that stays for the ledger alone.
    (
        "failure = null, date_forgotten = now()",
        "fetch_requests_failed_says_why",
        &[],
    ),
    (
        "lease_until = null",
        "fetch_requests_held_has_a_lease",
        &[Released, Running, Captured],
    ),
    // The worker of one that was cancelled has yet to let go.
    (
        "lease_until = now()",
        "fetch_requests_held_has_a_lease",
        &[],
    ),
    (
        "reserved_cents = 1",
        "fetch_requests_reserves_while_it_may_buy",
        &[Captured, Reading, Done, Failed, Cancelled],
    ),
];

/// The constraint that refuses a change of the only request; nothing is changed.
async fn refused_by(pool: &PgPool, change: &str) -> Option<String> {
    let mut transaction = pool.begin().await.unwrap();
    let sql = format!("update fetch_requests set {change}");
    let done = sqlx::query(AssertSqlSafe(sql))
        .execute(&mut *transaction)
        .await;
    transaction.rollback().await.unwrap();
    let error = match done {
        Ok(done) => {
            assert_eq!(done.rows_affected(), 1, "{change}");
            return None;
        }
        Err(error) => error.into_database_error().unwrap(),
    };
    Some(error.constraint().unwrap_or(error.message()).to_owned())
}

#[tokio::test]
async fn a_row_without_what_belongs_to_its_state_is_refused() {
    let Some(database) = database().await else {
        return;
    };
    let user = database.store.ledger.add_user("ann").await.unwrap();
    let insert = format!(
        "insert into fetch_requests (user_id, request_type, show_parties_and_counsel,
             show_terminated_parties, show_list_of_member_cases, target_court, session_key,
             account_digest, on_doubt, lane, virtual_time)
         values ({user}, 1, false, false, false, 'cand', 'key', 'digest', 'stop', 0, 0)"
    );
    sqlx::query(AssertSqlSafe(insert))
        .execute(&database.pool)
        .await
        .unwrap();
    let mut wrong = Vec::new();
    for state in State::ALL {
        let put = format!("update fetch_requests set {}", in_state(state));
        sqlx::query(AssertSqlSafe(put))
            .execute(&database.pool)
            .await
            .unwrap();
        for (change, constraint, refused) in CHANGES {
            let expected = refused.contains(&state).then_some(constraint);
            let by = refused_by(&database.pool, change).await;
            if by.as_deref() != expected {
                wrong.push(format!("{state}, {change}: {by:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whoever adds one shows here what it refuses.
#[tokio::test]
async fn each_of_these_constraints_is_tried() {
    let Some(database) = database().await else {
        return;
    };
    let there: BTreeSet<String> = database
        .lines(
            "select conname::text from pg_constraint
             where conrelid = 'fetch_requests'::regclass and contype = 'c'
               and pg_get_constraintdef(oid) ~ '\\mstate\\M'",
        )
        .await
        .into_iter()
        .collect();
    let tried = CHANGES.iter().filter(|change| !change.2.is_empty());
    let tried: BTreeSet<String> = tried.map(|change| change.1.to_owned()).collect();
    assert_eq!(tried, there);
}
