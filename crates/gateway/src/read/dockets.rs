//! Dockets (`docs/API.md#dockets`). Keys that we have nothing to say about are there all the same:
//! typed clients declare them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use fetch_library::read::{BankruptcyRow, DocketRow, OriginatingCourtRow};
use serde_json::Value;

use super::endpoint::View;
use crate::dialect::{ApiError, Item, Object, moment, rendered::date};

pub(super) async fn render(view: &View, ids: &[i64]) -> Result<Vec<Object>, ApiError> {
    let rows = view.api.control.library.dockets(ids).await?;
    let below: Vec<i64> = rows
        .iter()
        .filter_map(|row| row.originating_court_information_id)
        .collect();
    let below = view.api.control.library.originating_courts(&below).await?;
    let below: HashMap<i64, OriginatingCourtRow> =
        below.into_iter().map(|row| (row.docket_id, row)).collect();
    Ok(rows
        .iter()
        .map(|row| docket(view, row, below.get(&row.id)))
        .collect())
}

pub(super) async fn render_originating_courts(
    view: &View,
    ids: &[i64],
) -> Result<Vec<Object>, ApiError> {
    let rows = view.api.control.library.originating_courts(ids).await?;
    Ok(rows
        .iter()
        .map(|row| originating_court(view, row))
        .collect())
}

pub(super) async fn render_bankruptcy(view: &View, ids: &[i64]) -> Result<Vec<Object>, ApiError> {
    let rows = view.api.control.library.bankruptcy_information(ids).await?;
    Ok(rows.iter().map(|row| bankruptcy(view, row)).collect())
}

fn nothing() -> Vec<String> {
    Vec::new()
}

fn docket(view: &View, row: &DocketRow, below: Option<&OriginatingCourtRow>) -> Object {
    let here = &view.here;
    let bankruptcy = row.bankruptcy_information_id;
    let object = Object::new()
        .with("resource_uri", here.row("dockets", row.id))
        .with("id", row.id)
        .with("court", here.row("courts", &row.court_id))
        .with("court_id", row.court_id.as_str())
        .with(
            "original_court_info",
            below.map_or(Item::from(Value::Null), |below| {
                Item::from(originating_court(view, below))
            }),
        )
        .with("idb_data", Value::Null)
        .with("clusters", nothing())
        .with("audio_files", nothing())
        .with("assigned_to", Value::Null)
        .with("referred_to", Value::Null)
        .with(
            "bankruptcy_information",
            bankruptcy.map(|id| here.row("bankruptcy-information", id)),
        )
        .with("absolute_url", format!("/docket/{}/{}/", row.id, row.slug))
        .with(
            "date_created",
            moment::write(row.date_created, view.api.time_zone),
        )
        .with(
            "date_modified",
            moment::write(row.date_modified, view.api.time_zone),
        )
        .with("source", row.source)
        .with("appeal_from_str", row.appeal_from_str.as_str())
        .with("assigned_to_str", row.assigned_to_str.as_str())
        .with("referred_to_str", row.referred_to_str.as_str())
        .with("panel_str", row.panel_str.as_str());
    let object = with_dates(object, row);
    let object = with_numbers(object, row);
    with_rest(view, object, row)
}

fn with_dates(object: Object, row: &DocketRow) -> Object {
    object
        .with("date_last_index", Value::Null)
        .with("date_cert_granted", Value::Null)
        .with("date_cert_denied", Value::Null)
        .with("date_argued", Value::Null)
        .with("date_reargued", Value::Null)
        .with("date_reargument_denied", Value::Null)
        .with("date_filed", date(row.date_filed))
        .with("date_terminated", date(row.date_terminated))
        .with("date_last_filing", date(row.date_last_filing))
}

