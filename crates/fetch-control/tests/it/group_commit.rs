//! Requests that are accepted at the same time share statements, and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fetch_control::{Control, accept::Acceptance, farewell::Farewell};
use fetch_db::Error;
use fetch_ledger::tokens::NewToken;
use fetch_model::{
    Cents, DocketId, DocketOptions, FetchId, FetchKind, Lane, OnDoubt, RequestSpec, TokenId,
    UserId,
    budget::{LimitExceeded, Limits, Reservation},
    expand::Groups,
};
use fetch_queue::repeats::Mark;
use futures_util::future::join_all;
use sqlx::PgPool;
use testkit::TestStore;
use tokio::time::timeout;

struct Desk {
    store: Control,
    pool: PgPool,
    users: Vec<UserId>,
    _blobs: tempfile::TempDir,
}

impl Desk {
    async fn open() -> Option<Desk> {
        let TestStore {
            store, pool, blobs, ..
        } = testkit::store(20).await?;
        let mut users = Vec::new();
        for name in ["ann", "ben", "cem"] {
            users.push(store.ledger.add_user(name).await.unwrap());
        }
        Some(Desk {
            store,
            pool,
            users,
            _blobs: blobs,
        })
    }

    async fn accept(&self, new: RequestSpec, reserve: i32) -> Result<Acceptance, Error> {
        let reservation = Reservation {
            reserve: Cents(reserve),
            max_cost: None,
        };
        self.store.accept_once(&new, None, reservation, None).await
    }

    /// Keeps back what is written until a statement has come that waits for it, and then lets go.
    async fn while_nothing_can_be_written<T>(&self, at_once: impl Future<Output = T>) -> T {
        let mut holding = self.pool.begin().await.unwrap();
        sqlx::query("lock table fetch_steps in exclusive mode")
            .execute(&mut *holding)
            .await
            .unwrap();
        let release_place = async {
            self.until_waiting("wait_event_type = 'Lock'").await;
            holding.commit().await.unwrap();
        };
        tokio::join!(at_once, release_place).0
    }

    /// Waits until a statement such as this waits for another.
    async fn until_waiting(&self, such: &str) {
        let waiting = format!(
            "select count(*) from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock' and {such}"
        );
        let looking = async {
            while sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(waiting.clone()))
                .fetch_one(&self.pool)
                .await
                .unwrap()
                == 0
            {
                tokio::task::yield_now().await;
            }
        };
        let soon = Duration::from_secs(20);
        timeout(soon, looking).await.expect("nobody waits");
    }

    /// A new token of a user.
    async fn token(&self, user: UserId, byte: u8) -> TokenId {
        let token = NewToken {
            digest: &[byte; 32],
            name: "first",
            expires: None,
            read_only: false,
            expand: Groups::NONE,
        };
        self.store.ledger.add_token(user, &token).await.unwrap()
    }

    async fn accept_by(
        &self,
        user: UserId,
        token: Option<TokenId>,
        mark: Option<&Mark>,
    ) -> Acceptance {
        let free = Reservation::default();
        let new = docket(user, 0);
        let accepted = self.store.accept_once(&new, token, free, mark).await;
        accepted.unwrap()
    }
}

fn docket(user: UserId, number: usize) -> RequestSpec {
    RequestSpec {
        user,
        kind: FetchKind::Docket,
        court: Some("cand".into()),
        docket: None,
        document: None,
        pacer_case_id: number.to_string(),
        docket_number: "\"3:24-cv-09876\", \\ 'é'".into(),
        options: DocketOptions::default(),
        target_court: ["cand", "nysd"][number % 2].into(),
        session_key: "key".into(),
        account_digest: "digest".into(),
        client_code: String::new(),
        lane: [Lane::Interactive, Lane::Bulk][number / 2 % 2],
        on_doubt: OnDoubt::Stop,
        traceparent: None,
        skip_if_unchanged: false,
        not_before: None,
    }
}

