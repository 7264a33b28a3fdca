//! Entries with their documents nested (`docs/API.md#docket-entries`), and documents (`docs/API.md#recap-documents`).

use std::collections::HashMap;

use chrono::Utc;
use fetch_library::read::{DocumentRow, EntryRow};
use serde_json::Value;

use super::endpoint::View;
use crate::dialect::{ApiError, Item, Object, moment, rendered::date};

/// Ours: where a file can be opened without an account.
pub(crate) const DOWNLOAD_URL: &str = "download_url";

pub(super) async fn render_entries(view: &View, ids: &[i64]) -> Result<Vec<Object>, ApiError> {
    let entries = view.api.control.library.docket_entries(ids).await?;
    let mut documents: HashMap<i64, Vec<Object>> = HashMap::new();
    if view.selection.keeps(&["recap_documents"]) {
        let with_text = view.selection.keeps(&["recap_documents", "plain_text"]);
        let with_url = view.selection.adds(&["recap_documents", DOWNLOAD_URL]);
        for row in view
            .api
            .control
            .library
            .documents_of_entries(ids, with_text)
            .await?
        {
            documents
                .entry(row.docket_entry_id)
                .or_default()
                .push(document(view, &row, with_url));
        }
    }
    let documents_of = |entry: &EntryRow, documents: &mut HashMap<i64, Vec<Object>>| {
        documents.remove(&entry.id).unwrap_or_default()
    };
    let objects = entries
        .iter()
        .map(|row| entry(view, row, documents_of(row, &mut documents)));
    Ok(objects.collect())
}

pub(super) async fn render_documents(view: &View, ids: &[i64]) -> Result<Vec<Object>, ApiError> {
    let with_text = view.selection.keeps(&["plain_text"]);
    let rows = view.api.control.library.documents(ids, with_text).await?;
    let with_url = view.selection.adds(&[DOWNLOAD_URL]);
    let objects = rows.iter().map(|row| document(view, row, with_url));
    Ok(objects.collect())
}

fn entry(view: &View, row: &EntryRow, documents: Vec<Object>) -> Object {
    let time = row
        .time_filed
        .map(|time| time.format("%H:%M:%S").to_string());
    Object::new()
        .with("resource_uri", view.here.row("docket-entries", row.id))
        .with("id", row.id)
        .with("docket", view.here.row("dockets", row.docket_id))
        .with("recap_documents", Item::list(documents))
        .with(
            "date_created",
            moment::write(row.date_created, view.api.time_zone),
        )
        .with(
            "date_modified",
            moment::write(row.date_modified, view.api.time_zone),
        )
        .with("date_filed", date(row.date_filed))
        .with("time_filed", time)
        .with("entry_number", row.entry_number)
        .with("recap_sequence_number", row.recap_sequence_number.as_str())
        .with("pacer_sequence_number", row.pacer_sequence_number)
        .with("description", row.description.as_str())
        .with("tags", Vec::<String>::new())
}

fn document(view: &View, row: &DocumentRow, with_url: bool) -> Object {
    let zone = view.api.time_zone;
    let object = Object::new()
        .with("resource_uri", view.here.row("recap-documents", row.id))
        .with("id", row.id)
        .with("tags", Vec::<String>::new())
        .with("absolute_url", absolute_url(row))
        .with("date_created", moment::write(row.date_created, zone))
        .with("date_modified", moment::write(row.date_modified, zone))
        .with("sha1", row.sha1.as_str())
        .with("page_count", row.page_count)
        .with("file_size", row.file_size)
        .with("filepath_local", row.filepath_local.clone())
        .with("filepath_ia", "")
        .with("ia_upload_failure_count", Value::Null)
        .with("thumbnail", Value::Null)
        .with("thumbnail_status", 0)
        .with("plain_text", row.plain_text.as_str())
        .with("ocr_status", row.ocr_status)
        .with(
            "date_upload",
            row.date_upload.map(|at| moment::write(at, zone)),
        )
        .with("document_number", row.document_number.as_str())
        .with("attachment_number", row.attachment_number)
        .with("pacer_doc_id", row.pacer_doc_id.as_str())
        .with("is_available", row.is_available)
        .with("is_free_on_pacer", row.is_free_on_pacer)
        .with("is_sealed", row.is_sealed)
        .with("document_type", row.document_type)
        .with("description", row.description.as_str())
        .with("acms_document_guid", "");
    match with_url {
        true => object.with(DOWNLOAD_URL, download_url(view, row)),
        false => object,
    }
}

/// Where its file can be opened without an account, if there is one.
fn download_url(view: &View, row: &DocumentRow) -> Option<String> {
    let path = row.filepath_local.as_deref().filter(|_| row.is_available)?;
    Some(view.api.files.link(&view.here, path, Utc::now()))
}

/// The path of the document's page; an unnumbered one has none.
fn absolute_url(row: &DocumentRow) -> String {
    let DocumentRow {
        docket_id,
        document_number,
        docket_slug,
        ..
    } = row;
    match row.attachment_number {
        _ if document_number.is_empty() => String::new(),
        Some(number) if row.document_type == 2 => {
            format!("/docket/{docket_id}/{document_number}/{number}/{docket_slug}/")
        }
        _ => format!("/docket/{docket_id}/{document_number}/{docket_slug}/"),
    }
}
