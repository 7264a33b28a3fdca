//! The truth about one case: who is in it, what was filed, where it comes from.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Shared;
use crate::world::appellate::Appeal;
use crate::world::case::{Attorney, Entry, Fate, Party};
use crate::world::{Stub, World};

pub(super) async fn case(
    State(simulator): Shared,
    Path((court, case_id)): Path<(String, String)>,
) -> Response {
    let world = &simulator.world;
    let (Some(court), Some(stub)) = (world.court(&court), simulator.stub(&court, &case_id)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let case = world.case(stub);
    let entries: Vec<Value> = case
        .entries
        .iter()
        .map(|entry| show_entry(world, stub, entry, &court.prefix))
        .collect();
    Json(json!({
        "court": court.id,
        "pacer_case_id": stub.id.to_string(),
        "acms_case_id": world.acms_case_id(stub),
        "docket_number": stub.docket_number(),
        "full_docket_number": case.number_with_judges(),
        "title": case.title,
        "judge": case.judge,
        "referred_to": case.referred,
        "date_filed": case.filed,
        "date_terminated": case.terminated,
        "parties": case.parties.iter().map(show_party).collect::<Vec<_>>(),
        "entries": entries,
        "appeal": case.appeal.as_ref().map(show_appeal),
    }))
    .into_response()
}

fn show_party(party: &Party) -> Value {
    let attorney = |attorney: &Attorney| {
        json!({
            "name": attorney.name,
            "contact": attorney.contact,
            "roles": attorney.roles,
        })
    };
    let charges = match &party.charges {
        Some(charges) => json!({"pending": charges.pending, "terminated": charges.dropped}),
        None => json!({}),
    };
    json!({
        "role": party.role,
        "name": party.name,
        "date_terminated": party.terminated,
        "charges": charges,
        "attorneys": party.attorneys.iter().map(attorney).collect::<Vec<_>>(),
    })
}

fn show_entry(world: &World, stub: &Stub, entry: &Entry, prefix: &str) -> Value {
    let documents = entry.sheets.iter().map(|sheet| {
        json!({
            "pacer_doc_id": sheet.id(prefix, '0'),
            "acms_document_id": world.acms_document_id(stub, sheet),
            "attachment_number": sheet.attachment,
            "description": sheet.description,
            "pages": sheet.pages,
            "bytes": sheet.stored_bytes(),
            "withheld": matches!(sheet.fate, Fate::Refused(_)),
        })
    });
    json!({
        "document_number": entry.number,
        "de_seq_num": entry.seq,
        "acms_entry_id": world.acms_entry_id(stub, entry),
        "date_filed": entry.filed,
        "date_entered": entry.entered,
        "title": entry.title,
        "text": entry.text,
        "documents": documents.collect::<Vec<_>>(),
    })
}

fn show_appeal(appeal: &Appeal) -> Value {
    let origin = appeal.origin.as_ref().map(|origin| {
        json!({
            "court": origin.court,
            "docket_number": origin.number,
            "date_filed": origin.filed,
            "date_judgment": origin.judgment,
        })
    });
    json!({
        "nature_of_suit": appeal.nature_of_suit,
        "appeal_from": appeal.appeal_from,
        "fee_status": appeal.fee_status,
        "origin": origin,
        "panel": appeal.panel.as_ref().map(|panel| &panel.judges),
    })
}
