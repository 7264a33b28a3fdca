//! A store with a queue in it, and ways around it.

use chrono::{DateTime, Utc};
use fetch_control::{Control, accept::Acceptance};
use fetch_model::{
    DocketOptions, FetchId, FetchKind, FetchRequest, Lane, OnDoubt, RequestSpec, State, UserId,
    budget::Reservation,
};
use fetch_queue::Released;
use sqlx::PgPool;
use testkit::{TestStore, in_state};

/// A court of the registry.
pub const COURT: &str = "cand";

pub struct Queue {
    pub store: Control,
    pub pool: PgPool,
    _blobs: tempfile::TempDir,
}

/// A request to be accepted: an interactive one, by the account of its user.
pub struct Ask {
    pub court: &'static str,
    pub kind: FetchKind,
    pub user: UserId,
    pub account: String,
    pub lane: Lane,
    pub not_before: Option<DateTime<Utc>>,
}

impl Ask {
    pub fn of(user: UserId) -> Ask {
        Ask {
            court: COURT,
            kind: FetchKind::Docket,
            user,
            account: format!("account-{user}"),
            lane: Lane::Interactive,
            not_before: None,
        }
    }

    pub fn bulk(user: UserId) -> Ask {
        Ask {
            lane: Lane::Bulk,
            ..Ask::of(user)
        }
    }
}

impl Queue {
    /// A queue with nothing in it, or none without a server. Bulk work may run at any time, and
    /// there are workers of each kind.
    pub async fn new() -> Option<Queue> {
        let TestStore {
            store, pool, blobs, ..
        } = testkit::store(10).await?;
        let queue = Queue {
            store,
            pool,
            _blobs: blobs,
        };
        queue
            .run("update courts set bulk_from = '00:00', bulk_until = '00:00'")
            .await;
        queue
            .run("update workers set has_left = false, seen = now() + interval '1 day'")
            .await;
        Some(queue)
    }

    pub async fn run(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&self.pool).await.unwrap();
    }

    pub async fn user(&self, name: &str) -> UserId {
        self.store.ledger.add_user(name).await.unwrap()
    }

    /// The caps of the usual court: of all, and of one account.
    pub async fn caps(&self, cap: i32, account_cap: i32) {
        let sql = format!(
            "update courts set cap = {cap}, account_cap = {account_cap} where id = '{COURT}'"
        );
        self.run(&sql).await;
    }

    pub async fn accept(&self, ask: Ask) -> FetchId {
        let new = RequestSpec {
            user: ask.user,
            kind: ask.kind,
            court: Some(ask.court.to_owned()),
            docket: None,
            document: None,
            pacer_case_id: "1".to_owned(),
            docket_number: String::new(),
            options: DocketOptions::default(),
            target_court: ask.court.to_owned(),
            session_key: format!("session-{}", ask.account),
            account_digest: ask.account,
            client_code: String::new(),
            lane: ask.lane,
            on_doubt: OnDoubt::Stop,
            traceparent: None,
            skip_if_unchanged: false,
            not_before: ask.not_before,
        };
        let free = Reservation::default();
        let accepted = self.store.accept_once(&new, None, free, None).await;
        match accepted.unwrap() {
            Acceptance::Accepted(written) => written.request.id,
            other => panic!("{other:?}"),
        }
    }

    /// So many requests of a user at once, as if they had been accepted one by one.
    pub async fn fill(&self, user: UserId, lane: Lane, count: i32) {
        let sql = format!(
            "insert into fetch_requests (user_id, request_type, court, show_parties_and_counsel,
                 show_terminated_parties, show_list_of_member_cases, target_court, session_key,
                 account_digest, on_doubt, lane, virtual_time)
             select {user}, 1, '{COURT}', false, false, false, '{COURT}', 'session-account-{user}',
                 'account-{user}', 'stop', {}, place from generate_series(1, {count}) as place",
            lane as i16
        );
        self.run(&sql).await;
    }

    pub async fn release(&self) -> Vec<FetchId> {
        self.release_at(COURT).await
    }

    pub async fn release_at(&self, court: &str) -> Vec<FetchId> {
        let released = self.store.queue.release(court).await.unwrap();
        let mut ids: Vec<FetchId> = released.into_iter().map(|it| it.id).collect();
        ids.sort();
        ids
    }

    /// Releases one request and ends it well; whose it was.
    pub async fn serve_one(&self) -> Option<Released> {
        let released = self.store.queue.release(COURT).await.unwrap().pop()?;
        self.finish(released.id).await;
        Some(released)
    }

    pub async fn finish(&self, id: FetchId) {
        let sql = format!(
            "update fetch_requests set {}, court_ms = 2000 where id = {id}",
            in_state(State::Done)
        );
        self.run(&sql).await;
    }

    /// Puts a request into a state, whatever it was in.
    pub async fn put(&self, id: FetchId, state: State) {
        let set = in_state(state);
        self.run(&format!("update fetch_requests set {set} where id = {id}"))
            .await;
    }

    pub async fn state(&self, id: FetchId) -> String {
        let state = sqlx::query_scalar("select state::text from fetch_requests where id = $1");
        state.bind(id.0).fetch_one(&self.pool).await.unwrap()
    }

    pub async fn request(&self, id: FetchId) -> FetchRequest {
        self.store.queue.request(id).await.unwrap().unwrap()
    }

    /// Releases a request and claims it.
    pub async fn claim(&self, id: FetchId) -> FetchRequest {
        let released = self.store.queue.release(COURT).await.unwrap();
        let released = released.into_iter().find(|it| it.id == id).unwrap();
        let lease = std::time::Duration::from_secs(15);
        let claim = self
            .store
            .queue
            .claim(id, released.fence, "worker", lease)
            .await;
        claim.unwrap().unwrap()
    }
}
