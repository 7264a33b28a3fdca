//! What each service may make of requests and of the ledger: every move, and what an attacker would
//! write into lines that are booked.

use std::collections::BTreeSet;

use fetch_model::{
    DatabaseRole::{self, DocketFetcher, Follower, Gateway, Ocr, Operator, PdfFetcher},
    State,
    lifecycle::Transition,
};
use sqlx::{AssertSqlSafe, PgPool};

use super::{ROLES, is_denied, pool_of};

/// From and to.
type Move = (&'static str, &'static str);

/// What the work of each consists of, of requests of its own kind.
fn moves_of(role: DatabaseRole) -> Vec<Move> {
    match role {
        Gateway => vec![
            ("accepted", "released"),
            ("waiting", "released"),
            ("accepted", "cancelled"),
            ("released", "cancelled"),
            ("waiting", "cancelled"),
            ("running", "cancelled"),
            ("released", "waiting"),
            ("running", "waiting"),
            ("captured", "waiting"),
            ("reading", "done"),
            ("accepted", "failed"),
            ("released", "failed"),
            ("running", "failed"),
            ("captured", "failed"),
            ("reading", "failed"),
            ("waiting", "failed"),
        ],
        DocketFetcher | PdfFetcher => vec![
            ("released", "running"),
            ("running", "captured"),
            ("running", "waiting"),
            ("running", "done"),
            ("running", "failed"),
            ("captured", "reading"),
            ("captured", "waiting"),
            ("captured", "done"),
            ("captured", "failed"),
        ],
        Ocr => vec![("reading", "done")],
        Operator => vec![("failed", "accepted"), ("failed", "done")],
        Follower => vec![],
    }
}

/// The moves that are legal, whoever makes them.
fn legal() -> BTreeSet<Move> {
    let after = |from: State, event| Some((from.as_str(), from.after(event)?.as_str()));
    State::ALL
        .into_iter()
        .flat_map(|from| {
            Transition::ALL
                .into_iter()
                .filter_map(move |event| after(from, event))
        })
        .collect()
}

async fn run(pool: &PgPool, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

/// Requests in every state: of documents (2), then of dockets (1).
async fn requests_in_every_state(owner: &PgPool) {
    run(owner, "insert into users (name) values ('ann')").await;
    for kind in [2, 1] {
        for state in State::ALL {
            let row = format!(
                "insert into fetch_requests (user_id, request_type, show_parties_and_counsel,
                     show_terminated_parties, show_list_of_member_cases, target_court, session_key,
                     account_digest, on_doubt, lane, virtual_time, fence)
                 values (1, {kind}, false, false, false, 'cand', 'k', 'a', 'stop', 0, 0, 7)"
            );
            run(owner, &row).await;
            let set = testkit::in_state(state);
            let last = "(select max(id) from fetch_requests)";
            run(
                owner,
                &format!("update fetch_requests set {set} where id = {last}"),
            )
            .await;
        }
    }
}

#[tokio::test]
async fn each_service_moves_requests_as_its_work_does_and_no_further() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    let owner = built.database().pool().await;
    requests_in_every_state(&owner).await;
    let mut somebodys = BTreeSet::new();
    for role in ROLES {
        let pool = pool_of(built.database(), role).await;
        let mut made = BTreeSet::new();
        for (from, to, kind) in every_move() {
            let statement = format!(
                "update fetch_requests set state = '{to}'
                 where state = '{from}' and request_type = {kind}"
            );
            if !is_denied(&pool, &statement).await {
                made.insert((from, to, kind));
            }
        }
        let kinds: &[i32] = match role {
            DocketFetcher => &[1],
            PdfFetcher => &[2],
            Gateway | Ocr | Operator => &[1, 2],
            Follower => &[],
        };
        let moves = moves_of(role).into_iter();
        let expected: BTreeSet<_> = moves
            .flat_map(|(from, to)| kinds.iter().map(move |kind| (from, to, *kind)))
            .collect();
        assert_eq!(made, expected, "{}", role.service());
        somebodys.extend(made.into_iter().map(|(from, to, _)| (from, to)));
    }
    // One for several documents is ended by a gateway: one whose plan waits for its own steps, and no other.
    let gather = ("accepted", "done");
    let plans = "insert into fetch_plans (request_id, address, waits_for)
                 select id, '{}', id from fetch_requests where state = 'accepted'";
    run(&owner, plans).await;
    for role in ROLES {
        let pool = pool_of(built.database(), role).await;
        let (from, to) = gather;
        let statement = format!("update fetch_requests set state = '{to}' where state = '{from}'");
        let may = matches!(role, Gateway);
        assert_eq!(
            !is_denied(&pool, &statement).await,
            may,
            "{}",
            role.service()
        );
    }
    somebodys.insert(gather);
    // What is legal is somebody's, and nothing else is anybody's.
    assert_eq!(somebodys, legal());
}

