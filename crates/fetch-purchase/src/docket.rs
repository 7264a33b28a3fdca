//! Buying a docket report from a district or bankruptcy court.

use fetch_model::{Cents, DocketOptions, Failure, JobError};
use fetch_store::ledger::Bill;
use pacer::{
    form::{self, DocketReportOptions, Fields},
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
    purchase::{Bought, Deal, Item, Purchase, Talk},
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
    let prefix = format!("docket/{}/", request.asked.target_court);
    if let Some((case, bought)) = conversation.captured_before(&prefix).await? {
        let case = PacerCaseId::parse(&case).map_err(|_| Failure::CaseIdUnknown)?;
        return Ok(BoughtDocket { case, bought });
    }
    let case = find_case(conversation, known).await?;
    let options = report_options(&request.asked.options);
    let item = Item {
        key: format!("{prefix}{case}/{}", spell(&request.asked.options)),
        quoted: most(),
        // A docket grows: only one that was asked for while this request waited will do.
        fresh_since: Some(request.date_created),
    };
    let fields = options.fields(conversation.court, &case);
    let bought = conversation.buy(item, Report(fields)).await?;
    Ok(BoughtDocket { case, bought })
}

/// The most that the report of one case costs.
pub(crate) fn most() -> Cents {
    Cents(i32::try_from(price::CAP_CENTS).unwrap_or(i32::MAX))
}

