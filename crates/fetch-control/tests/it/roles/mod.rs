//! What each service may do in the database, on a real Postgres: what it must not is tried in its role,
//! as whoever has taken it over would.

mod beyond;
mod held;
mod whose;

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use fetch_model::DatabaseRole;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool, postgres::PgPoolOptions};
use testkit::TestDatabase;

const ROLES: [DatabaseRole; 6] = DatabaseRole::ALL;
const FETCHERS: [DatabaseRole; 2] = [DatabaseRole::DocketFetcher, DatabaseRole::PdfFetcher];

/// What nobody may do who is not the owner: change the schema, the ledger's lines, or their own rights.
const NOBODY: [&str; 24] = [
    "create table mine (id int)",
    "create temporary table mine (id int)",
    "create schema mine",
    "create function mine() returns int language sql as 'select 1'",
    "alter table users add column mine int",
    "alter function tell_of_money_in_doubt() security invoker",
    "alter table purchases disable trigger all",
    "set session_replication_role = replica",
    "drop table purchases",
    "truncate purchases, purchase_events",
    "delete from purchases",
    "delete from purchase_events",
    "update purchase_events set detail = ''",
    "update purchases set user_id = 1",
    "update purchases set account_digest = ''",
    "update purchases set item_key = ''",
    "update purchases set request_id = 1",
    "update granted set version = 0",
    "delete from _sqlx_migrations",
    "alter role pacer_fetch_ocr superuser",
    "alter role pacer_fetch password 'mine'",
    "set role pacer_fetch",
    "copy users to program 'true'",
    "select pg_read_file('PG_VERSION')",
];

/// Who pays, who may call, and what was bought is nothing to whoever reads strangers' files.
const NOT_OCR: [&str; 23] = [
    "select from fetch_plans",
    "select from fetch_plan_steps",
    "select from api_calls",
    "select from request_changes",
    "select secret from webhook_endpoints",
    "select content from webhook_events",
    "select value from login_records",
    "select from users",
    "select id from users",
    "select token_hash from api_tokens",
    "select id from purchases",
    "select id from purchase_events",
    "select user_id from budgets",
    "select key_digest from idempotency_keys",
    "select id from captures",
    "select id from courts",
    "select name from parties",
    "select session_key from fetch_requests",
    "select account_digest, client_code from fetch_requests",
    "update fetch_requests set user_id = 1",
    "delete from fetch_requests",
    "update recap_documents set sha256 = ''",
    "insert into purchases (state) values ('captured')",
];

const NOT_FETCHERS: [&str; 21] = [
    "select address from fetch_plans",
    "delete from fetch_plan_steps",
    "select from api_calls",
    "delete from request_changes",
    "update request_changes set request_id = 1",
    "select url, secret from webhook_endpoints",
    "select content from webhook_events",
    "insert into webhook_events (webhook_id, user_id) values (7, 7)",
    "select value from login_records",
    "select token_hash from api_tokens",
    "select name from users",
    "update users set is_active = true",
    "select key_digest from idempotency_keys",
    "update budgets set per_quarter_cents = null",
    "update fetch_requests set user_id = 1",
    "update fetch_requests set session_key = '', account_digest = ''",
    "update fetch_requests set max_cost_cents = null",
    "insert into fetch_requests (user_id) values (1)",
    "delete from fetch_requests",
    "update courts set gap_ms = 0, cap = 100",
    "delete from captures",
];

const NOT_PDF_FETCHER: [&str; 3] = [
    "update dockets set case_name = ''",
    "insert into docket_entries (docket_id) values (1)",
    "select name from parties",
];

const NOT_GATEWAY: [&str; 20] = [
    "update fetch_plans set address = '{}'",
    "delete from fetch_plan_steps",
    "insert into request_changes (request_id) values (1)",
    "update request_changes set entries_new = 0",
    "update api_calls set user_id = 1",
    "update api_tokens set expand = ''",
    "insert into webhook_events (webhook_id, user_id, request_id) values (7, 7, 7)",
    "update webhook_events set request_id = 7, user_id = 7",
    "update webhook_endpoints set user_id = 7",
    "update login_records set key = 'mine'",
    "insert into login_records (key, value, revision) values ('mine', '', 7)",
    "insert into users (name) values ('mine')",
    "update users set is_active = true, name = 'mine'",
    "insert into api_tokens (user_id, token_hash) values (1, '')",
    "update api_tokens set token_hash = '', read_only = false",
    "insert into purchases (state) values ('captured')",
    "update purchases set receipt = '{}'",
    "update recap_documents set filepath_local = ''",
    "update dockets set case_name = ''",
    "insert into captures (sha256) values ('')",
];

const NOT_OPERATOR: [&str; 14] = [
    "insert into request_changes (request_id) values (1)",
    "update api_calls set calls = 0",
    "insert into webhook_events (webhook_id, user_id, request_id) values (7, 7, 7)",
    "update webhook_events set content = ''",
    "update login_records set value = ''",
    "delete from login_records",
    "insert into purchases (state) values ('captured')",
    "insert into captures (sha256) values ('')",
    "update recap_documents set plain_text = ''",
    "update recap_documents set sha256 = '', filepath_local = ''",
    "update text_pages set text = ''",
    "delete from dockets",
    "delete from docket_entries",
    "insert into fetch_requests (user_id) values (1)",
];