fn with_numbers(object: Object, row: &DocketRow) -> Object {
    object
        .with("case_name_short", "")
        .with("case_name", row.case_name.as_str())
        .with("case_name_full", "")
        .with("slug", row.slug.as_str())
        .with("docket_number", row.docket_number.clone())
        .with("docket_number_core", row.docket_number_core.as_str())
        .with("docket_number_raw", row.docket_number_raw.as_str())
        .with("docket_number_source", 0)
        .with(
            "federal_dn_office_code",
            row.federal_dn_office_code.as_str(),
        )
        .with("federal_dn_case_type", row.federal_dn_case_type.as_str())
        .with(
            "federal_dn_judge_initials_assigned",
            row.federal_dn_judge_initials_assigned.as_str(),
        )
        .with(
            "federal_dn_judge_initials_referred",
            row.federal_dn_judge_initials_referred.as_str(),
        )
        .with("federal_defendant_number", row.federal_defendant_number)
        .with("pacer_case_id", row.pacer_case_id.clone())
}

fn with_rest(view: &View, object: Object, row: &DocketRow) -> Object {
    object
        .with("cause", row.cause.as_str())
        .with("nature_of_suit", row.nature_of_suit.as_str())
        .with("jury_demand", row.jury_demand.as_str())
        .with("jurisdiction_type", row.jurisdiction_type.as_str())
        .with("appellate_fee_status", row.appellate_fee_status.as_str())
        .with(
            "appellate_case_type_information",
            row.appellate_case_type_information.as_str(),
        )
        .with("mdl_status", row.mdl_status.as_str())
        .with("filepath_ia", "")
        .with("filepath_ia_json", "")
        .with("ia_upload_failure_count", Value::Null)
        .with("ia_needs_upload", Value::Null)
        .with("ia_date_first_change", Value::Null)
        .with("date_blocked", Value::Null)
        .with("blocked", false)
        .with(
            "appeal_from",
            row.appeal_from_id
                .as_deref()
                .map(|court| view.here.row("courts", court)),
        )
        .with("parent_docket", Value::Null)
        .with("tags", nothing())
        .with("panel", nothing())
}

fn originating_court(view: &View, row: &OriginatingCourtRow) -> Object {
    let time = |at: DateTime<Utc>| moment::write(at, view.api.time_zone);
    Object::new()
        .with(
            "resource_uri",
            view.here.row("originating-court-information", row.id),
        )
        .with("id", row.id)
        .with("date_created", time(row.date_created))
        .with("date_modified", time(row.date_modified))
        .with("docket_number", row.docket_number.as_str())
        .with("docket_number_raw", row.docket_number_raw.as_str())
        .with("assigned_to_str", row.assigned_to_str.as_str())
        .with("ordering_judge_str", row.ordering_judge_str.as_str())
        .with("court_reporter", row.court_reporter.as_str())
        .with("date_disposed", date(row.date_disposed))
        .with("date_filed", date(row.date_filed))
        .with("date_judgment", date(row.date_judgment))
        .with("date_judgment_eod", date(row.date_judgment_eod))
        .with("date_filed_noa", date(row.date_filed_noa))
        .with("date_received_coa", date(row.date_received_coa))
        .with("date_rehearing_denied", Value::Null)
        .with("assigned_to", Value::Null)
        .with("ordering_judge", Value::Null)
}

fn bankruptcy(view: &View, row: &BankruptcyRow) -> Object {
    let time = |at: DateTime<Utc>| moment::write(at, view.api.time_zone);
    Object::new()
        .with(
            "resource_uri",
            view.here.row("bankruptcy-information", row.id),
        )
        .with("id", row.id)
        .with("date_created", time(row.date_created))
        .with("date_modified", time(row.date_modified))
        .with("date_converted", row.date_converted.map(time))
        .with(
            "date_last_to_file_claims",
            row.date_last_to_file_claims.map(time),
        )
        .with(
            "date_last_to_file_govt",
            row.date_last_to_file_govt.map(time),
        )
        .with("date_debtor_dismissed", row.date_debtor_dismissed.map(time))
        .with("chapter", row.chapter.as_str())
        .with("trustee_str", row.trustee_str.as_str())
        .with("docket", view.here.row("dockets", row.docket_id))
}
