//! What a request says beyond the contract, for those who ask.

use std::{cell::Cell, sync::Once};

use axum::http::StatusCode;
use gateway::dialect::auth;
use serde_json::{Value, json};
use tracing::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id, Record},
};

use crate::house::{Answer, House};

const LIST: &str = "/api/rest/v4/recap-fetch/";
const ALL: &str = "expand=money,life,queue,changes";
const LOG_IN: &str = "Log in again with the same PACER account and client code, at recap-fetch/login/ or with \
                      any new request.";

fn path(id: i64) -> String {
    format!("{LIST}{id}/")
}

async fn expanded(house: &House, id: i64, groups: &str) -> Value {
    let path = format!("{}?expand={groups}", path(id));
    let answer = house.ann("GET", &path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.json()
}

/// Purchases of a request of ann's: state, price and bill.
async fn buy(house: &House, request: i64, lines: &[(&str, i32, &str)]) {
    for (place, (state, quoted, billed)) in lines.iter().enumerate() {
        house
            .execute(&format!(
                "insert into purchases (request_id, user_id, account_digest, court_id, item_key, fence, state,
                     quoted_cents, billed_cents)
                 select {request}, id, 'd', 'cand', 'docket/cand/{request}/{place}', 1, '{state}', {quoted},
                     {billed}
                 from users where name = 'ann'"
            ))
            .await;
    }
}

fn keys_beyond(answer: &Answer) -> Vec<String> {
    answer.keys().split_off(19)
}

