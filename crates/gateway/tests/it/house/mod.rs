//! A database with two accounts and two cases, and the router on top of it.

pub mod described;

use std::{net::IpAddr, sync::Arc};

use axum::{
    Extension, Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, Response, StatusCode, request::Builder},
    routing::post,
};
use fetch_bus::LoginSharedKey;
use fetch_ledger::tokens::NewToken;
use fetch_model::{DatabaseRole, expand::Groups};
use fetch_runtime::listener::Peer;
use gateway::{
    announcements::Announcements,
    api::{Api, ApiParts, DEFAULT_BODY_LIMIT_BYTES, DEFAULT_TIME_ZONE},
    dialect::{Caller, auth},
    event_broadcast::EventBroadcast,
    file_access::{FileAccess, FileRules},
    guard::{Guard, Limits},
    lists::{ListRules, Lists},
    submit::Intake,
    webhooks::WebhookCalls,
};
use serde_json::Value;
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// The bytes of the one stored file.
pub const FILE: &[u8] = b"%PDF-1.4 nothing to see\n%%EOF\n";

pub struct House {
    router: Router,
    pub api: Api,
    database: Shared,
    _blobs: tempfile::TempDir,
}

/// A connection that helpers with `&self` may use.
type Shared = tokio::sync::Mutex<PgConnection>;

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Whether a cache has to tell answers apart by this header of their calls.
    pub fn varies_by(&self, name: &str) -> bool {
        let mut told = self.headers.get_all("vary").iter();
        told.any(|told| told.to_str().unwrap().eq_ignore_ascii_case(name))
    }

    /// What there is, for a message.
    pub fn text_or_bytes(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// The keys of the outermost object, in the order in which they were sent.
    pub fn keys(&self) -> Vec<String> {
        let (mut keys, mut depth, mut last, mut rest) = (Vec::new(), 0, "", self.text());
        while let Some(character) = rest.chars().next() {
            match character {
                '"' => {
                    let end = end_of_text(rest);
                    last = &rest[1..end];
                    rest = &rest[end..];
                }
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                ':' if depth == 1 => keys.push(last.to_owned()),
                _ => {}
            }
            rest = &rest[character.len_utf8().min(rest.len())..];
        }
        keys
    }
}