/// The case id: as asked, as stored, or as the court says.
async fn find_case(
    conversation: &Conversation<'_>,
    known: &CaseToBuy,
) -> Result<PacerCaseId, JobError> {
    let asked = &conversation.attempt.request.asked;
    let stored = known
        .stored_case_id
        .as_deref()
        .filter(|_| asked.docket_number.is_empty());
    for id in [Some(asked.pacer_case_id.as_str()), stored]
        .into_iter()
        .flatten()
    {
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

/// A report to be asked for with these fields.
struct Report(Fields);

impl Talk for Report {
    /// Asks until the court has sent the report or said no. Only the last page is billed.
    async fn talk(self, purchase: &mut Purchase<'_>) -> Result<Deal, JobError> {
        let first = Ask::Post(form::docket_report_path(), owned(self.0));
        let mut ask = first.clone();
        let mut repeats = 0;
        for _ in 0..STEPS {
            let answer = match purchase.send(&ask).await {
                Ok(answer) => answer,
                Err(unsent) => return Ok(unsent.into()),
            };
            let answer = purchase.conversation.understood(answer).await?;
            match next(purchase, answer).await? {
                Next::Ask(path, fields) => ask = Ask::Post(path, fields),
                Next::Again if repeats == 0 => {
                    repeats += 1;
                    ask = first.clone();
                }
                Next::Again => return Err(purchase.conversation.session_refused().await),
                Next::End(deal) => return Ok(*deal),
            }
        }
        Err(no_docket("The court kept asking instead of sending the docket.").into())
    }
}

/// What to do after a page.
enum Next {
    /// Post this form.
    Ask(String, Vec<(String, String)>),
    /// Ask once more for the same: the court did not look at the session.
    Again,
    End(Box<Deal>),
}

/// Decides for every page that a court is known to answer with. A new one must be decided too.
async fn next(purchase: &Purchase<'_>, answer: Answer) -> Result<Next, JobError> {
    let conversation = purchase.conversation;
    let request = &conversation.attempt.request;
    let court = || request.asked.target_court.clone();
    let retry = || Err(JobError::retry(session::network(request)));
    let no = |reason: &str| Ok(Next::End(Box::new(refused(&answer, reason))));
    match verdict::docket_answer(&answer.body) {
        DocketAnswer::Docket => {
            let bill = bill(&answer.body);
            Ok(Next::End(Box::new(Deal::Bought { answer, bill })))
        }
        DocketAnswer::AcceptCharges(form) | DocketAnswer::LargeDocket(form) => Ok(Next::Ask(
            conversation.path_of(&answer, &form.action)?,
            form.fields,
        )),
        DocketAnswer::LoginPage => Ok(Next::Again),
        DocketAnswer::StalePageToken
        | DocketAnswer::IncompleteRequest
        | DocketAnswer::ServerTimeout
        | DocketAnswer::NoPrivileges => retry(),
        DocketAnswer::Blocked => Err(JobError::retry(Failure::BlockedByCourt { court: court() })),
        // The first of the two is still running and may be billed.
        DocketAnswer::DoubleSubmit => Ok(Next::End(Box::new(Deal::Doubt(
            "the court is still at an earlier request".into(),
        )))),
        DocketAnswer::CaseNotFound | DocketAnswer::CaseNumberNotFound | DocketAnswer::Sealed => {
            let failure = Failure::CaseNotFound;
            Ok(Next::End(Box::new(ended(&answer, failure))))
        }
        DocketAnswer::OptionForm => no("The court did not accept the options of the request."),
        DocketAnswer::NoDocuments => no("The court says that there are no documents in this case."),
        DocketAnswer::BadDateRange => no("The first date is after the last."),
        DocketAnswer::BadNumberRange => no("The first number is after the last."),
        DocketAnswer::WrongCaseType => no("The court has no such report for a case of this type."),
        DocketAnswer::AdministrativelyClosed => no("The case was administratively closed."),
        DocketAnswer::BeingOpened => no("The case is being opened; try again tomorrow."),
        DocketAnswer::NotPermitted => no("The account may not see it, or it does not exist."),
        DocketAnswer::PdfFailed => no("The court could not make the report."),
        DocketAnswer::TextFormat => no("The court sent text instead of a page."),
        DocketAnswer::ClientCodeRequired => {
            no("The court asks for a client code; send one as client_code.")
        }
        DocketAnswer::Unrecognised => {
            conversation.keep_unrecognised(&answer).await?;
            no("The court's page is not one that we know; it was kept.")
        }
    }
}

fn no_docket(reason: &str) -> Failure {
    Failure::DocketNotRecognised {
        reason: reason.to_owned(),
    }
}

fn refused(answer: &Answer, reason: &str) -> Deal {
    ended(answer, no_docket(reason))
}

/// A page that ends the request. With a receipt on it, it was billed.
pub(crate) fn ended(answer: &Answer, failure: Failure) -> Deal {
    if receipt::read(&answer.body).is_some() {
        let bill = bill(&answer.body);
        return Deal::BilledInVain {
            answer: answer.clone(),
            bill,
            failure,
        };
    }
    Deal::NotBilled(failure.into())
}

/// The court's receipt, or what its price rules say about a page without one.
pub(crate) fn bill(page: &[u8]) -> Bill {
    let receipt = receipt::read(page);
    let told = receipt
        .as_ref()
        .and_then(|receipt| receipt.cost_cents.zip(receipt.billable_pages));
    let exempt = receipt.as_ref().is_some_and(|receipt| receipt.is_exempt);
    let (cents, pages) = told.unwrap_or_else(|| {
        let pages = price::html_pages(text_bytes(page));
        (price::cents(price::Item::CaseReport, pages), pages)
    });
    Bill {
        // An exempt account is shown the price and pays nothing.
        cents: if exempt {
            Cents(0)
        } else {
            Cents(i32::try_from(cents).unwrap_or(i32::MAX))
        },
        pages: i32::try_from(pages).unwrap_or(i32::MAX),
        receipt: told
            .and(receipt)
            .and_then(|receipt| serde_json::to_value(receipt).ok()),
    }
}

/// Bytes of a page outside of its tags: what PACER counts.
fn text_bytes(page: &[u8]) -> u64 {
    let mut inside = false;
    let mut bytes = 0;
    for byte in page {
        match byte {
            b'<' => inside = true,
            b'>' => inside = false,
            _ if !inside => bytes += 1,
            _ => {}
        }
    }
    bytes
}

fn owned(fields: Fields) -> Vec<(String, String)> {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
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
pub(crate) fn spell(options: &DocketOptions) -> String {
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
