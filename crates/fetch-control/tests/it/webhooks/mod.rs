//! What the ends of requests are told to, and how often.

mod deliveries;
mod endpoints;

use std::{collections::HashMap, time::Duration};

use fetch_model::{State, UserId};
use fetch_webhooks::{
    Bounds, Claimed, Finished, NewEndpoint, Outcome, SigningSecret, WebhookId, Webhooks,
};
use sqlx::{AssertSqlSafe, PgPool};
use testkit::{TestStore, in_state};

const ANN: UserId = UserId(71);
const BEN: UserId = UserId(72);

const BOUNDS: Bounds = Bounds {
    free: 100,
    per_endpoint: 100,
    lease: Duration::from_secs(30),
};

/// Two users, and requests of theirs: 0 to 4 are ann's, 5 to 9 ben's.
struct House {
    built: TestStore,
    requests: Vec<i64>,
}

impl House {
    async fn build() -> Option<House> {
        let built = testkit::store(6).await?;
        run(
            &built.pool,
            "insert into users (id, name) overriding system value values (71, 'ann'), (72, 'ben')",
        )
        .await;
        let made = "insert into fetch_requests (user_id, request_type, show_parties_and_counsel,
                 show_terminated_parties, show_list_of_member_cases, on_doubt, target_court, session_key,
                 account_digest, lane, virtual_time)
             select 71 + number / 5, 1, true, false, false, 'stop', 'cand', 'k', 'd', 0, 0
             from generate_series(0, 9) as number returning id";
        let requests = sqlx::query_scalar(made).fetch_all(&built.pool).await;
        Some(House {
            requests: requests.unwrap(),
            built,
        })
    }

    fn webhooks(&self) -> &Webhooks {
        &self.built.store.webhooks
    }

    async fn endpoint(&self, user: UserId, version: i16, enabled: bool) -> WebhookId {
        let new = NewEndpoint {
            user,
            event_type: 3,
            version,
            url: "https://hooks.example.com/3f1c9a52e7",
            enabled,
            secret: &SigningSecret::generate(),
        };
        self.webhooks().register(&new).await.unwrap().unwrap()
    }

    /// Puts a request into a state, as its attempt would.
    async fn put(&self, place: usize, state: State) {
        let id = self.requests[place];
        let set = in_state(state);
        run(
            &self.built.pool,
            &format!("update fetch_requests set {set} where id = {id}"),
        )
        .await;
    }

    async fn run(&self, sql: &str) {
        run(&self.built.pool, sql).await;
    }

    async fn claim(&self) -> Vec<Claimed> {
        self.webhooks()
            .claim(&HashMap::new(), BOUNDS)
            .await
            .unwrap()
    }

    async fn claim_one(&self) -> Claimed {
        let mut claimed = self.claim().await;
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        claimed.remove(0)
    }

    async fn answered(&self, claimed: &Claimed, status_code: u16) -> Finished {
        let outcome = Outcome {
            status_code: Some(status_code),
            response: "said\0".to_owned(),
            error: "why".to_owned(),
        };
        self.webhooks().finish(claimed, &outcome).await.unwrap()
    }

    /// Makes due what waits.
    async fn hurry(&self) {
        self.run(
            "update webhook_events set next_try = clock_timestamp() where next_try is not null",
        )
        .await;
    }

    /// Of each delivery: which request, where it stands, its retries, and whether it will be tried.
    async fn rows(&self) -> Vec<(Option<i64>, i16, i16, bool)> {
        let rows = "select request_id, event_status, retry_counter, next_try is not null
                    from webhook_events order by id";
        sqlx::query_as(rows)
            .fetch_all(&self.built.pool)
            .await
            .unwrap()
    }

    async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql)
            .fetch_one(&self.built.pool)
            .await
            .unwrap()
    }
}

async fn run(pool: &PgPool, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}
