//! Keys of callers: one request each, for a day.

use fetch_control::{Control, accept::Acceptance};
use fetch_model::{
    Cents, DocketOptions, FetchKind, FetchRequest, Lane, OnDoubt, RequestSpec, UserId,
    budget::{Limits, Reservation},
};
use fetch_queue::repeats::{Earlier, Mark};
use sqlx::PgPool;
use testkit::TestStore;

struct Desk {
    store: Control,
    pool: PgPool,
    user: UserId,
    _blobs: tempfile::TempDir,
}

const FREE: Reservation = Reservation {
    reserve: Cents(0),
    max_cost: None,
};

fn mark(key: u8, body: u8) -> Mark {
    Mark {
        key: [key; 32],
        body: [body; 32],
    }
}

impl Desk {
    async fn open() -> Option<Desk> {
        let TestStore {
            store, pool, blobs, ..
        } = testkit::store(20).await?;
        Some(Desk {
            user: store.ledger.add_user("ann").await.unwrap(),
            store,
            pool,
            _blobs: blobs,
        })
    }

    async fn accept(&self, mark: &Mark, reservation: Reservation) -> Acceptance {
        let new = docket(self.user);
        let accepted = self
            .store
            .accept_once(&new, None, reservation, Some(mark))
            .await;
        accepted.unwrap()
    }

    async fn earlier(&self, user: UserId, mark: &Mark) -> Option<Earlier> {
        self.store.queue.earlier(user, mark).await.unwrap()
    }

    async fn count(&self, what: &str) -> i64 {
        let question = sqlx::AssertSqlSafe(format!("select count(*) from {what}"));
        sqlx::query_scalar(question)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    async fn a_day_passes(&self) {
        let older = "update idempotency_keys set date_created = date_created - interval '25 h'";
        sqlx::query(older).execute(&self.pool).await.unwrap();
    }
}

fn docket(user: UserId) -> RequestSpec {
    RequestSpec {
        user,
        kind: FetchKind::Docket,
        court: Some("cand".into()),
        docket: None,
        document: None,
        pacer_case_id: String::new(),
        docket_number: "3:24-cv-09876".into(),
        options: DocketOptions::default(),
        target_court: "cand".into(),
        session_key: "key".into(),
        account_digest: "digest".into(),
        client_code: String::new(),
        lane: Lane::Interactive,
        on_doubt: OnDoubt::Stop,
        traceparent: None,
        skip_if_unchanged: false,
        not_before: None,
    }
}

fn request(acceptance: Acceptance) -> FetchRequest {
    match acceptance {
        Acceptance::Accepted(written) => written.request,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_key_stands_for_one_request_for_a_day() {
    let Some(desk) = Desk::open().await else {
        return;
    };
    assert_eq!(desk.earlier(desk.user, &mark(1, 1)).await, None);
    let first = request(desk.accept(&mark(1, 1), FREE).await);
    let Some(Earlier::Same(same)) = desk.earlier(desk.user, &mark(1, 1)).await else {
        panic!("it is there");
    };
    assert_eq!(same.id, first.id);
    let different = desk.earlier(desk.user, &mark(1, 2)).await;
    assert_eq!(different, Some(Earlier::Different));
    assert_eq!(desk.accept(&mark(1, 1), FREE).await, Acceptance::Repeated);
    assert_eq!(desk.accept(&mark(1, 2), FREE).await, Acceptance::Repeated);
    let somebody = desk.store.ledger.add_user("ben").await.unwrap();
    assert_eq!(desk.earlier(somebody, &mark(1, 1)).await, None);
    assert_eq!(desk.store.queue.forget_old_keys().await.unwrap(), 0);

    desk.a_day_passes().await;
    assert_eq!(desk.earlier(desk.user, &mark(1, 1)).await, None);
    let second = request(desk.accept(&mark(1, 2), FREE).await);
    assert_ne!(second.id, first.id, "an old key is as good as a new one");
    request(desk.accept(&mark(2, 2), FREE).await);
    desk.a_day_passes().await;
    assert_eq!(desk.store.queue.forget_old_keys().await.unwrap(), 2);
    assert_eq!(desk.count("idempotency_keys").await, 0);
    assert_eq!(desk.count("fetch_requests").await, 3, "requests stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_accepted_and_no_budget_is_blamed() {
    let Some(desk) = Desk::open().await else {
        return;
    };
    let limits = Limits {
        per_request: None,
        per_quarter: Some(Cents(300)),
    };
    desk.store
        .ledger
        .set_budget(Some(desk.user), limits)
        .await
        .unwrap();
    let reservation = Reservation {
        reserve: Cents(300),
        max_cost: None,
    };
    let mark = mark(1, 1);
    let many = (0..20).map(|_| desk.accept(&mark, reservation));
    let told = futures_util::future::join_all(many).await;
    let accepted = told
        .iter()
        .filter(|one| matches!(one, Acceptance::Accepted(_)))
        .count();
    let repeated = told
        .iter()
        .filter(|one| **one == Acceptance::Repeated)
        .count();
    assert_eq!((accepted, repeated), (1, 19), "{told:?}");
    assert_eq!(desk.count("fetch_requests").await, 1);
}

#[tokio::test]
async fn what_was_not_accepted_keeps_no_key() {
    let Some(desk) = Desk::open().await else {
        return;
    };
    let limits = Limits {
        per_request: None,
        per_quarter: Some(Cents(300)),
    };
    desk.store
        .ledger
        .set_budget(Some(desk.user), limits)
        .await
        .unwrap();
    let dear = Reservation {
        reserve: Cents(301),
        max_cost: None,
    };
    let refused = desk.accept(&mark(1, 1), dear).await;
    assert!(matches!(refused, Acceptance::OverBudget(_)), "{refused:?}");
    assert_eq!(desk.count("idempotency_keys").await, 0);
    request(desk.accept(&mark(1, 1), FREE).await);
}
