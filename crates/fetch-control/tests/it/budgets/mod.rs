//! Budgets on a real Postgres: parallel requests, every way to end, and what follows a restart.

use fetch_control::{Control, accept::Acceptance};
use fetch_ledger::{
    booking::Bill,
    captures::{Enough, NewCapture},
    purchases::{Intent, NewPurchase},
};
use fetch_model::{
    Cents, DocketOptions, Fence, FetchId, FetchKind, Lane, OnDoubt, PurchaseId, RequestSpec,
    State::{self, Cancelled, Captured, Done, Failed, Reading, Released, Running, Waiting},
    UserId,
    budget::{LimitExceeded, Limits, Reservation, Usage},
};
use sqlx::{AssertSqlSafe, PgPool};
use testkit::{TestStore, in_state};

struct Bank {
    store: Control,
    pool: PgPool,
    user: UserId,
    _blobs: tempfile::TempDir,
}

impl Bank {
    async fn open(limits: Limits) -> Option<Bank> {
        let TestStore {
            store, pool, blobs, ..
        } = testkit::store(20).await?;
        let user = store.ledger.add_user("spender").await.unwrap();
        store.ledger.set_budget(Some(user), limits).await.unwrap();
        Some(Bank {
            store,
            pool,
            user,
            _blobs: blobs,
        })
    }

    async fn post(&self, reserve: i32, max_cost: Option<i32>) -> Result<FetchId, LimitExceeded> {
        let reservation = Reservation {
            reserve: Cents(reserve),
            max_cost: max_cost.map(Cents),
        };
        let accepted = self
            .store
            .accept_once(&self.docket(), None, reservation, None)
            .await;
        match accepted.unwrap() {
            Acceptance::Accepted(written) => Ok(written.request.id),
            Acceptance::OverBudget(shortfall) => Err(shortfall),
            other => panic!("{other:?}"),
        }
    }

