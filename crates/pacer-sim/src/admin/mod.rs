//! What a test may see and do that no visitor of a court may. JSON in, JSON out.

mod case;
mod manners;
mod money;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::court::Court;
use crate::world::{Stub, World};
use crate::{Simulator, Truth};

/// What every handler is given.
type Shared = State<Arc<Simulator>>;

/// The routes below `/admin`.
pub(crate) fn router() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/health", get(health))
        .route("/ledger", get(money::ledger).delete(money::reset))
        .route("/ledger.csv", get(money::csv))
        .route("/ledger/duplicates", get(money::duplicates))
        .route("/traffic", get(traffic).delete(reset_traffic))
        .route("/accounts", get(accounts).delete(reset_logins))
        .route("/accounts/{login}/code", get(one_time_code))
        .route("/sessions/expire", post(expire))
        .route(
            "/faults",
            get(manners::faults)
                .post(manners::order)
                .delete(manners::cancel),
        )
        .route(
            "/limits",
            get(manners::limits)
                .put(manners::set_limits)
                .delete(manners::lift_limits),
        )
        .route(
            "/violations",
            get(manners::violations).delete(manners::forgive),
        )
        .route(
            "/courts/{court}/settings",
            get(manners::settings).put(manners::set_settings),
        )
        .route("/courts/{court}/day", put(manners::set_day))
        .route("/free-looks", post(give_free_look))
        .route("/replay", get(replay))
        .route("/courts", get(courts))
        .route("/courts/{court}/cases", get(cases))
        .route("/courts/{court}/cases/{case_id}", get(case::case))
        .route("/courts/{court}/cases/{case_id}/documents", get(documents))
        .route("/courts/{court}/documents/{doc_id}", get(document))
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

#[derive(Deserialize)]
struct TrafficQuery {
    /// `requests=false` leaves the list out.
    #[serde(default = "yes")]
    requests: bool,
}

fn yes() -> bool {
    true
}

async fn traffic(State(simulator): Shared, Query(query): Query<TrafficQuery>) -> Response {
    Json(simulator.traffic.report(query.requests)).into_response()
}

async fn reset_traffic(State(simulator): Shared) -> StatusCode {
    simulator.traffic.reset();
    StatusCode::NO_CONTENT
}

async fn accounts(State(simulator): Shared) -> Json<Value> {
    Json(json!({"accounts": simulator.sessions.report()}))
}

async fn reset_logins(State(simulator): Shared) -> StatusCode {
    simulator.sessions.reset_logins();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct CodeQuery {
    /// The code of so many steps later; the next one is accepted already.
    #[serde(default)]
    ahead: u64,
}

async fn one_time_code(
    State(simulator): Shared,
    Path(login): Path<String>,
    Query(query): Query<CodeQuery>,
) -> Response {
    match simulator.sessions.one_time_code(&login, query.ahead) {
        Some(code) => Json(code).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct ExpireQuery {
    /// Only the sessions of this account.
    account: Option<String>,
}

async fn expire(State(simulator): Shared, Query(query): Query<ExpireQuery>) -> Json<Value> {
    Json(json!({"expired": simulator.sessions.expire(query.account.as_deref())}))
}

#[derive(Deserialize)]
struct FreeLookOrder {
    court: String,
    pacer_doc_id: String,
}

/// Notifies somebody of a filing, so to speak.
async fn give_free_look(State(simulator): Shared, Json(order): Json<FreeLookOrder>) -> Response {
    match simulator.give_free_look(&order.court, &order.pacer_doc_id) {
        Some(look) => (StatusCode::CREATED, Json(look)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn replay(State(simulator): Shared) -> Json<Value> {
    Json(json!(simulator.replay.pages()))
}

async fn courts(State(simulator): Shared) -> Json<Value> {
    let row = |court: &&Court| {
        json!({
            "id": court.id,
            "kind": format!("{:?}", court.kind).to_lowercase(),
            "name": court.district,
            "doc_id_prefix": court.prefix,
        })
    };
    Json(simulator.world.courts().iter().map(row).collect())
}

#[derive(Serialize)]
struct CaseRow {
    pacer_case_id: String,
    acms_case_id: Option<String>,
    docket_number: String,
    lookup_number: String,
    kind: String,
    peculiarity: String,
    entries: u32,
    defendants: &'static [u64],
}

impl CaseRow {
    fn new(world: &World, stub: &Stub) -> CaseRow {
        CaseRow {
            acms_case_id: world.acms_case_id(stub),
            pacer_case_id: stub.id.to_string(),
            docket_number: stub.docket_number(),
            lookup_number: stub.full_number(),
            kind: format!("{:?}", stub.kind).to_lowercase(),
            peculiarity: format!("{:?}", stub.oddity).to_lowercase(),
            entries: stub.entry_count,
            defendants: stub.defendants,
        }
    }
}

async fn cases(State(simulator): Shared, Path(court): Path<String>) -> Json<Value> {
    let rows: Vec<CaseRow> = simulator
        .world
        .stubs(&court)
        .iter()
        .map(|stub| CaseRow::new(&simulator.world, stub))
        .collect();
    Json(json!(rows))
}

#[derive(Deserialize)]
struct DocumentsQuery {
    /// Only scanned documents, or only others.
    scanned: Option<bool>,
    limit: Option<usize>,
}

/// Documents of a case, without their words.
async fn documents(
    State(simulator): Shared,
    Path((court, case_id)): Path<(String, String)>,
    Query(query): Query<DocumentsQuery>,
) -> Json<Value> {
    let kinds = query
        .scanned
        .map_or(vec![false, true], |scanned| vec![scanned]);
    let Some(stub) = simulator.stub(&court, &case_id) else {
        return Json(json!([]));
    };
    let mut documents: Vec<Truth> = kinds
        .into_iter()
        .flat_map(|scanned| simulator.documents(&court, stub.id, scanned))
        .collect();
    documents.sort_by_key(|truth| (truth.document_number, truth.attachment_number));
    documents.truncate(query.limit.unwrap_or(1000));
    for truth in &mut documents {
        truth.page_texts.clear();
    }
    Json(json!(documents))
}

async fn document(
    State(simulator): Shared,
    Path((court, doc_id)): Path<(String, String)>,
) -> Response {
    match simulator.truth(&court, &doc_id) {
        Some(truth) => Json(truth).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
