//! The courts' web sites: from a request to an answer.
//!
//! [`answer`] finds the court, lets faults happen, and hands over to [`lookup`], [`docket`] or
//! [`document`], or to [`appellate`] for courts of appeals. What may be seen without a session is decided here and nowhere else.

mod appellate;
mod cso;
mod docket;
mod document;
mod fields;
mod lookup;
mod reply;
mod report;
mod token;
mod visit;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;

use crate::Simulator;
use crate::fault::FaultKind;
use crate::page::{Place, notice};
use crate::server::Cut;
pub(crate) use appellate::FreeLooks;
pub(crate) use cso::{log_in, log_out};
use reply::{Reply, hang};
pub(crate) use token::Tokens;
use visit::{Call, cookie, find_court};

/// Name under which the sign-on is counted and faults are ordered for it.
pub(crate) const SIGN_ON: &str = "cso";

/// Answers a request to a court.
pub(crate) async fn answer(
    State(simulator): State<Arc<Simulator>>,
    Extension(cut): Extension<Cut>,
    request: Request,
) -> Response {
    let Some((place, path)) = find_court(&simulator, &request) else {
        return Reply::text(StatusCode::NOT_FOUND, "no such court").send(None);
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let logged_path = if query.is_empty() {
        path.clone()
    } else {
        format!("{path}?{query}")
    };
    let court = place.court.id.clone();
    let method = request.method().clone();
    let in_flight = simulator
        .traffic
        .begin(&court, method.as_str(), &logged_path);
    tokio::time::sleep(simulator.config.latency).await;

    let fault = simulator.faults.take(&court, method.as_str(), &logged_path);
    if let Some(reply) = fault
        .as_ref()
        .and_then(|fault| instead(fault, &place, &cut, &logged_path))
    {
        return reply.send(Some(in_flight));
    }
    let call = Call {
        simulator: simulator.clone(),
        place,
        path,
        query,
        request,
    };
    let reply = route(call).await;
    afterwards(&simulator, fault, reply, &cut)
        .await
        .send(Some(in_flight))
}

/// What a fault answers without looking at the request.
fn instead(fault: &FaultKind, place: &Place, cut: &Cut, asked: &str) -> Option<Reply> {
    Some(match fault {
        FaultKind::Status {
            status,
            retry_after,
        } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Reply::html(notice_of_status(status))
                .with_status(status)
                .with_retry_after(retry_after.clone())
        }
        FaultKind::ResetBefore => {
            cut.now();
            Reply::html(String::new())
        }
        FaultKind::LoginPage => Reply::html(login_page(place, asked)),
        FaultKind::Xml => Reply::xml("<response><status>blocked</status></response>".to_owned()),
        FaultKind::Maintenance => Reply::html(
            "<html><body><h1>The system is being maintained.</h1></body></html>".to_owned(),
        ),
        FaultKind::Delay { .. } | FaultKind::Reset | FaultKind::Truncate | FaultKind::Hang => {
            return None;
        }
    })
}

fn notice_of_status(status: StatusCode) -> String {
    let reason = match status {
        StatusCode::REQUEST_TIMEOUT => {
            "Server timeout waiting for the HTTP request from the client."
        }
        other => other.canonical_reason().unwrap_or("Error"),
    };
    format!(
        "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>{reason}</p></body></html>",
        status.as_u16()
    )
}

/// What a fault does to an answer after everything was done that was asked.
async fn afterwards(
    simulator: &Simulator,
    fault: Option<FaultKind>,
    reply: Reply,
    cut: &Cut,
) -> Reply {
    match fault {
        Some(FaultKind::Delay { ms }) => {
            tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
            reply
        }
        Some(FaultKind::Reset) => {
            cut.now();
            reply
        }
        Some(FaultKind::Truncate) => reply.truncated(),
        Some(FaultKind::Hang) => hang(simulator, cut).await,
        _ => reply,
    }
}

async fn route(call: Call) -> Reply {
    if call.request.method() == Method::HEAD {
        // New York Southern bans who sends HEAD; the others are given no reason to be liked.
        let status = if call.place.court.id == "nysd" {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::METHOD_NOT_ALLOWED
        };
        return Reply::html(String::new()).with_status(status);
    }
    if call.place.court.is_appellate() {
        return appellate::answer(call).await;
    }
    let path = call.path.clone();
    match path.as_str() {
        "/" => Reply::html(welcome(&call.place, "cgi-bin/login.pl")),
        "/cgi-bin/login.pl" => leave(&call),
        "/cgi-bin/possible_case_numbers.pl" => lookup::answer(&call),
        "/cgi-bin/DktRpt.pl" => docket::answer(call).await,
        "/cgi-bin/show_case_doc" => document::show_case_doc(&call),
        "/cgi-bin/show_temp.pl" => document::show_temp(call).await,
        _ => match path.strip_prefix("/doc1/") {
            Some(id) => document::answer(call, id).await,
            None => Reply::html(notice_of_status(StatusCode::NOT_FOUND))
                .with_status(StatusCode::NOT_FOUND),
        },
    }
}

fn welcome(place: &Place, entrance: &str) -> String {
    format!(
        "<html><head><title>{0} (simulated)</title></head><body><h2>{1}</h2>\n\
         <a href=\"{2}/{entrance}\">Document Filing System</a></body></html>\n",
        place.court.id, place.court.district, place.prefix
    )
}

fn leave(call: &Call) -> Reply {
    if call.query == "logout" {
        leave_session(call);
    }
    Reply::html(login_page(
        &call.place,
        &format!("{}/cgi-bin/login.pl", call.place.prefix),
    ))
}

/// Ends the session that the cookies name.
fn leave_session(call: &Call) {
    for name in ["NextGenCSO", "PacerSession"] {
        cookie(call.request.headers(), name).map(|token| call.simulator.sessions.log_out(&token));
    }
}

/// What somebody sees who is not logged in; courts have one or the other, and courts of appeals
/// always the second.
pub(crate) fn login_page(place: &Place, asked: &str) -> String {
    let asked = format!("{}{asked}", place.base);
    match crate::dice::word(&place.court.id) % 2 {
        0 if !place.court.is_appellate() => notice::login_form(place, &asked),
        _ => notice::sign_on_redirect(place, &asked),
    }
}
