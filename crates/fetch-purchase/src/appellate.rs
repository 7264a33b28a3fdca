//! Buying from appellate courts, where everything is asked of one servlet with parameters.
//!
//! A docket is asked by its number: there is no lookup before, and a number that no case has
//! costs a page. Two courts have moved cases to ACMS, which is another site that we do not know
//! how to ask; see `docs/adr/0006-acms.md`.

use fetch_model::{AttemptError, Failure, item_key};
use fetch_queue::CaseOf;
use pacer::{
    flow::AppealFlow,
    ids::{DocketNumber, PacerDocId},
    page::case_identity::OtherCase,
};

use crate::{Conversation, PurchaseResult, report};

/// What is known about an appeal before the court is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppealToBuy {
    /// The docket number of the stored docket that the request names.
    pub stored_number: Option<String>,
    /// Whether we hold documents of it that are from the court's CM/ECF site, so that it is no
    /// case of ACMS.
    pub is_in_cmecf: bool,
}

/// Buys the docket of the appeal that the attempt's request asks for.
///
/// # Errors
/// See [`AttemptError`]. What was bought and is no docket is kept all the same.
pub async fn buy(
    conversation: &Conversation<'_>,
    known: &AppealToBuy,
) -> Result<PurchaseResult, AttemptError> {
    let request = &conversation.attempt.request;
    let prefix = item_key::dockets_of(&request.spec.target_court);
    if let Some((_, bought)) = conversation.docket_captured_before(&prefix).await? {
        return of_the_case(conversation, known, bought).await;
    }
    let number = number(conversation, known)?;
    conversation
        .note_docket(CaseOf::Number(number.as_str()))
        .await?;
    refuse_acms_case(conversation, known, &number)?;
    let item = report::item(&request.spec, number.as_str());
    let options = report::appellate_options(&request.spec.options);
    let report = AppealFlow::new(conversation.court, &number, options);
    let mut bought = conversation.buy(item.clone(), report.clone()).await?;
    if !bought.paid_now
        && let Some(other) = other_case(conversation, known, &bought)
    {
        // Somebody else's purchase went wrong. Ours need not.
        conversation.put_aside(&bought, &other).await?;
        bought = conversation.buy(item, report).await?;
    }
    of_the_case(conversation, known, bought).await
}

/// The docket, if it is of the case that was asked for.
async fn of_the_case(
    conversation: &Conversation<'_>,
    known: &AppealToBuy,
    bought: PurchaseResult,
) -> Result<PurchaseResult, AttemptError> {
    match other_case(conversation, known, &bought) {
        Some(other) => Err(conversation.refuse_other_case(&bought, other).await),
        None => Ok(bought),
    }
}

fn other_case(
    conversation: &Conversation<'_>,
    known: &AppealToBuy,
    bought: &PurchaseResult,
) -> Option<OtherCase> {
    let asked = conversation.attempt.request.spec.docket_number.as_str();
    let stored = known.stored_number.as_deref().unwrap_or_default();
    conversation.other_case(bought, None, &[asked, stored])
}

/// The number as asked, or else as stored.
fn number(
    conversation: &Conversation<'_>,
    known: &AppealToBuy,
) -> Result<DocketNumber, AttemptError> {
    let asked = Some(conversation.attempt.request.spec.docket_number.as_str());
    let number = asked
        .filter(|number| !number.is_empty())
        .or(known.stored_number.as_deref())
        .unwrap_or_default();
    DocketNumber::parse(number).map_err(|_| Failure::CaseIdUnknown.into())
}

/// A case that may be in ACMS is refused before anything is asked for: the court's CM/ECF site
/// would bill a page to say that it does not have it.
fn refuse_acms_case(
    conversation: &Conversation<'_>,
    known: &AppealToBuy,
    number: &DocketNumber,
) -> Result<(), AttemptError> {
    let court = conversation.court;
    let request = &conversation.attempt.request;
    // Ids of ACMS are GUIDs, those of CM/ECF numbers.
    let is_named_as_acms = court.acms && request.spec.pacer_case_id.contains('-');
    let may_be = court.may_be_in_acms(number)
        && !known.is_in_cmecf
        && !conversation.purchases.ask_cmecf_for_acms;
    if !is_named_as_acms && !may_be {
        return Ok(());
    }
    let reason = format!(
        "Cases that {} keeps in ACMS are not supported yet, and {number} may be one of them. \
         Nothing was bought.",
        request.spec.target_court
    );
    Err(Failure::NotSupported {
        request: request.id,
        reason,
    }
    .into())
}

/// A document with the id of ACMS cannot be had from CM/ECF.
pub(crate) fn refuse_acms_document(
    conversation: &Conversation<'_>,
    document: &PacerDocId,
) -> Result<(), AttemptError> {
    let asked = &conversation.attempt.request.spec;
    if !conversation.court.is_appellate() || document.prefix().is_some() {
        return Ok(());
    }
    let id = asked.document.ok_or(Failure::Internal)?;
    Err(Failure::DocumentRefused {
        reason: "The document is in ACMS, which is not supported yet; nothing was bought"
            .to_owned(),
        court: asked.target_court.clone(),
        document: id,
    }
    .into())
}
