//! What must hold between the fields of a submission: the object checks (`docs/API.md#object-checks`).

use fetch_model::FetchKind;
use pacer::ids::{DocketNumber, PacerCaseId};

use super::{
    court,
    submission::{ReferencedRows, Submission},
};

/// The court that will be asked, once nothing is wrong with a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetCourt(
    /// CourtListener's id of it.
    pub String,
);

/// Checks a submission as a whole; `known` is about the rows that it names. The first thing that
/// is wrong is the only one reported.
///
/// # Errors
/// The contract's sentence, for `non_field_errors`.
pub fn check(submission: &Submission, known: &ReferencedRows) -> Result<TargetCourt, String> {
    check_case(submission, known)?;
    check_availability(submission, known)?;
    check_contradiction(submission, known)?;
    target_court(submission, known)
}

/// The same for a submission whose document has still to be found by its address.
///
/// # Errors
/// As for [`check`].
pub fn check_on_the_way(
    submission: &Submission,
    known: &ReferencedRows,
) -> Result<TargetCourt, String> {
    check_fields_of_case(submission, known)?;
    target_court(submission, known)
}

/// The same for a submission that only asks for a price: what is held already costs nothing.
///
/// # Errors
/// As for [`check`].
pub fn check_for_quote(
    submission: &Submission,
    known: &ReferencedRows,
) -> Result<TargetCourt, String> {
    check_case(submission, known)?;
    check_contradiction(submission, known)?;
    target_court(submission, known)
}

/// Checks 1 to 9.
fn check_case(submission: &Submission, known: &ReferencedRows) -> Result<(), String> {
    check_locator(submission)?;
    check_fields_of_case(submission, known)
}

/// Checks 3 to 9.
fn check_fields_of_case(submission: &Submission, known: &ReferencedRows) -> Result<(), String> {
    let court = court_of_case(submission, known);
    let facts = court.and_then(court::facts);
    check_case_id(submission)?;
    if !submission.docket_number.is_empty() && submission.court.is_none() {
        return Err("Cannot use 'docket_number' parameter without 'court' parameter.".into());
    }
    check_number(submission)?;
    let named = submission.court.as_deref().and_then(court::facts);
    if !submission.pacer_case_id.is_empty()
        && submission.docket_number.is_empty()
        && named.is_some_and(|named| named.appellate)
    {
        return Err(APPELLATE_CASE_ID.into());
    }
    let by_number = [submission.number_start, submission.number_end];
    let by_number = by_number.into_iter().flatten().any(|number| number != 0);
    if by_number && facts.is_some_and(|facts| facts.appellate) {
        return Err(APPELLATE_NUMBERS.into());
    }
    if submission.skip_if_unchanged && facts.is_some_and(|facts| facts.appellate) {
        return Err(APPELLATE_UNCHANGED.into());
    }
    let terminated = submission.sent_terminated_parties == Some(true);
    if terminated && submission.sent_parties_and_counsel != Some(true) {
        return Err(TERMINATED_ALONE.into());
    }
    let court = court.unwrap_or_default();
    if !facts.is_some_and(|facts| facts.purchasable) {
        return Err(not_sold(submission, court));
    }
    Ok(())
}

/// A stray document decides which court is checked for a docket, but not which one is asked.
fn target_court(submission: &Submission, known: &ReferencedRows) -> Result<TargetCourt, String> {
    let of_docket = known
        .docket
        .as_ref()
        .filter(|_| submission.docket.is_some());
    let court = match submission.kind {
        FetchKind::Docket => of_docket
            .map(|docket| docket.court.as_str())
            .or(submission.court.as_deref())
            .unwrap_or_default(),
        FetchKind::Pdf | FetchKind::Attachments => {
            court_of_case(submission, known).unwrap_or_default()
        }
    };
    if !court::facts(court).is_some_and(|facts| facts.purchasable) {
        return Err(not_sold(submission, court));
    }
    Ok(TargetCourt(court.to_owned()))
}

/// The court of the document's docket, else of the docket, else the one that was named.
fn court_of_case<'a>(submission: &'a Submission, known: &'a ReferencedRows) -> Option<&'a str> {
    let of_document = known
        .document
        .as_ref()
        .filter(|_| submission.document.is_some());
    let of_docket = known
        .docket
        .as_ref()
        .filter(|_| submission.docket.is_some());
    of_document
        .map(|document| document.court.as_str())
        .or_else(|| of_docket.map(|docket| docket.court.as_str()))
        .or(submission.court.as_deref())
}

