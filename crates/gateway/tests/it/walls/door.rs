//! Both front doors on a database with two accounts, one request each.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use fetch_bus::{LoginSharedKey, Role};
use fetch_ledger::tokens::NewToken;
use fetch_model::{DatabaseRole, State, expand::Groups};
use fetch_runtime::listener::{ConnectionLimits, Listener, Protocols};
use gateway::{
    announcements::Announcements,
    api::{Api, ApiParts, DEFAULT_BODY_LIMIT_BYTES, DEFAULT_TIME_ZONE},
    dialect::auth,
    event_broadcast::EventBroadcast,
    file_access::{FileAccess, FileRules},
    guard::{Guard, Limits},
    lists::{ListRules, Lists},
    reach::Reach,
    submit::{Intake, Messages},
    webhooks::WebhookCalls,
};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tower::ServiceExt;

/// Two cases that never were.
const CASES: &str = include_str!("../house/cases.sql");

/// The numbers of a row of ann's, and of one of ben's.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    pub anns: i64,
    pub bens: i64,
}

pub struct House {
    router: Router,
    pub door: Intake,
    pub api: Api,
    pool: PgPool,
    /// The number of ann's request, which is running.
    pub anns: i64,
    /// The number of ben's request, which has all that ann's has, and is queued.
    pub bens: i64,
    /// Both of these.
    pub requests: Ids,
    /// Their webhook endpoints.
    pub webhooks: Ids,
    /// What these are to be told.
    pub webhook_events: Ids,
    /// Their trackers.
    pub trackers: Ids,
    _nats: testkit::TestNats,
    _blobs: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub text: String,
}

impl House {
    /// A new house, or none where there is nothing to build on.
    pub async fn build() -> Option<House> {
        let built = testkit::store(4).await?;
        let nats = testkit::nats().await?;
        let store = &built.store;
        for account in ["ann", "ben", "gone"] {
            let id = store.ledger.add_user(account).await.unwrap();
            let token = auth::hash(&format!("token-of-{account}"));
            let token = NewToken {
                digest: &token,
                name: "first",
                expires: None,
                read_only: false,
                expand: Groups::NONE,
            };
            store.ledger.add_token(id, &token).await.unwrap();
        }
        let pool = built.pool.clone();
        let cases = sqlx::AssertSqlSafe(CASES.to_owned());
        sqlx::raw_sql(cases).execute(&pool).await.unwrap();
        // Numbers that stand for nothing else in an answer.
        let numbers = "alter table fetch_requests alter column id restart with 700001;
             alter table webhook_endpoints alter column id restart with 800001;
             alter table webhook_events alter column id restart with 900001;
             alter table fetch_trackers alter column id restart with 600001";
        sqlx::raw_sql(numbers).execute(&pool).await.unwrap();
        let bus = nats.config(Role::Gateway);
        let bus = fetch_bus::connect(Role::Gateway, &bus).await.unwrap();
        let shared = LoginSharedKey::generate();
        let api = Api::new(ApiParts {
            control: built.of(DatabaseRole::Gateway).await,
            public_url: None,
            time_zone: DEFAULT_TIME_ZONE,
            body_limit_bytes: DEFAULT_BODY_LIMIT_BYTES,
            guard: Guard::new(&Limits::unmetered()),
            files: FileAccess::new(FileRules::default(), &shared),
            lists: Lists::new(ListRules::default()),
            webhooks: WebhookCalls::default(),
        });
        let messages = Messages::new(bus, shared);
        let (announcements, events) = (Announcements::default(), EventBroadcast::default());
        let (queue, announced) = (api.control.queue.clone(), announcements.subscribe());
        let following = events.clone();
        tokio::spawn(following.follow(queue, announced, CancellationToken::new()));
        let door = Intake::new(api.clone(), Arc::new(OnceLock::from(messages)));
        let door = door.telling(announcements, events);
        let requests = Ids {
            anns: add_request(&pool, "ann", State::Running).await,
            bens: add_request(&pool, "ben", State::Accepted).await,
        };
        let (ann, bens) = (
            add_webhook(&pool, "ann", requests.anns).await,
            add_webhook(&pool, "ben", requests.bens).await,
        );
        let trackers = Ids {
            anns: add_tracker(&pool, "ann").await,
            bens: add_tracker(&pool, "ben").await,
        };
        Some(House {
            requests,
            trackers,
            webhooks: Ids {
                anns: ann.0,
                bens: bens.0,
            },
            webhook_events: Ids {
                anns: ann.1,
                bens: bens.1,
            },
            router: gateway::rest(api.clone(), door.clone(), None),
            api,
            door,
            anns: requests.anns,
            bens: requests.bens,
            pool,
            _nats: nats,
            _blobs: built.blobs,
        })
    }

