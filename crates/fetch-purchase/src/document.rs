//! Buying a document.

use fetch_ledger::captures::Enough;
use fetch_model::AttemptError;
use pacer::{
    bill::Bill,
    flow::DocumentFlow,
    page::answer::{Answer, document_page},
};

pub use pacer::flow::DocumentToBuy;

use crate::{
    Conversation, appellate, booked,
    court_health::Seen,
    purchase::{Item, PurchaseResult},
};

/// Buys a document: the price page first, then the document itself.
///
/// # Errors
/// See [`AttemptError`].
pub async fn buy(
    conversation: &Conversation<'_>,
    wanted: &DocumentToBuy,
) -> Result<PurchaseResult, AttemptError> {
    let asked = &conversation.attempt.request.spec;
    appellate::refuse_acms_document(conversation, &wanted.doc_id)?;
    let prefix = format!("doc/{}/", asked.target_court);
    if let Some((_, bought)) = conversation.captured_before(&prefix).await? {
        return only_a_pdf(conversation, bought).await;
    }
    let item = Item {
        key: format!("{prefix}{}", wanted.doc_id.canonical()),
        quoted: booked::cents(Bill::at_most(wanted.item()).cents),
        priced_first: true,
        enough: Enough::OfAnyAge,
        case: wanted
            .case_id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
    };
    let flow = DocumentFlow::new(conversation.court, wanted.clone());
    let bought = conversation.buy(item, flow).await?;
    only_a_pdf(conversation, bought).await
}

/// What was billed and is no document is kept under the document's name too. It is not one.
async fn only_a_pdf(
    conversation: &Conversation<'_>,
    bought: PurchaseResult,
) -> Result<PurchaseResult, AttemptError> {
    match document_page(None, &bought.body).answer() {
        Answer::Pdf => Ok(bought),
        _ => Err(conversation.stop(Answer::NotAPdf, &Seen::default()).await),
    }
}
