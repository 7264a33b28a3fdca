//! The courts' web sites: from a request to an answer.
//!
//! [`answer`] finds the court, lets faults happen, and hands over to [`lookup`], [`docket`] or
//! [`document`], to [`appellate`] for courts of appeals, or to [`acms`] for their newer sites. What may be seen without a session
//! is decided here and nowhere else.

mod acms;
mod appellate;
mod claims;
mod cso;
mod docket;
mod document;
mod fields;
mod history;
mod lookup;
mod mishap;
mod query;
mod reply;
mod report;
mod sale;
mod token;
mod visit;

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;

use crate::Simulator;
use crate::fault::{FaultKind, FaultTarget};
use crate::limits::Subject;
use crate::page::{Place, notice};
use crate::server::Cut;
use crate::settings::LoginPage;
use crate::traffic::Arrival;
pub(crate) use acms::Acms;
pub(crate) use cso::{log_in, log_out};
use mishap::{afterwards, instead, status_reply};
use reply::Reply;
pub(crate) use token::Tokens;
use visit::{Call, find_court, login_of, tokens_of};

/// Name under which the sign-on is counted and faults are ordered for it.
pub(crate) const SIGN_ON: &str = "cso";

/// Answers a request to a court.
pub(crate) async fn answer(
    State(simulator): State<Arc<Simulator>>,
    Extension(cut): Extension<Cut>,
    request: Request,
) -> Response {
    if let Some((address, path)) = acms::find(&request) {
        return acms::answer(simulator, cut, address, path, request).await;
    }
    let Some((place, path)) = find_court(&simulator, &request) else {
        return Reply::text(StatusCode::NOT_FOUND, "no such court").send(None);
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let mut call = Call {
        simulator,
        place,
        path,
        query,
        request,
        price_again: false,
        other_case: None,
    };
    let simulator = call.simulator.clone();
    let account = login_of(&simulator, call.request.headers());
    let (court, method) = (call.place.court.id.clone(), call.request.method().clone());
    let asked = call.asked();
    let subject = Subject {
        court: &court,
        is_court: true,
        account: account.as_deref(),
        method: method.as_str(),
        path: &asked,
    };
    let arrival =
        simulator
            .traffic
            .begin(subject.court, subject.account, subject.method, subject.path);
    call.request = whole(call.request).await;
    let fault = match let_in(&simulator, &subject, &arrival).await {
        Ok(fault) => fault,
        Err(reply) => return reply.send(Some(arrival.request)),
    };
    if let Some(reply) = fault.as_ref().and_then(|fault| instead(fault, &call, &cut)) {
        return reply.send(Some(arrival.request));
    }
    match fault {
        Some(FaultKind::ExpireSession) => end_session(&call),
        Some(FaultKind::PricePage) => call.price_again = true,
        Some(FaultKind::OtherCase { pacer_case_id }) => call.other_case = Some(pacer_case_id),
        _ => {}
    }
    let reply = route(call).await;
    afterwards(&simulator, fault, reply, &cut)
        .await
        .of_document_bytes(simulator.config.document_bytes)
        .send(Some(arrival.request))
}

/// What goes wrong with a request, unless its site turns it away at the door.
async fn let_in(
    simulator: &Simulator,
    subject: &Subject<'_>,
    arrival: &Arrival,
) -> Result<Option<FaultKind>, Reply> {
    if simulator.limiter.blocks(subject, arrival) {
        return Err(status_reply(403));
    }
    wait_for_latency(simulator).await;
    Ok(simulator.faults.take(&FaultTarget {
        court: subject.court,
        method: subject.method,
        path: subject.path,
        account: subject.account,
    }))
}

/// More than any form of a court has.
const MOST_BYTES: usize = 1024 * 1024;

/// The request with all of its body here. Who answers before the body is read breaks the
/// connection on whoever still sends it, or uses it again.
async fn whole(request: Request) -> Request {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_BYTES).await.unwrap_or_default();
    Request::from_parts(parts, Body::from(body))
}

/// The wait before every answer; none costs nothing, not even a turn of the timer.
async fn wait_for_latency(simulator: &Simulator) {
    if !simulator.config.latency.is_zero() {
        tokio::time::sleep(simulator.config.latency).await;
    }
}

fn end_session(call: &Call) {
    for token in tokens_of(call.request.headers()) {
        call.simulator.sessions.log_out(&token);
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
        "/cgi-bin/HistDocQry.pl" => history::answer(call).await,
        "/cgi-bin/iquery.pl" => query::answer(call).await,
        "/cgi-bin/mobile_query.pl" => query::mobile(&call),
        "/cgi-bin/SearchClaims.pl" => claims::answer(call, "Claims Register").await,
        "/cgi-bin/ClaimsActRpt.pl" => claims::answer(call, "Claims Activity Report").await,
        "/cgi-bin/show_doc.pl" => document::show_doc(&call),
        "/cgi-bin/document_link.pl" => document::document_link(&call),
        "/cgi-bin/show_temp.pl" => document::show_temp(call).await,
        _ => match path.strip_prefix("/doc1/") {
            Some(id) => document::answer(call, id).await,
            None => status_reply(404),
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
        end_session(call);
    }
    let asked = format!("{}/cgi-bin/login.pl", call.place.prefix);
    Reply::html(login_page(&call.simulator, &call.place, &asked))
}

/// What somebody sees who is not logged in; courts have one or the other, and courts of appeals
/// the second.
pub(crate) fn login_page(simulator: &Simulator, place: &Place, asked: &str) -> String {
    let asked = format!("{}{asked}", place.base);
    let own = match crate::dice::word(&place.court.id) % 2 {
        0 if !place.court.is_appellate() => LoginPage::CurrentGen,
        _ => LoginPage::NextGen,
    };
    match simulator
        .settings
        .of(&place.court.id)
        .login_page
        .unwrap_or(own)
    {
        LoginPage::CurrentGen => notice::login_form(place, &asked),
        LoginPage::NextGen => notice::sign_on_redirect(place, &asked),
    }
}