    /// Every route of the HTTP API, as the router itself tells them.
    pub fn routes(&self) -> Vec<String> {
        let told = format!("{:?}", self.router);
        let mut routes: Vec<String> = told
            .split("RouteId(")
            .filter_map(|part| part.split_once("): \"/"))
            .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()))
            .filter_map(|(_, rest)| rest.split_once('"'))
            .map(|(path, _)| format!("/{path}"))
            // What becomes of all that is no route.
            .filter(|path| !path.contains("__private__axum_fallback"))
            .collect();
        routes.sort_unstable();
        routes.dedup();
        routes
    }

    /// The same over gRPC, from a listener of its own.
    pub async fn channel(&self) -> Channel {
        let limits = ConnectionLimits::of_a_few();
        let address = ([127, 0, 0, 1], 0).into();
        let listener = Listener::bind(address, limits, Protocols::Http2);
        let listener = listener.await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = gateway::grpc::server(self.door.clone(), Reach::unwatched()).unwrap();
        tokio::spawn(listener.serve(server, CancellationToken::new()));
        Channel::from_shared(url).unwrap().connect().await.unwrap()
    }

    /// What ann is answered.
    pub async fn ann(&self, method: &str, path: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", "Token token-of-ann")
            .body(Body::empty())
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Answer { status, text }
    }

    /// Changes what is there.
    pub async fn execute(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&self.pool).await.unwrap();
    }

    /// Insists that nothing of ben's was changed.
    pub async fn untouched(&self) {
        let webhook = "select url from webhook_endpoints where id = $1 and enabled";
        let url: String = sqlx::query_scalar(webhook)
            .bind(self.webhooks.bens)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        assert_eq!(url, "https://bens.example.com/");
        let tracker = "select state from fetch_trackers where id = $1 and every_hours = 24";
        let state: String = sqlx::query_scalar(tracker)
            .bind(self.trackers.bens)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        assert_eq!(state, "active");
        let state = "select state::text from fetch_requests where id = $1 and fence = 0";
        let state: String = sqlx::query_scalar(state)
            .bind(self.bens)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        assert_eq!(state, "accepted");
    }
}

async fn add_request(pool: &PgPool, account: &str, state: State) -> i64 {
    let sql = "insert into fetch_requests (user_id, request_type, court, docket_id,
             recap_document_id, pacer_case_id, docket_number, show_parties_and_counsel,
             show_terminated_parties, show_list_of_member_cases, target_court,
             session_key, account_digest, on_doubt, lane, virtual_time)
         select id, 1, 'cand', 1, 1, name || 's-case', name || 's-number', true, false, false,
             'cand', 'k', 'd', 'stop', 0, 0
         from users where name = $1 returning id";
    let id: i64 = sqlx::query_scalar(sql)
        .bind(account)
        .fetch_one(pool)
        .await
        .unwrap();
    let put = format!(
        "update fetch_requests set {} where id = $1",
        testkit::in_state(state)
    );
    sqlx::query(sqlx::AssertSqlSafe(put))
        .bind(id)
        .execute(pool)
        .await
        .unwrap();
    id
}

/// A tracker of the first docket.
async fn add_tracker(pool: &PgPool, account: &str) -> i64 {
    let made = "insert into fetch_trackers (user_id, docket_id, target_court, token_id, session_key, account_digest,
            lane, every_hours, max_cost_cents, next_due)
        select users.id, (select min(id) from dockets), 'cand', 0, 'k', 'd', 1, 24, 900, '2040-03-01' from users
        where name = $1 returning id";
    let made = sqlx::query_scalar(made).bind(account);
    made.fetch_one(pool).await.unwrap()
}

/// An endpoint of an account, and a delivery to it: their numbers.
async fn add_webhook(pool: &PgPool, account: &str, request: i64) -> (i64, i64) {
    let made = "with endpoint as (
            insert into webhook_endpoints (user_id, event_type, version, url, enabled, secret)
            select id, 3, 2, 'https://' || name || 's.example.com/', true, 'whsec_' from users where name = $1
            returning id, user_id)
        insert into webhook_events (webhook_id, user_id, request_id) select id, user_id, $2 from endpoint
        returning webhook_id, id";
    let row = sqlx::query_as(made).bind(account).bind(request);
    row.fetch_one(pool).await.unwrap()
}
