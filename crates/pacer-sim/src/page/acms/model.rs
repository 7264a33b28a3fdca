//! What ACMS says about a case, for scripts: the object in its pages, and the older JSON, which has
//! other names for the same.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::entered;
use crate::page::escape;
use crate::page::text_size::{PAGE_BYTES, PAGE_CAP, text_bytes};
use crate::world::case::{Attorney, Case, Entry, Fate, Party, Sheet};
use crate::world::{Oddity, World};

/// Names of the older JSON for what the pages have.
const OLD_CASE: [(&str, &str); 5] = [
    ("caseId", "pcx_caseid"),
    ("caseNumber", "pcx_casenumber"),
    ("name", "pcx_name"),
    ("caseOpened", "acms_caseopened"),
    ("partyAttorneyList", "acms_partyattorneylist"),
];
const OLD_ENTRY: [(&str, &str); 5] = [
    ("docketEntryId", "pcx_eventid"),
    ("entryNumber", "pcx_entrynumber"),
    ("endDate", "pcx_enddate"),
    ("docketEntryText", "pcx_eventdescription"),
    ("createdOn", "createdon"),
];
const OLD_DOCUMENT: [(&str, &str); 7] = [
    ("docketDocumentDetailsId", "acms_docketdocumentdetailsid"),
    ("name", "acms_name"),
    ("documentUrl", "acms_documenturl"),
    ("documentPermission", "acms_documentpermission"),
    ("pageCount", "acms_pagecount"),
    ("fileSize", "acms_filesize"),
    ("documentNumber", "acms_documentnumber"),
];

/// A case in ACMS.
pub struct View<'a> {
    /// Where the names come from.
    pub world: &'a World,
    /// The case.
    pub case: &'a Case,
}

impl View<'_> {
    /// True if nothing about the case may be shown.
    pub fn is_sealed(&self) -> bool {
        self.case.stub.oddity == Oddity::Sealed
    }

    /// Pages that the docket is charged for, by the bytes of its case and of its entries; none if
    /// nothing is shown.
    pub fn billable_pages(&self) -> Option<u32> {
        let bytes = case_bytes(self.case) + entry_bytes(self.case);
        let pages = bytes.div_ceil(PAGE_BYTES).max(1);
        let pages = u32::try_from(pages).unwrap_or(PAGE_CAP).min(PAGE_CAP);
        (!self.is_sealed()).then_some(pages)
    }
}

/// The object in the page of a docket.
pub fn show_doc(view: &View<'_>, base: &str, bearer: &str) -> Value {
    let details = case_details(view);
    let id = details["caseId"].clone();
    json!({
        "baseApiUrl": base,
        "caseNumber": details["caseNumber"],
        "authTokenResult": {"token": bearer},
        "caseSummaryHeadingViewModel": {"caseId": id},
        "caseDetails": [details],
        "docketInfo": docket_info(view),
        "docketEntries": entries(view, true),
    })
}

/// What the older JSON says about a case.
pub fn old_case(view: &View<'_>) -> Value {
    let mut old = renamed(case_details(view), &OLD_CASE);
    for (new, name) in [
        ("caseType", "pcx_casetype"),
        ("feeStatus", "acms_feestatusid"),
    ] {
        let value = old.remove(new).unwrap_or_default();
        old.insert(name.to_owned(), json!({"pcx_name": value}));
    }
    let court = old.remove("court").unwrap_or_default();
    old.insert("pcx_court".to_owned(), court);
    old.into()
}

/// What the older JSON says about the entries of a case.
pub fn old_entries(view: &View<'_>) -> Value {
    let entries = entries(view, false).into_iter();
    let entries: Vec<Value> = entries
        .map(|entry| renamed(entry, &OLD_ENTRY).into())
        .collect();
    let mut info = docket_info(view);
    info["matchingDocketEntries"] = entries.into();
    info
}

