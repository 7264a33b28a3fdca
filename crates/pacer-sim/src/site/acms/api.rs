//! The JSON of a court, for who shows the token of a page. Looking for a case by its number is no
//! longer possible here.

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::{Call, Guest, Reply, merge, show, status_reply};
use crate::page::acms::model::{self, View};
use crate::world::Oddity;

/// Answers a request for JSON.
pub(super) fn answer(call: &Call, court: &'static str) -> Reply {
    if let Some(id) = call.path.strip_prefix(merge::STATUS) {
        return match call.is(&Method::GET) {
            true => merge::status(call, court, id),
            false => status_reply(405),
        };
    }
    let Some(asked) = call.path.strip_prefix("/api/") else {
        return missing();
    };
    let Some(guest) = call.guest() else {
        return Reply::text(StatusCode::UNAUTHORIZED, "no such token");
    };
    let (name, id) = asked.split_once('/').unwrap_or((asked, ""));
    let method = match name {
        "CaseDetailsByCaseId" | "GetMergedFile" => Method::GET,
        "DocketEntriesByCaseId" | "DocketEntryDocumentsByDocketId" | "MergePDFFiles" => {
            Method::POST
        }
        _ => return missing(),
    };
    if !call.is(&method) {
        return status_reply(405);
    }
    match name {
        "CaseDetailsByCaseId" => case(call, court, id),
        "DocketEntriesByCaseId" => entries(call, court, id, &guest),
        "DocketEntryDocumentsByDocketId" => documents(call, court, id),
        "MergePDFFiles" => merge::order(call, court, &guest),
        _ => merge::fetch(call, court),
    }
}

fn missing() -> Reply {
    Reply::text(StatusCode::NOT_FOUND, "there is nothing here")
}

/// A request that lacks something.
pub(super) fn bad(why: &'static str) -> Reply {
    Reply::text(StatusCode::BAD_REQUEST, why)
}

/// The object in the body.
pub(super) fn object(call: &Call) -> Option<Value> {
    let kind = call.parts.headers.get("content-type")?.to_str().ok()?;
    let value: Value = serde_json::from_slice(&call.body).ok()?;
    (kind.starts_with("application/json") && value.is_object()).then_some(value)
}

/// What a case is, for nothing.
fn case(call: &Call, court: &str, id: &str) -> Reply {
    let world = &call.simulator.world;
    let Some(stub) = world.acms_stub(court, id) else {
        return missing();
    };
    let case = world.case(stub);
    let view = View { world, case: &case };
    Reply::json(&model::old_case(&view))
}

/// The entries of a case, which are what a docket costs.
fn entries(call: &Call, court: &str, id: &str, guest: &Guest) -> Reply {
    let world = &call.simulator.world;
    let Some(stub) = world.acms_stub(court, id) else {
        return missing();
    };
    let body = object(call).unwrap_or_default();
    if !body["csoId"].is_string() || !body["contactType"].is_string() {
        return bad("csoId and contactType are missing");
    }
    let case = world.case(stub);
    let view = View { world, case: &case };
    show::sell_docket(&call.simulator, guest, &view);
    Reply::json(&model::old_entries(&view))
}

/// The documents of an entry, for nothing.
fn documents(call: &Call, court: &str, id: &str) -> Reply {
    let world = &call.simulator.world;
    let Some((case, index)) = world.acms_entry(court, id) else {
        return missing();
    };
    if case.stub.oddity == Oddity::Sealed {
        return status_reply(403);
    }
    let body = object(call).unwrap_or_default();
    let told = ["isUserCaseParticipant", "restrictedPartyFilingDocketEntry"];
    if !told.iter().all(|name| body[name].is_boolean()) {
        return bad("who asks, and for what, is missing");
    }
    let view = View { world, case: &case };
    Reply::json(&model::old_documents(&view, &case.entries[index]))
}
