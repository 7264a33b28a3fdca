//! The central sign-on. Failures answer with HTTP 200, as the real one does.

use std::sync::Arc;

use axum::Extension;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::reply::Reply;
use super::{SIGN_ON, afterwards, notice_of_status};
use crate::Simulator;
use crate::fault::FaultKind;
use crate::server::Cut;
use crate::session::Refused;

/// More than any login needs.
const MOST_BYTES: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    login_id: String,
    password: String,
    #[serde(default)]
    client_code: String,
    #[serde(default)]
    redact_flag: String,
}

#[derive(Deserialize)]
struct Logout {
    #[serde(rename = "nextGenCSO")]
    token: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(rename = "nextGenCSO")]
    token: String,
    login_result: &'static str,
    error_description: &'static str,
}

/// `POST /services/cso-auth`
pub(crate) async fn log_in(
    simulator: State<Arc<Simulator>>,
    cut: Extension<Cut>,
    request: Request,
) -> Response {
    serve(simulator, cut, request, |simulator, body| {
        let Ok(login) = serde_json::from_slice::<Login>(body) else {
            return None;
        };
        Some(admit(simulator, &login))
    })
    .await
}

/// `POST /services/cso-logout`
pub(crate) async fn log_out(
    simulator: State<Arc<Simulator>>,
    cut: Extension<Cut>,
    request: Request,
) -> Response {
    serve(simulator, cut, request, |simulator, body| {
        let Ok(logout) = serde_json::from_slice::<Logout>(body) else {
            return None;
        };
        let known = simulator.sessions.log_out(&logout.token);
        let (login_result, error_description) = if known {
            ("0", "")
        } else {
            ("1", "Invalid token")
        };
        Some(Answer {
            login_result,
            error_description,
            ..Answer::default()
        })
    })
    .await
}

fn admit(simulator: &Simulator, login: &Login) -> Answer {
    let redacts = login.redact_flag == "1";
    match simulator.sessions.log_in(
        &login.login_id,
        &login.password,
        &login.client_code,
        redacts,
    ) {
        Ok(granted) => Answer {
            token: granted.token,
            login_result: "0",
            error_description: granted.warning,
        },
        Err(Refused::Credentials) => Answer {
            login_result: "13",
            error_description: "Invalid username, password, or one-time passcode",
            ..Answer::default()
        },
        Err(Refused::Redaction) => Answer {
            login_result: "1",
            error_description: "All filers must redact: Social Security or taxpayer-identification numbers",
            ..Answer::default()
        },
    }
}

async fn serve(
    State(simulator): State<Arc<Simulator>>,
    Extension(cut): Extension<Cut>,
    request: Request,
    work: impl FnOnce(&Simulator, &[u8]) -> Option<Answer>,
) -> Response {
    let path = request.uri().path().to_owned();
    let in_flight = simulator.traffic.begin(SIGN_ON, "POST", &path);
    tokio::time::sleep(simulator.config.latency).await;
    let fault = simulator.faults.take(SIGN_ON, "POST", &path);
    if let Some(FaultKind::Status {
        status,
        retry_after,
    }) = &fault
    {
        let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reply = Reply::html(notice_of_status(status)).with_status(status);
        return reply
            .with_retry_after(retry_after.clone())
            .send(Some(in_flight));
    }
    if fault == Some(FaultKind::ResetBefore) {
        cut.now();
    }
    let reply = match speaks_json(&request) {
        true => json(&simulator, request, work).await,
        false => Reply::text(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send and accept application/json",
        ),
    };
    afterwards(&simulator, fault, reply, &cut)
        .await
        .send(Some(in_flight))
}

fn speaks_json(request: &Request) -> bool {
    let names_json = |header| {
        let value = request
            .headers()
            .get(header)
            .and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("application/json"))
    };
    names_json(CONTENT_TYPE) && names_json(ACCEPT)
}

async fn json(
    simulator: &Simulator,
    request: Request,
    work: impl FnOnce(&Simulator, &[u8]) -> Option<Answer>,
) -> Reply {
    let Ok(body) = to_bytes(request.into_body(), MOST_BYTES).await else {
        return Reply::text(StatusCode::BAD_REQUEST, "the request is too long");
    };
    match work(simulator, &body) {
        Some(answer) => Reply::json(&answer),
        None => Reply::text(
            StatusCode::BAD_REQUEST,
            "not the expected JSON object of strings",
        ),
    }
}
