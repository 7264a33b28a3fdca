//! Buying a docket report from a district or bankruptcy court.

use fetch_model::{Cents, DocketOptions, Failure, JobError};
use fetch_store::ledger::Bill;
use pacer::{
    form::{self, DocketReportOptions},
    ids::PacerCaseId,
    page::{
        receipt,
        verdict::{self, DocketAnswer},
    },
    price,
};
use pacer_client::Answer;

use crate::{
    Conversation,
    conversation::Ask,
    lookup,
    purchase::{Bought, Deal, Item, Purchase},
    session,
};

/// What is known about the case before the court is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseToBuy {
    /// The case id of the stored docket that the request names.
    pub stored_case_id: Option<String>,
    /// The docket number of the stored docket that the request names.
    pub stored_number: Option<String>,
}

/// A docket report, and the case that it is about.
#[derive(Debug, Clone)]
pub struct BoughtDocket {
    /// The case.
    pub case: PacerCaseId,
    /// The report.
    pub bought: Bought,
}

/// Pages that may be asked for on the way to one report: a choice, a confirmation, the report.
const STEPS: usize = 4;

/// Buys the docket report that the attempt's request asks for.
///
/// # Errors
/// See [`JobError`]. What was bought and is no docket is kept all the same.
pub async fn buy(
    conversation: &Conversation<'_>,
    known: &CaseToBuy,
) -> Result<BoughtDocket, JobError> {
    let request = &conversation.attempt.request;
    if conversation.court.is_appellate() {
        let reason = "Dockets of appellate courts cannot be bought yet.".to_owned();
        return Err(Failure::NotSupported { request: request.id, reason }.into());
    }
    let prefix = format!("docket/{}/", request.asked.target_court);
    if let Some((case, bought)) = conversation.captured_before(&prefix).await? {
        let case = PacerCaseId::parse(&case).map_err(|_| Failure::CaseIdUnknown)?;
        return Ok(BoughtDocket { case, bought });
    }
    let case = find_case(conversation, known).await?;
    let options = report_options(&request.asked.options);
    let item = Item {
        key: format!("{prefix}{case}/{}", spell(&request.asked.options)),
        quoted: Cents(price::upper_bound_cents(price::Item::Report).unwrap_or(300) as i32),
        // A docket grows: only one that was asked for while this request waited will do.
        fresh_since: Some(request.date_created),
    };
    let fields = options.fields(conversation.court, &case);
    let bought = conversation.buy(item, async |purchase| talk(purchase, fields).await).await?;
    Ok(BoughtDocket { case, bought })
}

/// The case id: as asked, as stored, or as the court says.
async fn find_case(
    conversation: &Conversation<'_>,
    known: &CaseToBuy,
) -> Result<PacerCaseId, JobError> {
    let asked = &conversation.attempt.request.asked;
    let stored = known.stored_case_id.as_deref().filter(|_| asked.docket_number.is_empty());
    for id in [Some(asked.pacer_case_id.as_str()), stored].into_iter().flatten() {
        if let Ok(case) = PacerCaseId::parse(id) {
            return Ok(case);
        }
    }
    let number = Some(asked.docket_number.as_str())
        .filter(|number| !number.is_empty())
        .or(known.stored_number.as_deref());
    match number {
        Some(number) if !number.is_empty() => lookup::case_id(conversation, number).await,
        _ => Err(Failure::CaseIdUnknown.into()),
    }
}

/// Asks until the court has sent the report or said no. Only the last page is billed.
async fn talk(
    purchase: &mut Purchase<'_>,
    fields: Vec<(&'static str, String)>,
) -> Result<Deal, JobError> {
    let first = Ask::Post(form::docket_report_path(), fields);
    let mut ask = first.clone();
    let mut login_pages = 0;
    for _ in 0..STEPS {
        let answer = match purchase.send(&ask).await {
            Ok(answer) => answer,
            Err(unsent) => return Ok(unsent.into()),
        };
        let answer = purchase.conversation.understood(answer).await?;
        let network = session::network(&purchase.conversation.attempt.request);
        match verdict::docket_answer(&answer.body) {
            DocketAnswer::Docket => return Ok(bought(answer)),
            DocketAnswer::AcceptCharges { action } | DocketAnswer::LargeDocket { action } => {
                let path = purchase.conversation.path_of(&answer, &action)?;
                ask = Ask::Post(path, vec![("date_from", String::new())]);
            }
            DocketAnswer::LoginPage if login_pages == 0 => {
                login_pages += 1;
                ask = first.clone();
            }
            DocketAnswer::LoginPage => return Err(purchase.conversation.session_refused().await),
            DocketAnswer::CaseNotFound => return Err(Failure::CaseNotFound.into()),
            DocketAnswer::StaleToken | DocketAnswer::Incomplete => {
                return Err(JobError::retry(network));
            }
            other => return Ok(refused(answer, &other.to_string())),
        }
    }
    Err(Failure::DocketNotRecognised {
        reason: "The court kept asking instead of sending the docket.".to_owned(),
    }
    .into())
}

fn bought(answer: Answer) -> Deal {
    let bill = bill(&answer.body);
    Deal::Bought { answer, bill }
}

/// A page that ends the request. With a receipt on it, it was billed.
fn refused(answer: Answer, reason: &str) -> Deal {
    let failure = Failure::DocketNotRecognised { reason: reason.to_owned() };
    if receipt::parse(&answer.body).is_some() {
        let bill = bill(&answer.body);
        return Deal::BilledInVain { answer, bill, failure };
    }
    Deal::NotBilled(failure.into())
}

/// The court's receipt, or what its price rules say about a page without one.
fn bill(page: &[u8]) -> Bill {
    if let Some(receipt) = receipt::parse(page) {
        return Bill {
            cents: Cents(receipt.cost_cents as i32),
            pages: receipt.billable_pages as i32,
            receipt: serde_json::to_value(&receipt).ok(),
        };
    }
    let pages = price::html_pages(receipt::text_bytes(page));
    let cents = price::cents(price::Item::Report, pages);
    Bill { cents: Cents(cents as i32), pages: pages as i32, receipt: None }
}

fn report_options(options: &DocketOptions) -> DocketReportOptions {
    let number = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    DocketReportOptions {
        date_from: options.date_start,
        date_to: options.date_end,
        number_from: number(options.number_start),
        number_to: number(options.number_end),
        parties_and_counsel: options.show_parties_and_counsel,
        terminated_parties: options.show_terminated_parties,
        member_cases: options.show_list_of_member_cases,
        ..DocketReportOptions::default()
    }
}

/// The options in words, so that two requests for the same report have the same key.
fn spell(options: &DocketOptions) -> String {
    let date = |date: Option<chrono::NaiveDate>| date.map_or(String::new(), |day| day.to_string());
    let number = |number: Option<i32>| number.map_or(String::new(), |number| number.to_string());
    format!(
        "dates={}..{};numbers={}..{};parties={};terminated={};members={}",
        date(options.date_start),
        date(options.date_end),
        number(options.number_start),
        number(options.number_end),
        options.show_parties_and_counsel,
        options.show_parties_and_counsel && options.show_terminated_parties,
        options.show_list_of_member_cases
    )
}
