//! Buying a docket report from a district or bankruptcy court.

use fetch_ledger::captures::Enough;
use fetch_model::{AttemptError, Cents, DocketOptions, Failure, item_key};
use fetch_queue::CaseOf;
use pacer::{
    flow::DocketFlow, form::DocketReportOptions, ids::PacerCaseId, page::case_identity::OtherCase,
    price,
};

use crate::{
    Conversation, UnchangedDocket, booked,
    lookup::{self, FoundCase},
    purchase::{Item, PurchaseResult},
    unchanged,
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
    pub bought: PurchaseResult,
    /// It was bought earlier and is unchanged.
    pub unchanged: Option<UnchangedDocket>,
}

/// Buys the docket report that the attempt's request asks for.
///
/// # Errors
/// See [`AttemptError`]. What was bought and is no docket is kept all the same.
pub async fn buy(
    conversation: &Conversation<'_>,
    known: &CaseToBuy,
) -> Result<BoughtDocket, AttemptError> {
    let request = &conversation.attempt.request;
    let prefix = item_key::dockets_of(&request.spec.target_court);
    if let Some((case, bought)) = conversation.docket_captured_before(&prefix).await? {
        let id = PacerCaseId::parse(&case).map_err(|_| Failure::CaseIdUnknown)?;
        let number = String::new();
        let case = FoundCase { id, number };
        return of_the_case(conversation, known, case, bought).await;
    }
    let case = find_case(conversation, known).await?;
    conversation
        .note_docket(CaseOf::Id(case.id.as_str()))
        .await?;
    let options = report_options(&request.spec.options);
    let item = Item {
        key: item_key::docket(
            &request.spec.target_court,
            case.id.as_str(),
            &request.spec.options,
        ),
        quoted: most(),
        priced_first: false,
        // A docket grows: only one that came since this request was allowed to begin will do.
        enough: Enough::Fresh,
        case: String::new(),
    };
    if let Some((bought, unchanged)) = not_changed(conversation, &case, &item).await? {
        match other_case(conversation, known, &case, &bought) {
            Some(other) => conversation.put_aside(&bought, &other).await?,
            None => {
                return Ok(BoughtDocket {
                    case: case.id,
                    bought,
                    unchanged: Some(unchanged),
                });
            }
        }
    }
    let report = DocketFlow::new(conversation.court, &case.id, &options);
    let mut bought = conversation.buy(item.clone(), report.clone()).await?;
    if !bought.paid_now
        && let Some(other) = other_case(conversation, known, &case, &bought)
    {
        // Somebody else's purchase went wrong. Ours need not.
        conversation.put_aside(&bought, &other).await?;
        bought = conversation.buy(item, report).await?;
    }
    of_the_case(conversation, known, case, bought).await
}

/// A docket that is held and is the same still. The court is not asked for that while what will do
/// anyhow is there or on its way.
async fn not_changed(
    conversation: &Conversation<'_>,
    case: &FoundCase,
    item: &Item,
) -> Result<Option<(PurchaseResult, UnchangedDocket)>, AttemptError> {
    if conversation.is_held(item).await? {
        return Ok(None);
    }
    conversation.wait_for_other_buyer(item).await?;
    unchanged::held(conversation, &case.id).await
}

/// The docket, if it is of the case that was asked for.
async fn of_the_case(
    conversation: &Conversation<'_>,
    known: &CaseToBuy,
    case: FoundCase,
    bought: PurchaseResult,
) -> Result<BoughtDocket, AttemptError> {
    match other_case(conversation, known, &case, &bought) {
        Some(other) => Err(conversation.refuse_other_case(&bought, other).await),
        None => Ok(BoughtDocket {
            case: case.id,
            bought,
            unchanged: None,
        }),
    }
}

fn other_case(
    conversation: &Conversation<'_>,
    known: &CaseToBuy,
    case: &FoundCase,
    bought: &PurchaseResult,
) -> Option<OtherCase> {
    let asked = conversation.attempt.request.spec.docket_number.as_str();
    let stored = known.stored_number.as_deref().unwrap_or_default();
    let numbers = [asked, &case.number, stored];
    conversation.other_case(bought, Some(case.id.as_str()), &numbers)
}

/// The most that the report of one case costs.
pub(crate) fn most() -> Cents {
    booked::cents(price::CAP_CENTS)
}

/// The case id: as asked, as stored, or as the court says.
async fn find_case(
    conversation: &Conversation<'_>,
    known: &CaseToBuy,
) -> Result<FoundCase, AttemptError> {
    let asked = &conversation.attempt.request.spec;
    let stored = known
        .stored_case_id
        .as_deref()
        .filter(|_| asked.docket_number.is_empty());
    for id in [Some(asked.pacer_case_id.as_str()), stored]
        .into_iter()
        .flatten()
    {
        if let Ok(id) = PacerCaseId::parse(id) {
            let number = String::new();
            return Ok(FoundCase { id, number });
        }
    }
    let number = Some(asked.docket_number.as_str())
        .filter(|number| !number.is_empty())
        .or(known.stored_number.as_deref());
    match number {
        Some(number) if !number.is_empty() => lookup::case_once(conversation, number).await,
        _ => Err(Failure::CaseIdUnknown.into()),
    }
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