/// What the older JSON says about the documents of an entry.
pub fn old_documents(view: &View<'_>, entry: &Entry) -> Vec<Value> {
    let sheets = entry.sheets.iter();
    sheets
        .map(|sheet| old_document(view, entry, sheet))
        .collect()
}

/// What the older JSON says about one document.
pub fn old_document(view: &View<'_>, entry: &Entry, sheet: &Sheet) -> Value {
    renamed(document(view, entry, sheet), &OLD_DOCUMENT).into()
}

fn renamed(value: Value, names: &[(&str, &str)]) -> Map<String, Value> {
    let Value::Object(fields) = value else {
        return Map::new();
    };
    let name = |field: String| match names.iter().find(|(new, _)| *new == field) {
        Some((_, old)) => (*old).to_owned(),
        None => field,
    };
    fields
        .into_iter()
        .map(|(field, value)| (name(field), value))
        .collect()
}

/// The case; of a sealed one no more than what was asked.
fn case_details(view: &View<'_>) -> Value {
    let (case, world) = (view.case, view.world);
    let mut details = json!({
        "caseId": world.acms_case_id(&case.stub),
        "caseNumber": case.stub.docket_number(),
        "byteCount": 0,
    });
    let (false, Some(appeal)) = (view.is_sealed(), &case.appeal) else {
        return details;
    };
    let [kind, sub, third] = appeal.case_types.map(|name| match name {
        "-" | "null" => None,
        name => Some(name),
    });
    let agency = appeal
        .origin
        .as_ref()
        .filter(|origin| origin.court.is_none());
    let more = json!({
        "name": case.title,
        "caseOpened": case.filed,
        "receivedDate": at_noon(case.filed),
        "aNumber": agency.map(|origin| &origin.number),
        "partyAttorneyList": party_list(case),
        "shortCaption": caption(case),
        "court": {"name": appeal.appeal_from, "identifier": appeal.appeal_from},
        "caseType": kind,
        "caseSubType": sub,
        "caseSubSubType": third,
        "districtCourtName": null,
        "feeStatus": appeal.fee_status,
        "byteCount": case_bytes(case),
    });
    if let (Value::Object(details), Value::Object(more)) = (&mut details, more) {
        details.extend(more);
    }
    details
}

fn docket_info(view: &View<'_>) -> Value {
    let bytes = match view.is_sealed() {
        true => 0,
        false => entry_bytes(view.case),
    };
    json!({"isCaseSealed": view.is_sealed(), "isUserCaseParticipant": false, "byteCount": bytes})
}

fn entries(view: &View<'_>, with_documents: bool) -> Vec<Value> {
    if view.is_sealed() {
        return Vec::new();
    }
    let show = |entry: &Entry| {
        let mut shown = entry_summary(view, entry);
        if with_documents {
            let sheets = entry.sheets.iter();
            let documents = sheets.map(|sheet| document(view, entry, sheet));
            shown["docketEntryDocuments"] = documents.collect();
        }
        shown
    };
    view.case.entries.iter().map(show).collect()
}

fn entry_summary(view: &View<'_>, entry: &Entry) -> Value {
    let bytes: u64 = entry.sheets.iter().map(Sheet::stored_bytes).sum();
    json!({
        "docketEntryId": view.world.acms_entry_id(&view.case.stub, entry),
        "entryNumber": entry.number,
        "endDate": entry.filed,
        "endDateFormatted": entry.filed.format("%m/%d/%Y").to_string(),
        "createdOn": at_noon(entry.entered),
        "docketEntryText": entry_html(entry),
        "documentCount": entry.sheets.len(),
        "pageCount": entry.sheets.iter().map(|sheet| sheet.pages).sum::<u32>(),
        "fileSize": bytes / 1024,
        "restrictedPartyFilingDocketEntry": false,
        "restrictedDocsAvailable": !entry.sheets.iter().all(is_public),
    })
}

