//! A worker with a database, a session and a place for bytes of its own.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use fetch_attempt::{Attempts, Outcome};
use fetch_bus::{Job, PacerSession, Role, SessionSealingKey, Sessions};
use fetch_control::accept::Acceptance;
use fetch_model::{
    AttemptError, Cents, DocketOptions, Fence, FetchId, FetchKind, Lane, OnDoubt, RequestSpec,
    UserId, budget::Reservation,
};
use fetch_purchase::{Conversation, PurchaseResult, Purchases, document, document::DocumentToBuy};
use pacer::ids::{PacerCaseId, PacerDocId};
use sqlx::PgPool;
use testkit::{TestNats, TestStore};
use tokio::time;

use crate::court::Court;

pub const COURT: &str = "cand";

/// How long anything may take before a test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A line of the ledger: its state, what it was to cost at most, and what was billed.
pub type Line = (String, i32, Option<i32>);

pub struct House {
    pub store: TestStore,
    attempts: Attempts,
    sessions: Sessions,
    user: UserId,
    _nats: TestNats,
}

impl House {
    pub async fn open() -> Option<House> {
        let store = testkit::store(20).await?;
        let nats = testkit::nats().await?;
        let key = SessionSealingKey::generate();
        let connect = async |role| fetch_bus::connect(role, &nats.config(role)).await.unwrap();
        let login = connect(Role::Login).await;
        // It furnishes the server with what a worker hears.
        connect(Role::Gateway).await;
        let bus = connect(Role::PdfFetcher).await;
        let user = store.store.ledger.add_user("buyer").await.unwrap();
        let session = PacerSession {
            token: "token".into(),
            client_code: String::new(),
            user,
            account_digest: "account".to_owned(),
            login_digest: "login".to_owned(),
            expires_at: Utc::now() + TimeDelta::minutes(30),
        };
        let sealed = login.sessions(key.clone());
        sealed.put("session", &session).await.unwrap();
        let house = House {
            attempts: Attempts::new(
                fetch_attempt::Stores::new(store.store.db.clone()),
                bus.clone(),
                "worker",
            ),
            sessions: bus.sessions(key),
            store,
            user,
            _nats: nats,
        };
        house.run("update courts set gap_ms = 20").await;
        Some(house)
    }

    pub fn pool(&self) -> PgPool {
        self.store.pool.clone()
    }