    fn docket(&self) -> RequestSpec {
        RequestSpec {
            user: self.user,
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

    /// The request is being worked on: the token of the attempt.
    async fn run(&self, id: FetchId) -> Fence {
        let fence = sqlx::query_scalar(AssertSqlSafe(format!(
            "update fetch_requests set {}, fence = fence + 1 where id = $1 returning fence",
            in_state(Running)
        )))
        .bind(id.0)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        Fence(fence)
    }

    async fn intend(&self, id: FetchId, fence: Fence, quoted: i32) -> Intent {
        let new = NewPurchase {
            request: id,
            fence,
            item_key: format!("docket/cand/{id}/{fence}"),
            quoted: Cents(quoted),
            flagged: false,
            enough: Enough::Fresh,
        };
        self.store.ledger.begin_purchase(&new).await.unwrap()
    }

    async fn capture(&self, id: FetchId, fence: Fence, purchase: PurchaseId, cents: i32) {
        let new = NewCapture {
            request: id,
            court: "cand".into(),
            item_key: format!("docket/cand/{id}/{fence}"),
            url: "http://court.example.org/".into(),
            media_type: "text/html".into(),
            sha256: "0".repeat(64),
            byte_count: 1,
            in_vain: false,
        };
        let bill = Bill {
            cents: Cents(cents),
            pages: cents / 10,
            receipt: None,
            awaited: None,
        };
        let kept = crate::buyers(&self.store)
            .keep_bought(purchase, fence, &new, &bill, &str::to_owned)
            .await;
        kept.unwrap();
    }

    async fn set_state(&self, id: FetchId, state: State) {
        let set = in_state(state);
        let sql = format!("update fetch_requests set {set} where id = $1");
        sqlx::query(AssertSqlSafe(sql))
            .bind(id.0)
            .execute(&self.pool)
            .await
            .unwrap();
    }

    async fn usage(&self) -> (i32, i32) {
        let Usage { spent, reserved } = self.store.ledger.usage(self.user).await.unwrap();
        (spent.0, reserved.0)
    }
}

fn quarter(cents: i32) -> Limits {
    Limits {
        per_request: None,
        per_quarter: Some(Cents(cents)),
    }
}

fn granted(intent: Intent) -> PurchaseId {
    match intent {
        Intent::Granted(id) => id,
        other => panic!("not granted: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_requests_cannot_take_the_same_room() {
    let Some(bank) = Bank::open(quarter(1_000)).await else {
        return;
    };
    let bank = std::sync::Arc::new(bank);
    let posts = (0..100).map(|_| {
        let bank = bank.clone();
        tokio::spawn(async move { bank.post(300, None).await })
    });
    let (mut accepted, mut refused) = (0, 0);
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            Ok(_) => accepted += 1,
            Err(LimitExceeded::PerQuarter { allowed, needs, .. }) => {
                assert_eq!((allowed, needs), (Cents(1_000), Cents(300)));
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((accepted, refused), (3, 97));
    assert_eq!(bank.usage().await, (0, 900));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_ends_with_the_right_to_buy() {
    let Some(bank) = Bank::open(quarter(1_000)).await else {
        return;
    };
    for state in [Captured, Reading, Done, Failed, Cancelled] {
        let id = bank.post(300, None).await.unwrap();
        for open in [Released, Running, Waiting, Released, Running] {
            bank.set_state(id, open).await;
            assert_eq!(bank.usage().await, (0, 300), "{open}");
        }
        bank.set_state(id, state).await;
        assert_eq!(bank.usage().await, (0, 0), "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_takes_the_place_of_the_reservation() {
    let Some(bank) = Bank::open(quarter(1_000)).await else {
        return;
    };
    let id = bank.post(300, None).await.unwrap();
    let fence = bank.run(id).await;
    let purchase = granted(bank.intend(id, fence, 300).await);
    assert_eq!(bank.usage().await, (0, 300), "not set aside twice");
    bank.capture(id, fence, purchase, 120).await;
    assert_eq!(bank.usage().await, (120, 0));

    // What the court did not bill comes back; what was lost counts, whatever becomes of it.
    let id = bank.post(300, None).await.unwrap();
    let fence = bank.run(id).await;
    let purchase = granted(bank.intend(id, fence, 300).await);
    bank.store
        .ledger
        .void_purchase(purchase, "not sold")
        .await
        .unwrap();
    assert_eq!(bank.usage().await, (120, 300));
    let fence = bank.run(id).await;
    let purchase = granted(bank.intend(id, fence, 300).await);
    bank.store
        .ledger
        .doubt_purchase(purchase, "lost")
        .await
        .unwrap();
    assert_eq!(bank.usage().await, (420, 0));
    bank.set_state(id, Failed).await;
    assert_eq!(bank.usage().await, (420, 0));

    // A request that is taken up again has nothing set aside, and must find room.
    bank.set_state(id, Waiting).await;
    let fence = bank.run(id).await;
    let other = bank.post(300, None).await.unwrap();
    assert!(matches!(
        bank.intend(id, fence, 300).await,
        Intent::OverBudget(LimitExceeded::PerQuarter { .. })
    ));
    assert_eq!(bank.usage().await, (420, 300), "nothing was written");
    bank.set_state(other, Cancelled).await;
    granted(bank.intend(id, fence, 300).await);
    assert_eq!(bank.usage().await, (420, 300));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_is_shown_must_fit_too() {
    let Some(bank) = Bank::open(quarter(1_000)).await else {
        return;
    };
    let id = bank.post(300, Some(700)).await.unwrap();
    let fence = bank.run(id).await;
    assert_eq!(
        bank.store
            .ledger
            .initial_quote(id, Cents(300))
            .await
            .unwrap(),
        Cents(300)
    );
    let purchase = granted(bank.intend(id, fence, 300).await);
    let other = bank.post(400, None).await.unwrap();
    let too_much = bank
        .store
        .ledger
        .price_purchase(purchase, Cents(650))
        .await
        .unwrap();
    let Some(LimitExceeded::PerQuarter {
        needs, standing, ..
    }) = too_much
    else {
        panic!("{too_much:?}");
    };
    assert_eq!((needs, standing.committed()), (Cents(650), Cents(400)));
    assert_eq!(bank.usage().await, (0, 700), "nothing was written");
    bank.set_state(other, Cancelled).await;
    let fits = bank
        .store
        .ledger
        .price_purchase(purchase, Cents(650))
        .await
        .unwrap();
    assert_eq!(fits, None);
    assert_eq!(bank.usage().await, (0, 650));
    let dear = bank
        .store
        .ledger
        .price_purchase(purchase, Cents(701))
        .await
        .unwrap();
    assert!(
        matches!(dear, Some(LimitExceeded::MaxCost { .. })),
        "{dear:?}"
    );
    bank.capture(id, fence, purchase, 650).await;
    assert_eq!(bank.usage().await, (650, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quarter_turns_and_the_default_holds_for_everybody_else() {
    let Some(bank) = Bank::open(Limits::default()).await else {
        return;
    };
    bank.store
        .ledger
        .set_budget(None, quarter(300))
        .await
        .unwrap();
    assert_eq!(
        bank.store.ledger.limits(bank.user).await.unwrap(),
        quarter(300)
    );
    let id = bank.post(300, None).await.unwrap();
    let fence = bank.run(id).await;
    let purchase = granted(bank.intend(id, fence, 300).await);
    bank.capture(id, fence, purchase, 300).await;
    assert!(bank.post(10, None).await.is_err());
    let begins: (chrono::DateTime<chrono::Utc>,) =
        sqlx::query_as("select quarter_begins('2026-10-01')")
            .fetch_one(&bank.pool)
            .await
            .unwrap();
    assert_eq!(
        begins.0.to_rfc3339(),
        "2026-10-01T05:00:00+00:00",
        "midnight in Texas"
    );
    sqlx::query("update purchases set date_created = date_created - interval '3 months'")
        .execute(&bank.pool)
        .await
        .unwrap();
    assert_eq!(bank.usage().await, (0, 0));
    bank.post(300, None).await.unwrap();
    // Their own limit goes before the default.
    bank.store
        .ledger
        .set_budget(Some(bank.user), quarter(400))
        .await
        .unwrap();
    bank.post(100, None).await.unwrap();
    let again = bank.post(1, None).await;
    assert!(again.is_err(), "{again:?}");
    assert!(
        bank.post(0, None).await.is_ok(),
        "what is free needs no room"
    );
}
