//! The sites of the courts of appeals: one servlet, and `docs1/` with its documents.
//!
//! [`summary`] sells dockets, [`document`] and [`several`] documents, [`search`] finds cases, and
//! [`free_look`] shows a document to who was told of it.

mod document;
mod free_look;
mod params;
mod report;
mod search;
mod several;
mod summary;
mod till;
mod visit;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};

use super::reply::Reply;
use super::sale::charge;
use super::visit::{Call, tokens_of};
use super::{end_session, login_page, welcome};
use crate::page::appellate::{SERVLET, confirm, notice};
use params::Params;
use visit::Visit;

/// Where the servlet used to be.
const FORMER_SERVLET: &str = "/cmecf/servlet/TransportRoom";

/// Answers a request to a court of appeals.
pub(super) async fn answer(call: Call) -> Reply {
    let path = call.path.clone();
    match path.as_str() {
        "/" => Reply::html(welcome(&call.place, &SERVLET[1..])),
        SERVLET => servlet(call).await,
        FORMER_SERVLET if still_knows_former_path(&call.place.court.id) => {
            let query = if call.query.is_empty() { "" } else { "?" };
            Reply::found(format!("{}{SERVLET}{query}{}", call.place.base, call.query))
        }
        path => match path.strip_prefix("/docs1/") {
            Some(id) => document::by_link(call, id).await,
            None => Reply::html(notice::no_such_path(&call.place, path))
                .with_status(StatusCode::NOT_FOUND),
        },
    }
}

fn still_knows_former_path(court: &str) -> bool {
    matches!(court, "ca5" | "ca7" | "ca11")
}

async fn servlet(call: Call) -> Reply {
    let (parts, body) = call.request.into_parts();
    let method = parts.method.clone();
    let params = Params::read(&call.query, &parts.headers, body).await;
    let params = match call.other_case {
        Some(case) => params.about_case(case),
        None => params,
    };
    let call = Call {
        request: Request::from_parts(parts, Body::empty()),
        ..call
    };
    let servlet = params.get("servlet").unwrap_or("CaseSearch.jsp").to_owned();
    if servlet == "InvalidUserLogin.jsp" {
        end_session(&call);
        return Reply::html(login_page(&call.simulator, &call.place, SERVLET));
    }
    // A GET that lost its session comes back after login; a form cannot.
    let asked = match method {
        Method::GET => format!("{SERVLET}?{}", call.query),
        _ => SERVLET.to_owned(),
    };
    let visit = match Visit::admit(call, params, &asked) {
        Ok(visit) => visit,
        Err(reply) => return reply,
    };
    if method == Method::POST && !visit.may_post(&servlet) {
        return visit.ask_about_outside_link();
    }
    if method == Method::GET && servlet == "CaseSummary.jsp" && visit.comes_from_outside() {
        return visit.ask_about_outside_link();
    }
    // Long dockets and scans take a moment, and nobody else should wait for them.
    tokio::task::spawn_blocking(move || serve(&visit, &servlet))
        .await
        .expect("serving a page does not panic")
}

fn serve(visit: &Visit, servlet: &str) -> Reply {
    if let Some(id) = servlet.strip_prefix("ShowDoc/") {
        return document::show(visit, id, document::Way::Link);
    }
    match servlet {
        "CaseSearch.jsp" => search::form(visit),
        "CaseSelectionTable.jsp" => search::table(visit),
        "CaseQuery.jsp" => search::case(visit),
        "DocketReportFilter.jsp" => search::options(visit, ""),
        "CaseSummary.jsp" => summary::answer(visit),
        "ShowDoc" => {
            let id = visit.params.get("dls_id").unwrap_or_default();
            document::show(visit, id, document::Way::Servlet)
        }
        "ShowDocMulti" => several::answer(visit),
        _ => Reply::html(notice::no_such_path(&visit.place, SERVLET))
            .with_status(StatusCode::NOT_FOUND),
    }
}
