//! What held neither rights nor triggers on changes: numbers that leave nothing to add to, times that nobody can
//! read, lines that are added, and names of locks.

use fetch_model::DatabaseRole::{self, DocketFetcher, Gateway, Ocr, Operator, PdfFetcher};
use sqlx::{AssertSqlSafe, PgPool};

use super::{ROLES, held::ledger, is_denied, pool_of};

/// Whether the database leaves a statement undone, for who asks or for what it writes.
async fn is_refused(pool: &PgPool, statement: &str) -> bool {
    let mut transaction = pool.begin().await.unwrap();
    let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut *transaction)
        .await;
    transaction.rollback().await.unwrap();
    let error = done.err().and_then(|error| error.into_database_error());
    error.is_some_and(|error| {
        error
            .code()
            .is_some_and(|code| ["42501", "23514"].contains(&&*code))
    })
}

/// Whoever adds to the last number there is fails, and so do all who are swept or released with it.
#[tokio::test]
async fn no_count_of_a_request_is_brought_to_its_end() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    ledger(&built.database().pool().await).await;
    let mut done = Vec::new();
    for role in ROLES {
        let pool = pool_of(built.database(), role).await;
        for attack in [
            "fence = 9223372036854775807",
            "fence = fence + 2",
            "attempts = 2147483647",
            "attempts = -2147483648",
            "snoozes = 2147483647",
            "put_off = 2147483647",
            "unclaimed = 2147483647",
        ] {
            for (state, kind) in [
                ("accepted", 1),
                ("released", 1),
                ("running", 2),
                ("reading", 2),
            ] {
                let statement = format!(
                    "update fetch_requests set {attack}
                     where state = '{state}' and request_type = {kind}"
                );
                if !is_refused(&pool, &statement).await {
                    done.push(format!("{}: {statement}", role.service()));
                }
            }
        }
    }
    assert!(done.is_empty(), "{done:#?}");
    let counted = "set fence = fence + 1, attempts = attempts + 1, snoozes = snoozes + 1,
                       put_off = put_off + 1, unclaimed = 0
                   where state = 'running' and request_type = 1";
    for role in [Gateway, DocketFetcher] {
        let pool = pool_of(built.database(), role).await;
        let statement = format!("update fetch_requests {counted}");
        assert!(!is_refused(&pool, &statement).await, "{}", role.service());
    }
}

/// Times beyond those of programs: whoever reads such a row fails, with all the rows beside it.
#[tokio::test]
async fn no_time_is_written_that_no_program_can_read() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    ledger(&built.database().pool().await).await;
    let mut done = Vec::new();
    let (of_requests, of_courts) = (
        "not_before date_started date_completed date_modified put_off_since lease_until published_at
         login_until",
        "next_free last_turn asked_until paused_until open_since",
    );
    for time in ["infinity", "-infinity", "294000-01-01"] {
        let attack = |table: &str, column: &str| format!("update {table} set {column} = '{time}'");
        let mut attacks: Vec<String> = of_requests
            .split_whitespace()
            .map(|column| {
                attack("fetch_requests", column) + " where state = 'running' and request_type = 1"
            })
            .collect();
        attacks.extend(
            of_courts
                .split_whitespace()
                .map(|column| attack("courts", column)),
        );
        attacks.push(attack("courts", "time_outs[1]"));
        attacks.push(format!(
            "insert into workers (kind, name, slots, seen) values ('docket', 'mine', 1, '{time}')"
        ));
        let pool = pool_of(built.database(), DocketFetcher).await;
        for statement in attacks {
            if !is_refused(&pool, &statement).await {
                done.push(statement);
            }
        }
    }
    assert!(done.is_empty(), "{done:#?}");
}

/// A purchase of a docket by the fixture's running request of dockets, with changes.
fn new_line(changes: &[(&str, &str)]) -> String {
    let mut line = vec![
        (
            "request_id",
            "(select id from fetch_requests where state = 'running' and request_type = 1)",
        ),
        ("user_id", "1"),
        ("account_digest", "'a'"),
        ("court_id", "'cand'"),
        ("item_key", "'docket/cand/9/'"),
        ("fence", "7"),
        ("state", "'intent'"),
        ("quoted_cents", "300"),
    ];
    for change in changes {
        match line.iter_mut().find(|column| column.0 == change.0) {
            Some(column) => column.1 = change.1,
            None => line.push(*change),
        }
    }
    let (names, values): (Vec<_>, Vec<_>) = line.into_iter().unzip();
    format!(
        "insert into purchases ({}) overriding system value values ({})",
        names.join(", "),
        values.join(", ")
    )
}

