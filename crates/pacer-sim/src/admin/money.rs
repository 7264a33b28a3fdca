//! What was sold, for tests and spreadsheets.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;

#[derive(Deserialize)]
pub(super) struct Of {
    /// Only what this account paid.
    account: Option<String>,
}

pub(super) async fn ledger(State(simulator): Shared, Query(of): Query<Of>) -> Json<Value> {
    let account = of.account.as_deref();
    let mut quarters = simulator.ledger.totals();
    quarters.retain(|total| account.is_none_or(|account| total.account == account));
    Json(json!({"sales": simulator.ledger.sales_of(account), "quarters": quarters}))
}

pub(super) async fn reset(State(simulator): Shared) -> StatusCode {
    simulator.ledger.reset();
    StatusCode::NO_CONTENT
}

pub(super) async fn csv(State(simulator): Shared, Query(of): Query<Of>) -> Response {
    let table = simulator.ledger.csv(of.account.as_deref());
    ([(CONTENT_TYPE, "text/csv; charset=utf-8")], table).into_response()
}

#[derive(Deserialize)]
pub(super) struct Across {
    /// `across_accounts=true`: what two accounts paid for counts as well.
    #[serde(default)]
    across_accounts: bool,
}

pub(super) async fn duplicates(
    State(simulator): Shared,
    Query(query): Query<Across>,
) -> Json<Value> {
    Json(json!({"duplicates": simulator.ledger.duplicates(query.across_accounts)}))
}