/// Checks 1 and 2: whether what is wanted was named.
fn check_locator(submission: &Submission) -> Result<(), String> {
    let located = submission.docket.is_some()
        || !submission.docket_number.is_empty()
        || !submission.pacer_case_id.is_empty();
    match submission.kind {
        FetchKind::Docket if !located => Err(NO_LOCATOR.into()),
        FetchKind::Pdf | FetchKind::Attachments if submission.document.is_none() => {
            Err(NO_DOCUMENT.into())
        }
        _ => Ok(()),
    }
}

/// Checks 3 and 4.
fn check_case_id(submission: &Submission) -> Result<(), String> {
    let case_id = &submission.pacer_case_id;
    if case_id.is_empty() {
        return Ok(());
    }
    if submission.court.is_none() {
        return Err("Cannot use 'pacer_case_id' parameter without 'court' parameter.".into());
    }
    if PacerCaseId::looks_like_docket_number(case_id) {
        return Err(CASE_ID_IS_NUMBER.into());
    }
    Ok(())
}

/// A number that is none costs no question. Which case it means, only the court knows.
fn check_number(submission: &Submission) -> Result<(), String> {
    let number = &submission.docket_number;
    let may_be_one = || DocketNumber::parse(number).is_ok_and(|number| number.may_be_one());
    if number.is_empty() || may_be_one() {
        return Ok(());
    }
    Err(format!(
        "'{number}' is not a docket number. Please send a single number, such as 5:16-cv-00432 or \
         16-1432. No court was asked and nothing was bought."
    ))
}

/// Check 9. Without any court there is nothing to ask: a docket request has got past check 1 with
/// a docket, or checks 3 and 5 with a court, so this is only about rows of courts we do not know.
fn not_sold(submission: &Submission, court: &str) -> String {
    if submission.court.is_some() {
        format!("Invalid court id: {court}")
    } else {
        format!("Purchases from court {court} are not supported")
    }
}

/// Check 10.
fn check_availability(submission: &Submission, known: &ReferencedRows) -> Result<(), String> {
    let (FetchKind::Pdf, Some(id)) = (submission.kind, submission.document) else {
        return Ok(());
    };
    if !known
        .document
        .as_ref()
        .is_some_and(|document| document.is_available)
    {
        return Ok(());
    }
    Err(format!(
        "Cannot fetch a PDF for recap_document {id}. That document is already marked as available \
         in our database (is_available = True)."
    ))
}

/// Ours: the original checks the docket's court, but fetches from the one that was sent.
fn check_contradiction(submission: &Submission, known: &ReferencedRows) -> Result<(), String> {
    let docket = known
        .docket
        .as_ref()
        .filter(|_| submission.docket.is_some());
    let (FetchKind::Docket, Some(docket), Some(sent)) =
        (submission.kind, docket, submission.court.as_deref())
    else {
        return Ok(());
    };
    if docket.court == sent {
        return Ok(());
    }
    Err(format!(
        "The 'court' parameter is {sent}, but the docket is in {0}. Leave 'court' out, or send {0}.",
        docket.court
    ))
}

const NO_LOCATOR: &str = "For docket requests, please provide one of the following: a docket ID \
    ('docket'), a docket number ('docket_number') and court pair, or a PACER case ID \
    ('pacer_case_id') and court pair.";
const NO_DOCUMENT: &str = "recap_document is a required field for attachment page and PDF fetches.";
const CASE_ID_IS_NUMBER: &str =
    "PACER case ID can not contain a single (-); that looks like a docket number.";
const APPELLATE_CASE_ID: &str = "Purchases of appellate dockets using a PACER case ID are not \
    currently supported. Please use the docket number instead.";
const APPELLATE_NUMBERS: &str = "Docket entry filtering by number is not supported for appellate \
    courts. Use date range filtering with 'de_date_start' and 'de_date_end' instead.";
const APPELLATE_UNCHANGED: &str = "'skip_if_unchanged' is not supported for appellate courts: they \
                                   have no free page that shows the date of the last filing.";
const TERMINATED_ALONE: &str = "You've requested to show_terminated_parties parties while \
    show_parties_and_counsel is False. To show terminated parties, you must also request showing \
    parties and counsel generally.";
