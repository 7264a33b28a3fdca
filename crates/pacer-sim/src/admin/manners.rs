//! How courts behave: faults, limits, settings. All may be changed while they serve.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Shared;
use crate::fault::{BadFault, Fault};
use crate::limits::Limits;
use crate::settings::CourtSettings;

fn refusal(error: &dyn std::error::Error) -> Response {
    let body = json!({"error": error.to_string()});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

pub(super) async fn faults(State(simulator): Shared) -> Json<Value> {
    Json(json!({"faults": simulator.faults.waiting()}))
}

/// Orders one fault, or a list of them, all or none.
pub(super) async fn order(State(simulator): Shared, body: String) -> Response {
    let value: Value = match serde_json::from_str(&body) {
        Ok(value) => value,
        Err(error) => return refusal(&error),
    };
    let list = match &value {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let read: Result<Vec<Fault>, BadFault> = list.into_iter().map(Fault::from_value).collect();
    let faults = match read {
        Ok(faults) => faults,
        Err(error) => return refusal(&error),
    };
    for fault in &faults {
        simulator.faults.order(fault.clone());
    }
    let answer = match value {
        Value::Array(_) => json!(faults),
        _ => json!(faults.first()),
    };
    (StatusCode::CREATED, Json(answer)).into_response()
}

pub(super) async fn cancel(State(simulator): Shared) -> StatusCode {
    simulator.faults.clear();
    StatusCode::NO_CONTENT
}

pub(super) async fn limits(State(simulator): Shared) -> Json<Limits> {
    Json(simulator.limiter.limits())
}

pub(super) async fn set_limits(State(simulator): Shared, body: String) -> Response {
    match serde_json::from_str::<Limits>(&body) {
        Ok(limits) => {
            simulator.limiter.set(limits.clone());
            Json(limits).into_response()
        }
        Err(error) => refusal(&error),
    }
}

pub(super) async fn lift_limits(State(simulator): Shared) -> StatusCode {
    simulator.limiter.set(Limits::default());
    StatusCode::NO_CONTENT
}

pub(super) async fn violations(State(simulator): Shared) -> Json<Value> {
    Json(json!({"violations": simulator.limiter.violations()}))
}

pub(super) async fn forgive(State(simulator): Shared) -> StatusCode {
    simulator.limiter.reset();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Day {
    /// None: whatever was entered.
    day: Option<NaiveDate>,
}

/// Has a court show what was entered up to a day alone.
pub(super) async fn set_day(
    State(simulator): Shared,
    Path(court): Path<String>,
    body: String,
) -> Response {
    if simulator.world.court(&court).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    match serde_json::from_str::<Day>(&body) {
        Ok(day) => {
            simulator.world.show_until(&court, day.day);
            Json(day).into_response()
        }
        Err(error) => refusal(&error),
    }
}

pub(super) async fn settings(
    State(simulator): Shared,
    Path(court): Path<String>,
) -> Json<CourtSettings> {
    Json(simulator.settings.of(&court))
}

pub(super) async fn set_settings(
    State(simulator): Shared,
    Path(court): Path<String>,
    body: String,
) -> Response {
    match serde_json::from_str::<CourtSettings>(&body) {
        Ok(settings) => {
            simulator.settings.set(&court, settings);
            Json(settings).into_response()
        }
        Err(error) => refusal(&error),
    }
}
