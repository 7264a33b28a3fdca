//! Buying a docket report from a district or bankruptcy court.

use fetch_model::{AttemptError, Failure, item_key};
use fetch_queue::CaseOf;
use pacer::{flow::DocketFlow, ids::PacerCaseId, page::case_identity::OtherCase};

use crate::{
    Conversation, PurchaseResult, UnchangedDocket,
    lookup::{self, FoundCase},
    report, unchanged,
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
    let asked = &conversation.attempt.request.spec;
    let prefix = item_key::dockets_of(&asked.target_court);
    if let Some((case, bought)) = conversation.docket_captured_before(&prefix).await? {
        let id = PacerCaseId::parse(&case).map_err(|_| Failure::CaseIdUnknown)?;
        return of_the_case(conversation, known, FoundCase::of(id), bought).await;
    }
    let case = find_case(conversation, known).await?;
    conversation
        .note_docket(CaseOf::Id(case.id.as_str()))
        .await?;
    let item = report::item(asked, case.id.as_str());
    if let Some((bought, unchanged)) = unchanged::not_changed(conversation, &case.id, &item).await?
    {
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
    let options = report::options(&asked.options);
    let report = DocketFlow::new(conversation.court, &case.id, &options);
    let mut bought = conversation.buy(item.clone(), report.clone()).await?;
    if !bought.paid_now
        && let Some(other) = other_case(conversation, known, &case, &bought)
    {
        // The court gave that buyer another case. A purchase of our own may bring the right one.
        conversation.put_aside(&bought, &other).await?;
        bought = conversation.buy(item, report).await?;
    }
    of_the_case(conversation, known, case, bought).await
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
            return Ok(FoundCase::of(id));
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
