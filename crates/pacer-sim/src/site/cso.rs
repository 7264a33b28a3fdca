//! The central sign-on. Failures answer with HTTP 200, as the real one does.

use std::sync::Arc;

use axum::Extension;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::mishap::{afterwards, instead_of_data};
use super::reply::Reply;
use super::{SIGN_ON, let_in};
use crate::Simulator;
use crate::limits::Subject;
use crate::page::escape;
use crate::server::Cut;
use crate::session::{Credentials, Refused};

/// More than any login needs.
const MOST_BYTES: usize = 64 * 1024;

const LOGIN_PATH: &str = "/services/cso-auth";
const LOGOUT_PATH: &str = "/services/cso-logout";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    login_id: String,
    password: String,
    #[serde(default)]
    client_code: String,
    #[serde(default)]
    otp_code: String,
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
    login_result: String,
    error_description: &'static str,
}

/// `POST /services/cso-auth`
pub(crate) async fn log_in(
    State(simulator): State<Arc<Simulator>>,
    Extension(cut): Extension<Cut>,
    request: Request,
) -> Response {
    serve(&simulator, &cut, request, LOGIN_PATH).await
}

/// `POST /services/cso-logout`
pub(crate) async fn log_out(
    State(simulator): State<Arc<Simulator>>,
    Extension(cut): Extension<Cut>,
    request: Request,
) -> Response {
    serve(&simulator, &cut, request, LOGOUT_PATH).await
}

async fn serve(simulator: &Simulator, cut: &Cut, request: Request, path: &str) -> Response {
    let (parts, body) = request.into_parts();
    // Nobody is counted before it is known who asks.
    let body = to_bytes(body, MOST_BYTES).await.ok();
    let account = body.as_ref().and_then(|body| who(simulator, body));
    let subject = Subject {
        court: SIGN_ON,
        is_court: false,
        account: account.as_deref(),
        method: "POST",
        path,
    };
    let arrival = simulator
        .traffic
        .begin(SIGN_ON, account.as_deref(), "POST", path);
    let fault = match let_in(simulator, &subject, &arrival).await {
        Ok(fault) => fault,
        Err(reply) => return reply.send(Some(arrival.request)),
    };
    if let Some(reply) = fault.as_ref().and_then(|fault| instead_of_data(fault, cut)) {
        return reply.send(Some(arrival.request));
    }
    let reply = answer(simulator, &parts.headers, body, &subject);
    afterwards(simulator, fault, reply, cut)
        .await
        .send(Some(arrival.request))
}

/// Whose login or logout it is.
fn who(simulator: &Simulator, body: &Bytes) -> Option<String> {
    if let Ok(login) = serde_json::from_slice::<Login>(body) {
        return Some(login.login_id);
    }
    let logout: Logout = serde_json::from_slice(body).ok()?;
    simulator.sessions.login_of(&logout.token)
}

fn answer(
    simulator: &Simulator,
    headers: &HeaderMap,
    body: Option<Bytes>,
    subject: &Subject<'_>,
) -> Reply {
    let names = |header: HeaderName, kind: &str| {
        let value = headers.get(header).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains(kind))
    };
    let (json, xml) = (
        names(ACCEPT, "application/json"),
        names(ACCEPT, "application/xml") || names(ACCEPT, "text/xml"),
    );
    if !names(CONTENT_TYPE, "application/json") || !(json || xml) {
        return Reply::text(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send application/json, and accept it or application/xml",
        );
    }
    let Some(body) = body else {
        return Reply::text(StatusCode::BAD_REQUEST, "the request is too long");
    };
    let answer = match subject.path {
        LOGIN_PATH => admit(simulator, &body, subject),
        _ => dismiss(simulator, &body),
    };
    match answer {
        Some(answer) if json => Reply::json(&answer),
        Some(answer) => Reply::application_xml(answer.xml()),
        None => Reply::text(
            StatusCode::BAD_REQUEST,
            "not the expected JSON object of strings",
        ),
    }
}

impl Answer {
    fn xml(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><CsoAuth><nextGenCSO>{}</nextGenCSO>\
             <loginResult>{}</loginResult><errorDescription>{}</errorDescription></CsoAuth>",
            escape(&self.token),
            escape(&self.login_result),
            escape(self.error_description)
        )
    }
}

fn admit(simulator: &Simulator, body: &[u8], subject: &Subject<'_>) -> Option<Answer> {
    let login: Login = serde_json::from_slice(body).ok()?;
    let credentials = Credentials {
        login: &login.login_id,
        password: &login.password,
        client_code: &login.client_code,
        one_time_code: &login.otp_code,
        redacts: login.redact_flag == "1",
    };
    let most = simulator.limiter.limits().max_logins_per_hour;
    Some(match simulator.sessions.log_in(&credentials, most) {
        Ok(granted) => Answer {
            token: granted.token,
            login_result: "0".to_owned(),
            error_description: granted.warning,
        },
        Err(refused) => {
            if refused == Refused::TooOften {
                simulator.limiter.note_logins(subject, most.unwrap_or(0));
            }
            Answer {
                login_result: refused.result().to_owned(),
                error_description: description(&refused),
                ..Answer::default()
            }
        }
    })
}

fn description(refused: &Refused) -> &'static str {
    match refused {
        Refused::Credentials => "Invalid username, password, or one-time passcode",
        Refused::Redaction => {
            "All filers must redact: Social Security or taxpayer-identification numbers"
        }
        // The texts of these two are not known.
        Refused::Account(_) => "This account may not log in",
        Refused::TooOften => "This account is suspended because it logged in too often",
    }
}

fn dismiss(simulator: &Simulator, body: &[u8]) -> Option<Answer> {
    let logout: Logout = serde_json::from_slice(body).ok()?;
    let (result, error_description) = match simulator.sessions.log_out(&logout.token) {
        true => ("0", ""),
        false => ("1", "Invalid token"),
    };
    Some(Answer {
        login_result: result.to_owned(),
        error_description,
        ..Answer::default()
    })
}