fn every_move() -> Vec<(&'static str, &'static str, i32)> {
    let mut moves = Vec::new();
    for from in State::ALL {
        for to in State::ALL.into_iter().filter(|to| *to != from) {
            moves.extend([1, 2].map(|kind| (from.as_str(), to.as_str(), kind)));
        }
    }
    moves
}

#[tokio::test]
async fn nothing_is_said_of_requests_that_are_nothing_of_ones_own() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    requests_in_every_state(&built.database().pool().await).await;
    for (role, statement, denied) in [
        (Ocr, "set message = 'pay here' where state = 'failed'", true),
        (
            Ocr,
            "set message = 'pay here' where state = 'running'",
            true,
        ),
        (Ocr, "set fence = fence + 1 where state = 'running'", true),
        (Ocr, "set message = 'page 1' where state = 'reading'", false),
        (
            PdfFetcher,
            "set message = 'no' where request_type = 1",
            true,
        ),
        (
            DocketFetcher,
            "set message = 'no' where request_type = 2",
            true,
        ),
        (
            DocketFetcher,
            "set message = 'no' where state = 'failed' and request_type = 1",
            true,
        ),
        (
            DocketFetcher,
            "set worker = null, lease_until = null
                         where state = 'cancelled' and request_type = 1",
            false,
        ),
        // A token that goes back lets somebody in who was shut out.
        (
            DocketFetcher,
            "set fence = fence - 1 where state = 'running' and request_type = 1",
            true,
        ),
        (
            Gateway,
            "set fence = fence - 1 where state = 'running'",
            true,
        ),
    ] {
        let pool = pool_of(built.database(), role).await;
        let statement = format!("update fetch_requests {statement}");
        assert_eq!(
            is_denied(&pool, &statement).await,
            denied,
            "{}: {statement}",
            role.service()
        );
    }
}

/// A line of the ledger in each state.
pub(crate) async fn ledger(owner: &PgPool) {
    requests_in_every_state(owner).await;
    let capture =
        "insert into captures (request_id, court_id, item_key, url, media_type, sha256, byte_count)
                   values (1, 'cand', 'k', 'u', 'm', 's', 1)";
    run(owner, capture).await;
    for (key, columns) in [
        ("intent", "'intent', null, null, null, null, null"),
        ("captured", "'captured', 300, 30, 1, null, null"),
        ("awaited", "'captured', 300, 30, 1, 'document', null"),
        ("transcript", "'captured', 300, 30, 1, 'transcript', null"),
        ("void", "'void', null, null, null, null, null"),
        ("doubt", "'doubt', null, null, null, null, null"),
        ("settled", "'doubt', 240, 24, null, null, now()"),
    ] {
        let line = format!(
            "insert into purchases (request_id, user_id, account_digest, court_id, fence, quoted_cents,
                 item_key, state, billed_cents, billed_pages, capture_id, pages_awaited, settled_at)
             values (1, 1, 'a', 'cand', 1, 300, '{key}', {columns})"
        );
        run(owner, &line).await;
    }
}