    pub async fn run(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&self.store.pool).await.unwrap();
    }

    /// A request for the document, which may cost so much.
    pub async fn accept(&self, max_cost: Option<i32>) -> FetchId {
        let new = RequestSpec {
            user: self.user,
            kind: FetchKind::Pdf,
            court: Some(COURT.to_owned()),
            docket: None,
            document: None,
            pacer_case_id: String::new(),
            docket_number: String::new(),
            options: DocketOptions::default(),
            target_court: COURT.to_owned(),
            session_key: "session".to_owned(),
            account_digest: "account".to_owned(),
            client_code: String::new(),
            lane: Lane::Interactive,
            on_doubt: OnDoubt::Stop,
            traceparent: None,
            skip_if_unchanged: false,
            not_before: None,
        };
        let reservation = Reservation {
            reserve: Cents(0),
            max_cost: max_cost.map(Cents),
        };
        match self
            .store
            .store
            .accept_once(&new, None, reservation, None)
            .await
        {
            Ok(Acceptance::Accepted(written)) => written.request.id,
            other => panic!("{other:?}"),
        }
    }

    /// Buys the document for a request, at this court, and `meanwhile` after its attempt has begun.
    pub async fn buy_after(
        &self,
        court: &Court,
        request: FetchId,
        meanwhile: impl AsyncFnOnce(),
    ) -> Result<PurchaseResult, AttemptError> {
        let purchases = self.purchases(court).await;
        let job = Job {
            request,
            attempts: 0,
            fence: release(&self.store.pool, request).await,
        };
        let mut bought = None;
        let work = async |attempt: &fetch_attempt::Attempt| {
            meanwhile().await;
            let conversation = Conversation::open(&purchases, attempt)?;
            bought = Some(document::buy(&conversation, &wanted()).await);
            // The row is looked at as the purchase has left it.
            Ok(Outcome::HandedOn)
        };
        within(self.attempts.conduct(&job, work)).await;
        within(purchases.written_down()).await;
        bought.expect("the request was there to be claimed")
    }

    /// Buys the document for a request, at this court.
    pub async fn buy(
        &self,
        court: &Court,
        request: FetchId,
    ) -> Result<PurchaseResult, AttemptError> {
        self.buy_after(court, request, async || {}).await
    }

    /// Who buys at this court, once he has seen that bytes can be kept.
    async fn purchases(&self, court: &Court) -> Purchases {
        let stores = fetch_purchase::Stores::new(self.store.store.db.clone());
        let sessions = self.sessions.clone();
        let purchases = Purchases::new(stores, court.courts.clone(), sessions);
        let watching = purchases.clone();
        tokio::spawn(async move { watching.watch_the_store(0).await });
        testkit::until("a store to keep bytes in", PATIENCE, async || {
            Ok(purchases.trouble_with_the_store().map_or(Ok(()), Err))
        })
        .await
        .unwrap();
        purchases
    }

    /// The purchases of a request, as the books have them.
    pub async fn lines(&self, request: FetchId) -> Vec<Line> {
        lines(&self.store.pool, request).await
    }

    /// The bytes that are kept, and whether they were billed in vain.
    pub async fn kept(&self) -> Vec<(String, bool)> {
        let captures: Vec<(String, bool)> =
            sqlx::query_as("select sha256, in_vain from captures order by id")
                .fetch_all(&self.store.pool)
                .await
                .unwrap();
        let mut kept = Vec::new();
        for (sha256, in_vain) in captures {
            let bytes = self.store.store.db.blobs.get(&sha256).await.unwrap();
            kept.push((String::from_utf8(bytes.to_vec()).unwrap(), in_vain));
        }
        kept
    }
}

/// What is bought.
fn wanted() -> DocumentToBuy {
    DocumentToBuy {
        doc_id: PacerDocId::parse("035055500001").unwrap(),
        case_id: PacerCaseId::parse("998877").ok(),
        sequence_number: None,
        description: String::new(),
        docket_text: "MOTION about kettles".to_owned(),
        is_attachment: false,
        docket_number: String::new(),
        document_number: String::new(),
    }
}

/// Somebody is to take the request; whoever has it loses it.
pub async fn release(pool: &PgPool, request: FetchId) -> Fence {
    let fence = sqlx::query_scalar(
        "update fetch_requests
         set state = 'released', fence = fence + 1,
             lease_until = clock_timestamp() + interval '15 s'
         where id = $1 returning fence",
    );
    Fence(fence.bind(request.0).fetch_one(pool).await.unwrap())
}

pub async fn lines(pool: &PgPool, request: FetchId) -> Vec<Line> {
    sqlx::query_as(
        "select state, quoted_cents, billed_cents from purchases where request_id = $1 order by id",
    )
    .bind(request.0)
    .fetch_all(pool)
    .await
    .unwrap()
}

pub fn line(state: &str, quoted: i32, billed: Option<i32>) -> Line {
    (state.to_owned(), quoted, billed)
}

/// Waits for something that must happen.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    time::timeout(PATIENCE, future)
        .await
        .expect("it did not happen in time")
}

/// Waits until the database says yes to a question.
pub async fn until(pool: &PgPool, question: &str) {
    let question = || sqlx::query_scalar(sqlx::AssertSqlSafe(question.to_owned()));
    testkit::until("a yes", PATIENCE, async || {
        let is_so: bool = question().fetch_one(pool).await?;
        Ok(if is_so { Ok(()) } else { Err("no") })
    })
    .await
    .unwrap();
}
