//! Addresses on the sites of courts.

use url::Url;

use super::{
    Address, CaseName, DocumentName, NotUnderstood, attachment_number, case_id, case_number,
    document_id, entry_number, page, path_of, short, value,
};
use crate::court::Court;

/// Scripts whose query is a case.
const OF_CASES: [&str; 4] = ["dktrpt.pl", "iquery.pl", "histdocqry.pl", "mobile_query.pl"];

/// Names under which queries have the court's own id of a case.
const CASE_ID: [&str; 2] = ["caseid", "case_id"];

/// Names under which queries have the number of a case.
const CASE_NUMBER: [&str; 4] = ["caseNumber", "caseNum", "csnum1", "case_num"];

pub(super) fn read(court: &'static Court, url: &Url) -> Result<Address, NotUnderstood> {
    let parts: Vec<&str> = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        ["doc1" | "docs1", id, ..] if is_digits(id) => document(court, url, id),
        ["cgi-bin", "show_case_doc", ..] => by_number(court, url),
        ["cgi-bin", "show_doc.pl", ..] => by_named_number(court, url),
        ["cgi-bin", script, ..] if is_of_case(script) => docket(court, url),
        [.., "servlet", "TransportRoom"] if court.is_appellate() => servlet(court, url),
        _ => Err(page(url)),
    }
}

fn is_of_case(script: &str) -> bool {
    let script = script.to_ascii_lowercase();
    OF_CASES.contains(&script.as_str()) || (script.starts_with("qry") && script.ends_with(".pl"))
}

/// `/doc1/035112345?caseid=178502&de_seq_num=7`. In appeals the id of the case would help nobody.
fn document(court: &'static Court, url: &Url, id: &str) -> Result<Address, NotUnderstood> {
    let case = value(url, &CASE_ID).filter(|_| !court.is_appellate());
    Ok(Address {
        court,
        case: case.and_then(|id| case_id(&id).ok()),
        document: Some(document_id(id, court)?),
        sequence: value(url, &["de_seq_num"]).and_then(|number| number.parse().ok()),
    })
}

/// `show_case_doc?12,178502,3,,`: entry, case, attachment.
fn by_number(court: &'static Court, url: &Url) -> Result<Address, NotUnderstood> {
    let query = url.query().unwrap_or_default().replace("%2C", ",");
    let mut parts = query.split(',');
    let mut next = || parts.next().unwrap_or_default().trim().to_owned();
    let (entry, case, attachment) = (next(), next(), next());
    if [&entry, &case, &attachment]
        .into_iter()
        .any(|it| !is_digits(it))
    {
        return Err(page(url));
    }
    let case = case_id(&case)?;
    let document = DocumentName::Number {
        entry: entry_number(&entry)?,
        attachment: attachment_number(&attachment)?,
    };
    of_document(court, case, document)
}

/// `show_doc.pl?caseid=178502&de_seq_num=7&dm_id=…&doc_num=12`.
fn by_named_number(court: &'static Court, url: &Url) -> Result<Address, NotUnderstood> {
    let (Some(case), Some(entry)) = (value(url, &CASE_ID), value(url, &["doc_num"])) else {
        return Err(page(url));
    };
    let document = DocumentName::Number {
        entry: entry_number(&entry)?,
        attachment: None,
    };
    of_document(court, case_id(&case)?, document)
}

fn of_document(
    court: &'static Court,
    case: CaseName,
    document: DocumentName,
) -> Result<Address, NotUnderstood> {
    Ok(Address {
        document: Some(document),
        ..Address::of_case(court, case)?
    })
}

/// `DktRpt.pl?178502`, `DktRpt.pl?caseNumber=3:16-cv-00432&caseId=0`,
/// `iquery.pl?625371913403797-L_9999_1-0-178502`.
fn docket(court: &'static Court, url: &Url) -> Result<Address, NotUnderstood> {
    if let Some(number) = value(url, &CASE_NUMBER) {
        return Address::of_case(court, case_number(&number)?);
    }
    if let Some(id) = value(url, &CASE_ID) {
        return Address::of_case(court, case_id(&id)?);
    }
    let query = url.query().unwrap_or_default().trim();
    let pieces: Vec<&str> = query.split('-').collect();
    match pieces.as_slice() {
        [""] => Err(page(url)),
        // Whatever else stands where a number is expected may be anything, a session too, and is not repeated.
        [id] | [_, _, _, id] if is_digits(id) => Address::of_case(court, case_id(id)?),
        [_, visit, _] if visit.starts_with("L_") => Err(NotUnderstood::OneVisit {
            host: short(url.host_str().unwrap_or_default()),
            path: path_of(url),
        }),
        _ => Err(page(url)),
    }
}

/// `TransportRoom?servlet=CaseSummary.jsp&caseNum=16-1432`, `TransportRoom?servlet=ShowDoc&dls_id=009012345`.
fn servlet(court: &'static Court, url: &Url) -> Result<Address, NotUnderstood> {
    let servlet = value(url, &["servlet"]).unwrap_or_default();
    let named = match servlet.strip_prefix("ShowDoc") {
        Some(rest) => value(url, &["dls_id"]).or(rest.strip_prefix('/').map(str::to_owned)),
        None => None,
    };
    if let Some(id) = named.filter(|id| is_digits(id)) {
        return document(court, url, &id);
    }
    if let Some(number) = value(url, &CASE_NUMBER) {
        return Address::of_case(court, case_number(&number)?);
    }
    match value(url, &CASE_ID) {
        Some(_) => Err(NotUnderstood::AppealWithoutNumber),
        None => Err(page(url)),
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