/// What is in the books stays in the books: (what, on which line, whose work it is).
const CHANGES: [(&str, &str, &[DatabaseRole]); 29] = [
    ("billed_cents = 1", "captured", &[]),
    ("billed_cents = 1", "awaited", &[]),
    ("billed_pages = 1", "captured", &[]),
    ("receipt = '{}'", "captured", &[]),
    ("billed_by = 'receipt'", "captured", &[]),
    ("capture_id = null", "captured", &[]),
    ("quoted_cents = 1", "captured", &[]),
    ("pages_awaited = 'document'", "captured", &[]),
    ("state = 'void'", "captured", &[]),
    ("state = 'doubt'", "captured", &[]),
    ("state = 'intent'", "captured", &[]),
    ("settled_at = now(), settled_note = 'no'", "captured", &[]),
    ("state = 'intent'", "void", &[]),
    ("state = 'intent'", "doubt", &[]),
    ("state = 'void'", "doubt", &[]),
    ("billed_cents = 1", "doubt", &[]),
    ("billed_cents = 1, settled_at = now()", "settled", &[]),
    ("state = 'void', billed_cents = null", "settled", &[]),
    ("billed_cents = 1", "void", &[]),
    ("billed_cents = 1", "intent", &[]),
    ("pages_awaited = null, billed_cents = 310", "awaited", &[]),
    // What is somebody's work.
    (
        "pages_awaited = null, billed_cents = 240, billed_pages = 24",
        "awaited",
        &[Gateway],
    ),
    (
        "pages_awaited = null, billed_cents = 900, billed_pages = 90",
        "transcript",
        &[Gateway],
    ),
    (
        "state = 'doubt'",
        "intent",
        &[Gateway, DocketFetcher, PdfFetcher],
    ),
    ("state = 'void'", "intent", &[DocketFetcher, PdfFetcher]),
    ("quoted_cents = 240", "intent", &[DocketFetcher, PdfFetcher]),
    (
        "state = 'captured', billed_cents = 10, capture_id = 1",
        "intent",
        &[DocketFetcher, PdfFetcher],
    ),
    (
        "state = 'captured', billed_cents = 10, capture_id = 1",
        "settled",
        &[DocketFetcher, PdfFetcher],
    ),
    (
        "state = 'void', settled_at = now(), settled_note = 'n'",
        "doubt",
        &[Operator],
    ),
];

#[tokio::test]
async fn what_is_booked_stays_booked_whoever_is_taken_over() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    ledger(&built.database().pool().await).await;
    let mut wrong = Vec::new();
    for role in ROLES {
        let pool = pool_of(built.database(), role).await;
        for (change, line, whose) in CHANGES {
            let statement = format!("update purchases set {change} where item_key = '{line}'");
            if is_denied(&pool, &statement).await == whose.contains(&role) {
                wrong.push(format!("{}: {statement}", role.service()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whoever has a service can say numbers that everybody may lock, and cannot lock what gateways lock.
#[tokio::test]
async fn no_other_service_keeps_gateways_from_sweeping_and_releasing() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    let gateway = built.of(Gateway).await;
    for role in [Ocr, DocketFetcher, PdfFetcher] {
        let pool = pool_of(built.database(), role).await;
        for attack in [
            "select from gateway_locks for update",
            "select from gateway_locks for key share",
            "lock table gateway_locks in access exclusive mode",
            "lock table gateway_locks in access share mode",
        ] {
            assert!(
                is_denied(&pool, attack).await,
                "{}: {attack}",
                role.service()
            );
        }
        let mut holding = pool.begin().await.unwrap();
        // All that were ever taken so.
        let names = "select pg_advisory_xact_lock(hashtext('pacer-fetch sweep')),
                            pg_advisory_xact_lock(hashtextextended('release cand', 0)),
                            pg_advisory_xact_lock(hashtextextended('a', 0))";
        sqlx::raw_sql(names).execute(&mut *holding).await.unwrap();
        assert!(
            gateway.sweep().await.unwrap().is_some(),
            "{}",
            role.service()
        );
        holding.rollback().await.unwrap();
    }
    let ocr = pool_of(built.database(), Ocr).await;
    assert!(is_denied(&ocr, "select from merge_locks for update").await);
}