/// Where the closing quotation mark of a JSON text stands.
fn end_of_text(json: &str) -> usize {
    let mut escaped = false;
    for (place, character) in json.char_indices().skip(1) {
        match character {
            '"' if !escaped => return place,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    panic!("a text without an end: {json}");
}

/// The ids of the rows of a page.
pub fn numbers(page: &Value) -> Vec<i64> {
    let rows = page["results"]
        .as_array()
        .unwrap_or_else(|| panic!("no page: {page}"));
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

impl House {
    /// A new house, or none where there is no database server to build on.
    pub async fn build() -> Option<House> {
        House::with(FileRules::default(), ListRules::default()).await
    }

    /// The same with other rules about files and lists.
    pub async fn with(files: FileRules, lists: ListRules) -> Option<House> {
        House::limited(files, lists, Limits::unmetered()).await
    }

    /// The same with limits on callers.
    pub async fn limited(files: FileRules, lists: ListRules, limits: Limits) -> Option<House> {
        let built = testkit::store(2).await?;
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
        let file = store
            .db
            .blobs
            .put(Bytes::from_static(FILE), "application/pdf")
            .await
            .unwrap();
        let mut database = built.pool.acquire().await.unwrap().detach();
        run(
            &mut database,
            include_str!("cases.sql").replace("SHA256", &file.sha256),
        )
        .await;
        let api = Api::new(ApiParts {
            control: built.of(DatabaseRole::Gateway).await,
            public_url: None,
            time_zone: DEFAULT_TIME_ZONE,
            body_limit_bytes: DEFAULT_BODY_LIMIT_BYTES,
            guard: Guard::new(&Limits {
                proxies: "10.0.0.0/8".parse().unwrap(),
                ..limits
            }),
            files: FileAccess::new(files, &LoginSharedKey::generate()),
            lists: Lists::new(lists),
            webhooks: WebhookCalls::default(),
        });
        let submit = post(async |_: Caller| StatusCode::CREATED);
        let (announcements, events) = (Announcements::default(), EventBroadcast::default());
        let (queue, announced) = (api.control.queue.clone(), announcements.subscribe());
        let following = events.clone();
        tokio::spawn(following.follow(queue, announced, CancellationToken::new()));
        let intake = Intake::new(api.clone(), Arc::default()).telling(announcements, events);
        let router = gateway::read::router(api.clone(), submit).layer(Extension(intake));
        let router = gateway::dressed(router);
        let database = Shared::new(database);
        Some(House {
            router,
            api,
            database,
            _blobs: built.blobs,
        })
    }

    /// The number that a statement returns.
    pub async fn number(&self, sql: &str) -> i64 {
        let mut database = self.database.lock().await;
        let statement = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()));
        statement.fetch_one(&mut *database).await.unwrap()
    }

    /// One request of an account, for docket 1: finished, or, with the status 5, to be tried again.
    pub async fn request(&self, account: &str, status: i16) -> i64 {
        let over = "'2026-11-20T17:15:07Z'";
        let (state, failure, completed) = match status {
            3 => ("failed", r#"'{"code": "internal"}'"#, over),
            5 => ("waiting", "null", "null"),
            _ => ("done", "null", over),
        };
        let sql = format!(
            "insert into fetch_requests (user_id, request_type, court, docket_id, docket_number,
                 de_date_end, show_parties_and_counsel, show_terminated_parties,
                 show_list_of_member_cases, status, message, state, failure, target_court, session_key,
                 account_digest, on_doubt, lane, virtual_time, date_created, date_modified,
                 date_completed)
             select id, 1, 'cand', 1, '3:24-cv-09876', '2026-11-01', true, false, false, {status},
                 'said', '{state}', {failure}, 'cand', 'k', 'd', 'stop', 0, 0, '2026-11-20T17:15:02.114380Z',
                 '2026-11-20T17:15:07.902191Z', {completed}
             from users where name = '{account}' returning id"
        );
        let mut database = self.database.lock().await;
        let statement = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
        statement.fetch_one(&mut *database).await.unwrap()
    }

    /// The document whose file is stored.
    pub async fn document_with_file(&self) -> i64 {
        let statement =
            sqlx::query_scalar("select min(id) from recap_documents where sha256 is not null");
        let mut database = self.database.lock().await;
        statement.fetch_one(&mut *database).await.unwrap()
    }

    /// Changes rows, past the API.
    pub async fn execute(&self, sql: &str) {
        run(&mut *self.database.lock().await, sql.to_owned()).await;
    }

    /// Several requests of an account. Every third is to be tried again, and has no date of completion;
    /// every date is shared by two.
    pub async fn requests(&self, account: &str, count: i64) -> Vec<i64> {
        let mut ids = Vec::new();
        for place in 1..=count {
            ids.push(
                self.request(account, if place % 3 == 0 { 5 } else { 2 })
                    .await,
            );
        }
        let shift = "update fetch_requests
                     set date_created = date_created + (id / 2) * interval '1 minute',
                         date_modified = date_modified - (id / 2) * interval '1 minute',
                         date_completed = date_completed + (id / 2) * interval '1 second'";
        run(&mut *self.database.lock().await, shift.to_owned()).await;
        ids
    }

    pub async fn ann(&self, method: &str, path: &str) -> Answer {
        self.call(method, path, "Token token-of-ann").await
    }

    /// A call of ann's with more headers.
    pub async fn ann_asking(&self, path: &str, more: &[(&str, &str)]) -> Answer {
        let mut headers = vec![
            ("host", "api.example.org"),
            ("authorization", "Token token-of-ann"),
        ];
        headers.extend(more);
        self.send("GET", path, &headers).await
    }

    /// A call of an account with a body of JSON.
    pub async fn sending(&self, account: &str, method: &str, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "api.example.org")
            .header("authorization", format!("Token token-of-{account}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()));
        self.answer_to(request.unwrap()).await
    }

    pub async fn ben(&self, method: &str, path: &str) -> Answer {
        self.call(method, path, "Token token-of-ben").await
    }

    pub async fn call(&self, method: &str, path: &str, authorization: &str) -> Answer {
        let mut headers = vec![("host", "api.example.org")];
        if !authorization.is_empty() {
            headers.push(("authorization", authorization));
        }
        self.send(method, path, &headers).await
    }

    pub async fn call_accepting(&self, path: &str, accept: &str) -> Answer {
        self.send("GET", path, &[("accept", accept)]).await
    }

    /// A call from this address, that says that it is a proxy.
    pub async fn proxied(&self, from: &str, path: &str) -> Answer {
        let peer = Peer {
            address: (from.parse::<IpAddr>().unwrap(), 1).into(),
            encrypted: false,
        };
        let headers = [
            ("host", "inner:8000"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "front.example.org"),
            ("authorization", "Token token-of-ann"),
        ];
        let request = Request::builder().uri(path).extension(peer);
        self.finish(request, &headers).await
    }

    /// What a link of an answer leads to, for ann.
    pub async fn follow(&self, link: &Value) -> Value {
        let link = link.as_str().unwrap_or_else(|| panic!("no link: {link}"));
        self.ann("GET", link.strip_prefix("http://api.example.org").unwrap())
            .await
            .json()
    }

    /// Follows the links of one direction to the end: the rows of each page, and the last page.
    pub async fn walk(&self, mut page: Value, direction: &str) -> (Vec<Vec<i64>>, Value) {
        let mut pages = vec![numbers(&page)];
        while !page[direction].is_null() {
            page = self.follow(&page[direction]).await;
            pages.push(numbers(&page));
            assert!(pages.len() < 10, "a walk without end");
        }
        (pages, page)
    }

    /// A call with no other headers than these.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::builder().method(method).uri(path);
        self.finish(request, headers).await
    }

    async fn finish(&self, mut request: Builder, headers: &[(&str, &str)]) -> Answer {
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer_to(request.body(Body::empty()).unwrap()).await
    }

    /// The status alone, of what may answer without an end.
    pub async fn status(&self, method: &str, path: &str) -> StatusCode {
        self.beginning(method, path).await.0
    }

    /// The status and the headers, of what may answer without an end.
    pub async fn beginning(&self, method: &str, path: &str) -> (StatusCode, HeaderMap) {
        let answer = self.begun(method, path).await;
        (answer.status(), answer.headers().clone())
    }

    /// An answer that may have no end, to be read piece by piece.
    pub async fn begun(&self, method: &str, path: &str) -> Response<Body> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "api.example.org")
            .header("authorization", "Token token-of-ann")
            .body(Body::empty());
        let router = self.router.clone();
        router.oneshot(request.unwrap()).await.unwrap()
    }

    async fn answer_to(&self, request: Request<Body>) -> Answer {
        let (method, path) = (
            request.method().to_string(),
            request.uri().path().to_owned(),
        );
        let is_preflight = request
            .headers()
            .contains_key("access-control-request-method");
        let answer = self.answer_unseen(request).await;
        // The house accepts requests without a handler, and whoever asks from another origin may ask first.
        let is_accepted = method == "POST" && path.ends_with("/recap-fetch/");
        if !is_preflight && !is_accepted {
            described::check(&method, &path, &answer);
        }
        answer
    }

    async fn answer_unseen(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(connection)
        .await
        .unwrap();
}
