//! A store with a ledger in it, and ways around it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use fetch_control::{Control, accept::Acceptance};
use fetch_ledger::{
    booking::Bill,
    captures::{Capture, Enough, NewCapture},
    purchases::{Intent, NewPurchase},
};
use fetch_model::{
    Cents, DocketOptions, Fence, FetchId, FetchKind, FetchRequest, Lane, OnDoubt, PurchaseId,
    RequestSpec, State, UserId, budget::Reservation,
};
use fetch_queue::{Ending, SweepReport};
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use testkit::TestStore;

/// A court of the registry.
pub const COURT: &str = "cand";

/// A docket there.
pub const DOCKET: &str = "docket/cand/1/";

/// A document there, and the menu of its entry.
pub const DOCUMENT: &str = "doc/cand/035012345678";
pub const MENU: &str = "menu/cand/035012345678";

pub struct House {
    pub store: Control,
    pub pool: PgPool,
    pub user: UserId,
    _blobs: tempfile::TempDir,
}

impl House {
    /// An empty one, or none without a server.
    pub async fn new() -> Option<House> {
        let TestStore {
            store, pool, blobs, ..
        } = testkit::store(30).await?;
        let user = store.ledger.add_user("ann").await.unwrap();
        Some(House {
            store,
            pool,
            user,
            _blobs: blobs,
        })
    }

    pub async fn run(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&self.pool).await.unwrap();
    }

    /// A request that is accepted.
    pub async fn accept(&self, kind: FetchKind, not_before: Option<DateTime<Utc>>) -> FetchId {
        self.accept_with(kind, not_before, OnDoubt::Stop).await
    }

    pub async fn accept_with(
        &self,
        kind: FetchKind,
        not_before: Option<DateTime<Utc>>,
        on_doubt: OnDoubt,
    ) -> FetchId {
        let new = RequestSpec {
            user: self.user,
            kind,
            court: Some(COURT.to_owned()),
            docket: None,
            document: None,
            pacer_case_id: "1".to_owned(),
            docket_number: String::new(),
            options: DocketOptions::default(),
            target_court: COURT.to_owned(),
            session_key: "key".to_owned(),
            account_digest: "digest".to_owned(),
            client_code: String::new(),
            lane: Lane::Interactive,
            on_doubt,
            traceparent: None,
            skip_if_unchanged: false,
            not_before,
        };
        let free = Reservation::default();
        let accepted = self.store.accept_once(&new, None, free, None).await;
        match accepted.unwrap() {
            Acceptance::Accepted(written) => written.request.id,
            other => panic!("{other:?}"),
        }
    }

    /// A request that a worker has.
    pub async fn running(&self, kind: FetchKind) -> FetchRequest {
        let id = self.accept(kind, None).await;
        self.claim(id).await
    }

    /// A worker takes a request, whatever became of it before.
    pub async fn claim(&self, id: FetchId) -> FetchRequest {
        let fence: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "update fetch_requests set {}, fence = fence + 1, not_before = null
                 where id = $1 returning fence",
            testkit::in_state(State::Released)
        )))
        .bind(id.0)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let lease = Duration::from_secs(15);
        let claim = self
            .store
            .queue
            .claim(id, Fence(fence), "worker", lease)
            .await;
        claim.unwrap().unwrap()
    }

    pub async fn request(&self, id: FetchId) -> FetchRequest {
        self.store.queue.request(id).await.unwrap().unwrap()
    }

    /// A worker ends its attempt so.
    pub async fn end(&self, request: &FetchRequest, ending: Ending) {
        let ended = self.store.queue.end(request, request.fence, &ending).await;
        let ended = ended.unwrap().unwrap_or_else(|| panic!("{ending:?}"));
        let told = self.request(request.id).await.public_status();
        assert_eq!(ended.status, i16::from(told), "as the row says: {ending:?}");
    }

    /// A docket for which the answer to a purchase is lost while a worker has it.
    pub async fn in_doubt(&self, kind: FetchKind) -> (FetchRequest, PurchaseId) {
        let request = self.running(kind).await;
        let mut new = docket(&request);
        new.item_key = format!("docket/cand/{}/", request.id);
        let purchase = self.granted(&new).await;
        self.store
            .ledger
            .doubt_purchase(purchase, "lost")
            .await
            .unwrap();
        (request, purchase)
    }

    /// Sweeps, as soon as nobody else does.
    pub async fn sweep(&self) -> SweepReport {
        loop {
            if let Some(swept) = self.store.sweep().await.unwrap() {
                return swept;
            }
            tokio::task::yield_now().await;
        }
    }

    pub async fn begin(&self, new: &NewPurchase) -> Intent {
        self.store.ledger.begin_purchase(new).await.unwrap()
    }

    pub async fn granted(&self, new: &NewPurchase) -> PurchaseId {
        match self.begin(new).await {
            Intent::Granted(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Brings home what was bought.
    pub async fn keep(&self, purchase: PurchaseId, new: &NewPurchase) -> Capture {
        self.keep_as(purchase, new, &capture(new)).await
    }

    /// The same, as these bytes.
    pub async fn keep_as(
        &self,
        purchase: PurchaseId,
        new: &NewPurchase,
        bytes: &NewCapture,
    ) -> Capture {
        let bill = bill();
        let buyers = crate::buyers(&self.store);
        let kept = buyers.keep_bought(purchase, new.fence, bytes, &bill, &str::to_owned);
        kept.await.unwrap()
    }

    /// Waits until somebody waits for a lock of somebody else.
    pub async fn wait_for_a_blocked_one(&self) {
        self.wait_for_blocked(1).await;
    }

    /// The same for so many.
    pub async fn wait_for_blocked(&self, count: i64) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let blocked: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'",
            )
            .fetch_one(&self.pool)
            .await
            .unwrap();
            if blocked >= count {
                return;
            }
            assert!(Instant::now() < deadline, "{blocked} are blocked");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The purchase of a docket, which has to be fresh.
pub fn docket(request: &FetchRequest) -> NewPurchase {
    of(request, DOCKET, Enough::Fresh)
}

pub fn document(request: &FetchRequest) -> NewPurchase {
    of(request, DOCUMENT, Enough::OfAnyAge)
}

pub fn menu(request: &FetchRequest, or_document: bool) -> NewPurchase {
    let key = MENU.to_owned();
    of(request, DOCUMENT, Enough::Menu { key, or_document })
}

pub fn of(request: &FetchRequest, item_key: &str, enough: Enough) -> NewPurchase {
    NewPurchase {
        request: request.id,
        fence: request.fence,
        item_key: item_key.to_owned(),
        quoted: Cents(300),
        flagged: false,
        enough,
    }
}

pub fn capture(new: &NewPurchase) -> NewCapture {
    NewCapture {
        request: new.request,
        court: COURT.to_owned(),
        item_key: new.item_key.clone(),
        url: "http://court.example.org/".to_owned(),
        media_type: "text/html".to_owned(),
        sha256: "0".repeat(64),
        byte_count: 1,
        in_vain: false,
    }
}

fn bill() -> Bill {
    Bill {
        cents: Cents(300),
        pages: 30,
        receipt: None,
        awaited: None,
    }
}
