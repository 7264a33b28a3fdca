//! Documents: ordered, asked about until they are put together, and fetched once.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::api::{bad, object};
use super::sites::Site;
use super::state::{Merge, Progress};
use super::{Call, Guest, Reply, charge, show, status_reply};
use crate::ledger::Item;
use crate::page::acms::model::{self, View};
use crate::world::{Found, Oddity};

/// Where an order is asked about, up to its id.
pub(super) const STATUS: &str = "/runtime/webhooks/durabletask/instances/";

/// `POST MergePDFFiles`: sells the documents, and says where to ask about them.
pub(super) fn order(call: &Call, court: &'static str, guest: &Guest) -> Reply {
    let Some(body) = object(call) else {
        return bad("not an object of JSON");
    };
    if body["mergeScope"] != "External" || body["pagination"] != false {
        return bad("mergeScope or pagination is not as it must be");
    }
    let (Some(stamped), Some(list)) = (
        body["header"].as_bool(),
        body["docketEntryDocuments"].as_array(),
    ) else {
        return bad("header or docketEntryDocuments is missing");
    };
    let found: Option<Vec<Found>> = list.iter().map(|one| named(call, court, one)).collect();
    let Some(found) = found.filter(|found| !found.is_empty()) else {
        return bad("there are no such documents");
    };
    if !found.iter().all(is_public) {
        return status_reply(403);
    }
    for one in &found {
        sell(call, guest, one);
    }
    let (id, code) = call.simulator.acms.order(Merge {
        court,
        serials: found.iter().map(|found| found.sheet().serial).collect(),
        stamped,
    });
    let base = call.address.of(Site::Services(court));
    let status = format!("{base}{STATUS}{id}?code={code}");
    let reply = Reply::json(&json!({"id": id, "statusQueryGetUri": status}));
    reply.with_status(StatusCode::ACCEPTED)
}

/// The document that an order names, if all that it says about it is true.
fn named(call: &Call, court: &str, one: &Value) -> Option<Found> {
    let world = &call.simulator.world;
    let id = one["acms_docketdocumentdetailsid"].as_str()?;
    let found = world.acms_document(court, id)?;
    let view = View {
        world,
        case: &found.case,
    };
    let known = model::old_document(&view, found.entry(), found.sheet());
    let same = |name: &str| known[name] == one[name];
    (same("acms_documenturl") && same("acms_pagecount")).then_some(found)
}

fn is_public(found: &Found) -> bool {
    found.case.stub.oddity != Oddity::Sealed && model::is_public(found.sheet())
}

fn sell(call: &Call, guest: &Guest, found: &Found) {
    let (stub, entry, sheet) = (&found.case.stub, found.entry(), found.sheet());
    let simulator = &call.simulator;
    let criteria = format!(
        "Case: {}, Document: {}",
        stub.docket_number(),
        simulator.appellate_number(found)
    );
    let pages = model::billable_pages(sheet);
    let receipt = show::receipt(guest, "PDF Document", criteria, pages);
    let item = Item::Document {
        pacer_case_id: show::case_id(simulator, stub),
        docket_number: stub.docket_number(),
        pacer_doc_id: simulator
            .world
            .acms_document_id(stub, sheet)
            .unwrap_or_default(),
        document_number: entry.number,
        attachment_number: sheet.attachment,
    };
    charge(simulator, &stub.court, &receipt, item);
}

/// How far an order is. Its address is enough to ask.
pub(super) fn status(call: &Call, court: &str, id: &str) -> Reply {
    let code = call.param("code").unwrap_or_default();
    let (status, output) = match call.simulator.acms.poll(court, id, &code) {
        None => return status_reply(404),
        Some(Progress::Pending) => ("Pending", Value::Null),
        Some(Progress::Running) => ("Running", Value::Null),
        Some(Progress::Completed(file)) => ("Completed", file.into()),
    };
    Reply::json(&json!({"instanceId": id, "runtimeStatus": status, "output": output}))
}

/// `GET GetMergedFile`: the file, once.
pub(super) fn fetch(call: &Call, court: &str) -> Reply {
    let file = call.param("fileGuid").unwrap_or_default();
    let Some(merge) = call.simulator.acms.take_file(court, &file) else {
        return status_reply(404);
    };
    let world = &call.simulator.world;
    let found: Vec<Found> = merge
        .serials
        .iter()
        .filter_map(|serial| world.document(court, *serial))
        .collect();
    Reply::pdf(call.simulator.print_together(&found, merge.stamped))
}