/// What is bought is what a request that runs wants, for whoever's it is.
#[tokio::test]
async fn no_line_is_added_to_the_ledger_but_for_what_one_buys() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    let owner = built.database().pool().await;
    ledger(&owner).await;
    sqlx::raw_sql("insert into users (name) values ('bob')")
        .execute(&owner)
        .await
        .unwrap();
    let of = |state: &str, kind: i32| {
        format!("(select id from fetch_requests where state = '{state}' and request_type = {kind})")
    };
    let (over, documents) = (of("done", 1), of("running", 2));
    let attacks: [&[(&str, &str)]; 16] = [
        &[("state", "'captured'"), ("billed_cents", "2000000000")],
        &[("state", "'captured'")],
        &[("state", "'doubt'")],
        &[("state", "'void'")],
        &[("billed_cents", "1")],
        &[("capture_id", "1")],
        &[("settled_note", "'paid'")],
        &[("request_id", &over)],
        &[("request_id", &documents)],
        &[("user_id", "2")],
        &[("account_digest", "'b'")],
        &[("court_id", "'nysd'")],
        // Nobody else may buy a thing while somebody does.
        &[("item_key", "'doc/cand/03502345678'")],
        &[("item_key", "'docket/nysd/9/'")],
        &[("fence", "8")],
        // Numbers that others would be given, and times of a quarter that is over.
        &[("id", "100"), ("date_created", "'2001-01-01'")],
    ];
    let mut done = Vec::new();
    for role in ROLES {
        let pool = pool_of(built.database(), role).await;
        for attack in attacks {
            let statement = new_line(attack);
            if !is_denied(&pool, &statement).await {
                done.push(format!("{}: {statement}", role.service()));
            }
        }
        for other in [
            "insert into purchase_events (id, purchase_id, state) overriding system value
             values (100, 1, 'void')",
            "insert into purchase_events (purchase_id, state, at) values (1, 'void', '2001-01-01')",
            "insert into captures (id, court_id, item_key, url, media_type, sha256, byte_count)
             overriding system value values (100, 'cand', 'k', 'u', 'm', 's', 1)",
            "insert into fetch_steps (id, request_id, fence, step) overriding system value
             values (100, 1, 1, 's')",
        ] {
            if !is_denied(&pool, other).await {
                done.push(format!("{}: {other}", role.service()));
            }
        }
    }
    assert!(done.is_empty(), "{done:#?}");
    let document: &[(&str, &str)] = &[
        ("request_id", &documents),
        ("item_key", "'doc/cand/03502345678'"),
    ];
    for (role, line) in [(DocketFetcher, &[][..]), (PdfFetcher, document)] {
        let pool = pool_of(built.database(), role).await;
        assert!(
            !is_refused(&pool, &new_line(line)).await,
            "{}",
            role.service()
        );
    }
}

/// A lock that has another name is nobody's lock any more.
#[tokio::test]
async fn no_lock_is_given_another_name() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    let (gateways, merging): (&[DatabaseRole], &[DatabaseRole]) =
        (&[Gateway, Operator], &[DocketFetcher, PdfFetcher, Operator]);
    for role in ROLES {
        let pool = pool_of(built.database(), role).await;
        for (table, holders) in [("gateway_locks", gateways), ("merge_locks", merging)] {
            for attack in [
                format!("update {table} set name = 'gone' where name in ('sweep', 'path 1')"),
                format!("insert into {table} (name) values ('path 999')"),
                format!("delete from {table}"),
            ] {
                assert!(
                    is_denied(&pool, &attack).await,
                    "{}: {attack}",
                    role.service()
                );
            }
            let lock = format!("select name from {table} for update");
            let locks = !is_denied(&pool, &lock).await;
            assert_eq!(locks, holders.contains(&role), "{}: {lock}", role.service());
        }
    }
    let ocr = pool_of(built.database(), Ocr).await;
    assert!(is_denied(&ocr, "select from merge_locks for update").await);
}