/// What is of one archive alone is nothing to whoever brings another one's.
const NOT_FOLLOWER: [&str; 15] = [
    "select from users",
    "select from api_tokens",
    "select from purchases",
    "select from captures",
    "select from fetch_requests",
    "select from texts",
    "select from webhook_endpoints",
    "select from login_records",
    "insert into library_changes (kind, row_id, docket_id, change) values ('dockets', 1, 1, 'added')",
    "update library_changes set source = null",
    "delete from library_changes",
    "update library_archive set id = gen_random_uuid()",
    "update library_follows set archive = gen_random_uuid()",
    "delete from library_follows",
    "update courts set cap = 1",
];

async fn pool_of(database: &TestDatabase, role: DatabaseRole) -> PgPool {
    let one = PgPoolOptions::new().max_connections(1);
    one.connect(&database.url_of(role)).await.unwrap()
}

/// Whether the database takes or leaves a statement for what it is, and denies it for who asks.
async fn is_denied(pool: &PgPool, statement: &str) -> bool {
    let mut transaction = pool.begin().await.unwrap();
    let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut *transaction)
        .await;
    transaction.rollback().await.unwrap();
    let error = done.err().and_then(|error| error.into_database_error());
    error.is_some_and(|error| error.code().as_deref() == Some("42501"))
}

#[tokio::test]
async fn whoever_takes_a_service_over_has_its_rights_and_no_others() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    let database = built.database();
    let mut allowed = Vec::new();
    for role in ROLES {
        let pool = pool_of(database, role).await;
        let own: &[&str] = match role {
            DatabaseRole::Gateway => &NOT_GATEWAY,
            DatabaseRole::DocketFetcher => &[],
            DatabaseRole::PdfFetcher => &NOT_PDF_FETCHER,
            DatabaseRole::Ocr => &NOT_OCR,
            DatabaseRole::Operator => &NOT_OPERATOR,
            DatabaseRole::Follower => &NOT_FOLLOWER,
        };
        let fetchers: &[&str] = match FETCHERS.contains(&role) {
            true => &NOT_FETCHERS,
            false => &[],
        };
        for statement in [&NOBODY[..], own, fetchers].concat() {
            if !is_denied(&pool, statement).await {
                allowed.push(format!("{}: {statement}", role.service()));
            }
        }
        for other in ROLES.into_iter().filter(|other| *other != role) {
            let statement = format!("set role {}", other.name());
            if !is_denied(&pool, &statement).await {
                allowed.push(format!("{}: {statement}", role.service()));
            }
        }
    }
    assert!(allowed.is_empty(), "not denied: {allowed:#?}");
    // The attacks are such: to whoever may do everything, nothing is denied.
    let owner = database.pool().await;
    for statement in [
        "delete from purchases",
        "select session_key from fetch_requests",
    ] {
        assert!(!is_denied(&owner, statement).await, "{statement}");
    }
}

/// The statements that were checked when the store was compiled, with the number of their parameters.
fn statements() -> Vec<(String, usize)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.sqlx");
    let files = fs::read_dir(directory).unwrap();
    files
        .map(|file| {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let checked: Value = serde_json::from_str(&text).unwrap();
            let parameters = checked["describe"]["parameters"]["Left"].as_array();
            let query = checked["query"].as_str().unwrap().to_owned();
            (query, parameters.map_or(0, Vec::len))
        })
        .collect()
}

/// Names what is prepared.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Whether a role may run a statement, as far as the database tells before it runs it.
async fn may_run(pool: &PgPool, statement: &str, parameters: usize) -> bool {
    let given = vec!["null"; parameters].join(", ");
    let given = match parameters {
        0 => String::new(),
        _ => format!("({given})"),
    };
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let asked = format!(
        "set local plan_cache_mode = force_generic_plan;
         prepare asked_{number} as {statement};
         explain execute asked_{number}{given}"
    );
    let mut transaction = pool.begin().await.unwrap();
    let done = sqlx::raw_sql(AssertSqlSafe(asked))
        .execute(&mut *transaction)
        .await;
    transaction.rollback().await.unwrap();
    match done {
        Ok(_) => true,
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => false,
        Err(error) => panic!("{error}: {statement}"),
    }
}

/// How the statements begin that `migrate` alone runs, as the owner.
const OF_THE_OWNER: [&str; 2] = ["insert into court_directory", "delete from court_directory"];

/// A new statement without a grant fails here; with one for another service than it is used by, where
/// that runs in its own role: in the tests of the whole stack.
#[tokio::test]
async fn every_statement_has_somebody_who_may_run_it() {
    let Some(database) = testkit::database().await else {
        return;
    };
    let mut pools = Vec::new();
    for role in ROLES {
        pools.push(pool_of(&database, role).await);
    }
    let statements = statements();
    assert!(statements.len() > 150, "{} statements", statements.len());
    let mut nobodys = Vec::new();
    for (statement, parameters) in &statements {
        let mut is_somebodys = false;
        for pool in &pools {
            is_somebodys |= may_run(pool, statement, *parameters).await;
        }
        let is_owners = OF_THE_OWNER
            .iter()
            .any(|begin| statement.starts_with(begin));
        assert!(
            !(is_owners && is_somebodys),
            "the owner's alone: {statement}"
        );
        if !is_somebodys && !is_owners {
            nobodys.push(statement);
        }
    }
    assert!(
        nobodys.is_empty(),
        "no role may run these, see crates/fetch-db/roles.sql: {nobodys:#?}"
    );
    // It tells one from the other.
    assert!(!may_run(&pools[3], "select id from users where id = $1", 1).await);
    assert!(may_run(&pools[0], "select id from users where id = $1", 1).await);
}
