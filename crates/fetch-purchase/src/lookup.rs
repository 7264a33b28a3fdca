//! From a docket number to the court's own case id. Free.

use fetch_model::{AttemptError, Failure};
use fetch_queue::KnownCase;
use pacer::{
    flow::FreeFlow,
    ids::{DocketNumber, PacerCaseId},
    page::{
        answer::Answer,
        possible_case_numbers::{self, Choice, Lookup, PossibleCase},
    },
};

use crate::{Conversation, court_health::Seen, response::CourtResponse};

/// A case, as the lookup of its court has it.
#[derive(Debug, Clone)]
pub(crate) struct FoundCase {
    /// The court's id of it.
    pub id: PacerCaseId,
    /// Its number today, in the court's own spelling; empty if it was not looked up.
    pub number: String,
}

impl FoundCase {
    /// A case whose id was known without a lookup.
    pub(crate) fn of(id: PacerCaseId) -> FoundCase {
        let number = String::new();
        FoundCase { id, number }
    }
}

/// Which case a number means: as the court has said to an earlier attempt, or says now.
pub(crate) async fn case_once(
    conversation: &Conversation<'_>,
    number: &str,
) -> Result<FoundCase, AttemptError> {
    let stores = &conversation.purchases.stores;
    let request = &conversation.attempt.request;
    if let Some(known) = stores.queue.found_case(request.id).await?
        && let Ok(id) = PacerCaseId::parse(&known.id)
    {
        let number = known.number;
        return Ok(FoundCase { id, number });
    }
    let found = case(conversation, number).await?;
    let known = KnownCase {
        id: found.id.to_string(),
        number: found.number.clone(),
    };
    stores
        .queue
        .note_found_case(request.id, request.fence, &known)
        .await?;
    Ok(found)
}

/// Asks the court which case a number means. Several that cannot be told apart end the request,
/// with all of them in the answer and nothing spent.
async fn case(conversation: &Conversation<'_>, number: &str) -> Result<FoundCase, AttemptError> {
    let number = DocketNumber::parse(number).map_err(|_| Failure::CaseNotFound)?;
    let response = conversation.ask(FreeFlow::lookup(&number)).await?;
    let Ok(Lookup::Cases(cases)) = possible_case_numbers::lookup(&response.body) else {
        // Such an answer has a row that ends the attempt.
        return Err(Failure::CaseIdUnknown.into());
    };
    let PossibleCase { id, number, .. } = match possible_case_numbers::choose_for(cases, &number) {
        Choice::One(case) => case,
        Choice::Several(several) => return Err(ambiguous(conversation, &response, &several).await),
    };
    conversation.attempt.step("case found", &id).await?;
    let id = PacerCaseId::parse(&id).map_err(|_| Failure::CaseIdUnknown)?;
    Ok(FoundCase { id, number })
}

async fn ambiguous(
    conversation: &Conversation<'_>,
    response: &CourtResponse,
    several: &[PossibleCase],
) -> AttemptError {
    let candidates: Vec<String> = several
        .iter()
        .map(|case| format!("{} ({} {})", case.id, case.number, case.title))
        .collect();
    let seen = Seen {
        candidates: &candidates,
        ..Seen::response(response)
    };
    conversation.stop(Answer::SeveralCases, &seen).await
}