/// The contract's bodies are those of everybody who asks for nothing, to the byte.
#[tokio::test]
async fn nobody_who_asks_for_nothing_is_told_more() {
    let house = house!();
    let id = house.request("ann", 2).await;
    house.request("ann", 3).await;
    let texts = async |suffix: &str| {
        let get = async |path: &str| {
            let answer = house.ann("GET", &format!("{path}{suffix}")).await;
            answer.text().to_owned()
        };
        [
            get(&path(id)).await,
            get(LIST).await,
            get(&LIST.replace("v4", "v3")).await,
        ]
    };
    let plain = texts("").await;
    assert!(
        plain[0].ends_with(r#""show_list_of_member_cases":false}"#),
        "{}",
        plain[0]
    );
    for text in &plain {
        for group in ["money", "life", "queue", "changes", "plan", "cost_cents"] {
            assert!(!text.contains(&format!("\"{group}\"")), "{text}");
        }
    }

    // A token may ask by itself, and a call has the last word.
    let ask = "update api_tokens set expand = 'money,changes,of_a_later_version'
               where user_id = (select id from users where name = 'ann')";
    house.execute(ask).await;
    house
        .api
        .guard
        .tokens
        .forget(&auth::hash("token-of-ann"))
        .await;
    let own = house.ann("GET", &path(id)).await;
    assert_eq!(keys_beyond(&own), ["money", "changes"]);
    let rows = house.ann("GET", LIST).await.json();
    for row in rows["results"].as_array().unwrap() {
        assert_eq!(row["money"]["cost_cents"], 0, "{row}");
    }
    let cancelled = house.ann("POST", &format!("{}cancel/", path(id))).await;
    assert_eq!(cancelled.status, StatusCode::CONFLICT);
    // Links keep what was asked.
    let silent = texts("?expand=").await;
    let silent = silent.map(|text| text.replace("?count=on&expand=", "?count=on"));
    assert_eq!(silent, plain);
    let other = house.ann("GET", &format!("{}?expand=life", path(id))).await;
    assert_eq!(keys_beyond(&other), ["life"]);
}

#[tokio::test]
async fn groups_are_named_together_or_one_by_one_and_what_is_none_is_refused() {
    let house = house!();
    let id = house.request("ann", 5).await;
    for query in [
        ALL,
        "expand=money&expand=life,queue&expand=changes",
        "expand=changes,%20queue,,life,money,money",
        "queue=1&steps=1&expand=money,changes",
        "queue=1&steps=1&expand=changes,money,life",
    ] {
        let answer = house.ann("GET", &format!("{}?{query}", path(id))).await;
        assert_eq!(
            keys_beyond(&answer),
            ["queue", "life", "money", "changes"],
            "{query}"
        );
    }
    let text = "Select a valid choice. Money is not one of the available choices: money, life, queue, changes, plan.";
    for (method, place) in [
        ("GET", path(id)),
        ("GET", LIST.to_owned()),
        ("GET", LIST.replace("v4", "v3")),
        ("POST", format!("{}cancel/", path(id))),
    ] {
        let refused = house
            .ann(method, &format!("{place}?expand=life&expand=Money"))
            .await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{place}");
        assert_eq!(refused.json(), json!({ "expand": [text] }), "{place}");
    }
    let misspelt = house.ann("GET", &format!("{}?expnd=life", path(id))).await;
    assert_eq!(misspelt.status, StatusCode::BAD_REQUEST);
    // What refuses does nothing, and what does something tells.
    let cancelled = house
        .ann("POST", &format!("{}cancel/?expand=life", path(id)))
        .await;
    assert_eq!(cancelled.status, StatusCode::OK);
    assert_eq!(cancelled.json()["life"]["state"], "cancelled");
    assert_eq!(cancelled.json()["life"]["next_step"], Value::Null);
}

#[tokio::test]
async fn money_is_what_the_ledger_says() {
    let house = house!();
    let id = house.request("ann", 5).await;
    house
        .execute(&format!(
            "update fetch_requests set reserved_cents = 600, max_cost_cents = 900 where id = {id}"
        ))
        .await;
    let nothing = json!({"cost_cents": 0, "is_settled": true, "in_doubt_cents": 0, "under_way_cents": 0,
                         "reserved_cents": 600, "max_cost_cents": 900});
    assert_eq!(expanded(&house, id, "money").await["money"], nothing);
    let lines = [
        ("captured", 300, "120"),
        ("doubt", 40, "null"),
        ("intent", 7, "null"),
        ("void", 300, "null"),
    ];
    buy(&house, id, &lines).await;
    let open = json!({"cost_cents": 120, "is_settled": false, "in_doubt_cents": 40, "under_way_cents": 7,
                      "reserved_cents": 433, "max_cost_cents": 900});
    assert_eq!(expanded(&house, id, "money").await["money"], open);
    // The operator has looked at the court's statement, and the answer has come.
    house
        .execute(
            "update purchases set settled_at = now(), billed_cents = 30 where state = 'doubt';
             update purchases set state = 'void' where state = 'intent';
             update purchases set pages_awaited = 'document' where state = 'captured'",
        )
        .await;
    let money = expanded(&house, id, "money").await["money"].clone();
    assert_eq!(
        (
            &money["cost_cents"],
            &money["in_doubt_cents"],
            &money["is_settled"]
        ),
        (&json!(150), &json!(0), &json!(false)),
        "its pages are being counted"
    );
    house
        .execute("update purchases set pages_awaited = null")
        .await;
    assert_eq!(
        expanded(&house, id, "money").await["money"]["is_settled"],
        true
    );
}

#[tokio::test]
async fn a_failure_has_a_code_a_sentence_and_perhaps_a_time() {
    let house = house!();
    let id = house.request("ann", 3).await;
    let life = async |failure: &str| {
        let sql = format!("update fetch_requests set failure = '{failure}' where id = {id}");
        house.execute(&sql).await;
        expanded(&house, id, "life").await["life"].clone()
    };
    let network = format!(r#"{{"code": "docket_network", "request": {id}}}"#);
    let told = life(&network).await;
    assert_eq!(
        (&told["state"], &told["failure"]),
        (&json!("failed"), &json!("docket_network"))
    );
    assert_eq!(
        told["next_step"],
        "Send the request again: the court's answer did not arrive."
    );
    assert_eq!(told["retry_after"], 0);
    // Not before we ask its court again.
    house
        .execute("update courts set paused_until = now() + interval '10 minutes' where id = 'cand'")
        .await;
    let seconds = life(&network).await["retry_after"].as_i64().unwrap();
    assert!((590..=601).contains(&seconds), "{seconds}");
    house
        .execute("update courts set held_since = now(), held_until = null where id = 'cand'")
        .await;
    assert_eq!(life(&network).await["retry_after"], Value::Null);
    let own = life(r#"{"code": "internal"}"#).await;
    assert_eq!(own["retry_after"], 0);
    let sealed = life(r#"{"code": "case_sealed"}"#).await;
    assert_eq!(sealed["retry_after"], Value::Null);
    assert!(sealed["next_step"].as_str().unwrap().contains("under seal"));
}

#[tokio::test]
async fn what_is_waited_for_is_told() {
    let house = house!();
    let id = house.request("ann", 5).await;
    let soon = format!(
        "insert into workers (kind, name, slots) values ('docket', 'somebody', 1);
         update fetch_requests set attempts = 1, not_before = now() + interval '2 minutes' where id = {id};
         insert into fetch_steps (request_id, fence, step, detail)
         values ({id}, 1, 'claimed', 'a machine of ours'), ({id}, 1, 'read', '7 entries')"
    );
    house.execute(&soon).await;
    let told = expanded(&house, id, "life,queue").await;
    let seconds = told["life"]["retry_after"].as_i64().unwrap();
    assert!((110..=121).contains(&seconds), "{seconds}");
    assert_eq!(told["life"]["next_step"], Value::Null);
    let steps = told["life"]["steps"].as_array().unwrap();
    let words: Vec<(&str, &str)> = steps
        .iter()
        .map(|step| {
            (
                step["step"].as_str().unwrap(),
                step["detail"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(words, [("claimed", ""), ("read", "7 entries")]);
    assert_eq!(told["queue"]["lane"], "interactive");
    assert_eq!(told["queue"]["waits_for"], "not_before");
    house
        .execute(&format!(
            "update fetch_requests
             set login_until = now() + interval '1 day', not_before = now() + interval '1 day',
                 failure = '{{\"code\": \"session_gone\", \"kind\": \"docket\", \"user\": 1}}'
             where id = {id}"
        ))
        .await;
    let told = expanded(&house, id, "life,queue").await;
    assert_eq!(told["life"]["next_step"], LOG_IN);
    assert_eq!(told["life"]["retry_after"], Value::Null);
    assert_eq!(told["queue"]["waits_for"], "login");
    // Once it is over, there is no place, and nothing to do.
    let done = house.request("ann", 2).await;
    let told = expanded(&house, done, "life,queue,changes").await;
    assert_eq!(told["queue"], Value::Null);
    assert_eq!(told["changes"], Value::Null, "nothing was noted");
    assert_eq!(told["life"]["next_step"], Value::Null);
    house
        .execute(&format!(
            "insert into request_changes (request_id, entries_new, documents_new) values ({done}, 7, 9)"
        ))
        .await;
    let changes = json!({"docket_new": false, "entries_new": 7, "entries_changed": 0, "documents_new": 9,
                         "documents_changed": 0, "parties_new": 0, "parties_changed": 0});
    assert_eq!(expanded(&house, done, "changes").await["changes"], changes);
    let foreign = house.ben("GET", &format!("{}?{ALL}", path(done))).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

thread_local! {
    /// Statements that this thread has sent to the database.
    static SENT: Cell<usize> = const { Cell::new(0) };
}

/// How many statements this thread has sent. Counted from the first call on.
pub fn statements() -> usize {
    // One for all tests of this program: what is enabled is remembered for all of its threads.
    static COUNTED: Once = Once::new();
    COUNTED.call_once(|| tracing::subscriber::set_global_default(Statements).unwrap());
    SENT.get()
}

/// Counts statements.
struct Statements;

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        SENT.set(SENT.get() + 1);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A page costs as many statements as a row.
#[tokio::test]
async fn groups_of_a_page_are_read_in_as_many_statements_as_those_of_a_row() {
    let house = house!();
    let count = async |query: &str| {
        let path = format!("{LIST}?{query}");
        // Connections are opened and statements prepared before. Whose a token is, is asked again every other second.
        house.ann("GET", &path).await;
        let mut least = (0, usize::MAX);
        for _ in 0..3 {
            let before = statements();
            let answer = house.ann("GET", &path).await;
            let sent = statements() - before;
            assert_eq!(answer.status, StatusCode::OK);
            let rows = answer.json()["results"].as_array().unwrap().len();
            least = (rows, sent.min(least.1));
        }
        least
    };
    house.request("ann", 3).await;
    let (_, plain) = count("").await;
    let (_, of_one) = count(ALL).await;
    house.requests("ann", 30).await;
    house
        .execute(
            "update fetch_requests
             set failure = jsonb_build_object('code', 'docket_network', 'request', id)
             where state = 'failed'",
        )
        .await;
    for id in [3, 5] {
        house.request("ann", id).await;
    }
    assert!(plain > 0, "they are counted");
    assert_eq!(count("").await, (20, plain));
    let (rows, of_twenty) = count(ALL).await;
    assert_eq!(rows, 20);
    // The courts of those that failed are one more.
    assert!(
        of_twenty <= of_one + 1,
        "{of_one} for a row, {of_twenty} for twenty"
    );
    assert!(of_twenty <= plain + 6, "{plain} without, {of_twenty} with");
}
