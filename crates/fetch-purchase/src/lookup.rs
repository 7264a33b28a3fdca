//! From a docket number to the court's own case id. Free.

use fetch_model::{Failure, JobError};
use pacer::{
    form,
    ids::{DocketNumber, PacerCaseId},
    page::{
        possible_case_numbers::{self, Choice, Lookup},
        verdict::{self, MenuAnswer},
    },
};
use pacer_client::Answer;

use crate::{Conversation, conversation::Ask, session};

/// Asks the court which case a number means. Several that cannot be told apart end the request,
/// with all of them in the answer and nothing spent.
pub(crate) async fn case_id(
    conversation: &Conversation<'_>,
    number: &str,
) -> Result<PacerCaseId, JobError> {
    let number = DocketNumber::parse(number).map_err(|_| Failure::CaseNotFound)?;
    let ask = Ask::Get(form::lookup_path(&number));
    let answer = conversation.ask(&ask, is_logged_out).await?;
    let id = match possible_case_numbers::lookup(&answer.body) {
        Ok(Lookup::Cases(cases)) => match possible_case_numbers::choose_for(cases, &number) {
            Choice::One(case) => case.id,
            Choice::Several(candidates) => {
                let candidates = candidates
                    .iter()
                    .map(|case| format!("{} ({} {})", case.id, case.number, case.title))
                    .collect();
                return Err(Failure::CaseAmbiguous { candidates }.into());
            }
        },
        Ok(Lookup::NotFound | Lookup::Sealed) => return Err(Failure::CaseNotFound.into()),
        Ok(Lookup::NotLoggedIn) => return Err(conversation.session_refused().await),
        Err(_) => {
            return Err(JobError::retry(session::network(
                &conversation.attempt.request,
            )));
        }
    };
    conversation.attempt.step("case found", &id).await?;
    PacerCaseId::parse(&id).map_err(|_| Failure::CaseIdUnknown.into())
}

fn is_logged_out(answer: &Answer) -> bool {
    match possible_case_numbers::lookup(&answer.body) {
        Ok(lookup) => matches!(lookup, Lookup::NotLoggedIn),
        Err(_) => matches!(
            verdict::menu_answer(None, &answer.body),
            MenuAnswer::LoginPage
        ),
    }
}