/// The text of an entry.
pub fn entry_html(entry: &Entry) -> String {
    format!(
        "<p>{} [Entered: {}]</p>",
        escape(&entry.text),
        entered(entry)
    )
}

fn document(view: &View<'_>, entry: &Entry, sheet: &Sheet) -> Value {
    let stub = &view.case.stub;
    // All documents of an entry are counted, also if there is only one.
    let number = sheet.attachment.max(1);
    let place = format!(
        "{} - {:03} - {}",
        stub.docket_number(),
        entry.number.unwrap_or(0),
        entry.title
    );
    let name = format!(
        "{} {:03}-{number:02} - {} - {}.pdf",
        stub.docket_number(),
        entry.number.unwrap_or(0),
        entry.title,
        sheet.description
    );
    let url = |library: &str| {
        format!(
            "https://{}.example.com/sites/acms/{library}/{place}/{name}",
            stub.court
        )
    };
    let pages = billable_pages(sheet);
    json!({
        "docketDocumentDetailsId": view.world.acms_document_id(stub, sheet),
        "documentUrl": url("public"),
        "caseFilingDocumentUrl": url("filings"),
        "documentPermission": if is_public(sheet) { "Public" } else { "Restricted" },
        "pageCount": sheet.pages,
        "fileSize": sheet.stored_bytes() / 1024,
        "billablePages": pages,
        "cost": f64::from(pages) / 10.0,
        "documentNumber": number.to_string(),
        "createdOn": at_noon(entry.entered),
        "searchValue": null,
        "searchTransaction": null,
        "name": name,
    })
}

/// True if it is sold to everybody.
pub fn is_public(sheet: &Sheet) -> bool {
    !matches!(sheet.fate, Fate::Refused(_) | Fate::Restricted)
}

/// Pages that a document is charged for.
pub fn billable_pages(sheet: &Sheet) -> u32 {
    match sheet.fate {
        Fate::Free => 0,
        _ => sheet.pages.min(PAGE_CAP),
    }
}

/// A time without meaning, on a day that has one.
fn at_noon(day: NaiveDate) -> String {
    format!("{day}T12:00:00Z")
}

fn case_bytes(case: &Case) -> usize {
    text_bytes(party_list(case).as_bytes()) + text_bytes(caption(case).as_bytes())
}

fn entry_bytes(case: &Case) -> usize {
    let entries = case.entries.iter();
    entries
        .map(|entry| text_bytes(entry_html(entry).as_bytes()))
        .sum()
}

fn caption(case: &Case) -> String {
    let parties = case.parties.iter();
    let lines: Vec<String> = parties
        .map(|party| format!("{},<br>{}.", escape(&party.name), escape(&party.role)))
        .collect();
    lines.join("<br>v.<br>")
}

/// Parties and their attorneys, a row for each party.
fn party_list(case: &Case) -> String {
    let rows: String = case.parties.iter().map(party_row).collect();
    format!("<table width='100%'>{rows}</table>")
}

fn party_row(party: &Party) -> String {
    let left = party.terminated.map(|day| {
        let day = day.format("%m/%d/%Y");
        format!("<strong>Terminated:</strong> {day}<br>")
    });
    let mut attorneys: String = party.attorneys.iter().map(attorney).collect();
    if attorneys.is_empty() {
        attorneys = "<div><p>&nbsp;</p></div>".to_owned();
    }
    format!(
        "<tr><td width='30%'>{}<br>{}&nbsp;&nbsp;&nbsp;&nbsp;{}, </td><td>{attorneys}</td></tr>",
        escape(&party.name),
        left.unwrap_or_default(),
        escape(&party.role),
    )
}

fn attorney(attorney: &Attorney) -> String {
    let mut lines = vec![escape(&attorney.name)];
    lines.extend(attorney.roles.iter().map(|role| format!("[{role}]")));
    lines.extend(attorney.contact.iter().map(|line| escape(line)));
    format!(
        "<div style='margin-bottom: 10px'>{}</div>",
        lines.join("<br>")
    )
}