#[tokio::test]
async fn many_at_once_are_one_each_in_few_transactions() {
    let Some(desk) = Desk::open().await else {
        return;
    };
    let asked: Vec<RequestSpec> = (0..200)
        .map(|number| docket(desk.users[number % 3], number))
        .collect();
    let accepting = join_all(asked.iter().map(|new| desk.accept(new.clone(), 0)));
    let accepted = desk.while_nothing_can_be_written(accepting).await;
    let mut ids = BTreeSet::new();
    for (asked, accepted) in asked.iter().zip(accepted) {
        let Ok(Acceptance::Accepted(written)) = accepted else {
            panic!("{accepted:?}");
        };
        let request = written.request;
        assert_eq!(&request.spec, asked, "everybody gets his own");
        // What is answered is what is stored.
        let stored = desk.store.queue.request(request.id).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&request));
        ids.insert(request.id);
    }
    assert_eq!(ids.len(), 200);
    let transactions: i64 =
        sqlx::query_scalar("select count(distinct xmin::text) from fetch_requests")
            .fetch_one(&desk.pool)
            .await
            .unwrap();
    assert!(transactions < 20, "{transactions} transactions");

    // Each user's virtual times at a court and in a lane go up, also within a statement.
    let rows: Vec<(String, i64, String, i16, f64)> = sqlx::query_as(
        "select xmin::text, user_id, target_court, lane, virtual_time from fetch_requests
         order by id",
    )
    .fetch_all(&desk.pool)
    .await
    .unwrap();
    let mut last: BTreeMap<(String, i64, String, i16), f64> = BTreeMap::new();
    for (transaction, user, court, lane, time) in rows {
        let before = last.insert((transaction, user, court, lane), time);
        assert!(
            before.is_none_or(|before| time == before + 1.0),
            "{time} after {before:?}"
        );
    }
    let steps: i64 = sqlx::query_scalar("select count(distinct request_id) from fetch_steps")
        .fetch_one(&desk.pool)
        .await
        .unwrap();
    assert_eq!(steps, 200);
}

#[tokio::test]
async fn what_is_wrong_with_one_is_nobody_elses_trouble() {
    let Some(desk) = Desk::open().await else {
        return;
    };
    let asked: Vec<RequestSpec> = (0..30)
        .map(|number| RequestSpec {
            // There is no such docket.
            docket: (number % 10 == 3).then_some(DocketId(4711)),
            ..docket(desk.users[0], number)
        })
        .collect();
    let accepting = join_all(asked.iter().map(|new| desk.accept(new.clone(), 0)));
    let accepted = desk.while_nothing_can_be_written(accepting).await;
    for (asked, accepted) in asked.iter().zip(accepted) {
        match (asked.docket, accepted) {
            (None, Ok(Acceptance::Accepted(written))) => assert_eq!(&written.request.spec, asked),
            (Some(_), Err(Error::Database(_))) => {}
            (_, other) => panic!("{:?}: {other:?}", asked.pacer_case_id),
        }
    }
}

#[tokio::test]
async fn a_limit_holds_for_its_user_in_any_company() {
    let Some(desk) = Desk::open().await else {
        return;
    };
    let limits = Limits {
        per_request: None,
        per_quarter: Some(Cents(50)),
    };
    desk.store
        .ledger
        .set_budget(Some(desk.users[1]), limits)
        .await
        .unwrap();
    let accepting = join_all((0..60).map(|number| {
        let new = docket(desk.users[number % 3], number);
        desk.accept(new, 10)
    }));
    let accepted = desk.while_nothing_can_be_written(accepting).await;
    let mut within: BTreeMap<usize, Vec<FetchId>> = BTreeMap::new();
    for (number, accepted) in accepted.into_iter().enumerate() {
        match accepted.unwrap() {
            Acceptance::Accepted(written) => within
                .entry(number % 3)
                .or_default()
                .push(written.request.id),
            Acceptance::OverBudget(_) => assert_eq!(number % 3, 1),
            other => panic!("{other:?}"),
        }
    }
    let counts: Vec<usize> = within.values().map(Vec::len).collect();
    assert_eq!(counts, [20, 5, 20]);
}

