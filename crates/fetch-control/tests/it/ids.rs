//! Ids that callers may have kept from another server are none of ours.

use fetch_db::ids::DEFAULT_FIRST_ID;
use fetch_model::DatabaseRole;
use sqlx::PgPool;

async fn new_docket(pool: &PgPool) -> i64 {
    let new = "insert into dockets (court_id, docket_number) values ('okwd', '5:16-cv-00432') returning id";
    sqlx::query_scalar(new).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn new_rows_have_ids_from_the_first_on_and_old_ones_keep_theirs() {
    let Some(built) = testkit::store(4).await else {
        return;
    };
    let (store, pool) = (&built.store, &built.pool);
    assert_eq!(new_docket(pool).await, 1);
    store.db.begin_ids_at(DEFAULT_FIRST_ID).await.unwrap();
    assert_eq!(new_docket(pool).await, DEFAULT_FIRST_ID);
    // Each update of the services says it again.
    store.db.begin_ids_at(DEFAULT_FIRST_ID).await.unwrap();
    store.db.begin_ids_at(500).await.unwrap();
    assert_eq!(new_docket(pool).await, DEFAULT_FIRST_ID + 1);
    let ids: Vec<i64> = sqlx::query_scalar("select id from dockets order by id")
        .fetch_all(pool)
        .await
        .unwrap();
    assert_eq!(ids, [1, DEFAULT_FIRST_ID, DEFAULT_FIRST_ID + 1]);
    let gateway = built.of(DatabaseRole::Gateway).await;
    assert_eq!(gateway.db.first_id().await.unwrap(), DEFAULT_FIRST_ID);
    let refused = gateway.db.begin_ids_at(2_000_000_000).await.unwrap_err();
    assert!(matches!(refused, fetch_db::Error::NotOwner(_)), "{refused}");
}

/// What a client may name: each table with an id that the API shows.
#[tokio::test]
async fn all_that_the_api_shows_under_an_id_begins_there() {
    let Some(built) = testkit::store(4).await else {
        return;
    };
    built.store.db.begin_ids_at(77).await.unwrap();
    let from_one: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_sequence join pg_class on oid = seqrelid
         where seqstart = 1 order by 1",
    )
    .fetch_all(&built.pool)
    .await
    .unwrap();
    let expected = [
        "api_tokens",
        "captures",
        "criminal_complaints",
        "criminal_counts",
        "fetch_steps",
        "fetch_trackers",
        "library_changes",
        "login_record_revisions",
        "party_types",
        "purchase_events",
        "purchases",
        "request_events",
        "roles",
        "text_parts",
        "users",
        // No program brings these from CourtListener, which has no API for them.
        "webhook_endpoints",
        "webhook_events",
    ]
    .map(|table| match table {
        "login_record_revisions" => table.to_owned(),
        "library_changes" => format!("{table}_place_seq"),
        table => format!("{table}_id_seq"),
    });
    assert_eq!(from_one, expected);
}
