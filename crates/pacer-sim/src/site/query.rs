//! `iquery.pl` and `mobile_query.pl`: what a case is, for nothing. Names cannot be searched.

use std::sync::Arc;

use axum::http::Method;

use super::fields::Fields;
use super::reply::Reply;
use super::token::PageToken;
use super::visit::Call;
use crate::page::notice::{self, Notice};
use crate::page::query;
use crate::world::case::Case;
use crate::world::{Oddity, Stub};

/// Answers a request to `iquery.pl`.
pub(super) async fn answer(call: Call) -> Reply {
    if let Err(reply) = call.searcher() {
        return reply;
    }
    if call.request.method() != Method::POST {
        let token = call.simulator.tokens.form();
        return Reply::html(query::form(&call.place, &token));
    }
    if !matches!(call.simulator.tokens.read(&call.query), PageToken::First) {
        return call.notice(&Notice::NoSuchPageId);
    }
    let fields = Fields::read(call.request).await.unwrap_or_default();
    let number_given = fields
        .raw("case_num")
        .is_some_and(|number| !number.is_empty());
    let Some(case_id) = fields.get("all_case_ids").filter(|_| number_given) else {
        return Reply::html(notice::page(&call.place, Notice::IncompleteRequest.text()));
    };
    let world = &call.simulator.world;
    let stub = case_id
        .parse()
        .ok()
        .and_then(|id| world.stub(&call.place.court.id, id));
    Reply::html(match stub {
        Some(stub) => {
            let sealed = stub.oddity == Oddity::Sealed;
            query::summary(&call.place, &world.case(stub), sealed)
        }
        None => notice::page(&call.place, Notice::CaseNotFound.text()),
    })
}

/// `mobile_query.pl?search=caseInfo&caseid=<id>`
pub(super) fn mobile(call: &Call) -> Reply {
    if let Err(reply) = call.searcher() {
        return reply;
    }
    let pairs: Vec<_> = url::form_urlencoded::parse(call.query.as_bytes()).collect();
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        // Some write `caseid==`, and courts bear it.
        found.map_or("", |(_, value)| value.trim_start_matches('='))
    };
    if value("search") != "caseInfo" {
        return call.notice(&Notice::IncompleteRequest);
    }
    match open(call, value("caseid")) {
        Some((stub, _)) if stub.oddity == Oddity::Sealed => call.notice(&Notice::CaseUnderSeal),
        Some((_, case)) => Reply::html(query::mobile(&call.place, &case)),
        None => call.notice(&Notice::CaseNotFound),
    }
}

fn open<'a>(call: &'a Call, case_id: &str) -> Option<(&'a Stub, Arc<Case>)> {
    let world = &call.simulator.world;
    let stub = world.stub(&call.place.court.id, case_id.parse().ok()?)?;
    Some((stub, world.case(stub)))
}