/// Callers may have looked at limits that are not the present ones any more.
#[tokio::test]
async fn what_a_request_may_cost_is_looked_at_when_it_is_written() {
    let Some(desk) = Desk::open().await else {
        return;
    };
    let at_most = |cents| Limits {
        per_request: Some(Cents(cents)),
        per_quarter: None,
    };
    desk.store
        .ledger
        .set_budget(None, at_most(10))
        .await
        .unwrap();
    let ann = Some(desk.users[0]);
    desk.store
        .ledger
        .set_budget(ann, at_most(30))
        .await
        .unwrap();
    for (user, reserve, fits) in [(0, 30, true), (0, 31, false), (1, 10, true), (1, 11, false)] {
        let accepted = desk.accept(docket(desk.users[user], user), reserve).await;
        match accepted.unwrap() {
            Acceptance::Accepted(_) => assert!(fits, "{user}: {reserve}"),
            Acceptance::OverBudget(LimitExceeded::PerRequest { needs, .. }) => {
                assert!(!fits && needs == Cents(reserve), "{user}: {reserve}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn nothing_is_written_for_who_is_shut_out() {
    let Some(desk) = Desk::open().await else {
        return;
    };
    let [ann, ben, cem] = desk.users[..] else {
        panic!("three users");
    };
    let (anns, bens) = (desk.token(ann, 1).await, desk.token(ben, 2).await);
    let mark = Mark {
        key: [1; 32],
        body: [1; 32],
    };
    for mark in [None, Some(&mark)] {
        let by = async |user, token| desk.accept_by(user, token, mark).await;
        assert_eq!(by(ann, Some(bens)).await, Acceptance::ShutOut, "not hers");
        let accepted = by(ann, Some(anns)).await;
        assert!(matches!(accepted, Acceptance::Accepted(_)), "{accepted:?}");
    }
    let ended = "update api_tokens set expires = now() where id = $1";
    sqlx::query(ended)
        .bind(bens.0)
        .execute(&desk.pool)
        .await
        .unwrap();
    assert!(desk.store.ledger.revoke_token(anns).await.unwrap());
    assert!(desk.store.ledger.set_active("cem", false).await.unwrap());
    let other = Mark {
        key: [2; 32],
        body: [2; 32],
    };
    for mark in [None, Some(&other)] {
        for (user, token) in [(ann, Some(anns)), (ben, Some(bens)), (cem, None)] {
            let refused = desk.accept_by(user, token, mark).await;
            assert_eq!(refused, Acceptance::ShutOut, "{user:?}");
        }
    }
    // In company it is nobody else's trouble.
    let accepting = join_all((0..30).map(|number| {
        let new = docket(desk.users[number % 3], number);
        desk.accept(new, 0)
    }));
    let accepted = desk.while_nothing_can_be_written(accepting).await;
    for (number, accepted) in accepted.into_iter().enumerate() {
        match accepted.unwrap() {
            Acceptance::Accepted(_) => assert_ne!(number % 3, 2),
            Acceptance::ShutOut => assert_eq!(number % 3, 2),
            other => panic!("{other:?}"),
        }
    }
    let gone = desk.store.delete_user("cem").await.unwrap();
    assert!(matches!(gone, Farewell::Gone { .. }), "{gone:?}");
    for mark in [None, Some(&mark)] {
        let refused = desk.accept_by(cem, None, mark).await;
        assert_eq!(refused, Acceptance::ShutOut);
    }
}

#[tokio::test]
async fn who_shuts_a_user_out_waits_for_what_is_being_written() {
    let Some(desk) = Desk::open().await else {
        return;
    };
    let ann = desk.users[0];
    // A lock on a table would be waited for before the statement begins. This one is met at its end,
    // where Postgres looks whether there is such a court.
    let mut holding = desk.pool.begin().await.unwrap();
    sqlx::query("select from courts where id = 'cand' for update")
        .execute(&mut *holding)
        .await
        .unwrap();
    let (first, is_there, ()) = tokio::join!(
        desk.accept_by(ann, None, None),
        async {
            desk.until_waiting("query not like 'update users%'").await;
            desk.store.ledger.set_active("ann", false).await.unwrap()
        },
        async {
            // Or else what is counted then would not be all that there will be.
            desk.until_waiting("query like 'update users%'").await;
            holding.commit().await.unwrap();
        }
    );
    assert!(matches!(first, Acceptance::Accepted(_)), "{first:?}");
    assert!(is_there);
    let second = desk.accept_by(ann, None, None).await;
    assert_eq!(second, Acceptance::ShutOut);
}
